"""From film pixels to the pixels of a view, for whole arrays at once.

Everything on a film is drawn in view pixels, with the painter's own transformation off: pens, hatches, handles and
texts then have one size at any zoom, and an outline of thousands of vertices is thinned to what the screen can show.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from PySide6.QtCore import QByteArray, QDataStream, QRectF
from PySide6.QtGui import QPolygonF, QTransform

from engine.domain.polygon import FloatArray

THINNED_BY = 0.25
"""View pixels by which a thinned outline may leave the true one: less than antialiasing shows."""

_THINNED_FROM = 64


@dataclass(frozen=True, slots=True)
class Projection:
    """An affine map: view = film @ [[m11, m12], [m21, m22]] + (dx, dy), as QTransform names its elements."""

    m11: float = 1.0
    m12: float = 0.0
    m21: float = 0.0
    m22: float = 1.0
    dx: float = 0.0
    dy: float = 0.0

    @classmethod
    def of(cls, transform: QTransform) -> Projection:
        """Take the affine part of a painter's or a view's transformation."""
        return cls(transform.m11(), transform.m12(), transform.m21(), transform.m22(), transform.dx(), transform.dy())

    @property
    def scale(self) -> float:
        """Return view pixels a film pixel."""
        return math.sqrt(abs(self.m11 * self.m22 - self.m12 * self.m21)) or 1.0

    @property
    def linear(self) -> tuple[float, float, float, float]:
        """Return the map without its shift: what a pan leaves as it is."""
        return (self.m11, self.m12, self.m21, self.m22)

    @property
    def transform(self) -> QTransform:
        """Return the map as Qt knows it."""
        return QTransform(self.m11, self.m12, self.m21, self.m22, self.dx, self.dy)

    def points(self, film: FloatArray) -> FloatArray:
        """Map (N, 2) film pixels to (N, 2) view pixels."""
        mapped: FloatArray = self.vectors(film) + np.array((self.dx, self.dy))
        return mapped

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Map one film point to view pixels."""
        return (x * self.m11 + y * self.m21 + self.dx, x * self.m12 + y * self.m22 + self.dy)

    def vectors(self, film: FloatArray) -> FloatArray:
        """Map (N, 2) distances in film pixels to distances in view pixels."""
        mapped: FloatArray = film @ np.array([[self.m11, self.m12], [self.m21, self.m22]])
        return mapped

    def film_vector(self, dx: float, dy: float) -> tuple[float, float]:
        """Map a distance on the screen, in view pixels, back to film pixels."""
        determinant = self.m11 * self.m22 - self.m12 * self.m21 or 1.0
        return ((dx * self.m22 - dy * self.m21) / determinant, (dy * self.m11 - dx * self.m12) / determinant)

    def rect(self, film: QRectF) -> QRectF:
        """Return the rectangle of the view that holds a rectangle of the film."""
        return self.transform.mapRect(film)


def thinned(points: FloatArray, closed: bool = True) -> FloatArray:
    """Leave out vertices of (N, 2) view pixels that nobody could see, a quarter of a pixel at most off the outline."""
    if len(points) < _THINNED_FROM:
        return points
    ring = np.vstack([points, points[:1]]) if closed else points
    kept = shapely.get_coordinates(shapely.simplify(shapely.linestrings(ring), THINNED_BY, preserve_topology=False))
    return kept[:-1] if closed else kept


def to_qt(points: FloatArray) -> QPolygonF:
    """Return (N, 2) points as Qt's polygon; ten times as fast as point by point, through Qt's own stream format."""
    raw = len(points).to_bytes(4, "big") + np.ascontiguousarray(points, dtype=">f8").tobytes()
    polygon = QPolygonF()
    stream = QDataStream(QByteArray(raw))
    stream >> polygon
    return polygon


def bounds_of(points: FloatArray) -> QRectF:
    """Return the rectangle that holds (N >= 1, 2) points."""
    low, high = points.min(axis=0), points.max(axis=0)
    return QRectF(low[0], low[1], high[0] - low[0], high[1] - low[1])
