"""Where captions stand: beside their findings, in the window, apart from each other, at any zoom and orientation."""

from dataclasses import replace

import pytest
from desk import box
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSizeF

from vcfviewer.canvas.captions import GAP, Caption, Mark, caption_of, caption_size, decision_words, place_captions
from vcfviewer.canvas.palette import Palette
from vcfviewer.canvas.projection import Projection
from vcfviewer.canvas.values import DrawnShape, Side

WINDOW = QRectF(0, 0, 800, 600)
SIZE = QSizeF(90, 18)
AXES = [(a, 0, 0, d) for a in (1, -1) for d in (1, -1)] + [(0, b, c, 0) for b in (1, -1) for c in (1, -1)]


def a_caption(left, top, width, height, side=Side.EXPERT, **more):
    caption = Caption("L1", Mark.NONE, "#fff", side, False, True, False, (left, top, width, height))
    return replace(caption, **more)


UNMOVED = Projection()


def placed(captions, projection=UNMOVED):
    blocks = [caption.rect for caption in captions]
    return place_captions(captions, blocks, projection, WINDOW, lambda caption: SIZE)


@st.composite
def views(draw):
    a, b, c, d = draw(st.sampled_from(AXES))
    scale = draw(st.floats(0.05, 30))
    centre = draw(st.tuples(st.floats(0, 2000), st.floats(0, 2000)))
    dx = 400 - scale * (centre[0] * a + centre[1] * c)
    dy = 300 - scale * (centre[0] * b + centre[1] * d)
    return Projection(a * scale, b * scale, c * scale, d * scale, dx, dy)


@given(views(), st.tuples(*[st.floats(0, 2000)] * 2), st.tuples(*[st.floats(2, 300)] * 2), st.sampled_from(Side))
@settings(max_examples=400, deadline=None)
def test_a_caption_is_in_the_window_and_off_its_finding_where_there_is_room(projection, corner, size, side):
    caption = a_caption(*corner, *size, side)
    own = projection.rect(caption.rect)
    found = placed([caption], projection)
    if not own.intersects(WINDOW):
        assert found == ()
        return
    (one,) = found
    assert WINDOW.adjusted(-1e-3, -1e-3, 1e-3, 1e-3).contains(one.rect)
    # A hair more than is needed: whether exactly enough is enough, rounding decides.
    across, down = SIZE.width() + GAP + 1e-3, SIZE.height() + GAP + 1e-3
    room = own.left() >= across or WINDOW.right() - own.right() >= across
    room = room or own.top() >= down or WINDOW.bottom() - own.bottom() >= down
    if room:
        assert not one.rect.intersects(own)
        # At a corner of the window it may stand further off along the other axis.
        gaps = (own.left() - one.rect.right(), one.rect.left() - own.right(),
                own.top() - one.rect.bottom(), one.rect.top() - own.bottom())  # fmt: skip
        assert any(gap == pytest.approx(GAP, abs=1e-3) for gap in gaps)


def test_the_expert_prefers_the_left_and_the_model_the_right():
    for side, on_left in ((Side.EXPERT, True), (Side.MODEL, False)):
        (one,) = placed([a_caption(350, 280, 100, 60, side)])
        assert (one.rect.right() < 350) is on_left


@given(st.lists(st.integers(0, 12), min_size=2, max_size=6, unique=True), st.sampled_from([0.3, 0.6, 1.0]))
@settings(max_examples=100, deadline=None)
def test_a_spine_of_captions_doesnt_overlap(levels, scale):
    bodies = [a_caption(300.0, 70.0 * level, 110.0, 55.0) for level in levels]
    found = placed(bodies, Projection(scale, 0, 0, scale, 200, 10))
    for index, one in enumerate(found):
        assert not any(one.rect.intersects(other.rect) for other in found[index + 1 :])


@pytest.mark.parametrize("gap", [10.0, 25.0])
def test_captions_of_intact_bodies_that_fill_the_window_lie_inside_them_and_not_over_each_other(gap):
    """As on a laptop, zoomed in: no room beside a body, and between two of them at most for one caption."""
    bodies = [a_caption(10, 40 + at * (120 + gap), 780, 120, finding=at == 0) for at in range(4)]
    found = place_captions(bodies, [bodies[0].rect], UNMOVED, WINDOW, lambda caption: SIZE)
    assert len(found) == 4
    for index, one in enumerate(found):
        assert not any(one.rect.intersects(other.rect) for other in found[index + 1 :])
        assert one.caption.finding or one.caption.rect.contains(one.rect)


def test_both_sides_of_one_finding_are_captioned_apart():
    mine, theirs = a_caption(350, 280, 100, 60, Side.EXPERT), a_caption(355, 283, 98, 61, Side.MODEL)
    first, second = placed([mine, theirs])
    assert not first.rect.intersects(second.rect)


def test_the_selected_caption_chooses_first():
    shapes = [a_caption(350, 280, 100, 10), a_caption(350, 292, 100, 10, selected=True)]
    first = placed(shapes)[0]
    assert first.caption.selected
    assert first.rect.center().y() == pytest.approx(297)


def test_a_caption_of_a_finding_that_fills_the_window_stays_readable():
    (one,) = placed([a_caption(-500, -500, 3000, 3000)])
    assert WINDOW.contains(one.rect)


def test_a_caption_says_what_was_decided(qt_app):
    for decided, mark in (
        ("accepted", Mark.TICK),
        ("edited", Mark.TICK),
        ("rejected", Mark.CROSS),
        ("later", Mark.NONE),
    ):
        drawn = DrawnShape(box("a", 0, 0, 10, 10), Side.EXPERT, caption="L1", decided=decided)
        caption = caption_of(drawn, False, QRectF(0, 0, 10, 10), Palette())
        assert caption.mark is mark
        assert caption.text == f"L1 · {decision_words(decided)}"
        assert caption.faint
    assert caption_of(DrawnShape(box("a", 0, 0, 10, 10), Side.EXPERT), False, QRectF(), Palette()) is None
    wide = caption_size(a_caption(0, 0, 1, 1, mark=Mark.TICK)).width()
    assert wide > caption_size(a_caption(0, 0, 1, 1)).width()
