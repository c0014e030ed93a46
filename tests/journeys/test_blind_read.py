"""Blind first read: nothing of the model's shows before the reader commits; both reads are kept on the disk."""

import json

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QPushButton
from qt import settle, wait_until

from engine.domain.decisions import blind_read
from engine.formats.labelme import read_labelme
from vcfviewer.canvas.values import Side
from vcfviewer.panels.banners import BannerKind
from vcfviewer.panels.dialogs.settings_dialog import SettingsDialog
from vcfviewer.panels.words import DASH
from vcfviewer.panels.worklist_rows import Column, cell_text

FILM = "sample_12"


@pytest.fixture
def window(player, films):
    """A blind reader on a film without a labelme file, of which the model says something at a low score."""
    window = player.open(films, blind_first_read=True)
    player.go_to(FILM)
    window.session.case.set_threshold(0.05)
    settle()
    assert window.session.case.prediction.above(0.05), "the model finds nothing on this film even at a score of 0.05"
    return window


def draw(player, window, top):
    height, width = window.session.case.film.size
    corners = [(width * x, height * y) for x, y in ((0.4, top), (0.6, top), (0.6, top + 0.1), (0.4, top + 0.1))]
    player.press("Ctrl+N")
    for corner in corners:
        player.click(*corner)
    player.press("Return")
    player.type("t12")
    player.press("Return")
    return np.array(corners)


def figures(window, stem):
    row = next(film for film in window.session.folder.films() if stem in film.key)
    shown = window.worklist.model.row_of(row.key)
    return [cell_text(shown, column) for column in Column if column > Column.STATUS]


def nothing_of_the_model(window):
    counted = [label.text() for label in window.threshold.findChildren(QLabel)]
    return (
        not window.session.case.predicted
        and not window.session.case.compared
        and window.screen_of.summary.text() == ""
        and not any(text[:1].isdigit() for text in counted)
        and not any(part.strip(DASH) for part in figures(window, FILM))
    )


def test_both_reads_are_stored_and_only_then_the_model_is_shown(player, films, window):
    path = films / f"{FILM}.json"
    assert BannerKind.BLIND_READ in window.banners.kinds
    assert nothing_of_the_model(window)
    view = window.comparison.view(Side.MODEL)
    blank = view.grab().toImage()
    window.comparison.hide_shapes(True)
    settle()
    assert view.grab().toImage() == blank, "something is drawn on the model's side"
    window.comparison.hide_shapes(False)

    first = draw(player, window, 0.4)
    player.wait_saved(path, lambda record: len(record["shapes"]) == 1)
    assert nothing_of_the_model(window)
    # Neither the walk through disagreements nor the end of the review leads past the first read.
    for keys in ("N", "R"):
        player.press(keys)
        assert "Commit your first read" in window.statusBar().currentMessage()
        assert FILM in window.session.case.key
    player.press("Ctrl+Return")
    assert len(window.session.document.annotation.shapes) == 1

    player.press("Ctrl+B")
    assert BannerKind.BLIND_READ not in window.banners.kinds
    assert window.session.case.predicted
    assert window.session.case.compared
    assert "IoU" in window.screen_of.summary.text()
    settle()
    assert view.grab().toImage() != blank
    wait_until(lambda: any(part.strip(DASH) for part in figures(window, FILM)), 10, "the figures in the list")
    record = player.wait_saved(path, lambda record: "blind_read" in json.dumps(record))
    kept = record["vcfviewer"]["review"]["blind_read"]
    assert set(kept) == {"shapes", "reader", "at"}
    assert kept["reader"] == "A. Reader"

    # The second read goes on from there; the first one stays as it was committed.
    window.comparison.select(frozenset((window.session.document.annotation.shapes[0].id,)))
    settle()
    player.press("Right")
    player.press("N")
    player.press("Return")
    player.press("R")
    player.wait_saved(path, lambda record: record["vcfviewer"]["review"].get("status") == "reviewed")
    final = read_labelme(path)
    read = blind_read(final)
    assert [shape.label for shape in read.shapes] == ["T12"]
    assert read.reader == "A. Reader"
    assert np.abs(read.shapes[0].polygon.points - first).max() < 2
    assert len(final.shapes) >= 1
    assert not np.allclose(final.shapes[0].polygon.points, read.shapes[0].polygon.points)


def test_a_committed_read_stays_committed_after_a_restart(player, films, window):
    draw(player, window, 0.4)
    player.press("Ctrl+B")
    player.wait_saved(films / f"{FILM}.json", lambda record: "blind_read" in json.dumps(record))
    player.close()
    window = player.open(films, blind_first_read=True)
    assert window.session.case.hidden, "another film, not read yet"
    player.go_to(FILM)
    assert not window.session.case.hidden
    window.session.case.set_threshold(0.05)
    assert window.session.case.compared


def test_a_folder_predicted_in_the_background_gives_nothing_away(player, films, window):
    player.press("Ctrl+Shift+I")
    wait_until(lambda: not window.session.predicting.state.running, 60, "the folder's prediction")
    wait_until(lambda: all(film.summary for film in window.session.folder.films()), 20, "the summaries")
    for film in window.session.folder.films():
        assert not any(part.strip(DASH) for part in figures(window, film.key)), film.key


def test_the_option_is_set_in_the_settings_and_acts_at_once(player, films):
    window = player.open(films)
    player.press("Ctrl+Shift+I")
    wait_until(lambda: not window.session.predicting.state.running, 60, "the folder's prediction")
    wait_until(lambda: any(part.strip(DASH) for part in figures(window, "sample_03")), 20, "figures")
    player.press("Ctrl+,")
    dialog = window.findChild(SettingsDialog)
    box = next(one for one in dialog.findChildren(QCheckBox) if "lind" in one.text())
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert box.isChecked()
    save = next(one for one in dialog.findChildren(QPushButton) if one.isDefault())
    QTest.mouseClick(save, Qt.MouseButton.LeftButton)
    wait_until(lambda: not any(one.isVisible() for one in window.findChildren(QDialog)), 10)
    assert window.session.case.hidden
    assert BannerKind.BLIND_READ in window.banners.kinds
    assert not any(part.strip(DASH) for part in figures(window, "sample_03"))
    assert not window.session.case.compared
