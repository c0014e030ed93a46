"""The table of the worklist: keeps the current row where it is while rows come, go and change their order."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QToolButton, QWidget

from vcfviewer.panels.status_icons import SIZE
from vcfviewer.panels.worklist_cells import WorkDelegate
from vcfviewer.panels.worklist_columns import ColumnWidths
from vcfviewer.panels.worklist_model import Column, WorkModel
from vcfviewer.panels.worklist_rows import COLUMNS, translated
from vcfviewer.translation import Texts


class WorkTable(QTableView):
    """The films. `chosen` carries the key of the film the reader went to, `sorted_by` the `Column`, or None."""

    chosen = Signal(str)
    sorted_by = Signal(object)

    def __init__(self, rows: WorkModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self._current = ""
        self._quiet = False
        self._tall: set[int] = set()
        self._held: tuple[str, ...] = ()
        self._offset: int | None = None
        self._order: tuple[Column | None, bool] = (None, False)
        self._widths = ColumnWidths(self, rows)
        self._cells = WorkDelegate(rows, self, self)
        self._build()
        self._build_headers()
        rows.modelAboutToBeReset.connect(self._hold)
        rows.modelReset.connect(self._put_back)
        self.selectionModel().currentRowChanged.connect(self._went_to)

    @property
    def current(self) -> str:
        """The key of the current film, empty without one."""
        return self._current

    @property
    def selected(self) -> tuple[str, ...]:
        """The keys of the films selected, such as with Shift and Ctrl, in the order shown."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self._rows.shown_row(place).key for place in places)

    def set_current(self, key: str) -> None:
        """Make a film the current one, without a signal."""
        self._current = key
        self._select_current()

    def reveal(self) -> None:
        """Bring the current row into sight."""
        place = self._rows.place_of(self._current)
        if place is not None:
            self.scrollTo(self._rows.index(place, 0))

    def go_to_first(self) -> None:
        """Go to the first row that is shown, unless the current one is."""
        if self._rows.rowCount() and not self.currentIndex().isValid():
            self.setCurrentIndex(self._rows.index(0, 0))

    def sort_by(self, column: Column | None, descending: bool = False) -> None:
        """Sort by a column, rows without a value last; None is the order of the folder."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        place = -1 if column is None else int(column)
        # Kept here, for the header has moved its arrow on its own before it tells of a click.
        self._order = (column, descending)
        self.horizontalHeader().setSortIndicator(place, order)
        self._rows.sort(place, order)
        self.reveal()
        self.sorted_by.emit(column)

    def sort_on(self, column: Column | None) -> None:
        """Sort as one more click does: the side that needs a reader, then the other, then the order of the folder."""
        first = column is not None and COLUMNS[column].greatest_first
        if column is None or self._order[0] != column:
            self.sort_by(column, first)
        elif self._order[1] is first:
            self.sort_by(column, not first)
        else:
            self.sort_by(None)

    def fit_heights(self) -> None:
        """Give rows that need it a second line."""
        line = self.verticalHeader().defaultSectionSize()
        tall = set(self._rows.two_line_places())
        for place in self._tall - tall:
            if place < self._rows.rowCount():
                self.setRowHeight(place, line)
        for place in tall:
            self.setRowHeight(place, line + self.fontMetrics().height() + 4)
        self._tall = tall

    def changeEvent(self, event: QEvent) -> None:
        """Take the icons of another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._cells.take_palette()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let go of the statuses' words where what is left to decide would be out of sight, and bring them back."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._widths.follow()

    def _build(self) -> None:
        self.setModel(self._rows)
        self.setItemDelegate(self._cells)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setCornerButtonEnabled(False)

    def _build_headers(self) -> None:
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 10)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setMinimumSectionSize(2 * SIZE)
        header.sectionClicked.connect(lambda section: self.sort_on(Column(section)))
        Texts(self)(self._speak)

    def _speak(self) -> None:
        self.setAccessibleName(self.tr("Films"))
        self._rows.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        self._widths.fit()
        self.viewport().update()

    def _went_to(self, index: QModelIndex) -> None:
        if index.isValid() and not self._quiet:
            self._current = self._rows.shown_row(index.row()).key
            self.chosen.emit(self._current)

    def _hold(self) -> None:
        """Remember what is selected, and where the current row stands in the view, if it is in sight."""
        self._held = self.selected
        place = self._rows.place_of(self._current)
        self._offset = None
        if place is not None:
            top = self.rowViewportPosition(place)
            self._offset = top if 0 <= top < self.viewport().height() else None

    def _put_back(self) -> None:
        scroll = self.verticalScrollBar()
        before = scroll.value()
        self.fit_heights()
        self._select_current()
        self._select_again()
        place = self._rows.place_of(self._current)
        if place is not None and self._offset is not None:
            before = self.verticalHeader().sectionPosition(place) - self._offset
        # The table learns of its new length later; until then its scroll bar would refuse to go beyond the old end.
        self.updateGeometries()
        scroll.setValue(before)

    def _select_again(self) -> None:
        """Select the films that were selected before the rows changed their places."""
        flags = QItemSelectionModel.SelectionFlag
        for key in self._held if len(self._held) > 1 else ():
            place = self._rows.place_of(key)
            if place is not None:
                self.selectionModel().select(self._rows.index(place, 0), flags.Select | flags.Rows)

    def _select_current(self) -> None:
        place = self._rows.place_of(self._current)
        # Set by the program, not by the reader: nobody is to be told.
        self._quiet = True
        if place is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            # Not the view's own setCurrentIndex: that looks at Shift and Ctrl, which Shift+R or Ctrl+Alt+K hold down.
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(self._rows.index(place, 0), flags.ClearAndSelect | flags.Rows)
        self._quiet = False


class SortButton(QToolButton):
    """What the headings do, without a mouse, and which columns there are.

    `sort_asked` carries a `Column` or None, `column_asked` a `Column` and whether it is to be shown.
    """

    sort_asked = Signal(object)
    column_asked = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._choices = QActionGroup(self)
        self._columns = QMenu(self)
        menu = QMenu(self)
        self._add_choice(menu, None)
        for column in Column:
            self._add_choice(menu, column)
        self._choices.triggered.connect(lambda action: self.sort_asked.emit(action.data()))
        self._fill_columns()
        menu.addMenu(self._columns)
        self.setMenu(menu)
        self.mark(None)
        Texts(self)(self._speak)

    def mark(self, column: Column | None) -> None:
        """Mark what the list is sorted by."""
        for action in self._choices.actions():
            action.setChecked(action.data() == column)

    def _speak(self) -> None:
        self.setText(self.tr("Sort"))
        self.setAccessibleName(self.tr("Sorting and columns"))
        self.setToolTip(self.tr("What the list is sorted by, and which columns it has"))
        self._columns.setTitle(self.tr("Columns"))
        for action in (*self._choices.actions(), *self._columns.actions()):
            column = action.data()
            action.setText(
                self.tr("Order of the folder") if column is None else translated(COLUMNS[Column(column)].title)
            )

    def _add_choice(self, menu: QMenu, column: Column | None) -> None:
        action = self._choices.addAction(menu.addAction(""))
        action.setCheckable(True)
        action.setData(column)

    def _fill_columns(self) -> None:
        columns = self._columns
        for column in list(Column)[2:]:
            action = columns.addAction("")
            action.setCheckable(True)
            action.setChecked(True)
            action.setData(column)
        columns.triggered.connect(lambda action: self.column_asked.emit(action.data(), action.isChecked()))
