"""The SELECT tool, by mouse and keyboard."""

import numpy as np
import pytest
from canvas_parts import ORIENTATIONS
from desk import ALT, CTRL, LEFT, SHIFT, a_desk, a_shape, box, disc
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from qt import wait_until

from engine.domain.polygon import polygon_iou
from vcfviewer.canvas.values import DrawnShape, Side, ViewMode

OUTER = box("outer", 200, 300, 400, 500, "L2")
INNER = box("inner", 260, 360, 320, 420, "L1")
ASIDE = box("aside", 450, 300, 550, 400, "L3")


def moved(shape, dx, dy):
    return shape.polygon.points + np.array((dx, dy))


@pytest.fixture
def desk(qt_app):
    with a_desk(OUTER, INNER, ASIDE) as desk:
        yield desk


def test_a_click_selects_the_smallest_shape_there_and_beside_all_none(desk):
    desk.click((290, 390))
    assert desk.selection == {"inner"}
    desk.click((220, 320))
    assert desk.selection == {"outer"}
    desk.click((600, 700))
    assert desk.selection == set()
    assert desk.requests == []


@pytest.mark.parametrize("held", [CTRL, SHIFT])
def test_ctrl_and_shift_click_take_shapes_in_and_out_of_the_selection(desk, held):
    desk.click((290, 390))
    desk.click((500, 350), held=held)
    assert desk.selection == {"inner", "aside"}
    desk.click((290, 390), held=held)
    assert desk.selection == {"aside"}


def test_alt_click_goes_to_the_shape_beneath_and_round_again(desk):
    desk.click((290, 390))
    desk.click((290, 390), held=ALT)
    assert desk.selection == {"outer"}
    desk.click((290, 390), held=ALT)
    assert desk.selection == {"inner"}


def test_a_click_on_a_selected_shape_selects_the_smaller_one_on_it(desk):
    desk.select("outer", "aside")
    desk.click((290, 390))
    assert desk.selection == {"inner"}


def test_a_rectangle_selects_what_it_touches_and_with_shift_adds(desk):
    desk.drag((430, 280), (500, 350), (560, 420))
    assert desk.selection == {"aside"}
    desk.drag((180, 280), (210, 310), held=SHIFT)
    assert desk.selection == {"aside", "outer"}
    assert desk.requests == []


def test_a_drag_moves_all_that_is_selected_in_one_edit(desk):
    desk.select("inner", "aside")
    desk.drag((290, 390), (300, 395), (310, 400))
    assert len(desk.requests) == 1
    assert np.allclose(desk.points("inner"), moved(INNER, 20, 10))
    assert np.allclose(desk.points("aside"), moved(ASIDE, 20, 10))
    assert np.array_equal(desk.points("outer"), OUTER.polygon.points)
    assert desk.previews[-1] is None
    assert desk.previews[0][0] in ("inner", "aside")


def test_an_unselected_shape_is_selected_and_moved_by_one_drag(desk):
    desk.drag((500, 350), (510, 350), (520, 350))
    assert desk.selection == {"aside"}
    assert np.allclose(desk.points("aside"), moved(ASIDE, 20, 0))


def test_a_trembling_hand_moves_nothing(desk):
    desk.drag((500, 350), (501, 351), (500, 351))
    assert desk.requests == []
    assert desk.selection == {"aside"}


def test_shapes_stay_on_the_film(desk):
    desk.look((600.0, 450.0))
    desk.select("aside")
    desk.drag((500, 350), (600, 350), (790, 350))
    assert desk.annotation.shape("aside").polygon.bounds == (600.0, 300.0, 700.0, 400.0)


@pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS)
def test_a_vertex_goes_where_the_pointer_goes_however_the_film_is_turned(desk, turns, flip):
    desk.look((250.0, 350.0), 2.0, turns, flip)
    desk.select("outer")
    desk.drag((200, 300), (210, 310), (230, 325))
    assert len(desk.requests) == 1
    assert np.allclose(desk.points("outer")[0], (230, 325))
    assert np.array_equal(desk.points("outer")[1:], OUTER.polygon.points[1:])
    assert desk.requests[0].text == "Move a vertex of L2"


