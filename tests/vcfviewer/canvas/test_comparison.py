"""Two linked views, their shapes and one tool, through the calls and signals that the window uses."""

import dataclasses
import gc
import weakref
from pathlib import Path

import numpy as np
import pytest
from canvas_parts import WINDOW, a_film, drag, greys, heard, move, wheel
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from qt import settle, wait_until

from engine.domain.annotation import Annotation, Shape
from engine.domain.case import NOTICE
from engine.domain.matching import MatchKind
from engine.domain.morphometry import Facing
from engine.domain.polygon import Polygon
from engine.films import Display
from engine.films.display import default_display
from vcfviewer.canvas.comparison import Comparison
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.values import DrawnShape, EditRequest, Side, ToolName, ViewMode, ViewState

Left, Middle, Right = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton


def square(name, x, y, size=60):
    points = np.array([(x, y), (x + size, y), (x + size, y + size), (x, y + size)], float)
    return Shape(name, "L1", Polygon(points))


EXPERT = DrawnShape(square("expert", 300, 400), Side.EXPERT, MatchKind.AGREES, "L1", editable=True)
MODEL = DrawnShape(square("model", 310, 405), Side.MODEL, MatchKind.AGREES, "L1 0.93")


@pytest.fixture
def comparison(qt_app):
    comparison = Comparison()
    comparison.resize(802, 300)
    comparison.show()
    comparison.show_film(a_film(), WINDOW)
    comparison.show_shapes((EXPERT,), (MODEL,))
    wait_until(lambda: comparison.view(Side.MODEL).width() == 400)
    yield comparison
    comparison.show_film(None)


@pytest.fixture
def views(comparison):
    return comparison.view(Side.EXPERT), comparison.view(Side.MODEL)


def ids(view):
    return {item.drawn.shape.id for item in view.scene().shape_items}


