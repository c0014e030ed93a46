"""The handles of the one shape that is edited, of one size at any zoom."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from engine.domain.polygon import FloatArray
from vcfviewer.canvas.handles import Grip, Handles, Part, grip_at, handles_of, middles_of, roomy_edges
from vcfviewer.canvas.items import ShapeItem
from vcfviewer.canvas.palette import Ink, Palette, line_pen
from vcfviewer.canvas.projection import Projection

HANDLE = 7
"""View pixels across a vertex's handle."""


@dataclass
class Grasp:
    """Which handles are lit: the vertices chosen, and the one under the pointer."""

    chosen: frozenset[int] = frozenset()
    hover: Grip | None = None


@dataclass
class _Cache:
    """The handles of one outline at one scale; a preview of as many vertices keeps them, so that none wanders."""

    points: FloatArray | None = None
    scale: float = 0.0
    handles: Handles = field(default_factory=lambda: Handles(np.array([], np.intp), np.array([], np.intp)))


class HandleLayer:
    """Knows which shape is edited, where it can be taken hold of, and which of its handles are lit."""

    def __init__(self) -> None:
        self.edited: ShapeItem | None = None
        self.grasp = Grasp()
        self._cache = _Cache()

    def handles(self, scale: float) -> Handles | None:
        """Return the handles of the shape that is edited, at `scale` view pixels a film pixel; None: it has none."""
        if self.edited is None:
            return None
        points, cache = self.edited.points, self._cache
        settled = points is self.edited.drawn.shape.polygon.points
        fits = cache.points is not None and len(cache.points) == len(points) and cache.scale == scale
        if not fits or (settled and cache.points is not points):
            self._cache = _Cache(points, scale, handles_of(points, scale, self.grasp.chosen))
        elif not settled:
            return Handles(cache.handles.vertices, roomy_edges(points, scale))
        return self._cache.handles

    def grip_at(self, x: float, y: float, scale: float) -> Grip | None:
        """Return the handle within reach of a point of the film."""
        handles = self.handles(scale)
        if handles is None or self.edited is None:
            return None
        return grip_at(self.edited.points, handles, x, y, scale)

    def paint(self, painter: QPainter, projection: Projection, exposed: QRectF, palette: Palette) -> None:
        """Paint the handles that reach into `exposed`, in view pixels."""
        handles = self.handles(projection.scale)
        if handles is None or self.edited is None:
            return
        points = self.edited.points
        painter.setPen(line_pen(QColor(palette.halo), 1.0))
        painter.setBrush(Ink.GUIDE.colour)
        for x, y in _within(projection.points(middles_of(points, handles.middles)), exposed):
            painter.drawEllipse(QPointF(x, y), HANDLE / 2 - 1, HANDLE / 2 - 1)
        places = _within(projection.points(points[handles.vertices]), exposed)
        # Two fills on whole pixels: rectangles with an antialiased edge take ten times as long, and look less sharp.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, size in ((QColor(palette.halo), HANDLE + 2), (QColor(palette.selected), HANDLE)):
            painter.setBrush(colour)
            painter.drawRects([QRect(round(x) - size // 2, round(y) - size // 2, size, size) for x, y in places])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        half = HANDLE / 2
        painter.setPen(line_pen(QColor(palette.halo), 1.5))
        painter.setBrush(Ink.GUIDE.colour)
        lit = [points[index] for index in sorted(self.grasp.chosen) if index < len(points)]
        hover = self.grasp.hover
        if hover is not None:
            moved = hover.part is Part.VERTEX and hover.index < len(points)
            lit.append(points[hover.index] if moved else np.array([hover.x, hover.y]))
        for x, y in (projection.point(*place) for place in lit):
            painter.drawRect(QRectF(x - half - 1.5, y - half - 1.5, HANDLE + 3, HANDLE + 3))


def _within(places: FloatArray, exposed: QRectF) -> list[list[float]]:
    """Return those of (N, 2) places in view pixels whose handles reach into a rectangle."""
    low, high = (exposed.left() - HANDLE, exposed.top() - HANDLE), (exposed.right() + HANDLE, exposed.bottom() + HANDLE)
    inside: list[list[float]] = places[((places >= low) & (places <= high)).all(axis=1)].tolist()
    return inside
