"""Which predicted finding is which annotated one: one to one, greedily by score, as COCO does it.

The level rule decides which two findings may be a pair; the kind of a match then only says whether their levels are
equal. So a well outlined fracture under the wrong level is one LABEL_DIFFERS match when levels are ignored (the
viewer's default), and a MISSED and an EXTRA when they are not: the reading the paper's tables take.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from engine.domain.annotation import Shape
from engine.domain.labels import Level
from engine.domain.polygon import FloatArray, Polygon, union_iou

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

NOBODY = -1
"""The partner of a detection that has none, where partners are counted in an array."""

BATCH = 256
"""Films whose outlines are compared in one call: memory stays flat in their number."""


class MatchKind(Enum):
    """How an annotated and a predicted finding stand to each other."""

    AGREES = "agrees"
    LABEL_DIFFERS = "label differs"
    MISSED = "missed"
    EXTRA = "extra"


class LevelRule(Enum):
    """Which levels two findings may have to be a pair."""

    CLASS_AWARE = "the same level"
    CLASS_AGNOSTIC = "any level"
    PLUS_MINUS_ONE = "the same or the next level"


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of findings, or one that found no partner; `iou` (0 to 1) is exact, and 0 without a partner.

    Raises ValueError where kind and sides contradict each other.
    """

    annotated: Shape | None
    predicted: Shape | None
    iou: float
    kind: MatchKind

    def __post_init__(self) -> None:
        """Check that the kind fits the sides."""
        sides = (self.annotated is not None, self.predicted is not None)
        wanted = {MatchKind.MISSED: (True, False), MatchKind.EXTRA: (False, True)}.get(self.kind, (True, True))
        if sides != wanted:
            raise ValueError(f"a match that {self.kind.value} needs (annotated, predicted) {wanted}, got {sides}")
        if not 0.0 <= self.iou <= 1.0:
            raise ValueError(f"an IoU must lie between 0 and 1, got {self.iou}")


def match_shapes(
    annotated: Sequence[Shape],
    predicted: Sequence[Shape],
    iou_threshold: float = 0.5,
    rule: LevelRule = LevelRule.CLASS_AGNOSTIC,
) -> tuple[Match, ...]:
    """Match the findings of both sides; normals, not assessable and unknown shapes take no part.

    Predicted findings choose in order of descending score (None, a person's, counts as 1), each the annotated one of
    the highest IoU, at least `iou_threshold`, that is still free and that `rule` allows. Findings without a level pair
    with each other under every rule, with others only under CLASS_AGNOSTIC. Returns the annotated findings in their
    order, then the extra ones by descending score. Raises ValueError for a threshold outside 0 to 1, or 0.
    """
    return match_films([(annotated, predicted)], iou_threshold, (rule,))[rule][0]


def match_films(
    films: Iterable[tuple[Sequence[Shape], Sequence[Shape]]], iou_threshold: float, rules: Sequence[LevelRule]
) -> dict[LevelRule, tuple[tuple[Match, ...], ...]]:
    """Return `match_shapes` of each film (annotated, predicted) under each rule; an overlap is computed once for all.

    Raises ValueError for a threshold outside 0 to 1, or 0.
    """
    matched: dict[LevelRule, list[tuple[Match, ...]]] = {rule: [] for rule in rules}
    every = iter(films)
    while batch := tuple(islice(every, BATCH)):
        sides = [(_guesses(predicted), [one for one in annotated if one.is_fracture]) for annotated, predicted in batch]
        outlines = [([one.polygon for one in guesses], [one.polygon for one in truth]) for guesses, truth in sides]
        for (guesses, truth), ious in zip(sides, iou_matrices(outlines, iou_threshold), strict=True):
            for rule, found in matched.items():
                found.append(_match(guesses, truth, ious, iou_threshold, rule))
    return {rule: tuple(found) for rule, found in matched.items()}


def _guesses(predicted: Sequence[Shape]) -> list[Shape]:
    return sorted((shape for shape in predicted if shape.is_fracture), key=_score, reverse=True)


def _match(
    guesses: Sequence[Shape], truth: Sequence[Shape], ious: FloatArray, iou_threshold: float, rule: LevelRule
) -> tuple[Match, ...]:
    """Return one film's matches; `ious` (N, M) are those of its N predicted, best first, with its M annotated."""
    partners = pair_greedily(np.where(_may_pair(guesses, truth, rule), ious, -1.0), iou_threshold)
    chosen = {partner: index for index, partner in enumerate(partners) if partner is not None}
    matches = []
    for index, shape in enumerate(truth):
        if index in chosen:
            guess = guesses[chosen[index]]
            kind = MatchKind.AGREES if guess.level is shape.level else MatchKind.LABEL_DIFFERS
            matches.append(Match(shape, guess, float(ious[chosen[index], index]), kind))
        else:
            matches.append(Match(shape, None, 0.0, MatchKind.MISSED))
    extra = (guess for guess, partner in zip(guesses, partners, strict=True) if partner is None)
    return (*matches, *(Match(None, guess, 0.0, MatchKind.EXTRA) for guess in extra))


def film_iou(annotated: Sequence[Shape], predicted: Sequence[Shape]) -> float | None:
    """Return the IoU (0 to 1) of all predicted findings together against all annotated ones together.

    None where there is nothing on either side: such a film has no IoU, neither 0 nor 1.
    """
    truth = [shape.polygon for shape in annotated if shape.is_fracture]
    guesses = [shape.polygon for shape in predicted if shape.is_fracture]
    if not truth and not guesses:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        return min(union_iou(truth, guesses), 1.0)


