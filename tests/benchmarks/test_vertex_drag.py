"""How long one step of a vertex's drag takes, beside an item whose polygon is built anew each time, and beside labelme.

A step is a mouse event, all that the program does with it, and the painting it leads to.
"""

import importlib.metadata
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
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

TOPIC = "Dragging a vertex"
VERTICES = 5000
MANY_VERTICES = (5000, 10_000, 20_000)
STEPS = 60
SHARE_OF_LABELME = 0.25
FRAME_MS = 16.0
SIZE = (1920, 1080)
CENTRE = (1000.0, 1250.0)
RADIUS = 420.0
LABELME = """
import importlib.metadata, os, sys, time
x, y, moves = float(sys.argv.pop(1)), float(sys.argv.pop(1)), int(sys.argv.pop(1))
seven = int(importlib.metadata.version("labelme").split(".")[0]) >= 7
if seven:
    from PySide6 import QtCore, QtGui, QtWidgets
else:
    from PyQt5 import QtCore, QtGui, QtWidgets
from labelme.__main__ import main
left, none = QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.MouseButton.NoButton
kinds, app = QtCore.QEvent.Type, QtWidgets.QApplication
class Paints(QtCore.QObject):
    count = 0
    def eventFilter(self, watched, event):
        self.count += event.type() == kinds.Paint
        return False
def send(canvas, kind, place, button, buttons):
    where = QtCore.QPointF(canvas.mapToGlobal(place.toPoint()))
    event = QtGui.QMouseEvent(kind, place, where, button, buttons, QtCore.Qt.KeyboardModifier.NoModifier)
    app.sendEvent(canvas, event)
    app.processEvents()
def drag():
    canvas = next((one for one in app.allWidgets() if type(one).__name__ == "Canvas"), None)
    if canvas is None or not canvas.shapes or not canvas.isVisible():
        QtCore.QTimer.singleShot(50, drag)
        return
    canvas.window().resize(WIDTH, HEIGHT)
    app.processEvents()
    origin = canvas._compute_image_origin_offset(**({"area": None} if seven else {}))
    start = (QtCore.QPointF(x, y) + origin) * canvas.scale
    for _ in range(2):
        send(canvas, kinds.MouseMove, start, none, none)
    send(canvas, kinds.MouseButtonPress, start, left, left)
    paints = Paints()
    canvas.installEventFilter(paints)
    first, took = str(canvas.shapes[0].points[0]), []
    for step in range(moves):
        busy = time.process_time()
        send(canvas, kinds.MouseMove, start + QtCore.QPointF(5 + step, step % 3), none, left)
        took.append(1000 * (time.process_time() - busy))
    assert paints.count >= moves, paints.count
    assert str(canvas.shapes[0].points[0]) != first, "the vertex was never moved"
    print("took", *took, flush=True)
    os._exit(0)
name = "exec" if seven else "exec_"
run = getattr(app, name)
def dragging(*_):
    QtCore.QTimer.singleShot(0, drag)
    return run()
setattr(app, name, dragging)
main()
""".replace("WIDTH, HEIGHT", f"{SIZE[0]}, {SIZE[1]}")
"""labelme as it is, 6 or 7, with a hand that drags the first vertex of the first shape."""


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

    def __init__(self, film, state, vertices):
        super().__init__()
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setScene(QGraphicsScene(self))
        grey = (film.pixels >> 4).astype(np.uint8)
        height, width = grey.shape
        image = QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8)
        self.scene().addPixmap(QPixmap.fromImage(image))
        self.points = outline(vertices)
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


def outline(vertices):
    """A body's outline with bays, and with the small steps of a mask's edge."""
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    # Steps smaller than the way to the next vertex, or the outline would cross itself.
    away = RADIUS * (1 + 0.06 * np.sin(7 * angle)) + np.random.default_rng(0).normal(0, 100 / vertices, vertices)
    return np.stack([CENTRE[0] + away * np.cos(angle), CENTRE[1] + away * np.sin(angle)], axis=1)


