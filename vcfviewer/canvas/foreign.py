"""Shapes that this program doesn't edit: labelme's circles, points, lines, rectangles and masks, as labelme means them.

A record may hold anything: what can't be drawn as it says it is is left out, never guessed.
"""

from __future__ import annotations

import base64
import binascii
import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.domain.annotation import ForeignShape
from engine.domain.polygon import FloatArray
from vcfviewer.canvas.items import Stage
from vcfviewer.canvas.palette import line_pen
from vcfviewer.canvas.projection import Projection, bounds_of, to_qt

DOT = 4.0
"""View pixels from the middle to the edge of a point's mark."""

_LARGEST_MASK = 16_384
_OPEN = ("line", "linestrip")
_BOXES = ("rectangle", "mask")


class ForeignItem(QGraphicsItem):
    """One foreign shape, dotted and grey, read-only."""

    def __init__(self, foreign: ForeignShape, points: FloatArray, stage: Stage) -> None:
        super().__init__()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.foreign = foreign
        self.kind = kind_of(foreign)
        self._stage = stage
        self._points = points
        self._mask = _mask_image(foreign, QColor(stage.palette.neutral)) if self.kind == "mask" else None
        self.film_bounds = self._film_bounds()

    @property
    def label(self) -> str:
        """Return the label in the file."""
        return str(self.foreign.record.get("label", ""))

    def boundingRect(self) -> QRectF:  # the name is Qt's
        """Return what may be painted, in film pixels."""
        return self._stage.padded(self.film_bounds, DOT + 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint in view pixels; a mask's pixels are painted as the film's are."""
        projection = Projection.of(painter.worldTransform())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.8)
        if self._mask is not None:
            painter.drawImage(self.film_bounds, self._mask)
        painter.setWorldTransform(QTransform())
        painter.setPen(line_pen(QColor(self._stage.palette.neutral), 1.5, Qt.PenStyle.DotLine))
        painter.drawPath(self._path(projection))
        painter.restore()

    def _film_bounds(self) -> QRectF:
        if self.kind == "circle":
            radius = math.dist(*self._points)
            x, y = self._points[0]
            return QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
        # labelme's mask covers both of its corner pixels.
        return bounds_of(self._points).adjusted(0, 0, self.kind == "mask", self.kind == "mask")

    def _path(self, projection: Projection) -> QPainterPath:
        path = QPainterPath()
        if self.kind in ("point", "points"):
            for x, y in projection.points(self._points).tolist():
                path.addEllipse(QPointF(x, y), DOT, DOT)
        elif self.kind == "circle":
            path.addEllipse(self.film_bounds)
            path = projection.transform.map(path)
        elif self.kind in _BOXES:
            path.addRect(self.film_bounds)
            path = projection.transform.map(path)
        else:
            path.addPolygon(to_qt(projection.points(self._points)))
            if self.kind not in _OPEN:
                path.closeSubpath()
        return path


def foreign_item(foreign: ForeignShape, stage: Stage) -> ForeignItem | None:
    """Return the item of a foreign shape, or None where its record doesn't say what to draw."""
    points = _points_of(foreign.record.get("points"))
    if points is None:
        return None
    if kind_of(foreign) in ("circle", "line", *_BOXES) and len(points) < 2:
        return None
    if kind_of(foreign) == "circle":
        points = points[:2]
    return ForeignItem(foreign, points, stage)


def kind_of(foreign: ForeignShape) -> str:
    """Return labelme's shape type; a polygon that couldn't be read as one is a "polygon" too."""
    kind = foreign.record.get("shape_type")
    return kind if isinstance(kind, str) else "polygon"


def _points_of(raw: object) -> FloatArray | None:
    try:
        points = np.array(raw, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    fits = points.ndim == 2 and points.shape[1:] == (2,) and len(points) > 0 and bool(np.isfinite(points).all())
    return points if fits and bool((np.abs(points) < 1e7).all()) else None


def _mask_image(foreign: ForeignShape, colour: QColor) -> QImage | None:
    """Return labelme's base64 PNG as a translucent image in one colour; None where it can't be read."""
    raw = foreign.record.get("mask")
    if not isinstance(raw, str):
        return None
    try:
        image = QImage.fromData(base64.b64decode(raw, validate=True))
    except (binascii.Error, ValueError):
        return None
    if image.isNull() or max(image.width(), image.height()) > _LARGEST_MASK:
        return None
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    alpha = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())[:, : grey.width()]
    # labelme writes masks as 1-bit PNG, others as 0 and 1: whatever isn't 0 belongs to the mask.
    cover = np.ascontiguousarray(np.where(alpha > 0, 90, 0).astype(np.uint8))
    height, width = cover.shape
    tinted = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    tinted.fill(colour)
    tinted.setAlphaChannel(QImage(cover.data, width, height, width, QImage.Format.Format_Alpha8))
    return tinted
