"""One view of a film: each pixel where and what it should be, and every way of moving about."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from canvas_parts import ORIENTATIONS, WINDOW, a_film, drag, film_at, greys, heard, opened_view, wheel
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication
from qt import settle

from engine.films import Display
from engine.films.display import render
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.values import ViewState


@pytest.fixture
def view(qt_app):
    with opened_view() as view:
        yield view


class TestPixels:
    @pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS)
    def test_at_one_to_one_the_view_shows_what_render_gives(self, view, turns, flip):
        film = view.shown_film.film
        view.set_view_state(ViewState((350.0, 450.0), 1.0, turns, flip))
        seen = render(film.pixels, WINDOW)
        seen = np.rot90(seen[:, ::-1] if flip else seen, -turns)
        rows, columns = seen.shape
        top, left = rows // 2 - 150, columns // 2 - 200
        assert np.array_equal(greys(view.viewport()), seen[top : top + 300, left : left + 400])

    @pytest.mark.parametrize("turns", [0, 1])
    def test_at_one_to_one_a_middle_between_pixels_is_moved_to_whole_ones(self, view, turns):
        view.set_view_state(ViewState((349.7, 450.4), 1.0, turns))
        seen = np.rot90(render(view.shown_film.film.pixels, WINDOW), -turns)
        # Turned clockwise by a quarter, the film's 900 rows run from right to left.
        left, top = int((900 if turns else 0) - view.placement.dx), int(-view.placement.dy)
        assert np.array_equal(greys(view.viewport()), seen[top : top + 300, left : left + 400])
        corner = view.placement.to_film(200, 150)
        assert np.abs(np.subtract(corner, (349.7, 450.4))).max() <= 0.5

    @pytest.mark.parametrize(
        ("bits", "display"),
        [
            (16, Display("monochrome 1", 32768.0, 65536.0, inverted=True)),
            (16, Display("lowest edge", 0.5, 1.0)),
            (16, Display("highest edge", 65535.0, 1.0)),
            (12, Display("narrow", 2048.0, 2.0)),
            (12, Display("sigmoid", 2048.0, 700.0, "SIGMOID")),
            (12, Display("exact", 2048.0, 700.0, "LINEAR_EXACT", inverted=True)),
            (12, Display("table", table=tuple(range(0, 4096, 3)), table_start=900, table_bits=12)),
            (8, Display("all", 128.0, 256.0)),
            (8, Display("inverted", 100.0, 60.0, inverted=True)),
        ],
    )
    def test_every_kind_of_display_is_shown_as_render_gives_it(self, view, bits, display):
        film = a_film(bits=bits)
        view.show_film(ShownFilm.of(film), display)
        view.set_view_state(ViewState((350.0, 450.0), 1.0))
        assert np.array_equal(greys(view.viewport()), render(film.pixels, display)[300:600, 150:550])

    def test_values_computed_by_hand(self, view):
        film = a_film(300, 400)
        values = np.zeros((300, 400), np.uint16)
        values[:, 100:200], values[:, 200:300], values[:, 300:] = 1500, 2000, 2600
        film = dataclasses.replace(film, pixels=values)
        # DICOM PS3.3 C.11.2.1.2.1: ((x - (c - 0.5)) / (w - 1) + 0.5) * 255, here with c = 2000, w = 1001.
        view.show_film(ShownFilm.of(film), Display("by hand", 2000.0, 1001.0))
        view.one_to_one()
        assert [int(grey) for grey in greys(view.viewport())[150, 50::100]] == [0, 0, 128, 255]
        view.set_display(Display("by hand", 2000.0, 2001.0, inverted=True))
        assert [int(grey) for grey in greys(view.viewport())[150, 50::100]] == [255, 191, 127, 51]

    def test_beside_the_film_it_is_dark_even_where_black_is_white(self, view):
        view.set_display(dataclasses.replace(WINDOW, inverted=True))
        view.set_view_state(ViewState((0.0, 0.0), 1.0))
        seen = greys(view.viewport())
        assert (seen[:150] == 20).all()
        assert (seen[:, :200] == 20).all()
        assert np.array_equal(seen[150:, 200:], render(view.shown_film.film.pixels, view.display)[:150, :200])

    def test_a_drag_of_the_window_and_a_move_leave_no_stale_pixels(self, view):
        film = view.shown_film.film
        view.set_view_state(ViewState((350.0, 450.0), 1.0))
        greys(view.viewport())
        for step in range(1, 4):
            display = Display("step", 1000.0 * step, 700.0)
            view.set_display(display)
            view.pan(-7 * step, 3)
            x, y = (round(place) for place in view.state.center)
            wanted = render(film.pixels, display)[y - 150 : y + 150, x - 200 : x + 200]
            assert np.array_equal(greys(view.viewport()), wanted)

    def test_the_film_itself_never_changes(self, view):
        film = view.shown_film.film
        before = film.pixels.copy()
        view.turn()
        view.flip()
        view.zoom(3)
        greys(view.viewport())
        assert np.array_equal(film.pixels, before)

    @pytest.mark.parametrize("ratio", ["2", "1.5"])
    def test_a_screen_of_fine_pixels_shows_the_film_at_its_full_resolution(self, ratio, tmp_path):
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "QT_SCALE_FACTOR": ratio,
            "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent), *sys.path)),
        }
        done = subprocess.run(
            [sys.executable, "-c", FINE_SCREEN, ratio], capture_output=True, env=environment, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.split() == ["exact"] * 8


FINE_SCREEN = """
import sys
import numpy as np
from PySide6.QtWidgets import QApplication, QGraphicsScene
from canvas_parts import a_film, greys
from engine.films import Display
from engine.films.display import render
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.values import Side, ViewState
from vcfviewer.canvas.view import FilmView