def iou_matrix(first: Sequence[Polygon], second: Sequence[Polygon], at_least: float = 0.0) -> FloatArray:
    """Return the exact IoU of each of N polygons with each of M, (N, M), 0 to 1.

    Pairs whose bounding boxes rule out an IoU of `at_least` aren't computed and stay 0.
    """
    return iou_matrices([(first, second)], at_least)[0]


def iou_matrices(
    sides: Sequence[tuple[Sequence[Polygon], Sequence[Polygon]]], at_least: float = 0.0
) -> list[FloatArray]:
    """Return `iou_matrix` of each of many pairs of lists; all outlines go to GEOS in a few calls."""
    ious = [np.zeros((len(first), len(second))) for first, second in sides]
    where = [_grid(*one.shape) for one in ious]
    starts = np.cumsum([[0, 0], *([len(first), len(second)] for first, second in sides)], axis=0)
    rows = np.concatenate([grid[0] + start for grid, (start, _none) in zip(where, starts[:-1], strict=True)])
    columns = np.concatenate([grid[1] + start for grid, (_none, start) in zip(where, starts[:-1], strict=True)])
    if len(rows) == 0:
        return ious
    one = _geometries([polygon for first, _second in sides for polygon in first])
    two = _geometries([polygon for _first, second in sides for polygon in second])
    values = np.zeros(len(rows))
    areas = shapely.area(one)[rows], shapely.area(two)[columns]
    low, high = shapely.bounds(one)[rows], shapely.bounds(two)[columns]
    boxes = np.minimum(low[:, 2:], high[:, 2:]) - np.maximum(low[:, :2], high[:, :2])
    most = np.minimum(np.minimum(*areas), np.maximum(boxes, 0.0).prod(axis=1))
    # A hair below the limit, so that rounding loses no pair that lies on it.
    open_pairs = (boxes >= 0).all(axis=1) & (most >= (at_least - 1e-9) * (areas[0] + areas[1] - most))
    # Coordinates such as 1e-300 make GEOS raise the processor's flags, which numpy would report as warnings.
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = shapely.area(shapely.intersection(one[rows[open_pairs]], two[columns[open_pairs]]))
    together = areas[0][open_pairs] + areas[1][open_pairs] - shared
    values[open_pairs] = np.minimum(shared / together, 1.0)
    ends = np.cumsum([one.size for one in ious])
    return [part.reshape(one.shape) for part, one in zip(np.split(values, ends[:-1]), ious, strict=True)]


def _grid(rows: int, columns: int) -> tuple[IntArray, IntArray]:
    """Return row and column of each of rows x columns pairs, row by row."""
    return np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)


def pair_greedily(ious: ArrayLike, iou_threshold: float) -> tuple[int | None, ...]:
    """Pair each of N detections, best first, with the free one of M truths of the highest IoU, if that is high enough.

    `ious` (N, M): a pair that isn't allowed is marked by -1. Of equal IoUs the last truth is taken, and a threshold of
    1 is lowered by 1e-10, as pycocotools' cocoeval does. Returns each detection's truth, or None. Raises ValueError for
    a threshold outside 0 to 1, or 0: what doesn't overlap is no pair.
    """
    partners = pair_greedily_at(np.asarray(ious, np.float64), np.array([iou_threshold]))[0]
    return tuple(None if partner == NOBODY else partner for partner in partners.tolist())


def pair_greedily_at(ious: FloatArray, iou_thresholds: FloatArray) -> IntArray:
    """Do as `pair_greedily` at T thresholds together; returns (T, N) each detection's truth, or NOBODY."""
    for threshold in iou_thresholds.tolist():
        if not 0.0 < threshold <= 1.0:
            raise ValueError(f"an IoU threshold must be greater than 0 and at most 1, got {threshold}")
    partners = np.full((len(iou_thresholds), len(ious)), NOBODY, np.int64)
    if ious.size == 0:
        return partners
    limits = np.minimum(iou_thresholds, 1 - 1e-10)
    free = np.ones((len(limits), ious.shape[1]), np.bool_)
    every = np.arange(len(limits))
    for at, row in enumerate(ious):
        left = np.where(free, row, -1.0)
        best = ious.shape[1] - 1 - left[:, ::-1].argmax(axis=1)
        paired = left[every, best] >= limits
        partners[paired, at] = best[paired]
        free[every[paired], best[paired]] = False
    return partners


def _score(shape: Shape) -> float:
    return 1.0 if shape.score is None else shape.score


def _may_pair(guesses: Sequence[Shape], truth: Sequence[Shape], rule: LevelRule) -> BoolArray:
    """Return (N, M): whether the levels of a predicted and an annotated finding allow a pair."""
    if rule is LevelRule.CLASS_AGNOSTIC:
        return np.ones((len(guesses), len(truth)), dtype=np.bool_)
    one, two = (np.array([_rank(shape.level) for shape in shapes]) for shapes in (guesses, truth))
    allowed: BoolArray = np.abs(one[:, None] - two[None]) <= (1 if rule is LevelRule.PLUS_MINUS_ONE else 0)
    return allowed


def _rank(level: Level | None) -> int:
    return -99 if level is None else level.rank


def _geometries(polygons: Sequence[Polygon]) -> NDArray[np.object_]:
    """Build all polygons in one call, ten times as fast as one by one."""
    owners = np.repeat(np.arange(len(polygons)), [len(polygon) for polygon in polygons])
    rings = shapely.linearrings(np.concatenate([polygon.points for polygon in polygons]), indices=owners)
    return np.asarray(shapely.polygons(rings), dtype=np.object_)
