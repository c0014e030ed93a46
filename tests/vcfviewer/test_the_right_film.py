"""What is decided lands on the film it was meant for, whatever else is on its way, and no film is lost hold of."""

import shutil
import threading

import pytest
from opened_window import BARE, FIRST, SECOND, copy_samples, go_to, opened_window
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from qt import settle, wait_until

from engine.domain import edits
from engine.domain.case import ReviewStatus
from engine.domain.decisions import film_review
from engine.formats.labelme import read_labelme
from engine.store import FolderStore
from vcfviewer.actions import conflicts
from vcfviewer.actions.labelme import take_when_shown
from vcfviewer.jobs import Lane
from vcfviewer.panels.dialogs.conflict_dialog import ConflictAnswer, ConflictDialog


@pytest.fixture
def films(tmp_path):
    return copy_samples(tmp_path / "films")


@pytest.fixture
def window(tmp_path, films):
    with opened_window(tmp_path, films) as window:
        go_to(window, FIRST)
        yield window


@pytest.fixture
def slow_disk(window):
    """Films take until this is set to be read."""
    go_on = threading.Event()
    read = window.session._reading._process.read

    def slowly(item, cancel):
        go_on.wait(60)
        return read(item, cancel)

    window.session._reading._process.read = slowly
    window.session._reading.leave_folder()
    yield go_on
    go_on.set()


def status_of(window):
    return film_review(window.session.document.annotation).status


