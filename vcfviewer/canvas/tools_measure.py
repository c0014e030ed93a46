"""Tools that take a few points: by clicks, or by a drag from one point to the next. Lengths, angles, calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QCoreApplication

from vcfviewer.canvas.measures import Measure, MeasureKind, length_text, measure_sketch
from vcfviewer.canvas.scene import AnnotationScene
from vcfviewer.canvas.sketch import Dot, Line, Point, Sketch
from vcfviewer.canvas.tools_base import STILL, SceneTool, inside, view_distance
from vcfviewer.canvas.values import Side, ToolEvent, ToolHost, ToolName

translate = QCoreApplication.translate


class PointsTool(SceneTool):
    """Takes `needed` points in one view; what it does with them its children say."""

    needed: int

    def __init__(self, host: ToolHost, scenes: Mapping[Side, AnnotationScene]) -> None:
        super().__init__(host, scenes)
        self._points: list[Point] = []
        self._pressed: ToolEvent | None = None
        self._side = Side.EXPERT

    @property
    def points(self) -> tuple[Point, ...]:
        """Return the points that were set."""
        return tuple(self._points)

    def press(self, event: ToolEvent) -> None:
        """Set a point; one in another view begins anew there."""
        super().press(event)
        if event.side is not self._side:
            self.cancel()
            self._side = event.side
        self._pressed = event
        del self._points[self.needed - 1 :]
        self._points.append(self.place(event))
        self._draw(event)

    def move(self, event: ToolEvent) -> None:
        """Draw what would come of a click here."""
        super().move(event)
        if self._points and event.side is self._side:
            self._draw(event)

    def release(self, event: ToolEvent) -> None:
        """Set one more point at the end of a drag; with the last one, do what the points are for."""
        pressed, self._pressed = self._pressed, None
        if pressed is None or not self._points:
            return
        if view_distance(pressed, event) > STILL:
            if len(self._points) == self.needed:
                self._points.pop()
            self._points.append(self.place(event))
        elif len(self._points) > 1 and math.dist(*self._points[-2:]) * event.scale <= STILL:
            # The second half of a double click, which is no other point.
            self._points.pop()
        if len(self._points) == self.needed:
            points, self._points = self.points, []
            self.complete(points, self.scene(self._side))
            if not self._points:
                self._scenes[self._side].overlay.show_sketch(None)
        else:
            self._draw(event)

    def delete_vertices(self) -> bool:
        """Take the last point back."""
        if not self._points:
            return False
        self._points.pop()
        self._scenes[self._side].overlay.show_sketch(self.draw(self.points) if self._points else None)
        return True

    def cancel(self) -> bool:
        """Drop the points."""
        begun = bool(self._points)
        self._points.clear()
        self._pressed = None
        self._scenes[self._side].overlay.show_sketch(None)
        super().cancel()
        return begun

    def place(self, event: ToolEvent) -> Point:
        """Return the point that an event sets."""
        return inside(self._scenes[event.side], (event.x, event.y))

    def complete(self, points: tuple[Point, ...], scene: AnnotationScene) -> None:
        """Do what the points are for; a child says what."""

    def draw(self, points: tuple[Point, ...]) -> Sketch:
        """Draw at least one point; the last one is where the pointer is."""
        return Sketch(lines=(Line(points),) if len(points) > 1 else (), dots=tuple(Dot(point) for point in points))

    def _draw(self, event: ToolEvent) -> None:
        pressed = self._pressed is not None and view_distance(self._pressed, event) <= STILL
        there = () if pressed else (self.place(event),)
        kept = self.points[: self.needed - len(there)]
        self._scenes[self._side].overlay.show_sketch(self.draw((*kept, *there)))


class MeasureTool(PointsTool):
    """Measures; what was measured stays on the film until it is taken off, or another film comes."""

    def __init__(
        self, host: ToolHost, scenes: Mapping[Side, AnnotationScene], name: ToolName, kind: MeasureKind
    ) -> None:
        self.name = name
        self.needed = kind.value
        self._kind = kind
        super().__init__(host, scenes)

    def usual_hint(self) -> str:
        """Return what a click does now."""
        begun = len(self.points)
        if not begun and any(scene.overlay.measures for scene in self._scenes.values()):
            return translate("Tools", "Click to measure again. Backspace takes the last measure off.")
        hints = {
            MeasureKind.LENGTH: (
                translate("Tools", "Drag a line, or click its two ends, to measure a length."),
                translate("Tools", "Click the other end. Esc cancels."),
            ),
            MeasureKind.ANGLE: (
                translate("Tools", "Click the end of one arm, the vertex, the end of the other arm."),
                translate("Tools", "Click the vertex of the angle. Esc cancels."),
                translate("Tools", "Click the end of the other arm. Esc cancels."),
            ),
            MeasureKind.COBB: (
                translate("Tools", "Drag a line along the upper endplate, then one along the lower."),
                translate("Tools", "Click the other end of the line. Esc cancels."),
                translate("Tools", "Drag a line along the lower endplate. Esc cancels."),
                translate("Tools", "Click the other end of the line. Esc cancels."),
            ),
        }
        # The last point is set by the button going down, and done with when it comes up.
        return hints[self._kind][min(begun, self.needed - 1)]

    def delete_vertices(self) -> bool:
        """Take the last point back, else the last measure off."""
        taken = super().delete_vertices()
        return taken or any([scene.overlay.drop_measures(1) for scene in self._scenes.values()])

    def complete(self, points: tuple[Point, ...], scene: AnnotationScene) -> None:
        """Keep the measure and tell it."""
        measure = Measure(self._kind, points)
        scene.overlay.add_measure(measure, partial(self._text, measure))
        self.host.show_measured(self._text(measure))

    def draw(self, points: tuple[Point, ...]) -> Sketch:
        """Draw the measure as it would be."""
        text = self._text(Measure(self._kind, points)) if len(points) == self.needed else ""
        return measure_sketch(self._kind, points, text)

    def _text(self, measure: Measure) -> str:
        return measure.text(self.host.spacing, self.host.spacing_caption)


class CalibrateTool(PointsTool):
    """Takes a line whose true length the reader knows."""

    name = ToolName.CALIBRATE
    needed = 2

    def usual_hint(self) -> str:
        """Return what a click does now."""
        if self.points:
            return translate("Tools", "Click the other end of the known length. Esc cancels.")
        return translate("Tools", "Drag a line along something of known length, such as a ruler or a marker.")

    def complete(self, points: tuple[Point, ...], scene: AnnotationScene) -> None:
        """Ask how long the line really is; it stays in view for as long as that takes."""
        self.host.ask_calibration(math.dist(*points))

    def draw(self, points: tuple[Point, ...]) -> Sketch:
        """Draw the line with its length in pixels."""
        text = length_text(points[0], points[-1], None, "") if len(points) > 1 else ""
        return measure_sketch(MeasureKind.LENGTH, points, text)
