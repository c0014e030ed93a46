"""Old model against new on films that neither learned from: figures with intervals, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QDesktopServices, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.data.split import read_split
from engine.errors import EngineError
from vcfviewer.model_comparison import ComparedFigure, Figure, ModelComparison
from vcfviewer.panels.dialogs._parts import PathField, name_button, read_only_table, say, text_label
from vcfviewer.panels.dialogs.curves import line_colour
from vcfviewer.panels.dialogs.model_dialog import CardEntry
from vcfviewer.panels.dialogs.retrain_form import split_beside
from vcfviewer.panels.words import DASH, model_name, notice_text
from vcfviewer.theme import colours
from vcfviewer.translation import QT_TRANSLATE_NOOP, translate

OLD_COLOUR, NEW_COLOUR = "#E69F00", "#56B4E9"

_NAMES = (
    QT_TRANSLATE_NOOP("ComparePage", "mask AP50"),
    QT_TRANSLATE_NOOP("ComparePage", "mask AP50:95"),
    QT_TRANSLATE_NOOP("ComparePage", "sensitivity, films"),
    QT_TRANSLATE_NOOP("ComparePage", "specificity, films"),
    QT_TRANSLATE_NOOP("ComparePage", "area under the ROC curve, films"),
    QT_TRANSLATE_NOOP("ComparePage", "sensitivity, fractures at any level"),
    QT_TRANSLATE_NOOP("ComparePage", "precision, fractures at any level"),
    QT_TRANSLATE_NOOP("ComparePage", "IoU of pairs"),
    QT_TRANSLATE_NOOP("ComparePage", "level named rightly, of pairs"),
)
"""The names that `vcfviewer.model_comparison` gives its figures."""


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """Which two model cards to compare, on which films; `split` None: on all films of `data`.

    With `specificity` (0..1) the new model's score threshold is fixed first, on the split's validation films.
    """

    old: Path
    new: Path
    data: Path
    split: Path | None
    specificity: float | None = None


def figure_words(figure: Figure) -> str:
    """Return `0.75 (0.71 to 0.80), n 384`; a dash where the figure can't be had."""
    if figure.value is None:
        return DASH
    text = f"{figure.value:.2f}"
    if figure.low is not None and figure.high is not None:
        between = translate("ComparePage", "({low} to {high})")
        text += " " + between.format(low=f"{figure.low:.2f}", high=f"{figure.high:.2f}")
    return translate("ComparePage", "{figure}, n {number}").format(figure=text, number=figure.n)


def verdict_words(figure: ComparedFigure) -> str:
    """Return what the intervals allow to say of the difference."""
    if figure.old.value is None or figure.new.value is None:
        return DASH
    if not figure.apart:
        return translate("ComparePage", "no clear difference")
    better = figure.new.value > figure.old.value
    return translate("ComparePage", "new is better") if better else translate("ComparePage", "new is worse")


class IntervalView(QWidget):
    """Both intervals on one axis from 0 to 1: the old model's above with a round mark, the new one's below, square."""

    def __init__(self, figure: ComparedFigure) -> None:
        """Show one figure of both models."""
        super().__init__()
        self._figure = figure
        self.setMinimumSize(120, 26)
        both = translate("ComparePage", "old {old}; new {new}")
        self.setToolTip(both.format(old=figure_words(figure.old), new=figure_words(figure.new)))
        self.setAccessibleName(self.toolTip())

    def sizeHint(self) -> QSize:
        """Return a size at which both lie apart."""
        return QSize(200, 26)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the axis and both intervals."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(8, 4, -8, -4)
        painter.setPen(QPen(QColor(colours(self.palette()).raised), 1))
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            x = area.left() + share * area.width()
            painter.drawLine(int(x), int(area.top()), int(x), int(area.bottom()))
        for row, (figure, name) in enumerate(((self._figure.old, OLD_COLOUR), (self._figure.new, NEW_COLOUR))):
            if figure.value is None:
                continue
            colour = line_colour(name, self.palette())
            y = area.top() + area.height() * (0.25 + 0.5 * row)
            painter.setPen(QPen(colour, 2, Qt.PenStyle.DashLine if row else Qt.PenStyle.SolidLine))
            if figure.low is not None and figure.high is not None:
                left, right = (area.left() + share * area.width() for share in (figure.low, figure.high))
                painter.drawLine(int(left), int(y), int(right), int(y))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            mark = QRectF(area.left() + figure.value * area.width() - 3.5, y - 3.5, 7, 7)
            if row:
                painter.drawRect(mark)
            else:
                painter.drawEllipse(mark)


