"""The worklist: every film that is open, searched as one types, filtered, sorted, walked by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.review import FilmSummary
from vcfviewer.panels.status_icons import SIZE
from vcfviewer.panels.worklist_cells import WorkDelegate
from vcfviewer.panels.worklist_model import Column, WorkFilter, WorkModel, WorkRow
from vcfviewer.panels.worklist_rows import COLUMNS, translated

_SAMPLES = MappingProxyType({Column.FILM: "film_00123.png", Column.STATUS: "in progress"})
"""What a column must have room for; the others for `0.00` and their heading."""


class WorklistPanel(QWidget):
    """The list of films. `film_chosen` carries the key of the film that the reader went to."""

    film_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = WorkModel(self)
        self._current = ""
        self._quiet = False
        self._tall: set[int] = set()
        self._offset: int | None = None
        self._sorted: tuple[Column | None, bool] = (None, False)
        self._search = QLineEdit(self)
        self._filter = QComboBox(self)
        self._sorting = QToolButton(self)
        self._table = QTableView(self)
        self._cells = WorkDelegate(self._table, self)
        self._count = QLabel(self)
        self._name = QLabel(self)
        self._reason = QLabel(self)
        self._build()
        self.model.modelAboutToBeReset.connect(self._hold)
        self.model.modelReset.connect(self._put_back)
        self._table.selectionModel().currentRowChanged.connect(self._went_to)

    def set_rows(self, rows: Iterable[WorkRow]) -> None:
        """Show other films; the current one stays current if it is among them."""
        self.model.set_rows(rows)
        self._reveal()

    def add_rows(self, rows: Iterable[WorkRow]) -> None:
        """Add films behind those that are there; a known key replaces its row."""
        self.model.add_rows(rows)

    def update_row(self, key: str, summary: FilmSummary, reason: str | None = None) -> None:
        """Show what is now known of one film; its reason stays unless one is given."""
        self.update_rows({key: summary}, {} if reason is None else {key: reason})

    def update_rows(
        self, summaries: Mapping[str, FilmSummary], reasons: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Show what is now known of films, by key: much cheaper than one by one."""
        self.model.update_rows(summaries, reasons)
        self._set_heights()
        self._tell()

    @property
    def current(self) -> str:
        """The key of the current film, empty without one."""
        return self._current

    def set_current(self, key: str) -> None:
        """Make a film the current one, without a signal, and bring its row into sight."""
        self._current = key
        self._select_current()
        self._tell()
        self._reveal()

    def step(self, direction: int, from_key: str | None) -> str | None:
        """Return the film behind (1) or before (-1) another in the shown order, None at the end."""
        return next((row.key for row in self.model.walk(from_key, direction)), None)

    def next_where(
        self, predicate: Callable[[WorkRow], bool], from_key: str | None, direction: int = 1, wrap: bool = True
    ) -> str | None:
        """Return the next film in the shown order that `predicate` wants, None where there is none.

        `wrap` goes on from the other end, up to and with the film itself.
        """
        return next((row.key for row in self.model.walk(from_key, direction, wrap) if predicate(row)), None)

    def focus_search(self) -> None:
        """Let the reader type into the search field."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def sort_by(self, column: Column | None, descending: bool = False) -> None:
        """Sort by a column, rows without a value last; None is the order of the folder."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        place = -1 if column is None else int(column)
        # Kept here, for the header has moved its arrow on its own before it tells of a click.
        self._sorted = (column, descending)
        self._table.horizontalHeader().setSortIndicator(place, order)
        for action in self._sorting.menu().actions():
            if action.isCheckable():
                action.setChecked(action.data() == column)
        self.model.sort(place, order)
        self._reveal()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the search field Down and Return lead into the table, Escape empties it."""
        if watched is self._search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._search_key(event.key())
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Take the icons of another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._cells.take_palette()

    def _build(self) -> None:
        self._build_search()
        self._build_table()
        for label, role in ((self._count, "muted"), (self._name, "muted"), (self._reason, "warning")):
            label.setProperty("role", role)
            label.setWordWrap(label is not self._count)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._reason.setVisible(False)
        self._name.setVisible(False)
        bar = QHBoxLayout()
        bar.addWidget(self._filter, 1)
        bar.addWidget(self._sorting)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._search)
        layout.addLayout(bar)
        layout.addWidget(self._table, 1)
        for label in (self._count, self._name, self._reason):
            layout.addWidget(label)
        self._tell()

    def _build_search(self) -> None:
        self._search.setPlaceholderText(self.tr("Search films and problems"))
        self._search.setAccessibleName(self.tr("Search films and problems"))
        self._search.setClearButtonEnabled(True)
        self._search.installEventFilter(self)
        self._search.textChanged.connect(self._searched)
        for choice in WorkFilter:
            self._filter.addItem(choice.title, choice)
        self._filter.setAccessibleName(self.tr("Which films are listed"))
        self._filter.setToolTip(
            self.tr("Which films are listed. A film stays until you choose again, even if it no longer fits.")
        )
        self._filter.activated.connect(self._filtered)
        self._sorting.setText(self.tr("Sort"))
        self._sorting.setAccessibleName(self.tr("Sorting and columns"))
        self._sorting.setToolTip(self.tr("What the list is sorted by, and which columns it has"))
        self._sorting.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._sorting.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._sorting.setMenu(self._sorting_menu())

    def _sorting_menu(self) -> QMenu:
        menu = QMenu(self._sorting)
        group = QActionGroup(menu)
        choices: list[tuple[str, Column | None]] = [(self.tr("Order of the folder"), None)]
        choices += [(translated(COLUMNS[column].title), column) for column in Column]
        for title, column in choices:
            action = group.addAction(menu.addAction(title))
            action.setCheckable(True)
            action.setChecked(column is None)
            action.setData(column)
        group.triggered.connect(lambda action: self._clicked(action.data()))
        columns = menu.addMenu(self.tr("Columns"))
        for column in list(Column)[2:]:
            action = columns.addAction(translated(COLUMNS[column].title))
            action.setCheckable(True)
            action.setChecked(True)
            action.setData(column)
        columns.triggered.connect(self._show_column)
        return menu

    def _build_table(self) -> None:
        table = self._table
        table.setModel(self.model)
        table.setItemDelegate(self._cells)
        table.setAccessibleName(self.tr("Films"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setCornerButtonEnabled(False)
        rows = table.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 10)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setMinimumSectionSize(2 * SIZE)
        header.sectionClicked.connect(lambda section: self._clicked(Column(section)))
        for column in Column:
            header.resizeSection(column, self._width(column))

    def _width(self, column: Column) -> int:
        """Return the pixels that a column needs: its sample, or the longer line of its heading with the arrow."""
        metrics = self.fontMetrics()
        heading = str(self.model.headerData(column, Qt.Orientation.Horizontal)).split("\n")
        lines = (*heading, _SAMPLES.get(column, "0.00"))
        extra = {Column.FILM: 24, Column.STATUS: 2 * SIZE + 16}.get(column, 14)
        return max(metrics.horizontalAdvance(line) for line in lines) + extra

    def _search_key(self, key: int) -> bool:
        if key == Qt.Key.Key_Escape and self._search.text():
            self._search.clear()
            return True
        if key not in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.model.rowCount() and not self._table.currentIndex().isValid():
            self._table.setCurrentIndex(self.model.index(0, 0))
        return True

    def _searched(self, text: str) -> None:
        self.model.search(text)
        self._reveal()

    def _filtered(self) -> None:
        self.model.set_filter(self._filter.currentData())
        self._reveal()

    def _clicked(self, column: Column | None) -> None:
        """Sort by a column: first the side that needs a reader, then the other, then the order of the folder."""
        first = column is not None and COLUMNS[column].greatest_first
        if column is None or self._sorted[0] != column:
            self.sort_by(column, first)
        elif self._sorted[1] is first:
            self.sort_by(column, not first)
        else:
            self.sort_by(None)

    def _show_column(self, action: QAction) -> None:
        self._table.setColumnHidden(action.data(), not action.isChecked())

    def _went_to(self, index: QModelIndex) -> None:
        if index.isValid() and not self._quiet:
            self._current = self.model.shown_row(index.row()).key
            self._tell()
            self._reveal()
            self.film_chosen.emit(self._current)

    def _hold(self) -> None:
        """Remember where the current row stands in the view, if it is in sight."""
        place = self.model.place_of(self._current)
        self._offset = None
        if place is not None:
            top = self._table.rowViewportPosition(place)
            self._offset = top if 0 <= top < self._table.viewport().height() else None

    def _put_back(self) -> None:
        scroll = self._table.verticalScrollBar()
        before = scroll.value()
        self._set_heights()
        self._select_current()
        place = self.model.place_of(self._current)
        if place is not None and self._offset is not None:
            before = self._table.verticalHeader().sectionPosition(place) - self._offset
        # The table learns of its new length later; until then its scroll bar would refuse to go beyond the old end.
        self._table.updateGeometries()
        scroll.setValue(before)
        self._tell()

    def _set_heights(self) -> None:
        line = self._table.verticalHeader().defaultSectionSize()
        tall = set(self.model.two_line_places())
        for place in self._tall - tall:
            if place < self.model.rowCount():
                self._table.setRowHeight(place, line)
        for place in tall:
            self._table.setRowHeight(place, line + self.fontMetrics().height() + 4)
        self._tall = tall

    def _select_current(self) -> None:
        place = self.model.place_of(self._current)
        # Set by the program, not by the reader: nobody is to be told.
        self._quiet = True
        if place is None:
            self._table.clearSelection()
            self._table.setCurrentIndex(QModelIndex())
        else:
            self._table.setCurrentIndex(self.model.index(place, 0))
        self._quiet = False

    def _reveal(self) -> None:
        place = self.model.place_of(self._current)
        if place is not None:
            self._table.scrollTo(self.model.index(place, 0))

    def _tell(self) -> None:
        """Say below the table how many films are shown, and in full what the current row has no room for."""
        shown, total = self.model.rowCount(), self.model.total
        counted = self.tr("{total} films") if shown == total else self.tr("{shown} of {total} films")
        self._count.setText(counted.format(shown=shown, total=total))
        row = self.model.row_of(self._current)
        self._name.setText("" if row is None else row.name)
        self._reason.setText("" if row is None else row.reason)
        self._name.setVisible(row is not None)
        self._reason.setVisible(row is not None and bool(row.reason))
        # Now, not later: the lines take their room from the table, and the current row is to be in sight in the rest.
        self.layout().activate()
