"""How well matched fractures are outlined and named: overlap, distance, heights, level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from engine.domain.annotation import Shape
from engine.domain.labels import FRACTURE_LEVELS
from engine.domain.matching import Match
from engine.domain.morphometry import Facing, measure
from engine.domain.polygon import Polygon

Float = NDArray[np.float64]

STEP = 0.25
"""Outlines are sampled this densely, px, before distances are taken."""
TOLERANCE = 0.01
"""The tolerance of the surface Dice, as a share of the film's height (science: 1 % of the film, or 1 mm)."""


@dataclass(frozen=True, slots=True)
class PairFigures:
    """One matched pair: IoU and Dice 0..1, 95 % Hausdorff distance in px, surface Dice 0..1, height error.

    `height_error` is the mean error of anterior, middle and posterior height as a share of the annotated one; NaN
    where either outline has no measurable corners. `shift` is the predicted level less the annotated one, None where
    either has no level.
    """

    iou: float
    dice: float
    hd95: float
    surface_dice: float
    height_error: float
    shift: int | None


def measure_pair(match: Match, image_height: int) -> PairFigures:
    """Measure a matched pair; raises ValueError for a finding without a partner."""
    truth, found = match.annotated, match.predicted
    if truth is None or found is None:
        raise ValueError(f"expected a matched pair, got one that is {match.kind.value}")
    one, two = _samples(truth.polygon), _samples(found.polygon)
    away, back = _distances(one, found.polygon), _distances(two, truth.polygon)
    near = TOLERANCE * image_height
    surface = (np.sum(away <= near) + np.sum(back <= near)) / (len(away) + len(back))
    shift = found.level.rank - truth.level.rank if truth.level is not None and found.level is not None else None
    hd95 = max(float(np.percentile(away, 95)), float(np.percentile(back, 95)))
    return PairFigures(
        match.iou, 2 * match.iou / (1 + match.iou), hd95, float(surface), _height_error(truth, found), shift
    )


def confusion(matches: Sequence[Match]) -> NDArray[np.int64]:
    """Return how often each annotated level (row) was given each name (column), T11 to L4, then missed or extra.

    (7, 7): the last column counts findings missed, the last row findings that are none.
    """
    place = {level: at for at, level in enumerate(FRACTURE_LEVELS)}
    table = np.zeros((len(place) + 1, len(place) + 1), np.int64)
    for one in matches:
        row = place.get(one.annotated.level, -1) if one.annotated is not None and one.annotated.level else -1
        column = place.get(one.predicted.level, -1) if one.predicted is not None and one.predicted.level else -1
        table[row, column] += 1
    return table


def _samples(polygon: Polygon) -> Float:
    ring = np.vstack([polygon.points, polygon.points[:1]])
    walked = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(ring, axis=0).T))])
    along = np.arange(0.0, walked[-1], STEP)
    return np.stack([np.interp(along, walked, ring[:, axis]) for axis in (0, 1)], axis=1)


def _distances(points: Float, polygon: Polygon) -> Float:
    ring = polygon.geometry.exterior
    shapely.prepare(ring)
    return np.asarray(shapely.distance(shapely.points(points), ring), np.float64)


def _height_error(truth: Shape, found: Shape) -> float:
    # Both sides are measured upright and facing alike: the error of the outline is asked for, not the side's name.
    try:
        expected = measure(truth.polygon, None, Facing.LEFT).heights
        got = measure(found.polygon, None, Facing.LEFT).heights
    except ValueError:
        return float("nan")
    pairs = ((got.anterior, expected.anterior), (got.middle, expected.middle), (got.posterior, expected.posterior))
    return float(np.mean([abs(one - other) / other for one, other in pairs]))
