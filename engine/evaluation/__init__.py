"""Films with truth and predictions -> figures with intervals, tables, and a report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.labels import PAPER_CLASSES
from engine.domain.matching import LevelRule, Match, MatchKind
from engine.errors import DataError
from engine.evaluation.calibration import Calibration, calibrate
from engine.evaluation.delineation import PairFigures, confusion, measure_pair
from engine.evaluation.detection import (
    FROC_POINTS,
    IOU_THRESHOLDS,
    Ranking,
    Rankings,
    froc_at,
    mean_ap_of,
    rank,
    rank_levels,
)
from engine.evaluation.films import (
    FilmFigures,
    FractureFigures,
    PaperColumns,
    film_figures,
    fracture_figures,
    matches_at,
    paper_columns,
    predictive_values,
    sensitivity_by_grade,
)
from engine.evaluation.records import FilmRecord
from engine.evaluation.statistics import Estimate, bootstrap, bootstrap_weights, percentile_interval, wilson

Float = NDArray[np.float64]
Table = tuple[str, Sequence[str], Sequence[Sequence[object]]]
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

PREVALENCES = (0.02, 0.10, 0.33)
"""Shares of films with a fracture at which predictive values are given: a test set's own share is none."""
RULES: tuple[tuple[str, LevelRule], ...] = (
    ("level must agree", LevelRule.CLASS_AWARE),
    ("level may differ by one", LevelRule.PLUS_MINUS_ONE),
    ("any level", LevelRule.CLASS_AGNOSTIC),
)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one model on one set of films; shares 0..1, intervals of 95 %.

    `ap` maps a name (`mask AP50`, ...) to estimates by level and `all`, the mean over the levels that occur.
    """

    mode: str
    note: str
    films: int
    fractures: int
    score_threshold: float
    iou_threshold: float
    film: FilmFigures
    fracture: Mapping[str, FractureFigures]
    ap: Mapping[str, Mapping[str, Estimate]]
    froc: Mapping[float, float]
    by_grade: Mapping[str, Estimate]
    by_level: Mapping[str, Estimate]
    delineation: Mapping[str, Estimate]
    naming: Mapping[str, Estimate]
    shifts: Mapping[int, int]
    confusion: NDArray[np.int64]
    film_calibration: Calibration
    detection_calibration: Calibration
    paper: PaperColumns
    ranking: Ranking

    def to_json(self) -> dict[str, Json]:
        """Return every figure as plain JSON; NaN becomes null."""
        names = [name for name in self.__slots__ if name not in ("ranking", "paper")]
        record: dict[str, Json] = {name: _plain(getattr(self, name)) for name in names}
        columns = self.paper
        shares = ("sensitivity", "specificity", "accuracy", "precision", "f1_table", "f1_detection")
        counts = ("tp", "fp", "tn", "fn", "false_detections")
        record["paper"] = {name: _plain(getattr(columns, name)) for name in (*counts, *shares)}
        return record

    def summary(self) -> dict[str, Json]:
        """Return the figures a model card carries."""
        record = self.to_json()
        names = ("note", "films", "fractures", "score_threshold", "iou_threshold", "film", "fracture", "ap", "by_grade",
                 "by_level", "froc", "delineation", "naming")  # fmt: skip
        return {name: record[name] for name in names}

    def tables(self) -> tuple[Table, ...]:
        """Return the figures as (title, columns, rows): the paper's own in its mode, ours in corrected mode."""
        if self.mode == "paper":
            return self._paper_tables()
        return self._film_table(), self._fracture_table(), self._level_table(), self._quality_table()

    def _film_table(self) -> Table:
        film = self.film
        rows: list[tuple[str, object]] = [
            ("sensitivity", film.sensitivity), ("specificity", film.specificity), ("accuracy", film.accuracy),
            ("area under the ROC curve", film.auc),
        ]  # fmt: skip
        for share in PREVALENCES:
            values = predictive_values(film.sensitivity.value, film.specificity.value, share)
            for name, value in zip(("positive", "negative"), values, strict=True):
                rows.append((f"{name} predictive value where {share:.0%} of films have a fracture", _told(value)))
        title = f"Films ({self.films}) at score {self.score_threshold:.3f}: is there any fracture?"
        return title, ("figure", "value (95 % interval)"), rows

    def _fracture_table(self) -> Table:
        rows = [
            (name, one.sensitivity, one.precision, _told(one.f1), _told(one.false_positives_a_fracture_film),
             _told(one.false_positives_a_normal_film))
            for name, one in self.fracture.items()
        ]  # fmt: skip
        title = f"Fractures ({self.fractures}) at score {self.score_threshold:.3f}, mask IoU {self.iou_threshold}"
        columns = ("levels", "sensitivity", "precision", "F1", "false a fracture film", "false a normal film")
        return title, columns, rows

    def _level_table(self) -> Table:
        names = list(self.ap)
        rows = [
            (label, self.by_level.get(label, "-"), *(self.ap[name][label] for name in names))
            for label in (*PAPER_CLASSES, "all")
        ]
        return "By level", ("level", "sensitivity, any level named", *names), rows

    def _quality_table(self) -> Table:
        rows: list[tuple[str, object]] = [(f"sensitivity, grade {grade}", one) for grade, one in self.by_grade.items()]
        rows += [(f"FROC: sensitivity at {point} false a film", f"{value:.3f}") for point, value in self.froc.items()]
        rows += list(self.delineation.items()) + list(self.naming.items())
        for name, one in (("film", self.film_calibration), ("finding", self.detection_calibration)):
            rows.append(
                (f"calibration of the {name}'s score", f"ECE {_told(one.error)}, Brier {_told(one.brier)}, n = {one.n}")
            )
        return "By grade, FROC, outlines, names, calibration", ("figure", "value"), rows

    def _paper_tables(self) -> tuple[Table, ...]:
        one = self.paper
        shares = (one.sensitivity, one.specificity, one.accuracy, one.f1_table, one.f1_detection)
        row = (one.tp, one.fp, one.tn, one.fn, *(_percent(share) for share in shares))
        columns = ("TP", "FP", "TN", "FN", "sensitivity %", "specificity %", "paper accuracy %", "F1 (table) %",
                   "F1 (detection) %")  # fmt: skip
        levels = self.ap["mask AP50, fracture films"]
        means = tuple(f"{levels[label].value:.2f}" for label in (*PAPER_CLASSES, "all"))
        return (
            ("As Table 2 of the paper: TP and FN are fractures, FP and TN normal films", columns, [row]),
            ("As Table 3 of the paper: mask AP at IoU 0.5", (*PAPER_CLASSES, "mean"), [means]),
        )


