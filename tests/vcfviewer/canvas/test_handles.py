"""Handles, hits and projections: the geometry beneath the tools."""

import numpy as np
import pytest
import shapely
from desk import box, disc
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QTransform

from vcfviewer.canvas.handles import APART, GRAB, Part, edge_at, grip_at, handles_of, nearest
from vcfviewer.canvas.hits import kept_inside, shapes_at, shapes_in, snapped
from vcfviewer.canvas.items import ShapeItem, Stage
from vcfviewer.canvas.projection import THINNED_BY, Projection, bounds_of, thinned, to_qt
from vcfviewer.canvas.values import DrawnShape, Side

scales = st.floats(0.05, 50)


@st.composite
def rings(draw, most=400):
    """Outlines of any density, with steps of any size: star-shaped, so that they never cross themselves."""
    count = draw(st.integers(3, most))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    angle = np.sort(random.uniform(0, 2 * np.pi, count))
    away = random.uniform(20, 200, count)
    return np.stack([500 + away * np.cos(angle), 500 + away * np.sin(angle)], axis=1)


@given(rings(), scales, st.frozensets(st.integers(0, 500), max_size=3))
@settings(max_examples=200, deadline=None)
def test_handles_are_apart_along_the_outline_and_none_is_far_from_the_next(points, scale, pinned):
    handles = handles_of(points, scale, pinned)
    shown = handles.vertices
    assert shown[0] == 0
    assert {index for index in pinned if index < len(points)} <= set(shown.tolist())
    assert (np.diff(shown) > 0).all()
    steps = np.hypot(*(np.roll(points, -1, axis=0) - points).T) * scale
    along = np.append(0, np.cumsum(steps))
    free = [index for index in shown if index not in pinned]
    assert (np.diff(along[free]) >= APART - 1e-6).all()
    skipped = [index for index in range(len(points)) if index not in shown]
    for index in skipped:
        before = along[shown[shown < index].max()]
        assert along[index] - before < APART or along[-1] - along[index] < APART


@given(rings(60), scales)
@settings(max_examples=100, deadline=None)
def test_every_handle_can_be_taken_hold_of_where_it_is_drawn(points, scale):
    handles = handles_of(points, scale)
    for index in handles.vertices:
        grip = grip_at(points, handles, *points[index], scale)
        assert grip.part is Part.VERTEX
        assert np.allclose((grip.x, grip.y), points[index])


@given(rings(60), scales, st.floats(0, 1), st.floats(-0.9, 0.9))
@settings(max_examples=100, deadline=None)
def test_an_edge_is_found_from_beside_it(points, scale, share, aside):
    edge = int(np.argmax(np.hypot(*(np.roll(points, -1, axis=0) - points).T)))
    start, end = points[edge], points[(edge + 1) % len(points)]
    along = (end - start) / np.linalg.norm(end - start)
    at = start + share * (end - start) + aside * GRAB / scale * np.array([-along[1], along[0]])
    grip = edge_at(points, *at, scale)
    assert grip is not None
    ring = shapely.LinearRing(points)
    assert ring.distance(shapely.Point(grip.x, grip.y)) < 1e-6
    assert ring.distance(shapely.Point(at)) == pytest.approx(np.hypot(*(at - (grip.x, grip.y))), abs=1e-6)
    begin, stop = points[grip.index], points[(grip.index + 1) % len(points)]
    assert shapely.LineString([begin, stop]).distance(shapely.Point(grip.x, grip.y)) < 1e-6


@given(rings(2000))
@settings(max_examples=60, deadline=None)
def test_a_thinned_outline_is_the_same_to_the_eye(points):
    kept = thinned(points)
    assert len(kept) <= len(points)
    distance = shapely.hausdorff_distance(shapely.LinearRing(points), shapely.LinearRing(kept))
    assert distance <= THINNED_BY + 1e-9


