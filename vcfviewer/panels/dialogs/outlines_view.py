"""Outlines of one shape in two versions, drawn over each other on the film."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.domain.annotation import Shape

MINE_COLOUR, THEIRS_COLOUR = "#E69F00", "#56B4E9"
"""Of Okabe and Ito's palette; mine is solid, theirs dashed."""

_AROUND = 0.35
"""Space around the shapes, as a share of their size."""


class OutlinesView(QWidget):
    """Frames the shapes it is given; `kept` is filled."""

    def __init__(self, image_size: tuple[int, int], picture: QImage | None = None) -> None:
        """Draw on `picture`, the whole film at any size, or on black; `image_size` is the film's (height, width) px."""
        super().__init__()
        self._image_size = image_size
        self._picture = picture
        self._mine: Shape | None = None
        self._theirs: Shape | None = None
        self._kept: Shape | None = None
        self._others: tuple[Shape, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 180)
        self.setAccessibleName(self.tr("Outlines: mine is solid, theirs is dashed"))

    def sizeHint(self) -> QSize:
        """Return a size at which two outlines can be told apart."""
        return QSize(340, 300)

    def show_shapes(
        self, mine: Shape | None, theirs: Shape | None, kept: Shape | None, others: Sequence[Shape] = ()
    ) -> None:
        """Show both versions of a shape (None: not there), the one that would stay, and the film's other shapes."""
        self._mine, self._theirs, self._kept, self._others = mine, theirs, kept, tuple(others)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the film, the other shapes faintly, then both versions."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor("#000000"))
        look = self._look()
        height, width = self._image_size
        if self._picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(look.mapRect(QRectF(0, 0, width, height)), self._picture)
        for shape in self._others:
            self._draw(painter, look, shape, QPen(QColor("#7A7A7A"), 1))
        if self._kept is not None:
            fill = QColor(THEIRS_COLOUR if self._kept is self._theirs else MINE_COLOUR)
            fill.setAlphaF(0.25)
            painter.setBrush(fill)
            self._draw(painter, look, self._kept, QPen(Qt.PenStyle.NoPen))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._theirs is not None:
            self._draw(painter, look, self._theirs, QPen(QColor(THEIRS_COLOUR), 2, Qt.PenStyle.DashLine))
        if self._mine is not None:
            self._draw(painter, look, self._mine, QPen(QColor(MINE_COLOUR), 2))

    def _draw(self, painter: QPainter, look: QTransform, shape: Shape, pen: QPen) -> None:
        painter.setPen(pen)
        painter.drawPolygon(look.map(_outline(shape)))

    def _look(self) -> QTransform:
        """Return the way from film pixels to the widget: the shapes framed, the whole film where there are none."""
        shown = [shape for shape in (self._mine, self._theirs) if shape is not None]
        height, width = self._image_size
        frame = QRectF(0, 0, max(1, width), max(1, height))
        if shown:
            frame = _outline(shown[0]).boundingRect()
            for shape in shown[1:]:
                frame = frame.united(_outline(shape).boundingRect())
            around = _AROUND * max(frame.width(), frame.height(), 1.0)
            frame.adjust(-around, -around, around, around)
        scale = min(self.width() / frame.width(), self.height() / frame.height())
        look = QTransform.fromTranslate(self.width() / 2, self.height() / 2)
        look.scale(scale, scale)
        look.translate(-frame.center().x(), -frame.center().y())
        return look


def _outline(shape: Shape) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in shape.polygon.points.tolist()])
