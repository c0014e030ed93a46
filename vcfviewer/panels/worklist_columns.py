"""How wide the columns of the worklist are."""

from __future__ import annotations

from types import MappingProxyType

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView

from vcfviewer.panels.status_icons import SIZE
from vcfviewer.panels.worklist_model import Column, WorkModel

_SAMPLES = MappingProxyType({Column.FILM: "film_00123.png", Column.STATUS: "in progress"})
"""What a column must have room for; the others for `0.00` and their heading."""

_FIRST = (Column.FILM, Column.STATUS, Column.OPEN)
"""What a reader chooses the next film by: never to be scrolled for."""


class ColumnWidths:
    """Gives each column what it needs; in a narrow list a status is its mark alone, and a film's name is cut.

    A column that the reader made wider or narrower stays as it is.
    """

    def __init__(self, table: QTableView, rows: WorkModel) -> None:
        self._table, self._rows = table, rows
        self._is_narrow = False
        self._fitting = False
        self._own: dict[Column, int] = {}
        table.horizontalHeader().sectionResized.connect(self._resized)

    def follow(self) -> None:
        """Fit the columns to a list that became wider or narrower, unless all that counts is in sight as it is."""
        if self._is_narrow or self._needs_room():
            self.fit()

    def fit(self) -> None:
        """Set all widths anew."""
        self._is_narrow = self._needs_room()
        widths = {column: self._width(column) for column in Column}
        if self._is_narrow:
            widths[Column.STATUS] = self._heading_width(Column.STATUS)
            left = self._table.viewport().width() - widths[Column.STATUS] - widths[Column.OPEN]
            widths[Column.FILM] = min(widths[Column.FILM], max(left, widths[Column.FILM] // 2))
        self._fitting = True
        for column, width in (widths | self._own).items():
            self._table.horizontalHeader().resizeSection(column, width)
        self._fitting = False

    def _resized(self, section: int, before: int, width: int) -> None:
        # A column that is put away, or shown again, comes from or to the width 0.
        if before and width and not self._fitting:
            self._own[Column(section)] = width

    def _needs_room(self) -> bool:
        shown = (column for column in _FIRST if not self._table.isColumnHidden(column))
        return sum(map(self._width, shown)) > self._table.viewport().width()

    def _width(self, column: Column) -> int:
        """Return the pixels that a column needs: its sample, or the longer line of its heading with the arrow."""
        extra = {Column.FILM: 24, Column.STATUS: 2 * SIZE + 16}.get(column, 14)
        sample = self._table.fontMetrics().horizontalAdvance(_SAMPLES.get(column, "0.00"))
        return max(sample + extra, self._heading_width(column))

    def _heading_width(self, column: Column) -> int:
        heading = str(self._rows.headerData(column, Qt.Orientation.Horizontal)).split("\n")
        return max(map(self._table.fontMetrics().horizontalAdvance, heading)) + 14
