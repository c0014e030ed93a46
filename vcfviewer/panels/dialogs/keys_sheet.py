"""The sheet of all keys: grouped, searched as one types, printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPageLayout, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vcfviewer.panels.dialogs._parts import name_buttons, say, text_label
from vcfviewer.panels.words import DASH


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One line of the sheet: its group, what is done, and by which key (portable text, or a gesture in words)."""

    group: str
    text: str
    key: str


def shown_key(portable: str) -> str:
    """Return a key as this system writes it; words that are no key ("hold H") stay as they are."""
    sequences = QKeySequence.listFromString(portable, QKeySequence.SequenceFormat.PortableText)
    texts = [one.toString(QKeySequence.SequenceFormat.NativeText) for one in sequences]
    known = texts and all(texts) and all("Unknown" not in one.toString() for one in sequences)
    back = QKeySequence.listToString(sequences, QKeySequence.SequenceFormat.PortableText)
    return ", ".join(texts) if known and _plain(back) == _plain(portable) else portable


def grouped(rows: Iterable[KeyRow]) -> tuple[tuple[str, tuple[KeyRow, ...]], ...]:
    """Return the rows by group, groups and rows in the order they came."""
    listed = tuple(rows)
    order = tuple(dict.fromkeys(row.group for row in listed))
    ordered = sorted(listed, key=lambda row: order.index(row.group))
    return tuple((group, tuple(part)) for group, part in groupby(ordered, key=lambda row: row.group))


def matching_rows(rows: Iterable[KeyRow], wanted: str) -> tuple[KeyRow, ...]:
    """Return the rows that hold every word of `wanted` in group, text or key."""
    words = wanted.casefold().split()
    return tuple(
        row
        for row in rows
        if all(word in f"{row.group} {row.text} {row.key} {shown_key(row.key)}".casefold() for word in words)
    )


def sheet_html(rows: Sequence[KeyRow], title: str) -> str:
    """Return the sheet as HTML for one or two printed pages."""
    parts = [f"<h2>{escape(title)}</h2>"]
    for group, part in grouped(rows):
        lines = "".join(
            f"<tr><td width='70%'>{escape(row.text)}</td><td><b>{escape(shown_key(row.key))}</b></td></tr>"
            for row in part
        )
        parts.append(f"<h3>{escape(group)}</h3><table width='100%' cellspacing='0' cellpadding='2'>{lines}</table>")
    return "".join(parts)


class KeysSheet(QDialog):
    """All keys in one list; the search field has the focus."""

    change_asked = Signal()
    """The reader wants to change keys: the settings are asked for."""

    def __init__(self, rows: Sequence[KeyRow], parent: QWidget | None = None) -> None:
        """Show the rows by group."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("All keys"))
        self._rows = tuple(rows)
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Search: an action or a key"))
        self._search.setClearButtonEnabled(True)
        self._search.setAccessibleName(self.tr("Search the keys"))
        self._tree = QTreeWidget()
        self._tree.setHeaderLabels([self.tr("What"), self.tr("Key")])
        self._tree.setAccessibleName(self.tr("All keys by group"))
        self._tree.setRootIsDecorated(False)
        self._tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._tree.header().setStretchLastSection(False)
        self._none = text_label("", "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        printing = buttons.addButton(self.tr("&Print…"), QDialogButtonBox.ButtonRole.ActionRole)
        changing = buttons.addButton(self.tr("Change &keys…"), QDialogButtonBox.ButtonRole.ActionRole)
        name_buttons(buttons)
        for button in buttons.buttons():
            button.setProperty("autoDefault", False)
        column = QVBoxLayout(self)
        for widget in (self._search, self._tree, self._none, buttons):
            column.addWidget(widget)
        self._search.textChanged.connect(self._show)
        printing.clicked.connect(self._ask_printer)
        changing.clicked.connect(self.change_asked)
        buttons.rejected.connect(self.reject)
        self._show("")
        self.resize(620, 640)

    def print_to(self, printer: QPrinter) -> None:
        """Print the whole sheet, whatever is searched."""
        document = QTextDocument()
        document.setHtml(sheet_html(self._rows, self.tr("Keys of vcfviewer")))
        document.print_(printer)

    def _show(self, wanted: str) -> None:
        self._tree.clear()
        found = matching_rows(self._rows, wanted)
        for group, part in grouped(found):
            head = QTreeWidgetItem([group, ""])
            font = head.font(0)
            font.setBold(True)
            head.setFont(0, font)
            head.setFirstColumnSpanned(True)
            head.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self._tree.addTopLevelItem(head)
            head.addChildren([QTreeWidgetItem([row.text, shown_key(row.key) or DASH]) for row in part])
        self._tree.expandAll()
        nothing = self.tr("No action and no key holds “{words}”. Clear the field to see all.").format(words=wanted)
        say(self._none, "" if found else nothing)

    def _ask_printer(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(self.tr("Keys of vcfviewer"))
        printer.setPageOrientation(QPageLayout.Orientation.Portrait)
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.print_to(printer))
        QDialog.open(dialog)  # QPrintDialog's own `open` wants the name of a slot


def _plain(text: str) -> str:
    return text.replace(" ", "").casefold()
