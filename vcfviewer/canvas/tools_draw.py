"""Tools that draw: a new polygon, and the line that cuts a shape."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt

from engine.domain import edits
from engine.domain.annotation import Shape, new_shape_id
from engine.domain.polygon import Polygon, polygon_problem
from engine.domain.reshaping import cut_apart
from vcfviewer.canvas.handles import GRAB
from vcfviewer.canvas.items import ShapeItem
from vcfviewer.canvas.palette import Ink
from vcfviewer.canvas.scene import AnnotationScene
from vcfviewer.canvas.sketch import Dot, Line, Point, Sketch
from vcfviewer.canvas.tools_base import CONTROL, SceneTool, snap
from vcfviewer.canvas.tools_measure import PointsTool
from vcfviewer.canvas.values import EditRequest, Side, ToolEvent, ToolHost, ToolKey, ToolName

translate = QCoreApplication.translate

TRACE = 12.0
"""View pixels between two points that a drag sets."""


class PolygonTool(SceneTool):
    """Draws a polygon point by point, or along a drag; it gets the host's label for new shapes."""

    name = ToolName.POLYGON

    def __init__(self, host: ToolHost, scenes: Mapping[Side, AnnotationScene]) -> None:
        super().__init__(host, scenes)
        self._points: list[Point] = []
        self._side = Side.EXPERT
        self._tracing = False
        self._last: ToolEvent | None = None

    @property
    def points(self) -> tuple[Point, ...]:
        """Return the points that were set."""
        return tuple(self._points)

    def usual_hint(self) -> str:
        """Return what a click does now."""
        if not self._points:
            return translate("Tools", "Click the first point of the outline. Ctrl: no snapping.")
        if len(self._points) < 3:
            return translate("Tools", "Click the next point. Backspace takes the last one back. Esc cancels.")
        return translate("Tools", "Click the next point; Enter, a double click or the first point closes the outline. "
                         "Backspace takes the last one back. Esc cancels.")  # fmt: skip

    def press(self, event: ToolEvent) -> None:
        """Set a point, or close the outline on its first one."""
        super().press(event)
        if not self.may_edit():
            return
        if event.side is not self._side:
            self.cancel()
            self._side = event.side
        if self._closes(event):
            self.finish()
        else:
            self._tracing = True
            self._add(event, 0.0)

    def move(self, event: ToolEvent) -> None:
        """Draw the rubber line; with the button down, set points along the way."""
        super().move(event)
        if event.side is self._side:
            if self._tracing:
                self._add(event, TRACE)
            self._draw(event)

    def release(self, event: ToolEvent) -> None:
        """End a trace."""
        self._tracing = False

    def double_click(self, event: ToolEvent) -> None:
        """Close the outline; the first click of the two has set its last point."""
        self.forget_problem()
        if not self.finish():
            self.press(event)

    def key(self, event: ToolKey) -> bool:
        """Take Enter, Space, Backspace and Ctrl+Z."""
        if event.key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and not event.modifiers:
            self.forget_problem()
            return self.finish()
        if event.key == Qt.Key.Key_Z and event.modifiers == CONTROL:
            self.forget_problem()
            return self.delete_vertices()
        return super().key(event)

    def delete_vertices(self) -> bool:
        """Take the last point back."""
        if not self._points:
            return False
        self._points.pop()
        self._draw(self._last)
        return True

    def finish(self) -> bool:
        """Close the outline and ask for the shape; one that is broken, or has no label yet, stays as it is for now."""
        if not self._points:
            return False
        label = self.host.label_for_new.strip()
        if len(self._points) < 3:
            self.refuse(translate("Tools", "An outline needs three points at least. Click one more."))
        elif polygon_problem(np.array(self._points)) is not None:
            self.refuse(translate("Tools", "The outline crosses itself. Backspace takes its last point back."))
        elif not label:
            self.host.ask_relabel(frozenset())
        elif self.may_edit():
            outline = Polygon(np.array(self._points))
            shape = Shape(new_shape_id(), label, outline, meaning=self.host.labels.read(label))
            self._drop()
            text = translate("Tools", "Draw %1").replace("%1", label)
            self.host.ask_edit(EditRequest(text, lambda annotation: edits.add_shape(annotation, shape)))
            self.host.select(frozenset({shape.id}))
            self.host.leave_tool()
        return True

    def cancel(self) -> bool:
        """Drop the outline."""
        begun = bool(self._points)
        self._drop()
        super().cancel()
        return begun

    def _drop(self) -> None:
        self._points.clear()
        self._tracing = False
        for scene in self._scenes.values():
            scene.overlay.show_sketch(None)

    def _closes(self, event: ToolEvent) -> bool:
        return len(self._points) >= 3 and math.dist(self._points[0], (event.x, event.y)) * event.scale <= GRAB

    def _add(self, event: ToolEvent, apart: float) -> None:
        """Set a point, if it is more than `apart` view pixels from the last one."""
        at = snap(self.scene(event.side), event, (event.x, event.y)).at
        if not self._points or math.dist(self._points[-1], at) * event.scale > apart:
            self._points.append(at)
        self._draw(event)

    def _draw(self, event: ToolEvent | None) -> None:
        """Draw what is set, the line to the pointer and, dashed, the one that would close the outline."""
        self._last = event
        scene = self.scene(self._side)
        if event is None:
            return
        closes = self._closes(event)
        found = snap(scene, event, (event.x, event.y))
        if not self._points:
            scene.overlay.show_sketch(found.sketch)
            return
        ring = (*self._points, *(() if closes or self._points[-1] == found.at else (found.at,)))
        broken = len(ring) > 2 and polygon_problem(np.array(ring)) is not None
        ink = Ink.INVALID if broken else Ink.GUIDE
        first = Dot(ring[0], ink, 13.0 if closes else 8.0, hollow=not closes)
        scene.overlay.show_sketch(
            Sketch(
                lines=(Line(ring, ink, dashed=broken), Line((ring[-1], ring[0]), ink, dashed=True)),
                dots=(*(Dot(point, ink, 5.0) for point in self._points), first, *found.dots),
            )
        )