class TestLinking:
    def test_both_views_show_the_same_part_after_every_way_of_moving(self, comparison, views):
        expert, model = views
        told = heard(comparison.view_changed)
        ways = (
            lambda: wheel(expert.viewport(), (100, 50), angle=(0, 240)),
            lambda: wheel(model.viewport(), (300, 250), angle=(0, -120)),
            lambda: drag(model.viewport(), Middle, (200, 150), (150, 120)),
            lambda: comparison.frame((300, 400, 370, 465)),
            comparison.rotate,
            comparison.flip,
            lambda: comparison.zoom(1.7),
            comparison.one_to_one,
            comparison.fit_width,
            comparison.fit,
        )
        for at, way in enumerate(ways):
            before = comparison.view_state
            way()
            assert expert.state == model.state == comparison.view_state == told[-1]
            assert comparison.view_state != before, at

    def test_both_views_show_the_same_window_after_every_way_of_changing_it(self, comparison, views):
        expert, model = views
        told = heard(comparison.display_changed)
        ways = (
            lambda: drag(expert.viewport(), Right, (100, 50), (160, 90)),
            lambda: drag(model.viewport(), Right, (100, 50), (60, 20)),
            comparison.invert,
            comparison.auto_display,
            comparison.auto_display_of_view,
        )
        for way in ways:
            before = comparison.display
            way()
            assert expert.display == model.display == comparison.display == told[-1]
            assert comparison.display != before
        comparison.reset_display()
        assert comparison.display == default_display(comparison.film)
        comparison.set_display(WINDOW)
        assert expert.display == model.display == WINDOW
        assert told[-1] != WINDOW

    def test_reset_goes_back_to_what_the_file_offers(self, comparison):
        offered = Display("BONE", 1000.0, 400.0, inverted=True)
        comparison.show_film(a_film(displays=(offered,)))
        assert comparison.display == offered
        comparison.invert()
        comparison.reset_display()
        assert comparison.display == offered

    def test_the_two_views_show_the_same_pixels(self, comparison, views):
        comparison.hide_shapes(True)
        for view in views:
            view.set_marks(dataclasses.replace(view.marks, caption="", notice=""))
        comparison.frame((300, 400, 370, 465))
        assert np.array_equal(greys(views[0].viewport()), greys(views[1].viewport()))

    def test_a_fitted_film_stays_fitted_in_both_when_the_window_is_resized(self, comparison, views):
        comparison.resize(1202, 600)
        wait_until(lambda: views[1].width() == 600)
        assert views[0].state == views[1].state == ViewState((350.0, 450.0), 600 / 900)

    def test_a_state_kept_for_a_film_is_shown_again(self, comparison, views):
        kept = ViewState((200.0, 300.0), 2.5, 1, True)
        comparison.show_film(a_film(seed=9), WINDOW)
        comparison.set_view_state(kept)
        assert views[0].state == views[1].state == kept

    def test_a_prepared_film_is_taken_and_shared_by_both_views(self, comparison, views):
        film = a_film(seed=11)
        prepared = ShownFilm.of(film)
        comparison.show_film(film, WINDOW, prepared)
        assert views[0].shown_film is views[1].shown_film is prepared
        comparison.show_film(a_film(seed=12), WINDOW, prepared)
        assert views[0].shown_film is views[1].shown_film is not prepared

    def test_the_pointer_is_told_from_either_view(self, comparison, views):
        told = heard(comparison.pointer)
        comparison.set_view_state(ViewState((350.0, 450.0), 2.0))
        for view in views:
            move(view.viewport(), (200, 150))
            assert (told[-1].x, told[-1].y) == pytest.approx((350, 450))
            assert told[-1].grey == comparison.film.pixels[450, 350]
        wheel(views[1].viewport(), (200, 150), angle=(0, -240), held=Qt.KeyboardModifier.ShiftModifier)
        assert (told[-1].x, told[-1].y) == pytest.approx((410, 450))

    def test_a_right_click_in_either_view_asks_for_the_menu(self, comparison, views):
        asked = heard(comparison.menu_asked)
        QTest.mouseClick(views[1].viewport(), Right, Qt.KeyboardModifier.NoModifier, QPoint(40, 50))
        assert asked == [views[1].viewport().mapToGlobal(QPoint(40, 50))]

    def test_the_magnifier_is_held_over_the_same_place_of_both_views(self, comparison, views):
        move(views[0].viewport(), (200, 150))
        comparison.magnify(True)
        move(views[0].viewport(), (210, 140))
        loupes = [view._loupe for view in views]
        assert [loupe.isVisible() for loupe in loupes] == [True, True]
        assert loupes[0].state.center == loupes[1].state.center == pytest.approx(views[0].placement.to_film(210, 140))
        comparison.magnify(False)
        assert not any(loupe.isVisible() for loupe in loupes)
        move(views[0].viewport(), (220, 140))
        assert not any(loupe.isVisible() for loupe in loupes)