app = QApplication([])
ratio, window, film = float(sys.argv[1]), Display("file", 2000.0, 1500.0), a_film(1200, 1000)
view = FilmView(Side.EXPERT)
view.put_scene(QGraphicsScene(view))
view.resize(200, 160)
view.show()
view.show_film(ShownFilm.of(film), window)
assert view.viewport().devicePixelRatioF() == ratio
view.one_to_one()
assert view.state.scale == 1 / ratio
high, wide = round(160 * ratio), round(200 * ratio)
for turns in range(4):
    for flip in (False, True):
        view.set_view_state(ViewState((500.0, 600.0), 1 / ratio, turns, flip))
        seen = render(film.pixels, window)
        seen = np.rot90(seen[:, ::-1] if flip else seen, -turns)
        top, left = seen.shape[0] // 2 - high // 2, seen.shape[1] // 2 - wide // 2
        got = greys(view.viewport())
        print("exact" if np.array_equal(got, seen[top : top + high, left : left + wide]) else "differs")
"""


class TestMovingAbout:
    def test_a_film_is_shown_whole_at_first_and_after_the_window_was_resized(self, view):
        assert view.state == ViewState((350.0, 450.0), 300 / 900)
        view.resize(800, 450)
        settle()
        assert view.state.scale == 450 / 900
        view.zoom(2)
        view.resize(400, 300)
        settle()
        assert view.state == ViewState((350.0, 450.0), 1.0)

    def test_fit_width(self, view):
        view.fit_width()
        assert view.state.scale == 400 / 700
        view.turn()
        assert view.state.scale == 400 / 900
        view.fit()
        assert view.state.scale == 300 / 700

    @pytest.mark.parametrize("notches", [1, -1, 5])
    def test_the_wheel_zooms_and_what_is_under_the_pointer_stays(self, view, notches):
        view.set_view_state(ViewState((350.0, 450.0), 1.3, 1, True))
        before, changes = film_at(view, 310, 60), heard(view.view_changed)
        wheel(view.viewport(), (310, 60), angle=(0, 120 * notches))
        assert view.state.scale == pytest.approx(1.3 * 2 ** (notches / 4))
        assert np.abs(np.subtract(film_at(view, 310, 60), before)).max() <= 1 / view.state.scale + 1 / 1.3
        assert changes == [view.state]

    def test_a_hundred_zooms_in_and_out_come_back(self, view):
        view.set_view_state(ViewState((350.0, 450.0), 1.0))
        for notch in [1] * 10 + [-1] * 10:
            wheel(view.viewport(), (17, 250), angle=(0, 120 * notch))
        assert view.state.scale == pytest.approx(1.0)
        assert view.state.center == pytest.approx((350.0, 450.0))

    def test_control_and_the_wheel_zoom_too_and_shift_pans_sideways(self, view):
        view.one_to_one()
        wheel(view.viewport(), (200, 150), angle=(0, 120), held=Qt.KeyboardModifier.ControlModifier)
        assert view.state.scale == pytest.approx(2**0.25)
        view.set_view_state(ViewState((350.0, 450.0), 1.0))
        wheel(view.viewport(), (200, 150), angle=(0, -120), held=Qt.KeyboardModifier.ShiftModifier)
        assert view.state == ViewState((410.0, 450.0), 1.0)

    def test_two_fingers_pan_and_with_control_they_zoom(self, view):
        view.set_view_state(ViewState((350.0, 450.0), 1.0))
        fingers = {"angle": (10, 24), "pixels": (5, 12), "phase": Qt.ScrollPhase.ScrollUpdate}
        wheel(view.viewport(), (200, 150), **fingers)
        assert view.state == ViewState((345.0, 438.0), 1.0)
        wheel(view.viewport(), (200, 150), held=Qt.KeyboardModifier.ControlModifier, **fingers)
        assert view.state.scale == pytest.approx(2 ** (24 / 120 / 4))

    def test_a_pinch_zooms_to_the_fingers(self, view):
        view.set_view_state(ViewState((350.0, 450.0), 1.0))
        before = film_at(view, 300, 200)
        at = QPointF(300, 200)
        pinch = QNativeGestureEvent(
            Qt.NativeGestureType.ZoomNativeGesture,
            QPointingDevice.primaryPointingDevice(),
            2,
            at,
            at,
            at,
            0.5,
            QPointF(),
        )
        QApplication.sendEvent(view.viewport(), pinch)
        assert view.state.scale == pytest.approx(1.5)
        assert np.abs(np.subtract(film_at(view, 300, 200), before)).max() < 1

    def test_zooming_ends_at_sensible_scales(self, view):
        view.zoom(1e9)
        assert view.state.scale == 64
        view.zoom(1e-9)
        assert view.state.scale == pytest.approx(300 / 900 / 4)

    def test_a_film_cannot_be_lost_from_view(self, view):
        view.one_to_one()
        view.pan(1e6, -1e6)
        assert view.state.center == (0.0, 900.0)

    def test_frame_shows_a_finding_with_its_neighbourhood(self, view):
        view.frame((300, 400, 360, 440))
        assert view.state.center == (330, 420)
        left, top = film_at(view, 0, 0)
        right, bottom = film_at(view, 400, 300)
        # A vertebra of its height above and below, and some of what lies beside it.
        assert max(top - 400, 440 - bottom) <= -40
        assert max(left - 300, 360 - right) <= -24
        assert view.state.scale > 1

    def test_turning_four_times_and_flipping_twice_come_back(self, view):
        view.zoom(3)
        before = view.state
        seen = greys(view.viewport())
        for _ in range(4):
            view.turn()
        view.flip()
        assert np.array_equal(greys(view.viewport()), seen[:, ::-1])
        view.flip()
        assert view.state == before

    def test_a_flip_is_as_seen_however_the_film_is_turned(self, view):
        view.set_view_state(ViewState((350.0, 450.0), 1.0, 1))
        seen = greys(view.viewport())
        view.flip()
        assert np.array_equal(greys(view.viewport()), seen[:, ::-1])

    def test_what_follows_is_silent(self, view):
        changes = heard(view.view_changed)
        view.set_view_state(ViewState((1.0, 2.0), 3.0, 2, True))
        assert view.state == ViewState((1.0, 2.0), 3.0, 2, True)
        assert changes == []

    def test_without_a_film_nothing_moves_and_nothing_breaks(self, view):
        view.show_film(None, None)
        before, changes = view.state, heard(view.view_changed)
        view.fit(), view.zoom(2), view.pan(3, 4), view.turn(), view.one_to_one(), view.frame((0, 0, 1, 1))
        wheel(view.viewport(), (200, 150), angle=(0, 120))
        for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
            drag(view.viewport(), button, (10, 10), (60, 60))
        assert view.pointer is None
        assert view.state == before
        assert changes == []
        assert (greys(view.viewport()) == 20).all()
