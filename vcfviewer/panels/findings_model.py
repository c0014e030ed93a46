"""The findings of one film as a table; no widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QIcon

from engine.domain.matching import MatchKind
from engine.review import FindingRow
from vcfviewer.panels.words import DASH, band_text, kind_word, number, percent, quality_text, unit_text, verdict_word
from vcfviewer.translation import QT_TRANSLATE_NOOP, translate

Index = QModelIndex | QPersistentModelIndex

ROOT = QModelIndex()


class FindingColumn(IntEnum):
    """The columns, in their order."""

    LEVEL = 0
    KIND = 1
    SCORE = 2
    IOU = 3
    DICE = 4
    BOUNDARY = 5
    HEIGHTS = 6
    LOSS = 7
    SUGGESTION = 8
    OWN_GRADE = 9
    DECISION = 10


@dataclass(frozen=True, slots=True)
class Live:
    """How a pair agrees while its outline is dragged: IoU and Dice 0 to 1, `boundary` in px and, if known, in mm."""

    key: str
    iou: float
    dice: float
    boundary: float
    boundary_mm: float | None = None


@dataclass(frozen=True, slots=True)
class FindingColumnKind:
    """How a column is headed, explained and read; `sample` is the widest text that it must have room for."""

    title: str
    hint: str
    text: Callable[[FindingRow], str]
    sample: str


def changed(first: float | None, now: float | None, digits: int = 2) -> str:
    """Return a figure as first opened, and as it is now where that reads differently: `0.71 → 0.85`."""
    before, after = number(first, digits), number(now, digits)
    return before if before == after else f"{before} → {after}"


def level_text(row: FindingRow) -> str:
    """Return a finding's level, or its label where that names none; a question mark where the reader isn't certain."""
    name = row.label if row.level is None else row.level.value
    return name if row.attributes.level_certain else f"{name}?"


def boundary_text(row: FindingRow) -> str:
    """Return the distance of the outlines with its unit: mm where they are known, else px."""
    if row.boundary_mm is not None:
        return f"{row.boundary_mm:.1f} mm"
    return DASH if row.boundary_distance is None else f"{row.boundary_distance:.1f} px"


def heights_text(row: FindingRow) -> str:
    """Return anterior / middle / posterior height with their unit."""
    body = None if row.measurement is None else row.measurement.body
    if body is None:
        return DASH
    return " / ".join(f"{height:.1f}" for height in body.heights.values) + f" {unit_text(body.unit)}"


def loss_text(row: FindingRow) -> str:
    """Return the greatest height loss in percent."""
    losses = None if row.measurement is None else row.measurement.losses
    return DASH if losses is None else percent(losses.worst)


def suggestion_text(row: FindingRow) -> str:
    """Return the suggested Genant grade, two where it is borderline."""
    grade = None if row.measurement is None else row.measurement.grade
    return DASH if grade is None else band_text(grade)


def own_grade_text(row: FindingRow) -> str:
    """Return the reader's own Genant grade."""
    return DASH if row.attributes.grade is None else str(int(row.attributes.grade))


def decision_text(row: FindingRow) -> str:
    """Return what was decided."""
    return DASH if row.decision is None else verdict_word(row.decision.verdict)


def quality_lines(row: FindingRow) -> tuple[str, ...]:
    """Return why a measure should be looked at twice, or why there is none."""
    measurement = row.measurement
    if measurement is None:
        return ()
    if measurement.body is None:
        refused = QT_TRANSLATE_NOOP("findings", "Not measured: {reason}.")
        return (translated(refused).format(reason=measurement.refusal),)
    return tuple(quality_text(quality) for quality in measurement.body.quality)


def translated(text: str) -> str:
    """Return a text of the findings in the reader's language."""
    return translate("findings", text)


