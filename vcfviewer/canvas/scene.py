"""AnnotationScene: the shapes on a film, one item a shape, kept as long as the shape is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from engine.domain.annotation import ForeignShape
from engine.domain.polygon import FloatArray, Polygon
from engine.domain.six_points import SixPoints
from vcfviewer.canvas.foreign import ForeignItem, foreign_item
from vcfviewer.canvas.items import ShapeItem, Stage, depth_of
from vcfviewer.canvas.overlay import Overlay, Window
from vcfviewer.canvas.palette import Palette
from vcfviewer.canvas.projection import Projection
from vcfviewer.canvas.values import DrawnShape, Side


class CoverItem(QGraphicsItem):
    """Paints the overlay above all other items.

    An item, and not the scene's foreground: a view that draws a foreground of its own, as ours does, leaves that out.
    """

    def __init__(self, overlay: Overlay, stage: Stage) -> None:
        super().__init__()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(1e6)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._overlay = overlay
        self._stage = stage

    def boundingRect(self) -> QRectF:  # the name is Qt's
        """Return everywhere: captions stand beside the film too."""
        return QRectF(-1e6, -1e6, 2e6, 2e6)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint in view pixels. Where handles and captions lie is remembered from the scene's first view alone."""
        projection = Projection.of(painter.worldTransform())
        views = self.scene().views()
        settled = widget is not None and bool(views) and views[0].viewport() == widget
        if settled:
            self._stage.projection = projection
        window = QRectF(painter.viewport() if widget is None else widget.rect())
        self._overlay.paint(painter, projection, Window(window, option.exposedRect), settled)


class AnnotationScene(QGraphicsScene):
    """Draws shapes in film pixels. What a tool needs beyond that it finds in `overlay`, `items` and the previews.

    A shape that is the identical object costs nothing when it is shown again. Nothing here is ever changed by the
    mouse: a tool asks for an edit, and the edited shape is shown.
    """

    def __init__(self, palette: Palette | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Hits are tested here, against exact outlines, and a tree of items would be rebuilt at every step of a drag.
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self._stage = Stage(palette or Palette())
        self._shapes: dict[tuple[Side, str], ShapeItem] = {}
        self._foreign: dict[int, ForeignItem] = {}
        self._foreign_shapes: tuple[ForeignShape, ...] = ()
        self._selected: frozenset[str] = frozenset()
        self._hidden = False
        self._previewed: set[ShapeItem] = set()
        self.overlay = Overlay(self._stage, self.update)
        self._cover = CoverItem(self.overlay, self._stage)
        self.addItem(self._cover)

    @property
    def projection(self) -> Projection:
        """Return how the film was last projected to a view."""
        return self._stage.projection

    @property
    def shape_items(self) -> tuple[ShapeItem, ...]:
        """Return the items of the shapes, in the order drawn."""
        return tuple(self._shapes.values())

    @property
    def foreign_items(self) -> tuple[ForeignItem, ...]:
        """Return the items of the foreign shapes that can be drawn."""
        return tuple(self._foreign.values())

    @property
    def edited(self) -> ShapeItem | None:
        """Return the one selected shape, if it may be edited: the one with handles."""
        marked = [item for item in self._shapes.values() if item.marked]
        return marked[0] if len(marked) == 1 and marked[0].drawn.editable and not self._hidden else None

    def item(self, shape_id: str) -> ShapeItem | None:
        """Return the item of a shape, the editable one first where both sides show that id."""
        found = [item for (_, name), item in self._shapes.items() if name == shape_id]
        return min(found, key=lambda item: not item.drawn.editable, default=None)

    def show_shapes(self, shapes: Sequence[DrawnShape], foreign: Sequence[ForeignShape] = ()) -> None:
        """Draw these shapes, later ones above earlier ones, and no others."""
        self._show_foreign(tuple(foreign))
        before, self._shapes = self._shapes, {}
        changed = list(before) != [(drawn.side, drawn.shape.id) for drawn in shapes]
        for place, drawn in enumerate(shapes):
            key = (drawn.side, drawn.shape.id)
            item = before.pop(key, None)
            if item is None:
                item = ShapeItem(drawn, self._stage)
                item.setVisible(not self._hidden)
                self.addItem(item)
            else:
                changed = item.take(drawn) or changed
            item.mark(drawn.shape.id in self._selected)
            item.setZValue(depth_of(drawn, item.marked, place))
            self._shapes[key] = item
        for item in before.values():
            self._previewed.discard(item)
            self.removeItem(item)
        if changed:
            self._refresh()

    def show_six_points(self, points: Mapping[str, SixPoints]) -> None:
        """Draw the six points of shapes, by shape id, where these are selected."""
        self.overlay.show_six_points(points)

    def select(self, ids: frozenset[str]) -> None:
        """Mark these shapes and show the handles of a single editable one; ids that aren't here are passed over."""
        self._selected = ids
        changed = False
        for place, item in enumerate(self._shapes.values()):
            changed = item.mark(item.drawn.shape.id in ids) or changed
            item.setZValue(depth_of(item.drawn, item.marked, place))
        if changed:
            self._refresh()

    def hide_shapes(self, hidden: bool) -> None:
        """Draw nothing at all while `hidden`."""
        if hidden != self._hidden:
            self._hidden = hidden
            for item in (*self._shapes.values(), *self._foreign.values(), self._cover):
                item.setVisible(not hidden)
            self._refresh()
            self.update()

    def clear_measures(self) -> None:
        """Take the lengths and angles off, as for another film."""
        self.overlay.drop_measures()

    def use_palette(self, palette: Palette) -> None:
        """Draw everything in other colours."""
        self._stage.palette = palette
        self.overlay.use_palette()
        self._refresh()
        self.update()

    def preview(self, outlines: Mapping[str, FloatArray]) -> dict[str, Polygon | None]:
        """Show shapes with other points (N, 2) until `end_previews`; return their polygons, None for a broken one."""
        polygons = {}
        for shape_id, points in outlines.items():
            item = self.item(shape_id)
            if item is not None:
                polygons[shape_id] = item.preview(points)
                self._previewed.add(item)
        self._refresh()
        return polygons

    def end_previews(self) -> None:
        """Show every shape as it is."""
        if self._previewed:
            for item in self._previewed:
                item.end_preview()
            self._previewed.clear()
            self._refresh()

    def _show_foreign(self, foreign: tuple[ForeignShape, ...]) -> None:
        if len(foreign) == len(self._foreign_shapes) and all(map(_identical, foreign, self._foreign_shapes)):
            return
        for item in self._foreign.values():
            self.removeItem(item)
        made = ((place, foreign_item(one, self._stage)) for place, one in enumerate(foreign))
        self._foreign = {place: item for place, item in made if item is not None}
        self._foreign_shapes = foreign
        for item in self._foreign.values():
            item.setZValue(-1.0)
            item.setVisible(not self._hidden)
            self.addItem(item)

    def _refresh(self) -> None:
        self.overlay.refresh(self.shape_items, self.edited)


def _identical(one: object, other: object) -> bool:
    return one is other
