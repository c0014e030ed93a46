import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.annotation import Shape
from engine.domain.grading import DeformityType, GenantGrade
from engine.domain.labels import Level
from engine.domain.morphometry import Facing, LengthUnit, Quality, from_six_points, measure, measure_film, spine_axes
from engine.domain.norms import STANDARD_NORMS, Norms, Sex
from engine.domain.polygon import Polygon, repair_polygon
from engine.domain.six_points import SixPoints

FLIP = np.array([-1.0, 1.0])
LEVELS = [Level.T11, Level.T12, Level.L1, Level.L2, Level.L3, Level.L4]


def turn_by(degrees):
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def plain_body(anterior, posterior, depth, centre, degrees=0.0, per_side=12):
    """A straight-sided body facing left."""
    front, back = (-depth / 2, anterior / 2), (depth / 2, posterior / 2)
    corners = np.array([[front[0], -front[1]], [back[0], -back[1]], [back[0], back[1]], [front[0], front[1]]])
    along = np.arange(per_side)[:, None] / per_side
    ring = np.vstack([a + along * (b - a) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])
    return ring @ turn_by(degrees) + centre


def normal_spine(fractures=None, scale=4.0, without=(), sex=Sex.FEMALE):
    """Bodies with the norm's own heights at `scale` px a mm on a curved spine; `fractures`: share of Ha and Hp left."""
    shapes = []
    for index, level in enumerate(LEVELS):
        if level in without:
            continue
        norm = STANDARD_NORMS.heights(level, sex)
        left = (fractures or {}).get(level)
        anterior, posterior = (norm.anterior, norm.posterior) if left is None else np.multiply(
            (norm.anterior, norm.posterior), left
        )  # fmt: skip
        ring = plain_body(anterior, posterior, 33, (0.5 * index**2, 34.0 * index), degrees=-1.5 * index)
        label = level.value if left is not None else f"{level.value} normal"
        shapes.append(Shape(level.value, label, Polygon(ring * scale + 300)))
    return tuple(shapes)


def test_heights_wedge_and_unit_of_a_known_body():
    body = measure(Polygon(plain_body(20, 28, 33, (500, 700))), (0, 1), Facing.LEFT)
    assert body.heights.values == pytest.approx((20, 24, 28), abs=1e-6)
    assert body.depth == pytest.approx(np.hypot(33, 4), abs=1e-6)
    assert body.wedge_angle == pytest.approx(np.degrees(2 * np.arctan(4 / 33)), abs=1e-6)
    assert body.unit is LengthUnit.PIXELS
    assert len(body.profile) == 21
    assert list(body.profile) == pytest.approx(np.linspace(20, 28, 21), abs=1e-6)
    assert body.minimum == pytest.approx(20.8, abs=1e-6)
    assert not body.manual
    np.testing.assert_allclose(body.points.sa, (483.5, 690), atol=1e-6)
    np.testing.assert_allclose(body.points.ip, (516.5, 714), atol=1e-6)


def test_spacing_turns_unequal_pixels_into_millimetres():
    ring = plain_body(20, 28, 33, (60, 80))
    body = measure(Polygon(ring / (0.2, 0.1)), (0, 1), Facing.LEFT, spacing=(0.1, 0.2))
    assert body.heights.values == pytest.approx((20, 24, 28), abs=1e-6)
    assert body.unit is LengthUnit.MILLIMETRES
    np.testing.assert_allclose(body.points.sa, ((60 - 16.5) / 0.2, 70 / 0.1), atol=1e-6)


