"""What a scene draws over its items, in view pixels: captions, handles, six points, measures and a tool's sketch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from engine.domain.polygon import FloatArray
from engine.domain.six_points import SixPoints
from vcfviewer.canvas.captions import Caption, CaptionPainter, PlacedCaption, caption_of, place_captions
from vcfviewer.canvas.handles import Grip, Handles, Part, grip_at, handles_of, middles_of, roomy_edges
from vcfviewer.canvas.items import ShapeItem, Stage
from vcfviewer.canvas.measures import Measure
from vcfviewer.canvas.palette import Ink, line_pen
from vcfviewer.canvas.projection import Projection
from vcfviewer.canvas.sketch import Dot, Line, Point, Sketch, paint_sketches

HANDLE = 7.0
"""View pixels across a vertex's handle."""


class Grips(Enum):
    """What of the selected shape can be taken hold of: that depends on the tool."""

    VERTICES = "vertices"
    SIX_POINTS = "six points"
    NONE = "none"


@dataclass
class Grasp:
    """Which handles are lit: the vertices chosen, and the one under the pointer."""

    chosen: frozenset[int] = frozenset()
    hover: Grip | None = None


@dataclass
class _Cache:
    """The handles of one outline at one scale; a preview of as many vertices keeps them, so that none wanders."""

    points: FloatArray | None = None
    scale: float = 0.0
    handles: Handles = field(default_factory=lambda: Handles(np.array([], np.intp), np.array([], np.intp)))


class Overlay:
    """Everything of a scene that is no item. `update` is told which part of the film must be painted again."""

    def __init__(self, stage: Stage, update: Callable[[QRectF], None]) -> None:
        self.grips = Grips.VERTICES
        self.grasp = Grasp()
        self.six_points: Mapping[str, SixPoints] = MappingProxyType({})
        self._stage = stage
        self._update = update
        self._edited: ShapeItem | None = None
        self._marked: frozenset[str] = frozenset()
        self._sketch = Sketch()
        self._measures: list[tuple[Measure, Callable[[], str]]] = []
        self._captions: tuple[Caption, ...] = ()
        self._obstacles: tuple[QRectF, ...] = ()
        self._placed: tuple[PlacedCaption, ...] = ()
        self._window = QRectF()
        self._cache = _Cache()
        self.use_palette()

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Return the measures on the film, the oldest first."""
        return tuple(measure for measure, _ in self._measures)

    @property
    def placed(self) -> tuple[PlacedCaption, ...]:
        """Return the captions that stand in the view now."""
        return self._placed

    @property
    def sketch(self) -> Sketch:
        """Return what a tool draws now."""
        return self._sketch

    def use_palette(self) -> None:
        """Take the stage's colours."""
        self._caption_painter = CaptionPainter(self._stage.palette)

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
            self.grasp = Grasp(chosen, hover)
            self._edited_changed()

    def refresh(self, items: Sequence[ShapeItem], edited: ShapeItem | None) -> None:
        """Take the shapes as they are drawn now, and the one whose handles are shown."""
        if edited is not self._edited:
            self._edited_changed()
            self._edited = edited
            self.grasp = Grasp()
            self._edited_changed()
        before = self._six_sketches()
        self._marked = frozenset(item.drawn.shape.id for item in items if item.marked)
        for one in {*before} ^ {*self._six_sketches()}:
            self._changed(one)
        palette = self._stage.palette
        found = (caption_of(item.drawn, item.marked, item.film_bounds, palette) for item in items)
        self._captions = tuple(caption for caption in found if caption is not None)
        self._obstacles = tuple(item.film_bounds for item in items if item.drawn.kind is not None)
        if not self._window.isEmpty():
            self._place_anew()

    def handles(self, scale: float) -> Handles | None:
        """Return the handles of the shape that is edited, at `scale` view pixels a film pixel; None: it has none."""
        if self._edited is None or self.grips is not Grips.VERTICES:
            return None
        points, cache = self._edited.points, self._cache
        settled = points is self._edited.drawn.shape.polygon.points
        fits = cache.points is not None and len(cache.points) == len(points) and cache.scale == scale
        if not fits or (settled and cache.points is not points):
            self._cache = _Cache(points, scale, handles_of(points, scale, self.grasp.chosen))
        elif not settled:
            return Handles(cache.handles.vertices, roomy_edges(points, scale))
        return self._cache.handles

    def grip_at(self, x: float, y: float, scale: float) -> Grip | None:
        """Return the handle within reach of a point of the film."""
        handles = self.handles(scale)
        if handles is None or self._edited is None:
            return None
        return grip_at(self._edited.points, handles, x, y, scale)

    def paint(self, painter: QPainter, projection: Projection, window: QRectF, settled: bool) -> None:
        """Paint all of it; `window` is what is seen, in view pixels. A loupe's painting is not `settled`."""
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        placed = place_captions(self._captions, self._obstacles, projection, window)
        if settled:
            self._placed, self._window = placed, window
        palette = self._stage.palette
        paint_sketches(painter, projection, self._six_sketches(), palette)
        self._caption_painter.paint(painter, placed)
        self._paint_handles(painter, projection)
        measures = (measure.sketch(text()) for measure, text in self._measures)
        paint_sketches(painter, projection, (*measures, self._sketch), palette)
        painter.restore()

    def _place_anew(self) -> None:
        before, projection = self._placed, self._stage.projection
        self._placed = place_captions(self._captions, self._obstacles, projection, self._window)
        inverse = projection.transform.inverted()[0]
        for one in {*before} ^ {*self._placed}:
            self._update(inverse.mapRect(one.rect.adjusted(-2, -2, 2, 2)))

    def _paint_handles(self, painter: QPainter, projection: Projection) -> None:
        handles = self.handles(projection.scale)
        if handles is None or self._edited is None:
            return
        points = self._edited.points
        palette = self._stage.palette
        painter.setPen(line_pen(QColor(palette.halo), 1.0))
        painter.setBrush(Ink.GUIDE.colour)
        middles = projection.points(middles_of(points, handles.middles)).tolist()
        for x, y in middles:
            painter.drawEllipse(QPointF(x, y), HANDLE / 2 - 1, HANDLE / 2 - 1)
        painter.setBrush(QColor(palette.selected))
        half = HANDLE / 2
        places = projection.points(points[handles.vertices]).tolist()
        painter.drawRects([QRectF(x - half, y - half, HANDLE, HANDLE) for x, y in places])
        painter.setPen(line_pen(QColor(palette.halo), 1.5))
        painter.setBrush(Ink.GUIDE.colour)
        lit = [points[index] for index in sorted(self.grasp.chosen) if index < len(points)]
        hover = self.grasp.hover
        if hover is not None:
            moved = hover.part is Part.VERTEX and hover.index < len(points)
            lit.append(points[hover.index] if moved else np.array([hover.x, hover.y]))
        for x, y in (projection.point(*place) for place in lit):
            painter.drawRect(QRectF(x - half - 1.5, y - half - 1.5, HANDLE + 3, HANDLE + 3))

    def _six_sketches(self) -> tuple[Sketch, ...]:
        return tuple(
            six_sketch(points, held=self.grips is Grips.SIX_POINTS)
            for shape_id, points in self.six_points.items()
            if shape_id in self._marked
        )

    def _edited_changed(self) -> None:
        if self._edited is not None:
            self._update(self._stage.padded(self._edited.film_bounds, HANDLE + 6))

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
