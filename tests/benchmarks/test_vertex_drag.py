"""How long one step of a vertex's drag takes at 5,000 vertices, beside an item whose polygon is built anew each time.

A step is a mouse event, all that the program does with it, and the painting it leads to.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QMouseEvent, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QApplication, QGraphicsPolygonItem, QGraphicsScene, QGraphicsView

from engine.domain.annotation import Shape
from engine.domain.matching import MatchKind
from engine.domain.polygon import Polygon
from engine.films import Film
from vcfviewer.canvas.comparison import Comparison
from vcfviewer.canvas.values import DrawnShape, Side, ViewMode, ViewState

VERTICES = 5000
STEPS = 60
FRAME_MS = 16.0
SIZE = (1920, 1080)
CENTRE = (1000.0, 1250.0)
RADIUS = 420.0


@pytest.fixture(scope="module")
def app():
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QApplication.instance() or QApplication(["benchmarks"])


@pytest.fixture(scope="module")
def film():
    pixels = np.random.default_rng(0).integers(0, 4096, (2500, 2000), np.uint16)
    return Film(Path("film.png"), pixels)


class Paints(QObject):
    """Counts the frames that reach a widget: those that Qt leaves out must not count as fast ones."""

    def __init__(self, widget):
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        self.count += event.type() == QEvent.Type.Paint
        return False


class NaiveView(QGraphicsView):
    """What one writes first: no handles, no captions, no check, one item that takes a new polygon at each move."""

    def __init__(self, film, state):
        super().__init__()
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setScene(QGraphicsScene(self))
        grey = (film.pixels >> 4).astype(np.uint8)
        height, width = grey.shape
        image = QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8)
        self.scene().addPixmap(QPixmap.fromImage(image))
        self.points = outline()
        self.item = QGraphicsPolygonItem()
        pen = QPen(QColor("#56B4E9"), 2)
        pen.setCosmetic(True)
        self.item.setPen(pen)
        self.item.setBrush(QBrush(QColor(86, 180, 233, 120), Qt.BrushStyle.BDiagPattern))
        self.scene().addItem(self.item)
        self.scale(state.scale, state.scale)
        self.centerOn(*state.center)

    def mouseMoveEvent(self, event):
        at = self.mapToScene(event.position().toPoint())
        self.points[0] = (at.x(), at.y())
        self.item.setPolygon(QPolygonF([QPointF(x, y) for x, y in self.points.tolist()]))


def outline():
    """A body's outline with bays, and with the small steps of a mask's edge."""
    angle = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    away = RADIUS * (1 + 0.06 * np.sin(7 * angle)) + np.random.default_rng(0).normal(0, 0.02, VERTICES)
    return np.stack([CENTRE[0] + away * np.cos(angle), CENTRE[1] + away * np.sin(angle)], axis=1)


def shapes():
    """The dense one, editable, and a dozen others of both sides around it."""
    dense = DrawnShape(
        Shape("dense", "L1", Polygon(outline())), Side.EXPERT, MatchKind.AGREES, "L1  IoU 0.87", editable=True
    )
    turn = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    ring = np.stack([70 * np.cos(turn), 50 * np.sin(turn)], axis=1)
    places = [(x, y) for x in (300.0, 1700.0) for y in (400.0, 700.0, 1000.0, 1300.0, 1600.0, 1900.0)]
    others = [
        DrawnShape(Shape(f"s{place}", "L2", Polygon(ring + at)), side, MatchKind.EXTRA, f"L2 0.7{place}")
        for place, at in enumerate(places)
        for side in (Side.EXPERT if place % 2 else Side.MODEL,)
    ]
    expert = [dense, *(one for one in others if one.side is Side.EXPERT)]
    return expert, [one for one in others if one.side is Side.MODEL]


def send(viewport, kind, at, button=Qt.MouseButton.NoButton, buttons=Qt.MouseButton.LeftButton):
    place = QPointF(*at)
    no_keys = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, place, QPointF(viewport.mapToGlobal(place.toPoint())), button, buttons, no_keys)
    QApplication.sendEvent(viewport, event)


def drag_ms(app, viewport, start):
    """Median processor time of the GUI thread in a step, in ms; it does all of it, and other programs don't count."""
    paints = Paints(viewport)
    took = []
    for step in range(STEPS):
        at = (start[0] + 5 + step, start[1] + step % 3)
        before, busy = paints.count, time.thread_time()
        send(viewport, QEvent.Type.MouseMove, at)
        app.processEvents()
        last = time.monotonic() + 10
        while paints.count == before:
            assert time.monotonic() < last, f"step {step} was never painted"
            time.sleep(0.0005)
            app.processEvents()
        took.append(1000 * (time.thread_time() - busy))
    return float(np.median(took))


@pytest.mark.parametrize("scale", [0.42, 1.0, 4.0])
def test_a_step_of_a_vertex_drag_takes_less_than_a_frame_of_the_screen(app, film, scale, record_property):
    at_vertex = outline()[0]
    state = ViewState((float(at_vertex[0]) - 60 / scale, float(at_vertex[1])), scale)
    comparison = Comparison()
    comparison.resize(*SIZE)
    comparison.show()
    comparison.show_film(film)
    comparison.set_mode(ViewMode.OVERLAY)
    comparison.show_shapes(*shapes())
    comparison.select(frozenset({"dense"}))
    comparison.set_view_state(state)
    app.processEvents()
    asked = []
    comparison.edit_asked.connect(asked.append)
    view = comparison.view(Side.EXPERT)
    start = view.placement.to_view(*at_vertex)
    send(view.viewport(), QEvent.Type.MouseButtonPress, start, Qt.MouseButton.LeftButton)
    ours = drag_ms(app, view.viewport(), start)
    send(view.viewport(), QEvent.Type.MouseButtonRelease, start, Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton)

    naive = NaiveView(film, state)
    naive.resize(*SIZE)
    naive.show()
    app.processEvents()
    theirs = drag_ms(app, naive.viewport(), start)

    record_property("step_ms", ours)
    record_property("naive_ms", theirs)
    sys.stderr.write(
        f"scale {scale}: {ours:.2f} ms a step, built anew {theirs:.2f} ms, ratio {ours / theirs:.2f}, n = {STEPS}\n"
    )
    for widget in (comparison, naive):
        widget.close()
    comparison.show_film(None)
    assert len(asked) == 1
    assert ours <= FRAME_MS
    assert ours < theirs
