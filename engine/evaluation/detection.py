"""Average precision and FROC. AP agrees with pycocotools; the other ways of interpolating have names of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pycocotools import mask as coco_mask

from engine.domain.annotation import Shape
from engine.domain.labels import PAPER_CLASSES
from engine.domain.matching import BATCH, NOBODY, iou_matrices, pair_greedily_at
from engine.evaluation.records import FilmRecord

Float = NDArray[np.float64]

IOU_THRESHOLDS = tuple(float(value) for value in np.linspace(0.5, 0.95, 10))
RECALLS = tuple(float(value) for value in np.linspace(0.0, 1.0, 101))
MAX_DETECTIONS = 100
FEW_CELLS = 1 << 22
"""Films times hits up to which a bootstrap's product is kept in memory; beyond, its replicates go one by one."""
EVERY_LEVEL = "any"
FROC_POINTS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Ranking:
    """All detections of one class at one IoU threshold, best first: scores, whether each hit, the film it is of.

    `truths` (films,) counts the annotated findings of each film.
    """

    scores: Float
    hits: NDArray[np.bool_]
    films: NDArray[np.int64]
    truths: NDArray[np.int64]

    def average_precision(self, weights: Float | None = None) -> Float:
        """Return COCO's AP, with each film counted `weights` (..., films) times, (...); NaN where nothing is annotated.

        A row of `weights` is one replicate of a bootstrap, or a subset of the films: those left out count 0.
        """
        counted = np.ones(len(self.truths)) if weights is None else weights
        # Precision peaks at hits, and below the last one nothing matters.
        hits = np.flatnonzero(self.hits)
        films = self.films[: hits[-1] + 1] if len(hits) else self.films[:0]
        right = np.cumsum(counted[..., self.films[hits]], axis=-1)
        return _interpolated(right, _seen(films, hits, counted), counted @ self.truths)


def _seen(films: NDArray[np.int64], hits: NDArray[np.int64], counted: Float) -> Float:
    """Return (..., hits) how many detections stand down to each hit, each counted as often as its film is."""
    owners, column = np.unique(films, return_inverse=True)
    if counted.ndim > 1 and len(owners) * len(hits) <= FEW_CELLS:
        # One product for all replicates of a bootstrap: how many detections of which film stand above each hit?
        above = np.zeros((len(owners), len(hits)))
        np.add.at(above, (column, np.searchsorted(hits, np.arange(len(column)))), 1.0)
        return np.asarray(counted[..., owners] @ np.cumsum(above, axis=1), np.float64)
    rows = counted.reshape(-1, counted.shape[-1])
    return np.stack([np.cumsum(row[films])[hits] for row in rows]).reshape(*counted.shape[:-1], len(hits))


Rankings = Mapping[str, tuple[Ranking, ...]]
"""A level's rankings, one for each IoU threshold, under the level's name."""


def rank_levels(
    records: Sequence[FilmRecord], thresholds: Sequence[float] = (0.5,), kind: str = "mask", rle: bool = False
) -> Rankings:
    """Rank the detections of every level at each IoU threshold; what overlaps how far is computed once."""
    return _rank_groups(records, PAPER_CLASSES, thresholds, kind, rle)


def rank(
    records: Sequence[FilmRecord], label: str | None, iou_threshold: float, kind: str = "mask", rle: bool = False
) -> Ranking:
    """Match every film's detections to its findings of `label` (None: any level) as COCO does, best score first.

    `kind` is `mask` or `box`; masks are compared exactly, or with `rle` as COCO rasterises them.
    """
    groups = (EVERY_LEVEL,) if label is None else (label,)
    return _rank_groups(records, groups, (iou_threshold,), kind, rle)[groups[0]][0]


@dataclass(slots=True)
class _Group:
    """What is gathered of one level, film by film: scores, the film of each, and whether each hits, by threshold."""

    scores: list[float] = field(default_factory=list)
    films: list[int] = field(default_factory=list)
    truths: list[int] = field(default_factory=list)
    hits: list[NDArray[np.bool_]] = field(default_factory=list)

    def add(self, film: int, found: Sequence[Shape], truths: int, hits: NDArray[np.bool_]) -> None:
        """Take one film's detections, best first, with their hits (thresholds, detections)."""
        self.truths.append(truths)
        if found:
            self.scores.extend(1.0 if shape.score is None else shape.score for shape in found)
            self.films.extend([film] * len(found))
            self.hits.append(hits)

    def rankings(self, thresholds: int) -> tuple[Ranking, ...]:
        """Return the rankings, one for each threshold."""
        values = np.array(self.scores, np.float64)
        order = np.argsort(-values, kind="mergesort")
        owners, counts = np.array(self.films, np.int64)[order], np.array(self.truths, np.int64)
        hits = np.concatenate(self.hits, axis=1) if self.hits else np.zeros((thresholds, 0), np.bool_)
        return tuple(Ranking(values[order], row[order], owners, counts) for row in hits)


