"""The one presenter of errors: a banner that says what happened and what to do, and never stops the reader."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from types import MappingProxyType

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import (
    AnnotationReadError,
    AnnotationWriteError,
    ConfigError,
    DataError,
    EngineError,
    FilmReadError,
    TrainingError,
    WeightsError,
)
from vcfviewer.panels.dialogs._parts import copy_text, name_button, say, text_label
from vcfviewer.theme import icon
from vcfviewer.translation import QT_TRANSLATE_NOOP, Texts, translate

_ADVICE: MappingProxyType[type[BaseException], str] = MappingProxyType({
    FilmReadError: QT_TRANSLATE_NOOP("ErrorText", "You can read the other films. Check this file in another program."),
    AnnotationReadError: QT_TRANSLATE_NOOP(
        "ErrorText", "The file is left just as it is, and nothing is written to it. Mend it or move it away."
    ),
    AnnotationWriteError: QT_TRANSLATE_NOOP(
        "ErrorText", "Your edit is safe in the journal and is saved as soon as the file can be written."
    ),
    WeightsError: QT_TRANSLATE_NOOP("ErrorText", "Choose another model, or install this one again. You can read on."),
    ConfigError: QT_TRANSLATE_NOOP("ErrorText", "Change the setting that is named, and try again."),
    DataError: QT_TRANSLATE_NOOP("ErrorText", "Change the data as the message says, and try again."),
    TrainingError: QT_TRANSLATE_NOOP("ErrorText", "Start the training again: it goes on from its last checkpoint."),
    MemoryError: QT_TRANSLATE_NOOP("ErrorText", "Close other programs, and try again. You can read on."),
    PermissionError: QT_TRANSLATE_NOOP("ErrorText", "Ask for the right to use that file or folder, or choose another."),
    FileNotFoundError: QT_TRANSLATE_NOOP("ErrorText", "Check that the file or folder is still there, and try again."),
    OSError: QT_TRANSLATE_NOOP("ErrorText", "Check the disk or the network, and try again."),
    EngineError: QT_TRANSLATE_NOOP("ErrorText", "You can read on."),
})  # fmt: skip
"""What a reader can do, by kind of error; the nearest ancestor counts."""


@dataclass(frozen=True, slots=True)
class ErrorText:
    """An error in words: what happened, what to do, and what a programmer needs. `key` groups what is one trouble."""

    what: str
    advice: str
    details: str = ""
    key: str = ""

    def as_text(self) -> str:
        """Return all of it, to copy."""
        return "\n\n".join(part for part in (self.what, self.advice, self.details) if part)


def describe_error(doing: str, error: BaseException) -> ErrorText:
    """Put an error into words; `doing` says what was being done, such as "reading a film"."""
    kinds = [kind for kind in type(error).__mro__ if kind in _ADVICE]
    if kinds:
        advice = translate("ErrorText", _ADVICE[kinds[0]])
        message = str(error).strip() or type(error).__name__
    else:
        advice = translate(
            "ErrorText",
            "This is a fault of the program; your edits are kept. Copy the text and send it to its makers.",
        )
        message = f"{type(error).__name__}: {error}"
    pattern = translate("ErrorText", "{doing}: {message}")
    what = pattern.format(doing=doing, message=message) if doing else message
    return ErrorText(
        what, advice, "".join(traceback.format_exception(error)).strip(), f"{doing}|{type(error).__name__}"
    )


class ErrorBanner(QFrame):
    """Shows one error at a time, the newest first, and how many more there are; hidden while there is none.

    An error of the same `key` takes the place of the one before, so that a trouble that comes back isn't a flood.
    """

    dismissed = Signal(str)
    """The key of the error that the reader closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self._errors: tuple[ErrorText, ...] = ()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._texts = Texts(self)
        self._texts(lambda: self.setAccessibleName(self.tr("Errors")))
        self._sign = QLabel()
        self._sign.setPixmap(icon("error").pixmap(24, 24))
        self._texts(lambda: self._sign.setAccessibleName(self.tr("Error")))
        self._what = text_label("", "danger")
        self._advice = text_label("")
        self._more = text_label("", "muted")
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setTabChangesFocus(True)
        self._texts(lambda: self._details.setAccessibleName(self.tr("Details of the error")))
        self._toggle = QToolButton()
        self._toggle.setCheckable(True)
        self._copy = QPushButton()
        self._close = QPushButton()
        self._texts(self._speak)
        for button in (self._toggle, self._copy, self._close):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._arrange()
        self._toggle.toggled.connect(self._details.setVisible)
        self._copy.clicked.connect(self._copy_shown)
        self._close.clicked.connect(self._dismiss)
        self._texts(self._show_first)

    @property
    def errors(self) -> tuple[ErrorText, ...]:
        """All errors that stand, the newest first."""
        return self._errors

    def show_error(self, error: ErrorText) -> None:
        """Show an error; the reader goes on, the focus stays where it is."""
        key = error.key or error.what
        self._errors = (error, *(one for one in self._errors if (one.key or one.what) != key))
        self._show_first()

    def clear(self, key: str) -> None:
        """Take away the error with this key: its cause is gone."""
        self._errors = tuple(one for one in self._errors if one.key != key)
        self._show_first()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape while the focus is in the banner."""
        if event.key() == Qt.Key.Key_Escape:
            self._dismiss()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take the icon of another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._sign.setPixmap(icon("error").pixmap(24, 24))

    def _speak(self) -> None:
        self._toggle.setText(self.tr("&Details"))
        self._copy.setText(self.tr("&Copy text"))
        self._close.setText(self.tr("Clo&se"))
        for button in (self._toggle, self._copy, self._close):
            name_button(button)

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        for button in (self._toggle, self._copy, self._close):
            buttons.addWidget(button)
        texts = QVBoxLayout()
        for label in (self._what, self._advice, self._more):
            texts.addWidget(label)
        head = QHBoxLayout()
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(texts, 1)
        head.addLayout(buttons)
        head.setAlignment(buttons, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.addLayout(head)
        column.addWidget(self._details)
        self._details.setMaximumHeight(180)

    def _show_first(self) -> None:
        self.setVisible(bool(self._errors))
        if not self._errors:
            return
        first, others = self._errors[0], len(self._errors) - 1
        say(self._what, first.what)
        say(self._advice, first.advice)
        say(self._more, self.tr("Errors behind this one: {count}").format(count=others) if others else "")
        self._details.setPlainText(first.details)
        self._toggle.setVisible(bool(first.details))
        self._toggle.setChecked(self._toggle.isChecked() and bool(first.details))
        self._details.setVisible(self._toggle.isChecked())
        self.setAccessibleDescription(f"{first.what} {first.advice}")

    def _copy_shown(self) -> None:
        if self._errors:
            copy_text(self._errors[0].as_text())

    def _dismiss(self) -> None:
        if self._errors:
            gone = self._errors[0]
            self._errors = self._errors[1:]
            self._show_first()
            self.dismissed.emit(gone.key)
