"""Loupe: a round glass over a view that shows the film and the shapes at twice the view's scale."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion

from vcfviewer.canvas.film_canvas import FilmCanvas
from vcfviewer.translation import Texts

DIAMETER = 280
"""In view pixels."""

POWER = 2.0
RIM = QColor(200, 200, 200)


class Loupe(FilmCanvas):
    """Lies on a view's viewport, lets the mouse through, and holds nothing while it is put away."""

    def __init__(self, view: FilmCanvas) -> None:
        super().__init__(view.viewport())
        self._view = view
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAcceptDrops(False)
        self.setFixedSize(DIAMETER, DIAMETER)
        self.setMask(QRegion(QRect(0, 0, DIAMETER, DIAMETER), QRegion.RegionType.Ellipse))
        Texts(self)(lambda: self.setAccessibleName(self.tr("Magnifier")))
        self.hide()

    def hold_at(self, x: float, y: float) -> None:
        """Hold the glass over a point of the film, in film pixels."""
        view = self._view
        if self.scene() is not view.scene():
            self.put_scene(view.scene())
        if self.shown_film is not view.shown_film:
            self.put_film(view.shown_film, view.display)
        elif self.display is not view.display:
            self.put_display(view.display)
        across, down = view.placement.to_view(x, y)
        self.move(round(across - DIAMETER / 2), round(down - DIAMETER / 2))
        self.put_state(replace(view.state, center=(x, y), scale=view.state.scale * POWER))
        self.show()

    def put_away(self) -> None:
        """Hide the glass and let the film go."""
        self.hide()
        self.put_film(None, None)
        self.put_scene(None)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw the rim, and a small cross in the middle."""
        painter.save()
        painter.resetTransform()
        middle = QPointF(DIAMETER / 2, DIAMETER / 2)
        painter.setPen(QPen(RIM, 3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(middle, DIAMETER / 2 - 1.5, DIAMETER / 2 - 1.5)
        painter.setPen(QPen(RIM, 1))
        for step in (QPointF(1, 0), QPointF(0, 1)):
            for side in (1, -1):
                painter.drawLine(middle + step * (side * 6), middle + step * (side * 12))
        painter.restore()
