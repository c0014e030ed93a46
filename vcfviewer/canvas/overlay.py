"""What a scene draws over its items, in view pixels: captions, handles, six points, measures and a tool's sketch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QTransform

from engine.domain.six_points import SixPoints
from vcfviewer.canvas.caption_layer import CaptionLayer
from vcfviewer.canvas.captions import PlacedCaption
from vcfviewer.canvas.handle_layer import HANDLE, Grasp, HandleLayer
from vcfviewer.canvas.handles import Grip, Handles
from vcfviewer.canvas.items import ShapeItem, Stage
from vcfviewer.canvas.measures import Measure
from vcfviewer.canvas.palette import Ink
from vcfviewer.canvas.projection import Projection
from vcfviewer.canvas.sketch import Dot, Line, Sketch, paint_sketches


class Grips(Enum):
    """What of the selected shape can be taken hold of: that depends on the tool."""

    VERTICES = "vertices"
    SIX_POINTS = "six points"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Window:
    """What a view shows: `seen` is all of it, in view pixels, `exposed` what must be painted now, in film pixels."""

    seen: QRectF
    exposed: QRectF


class Overlay:
    """Everything of a scene that is no item. `update` is told which part of the film must be painted again."""

    def __init__(self, stage: Stage, update: Callable[[QRectF], None]) -> None:
        self.grips = Grips.VERTICES
        self.six_points: Mapping[str, SixPoints] = MappingProxyType({})
        self._stage = stage
        self._update = update
        self._handles = HandleLayer()
        self._captions = CaptionLayer(stage.palette)
        self._marked: frozenset[str] = frozenset()
        self._sketch = Sketch()
        self._measures: list[tuple[Measure, Callable[[], str]]] = []

    @property
    def grasp(self) -> Grasp:
        """Return which handles are lit."""
        return self._handles.grasp

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Return the measures on the film, the oldest first."""
        return tuple(measure for measure, _ in self._measures)

    @property
    def placed(self) -> tuple[PlacedCaption, ...]:
        """Return the captions that stand in the view now."""
        return self._captions.placed

    @property
    def sketch(self) -> Sketch:
        """Return what a tool draws now."""
        return self._sketch

    def use_palette(self) -> None:
        """Take the stage's colours."""
        self._captions.use_palette(self._stage.palette)

    def show_sketch(self, sketch: Sketch | None) -> None:
        """Draw what a tool is doing; None: nothing."""
        before, self._sketch = self._sketch, sketch or Sketch()
        for one in (before, self._sketch):
            self._changed(one)

    def add_measure(self, measure: Measure, text: Callable[[], str]) -> None:
        """Keep a measure; `text` is asked at each painting, for the spacing may become known later."""
        self._measures.append((measure, text))
        self._changed(measure.sketch(text()))

    def drop_measures(self, count: int | None = None) -> bool:
        """Take the newest `count` measures off, all if None; return whether there were any."""
        gone = self._measures[-count:] if count else list(self._measures)
        del self._measures[len(self._measures) - len(gone) :]
        for measure, text in gone:
            self._changed(measure.sketch(text()))
        return bool(gone)

    def show_six_points(self, points: Mapping[str, SixPoints]) -> None:
        """Draw these six points, by shape id, where their shape is selected."""
        if points == self.six_points:
            return
        before = self._six_sketches()
        self.six_points = MappingProxyType(dict(points))
        for one in (*before, *self._six_sketches()):
            self._changed(one)

    def allow(self, grips: Grips) -> None:
        """Say what can be taken hold of with the tool in use."""
        if grips is not self.grips:
            before = self._six_sketches()
            self.grips = grips
            for one in (*before, *self._six_sketches()):
                self._changed(one)
            self._edited_changed()

    def light(self, chosen: frozenset[int], hover: Grip | None) -> None:
        """Light the handles of the vertices chosen and of the place under the pointer."""
        if (chosen, hover) != (self.grasp.chosen, self.grasp.hover):
            self._handles.grasp = Grasp(chosen, hover)
            self._edited_changed()

    def refresh(self, items: Sequence[ShapeItem], edited: ShapeItem | None) -> None:
        """Take the shapes as they are drawn now, and the one whose handles are shown."""
        if edited is not self._handles.edited:
            self._edited_changed()
            self._handles.edited, self._handles.grasp = edited, Grasp()
            self._edited_changed()
        before = self._six_sketches()
        self._marked = frozenset(item.drawn.shape.id for item in items if item.marked)
        for one in {*before} ^ {*self._six_sketches()}:
            self._changed(one)
        for rect in self._captions.show(items):
            self._update(rect)

    def handles(self, scale: float) -> Handles | None:
        """Return the handles that can be taken hold of, at `scale` view pixels a film pixel; None: there are none."""
        return self._handles.handles(scale) if self.grips is Grips.VERTICES else None

    def grip_at(self, x: float, y: float, scale: float) -> Grip | None:
        """Return the handle within reach of a point of the film."""
        return self._handles.grip_at(x, y, scale) if self.grips is Grips.VERTICES else None

    def paint(self, painter: QPainter, projection: Projection, window: Window, settled: bool) -> None:
        """Paint what is exposed. A loupe's painting is not `settled`."""
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        exposed = projection.rect(window.exposed)
        self._paint_sketches(painter, projection, self._six_sketches(), window.exposed)
        self._captions.paint(painter, projection, window.seen, exposed, settled)
        if self.grips is Grips.VERTICES:
            self._handles.paint(painter, projection, exposed, self._stage.palette)
        measures = (measure.sketch(text()) for measure, text in self._measures)
        self._paint_sketches(painter, projection, (*measures, self._sketch), window.exposed)
        painter.restore()

    def _paint_sketches(
        self, painter: QPainter, projection: Projection, sketches: Iterable[Sketch], exposed: QRectF
    ) -> None:
        seen = (one for one in sketches if one.film_bounds(projection.scale).intersects(exposed))
        paint_sketches(painter, projection, seen, self._stage.palette)

    def _six_sketches(self) -> tuple[Sketch, ...]:
        return tuple(
            six_sketch(points, held=self.grips is Grips.SIX_POINTS)
            for shape_id, points in self.six_points.items()
            if shape_id in self._marked
        )

    def _edited_changed(self) -> None:
        if self._handles.edited is not None:
            self._update(self._stage.padded(self._handles.edited.film_bounds, HANDLE + 6))

    def _changed(self, sketch: Sketch) -> None:
        bounds = sketch.film_bounds(self._stage.projection.scale)
        if not bounds.isEmpty():
            self._update(bounds)


def six_sketch(points: SixPoints, held: bool) -> Sketch:
    """Draw six points: with names, endplates and heights where they can be taken hold of, else thin heights alone."""
    upper, lower = (points.sa, points.sm, points.sp), (points.ia, points.im, points.ip)
    heights = zip(upper, lower, strict=True)
    if not held:
        return Sketch(lines=tuple(Line(height, Ink.SIX_POINTS, dashed=True, faint=True) for height in heights))
    names = ("SA", "SM", "SP", "IA", "IM", "IP")
    return Sketch(
        lines=(
            *(Line(endplate, Ink.SIX_POINTS) for endplate in (upper, lower)),
            *(Line(height, Ink.SIX_POINTS, dashed=True) for height in heights),
        ),
        dots=tuple(Dot(at, Ink.SIX_POINTS, 9.0, name) for at, name in zip((*upper, *lower), names, strict=True)),
    )
