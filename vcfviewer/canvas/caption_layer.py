"""The captions of one scene: laid out once for each view and set of shapes, painted from pictures that are kept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPixmap

from vcfviewer.canvas.captions import (
    HALO,
    Caption,
    Mark,
    PlacedCaption,
    caption_font,
    caption_of,
    caption_size,
    place_captions,
)
from vcfviewer.canvas.items import ShapeItem
from vcfviewer.canvas.palette import Palette, line_pen
from vcfviewer.canvas.projection import Projection

_KEPT_PICTURES = 512
_FAINT_TEXT = 0.7
"""Opacity of a caption of a decided finding: fainter than the others, yet to be read."""


class CaptionLayer:
    """Knows the captions of the shapes and where they stand."""

    def __init__(self, palette: Palette) -> None:
        self._palette = palette
        self._painter = CaptionPainter(palette)
        self._captions: tuple[Caption, ...] = ()
        self._obstacles: tuple[QRectF, ...] = ()
        self._placed: tuple[PlacedCaption, ...] = ()
        self._view: tuple[Projection, QRectF] | None = None
        self._found: tuple[tuple[object, ...], tuple[PlacedCaption, ...]] = ((), ())

    @property
    def placed(self) -> tuple[PlacedCaption, ...]:
        """Return the captions that stand in the view now."""
        return self._placed

    def use_palette(self, palette: Palette) -> None:
        """Take other colours."""
        self._palette = palette
        self._painter = CaptionPainter(palette)

    def show(self, items: Sequence[ShapeItem]) -> list[QRectF]:
        """Take the shapes as they are now; return the parts of the film where captions went or came."""
        found = (caption_of(item.drawn, item.marked, item.film_bounds, self._palette) for item in items)
        self._captions = tuple(caption for caption in found if caption is not None)
        self._obstacles = tuple(item.film_bounds for item in items if item.drawn.kind is not None)
        if self._view is None:
            return []
        before, (projection, window) = self._placed, self._view
        self._placed = self._place(projection, window)
        inverse = projection.transform.inverted()[0]
        changed = {*before} ^ {*self._placed}
        return [inverse.mapRect(one.rect.adjusted(-2, -2, 2, 2)) for one in changed]

    def paint(self, painter: QPainter, projection: Projection, window: QRectF, exposed: QRectF, settled: bool) -> None:
        """Paint those that reach into `exposed`, in view pixels; `window` is the whole view.

        Where they stand is remembered from a `settled` view alone, not from a loupe.
        """
        placed = self._place(projection, window)
        if settled:
            self._placed, self._view = placed, (projection, window)
        self._painter.paint(painter, [one for one in placed if one.rect.intersects(exposed)])

    def _place(self, projection: Projection, window: QRectF) -> tuple[PlacedCaption, ...]:
        key = (self._captions, self._obstacles, projection, window)
        if key != self._found[0]:
            sizes = self._painter.size
            self._found = (key, place_captions(self._captions, self._obstacles, projection, window, sizes))
        return self._found[1]


class CaptionPainter:
    """Paints captions from pictures that are kept, for drawing letters with a halo takes longer than all the rest."""

    def __init__(self, palette: Palette) -> None:
        self._palette = palette
        self._sizes: dict[tuple[str, Mark, bool], QSizeF] = {}
        self._pictures: dict[tuple[str, Mark, str, bool, float], QPixmap] = {}

    def size(self, caption: Caption) -> QSizeF:
        """Return the view pixels that a caption takes."""
        key = (caption.text, caption.mark, caption.selected)
        if key not in self._sizes:
            if len(self._sizes) >= _KEPT_PICTURES:
                self._sizes.clear()
            self._sizes[key] = caption_size(caption)
        return self._sizes[key]

    def paint(self, painter: QPainter, placed: Sequence[PlacedCaption]) -> None:
        """Paint in view pixels: the painter's transformation is off."""
        ratio = painter.device().devicePixelRatioF()
        for one in placed:
            painter.setOpacity(_FAINT_TEXT if one.caption.faint else 1.0)
            # On whole pixels: letters between two pixels are blurred.
            painter.drawPixmap(one.rect.topLeft().toPoint(), self._picture(one.caption, ratio))
        painter.setOpacity(1.0)

    def _picture(self, caption: Caption, ratio: float) -> QPixmap:
        key = (caption.text, caption.mark, caption.colour, caption.selected, ratio)
        if key not in self._pictures:
            if len(self._pictures) >= _KEPT_PICTURES:
                self._pictures.clear()
            self._pictures[key] = self._drawn(caption, ratio)
        return self._pictures[key]

    def _drawn(self, caption: Caption, ratio: float) -> QPixmap:
        size = caption_size(caption)
        picture = QPixmap((size * ratio).toSize().expandedTo(QSizeF(1, 1).toSize()))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = caption_font(caption.selected)
        metrics = QFontMetricsF(font)
        left = HALO + (metrics.height() if caption.mark is not Mark.NONE else 0.0)
        letters = QPainterPath()
        letters.addText(QPointF(left, HALO / 2 + metrics.ascent()), font, caption.text)
        colour = QColor(self._palette.selected if caption.selected else caption.colour)
        sign = _sign(caption.mark, QRectF(HALO, HALO / 2, metrics.height() * 0.8, metrics.height()))
        for pen_colour, width in ((QColor(self._palette.halo), 2.0 + HALO), (colour, 2.0)):
            painter.setPen(line_pen(pen_colour, width))
            painter.drawPath(sign)
        painter.setPen(line_pen(QColor(self._palette.halo), HALO))
        painter.drawPath(letters)
        painter.fillPath(letters, colour)
        painter.end()
        return picture


def _sign(mark: Mark, box: QRectF) -> QPainterPath:
    path = QPainterPath()
    x, y, width, height = box.x(), box.y(), box.width(), box.height()
    if mark is Mark.TICK:
        path.moveTo(x + 0.1 * width, y + 0.55 * height)
        path.lineTo(x + 0.4 * width, y + 0.8 * height)
        path.lineTo(x + 0.9 * width, y + 0.25 * height)
    elif mark is Mark.CROSS:
        path.moveTo(x + 0.15 * width, y + 0.28 * height)
        path.lineTo(x + 0.85 * width, y + 0.78 * height)
        path.moveTo(x + 0.85 * width, y + 0.28 * height)
        path.lineTo(x + 0.15 * width, y + 0.78 * height)
    return path
