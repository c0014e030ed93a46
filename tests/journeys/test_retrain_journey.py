"""Retraining, from the window's menu: what is missing is said, a training goes on without the window and is found."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QSpinBox
from qt import settle, wait_until
from tiny_model import make_annotated, make_tiny_card
from widgets import button, click, named, texts

from vcfviewer import training
from vcfviewer.panels.dialogs.closing_dialog import ClosingDialog
from vcfviewer.panels.dialogs.curves import CurvesView
from vcfviewer.panels.dialogs.retrain_dialog import RetrainDialog
from vcfviewer.panels.dialogs.retrain_run import RunPage
from vcfviewer.training import RunState, found_runs

RUN = "lunch"
PATIENCE = 400
"""Seconds for a training to start and take its first steps: a few on a free computer, minutes on a busy one."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return make_tiny_card(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def corrected(tmp_path):
    """Four films with a fracture each, to learn from."""
    for number in range(4):
        make_annotated(tmp_path / "corrected" / f"film{number}.png", "L1" if number % 2 else "T12")
    return tmp_path / "corrected"


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The folder of trainings; what runs there at the end is ended."""
    # It would give way to whatever else runs, which on a busy computer would be the end of these tests.
    monkeypatch.setattr(training, "NICENESS", 0)
    yield tmp_path / "runs"
    for run in found_runs(tmp_path / "runs")[0]:
        run.stop(seconds=0)


@pytest.fixture
def reading(player, corrected, tiny, runs):
    """Open the window on the corrected films, with a model far too small and a place for trainings."""

    def opened():
        window = player.open(corrected, wait=False, predict_on_open=False, model_card=str(tiny), runs_folder=str(runs))
        player.wait_for_film(predicted=False)
        return window

    return opened


def fill(root, name, text):
    line = named(root, QLineEdit, name)
    line.setFocus()
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    QTest.keyClicks(line, text)
    settle()


def from_the_menu(window):
    """Open the dialog by the menu: a click on its name, then two keys."""
    bar, menu = window.menuBar(), window.bar.menu("Model")
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.actionGeometry(menu.menuAction()).center())
    wait_until(menu.isVisible, 10, "the menu")
    # Up from the top leads to the menu's last entry.
    QTest.keyClick(menu, Qt.Key.Key_Up)
    assert menu.activeAction() is window.bar.action("retrain")
    QTest.keyClick(menu, Qt.Key.Key_Return)
    wait_until(lambda: window.findChild(RetrainDialog) is not None, 10, "the dialog")
    dialog = window.findChild(RetrainDialog)
    wait_until(dialog.isVisible, 10)
    return dialog


def start(dialog, corrected):
    fill(dialog, "Films to learn from", str(corrected))
    named(dialog, QSpinBox, "Epochs: how often each film is seen").setValue(1000)
    named(dialog, QSpinBox, "Measure on the validation films every so many steps").setValue(0)
    fill(dialog, "Name of the run", RUN)
    click(dialog, "Start training")
    wait_until(lambda: dialog.run is not None, 30, "the start")
    return dialog.run


def closing(window, text):
    """Close the window, press a button of the question, and return what was asked and whether it closed."""
    asked = []

    def answer():
        box = QApplication.activeModalWidget()
        if isinstance(box, ClosingDialog):
            asked.append(texts(box))
            QTest.mouseClick(button(box, text), Qt.MouseButton.LeftButton)
        else:
            QTimer.singleShot(20, answer)

    QTimer.singleShot(0, answer)
    closed = window.close()
    return asked, closed


def test_what_is_missing_is_said_before_a_training_can_start(reading, player, corrected, runs):
    window = reading()
    dialog = from_the_menu(window)
    assert named(dialog, QComboBox, "Start from").currentText() == "tiny"
    for name, text, words in (
        ("Films to learn from", "", "Choose the films to learn from"),
        ("Films to learn from", str(corrected / "nowhere"), "There is no folder"),
        ("Name of the run", "a/b", "a name that can be a folder's name"),
    ):
        fill(dialog, "Films to learn from", str(corrected))
        fill(dialog, "Name of the run", RUN)
        assert button(dialog, "Start training").isEnabled()
        fill(dialog, name, text)
        assert words in texts(dialog)
        assert not button(dialog, "Start training").isEnabled()
    # Reading goes on beside the dialog.
    window.activateWindow()
    wait_until(window.isActiveWindow, 10)
    player.press("D")
    player.wait_for_film("film1", predicted=False)
    player.press("Ctrl+Shift+R")
    assert window.findChildren(RetrainDialog) == [dialog]
    wait_until(dialog.isActiveWindow, 10, "the dialog in front")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    wait_until(lambda: not dialog.isVisible(), 10)
    assert found_runs(runs) == ((), ())


def test_a_training_goes_on_when_the_window_closes_and_is_found_again(reading, player, corrected, runs):
    window = reading()
    dialog = from_the_menu(window)
    run = start(dialog, corrected)
    assert f"{RUN}: running" in texts(dialog)
    dialog.close()
    asked, closed = closing(window, "Don't close")
    assert RUN in asked[0]
    assert not closed
    assert window.isVisible()
    _asked, closed = closing(window, "Let it go on")
    assert closed
    player.close()
    assert run.status().state is RunState.RUNNING

    window = reading()
    dialog = from_the_menu(window)
    # What runs is what one wants to see: no second click for it.
    assert f"{RUN}: running" in texts(dialog)
    found = dialog.run
    assert found.record.pid == run.record.pid
    dialog.close()
    asked, closed = closing(window, "Stop it")
    assert len(asked) == 1
    assert closed
    over = {RunState.STOPPED, RunState.FAILED}
    # One of them may look at the process in the moment between its last word and its end.
    wait_until(lambda: {one.status().state for one in (found, run)} <= over, 30, "the end of the training")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_training_is_followed_and_stopped_with_its_checkpoint(reading, corrected, runs):
    window = reading()
    dialog = from_the_menu(window)
    run = start(dialog, corrected)
    page = dialog.findChild(RunPage)
    loss = page.findChildren(CurvesView)[0]
    wait_until(lambda: "loss" in loss.accessibleDescription(), PATIENCE, "a first step")
    assert "Step" in texts(page)
    dialog.close()
    _asked, closed = closing(window, "Stop it")
    assert closed
    # The window's own handle may see the process gone a moment before its parent does.
    wait_until(lambda: run.status().state is not RunState.RUNNING, 30, "the end of the training")
    assert run.status().state is RunState.STOPPED
    assert (run.folder / "checkpoint.pt").exists()
