"""What several dialogs are made of: texts with a role, a field for a folder, a row of buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)


def text_label(text: str, role: str = "", *, wrap: bool = True) -> QLabel:
    """Return a text that the mouse can select; `role` is heading, muted, warning, danger or notice.

    An empty one stays hidden until `say` gives it a text.
    """
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setAccessibleName(text)
    label.setHidden(not text)
    set_role(label, role)
    return label


def set_role(label: QLabel, role: str) -> None:
    """Give a text the theme's look for a role, now and after a change of theme."""
    label.setProperty("role", role)
    label.style().unpolish(label)
    label.style().polish(label)


def say(label: QLabel, text: str, role: str | None = None) -> None:
    """Show another text, to the eye and to a screen reader; an empty one hides the label."""
    label.setText(text)
    label.setAccessibleName(text)
    label.setVisible(bool(text))
    if role is not None:
        set_role(label, role)


def name_buttons(box: QDialogButtonBox) -> None:
    """Give every button of a row its text as accessible name."""
    for button in box.buttons():
        name_button(button)


def name_button(button: QAbstractButton) -> None:
    """Give a button its text, without the mark of its Alt key, as accessible name."""
    button.setAccessibleName(button.text().replace("&", ""))


def read_only_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], name: str, *, wrap: bool = False
) -> QTableWidget:
    """Return a table to read and copy from; with `wrap`, long texts take as many lines as they need."""
    table = QTableWidget(len(rows), len(headers))
    table.setHorizontalHeaderLabels(list(headers))
    table.verticalHeader().setVisible(False)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setAlternatingRowColors(True)
    table.setTabKeyNavigation(False)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            table.setItem(row, column, QTableWidgetItem(text))
    table.resizeColumnsToContents()
    table.resizeRowsToContents()
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(len(headers) - 1, QHeaderView.ResizeMode.Stretch)
    if wrap:
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.setAccessibleName(name)
    return table


def copy_text(text: str) -> None:
    """Put a text on the clipboard."""
    QGuiApplication.clipboard().setText(text)


class PathField(QWidget):
    """A path that is typed or chosen: of a folder, or of a file where `file_filter` is given."""

    changed = Signal(str)
    """The path as it stands now."""

    def __init__(self, name: str, path: str = "", placeholder: str = "", file_filter: str = "") -> None:
        """Show `path`; `name` is what the path is of, in words."""
        super().__init__()
        self._filter = file_filter
        self._name = name
        self._edit = QLineEdit(path)
        self._edit.setPlaceholderText(placeholder)
        self._edit.setClearButtonEnabled(True)
        self._edit.setAccessibleName(name)
        self._browse = QPushButton(self.tr("Choose…"))
        self._browse.setAccessibleName(self.tr("Choose: {what}").format(what=name))
        self._browse.setAutoDefault(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._edit, 1)
        row.addWidget(self._browse)
        self.setFocusProxy(self._edit)
        self._edit.textChanged.connect(self.changed)
        self._browse.clicked.connect(self._choose)

    @property
    def path(self) -> str:
        """The path as it stands, without spaces around it; empty for none."""
        return self._edit.text().strip()

    def set_path(self, path: str) -> None:
        """Show another path."""
        self._edit.setText(path)

    def _choose(self) -> None:
        if self._filter:
            dialog = QFileDialog(self, self._name, self.path, self._filter)
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        else:
            dialog = QFileDialog(self, self._name, self.path)
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.set_path)
        dialog.open()
