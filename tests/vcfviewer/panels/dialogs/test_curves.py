"""The plot of a training: ticks, gaps, axes with units, curves where their values are."""

import math

import numpy as np
import pytest
from PySide6.QtGui import QColor

from vcfviewer.panels.dialogs.curves import LINES, Curve, CurvesView, line_colour, nice_ticks, thinned, unbroken
from vcfviewer.theme import DARK, LIGHT, palette_of


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (0, 10, (0, 2, 4, 6, 8, 10)),
        (1, 997, (0, 200, 400, 600, 800, 1000)),
        (-0.3, 2.2, (-0.5, 0, 0.5, 1, 1.5, 2, 2.5)),
        (0.0001, 0.0003, (0.0001, 0.00015, 0.0002, 0.00025, 0.0003)),
        (5, 5, (5, 6)),
        (math.nan, 1, (0, 1)),
    ],
)
def test_ticks_are_round_and_cover_the_values(low, high, ticks):
    assert nice_ticks(low, high) == pytest.approx(ticks)


def test_values_that_are_no_number_are_gaps():
    points = [(1, 1.0), (2, 2.0), (3, math.nan), (4, 4.0), (5, math.inf)]
    assert list(unbroken(points)) == [((1, 1.0), (2, 2.0)), ((4, 4.0),)]


def test_a_long_curve_is_thinned_and_keeps_its_peaks():
    points = [(float(x), 0.0) for x in range(100_000)]
    points[54_321] = (54_321.0, 9.0)
    kept = thinned(points, 300)
    assert len(kept) <= 1200
    assert (54_321.0, 9.0) in kept
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]
    assert list(kept) == sorted(kept)


def drawn(view, colour):
    image = view.grab().toImage()
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, :, 2::-1].astype(int)
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    return np.argwhere(np.abs(data - wanted).max(axis=2) < 70)


def view_of(*curves, **more):
    view = CurvesView("Loss", "step", "loss (no unit)", nothing="Nothing yet.", **more)
    view.resize(400, 240)
    view.set_curves(curves)
    return view


def test_a_rising_curve_rises_on_the_screen():
    view = view_of(Curve("loss", tuple((x, x / 10) for x in range(11))))
    found = drawn(view, LINES[0][0])
    left, right = found[found[:, 1].argmin()], found[found[:, 1].argmax()]
    assert left[0] > right[0] + 100
    assert right[1] > left[1] + 200


def test_a_fixed_axis_places_a_half_in_the_middle():
    view = view_of(Curve("AP50", ((0, 0.5), (10, 0.5))), y_range=(0.0, 1.0))
    rows = drawn(view, LINES[0][0])[:, 0]
    top, bottom = 32, 240 - 40
    assert rows.mean() == pytest.approx((top + bottom) / 2, abs=1.5)


def test_a_single_value_is_a_point_and_not_nothing():
    assert 4 < len(drawn(view_of(Curve("AP50", ((50, 0.3),)), y_range=(0.0, 1.0)), LINES[0][0])) < 60


@pytest.mark.parametrize("values", [(), (math.nan,), (0.0,), (0.0, 0.0), (1e-9, 2e-9), (1e9, 2e9), (-5.0, 5.0)])
def test_any_values_can_be_drawn(values):
    view = view_of(Curve("loss", tuple((float(at), value) for at, value in enumerate(values))))
    assert not view.grab().toImage().isNull()


def test_several_curves_have_a_legend_and_lines_of_their_own():
    one = view_of(Curve("a", ((0, 1.0), (9, 2.0))))
    two = view_of(Curve("a", ((0, 1.0), (9, 2.0))), Curve("b", ((0, 2.0), (9, 1.0))))
    assert len(drawn(two, LINES[1][0])) > 50
    assert one.grab().toImage() != two.grab().toImage()
    assert len({dash for _, dash in LINES}) == len(LINES)
    with pytest.raises(ValueError, match="at most"):
        two.set_curves([Curve(str(number), ()) for number in range(len(LINES) + 1)])


def test_the_last_value_is_told_to_a_screen_reader():
    view = view_of(Curve("loss", ((1, 3.0), (2, 1.25))))
    assert view.accessibleName() == "Loss"
    assert view.accessibleDescription() == "loss 1.25 (2)"
    view.set_curves([])
    assert view.accessibleDescription() == "Nothing yet."


def test_curves_are_seen_on_a_light_ground_too(qt_app):
    def contrast(colour, ground):
        low, high = sorted((luminance(colour), luminance(QColor(ground))))
        return (high + 0.05) / (low + 0.05)

    for theme, ground in ((DARK, DARK.base), (LIGHT, LIGHT.base)):
        for colour, _ in LINES:
            assert contrast(line_colour(colour, palette_of(theme)), ground) >= 3.0


def luminance(colour):
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
