"""Closing the program while a training runs: let it go on, stop it, or stay."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from vcfviewer.panels.dialogs._parts import name_buttons, text_label


class CloseChoice(Enum):
    """What becomes of the trainings when the window closes."""

    GO_ON = "go on"
    STOP = "stop"
    STAY = "stay"


class ClosingDialog(QDialog):
    """Asks once; Esc stays."""

    chosen = Signal(object)
    """The `CloseChoice`."""

    def __init__(self, runs: Sequence[str], parent: QWidget | None = None) -> None:
        """Name the trainings that run."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("A training is running"))
        buttons = QDialogButtonBox()
        go_on = buttons.addButton(self.tr("&Let it go on, and close"), QDialogButtonBox.ButtonRole.AcceptRole)
        stop = buttons.addButton(self.tr("&Stop it, and close"), QDialogButtonBox.ButtonRole.DestructiveRole)
        stay = buttons.addButton(self.tr("&Don't close"), QDialogButtonBox.ButtonRole.RejectRole)
        name_buttons(buttons)
        go_on.setDefault(True)
        column = QVBoxLayout(self)
        column.addWidget(text_label(self.tr("Training: {runs}").format(runs=", ".join(runs)), "heading"))
        column.addWidget(
            text_label(
                self.tr(
                    "It can go on without the window, and is found again in the training dialog. If you stop it, it "
                    "saves what it learned and can be resumed later."
                )
            )
        )
        column.addWidget(buttons)
        go_on.clicked.connect(lambda: self._choose(CloseChoice.GO_ON))
        stop.clicked.connect(lambda: self._choose(CloseChoice.STOP))
        stay.clicked.connect(self.reject)

    def reject(self) -> None:
        """Stay, also on Esc and when the dialog is closed."""
        self._choose(CloseChoice.STAY)

    def _choose(self, choice: CloseChoice) -> None:
        self.done(int(choice is not CloseChoice.STAY))
        self.chosen.emit(choice)
