"""The mouse and the keys over a view, what is written on it, and the loupe."""

import dataclasses

import numpy as np
import pytest
from canvas_parts import ORIENTATIONS, WINDOW, a_film, drag, film_at, greys, heard, move, opened_view
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFocusEvent, QPen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from qt import settle

from engine.domain.morphometry import Facing
from engine.films import Display
from engine.films.display import render
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.marks import Marks, anterior_direction
from vcfviewer.canvas.values import Side, ToolName, ViewState

Left, Middle, Right = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton


@pytest.fixture
def view(qt_app):
    with opened_view() as view:
        yield view


class Pen:
    """A tool that notes what it is sent."""

    name = ToolName.POLYGON
    hint = "draws"
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self):
        self.got = []

    def press(self, event):
        self.got.append(("press", event))

    def move(self, event):
        self.got.append(("move", event))

    def release(self, event):
        self.got.append(("release", event))

    def double_click(self, event):
        self.got.append(("double click", event))

    def key(self, event):
        self.got.append(("key", event))
        return event.key == Qt.Key.Key_Q

    def nudge(self, dx, dy):
        return False

    def delete_vertices(self):
        return False

    def finish(self):
        self.got.append(("finish", None))
        return True

    def cancel(self):
        self.got.append(("cancel", None))
        return True

    @property
    def did(self):
        return [what for what, _ in self.got]


@pytest.fixture
def pen(view):
    pen = Pen()
    view.set_tool(ToolName.POLYGON, pen)
    return pen


