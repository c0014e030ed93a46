"""The settings dialog: what is entered comes back as settings, nothing else changes, nothing before OK."""

from dataclasses import replace

import pytest
from controls import check_controls, shown
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QWidget,
)
from qt import settle, wait_until

from vcfviewer.panels.dialogs._parts import PathField
from vcfviewer.panels.dialogs.keys_editor import ActionKey
from vcfviewer.panels.dialogs.settings_dialog import SettingsDialog
from vcfviewer.settings import Settings, Theme

ACTIONS = (ActionKey("accept", "Decide", "Accept", "Return"), ActionKey("next", "Go", "Next film", "D"))
BEFORE = Settings(reader="Kim", last_folder="films", model_card="a.card.json", hint_seen=True)


def opened(settings=BEFORE):
    dialog = shown(SettingsDialog(settings, ACTIONS))
    told = []
    dialog.chosen.connect(told.append)
    return dialog, told


def named(dialog, kind, name):
    return next(one for one in dialog.findChildren(kind) if one.accessibleName() == name)


def button(dialog, which):
    return dialog.findChild(QDialogButtonBox).button(which)


def press_ok(dialog):
    QTest.mouseClick(button(dialog, QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)


def test_ok_without_a_change_gives_the_same_settings():
    dialog, told = opened()
    press_ok(dialog)
    assert told == [BEFORE]


def test_every_field_that_is_entered_comes_back():
    dialog, told = opened()
    reader = named(dialog, QLineEdit, "Reader's name")
    reader.selectAll()
    QTest.keyClicks(reader, "Lee")
    threshold = named(dialog, QDoubleSpinBox, "IoU threshold")
    threshold.setFocus()
    QTest.keyClick(threshold, Qt.Key.Key_Up)
    for box in dialog.findChildren(QCheckBox):
        QTest.keyClick(box, Qt.Key.Key_Space)
    for name, steps in (("Theme", 1), ("Language", 2), ("Facing of films that don't tell it", 1)):
        for _ in range(steps):
            QTest.keyClick(named(dialog, QComboBox, name), Qt.Key.Key_Down)
    for name in ("Folder of annotations", "Folder for exports", "Folder for trainings", "Label table"):
        QTest.keyClicks(named(dialog, QLineEdit, name), f" {name} ")
    press_ok(dialog)
    assert told == [
        replace(
            BEFORE, reader="Lee", iou_threshold=0.55, predict_on_open=False, blind_first_read=True, theme=Theme.LIGHT,
            language="ko", annotations_folder="Folder of annotations", export_folder="Folder for exports",
            runs_folder="Folder for trainings", label_table="Label table", assumed_facing="left",
        )
    ]  # fmt: skip


def test_keys_are_changed_on_their_page():
    dialog, told = opened(replace(BEFORE, keys={"other": "F9"}))
    dialog.show_keys("next")
    assert dialog.findChild(QTabWidget).currentIndex() == 3
    no_key = next(one for one in dialog.findChildren(QPushButton) if one.accessibleName() == "No key")
    QTest.mouseClick(no_key, Qt.MouseButton.LeftButton)
    press_ok(dialog)
    assert dict(told[0].keys) == {"other": "F9", "next": ""}


@pytest.mark.parametrize("way", ["cancel", "escape"])
def test_nothing_is_told_without_ok(way):
    dialog, told = opened()
    QTest.keyClicks(named(dialog, QLineEdit, "Reader's name"), "x")
    if way == "escape":
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        QTest.mouseClick(button(dialog, QDialogButtonBox.StandardButton.Cancel), Qt.MouseButton.LeftButton)
    assert told == []
    assert not dialog.isVisible()


def test_a_reader_without_a_name_is_not_taken():
    dialog, told = opened()
    reader = named(dialog, QLineEdit, "Reader's name")
    reader.selectAll()
    QTest.keyClick(reader, Qt.Key.Key_Delete)
    QTest.keyClicks(reader, "  ")
    assert not button(dialog, QDialogButtonBox.StandardButton.Ok).isEnabled()
    QTest.keyClick(reader, Qt.Key.Key_Return)
    assert told == []
    assert dialog.isVisible()


def test_return_in_the_reader_field_is_ok():
    dialog, told = opened()
    QTest.keyClick(named(dialog, QLineEdit, "Reader's name"), Qt.Key.Key_Return)
    assert told == [BEFORE]


def test_a_folder_is_chosen_in_a_file_dialog_that_does_not_block(tmp_path):
    field = PathField("Folder", str(tmp_path))
    shown(field)
    told = []
    field.changed.connect(told.append)
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    QTest.mouseClick(field.findChild(QPushButton), Qt.MouseButton.LeftButton)
    wait_until(lambda: field.findChild(QFileDialog), what="the file dialog")
    dialog = field.findChild(QFileDialog)
    (tmp_path / "chosen").mkdir()
    dialog.selectFile(str(tmp_path / "chosen"))
    dialog.accept()
    settle()
    assert field.path == str(tmp_path / "chosen")
    assert told == [field.path]


def test_every_control_has_a_name_and_a_stop_of_the_tab_key():
    assert check_controls(SettingsDialog(BEFORE, ACTIONS)) >= 20


def test_the_dialog_fits_a_small_screen():
    dialog: QWidget = SettingsDialog(BEFORE, ACTIONS)
    assert dialog.minimumSizeHint().width() <= 900
    assert dialog.minimumSizeHint().height() <= 600
