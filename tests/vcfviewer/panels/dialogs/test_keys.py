"""The sheet of all keys, and the editor that changes them without giving one key to two actions."""

import pytest
from controls import check_controls, shown
from PySide6.QtCore import Qt
from PySide6.QtGui import QPageSize
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QKeySequenceEdit, QLineEdit, QPushButton, QTreeWidget, QTreeWidgetItemIterator
from qt import settle, wait_until

from vcfviewer.panels.dialogs.keys_editor import ActionKey, KeysEditor, conflicts, keys_in_use, single_keys
from vcfviewer.panels.dialogs.keys_sheet import KeyRow, KeysSheet, grouped, matching_rows, sheet_html, shown_key
from vcfviewer.panels.words import DASH

ROWS = (
    KeyRow("Decide", "Accept the finding", "Return"),
    KeyRow("Go", "Next film", "D"),
    KeyRow("Decide", "Reject with a reason", "R"),
    KeyRow("Look", "Hide all shapes", "hold H"),
    KeyRow("Look", "Zoom in", "Ctrl++; Ctrl+="),
    KeyRow("Look", "Something without a key", ""),
)
ACTIONS = (
    ActionKey("accept", "Decide", "Accept the finding", "Return"),
    ActionKey("reject", "Decide", "Reject with a reason", "R"),
    ActionKey("next", "Go", "Next film", "D"),
    ActionKey("zoom", "Look", "Zoom in", "Ctrl++; Ctrl+="),
    ActionKey("none", "Look", "Something without a key"),
)


def items(tree):
    found = []
    walk = QTreeWidgetItemIterator(tree)
    while walk.value() is not None:
        found.append(walk.value())
        walk += 1
    return found


# The sheet


def test_rows_are_grouped_in_their_order():
    assert [(group, [row.text for row in rows]) for group, rows in grouped(ROWS)] == [
        ("Decide", ["Accept the finding", "Reject with a reason"]),
        ("Go", ["Next film"]),
        ("Look", ["Hide all shapes", "Zoom in", "Something without a key"]),
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [("", 6), ("zoom", 1), ("ctrl++", 1), ("look", 3), ("LOOK hide", 1), ("hold", 1), ("next accept", 0)],
)
def test_every_word_must_be_somewhere(words, found):
    assert len(matching_rows(ROWS, words)) == found


@pytest.mark.parametrize(
    ("portable", "text"),
    [("Return", "Return"), ("Ctrl+Shift+Z", "Ctrl+Shift+Z"), ("Ctrl++; Ctrl+=", "Ctrl++, Ctrl+="), ("", ""),
     ("hold H", "hold H"), ("right mouse drag", "right mouse drag"), ("?", "?"), ("1 to 5", "1 to 5")],
)  # fmt: skip
def test_keys_are_shown_and_words_left_alone(portable, text):
    assert shown_key(portable) == text


def test_typing_searches_and_says_when_nothing_is_found():
    sheet = shown(KeysSheet(ROWS))
    search, tree = sheet.findChild(QLineEdit), sheet.findChild(QTreeWidget)
    assert search.hasFocus()
    QTest.keyClicks(search, "zoom")
    assert [(one.text(0), one.text(1)) for one in items(tree)] == [("Look", ""), ("Zoom in", "Ctrl++, Ctrl+=")]
    QTest.keyClicks(search, "xyz")
    assert items(tree) == []
    assert any("zoomxyz" in label.text() and label.isVisible() for label in sheet.findChildren(type(sheet._none)))
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert sheet.isVisible()
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_the_sheet_prints_every_key(tmp_path):
    sheet = KeysSheet(ROWS)
    printer = QPrinter(QPrinter.PrinterMode.ScreenResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "keys.pdf"))
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    sheet.print_to(printer)
    assert (tmp_path / "keys.pdf").read_bytes().startswith(b"%PDF")
    html = sheet_html(ROWS, "Keys <here>")
    assert all(row.text in html for row in ROWS)
    assert "Keys &lt;here&gt;" in html


def test_the_sheet_asks_for_the_settings():
    sheet = shown(KeysSheet(ROWS))
    asked = []
    sheet.change_asked.connect(lambda: asked.append(True))
    QTest.mouseClick(next(one for one in sheet.findChildren(QPushButton) if "Change" in one.text()), Qt.LeftButton)
    assert asked == [True]


# The editor


