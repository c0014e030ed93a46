"""Tables 1 to 3 of Paik et al., Sci Rep 2024;14:16308, as printed beside recomputed, and where they contradict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from engine.domain.labels import PAPER_CLASSES
from engine.evaluation.films import PaperColumns
from engine.evaluation.statistics import wilson

Table = tuple[str, Sequence[str], Sequence[Sequence[object]]]

TOLERANCE = 0.1
"""Points of percent: the paper rounds some figures and truncates others."""


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One row of Table 2 as printed: counts, then sensitivity, specificity, accuracy and F1 in percent."""

    model: str
    tp: int
    fp: int
    tn: int
    fn: int
    sensitivity: float
    specificity: float
    accuracy: float
    f1: float

    def recomputed(self, false_detections: int = 0) -> PaperColumns:
        """Return the columns that follow from the printed counts."""
        return PaperColumns(self.tp, self.fp, self.tn, self.fn, false_detections)

    def hidden_false_positives(self) -> float:
        """Return the false positives that the printed F1 needs."""
        return 2 * self.tp / (self.f1 / 100) - 2 * self.tp - self.fn


TABLE_1: Mapping[str, tuple[int, int, int]] = MappingProxyType(
    {
        "T11": (18, 4, 30),
        "T12": (111, 16, 152),
        "L1": (138, 19, 188),
        "L2": (76, 9, 113),
        "L3": (43, 6, 73),
        "L4": (18, 4, 41),
        "multi": (83, 12, 0),
        "normal": (141, 141, 0),
    }
)
"""Films in all, films of the test part, and fractures of the level on all films."""
TABLE_1_PRINTED = (628, 241, 598)
"""The printed sums of the same columns."""
TRAIN_FILMS, VALID_FILMS = 346, 71

TABLE_2 = (
    PrintedRow("Mask R-CNN", 71, 15, 126, 18, 79.8, 89.4, 85.7, 82.6),
    PrintedRow("Cascade R-CNN", 59, 14, 127, 30, 66.3, 90.0, 80.8, 70.7),
    PrintedRow("YOLACT", 60, 32, 109, 29, 67.4, 77.3, 73.4, 70.6),
    PrintedRow("YOLOv5-l", 64, 31, 110, 25, 71.9, 78.0, 75.7, 79.5),
    PrintedRow("YOLOv5-m", 70, 26, 115, 19, 78.7, 81.6, 80.4, 83.5),
)

TABLE_3: Mapping[str, tuple[tuple[float, ...], float]] = MappingProxyType(
    {
        "Mask R-CNN": ((0.80, 0.79, 0.66, 0.32, 0.10, 0.78), 0.58),
        "Cascade Mask R-CNN": ((0.63, 0.58, 0.33, 0.24, 0.07, 0.52), 0.40),
        "YOLACT": ((0.70, 0.66, 0.67, 0.30, 0.22, 0.67), 0.54),
        "YOLOv5-s": ((0.72, 0.78, 0.72, 0.24, 0.09, 0.68), 0.54),
        "YOLOv5-m": ((0.73, 0.77, 0.67, 0.25, 0.02, 0.68), 0.52),
        "YOLOv5-l": ((0.78, 0.82, 0.69, 0.13, 0.07, 0.75), 0.54),
        "YOLOv5-x": ((0.78, 0.83, 0.78, 0.54, 0.12, 0.72), 0.58),
    }
)
"""Mask AP at IoU 0.5 for L1 L2 L3 L4 T11 T12, and the printed mean."""


def published_tables() -> tuple[Table, ...]:
    """Return the three tables as (title, columns, rows); a cell that contradicts the paper's own numbers ends in !."""
    return _table_1(), _table_2(), _table_3()