def evaluate(
    records: Sequence[FilmRecord],
    *,
    score_threshold: float,
    iou_threshold: float = 0.5,
    mode: str = "corrected",
    bootstrap_replicates: int = 2000,
    seed: int = 0,
    note: str = "",
) -> Evaluation:
    """Measure everything; intervals come from Wilson for shares and from resampling patients for the rest.

    Raises DataError for no films at all.
    """
    if not records:
        raise DataError("there are no films to evaluate: give a folder with films and their labelme files")
    weights = bootstrap_weights(
        [one.group for one in records], [bool(one.truth) for one in records], bootstrap_replicates, seed
    )
    by_rule = matches_at(records, score_threshold, iou_threshold, tuple(LevelRule))
    matched = by_rule[LevelRule.CLASS_AGNOSTIC]
    pairs = [
        (at, measure_pair(one, records[at].image_size[0]))
        for at, film in enumerate(matched) for one in film if one.annotated is not None and one.predicted is not None
    ]  # fmt: skip
    everything = rank(records, None, iou_threshold)
    said = [(one, shape) for one in matched for shape in one if shape.predicted is not None]
    right = [shape.annotated is not None for _film, shape in said]
    guesses = [shape.predicted for _film, shape in said if shape.predicted is not None]
    scores = [1.0 if guess.score is None else guess.score for guess in guesses]
    return Evaluation(
        mode=mode, note=note, films=len(records), fractures=sum(len(one.truth) for one in records),
        score_threshold=score_threshold, iou_threshold=iou_threshold,
        film=film_figures(records, score_threshold),
        fracture={name: fracture_figures(records, by_rule[rule]) for name, rule in RULES},
        ap=_precisions(records, weights),
        froc=froc_at(everything, len(records), FROC_POINTS),
        by_grade=sensitivity_by_grade(matched),
        by_level=_by_level(matched),
        delineation=_delineation(pairs, weights),
        naming=_naming([one for _at, one in pairs]),
        shifts=_shifts([one for _at, one in pairs]),
        confusion=confusion([one for film in matched for one in film]),
        film_calibration=calibrate([one.top_score for one in records], [bool(one.truth) for one in records]),
        detection_calibration=calibrate(scores, right),
        paper=paper_columns(records, by_rule[LevelRule.CLASS_AWARE]), ranking=everything,
    )  # fmt: skip


