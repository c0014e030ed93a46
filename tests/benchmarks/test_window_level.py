"""A whole film through its window by one look-up, beside the plain formula in floating point; the pyramid of a film."""

from pathlib import Path

import numpy as np
import pytest
from film_files import MEGAPIXELS, SHAPES, grey_values
from measurements import peak_mib, rounds_ms
from PySide6.QtWidgets import QGraphicsScene

from engine.films import Display, Film
from engine.films.display import render
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.raster import Pyramid
from vcfviewer.canvas.values import Side, ViewState
from vcfviewer.canvas.view import FilmView

TOPIC = "Window, level and pyramid"
WINDOW = Display("by hand", 2100.0, 1800.0, "LINEAR_EXACT")


def plain_window(pixels):
    """The formula as it stands in DICOM (PS3.3 C.11.2.1.3), on every pixel."""
    shown = np.clip((pixels.astype(np.float64) - WINDOW.center) / WINDOW.width + 0.5, 0, 1)
    return np.round(shown * 255).astype(np.uint8)


def plain_pyramid(pixels):
    """Means of 2 x 2 by numpy."""
    levels = [pixels]
    while max(levels[-1].shape) > 256 and min(levels[-1].shape) >= 2:
        height, width = (side // 2 for side in levels[-1].shape)
        blocks = levels[-1][: 2 * height, : 2 * width].reshape(height, 2, width, 2)
        levels.append(np.rint(blocks.mean(axis=(1, 3))).astype(pixels.dtype))
    return levels


@pytest.mark.parametrize("megapixels", MEGAPIXELS)
def test_the_whole_film_by_a_look_up(megapixels, measurement):
    pixels = grey_values(SHAPES[megapixels])
    np.testing.assert_array_equal(render(pixels, WINDOW), plain_window(pixels))
    ours, theirs = rounds_ms(lambda: render(pixels, WINDOW), lambda: plain_window(pixels), rounds=3)
    told = measurement("window of the whole film", "ms", ours, peer=theirs, peer_name="numpy, floating point",
                       size=megapixels, of="MP", share=0.5, headline=True)  # fmt: skip
    assert told.is_met


@pytest.mark.parametrize("megapixels", MEGAPIXELS)
def test_the_pyramid(megapixels, measurement):
    pixels = grey_values(SHAPES[megapixels])
    for at, (level, plain) in enumerate(zip(Pyramid.of(pixels).levels, plain_pyramid(pixels), strict=True)):
        assert np.abs(level.astype(int) - plain).max() <= at  # Each level rounds its halves up or to even.
    ours, theirs = rounds_ms(lambda: Pyramid.of(pixels), lambda: plain_pyramid(pixels), rounds=3)
    told = measurement("pyramid", "ms", ours, peer=theirs, peer_name="numpy means", size=megapixels, of="MP",
                       share=0.5, headline=True)  # fmt: skip
    assert told.is_met


def test_a_frame_copies_no_film(qt_app, measurement):
    film = Film(Path("film.dcm"), grey_values(SHAPES[12]))
    view = FilmView(Side.EXPERT)
    view.put_scene(QGraphicsScene(view))
    view.resize(1920, 1080)
    view.show()
    view.show_film(ShownFilm.of(film), WINDOW)
    view.set_view_state(ViewState((1500.0, 2000.0), 0.27))
    qt_app.processEvents()

    def frame():
        for step in range(5):
            view.set_display(Display("by hand", 2100.0 + 40 * step, 1800.0))
            view.viewport().repaint()

    try:
        peak = peak_mib(frame)
        told = measurement("memory that frames of a window drag add", "MiB", [peak], bar=film.pixels.nbytes / 2**20,
                           size=12, of="MP")  # fmt: skip
        assert told.is_met
    finally:
        view.show_film(None, None)
