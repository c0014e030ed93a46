"""What all tools share: the scenes, the refusals, the previews told once a frame, and what a tool does by default."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, Qt, QTimer

from engine.domain.polygon import Polygon
from vcfviewer.canvas.hits import snapped
from vcfviewer.canvas.overlay import Grips
from vcfviewer.canvas.palette import Ink
from vcfviewer.canvas.scene import AnnotationScene
from vcfviewer.canvas.sketch import Dot, Point, Sketch
from vcfviewer.canvas.values import Side, ToolEvent, ToolHost, ToolKey, ToolName

translate = QCoreApplication.translate

FRAME = 16
"""Milliseconds between two previews that are told: more often no screen shows them."""

STILL = 3.0
"""View pixels the pointer may move between press and release and still be a click."""

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


class SceneTool:
    """A tool that does nothing yet. It takes no more than it is told, and gives what it wants to the host."""

    name: ToolName
    grips: ClassVar[Grips] = Grips.NONE

    def __init__(self, host: ToolHost, scenes: Mapping[Side, AnnotationScene]) -> None:
        self.host = host
        self.pulse = PreviewPulse(host.show_preview)
        self._scenes = scenes
        self._problem = ""
        self._allow(Grips.NONE if host.read_only else self.grips)

    @property
    def hint(self) -> str:
        """Return what went wrong just now, or what a click does."""
        return self._problem or self.usual_hint()

    @property
    def cursor(self) -> Qt.CursorShape:
        """Return the pointer's form now."""
        return Qt.CursorShape.CrossCursor

    def usual_hint(self) -> str:
        """Return what a click does now."""
        return ""

    def scene(self, side: Side) -> AnnotationScene:
        """Return the scene of a view, with the handles that this tool can take hold of."""
        self._allow(Grips.NONE if self.host.read_only else self.grips)
        return self._scenes[side]

    def press(self, event: ToolEvent) -> None:
        """Take the left button going down."""
        self.forget_problem()

    def move(self, event: ToolEvent) -> None:
        """Take a move."""
        self.scene(event.side)

    def release(self, event: ToolEvent) -> None:
        """Take the left button going up."""

    def double_click(self, event: ToolEvent) -> None:
        """Take a double click as one more press."""
        self.press(event)

    def key(self, event: ToolKey) -> bool:
        """Take Backspace."""
        self.forget_problem()
        return event.key == Qt.Key.Key_Backspace and self.delete_vertices()

    def nudge(self, dx: float, dy: float) -> bool:
        """Move nothing."""
        return False

    def delete_vertices(self) -> bool:
        """Delete nothing."""
        return False

    def finish(self) -> bool:
        """Finish nothing."""
        return False

    def cancel(self) -> bool:
        """Drop nothing but a problem."""
        self.forget_problem()
        return False

    def refuse(self, text: str) -> None:
        """Say why nothing was done; it stays the hint until the next press or key."""
        self._problem = text
        self.host.show_status(text)

    def forget_problem(self) -> None:
        """Go back to the usual hint."""
        self._problem = ""

    def may_edit(self) -> bool:
        """Return whether edits are allowed, and say so where not."""
        if self.host.read_only:
            self.refuse(translate("Tools", "This film is open for reading only, so its shapes can't be changed."))
        return not self.host.read_only

    def _allow(self, grips: Grips) -> None:
        for scene in self._scenes.values():
            scene.overlay.allow(grips)


class PreviewPulse:
    """Tells previews at once, but no more than one a frame; the latest one is never lost."""

    def __init__(self, tell: Callable[[str, Polygon | None], None]) -> None:
        self._tell = tell
        self._waiting: tuple[str, Polygon] | None = None
        self._told = ""
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(FRAME)
        self._timer.timeout.connect(self._beat)

    @property
    def is_idle(self) -> bool:
        """Whether a preview would be told at once."""
        return not self._timer.isActive()

    def show(self, shape_id: str, polygon: Polygon | None) -> None:
        """Tell what a shape would be; an outline that is no polygon isn't told."""
        if polygon is None:
            return
        self._waiting = (shape_id, polygon)
        if self.is_idle:
            self._beat()

    def stop(self) -> None:
        """Tell that the drag is over, if anything was told."""
        self._timer.stop()
        self._waiting = None
        if self._told:
            told, self._told = self._told, ""
            self._tell(told, None)

    def _beat(self) -> None:
        if self._waiting is not None:
            (shape_id, polygon), self._waiting = self._waiting, None
            self._told = shape_id
            self._timer.start()
            self._tell(shape_id, polygon)


def snap(scene: AnnotationScene, event: ToolEvent, at: Point, without: frozenset[str] = frozenset()) -> Snap:
    """Return where a drawn or dragged point goes: to a vertex of another shape nearby, unless Ctrl is held."""
    found = None if event.modifiers & CONTROL else snapped(scene.shape_items, *at, event.scale, without)
    return Snap(found or inside(scene, at), found is not None)


@dataclass(frozen=True, slots=True)
class Snap:
    """A point on the film, and whether it is another shape's vertex."""

    at: Point
    caught: bool

    @property
    def dots(self) -> tuple[Dot, ...]:
        """Return the ring around the vertex that caught the point."""
        return (Dot(self.at, Ink.SNAPPED, 14.0, hollow=True),) if self.caught else ()

    @property
    def sketch(self) -> Sketch:
        """Return the ring alone."""
        return Sketch(dots=self.dots)


def inside(scene: AnnotationScene, at: Point) -> Point:
    """Return the point of the film that is nearest to a point beside it."""
    rect = scene.sceneRect()
    if rect.isEmpty():
        return at
    return (min(max(at[0], rect.left()), rect.right()), min(max(at[1], rect.top()), rect.bottom()))


def view_distance(first: ToolEvent, second: ToolEvent) -> float:
    """Return how far apart two events are, in view pixels."""
    return math.hypot(second.x - first.x, second.y - first.y) * second.scale
