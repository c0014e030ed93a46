"""FilmCanvas: a QGraphicsView that draws a film, windowed live, beneath the shapes of its scene."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QResizeEvent, QTransform
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from engine.films import Display, Film
from vcfviewer.canvas.geometry import Placement, place
from vcfviewer.canvas.raster import Patch, Pyramid, Rgb, colours, resample, shown
from vcfviewer.canvas.values import ViewState
from vcfviewer.canvas.windowing import first_display

BESIDE = QColor(20, 20, 20)
"""Beside the film: dark, but not the black that a film's own edge may have."""

EVERYWHERE = QRectF(-1e6, -1e6, 2e6, 2e6)
"""The view's scene rectangle: so large that Qt never scrolls or aligns by itself, and the state alone decides."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownFilm:
    """A film ready to be drawn, to be made off the GUI thread; several views can share it.

    `display` is what the film is shown with at first: what its file offers first, else the automatic one.
    """

    film: Film
    pyramid: Pyramid
    display: Display

    @classmethod
    def of(cls, film: Film) -> ShownFilm:
        """Make the levels of a film, and its display."""
        return cls(film, Pyramid.of(film.pixels), first_display(film))

    @property
    def size(self) -> tuple[int, int]:
        """Return (width, height) in pixels."""
        height, width = self.film.size
        return (width, height)


class FilmCanvas(QGraphicsView):
    """Shows a film and a scene as a ViewState says; a scene's coordinates are film pixels.

    The visible part is resampled once for each state and size, and looked up again for each display.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: ShownFilm | None = None
        self._display: Display | None = None
        self._state = ViewState((0.0, 0.0), 1.0)
        self._patch: Patch | None = None
        self._patch_key: tuple[object, ...] | None = None
        self._image: QImage | None = None
        self._colours: Rgb | None = None
        self._buffer: Rgb | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setBackgroundBrush(BESIDE)
        self.setSceneRect(EVERYWHERE)

    @property
    def shown_film(self) -> ShownFilm | None:
        """Return the film that is shown, None where none is."""
        return self._shown

    @property
    def display(self) -> Display | None:
        """Return how grey values are shown, None without a film."""
        return self._display

    @property
    def state(self) -> ViewState:
        """Return what part of the film is shown."""
        return self._state

    @property
    def view_size(self) -> tuple[int, int]:
        """Return (width, height) in view pixels, at least 1."""
        return (max(self.viewport().width(), 1), max(self.viewport().height(), 1))

    @property
    def placement(self) -> Placement:
        """Return where film pixels lie in the view, as drawn: on whole device pixels."""
        return place(self._state, self.view_size, self.viewport().devicePixelRatioF())

    @property
    def visible_pixels(self) -> Patch | None:
        """Return the grey values in view, one a device pixel; None where no film is in view."""
        self._resample()
        return self._patch

    def put_film(self, shown_film: ShownFilm | None, display: Display | None) -> None:
        """Draw this film; the state stays. None: no film, and what the last one took is let go."""
        self._shown = shown_film
        self._patch = self._patch_key = self._buffer = None
        scene = self.scene()
        if scene is not None and shown_film is not None:
            scene.setSceneRect(QRectF(0, 0, *shown_film.size))
        self.put_display(display if shown_film is not None else None)

    def put_display(self, display: Display | None) -> None:
        """Show the film through this display."""
        self._display = display
        self._colours = self._image = None
        self.viewport().update()

    def put_state(self, state: ViewState) -> None:
        """Show this part of the film."""
        self._state = state
        self._apply_state()

    def put_scene(self, scene: QGraphicsScene | None) -> None:
        """Show the shapes of a scene; None: of none."""
        self.setScene(scene)
        if scene is not None and self._shown is not None:
            scene.setSceneRect(QRectF(0, 0, *self._shown.size))
        self.setSceneRect(EVERYWHERE)
        self._apply_state()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw the film where it is in view, on darkness."""
        painter.save()
        painter.resetTransform()
        image, ratio = self._windowed(), self.viewport().devicePixelRatioF()
        width, height = self.view_size
        if image is None or image.width() < width * ratio or image.height() < height * ratio:
            painter.fillRect(self.viewport().rect(), self.backgroundBrush())
        if image is not None and self._patch is not None:
            # In device pixels, so that Qt copies the picture and doesn't scale it.
            painter.setWorldTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.drawImage(self._patch.left, self._patch.top, image)
        painter.restore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is in the middle there."""
        super().resizeEvent(event)
        self._apply_state()

    def event(self, event: QEvent) -> bool:
        """Place the film anew on a screen of another resolution."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._apply_state()
        return super().event(event)

    def _apply_state(self) -> None:
        placed = self.placement
        xx, xy, yx, yy = placed.matrix
        self.setTransform(QTransform(xx, yx, xy, yy, placed.dx, placed.dy))
        self.horizontalScrollBar().setValue(0)
        self.verticalScrollBar().setValue(0)
        self.viewport().update()

    def _resample(self) -> None:
        ratio = self.viewport().devicePixelRatioF()
        width, height = (round(side * ratio) for side in self.view_size)
        key = (self.placement, ratio, width, height)
        if self._shown is None or key == self._patch_key:
            return
        device = self.placement.enlarged(ratio)
        self._patch = resample(self._shown.pyramid, device, width, height)
        self._patch_key = key
        self._image = None

    def _windowed(self) -> QImage | None:
        """Return the visible part as colours, or what was made before where nothing changed."""
        self._resample()
        if self._shown is None or self._patch is None or self._display is None:
            return None
        if self._image is None:
            if self._colours is None:
                self._colours = colours(self._display, self._shown.film.pixels.dtype)
            self._buffer = shown(self._patch.pixels, self._colours, self._buffer)
            rows, columns = self._buffer.shape
            self._image = QImage(self._buffer.data.cast("B"), columns, rows, 4 * columns, QImage.Format.Format_RGB32)
        return self._image