@pytest.mark.parametrize("spacing", [(0.0, 0.1), (-0.1, 0.1), (float("nan"), 0.1)])
def test_impossible_spacing_is_refused(spacing):
    with pytest.raises(ValueError, match="spacing must be two positive numbers"):
        measure(Polygon(plain_body(20, 28, 33, (0, 0))), (0, 1), Facing.LEFT, spacing)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.floats(-180, 180),
    st.floats(0.05, 50),
    st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)),
)
def test_turning_moving_and_scaling_change_nothing_but_the_unit(synthetic_body, seed, degrees, scale, shift):
    body = synthetic_body(np.random.default_rng(seed))
    outline = repair_polygon(body.outline).polygon.points
    before = measure(Polygon(outline), body.axis, Facing.LEFT)
    turn = turn_by(degrees)
    after = measure(Polygon(outline @ turn * scale + shift), body.axis @ turn, Facing.LEFT)
    assert np.array(after.profile) / scale == pytest.approx(np.array(before.profile), rel=1e-6, abs=1e-6)
    assert after.wedge_angle == pytest.approx(before.wedge_angle, abs=1e-5)
    assert after.quality == before.quality


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_mirrored_film_with_mirrored_facing_has_the_same_heights(synthetic_body, seed):
    body = synthetic_body(np.random.default_rng(seed))
    outline = repair_polygon(body.outline).polygon.points
    before = measure(Polygon(outline), body.axis, Facing.LEFT)
    after = measure(Polygon(outline * FLIP), body.axis * FLIP, Facing.RIGHT)
    assert after.heights.values == pytest.approx(before.heights.values, abs=1e-7)
    assert after.profile == pytest.approx(before.profile, abs=1e-7)
    assert after.wedge_angle == pytest.approx(before.wedge_angle, abs=1e-6)
    np.testing.assert_allclose(after.points.array, before.points.array * FLIP, atol=1e-7)


def test_wrong_facing_swaps_front_and_back():
    polygon = Polygon(plain_body(20, 28, 33, (0, 0)))
    wrong = measure(polygon, (0, 1), Facing.RIGHT)
    assert wrong.heights.values == pytest.approx((28, 24, 20), abs=1e-6)
    assert wrong.wedge_angle == pytest.approx(-np.degrees(2 * np.arctan(4 / 33)), abs=1e-6)


def test_polygon_alone_gives_its_axis():
    outline = plain_body(20, 24, 33, (0, 0), degrees=30)
    assert measure(Polygon(outline), None, Facing.LEFT).heights.anterior == pytest.approx(20, abs=1e-6)


def test_coarse_outline_is_refused_or_flagged():
    with pytest.raises(ValueError, match="at least 12 vertices"):
        measure(Polygon(plain_body(20, 28, 33, (0, 0), per_side=2)), (0, 1), Facing.LEFT)
    flagged = measure(Polygon(plain_body(20, 28, 33, (0, 0), per_side=4)), (0, 1), Facing.LEFT)
    fine = measure(Polygon(plain_body(20, 28, 33, (0, 0), per_side=12)), (0, 1), Facing.LEFT)
    assert Quality.COARSE in flagged.quality
    assert fine.quality == ()


def test_rough_and_off_centre_outlines_are_flagged():
    rng = np.random.default_rng(1)
    outline = plain_body(24, 26, 33, (0, 0))
    rough = repair_polygon(outline + rng.normal(0, 1.2, outline.shape)).polygon
    assert Quality.ROUGH in measure(rough, (0, 1), Facing.LEFT).quality
    dented = outline.copy()
    top = (outline[:, 1] < -10) & (outline[:, 0] > -12) & (outline[:, 0] < -4)
    dented[top, 1] += 8
    assert Quality.OFF_CENTRE in measure(Polygon(dented), (0, 1), Facing.LEFT).quality


@pytest.mark.parametrize("axis", [(0, 0), (float("nan"), 1), (1, 2, 3)])
def test_impossible_axis_is_refused(axis):
    with pytest.raises(ValueError, match=r"axis|broadcast"):
        measure(Polygon(plain_body(20, 28, 33, (0, 0))), axis, Facing.LEFT)


