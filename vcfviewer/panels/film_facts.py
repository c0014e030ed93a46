"""What kind of picture is looked at, above the film; and the score from which on the model's findings are shown."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QVBoxLayout,
    QWidget,
)

from engine.domain.morphometry import Facing
from engine.films import Film
from vcfviewer.panels.words import TIMES, facing_word
from vcfviewer.theme import colours
from vcfviewer.translation import Texts

_HARD_SPACE = "\N{NO-BREAK SPACE}"
_BETWEEN = " · "
_STEPS = 100


class FilmFactsBar(QWidget):
    """Size, bit depth, inversion, spacing, facing, EXIF turn: a line of facts, and a line of what to beware of."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = QLabel(self)
        self._warnings = QLabel(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 2)
        layout.setSpacing(1)
        for label, role in ((self._facts, "muted"), (self._warnings, "warning")):
            label.setProperty("role", role)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            layout.addWidget(label)
        texts = Texts(self)
        texts(lambda: self._facts.setAccessibleName(self.tr("Facts of the film")))
        texts(lambda: self._warnings.setAccessibleName(self.tr("Warnings on the film")))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        self.show_film(None)

    def show_film(
        self,
        film: Film | None,
        facing: Facing | None = None,
        facing_by: str = "",
        spacing_caption: str = "",
        simulated: bool = False,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Show a film's facts, None for no film.

        `facing_by` says whose facing it is, such as `file` or `reader`; `spacing_caption` what a pixel is in mm and of
        which kind, empty where that isn't known. `notes` are sentences for the line of warnings.
        """
        if film is None:
            self._say((self.tr("No film is open."),), ())
            return
        told = dict(film.facts)
        facts = [
            self._size(film),
            self.tr("{bits} bit").format(bits=told.get("bits") or 8 * film.pixels.dtype.itemsize),
            self.tr("inverted when shown (MONOCHROME1)") if film.inverted else self.tr("not inverted"),
            spacing_caption or self.tr("mm not known"),
            self._facing(facing, facing_by),
        ]
        if "EXIF orientation" in told:
            facts.append(self.tr("turned by EXIF"))
        if "file" in told:
            facts.append(told["file"].strip(", "))
        warnings = [f"{_sentence(text)}" for name, text in film.facts if name == "warning"]
        if "overlay" in told:
            warnings.append(self.tr("The file has an overlay, which isn't shown."))
        if simulated:
            warnings.insert(0, self.tr("A simulated film, not a patient."))
        if facing is None:
            warnings.append(
                self.tr("Set which way the patient faces, here or in the settings for all: heights need it.")
            )
        self._say(tuple(facts), (*warnings, *notes))

    def _say(self, facts: tuple[str, ...], warnings: tuple[str, ...]) -> None:
        # A fact isn't broken in the middle; where there is no room the line breaks between two.
        self._facts.setText(_BETWEEN.join(fact.replace(" ", _HARD_SPACE) for fact in facts))
        self._warnings.setText(" ".join(warnings))
        self._warnings.setVisible(bool(warnings))

    @staticmethod
    def _size(film: Film) -> str:
        height, width = film.size
        return f"{width} {TIMES} {height} px"

    def _facing(self, facing: Facing | None, whose: str) -> str:
        if facing is None:
            return self.tr("facing not known")
        return f"{facing_word(facing)} ({whose})" if whose else facing_word(facing)


class ThresholdBar(QWidget):
    """The score threshold: a slider with a mark at the model's own, and the number. `changed` carries 0 to 1, live."""

    changed = Signal(float)

    def __init__(self, parent: QWidget | None = None, letter: str = "") -> None:
        """Start at 0.5; `letter` says whose threshold this is where two models are compared."""
        super().__init__(parent)
        self._letter = letter
        self._own = self._threshold = 0.5
        self._slider = _MarkedSlider(self)
        self._number = QDoubleSpinBox(self)
        self._reset = QPushButton(self)
        self._count = QLabel(self)
        self._counted: tuple[int | None, int | None] = (None, None)
        self._build()
        self._slider.valueChanged.connect(lambda step: self._moved(step / _STEPS))
        self._number.valueChanged.connect(self._moved)
        self._reset.clicked.connect(lambda: self._moved(self._own))
        self.set_threshold(self._own)

    @property
    def threshold(self) -> float:
        """The score from which on findings are shown, 0 to 1."""
        return self._threshold

    def set_model(self, own_threshold: float) -> None:
        """Mark the threshold that the model's card names, 0 to 1."""
        self._own = own_threshold
        self._slider.set_mark(own_threshold)
        self._reset.setToolTip(
            self.tr("Back to {value}, as fixed on validation films").format(value=f"{self._own:.2f}")
        )
        self._offer_own()

    def set_threshold(self, threshold: float) -> None:
        """Show a threshold, 0 to 1, without a signal."""
        with QSignalBlocker(self._slider), QSignalBlocker(self._number):
            self._slider.setValue(round(threshold * _STEPS))
            self._number.setValue(threshold)
        self._threshold = threshold
        self._offer_own()

    def show_count(self, shown: int | None, found: int | None) -> None:
        """Say how many of the model's findings are shown; None where there is no prediction."""
        self._counted = (shown, found)
        known = shown is not None and found is not None
        text = self.tr("{shown} of {found} findings shown").format(shown=shown, found=found)
        self._count.setText(text if known else self.tr("no prediction"))

    def show_hidden(self) -> None:
        """Say that predictions stay hidden, and nothing of how many there are."""
        self._count.setText(self.tr("findings hidden until you commit"))

    def _build(self) -> None:
        title = QLabel(self)
        texts = Texts(self)
        texts(lambda: title.setText(self._title()))
        texts(lambda: self._reset.setText(self.tr("Model's own")))
        title.setBuddy(self._slider)
        self._slider.setRange(0, _STEPS)
        self._slider.setPageStep(5)
        texts(lambda: self._slider.setAccessibleName(self._title().replace("&", "")))
        texts(
            lambda: self._slider.setToolTip(
                self.tr("Findings that the model scores lower aren't shown. The mark is the model's own.")
            )
        )
        self._number.setRange(0.0, 1.0)
        self._number.setDecimals(2)
        self._number.setSingleStep(0.01)
        # Told of each digit, the number that is being typed would be written anew under the reader's fingers.
        self._number.setKeyboardTracking(False)
        texts(lambda: self._number.setAccessibleName(self._whose(self.tr("Score threshold as a number"))))
        self._count.setProperty("role", "muted")
        if self._letter:  # Two bars, one above the other: their sliders are of one length.
            widest = self.tr("{shown} of {found} findings shown").format(shown=88, found=88)
            self._count.setMinimumWidth(self.fontMetrics().horizontalAdvance(widest))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 2)
        layout.addWidget(title)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._number)
        layout.addWidget(self._reset)
        layout.addWidget(self._count)
        texts(lambda: self.set_model(self._own))
        texts(lambda: self.show_count(*self._counted))

    def _title(self) -> str:
        # Without a letter for Alt where there are two: one key for both would only choose between them.
        if self._letter:
            return self.tr("{letter}: score threshold").format(letter=self._letter)
        return self.tr("Score &threshold")

    def _whose(self, text: str) -> str:
        return f"{self._letter}: {text}" if self._letter else text

    def _offer_own(self) -> None:
        self._reset.setEnabled(round(self._own, 2) != round(self._threshold, 2))

    def _moved(self, threshold: float) -> None:
        before = self._threshold
        self.set_threshold(threshold)
        if self._threshold != before:
            self.changed.emit(self._threshold)


class _MarkedSlider(QSlider):
    """A horizontal slider with a mark at one value."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._mark = 0.0

    def set_mark(self, share: float) -> None:
        """Mark a value, 0 to 1 of the range."""
        self._mark = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the mark, and the slider over it."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style = self.style()
        handle = style.pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)
        left = style.sliderPositionFromValue(0, _STEPS, round(self._mark * _STEPS), self.width() - handle) + handle // 2
        painter = QPainter(self)
        painter.setPen(QPen(QColor(colours(self.palette()).warning), 2))
        painter.drawLine(left, 0, left, self.height())
        painter.end()
        super().paintEvent(event)


def _sentence(text: str) -> str:
    """Return a fact's text as a sentence."""
    return f"{text[:1].upper()}{text[1:]}."
