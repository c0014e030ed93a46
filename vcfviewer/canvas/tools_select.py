"""The SELECT tool: selects shapes, drags them and their vertices, inserts and deletes vertices."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt

from engine.domain import edits
from engine.domain.polygon import FloatArray, Polygon
from vcfviewer.canvas.drags import BandDrag, Drag, MoveDrag, VertexDrag, move_request
from vcfviewer.canvas.handles import Part, edge_at, middles_of
from vcfviewer.canvas.hits import kept_inside, shapes_at
from vcfviewer.canvas.items import ShapeItem
from vcfviewer.canvas.overlay import Grips
from vcfviewer.canvas.scene import AnnotationScene
from vcfviewer.canvas.tools_base import ALT, CONTROL, SHIFT, SceneTool
from vcfviewer.canvas.values import EditRequest, Side, ToolEvent, ToolHost, ToolKey, ToolName

translate = QCoreApplication.translate

ARROWS: Mapping[int, tuple[float, float]] = MappingProxyType({
    int(Qt.Key.Key_Left): (-1.0, 0.0), int(Qt.Key.Key_Right): (1.0, 0.0),
    int(Qt.Key.Key_Up): (0.0, -1.0), int(Qt.Key.Key_Down): (0.0, 1.0),
})  # fmt: skip
STEPS: Mapping[int, int] = MappingProxyType({int(Qt.Key.Key_Period): 1, int(Qt.Key.Key_Comma): -1})
"""Keys that go from vertex to vertex."""

FAR_NUDGE, NEAR_NUDGE = 5.0, 1.0
"""View pixels of an arrow key, and of one with Shift."""


class SelectTool(SceneTool):
    """A vertex wins over a body, the smallest shape over those around it; what is selected is dragged first."""

    name = ToolName.SELECT
    grips = Grips.VERTICES

    def __init__(self, host: ToolHost, scenes: Mapping[Side, AnnotationScene]) -> None:
        super().__init__(host, scenes)
        self._drag: Drag | None = None
        self._cursor = Qt.CursorShape.ArrowCursor
        self._clicked: frozenset[str] | None = None

    @property
    def cursor(self) -> Qt.CursorShape:
        """Return a hand over a vertex, arrows over a shape that can be moved."""
        return self._cursor

    def usual_hint(self) -> str:
        """Return what a click does now."""
        if self._drag is not None:
            return translate("Tools", "Release to end the drag. Ctrl: no snapping. Esc cancels.")
        chosen = any(scene.overlay.grasp.chosen for scene in self._scenes.values())
        if chosen:
            return translate("Tools", "Drag a vertex, or use the arrows. Backspace deletes it. , and . go to the next.")
        if any(scene.edited is not None for scene in self._scenes.values()):
            return translate("Tools", "Drag vertices or the shape. Alt+click on the line adds a vertex, "
                             "Alt+Shift+click on a vertex deletes it, double click changes the label.")  # fmt: skip
        return translate("Tools", "Click selects a shape, Ctrl+click one more; drag beside the shapes for a rectangle.")

    def press(self, event: ToolEvent) -> None:
        """Take hold of a handle, a shape or nothing."""
        super().press(event)
        scene = self.scene(event.side)
        self._clicked = None
        if not self._press_on_outline(event, scene):
            self._press_on_shapes(event, scene)

    def move(self, event: ToolEvent) -> None:
        """Go on with the drag, or light what is under the pointer."""
        scene = self.scene(event.side)
        if self._drag is not None:
            self._drag.move(event)
            return
        item, grip = scene.edited, scene.overlay.grip_at(event.x, event.y, event.scale)
        if item is not None and grip is None and event.modifiers & ALT and not self.host.read_only:
            grip = edge_at(item.points, event.x, event.y, event.scale)
        scene.overlay.light(scene.overlay.grasp.chosen, grip)
        if grip is not None:
            self._cursor = Qt.CursorShape.PointingHandCursor
        else:
            under = shapes_at(scene.shape_items, event.x, event.y, event.scale)
            movable = any(one.drawn.editable and one.marked for one in under) and not self.host.read_only
            self._cursor = Qt.CursorShape.SizeAllCursor if movable else Qt.CursorShape.ArrowCursor

    def release(self, event: ToolEvent) -> None:
        """End the drag; a click on a selected shape selects the smallest one there."""
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.release(event)
        clicked, self._clicked = self._clicked, None
        if clicked is not None and not (isinstance(drag, MoveDrag) and drag.has_moved):
            self._select(clicked)

    def double_click(self, event: ToolEvent) -> None:
        """Ask for another label of the shape."""
        self.forget_problem()
        under = shapes_at(self.scene(event.side).shape_items, event.x, event.y, event.scale)
        under = tuple(item for item in under if item.drawn.editable)
        if under and self.may_edit():
            best = next((item for item in under if item.marked), under[0])
            self.host.ask_relabel(frozenset({best.drawn.shape.id}))

    def key(self, event: ToolKey) -> bool:
        """Take arrows, Backspace, Insert, and the keys that go from vertex to vertex."""
        self.forget_problem()
        scene = self.scene(event.side)
        if event.key in ARROWS and not event.modifiers & (CONTROL | ALT):
            length = NEAR_NUDGE if event.modifiers & SHIFT else FAR_NUDGE
            right, down = ARROWS[event.key]
            return self.nudge(*scene.projection.film_vector(right * length, down * length))
        if event.key in STEPS and not event.modifiers:
            return self._step(STEPS[event.key])
        if event.key == Qt.Key.Key_Insert and not event.modifiers:
            return self._insert_behind()
        return super().key(event)

    def nudge(self, dx: float, dy: float) -> bool:
        """Move the vertices chosen, else the shapes selected, by film pixels."""
        item, scene, chosen = self._chosen()
        if item is not None and scene is not None and chosen:
            points = item.points.copy()
            points[chosen] = kept_inside(points[chosen] + (dx, dy), scene.sceneRect())
            self._ask_outline(item, points, translate("Tools", "Move vertices of %1"), f"nudge {chosen}")
            return True
        items = self._editable()
        if items and self.may_edit():
            names = tuple(one.drawn.shape.id for one in items)
            label = items[0].drawn.shape.label if len(items) == 1 else ""
            self.host.ask_edit(move_request(names, dx, dy, label, f"nudge {' '.join(sorted(names))}"))
        return bool(items)

    def delete_vertices(self) -> bool:
        """Delete the vertices chosen, else the one under the pointer."""
        item, scene, chosen = self._chosen()
        hover = scene.overlay.grasp.hover if scene is not None else None
        if not chosen and hover is not None and hover.part is Part.VERTEX:
            chosen = [hover.index]
        if item is None or scene is None or not chosen:
            return False
        self._delete(scene, item, chosen)
        return True

    def cancel(self) -> bool:
        """Drop the drag, else let the vertices chosen go."""
        drag, self._drag = self._drag, None
        self._clicked = None
        if drag is not None:
            drag.cancel()
        let_go = False
        for scene in self._scenes.values():
            let_go = let_go or bool(scene.overlay.grasp.chosen)
            scene.overlay.light(frozenset(), None)
        super().cancel()
        return drag is not None or let_go

    def _press_on_outline(self, event: ToolEvent, scene: AnnotationScene) -> bool:
        """Take hold of a vertex or an edge of the shape that is edited; return whether there was one."""
        item = scene.edited
        if item is None or self.host.read_only:
            return False
        grip = scene.overlay.grip_at(event.x, event.y, event.scale)
        on_vertex = grip is not None and grip.part is Part.VERTEX
        if event.modifiers & ALT and event.modifiers & SHIFT:
            if grip is not None and on_vertex:
                self._delete(scene, item, [grip.index])
            return on_vertex
        if event.modifiers & ALT:
            edge = edge_at(item.points, event.x, event.y, event.scale)
            if edge is not None:
                self._drag = VertexDrag(self, scene, item, edge, event, at_once=True)
            return edge is not None
        if grip is None:
            return False
        if on_vertex and event.modifiers & (CONTROL | SHIFT):
            scene.overlay.light(scene.overlay.grasp.chosen ^ {grip.index}, grip)
        else:
            self._drag = VertexDrag(self, scene, item, grip, event, at_once=False)
        return True

    def _press_on_shapes(self, event: ToolEvent, scene: AnnotationScene) -> None:
        under = shapes_at(scene.shape_items, event.x, event.y, event.scale)
        if not under:
            self._drag = BandDrag(self, scene, event)
            return
        names = [item.drawn.shape.id for item in under]
        selected = self.host.selection
        if event.modifiers & ALT:
            marked = [place for place, name in enumerate(names) if name in selected]
            self._select(frozenset({names[(marked[0] + 1) % len(names) if marked else 0]}))
            return
        if event.modifiers & (CONTROL | SHIFT):
            self._select(selected ^ {names[0]})
            return
        if any(name in selected for name in names):
            self._clicked = frozenset({names[0]})
        else:
            self._select(frozenset({names[0]}))
        items = self._editable()
        if items and any(item in items for item in under) and not self.host.read_only:
            self._drag = MoveDrag(self, scene, items, event)

    def _select(self, ids: frozenset[str]) -> None:
        if ids != self.host.selection:
            self.host.select(ids)

    def _editable(self) -> tuple[ShapeItem, ...]:
        """Return the selected shapes that may be moved, each once, though two views may show it."""
        found = {
            item.drawn.shape.id: item
            for scene in self._scenes.values()
            for item in scene.shape_items
            if item.marked and item.drawn.editable
        }
        return tuple(found.values())

    def _chosen(self) -> tuple[ShapeItem | None, AnnotationScene | None, list[int]]:
        """Return the shape that is edited, its scene, and the vertices chosen."""
        for scene in self._scenes.values():
            item = scene.edited
            if item is not None:
                return item, scene, sorted(one for one in scene.overlay.grasp.chosen if one < len(item.points))
        return None, None, []

    def _delete(self, scene: AnnotationScene, item: ShapeItem, indices: list[int]) -> None:
        one, more = translate("Tools", "Delete a vertex of %1"), translate("Tools", "Delete vertices of %1")
        text = one if len(indices) == 1 else more
        if self._ask_outline(item, np.delete(item.points, indices, axis=0), text):
            scene.overlay.light(frozenset(), None)

    def _insert_behind(self) -> bool:
        """Insert a vertex in the middle of the edge behind the vertex chosen."""
        item, scene, chosen = self._chosen()
        if item is None or scene is None or len(chosen) != 1:
            return False
        middle = middles_of(item.points, np.array(chosen))[0]
        points = np.insert(item.points, chosen[0] + 1, middle, axis=0)
        if self._ask_outline(item, points, translate("Tools", "Insert a vertex into %1")):
            scene.overlay.light(frozenset({chosen[0] + 1}), None)
        return True

    def _step(self, step: int) -> bool:
        """Choose the next vertex; on a dense outline, the next that has a handle."""
        _, scene, chosen = self._chosen()
        handles = scene.overlay.handles(scene.projection.scale) if scene is not None else None
        if scene is None or handles is None:
            return False
        shown = handles.vertices
        place = int(np.searchsorted(shown, chosen[0])) + step if chosen else 0
        scene.overlay.light(frozenset({int(shown[place % len(shown)])}), None)
        return True

    def _ask_outline(self, item: ShapeItem, points: FloatArray, text: str, merge_key: str = "") -> bool:
        """Ask for another outline of a shape, if it is one; return whether it was asked for."""
        if not self.may_edit():
            return False
        shape = item.drawn.shape
        try:
            polygon = Polygon(points)
        except ValueError:
            few = translate("Tools", "An outline needs three vertices at least. Delete the shape instead.")
            crossed = translate("Tools", "That would make the outline cross itself, so nothing was changed.")
            self.refuse(few if len(points) < 3 else crossed)
            return False
        self.host.ask_edit(
            EditRequest(
                text.replace("%1", shape.label),
                lambda annotation: edits.replace_polygon(annotation, shape.id, polygon),
                f"{merge_key} {shape.id}" if merge_key else "",
            )
        )
        return True