def test_points_set_by_hand_are_measured_as_they_are():
    points = SixPoints.from_array([(0, 0), (16, 2), (33, -2), (0, 20), (16, 21), (33, 26)])
    body = from_six_points(points)
    assert body.manual
    assert body.heights.values == pytest.approx((20, 19, 28))
    assert (body.profile, body.minimum) == ((), pytest.approx(19))
    assert from_six_points(points, (0.5, 0.5)).heights.anterior == pytest.approx(10)


def test_points_set_by_hand_take_their_profile_from_the_outline():
    polygon = Polygon(plain_body(20, 28, 33, (0, 0)))
    automatic = measure(polygon, (0, 1), Facing.LEFT)
    manual = from_six_points(automatic.points, polygon=polygon)
    assert manual.profile == pytest.approx(automatic.profile, abs=1e-9)
    assert manual.heights.values == pytest.approx(automatic.heights.values, abs=1e-9)


def test_a_height_of_zero_by_hand_is_refused():
    with pytest.raises(ValueError, match="heights must be greater than 0"):
        from_six_points(SixPoints.from_array([(0, 0), (16, 2), (33, -2), (0, 0), (16, 21), (33, 26)]))


@pytest.mark.parametrize("left", [(0.7, 1.0), (0.55, 0.98), (0.78, 0.99)])
def test_loss_is_judged_against_normal_neighbours(left):
    shapes = normal_spine({Level.L1: left})
    found = measure_film(shapes, Facing.LEFT, sex=Sex.FEMALE)[2]
    assert found.references == (Level.T12, Level.L2)
    assert not found.is_single_vertebra_estimate
    assert found.losses.anterior == pytest.approx(1 - left[0], abs=0.01)
    assert found.losses.posterior == pytest.approx(1 - left[1], abs=0.01)
    assert found.deformity is DeformityType.WEDGE


def test_normal_bodies_lose_nothing_at_any_level():
    measured = measure_film(normal_spine(), Facing.LEFT, sex=Sex.FEMALE)
    assert [entry.grade.grade for entry in measured] == [GenantGrade.NORMAL] * 6
    assert max(abs(entry.losses.anterior) for entry in measured) < 0.01
    assert [entry.deformity for entry in measured] == [None] * 6


def test_loss_is_free_of_magnification_and_facing():
    small = measure_film(normal_spine({Level.L1: (0.7, 1.0)}, scale=2), Facing.LEFT)
    large = measure_film(normal_spine({Level.L1: (0.7, 1.0)}, scale=9), Facing.LEFT, spacing=(0.3, 0.3))
    mirrored = [
        Shape(s.id, s.label, Polygon(s.polygon.points * FLIP)) for s in normal_spine({Level.L1: (0.7, 1.0)}, scale=2)
    ]
    for one, two, three in zip(small, large, measure_film(mirrored, Facing.RIGHT), strict=True):
        assert two.losses.anterior == pytest.approx(one.losses.anterior, abs=1e-6)
        assert three.losses.anterior == pytest.approx(one.losses.anterior, abs=1e-6)


def test_without_neighbours_the_posterior_height_is_the_reference():
    (lone,) = [shape for shape in normal_spine({Level.L4: (0.7, 1.0)}) if shape.is_fracture]
    (found,) = measure_film([lone], Facing.LEFT, sex=Sex.FEMALE)
    assert found.is_single_vertebra_estimate
    assert found.losses.posterior is None
    assert found.losses.anterior == pytest.approx(0.3, abs=0.01)
    # A fixed Ha/Hp < 0.8 rule wouldn't even call this L4 mild by much: its healthy ratio is 1.08.
    assert found.body.heights.wedge_ratio > 0.75


def test_fractured_neighbours_are_never_references():
    shapes = normal_spine({level: (0.7, 1.0) for level in LEVELS})
    assert all(entry.references == () for entry in measure_film(shapes, Facing.LEFT))