def press(window, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(window.focusWidget() or window, key, modifiers)
    settle()


def test_a_key_pressed_while_the_next_film_is_on_its_way_changes_neither(window, slow_disk):
    before = window.session.document.annotation
    window.desk.open_film(SECOND)
    assert window.worklist.current == SECOND
    for name in ("unusable", "undo", "reviewed", "comment"):
        window.bar.action(name).trigger()
        assert "sample_04.png is being opened" in window.statusBar().currentMessage()
    assert window.session.document.annotation == before
    assert window.worklist.current == SECOND
    slow_disk.set()
    wait_until(lambda: window.session.case.key == SECOND, 30, "the second film")
    assert status_of(window) is ReviewStatus.UNREAD
    window.bar.action("unusable").trigger()
    wait_until(lambda: window.session.case.key not in (SECOND, ""), 30, "the next film")
    go_to(window, SECOND)
    assert status_of(window) is ReviewStatus.UNUSABLE
    go_to(window, FIRST)
    assert status_of(window) is ReviewStatus.UNREAD


def test_the_answer_to_a_conflict_never_lands_on_the_film_that_came_behind_the_question(window, films):
    session = window.session
    mine = session.document.annotation
    theirs = edits.move_shapes(mine, [mine.findings[0].id], 9.0, 0.0)
    conflicts.show(window.desk, mine, theirs, None)
    dialog = window.findChild(ConflictDialog)
    session.select(BARE)
    wait_until(lambda: session.case.key == BARE, 30, "the film behind the question")
    there = session.document.annotation
    dialog.chosen.emit(ConflictAnswer(theirs, "All theirs"))
    assert BARE != session.deciding.awaited == FIRST
    assert "sample_01.png was left meanwhile" in window.statusBar().currentMessage()
    assert session.document.annotation in (there, None)
    wait_until(lambda: session.case.key == FIRST, 30, "the film of the question")
    assert session.document.annotation == mine
    dialog.close()
    go_to(window, BARE)
    assert session.document.annotation == there
    assert not (films / BARE).with_suffix(".json").exists()


def test_what_labelme_made_of_a_film_goes_to_no_film_of_the_same_name_in_another_folder(window, films, tmp_path):
    session, place = window.session, window.desk.place
    base = session.document.annotation
    came = edits.move_shapes(base, [base.findings[0].id], 9.0, 0.0)
    other = tmp_path / "other"
    other.mkdir()
    shutil.copyfile(films / FIRST, other / FIRST)
    session.open([other])
    wait_until(lambda: session.folder.listing.root == other and session.case.key == FIRST, 30, "the other folder")
    take_when_shown(window.desk, place, base, came)
    settle()
    assert "is lost: other films were opened meanwhile" in window.statusBar().currentMessage()
    assert session.document.annotation.shapes == ()
    assert not (other / FIRST).with_suffix(".json").exists()


def test_a_film_that_is_opened_again_stays_held_and_one_never_shown_is_let_go(window, films):
    session = window.session
    session.select(FIRST)
    wait_until(lambda: not session.deciding.awaited, 30, "the film again")
    held(session, {FIRST})
    other = FolderStore.open(films, "a colleague")
    try:
        assert other.take(FIRST) is not None
    finally:
        other.close()
    # Held by the reading lane, but another film was wanted by then.
    assert session.folder.store.take(SECOND) is None
    session._beat()
    held(session, {FIRST})


def held(session, keys):
    def there():
        seen = []
        session._jobs.submit(Lane.WRITING, "", lambda _cancel: session.folder.store.heartbeat(), seen.append)
        wait_until(lambda: seen, 10, "the heartbeat")
        return seen[0] == keys

    wait_until(there, 10, f"hold of {keys}")


def test_a_folder_is_opened_although_a_film_is_asked_for_meanwhile(window, slow_disk, films, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copyfile(films / BARE, other / BARE)
    window.session.open([other])
    window.desk.open_film(SECOND)
    slow_disk.set()
    wait_until(lambda: window.session.folder.listing.root == other, 30, "the other folder")
    wait_until(lambda: window.session.case.key == BARE, 30, "its film")
    settle()
    assert window.session.case.key == BARE


def test_a_comment_being_typed_outlives_a_result_and_is_kept_when_the_window_closes(window, films):
    field = window.decisions.film.findChild(QLineEdit)
    field.setFocus()
    QTest.keyClicks(field, "check T12")
    window.session.case.set_threshold(0.4)
    settle()
    assert field.text() == "check T12"
    window.close()
    assert film_review(read_labelme((films / FIRST).with_suffix(".json"))).comment == "check T12"


def test_a_comment_typed_for_one_film_is_not_shown_on_the_next(window):
    field = window.decisions.film.findChild(QLineEdit)
    QTest.keyClicks(field, "check T12")
    go_to(window, SECOND)
    assert field.text() == ""
    assert film_review(window.session.document.annotation).comment == ""
    go_to(window, FIRST)
    assert field.text() == "check T12"


def test_digits_choose_a_grade_in_the_box_and_reject_nothing(window):
    session = window.session
    window.desk.choose(session.case.rows[0].key)
    box = next(one for one in window.decisions.finding.findChildren(QComboBox) if "Genant" in one.accessibleName())
    box.setFocus()
    threshold = session.case.threshold
    QTest.keyClick(box, Qt.Key.Key_2)
    settle()
    assert session.case.row().decision is None
    assert box.currentText().startswith("2")
    QTest.keyClick(box, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    settle()
    box.hidePopup()
    assert session.case.threshold == threshold


def test_a_digit_in_the_list_goes_to_no_film_of_that_name(window):
    table = window.worklist.findChild(type(window.worklist._table))
    window.session.case.choose("")
    window.bar.refresh()
    table.setFocus()
    assert not window.bar.action("reject_3").isEnabled()
    QTest.keyClicks(table, "sample_04")
    settle()
    assert window.worklist.current == FIRST


def test_another_folder_of_annotations_holds_at_once(window, films, tmp_path):
    labels = tmp_path / "labels"
    labels.mkdir()
    window.desk.settings.replace(annotations_folder=str(labels))
    wait_until(lambda: window.session.case.key != "" and not window.session.deciding.awaited, 30, "a film")
    wait_until(lambda: window.session.folder.film(BARE).item.saves_to.parent == labels, 30, "the listing anew")
    go_to(window, BARE)
    window.bar.action("no_fracture").trigger()
    wait_until(lambda: (labels / BARE).with_suffix(".json").exists(), 20, "the label in its folder")
    assert not (films / BARE).with_suffix(".json").exists()


def test_what_was_selected_in_one_folder_is_not_selected_in_the_next(window, films, tmp_path):
    go_to(window, SECOND)
    assert window.worklist.selected == (SECOND,)
    other = tmp_path / "other"
    other.mkdir()
    for name in ("a.png", "b.png"):
        shutil.copyfile(films / BARE, other / name)
    window.session.open([other])
    wait_until(lambda: window.session.case.key == "a.png", 30, "the other folder")
    settle()
    assert window.worklist.selected == ("a.png",)
