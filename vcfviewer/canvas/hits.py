"""What lies at a place of the film: shapes under the pointer, shapes in a rectangle, vertices to snap to."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from PySide6.QtCore import QRectF

from engine.domain.polygon import FloatArray
from vcfviewer.canvas.handles import nearest
from vcfviewer.canvas.items import ShapeItem

SNAP = 8.0
"""View pixels within which a vertex of another shape attracts the pointer."""

NEAR = 4.0
"""View pixels outside an outline that still count as the shape, where no shape is hit."""


def shapes_at(items: Iterable[ShapeItem], x: float, y: float, scale: float) -> tuple[ShapeItem, ...]:
    """Return the shapes at a point of the film, the smallest first, of equal ones the upper first.

    Where none holds the point, those whose outline is near.
    """
    shown = tuple(item for item in items if item.isVisible())
    hit = [item for item in shown if item.holds(x, y)] or [item for item in shown if item.holds(x, y, NEAR / scale)]
    return tuple(sorted(hit, key=lambda item: (item.area, -item.zValue())))


def shapes_in(items: Iterable[ShapeItem], rect: QRectF) -> tuple[ShapeItem, ...]:
    """Return the shapes that overlap a rectangle of the film."""
    return tuple(item for item in items if item.isVisible() and item.meets(rect))


def snapped(
    items: Iterable[ShapeItem], x: float, y: float, scale: float, without: Collection[str] = ()
) -> tuple[float, float] | None:
    """Return the vertex nearest to a point of the film within reach, of any shape but those in `without`."""
    reach = SNAP / scale
    around = QRectF(x - reach, y - reach, 2 * reach, 2 * reach)
    near: list[FloatArray] = []
    for item in items:
        bounds = item.film_bounds.adjusted(-reach, -reach, reach, reach)
        if item.isVisible() and item.drawn.shape.id not in without and bounds.intersects(around):
            near.append(item.points)
    if not near:
        return None
    places = np.concatenate(near)
    found = nearest(places, x, y, reach)
    return None if found is None else (float(places[found][0]), float(places[found][1]))


def kept_inside(points: FloatArray, film: QRectF) -> FloatArray:
    """Return points (N, 2) or (2,), those beside the film moved to its edge."""
    if film.isEmpty():
        return points
    inside: FloatArray = np.clip(points, (film.left(), film.top()), (film.right(), film.bottom()))
    return inside
