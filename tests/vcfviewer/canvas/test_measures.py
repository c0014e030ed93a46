"""Lengths and angles, against values computed by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcfviewer.canvas.measures import Measure, MeasureKind, length_text, measured_angle, measured_length

CAPTION = "mm (detector plane)"
numbers = st.floats(-1e4, 1e4)
spacings = st.tuples(st.floats(0.05, 2), st.floats(0.05, 2))


def test_a_length_takes_unequal_spacing_into_account():
    assert measured_length((0, 0), (30, 40), None) == 50
    assert measured_length((0, 0), (30, 40), (0.1, 0.1)) == pytest.approx(5)
    assert measured_length((0, 0), (30, 0), (0.1, 0.2)) == pytest.approx(6), "30 columns, 0.2 mm apart"
    assert measured_length((0, 0), (0, 40), (0.1, 0.2)) == pytest.approx(4), "40 rows, 0.1 mm apart"
    assert measured_length((0, 0), (30, 40), (0.1, 0.2)) == pytest.approx(math.hypot(6, 4))


def test_millimetres_are_shown_only_where_they_are_known_and_named():
    assert length_text((0, 0), (30, 40), (0.1, 0.1), CAPTION) == "5.0 mm (detector plane)"
    assert length_text((0, 0), (30, 40), None, CAPTION) == "50.0 px"
    assert length_text((0, 0), (30, 40), (0.1, 0.1), "") == "50.0 px"


def test_an_angle_is_taken_between_directions_in_millimetres():
    right = ((10.0, 0.0), (0.0, 0.0), (0.0, 10.0))
    assert measured_angle(MeasureKind.ANGLE, right, None) == pytest.approx(90)
    diagonal = ((10.0, 0.0), (0.0, 0.0), (10.0, 10.0))
    assert measured_angle(MeasureKind.ANGLE, diagonal, None) == pytest.approx(45)
    assert measured_angle(MeasureKind.ANGLE, diagonal, (0.2, 0.1)) == pytest.approx(math.degrees(math.atan(2)))
    straight = ((-10.0, 0.0), (0.0, 0.0), (10.0, 0.0))
    assert measured_angle(MeasureKind.ANGLE, straight, None) == pytest.approx(180)


def test_a_cobb_angle_is_that_of_two_lines_whichever_way_they_were_drawn():
    upper, lower = ((0.0, 0.0), (100.0, 0.0)), ((0.0, 300.0), (100.0, 300.0 + 100 * math.tan(math.radians(25))))
    for first in (upper, upper[::-1]):
        for second in (lower, lower[::-1]):
            assert measured_angle(MeasureKind.COBB, (*first, *second), None) == pytest.approx(25)
    stretched = measured_angle(MeasureKind.COBB, (*upper, *lower), (0.3, 0.1))
    assert stretched == pytest.approx(math.degrees(math.atan(3 * math.tan(math.radians(25)))))


@given(st.tuples(*[st.tuples(numbers, numbers)] * 4), spacings)
def test_cobb_is_acute_and_doesnt_care_about_order_or_equal_spacing(points, spacing):
    first = measured_angle(MeasureKind.COBB, points, spacing)
    assert 0 <= first <= 90
    assert measured_angle(MeasureKind.COBB, (*points[2:], *points[:2]), spacing) == pytest.approx(first, abs=1e-6)
    even = (spacing[0], spacing[0])
    assert measured_angle(MeasureKind.COBB, points, even) == pytest.approx(
        measured_angle(MeasureKind.COBB, points, None), abs=1e-4
    )


def test_texts_and_drawings():
    cobb = Measure(MeasureKind.COBB, ((0.0, 0.0), (100.0, 0.0), (0.0, 100.0), (100.0, 200.0)))
    assert cobb.text(None, "") == "Cobb 45.0°"
    assert Measure(MeasureKind.ANGLE, ((10.0, 0.0), (0.0, 0.0), (0.0, 10.0))).text(None, "") == "90.0°"
    drawn = cobb.sketch("Cobb 45.0°")
    assert [note.text for note in drawn.notes] == ["Cobb 45.0°"]
    assert drawn.notes[0].at == (50.0, 75.0)
    assert len(drawn.lines) == 3
    with pytest.raises(ValueError, match="takes 2 points, got 3"):
        Measure(MeasureKind.LENGTH, ((0, 0), (1, 1), (2, 2)))