class ComparePage(QWidget):
    """The third page of the training dialog."""

    compare_asked = Signal(object)
    """A `CompareRequest`; the answer comes back through `show_comparison` or `show_failure`."""

    cancel_asked = Signal()
    """The reader doesn't want to wait for the comparison."""

    use_asked = Signal(str)
    """The path of the new card: it is to be the model in use."""

    def __init__(self, entries: Sequence[CardEntry], current: Path | None) -> None:
        """Offer the models to compare."""
        super().__init__()
        self._old, self._new = QComboBox(), QComboBox()
        self._data = PathField(self.tr("Films to compare on"), "", self.tr("the data of the training"))
        self._split = PathField(
            self.tr("Split into parts"), "", self.tr("split.json in that folder, if there is one"),
            self.tr("Splits (*.json)"),
        )  # fmt: skip
        self._specificity = QDoubleSpinBox()
        self._go = QPushButton(self.tr("&Compare"))
        self._cancel = QPushButton(self.tr("C&ancel"))
        self._use = QPushButton(self.tr("&Use the new model"))
        self._report = QPushButton(self.tr("Open both &reports"))
        self._bar = QProgressBar()
        self._said = text_label("", "muted")
        self._table = read_only_table(self._headers(), (), self.tr("Figures of both models"))
        self._comparison: ModelComparison | None = None
        self.set_cards(entries, current, current)
        self._arrange()
        self._go.clicked.connect(self._ask)
        self._cancel.clicked.connect(self._break_off)
        self._use.clicked.connect(lambda: self.use_asked.emit(str(self._new.currentData())))
        self._report.clicked.connect(self._open_reports)
        for box in (self._old, self._new):
            box.currentIndexChanged.connect(self._check)
        self._data.changed.connect(self._check)
        self._show_busy(False)

    def set_cards(self, entries: Sequence[CardEntry], old: Path | None, new: Path | None) -> None:
        """Offer other cards, with `old` and `new` chosen."""
        for box, chosen in ((self._old, old), (self._new, new)):
            box.clear()
            for entry in entries:
                box.addItem(model_name(entry.card), str(entry.path.resolve()))
            box.setCurrentIndex(box.findData(str(chosen.resolve())) if chosen is not None else -1)

    def set_data(self, data: Path | None, split: Path | None) -> None:
        """Fill in the films of a training."""
        self._data.set_path(str(data) if data is not None else "")
        self._split.set_path(str(split) if split is not None else "")

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show how far a comparison is: films of both models together."""
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        say(self._said, text, "muted")

    def show_failure(self, text: str) -> None:
        """Say why there is no comparison."""
        self._show_busy(False)
        say(self._said, text, "danger")

    def show_comparison(self, comparison: ModelComparison) -> None:
        """Show both models' figures."""
        self._comparison = comparison
        self._show_busy(False)
        text = self.tr(
            "{films} films, {fractures} fractures. Score thresholds: old {old}, new {new}. "
            "Intervals are of 95 %; a difference is called clear where they don't overlap."
        ).format(
            films=comparison.films, fractures=comparison.fractures,
            old=f"{comparison.old_threshold:.2f}", new=f"{comparison.new_threshold:.2f}",
        )  # fmt: skip
        say(self._said, "\n".join(part for part in (text, comparison.note) if part), "muted")
        self._table.setRowCount(len(comparison.figures))
        for row, figure in enumerate(comparison.figures):
            name = translate("ComparePage", figure.name)
            for column, cell in enumerate((name, figure_words(figure.old), figure_words(figure.new))):
                self._table.setItem(row, column, QTableWidgetItem(cell))
            self._table.setCellWidget(row, 3, IntervalView(figure))
            self._table.setItem(row, 4, QTableWidgetItem(verdict_words(figure)))
        self._table.resizeColumnsToContents()
        self._table.setColumnWidth(3, 210)
        for row in range(self._table.rowCount()):
            self._table.setRowHeight(row, 30)
        self._check()

    def _headers(self) -> tuple[str, ...]:
        return (
            self.tr("Figure"), self.tr("Old"), self.tr("New"), self.tr("0 to 1: old ● new ■"), self.tr("Difference"),
        )  # fmt: skip

    def _arrange(self) -> None:
        form = QFormLayout()
        form.addRow(self.tr("&Old model"), self._old)
        form.addRow(self.tr("&New model"), self._new)
        form.addRow(self.tr("&Films"), self._data)
        form.addRow(self.tr("&Split"), self._split)
        form.addRow(self.tr("New &threshold"), self._specificity)
        self._specificity.setRange(0.0, 0.99)
        self._specificity.setSingleStep(0.01)
        self._specificity.setValue(0.93)
        self._specificity.setSpecialValueText(self.tr("as its card says"))
        self._specificity.setPrefix(self.tr("film specificity on the validation films: "))
        self._specificity.setAccessibleName(self.tr("Film specificity at which the new model's threshold is fixed"))
        self._old.setAccessibleName(self.tr("Old model"))
        self._new.setAccessibleName(self.tr("New model"))
        self._bar.setAccessibleName(self.tr("Progress of the comparison"))
        row = QHBoxLayout()
        row.addWidget(self._go, 0, Qt.AlignmentFlag.AlignLeft)
        row.addWidget(self._cancel)
        row.addWidget(self._bar, 1)
        end = QHBoxLayout()
        end.addWidget(QLabel(notice_text()), 1)
        end.addWidget(self._report)
        end.addWidget(self._use)
        for button in (self._go, self._cancel, self._use, self._report):
            name_button(button)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addLayout(row)
        column.addWidget(self._said)
        column.addWidget(self._table, 1)
        column.addLayout(end)

    def _ask(self) -> None:
        split = split_beside(self._data.path, self._split.path)
        try:
            fixable = split is not None and bool(read_split(split).valid)
        except EngineError as error:
            self.show_failure(str(error))
            return
        self._comparison = None
        self._table.setRowCount(0)
        self._show_busy(True)
        old, new = Path(self._old.currentData()), Path(self._new.currentData())
        specificity = self._specificity.value() if fixable else 0.0
        self.compare_asked.emit(CompareRequest(old, new, Path(self._data.path), split, specificity or None))

    def _break_off(self) -> None:
        self._show_busy(False)
        say(self._said, self.tr("The comparison was broken off."), "muted")
        self.cancel_asked.emit()

    def _show_busy(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        self._bar.setRange(0, 0)
        self._cancel.setVisible(busy)
        self._go.setVisible(not busy)
        self._check()

    def _check(self) -> None:
        old, new = self._old.currentData(), self._new.currentData()
        two = bool(old and new and old != new)
        self._go.setEnabled(two and Path(self._data.path or "?").is_dir())
        self._use.setEnabled(bool(new) and two)
        self._report.setEnabled(self._comparison is not None)
        if not self._go.isEnabled() and self._comparison is None and not self._bar.isVisible():
            say(
                self._said,
                self.tr("Choose two models, and a folder of labelled films that neither learned from."),
                "muted",
            )

    def _open_reports(self) -> None:
        if self._comparison is not None:
            for page in (self._comparison.old_report, self._comparison.new_report):
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(page)))


def table_texts(table: QTableWidget) -> list[list[str]]:
    """Return a table's texts row by row, as they can be copied."""
    return [
        [item.text() if (item := table.item(row, column)) is not None else "" for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]
