"""Comment, reasons to reject, the label popup, the hint: with keys and mouse, as a reader uses them."""

import pytest
from controls import check_controls, press, shown
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from qt import settle, wait_until

from engine.domain.decisions import RejectReason
from engine.domain.labels import LabelTable, Level, Status, write_label
from vcfviewer.panels.dialogs.comment_dialog import CommentDialog
from vcfviewer.panels.dialogs.hint import HintOverlay, HintStep, first_steps
from vcfviewer.panels.dialogs.reject_menu import RejectMenu
from vcfviewer.panels.dialogs.relabel_popup import LEVEL_DIGITS, RelabelPopup, label_choices, matching_labels


def heard(signal):
    """Return a list that takes in what a signal says."""
    told = []
    signal.connect(lambda *values: told.append(values[0] if len(values) == 1 else values))
    return told


# Comment


def test_a_comment_is_typed_and_taken_by_the_keyboard_alone():
    dialog = shown(CommentDialog("film.png", "old", flagged=False))
    told = heard(dialog.chosen)
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(dialog.findChild(QPlainTextEdit), "  look again ")
    press(Qt.Key.Key_Tab)
    assert isinstance(QApplication.focusWidget(), QCheckBox)
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert told == [("look again", True)]
    assert not dialog.isVisible()


def test_escape_leaves_the_comment_as_it_was():
    dialog = shown(CommentDialog("film.png", "old"))
    told = heard(dialog.chosen)
    QTest.keyClicks(dialog.findChild(QPlainTextEdit), "new")
    press(Qt.Key.Key_Escape)
    assert told == []
    assert not dialog.isVisible()


# Reasons


@pytest.mark.parametrize(("key", "reason"), list(zip("12345", RejectReason, strict=True)))
def test_one_key_takes_a_reason(key, reason):
    menu = RejectMenu()
    told = heard(menu.chosen)
    menu.popup(QPoint(10, 10))
    settle()
    QTest.keyClick(menu, key)
    assert told == [reason]
    assert not menu.isVisible()


def test_escape_takes_no_reason():
    menu = RejectMenu()
    told = heard(menu.chosen)
    menu.popup(QPoint(10, 10))
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert told == []
    assert not menu.isVisible()


def test_a_click_takes_a_reason():
    menu = RejectMenu()
    told = heard(menu.chosen)
    menu.popup(QPoint(10, 10))
    entry = menu.actions()[2]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())
    assert told == [RejectReason.DEGENERATIVE]


# Labels


def asked(current="", popup=None):
    popup = popup or RelabelPopup()
    popup.ask(QPoint(20, 20), current)
    settle()
    return popup, heard(popup.chosen)


def field(popup):
    return popup.findChild(QLineEdit)


@pytest.mark.parametrize(("digit", "level"), list(zip(LEVEL_DIGITS, Level, strict=True)))
def test_a_digit_is_a_level(digit, level):
    popup, told = asked("L2")
    QTest.keyClick(field(popup), digit)
    assert told == [level.value]
    assert not popup.isVisible()


def test_digits_are_ten_different_ones_and_say_lumbar_levels():
    assert sorted(LEVEL_DIGITS) == list("0123456789")
    assert all(
        LEVEL_DIGITS[level.rank] == level.value[1:] for level in (Level.L1, Level.L2, Level.L3, Level.L4, Level.L5)
    )


@pytest.mark.parametrize("current", ["L2 normal", "L2 not assessable", "L2"])
def test_a_digit_keeps_the_status_of_the_finding(current):
    popup, told = asked(current)
    QTest.keyClick(field(popup), "3")
    assert told == [current.replace("L2", "L3")]


@pytest.mark.parametrize(("letter", "status"), [("F", "L4"), ("N", "L4 normal"), ("A", "L4 not assessable")])
def test_alt_letters_change_the_status(letter, status):
    popup, told = asked("T12")
    QTest.keyClick(field(popup), getattr(Qt.Key, f"Key_{letter}"), Qt.KeyboardModifier.AltModifier)
    settle()
    press("4")
    assert told == [status]


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("l1", "L1"),
        ("l1n", "L1 normal"),
        ("t12 normal", "T12 normal"),
        ("th 11", "T11"),
        ("l3 na", "L3 not assessable"),
        ("S1", "S1"),
        ("lumbar transitional", "lumbar transitional"),
        ("L6", "L6"),
    ],
)
def test_typing_filters_and_return_takes(typed, label):
    popup, told = asked()
    QTest.keyClicks(field(popup), typed)
    QTest.keyClick(field(popup), Qt.Key.Key_Return)
    assert told == [label]


def test_a_text_of_ones_own_is_offered_last():
    popup, told = asked()
    QTest.keyClicks(field(popup), "l")
    rows = popup.findChild(QListWidget)
    assert rows.item(rows.count() - 1).data(Qt.ItemDataRole.UserRole) == "l"
    for _ in range(rows.count()):
        QTest.keyClick(field(popup), Qt.Key.Key_Down)
    QTest.keyClick(field(popup), Qt.Key.Key_Return)
    assert told == ["l"]


def test_the_last_label_stands_first_the_next_time():
    popup, _ = asked("L1")
    QTest.keyClick(field(popup), "4")
    assert popup.last_label == "L4"
    _, told = asked("", popup)
    QTest.keyClick(field(popup), Qt.Key.Key_Return)
    assert told[-1] == "L4"


def test_without_a_last_label_the_findings_own_is_marked():
    popup, told = asked("L3 normal")
    QTest.keyClick(field(popup), Qt.Key.Key_Return)
    assert told == ["L3 normal"]


