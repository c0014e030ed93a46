"""Polygons that are valid by construction, and the one rule by which broken ones are repaired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Polygon:
    """A simple polygon without holes: `points` (N, 2) float64 pixels, N >= 3, read-only, not closed.

    Raises ValueError at birth for fewer than three points, points that aren't finite, no area, or an outline that
    crosses or touches itself; `repair_polygon` mends what can be mended.
    """

    points: FloatArray

    def __post_init__(self) -> None:
        """Copy, freeze and validate the points."""
        points = _as_points(self.points)
        problem = polygon_problem(points)
        if problem is not None:
            raise ValueError(problem)
        points.setflags(write=False)
        object.__setattr__(self, "points", points)

    def __eq__(self, other: object) -> bool:
        """Equal by value: same points in the same order."""
        if not isinstance(other, Polygon):
            return NotImplemented
        return np.array_equal(self.points, other.points)

    def __hash__(self) -> int:
        """Hash by value."""
        return hash(self.points.tobytes())

    def __len__(self) -> int:
        """Count the vertices."""
        return len(self.points)

    @property
    def geometry(self) -> shapely.Polygon:
        """Return the polygon as shapely knows it."""
        return shapely.Polygon(self.points)

    @property
    def area(self) -> float:
        """Return the area in square pixels."""
        return abs(signed_area(self.points))

    @property
    def centroid(self) -> tuple[float, float]:
        """Return the centre of gravity (x, y) in pixels."""
        centre = self.geometry.centroid
        return (float(centre.x), float(centre.y))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return (x_min, y_min, x_max, y_max) in pixels."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    def transformed(self, matrix: ArrayLike) -> Polygon:
        """Apply a (2, 3) affine matrix to every vertex; raises ValueError if the result has no area."""
        affine = np.asarray(matrix, dtype=np.float64)
        return Polygon(self.points @ affine[:, :2].T + affine[:, 2])


@dataclass(frozen=True, slots=True)
class Repair:
    """What `repair_polygon` made, and a sentence for the user; `note` is empty where nothing had to be done."""

    polygon: Polygon
    note: str


def polygon_problem(points: FloatArray) -> str | None:
    """Say what keeps `points` (N, 2) from being a polygon, or None if nothing does."""
    if len(points) < 3:
        return f"a polygon needs at least 3 points, got {len(points)}"
    if not np.isfinite(points).all():
        return "polygon points must be finite numbers, got NaN or infinity"
    geometry = shapely.Polygon(points)
    if geometry.area <= 0:
        return "the polygon has no area: its points lie on one line"
    if not geometry.is_valid:
        return f"the outline crosses or touches itself ({shapely.is_valid_reason(geometry)})"
    return None


def repair_polygon(points: ArrayLike) -> Repair:
    """Make a polygon of `points` (N, 2) by the one documented rule, and say what was done.

    Repeated neighbouring vertices are dropped; an outline that crosses itself is cut at its crossings and the
    largest part is kept. Refused, with ValueError: points that aren't finite, fewer than three distinct points,
    no area.
    """
    raw = _as_points(points)
    if not np.isfinite(raw).all():
        raise ValueError("polygon points must be finite numbers, got NaN or infinity")
    if polygon_problem(raw) is None:
        return Repair(Polygon(raw), "")
    kept = raw[np.any(raw != np.roll(raw, 1, axis=0), axis=1)]
    problem = polygon_problem(kept)
    if problem is None:
        return Repair(Polygon(kept), f"dropped {len(raw) - len(kept)} repeated vertices")
    if len(kept) < 3:
        raise ValueError(f"a polygon needs at least 3 distinct points, got {len(kept)}")
    parts = _polygon_parts(shapely.make_valid(shapely.Polygon(kept)))
    if not parts:
        raise ValueError("the polygon has no area: its points lie on one line")
    largest = max(parts, key=lambda part: float(part.area))
    ring = np.asarray(shapely.Polygon(largest.exterior).exterior.coords, dtype=np.float64)[:-1]
    lost = 1 - largest.area / sum(part.area for part in parts)
    return Repair(Polygon(ring), f"the outline crossed itself; kept the largest part ({lost:.0%} of the area dropped)")


def polygon_iou(first: Polygon, second: Polygon) -> float:
    """Return the exact intersection over union, 0 to 1, of two polygons."""
    return union_iou([first], [second])


def union_iou(first: Sequence[Polygon], second: Sequence[Polygon]) -> float:
    """Return the IoU of the union of `first` against the union of `second`; 0.0 if both are empty."""
    one = shapely.union_all([polygon.geometry for polygon in first])
    two = shapely.union_all([polygon.geometry for polygon in second])
    union = float(one.union(two).area)
    return float(one.intersection(two).area) / union if union > 0 else 0.0


def polygon_dice(first: Polygon, second: Polygon) -> float:
    """Return the exact Dice coefficient, 0 to 1, of two polygons."""
    iou = polygon_iou(first, second)
    return 2 * iou / (1 + iou)


def signed_area(points: FloatArray) -> float:
    """Return the shoelace area of `points` (N, 2) in square pixels; positive where x to y is the turning sense."""
    shifted = points - points[0]
    x, y = shifted[:, 0], shifted[:, 1]
    return float(0.5 * (np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))


def _as_points(points: ArrayLike) -> FloatArray:
    array = np.array(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"polygon points must have the shape (N, 2), got {array.shape}")
    return array


def _polygon_parts(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    # Twice: mending can leave lines beside a MultiPolygon, one collection within another.
    parts = shapely.get_parts(shapely.get_parts(geometry)).tolist()
    return [part for part in parts if isinstance(part, shapely.Polygon) and part.area > 0]
