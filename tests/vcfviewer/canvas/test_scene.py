"""What a scene draws, read from what the view shows."""

import base64
import time

import cv2
import numpy as np
import pytest
from canvas_parts import ORIENTATIONS
from desk import LEFT, a_desk, a_shape, box, disc, pixels_of
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from qt import wait_until

from engine.domain.annotation import ForeignShape
from engine.domain.matching import MatchKind
from engine.domain.six_points import SixPoints
from vcfviewer import theme
from vcfviewer.canvas.items import ShapeItem
from vcfviewer.canvas.palette import Palette
from vcfviewer.canvas.values import DrawnShape, Side

BOX = box("one", 200, 300, 400, 500)
SIX = SixPoints((210.0, 310.0), (300.0, 320.0), (390.0, 310.0), (210.0, 490.0), (300.0, 480.0), (390.0, 490.0))


@pytest.fixture
def desk(qt_app):
    with a_desk() as desk:
        yield desk


def picture(desk):
    return pixels_of(desk.viewport.grab().toImage()).astype(int)


def with_and_without(desk, *shapes):
    """The view without the shapes, and with them."""
    desk.comparison.show_shapes((), ())
    bare = picture(desk)
    desk.comparison.show_shapes(shapes, ())
    return bare, picture(desk)


def inside(desk, image, left=220, top=320, right=380, bottom=480):
    start, end = desk.at((left, top)), desk.at((right, bottom))
    return image[start.y() : end.y(), start.x() : end.x()]


def touched(bare, drawn):
    return (bare != drawn).any(axis=2)


def along_the_top(desk, image):
    """The pixels of the box's upper edge."""
    start, end = desk.at((210, 300)), desk.at((390, 300))
    return image[start.y(), start.x() : end.x()]


@pytest.mark.parametrize("kind", list(MatchKind))
def test_a_kind_shows_in_its_colour_and_hatched(desk, kind):
    bare, drawn = with_and_without(desk, DrawnShape(BOX, Side.EXPERT, kind))
    colour = theme.kind_colour(kind).getRgb()[:3]
    assert np.abs(along_the_top(desk, drawn) - colour).max() <= 2
    share = touched(inside(desk, bare), inside(desk, drawn)).mean()
    assert 0.02 < share < 0.8, "hatched, so that the bone is seen between"


def test_the_hatches_of_the_kinds_differ_in_form_not_in_colour_alone(desk):
    grey = Palette(kind_colour=lambda kind: QColor("#808080"))
    desk.comparison.use_palette(grey)
    shown = {}
    for kind in MatchKind:
        bare, drawn = with_and_without(desk, DrawnShape(BOX, Side.EXPERT, kind))
        shown[kind] = touched(inside(desk, bare), inside(desk, drawn))
    for first in MatchKind:
        for second in MatchKind:
            assert first is second or (shown[first] != shown[second]).mean() > 0.02


@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_a_hatch_has_one_size_at_any_zoom(desk, scale):
    desk.look((300.0, 400.0), scale)
    bare, drawn = with_and_without(desk, DrawnShape(BOX, Side.EXPERT, MatchKind.MISSED))
    half = 30 / scale
    area = (300 - half, 400 - half, 300 + half, 400 + half)
    share = touched(inside(desk, bare, *area), inside(desk, drawn, *area)).mean()
    assert 0.1 < share < 0.6


def test_a_normal_is_a_thin_outline_only(desk):
    bare, drawn = with_and_without(desk, DrawnShape(BOX, Side.EXPERT, None))
    assert not touched(inside(desk, bare), inside(desk, drawn)).any()
    finding = with_and_without(desk, DrawnShape(BOX, Side.EXPERT, MatchKind.AGREES))
    assert 0 < touched(bare, drawn).sum() < touched(*finding).sum()


def test_the_experts_line_is_solid_and_the_models_dashed(desk):
    colour = theme.kind_colour(MatchKind.AGREES).getRgb()[:3]
    covered = {}
    for side in Side:
        _, drawn = with_and_without(desk, DrawnShape(BOX, side, MatchKind.AGREES))
        covered[side] = (np.abs(along_the_top(desk, drawn) - colour).max(axis=1) <= 8).mean()
    assert covered[Side.EXPERT] == 1.0
    assert 0.4 < covered[Side.MODEL] < 0.9


