"""The drawings before a film's status: told apart by form, their colour only helps."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap

from engine.domain.case import ReviewStatus
from vcfviewer.theme import colours, icon

SIZE = 16
"""Side of a drawing in screen pixels."""

PROBLEM = "status_problem"
FLAGGED = "status_flagged"

_NAMES: Mapping[ReviewStatus, str] = MappingProxyType(
    {
        ReviewStatus.UNREAD: "status_unread",
        ReviewStatus.IN_PROGRESS: "status_in_progress",
        ReviewStatus.REVIEWED: "status_reviewed",
        ReviewStatus.NO_FRACTURE: "status_no_fracture",
        ReviewStatus.UNUSABLE: "status_unusable",
    }
)


class StatusIcons:
    """The drawings in the colours of a palette, and in that of a selected row; a change of theme needs new ones."""

    def __init__(self, palette: QPalette) -> None:
        theme = colours(palette)
        tints = {PROBLEM: theme.warning, FLAGGED: theme.warning, _NAMES[ReviewStatus.UNUSABLE]: theme.danger}
        tints |= {_NAMES[status]: theme.good for status in (ReviewStatus.REVIEWED, ReviewStatus.NO_FRACTURE)}
        names = (*_NAMES.values(), PROBLEM, FLAGGED)
        self._plain = {name: icon(name, QColor(tints.get(name, theme.text))) for name in names}
        self._selected = {name: icon(name, QColor(theme.accent_text)) for name in names}

    def of(self, status: ReviewStatus) -> QIcon:
        """Return the icon of where a film stands."""
        return self._plain[_NAMES[status]]

    def pixmap(self, name: str) -> QPixmap:
        """Return a drawing of `SIZE` pixels, for a label."""
        return self._plain[name].pixmap(QSize(SIZE, SIZE))

    def paint_status(self, painter: QPainter, area: QRect, status: ReviewStatus, selected: bool) -> None:
        """Draw where a film stands at the left of `area`, in the middle of its height."""
        self.paint(painter, area, _NAMES[status], selected)

    def paint(self, painter: QPainter, area: QRect, name: str, selected: bool) -> None:
        """Draw `PROBLEM` or `FLAGGED` at the left of `area`, in the middle of its height."""
        place = QRect(area.left(), area.top() + (area.height() - SIZE) // 2, SIZE, SIZE)
        (self._selected if selected else self._plain)[name].paint(painter, place)
