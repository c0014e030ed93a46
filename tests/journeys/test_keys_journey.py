"""Keys, menus, slider and drops of the window: each does what its sheet and its menu say."""

import json

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QTableView,
    QTreeWidget,
)
from qt import settle, wait_until

from engine.domain.labels import FRACTURE_LEVELS, Status
from vcfviewer.actions import ACTIONS
from vcfviewer.canvas.values import Side
from vcfviewer.panels.dialogs.keys_sheet import KeysSheet
from vcfviewer.panels.dialogs.settings_dialog import SettingsDialog

FILM = "sample_03"
HELD = {"H": Qt.Key.Key_H, "V": Qt.Key.Key_V}


@pytest.fixture
def window(player, films):
    """A film with findings of both sides."""
    window = player.open(films)
    player.go_to(FILM)
    window.session.case.set_threshold(0.05)
    settle()
    assert window.session.case.predicted
    return window


def labels(window):
    return [shape.label for shape in window.session.document.annotation.shapes]


def looks(window):
    settle()
    return window.comparison.grab().toImage()


def changed(one, other):
    """How much two pictures differ: grey values, summed over the pixels."""
    both = [image.convertToFormat(QImage.Format.Format_Grayscale8) for image in (one, other)]
    first, second = (np.frombuffer(image.constBits(), np.uint8).astype(int) for image in both)
    return int(np.abs(first - second).sum())


# Held keys


@pytest.mark.parametrize("name", HELD)
def test_a_held_key_acts_until_it_comes_up(window, name):
    view = window.comparison.view(Side.EXPERT)
    before = looks(window)
    QTest.keyPress(view, HELD[name])
    held = looks(window)
    assert held != before
    # A keyboard repeats a key that is held.
    QApplication.sendEvent(view, _repeated(QEvent.Type.KeyRelease, HELD[name]))
    QApplication.sendEvent(view, _repeated(QEvent.Type.KeyPress, HELD[name]))
    assert looks(window) == held
    QTest.keyRelease(view, HELD[name])
    assert looks(window) == before


@pytest.mark.parametrize("name", HELD)
def test_losing_the_keyboard_while_a_key_is_held_lets_it_go(window, player, name):
    """The key comes up in another program, which tells this window nothing."""
    view = window.comparison.view(Side.EXPERT)
    before = looks(window)
    QTest.keyPress(view, HELD[name])
    assert looks(window) != before
    QApplication.sendEvent(QApplication.instance(), QEvent(QEvent.Type.ApplicationDeactivate))
    assert looks(window) == before
    # And it acts again the next time.
    QTest.keyPress(view, HELD[name])
    assert looks(window) != before
    QTest.keyRelease(view, HELD[name])
    assert looks(window) == before


def test_a_dialog_that_opens_while_a_key_is_held_lets_it_go(window, player):
    view = window.comparison.view(Side.EXPERT)
    before = looks(window)
    QTest.keyPress(view, Qt.Key.Key_H)
    hidden = changed(looks(window), before)
    assert hidden > 0
    player.press("?")
    sheet = window.findChild(KeysSheet)
    wait_until(lambda: sheet.isVisible() and sheet.isActiveWindow(), 10, "the sheet")
    QTest.keyRelease(sheet, Qt.Key.Key_H)
    sheet.close()
    wait_until(lambda: not window.findChildren(KeysSheet), 10)
    window.activateWindow()
    wait_until(window.isActiveWindow, 10)
    view.setFocus()
    assert changed(looks(window), before) < hidden / 2, "the shapes are still hidden"


def _repeated(kind, key):
    return QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "", True)


# Deciding and walking


def test_return_accepts_and_goes_no_further_than_the_finding(window, player, films):
    film = player.go_to_a_disagreement()
    window.desk.tell("a word of an earlier search")
    player.press("N")
    key = window.session.case.current
    assert key
    assert window.statusBar().currentMessage() == window.comparison.hint
    player.press("Return")
    row = window.session.case.row()
    assert row.decision is not None
    assert window.session.case.key == film
    # What was accepted is marked on both sides, to be looked at or dragged on.
    assert row.expert.id in window.comparison.selection
    player.press("0")
    assert window.session.case.row(key).decision is None


def test_d_and_a_walk_the_list_in_its_order_and_say_where_it_ends(window, player):
    keys = [film.key for film in window.session.folder.films()]
    at = keys.index(f"{FILM}.png")
    player.press("D")
    player.wait_for_film(keys[at + 1], predicted=False)
    assert window.worklist.current == keys[at + 1]
    player.press("A")
    player.press("A")
    player.wait_for_film(keys[at - 1], predicted=False)
    for _ in keys:
        player.press("D")
    player.wait_for_film(keys[-1], predicted=False)
    player.press("D")
    assert "last film" in window.statusBar().currentMessage()
    assert window.session.case.key == keys[-1]