FINDING_COLUMNS: Mapping[FindingColumn, FindingColumnKind] = MappingProxyType(
    {
        FindingColumn.LEVEL: FindingColumnKind(
            QT_TRANSLATE_NOOP("findings", "Level"),
            QT_TRANSLATE_NOOP("findings", "The vertebra; a question mark: the level isn't certain."),
            level_text,
            "T12?",
        ),
        FindingColumn.KIND: FindingColumnKind(
            QT_TRANSLATE_NOOP("findings", "Kind"),
            QT_TRANSLATE_NOOP("findings", "How model and expert stand to each other, in the hatching of the film."),
            lambda row: kind_word(row.kind),
            "label differs",
        ),
        FindingColumn.SCORE: FindingColumnKind(
            QT_TRANSLATE_NOOP("findings", "Score"),
            QT_TRANSLATE_NOOP("findings", "The model's score, 0 to 1; a dash: the model has no such finding."),
            lambda row: number(row.score),
            "0.00",
        ),
        FindingColumn.IOU: FindingColumnKind(
            QT_TRANSLATE_NOOP("findings", "IoU"),
            QT_TRANSLATE_NOOP(
                "findings",
                "Overlap with the expert's outline as first opened → with your present outline. 1 is the same.",
            ),
            lambda row: changed(row.iou, row.iou_now),
            "0.00 → 0.00",
        ),
        FindingColumn.DICE: FindingColumnKind(
            QT_TRANSLATE_NOOP("findings", "Dice"),
            QT_TRANSLATE_NOOP("findings", "Dice coefficient of the two outlines as first opened → now."),
            lambda row: changed(row.dice, None if row.now is None else row.now.dice),
            "0.00 → 0.00",
        ),
        FindingColumn.BOUNDARY: FindingColumnKind(
            QT_TRANSLATE_NOOP("findings", "Boundary"),
            QT_TRANSLATE_NOOP("findings", "Mean distance of the two outlines, both ways, as first opened."),
            boundary_text,
            "00.0 mm",
        ),
        FindingColumn.HEIGHTS: FindingColumnKind(
            QT_TRANSLATE_NOOP("findings", "Heights a / m / p"),
            QT_TRANSLATE_NOOP("findings", "Anterior, middle and posterior height of the body."),
            heights_text,
            "00.0 / 00.0 / 00.0 mm",
        ),
        FindingColumn.LOSS: FindingColumnKind(
            QT_TRANSLATE_NOOP("findings", "Height loss"),
            QT_TRANSLATE_NOOP("findings", "The greatest of the three height losses, against the normal neighbours."),
            loss_text,
            "00 %",
        ),
        FindingColumn.SUGGESTION: FindingColumnKind(
            QT_TRANSLATE_NOOP("findings", "Genant suggestion"),
            QT_TRANSLATE_NOOP(
                "findings", "The Genant grade that the heights suggest, two where it is borderline. Yours decides."
            ),
            suggestion_text,
            f"0{DASH}0",
        ),
        FindingColumn.OWN_GRADE: FindingColumnKind(
            QT_TRANSLATE_NOOP("findings", "Your grade"),
            QT_TRANSLATE_NOOP("findings", "The Genant grade that you gave."),
            own_grade_text,
            "0",
        ),
        FindingColumn.DECISION: FindingColumnKind(
            QT_TRANSLATE_NOOP("findings", "Decision"),
            QT_TRANSLATE_NOOP("findings", "What you decided on this finding."),
            decision_text,
            "accepted",
        ),
    }
)
_WORDS = (FindingColumn.LEVEL, FindingColumn.KIND, FindingColumn.DECISION)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)


def _alignment(column: FindingColumn) -> int:
    if column in _WORDS:
        return _LEFT
    return _CENTRE if column in (FindingColumn.SUGGESTION, FindingColumn.OWN_GRADE) else _RIGHT


class FindingsModel(QAbstractTableModel):
    """One row a finding. `icons` are the swatches of the kinds."""

    def __init__(self, icons: Mapping[MatchKind, QIcon], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[FindingRow, ...] = ()
        self._icons = icons
        self._live: Live | None = None

    @property
    def rows(self) -> tuple[FindingRow, ...]:
        """The findings shown."""
        return self._rows

    def place_of(self, key: str) -> int | None:
        """Return a finding's row, None where it isn't there."""
        return next((place for place, row in enumerate(self._rows) if row.key == key), None)

    def set_rows(self, rows: Sequence[FindingRow]) -> None:
        """Show other findings; where they are the same ones, only the figures change."""
        self._live = None
        if [row.key for row in rows] == [row.key for row in self._rows]:
            self._rows = tuple(rows)
            self._tell_all()
            return
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def set_live(self, live: Live | None) -> None:
        """Show the figures of a pair that is being dragged; None ends it."""
        self._live = live
        self._tell_all()

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return how many findings there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(FINDING_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text, swatch, tool tip or alignment of a cell."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], FindingColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.DecorationRole and column is FindingColumn.KIND:
            return self._icons[row.kind]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join((translated(FINDING_COLUMNS[column].hint), *quality_lines(row)))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{translated(FINDING_COLUMNS[column].title)}: {self._text(row, column)}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return title, explanation or alignment of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = FindingColumn(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return translated(FINDING_COLUMNS[column].title).replace(" ", "\n", 1)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return translated(FINDING_COLUMNS[column].hint)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def _text(self, row: FindingRow, column: FindingColumn) -> str:
        live = self._live
        if live is not None and live.key == row.key:
            if column is FindingColumn.IOU:
                return changed(row.iou, live.iou)
            if column is FindingColumn.DICE:
                return changed(row.dice, live.dice)
        return FINDING_COLUMNS[column].text(row)

    def _tell_all(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(FINDING_COLUMNS) - 1))
