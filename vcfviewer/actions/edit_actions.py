"""Actions that edit: undo, shapes, levels, tools."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QCursor

from engine.domain import edits
from engine.domain.decisions import film_review
from engine.domain.labels import FRACTURE_LEVELS, Level, Status, write_label
from engine.review.opening import OpenedCase
from vcfviewer.actions.desk import Desk, Place
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
DRAWN_BY_POINTS = (ToolName.POLYGON, ToolName.SIX_POINTS)
"""Tools whose last point Ctrl+Z takes back."""


def takes_point_back(desk: Desk) -> bool:
    """Take the last point of what is being drawn back; whether there was one."""
    return desk.comparison.tool in DRAWN_BY_POINTS and desk.comparison.delete_selected_vertices()


def delete(desk: Desk) -> None:
    """Delete the selected shapes; while something is being drawn, its last point."""
    if takes_point_back(desk):
        return
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
    if desk.must_wait():
        return
    desk.asked_on = desk.place
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


def finish_drawing_as(desk: Desk, label: str) -> bool:
    """Close the outline that is being drawn, under this label; whether there is one. The next one is asked for anew."""
    desk.comparison.set_label_for_new(label)
    finished = desk.comparison.finish_drawing()
    desk.comparison.set_label_for_new("")
    return finished


def level(desk: Desk, wanted: Level) -> None:
    """Give what is drawn, what is selected, or the finding in question this level."""
    if finish_drawing_as(desk, write_label(wanted, Status.FRACTURED)):
        return
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
    """Take the last point of what is being drawn back, else the last edit, and say which one that was.

    Right after a film was finished, which opened the next one, that is the finishing: its film is gone back to.
    """
    if takes_point_back(desk):
        return
    if desk.finished is not None and (desk.session.deciding.awaited or desk.finished != desk.place):
        back_to_finished(desk, desk.finished)
    elif desk.must_wait():
        return
    elif ends_at_first_read(desk):
        desk.tell(translate("desk", "The first read was committed and stays as it is: undo ends here."))
    elif desk.session.document.before is not None:
        stack = desk.session.document.undo_stack
        text = stack.undoText()
        stack.undo()
        tell_of(desk, translate("desk", "Undone: {what} ({film})"), text)


def ends_at_first_read(desk: Desk) -> bool:
    """Whether undo would take back a first read that was committed: the model's findings have been seen since."""
    before, now = desk.session.document.before, desk.session.document.annotation
    return before is not None and now is not None and film_review(now).blind and not film_review(before).blind


def back_to_finished(desk: Desk, place: Place) -> None:
    """Open the film that was finished last, and take that back once it is there."""
    desk.finished = None
    if desk.session.folder.store is not place.store:
        return

    def shown(_key: str, _case: OpenedCase) -> None:
        desk.session.shown.disconnect(shown)
        if desk.place == place:
            undo(desk)

    desk.session.shown.connect(shown)
    desk.open_film(place.key)


def redo(desk: Desk) -> None:
    """Do the edit again that was taken back last, and say which one that was."""
    stack = desk.session.document.undo_stack
    if stack.canRedo() and not desk.must_wait():
        text = stack.redoText()
        stack.redo()
        tell_of(desk, translate("desk", "Done again: {what} ({film})"), text)


def tell_of(desk: Desk, sentence: str, what: str) -> None:
    """Say in the status bar what was undone or done again, and on which film."""
    desk.tell(sentence.format(what=what, film=desk.session.case.key))


def may_undo(desk: Desk) -> bool:
    """Whether there is anything to take back."""
    drawing = desk.comparison.tool in DRAWN_BY_POINTS
    has_more = desk.finished is not None or desk.session.document.undo_stack.canUndo()
    return desk.can_edit and (drawing or has_more)


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