def test_a_smooth_outline_of_thousands_is_thinned_to_hundreds():
    assert len(thinned(disc("d", (0, 0), 300, 5000).polygon.points)) < 300


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=50))
@settings(max_examples=100, deadline=None)
def test_points_go_to_qt_unchanged(points):
    array = np.array(points, dtype=float).reshape(-1, 2)
    polygon = to_qt(array)
    assert [(point.x(), point.y()) for point in polygon.toList()] == [tuple(point) for point in array.tolist()]


@given(
    st.sampled_from([(1, 0, 0, 1), (-1, 0, 0, 1), (0, 1, -1, 0), (0, -1, -1, 0)]),
    scales,
    st.tuples(*[st.floats(-1e4, 1e4)] * 4),
)
def test_a_projection_is_what_qt_does(axes, scale, numbers):
    dx, dy, x, y = numbers
    transform = QTransform(*(scale * one for one in axes[:2]), *(scale * one for one in axes[2:]), dx, dy)
    projection = Projection.of(transform)
    assert projection.scale == pytest.approx(scale)
    assert projection.point(x, y) == pytest.approx(transform.map(x, y), abs=1e-6)
    assert projection.points(np.array([[x, y]]))[0] == pytest.approx(transform.map(x, y), abs=1e-6)
    back = projection.film_vector(*projection.vectors(np.array([[x, y]]))[0])
    assert back == pytest.approx((x, y), abs=1e-6)
    assert projection.transform == transform


def items_of(*shapes):
    stage = Stage()
    return [ShapeItem(DrawnShape(shape, Side.EXPERT), stage) for shape in shapes]


def names(items):
    return [item.drawn.shape.id for item in items]


def test_the_smallest_shape_comes_first_and_near_ones_count_where_none_is_hit(qt_app):
    items = items_of(box("big", 0, 0, 100, 100), box("small", 40, 40, 60, 60), box("far", 300, 0, 310, 10))
    assert names(shapes_at(items, 50, 50, 1.0)) == ["small", "big"]
    assert names(shapes_at(items, 10, 50, 1.0)) == ["big"]
    assert names(shapes_at(items, 103, 50, 1.0)) == ["big"]
    assert names(shapes_at(items, 103, 50, 4.0)) == []
    assert names(shapes_in(items, QRectF(90, 90, 300, 20))) == ["big"]
    items[1].setVisible(False)
    assert names(shapes_at(items, 50, 50, 1.0)) == ["big"]


def test_of_equal_shapes_the_upper_one_is_hit(qt_app):
    items = items_of(box("low", 0, 0, 100, 100), box("high", 0, 0, 100, 100))
    items[1].setZValue(1)
    assert names(shapes_at(items, 50, 50, 1.0)) == ["high", "low"]


@given(st.floats(0.1, 20), st.floats(-200, 200), st.floats(-200, 200))
@settings(max_examples=200, deadline=None)
def test_snapping_is_to_the_nearest_vertex_within_eight_pixels_of_the_view(scale, dx, dy):
    items = items_of(box("a", 400, 400, 500, 500), box("b", 450, 450, 700, 700))
    at = (450 + dx, 450 + dy)
    vertices = np.concatenate([item.points for item in items])
    away = np.hypot(*(vertices - at).T)
    found = snapped(items, *at, scale)
    if away.min() * scale < 7.999:
        assert np.hypot(*(np.array(found) - at)) == pytest.approx(away.min())
    elif away.min() * scale > 8.001:
        assert found is None
    assert snapped(items, 450, 450, scale, {"b"}) != (450.0, 450.0)


def test_points_beside_the_film_go_to_its_edge():
    film = QRectF(0, 0, 100, 50)
    assert kept_inside(np.array([[-5.0, 20.0], [120.0, 60.0]]), film).tolist() == [[0, 20], [100, 50]]
    assert kept_inside(np.array([[-5.0, 20.0]]), QRectF()).tolist() == [[-5, 20]]


def test_nothing_is_near_where_nothing_is():
    assert nearest(np.empty((0, 2)), 0, 0, 10) is None
    assert bounds_of(np.array([[1.0, 2.0], [4.0, 7.0]])) == QRectF(1, 2, 3, 5)
