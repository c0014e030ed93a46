"""Which tool is made for which name. Each is a small state machine in film pixels, in a module of its own.

Decision: a tool previews in the scene and asks for one edit on release; what is refused springs back. Rejected: items
that the mouse moves (ItemIsMovable), which change what is shown before anybody was asked. Consequence: the annotation
has one way to change, and a tool can be tested with plain events.
"""

from __future__ import annotations

from collections.abc import Mapping

from vcfviewer.canvas.measures import MeasureKind
from vcfviewer.canvas.scene import AnnotationScene
from vcfviewer.canvas.tools_brush import BrushTool
from vcfviewer.canvas.tools_draw import CutTool, PolygonTool
from vcfviewer.canvas.tools_measure import CalibrateTool, MeasureTool
from vcfviewer.canvas.tools_select import SelectTool
from vcfviewer.canvas.tools_six import SixPointsTool
from vcfviewer.canvas.values import Side, Tool, ToolHost, ToolName


def make_tool(name: ToolName, host: ToolHost, scenes: Mapping[Side, AnnotationScene]) -> Tool:
    """Make a tool; raises ValueError for PAN and WINDOW, which a view does itself."""
    if name in (ToolName.BRUSH_ADD, ToolName.BRUSH_SUBTRACT):
        return BrushTool(host, scenes, name)
    if name in (ToolName.LENGTH, ToolName.ANGLE, ToolName.COBB):
        return MeasureTool(host, scenes, name, MeasureKind[name.name])
    kinds: tuple[type[SelectTool | PolygonTool | CutTool | CalibrateTool | SixPointsTool], ...]
    kinds = (SelectTool, PolygonTool, CutTool, CalibrateTool, SixPointsTool)
    for kind in kinds:
        if kind.name is name:
            return kind(host, scenes)
    raise ValueError(f"{name} is done by the view itself, it has no tool")
