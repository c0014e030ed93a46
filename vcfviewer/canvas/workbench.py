"""Workbench: the tool in use, what it may know, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from engine.domain.labels import LabelTable
from engine.domain.polygon import Polygon
from vcfviewer.canvas.scene import AnnotationScene
from vcfviewer.canvas.tools import make_tool
from vcfviewer.canvas.values import EditRequest, Side, Tool, ToolName
from vcfviewer.canvas.view import FilmView

THINNEST_BRUSH = 0.5
"""Radius in film pixels."""


class Workbench(QObject):
    """Hands one tool to both views and carries its wishes up; the ToolHost of values.py.

    `edit_asked` carries an EditRequest, `relabel_asked` and `selection_changed` ids (frozenset), `preview` (shape id,
    Polygon) or None, `tool_changed` the ToolName, `brush_changed` a radius in film pixels, `measured` a text with its
    unit, `calibration_asked` a length in film pixels and `status` what a click does now.

    What tools go by is set from outside: `label_for_new`, `labels` that read it, `read_only`, `spacing` (row, column)
    in mm a pixel where it is known and `spacing_caption`, which says of which kind.
    """

    edit_asked = Signal(object)
    relabel_asked = Signal(object)
    brush_changed = Signal(float)
    selection_changed = Signal(object)
    preview = Signal(object)
    tool_changed = Signal(object)
    measured = Signal(str)
    calibration_asked = Signal(float)
    status = Signal(str)

    def __init__(
        self, views: Mapping[Side, FilmView], scenes: Mapping[Side, AnnotationScene], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.label_for_new = ""
        self.labels = LabelTable()
        self.read_only = False
        self.brush_radius = 12.0
        self.spacing: tuple[float, float] | None = None
        self.spacing_caption = ""
        self._views = views
        self._scenes = scenes
        self._selection: frozenset[str] = frozenset()
        self._tool: Tool | None = None
        self._name = ToolName.PAN
        self._hint = ""
        self._keeps_status = False
        for view in views.values():
            view.tool_used.connect(self.show_hint)

    @property
    def tool(self) -> Tool | None:
        """Return the tool in use; None for PAN and WINDOW, which the views do themselves."""
        return self._tool

    @property
    def tool_name(self) -> ToolName:
        """Return which tool is in use."""
        return self._name

    @property
    def hint(self) -> str:
        """Return what a click does now."""
        return self._hint

    @property
    def selection(self) -> frozenset[str]:
        """Return the ids of the shapes selected, of either side."""
        return self._selection

    def set_selection(self, ids: frozenset[str]) -> None:
        """Mark these shapes in both views."""
        self._selection = ids
        for scene in self._scenes.values():
            scene.select(ids)

    def set_tool(self, name: ToolName) -> None:
        """Take a tool in hand; what the last one had under way is dropped."""
        if self._tool is not None:
            self._tool.cancel()
        own = name not in (ToolName.PAN, ToolName.WINDOW)
        self._tool = make_tool(name, self, self._scenes) if own else None
        changed, self._name, self._hint = name is not self._name, name, ""
        for view in self._views.values():
            view.set_tool(name, self._tool)
        if changed:
            self.tool_changed.emit(name)
        self.show_hint()

    def select(self, ids: frozenset[str]) -> None:
        """Mark these shapes in both views and tell the window."""
        if ids != self._selection:
            self.set_selection(ids)
            self.selection_changed.emit(ids)

    def ask_edit(self, request: EditRequest) -> None:
        """Ask the window for an edit, unless the film is open for reading only."""
        if self.read_only:
            self.status.emit(self.tr("This film is open for reading only: nothing was changed."))
        else:
            self.edit_asked.emit(request)

    def ask_relabel(self, ids: frozenset[str]) -> None:
        """Ask the window for another label of these shapes."""
        self.relabel_asked.emit(ids)

    def set_brush_radius(self, radius: float) -> None:
        """Make the brush this wide, in film pixels from its middle."""
        self.brush_radius = max(radius, THINNEST_BRUSH)
        self.brush_changed.emit(self.brush_radius)

    def show_preview(self, shape_id: str, polygon: Polygon | None) -> None:
        """Tell the window what a shape would be if the drag ended here; None: the drag is over."""
        self.preview.emit(None if polygon is None else (shape_id, polygon))

    def show_status(self, text: str) -> None:
        """Show a message of the tool."""
        self.status.emit(text)

    def show_measured(self, text: str) -> None:
        """Show a measure with its unit."""
        self.measured.emit(text)

    def ask_calibration(self, length: float) -> None:
        """Ask the window how long a line of `length` film pixels really is."""
        self.calibration_asked.emit(length)

    def leave_tool(self) -> None:
        """Go back to the SELECT tool."""
        self.set_tool(ToolName.SELECT)

    def show_hint(self) -> None:
        """Say what a click does now, where that is another than before, or said in another language."""
        hints = {
            ToolName.PAN: self.tr("Drag to move the film, turn the wheel to zoom."),
            ToolName.WINDOW: self.tr("Drag sideways for contrast, up and down for brightness."),
        }
        hint = hints[self._name] if self._tool is None else self._tool.hint
        if hint != self._hint and not self._keeps_status:
            self.status.emit(hint)
        self._hint, self._keeps_status = hint, False

    def keep_status(self) -> None:
        """Leave what was just said in the status bar there, though the hint changes now."""
        self._keeps_status = True
