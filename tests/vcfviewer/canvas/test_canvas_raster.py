"""Resampling and lookup against slow, plain computations of the same thing."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.films import Display, Film
from engine.films.display import default_display, render
from vcfviewer.canvas import windowing
from vcfviewer.canvas.geometry import place
from vcfviewer.canvas.raster import BLOCKS_FROM, Pyramid, colours, resample, shown
from vcfviewer.canvas.values import ViewState

ORIENTATIONS = [(turns, flip) for turns in range(4) for flip in (False, True)]


def noise(height=150, width=110, dtype=np.uint16, seed=1):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, (height, width), dtype, endpoint=True)


def ramp(height, width):
    """Grey values that grow evenly, the same at every level of a pyramid: grey = 1000 + 40 x + 25 y at (x, y)."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    return np.round(1000 + 40 * x + 25 * y).astype(np.uint16)


def canvas_of(patch, size):
    """The patch on a view of `size`, -1 where it doesn't reach."""
    picture = np.full((size[1], size[0]), -1, np.int64)
    if patch is not None:
        rows, columns = patch.pixels.shape
        picture[patch.top : patch.top + rows, patch.left : patch.left + columns] = patch.pixels
    return picture


def film_points(placement, size):
    """The film's (x, y) at the centre of each view pixel."""
    points = [[placement.to_film(x + 0.5, y + 0.5) for x in range(size[0])] for y in range(size[1])]
    return np.moveaxis(np.array(points), 2, 0)


def nearest(pixels, placement, size):
    """Each view pixel's value by the film pixel that its centre lies in."""
    x, y = film_points(placement, size)
    rows, columns = pixels.shape
    inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    row, column = (np.clip(np.floor(part), 0, most - 1).astype(int) for part, most in ((y, rows), (x, columns)))
    return np.where(inside, pixels[row, column].astype(np.int64), -1)


@pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS)
@pytest.mark.parametrize("size", [(90, 70), (91, 40), (300, 201)])
def test_one_to_one_shows_each_pixel_once_in_every_orientation(turns, flip, size):
    pixels = noise()
    placement = place(ViewState((40.3, 77.9), 1.0, turns, flip), size, 1.0)
    got = canvas_of(resample(Pyramid.of(pixels), placement, *size), size)
    assert np.array_equal(got, nearest(pixels, placement, size))


@pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS)
@pytest.mark.parametrize("scale", [BLOCKS_FROM, 11.7, 40.0])
def test_far_in_each_film_pixel_is_a_square(turns, flip, scale):
    pixels, size = noise(), (120, 93)
    placement = place(ViewState((3.1, 146.0), scale, turns, flip), size, 1.0)
    got = canvas_of(resample(Pyramid.of(pixels), placement, *size), size)
    assert np.array_equal(got, nearest(pixels, placement, size))


@pytest.mark.parametrize("level", [1, 2])
def test_at_a_half_and_a_quarter_the_means_are_exact(level):
    pixels, size, step = noise(1200, 1000), (100, 80), 2**level
    blocks = pixels.reshape(1200 // step, step, 1000 // step, step).astype(np.float64).mean(axis=(1, 3))
    placement = place(ViewState((500.0, 600.0), 1 / step), size, 1.0)
    got = canvas_of(resample(Pyramid.of(pixels), placement, *size), size)
    assert np.abs(got - nearest(np.round(blocks), placement_in(placement, step), size)).max() <= 1


def placement_in(placement, step):
    """The same placement for a film whose pixels are `step` times as large."""
    return type(placement)(
        placement.scale * step, placement.quarter_turns, placement.flipped, placement.dx, placement.dy
    )


@settings(max_examples=60, deadline=None)
@given(
    scale=st.floats(0.05, 7.9),
    turns=st.integers(0, 3),
    flip=st.booleans(),
    x=st.floats(0, 900),
    y=st.floats(0, 700),
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
def test_between_pixels_values_lie_where_they_belong(scale, turns, flip, x, y, size):
    pixels = ramp(700, 900)
    placement = place(ViewState((x, y), scale, turns, flip), size, 1.0)
    got = canvas_of(resample(Pyramid.of(pixels), placement, *size), size)
    at_x, at_y = film_points(placement, size)
    inside = (at_x > 0) & (at_x < 900) & (at_y > 0) & (at_y < 700)
    assert np.array_equal(got >= 0, inside)
    # Away from the edges, where a ramp doesn't go on: half the width of a pixel of the level shown.
    away = 1.0 / min(scale, 1.0) + 1
    sure = (got >= 0) & (at_x > away) & (at_x < 900 - away) & (at_y > away) & (at_y < 700 - away)
    wanted = 1000 + 40 * at_x + 25 * at_y
    # OpenCV interpolates in steps of 1/32 of a pixel, of the level shown.
    assert np.abs(got - wanted)[sure].max(initial=0) <= 65 / 32 / min(scale, 1.0) + 2


def test_a_film_out_of_view_gives_nothing():
    placement = place(ViewState((5000.0, 5000.0), 1.0), (50, 50), 1.0)
    assert resample(Pyramid.of(noise()), placement, 50, 50) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (257, 3), (3000, 2003), (512, 512)])