def test_a_vertex_is_taken_hold_of_within_ten_pixels_and_wins_over_the_body(desk):
    desk.select("outer")
    desk.drag((207, 306), (217, 306), (227, 306))
    assert np.allclose(desk.points("outer")[0], (220, 300))
    desk.drag((240, 340), (240, 350))
    assert np.allclose(desk.points("outer"), [(220, 310), (400, 310), (400, 510), (200, 510)])


@pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS)
def test_a_vertex_snaps_to_another_shapes_vertex_but_not_with_ctrl(desk, turns, flip):
    desk.look((400.0, 400.0), 2.0, turns, flip)
    desk.select("aside")
    desk.drag((450, 300), (430, 300), (402, 303))
    assert np.allclose(desk.points("aside")[0], (400, 300))
    desk.drag((400, 300), (430, 300), (402, 303), held=CTRL)
    assert len(desk.requests) == 1, "Ctrl and a press on a vertex choose it"
    desk.press((400, 300))
    desk.move((420, 310), LEFT)
    desk.move((402, 303), LEFT, CTRL)
    desk.release((402, 303), CTRL)
    assert np.allclose(desk.points("aside")[0], (402, 303))


def test_nothing_snaps_from_nine_pixels_away_or_to_the_shape_itself(desk):
    desk.select("aside")
    desk.drag((450, 300), (430, 300), (409, 300))
    assert np.allclose(desk.points("aside")[0], (409, 300))
    desk.drag((550, 300), (550, 350), (550, 395))
    assert np.allclose(desk.points("aside")[1], (550, 395))


def test_previews_tell_the_outline_as_it_would_be_and_end(desk):
    desk.select("inner")
    desk.drag((260, 360), (250, 350), release=False)
    name, polygon = desk.previews[-1]
    assert name == "inner"
    assert polygon_iou(polygon, INNER.polygon) < 1
    assert np.allclose(desk.shown("inner")[0], (250, 350))
    assert np.array_equal(desk.points("inner"), INNER.polygon.points), "nothing is edited before the release"
    desk.release((250, 350))
    assert desk.previews[-1] is None


def test_previews_come_once_a_frame_at_most_and_the_last_one_comes(desk):
    desk.select("inner")
    desk.press((260, 360))
    for step in range(200):
        desk.move((255 - 0.2 * step, 355 - 0.2 * step), LEFT)
    told = len(desk.previews)
    assert told < 150, "200 moves in a row are faster than a screen"
    last = desk.shown("inner")[0]
    wait_until(lambda: np.allclose(desk.previews[-1][1].points[0], last), what="the last preview")


def test_an_outline_that_crosses_itself_is_shown_broken_and_springs_back(desk):
    desk.select("outer")
    desk.drag((200, 300), (300, 400), (450, 450), release=False)
    assert desk.scene.item("outer").is_invalid
    desk.release((450, 450))
    assert desk.requests == []
    assert not desk.scene.item("outer").is_invalid
    assert np.array_equal(desk.shown("outer"), OUTER.polygon.points)
    assert "cross itself" in desk.said[-1]
    assert desk.comparison.hint == desk.said[-1], "the sentence isn't swept away at once"
    desk.click((600, 700))
    assert "cross itself" not in desk.comparison.hint


def test_escape_ends_a_drag_without_an_edit(desk):
    desk.select("outer")
    desk.drag((200, 300), (230, 330), release=False)
    desk.key(Qt.Key.Key_Escape)
    assert np.array_equal(desk.shown("outer"), OUTER.polygon.points)
    assert desk.previews[-1] is None
    desk.release((230, 330))
    assert desk.requests == []


