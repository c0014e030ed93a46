"""The comparison as tables: the paper's two for these films, paired tests, what each arm cost, and the paper's own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.compare import ArmResult, Protocol
from engine.compare.arms import PRINTED_AS, YOLOV5, kind_of
from engine.compare.finished import Budget
from engine.domain.labels import PAPER_CLASSES
from engine.domain.matching import LevelRule, MatchKind
from engine.evaluation import Table
from engine.evaluation.detection import ap_yolov5, mean_ap_of, rank_levels
from engine.evaluation.films import matches_at
from engine.evaluation.published import TABLE_2, TABLE_3, class_mean
from engine.evaluation.statistics import (
    Estimate,
    bootstrap_weights,
    holm,
    mcnemar,
    percentile_interval,
    two_sided,
    wilson,
)

SICK, EVERY = "mask AP50, fracture films", "mask AP50"
OTHER_DATA = "other films, another training: not to be read as a comparison with the rows above"


@dataclass(frozen=True, slots=True)
class PairTest:
    """Two arms on the same films: the gap in mean AP50 with its interval, and p values, Holm's over all pairs.

    `fractures` and `normals` are McNemar's: who finds a fracture, who stays silent on a normal film.
    """

    first: str
    second: str
    gap: Estimate
    p_ap: float
    p_fractures: float
    p_normals: float
    fractures: tuple[int, int]
    normals: tuple[int, int]


def comparison_tables(results: Sequence[ArmResult], protocol: Protocol) -> tuple[Table, ...]:
    """Return all tables as (title, columns, rows)."""
    tables = [_table_2(results), _table_3(results), _film_table(results), _cost_table(results)]
    if len(results) > 1:
        tables.insert(3, _test_table(pair_tests(results, protocol)))
    native = [one for one in results if kind_of(one.arm.family) == YOLOV5]
    if native:
        tables.append(_native_table(native))
    return (*tables, *_printed(results))


def pair_tests(results: Sequence[ArmResult], protocol: Protocol) -> tuple[PairTest, ...]:
    """Test every pair of arms on the films that both saw; p values are adjusted (Holm) within each of the three tests.

    The bootstrap draws the same patients for all arms.
    """
    records = results[0].records
    weights = bootstrap_weights(
        [one.group for one in records], [bool(one.truth) for one in records], protocol.replicates, protocol.seed
    )
    rankings = [rank_levels(one.records, (protocol.iou_threshold,)) for one in results]
    values = [float(mean_ap_of(one, np.ones(len(records)))["all"]) for one in rankings]
    drawn = [mean_ap_of(one, weights)["all"] for one in rankings]
    found = [_found(one, protocol.iou_threshold) for one in results]
    silent = [_silent(one) for one in results]
    pairs = list(itertools.combinations(range(len(results)), 2))
    gaps = [percentile_interval(values[a] - values[b], drawn[a] - drawn[b], len(records)) for a, b in pairs]
    fractures = [_discordant(found[a], found[b]) for a, b in pairs]
    normals = [_discordant(silent[a], silent[b]) for a, b in pairs]
    p_ap = holm([two_sided(drawn[a] - drawn[b]) for a, b in pairs])
    p_fractures = holm([mcnemar(*one) for one in fractures])
    p_normals = holm([mcnemar(*one) for one in normals])
    return tuple(
        PairTest(results[a].arm.title, results[b].arm.title, gaps[at], p_ap[at], p_fractures[at], p_normals[at],
                 fractures[at], normals[at])
        for at, (a, b) in enumerate(pairs)
    )  # fmt: skip


def _table_2(results: Sequence[ArmResult]) -> Table:
    reasons = {one.threshold_from for one in results}
    rows = []
    for one in results:
        paper = one.evaluation.paper
        threshold = f"{one.evaluation.score_threshold:.3f}"
        rows.append((
            one.arm.title, paper.tp, paper.fp, paper.tn, paper.fn,
            _percent(wilson(paper.tp, paper.tp + paper.fn)), _percent(wilson(paper.tn, paper.tn + paper.fp)),
            f"{100 * paper.accuracy:.1f}", f"{100 * paper.f1_table:.1f}", f"{100 * paper.f1_detection:.1f}",
            threshold if len(reasons) == 1 else f"{threshold}: {one.threshold_from}",
        ))  # fmt: skip
    columns = ("model", "TP", "FP", "TN", "FN", "sensitivity %", "specificity %", "paper accuracy %", "F1 (table) %",
               "F1 (detection) %", "score threshold")  # fmt: skip
    told = f"; score thresholds: {reasons.pop()}" if len(reasons) == 1 else ""
    return f"Table 2 on these films: TP and FN are fractures, FP and TN normal films{told}", columns, rows


def _table_3(results: Sequence[ArmResult]) -> Table:
    rows = []
    for one in results:
        levels = one.evaluation.ap[SICK]
        rows.append((one.arm.title, *(_precision(levels[label].value) for label in PAPER_CLASSES), levels["all"],
                     one.evaluation.ap[EVERY]["all"]))  # fmt: skip
    counts = results[0].evaluation.ap[SICK]
    columns = ("model", *(f"{label} (n = {counts[label].n})" for label in PAPER_CLASSES), "mean, fracture films",
               "mean, all films")  # fmt: skip
    return "Table 3 on these films: mask AP at IoU 0.5, one evaluator for all families", columns, rows


def _film_table(results: Sequence[ArmResult]) -> Table:
    rows = []
    for one in results:
        film, froc = one.evaluation.film, one.evaluation.froc
        rows.append((one.arm.title, film.sensitivity, film.specificity, film.auc,
                     *(f"{froc[point]:.3f}" for point in (0.125, 0.25, 0.5)),
                     one.evaluation.delineation["IoU of pairs"],
                     one.evaluation.naming["level named rightly, of pairs"]))  # fmt: skip
    columns = ("model", "films: sensitivity", "films: specificity", "films: AUC", "found at 0.125 false a film",
               "at 0.25", "at 0.5", "IoU of pairs", "level named rightly")  # fmt: skip
    return "What the paper doesn't tell: films, FROC, outlines, names", columns, rows


def _test_table(tests: Sequence[PairTest]) -> Table:
    rows = [
        (f"{one.first} - {one.second}", f"{one.gap.value:+.3f} ({one.gap.low:+.3f} to {one.gap.high:+.3f})",
         _p(one.p_ap), f"{one.fractures[0]} : {one.fractures[1]}", _p(one.p_fractures),
         f"{one.normals[0]} : {one.normals[1]}", _p(one.p_normals))
        for one in tests
    ]  # fmt: skip
    columns = ("pair", "gap in mean AP50, all films", "p (bootstrap)", "fractures found by one alone", "p (McNemar)",
               "normal films right by one alone", "p (McNemar)")  # fmt: skip
    return "Paired tests; each p is adjusted for all pairs (Holm)", columns, rows


def _cost_table(results: Sequence[ArmResult]) -> Table:
    rows = []
    for one in results:
        budget = one.budget
        trained = ("came trained", "-", "-", "-", "-", "-", "-") if budget is None else (
            _start(budget), budget.films, budget.films_seen, budget.steps,
            f"{budget.input_size[0]} x {budget.input_size[1]}", f"{budget.minutes:.1f}", budget.hardware,
        )  # fmt: skip
        memory = "-" if one.peak_bytes is None else f"{one.peak_bytes / 2**30:.2f}"
        rows.append((one.arm.title, *trained, f"{one.seconds:.2f}", memory))
    columns = ("model", "started from", "films", "films seen", "steps", "input, px", "minutes", "trained on",
               "s a film (median)", "peak memory, GiB")  # fmt: skip
    return "What it cost", columns, rows


def _start(budget: Budget) -> str:
    """Return what a training began with, and what had gone into that."""
    if not budget.earlier_films:
        return budget.started_from or "nothing"
    return f"{budget.started_from}, made of {budget.earlier_films} films seen in {budget.earlier_minutes:.1f} minutes"


def _native_table(results: Sequence[ArmResult]) -> Table:
    rows = []
    for one in results:
        rankings = rank_levels([record for record in one.records if record.truth], (0.5,))
        truths = {label: int(ranked.truths.sum()) for label, (ranked,) in rankings.items()}
        found = {label: ap_yolov5(ranked.hits, truths[label]) for label, (ranked,) in rankings.items() if truths[label]}
        cells = [_precision(found.get(label, np.nan)) for label in PAPER_CLASSES]
        rows.append((one.arm.title, *cells, f"{np.mean(list(found.values())):.3f}" if found else "-"))
    title = ("AP as YOLOv5's own evaluator counts it: higher than COCO's wherever recall stops short of 1, for it "
             "draws a line from there to precision 0 at recall 1")  # fmt: skip
    return title, ("model", *PAPER_CLASSES, "mean"), rows


def _printed(results: Sequence[ArmResult]) -> tuple[Table, ...]:
    names = [PRINTED_AS.get(one.arm.family, ("", "")) for one in results]
    second = [row for row in TABLE_2 if row.model in {two for two, _three in names}]
    third = [model for model in TABLE_3 if model in {three for _two, three in names}]
    columns_2 = ("model", "TP", "FP", "TN", "FN", "sensitivity %", "specificity %", "accuracy %", "F1 %",
                 "F1 from its counts %")  # fmt: skip
    rows_2 = [(row.model, row.tp, row.fp, row.tn, row.fn, row.sensitivity, row.specificity, row.accuracy, row.f1,
               f"{100 * row.recomputed().f1_table:.1f}") for row in second]  # fmt: skip
    rows_3 = [(model, *(f"{value:.2f}" for value in TABLE_3[model][0]), f"{TABLE_3[model][1]:.2f}",
               f"{class_mean(model):.3f}") for model in third]  # fmt: skip
    columns_3 = ("model", *PAPER_CLASSES, "mean printed", "mean of its levels")
    return (
        (f"Table 2 as printed by Paik et al. 2024 ({OTHER_DATA})", columns_2, rows_2),
        (f"Table 3 as printed by Paik et al. 2024 ({OTHER_DATA})", columns_3, rows_3),
    )


def _found(result: ArmResult, iou_threshold: float) -> list[bool]:
    """Tell of every fracture whether it was found, under the level's own name; in the films' order."""
    rule = LevelRule.CLASS_AWARE
    matched = matches_at(result.records, result.evaluation.score_threshold, iou_threshold, (rule,))[rule]
    return [one.kind is not MatchKind.MISSED for film in matched for one in film if one.annotated is not None]


def _silent(result: ArmResult) -> list[bool]:
    threshold = result.evaluation.score_threshold
    return [not one.found_above(threshold) for one in result.records if not one.truth]


def _discordant(first: Sequence[bool], second: Sequence[bool]) -> tuple[int, int]:
    pairs = list(zip(first, second, strict=True))
    return sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)


def _precision(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.2f}"


def _percent(one: Estimate) -> str:
    if np.isnan(one.value):
        return f"- (n = {one.n})"
    return f"{100 * one.value:.1f} ({100 * one.low:.1f} to {100 * one.high:.1f}; n = {one.n})"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
