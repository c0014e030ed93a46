"""Actions that edit: undo, shapes, levels, tools."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QCursor

from engine.domain import edits
from engine.domain.labels import FRACTURE_LEVELS, Level
from vcfviewer.actions.desk import Desk
from vcfviewer.actions.rows import Action, can_edit, has_film, has_finding, has_selection
from vcfviewer.canvas.values import Side, ToolName
from vcfviewer.translation import QT_TRANSLATE_NOOP, translate

EDIT = QT_TRANSLATE_NOOP("actions", "Edit")
TOOLS = QT_TRANSLATE_NOOP("actions", "Tools")
LEVELS = QT_TRANSLATE_NOOP("actions", "Levels")
NUDGE = 5.0
"""Film pixels that an arrow key moves a shape, as in labelme."""
SMOOTHING = 2.0
"""Film pixels: the radius of smoothing, and twice the tolerance of simplifying."""


def delete(desk: Desk) -> None:
    """Delete the selected shapes."""
    ids = desk.own_selection
    desk.session.deciding.apply(translate("desk", "Delete"), lambda annotation: edits.delete_shapes(annotation, ids))


def delete_vertices(desk: Desk) -> None:
    """Delete the selected vertices, or the last point of an outline being drawn."""
    if not desk.comparison.delete_selected_vertices():
        desk.tell(translate("desk", "Click a vertex first; Backspace then deletes it."))


def duplicate(desk: Desk) -> None:
    """Duplicate the selected shapes."""
    ids = desk.own_selection
    desk.session.deciding.apply(translate("desk", "Duplicate"), lambda annotation: edits.duplicate(annotation, ids))


def merge(desk: Desk) -> None:
    """Merge the selected shapes."""
    ids = desk.own_selection
    desk.session.deciding.apply(translate("desk", "Merge"), lambda annotation: edits.merge_shapes(annotation, ids))


def smooth(desk: Desk) -> None:
    """Smooth the outlines of the selected shapes."""
    for shape_id in desk.own_selection:
        desk.session.deciding.apply(
            translate("desk", "Smooth"), partial(edits.smooth, shape_id=shape_id, radius=SMOOTHING)
        )


def simplify(desk: Desk) -> None:
    """Drop vertices of the selected shapes that hardly matter."""
    for shape_id in desk.own_selection:
        change = partial(edits.simplify, shape_id=shape_id, tolerance=SMOOTHING / 2)
        desk.session.deciding.apply(translate("desk", "Simplify"), change)


def select_all(desk: Desk) -> None:
    """Select all shapes of the reader's."""
    annotation = desk.session.document.annotation
    if annotation is not None:
        desk.comparison.select(frozenset(shape.id for shape in annotation.shapes))


def escape(desk: Desk) -> None:
    """Cancel what is being drawn, else leave the tool, else select nothing."""
    if desk.comparison.cancel_drawing():
        return
    if desk.comparison.tool is not ToolName.SELECT:
        desk.comparison.set_tool(ToolName.SELECT)
        return
    desk.comparison.select(frozenset())
    if desk.session.second.active:
        desk.session.second.choose("")
    else:
        desk.session.case.choose("")


def relabel(desk: Desk) -> None:
    """Ask for the label of what is selected."""
    annotation = desk.session.document.annotation
    row = desk.session.case.row()
    own = desk.own_selection
    current = annotation.shape(own[0]).label if annotation is not None and own else row.label if row is not None else ""
    desk.relabel.ask(beside(desk), current)


def beside(desk: Desk) -> QPoint:
    """Return the place on the screen beside the finding in question, or the pointer where there is none."""
    row = desk.session.case.row()
    if row is None:
        return QCursor.pos()
    view = desk.comparison.view(Side.EXPERT)
    corner = view.mapFromScene(QPointF(row.bounds[2], row.bounds[1]))
    return view.viewport().mapToGlobal(corner)