class TestMouse:
    @pytest.mark.parametrize("button", [Middle, Left])
    def test_the_middle_button_pans_in_every_tool_and_so_does_space_with_the_left(self, view, pen, button):
        view.one_to_one()
        if button is Left:
            QTest.keyPress(view, Qt.Key.Key_Space)
        drag(view.viewport(), button, (200, 150), (190, 160), (150, 170))
        QTest.keyRelease(view, Qt.Key.Key_Space)
        assert view.state == ViewState((400.0, 430.0), 1.0)
        assert pen.did == []
        drag(view.viewport(), Left, (200, 150), (190, 160))
        assert pen.did == ["press", "move", "release"]

    def test_the_right_button_windows_in_every_tool(self, view, pen):
        changes = heard(view.display_changed)
        drag(view.viewport(), Right, (200, 150), (260, 150), (300, 150), (300, 100))
        assert pen.did == []
        assert changes[-1] == view.display
        assert view.display.width > WINDOW.width
        assert view.display.center < WINDOW.center

    def test_a_window_drag_that_comes_back_leaves_the_window_as_it_was(self, view):
        drag(view.viewport(), Right, (200, 150), (300, 20), (200, 150))
        assert (view.display.center, view.display.width) == pytest.approx((WINDOW.center, WINDOW.width))

    def test_a_right_click_asks_for_the_menu_and_windows_nothing(self, view):
        asked, changes = heard(view.menu_asked), heard(view.display_changed)
        QTest.mouseClick(view.viewport(), Right, Qt.KeyboardModifier.NoModifier, QPoint(40, 50))
        assert asked == [view.viewport().mapToGlobal(QPoint(40, 50))]
        drag(view.viewport(), Right, (40, 50), (42, 51))
        assert (len(asked), len(changes)) == (2, 0)
        drag(view.viewport(), Right, (40, 50), (140, 50))
        assert len(asked) == 2
        assert len(changes) == 1

    def test_pan_and_window_are_tools_of_the_left_button_too(self, view):
        view.one_to_one()
        view.set_tool(ToolName.PAN)
        drag(view.viewport(), Left, (200, 150), (190, 150))
        assert view.state.center == (360.0, 450.0)
        view.set_tool(ToolName.WINDOW)
        drag(view.viewport(), Left, (200, 150), (250, 150))
        assert view.display.width > WINDOW.width
        assert view.state.center == (360.0, 450.0)

    @pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS)
    def test_a_tool_hears_where_on_the_film_the_mouse_is(self, view, pen, turns, flip):
        view.set_view_state(ViewState((350.0, 450.0), 2.0, turns, flip))
        drag(view.viewport(), Left, (220, 130), (240, 130), held=Qt.KeyboardModifier.ShiftModifier)
        press = pen.got[0][1]
        assert (press.x, press.y) == pytest.approx(film_at(view, 220, 130))
        assert (press.scale, press.side, press.button) == (2.0, Side.EXPERT, Left)
        assert press.modifiers == Qt.KeyboardModifier.ShiftModifier
        release = pen.got[-1][1]
        assert np.hypot(release.x - press.x, release.y - press.y) == pytest.approx(10)

    def test_a_double_click_is_told_as_one(self, view, pen):
        for act in (QTest.mouseClick, QTest.mouseDClick, QTest.mouseRelease):
            act(view.viewport(), Left, Qt.KeyboardModifier.NoModifier, QPoint(40, 50))
        assert pen.did == ["press", "release", "double click", "release"]

    def test_windowing_in_the_middle_of_a_tools_drag_disturbs_it_not(self, view, pen):
        drag(view.viewport(), Left, (100, 100), (110, 100), release=False)
        drag(view.viewport(), Right, (110, 100), (180, 100))
        QTest.mouseRelease(view.viewport(), Left, Qt.KeyboardModifier.NoModifier, QPoint(180, 100))
        assert pen.did == ["press", "move", "release"]
        assert view.display.width > WINDOW.width

    def test_a_drag_that_began_on_another_film_ends_with_it(self, view, pen):
        drag(view.viewport(), Left, (100, 100), (110, 100), release=False)
        view.show_film(ShownFilm.of(a_film(seed=6)), WINDOW)
        QTest.mouseRelease(view.viewport(), Left, Qt.KeyboardModifier.NoModifier, QPoint(110, 100))
        assert pen.did == ["press", "move"]
        drag(view.viewport(), Middle, (100, 100), (110, 100), release=False)
        view.show_film(ShownFilm.of(a_film(seed=7)), WINDOW)
        before = view.state
        move(view.viewport(), (150, 150), Middle)
        assert view.state == before

    def test_keys_go_to_the_tool_and_on_to_the_window_where_it_has_no_use_for_them(self, view, pen):
        used = heard(view.tool_used)
        QTest.keyClick(view, Qt.Key.Key_Q)
        QTest.keyClick(view, Qt.Key.Key_Escape)
        QTest.keyClick(view, Qt.Key.Key_Return)
        assert pen.did == ["key", "cancel", "finish"]
        assert len(used) == 3

    def test_the_cursor_tells_what_the_left_button_does(self, view, pen):
        assert view.viewport().cursor().shape() is Qt.CursorShape.CrossCursor
        QTest.keyPress(view, Qt.Key.Key_Space)
        assert view.viewport().cursor().shape() is Qt.CursorShape.OpenHandCursor
        drag(view.viewport(), Left, (100, 100), (110, 100), release=False)
        assert view.viewport().cursor().shape() is Qt.CursorShape.ClosedHandCursor
        QTest.mouseRelease(view.viewport(), Left, Qt.KeyboardModifier.NoModifier, QPoint(110, 100))
        QTest.keyRelease(view, Qt.Key.Key_Space)
        assert view.viewport().cursor().shape() is Qt.CursorShape.CrossCursor

    @pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS)
    def test_the_pointer_tells_position_and_grey_value(self, view, turns, flip):
        told = heard(view.pointer_moved)
        view.set_view_state(ViewState((350.0, 450.0), 2.0, turns, flip))
        move(view.viewport(), (220, 131))
        pointer = told[-1]
        assert (pointer.x, pointer.y) == pytest.approx(film_at(view, 220, 131))
        assert pointer.grey == view.shown_film.film.pixels[int(pointer.y), int(pointer.x)]

    def test_beside_the_film_there_is_no_grey_value(self, view):
        told = heard(view.pointer_moved)
        move(view.viewport(), (1, 150))
        assert told[-1].x < 0
        assert told[-1].grey is None


