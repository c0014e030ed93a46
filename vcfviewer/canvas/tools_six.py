"""The SIX POINTS tool: drags the points from which a vertebra's heights are measured, or sets them one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt

from engine.domain.decisions import set_six_points
from engine.domain.polygon import FloatArray
from engine.domain.six_points import SixPoints
from vcfviewer.canvas.handles import GRAB, nearest
from vcfviewer.canvas.hits import shapes_at
from vcfviewer.canvas.items import ShapeItem
from vcfviewer.canvas.overlay import Grips, six_sketch
from vcfviewer.canvas.palette import Ink
from vcfviewer.canvas.scene import AnnotationScene
from vcfviewer.canvas.sketch import Dot, Point, Sketch
from vcfviewer.canvas.tools_base import STILL, SceneTool, inside, snap, view_distance
from vcfviewer.canvas.values import EditRequest, Side, ToolEvent, ToolHost, ToolName

translate = QCoreApplication.translate

NAMES = ("SA", "SM", "SP", "IA", "IM", "IP")


@dataclass(frozen=True, slots=True)
class _Held:
    """A point that is being dragged: `index` in the order SA, SM, SP, IA, IM, IP."""

    shape_id: str
    points: FloatArray
    index: int
    start: ToolEvent

    def moved(self, at: Point) -> SixPoints:
        """Return the points with this one elsewhere."""
        points = self.points.copy()
        points[self.index] = at
        return SixPoints.from_array(points)


class SixPointsTool(SceneTool):
    """Drags any of the six points of the selected shape; on a shape without any, six clicks set them in their order."""

    name = ToolName.SIX_POINTS
    grips = Grips.SIX_POINTS

    def __init__(self, host: ToolHost, scenes: Mapping[Side, AnnotationScene]) -> None:
        super().__init__(host, scenes)
        self._held: _Held | None = None
        self._set: list[Point] = []
        self._of = ""
        self._side = Side.EXPERT

    def usual_hint(self) -> str:
        """Return what a click does now."""
        if self._held is not None:
            return translate("Tools", "Release to set the point. Ctrl: no snapping. Esc cancels.")
        for scene in self._scenes.values():
            if scene.edited is not None:
                if scene.edited.drawn.shape.id in scene.overlay.six_points:
                    return translate("Tools", "Drag one of the six points, or click another shape.")
                return self._next_point_words()
        return translate("Tools", "Click the shape whose six points are to be set.")

    @property
    def cursor(self) -> Qt.CursorShape:
        """Return a closed hand during a drag."""
        return Qt.CursorShape.CrossCursor if self._held is None else Qt.CursorShape.ClosedHandCursor

    def press(self, event: ToolEvent) -> None:
        """Take hold of a point, set the next one, or select the shape there."""
        super().press(event)
        scene = self.scene(event.side)
        item = scene.edited
        points = None if item is None else scene.overlay.six_points.get(item.drawn.shape.id)
        if item is not None and points is not None and not self.host.read_only:
            index = nearest(points.array, event.x, event.y, GRAB / event.scale)
            if index is not None:
                self._held = _Held(item.drawn.shape.id, points.array, index, event)
                return
        under = shapes_at(scene.shape_items, event.x, event.y, event.scale)
        if item is not None and points is None and (self._set or not under or under[0] is item):
            self._set_next(event, scene, item)
        elif under and not under[0].marked:
            self.cancel()
            self.scene(event.side)
            self.host.select(frozenset({under[0].drawn.shape.id}))

    def move(self, event: ToolEvent) -> None:
        """Drag the point."""
        super().move(event)
        if self._held is not None and self._going(event):
            scene = self._scenes[event.side]
            found = snap(scene, event, (event.x, event.y), frozenset({self._held.shape_id}))
            sketch = six_sketch(self._held.moved(found.at), held=True)
            scene.overlay.show_sketch(Sketch(sketch.lines, (), (*sketch.dots, *found.dots)))
        elif self._set and event.side is self._side:
            self._draw(self._scenes[event.side], (event.x, event.y))

    def release(self, event: ToolEvent) -> None:
        """Ask for the point's new place."""
        held = self._held
        if held is None:
            return
        scene = self._scenes[event.side]
        if self._going(event):
            found = snap(scene, event, (event.x, event.y), frozenset({held.shape_id}))
            self._ask(scene, held.shape_id, held.moved(found.at), NAMES[held.index])
        self._held = None
        scene.overlay.show_sketch(None)

    def delete_vertices(self) -> bool:
        """Take the last of the points that are being set back."""
        if not self._set:
            return False
        self._set.pop()
        self._draw(self._scenes[self._side], None)
        return True

    def cancel(self) -> bool:
        """Put the point back, and drop those that are being set."""
        begun = self._held is not None or bool(self._set)
        self._held = None
        self._set.clear()
        for scene in self._scenes.values():
            scene.overlay.show_sketch(None)
        super().cancel()
        return begun

    def _set_next(self, event: ToolEvent, scene: AnnotationScene, item: ShapeItem) -> None:
        if not self.may_edit():
            return
        if self._of != item.drawn.shape.id:  # Points that were begun on another shape.
            self._set.clear()
        self._side, self._of = event.side, item.drawn.shape.id
        self._set.append(inside(scene, (event.x, event.y)))
        if len(self._set) == len(NAMES):
            points = SixPoints.from_array(self._set)
            self._set.clear()
            self._ask(scene, item.drawn.shape.id, points, "")
        self._draw(scene, None)

    def _ask(self, scene: AnnotationScene, shape_id: str, points: SixPoints, point: str) -> None:
        """Ask for the points, if every height is one."""
        try:
            points.heights()
        except ValueError:
            self.refuse(translate("Tools", "Two of the points lie on each other, so a height would be 0. Drag again."))
            return
        item = scene.item(shape_id)
        label = item.drawn.shape.label if item is not None else ""
        one, six = translate("Tools", "Move point %2 of %1"), translate("Tools", "Set the six points of %1")
        text = (one if point else six).replace("%1", label).replace("%2", point)
        self.host.ask_edit(EditRequest(text, lambda annotation: set_six_points(annotation, shape_id, points)))

    def _going(self, event: ToolEvent) -> bool:
        return self._held is not None and view_distance(self._held.start, event) > STILL

    def _draw(self, scene: AnnotationScene, pointer: Point | None) -> None:
        shown = (*self._set, *(() if pointer is None else (pointer,)))
        dots = (Dot(at, Ink.SIX_POINTS, 9.0, name) for at, name in zip(np.array(shown).tolist(), NAMES, strict=False))
        scene.overlay.show_sketch(Sketch(dots=tuple(dots)))

    def _next_point_words(self) -> str:
        words = (
            translate("Tools", "Click the anterior end of the upper endplate (1 of 6)."),
            translate("Tools", "Click the middle of the upper endplate (2 of 6)."),
            translate("Tools", "Click the posterior end of the upper endplate (3 of 6)."),
            translate("Tools", "Click the anterior end of the lower endplate (4 of 6)."),
            translate("Tools", "Click the middle of the lower endplate (5 of 6)."),
            translate("Tools", "Click the posterior end of the lower endplate (6 of 6)."),
        )
        return words[len(self._set) % len(words)]
