"""A comment on a film, and whether the film is flagged."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from vcfviewer.panels.dialogs._parts import name_button, name_buttons, text_label


class CommentDialog(QDialog):
    """Asks for a comment; Ctrl+Return takes it."""

    chosen = Signal(str, bool)
    """The comment without spaces around it, and whether the film is flagged."""

    def __init__(self, film: str, comment: str = "", flagged: bool = True, parent: QWidget | None = None) -> None:
        """Show the comment that stands; `film` is the film's name, to be sure which one is meant."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Flag and comment"))
        self._comment = QPlainTextEdit(comment)
        self._comment.setTabChangesFocus(True)
        self._comment.setAccessibleName(self.tr("Comment"))
        self._comment.setPlaceholderText(self.tr("What somebody should look at again, and why"))
        self._flag = QCheckBox(self.tr("&Flag this film"))
        self._flag.setChecked(flagged)
        name_button(self._flag)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        name_buttons(self._buttons)
        column = QVBoxLayout(self)
        column.addWidget(text_label(film, "heading"))
        column.addWidget(self._comment, 1)
        column.addWidget(self._flag)
        column.addWidget(text_label(self.tr("Ctrl+Return takes the comment, Esc leaves it as it was."), "muted"))
        column.addWidget(self._buttons)
        self._buttons.accepted.connect(self._take)
        self._buttons.rejected.connect(self.reject)
        for keys in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            QShortcut(QKeySequence(Qt.Modifier.CTRL | keys), self, self._take)
        self.resize(460, 260)
        self._comment.setFocus()

    def _take(self) -> None:
        self.accept()
        self.chosen.emit(self._comment.toPlainText().strip(), self._flag.isChecked())