def test_accept_all_is_one_step(window, player, films):
    before = labels(window)
    wanted = [row.key for row in window.session.case.rows if row.predicted is not None]
    assert wanted
    player.press("Ctrl+Return")
    decided = [row for row in window.session.case.rows if row.predicted is not None]
    assert all(row.decision is not None and row.decision.verdict.value == "accepted" for row in decided)
    player.wait_saved(films / f"{FILM}.json", lambda record: json.dumps(record).count('"accepted"') == len(wanted))
    player.press("Ctrl+Return")
    assert "all decided" in window.statusBar().currentMessage()
    player.press("Ctrl+Z")
    assert labels(window) == before
    assert all(row.decision is None for row in window.session.case.rows)


def test_all_levels_are_shifted_by_one_and_back(window, player, films):
    path = films / f"{FILM}.json"
    before, whole = labels(window), path.read_bytes()
    levels = [shape.level for shape in window.session.document.annotation.shapes]
    statuses = [shape.status for shape in window.session.document.annotation.shapes]
    player.press("Ctrl+Shift+Down")
    shifted = window.session.document.annotation.shapes
    names = [level.value for level in type(levels[0])]
    steps = [names.index(now.level.value) - names.index(was.value) for now, was in zip(shifted, levels, strict=True)]
    assert steps == [1] * len(levels)
    assert [shape.status for shape in shifted] == statuses
    player.wait_saved(path, lambda record: [one["label"] for one in record["shapes"]] == labels(window) != before)
    player.press("Ctrl+Shift+Up")
    assert labels(window) == before
    player.press("Ctrl+Z")
    player.press("Ctrl+Z")
    assert labels(window) == before
    wait_until(lambda: path.read_bytes() == whole, 20, "the original bytes")


def test_level_keys_name_the_vertebra_that_was_clicked(window, player):
    player.press("Ctrl+F")
    shape = next(one for one in window.session.document.annotation.shapes if one.label == "L3 normal")
    player.click(*shape.polygon.centroid)
    assert window.comparison.selection == {shape.id}
    for number, level in enumerate(FRACTURE_LEVELS, 1):
        player.press(f"Ctrl+{number}")
        after = window.session.document.annotation.shape(shape.id)
        assert after.level is level
        # A level key says which vertebra it is, not that it is broken.
        assert after.status is Status.NORMAL


def test_a_level_clicked_in_the_ladder_can_be_worked_on(window, player):
    table = window.levels.findChild(QTableView)
    model = table.model()
    names = [model.headerData(row, Qt.Orientation.Vertical) for row in range(model.rowCount())]
    at = table.visualRect(model.index(names.index("L2"), 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    settle()
    count = len(labels(window))
    player.press("Ctrl+6")
    assert len(labels(window)) == count
    assert "L2 normal" not in labels(window)
    player.press("Del")
    assert len(labels(window)) == count - 1


# The sheet, the editor, the menus


def test_the_sheet_lists_every_key_of_the_table_and_those_that_are_held(window, player):
    player.press("?")
    tree = window.findChild(KeysSheet).findChild(QTreeWidget)
    shown = {
        tree.topLevelItem(group).child(at).text(0): tree.topLevelItem(group).child(at).text(1)
        for group in range(tree.topLevelItemCount())
        for at in range(tree.topLevelItem(group).childCount())
    }
    for row in ACTIONS:
        if row.key:
            assert shown[row.text], row.name
    assert {shown[text] for text in shown if text.startswith("Hold:")} == {"H", "V", "L"}
    window.findChild(KeysSheet).close()


def test_a_key_changed_in_the_settings_acts_and_the_old_one_no_longer(window, player, films):
    player.press("Ctrl+,")
    dialog = window.findChild(SettingsDialog)
    dialog.show_keys("next")
    settle()
    field = dialog.findChild(QKeySequenceEdit)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_J)
    wait_until(lambda: dialog.findChild(QTreeWidget).currentItem().text(1) == "J", 10, "the new key in its row")
    save = next(one for one in dialog.findChildren(QPushButton) if one.isDefault())
    QTest.mouseClick(save, Qt.MouseButton.LeftButton)
    wait_until(lambda: not window.findChildren(SettingsDialog), 10)
    assert window.bar.action("next").shortcut() == QKeySequence("J")
    here = window.session.case.key
    player.press("D")
    assert window.session.case.key == here
    player.press("J")
    wait_until(lambda: window.session.case.key != here, 20, "the next film")
    player.close()
    window = player.open(films)
    assert window.bar.action("next").shortcut() == QKeySequence("J"), "kept through a restart"
    assert "J" in window.bar.action("next").toolTip()


def test_every_action_is_in_a_menu_of_its_group_and_no_key_is_given_twice(window):
    keys = {}
    for row in ACTIONS:
        action = window.bar.action(row.name)
        assert action in window.bar.menu(row.group).actions(), row.name
        assert action.text()
        for sequence in action.shortcuts():
            assert sequence.toString(), row.name
            assert keys.setdefault(sequence.toString(), row.name) == row.name
    bar = window.menuBar()
    assert all(bar.isAncestorOf(menu) or menu.menuAction() in bar.actions() for menu in window.bar._menus.values())
    letters = [menu.title().partition("&")[2][:1].lower() for menu in window.bar._menus.values()]
    assert all(letters), f"menus that Alt and a letter don't open: {letters}"
    assert len(set(letters)) == len(letters), letters


# Slider and drops


def test_the_threshold_slider_acts_at_once_on_drawing_table_and_counts(window, player):
    player.go_to("sample_12")  # Its findings score 0.35 and less: each goes at another place of the slider.
    slider = window.threshold.findChild(QSlider)
    found = len(window.session.case.prediction.shapes)
    scores = [shape.score for shape in window.session.case.prediction.shapes]
    seen = set()
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    for _ in range(20):
        threshold = window.threshold.threshold
        expected = sum(score >= threshold for score in scores)
        assert len(window.session.case.predicted) == expected
        assert f"{expected} of {found}" in window.threshold._count.text()
        in_table = [row for row in window.session.case.compared if row.predicted is not None]
        assert len(in_table) == expected
        assert f"{sum(row.expert is None for row in in_table)} extra" in window.screen_of.summary.text()
        seen.add(expected)
        QTest.keyClick(slider, Qt.Key.Key_PageUp)
    assert len(seen) > 1, "the slider changed nothing"
    assert min(seen) == 0


def drop(window, urls):
    data = QMimeData()
    if urls:
        data.setUrls(urls)
    at = QPointF(window.width() / 2, window.height() / 2)
    buttons, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, buttons, none)
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(at, Qt.DropAction.CopyAction, data, buttons, none))
    return enter.isAccepted()


