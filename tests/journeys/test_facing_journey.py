"""Films that tell no facing: one choice in the settings has heights measured on all of them, and says whose it is."""

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLabel, QLineEdit
from qt import settle, wait_until

from engine.domain.case import ReviewStatus
from engine.domain.decisions import facing
from engine.domain.morphometry import Facing
from vcfviewer.panels.dialogs.export_dialog import ExportDialog
from vcfviewer.panels.dialogs.settings_dialog import SettingsDialog

FILM = "sample_06"


@pytest.fixture
def window(player, films):
    """A film with an expert's masks, in whose label nobody noted the facing."""
    label = films / f"{FILM}.json"
    label.write_text(label.read_text(encoding="utf-8").replace('"facing"', '"unsaid"'), encoding="utf-8")
    window = player.open(films)
    player.go_to(FILM)
    return window


def button(dialog, word):
    buttons = dialog.findChild(QDialogButtonBox).buttons()
    return next(one for one in buttons if one.text().replace("&", "").startswith(word))


def told(window):
    return " ".join(one.text() for one in window.screen_of.facts.findChildren(QLabel)).replace("\xa0", " ")


def assume(player, window, steps):
    """Choose it in the settings by keys alone."""
    player.press("Ctrl+,")
    wait_until(lambda: window.findChild(SettingsDialog), what="the settings")
    dialog = window.findChild(SettingsDialog)
    box = next(one for one in dialog.findChildren(QComboBox) if one.accessibleName().startswith("Facing"))
    box.setFocus()
    for _ in range(steps):
        QTest.keyClick(box, Qt.Key.Key_Down)
    QTest.mouseClick(button(dialog, "OK"), Qt.MouseButton.LeftButton)
    wait_until(lambda: window.findChild(SettingsDialog) is None, what="the end of the dialog")
    settle()


def measured(window):
    return [row.measurement for row in window.session.case.rows if row.expert is not None and row.measurement]


def front_and_back(window):
    bodies = [one.body for one in measured(window) if one.body is not None]
    return [(round(one.heights.anterior, 3), round(one.heights.posterior, 3)) for one in bodies]


def test_one_choice_measures_every_film_that_tells_none_and_a_reader_s_word_goes_first(player, window):
    case = window.session.case
    assert "facing not known" in told(window)
    assert not measured(window)
    assume(player, window, 1)
    wait_until(lambda: front_and_back(window), what="heights by the assumed facing")
    assert "faces left (assumed: see the settings)" in told(window)
    assert facing(case.annotation) is None
    assert window.session.document.undo_stack.count() == 0
    left = front_and_back(window)
    player.press("Ctrl+Alt+Right")
    wait_until(lambda: front_and_back(window) not in ([], left), what="heights by the reader's facing")
    assert front_and_back(window) == [(back, front) for front, back in left]
    assert "faces right (set by the reader)" in told(window)
    player.press("Ctrl+Z")
    wait_until(lambda: front_and_back(window) == left, what="heights by the assumed facing again")


def test_an_export_measures_by_it_and_says_so(player, window, tmp_path):
    assume(player, window, 2)
    player.press("R")
    player.go_to(FILM)
    assert window.session.case.facing()[0] is Facing.RIGHT
    listed = window.session.folder
    wait_until(lambda: any(film.summary is not None and film.summary.status is ReviewStatus.REVIEWED
                           for film in listed.films()), 20, "the reviewed film")  # fmt: skip
    player.press("Ctrl+Shift+E")
    wait_until(lambda: window.findChild(ExportDialog), what="the export")
    dialog = window.findChild(ExportDialog)
    field = next(one for one in dialog.findChildren(QLineEdit) if "older" in one.accessibleName())
    field.setFocus()
    field.clear()
    QTest.keyClicks(field, str(tmp_path / "out"))
    QTest.mouseClick(button(dialog, "Export"), Qt.MouseButton.LeftButton)
    wait_until(lambda: (tmp_path / "out" / "manifest.json").exists(), 60, "the manifest")
    with (tmp_path / "out" / "findings.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if FILM in row["film"]]
    assert rows
    assert {(row["facing"], row["facing_from"]) for row in rows} == {("right", "assumed")}
    assert sum(float(row["anterior_height_px"] or 0) > 0 for row in rows) >= 3