class CutTool(PointsTool):
    """Cuts a shape along a straight line: the one selected, else the one that the line crosses."""

    name = ToolName.CUT
    needed = 2

    def usual_hint(self) -> str:
        """Return what a click does now."""
        if self.points:
            return translate("Tools", "Click beyond the other side of the shape. Esc cancels.")
        return translate("Tools", "Drag a line right through a shape: it begins and ends outside.")

    def press(self, event: ToolEvent) -> None:
        """Begin or end the line."""
        if self.may_edit():
            super().press(event)

    def complete(self, points: tuple[Point, ...], scene: AnnotationScene) -> None:
        """Ask for the cut."""
        start, end = points
        found = self._crossed(scene, points)
        if len(found) > 1:
            self.refuse(translate("Tools", "The line crosses several shapes. Select the one to be cut first."))
        elif not found:
            self.refuse(translate("Tools", "The line cuts no shape in two. Begin and end it outside of the shape."))
        else:
            shape = found[0].drawn.shape
            text = translate("Tools", "Cut %1").replace("%1", shape.label)
            self.host.ask_edit(EditRequest(text, lambda one: edits.cut_shape(one, shape.id, start, end)))

    def draw(self, points: tuple[Point, ...]) -> Sketch:
        """Draw the line, red and dashed while it cuts nothing."""
        cuts = len(points) == 2 and len(self._crossed(self._scenes[self._side], points)) == 1
        ink = Ink.GUIDE if cuts else Ink.INVALID
        lines = (Line(points, ink, dashed=not cuts),) if len(points) > 1 else ()
        return Sketch(lines=lines, dots=tuple(Dot(point, ink, 5.0) for point in points))

    def _crossed(self, scene: AnnotationScene, points: tuple[Point, ...]) -> list[ShapeItem]:
        """Return the editable shapes that the line cuts in two: of the selected ones, if it cuts any of these."""
        cut = [item for item in scene.shape_items if item.drawn.editable and item.isVisible() and _cuts(item, points)]
        return [item for item in cut if item.marked] or cut


def _cuts(item: ShapeItem, points: tuple[Point, ...]) -> bool:
    try:
        return item.is_touched(points) and len(cut_apart(item.drawn.shape.polygon, *points)) > 1
    except ValueError:
        return False
