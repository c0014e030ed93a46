import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.polygon import Polygon, polygon_iou, union_iou
from engine.formats.raster_iou import coco_area, labelme_mask, raster_iou_coco, raster_iou_labelme

SIZE = (400, 300)


def box(x, y, width, height):
    return Polygon([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


def blob(seed, centre):
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radii = rng.uniform(0.9, 1.1, 40)[:, None] * np.array([80.0, 60.0])
    return Polygon(centre + radii * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def test_labelme_draws_the_outline_too():
    mask = labelme_mask([box(10, 20, 260, 160)], SIZE)
    assert mask.shape == SIZE
    assert np.count_nonzero(mask) == 261 * 161
    assert mask[20:181, 10:271].all()


def test_coco_covers_what_the_polygon_covers():
    assert coco_area([box(10, 20, 260, 160)], SIZE) == 260 * 160
    assert coco_area([], SIZE) == 0


@given(st.integers(0, 1000), st.floats(-30, 30), st.floats(-30, 30))
def test_raster_iou_is_near_the_exact_one(seed, dx, dy):
    first, second = blob(seed, (150, 200)), blob(seed + 1, (150 + dx, 200 + dy))
    exact = polygon_iou(first, second)
    assert raster_iou_coco([first], [second], SIZE) == pytest.approx(exact, abs=0.01)
    assert raster_iou_labelme([first], [second], SIZE) == pytest.approx(exact, abs=0.015)


def test_several_polygons_are_united():
    left, right = box(10, 10, 100, 100), box(90, 10, 100, 100)
    whole = box(10, 10, 180, 100)
    assert union_iou([left, right], [whole]) == pytest.approx(1)
    assert raster_iou_coco([left, right], [whole], SIZE) == 1
    assert raster_iou_labelme([left, right], [whole], SIZE) == 1
    assert raster_iou_coco([left], [], SIZE) == 0
    assert raster_iou_labelme([], [left], SIZE) == 0


def test_nothing_on_either_side_has_no_iou():
    assert raster_iou_coco([], [], SIZE) is None
    assert raster_iou_labelme([], [], SIZE) is None


def test_pixels_outside_the_film_are_left_out():
    inside, over = box(200, 300, 100, 100), box(200, 300, 500, 500)
    assert raster_iou_coco([inside], [over], SIZE) == 1
    assert raster_iou_labelme([inside], [over], SIZE) == 1


def test_thin_films_and_tall_ones_keep_their_axes():
    assert labelme_mask([box(0, 0, 5, 2)], (3, 9)).sum() == 3 * 6
    assert coco_area([box(0, 0, 9, 3)], (3, 9)) == coco_area([box(0, 0, 20, 20)], (3, 9)) == 27
