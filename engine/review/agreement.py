"""How well two outlines agree: overlap, and the distance between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from engine.domain.polygon import FloatArray, Polygon, polygon_iou
from engine.domain.six_points import Spacing, scaled

SAMPLES = 256
"""Points on an outline from which distances are taken: every 1.5 px on a body 120 px wide."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two outlines agree: IoU and Dice 0 to 1, the boundary's distance in pixels and, if known, in mm."""

    iou: float
    dice: float
    boundary_distance: float
    boundary_mm: float | None


def agreement(first: Polygon, second: Polygon, spacing: Spacing | None = None) -> Agreement:
    """Return how well two outlines agree; `spacing` is mm (row, column). Overlap is exact, the boundary sampled."""
    iou = min(polygon_iou(first, second), 1.0)
    pixels = boundary_distance(first, second)
    return Agreement(iou, dice_of(iou), pixels, _in_mm(first, second, spacing, pixels))


def dice_of(iou: float) -> float:
    """Return the Dice coefficient of two regions with this IoU."""
    return 2 * iou / (1 + iou)


def boundary_distance(first: Polygon, second: Polygon, spacing: Spacing | None = None) -> float:
    """Return the mean symmetric distance of two outlines, in pixels, or in mm with a spacing (row, column).

    The mean of two means: the distance from 256 points, evenly spaced on one outline, to the nearest point of the
    other, and the other way round.
    """
    one, two = scaled(first.points, spacing), scaled(second.points, spacing)
    return (_mean_distance(one, two) + _mean_distance(two, one)) / 2


def _mean_distance(outline: FloatArray, other: FloatArray) -> float:
    return float(shapely.distance(shapely.points(_along(outline)), shapely.linearrings(other)).mean())


def _along(outline: FloatArray) -> FloatArray:
    """Return (SAMPLES, 2) points, evenly spaced along a closed outline (N, 2)."""
    closed = np.vstack([outline, outline[:1]])
    arc = np.append(0.0, np.cumsum(np.hypot(*np.diff(closed, axis=0).T)))
    at = np.linspace(0.0, arc[-1], SAMPLES, endpoint=False)
    return np.stack([np.interp(at, arc, closed[:, 0]), np.interp(at, arc, closed[:, 1])], axis=1)


def _in_mm(first: Polygon, second: Polygon, spacing: Spacing | None, pixels: float) -> float | None:
    if spacing is None:
        return None
    return pixels * spacing[0] if spacing[0] == spacing[1] else boundary_distance(first, second, spacing)
