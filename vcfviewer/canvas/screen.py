"""FilmScreen: a FilmCanvas that can be moved about, by calls, by the wheel and by touchpad gestures."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputDevice, QNativeGestureEvent, QPainter, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from vcfviewer.canvas import geometry
from vcfviewer.canvas.film_canvas import FilmCanvas
from vcfviewer.canvas.geometry import Bounds
from vcfviewer.canvas.marks import Marks, draw_marks
from vcfviewer.canvas.values import ViewState

NOTCH = 120.0
"""What a wheel tells of one notch (QWheelEvent.angleDelta)."""

NOTCHES_TO_DOUBLE = 4.0
PIXELS_A_NOTCH = 60.0
"""How far Shift and one notch of the wheel pan, in view pixels."""


RING = 2
"""Width of the ring around the view that has the keyboard's focus, in view pixels."""

BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class RingedCanvas(FilmCanvas):
    """Draws a ring around the film where the focus came by the keyboard; after a click one knows."""

    _ringed = False

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw the ring."""
        if self._ringed:
            painter.save()
            painter.resetTransform()
            painter.setPen(QPen(self.palette().highlight(), 2 * RING))
            painter.drawRect(self.viewport().rect())
            painter.restore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring."""
        self._ring(event.reason() in BY_KEYBOARD)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        self._ring(False)
        super().focusOutEvent(event)

    def _ring(self, ringed: bool) -> None:
        self._ringed = ringed
        self.viewport().update()


class FilmScreen(RingedCanvas):
    """A film that is zoomed, panned, turned, flipped and framed; carries the marks of its view.

    `view_changed` carries the ViewState after each change but those by `set_view_state`, which is for whoever follows.
    """

    view_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeps_fitting: bool | None = None
        self._marks = Marks()

    @property
    def marks(self) -> Marks:
        """Return what is written on the view."""
        return self._marks

    def set_marks(self, marks: Marks) -> None:
        """Write these marks on the view."""
        if marks != self._marks:
            self._marks = marks
            self.viewport().update()

    def set_view_state(self, state: ViewState) -> None:
        """Show what another view shows, or what this one showed before; `view_changed` stays silent."""
        self._keeps_fitting = None
        self.put_state(state)

    def fit(self) -> None:
        """Show the whole film, and keep it so while the window is resized."""
        self._fit(width_only=False)

    def fit_width(self) -> None:
        """Show all of the film's width, and keep it so while the window is resized."""
        self._fit(width_only=True)

    def one_to_one(self) -> None:
        """Show one film pixel as one pixel of the screen."""
        self._go(replace(self.state, scale=1 / self.viewport().devicePixelRatioF()))

    def zoom(self, factor: float, at: tuple[float, float] | None = None) -> None:
        """Enlarge by a factor; the point of the film at `at`, in view pixels (None: the middle), stays in place."""
        if self.shown_film is not None:
            least, most = geometry.scale_limits(self.shown_film.size, self.view_size)
            least, most = min(least, self.state.scale), max(most, self.state.scale)
            allowed = min(max(self.state.scale * factor, least), most) / self.state.scale
            self._go(geometry.zoomed(self.state, self.view_size, allowed, at))

    def pan(self, dx: float, dy: float) -> None:
        """Move the film by view pixels: right and down."""
        self._go(geometry.panned(self.state, dx, dy))

    def frame(self, bounds: Bounds) -> None:
        """Show a finding, bounds (left, top, right, bottom) in film pixels, with its neighbourhood."""
        self._go(geometry.framed(self.state, bounds, self.view_size))

    def turn(self, quarters: int = 1) -> None:
        """Turn the display clockwise by quarters; the film stays as it is."""
        self._turned(geometry.turned(self.state, quarters))

    def flip(self) -> None:
        """Exchange left and right of the display; the film stays as it is."""
        self._turned(geometry.flipped(self.state))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the film again where it was fitted."""
        super().resizeEvent(event)
        if self._keeps_fitting is not None:
            self._fit(self._keeps_fitting)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the pointer; Shift pans sideways, and so does, in all directions, a touchpad without Ctrl."""
        event.accept()
        held = event.modifiers()
        steps, pixels = event.angleDelta(), event.pixelDelta()
        if is_touchpad(event) and not held & Qt.KeyboardModifier.ControlModifier:
            moved = pixels if not pixels.isNull() else steps / 2
            self.pan(moved.x(), moved.y())
            return
        notches = (steps.y() or steps.x()) / NOTCH
        if held & Qt.KeyboardModifier.ShiftModifier:
            self.pan(notches * PIXELS_A_NOTCH, 0.0)
        else:
            self.zoom(2.0 ** (notches / NOTCHES_TO_DOUBLE), _xy(event.position()))

    def viewportEvent(self, event: QEvent) -> bool:
        """Zoom by a pinch on a touchpad."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(max(1.0 + event.value(), 0.1), _xy(event.position()))
            return True
        return super().viewportEvent(event)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Write the marks."""
        if self.shown_film is not None:
            painter.save()
            painter.resetTransform()
            painter.setFont(self.font())
            draw_marks(painter, self.viewport().rect(), self._marks, self.state)
            painter.restore()
        super().drawForeground(painter, rect)

    def _go(self, state: ViewState, keeps_fitting: bool | None = None) -> None:
        if self.shown_film is None:
            return
        self._keeps_fitting = keeps_fitting
        state = geometry.limited(state, self.shown_film.size)
        if state != self.state:
            self.put_state(state)
            self.view_changed.emit(state)

    def _fit(self, width_only: bool) -> None:
        if self.shown_film is not None:
            size, view = self.shown_film.size, self.view_size
            self._go(geometry.fitted(self.state, size, view, width_only), keeps_fitting=width_only)

    def _turned(self, state: ViewState) -> None:
        fitting = self._keeps_fitting
        self._go(state)
        if fitting is not None:
            self._fit(fitting)


def is_touchpad(event: QWheelEvent) -> bool:
    """Whether a scroll comes from fingers on a touchpad, and not from a wheel."""
    # Qt says pixels are unreliable on X11, where wheels may report them too: the phase or the device has to tell.
    by_fingers = event.phase() is not Qt.ScrollPhase.NoScrollPhase and not event.pixelDelta().isNull()
    return by_fingers or event.device().type() is QInputDevice.DeviceType.TouchPad


def _xy(point: QPointF) -> tuple[float, float]:
    return (point.x(), point.y())
