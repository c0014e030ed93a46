"""New outlines from old ones.

A polygon has no holes and one part. Where geometry wants otherwise, adding (merge, brush) fills holes and refuses parts
that don't touch; taking away (brush) keeps the largest part, as `repair_polygon` does, and refuses a hole. Lengths are
pixels of the film. Every refusal is a ValueError that says why.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
import shapely.ops
from numpy.typing import ArrayLike

from engine.domain.polygon import FloatArray, Polygon

CRUMBS = 0.02
"""Share of what is left of a shape that an erasing brush may drop beside it."""


def merged(polygons: Sequence[Polygon]) -> Polygon:
    """Return the union of polygons that overlap or share an edge; a hole between them is filled."""
    parts = _parts(shapely.union_all([polygon.geometry for polygon in polygons]))
    if len(parts) != 1:
        raise ValueError(f"these shapes don't touch each other: together they have {len(parts)} parts")
    return _outer(parts[0])


def cut_apart(polygon: Polygon, start: ArrayLike, end: ArrayLike) -> tuple[Polygon, ...]:
    """Return the pieces, largest first, that the straight line from `start` to `end` (x, y) cuts a polygon into."""
    line = shapely.LineString([_point(start), _point(end)])
    parts = _parts(shapely.ops.split(polygon.geometry, line))
    if len(parts) < 2:
        raise ValueError("the line doesn't cut the shape in two: it must begin and end outside of it")
    return tuple(_outer(part) for part in sorted(parts, key=lambda part: float(part.area), reverse=True))


def with_brush(polygon: Polygon, path: ArrayLike, radius: float) -> Polygon:
    """Return the polygon and what a round brush of `radius` px covers along `path` (N >= 1, 2)."""
    parts = _parts(polygon.geometry.union(_stroke(path, radius)))
    if len(parts) != 1:
        raise ValueError("the brush doesn't touch the shape: start on it, or draw a new shape")
    return _outer(parts[0])


def without_brush(polygon: Polygon, path: ArrayLike, radius: float) -> Polygon:
    """Return the polygon without what a round brush of `radius` px covers along `path` (N >= 1, 2).

    Crumbs that it leaves beside the largest part are dropped; raises ValueError where more would be lost.
    """
    parts = _parts(polygon.geometry.difference(_stroke(path, radius)))
    if not parts:
        raise ValueError("nothing of the shape would be left: delete it instead")
    largest = max(parts, key=lambda part: float(part.area))
    rest = sum(float(part.area) for part in parts) - float(largest.area)
    if rest > CRUMBS * float(largest.area):
        raise ValueError("the brush would cut the shape apart and keep one part of it: use the tool Cut (X) for that")
    if len(largest.interiors) > 0:
        raise ValueError("the brush would leave a hole in the shape: start outside of it")
    return _outer(largest)


def smoothed(polygon: Polygon, radius: float) -> Polygon:
    """Return the outline after a Gaussian of `radius` px (its standard deviation) along it, at the same area."""
    _check_length(radius, "a smoothing radius")
    perimeter = float(polygon.geometry.length)
    count = int(np.clip(4 * perimeter / radius, 64, 4096))
    closed = np.vstack([polygon.points, polygon.points[:1]])
    arc = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1)))
    at = np.linspace(0, arc[-1], count, endpoint=False)
    ring = np.interp(at, arc, closed[:, 0] + 1j * closed[:, 1])
    waves = np.fft.fftfreq(count, perimeter / count)
    soft = np.fft.ifft(np.fft.fft(ring) * np.exp(-0.5 * (2 * math.pi * waves * radius) ** 2))
    points = np.stack([soft.real, soft.imag], axis=1)
    centre = points.mean(axis=0)
    shrunk = _polygon(points, "smoothing")
    points = centre + (points - centre) * math.sqrt(polygon.area / shrunk.area)
    return simplified(_polygon(points, "smoothing"), 0.02 * radius)


def simplified(polygon: Polygon, tolerance: float) -> Polygon:
    """Return the outline with vertices left out where that moves it by at most `tolerance` px (Douglas-Peucker)."""
    _check_length(tolerance, "a tolerance")
    parts = _parts(shapely.simplify(polygon.geometry, tolerance, preserve_topology=True))
    if len(parts) != 1:
        raise ValueError(f"nothing of the shape would be left at a tolerance of {tolerance:g} px")
    return _outer(parts[0])


def _stroke(path: ArrayLike, radius: float) -> shapely.Geometry:
    _check_length(radius, "a brush radius")
    points = np.asarray(path, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0 or not np.isfinite(points).all():
        raise ValueError(f"a brush path must be finite points of the shape (N, 2), N >= 1, got {points.shape}")
    line = shapely.Point(points[0]) if len(points) == 1 else shapely.LineString(points)
    return line.buffer(radius)


def _point(xy: ArrayLike) -> FloatArray:
    point = np.asarray(xy, dtype=np.float64)
    if point.shape != (2,) or not np.isfinite(point).all():
        raise ValueError(f"a point must be two finite numbers (x, y), got {point.tolist()}")
    return point


def _check_length(length: float, what: str) -> None:
    if not (math.isfinite(length) and length > 0):
        raise ValueError(f"{what} must be greater than 0 px, got {length}")


def _polygon(points: FloatArray, what: str) -> Polygon:
    try:
        return Polygon(points)
    except ValueError as error:
        raise ValueError(f"{what} would break the outline: {error}") from error


def _parts(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    parts = shapely.get_parts(geometry).tolist()
    return [part for part in parts if isinstance(part, shapely.Polygon) and part.area > 0]


def _outer(part: shapely.Polygon) -> Polygon:
    return Polygon(np.asarray(part.exterior.coords, dtype=np.float64)[:-1])