def test_escape_and_the_mouse():
    popup, told = asked("L1")
    QTest.keyClick(field(popup), Qt.Key.Key_Escape)
    assert told == []
    assert not popup.isVisible()
    asked("L1", popup)
    button = next(one for one in popup.findChildren(QPushButton) if one.text().startswith("T11"))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told == ["T11"]
    asked("L1", popup)
    rows = popup.findChild(QListWidget)
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualItemRect(rows.item(1)).center())
    assert told[1:] == [rows.item(1).text()]


def test_the_popup_stays_on_the_screen():
    popup = RelabelPopup()
    popup.ask(QPoint(100_000, 100_000))
    assert popup.screen().availableGeometry().contains(popup.geometry().center())


def test_every_label_is_offered_and_read_back():
    labels = label_choices()
    assert len(set(labels)) == len(labels) == 30
    table = LabelTable()
    for level in Level:
        for status in Status:
            label = write_label(level, status)
            assert label in labels
            assert (table.read(label).level, table.read(label).status) == (level, status)
            assert matching_labels(label, labels)[0] == label


# Hint


@pytest.fixture
def desk():
    window = QWidget()
    window.resize(900, 600)
    row = QHBoxLayout(window)
    parts = [QListWidget() for _ in range(3)]
    for part in parts:
        row.addWidget(part)
    return shown(window), parts


def overlay(desk):
    window, parts = desk
    keys = {"next_disagreement": "N", "accept": "Return", "reject": "R", "undo": "Ctrl+Z", "keys": "?"}
    made = HintOverlay(window, first_steps(*parts, keys))
    settle()
    return made, heard(made.finished)


def test_three_steps_with_the_keys_in_use(desk):
    made, told = overlay(desk)
    window, parts = desk
    texts = []
    for part in parts:
        assert made.step.target is part
        texts.append(made.step.text)
        assert made.geometry() == window.rect()
        press(Qt.Key.Key_Right)
    assert len(told) == 1
    assert not made.isVisible()
    assert "N goes to" in texts[0]
    assert "Return accepts" in texts[2]
    assert not any("{" in text for text in texts)


def test_the_hint_shows_where_to_look_and_darkens_the_rest(desk):
    overlay(desk)
    window, parts = desk
    for part, other in ((parts[0], parts[2]), (parts[1], parts[0]), (parts[2], parts[0])):
        image = window.grab().toImage()
        inside, outside = (one.mapTo(window, QPoint(one.width() // 2, 30)) for one in (part, other))
        assert image.pixelColor(inside).lightness() > image.pixelColor(outside).lightness()
        press(Qt.Key.Key_Right)


def test_the_hint_goes_back_and_ends_with_escape_wherever_it_is(desk):
    made, told = overlay(desk)
    press(Qt.Key.Key_Right)
    press(Qt.Key.Key_Left)
    assert made.step.target is desk[1][0]
    press(Qt.Key.Key_Escape)
    assert len(told) == 1
    assert not made.isVisible()


def test_no_key_and_no_click_reaches_the_window_below(desk):
    made, _ = overlay(desk)
    window, parts = desk
    parts[0].addItems(["a", "b"])
    seen = set()
    for _ in range(6):
        press(Qt.Key.Key_Tab)
        seen.add(QApplication.focusWidget().parentWidget())
    assert not seen & {window, *parts}
    at = parts[0].mapTo(desk[0], QPoint(5, 5))
    QTest.mouseClick(made, Qt.MouseButton.LeftButton, pos=at)
    assert parts[0].currentRow() == -1


def test_the_hint_follows_the_window(desk):
    made, _ = overlay(desk)
    window, _ = desk
    window.resize(500, 400)
    settle()
    assert made.geometry() == window.rect()
    card = next(one for one in made.children() if isinstance(one, QWidget))
    assert made.rect().contains(card.geometry())


def test_a_hint_without_steps_is_refused(desk):
    with pytest.raises(ValueError, match="at least one step"):
        HintOverlay(desk[0], ())


def test_no_key_reaches_the_window_below_whoever_has_the_focus(desk):
    window, parts = desk
    action = QAction("review", window)
    action.setShortcut("Ctrl+R")
    window.addAction(action)
    told = heard(action.triggered)

    def press_the_shortcut():
        window.activateWindow()
        parts[0].setFocus()
        wait_until(lambda: window.isActiveWindow() and parts[0].hasFocus(), 10, "the focus")
        QTest.keyClick(parts[0], Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)

    press_the_shortcut()
    assert len(told) == 1
    action.setShortcuts(["Ctrl+R", "Ctrl+Alt+R", "Alt+Down"])
    made, ended = overlay(desk)
    press_the_shortcut()
    control, alt = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
    QTest.keyClick(parts[0], Qt.Key.Key_R, control | alt)
    QTest.keyClick(parts[0], Qt.Key.Key_Down, alt)
    assert len(told) == 1
    made._go(-1)
    QTest.keyClick(parts[0], Qt.Key.Key_Right)
    assert made.step.target is parts[1]
    QTest.keyClick(parts[0], Qt.Key.Key_Return)
    assert made.step.target is parts[2]
    QTest.keyClick(parts[0], Qt.Key.Key_Escape)
    assert len(ended) == 1
    assert not made.isVisible()
    press_the_shortcut()
    assert len(told) == 2


# All of them


def test_every_control_has_a_name_and_a_stop_of_the_tab_key(desk):
    assert check_controls(CommentDialog("film.png", "text")) >= 4
    popup = RelabelPopup()
    popup.ask(QPoint(0, 0))
    assert check_controls(popup) >= 14
    popup.close()
    made = HintOverlay(desk[0], [HintStep("a", "b"), HintStep("c", "d")])
    assert check_controls(made) >= 2
