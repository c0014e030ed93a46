"""What two models say of one film as a table, and in words; no widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from engine.domain.annotation import Shape
from engine.domain.matching import MatchKind
from engine.review import Agreement, PairedFilm, PairRow, Standing
from vcfviewer.panels.words import DASH, kind_word, number
from vcfviewer.translation import QT_TRANSLATE_NOOP, translate

Index = QModelIndex | QPersistentModelIndex

ROOT = QModelIndex()


class PairColumn(IntEnum):
    """The columns, in their order."""

    LEVEL = 0
    KIND = 1
    SCORE_A = 2
    SCORE_B = 3
    IOU = 4
    EXPERT_A = 5
    EXPERT_B = 6
    BOUNDARY = 7
    DICE = 8


@dataclass(frozen=True, slots=True)
class PairColumnKind:
    """How a column is headed, explained and read; `sample` is the widest text that it must have room for."""

    title: str
    hint: str
    text: Callable[[PairRow], str]
    sample: str


_WORDS: Mapping[MatchKind | None, str] = MappingProxyType(
    {
        MatchKind.AGREES: QT_TRANSLATE_NOOP("pairs", "both"),
        MatchKind.LABEL_DIFFERS: QT_TRANSLATE_NOOP("pairs", "label differs"),
        MatchKind.MISSED: QT_TRANSLATE_NOOP("pairs", "only A"),
        MatchKind.EXTRA: QT_TRANSLATE_NOOP("pairs", "only B"),
        None: QT_TRANSLATE_NOOP("pairs", "neither"),
    }
)


def said(text: str) -> str:
    """Return a text of this file in the reader's language."""
    return translate("pairs", text)


def pair_word(kind: MatchKind | None) -> str:
    """Return how two models stand to each other, in a word; None: neither has what the expert drew."""
    return said(_WORDS[kind])


def pair_level(row: PairRow) -> str:
    """Return a pair's level, both where A and B name it differently; the label where that names no level."""
    shapes = [shape for shape in (row.first, row.second) if shape is not None] or list(row.experts[:1])
    return "/".join(dict.fromkeys(_level(shape) for shape in shapes))


def expert_word(row: PairRow, side: int) -> str:
    """Return how A's (side 0) or B's (1) finding stands to the expert: IoU, with the expert's level where it differs.

    Else in a word: missed, or extra; a dash where there is nothing of either, or no expert.
    """
    match = row.by_expert[side]
    if match is None:
        return DASH
    if match.annotated is None or match.predicted is None:
        return kind_word(match.kind)
    level = f" ({_level(match.annotated)})" if match.kind is MatchKind.LABEL_DIFFERS else ""
    return number(match.iou) + level


def distance_text(agreement: Agreement | None) -> str:
    """Return the distance of two outlines with its unit: mm where they are known, else px."""
    if agreement is None:
        return DASH
    if agreement.boundary_mm is not None:
        return f"{agreement.boundary_mm:.1f} mm"
    return f"{agreement.boundary_distance:.1f} px"


def standing_text(standing: Standing) -> str:
    """Return how a model stands to the expert on this film."""
    text = said(QT_TRANSLATE_NOOP("pairs", "film IoU {iou}, {found} of {of} found, {extra} extra"))
    told = text.format(iou=number(standing.film_iou), found=standing.found, of=standing.of, extra=standing.extra)
    if standing.label_differs:
        under = said(QT_TRANSLATE_NOOP("pairs", "{n} under another level"))
        told += f", {under.format(n=standing.label_differs)}"
    return told


def counts_text(film: PairedFilm) -> str:
    """Return the film's IoU of A with B, and how many findings are of which kind."""
    text = said(
        QT_TRANSLATE_NOOP(
            "pairs",
            "A with B: film IoU {iou} · both {both} · label differs {differs} · only A {first} · only B {second}",
        )
    )
    return text.format(
        iou=number(film.film_iou), both=film.count(MatchKind.AGREES), differs=film.count(MatchKind.LABEL_DIFFERS),
        first=film.count(MatchKind.MISSED), second=film.count(MatchKind.EXTRA),
    )  # fmt: skip


def _level(shape: Shape) -> str:
    return shape.label if shape.level is None else shape.level.value


def _score(shape: Shape | None) -> str:
    return number(None if shape is None else shape.score)


