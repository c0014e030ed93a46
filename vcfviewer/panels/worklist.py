"""The worklist: every film that is open, searched as one types, filtered, sorted, walked by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from engine.review import FilmSummary
from vcfviewer.panels.worklist_model import Column, WorkFilter, WorkModel, WorkRow
from vcfviewer.panels.worklist_table import SortButton, WorkTable
from vcfviewer.translation import Texts


class WorklistPanel(QWidget):
    """The list of films. `film_chosen` carries the key of the film that the reader went to."""

    film_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = WorkModel(self)
        self._search = QLineEdit(self)
        self._filter = QComboBox(self)
        self._sorting = SortButton(self)
        self._table = WorkTable(self.model, self)
        self._count = QLabel(self)
        self._name = QLabel(self)
        self._reason = QLabel(self)
        self._column = QVBoxLayout(self)
        self._build()
        self.model.modelReset.connect(self._tell)
        self._table.chosen.connect(self._went_to)
        self._table.sorted_by.connect(self._sorting.mark)
        self._sorting.sort_asked.connect(self._table.sort_on)
        self._sorting.column_asked.connect(lambda column, shown: self._table.setColumnHidden(column, not shown))

    def set_rows(self, rows: Iterable[WorkRow]) -> None:
        """Show other films; the current one stays current if it is among them."""
        self.model.set_rows(rows)
        self._table.reveal()

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
        self._table.fit_heights()
        self._tell()

    @property
    def current(self) -> str:
        """The key of the current film, empty without one."""
        return self._table.current

    @property
    def selected(self) -> tuple[str, ...]:
        """The keys of the films selected, in the order shown."""
        return self._table.selected

    def set_current(self, key: str) -> None:
        """Make a film the current one, without a signal, and bring its row into sight."""
        self._table.set_current(key)
        self._tell()
        self._table.reveal()

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
        self._table.sort_by(column, descending)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the search field Down and Return lead into the table, Escape empties it."""
        if watched is self._search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._search_key(event.key())
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        self._search.setClearButtonEnabled(True)
        self._search.installEventFilter(self)
        self._search.textChanged.connect(self._searched)
        for choice in WorkFilter:
            self._filter.addItem("", choice)
        self._filter.activated.connect(self._filtered)
        for label, role in ((self._count, "muted"), (self._name, "muted"), (self._reason, "warning")):
            label.setProperty("role", role)
            label.setWordWrap(label is not self._count)
            label.setTextFormat(Qt.TextFormat.PlainText)
        bar = QHBoxLayout()
        bar.addWidget(self._filter, 1)
        bar.addWidget(self._sorting)
        self._column.setContentsMargins(6, 6, 6, 6)
        self._column.addWidget(self._search)
        self._column.addLayout(bar)
        self._column.addWidget(self._table, 1)
        for label in (self._count, self._name, self._reason):
            self._column.addWidget(label)
        Texts(self)(self._speak)

    def _speak(self) -> None:
        self._search.setPlaceholderText(self.tr("Search films and problems"))
        self._search.setAccessibleName(self.tr("Search films and problems"))
        for place, choice in enumerate(WorkFilter):
            self._filter.setItemText(place, choice.title)
        self._filter.setAccessibleName(self.tr("Which films are listed"))
        self._filter.setToolTip(
            self.tr("Which films are listed. A film stays until you choose again, even if it no longer fits.")
        )
        self._tell()

    def _search_key(self, key: int) -> bool:
        if key == Qt.Key.Key_Escape and self._search.text():
            self._search.clear()
            return True
        if key not in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._table.go_to_first()
        return True

    def _searched(self, text: str) -> None:
        self.model.search(text)
        self._table.reveal()

    def _filtered(self) -> None:
        self.model.set_filter(self._filter.currentData())
        self._table.reveal()

    def _went_to(self, key: str) -> None:
        self._tell()
        self._table.reveal()
        self.film_chosen.emit(key)

    def _tell(self) -> None:
        """Say below the table how many films are shown, and in full what the current row has no room for."""
        shown, total = self.model.rowCount(), self.model.total
        counted = self.tr("{total} films") if shown == total else self.tr("{shown} of {total} films")
        self._count.setText(counted.format(shown=shown, total=total))
        row = self.model.row_of(self.current)
        self._name.setText("" if row is None else row.name)
        self._reason.setText("" if row is None else row.reason)
        self._name.setVisible(row is not None)
        self._reason.setVisible(row is not None and bool(row.reason))
        # Now, not later: the lines take their room from the table, and the current row is to be in sight in the rest.
        self._column.activate()
