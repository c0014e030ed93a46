"""How long a frame takes while the window of a 12-megapixel 16-bit film is dragged, and while it is panned."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QGraphicsScene

from engine.films import Display, Film
from engine.films.display import film_to_grey
from vcfviewer.canvas.comparison import Comparison
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.values import Side, ViewState
from vcfviewer.canvas.view import FilmView

TOPIC = "Window and pan, 12 MP"
FRAMES = 60
FRAME_MS = 16.0
SIZE = (1920, 1080)
WHOLE = "the whole film converted"


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
def view(qt_app, film):
    view = CountingView(Side.EXPERT)
    view.put_scene(QGraphicsScene(view))
    view.resize(*SIZE)
    view.show()
    view.show_film(ShownFilm.of(film), window_at(0))
    qt_app.processEvents()
    yield view
    view.show_film(None, None)


def window_at(step):
    return Display("by hand", 30000.0 + 40 * step, 20000.0 + 70 * step)


def steps_ms(act, times=FRAMES):
    """Processor time of each step, of all threads: other programs at work don't lengthen it."""
    took = []
    for step in range(times):
        start = time.process_time()
        act(step)
        took.append(1000 * (time.process_time() - start))
    return took


def in_turns_ms(ours, theirs):
    """Both in turns, ours FRAMES times, theirs 15: a processor that changes its pace meanwhile changes both."""
    took = [], []
    for turn in range(15):
        for step in range(FRAMES // 15):
            took[0].extend(steps_ms(lambda _once, at=turn * (FRAMES // 15) + step: ours(at), 1))
        took[1].extend(steps_ms(lambda _once, at=turn: theirs(at), 1))
    return took


@pytest.mark.parametrize("scale", [1080 / 4000, 0.64, 1.0, 1.7, 9.0])
def test_a_frame_of_a_window_drag_takes_at_most_a_frame_of_the_screen(view, film, scale, measurement):
    view.set_view_state(ViewState((1500.0, 2000.0), scale))
    view.viewport().repaint()

    def ours(step):
        view.set_display(window_at(step))
        view.viewport().repaint()

    frame, whole = in_turns_ms(ours, lambda step: film_to_grey(film, window_at(step)))
    told = measurement(f"a frame of a window drag, scale {scale:.2f}", "ms", frame, peer=whole, peer_name=WHOLE,
                       bar=FRAME_MS, share=1.0, headline=scale == 1.0)  # fmt: skip
    assert view.drawn >= FRAMES
    assert told.is_met


@pytest.mark.parametrize("scale", [1080 / 4000, 0.64, 1.0, 1.7, 9.0])
def test_a_frame_of_a_pan_takes_at_most_a_frame_of_the_screen(view, film, scale, measurement):
    view.set_view_state(ViewState((1500.0, 2000.0), scale))

    def ours(step):
        view.pan(-5, 3 if step % 2 else -3)
        view.viewport().repaint()

    frame, whole = in_turns_ms(ours, lambda step: film_to_grey(film, window_at(step)))
    # A pan shows other pixels in each frame, at 1.70 nearly as many as the film has: much less it can't be.
    told = measurement(f"a frame of a pan, scale {scale:.2f}", "ms", frame, peer=whole, peer_name=WHOLE,
                       bar=FRAME_MS, share=1.2)  # fmt: skip
    assert view.drawn >= FRAMES
    assert told.is_met


def test_a_film_is_ready_within_a_few_frames(qt_app, film, measurement):
    """With its levels and its automatic window; the reading lane does that for the window."""
    ready = steps_ms(lambda step: ShownFilm.of(film), 15)
    whole = steps_ms(lambda step: film_to_grey(film, window_at(step)), 15)
    assert measurement("making a film ready", "ms", ready, peer=whole, peer_name=WHOLE, share=3.0).is_met


def test_a_film_that_is_ready_costs_the_gui_thread_a_fraction(qt_app, film, measurement):
    """What is left of opening it: handing it to both views. The rest is the reading lane's."""
    views = Comparison()
    views.resize(*SIZE)
    ready = ShownFilm.of(film)
    try:
        here = steps_ms(lambda step: views.show_film(film), 15)
        taken = steps_ms(lambda step: views.show_film(film, None, ready), 15)
        told = measurement("taking a film that is ready", "ms", taken, peer=here,
                           peer_name="making it ready on the spot", share=0.25)  # fmt: skip
        assert views.shown_film is ready
        assert told.is_met
    finally:
        views.show_film(None)