def _precisions(records: Sequence[FilmRecord], weights: Float) -> dict[str, dict[str, Estimate]]:
    """Return AP by name; every film is ranked once for masks and once for boxes."""
    masks, boxes = rank_levels(records, IOU_THRESHOLDS), rank_levels(records, (0.5,), "box")
    half = {label: levels[:1] for label, levels in masks.items()}
    every, sick = np.ones(len(records)), np.array([float(bool(one.truth)) for one in records])
    return {
        "mask AP50": _precision(half, weights, every),
        "mask AP50, fracture films": _precision(half, weights, sick),
        "mask AP50:95": _precision(masks, weights, every),
        "box AP50": _precision(boxes, weights, every),
    }


def _precision(rankings: Rankings, weights: Float, counted: Float) -> dict[str, Estimate]:
    """Return AP by level and under `all`, on the films that are `counted` (films,) 1 and not 0."""
    values, drawn = mean_ap_of(rankings, counted), mean_ap_of(rankings, weights * counted)
    counts = {label: int(levels[0].truths.sum()) for label, levels in rankings.items()}
    counts["all"] = sum(counts.values())
    return {name: percentile_interval(float(value), drawn[name], counts[name]) for name, value in values.items()}


def _by_level(matched: Sequence[Sequence[Match]]) -> dict[str, Estimate]:
    rows: dict[str, list[bool]] = {label: [] for label in PAPER_CLASSES}
    for film in matched:
        for one in film:
            if one.annotated is not None and one.annotated.level is not None:
                rows.setdefault(one.annotated.level.value, []).append(one.kind is not MatchKind.MISSED)
    found = {label: wilson(sum(hits), len(hits)) for label, hits in rows.items()}
    hits = [hit for row in rows.values() for hit in row]
    return {**found, "all": wilson(sum(hits), len(hits))}


def _delineation(pairs: Sequence[tuple[int, PairFigures]], weights: Float) -> dict[str, Estimate]:
    films = np.array([at for at, _one in pairs], np.int64)
    titles = ("IoU of pairs", "Dice of pairs", "95 % Hausdorff distance, px", "surface Dice at 1 % of the film",
              "error of the three heights, share")  # fmt: skip
    columns = ("iou", "dice", "hd95", "surface_dice", "height_error")
    found = {}
    for title, column in zip(titles, columns, strict=True):
        values = np.array([getattr(one, column) for _at, one in pairs], np.float64)
        kept = ~np.isnan(values)
        found[title] = _mean_estimate(values[kept], films[kept] if len(films) else films, weights)
    return found


def _mean_estimate(values: Float, films: NDArray[np.int64], weights: Float) -> Estimate:
    if len(values) == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)

    def draw(row: Float) -> float:
        counted = row[films]
        return float(counted @ values / counted.sum()) if counted.sum() else float("nan")

    return bootstrap(float(values.mean()), draw, weights, len(values))


def _naming(pairs: Sequence[PairFigures]) -> dict[str, Estimate]:
    shifts = [one.shift for one in pairs if one.shift is not None]
    return {
        "level named rightly, of pairs": wilson(sum(shift == 0 for shift in shifts), len(shifts)),
        "level off by one at most, of pairs": wilson(sum(abs(shift) <= 1 for shift in shifts), len(shifts)),
    }


def _shifts(pairs: Sequence[PairFigures]) -> dict[int, int]:
    shifts = [one.shift for one in pairs if one.shift is not None]
    return {value: shifts.count(value) for value in sorted(set(shifts))}


def _told(value: float) -> str:
    """Return a figure as it is printed; a dash for one that couldn't be had."""
    return "-" if math.isnan(value) else f"{value:.3f}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f}"


def _plain(value: object) -> Json:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if is_dataclass(value) and not isinstance(value, type):
        return {key: _plain(item) for key, item in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    raise TypeError(f"expected a figure, got {type(value).__name__}")
