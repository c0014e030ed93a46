"""TooledViews: WindowedViews with a scene of shapes each and one tool for both."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.domain.labels import LabelTable
from vcfviewer.canvas.geometry import as_film
from vcfviewer.canvas.scene import AnnotationScene
from vcfviewer.canvas.values import Side, ToolName
from vcfviewer.canvas.windowed import WindowedViews
from vcfviewer.canvas.workbench import Workbench


class TooledViews(WindowedViews):
    """Two views whose left mouse button and keys belong to a tool.

    `edit_asked` carries an EditRequest, `relabel_asked` and `selection_changed` ids (frozenset of str), `preview`
    (shape id, Polygon) or None, `tool_changed` a ToolName, `brush_changed` a radius in film pixels, `measured` a text
    with its unit, `calibration_asked` a length in film pixels, `status` what a click does now.
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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scenes = {side: AnnotationScene(parent=self) for side in Side}
        for side, scene in self._scenes.items():
            self.view(side).put_scene(scene)
        self._bench = Workbench({side: self.view(side) for side in Side}, self._scenes, self)
        self._bench.edit_asked.connect(self.edit_asked)
        self._bench.relabel_asked.connect(self.relabel_asked)
        self._bench.brush_changed.connect(self.brush_changed)
        self._bench.selection_changed.connect(self.selection_changed)
        self._bench.preview.connect(self.preview)
        self._bench.tool_changed.connect(self.tool_changed)
        self._bench.measured.connect(self.measured)
        self._bench.calibration_asked.connect(self.calibration_asked)
        self._bench.status.connect(self.status)
        self._bench.set_tool(ToolName.SELECT)
        self._texts(self._bench.show_hint)

    @property
    def tool(self) -> ToolName:
        """Return the tool in hand."""
        return self._bench.tool_name

    @property
    def hint(self) -> str:
        """Return what a click does now; `status` carries it whenever it changes."""
        return self._bench.hint

    @property
    def selection(self) -> frozenset[str]:
        """Return the ids of the shapes selected, of either side."""
        return self._bench.selection

    def keep_status(self) -> None:
        """Leave what was just said in the status bar there, though a tool's hint changes now."""
        self._bench.keep_status()

    def scene(self, side: Side) -> AnnotationScene:
        """Return the scene that a side's view shows."""
        return self._scenes[side]

    def set_tool(self, name: ToolName) -> None:
        """Take a tool in hand."""
        self._bench.set_tool(name)

    def select(self, ids: frozenset[str]) -> None:
        """Mark these shapes in both views; `selection_changed` stays silent."""
        self._bench.set_selection(ids)

    def set_label_for_new(self, label: str) -> None:
        """Give new shapes this label."""
        self._bench.label_for_new = label

    def set_label_table(self, labels: LabelTable) -> None:
        """Read the labels of new shapes by this table."""
        self._bench.labels = labels

    def set_read_only(self, read_only: bool) -> None:
        """Refuse edits, or allow them."""
        self._bench.read_only = read_only

    def set_spacing(self, row_mm: float | None, column_mm: float | None, caption: str = "") -> None:
        """Measure in mm, `caption` telling of which kind; in pixels where either is None."""
        self._bench.spacing = None if row_mm is None or column_mm is None else (row_mm, column_mm)
        self._bench.spacing_caption = caption

    def set_brush_radius(self, radius: float) -> None:
        """Make the brush this wide, in film pixels from its middle."""
        self._bench.set_brush_radius(radius)

    def nudge(self, dx: float, dy: float) -> bool:
        """Move what is selected by film pixels, right and down as seen; return whether anything was selected."""
        tool = self._bench.tool
        return tool is not None and tool.nudge(*as_film(self.view_state, dx, dy))

    def delete_selected_vertices(self) -> bool:
        """Delete the vertices selected; return whether any were."""
        return self._bench.tool is not None and self._bench.tool.delete_vertices()

    def finish_drawing(self) -> bool:
        """Finish what is being drawn; return whether anything was."""
        return self._bench.tool is not None and self._bench.tool.finish()

    def cancel_drawing(self) -> bool:
        """Drop what is under way; return whether anything was."""
        return self._bench.tool is not None and self._bench.tool.cancel()
