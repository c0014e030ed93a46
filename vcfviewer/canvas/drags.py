"""The drags of the SELECT tool: vertices, whole shapes, a rubber band. Each lives from press to release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF

from engine.domain import edits
from engine.domain.annotation import Annotation
from engine.domain.polygon import FloatArray, Polygon
from vcfviewer.canvas.handles import Grip, Part
from vcfviewer.canvas.hits import kept_inside, shapes_in
from vcfviewer.canvas.items import ShapeItem
from vcfviewer.canvas.scene import AnnotationScene
from vcfviewer.canvas.sketch import Line, Sketch
from vcfviewer.canvas.tools_base import CONTROL, SHIFT, STILL, SceneTool, snap, view_distance
from vcfviewer.canvas.values import EditRequest, ToolEvent

translate = QCoreApplication.translate


class Drag(Protocol):
    """What goes on between press and release."""

    def move(self, event: ToolEvent) -> None:
        """Follow the pointer."""
        ...

    def release(self, event: ToolEvent) -> None:
        """End where the pointer is, with an edit if there is one."""
        ...

    def cancel(self) -> None:
        """End as if nothing had been done."""
        ...


class VertexDrag:
    """Drags vertices of one outline, the one that was taken hold of to the pointer, the others along with it.

    A grip on an edge puts a new vertex there first; `at_once` asks for it even where the pointer didn't move.
    """

    def __init__(
        self, tool: SceneTool, scene: AnnotationScene, item: ShapeItem, grip: Grip, start: ToolEvent, at_once: bool
    ) -> None:
        self._tool, self._scene, self._start = tool, scene, start
        self._shape_id = item.drawn.shape.id
        self._name = item.drawn.shape.label
        self._base: FloatArray = item.drawn.shape.polygon.points
        self._inserts = grip.part is Part.EDGE
        self._lead = grip.index + 1 if self._inserts else grip.index
        if self._inserts:
            self._base = np.insert(self._base, self._lead, (grip.x, grip.y), axis=0)
        chosen = scene.overlay.grasp.chosen
        self._moved = [self._lead] if self._inserts or self._lead not in chosen else _within(chosen, len(self._base))
        self._points = self._base
        self._polygon: Polygon | None = None
        self._going = at_once
        scene.overlay.light(frozenset(self._moved), None)
        if at_once:
            self._show(self._base)

    def move(self, event: ToolEvent) -> None:
        """Move the vertices, and show where they would lie."""
        self._going = self._going or view_distance(self._start, event) > STILL
        if not self._going:
            return
        lead = self._base[self._lead]
        aim = (lead[0] + event.x - self._start.x, lead[1] + event.y - self._start.y)
        found = snap(self._scene, event, aim, frozenset({self._shape_id}))
        points = self._base.copy()
        points[self._moved] = kept_inside(points[self._moved] + (np.array(found.at) - lead), self._scene.sceneRect())
        self._scene.overlay.show_sketch(found.sketch)
        self._show(points)

    def release(self, event: ToolEvent) -> None:
        """Ask for the edit, or say why the outline can't be so."""
        self.move(event)
        if self._going and self._polygon is not None:
            self._tool.host.ask_edit(self._request())
        elif self._going:
            self._tool.refuse(
                translate("Tools", "There the outline would cross itself, so it was put back. Drag to another place.")
            )
        self._end()

    def cancel(self) -> None:
        """Put the vertices back."""
        if self._inserts:
            self._scene.overlay.light(frozenset(), None)
        self._end()

    def _show(self, points: FloatArray) -> None:
        self._points = points
        self._polygon = self._scene.preview({self._shape_id: points}).get(self._shape_id)
        self._tool.pulse.show(self._shape_id, self._polygon)

    def _end(self) -> None:
        self._scene.overlay.show_sketch(None)
        self._scene.end_previews()
        self._tool.pulse.stop()

    def _request(self) -> EditRequest:
        shape_id, lead, points = self._shape_id, self._lead, self._points
        at = points[lead].tolist()
        if self._inserts:
            text = translate("Tools", "Insert a vertex into %1")
            return EditRequest(text.replace("%1", self._name), _Insert(shape_id, lead, at))
        if len(self._moved) == 1:
            text = translate("Tools", "Move a vertex of %1")
            return EditRequest(text.replace("%1", self._name), _Move(shape_id, lead, at))
        text = translate("Tools", "Move vertices of %1").replace("%1", self._name)
        return EditRequest(text, lambda annotation: edits.replace_polygon(annotation, shape_id, Polygon(points)))