class TestMarks:
    @pytest.mark.parametrize(
        ("facing", "state", "towards"),
        [
            (Facing.LEFT, ViewState((0, 0), 1), (-1, 0)),
            (Facing.RIGHT, ViewState((0, 0), 1), (1, 0)),
            (Facing.LEFT, ViewState((0, 0), 1, flipped=True), (1, 0)),
            (Facing.LEFT, ViewState((0, 0), 1, 1), (0, -1)),
            (Facing.LEFT, ViewState((0, 0), 1, 3), (0, 1)),
            (Facing.RIGHT, ViewState((0, 0), 1, 2, True), (1, 0)),
        ],
    )
    def test_anterior_lies_where_the_display_turned_it(self, facing, state, towards):
        assert anterior_direction(facing, state) == towards

    def test_marks_are_drawn_where_they_belong_and_nowhere_else(self, view):
        view.one_to_one()
        plain = greys(view.viewport()).astype(int)

        def changed(**marks):
            view.set_marks(Marks(**marks))
            rows, columns = np.nonzero(greys(view.viewport()) != plain)
            return (columns.min(), rows.min(), columns.max(), rows.max()) if len(rows) else None

        assert changed() is None
        left, top, right, bottom = changed(facing=Facing.LEFT)
        assert max(right, bottom) < 100
        left, top, right, bottom = changed(caption="Expert")
        assert (left > 100, right < 300, bottom < 60) == (True, True, True)
        left, top, right, bottom = changed(notice="Research use only, not for diagnosis.")
        assert top > 240

    def test_the_mark_turns_with_the_display(self, view):
        black = dataclasses.replace(a_film(), pixels=np.zeros((900, 700), np.uint16))
        view.show_film(ShownFilm.of(black), WINDOW)
        view.set_marks(Marks(facing=Facing.LEFT))
        pictures = []
        for _ in range(4):
            pictures.append(greys(view.viewport())[:100, :100].tobytes())
            view.turn()
        assert len(set(pictures)) == 4
        view.flip()
        # Flipped, anterior is where a half turn put it.
        assert greys(view.viewport())[:100, :100].tobytes() == pictures[2]

    def test_the_view_shows_where_the_keyboard_is(self, view):
        view.one_to_one()
        plain = greys(view.viewport())
        for reason, ringed in ((Qt.FocusReason.TabFocusReason, True), (Qt.FocusReason.MouseFocusReason, False)):
            QApplication.sendEvent(view, QFocusEvent(QFocusEvent.Type.FocusIn, reason))
            edge = view.viewport().grab().toImage().pixelColor(0, 100)
            assert (edge == view.palette().highlight().color()) is ringed
        QApplication.sendEvent(view, QFocusEvent(QFocusEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
        assert np.array_equal(greys(view.viewport()), plain)


class TestLoupe:
    def test_it_shows_the_film_at_twice_the_scale_around_the_pointer(self, view):
        view.set_view_state(ViewState((350.0, 450.0), 5.0))
        view.set_loupe((355.0, 448.0))
        settle()
        # The loupe's middle lies on what it magnifies: there each film pixel is a square of 10 x 10.
        grey = render(view.shown_film.film.pixels, WINDOW)
        seen = greys(view.viewport())
        assert np.array_equal(seen[160:220, 245:305], grey[450:456, 357:363].repeat(10, 0).repeat(10, 1))

    def test_it_shows_shapes(self, view):
        view.set_view_state(ViewState((350.0, 450.0), 1.0))
        view.scene().addRect(330, 430, 40, 40, QPen(Qt.PenStyle.NoPen), Qt.GlobalColor.white)
        view.set_loupe((350.0, 450.0))
        settle()
        seen = greys(view.viewport())
        assert (seen[115:125, 165:235] == 255).all()
        assert not (seen[105:109, 165:235] == 255).all()

    def test_it_is_round_and_lets_the_mouse_through(self, view, pen):
        view.set_view_state(ViewState((350.0, 450.0), 1.0))
        view.set_loupe((350.0, 450.0))
        settle()
        assert not view._loupe.mask().contains(QPoint(2, 2))
        QTest.mouseClick(view.viewport(), Left, Qt.KeyboardModifier.NoModifier, QPoint(200, 150))
        assert pen.did == ["press", "release"]

    def test_it_follows_the_window(self, view):
        view.set_loupe((350.0, 450.0))
        display = Display("other", 1000.0, 300.0)
        view.set_display(display)
        assert view._loupe.display == display

    def test_put_away_it_holds_nothing(self, view):
        view.set_loupe((350.0, 450.0))
        view.set_loupe(None)
        assert not view._loupe.isVisible()
        assert view._loupe.shown_film is None
        assert view._loupe.scene() is None
        view.set_loupe((350.0, 450.0))
        view.show_film(None, None)
        assert view._loupe.shown_film is None