def level(desk: Desk, wanted: Level) -> None:
    """Give what is selected, or the finding in question, another level."""
    row = desk.session.case.row()
    ids = frozenset(desk.own_selection) or (frozenset() if row is None else frozenset((row.key,)))
    desk.session.deciding.relabel_level(ids, wanted)


def nudge(desk: Desk, dx: float, dy: float) -> None:
    """Move the selected vertices or shapes."""
    desk.comparison.nudge(dx * NUDGE, dy * NUDGE)


def tool(desk: Desk, name: ToolName) -> None:
    """Take a tool."""
    desk.comparison.set_tool(name)


def holds(desk: Desk, name: ToolName) -> bool:
    """Whether the reader holds this tool."""
    return desk.comparison.tool is name


def tool_row(
    name: str,
    text: str,
    which: ToolName,
    key: str,
    icon: str,
    *,
    draws: bool = True,
    bar: bool = True,
    first: bool = False,
) -> Action:
    """Return the row of a tool; those that draw need a film that may be edited."""
    return Action(
        name, TOOLS, text, partial(tool, name=which), key, can_edit if draws else has_film, icon,
        partial(holds, name=which), bar, first,
    )  # fmt: skip


def relabels(desk: Desk) -> bool:
    """Whether there is anything to relabel, or an outline that needs a label."""
    return has_selection(desk) or has_finding(desk) or (desk.can_edit and desk.comparison.tool is ToolName.POLYGON)


def undo(desk: Desk) -> None:
    """Take the last point of an outline being drawn back, else the last edit."""
    if desk.comparison.tool is ToolName.POLYGON and desk.comparison.delete_selected_vertices():
        return
    if not desk.must_wait():
        desk.session.document.undo_stack.undo()


def redo(desk: Desk) -> None:
    """Do the edit again that was taken back last."""
    if not desk.must_wait():
        desk.session.document.undo_stack.redo()


def may_undo(desk: Desk) -> bool:
    """Whether there is anything to take back."""
    drawing = desk.comparison.tool is ToolName.POLYGON
    return desk.can_edit and (drawing or desk.session.document.undo_stack.canUndo())


