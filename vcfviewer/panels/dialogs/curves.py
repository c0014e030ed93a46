"""A small plot of curves that grow while a training runs: axes, ticks, units, a legend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from vcfviewer.theme import DARK, colours

LINES = (
    ("#56B4E9", Qt.PenStyle.SolidLine),
    ("#E69F00", Qt.PenStyle.DashLine),
    ("#CC79A7", Qt.PenStyle.DotLine),
    ("#F0E442", Qt.PenStyle.DashDotLine),
)
"""Colour (Okabe and Ito 2008) and dash of each curve, so that no curve is told by colour alone."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 24, 32, 40


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: its name in the legend, and its points (x, y) with x rising; values that are no number are gaps."""

    name: str
    points: tuple[tuple[float, float], ...]


def line_colour(colour: str, palette: QPalette) -> QColor:
    """Return a curve's colour as it is seen on a theme's ground: darker on a light one."""
    return QColor(colour) if colours(palette) is DARK else QColor(colour).darker(160)


def nice_ticks(low: float, high: float, about: int = 5) -> tuple[float, ...]:
    """Return round numbers from at most `low` to at least `high`: steps of 1, 2 or 5 times a power of ten."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return (low, low + 1.0) if math.isfinite(low) else (0.0, 1.0)
    raw = span / max(1, about)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw * 0.999999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(at * step, 12) for at in range(first, last + 1))


def unbroken(points: Sequence[tuple[float, float]]) -> Iterator[tuple[tuple[float, float], ...]]:
    """Return the stretches of points between values that are no number."""
    run: list[tuple[float, float]] = []
    for x, y in points:
        if math.isfinite(y):
            run.append((x, y))
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def thinned(points: Sequence[tuple[float, float]], columns: int) -> tuple[tuple[float, float], ...]:
    """Return at most four points a column of pixels, first, least, greatest, last, which draw the same line."""
    if len(points) <= 4 * columns:
        return tuple(points)
    size = math.ceil(len(points) / columns)
    kept: list[tuple[float, float]] = []
    for start in range(0, len(points), size):
        part = range(start, min(start + size, len(points)))
        chosen = {part[0], min(part, key=lambda at: points[at][1]), max(part, key=lambda at: points[at][1]), part[-1]}
        kept += [points[at] for at in sorted(chosen)]
    return tuple(kept)


