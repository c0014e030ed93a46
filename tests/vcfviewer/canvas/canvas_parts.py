"""Films and mouse events that tests of the canvas share."""

from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsScene

from engine.films import Display, Film
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.values import Side
from vcfviewer.canvas.view import FilmView

WINDOW = Display("file", 2000.0, 1500.0)
ORIENTATIONS = tuple((turns, flip) for turns in range(4) for flip in (False, True))


def a_film(height=900, width=700, bits=12, seed=5, **facts):
    """A film of noise: no two neighbours are alike, so that a shift by one pixel shows."""
    dtype = np.uint8 if bits == 8 else np.uint16
    pixels = np.random.default_rng(seed).integers(0, 2**bits, (height, width), dtype)
    return Film(Path("film.png"), pixels, **facts)


@contextmanager
def opened_view():
    """A view of 400 x 300 with a film of 700 x 900 in it."""
    view = FilmView(Side.EXPERT)
    view.put_scene(QGraphicsScene(view))
    view.resize(400, 300)
    view.show()
    view.show_film(ShownFilm.of(a_film()), WINDOW)
    QApplication.processEvents()
    yield view
    view.show_film(None, None)


def heard(signal):
    """A list that gets what a signal carries."""
    got = []
    signal.connect(lambda *values: got.append(values[0] if values else None))
    return got


def film_at(view, x, y):
    """The film's (x, y) at a place in the view."""
    return view.placement.to_film(x, y)


def greys(widget):
    """What a widget shows: (H, W) uint8 in device pixels."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    red, green, blue = (pixels >> shift & 255 for shift in (16, 8, 0))
    assert np.array_equal(red, green)
    assert np.array_equal(green, blue)
    return blue.astype(np.uint8)


def wheel(widget, at, angle=(0, 0), pixels=(0, 0), held=Qt.KeyboardModifier.NoModifier, phase=None):
    """Turn the wheel over a widget, at (x, y) in its pixels."""
    local = QPointF(*at)
    event = QWheelEvent(
        local,
        QPointF(widget.mapToGlobal(local.toPoint())),
        QPoint(*pixels),
        QPoint(*angle),
        Qt.MouseButton.NoButton,
        held,
        phase or Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def drag(widget, button, start, *stops, held=Qt.KeyboardModifier.NoModifier, release=True):
    """Press a button at `start`, move over the stops, release it at the last."""
    QTest.mousePress(widget, button, held, QPoint(*start))
    for stop in stops:
        move(widget, stop, button)
    if release:
        QTest.mouseRelease(widget, button, held, QPoint(*stops[-1]))


def move(widget, to, buttons=Qt.MouseButton.NoButton):
    """Move the mouse to a place in a widget; QTest.mouseMove would leave out the buttons held."""
    local = QPointF(*to)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        local,
        QPointF(widget.mapToGlobal(local.toPoint())),
        Qt.MouseButton.NoButton,
        buttons,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)
