"""What a reader does counts where it was meant: labels, keys while drawing, undo, hidden shapes, comments, windows."""

import shutil

import cv2
import numpy as np
import pytest
from opened_window import FIRST, PATIENCE, SECOND, arrived, copy_samples, go_to, opened_window
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from qt import settle, wait_until

from engine.domain.case import ReviewStatus
from engine.domain.decisions import film_review, six_points
from engine.films import Display
from engine.formats.labelme import read_labelme
from engine.resources import samples_dir
from vcfviewer.actions.closing import open_paths
from vcfviewer.actions.labelme import take_when_shown
from vcfviewer.canvas.values import Side, ToolName
from vcfviewer.panels.dialogs.comment_dialog import CommentDialog


@pytest.fixture
def films(tmp_path):
    return copy_samples(tmp_path / "films")


@pytest.fixture
def window(tmp_path, films):
    with opened_window(tmp_path, films) as window:
        go_to(window, FIRST)
        yield window


def press(window, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(window, key, modifiers)
    settle()


def click(window, *points):
    """Click points (x, y) of the film on the expert's side."""
    view = window.comparison.view(Side.EXPERT)
    for x, y in points:
        at = view.placement.to_view(x, y)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(round(at[0]), round(at[1])))
        settle()


def draw(window, x=100.0, y=100.0):
    window.bar.action("polygon").trigger()
    click(window, (x, y), (x + 60, y), (x + 60, y + 50))


def shapes(window):
    return window.session.document.annotation.shapes


def status_of(window):
    return film_review(window.session.document.annotation).status


def hides(window):
    return window.comparison.scene(Side.EXPERT)._hidden


def choose(window, label):
    window.relabel.chosen.emit(label)
    settle()


def test_every_new_outline_asks_for_its_own_label(window):
    before = len(shapes(window))
    draw(window)
    press(window, Qt.Key.Key_Return)
    assert window.relabel.isVisible()
    window.relabel.hide()
    choose(window, "T12")
    assert [shape.label for shape in shapes(window)[before:]] == ["T12"]
    draw(window, 300)
    press(window, Qt.Key.Key_Return)
    assert window.relabel.isVisible()
    assert len(shapes(window)) == before + 1


def test_a_label_that_was_asked_for_on_another_film_is_given_to_none(window, films):
    window.comparison.select(frozenset((shapes(window)[0].id,)))
    window.bar.action("relabel").trigger()
    window.relabel.hide()
    go_to(window, SECOND)
    window.comparison.select(frozenset((shapes(window)[0].id,)))
    before = shapes(window)
    choose(window, "L5")
    assert shapes(window) == before