ACTIONS = (
    Action("undo", EDIT, QT_TRANSLATE_NOOP("actions", "Undo"),
           undo, "Ctrl+Z", may_undo, "undo", toolbar=True),
    Action("redo", EDIT, QT_TRANSLATE_NOOP("actions", "Redo"),
           redo, "Ctrl+Shift+Z; Ctrl+Y",
           lambda desk: desk.can_edit and desk.session.document.undo_stack.canRedo(), "redo", toolbar=True),
    Action("delete", EDIT, QT_TRANSLATE_NOOP("actions", "Delete the selected shapes"),
           delete, "Del", has_selection, "delete", separated=True),
    Action("delete_vertex", EDIT, QT_TRANSLATE_NOOP("actions", "Delete the selected vertex"),
           delete_vertices, "Backspace", can_edit),
    Action("duplicate", EDIT, QT_TRANSLATE_NOOP("actions", "Duplicate"),
           duplicate, "Ctrl+D", has_selection, "duplicate"),
    Action("copy_from_model", EDIT, QT_TRANSLATE_NOOP("actions", "Copy from the model to the expert"),
           lambda desk: desk.session.deciding.copy_to_expert(), "Ctrl+C", has_finding, "copy_from_model"),
    Action("merge", EDIT, QT_TRANSLATE_NOOP("actions", "Merge the selected shapes"),
           merge, "Ctrl+M", lambda desk: len(desk.own_selection) > 1 and desk.can_edit, "merge"),
    Action("smooth", EDIT, QT_TRANSLATE_NOOP("actions", "Smooth the outline"),
           smooth, "Ctrl+Alt+S", has_selection, "smooth"),
    Action("simplify", EDIT, QT_TRANSLATE_NOOP("actions", "Simplify the outline"),
           simplify, "Ctrl+Alt+L", has_selection, "simplify"),
    Action("select_all", EDIT, QT_TRANSLATE_NOOP("actions", "Select all shapes"),
           select_all, "Ctrl+A", has_film, separated=True),
    Action("escape", EDIT, QT_TRANSLATE_NOOP("actions", "Cancel, or select nothing"), escape, "Esc", has_film),
    Action("left", EDIT, QT_TRANSLATE_NOOP("actions", "Move left by 5 px"),
           lambda desk: nudge(desk, -1, 0), "Left", has_selection),
    Action("right", EDIT, QT_TRANSLATE_NOOP("actions", "Move right by 5 px"),
           lambda desk: nudge(desk, 1, 0), "Right", has_selection),
    Action("up", EDIT, QT_TRANSLATE_NOOP("actions", "Move up by 5 px"),
           lambda desk: nudge(desk, 0, -1), "Up", has_selection),
    Action("down", EDIT, QT_TRANSLATE_NOOP("actions", "Move down by 5 px"),
           lambda desk: nudge(desk, 0, 1), "Down", has_selection),
    Action("relabel", LEVELS, QT_TRANSLATE_NOOP("actions", "Relabel…"), relabel, "Ctrl+E", relabels, "relabel"),
    *(Action(f"level_{one.value}", LEVELS, one.value, partial(level, wanted=one), f"Ctrl+{number}", relabels,
             separated=number == 1)
      for number, one in enumerate(FRACTURE_LEVELS, 1)),
    Action("levels_up", LEVELS, QT_TRANSLATE_NOOP("actions", "Shift all levels of the film up by one"),
           lambda desk: desk.session.deciding.shift_levels(-1), "Ctrl+Shift+Up", can_edit, "level_up", separated=True),
    Action("levels_down", LEVELS, QT_TRANSLATE_NOOP("actions", "Shift all levels of the film down by one"),
           lambda desk: desk.session.deciding.shift_levels(1), "Ctrl+Shift+Down", can_edit, "level_down"),
    tool_row("select", QT_TRANSLATE_NOOP("actions", "Select and edit"),
           ToolName.SELECT, "Ctrl+J; S", "select", draws=False),
    tool_row("pan", QT_TRANSLATE_NOOP("actions", "Pan"), ToolName.PAN, "", "pan", draws=False, bar=False),
    tool_row("window", QT_TRANSLATE_NOOP("actions", "Window and level"), ToolName.WINDOW, "W", "window", draws=False),
    tool_row("polygon", QT_TRANSLATE_NOOP("actions", "Draw a polygon"),
           ToolName.POLYGON, "Ctrl+N; P", "polygon", first=True),
    tool_row("brush_add", QT_TRANSLATE_NOOP("actions", "Brush: add"), ToolName.BRUSH_ADD, "B", "brush_add"),
    tool_row("brush_subtract", QT_TRANSLATE_NOOP("actions", "Brush: take away"),
           ToolName.BRUSH_SUBTRACT, "E", "brush_subtract"),
    tool_row("cut", QT_TRANSLATE_NOOP("actions", "Cut in two"), ToolName.CUT, "X", "cut", bar=False),
    tool_row("six_points", QT_TRANSLATE_NOOP("actions", "Six points of a vertebra"),
           ToolName.SIX_POINTS, "6", "six_points"),
    tool_row("length", QT_TRANSLATE_NOOP("actions", "Measure a length"),
           ToolName.LENGTH, "M", "length", draws=False, first=True),
    tool_row("angle", QT_TRANSLATE_NOOP("actions", "Measure an angle"),
           ToolName.ANGLE, "Shift+M", "angle", draws=False, bar=False),
    tool_row("cobb", QT_TRANSLATE_NOOP("actions", "Measure a Cobb angle"), ToolName.COBB, "C", "cobb", draws=False),
    tool_row("calibrate", QT_TRANSLATE_NOOP("actions", "Calibrate by a known length"),
           ToolName.CALIBRATE, "", "calibrate", bar=False),
)  # fmt: skip
