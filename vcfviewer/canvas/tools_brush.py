"""The brush: a round pen that adds to an outline, or takes from it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import shapely
from PySide6.QtCore import QCoreApplication, Qt

from engine.domain import edits
from engine.domain.polygon import FloatArray, Polygon
from engine.domain.reshaping import with_brush, without_brush
from vcfviewer.canvas.hits import shapes_at
from vcfviewer.canvas.items import ShapeItem
from vcfviewer.canvas.palette import Ink
from vcfviewer.canvas.scene import AnnotationScene
from vcfviewer.canvas.sketch import Dot, Line, Note, Point, Ring, Sketch
from vcfviewer.canvas.tools_base import SHIFT, SceneTool
from vcfviewer.canvas.values import EditRequest, Side, ToolEvent, ToolHost, ToolKey, ToolName

translate = QCoreApplication.translate

GROWTH = 1.25
"""How much one press of ] enlarges the brush."""

SMALLEST, LARGEST = 0.5, 2000.0
"""Film pixels that a brush's radius may have."""

PATH_TOLERANCE = 0.5
"""View pixels by which the path that is painted may leave the pointer's."""


class BrushTool(SceneTool):
    """Paints on the selected shape, else on the one under the pointer. Shift exchanges adding and taking away."""

    def __init__(self, host: ToolHost, scenes: Mapping[Side, AnnotationScene], name: ToolName) -> None:
        self.name = name
        super().__init__(host, scenes)
        self._stroke: Stroke | None = None
        self._last: ToolEvent | None = None

    def usual_hint(self) -> str:
        """Return what a click does now."""
        if self._stroke is not None:
            return translate("Tools", "Release to end the stroke. Esc cancels.")
        keys = translate("Tools", "[ and ] change the size.")
        if self.name is ToolName.BRUSH_ADD:
            return translate("Tools", "Paint to add to the shape, with Shift to take away.") + " " + keys
        return translate("Tools", "Paint to take from the shape, with Shift to add.") + " " + keys

    @property
    def cursor(self) -> Qt.CursorShape:
        """Return none: the brush itself is drawn."""
        return Qt.CursorShape.BlankCursor

    def press(self, event: ToolEvent) -> None:
        """Begin a stroke on a shape."""
        super().press(event)
        self._last = event
        if not self.may_edit():
            return
        scene = self.scene(event.side)
        item = self._target(scene, event)
        if item is None:
            self.refuse(translate("Tools", "Select the shape to paint on first, or begin on it."))
            return
        if not item.marked:
            self.host.select(frozenset({item.drawn.shape.id}))
        self._stroke = Stroke(self, scene, item, event, self._adds(event), self.host.brush_radius)
        self._draw()

    def move(self, event: ToolEvent) -> None:
        """Show the brush; during a stroke, paint."""
        super().move(event)
        self._last = event
        if self._stroke is not None:
            self._stroke.move(event)
        self._draw()

    def release(self, event: ToolEvent) -> None:
        """Ask for the edit."""
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            stroke.move(event)
            self.host.ask_edit(stroke.request())
            stroke.end()
        self._draw()

    def key(self, event: ToolKey) -> bool:
        """Take [ and ]."""
        steps = {Qt.Key.Key_BracketLeft: 1 / GROWTH, Qt.Key.Key_BracketRight: GROWTH}
        if event.key in steps and not event.modifiers:
            wanted = self.host.brush_radius * steps[Qt.Key(event.key)]
            self.host.set_brush_radius(min(max(wanted, SMALLEST), LARGEST))
            self._draw()
            return True
        return super().key(event)

    def cancel(self) -> bool:
        """Drop the stroke, and take the brush off the film."""
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            stroke.end()
        for scene in self._scenes.values():
            scene.overlay.show_sketch(None)
        super().cancel()
        return stroke is not None

    def _adds(self, event: ToolEvent) -> bool:
        return (self.name is ToolName.BRUSH_ADD) != bool(event.modifiers & SHIFT)

    def _target(self, scene: AnnotationScene, event: ToolEvent) -> ShapeItem | None:
        if scene.edited is not None:
            return scene.edited
        under = shapes_at(scene.shape_items, event.x, event.y, event.scale)
        return next((item for item in under if item.drawn.editable), None)

    def _draw(self) -> None:
        """Draw the brush where the pointer is, in that view alone."""
        event = self._last
        if event is None:
            return
        adds = self._adds(event) if self._stroke is None else self._stroke.adds
        ink = Ink.ADDED if adds else Ink.TAKEN
        at = (event.x, event.y)
        radius = self.host.brush_radius
        ring = Ring(at, radius, ink)
        sign = Note((event.x, event.y), "+" if adds else "\N{MINUS SIGN}", ink)
        lines = () if self._stroke is None else (Line(self._stroke.path, ink, brush=2 * radius),)
        for side, scene in self._scenes.items():
            shown = Sketch(lines, (ring,), (Dot(at, ink, 3.0),), (sign,)) if side is event.side else None
            scene.overlay.show_sketch(shown)


class Stroke:
    """One stroke on one shape. What is shown meanwhile is painted piece by piece; the edit paints the whole path."""

    def __init__(
        self, tool: SceneTool, scene: AnnotationScene, item: ShapeItem, event: ToolEvent, adds: bool, radius: float
    ) -> None:
        self.adds = adds
        self._tool, self._scene = tool, scene
        self._shape = item.drawn.shape
        self._radius = radius
        self._tolerance = PATH_TOLERANCE / event.scale
        self._path: list[Point] = [(event.x, event.y)]
        self._painted: Polygon = self._shape.polygon
        self._ahead = 0
        self._paint()

    @property
    def path(self) -> tuple[Point, ...]:
        """Return the way of the brush."""
        return tuple(self._path)

    def move(self, event: ToolEvent) -> None:
        """Paint on to here."""
        if math.dist(self._path[-1], (event.x, event.y)) > self._tolerance:
            self._path.append((event.x, event.y))
            if self._tool.pulse.is_idle:
                self._paint()

    def request(self) -> EditRequest:
        """Return the request to paint the whole path."""
        shape_id, path, radius = self._shape.id, self._simple_path(), self._radius
        if self.adds:
            text = translate("Tools", "Add to %1").replace("%1", self._shape.label)
            return EditRequest(text, lambda annotation: edits.brush_add(annotation, shape_id, path, radius))
        text = translate("Tools", "Take from %1").replace("%1", self._shape.label)
        return EditRequest(text, lambda annotation: edits.brush_subtract(annotation, shape_id, path, radius))

    def end(self) -> None:
        """Show the shape as it is."""
        self._scene.end_previews()
        self._tool.pulse.stop()

    def _paint(self) -> None:
        """Paint the part of the path that isn't painted yet; where that alone makes no outline, wait for more of it."""
        paint = with_brush if self.adds else without_brush
        try:
            self._painted = paint(self._painted, self._path[self._ahead :], self._radius)
        except ValueError:
            return
        self._ahead = len(self._path) - 1
        shape_id = self._shape.id
        self._tool.pulse.show(shape_id, self._scene.preview({shape_id: self._painted.points}).get(shape_id))

    def _simple_path(self) -> FloatArray:
        """Return the path without points that the brush's edge wouldn't show: each costs dozens of vertices."""
        points = np.array(self._path)
        if len(points) < 3:
            return points
        line = shapely.simplify(shapely.linestrings(points), self._tolerance, preserve_topology=False)
        kept: FloatArray = shapely.get_coordinates(line)
        return kept