def test_alt_click_on_an_edge_inserts_a_vertex_there(desk):
    desk.select("outer")
    desk.click((250, 304), held=ALT)
    assert np.allclose(desk.points("outer"), np.insert(OUTER.polygon.points, 1, (250, 300), axis=0))
    assert len(desk.requests) == 1


def test_alt_press_and_drag_inserts_a_vertex_and_takes_it_along(desk):
    desk.select("outer")
    desk.drag((400, 350), (410, 350), (430, 350), held=ALT)
    assert np.allclose(desk.points("outer"), np.insert(OUTER.polygon.points, 2, (430, 350), axis=0))


def test_the_handle_in_the_middle_of_an_edge_inserts_a_vertex_when_dragged_only(desk):
    desk.select("outer")
    desk.click((200, 400))
    assert desk.requests == []
    desk.drag((200, 400), (190, 400), (170, 405))
    assert np.allclose(desk.points("outer"), [*OUTER.polygon.points, (170, 405)])


def test_alt_shift_click_deletes_a_vertex_but_not_the_last_three(desk):
    desk.select("outer")
    desk.click((400, 500), held=ALT | SHIFT)
    assert np.allclose(desk.points("outer"), [(200, 300), (400, 300), (200, 500)])
    desk.click((400, 300), held=ALT | SHIFT)
    assert len(desk.points("outer")) == 3
    assert "three vertices" in desk.said[-1]


def test_backspace_deletes_the_vertices_chosen(desk):
    desk.select("outer")
    desk.click((400, 300))
    desk.key(Qt.Key.Key_Backspace)
    assert np.allclose(desk.points("outer"), [(200, 300), (400, 500), (200, 500)])
    assert desk.requests[-1].text == "Delete a vertex of L2"
    assert not desk.comparison.delete_selected_vertices(), "none is chosen any more, and the pointer is over none"


def test_several_vertices_are_chosen_dragged_and_deleted_together(desk):
    ring = disc("ring", (350, 600), 80, 12)
    desk.annotation = type(desk.annotation)("film.png", (900, 700), (ring,))
    desk.show()
    desk.select("ring")
    first, second = (tuple(place) for place in ring.polygon.points[[0, 1]])
    desk.click(first)
    desk.click(second, held=CTRL)
    desk.drag(first, (first[0] + 10, first[1]), (first[0] + 20, first[1]))
    assert np.allclose(desk.points("ring") - ring.polygon.points, [(20, 0)] * 2 + [(0, 0)] * 10, atol=0.5)
    assert len(desk.requests) == 1
    desk.key(Qt.Key.Key_Backspace)
    assert np.array_equal(desk.points("ring"), ring.polygon.points[2:])
    assert desk.requests[-1].text == "Delete vertices of L1"


