"""Why a finding of the model is rejected: five reasons, one key each."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from engine.domain.decisions import RejectReason
from vcfviewer.panels.words import reason_word


class RejectMenu(QMenu):
    """The five reasons; the keys 1 to 5 take one at once, Esc takes none."""

    chosen = Signal(object)
    """The `RejectReason`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make one entry for each reason, in the order of their keys."""
        super().__init__(parent)
        self.setTitle(self.tr("Reject because of"))
        self.setAccessibleName(self.tr("Reason to reject the finding"))
        self.setToolTipsVisible(True)
        for number, reason in enumerate(RejectReason, 1):
            entry = QAction(f"&{number}   {reason_word(reason)}", self)
            entry.setData(reason)
            self.addAction(entry)
        self.triggered.connect(self._choose)

    def _choose(self, entry: QAction) -> None:
        self.chosen.emit(entry.data())
