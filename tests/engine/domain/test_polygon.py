from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.polygon import Polygon, polygon_dice, polygon_iou, repair_polygon, signed_area, union_iou

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10]]
BOW_TIE = [[0, 0], [10, 10], [10, 0], [0, 20]]


def pixels(low, high):
    """Coordinates to a thousandth of a pixel: on 1e-300 GEOS raises floating point flags, which numpy warns of."""
    return st.floats(low, high).map(lambda value: round(value, 3))


coordinates = pixels(-3000, 3000)


@st.composite
def star_polygons(draw):
    """Simple polygons: a radius for each of 5 to 24 directions around a centre."""
    radii = np.array(draw(st.lists(st.floats(5, 200), min_size=5, max_size=24)))
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    centre = np.array([draw(coordinates), draw(coordinates)])
    return Polygon(centre + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def turning(degrees, centre=(0.0, 0.0)):
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([turn, np.asarray(centre) - turn @ np.asarray(centre)])


def test_points_are_copied_and_read_only():
    points = np.array(SQUARE, dtype=np.float64)
    polygon = Polygon(points)
    points[0] = 99
    assert polygon.points[0].tolist() == [0, 0]
    with pytest.raises(ValueError, match="read-only"):
        polygon.points[0] = 5


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([[0, 0], [1, 1]], "at least 3 points, got 2"),
        ([[0, 0], [1, 1], [2, 2]], "no area"),
        ([[0, 0], [1, float("nan")], [2, 0]], "finite"),
        ([[0, 0], [1, float("inf")], [2, 0]], "finite"),
        (BOW_TIE, "crosses or touches itself"),
        ([[0, 0, 0], [1, 0, 0], [0, 1, 0]], r"shape \(N, 2\)"),
    ],
)
def test_invalid_polygons_are_never_born(points, reason):
    with pytest.raises(ValueError, match=reason):
        Polygon(points)


def test_equal_by_value():
    assert Polygon(SQUARE) == Polygon(SQUARE)
    assert hash(Polygon(SQUARE)) == hash(Polygon(SQUARE))
    assert Polygon(SQUARE) != Polygon(SQUARE[1:] + SQUARE[:1])
    assert Polygon(SQUARE) != "square"


def test_measures():
    polygon = Polygon(SQUARE)
    assert (polygon.area, polygon.centroid, polygon.bounds, len(polygon)) == (100, (5, 5), (0, 0, 10, 10), 4)
    assert signed_area(np.array(SQUARE, dtype=float)) == 100
    assert signed_area(np.array(SQUARE[::-1], dtype=float)) == -100


@given(star_polygons(), st.floats(-180, 180))
def test_turning_there_and_back_is_identity(polygon, degrees):
    there = polygon.transformed(turning(degrees, polygon.centroid))
    back = there.transformed(turning(-degrees, polygon.centroid))
    np.testing.assert_allclose(back.points, polygon.points, atol=1e-6)
    assert there.area == pytest.approx(polygon.area)


def test_transform_without_area_is_refused():
    with pytest.raises(ValueError, match="no area"):
        Polygon(SQUARE).transformed([[1, 0, 0], [0, 0, 0]])


def test_repair_leaves_good_polygons_alone():
    repair = repair_polygon(SQUARE)
    assert (repair.polygon, repair.note) == (Polygon(SQUARE), "")


def test_repair_drops_repeated_vertices_and_says_so():
    bow = [[0, 0], [10, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
    repair = repair_polygon(bow)
    assert repair.polygon.area == 100
    assert repair.polygon == repair_polygon(repair.polygon.points).polygon


def test_repair_keeps_the_largest_part_and_says_how_much_is_lost():
    repair = repair_polygon(BOW_TIE)
    assert "kept the largest part" in repair.note
    assert "%" in repair.note
    assert 0 < repair.polygon.area < 100


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([[0, 0], [1, 1]], "at least 3"),
        ([[0, 0], [1, 1], [1, 1], [0, 0]], "no area|at least 3"),
        ([[0, 0], [5, 5], [10, 10], [3, 3]], "no area"),
        ([[0, 0], [float("nan"), 1], [1, 0]], "finite"),
    ],
)
def test_what_cant_be_repaired_is_refused(points, reason):
    with pytest.raises(ValueError, match=reason):
        repair_polygon(points)


@given(st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=12))
def test_repair_gives_a_valid_polygon_or_refuses(points):
    with suppress(ValueError):
        repair = repair_polygon(points)
        assert repair.polygon.geometry.is_valid
        assert repair.polygon.area > 0
        assert repair_polygon(repair.polygon.points).note == ""


@given(star_polygons(), star_polygons(), coordinates, coordinates)
def test_iou_is_symmetric_bounded_and_ignores_shifts(first, second, dx, dy):
    way = np.subtract(first.centroid, second.centroid) + np.array([dx, dy]) / 30
    near = second.transformed([[1, 0, way[0]], [0, 1, way[1]]])
    iou = polygon_iou(first, near)
    assert 0 <= iou <= 1 + 1e-12
    assert polygon_iou(near, first) == pytest.approx(iou, abs=1e-9)
    shift = [[1, 0, dx], [0, 1, dy]]
    assert polygon_iou(first.transformed(shift), near.transformed(shift)) == pytest.approx(iou, abs=1e-6)
    assert iou <= polygon_dice(first, near) <= min(1.0 + 1e-12, 2 * iou + 1e-12)


@given(star_polygons())
def test_iou_with_itself_is_one(polygon):
    assert polygon_iou(polygon, polygon) == pytest.approx(1.0)


def test_iou_of_known_shapes():
    first = Polygon(SQUARE)
    assert polygon_iou(first, Polygon(np.add(SQUARE, [5, 0]))) == pytest.approx(1 / 3)
    assert polygon_dice(first, Polygon(np.add(SQUARE, [5, 0]))) == pytest.approx(1 / 2)
    assert polygon_iou(first, Polygon(np.add(SQUARE, [20, 0]))) == 0
    left, right = Polygon(SQUARE), Polygon(np.add(SQUARE, [10, 0]))
    assert union_iou([left, right], [Polygon([[0, 0], [20, 0], [20, 10], [0, 10]])]) == pytest.approx(1)
    assert union_iou([], []) == 0
    assert union_iou([left, left], [left]) == pytest.approx(1)


def test_an_outline_that_crosses_itself_and_runs_back_along_a_line_is_repaired():
    repaired = repair_polygon([(0, 0), (4, 4), (4, 0), (0, 4), (0, 6), (0, 4)])
    assert repaired.polygon.area == pytest.approx(4)
    assert "crossed itself" in repaired.note