def test_far_neighbours_serve_up_to_three_levels():
    near = measure_film(normal_spine({Level.L1: (0.7, 1.0)}, without=(Level.T12, Level.L2, Level.L3)), Facing.LEFT)
    assert {entry.level: entry.references for entry in near}[Level.L1] == (Level.T11, Level.L4)
    apart = normal_spine({Level.T11: (0.7, 1.0)}, without=(Level.T12, Level.L1, Level.L2))
    assert {entry.level: entry.references for entry in measure_film(apart, Facing.LEFT)}[Level.T11] == ()


def test_a_shape_that_cant_be_measured_says_why_and_spares_the_others():
    spine = normal_spine({Level.L1: (0.7, 1.0)})
    box = Polygon([[0, 0], [100, 0], [100, 80], [0, 80]])
    hidden = Shape("hidden", "L5 not assessable", Polygon(plain_body(20, 28, 33, (0, 0)) * 4 + 1000))
    measured = measure_film((*spine, Shape("box", "T10", box), hidden), Facing.LEFT)
    assert [entry.shape_id for entry in measured] == [*(level.value for level in LEVELS), "box", "hidden"]
    assert "at least 12 vertices" in measured[6].refusal
    assert measured[6].body is None
    assert "not assessable" in measured[7].refusal
    assert measured[2].grade.grade >= GenantGrade.MODERATE


def test_a_level_without_name_or_norm_is_measured_but_not_graded():
    outline = Polygon(plain_body(20, 28, 33, (0, 0)))
    for label in ("S1", "something"):
        (found,) = measure_film([Shape("a", label, outline)], Facing.LEFT)
        assert found.body is not None
        assert (found.grade, found.losses, found.expected) == (None, None, None)


def test_points_by_hand_replace_the_outline():
    spine = normal_spine({Level.L1: (0.9, 1.0)})
    points = np.array(measure_film(spine, Facing.LEFT)[2].body.points.array)
    points[0] += (points[3] - points[0]) * 0.3
    found = measure_film(spine, Facing.LEFT, by_hand={"L1": SixPoints.from_array(points)})[2]
    assert found.body.manual
    assert found.losses.anterior == pytest.approx(1 - 0.9 * 0.7, abs=0.01)


def test_wedge_against_the_facing_is_flagged():
    spine = normal_spine({Level.T12: (0.7, 1.0)})
    right, wrong = (measure_film(spine, facing) for facing in Facing)
    assert Quality.REVERSED_WEDGE not in right[1].body.quality
    assert Quality.REVERSED_WEDGE in wrong[1].body.quality


def test_norms_can_be_replaced():
    shapes = [shape for shape in normal_spine({Level.L1: (0.8, 1.0)}) if shape.is_fracture]
    other = Norms({}, 0.0)
    assert measure_film(shapes, Facing.LEFT, norms=other)[0].losses is None


@settings(max_examples=30, deadline=None)
@given(st.floats(-180, 180), st.permutations(range(6)))
def test_spine_axes_follow_the_spine_however_the_film_lies(degrees, order):
    spine = normal_spine()
    turn = turn_by(degrees)
    turned = [Shape(s.id, s.label, Polygon(s.polygon.points @ turn)) for s in spine]
    axes = spine_axes([turned[index] for index in order])
    expected = np.array([turn_by(-1.5 * index)[1] @ turn for index in order])
    assert (np.array(axes) * expected).sum(axis=1).min() > np.cos(np.radians(6))


def test_axis_of_one_shape_or_of_shapes_in_one_place_is_unknown():
    shape = normal_spine()[0]
    assert spine_axes([shape]) == (None,)
    assert spine_axes([shape, Shape("twin", "L1", shape.polygon)]) == (None, None)
    assert spine_axes([]) == ()


def test_axis_points_down_the_film_without_levels():
    spine = [Shape(s.id, "?", s.polygon) for s in normal_spine()[::-1]]
    assert all(axis[1] > 0.9 for axis in spine_axes(spine))
