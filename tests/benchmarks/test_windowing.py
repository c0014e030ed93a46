"""How long a frame takes while the window of a 12-megapixel 16-bit film is dragged, and while it is panned."""

import os
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QGraphicsScene

from engine.films import Display, Film
from engine.films.display import film_to_grey
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.values import Side, ViewState
from vcfviewer.canvas.view import FilmView

FRAMES = 60
FRAME_MS = 16.0
SIZE = (1920, 1080)


@pytest.fixture(scope="module")
def app():
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QApplication.instance() or QApplication(["benchmarks"])


@pytest.fixture(scope="module")
def film():
    """3000 x 4000 grey values of 16 bit, smooth and noisy as a radiograph is."""
    noise = np.random.default_rng(0).normal(0, 1, (4000, 3000)).astype(np.float32)
    values = 30000 + 60000 * cv2.GaussianBlur(noise, (0, 0), 8) + 300 * noise
    return Film(Path("film.dcm"), np.clip(values, 0, 65535).astype(np.uint16))


class CountingView(FilmView):
    """A view that counts how often it was drawn: frames that Qt left out must not count as fast ones."""

    drawn = 0

    def drawBackground(self, painter, rect):
        super().drawBackground(painter, rect)
        self.drawn += 1


@pytest.fixture
def view(app, film):
    view = CountingView(Side.EXPERT)
    view.put_scene(QGraphicsScene(view))
    view.resize(*SIZE)
    view.show()
    view.show_film(ShownFilm.of(film), window_at(0))
    app.processEvents()
    yield view
    view.show_film(None, None)


def window_at(step):
    return Display("by hand", 30000.0 + 40 * step, 20000.0 + 70 * step)


def median_ms(act, times=FRAMES):
    """Median processor time, of all threads: other programs at work don't count."""
    took = []
    for step in range(times):
        start = time.process_time()
        act(step)
        took.append(1000 * (time.process_time() - start))
    return float(np.median(took))


@pytest.mark.parametrize("scale", [1080 / 4000, 0.64, 1.0, 1.7, 9.0])
def test_a_frame_of_a_window_drag_takes_at_most_a_frame_of_the_screen(view, film, scale, record_property):
    view.set_view_state(ViewState((1500.0, 2000.0), scale))
    view.viewport().repaint()

    def ours(step):
        view.set_display(window_at(step))
        view.viewport().repaint()

    frame = median_ms(ours)
    whole = median_ms(lambda step: film_to_grey(film, window_at(step)), 15)
    record_property("frame_ms", frame)
    record_property("whole_film_ms", whole)
    sys.stderr.write(f"scale {scale:.2f}: a frame {frame:.2f} ms, converting the whole film {whole:.2f} ms\n")
    assert view.drawn >= FRAMES
    assert frame <= FRAME_MS
    assert frame < whole


@pytest.mark.parametrize("scale", [1080 / 4000, 0.64, 1.0, 1.7, 9.0])
def test_a_frame_of_a_pan_is_less_than_converting_the_whole_film(view, film, scale, record_property):
    view.set_view_state(ViewState((1500.0, 2000.0), scale))

    def ours(step):
        view.pan(-5, 3 if step % 2 else -3)
        view.viewport().repaint()

    frame = median_ms(ours)
    whole = median_ms(lambda step: film_to_grey(film, window_at(step)), 15)
    record_property("frame_ms", frame)
    record_property("whole_film_ms", whole)
    sys.stderr.write(f"scale {scale:.2f}: a frame {frame:.2f} ms, converting the whole film {whole:.2f} ms\n")
    assert view.drawn >= FRAMES
    assert frame < whole


def test_a_film_is_ready_within_a_few_frames(app, film, record_property):
    ready = median_ms(lambda step: ShownFilm.of(film), 15)
    record_property("ready_ms", ready)
    sys.stderr.write(f"making the levels: {ready:.2f} ms\n")
    assert ready < median_ms(lambda step: film_to_grey(film, window_at(step)), 15) * 2