def test_a_decided_finding_is_fainter_and_its_caption_has_a_mark(desk):
    bare, plain = with_and_without(desk, DrawnShape(BOX, Side.EXPERT, MatchKind.MISSED, "L1"))
    shown = {}
    for decided in ("accepted", "rejected"):
        _, drawn = with_and_without(desk, DrawnShape(BOX, Side.EXPERT, MatchKind.MISSED, "L1", decided=decided))
        assert (
            np.abs(along_the_top(desk, drawn) - along_the_top(desk, bare)).mean()
            < 0.8 * np.abs(along_the_top(desk, plain) - along_the_top(desk, bare)).mean()
        )
        (caption,) = desk.scene.overlay.placed
        assert caption.caption.text == f"L1 · {decided}"
        left, top = round(caption.rect.left()), round(caption.rect.top())
        sign = drawn[top : top + 16, left : left + 16]
        shown[decided] = touched(bare[top : top + 16, left : left + 16], sign)
        assert shown[decided].any()
    assert (shown["accepted"] != shown["rejected"]).any(), "a tick is no cross"


def test_a_selected_shape_stands_out_by_more_than_colour(desk):
    kinds = {"kind": MatchKind.AGREES, "editable": False}
    _, plain = with_and_without(desk, DrawnShape(BOX, Side.MODEL, **kinds))
    desk.select("one")
    marked = picture(desk)
    widths = [touched(with_and_without(desk)[0], image)[:, desk.at((300, 0)).x()] for image in (plain, marked)]
    edge = slice(desk.at((0, 290)).y(), desk.at((0, 310)).y())
    assert widths[1][edge].sum() >= widths[0][edge].sum() + 3
    assert (marked == 255).all(axis=2).sum() > 500


def test_handles_are_for_a_single_selected_editable_shape(desk):
    other = box("two", 450, 300, 550, 400)
    shapes = [DrawnShape(one, Side.EXPERT, MatchKind.AGREES, editable=True) for one in (BOX, other)]
    desk.comparison.show_shapes(shapes, ())
    assert desk.scene.overlay.handles(1.0) is None
    desk.select("one", "two")
    assert desk.scene.overlay.handles(1.0) is None
    desk.select("one")
    assert list(desk.scene.overlay.handles(1.0).vertices) == [0, 1, 2, 3]


@pytest.mark.parametrize("scale", [0.5, 1.0, 8.0])
def test_a_handle_has_one_size_at_any_zoom(desk, scale):
    desk.comparison.show_shapes([DrawnShape(BOX, Side.EXPERT, MatchKind.AGREES, editable=True)], ())
    desk.select("one")
    desk.look((200.0, 300.0), scale)
    corner = desk.at((200, 300))
    row = picture(desk)[corner.y() - 3, corner.x() - 12 : corner.x() + 4]
    assert 3 <= (row == 255).all(axis=1).sum() <= 7


def test_dense_outlines_show_only_handles_that_are_apart(desk):
    desk.comparison.show_shapes([DrawnShape(disc("d", (350, 450), 150, 5000), Side.EXPERT, None, editable=True)], ())
    desk.select("d")
    for scale in (0.5, 1.0, 2.0):
        handles = desk.scene.overlay.handles(scale)
        perimeter = 2 * np.pi * 150 * scale
        assert perimeter / 16 < len(handles.vertices) < perimeter / 10


def test_items_stay_as_long_as_their_shape_is_there(desk):
    shapes = [DrawnShape(box(f"s{place}", 50 * place, 300, 50 * place + 40, 340), Side.EXPERT) for place in range(5)]
    desk.comparison.show_shapes(shapes, ())
    before = {item.drawn.shape.id: item for item in desk.scene.shape_items}
    changed = DrawnShape(box("s2", 100, 400, 140, 440), Side.EXPERT)
    desk.comparison.show_shapes([shapes[0], shapes[1], changed, shapes[4]], ())
    after = {item.drawn.shape.id: item for item in desk.scene.shape_items}
    assert all(after[name] is before[name] for name in after)
    assert set(after) == {"s0", "s1", "s2", "s4"}
    assert before["s3"].scene() is None
    assert after["s2"].film_bounds == QRectF(100, 400, 40, 40)