def _rank_groups(
    records: Sequence[FilmRecord], groups: Sequence[str], thresholds: Sequence[float], kind: str, rle: bool
) -> Rankings:
    """Rank each level of `groups`, or with EVERY_LEVEL all of them as one; films go through in batches."""
    gathered = {group: _Group() for group in groups}
    limits = np.minimum(np.array(thresholds, np.float64), 1 - 1e-10)
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        films = [(_by_group(record.found, groups), _by_group(record.truth, groups)) for record in batch]
        pairs = [
            (found[group][:MAX_DETECTIONS], truth[group], record.image_size)
            for record, (found, truth) in zip(batch, films, strict=True) for group in groups
        ]  # fmt: skip
        overlaps = iter(_overlaps(pairs, float(limits.min()), kind, rle))
        for at, (found, truth) in enumerate(films, start):
            for group in groups:
                shapes = found[group][:MAX_DETECTIONS]
                gathered[group].add(at, shapes, len(truth[group]), _hits(next(overlaps), limits))
    return {group: one.rankings(len(thresholds)) for group, one in gathered.items()}


def _by_group(shapes: Sequence[Shape], groups: Sequence[str]) -> dict[str, list[Shape]]:
    if groups == (EVERY_LEVEL,):
        return {EVERY_LEVEL: list(shapes)}
    found: dict[str, list[Shape]] = {group: [] for group in groups}
    for shape in shapes:
        level = _level(shape)
        if level in found:
            found[level].append(shape)
    return found


def _hits(overlap: Float, limits: Float) -> NDArray[np.bool_]:
    """Return (thresholds, N) which detections find a truth; `overlap` (N, M) as `pair_greedily` takes it."""
    if overlap.size == 0:
        return np.zeros((len(limits), len(overlap)), np.bool_)
    candidates = overlap >= limits.min()
    if not (candidates.sum(axis=0) > 1).any():  # Nobody competes for a truth: each has the one it overlaps most.
        return np.asarray(overlap.max(axis=1) >= limits[:, None], np.bool_)
    return np.asarray(pair_greedily_at(overlap, limits) != NOBODY, np.bool_)


def ap_coco(hits: ArrayLike, truths: int) -> float:
    """Return AP of a ranked list by COCO's 101 recall points; NaN for no truth, which pycocotools leaves out."""
    ranked = np.asarray(hits, np.bool_)
    seen = np.flatnonzero(ranked).astype(np.float64) + 1
    return float(_interpolated(np.arange(1, len(seen) + 1, dtype=np.float64), seen, np.array(float(truths))))


def ap_voc_all_point(hits: ArrayLike, truths: int) -> float:
    """Return the area under the monotone precision envelope (PASCAL VOC 2010)."""
    precision, recall = precision_recall(hits, truths)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0.0], recall])) * envelope))


def ap_voc_11(hits: ArrayLike, truths: int) -> float:
    """Return the mean of the envelope at recall 0, 0.1 ... 1 (PASCAL VOC 2007)."""
    precision, recall = precision_recall(hits, truths)
    return float(np.mean([max(precision[recall >= point - 1e-12], default=0.0) for point in np.linspace(0, 1, 11)]))


def ap_yolov5(hits: ArrayLike, truths: int) -> float:
    """Return AP as YOLOv5's own evaluator does: linear to (recall 1, precision 0), 101 points, trapezoids.

    It adds a triangle wherever recall stops short of 1, so it must not be compared with COCO's AP.
    """
    precision, recall = precision_recall(hits, truths)
    if len(recall) == 0:  # Its evaluator passes over a class without detections: the triangle would be worth 0.5.
        return 0.0
    x = np.concatenate([[0.0], recall, [1.0]])
    y = np.maximum.accumulate(np.concatenate([[1.0], precision, [0.0]])[::-1])[::-1]
    return float(np.trapezoid(np.interp(RECALLS, x, y), RECALLS))


