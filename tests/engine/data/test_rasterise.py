import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.rasterise import outline_mask

SIZE = (40, 30)


def star(seed, corners, radius, centre=(15.0, 20.0)):
    """A simple outline, not convex."""
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radii = rng.uniform(0.3, 1, corners) * radius
    return np.asarray(centre) + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def by_centres(outline, size=SIZE):
    rows, columns = np.mgrid[: size[0], : size[1]]
    centres = shapely.points(columns.ravel() + 0.5, rows.ravel() + 0.5)
    return shapely.contains(shapely.Polygon(outline), centres).reshape(size)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 25), st.floats(1, 45))
def test_a_pixel_is_inside_where_its_centre_is(seed, corners, radius):
    outline = star(seed, corners, radius)
    assert np.array_equal(outline_mask(outline, SIZE), by_centres(outline))
    assert np.array_equal(outline_mask(outline[::-1], SIZE), by_centres(outline))


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(-60, 60), st.integers(-60, 60))
def test_an_outline_may_leave_the_image_on_every_side(seed, x, y):
    outline = star(seed, 9, 30, (x, y))
    assert np.array_equal(outline_mask(outline, SIZE), by_centres(outline))


def test_bodies_that_share_an_edge_share_no_pixel_and_leave_none_out():
    corners = np.array([(0.5, 0.5), (12.5, 0.5), (25.5, 0.5), (0.5, 20.5), (12.5, 20.5), (25.5, 20.5)])
    left, right = corners[[0, 1, 4, 3]], corners[[1, 2, 5, 4]]
    both = outline_mask(left, SIZE) + outline_mask(right, SIZE)
    assert both.max() == 1
    assert both.sum() == 25 * 20
    assert np.array_equal(both, outline_mask(corners[[0, 2, 5, 3]], SIZE))


@pytest.mark.parametrize("width", [3, 10, 41])
def test_the_area_is_that_of_the_outline(width):
    box = np.array([(5, 6), (5 + width, 6), (5 + width, 31), (5, 31)], float)
    mask = outline_mask(box, (60, 60))
    assert mask.dtype == np.uint8
    assert mask.sum() == width * 25
    assert mask[6:31, 5 : 5 + width].all()
