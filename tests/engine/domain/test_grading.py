import numpy as np
import pytest

from engine.domain.grading import DeformityType, GenantGrade, Grade, Losses, deformity_type, genant_grade, height_losses
from engine.domain.labels import Level
from engine.domain.norms import STANDARD_NORMS, Sex
from engine.domain.six_points import Heights


@pytest.mark.parametrize(
    ("loss", "grade", "borderline"),
    [
        (-0.10, 0, None), (0.0, 0, None), (0.179, 0, None), (0.18, 0, 1), (0.199, 0, 1), (0.20, 1, 0), (0.22, 1, 0),
        (0.2249, 1, None), (0.23, 1, 2), (0.2499, 1, 2), (0.25, 2, 1), (0.27, 2, 1), (0.271, 2, None), (0.349, 2, None),
        (0.35, 2, 3), (0.40, 2, 3), (0.401, 3, 2), (0.45, 3, 2), (0.451, 3, None), (0.9, 3, None),
    ],
)  # fmt: skip
def test_grade_and_borderline_band(loss, grade, borderline):
    found = genant_grade(loss)
    assert found.grade == grade
    assert found.borderline == borderline


def test_a_loss_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        genant_grade(float("nan"))


@pytest.mark.parametrize(
    ("losses", "kind"),
    [
        (Losses(0.19, 0.1, 0.0), None),
        (Losses(0.30, 0.15, 0.02), DeformityType.WEDGE),
        (Losses(0.10, 0.30, 0.02), DeformityType.BICONCAVE),
        (Losses(0.10, 0.15, 0.25), DeformityType.CRUSH),
        (Losses(0.40, 0.30, 0.21), DeformityType.CRUSH),
        (Losses(0.40, 0.30, 0.19), DeformityType.WEDGE),
        (Losses(0.25, 0.40, None), DeformityType.BICONCAVE),
    ],
)
def test_type_is_the_height_lost_most(losses, kind):
    assert deformity_type(losses) is kind


def test_losses_are_shares_of_the_expected():
    losses = height_losses(Heights(15, 18, 24), Heights(20, 20, 24))
    assert (losses.anterior, losses.middle, losses.posterior) == pytest.approx((0.25, 0.1, 0.0))
    assert losses.worst == pytest.approx(0.25)
    assert height_losses(Heights(15, 18, 24), Heights(20, 20, 24), posterior_known=False).posterior is None


@pytest.mark.parametrize(
    ("level", "women", "men"),
    [
        (Level.T9, 2.8, 4.8), (Level.T10, 2.6, 3.8), (Level.T11, 4.6, 5.4), (Level.T12, 3.5, 4.9), (Level.L1, 2.6, 4.1),
        (Level.L2, 0.7, 2.6), (Level.L3, -1.1, 1.3), (Level.L4, -3.1, -0.7), (Level.L5, -7.8, -4.6),
    ],
)  # fmt: skip
def test_norms_give_back_the_wedge_angles_they_were_made_of(level, women, men):
    assert STANDARD_NORMS.wedge_angle(level, Sex.FEMALE) == pytest.approx(women, abs=0.1)
    assert STANDARD_NORMS.wedge_angle(level, Sex.MALE) == pytest.approx(men, abs=0.1)
    both = STANDARD_NORMS.wedge_angle(level)
    assert both == pytest.approx((women + men) / 2, abs=0.1)


def test_norms_know_that_healthy_bodies_arent_boxes():
    assert STANDARD_NORMS.heights(Level.T11, Sex.MALE).wedge_ratio == pytest.approx(0.86, abs=0.01)
    assert STANDARD_NORMS.heights(Level.L5, Sex.FEMALE).wedge_ratio == pytest.approx(1.21, abs=0.01)
    middle = STANDARD_NORMS.heights(Level.L1)
    assert middle.middle < (middle.anterior + middle.posterior) / 2 - 1.5
    assert STANDARD_NORMS.heights(Level.S1) is None
    assert STANDARD_NORMS.wedge_angle(Level.S1) is None


def test_numbers_of_numpy_are_graded_as_pythons_own():
    assert genant_grade(float(np.float64(0.55))) == genant_grade(np.float64(0.55)) == Grade(GenantGrade.SEVERE)
