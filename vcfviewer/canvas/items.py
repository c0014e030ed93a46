"""A shape on the film: hatched by its kind, solid if the expert's, dashed if the model's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.domain.polygon import FloatArray, Polygon
from vcfviewer.canvas.palette import FAINT, Ink, Palette, line_pen
from vcfviewer.canvas.projection import Projection, bounds_of, thinned, to_qt
from vcfviewer.canvas.values import DrawnShape

MARGIN = 5.0
"""View pixels that pens reach beyond an outline."""

HANDLE_MARGIN = 10.0
"""View pixels that handles reach beyond a vertex."""

_KEPT_OUTLINES = 2

_SLACK = 0.25
"""How much more than the preview's bounds is taken, as a part of them, so that few steps of a drag change them."""


@dataclass
class Stage:
    """What all items of one scene share: the colours, and how the film was last projected."""

    palette: Palette = field(default_factory=Palette)
    projection: Projection = field(default_factory=Projection)

    def padded(self, rect: QRectF, pixels: float = MARGIN) -> QRectF:
        """Return a rectangle of the film with so many view pixels around it."""
        margin = pixels / self.projection.scale
        return rect.adjusted(-margin, -margin, margin, margin)


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline in view pixels without the view's shift: `points` (N, 2), and `ring`, the same for Qt."""

    points: FloatArray
    ring: QPolygonF

    def runs(self, exposed: QRectF) -> tuple[QPolygonF, ...] | None:
        """Return the parts of the line that pass a rectangle; None: most of it does.

        A wide line of thousands of edges takes longer than all the rest of a frame, and a drag changes two edges.
        """
        following = np.roll(self.points, -1, axis=0)
        low, high = np.minimum(self.points, following), np.maximum(self.points, following)
        left, top, right, bottom = exposed.left(), exposed.top(), exposed.right(), exposed.bottom()
        passes = ((high >= (left - MARGIN, top - MARGIN)) & (low <= (right + MARGIN, bottom + MARGIN))).all(axis=1)
        if passes.mean() > 0.5:
            return None
        starts = np.flatnonzero(passes & ~np.roll(passes, 1))
        ends = np.flatnonzero(passes & ~np.roll(passes, -1))
        if len(ends) and ends[0] < starts[0]:
            ends = np.roll(ends, -1)
        count = len(self.points)
        spans = ((start, end + count * (end < start)) for start, end in zip(starts, ends, strict=True))
        return tuple(to_qt(self.points[np.arange(start, end + 2) % count]) for start, end in spans)