ARROWS = [
    (Qt.Key.Key_Left, (-1, 0)), (Qt.Key.Key_Right, (1, 0)), (Qt.Key.Key_Up, (0, -1)), (Qt.Key.Key_Down, (0, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS)
def test_arrows_move_by_five_pixels_as_seen_and_with_shift_by_one(desk, turns, flip):
    desk.look((500.0, 350.0), 2.0, turns, flip)
    desk.select("aside")
    for key, way in ARROWS:
        before = np.array(desk.view.placement.to_view(*desk.points("aside")[0]))
        desk.key(key)
        after = np.array(desk.view.placement.to_view(*desk.points("aside")[0]))
        assert np.allclose(after - before, 5 * np.array(way))
        desk.key(key, SHIFT)
        assert np.allclose(desk.view.placement.to_view(*desk.points("aside")[0]), after + way)
    assert {request.merge_key for request in desk.requests} == {"nudge aside"}


def test_arrows_without_a_selection_belong_to_others(desk):
    desk.key(Qt.Key.Key_Left)
    assert desk.requests == []


def test_vertices_are_walked_nudged_inserted_and_deleted_by_keys_alone(desk):
    desk.select("outer")
    desk.key(Qt.Key.Key_Period)
    desk.key(Qt.Key.Key_Period)
    desk.key(Qt.Key.Key_Right)
    assert np.allclose(desk.points("outer"), [(200, 300), (405, 300), (400, 500), (200, 500)])
    desk.key(Qt.Key.Key_Insert)
    assert np.allclose(desk.points("outer")[2], (402.5, 400))
    desk.key(Qt.Key.Key_Backspace)
    assert len(desk.points("outer")) == 4
    desk.key(Qt.Key.Key_Comma)
    desk.key(Qt.Key.Key_Down)
    assert np.allclose(desk.points("outer")[0], (200, 305))
    desk.key(Qt.Key.Key_Escape)
    desk.key(Qt.Key.Key_Left)
    assert np.allclose(desk.points("outer")[0], (195, 305)), "without a vertex chosen, the shape moves"


def test_a_nudge_that_would_break_the_outline_is_refused(desk):
    sharp = a_shape("sharp", [(300, 600), (304, 600), (304, 700), (300, 700)])
    desk.annotation = type(desk.annotation)("film.png", (900, 700), (sharp,))
    desk.show()
    desk.select("sharp")
    desk.key(Qt.Key.Key_Period)
    desk.key(Qt.Key.Key_Right)
    assert desk.requests == []
    assert "cross itself" in desk.said[-1]


def test_a_double_click_asks_for_another_label(desk):
    desk.double_click((290, 390))
    assert desk.relabels == [frozenset({"inner"})]
    assert desk.requests == []


def test_a_film_for_reading_only_keeps_its_shapes(desk):
    desk.comparison.set_read_only(True)
    desk.select("outer")
    desk.drag((200, 300), (230, 330), (240, 340))
    desk.drag((290, 450), (300, 460))
    desk.key(Qt.Key.Key_Left)
    desk.key(Qt.Key.Key_Backspace)
    desk.double_click((220, 320))
    assert desk.requests == desk.relabels == []
    assert any("reading only" in text for text in desk.said)
    desk.click((290, 390))
    assert desk.selection == {"inner"}, "looking is allowed"


def test_a_models_shape_is_selected_but_never_moved(qt_app):
    guess = DrawnShape(box("guess", 300, 200, 500, 350), Side.MODEL, caption="L1 0.9")
    with a_desk(ASIDE, model=(guess,)) as desk:
        desk.click((350, 250))
        assert desk.selection == {"guess"}
        assert desk.scene.overlay.handles(1.0) is None
        desk.drag((350, 250), (380, 280), (400, 300))
        desk.drag((300, 200), (310, 210), (320, 220))
        desk.key(Qt.Key.Key_Left)
        assert desk.requests == []


def test_shapes_of_either_view_are_selected_where_there_are_two(qt_app):
    guess = DrawnShape(box("guess", 300, 400, 400, 500), Side.MODEL)
    with a_desk(OUTER, model=(guess,), mode=ViewMode.SIDE_BY_SIDE) as desk:
        desk.click((250, 350))
        assert desk.selection == {"outer"}
        desk.comparison.select(frozenset({"guess"}))
        desk.key(Qt.Key.Key_Left)
        assert desk.requests == []


def test_a_drag_survives_that_its_shape_is_taken_away(desk):
    desk.select("aside")
    desk.drag((450, 300), (440, 290), release=False)
    desk.comparison.show_shapes((), ())
    desk.move((430, 280), LEFT)
    desk.release((430, 280))
    QApplication.processEvents()
    assert desk.requests == []


def test_hints_say_what_a_click_does(desk):
    assert "Click selects a shape" in desk.comparison.hint
    desk.click((220, 320))
    assert "Alt+click" in desk.comparison.hint
    desk.drag((200, 300), (230, 330), release=False)
    assert "Esc cancels" in desk.comparison.hint