def editor(keys=None):
    made = shown(KeysEditor(ACTIONS, keys or {}))
    changes = []
    made.changed.connect(lambda: changes.append(dict(made.keys)))
    return made, changes


def press(made, name, key, modifier=Qt.KeyboardModifier.NoModifier):
    made.mark(name)
    field = made.findChild(QKeySequenceEdit)
    field.setFocus()
    QTest.keyClick(field, key, modifier)
    wait_until(lambda: field.keySequence().isEmpty() or button(made, "Take it").isVisible(), what="the key to be taken")


def button(made, text):
    return next(one for one in made.findChildren(QPushButton) if text in one.text().replace("&", ""))


def click(made, text):
    QTest.mouseClick(button(made, text), Qt.MouseButton.LeftButton)
    settle()


def said(made):
    return made._said.text()


def key_shown(made, text):
    return next(one.text(1) for one in items(made.findChild(QTreeWidget)) if one.text(0) == text)


def test_a_free_key_is_taken_at_once():
    made, changes = editor()
    press(made, "accept", Qt.Key.Key_Space)
    assert changes == [{"accept": "Space"}]
    assert key_shown(made, "Accept the finding") == "Space"


def test_a_key_with_a_modifier():
    made, changes = editor()
    press(made, "none", Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert changes == [{"none": "Ctrl+Shift+K"}]


def test_a_key_in_use_is_named_and_only_given_away_when_the_reader_says_so():
    made, changes = editor()
    press(made, "accept", Qt.Key.Key_D)
    assert "D is the key of “Next film”" in said(made)
    assert changes == []
    click(made, "Take it from there")
    assert changes == [{"accept": "D", "next": ""}]
    assert key_shown(made, "Next film") == DASH
    assert conflicts(ACTIONS, made.keys) == {}


def test_one_of_two_keys_is_taken_and_the_other_stays():
    made, changes = editor()
    press(made, "accept", Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
    click(made, "Take it from there")
    assert changes == [{"accept": "Ctrl+=", "zoom": "Ctrl++"}]


def test_marking_another_action_forgets_the_conflict():
    made, changes = editor()
    press(made, "accept", Qt.Key.Key_D)
    made.mark("reject")
    assert not button(made, "Take it").isVisible()
    assert changes == []


def test_no_key_and_the_default_again():
    made, changes = editor()
    made.mark("accept")
    click(made, "No key")
    assert changes[-1] == {"accept": ""}
    click(made, "Default key")
    assert changes[-1] == {}


def test_a_default_that_was_given_away_comes_back_without_a_conflict():
    made, _ = editor()
    press(made, "accept", Qt.Key.Key_D)
    click(made, "Take it from there")
    made.mark("next")
    click(made, "Default key")
    assert dict(made.keys) == {"accept": ""}
    assert conflicts(ACTIONS, made.keys) == {}


def test_defaults_for_all():
    made, changes = editor({"accept": "Space", "reject": "", "of another version": "F9"})
    click(made, "Defaults for all")
    assert changes[-1] == {"of another version": "F9"}
    assert key_shown(made, "Reject with a reason") == "R"


def test_the_default_key_pressed_is_no_change():
    made, _ = editor({"accept": "Space"})
    press(made, "accept", Qt.Key.Key_Return)
    assert dict(made.keys) == {}


def test_two_actions_with_one_key_are_marked_in_words():
    made, _ = editor({"accept": "D"})
    assert key_shown(made, "Accept the finding") == "D  (twice)"
    assert key_shown(made, "Next film") == "D  (twice)"
    assert conflicts(ACTIONS, {"accept": "D"}) == {"D": ("accept", "next")}


def test_the_search_hides_what_is_not_sought():
    made, _ = editor()
    QTest.keyClicks(made.findChild(QLineEdit), "ctrl")
    seen = [one.text(0) for one in items(made.findChild(QTreeWidget)) if not one.isHidden()]
    assert seen == ["Look", "Zoom in"]


def test_keys_are_read_one_by_one():
    assert single_keys("Ctrl++; Ctrl+=") == ("Ctrl++", "Ctrl+=")
    assert single_keys("") == ()
    assert keys_in_use(ACTIONS, {"accept": ""})["accept"] == ""


def test_every_control_has_a_name_and_a_stop_of_the_tab_key():
    assert check_controls(KeysEditor(ACTIONS, {})) >= 6
    assert check_controls(KeysSheet(ROWS)) >= 5