class ShapeItem(QGraphicsItem):
    """One drawn shape. A preview shows other points in its place until it ends or the shape itself changes."""

    def __init__(self, drawn: DrawnShape, stage: Stage) -> None:
        super().__init__()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.drawn = drawn
        self.marked = False
        self._stage = stage
        self._points: FloatArray = drawn.shape.polygon.points
        self._invalid = False
        self._bounds = self._reach = bounds_of(self._points)
        self._outlines: dict[tuple[float, float, float, float], Outline] = {}
        self._solid: shapely.Geometry | None = None

    @property
    def points(self) -> FloatArray:
        """Return the points (N, 2) that are shown now, in film pixels: the preview's, if there is one."""
        return self._points

    @property
    def is_invalid(self) -> bool:
        """Whether the preview's outline crosses itself."""
        return self._invalid

    @property
    def film_bounds(self) -> QRectF:
        """Return the rectangle that holds the points, in film pixels."""
        return self._bounds

    @property
    def area(self) -> float:
        """Return the shape's area in square film pixels."""
        return self.drawn.shape.polygon.area

    def take(self, drawn: DrawnShape) -> bool:
        """Show the shape as it is now; return whether anything had to be done. A preview of another outline ends."""
        before = self.drawn
        if before is drawn or (before.shape is drawn.shape and before == drawn):
            return False
        self.drawn = drawn
        if before.shape.polygon is not drawn.shape.polygon:
            self._invalid, self._solid = False, None
            self._show(drawn.shape.polygon.points)
        self.update()
        return True

    def mark(self, marked: bool) -> bool:
        """Draw the shape as selected, or not; return whether that is a change."""
        if marked == self.marked:
            return False
        self.marked = marked
        self.update()
        return True

    def preview(self, points: FloatArray) -> Polygon | None:
        """Show these points (N, 2) instead; return them as a polygon, or None where they are none."""
        try:
            polygon = Polygon(points)
        except ValueError:
            polygon = None
        was_invalid, self._invalid = self._invalid, polygon is None
        changed = None if was_invalid or polygon is None else _changed(self._points, polygon.points)
        self._show(points if polygon is None else polygon.points, changed)
        return polygon

    def end_preview(self) -> None:
        """Show the shape itself again."""
        if self._points is not self.drawn.shape.polygon.points:
            self._invalid = False
            self._show(self.drawn.shape.polygon.points)

    def holds(self, x: float, y: float, tolerance: float = 0.0) -> bool:
        """Whether a point of the film lies in the shape, or within `tolerance` film pixels of it."""
        reach = tolerance or 1e-9
        if not self._bounds.adjusted(-reach, -reach, reach, reach).contains(x, y):
            return False
        solid = self._geometry()
        if bool(shapely.contains_xy(solid, x, y)):
            return True
        return tolerance > 0 and bool(shapely.dwithin(solid, shapely.Point(x, y), tolerance))

    def meets(self, rect: QRectF) -> bool:
        """Whether the shape and a rectangle of the film overlap."""
        if not self._bounds.intersects(rect):
            return False
        return bool(
            shapely.intersects(self._geometry(), shapely.box(rect.left(), rect.top(), rect.right(), rect.bottom()))
        )

    def is_touched(self, line: Sequence[tuple[float, float]]) -> bool:
        """Whether a polyline on the film meets the shape: the quick question before an exact one."""
        return bool(shapely.intersects(self._geometry(), shapely.linestrings(line)))

    def boundingRect(self) -> QRectF:  # the name is Qt's
        """Return what may be painted, in film pixels."""
        return self._stage.padded(self._reach)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint in view pixels."""
        projection = Projection.of(painter.worldTransform())
        outline = self._outline(projection)
        exposed = projection.rect(option.exposedRect).translated(-projection.dx, -projection.dy)
        painter.save()
        painter.setWorldTransform(QTransform.fromTranslate(projection.dx, projection.dy))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._invalid:
            painter.setPen(line_pen(Ink.INVALID.colour, 2.0, Qt.PenStyle.DashLine))
            painter.drawPolygon(outline.ring)
        else:
            self._paint_valid(painter, outline, exposed)
        painter.restore()

    def _paint_valid(self, painter: QPainter, outline: Outline, exposed: QRectF) -> None:
        palette, kind = self._stage.palette, self.drawn.kind
        if self.drawn.decided and not self.marked:
            painter.setOpacity(FAINT)
        halo = QColor(palette.halo)
        pen = palette.outline(kind, self.drawn.side)
        painter.setPen(Qt.PenStyle.NoPen)
        if kind is not None:
            painter.setBrush(palette.hatch(kind))
            painter.drawPolygon(outline.ring)
        painter.setBrush(QBrush(Qt.BrushStyle.NoBrush))
        runs = outline.runs(exposed)
        if self.marked:
            _stroke(painter, line_pen(halo, pen.widthF() + 5.0), outline, runs)
            _stroke(painter, line_pen(QColor(palette.selected), pen.widthF() + 2.5), outline, runs)
        else:
            halo.setAlpha(130)
            _stroke(painter, line_pen(halo, pen.widthF() + 1.5), outline, runs)
        _stroke(painter, pen, outline, runs)

    def _show(self, points: FloatArray, changed: QRectF | None = None) -> None:
        """Show these points; `changed` is the part of the film where they differ from the last ones, None: all."""
        bounds = bounds_of(points) if np.isfinite(points).all() else self._bounds
        settled = points is self.drawn.shape.polygon.points
        if not self._reach.contains(bounds) or (settled and bounds != self._reach):
            self.prepareGeometryChange()
            slack = 0.0 if settled else _SLACK
            self._reach = bounds.adjusted(
                -slack * bounds.width(), -slack * bounds.height(), slack * bounds.width(), slack * bounds.height()
            )
        self._bounds = bounds
        self._points = points
        self._outlines.clear()
        if changed is None:
            self.update()
        else:
            self.update(self._stage.padded(changed, HANDLE_MARGIN))

    def _outline(self, projection: Projection) -> Outline:
        """Return the outline in view pixels without the view's shift, so that a pan reuses it."""
        outline = self._outlines.get(projection.linear)
        if outline is None:
            points = thinned(projection.vectors(self._points))
            outline = Outline(points, to_qt(points))
            while len(self._outlines) >= _KEPT_OUTLINES:
                del self._outlines[next(iter(self._outlines))]
            self._outlines[projection.linear] = outline
        return outline

    def _geometry(self) -> shapely.Geometry:
        """Return the shape itself, not its preview, prepared for many questions."""
        if self._solid is None:
            self._solid = self.drawn.shape.polygon.geometry
            shapely.prepare(self._solid)
        return self._solid


def depth_of(drawn: DrawnShape, marked: bool, place: int) -> float:
    """Return the height at which a shape is drawn: normals below findings, what is selected on top, then by place."""
    return math.fsum((2.0 * marked, 1.0 * (drawn.kind is not None), 1e-6 * place))


def _stroke(painter: QPainter, pen: QPen, outline: Outline, runs: tuple[QPolygonF, ...] | None) -> None:
    """Draw a line along parts of an outline; a dashed one along all of it, for each part would begin a dash anew."""
    painter.setPen(pen)
    if runs is None or pen.style() != Qt.PenStyle.SolidLine:
        painter.drawPolygon(outline.ring)
        return
    for run in runs:
        painter.drawPolyline(run)


def _changed(before: FloatArray, after: FloatArray) -> QRectF | None:
    """Return the part of the film where two outlines differ; None where that is most of them."""
    if len(before) != len(after):
        return None
    moved = np.flatnonzero((before != after).any(axis=1))
    if len(moved) > len(before) / 4:
        return None
    if len(moved) == 0:
        return QRectF()
    near = np.unique(np.concatenate([moved - 1, moved, moved + 1]) % len(before))
    return bounds_of(np.concatenate([before[near], after[near]]))
