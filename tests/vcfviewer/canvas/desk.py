"""A desk: the comparison with a film and an annotation, edits applied as a session does, real mouse and keys."""

from contextlib import contextmanager

import numpy as np
from canvas_parts import a_film
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.domain.annotation import Annotation, Shape
from engine.domain.matching import MatchKind
from engine.domain.polygon import Polygon
from vcfviewer.canvas.comparison import Comparison
from vcfviewer.canvas.values import DrawnShape, Side, ToolName, ViewMode, ViewState

NO_KEY = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton


class Desk:
    """Places are film pixels: `at` turns them into those of the view, as it is turned, flipped and zoomed."""

    def __init__(self, shapes, model=(), tool=ToolName.SELECT, mode=ViewMode.OVERLAY):
        self.annotation = Annotation("film.png", (900, 700), tuple(shapes))
        self.model = tuple(model)
        self.requests, self.previews, self.said = [], [], []
        self.relabels, self.measured, self.calibrations = [], [], []
        self.comparison = Comparison()
        self.comparison.resize(800, 600)
        self.comparison.show()
        self.comparison.show_film(a_film())
        self.comparison.set_mode(mode)
        self.comparison.edit_asked.connect(self.apply)
        self.comparison.preview.connect(self.previews.append)
        self.comparison.status.connect(self.said.append)
        self.comparison.relabel_asked.connect(self.relabels.append)
        self.comparison.measured.connect(self.measured.append)
        self.comparison.calibration_asked.connect(self.calibrations.append)
        self.show()
        self.comparison.set_tool(tool)
        self.look((350.0, 450.0))

    @property
    def view(self):
        return self.comparison.view(Side.EXPERT)

    @property
    def viewport(self):
        return self.view.viewport()

    @property
    def scene(self):
        return self.comparison.scene(Side.EXPERT)

    @property
    def selection(self):
        return set(self.comparison.selection)

    def apply(self, request):
        try:
            self.annotation = request.apply(self.annotation)
        except ValueError as error:
            self.said.append(str(error))
            return
        self.requests.append(request)
        self.show()

    def show(self):
        expert = [
            DrawnShape(one, Side.EXPERT, MatchKind.AGREES, one.label, editable=True) for one in self.annotation.shapes
        ]
        self.comparison.show_shapes(expert, self.model)

    def points(self, shape_id):
        return self.annotation.shape(shape_id).polygon.points

    def shown(self, shape_id):
        return self.scene.item(shape_id).points

    def look(self, center, scale=1.0, quarter_turns=0, flipped=False):
        self.comparison.set_view_state(ViewState(center, scale, quarter_turns, flipped))
        QApplication.processEvents()

    def select(self, *ids):
        self.comparison.select(frozenset(ids))
        QApplication.processEvents()

    def at(self, place):
        x, y = self.view.placement.to_view(*place)
        return QPoint(round(x), round(y))

    def move(self, place, buttons=Qt.MouseButton.NoButton, held=NO_KEY):
        local = QPointF(self.at(place))
        kind, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton
        QApplication.sendEvent(
            self.viewport,
            QMouseEvent(kind, local, QPointF(self.viewport.mapToGlobal(self.at(place))), none, buttons, held),
        )

    def press(self, place, held=NO_KEY):
        self.move(place, held=held)
        QTest.mousePress(self.viewport, LEFT, held, self.at(place))

    def release(self, place, held=NO_KEY):
        QTest.mouseRelease(self.viewport, LEFT, held, self.at(place))

    def click(self, *places, held=NO_KEY):
        for place in places:
            self.press(place, held)
            self.release(place, held)

    def drag(self, start, *stops, held=NO_KEY, release=True):
        self.press(start, held)
        for stop in stops:
            self.move(stop, LEFT, held)
        if release:
            self.release(stops[-1], held)

    def double_click(self, place):
        self.click(place)
        QTest.mouseDClick(self.viewport, LEFT, NO_KEY, self.at(place))
        self.release(place)

    def key(self, key, held=NO_KEY):
        QTest.keyClick(self.view, key, held)

    def screen(self):
        """What the screen shows of the view, put together from all that was painted: (H, W, 3) uint8."""
        QApplication.processEvents()
        picture = QGuiApplication.primaryScreen().grabWindow(self.comparison.winId())
        return pixels_of(picture.toImage())


@contextmanager
def a_desk(*shapes, **how):
    desk = Desk(shapes, **how)
    QApplication.processEvents()
    yield desk
    desk.comparison.cancel_drawing()
    desk.comparison.show_film(None)
    desk.comparison.close()


def a_shape(name, points, label="L1", score=None):
    return Shape(name, label, Polygon(np.array(points, dtype=float)), score)


def box(name, left, top, right, bottom, label="L1"):
    return a_shape(name, [(left, top), (right, top), (right, bottom), (left, bottom)], label)


def disc(name, centre, radius, vertices=48, label="L1"):
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    return a_shape(
        name, np.stack([centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)], axis=1), label
    )


def pixels_of(image):
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
