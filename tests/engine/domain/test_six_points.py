import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.six_points import Heights, SixPoints, anterior_compression, cobb_angle, gardner_angle


def body(anterior, posterior, depth=33.0, centre=(0.0, 0.0), degrees=0.0, facing_left=True):
    """Six points of a straight body; positive degrees turn it clockwise on the film."""
    x, y = np.array([-depth, 0, depth]) / 2, np.array([anterior, (anterior + posterior) / 2, posterior]) / 2
    points = np.vstack([np.stack([x, -y], 1), np.stack([x, y], 1)])
    points = points if facing_left else points * (-1, 1)
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return SixPoints.from_array(points @ turn + centre)


@pytest.mark.parametrize(
    ("anterior", "posterior", "depth", "angle"), [(23.8, 30.9, 33.8, 12.0), (12.1, 24.2, 29.9, 22.9)]
)
def test_wedge_angle_of_published_fractures(anterior, posterior, depth, angle):
    # Means of grade 1 L1 and grade 3 T11 fractures (JOSR 2023;18, Table 1).
    assert body(anterior, posterior, depth).wedge_angle() == pytest.approx(angle, abs=0.1)


@given(st.floats(5, 40), st.floats(5, 40), st.floats(-180, 180), st.booleans())
def test_wedge_angle_doesnt_depend_on_tilt_or_facing(anterior, posterior, degrees, facing_left):
    expected = np.degrees(2 * np.arctan((posterior - anterior) / 66))
    found = body(anterior, posterior, degrees=degrees, facing_left=facing_left).wedge_angle()
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("facing_left", [True, False])
def test_cobb_and_gardner_add_wedges_and_tilt(facing_left):
    sign = 1 if facing_left else -1
    above = body(24, 24, degrees=-sign * 10, facing_left=facing_left)
    below = body(20, 28, centre=(0, 40), degrees=sign * 5, facing_left=facing_left)
    assert cobb_angle(above, below) == pytest.approx(15 + np.degrees(np.arctan(4 / 33)), abs=1e-6)
    assert gardner_angle(above, below) == cobb_angle(above, below)


def test_angles_need_the_spacing_of_unequal_pixels():
    square = body(20, 28)
    squeezed = SixPoints.from_array(square.array / (0.2, 0.1))
    assert squeezed.wedge_angle((0.1, 0.2)) == pytest.approx(square.wedge_angle())
    assert squeezed.depth((0.1, 0.2)) == pytest.approx(square.depth())
    assert squeezed.wedge_angle() != pytest.approx(square.wedge_angle(), abs=1)


def test_ratios():
    heights = Heights(20.0, 18.0, 25.0)
    assert heights.wedge_ratio == pytest.approx(0.8)
    assert heights.biconcavity_ratio == pytest.approx(0.72)
    assert heights.intravertebral_loss == pytest.approx(0.28)
    assert anterior_compression(Heights(15, 20, 25), Heights(24, 24, 24), Heights(26, 24, 24)) == pytest.approx(40.0)


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf")])
def test_heights_must_be_positive(wrong):
    with pytest.raises(ValueError, match="greater than 0"):
        Heights(20.0, wrong, 20.0)


def test_six_points_are_six_finite_points():
    points = body(20, 28)
    assert SixPoints.from_array(points.array) == points
    np.testing.assert_array_equal(points.corners, [points.sa, points.sp, points.ip, points.ia])
    with pytest.raises(ValueError, match=r"shape \(6, 2\)"):
        SixPoints.from_array([(0, 0)] * 5)
    with pytest.raises(ValueError, match="finite"):
        SixPoints.from_array([(0, float("nan"))] * 6)