class MoveDrag:
    """Drags whole shapes, as far as they stay on the film."""

    def __init__(self, tool: SceneTool, scene: AnnotationScene, items: tuple[ShapeItem, ...], start: ToolEvent) -> None:
        self._tool, self._scene, self._start = tool, scene, start
        self._outlines: Mapping[str, FloatArray] = {
            item.drawn.shape.id: item.drawn.shape.polygon.points for item in items
        }
        self._told = next(iter(self._outlines))
        self._name = items[0].drawn.shape.label if len(items) == 1 else ""
        self._room = _room(items, scene.sceneRect())
        self._shift = np.zeros(2)
        self.has_moved = False

    def move(self, event: ToolEvent) -> None:
        """Move the shapes."""
        self.has_moved = self.has_moved or view_distance(self._start, event) > STILL
        if not self.has_moved:
            return
        low, high = self._room
        self._shift = np.clip((event.x - self._start.x, event.y - self._start.y), low, high)
        polygons = self._scene.preview({name: points + self._shift for name, points in self._outlines.items()})
        self._tool.pulse.show(self._told, polygons.get(self._told))

    def release(self, event: ToolEvent) -> None:
        """Ask for the move, if there was one."""
        self.move(event)
        if self.has_moved:
            names, (dx, dy) = tuple(self._outlines), self._shift.tolist()
            self._tool.host.ask_edit(move_request(names, dx, dy, self._name))
        self.cancel()

    def cancel(self) -> None:
        """Put the shapes back."""
        self._scene.end_previews()
        self._tool.pulse.stop()


class BandDrag:
    """Draws a rectangle; the shapes that it touches are selected, with Ctrl or Shift beside those that are."""

    def __init__(self, tool: SceneTool, scene: AnnotationScene, start: ToolEvent) -> None:
        self._tool, self._scene, self._start = tool, scene, start
        self._going = False

    def move(self, event: ToolEvent) -> None:
        """Draw the rectangle."""
        self._going = self._going or view_distance(self._start, event) > STILL
        if self._going:
            (x0, y0), (x1, y1) = (self._start.x, self._start.y), (event.x, event.y)
            corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
            self._scene.overlay.show_sketch(Sketch(lines=(Line(corners, closed=True, dashed=True),)))

    def release(self, event: ToolEvent) -> None:
        """Select what the rectangle touches; a click beside all shapes selects none."""
        self.move(event)
        found: frozenset[str] = frozenset()
        if self._going:
            start = self._start
            rect = QRectF(start.x, start.y, event.x - start.x, event.y - start.y).normalized()
            found = frozenset(item.drawn.shape.id for item in shapes_in(self._scene.shape_items, rect))
        more = bool(self._start.modifiers & (CONTROL | SHIFT))
        self.cancel()
        self._tool.host.select(self._tool.host.selection | found if more else found)

    def cancel(self) -> None:
        """Take the rectangle away."""
        self._scene.overlay.show_sketch(None)


class _Move:
    """Moves a vertex; a class, and not a lambda, for the values it closes over are told by their names."""

    def __init__(self, shape_id: str, index: int, at: list[float]) -> None:
        self._of = (shape_id, index, at)

    def __call__(self, annotation: Annotation) -> Annotation:
        return edits.move_vertex(annotation, *self._of)


class _Insert(_Move):
    """Inserts a vertex."""

    def __call__(self, annotation: Annotation) -> Annotation:
        return edits.insert_vertex(annotation, *self._of)


def move_request(shape_ids: tuple[str, ...], dx: float, dy: float, name: str = "", merge_key: str = "") -> EditRequest:
    """Return the request to move shapes by film pixels; `name` is the label of a single one."""
    text = translate("Tools", "Move %1").replace("%1", name) if name else translate("Tools", "Move shapes")
    return EditRequest(text, lambda annotation: edits.move_shapes(annotation, shape_ids, dx, dy), merge_key)


def _within(chosen: frozenset[int], count: int) -> list[int]:
    return sorted(index for index in chosen if index < count)


def _room(items: tuple[ShapeItem, ...], film: QRectF) -> tuple[FloatArray, FloatArray]:
    """Return the least and the greatest shift (2,) that keeps all shapes on the film, as far as they are on it now."""
    bounds = QRectF()
    for item in items:
        bounds = bounds.united(item.film_bounds)
    if film.isEmpty():
        return np.full(2, -np.inf), np.full(2, np.inf)
    low = np.minimum((film.left() - bounds.left(), film.top() - bounds.top()), 0.0)
    high = np.maximum((film.right() - bounds.right(), film.bottom() - bounds.bottom()), 0.0)
    return low, high
