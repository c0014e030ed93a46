"""Edit in labelme, from the window: the real labelme has the film, and what it saved comes back through one check."""

import json
import shutil

import numpy as np
import pytest
from labelme_hand import hand as hand
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialogButtonBox, QMessageBox
from qt import settle, wait_until

from engine.domain import edits
from vcfviewer import labelme_child
from vcfviewer.actions.closing import open_paths
from vcfviewer.panels.dialogs.conflict_dialog import ConflictDialog

FILM = "sample_03"
STEP = 5.0
"""Film pixels that labelme's arrow key moves a shape."""

pytestmark = pytest.mark.skipif(not labelme_child.labelme_command(), reason="labelme isn't installed")


@pytest.fixture
def labelme(hand, monkeypatch):
    """Have the window start a labelme that does `what` by itself, once it has the film."""

    def does(what):
        monkeypatch.setattr(labelme_child, "labelme_command", lambda: list(hand(what)))

    return does


def points_of(record, at=0, by=(0.0, 0.0)):
    return np.add(record["shapes"][at]["points"], by)


def shapes(window):
    return window.session.document.annotation.shapes


def move(window, shape_id, dx, dy):
    annotation = window.session.document.annotation
    window.session.document.edit("Move", edits.move_shapes(annotation, [shape_id], dx, dy))


def labelme_ended(window):
    wait_until(lambda: not window.desk.in_labelme, 90, "labelme's end")
    settle()


def keep_this(dialog):
    box = dialog.findChild(QDialogButtonBox)
    button = next(one for one in box.buttons() if box.buttonRole(one) is QDialogButtonBox.ButtonRole.AcceptRole)
    enabled = button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle()
    return enabled


def test_what_labelme_saved_is_taken_over_as_one_step(player, films, labelme):
    labelme("move")
    window = player.open(films)
    player.go_to(FILM)
    path = films / f"{FILM}.json"
    before, bytes_before = json.loads(path.read_text()), path.read_bytes()
    player.press("Ctrl+Shift+L")
    assert "labelme" in window.statusBar().currentMessage()
    assert window.desk.in_labelme == f"{FILM}.png"
    # A second labelme on the film would bring a second version of it.
    player.press("Ctrl+Shift+L")
    assert "close it there first" in window.statusBar().currentMessage()
    labelme_ended(window)
    moved = points_of(before, by=(STEP, 0))
    saved = player.wait_saved(path, lambda record: np.allclose(points_of(record), moved))
    assert [one["label"] for one in saved["shapes"]] == [one["label"] for one in before["shapes"]]
    assert saved["shapes"][1:] == before["shapes"][1:]
    assert path.with_name(f"{FILM}.json.orig").read_bytes() == bytes_before
    assert window.findChild(ConflictDialog) is None
    assert window.session.document.undo_stack.count() == 1
    player.press("Ctrl+Z")
    assert window.session.document.undo_stack.index() == 0
    wait_until(lambda: path.read_bytes() == bytes_before, 20, "the original bytes")


def test_where_both_changed_a_shape_the_reader_chooses(player, films, labelme):
    labelme("move")
    window = player.open(films)
    player.go_to(FILM)
    path = films / f"{FILM}.json"
    before = json.loads(path.read_text())
    first, second = (shape.id for shape in shapes(window)[:2])
    player.press("Ctrl+Shift+L")
    move(window, first, 0.0, 30.0)
    move(window, second, 0.0, 20.0)
    labelme_ended(window)
    dialog = window.findChild(ConflictDialog)
    assert dialog is not None
    assert dialog.isVisible()
    # Only the shape that both changed is left to choose; the other one is mine beforehand.
    assert not keep_this(dialog)
    assert dialog.isVisible()
    boxes = dialog.findChildren(QComboBox)
    assert [box.currentText() for box in boxes] == ["choose…", "mine"]
    boxes[0].setFocus()
    QTest.keyClick(boxes[0], Qt.Key.Key_Down)
    QTest.keyClick(boxes[0], Qt.Key.Key_Down)
    assert boxes[0].currentText() == "theirs"
    assert keep_this(dialog)
    wanted = points_of(before, by=(STEP, 0)), points_of(before, 1, (0, 20))
    player.wait_saved(
        path, lambda record: all(np.allclose(points_of(record, at), one) for at, one in enumerate(wanted))
    )
    # Undo leads back to what stood here.
    player.press("Ctrl+Z")
    player.wait_saved(path, lambda record: np.allclose(points_of(record), points_of(before, by=(0, 30))))


def test_a_result_that_comes_while_another_film_is_shown_is_taken_to_its_own(player, films, labelme):
    labelme("move")
    window = player.open(films)
    player.go_to(FILM)
    path, other = films / f"{FILM}.json", films / "sample_01.json"
    before, bytes_of_other = json.loads(path.read_text()), other.read_bytes()
    player.press("Ctrl+Shift+L")
    player.go_to("sample_01")
    labelme_ended(window)
    player.wait_saved(path, lambda record: np.allclose(points_of(record), points_of(before, by=(STEP, 0))))
    assert window.session.case.key == f"{FILM}.png"
    assert other.read_bytes() == bytes_of_other


def test_labelme_that_changed_nothing_or_broke_its_file_leaves_the_film_alone(player, films, labelme):
    window = player.open(films)
    player.go_to(FILM)
    path = films / f"{FILM}.json"
    before = path.read_bytes()
    labelme("look")
    player.press("Ctrl+Shift+L")
    labelme_ended(window)
    assert "Nothing was changed" in window.statusBar().currentMessage()
    labelme("break")
    player.press("Ctrl+Shift+L")
    labelme_ended(window)
    assert window.errors.isVisible()
    assert window.session.document.undo_stack.count() == 0
    assert path.read_bytes() == before


def answers(asked):
    """Return what presses a button of the next question, and notes its text."""

    def answer(which):
        def press():
            box = QApplication.activeModalWidget()
            if isinstance(box, QMessageBox):
                asked.append(box.text())
                QTest.mouseClick(box.button(which), Qt.MouseButton.LeftButton)
            else:
                QTimer.singleShot(20, press)

        QTimer.singleShot(0, press)

    return answer


def test_closing_the_window_while_labelme_has_a_film_asks(player, films, labelme):
    labelme("stay")
    window = player.open(films)
    player.go_to(FILM)
    player.press("Ctrl+Shift+L")
    asked = []
    answer = answers(asked)
    answer(QMessageBox.StandardButton.Cancel)
    assert not window.close()
    answer(QMessageBox.StandardButton.Close)
    assert window.close()
    assert len(asked) == 2
    assert "sample_03" in asked[0]


def test_opening_other_films_while_labelme_has_one_asks(player, films, labelme, tmp_path):
    labelme("stay")
    window = player.open(films)
    player.go_to(FILM)
    other = tmp_path / "other"
    other.mkdir()
    shutil.copyfile(films / f"{FILM}.png", other / f"{FILM}.png")
    player.press("Ctrl+Shift+L")
    asked, listed = [], window.session.folder
    answer = answers(asked)
    answer(QMessageBox.StandardButton.Cancel)
    open_paths(window.desk, [other])
    settle()
    assert listed.listing.root == films
    answer(QMessageBox.StandardButton.Open)
    open_paths(window.desk, [other])
    wait_until(lambda: listed.listing.root == other, 20, "the other folder")
    assert len(asked) == 2
    assert "If you open other films now, its changes are lost" in asked[0]
    answer(QMessageBox.StandardButton.Close)
    assert window.close()
