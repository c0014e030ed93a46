"""What is written on a view itself: whose shapes it shows, where anterior is, and the notice beside predictions."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from engine.domain.morphometry import Facing
from vcfviewer.canvas.geometry import as_seen
from vcfviewer.canvas.values import ViewState

INK = QColor(235, 235, 235)
HALO = QColor(0, 0, 0, 200)
MARGIN = 12.0
ARM = 22.0
"""From the middle of the orientation mark to each of its letters, in view pixels."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Texts of a view: a `caption` at the top, a `notice` at the bottom, and letters at the side of `facing`.

    `anterior` and `posterior` are the letters, translated.
    """

    caption: str = ""
    notice: str = ""
    facing: Facing | None = None
    anterior: str = "A"
    posterior: str = "P"


def anterior_direction(facing: Facing, state: ViewState) -> tuple[float, float]:
    """Return the direction, as seen, in which the patient looks: x right, y down."""
    return as_seen(state, -1.0 if facing is Facing.LEFT else 1.0, 0.0)


def draw_marks(painter: QPainter, area: QRect, marks: Marks, state: ViewState) -> None:
    """Draw the marks on a view of this area; the painter must be in view pixels."""
    font = QFont(painter.font())
    metrics = QFontMetricsF(font)
    if marks.caption:
        # A model's name may be longer than a narrow view is wide.
        caption = metrics.elidedText(marks.caption, Qt.TextElideMode.ElideMiddle, area.width() - 2 * MARGIN)
        across = area.center().x() - metrics.horizontalAdvance(caption) / 2
        _write(painter, font, QPointF(across, area.top() + MARGIN + metrics.ascent()), caption)
    for line, text in enumerate(reversed(_lines(marks.notice, metrics, area.width() - 2 * MARGIN))):
        across = area.center().x() - metrics.horizontalAdvance(text) / 2
        up = MARGIN + metrics.descent() + line * metrics.lineSpacing()
        _write(painter, font, QPointF(across, area.bottom() - up), text)
    if marks.facing is not None:
        room = MARGIN + ARM + metrics.height() / 2
        middle = QPointF(area.left() + room, area.top() + room)
        _draw_orientation(painter, font, middle, marks, anterior_direction(marks.facing, state))


def _lines(text: str, metrics: QFontMetricsF, width: float) -> list[str]:
    """Break a text into lines that fit the width in view pixels: a notice that is cut off says something else."""
    lines: list[str] = []
    for word in text.split():
        if lines and metrics.horizontalAdvance(f"{lines[-1]} {word}") <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def _draw_orientation(
    painter: QPainter, font: QFont, middle: QPointF, marks: Marks, towards: tuple[float, float]
) -> None:
    """Draw an arrow from P to A, with the letters at its ends."""
    along = QPointF(*towards)
    aside = QPointF(-along.y(), along.x())
    tip, tail = middle + along * (ARM - 9), middle - along * (ARM - 9)
    arrow = QPainterPath(tail)
    arrow.lineTo(tip)
    for side in (1, -1):
        arrow.moveTo(tip)
        arrow.lineTo(tip - along * 5 + aside * (4 * side))
    for pen in (QPen(HALO, 3.5), QPen(INK, 1.5)):
        painter.strokePath(arrow, pen)
    metrics = QFontMetricsF(font)
    for letter, place in ((marks.anterior, middle + along * ARM), (marks.posterior, middle - along * ARM)):
        shift = QPointF(metrics.horizontalAdvance(letter) / 2, -metrics.capHeight() / 2)
        _write(painter, font, place - shift, letter)


def _write(painter: QPainter, font: QFont, start: QPointF, text: str) -> None:
    """Write light letters with a dark edge, to be read on any grey."""
    letters = QPainterPath()
    letters.addText(start, font, text)
    joined = QPen(HALO, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(letters, joined)
    painter.fillPath(letters, INK)