class TestShapes:
    def test_the_experts_are_left_and_the_models_right(self, views):
        assert [ids(view) for view in views] == [{"expert"}, {"model"}]

    def test_one_view_shows_both(self, comparison, views):
        comparison.set_mode(ViewMode.OVERLAY)
        settle()
        assert ids(views[0]) == {"expert", "model"}
        assert not views[1].isVisible()
        assert views[0].width() == 802
        comparison.show_other_side(True)
        assert ids(views[0]) == {"model"}
        comparison.show_other_side(False)
        comparison.set_mode(ViewMode.SIDE_BY_SIDE)
        settle()
        assert [ids(view) for view in views] == [{"expert"}, {"model"}]
        assert views[1].isVisible()

    def test_the_other_side_is_shown_while_it_is_held(self, comparison, views):
        comparison.show_other_side(True)
        assert [ids(view) for view in views] == [{"model"}, {"expert"}]
        comparison.show_other_side(False)
        assert [ids(view) for view in views] == [{"expert"}, {"model"}]

    def test_shapes_are_hidden_while_it_is_held(self, comparison, views):
        comparison.frame((300, 400, 370, 465))
        with_shapes = [view.viewport().grab().toImage() for view in views]
        comparison.hide_shapes(True)
        assert all(view.viewport().grab().toImage() != seen for view, seen in zip(views, with_shapes, strict=True))
        comparison.hide_shapes(False)
        assert [view.viewport().grab().toImage() for view in views] == with_shapes

    def test_another_film_comes_without_the_last_ones_shapes(self, comparison, views):
        comparison.select(frozenset({"expert"}))
        comparison.show_film(a_film(seed=7), WINDOW)
        assert [ids(view) for view in views] == [set(), set()]
        assert comparison.selection == frozenset()

    @pytest.mark.parametrize("mode", list(ViewMode))
    @pytest.mark.parametrize("other", [False, True])
    def test_the_notice_stands_wherever_a_prediction_is_shown(self, comparison, views, mode, other):
        comparison.set_mode(mode)
        comparison.show_other_side(other)
        for view in views:
            if "model" in ids(view):
                assert view.marks.notice == NOTICE
                assert "Model" in view.marks.caption or "model" in view.marks.caption
            if ids(view) == {"expert"}:
                assert view.marks.caption == "Expert"

    def test_the_side_of_anterior_is_marked_in_both(self, comparison, views):
        comparison.set_facing(Facing.LEFT)
        assert [view.marks.facing for view in views] == [Facing.LEFT, Facing.LEFT]
        comparison.set_facing(None)
        assert [view.marks.facing for view in views] == [None, None]


