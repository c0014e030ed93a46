"""The findings of the film in sight: what the model and the expert have, how they agree, what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.domain.decisions import RejectReason
from engine.domain.matching import MatchKind
from engine.review import FilmSummary, FindingRow
from vcfviewer.panels.finding_table import SWATCH, above_detail, prepare_table, show_detail
from vcfviewer.panels.findings_detail import FindingDetail
from vcfviewer.panels.findings_model import FINDING_COLUMNS, FindingColumn, FindingsModel, Live
from vcfviewer.panels.words import DASH, notice_text, number, reason_word
from vcfviewer.theme import kind_icon
from vcfviewer.translation import Texts

_MARGIN = 6
_PRIORITY = (
    FindingColumn.LEVEL,
    FindingColumn.KIND,
    FindingColumn.IOU,
    FindingColumn.SCORE,
    FindingColumn.DECISION,
    FindingColumn.OWN_GRADE,
    FindingColumn.SUGGESTION,
    FindingColumn.LOSS,
    FindingColumn.BOUNDARY,
    FindingColumn.HEIGHTS,
    FindingColumn.DICE,
)
"""Which columns are shown as room allows; the detail below shows all of it at any width."""


class FindingsPanel(QWidget):
    """A table of findings with the selected one in detail below.

    `finding_chosen` carries the key of the finding that the reader went to. The rest is asked from the table's menu:
    `accept_asked` and `withdraw_asked` carry a key, `reject_asked` a key and a `RejectReason`.
    """

    finding_chosen = Signal(str)
    accept_asked = Signal(str)
    reject_asked = Signal(str, object)
    withdraw_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        icons = MappingProxyType({kind: kind_icon(kind, SWATCH) for kind in MatchKind})
        self.model = FindingsModel(icons, self)
        self._current = ""
        self._quiet = False
        self._caption = ""
        self._model = QLabel(self)
        self._film = QLabel(self)
        self._counts = QLabel(self)
        self._table = QTableView(self)
        self._message = QLabel(self)
        self._detail = FindingDetail(self)
        self._notice = QLabel(self)
        self._widths: dict[FindingColumn, int] = {}
        self._details = QScrollArea(self)
        self._build()
        Texts(self)(self._speak)
        self.model.modelReset.connect(self._select_current)
        self._table.selectionModel().currentRowChanged.connect(self._went_to)
        self.show_model("")
        self.show_summary(None)

    def show_rows(self, rows: Sequence[FindingRow], unit_caption: str, message: str = "") -> None:
        """Show the findings of a film; `unit_caption` says which millimetres these are, such as `mm (detector plane)`.

        `message` stands in the table's place where there are none: nothing found, predicting, hidden in a blind read.
        """
        self._caption = unit_caption
        self.model.set_rows(rows)
        if self.model.place_of(self._current) is None:
            self._current = ""
        self._message.setText(message or self.tr("No findings on this film, neither the expert's nor the model's."))
        self._message.setVisible(not rows)
        self._table.setVisible(bool(rows))
        self._select_current()

    def show_model(self, name: str, family: str = "") -> None:
        """Say whose findings are compared with the expert's; without a name, that there is no model."""
        self._detail.show_model(name)
        self._model.setToolTip(family)
        self._model.setText(self.tr("Model: {model}").format(model=name or DASH))

    def show_summary(self, summary: FilmSummary | None) -> None:
        """Show the film's IoU and counts; None where nothing was compared yet."""
        self._counts.setVisible(summary is not None)
        if summary is None:
            self._film.setText(self.tr("Film IoU {iou}").format(iou=DASH))
            return
        text = self.tr("Film IoU {iou}")
        if number(summary.film_iou_now) != number(summary.film_iou):
            text = self.tr("Film IoU {iou}, now {now}")
        self._film.setText(text.format(iou=number(summary.film_iou), now=number(summary.film_iou_now)))
        counts = self.tr("Agrees {agrees} · label differs {differs} · missed {missed} · extra {extra}")
        self._counts.setText(
            counts.format(
                agrees=summary.agrees,
                differs=summary.label_differs,
                missed=summary.missed,
                extra=summary.extra,
            )
        )

    def show_live(
        self,
        key: str,
        iou: float | None,
        dice: float | None,
        boundary: float | None,
        boundary_mm: float | None = None,
    ) -> None:
        """Show how a pair agrees while its outline is dragged, `boundary` in px and, if known, mm; None ends it."""
        live = None
        if iou is not None and dice is not None and boundary is not None:
            live = Live(key, iou, dice, boundary, boundary_mm)
        self.model.set_live(live)
        self._detail.show_live(live)

    @property
    def current(self) -> str:
        """The key of the selected finding, empty without one."""
        return self._current

    def set_current(self, key: str) -> None:
        """Select a finding without a signal; an unknown key selects none."""
        self._current = key if self.model.place_of(key) is not None else ""
        self._select_current()

    def focus_table(self) -> None:
        """Let the arrow keys walk the findings."""
        self._table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many columns as there is room for."""
        super().resizeEvent(event)
        self._fit_columns()

    def _build(self) -> None:
        self._message.setWordWrap(True)
        self._message.setProperty("role", "muted")
        self._notice.setProperty("role", "notice")
        self._notice.setWordWrap(True)
        self._model.setTextFormat(Qt.TextFormat.PlainText)
        self._model.setWordWrap(True)
        prepare_table(self._table, self.model, self.fontMetrics().height())
        self._table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._table.customContextMenuRequested.connect(self._show_menu)
        splitter = above_detail(self._message, self._table, self._details, self._detail, (2, 3))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout.addWidget(self._notice)
        head = QHBoxLayout()
        head.addWidget(self._model, 1)
        head.addWidget(self._film)
        layout.addLayout(head)
        layout.addWidget(self._counts)
        layout.addWidget(splitter, 1)

    def _width(self, column: FindingColumn) -> int:
        """Return the pixels that a column needs: its sample, or the longer line of its heading."""
        metrics = self.fontMetrics()
        heading = str(self.model.headerData(column, Qt.Orientation.Horizontal)).split("\n")
        widest = max(metrics.horizontalAdvance(line) for line in (*heading, FINDING_COLUMNS[column].sample))
        return widest + 12 + (SWATCH + 4 if column is FindingColumn.KIND else 0)

    def _speak(self) -> None:
        self._model.setAccessibleName(self.tr("Whose findings these are"))
        self._film.setAccessibleName(self.tr("Agreement on this film"))
        self._counts.setAccessibleName(self.tr("How many findings agree"))
        self._table.setAccessibleName(self.tr("Findings of this film"))
        self._details.setAccessibleName(self.tr("Details of the selected finding"))
        self._notice.setText(notice_text())
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(FindingColumn) - 1)
        self._widths = {column: self._width(column) for column in FindingColumn}
        for column, width in self._widths.items():
            self._table.setColumnWidth(column, width)
        self._fit_columns()

    def _fit_columns(self) -> None:
        # The panel's width, not the table's: that one learns of it later.
        frame = 2 * (_MARGIN + self._table.frameWidth())
        room = self.width() - frame - self._table.verticalScrollBar().sizeHint().width()
        for place, column in enumerate(_PRIORITY):
            room -= self._widths[column]
            self._table.setColumnHidden(column, room < 0 and place >= 3)

    def _went_to(self, index: QModelIndex) -> None:
        if self._quiet or not index.isValid():
            return
        self._current = self.model.rows[index.row()].key
        self._show_detail()
        self.finding_chosen.emit(self._current)

    def _select_current(self) -> None:
        place = self.model.place_of(self._current)
        # Set by the program, not by the reader: nobody is to be told.
        self._quiet = True
        if place is None:
            self._table.clearSelection()
            self._table.setCurrentIndex(QModelIndex())
        else:
            self._table.setCurrentIndex(self.model.index(place, FindingColumn.LEVEL))
        self._quiet = False
        self._show_detail()

    def _show_detail(self) -> None:
        place = self.model.place_of(self._current)
        self._detail.show_row(None if place is None else self.model.rows[place], self._caption)
        show_detail(self._details, self._detail, place is not None)

    def _show_menu(self, at: QPoint) -> None:
        """Offer what can be decided on the finding under the pointer, or on the current one for the menu key."""
        index = self._table.indexAt(at)
        if not index.isValid():
            index = self._table.currentIndex()
        if not index.isValid():
            return
        menu = self.menu_for(self.model.rows[index.row()])
        menu.exec(self._table.viewport().mapToGlobal(at))
        menu.deleteLater()

    def menu_for(self, row: FindingRow) -> QMenu:
        """Return the menu of what can be decided on a finding."""
        menu = QMenu(self._table)
        accept = self.tr("Keep the expert's finding") if row.predicted is None else self.tr("Accept")
        menu.addAction(accept, lambda: self.accept_asked.emit(row.key))
        reject = menu.addMenu(self.tr("Reject because of"))
        reject.setEnabled(row.predicted is not None)
        for reason in RejectReason:
            reject.addAction(reason_word(reason)).setData(reason)
        reject.triggered.connect(lambda action: self.reject_asked.emit(row.key, action.data()))
        withdraw = menu.addAction(self.tr("Take the decision back"), lambda: self.withdraw_asked.emit(row.key))
        withdraw.setEnabled(row.decision is not None)
        return menu
