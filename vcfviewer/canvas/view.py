"""FilmView: one view of a film with its mouse and keys.

The wheel zooms, the middle button or a drag with Space held pans, the right button windows: in every tool. The left
button and all other keys belong to the tool.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from engine.films import Display
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.loupe import Loupe
from vcfviewer.canvas.screen import FilmScreen
from vcfviewer.canvas.values import Pointer, Side, Tool, ToolEvent, ToolKey, ToolName, ViewState
from vcfviewer.canvas.windowing import dragged, entries_of

Buttons = Qt.MouseButton


@dataclass(slots=True)
class _Drag:
    """A drag of the film or of the window: where it began, where it was last, what each step does."""

    button: Qt.MouseButton
    start: QPointF
    last: QPointF
    step: Callable[[QPointF, QPointF], None]
    cursor: Qt.CursorShape
    moved: bool = False


class FilmView(FilmScreen):
    """A film of one side, its display and the current tool.

    `pointer_moved` carries a Pointer, or None when the pointer leaves; `display_changed` the Display after a drag;
    `menu_asked` the place on the screen (QPoint) of a right click that wasn't a drag; `tool_used` says that the tool
    was sent something, so that its hint may be another one.
    """

    pointer_moved = Signal(object)
    display_changed = Signal(object)
    menu_asked = Signal(object)
    tool_used = Signal()

    def __init__(self, side: Side, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side = side
        self._tool: Tool | None = None
        self._left: ToolName = ToolName.PAN
        self._drag: _Drag | None = None
        self._tool_holds = False
        self._space = False
        self._at: QPointF | None = None
        self._loupe = Loupe(self)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)

    def show_film(self, shown_film: ShownFilm | None, display: Display | None) -> None:
        """Show a film through a display, upright and whole; None: show none, and let the last one go."""
        self._drag, self._tool_holds = None, False
        self._loupe.put_away()
        self.put_film(shown_film, display)
        self.put_state(ViewState((0.0, 0.0), 1.0))
        self.fit()

    def set_display(self, display: Display) -> None:
        """Show the film through this display; `display_changed` stays silent."""
        if self.shown_film is not None:
            self.put_display(display)
            if self._loupe.isVisible():
                self._loupe.put_display(display)

    def set_tool(self, name: ToolName, tool: Tool | None = None) -> None:
        """Give the left button to a tool; PAN and WINDOW need none."""
        self._tool, self._left, self._tool_holds = tool, name, False
        self._show_cursor()

    def set_loupe(self, at: tuple[float, float] | None) -> None:
        """Hold the loupe over a point of the film, or put it away."""
        if at is None or self.shown_film is None:
            self._loupe.put_away()
        else:
            self._loupe.hold_at(*at)

    @property
    def pointer(self) -> Pointer | None:
        """Return where the pointer is; None where it isn't over the view, or no film is shown."""
        if self._at is None or self.shown_film is None:
            return None
        x, y = self.placement.to_film(self._at.x(), self._at.y())
        column, row = math.floor(x), math.floor(y)
        width, height = self.shown_film.size
        inside = 0 <= column < width and 0 <= row < height
        return Pointer(x, y, int(self.shown_film.film.pixels[row, column]) if inside else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a pan or a window drag, or give the left button to the tool."""
        event.accept()
        self._at = event.position()
        button = event.button()
        pans = button is Buttons.MiddleButton or (self._space and button is Buttons.LeftButton)
        windows = button is Buttons.RightButton
        if self._drag is not None or self.shown_film is None:
            return
        if button is Buttons.LeftButton and not pans:
            pans, windows = self._left is ToolName.PAN, self._left is ToolName.WINDOW
        if pans:
            self._begin(event, self._pan_step, Qt.CursorShape.ClosedHandCursor)
        elif windows:
            self._begin(event, self._window_step(), Qt.CursorShape.SizeAllCursor)
        elif button is Buttons.LeftButton and self._tool is not None:
            self._tool_holds = True
            self._send(self._tool.press, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the drag, or tell the tool."""
        event.accept()
        self._at = event.position()
        if self._drag is not None:
            drag, here = self._drag, event.position()
            far = (here - drag.start).manhattanLength() >= QApplication.startDragDistance()
            if drag.moved or drag.button is not Buttons.RightButton or far:
                drag.moved = True
                drag.step(here, here - drag.last)
                drag.last = here
        elif self._tool is not None and self.shown_film is not None:
            self._send(self._tool.move, event)
        self.pointer_moved.emit(self.pointer)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag; a right click that moved nothing asks for the menu."""
        event.accept()
        if self._drag is not None and event.button() is self._drag.button:
            drag, self._drag = self._drag, None
            self._show_cursor()
            if drag.button is Buttons.RightButton and not drag.moved:
                self.menu_asked.emit(event.globalPosition().toPoint())
        elif event.button() is Buttons.LeftButton and self._tool_holds and self._tool is not None:
            self._tool_holds = False
            self._send(self._tool.release, event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Give a double click of the left button to the tool; those of others are presses."""
        free = self._drag is None and not self._space and self.shown_film is not None
        if event.button() is Buttons.LeftButton and self._tool is not None and free:
            event.accept()
            self._tool_holds = True
            self._send(self._tool.double_click, event)
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Space for panning; Esc cancels the tool, Enter finishes it, other keys are its own or the window's."""
        key = event.key()
        if key == Qt.Key.Key_Space and not event.modifiers():
            if not event.isAutoRepeat():
                self._space = True
                self._show_cursor()
            return
        used = False
        if self._tool is not None:
            at = None if self._at is None else self._tool_event(self._at, modifiers=event.modifiers())
            if key == Qt.Key.Key_Escape:
                used = self._tool.cancel()
            elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
                used = self._tool.finish()
            else:
                used = self._tool.key(ToolKey(key, event.modifiers(), self.side, at))
            self._show_cursor()
            self.tool_used.emit()
        event.setAccepted(used)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let Space go."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._show_cursor()
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget Space: its release goes elsewhere."""
        self._space = False
        self._show_cursor()
        super().focusOutEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer is gone."""
        self._at = None
        self.pointer_moved.emit(None)
        super().leaveEvent(event)

    def _begin(self, event: QMouseEvent, step: Callable[[QPointF, QPointF], None], cursor: Qt.CursorShape) -> None:
        self._drag = _Drag(event.button(), event.position(), event.position(), step, cursor)
        self._show_cursor()

    def _pan_step(self, here: QPointF, moved: QPointF) -> None:
        self.pan(moved.x(), moved.y())

    def _window_step(self) -> Callable[[QPointF, QPointF], None]:
        """Return what a window drag that begins now does: each step counts from its start, so none adds up errors."""
        shown, first, start = self.shown_film, self.display, self._at

        def step(here: QPointF, moved: QPointF) -> None:
            if shown is None or first is None or start is None or shown is not self.shown_film:
                return
            display = dragged(first, here.x() - start.x(), here.y() - start.y(), entries_of(shown.film))
            self.set_display(display)
            self.display_changed.emit(display)

        return step

    def _send(self, to: Callable[[ToolEvent], None], event: QMouseEvent) -> None:
        to(self._tool_event(event.position(), event.button(), event.buttons(), event.modifiers()))
        self._show_cursor()
        self.tool_used.emit()

    def _tool_event(
        self,
        at: QPointF,
        button: Qt.MouseButton = Buttons.NoButton,
        buttons: Qt.MouseButton = Buttons.NoButton,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> ToolEvent:
        x, y = self.placement.to_film(at.x(), at.y())
        return ToolEvent(x, y, self.state.scale, self.side, button, buttons, modifiers)

    def _show_cursor(self) -> None:
        if self._drag is not None:
            cursor = self._drag.cursor
        elif self._space or self._left is ToolName.PAN:
            cursor = Qt.CursorShape.OpenHandCursor
        elif self._tool is not None:
            cursor = self._tool.cursor
        else:
            cursor = Qt.CursorShape.SizeAllCursor
        if self.viewport().cursor().shape() is not cursor:
            self.viewport().setCursor(cursor)
