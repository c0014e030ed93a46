"""PR, FROC, reliability and level confusion as PNG and SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from engine.domain.labels import FRACTURE_LEVELS, PAPER_CLASSES
from engine.evaluation import Evaluation
from engine.evaluation.calibration import Calibration
from engine.evaluation.detection import FROC_POINTS, froc, precision_recall, rank
from engine.evaluation.records import FilmRecord

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's, which colour-blind readers can tell apart."""


def draw_figures(folder: Path, result: Evaluation, records: Sequence[FilmRecord]) -> tuple[str, ...]:
    """Write `pr`, `froc`, `reliability` and `confusion` as .png and .svg; return their names without suffix."""
    figures = {
        "pr": _precision_recall(result, records),
        "froc": _froc(result),
        "reliability": _reliability(result),
        "confusion": _confusion(result),
    }
    for name, figure in figures.items():
        if result.note:
            figure.supxlabel(result.note, fontsize=7)
        save_figure(figure, folder, name)
    return tuple(figures)


def save_figure(figure: Figure, folder: Path, name: str) -> None:
    """Write a figure as `name`.png and .svg; the same figure gives the same bytes."""
    for suffix in ("png", "svg"):
        figure.savefig(folder / f"{name}.{suffix}", dpi=120, metadata={"Date": None} if suffix == "svg" else None)


def _figure(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _precision_recall(result: Evaluation, records: Sequence[FilmRecord]) -> Figure:
    figure, axes = _figure(f"Precision and recall, mask IoU {result.iou_threshold}", "recall", "precision")
    for label, colour in zip(sorted(PAPER_CLASSES, key=_down_the_spine), COLOURS, strict=True):
        ranking = rank(records, label, result.iou_threshold)
        truths = int(ranking.truths.sum())
        if truths and len(ranking.hits):
            precision, recall = precision_recall(ranking.hits, truths)
            axes.plot(recall, precision, color=colour, label=f"{label} (n = {truths})")
    axes.set(xlim=(0, 1.01), ylim=(0, 1.02))
    if axes.get_legend_handles_labels()[0]:
        # Not "best": looking for it takes seconds on long curves, and matplotlib then warns.
        axes.legend(frameon=False, fontsize=8, loc="lower left")
    return figure


def _froc(result: Evaluation) -> Figure:
    figure, axes = _figure(
        f"FROC, any level, n = {result.fractures} fractures on {result.films} films", "false positives a film",
        "sensitivity per fracture",
    )  # fmt: skip
    wrong, sensitivity = froc(result.ranking, result.films)
    kept = wrong >= 0.01
    axes.plot(wrong[kept], sensitivity[kept], color=COLOURS[0])
    axes.plot(FROC_POINTS, [result.froc[point] for point in FROC_POINTS], "o", color=COLOURS[1])
    axes.set(xscale="log", xlim=(0.01, max(FROC_POINTS)), ylim=(0, 1.02))
    return figure


def _reliability(result: Evaluation) -> Figure:
    figure, axes = _figure("Reliability: is a score of 0.8 right in 8 of 10?", "mean score", "share that was right")
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    for name, one, colour in (
        ("films", result.film_calibration, COLOURS[0]), ("findings", result.detection_calibration, COLOURS[1]),
    ):  # fmt: skip
        _plot_bins(axes, f"{name} (ECE {one.error:.3f}, n = {one.n})", one, colour)
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    return figure


def _plot_bins(axes: Axes, label: str, one: Calibration, colour: str) -> None:
    axes.plot([row[0] for row in one.bins], [row[1] for row in one.bins], "o-", color=colour, markersize=4, label=label)


def _confusion(result: Evaluation) -> Figure:
    names = [level.value for level in FRACTURE_LEVELS]
    figure, axes = _figure(f"Levels at score {result.score_threshold:.3f}", "predicted", "annotated")
    table = result.confusion
    axes.imshow(table / np.maximum(table.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(7), [*names, "missed"])
    axes.set_yticks(range(7), [*names, "none"])
    for row in range(7):
        for column in range(7):
            if row < 6 or column < 6:
                strong = table[row, column] > 0.5 * max(table[row].sum(), 1)
                axes.text(column, row, str(table[row, column]), ha="center", va="center", fontsize=8,
                          color="white" if strong else "black")  # fmt: skip
    return figure


def _down_the_spine(label: str) -> int:
    return next(level.rank for level in FRACTURE_LEVELS if level.value == label)