class CurvesView(QWidget):
    """One plot; its last values are read out by a screen reader too."""

    def __init__(
        self, title: str, x_axis: str, y_axis: str, y_range: tuple[float, float] | None = None, nothing: str = ""
    ) -> None:
        """Name plot and axes, units included; `y_range` fixes the y axis; `nothing` stands while it is empty."""
        super().__init__()
        self._title, self._x_axis, self._y_axis = title, x_axis, y_axis
        self._y_range = y_range
        self._nothing = nothing
        self._curves: tuple[Curve, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 150)
        self.setAccessibleName(title)
        self.set_curves(())

    def sizeHint(self) -> QSize:
        """Return a size at which ticks and legend fit."""
        return QSize(360, 220)

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Show other curves, at most one for each of `LINES`; raises ValueError for more."""
        if len(curves) > len(LINES):
            raise ValueError(f"a plot shows at most {len(LINES)} curves, got {len(curves)}")
        self._curves = tuple(curves)
        last = [f"{one.name} {one.points[-1][1]:.3g} ({one.points[-1][0]:g})" for one in self._curves if one.points]
        self.setAccessibleDescription("; ".join(last) or self._nothing)
        self.setToolTip("\n".join(last))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw axes, curves and legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = colours(self.palette())
        painter.fillRect(self.rect(), QColor(shown.base))
        area = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        painter.setPen(QColor(shown.text))
        painter.drawText(QRectF(8, 2, self.width() - 16, _TOP - 4), Qt.AlignmentFlag.AlignVCenter, self._title)
        stretches = [list(unbroken(one.points)) for one in self._curves]
        points = [point for runs in stretches for run in runs for point in run]
        if not points:
            painter.setPen(QColor(shown.muted))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()).adjusted(12, _TOP, -12, -8), flags, self._nothing)
            return
        xs = nice_ticks(min(x for x, _ in points), max(x for x, _ in points), max(2, int(area.width() // 90)))
        ys = nice_ticks(*self._y_span([y for _, y in points]), max(2, int(area.height() // 36)))
        self._draw_axes(painter, area, xs, ys)
        self._draw_curves(painter, area, stretches, QRectF(xs[0], ys[0], xs[-1] - xs[0], ys[-1] - ys[0]))
        self._draw_legend(painter, area)

    def _y_span(self, values: Sequence[float]) -> tuple[float, float]:
        if self._y_range is not None:
            return self._y_range
        return (min(0.0, *values, 0.0), max(*values, 0.0)) if len(values) > 1 else (0.0, max(values[0], 0.0))

    def _draw_axes(self, painter: QPainter, area: QRectF, xs: Sequence[float], ys: Sequence[float]) -> None:
        shown = colours(self.palette())
        grid, ink = QPen(QColor(shown.raised), 1), QColor(shown.muted)
        for value in ys:
            y = area.bottom() - area.height() * (value - ys[0]) / (ys[-1] - ys[0])
            painter.setPen(grid)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(ink)
            box = QRectF(0, y - 9, area.left() - 5, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:g}")
        for value in xs:
            x = area.left() + area.width() * (value - xs[0]) / (xs[-1] - xs[0])
            painter.setPen(grid)
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(ink)
            painter.drawText(QRectF(x - 40, area.bottom() + 3, 80, 16), Qt.AlignmentFlag.AlignHCenter, f"{value:g}")
        painter.setPen(QPen(QColor(shown.border), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())
        painter.setPen(ink)
        under = QRectF(area.left(), area.bottom() + 19, area.width(), 18)
        painter.drawText(under, Qt.AlignmentFlag.AlignRight, self._x_axis)
        painter.save()
        painter.translate(13, area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-area.height() / 2, -10, area.height(), 18), Qt.AlignmentFlag.AlignCenter, self._y_axis)
        painter.restore()

    def _draw_curves(
        self,
        painter: QPainter,
        area: QRectF,
        stretches: Sequence[Sequence[tuple[tuple[float, float], ...]]],
        shown: QRectF,
    ) -> None:
        painter.save()
        painter.setClipRect(area.adjusted(-2, -2, 2, 2))
        for runs, (name, dash) in zip(stretches, LINES, strict=False):
            colour = line_colour(name, self.palette())
            for run in runs:
                line = QPolygonF()
                for x, y in thinned(run, max(1, int(area.width()))):
                    across = area.left() + area.width() * (x - shown.x()) / shown.width()
                    line.append(QPointF(across, area.bottom() - area.height() * (y - shown.y()) / shown.height()))
                painter.setPen(QPen(colour, 1.6, dash))
                if line.size() == 1:
                    painter.setBrush(colour)
                    painter.drawEllipse(line.first(), 2.5, 2.5)
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                else:
                    painter.drawPolyline(line)
        painter.restore()

    def _draw_legend(self, painter: QPainter, area: QRectF) -> None:
        if len(self._curves) < 2:
            return
        metrics = QFontMetricsF(self.font())
        right = area.right()
        for curve, (colour, dash) in reversed(list(zip(self._curves, LINES, strict=False))):
            width = metrics.horizontalAdvance(curve.name)
            painter.setPen(QColor(colours(self.palette()).text))
            painter.drawText(QRectF(right - width, 4, width + 1, _TOP - 8), Qt.AlignmentFlag.AlignVCenter, curve.name)
            painter.setPen(QPen(line_colour(colour, self.palette()), 2, dash))
            painter.drawLine(QPointF(right - width - 26, _TOP / 2), QPointF(right - width - 5, _TOP / 2))
            right -= width + 40
