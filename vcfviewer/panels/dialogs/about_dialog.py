"""Help: what this program is and is not for, the model's card, the licences."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine import __version__
from engine.domain.case import ModelCard
from vcfviewer.panels.dialogs._parts import copy_text, name_buttons, read_only_table, text_label
from vcfviewer.panels.dialogs.card_view import CardView
from vcfviewer.panels.dialogs.licences import licence_text, licences
from vcfviewer.panels.words import DASH, notice_text
from vcfviewer.theme import app_icon


class AboutDialog(QDialog):
    """Three pages: about, model card, licences."""

    keys_asked = Signal()
    """The reader wants the sheet of all keys."""

    def __init__(self, card: ModelCard | None, platform: str, parent: QWidget | None = None) -> None:
        """Show the card in use (None: no model); `platform` names Python, Qt and the system, for reports of faults."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("About vcfviewer"))
        self._platform = platform
        self._pages = QTabWidget()
        self._pages.setAccessibleName(self.tr("Pages"))
        self._pages.addTab(self._about_page(), self.tr("&About"))
        self._card = CardView(card)
        self._pages.addTab(self._card if card is not None else self._no_card_page(), self.tr("&Model card"))
        self._pages.addTab(self._licence_page(), self.tr("&Licences"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        keys = buttons.addButton(self.tr("All &keys…"), QDialogButtonBox.ButtonRole.ActionRole)
        copy = buttons.addButton(self.tr("&Copy versions"), QDialogButtonBox.ButtonRole.ActionRole)
        name_buttons(buttons)
        column = QVBoxLayout(self)
        column.addWidget(self._pages)
        column.addWidget(buttons)
        keys.clicked.connect(self.keys_asked)
        copy.clicked.connect(lambda: copy_text(f"vcfviewer {__version__}\n{self._platform}"))
        buttons.rejected.connect(self.reject)
        self.resize(720, 560)

    def show_card(self) -> None:
        """Open the page of the model card."""
        self._pages.setCurrentIndex(1)

    def _about_page(self) -> QWidget:
        sign = QLabel()
        sign.setPixmap(app_icon().pixmap(96, 96))
        sign.setAccessibleName(self.tr("The program's icon"))
        head = QVBoxLayout()
        head.addWidget(text_label(f"vcfviewer {__version__}", "heading"))
        head.addWidget(text_label(self.tr("Review vertebral compression fractures beside a model's predictions.")))
        head.addWidget(text_label(notice_text(), "notice"))
        top = QHBoxLayout()
        top.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(head, 1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.addLayout(top)
        for text in (
            self.tr(
                "No part of this program is a medical device. Predictions, heights and grades are suggestions to be "
                "checked by a reader who is qualified to judge radiographs; none may decide on a patient."
            ),
            self.tr(
                "Your films stay on your computer: nothing is sent anywhere. Your edits are kept in a journal beside "
                "the films, and the expert's first file is kept as it was."
            ),
        ):
            column.addWidget(text_label(text))
        column.addStretch(1)
        column.addWidget(text_label(self._platform, "muted"))
        return page

    def _no_card_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addWidget(text_label(self.tr("No model is in use. Choose one in the menu of models.")))
        column.addStretch(1)
        return page

    def _licence_page(self) -> QWidget:
        own = QPlainTextEdit(licence_text())
        own.setReadOnly(True)
        own.setTabChangesFocus(True)
        own.setAccessibleName(self.tr("Licence of vcfviewer"))
        rows = [(one.name, one.version, one.licence or DASH) for one in licences()]
        table = read_only_table(
            (self.tr("Package"), self.tr("Version"), self.tr("Licence")), rows, self.tr("Licences of the packages")
        )
        page = QWidget()
        column = QVBoxLayout(page)
        column.addWidget(own, 1)
        if rows:
            uses = self.tr("It runs on these packages; labelme is started as a program of its own:")
            column.addWidget(text_label(uses))
            column.addWidget(table, 1)
        return page