def test_a_level_key_closes_the_outline_being_drawn_and_leaves_the_selected_shape(window):
    selected = shapes(window)[0]
    window.comparison.select(frozenset((selected.id,)))
    before = len(shapes(window))
    draw(window)
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    press(window, Qt.Key.Key_Delete)
    assert len(shapes(window)) == before
    click(window, (160, 100), (160, 150))
    press(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert shapes(window)[0].label == selected.label
    assert [shape.label for shape in shapes(window)[before:]] == ["L3"]


def test_points_begun_on_one_vertebra_are_never_another_ones(window):
    one, other = shapes(window)[:2]
    corners = [(100, 100), (130, 100), (160, 100), (100, 150), (130, 150), (160, 150)]
    window.bar.action("six_points").trigger()
    window.comparison.select(frozenset((one.id,)))
    click(window, *corners[:4])
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    window.comparison.select(frozenset((other.id,)))
    click(window, *corners[3:])
    assert other.id not in six_points(window.session.document.annotation)
    click(window, *corners[:3])
    assert list(six_points(window.session.document.annotation)) == [other.id]
    assert window.comparison.tool is ToolName.SIX_POINTS


@pytest.mark.parametrize("at_once", [True, False])
def test_undo_right_after_a_film_was_finished_takes_that_back(window, films, at_once):
    told = []
    window.statusBar().messageChanged.connect(told.append)
    go_to(window, SECOND)
    window.comparison.select(frozenset((shapes(window)[0].id,)))
    window.comparison.nudge(9, 0)
    moved = shapes(window)
    go_to(window, FIRST)
    window.bar.action("reviewed").trigger()
    if at_once:
        assert window.session.deciding.awaited  # The next film, which is still being read.
    else:
        wait_until(lambda: window.session.case.key != FIRST, PATIENCE, "the next film")
        settle()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    arrived(window, FIRST)
    wait_until(lambda: status_of(window) is ReviewStatus.UNREAD, PATIENCE, "the film to be unread again")
    assert any(text.startswith("Undone: ") and FIRST in text for text in told)
    go_to(window, SECOND)
    assert shapes(window) == moved


def test_hidden_shapes_are_told_stay_hidden_behind_a_held_key_and_come_back_with_an_edit(window):
    told = []
    window.statusBar().messageChanged.connect(told.append)
    action = window.bar.action("toggle_shapes")
    action.trigger()
    assert (hides(window), action.isChecked()) == (True, True)
    assert any("T shows them again" in text for text in told)
    QTest.keyPress(window, Qt.Key.Key_H)
    QTest.keyRelease(window, Qt.Key.Key_H)
    assert hides(window)
    window.comparison.select(frozenset((shapes(window)[0].id,)))
    window.comparison.nudge(3, 0)
    assert (hides(window), window.desk.shapes_hidden) == (False, False)


def test_a_refused_stroke_says_why_for_as_long_as_nothing_else_is_done(window):
    window.bar.action("brush_add").trigger()
    window.comparison.select(frozenset((shapes(window)[0].id,)))
    x0, y0 = shapes(window)[0].polygon.bounds[:2]
    click(window, (x0 / 3, y0 / 3))
    assert "doesn't touch the shape" in window.statusBar().currentMessage()


def test_a_comment_that_is_being_typed_goes_with_its_film_when_another_folder_is_opened(window, films, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copyfile(samples_dir() / FIRST, other / FIRST)
    window.decisions.film._comment.setText("seen with Dr. B")
    open_paths(window.desk, [other])
    wait_until(lambda: window.session.folder.listing.root == other, PATIENCE, "the other folder")
    wait_until(lambda: "seen with Dr. B" in (films / FIRST).with_suffix(".json").read_text(), PATIENCE, "the comment")
    arrived(window, FIRST)
    assert film_review(window.session.document.annotation).comment == ""


def test_a_window_set_on_one_film_is_not_that_of_another_folders_film_of_the_same_name(window, tmp_path):
    window.comparison.view(Side.EXPERT).display_changed.emit(Display("mine", 100.0, 30.0))
    other = tmp_path / "other"
    other.mkdir()
    grey = cv2.imread(str(samples_dir() / FIRST), cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(str(other / FIRST), grey.astype(np.uint16) * 200)
    open_paths(window.desk, [other])
    wait_until(lambda: window.session.folder.listing.root == other, PATIENCE, "the other folder")
    arrived(window, FIRST)
    assert window.comparison.view(Side.EXPERT).display.width > 1000


def test_no_film_is_opened_behind_a_dialog_that_asks_about_this_one(window, films):
    place, mine = window.desk.place, window.session.document.annotation
    go_to(window, SECOND)
    window.bar.action("comment").trigger()
    dialog = window.findChild(CommentDialog)
    window.desk.when_free(lambda: take_when_shown(window.desk, place, mine, mine))
    QTest.qWait(600)
    assert window.session.case.key == SECOND
    dialog.chosen.emit("of the second film", False)
    dialog.close()
    arrived(window, FIRST)
    wait_until(lambda: "of the second" in (films / SECOND).with_suffix(".json").read_text(), PATIENCE, "the comment")
    assert film_review(read_labelme(films / SECOND.replace("png", "json"))).comment == "of the second film"


def test_a_first_read_that_was_committed_cannot_be_taken_back_and_done_again(tmp_path, films):
    told = []
    with opened_window(tmp_path, films, blind_first_read=True) as window:
        go_to(window, FIRST)
        window.statusBar().messageChanged.connect(told.append)
        window.bar.action("commit_read").trigger()
        settle()
        press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert film_review(window.session.document.annotation).blind
        assert any("undo ends here" in text for text in told)
        window.comparison.select(frozenset((shapes(window)[0].id,)))
        before = shapes(window)
        window.comparison.nudge(4, 0)
        press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert shapes(window) == before
