"""A button that stays down; Fusion's own hardly differs from one that is up, on a dark ground."""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QStyleOptionButton


class ChoiceButton(QPushButton):
    """A checkable button in the accent's colour where it is down."""

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        """Colour the button by its state."""
        super().initStyleOption(option)
        if self.isChecked():
            palette = QPalette(option.palette)
            palette.setColor(QPalette.ColorRole.Button, palette.color(QPalette.ColorRole.Highlight))
            palette.setColor(QPalette.ColorRole.ButtonText, palette.color(QPalette.ColorRole.HighlightedText))
            option.palette = palette