def test_the_same_shapes_again_are_no_work_and_one_changed_is_drawn_alone(desk, monkeypatch):
    painted = []
    paint = ShapeItem.paint

    def counted(item, *more):
        painted.append(item.drawn.shape.id)
        paint(item, *more)

    monkeypatch.setattr(ShapeItem, "paint", counted)
    shapes = [DrawnShape(box(f"s{place}", 60 * place, 300, 60 * place + 40, 340), Side.EXPERT) for place in range(5)]
    desk.scene.show_shapes(shapes)
    wait_until(lambda: len(set(painted)) == 5)
    rest()
    painted.clear()
    desk.scene.show_shapes([DrawnShape(one.shape, one.side) for one in shapes])
    rest()
    assert painted == []
    moved = DrawnShape(box("s2", 120, 310, 160, 350), Side.EXPERT)
    desk.scene.show_shapes([*shapes[:2], moved, *shapes[3:]])
    rest()
    assert painted == ["s2"]


def rest():
    """Let what is to be painted be painted: Qt gathers updates for some milliseconds."""
    last = time.monotonic() + 0.1
    wait_until(lambda: time.monotonic() > last)


def test_one_id_on_both_sides_is_two_items_and_the_editable_one_answers(desk):
    mine = DrawnShape(BOX, Side.EXPERT, editable=True)
    theirs = DrawnShape(box("one", 210, 310, 410, 510), Side.MODEL)
    desk.comparison.show_shapes([mine], [theirs])
    assert len(desk.scene.shape_items) == 2
    assert desk.scene.item("one").drawn is mine


@pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS)
def test_what_is_painted_bit_by_bit_during_a_drag_is_what_would_be_painted_whole(desk, turns, flip):
    ring = disc("ring", (350, 450), 120, 900)
    finding = DrawnShape(ring, Side.EXPERT, MatchKind.AGREES, "L1", editable=True)
    desk.comparison.show_shapes(
        [finding], [DrawnShape(box("o", 500, 420, 560, 480), Side.MODEL, MatchKind.EXTRA, "T9")]
    )
    desk.look((350.0, 450.0), 1.5, turns, flip)
    desk.select("ring")
    start = tuple(ring.polygon.points[0])
    desk.press(start)
    for step in range(1, 12):
        desk.move((start[0] + 2 * step, start[1] + (step % 5)), LEFT)
        QApplication.processEvents()
    bit_by_bit = desk.screen()
    desk.viewport.update()
    whole = desk.screen()
    # A thinned outline may leave out other vertices when one is moved: a quarter of a pixel, a quarter of a shade.
    assert np.abs(bit_by_bit.astype(int) - whole).max() < 90
    desk.key(Qt.Key.Key_Escape)
    after = desk.screen()
    desk.viewport.update()
    assert np.abs(after.astype(int) - desk.screen()).max() < 90


def foreign(kind, points, **more):
    return ForeignShape({"label": "x", "shape_type": kind, "points": points, **more}, 0)


def a_mask(width=40, height=30):
    mask = np.zeros((height, width), np.uint8)
    mask[5:25, 10:30] = 1
    return base64.b64encode(cv2.imencode(".png", mask)[1].tobytes()).decode()


FOREIGN = {
    "circle": (foreign("circle", [[300, 400], [350, 400]]), (350, 400), (300, 400)),
    "point": (foreign("point", [[300, 400]]), (304, 400), (320, 400)),
    "line": (foreign("line", [[250, 400], [350, 400]]), (300, 400), (300, 410)),
    "linestrip": (foreign("linestrip", [[250, 400], [350, 400], [350, 300]]), (350, 350), (300, 350)),
    "rectangle": (foreign("rectangle", [[350, 450], [250, 400]]), (250, 425), (300, 425)),
    "oriented_rectangle": (
        foreign("oriented_rectangle", [[250, 400], [350, 400], [350, 450], [250, 450]]), (250, 425), (300, 425)
    ),
    "mask": (foreign("mask", [[300, 400], [339, 429]], mask=a_mask()), (320, 415), (306, 415)),
}  # fmt: skip


