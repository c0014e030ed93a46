"""How the worklist's cells are drawn: a mark before the status, and what is wrong with a film across empty cells."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from vcfviewer.panels.status_icons import FLAGGED, PROBLEM, SIZE, StatusIcons
from vcfviewer.panels.words import status_word
from vcfviewer.panels.worklist_model import LEFT, RIGHT, WorkModel
from vcfviewer.panels.worklist_rows import Column, WorkRow, cell_text
from vcfviewer.theme import colours

_GAP = 4


class WorkDelegate(QStyledItemDelegate):
    """Draws the cells of one table.

    A film that can't be read has its reason across its empty cells. One that can be read in spite of something has a
    second line for it, below all its cells.
    """

    def __init__(self, rows: WorkModel, table: QTableView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self._table = table
        self._icons = StatusIcons(table.palette())

    def take_palette(self) -> None:
        """Draw the icons anew after a change of theme."""
        self._icons = StatusIcons(self._table.palette())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        row, column = self._rows.shown_row(index.row()), Column(index.column())
        table = self._table
        table.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, table)
        area = option.rect.adjusted(_GAP, 0, -_GAP, 0)
        if column > Column.STATUS and not row.reason:
            painter.setPen(_text_colour(option))
            painter.drawText(area, RIGHT, cell_text(row, column))
            return
        painter.save()
        painter.setClipRect(option.rect)
        if row.has_second_line:
            below = QRect(area)
            area.setHeight(table.verticalHeader().defaultSectionSize())
            below.setTop(area.bottom() - _GAP)
            self._reason(painter, option, row.reason, below, Column.FILM)
        if row.is_blocked and column is not Column.FILM:
            self._reason(painter, option, row.reason, area, Column.STATUS)
        elif column is Column.STATUS:
            self._status(painter, option, area, row)
        elif column is Column.FILM:
            _text(painter, option, area, row.name, _text_colour(option), table.textElideMode())
        else:
            painter.setPen(_text_colour(option))
            painter.drawText(area, RIGHT, cell_text(row, column))
        painter.restore()

    def _reason(self, painter: QPainter, option: QStyleOptionViewItem, reason: str, area: QRect, first: Column) -> None:
        """Draw a reason over all columns from `first` on; each cell shows its part of it."""
        header = self._table.horizontalHeader()
        last = max(column for column in Column if not header.isSectionHidden(column))
        left = self._table.columnViewportPosition(first)
        right = self._table.columnViewportPosition(last) + header.sectionSize(last)
        area = QRect(area)
        area.setLeft(left + _GAP)
        area.setRight(min(right, self._table.viewport().width()) - _GAP)
        self._icons.paint(painter, area, PROBLEM, _selected(option))
        area.adjust(SIZE + _GAP, 0, 0, 0)
        _text(painter, option, area, reason, _text_colour(option, warning=True))

    def _status(self, painter: QPainter, option: QStyleOptionViewItem, area: QRect, row: WorkRow) -> None:
        area = QRect(area)
        self._icons.paint_status(painter, area, row.status, _selected(option))
        area.adjust(SIZE + _GAP, 0, 0, 0)
        if row.is_flagged:
            end = area.adjusted(area.width() - SIZE, 0, 0, 0)
            self._icons.paint(painter, end, FLAGGED, _selected(option))
            area.adjust(0, 0, -SIZE, 0)
        word = status_word(row.status)
        # The first letters of a word and three dots say less than its mark alone.
        if area.width() >= option.fontMetrics.horizontalAdvance(word):
            _text(painter, option, area, word, _text_colour(option))


def _selected(option: QStyleOptionViewItem) -> bool:
    return bool(option.state & QStyle.StateFlag.State_Selected)


def _text_colour(option: QStyleOptionViewItem, warning: bool = False) -> QColor:
    if _selected(option):
        return option.palette.color(QPalette.ColorRole.HighlightedText)
    return QColor(colours(option.palette).warning) if warning else option.palette.color(QPalette.ColorRole.Text)


def _text(
    painter: QPainter,
    option: QStyleOptionViewItem,
    area: QRect,
    text: str,
    colour: QColor,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    painter.setPen(colour)
    shown = option.fontMetrics.elidedText(text, elide, area.width())
    painter.drawText(area, LEFT, shown)