class TestTools:
    def test_a_click_on_a_shape_selects_it_and_tells_the_window(self, comparison, views):
        told = heard(comparison.selection_changed)
        comparison.frame((300, 400, 360, 460))
        at = views[0].placement.to_view(330, 430)
        QTest.mouseClick(views[0].viewport(), Left, Qt.KeyboardModifier.NoModifier, QPoint(*map(round, at)))
        assert told == [frozenset({"expert"})]
        assert comparison.selection == frozenset({"expert"})
        comparison.select(frozenset({"model"}))
        assert len(told) == 1
        assert comparison.selection == frozenset({"model"})

    def test_dragging_a_vertex_asks_for_one_edit(self, comparison, views):
        asked, previews = heard(comparison.edit_asked), heard(comparison.preview)
        comparison.select(frozenset({"expert"}))
        comparison.frame((300, 400, 360, 460))
        views[0].viewport().grab()
        start = tuple(map(round, views[0].placement.to_view(360, 460)))
        drag(views[0].viewport(), Left, start, (start[0] + 9, start[1] + 9), (start[0] + 20, start[1] + 20))
        assert len(asked) == 1
        after = asked[0].apply(Annotation("film.png", (900, 700), (EXPERT.shape,)))
        moved = after.shapes[0].polygon.points[2]
        assert np.abs(moved - np.array(views[0].placement.to_film(start[0] + 20, start[1] + 20))).max() < 2
        assert previews[-1] is None
        assert previews[0][0] == "expert"

    def test_nothing_is_asked_for_while_the_film_is_open_for_reading_only(self, comparison):
        asked = heard(comparison.edit_asked)
        comparison.select(frozenset({"expert"}))
        comparison.set_read_only(True)
        comparison.nudge(1, 0)
        comparison._bench.ask_edit(EditRequest("anything", lambda annotation: annotation))
        assert asked == []
        comparison.set_read_only(False)
        assert comparison.nudge(1, 0)
        assert len(asked) == 1

    def test_a_nudge_goes_where_it_looks_to_go(self, comparison):
        asked = heard(comparison.edit_asked)
        comparison.select(frozenset({"expert"}))
        comparison.rotate()
        comparison.nudge(2, 0)
        after = asked[0].apply(Annotation("film.png", (900, 700), (EXPERT.shape,)))
        moved = after.shapes[0].polygon.points - EXPERT.shape.polygon.points
        # Turned clockwise by a quarter, what is up in the film is to the right on the screen.
        assert moved == pytest.approx(np.tile((0.0, -2.0), (4, 1)))

    @pytest.mark.parametrize("name", list(ToolName))
    def test_every_tool_can_be_taken_in_hand_says_what_it_does_and_is_told(self, comparison, name):
        comparison.set_tool(ToolName.SELECT if name is not ToolName.SELECT else ToolName.PAN)
        told, hints = heard(comparison.tool_changed), heard(comparison.status)
        comparison.set_tool(name)
        assert told == [name]
        assert comparison.tool is name
        assert hints == [comparison.hint]
        assert comparison.hint

    def test_escape_in_the_view_drops_what_is_being_drawn(self, comparison, views):
        comparison.set_tool(ToolName.POLYGON)
        for at in ((100, 100), (150, 100)):
            QTest.mouseClick(views[0].viewport(), Left, Qt.KeyboardModifier.NoModifier, QPoint(*at))
        QTest.keyClick(views[0], Qt.Key.Key_Escape)
        assert not comparison.cancel_drawing()

    def test_a_polygon_drawn_is_asked_for_under_its_label(self, comparison, views):
        asked = heard(comparison.edit_asked)
        comparison.set_label_for_new("T12")
        comparison.set_tool(ToolName.POLYGON)
        comparison.one_to_one()
        for at in ((100, 100), (150, 100), (150, 160)):
            QTest.mouseClick(views[0].viewport(), Left, Qt.KeyboardModifier.NoModifier, QPoint(*at))
        assert comparison.finish_drawing()
        after = asked[0].apply(Annotation("film.png", (900, 700)))
        assert [shape.label for shape in after.shapes] == ["T12"]

    def test_lengths_are_in_millimetres_where_the_spacing_is_known(self, comparison, views):
        told = heard(comparison.measured)
        comparison.one_to_one()
        comparison.set_tool(ToolName.LENGTH)
        comparison.set_spacing(0.2, 0.2, "mm (detector plane)")
        drag(views[0].viewport(), Left, (100, 100), (150, 100), (200, 100))
        assert "20.0" in told[-1]
        assert "mm" in told[-1]
        comparison.set_spacing(None, None)
        drag(views[0].viewport(), Left, (100, 200), (150, 200), (200, 200))
        assert "px" in told[-1]

    def test_the_brush_tells_its_radius(self, comparison):
        told = heard(comparison.brush_changed)
        comparison.set_brush_radius(7.5)
        comparison.set_brush_radius(0)
        assert told == [7.5, 0.5]

    def test_every_control_is_named_and_reached_by_the_keyboard(self, comparison, views):
        for view in views:
            assert view.accessibleName()
            assert view.focusPolicy() & Qt.FocusPolicy.TabFocus
        comparison.activateWindow()
        comparison.setFocus()
        wait_until(views[0].hasFocus)
        QTest.keyClick(views[0], Qt.Key.Key_Tab)
        assert views[1].hasFocus()
        QTest.keyClick(views[1], Qt.Key.Key_Backtab)
        assert views[0].hasFocus()


class TestMemory:
    def test_a_film_that_was_left_is_let_go(self, comparison):
        last = weakref.ref(comparison.film.pixels)
        comparison.magnify(True)
        comparison.show_film(a_film(seed=8), WINDOW)
        gc.collect()
        assert last() is None

    def test_fifty_films_take_no_more_than_one(self, comparison, views):
        status = Path("/proc/self/statm")
        taken = []
        for seed in range(50):
            pixels = np.full((3000, 2400), seed * 100, np.uint16)
            comparison.show_film(dataclasses.replace(a_film(8, 8), pixels=pixels), WINDOW)
            comparison.one_to_one()
            comparison.invert()
            for view in views:
                view.viewport().grab()
            if status.exists():
                taken.append(int(status.read_text().split()[1]) * 4096 / 2**20)
        # One film with its levels is 18 MiB: one that was kept would show, fifty even more.
        assert not taken or max(taken[25:]) - max(taken[5:10]) < 18