def contradictions() -> tuple[str, ...]:
    """Return each place where a printed figure doesn't follow from the paper's other figures."""
    found = []
    names = ("films", "test films", "fractures")
    for name, printed, own in zip(names, TABLE_1_PRINTED, table_1_sums(), strict=True):
        if printed != own:
            found.append(f"Table 1: {printed} {name} printed, the column adds up to {own}")
    parts = TRAIN_FILMS + VALID_FILMS + TABLE_1_PRINTED[1]
    found.append(f"Table 1: {TRAIN_FILMS} + {VALID_FILMS} + {TABLE_1_PRINTED[1]} films are {parts}, not 628")
    for row in TABLE_2:
        own_f1 = 100 * row.recomputed().f1_table
        if abs(own_f1 - row.f1) > TOLERANCE:
            found.append(
                f"Table 2, {row.model}: F1 {row.f1} % printed, its counts give {own_f1:.2f} %; "
                f"the printed F1 needs {row.hidden_false_positives():.1f} false positives, not {row.fp}"
            )
    found.append(
        "Table 2: sensitivity counts fractures (89 = TP + FN), specificity counts normal films (141 = TN + FP), and "
        "accuracy adds the two units; false positives on fracture films are in no column"
    )
    best = max(TABLE_3, key=class_mean)
    for model, (_values, mean) in TABLE_3.items():
        if abs(class_mean(model) - mean) > 0.0051:
            found.append(f"Table 3, {model}: mean AP {mean:.2f} printed, its levels give {class_mean(model):.3f}")
    found.append(
        f"Abstract: Mask R-CNN is said to have the highest mAP, 0.58; by Table 3's own levels {best} has, "
        f"{class_mean(best):.2f} to {class_mean('Mask R-CNN'):.3f}"
    )
    low = [
        f"{model} {level} {values[PAPER_CLASSES.index(level)]:.2f}"
        for model, (values, _printed) in TABLE_3.items() if "Cascade" not in model
        for level in ("T12", "L1", "L2") if values[PAPER_CLASSES.index(level)] < 0.7
    ]  # fmt: skip
    found.append(
        f"Text: 'all models except Cascade' are said to pass 0.7 at T12, L1 and L2; below it: {', '.join(low)}"
    )
    found.append(
        f"Text: about 20 % of patients are said to have several fractures; 83 of 487 films are {100 * 83 / 487:.1f} %"
    )
    found.append("Text: AP at T11 and L4 is said to be low for every model; YOLOv5-x has 0.54 at L4")
    found.append(
        "Figure 4: Mask R-CNN is said to miss no fracture; Table 2 has 18 missed, and 15 films with a false one"
    )
    found.append("Text: YOLOv5 is said to gain with its size; printed means are s 0.54, m 0.52, l 0.54, x 0.58")
    return tuple(found)


def table_1_sums() -> tuple[int, ...]:
    """Return Table 1's columns added up: films, test films, fractures."""
    return tuple(sum(row[at] for row in TABLE_1.values()) for at in range(3))


def class_mean(model: str) -> float:
    """Return the mean of a model's six levels in Table 3."""
    return float(np.mean(TABLE_3[model][0]))


def _table_1() -> Table:
    rows: list[Sequence[object]] = [
        (name, total, test, fractures or "-") for name, (total, test, fractures) in TABLE_1.items()
    ]
    sums = table_1_sums()
    rows.append(("sum as printed", *(_marked(str(a), a == b) for a, b in zip(TABLE_1_PRINTED, sums, strict=True))))
    rows.append(("sum recomputed", *sums))
    return "Table 1: films and fractures", ("level", "films", "test films", "fractures"), rows


def _table_2() -> Table:
    rows = []
    for row in TABLE_2:
        own = row.recomputed()
        cells: list[object] = [row.model, row.tp, row.fp, row.tn, row.fn]
        for printed, share in (
            (row.sensitivity, own.sensitivity), (row.specificity, own.specificity),
            (row.accuracy, own.accuracy), (row.f1, own.f1_table),
        ):  # fmt: skip
            close = abs(printed - 100 * share) <= TOLERANCE
            cells.append(_marked(f"{printed:.1f} / {100 * share:.2f}", close))
        interval = wilson(row.tp, row.tp + row.fn)
        cells.append(f"{100 * interval.low:.1f} to {100 * interval.high:.1f}")
        rows.append(cells)
    columns = (
        "model", "TP", "FP", "TN", "FN", "sensitivity %", "specificity %", "accuracy %", "F1 %", "sensitivity 95 %",
    )  # fmt: skip
    return "Table 2: printed / recomputed from its own counts", columns, rows


def _table_3() -> Table:
    rows = []
    for model, (values, printed) in TABLE_3.items():
        own = class_mean(model)
        rows.append((model, *(f"{value:.2f}" for value in values),
                     _marked(f"{printed:.2f} / {own:.3f}", abs(own - printed) <= 0.0051)))  # fmt: skip
    return "Table 3: mask AP at IoU 0.5, mean printed / recomputed", ("model", *PAPER_CLASSES, "mean"), rows


def _marked(text: str, agrees: bool) -> str:
    return text if agrees else f"{text} !"