def test_a_pyramid_is_the_film_and_at_most_a_third_more(shape):
    pixels = noise(*shape)
    pyramid = Pyramid.of(pixels)
    assert pyramid.levels[0] is pixels
    assert pyramid.extra_bytes <= pixels.nbytes / 3
    assert all(level.dtype == pixels.dtype for level in pyramid.levels)
    for scale in (0.004, 0.3, 1.0, 2.5, 20.0):
        placement = place(ViewState((shape[1] / 2, shape[0] / 2), scale), (64, 64), 1.0)
        patch = resample(pyramid, placement, 64, 64)
        assert patch is None or patch.pixels.size > 0


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    "display",
    [
        Display("window", 120.0, 80.0),
        Display("inverted", 30000.0, 20000.0, inverted=True),
        Display("sigmoid", 100.0, 60.0, "SIGMOID"),
        Display("narrow", 128.0, 1.0),
        Display("table", table=(0, 10, 200, 255), table_start=50, table_bits=8),
    ],
)
def test_colours_are_what_render_gives(dtype, display):
    pixels = noise(dtype=dtype)
    seen = shown(pixels, colours(display, pixels.dtype))
    grey = render(pixels, display).astype(np.uint32)
    assert np.array_equal(seen, 0xFF000000 | grey << 16 | grey << 8 | grey)


def test_colours_go_to_the_buffer_of_last_time():
    pixels = noise()
    table = colours(Display("window", 120.0, 80.0), pixels.dtype)
    buffer = shown(pixels, table)
    assert shown(pixels, table, buffer) is buffer
    assert shown(pixels[:10], table, buffer) is not buffer


class TestWindowing:
    film = Film(Path("film.png"), np.clip(noise(seed=3) // 16, 100, 3900).astype(np.uint16))

    def test_a_drag_to_the_right_widens_and_upwards_brightens(self):
        start = Display("file", 2000.0, 1000.0)
        wider = windowing.dragged(start, 250, 0, 65536)
        assert wider.width == pytest.approx(1000 * math.e)
        assert wider.center == 2000
        brighter = windowing.dragged(start, 0, -100, 65536)
        assert render(self.film.pixels, brighter).mean() > render(self.film.pixels, start).mean()

    @pytest.mark.parametrize("inverted", [False, True])
    def test_upwards_brightens_inverted_or_not(self, inverted):
        start = Display("file", 2000.0, 1000.0, inverted=inverted)
        brighter = windowing.dragged(start, 0, -100, 65536)
        assert render(self.film.pixels, brighter).mean() > render(self.film.pixels, start).mean()
        assert brighter.inverted is inverted

    def test_a_width_stays_possible_however_far_one_drags(self):
        start = Display("file", 2000.0, 1000.0)
        for dx in (-1e4, -3000, 3000, 1e4):
            display = windowing.dragged(start, dx, 5e4, 65536)
            assert 2 <= display.width <= 4 * 65536
            render(self.film.pixels, display)

    def test_a_table_becomes_the_window_that_it_spans(self):
        table = Display("curve", table=tuple(range(0, 1001)), table_start=500, table_bits=10, inverted=True)
        window = windowing.as_window(table, 4096)
        assert not window.table
        assert window.inverted
        difference = render(self.film.pixels, window).astype(int) - render(self.film.pixels, table)
        assert np.abs(difference).max() <= 255 * 30 / 1023

    def test_a_table_that_falls_becomes_an_inverted_window(self):
        falling = Display("curve", table=tuple(range(1000, -1, -1)), table_start=500, table_bits=10)
        assert windowing.as_window(falling, 4096).inverted

    def test_a_flat_table_becomes_a_window_too(self):
        flat = Display("curve", table=(7, 7), table_bits=8)
        assert windowing.as_window(flat, 256).width == 256

    def test_presets_are_the_files_own_first_and_all_can_be_shown(self):
        film = Film(Path("film.dcm"), self.film.pixels, (Display("BONE", 1000.0, 500.0),))
        offered = windowing.presets(film)
        assert offered[0] is film.displays[0]
        assert len({display.name for display in offered}) == len(offered) == 5
        for display in offered:
            render(film.pixels, display)
            assert windowing.caption(display)

    def test_first_is_what_the_file_offers_else_the_automatic_one(self):
        film = Film(Path("film.dcm"), self.film.pixels, (Display("BONE", 1000.0, 500.0),))
        assert windowing.first_display(film) is film.displays[0]
        assert windowing.first_display(self.film) == default_display(self.film)

    def test_a_window_around_values_spans_them(self):
        values = np.arange(1000, 2001, dtype=np.uint16)
        display = windowing.around(values, Display("", 0, 1, inverted=True))
        assert display.inverted
        assert display.center == pytest.approx(1500.5)
        assert display.width == pytest.approx(991)