def test_a_folder_or_a_film_dropped_on_the_window_is_opened(window, player, films, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for path in films.glob("sample_0[67].*"):
        (other / path.name).write_bytes(path.read_bytes())
    assert drop(window, [QUrl.fromLocalFile(str(other))])
    wait_until(lambda: window.session.case.case is not None and window.session.folder.listing.root == other, 20)
    assert [film.key for film in window.session.folder.films()] == ["sample_06.png", "sample_07.png"]
    assert drop(window, [QUrl.fromLocalFile(str(films / "sample_12.png"))])
    player.wait_for_film("sample_12", predicted=False)
    for other in ([], [QUrl("https://example.org/film.png")]):
        assert not drop(window, other)
    settle()
    assert window.session.case.key == "sample_12.png"


# What a list and a broken film do to the keys


@pytest.mark.parametrize("keys", ["Shift+R", "Ctrl+Alt+K"])
def test_a_film_that_is_left_by_a_key_with_shift_or_ctrl_selects_the_next_alone(window, player, keys):
    """Else "selected" in the export would be another film than the one that the reader sees."""
    player.go_to("sample_07", predicted=False)
    assert not window.session.document.annotation.findings
    combination = QKeySequence(keys)[0]
    # Through the window system, which knows what is held down while the key acts.
    QTest.keyClick(window.windowHandle(), combination.key(), combination.keyboardModifiers())
    player.wait_for_film("sample_10", predicted=False)
    assert window.worklist.selected == (window.worklist.current,) == ("sample_10.dcm",)


def test_keys_walk_on_from_a_film_that_cannot_be_shown(player, films):
    broken = films / "sample_04.json"
    broken.write_text('{"shapes": [')
    window = player.open(films)
    player.go_to("sample_03", predicted=False)
    window.comparison.view(Side.EXPERT).setFocus()
    player.press("D")
    wait_until(lambda: window.screen_of.blocked.isVisible(), 20, "the reason")
    assert "written over" in window.screen_of.blocked.text()
    row = window.worklist.model.row_of("sample_04.png")
    assert "sample_04.json" in row.reason
    said = " ".join(label.text() for label in window.findings.findChildren(QLabel) if label.isVisibleTo(window))
    assert "No findings" not in said
    player.press("D")
    player.wait_for_film("sample_06", predicted=False)
    assert window.worklist.findChild(QLineEdit).text() == ""
    # Mended, it opens, and its row no longer says otherwise.
    broken.unlink()
    player.press("A")
    player.wait_for_film("sample_04", predicted=False)
    assert window.worklist.model.row_of("sample_04.png").reason == ""
    assert window.comparison.view(Side.EXPERT).isVisible()


def test_an_edit_can_be_undone_at_once(window):
    """Not only after the next thing that happens: the edit is told of before the undo stack counts it."""
    assert not window.bar.action("undo").isEnabled()
    window.session.deciding.shift_levels(1)
    assert window.bar.action("undo").isEnabled()
    window.bar.action("undo").trigger()
    assert not window.bar.action("undo").isEnabled()
    assert window.bar.action("redo").isEnabled()
