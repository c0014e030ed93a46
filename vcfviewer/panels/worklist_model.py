"""The rows of the worklist, and which of them are shown in which order; no widget.

Decision: the model keeps the shown order itself. Rejected: QSortFilterProxyModel, which asks Python for every
comparison (0.55 s for 10,000 rows, a stall that a reader feels; a sorted list takes some milliseconds). Consequence: a
change of order resets the model, and the panel puts the current row back where it was.

The order holds still while a reader works: a row whose value changes keeps its place, and a row that no longer passes
the filter stays, so that next and previous mean what they meant. A first value takes its place at once, a row that has
begun to pass comes in; sorting, filtering or searching again settles everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from operator import itemgetter
from types import MappingProxyType

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.review import FilmSummary
from vcfviewer.panels.worklist_rows import (
    COLUMNS,
    Column,
    Value,
    WorkFilter,
    WorkRow,
    cell_text,
    row_text,
    translated,
)

__all__ = ("LEFT", "RIGHT", "Column", "WorkFilter", "WorkModel", "WorkRow")

Index = QModelIndex | QPersistentModelIndex

ROOT = QModelIndex()
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class WorkModel(QAbstractTableModel):
    """The worklist as a table; its rows are those shown, in the shown order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[WorkRow] = []
        self._at: dict[str, int] = {}
        self._held: list[Value | None] = []
        self._order: list[int] = []
        self._shown: list[int] = []
        self._place: dict[int, int] = {}
        self._words: tuple[str, ...] = ()
        self._filter = WorkFilter.ALL
        self._sorted_by: tuple[Column, bool] | None = None

    @property
    def total(self) -> int:
        """How many films there are, shown or not."""
        return len(self._rows)

    def row_of(self, key: str) -> WorkRow | None:
        """Return the row of a film, shown or not; None for an unknown key."""
        index = self._at.get(key)
        return None if index is None else self._rows[index]

    def shown_row(self, place: int) -> WorkRow:
        """Return the row at a place of the shown order, 0 the first."""
        return self._rows[self._shown[place]]

    def two_line_places(self) -> tuple[int, ...]:
        """Return the places of rows that need a second line for what is wrong with them."""
        return tuple(place for place, index in enumerate(self._shown) if self._rows[index].has_second_line)

    def place_of(self, key: str) -> int | None:
        """Return a film's place in the shown order, None where it isn't shown."""
        return self._place.get(self._at.get(key, -1))

    def set_rows(self, rows: Iterable[WorkRow]) -> None:
        """Replace everything; of rows with one key the last counts."""

        def take() -> None:
            self._rows = list({row.key: row for row in rows}.values())
            self._at = {row.key: index for index, row in enumerate(self._rows)}
            self._held = [_sort_value(row, self._sorted_by) for row in self._rows]

        self._arrange(change=take)

    def add_rows(self, rows: Iterable[WorkRow]) -> None:
        """Add films behind those that are there; a known key replaces its row."""
        for row in rows:
            known = self._at.get(row.key)
            if known is None:
                self._at[row.key] = len(self._rows)
                self._rows.append(row)
                self._held.append(_sort_value(row, self._sorted_by))
            else:
                self._rows[known] = row
        self._arrange(keep=True)

    def update_rows(
        self, summaries: Mapping[str, FilmSummary], reasons: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Take new summaries and new reasons by key; unknown keys are passed over."""
        moved = False
        for key in dict.fromkeys((*summaries, *reasons)):
            index = self._at.get(key)
            if index is None:
                continue
            before = self._rows[index]
            row = replace(before, summary=summaries.get(key, before.summary), reason=reasons.get(key, before.reason))
            self._rows[index] = row
            moved |= self._comes_in(index, row)
        if moved:
            self._arrange(keep=True)
        elif self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(COLUMNS) - 1))

    def search(self, text: str) -> None:
        """Show the rows that hold every word of `text` in name or reason, in any case."""
        words = tuple(text.casefold().split())
        if words != self._words:
            self._words = words
            self._arrange()

    def set_filter(self, chosen: WorkFilter) -> None:
        """Show the rows that pass a filter, judged anew."""
        self._filter = chosen
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, rows without a value last in either direction; -1 is the order given."""
        self._sorted_by = None if column < 0 else (Column(column), order is Qt.SortOrder.DescendingOrder)
        self.settle()

    def settle(self) -> None:
        """Sort and filter everything by what the rows say now."""
        self._held = [_sort_value(row, self._sorted_by) for row in self._rows]
        self._arrange()

    def walk(self, from_key: str | None, direction: int, wrap: bool = False) -> Iterator[WorkRow]:
        """Yield the shown rows behind (direction 1) or before (-1) a film, which itself needn't be shown.

        `wrap` goes on from the other end, up to and with the film itself. Without a film all are yielded, from the end
        that `direction` comes from.
        """
        order = self._order if direction > 0 else self._order[::-1]
        at = self._at.get(from_key or "")
        behind = 0 if at is None else order.index(at) + 1
        ring = order[behind:] + (order[:behind] if wrap else [])
        return (self._rows[index] for index in ring if index in self._place)

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return how many rows are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text, tool tip or alignment of a cell."""
        if not index.isValid():
            return None
        row, column = self._rows[self._shown[index.row()]], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if column <= Column.STATUS else RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            return row_text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = f"{translated(COLUMNS[column].title)}: {cell_text(row, column)}"
            return f"{said}. {row.reason}" if row.reason and column <= Column.STATUS else said
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return title, explanation or alignment of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            # Two short lines: seven figures and a name must find room beside the film.
            return translated(COLUMNS[Column(section)].title).replace(" ", "\n")
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return translated(COLUMNS[Column(section)].hint)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if section <= Column.STATUS else RIGHT
        return None

    def _comes_in(self, index: int, row: WorkRow) -> bool:
        """Take the row's first value; whether that, or passing the filter, gives it a new place."""
        first = self._held[index] is None and _sort_value(row, self._sorted_by) is not None
        if first:
            self._held[index] = _sort_value(row, self._sorted_by)
        return first or (index not in self._place and _passes(row, self._filter, self._words))

    def _arrange(self, keep: bool = False, change: Callable[[], None] | None = None) -> None:
        """Order all rows by their held values and choose those shown; `keep`: what is shown stays shown.

        `change` comes first of all, but after the table was told: what was selected is looked up in the rows before.
        """
        self.beginResetModel()
        if change is not None:
            change()
        held = self._held
        full = [(value, index) for index, value in enumerate(held) if value is not None]
        if self._sorted_by is not None:
            # By the value alone: of equals the first in the folder comes first, upwards and downwards.
            full.sort(key=itemgetter(0), reverse=self._sorted_by[1])
        self._order = [index for _, index in full] + [index for index, value in enumerate(held) if value is None]
        before = self._place if keep else {}
        self._shown = [
            index for index in self._order if index in before or _passes(self._rows[index], self._filter, self._words)
        ]
        self._place = {index: place for place, index in enumerate(self._shown)}
        self.endResetModel()


def _sort_value(row: WorkRow, sorted_by: tuple[Column, bool] | None) -> Value | None:
    return None if sorted_by is None else COLUMNS[sorted_by[0]].value(row)


def _passes(row: WorkRow, chosen: WorkFilter, words: tuple[str, ...]) -> bool:
    if not chosen.passes(row):
        return False
    if not words:
        return True
    text = f"{row.name}\n{row.reason}".casefold()
    return all(word in text for word in words)
