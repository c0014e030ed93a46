"""Keys that act while they are held, and keys that belong to the control in focus rather than to an action."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from vcfviewer.canvas.comparison import Comparison

Hold = Callable[[bool], None]

TYPED_INTO = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)
WALKED = (QAbstractItemView, QAbstractSlider, QComboBox)
WALKING_KEYS = frozenset(
    (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End,
     Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
)  # fmt: skip
ENDING_KEYS = frozenset(
    (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
)


class HeldKeys(QObject):
    """Filters the application's keys: calls `holds[key](True)` when one goes down, and (False) when it comes up.

    What is typed into a field stays there: Return in the search field must not accept a finding.
    """

    def __init__(self, window: QWidget, holds: Mapping[Qt.Key, Hold]) -> None:
        """Watch the keys of `window`."""
        super().__init__(window)
        self._window, self._holds = window, dict(holds)
        self._down: set[Qt.Key] = set()
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    @classmethod
    def of(cls, window: QWidget, canvas: Comparison) -> HeldKeys:
        """Hold what hides the shapes, shows the other side's, and magnifies."""
        key = Qt.Key
        return cls(window, {
            key.Key_H: canvas.hold_shapes_hidden, key.Key_V: canvas.show_other_side, key.Key_L: canvas.magnify,
        })  # fmt: skip

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See keys before anybody else."""
        kind = event.type()
        if kind == QEvent.Type.ApplicationDeactivate or (
            kind == QEvent.Type.WindowDeactivate and watched is self._window
        ):
            # The key comes up in another program, or in a dialog: this window wouldn't hear of it.
            self._release_all()
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        if kind == QEvent.Type.ShortcutOverride and belongs_to(watched, event):
            event.accept()
            return True
        key = Qt.Key(event.key())
        if kind == QEvent.Type.KeyPress and is_searched_by(watched, event) and key not in self._holds:
            # The key of an action that isn't possible now; the table would jump to a row that begins with it.
            return True
        if key not in self._holds or isinstance(watched, TYPED_INTO) or event.modifiers() not in PLAIN:
            if kind == QEvent.Type.KeyRelease and key in self._down:
                self._let_go(key)
            return False
        if event.isAutoRepeat():
            return True
        if kind == QEvent.Type.KeyPress and key not in self._down:
            self._down.add(key)
            self._holds[key](True)
            return True
        if kind == QEvent.Type.KeyRelease and key in self._down:
            self._let_go(key)
            return True
        return False

    def _let_go(self, key: Qt.Key) -> None:
        self._down.discard(key)
        self._holds[key](False)

    def _release_all(self) -> None:
        for key in tuple(self._down):
            self._let_go(key)


def is_searched_by(widget: QObject, event: QKeyEvent) -> bool:
    """Whether a table takes a key for the beginning of a text that it should go to."""
    return isinstance(widget, QAbstractItemView) and event.modifiers() in SHIFTED and bool(event.text().strip())


PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
SHIFTED = (*PLAIN, Qt.KeyboardModifier.ShiftModifier)


def belongs_to(widget: QWidget, event: QKeyEvent) -> bool:
    """Whether a key is for the control in focus: text and its keys for a field, the arrows for a table or slider.

    A box of choices has its letters and digits, which choose among them, and Alt with an arrow, which opens it.
    """
    key = Qt.Key(event.key())
    command = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    if isinstance(widget, QComboBox):
        if command == Qt.KeyboardModifier.AltModifier:
            return key in (Qt.Key.Key_Up, Qt.Key.Key_Down)
        return not command and (bool(event.text().strip()) or key in WALKING_KEYS)
    if isinstance(widget, TYPED_INTO):
        return not command and (bool(event.text().strip()) or key in WALKING_KEYS or key in ENDING_KEYS)
    return isinstance(widget, WALKED) and not command and key in WALKING_KEYS