@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_shapes_are_drawn_where_labelme_means_them(desk, kind):
    shape, there, beside = FOREIGN[kind]
    bare = picture(desk)
    desk.comparison.show_shapes((), (), [shape])
    changed = touched(bare, picture(desk))

    def near(place):
        at = desk.at(place)
        return changed[at.y() - 3 : at.y() + 4, at.x() - 3 : at.x() + 4].any()

    assert near(there)
    assert not near(beside)
    desk.click(there)
    assert desk.selection == set()
    desk.comparison.show_shapes((), (), ())
    assert not touched(bare, picture(desk)).any()


@pytest.mark.parametrize(
    "shape",
    [
        foreign("circle", [[1, 2]]),
        foreign("circle", "nonsense"),
        foreign("point", []),
        foreign("line", [[1, 2], [3]]),
        foreign("line", [[1, None], [3, 4]]),
        foreign("rectangle", [[float("nan"), 0], [1, 1]]),
        foreign("mask", [[1, 2], [3, 4]], mask="no base64!"),
        foreign("mask", [[1, 2], [3, 4]], mask=base64.b64encode(b"no png").decode()),
        foreign(None, [[1, 2], [1e300, 4]]),
        foreign(7, [[10, 20], [30, 40], [50, 20]]),
        ForeignShape({}, 0),
    ],
)
def test_a_foreign_record_that_makes_no_sense_hurts_nobody(desk, shape):
    desk.comparison.show_shapes((), (), [shape, FOREIGN["line"][0]])
    assert len(desk.scene.foreign_items) >= 1
    picture(desk)


def test_hidden_shapes_leave_the_bare_film_and_come_back(desk):
    finding = DrawnShape(BOX, Side.EXPERT, MatchKind.AGREES, "L1", editable=True)
    bare = picture(desk)
    desk.comparison.show_shapes([finding], (), [FOREIGN["circle"][0]])
    desk.comparison.show_six_points({"one": SIX})
    desk.select("one")
    shown = picture(desk)
    desk.comparison.hide_shapes(True)
    assert not touched(bare, picture(desk)).any()
    desk.click((300, 400))
    assert desk.selection == set(), "what isn't seen isn't hit"
    desk.select("one")
    desk.comparison.hide_shapes(False)
    desk.viewport.update()
    assert np.array_equal(picture(desk), shown)


def test_six_points_show_with_their_shape_selected_only(desk):
    desk.comparison.show_shapes([DrawnShape(BOX, Side.EXPERT)], ())
    bare = picture(desk)
    desk.comparison.show_six_points({"one": SIX})
    assert not touched(bare, picture(desk)).any()
    desk.select("one")
    middle = touched(bare, picture(desk))[:, desk.at((300, 0)).x()]
    assert middle[desk.at((0, 330)).y() : desk.at((0, 470)).y()].any()


def test_a_dense_outline_is_drawn_where_it_lies(desk):
    ring = disc("ring", (350, 450), 150, 5000)
    few = a_shape("few", ring.polygon.points[::10])
    _, dense = with_and_without(desk, DrawnShape(ring, Side.EXPERT, MatchKind.AGREES))
    _, sparse = with_and_without(desk, DrawnShape(few, Side.EXPERT, MatchKind.AGREES))
    assert np.abs(dense - sparse).max() < 90
    assert np.abs(dense - sparse).mean() < 0.1


def test_the_loupes_view_leaves_places_and_handles_of_the_main_one_alone(desk):
    desk.comparison.show_shapes([DrawnShape(BOX, Side.EXPERT, MatchKind.AGREES, "L1", editable=True)], ())
    desk.select("one")
    picture(desk)
    before, projection = desk.scene.overlay.placed, desk.scene.projection
    desk.view.set_loupe((300.0, 400.0))
    QApplication.processEvents()
    picture(desk)
    assert desk.scene.overlay.placed == before
    assert desk.scene.projection == projection
    desk.view.set_loupe(None)


def test_a_point_has_a_place_in_the_view(desk):
    desk.look((300.0, 400.0), 2.0, 1, True)
    picture(desk)
    for place in ((0.0, 0.0), (300.0, 400.0), (123.0, 456.0)):
        assert desk.scene.projection.point(*place) == pytest.approx(desk.view.placement.to_view(*place))
    assert QPointF(*desk.scene.projection.point(300, 400)).toPoint() == desk.at((300, 400))