def precision_recall(hits: ArrayLike, truths: int) -> tuple[Float, Float]:
    """Return precision and recall after each of a ranked list's detections."""
    ranked = np.asarray(hits, np.float64)
    right = np.cumsum(ranked)
    return right / np.arange(1, len(ranked) + 1), right / max(truths, 1)


def mean_ap(
    records: Sequence[FilmRecord], thresholds: Sequence[float] = (0.5,), kind: str = "mask", rle: bool = False
) -> dict[str, float]:
    """Return AP a level, and under `all` the mean over the levels that are annotated; NaN for the others."""
    values = mean_ap_of(rank_levels(records, thresholds, kind, rle), np.ones(len(records)))
    return {name: float(value) for name, value in values.items()}


def mean_ap_of(rankings: Rankings, weights: Float) -> dict[str, Float]:
    """Return `mean_ap` of films already ranked, (...), with each film counted `weights` (..., films) times."""
    values = {
        label: np.asarray(np.mean([one.average_precision(weights) for one in levels], axis=0))
        for label, levels in rankings.items()
    }
    table = np.stack(list(values.values()))
    known = ~np.isnan(table)
    total, levels = np.where(known, table, 0.0).sum(axis=0), known.sum(axis=0)
    return {**values, "all": np.where(levels > 0, total / np.maximum(levels, 1), np.nan)}


def froc(ranking: Ranking, films: int) -> tuple[Float, Float]:
    """Return false positives a film and sensitivity after each detection, best score first."""
    right = np.cumsum(ranking.hits)
    wrong = np.cumsum(~ranking.hits)
    return wrong / max(films, 1), right / max(int(ranking.truths.sum()), 1)


def froc_at(ranking: Ranking, films: int, points: Sequence[float] = FROC_POINTS) -> dict[float, float]:
    """Return the highest sensitivity at no more than each number of false positives a film."""
    wrong, sensitivity = froc(ranking, films)
    return {point: float(max(sensitivity[wrong <= point], default=0.0)) for point in points}


def _interpolated(right: Float, seen: Float, truths: Float) -> Float:
    """Return COCO's AP (...) from the true (..., hits) and all (..., hits) detections down to each hit.

    `truths` (...) counts the annotated findings; where there are none AP is NaN, which pycocotools leaves out.
    """
    precision = right / np.maximum(seen, np.finfo(float).eps)
    envelope = np.maximum.accumulate(precision[..., ::-1], axis=-1)[..., ::-1]
    recall = right / np.where(truths > 0, truths, 1.0)[..., None]
    # Each recall point takes the envelope of the first hit that reaches it: how many fall to which hit?
    reached = np.searchsorted(RECALLS, recall, side="right")
    points = np.diff(reached, axis=-1, prepend=0)
    return np.asarray(np.where(truths > 0, (points * envelope).sum(axis=-1) / len(RECALLS), np.nan))


def _overlaps(
    pairs: Sequence[tuple[Sequence[Shape], Sequence[Shape], tuple[int, int]]], at_least: float, kind: str, rle: bool
) -> list[Float]:
    """Return the IoU (N, M) of found with annotated shapes for each of `pairs` (found, annotated, film size).

    Exact masks are compared for all pairs in one call; those that can't reach `at_least` stay 0.
    """
    if kind == "mask" and not rle:
        sides = [([shape.polygon for shape in one], [shape.polygon for shape in two]) for one, two, _size in pairs]
        return iou_matrices(sides, at_least)
    return [_coco_overlap(found, truth, size, kind) for found, truth, size in pairs]


def _coco_overlap(found: Sequence[Shape], truth: Sequence[Shape], size: tuple[int, int], kind: str) -> Float:
    if not found or not truth:
        return np.zeros((len(found), len(truth)))
    if kind == "box":
        one = np.array([_box(shape) for shape in found])
        two = np.array([_box(shape) for shape in truth])
        return np.asarray(coco_mask.iou(one, two, [0] * len(two)), np.float64)
    coded = [coco_mask.frPyObjects([shape.polygon.points.ravel().tolist() for shape in side], *size)
             for side in (found, truth)]  # fmt: skip
    return np.asarray(coco_mask.iou(coded[0], coded[1], [0] * len(truth)), np.float64)


def _box(shape: Shape) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = shape.polygon.bounds
    return (x0, y0, x1 - x0, y1 - y0)


def _level(shape: Shape) -> str:
    return shape.level.value if shape.level is not None else ""