def shapes(vertices):
    """The dense one, editable, and a dozen others of both sides around it."""
    dense = DrawnShape(
        Shape("dense", "L1", Polygon(outline(vertices))), Side.EXPERT, MatchKind.AGREES, "L1  IoU 0.87", editable=True
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


def drag_ms(app, viewport, start, steps=STEPS, clock=time.thread_time):
    """Processor time of each step in ms, that of the GUI thread, which does all of it: other programs don't count."""
    paints = Paints(viewport)
    took = []
    for step in range(steps):
        at = (start[0] + 5 + step, start[1] + step % 3)
        before, busy = paints.count, clock()
        send(viewport, QEvent.Type.MouseMove, at)
        app.processEvents()
        last = time.monotonic() + 10
        while paints.count == before:
            assert time.monotonic() < last, f"step {step} was never painted"
            time.sleep(0.0005)
            app.processEvents()
        took.append(1000 * (clock() - busy))
    return took


def our_drag(app, film, state, vertices, **how):
    """Drag the first vertex of the dense shape; checks that one edit came out of it."""
    comparison = Comparison()
    comparison.resize(*SIZE)
    comparison.show()
    try:
        comparison.show_film(film)
        comparison.set_mode(ViewMode.OVERLAY)
        comparison.show_shapes(*shapes(vertices))
        comparison.select(frozenset({"dense"}))
        comparison.set_view_state(state)
        app.processEvents()
        asked = []
        comparison.edit_asked.connect(asked.append)
        view = comparison.view(Side.EXPERT)
        start = view.placement.to_view(*outline(vertices)[0])
        send(view.viewport(), QEvent.Type.MouseButtonPress, start, Qt.MouseButton.LeftButton)
        took = drag_ms(app, view.viewport(), start, **how)
        send(view.viewport(), QEvent.Type.MouseButtonRelease, start, Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton)
        assert len(asked) == 1
        return took
    finally:
        comparison.close()
        comparison.show_film(None)


def naive_drag(app, film, state, vertices, **how):
    """Do the same with an item whose polygon is built anew."""
    naive = NaiveView(film, state, vertices)
    naive.resize(*SIZE)
    naive.show()
    app.processEvents()
    try:
        at = naive.mapFromScene(QPointF(*outline(vertices)[0]))
        return drag_ms(app, naive.viewport(), (at.x(), at.y()), **how)
    finally:
        naive.close()


def state_at(scale):
    x, y = outline(VERTICES)[0].tolist()
    return ViewState((x - 60 / scale, y), scale)


@pytest.mark.parametrize("scale", [0.42, 4.0])
def test_a_step_of_a_vertex_drag_takes_less_than_a_frame_of_the_screen(app, film, scale, measurement):
    ours = our_drag(app, film, state_at(scale), VERTICES)
    theirs = naive_drag(app, film, state_at(scale), VERTICES)
    told = measurement(f"a step at scale {scale:g}, {VERTICES} vertices", "ms", ours, peer=theirs,
                       peer_name="polygon built anew", bar=FRAME_MS, share=1.0)  # fmt: skip
    assert told.is_met


@pytest.mark.parametrize("vertices", MANY_VERTICES)
def test_a_step_of_a_drag_of_many_vertices(app, film, vertices, measurement):
    ours = our_drag(app, film, state_at(1.0), vertices, steps=20)
    theirs = naive_drag(app, film, state_at(1.0), vertices, steps=10)
    told = measurement("a step at scale 1", "ms", ours, peer=theirs, peer_name="polygon built anew", size=vertices,
                       of="vertices", share=1.0, bar=FRAME_MS if vertices == VERTICES else None)  # fmt: skip
    assert told.is_met


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("vertices", "moves"), [(VERTICES, 4), pytest.param(20_000, 40, marks=pytest.mark.slow)])
def test_a_drag_costs_a_quarter_of_labelmes_at_most(app, film, vertices, moves, tmp_path, monkeypatch, measurement):
    fitting = ViewState((film.size[1] / 2, film.size[0] / 2), SIZE[1] / film.size[0])
    ours = our_drag(app, film, fitting, vertices, steps=moves, clock=time.process_time)
    theirs = labelme_drag_ms(film, vertices, moves, tmp_path, monkeypatch)
    peer = f"labelme {importlib.metadata.version('labelme')}"
    told = measurement(f"{moves} moves of a vertex of {vertices}, whole film", "ms", [sum(ours)], peer=[sum(theirs)],
                       peer_name=peer, share=SHARE_OF_LABELME, headline=True)  # fmt: skip
    assert told.is_met


def labelme_drag_ms(film, vertices, moves, folder, monkeypatch):
    """Let labelme drag the same vertex of the same outline on the same film in a window of the same size."""
    cv2.imwrite(str(folder / "film.png"), (film.pixels >> 4).astype(np.uint8))
    points = outline(vertices)
    shape = {"label": "L1", "points": points.tolist(), "group_id": None, "shape_type": "polygon", "flags": {}}
    record = {"version": "5.0.2", "flags": {}, "shapes": [shape], "imagePath": "film.png", "imageData": None,
              "imageHeight": film.size[0], "imageWidth": film.size[1]}  # fmt: skip
    (folder / "film.json").write_text(json.dumps(record))
    (folder / "home").mkdir()
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    # OpenCV, imported here, may have set where its own Qt 5 has its plugins.
    monkeypatch.delenv("QT_QPA_PLATFORM_PLUGIN_PATH", raising=False)
    arguments = (*points[0], moves, folder / "film.png")
    command = [sys.executable, "-c", LABELME, *(str(one) for one in arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    told = next((line for line in ended.stdout.splitlines() if line.startswith("took ")), None)
    assert told is not None, ended.stderr[-2000:]
    return [float(value) for value in told.split()[1:]]