PAIR_COLUMNS: Mapping[PairColumn, PairColumnKind] = MappingProxyType(
    {
        PairColumn.LEVEL: PairColumnKind(
            QT_TRANSLATE_NOOP("pairs", "Level"),
            QT_TRANSLATE_NOOP("pairs", "The vertebra; two where A and B name it differently."),
            pair_level,
            "T12/L1",
        ),
        PairColumn.KIND: PairColumnKind(
            QT_TRANSLATE_NOOP("pairs", "Kind"),
            QT_TRANSLATE_NOOP(
                "pairs",
                "Which of the two models has the finding, in the hatching of the film. "
                "Neither: the expert drew it, and both models miss it.",
            ),
            lambda row: pair_word(row.kind),
            "label differs",
        ),
        PairColumn.SCORE_A: PairColumnKind(
            QT_TRANSLATE_NOOP("pairs", "Score A"),
            QT_TRANSLATE_NOOP("pairs", "Model A's score, 0 to 1. Scores of two models are no common scale."),
            lambda row: _score(row.first),
            "0.00",
        ),
        PairColumn.SCORE_B: PairColumnKind(
            QT_TRANSLATE_NOOP("pairs", "Score B"),
            QT_TRANSLATE_NOOP("pairs", "Model B's score, 0 to 1. Scores of two models are no common scale."),
            lambda row: _score(row.second),
            "0.00",
        ),
        PairColumn.IOU: PairColumnKind(
            QT_TRANSLATE_NOOP("pairs", "IoU A/B"),
            QT_TRANSLATE_NOOP("pairs", "Overlap of A's outline with B's. 1 is the same; a dash: only one has it."),
            lambda row: number(None if row.agreement is None else row.agreement.iou),
            "0.00",
        ),
        PairColumn.EXPERT_A: PairColumnKind(
            QT_TRANSLATE_NOOP("pairs", "Expert A"),
            QT_TRANSLATE_NOOP(
                "pairs",
                "The expert's word on A: the overlap with the expert's outline as first opened, with the expert's "
                "level where A names another. Missed: A lacks what the expert drew. Extra: the expert has nothing "
                "there.",
            ),
            lambda row: expert_word(row, 0),
            "missed",
        ),
        PairColumn.EXPERT_B: PairColumnKind(
            QT_TRANSLATE_NOOP("pairs", "Expert B"),
            QT_TRANSLATE_NOOP(
                "pairs",
                "The expert's word on B: the overlap with the expert's outline as first opened, with the expert's "
                "level where B names another. Missed: B lacks what the expert drew. Extra: the expert has nothing "
                "there.",
            ),
            lambda row: expert_word(row, 1),
            "missed",
        ),
        PairColumn.BOUNDARY: PairColumnKind(
            QT_TRANSLATE_NOOP("pairs", "Boundary A/B"),
            QT_TRANSLATE_NOOP("pairs", "Mean distance of A's outline and B's, both ways."),
            lambda row: distance_text(row.agreement),
            "00.0 mm",
        ),
        PairColumn.DICE: PairColumnKind(
            QT_TRANSLATE_NOOP("pairs", "Dice A/B"),
            QT_TRANSLATE_NOOP("pairs", "Dice coefficient of A's outline and B's."),
            lambda row: number(None if row.agreement is None else row.agreement.dice),
            "0.00",
        ),
    }
)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class PairsModel(QAbstractTableModel):
    """One row a pair. `icons` are the swatches of the kinds."""

    def __init__(self, icons: Mapping[MatchKind, QIcon], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[PairRow, ...] = ()
        self._icons = icons

    @property
    def rows(self) -> tuple[PairRow, ...]:
        """The pairs shown."""
        return self._rows

    def place_of(self, key: str) -> int | None:
        """Return a pair's row, None where it isn't there."""
        return next((place for place, row in enumerate(self._rows) if row.key == key), None)

    def set_rows(self, rows: Sequence[PairRow]) -> None:
        """Show other pairs."""
        if tuple(rows) == self._rows:
            return
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return how many pairs there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(PAIR_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text, swatch, tool tip or alignment of a cell."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], PairColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return PAIR_COLUMNS[column].text(row)
        if role == Qt.ItemDataRole.DecorationRole and column is PairColumn.KIND and row.kind is not None:
            return self._icons[row.kind]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return said(PAIR_COLUMNS[column].hint)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{said(PAIR_COLUMNS[column].title)}: {PAIR_COLUMNS[column].text(row)}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return title, explanation or alignment of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = PairColumn(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return said(PAIR_COLUMNS[column].title).replace(" ", "\n", 1)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return said(PAIR_COLUMNS[column].hint)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None


def _alignment(column: PairColumn) -> int:
    return _LEFT if column in (PairColumn.LEVEL, PairColumn.KIND) else _RIGHT
