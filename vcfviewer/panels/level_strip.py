"""The ladder of vertebrae beside the film: which levels stand on either side, and which one is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QVBoxLayout, QWidget

from engine.domain.annotation import Shape
from engine.domain.labels import FRACTURE_LEVELS, Level, Status
from vcfviewer.panels.words import TIMES, vertebra_word
from vcfviewer.theme import colours
from vcfviewer.translation import Texts

Index = QModelIndex | QPersistentModelIndex

ROOT = QModelIndex()

_SIDES = 2
_LEVELS = tuple(Level)


class LevelModel(QAbstractTableModel):
    """One row a level, T9 to S1; the columns are the expert and the model."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sides: tuple[Mapping[Level, tuple[Status, ...]], ...] = (MappingProxyType({}),) * _SIDES
        self._gaps: tuple[frozenset[Level], ...] = (frozenset(),) * _SIDES
        self._two_models = False

    def name_two_models(self, two: bool) -> None:
        """Call the sides A and B, or expert and model."""
        if two is not self._two_models:
            self._two_models = two
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, _SIDES - 1)

    def set_sides(self, expert: Sequence[Shape], model: Sequence[Shape]) -> None:
        """Show what stands on either side; a side that names intact vertebrae too is taken to name all it sees."""
        self.beginResetModel()
        self._sides = (_by_level(expert), _by_level(model))
        self._gaps = tuple(_gaps(side) for side in self._sides)
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return how many levels there are."""
        return 0 if parent.isValid() else len(Level)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return how many sides there are."""
        return 0 if parent.isValid() else _SIDES

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return word, hatch, font or explanation of a level on one side."""
        if not index.isValid():
            return None
        level, side = _LEVELS[index.row()], index.column()
        found = self._sides[side].get(level, ())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._word(level, side, found)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._sentence(level, side, found)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignCenter)
        if role == Qt.ItemDataRole.BackgroundRole and Status.FRACTURED in found:
            # No kind's colour: whether the sides agree is the findings' business.
            return QBrush(QColor(colours().raised))
        if role == Qt.ItemDataRole.FontRole and Status.FRACTURED in found:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole and (level in self._gaps[side] or len(found) > 1):
            return QBrush(QColor(colours().warning))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a level's name, or a side's."""
        if role == Qt.ItemDataRole.DisplayRole:
            if orientation is Qt.Orientation.Vertical:
                return _LEVELS[section].value
            return ("A", "B")[section] if self._two_models else (self.tr("Expert"), self.tr("Model"))[section]
        if role == Qt.ItemDataRole.FontRole and orientation is Qt.Orientation.Vertical:
            font = QFont()
            font.setBold(_LEVELS[section] in FRACTURE_LEVELS)
            return font
        return None

    def _word(self, level: Level, side: int, found: tuple[Status, ...]) -> str:
        if level in self._gaps[side]:
            return self.tr("missing")
        if len(found) > 1:
            return f"{len(found)} {TIMES}"
        if not found:
            return ""
        if found[0] is Status.NOT_ASSESSABLE:
            return self.tr("n. a.")
        return self.tr("fractured") if found[0] is Status.FRACTURED else self.tr("normal")

    def _sentence(self, level: Level, side: int, found: tuple[Status, ...]) -> str:
        whose = ("A", "B")[side] if self._two_models else (self.tr("expert"), self.tr("model"))[side]
        if level in self._gaps[side]:
            text = self.tr("{level}, {whose}: missing between two levels that are named. Is a level skipped?")
        elif len(found) > 1:
            text = self.tr("{level}, {whose}: named {count} times. Only one can be right.")
        elif found:
            text = self.tr("{level}, {whose}: {status}.")
        else:
            text = self.tr("{level}, {whose}: nothing named.")
        status = vertebra_word(found[0]) if found else ""
        return text.format(level=level.value, whose=whose, count=len(found), status=status)


class LevelStrip(QWidget):
    """The ladder T9 to S1. `level_chosen` carries the level that the reader clicked, or pressed Return on."""

    level_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = LevelModel(self)
        self._table = QTableView(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._table)
        self._build()
        self._table.clicked.connect(self._choose)
        self._table.activated.connect(self._choose)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_levels(self, expert: Sequence[Shape], model: Sequence[Shape], *, two_models: bool = False) -> None:
        """Show the shapes of either side, A's and B's of `two_models`; those without a level have no place here."""
        self.model.name_two_models(two_models)
        current = self._table.currentIndex()
        row, column = current.row(), current.column()
        self.model.set_sides(expert, model)
        if row >= 0:
            self._table.setCurrentIndex(self.model.index(row, column))

    def sizeHint(self) -> QSize:
        """Return the size that shows every level without scrolling."""
        header = self._table.verticalHeader()
        width = header.sizeHint().width() + self._table.horizontalHeader().length() + 4
        height = len(Level) * header.defaultSectionSize() + self._table.horizontalHeader().sizeHint().height() + 4
        return QSize(width, height)

    def minimumSizeHint(self) -> QSize:
        """Return the width of the ladder and the height of a few levels."""
        return QSize(self.sizeHint().width(), 80)

    def _build(self) -> None:
        table = self._table
        table.setModel(self.model)
        texts = Texts(self)
        texts(lambda: table.setAccessibleName(self.tr("Levels of the spine: expert and model")))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setTabKeyNavigation(False)
        table.setCornerButtonEnabled(False)
        table.setWordWrap(False)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.horizontalHeader().setHighlightSections(False)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        texts(self._fit_words)
        texts(lambda: self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, _SIDES - 1))

    def _fit_words(self) -> None:
        words = [self.tr("missing"), self.tr("fractured"), self.tr("normal"), self.tr("n. a.")]
        words += [self.tr("Expert"), self.tr("Model")]
        bold = QFont(self.font())
        bold.setBold(True)
        width = max(QFontMetrics(bold).horizontalAdvance(word) for word in words) + 10
        for column in range(_SIDES):
            self._table.setColumnWidth(column, width)
        self._table.viewport().update()
        self.updateGeometry()

    def _choose(self, index: QModelIndex) -> None:
        self.level_chosen.emit(_LEVELS[index.row()])


def _by_level(shapes: Sequence[Shape]) -> Mapping[Level, tuple[Status, ...]]:
    """Return what is said of each level; the gravest first."""
    found: dict[Level, list[Status]] = {}
    for shape in shapes:
        if shape.level is not None and shape.status is not None:
            found.setdefault(shape.level, []).append(shape.status)
    order = tuple(Status)
    return MappingProxyType({level: tuple(sorted(said, key=order.index)) for level, said in found.items()})


def _gaps(side: Mapping[Level, tuple[Status, ...]]) -> frozenset[Level]:
    """Return the levels missing between two that stand there, on a side that names all it sees."""
    if not any(Status.NORMAL in found for found in side.values()):
        return frozenset()
    ranks = [level.rank for level in side]
    return frozenset(level for level in _LEVELS if min(ranks) < level.rank < max(ranks) and level not in side)
