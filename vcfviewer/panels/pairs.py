"""Two models on the film in sight: how they stand to each other and to the expert, and the threshold of each."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.domain.case import ModelCard
from engine.domain.matching import MatchKind
from engine.review import Agreement, PairedFilm, PairRow
from vcfviewer.panels.film_facts import ThresholdBar
from vcfviewer.panels.finding_table import SWATCH, above_detail, prepare_table, show_detail
from vcfviewer.panels.pairs_model import (
    PAIR_COLUMNS,
    PairColumn,
    PairsModel,
    counts_text,
    distance_text,
    expert_word,
    pair_level,
    pair_word,
    standing_text,
)
from vcfviewer.panels.words import DASH, family_title, model_name, notice_text, number
from vcfviewer.theme import kind_icon
from vcfviewer.translation import Texts

_MARGIN = 6
_PADDING = 9
_EXPERTS = (PairColumn.EXPERT_A, PairColumn.EXPERT_B)
_ALWAYS = 3
"""Columns that are shown at any width; level, kind and a score. The detail below shows all of it."""
NAMES = ("A", "B")


class PairPanel(QWidget):
    """A table of what A and B found, with the selected pair in detail below. `pair_chosen` carries a key."""

    pair_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        icons = MappingProxyType({kind: kind_icon(kind, SWATCH) for kind in MatchKind})
        self.model = PairsModel(icons, self)
        self._current = ""
        self._quiet = self._annotated = False
        self._models = tuple(_label(self) for _ in NAMES)
        self._film = _label(self)
        self._expert = _label(self, "muted")
        self._message = _label(self, "muted")
        self._notice = _label(self, "notice")
        self._table = QTableView(self)
        self._details = QScrollArea(self)
        self._detail = PairDetail(self)
        self._widths: dict[PairColumn, int] = {}
        self._build()
        Texts(self)(self._speak)
        self.model.modelReset.connect(self._select_current)
        self._table.selectionModel().currentRowChanged.connect(self._went_to)

    def show_film(self, cards: tuple[ModelCard, ModelCard], film: PairedFilm, message: str = "") -> None:
        """Show what two models say; `message` stands in the table's place where there are no pairs yet, or none."""
        self.model.set_rows(film.rows)
        if self.model.place_of(self._current) is None:
            self._current = ""
        for place, (letter, card) in enumerate(zip(NAMES, cards, strict=True)):
            text = f"{letter}: {model_name(card)}"
            if film.standings is not None:
                text += f"\n     {self.tr('with the expert')}: {standing_text(film.standings[place])}"
            about = self.tr("{family}, its own score threshold {threshold}")
            threshold = f"{card.score_threshold:.2f}"
            self._models[place].setText(text)
            self._models[place].setToolTip(about.format(family=family_title(card.model), threshold=threshold))
        self._annotated = film.standings is not None
        self._fit_columns()
        self._film.setText(counts_text(film))
        self._film.setVisible(not message)
        nobody = self.tr("No expert annotated this film: nobody says here which model is right.")
        thin = self.tr("The thin outlines are the expert's, as first opened.")
        self._expert.setText(nobody if film.standings is None else thin)
        self._expert.setVisible(not message)
        none = self.tr("No findings on this film at these thresholds, neither of A nor of B.")
        self._message.setText(message or none)
        self._message.setVisible(not film.rows)
        self._table.setVisible(bool(film.rows))
        self._select_current()

    @property
    def current(self) -> str:
        """The key of the selected pair, empty without one."""
        return self._current

    def set_current(self, key: str) -> None:
        """Select a pair without a signal; an unknown key selects none."""
        self._current = key if self.model.place_of(key) is not None else ""
        self._select_current()

    def focus_table(self) -> None:
        """Let the arrow keys walk the pairs."""
        self._table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many columns as there is room for."""
        super().resizeEvent(event)
        self._fit_columns()

    def _build(self) -> None:
        prepare_table(self._table, self.model, self.fontMetrics().height())
        splitter = above_detail(self._message, self._table, self._details, self._detail, (2, 2))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        for label in (self._notice, *self._models, self._film, self._expert):
            layout.addWidget(label)
        layout.addWidget(splitter, 1)

    def _speak(self) -> None:
        for letter, label in zip(NAMES, self._models, strict=True):
            label.setAccessibleName(self.tr("Model {letter}").format(letter=letter))
        self._film.setAccessibleName(self.tr("How the two models agree on this film"))
        self._table.setAccessibleName(self.tr("Findings of both models"))
        self._details.setAccessibleName(self.tr("Details of the selected pair"))
        self._notice.setText(notice_text())
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(PairColumn) - 1)
        self._widths = {column: self._width(column) for column in PairColumn}
        for column, width in self._widths.items():
            self._table.setColumnWidth(column, width)
        self._fit_columns()

    def _width(self, column: PairColumn) -> int:
        metrics = self.fontMetrics()
        heading = str(self.model.headerData(column, Qt.Orientation.Horizontal)).split("\n")
        texts = [*heading, PAIR_COLUMNS[column].sample]
        if column is PairColumn.KIND:
            texts += [pair_word(kind) for kind in (*MatchKind, None)]
        return max(map(metrics.horizontalAdvance, texts)) + _PADDING + (SWATCH + 4 if column is PairColumn.KIND else 0)

    def _fit_columns(self) -> None:
        frame = 2 * (_MARGIN + self._table.frameWidth())
        room = self.width() - frame - self._table.verticalScrollBar().sizeHint().width()
        for column in PairColumn:
            # No expert, no word of the expert's: then there is room for more of the rest.
            silent = column in _EXPERTS and not self._annotated
            room -= 0 if silent else self._widths[column]
            self._table.setColumnHidden(column, silent or (room < 0 and column >= _ALWAYS))

    def _went_to(self, index: QModelIndex) -> None:
        if self._quiet or not index.isValid():
            return
        self._current = self.model.rows[index.row()].key
        self._show_detail()
        self.pair_chosen.emit(self._current)

    def _select_current(self) -> None:
        place = self.model.place_of(self._current)
        self._quiet = True  # Set by the program, not by the reader: nobody is to be told.
        if place is None:
            self._table.clearSelection()
            self._table.setCurrentIndex(QModelIndex())
        else:
            self._table.setCurrentIndex(self.model.index(place, PairColumn.LEVEL))
        self._quiet = False
        self._show_detail()

    def _show_detail(self) -> None:
        place = self.model.place_of(self._current)
        self._detail.show_row(None if place is None else self.model.rows[place])
        show_detail(self._details, self._detail, place is not None)


class PairDetail(QWidget):
    """The selected pair: what each model and the expert say, and how each two outlines agree."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._sides = _label(self, "heading"), _label(self)
        self._heads = tuple(QLabel(self) for _ in range(3))
        self._names = tuple(QLabel(self) for _ in range(3))
        self._figures = tuple(tuple(QLabel(DASH, self) for _ in self._heads) for _ in self._names)
        self._row: PairRow | None = None
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(len(self._heads) + 1, 1)
        for column, head in enumerate(self._heads, 1):
            head.setProperty("role", "muted")
            grid.addWidget(head, 0, column, Qt.AlignmentFlag.AlignRight)
        for line, (name, labels) in enumerate(zip(self._names, self._figures, strict=True), 1):
            grid.addWidget(name, line, 0)
            for column, label in enumerate(labels, 1):
                grid.addWidget(label, line, column, Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for label in (self._title, self._sides):
            layout.addWidget(label)
        layout.addLayout(grid)
        layout.addStretch(1)
        Texts(self)(self._speak)

    def show_row(self, row: PairRow | None) -> None:
        """Take a pair, or none."""
        self._row = row
        if row is None:
            return
        self._title.setText(f"{pair_level(row)}  {pair_word(row.kind)}")
        nothing = self.tr("nothing here above its threshold")
        lines = []
        for letter, shape in zip(NAMES, (row.first, row.second), strict=True):
            score = self.tr("{label}, score {score}")
            told = nothing if shape is None else score.format(label=shape.label, score=number(shape.score))
            lines.append(f"{letter}: {told}.")
        if any(match is not None for match in row.by_expert):
            drawn = ", ".join(shape.label for shape in row.experts) or self.tr("nothing here")
            words = self.tr("Expert: {drawn}. With A: {first}; with B: {second}.")
            lines.append(words.format(drawn=drawn, first=expert_word(row, 0), second=expert_word(row, 1)))
        self._sides.setText("\n".join(lines))
        for labels, text in zip(self._figures, (_iou, _dice, distance_text), strict=True):
            for label, one in zip(labels, (row.agreement, *row.to_expert), strict=True):
                label.setText(text(one))

    def _speak(self) -> None:
        heads = (self.tr("A with B"), self.tr("Expert with A"), self.tr("Expert with B"))
        names = (self.tr("IoU"), self.tr("Dice"), self.tr("Boundary distance"))
        for label, text in zip((*self._heads, *self._names), (*heads, *names), strict=True):
            label.setText(text)
        self.show_row(self._row)


class PairThresholds(QWidget):
    """The score thresholds of two models, each with the mark at its own. `changed` carries whether B's, and 0 to 1."""

    changed = Signal(bool, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars = tuple(ThresholdBar(self, letter) for letter in NAMES)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for second, bar in enumerate(self.bars):
            layout.addWidget(bar)
            bar.changed.connect(lambda threshold, second=bool(second): self.changed.emit(second, threshold))
        self.hide()

    def show_models(
        self,
        cards: tuple[ModelCard, ModelCard],
        thresholds: Sequence[float],
        shown: Sequence[int],
        found: Sequence[int | None],
    ) -> None:
        """Show where each model's threshold stands, and how many of its findings that leaves; None: not predicted."""
        for place, bar in enumerate(self.bars):
            bar.set_model(cards[place].score_threshold)
            bar.set_threshold(thresholds[place])
            bar.setToolTip(model_name(cards[place]))
            count = found[place]
            bar.show_count(None if count is None else shown[place], count)


def _label(parent: QWidget, role: str = "") -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    return label


def _iou(agreement: Agreement | None) -> str:
    return number(None if agreement is None else agreement.iou, 3)


def _dice(agreement: Agreement | None) -> str:
    return number(None if agreement is None else agreement.dice, 3)
