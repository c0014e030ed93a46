"""What is drawn over the shapes for a while: rubber lines, brushes, measures, six points. Places are film pixels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath

from vcfviewer.canvas.captions import HALO, caption_font
from vcfviewer.canvas.palette import Ink, Palette, line_pen
from vcfviewer.canvas.projection import Projection, to_qt

Point = tuple[float, float]
"""A place (x, y) on the film."""


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline. `brush` is a width in film pixels, drawn translucent; 0: a thin line, without halo where `faint`."""

    points: tuple[Point, ...]
    ink: Ink = Ink.GUIDE
    closed: bool = False
    dashed: bool = False
    brush: float = 0.0
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle of `radius` film pixels."""

    center: Point
    radius: float
    ink: Ink = Ink.GUIDE


@dataclass(frozen=True, slots=True)
class Dot:
    """A round mark of `size` view pixels across, with a name beside it if there is one."""

    at: Point
    ink: Ink = Ink.GUIDE
    size: float = 7.0
    name: str = ""
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A text with a halo, beside a place."""

    at: Point
    text: str
    ink: Ink = Ink.MEASURE


@dataclass(frozen=True, slots=True)
class Sketch:
    """Lines, rings, dots and notes, drawn in this order."""

    lines: tuple[Line, ...] = ()
    rings: tuple[Ring, ...] = ()
    dots: tuple[Dot, ...] = ()
    notes: tuple[Note, ...] = ()

    def film_bounds(self, scale: float) -> QRectF:
        """Return the rectangle of the film that is painted at `scale` view pixels a film pixel."""
        bounds = QRectF()
        for line in (line for line in self.lines if line.points):
            bounds = bounds.united(_around(line.points, line.brush / 2 + 4 / scale))
        for ring in self.rings:
            bounds = bounds.united(_around((ring.center,), ring.radius + 4 / scale))
        for dot in self.dots:
            bounds = bounds.united(_around((dot.at,), (dot.size + 4 + 14 * len(dot.name)) / scale))
        for note in self.notes:
            width = QFontMetricsF(caption_font(True)).horizontalAdvance(note.text)
            bounds = bounds.united(_around((note.at,), (width + 40) / scale))
        return bounds


def paint_sketches(painter: QPainter, projection: Projection, sketches: Iterable[Sketch], palette: Palette) -> None:
    """Paint in view pixels: the painter's transformation is off. Every line has a dark halo, to be seen on bone."""
    halo = QColor(palette.halo)
    for sketch in sketches:
        for line in sketch.lines:
            _paint_line(painter, projection, line, halo)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ring in sketch.rings:
            radius = ring.radius * projection.scale
            for colour, width in ((halo, 3.0), (ring.ink.colour, 1.5)):
                painter.setPen(line_pen(colour, width))
                painter.drawEllipse(QPointF(*projection.point(*ring.center)), radius, radius)
        for dot in sketch.dots:
            _paint_dot(painter, projection, dot, halo)
        for note in sketch.notes:
            paint_text(painter, QPointF(*projection.point(*note.at)) + QPointF(10, -8), note.text, note.ink, halo)


def paint_text(painter: QPainter, at: QPointF, text: str, ink: Ink, halo: QColor) -> None:
    """Paint a text with a halo; `at` is the left end of its base line in view pixels."""
    letters = QPainterPath()
    letters.addText(at, caption_font(False), text)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(line_pen(halo, HALO))
    painter.drawPath(letters)
    painter.fillPath(letters, ink.colour)


def _paint_line(painter: QPainter, projection: Projection, line: Line, halo: QColor) -> None:
    if not line.points:
        return
    polyline = to_qt(projection.points(np.array(line.points)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if line.brush > 0:
        broad = line.ink.colour
        broad.setAlpha(70)
        painter.setPen(line_pen(broad, line.brush * projection.scale))
        painter.drawPoint(polyline.first()) if len(line.points) == 1 else painter.drawPolyline(polyline)
        return
    style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
    if line.faint:
        painter.setPen(line_pen(line.ink.colour, 1.0, style))
        painter.drawPolyline(polyline)
        return
    for colour, width, pen_style in ((halo, 3.5, Qt.PenStyle.SolidLine), (line.ink.colour, 1.5, style)):
        painter.setPen(line_pen(colour, width, pen_style))
        painter.drawPolygon(polyline) if line.closed else painter.drawPolyline(polyline)


def _paint_dot(painter: QPainter, projection: Projection, dot: Dot, halo: QColor) -> None:
    at = QPointF(*projection.point(*dot.at))
    painter.setPen(line_pen(halo, 3.0))
    painter.setBrush(Qt.BrushStyle.NoBrush if dot.hollow else dot.ink.colour)
    painter.drawEllipse(at, dot.size / 2, dot.size / 2)
    painter.setPen(line_pen(dot.ink.colour, 1.5))
    painter.drawEllipse(at, dot.size / 2, dot.size / 2)
    if dot.name:
        paint_text(painter, at + QPointF(dot.size, -dot.size), dot.name, dot.ink, halo)


def _around(points: Iterable[Point], margin: float) -> QRectF:
    xs, ys = zip(*points, strict=True)
    return QRectF(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)).adjusted(-margin, -margin, margin, margin)
