"""A trained model of any family is chosen in the window, loads in the model's process, predicts, and is named."""

import pytest
from opened_window import PATIENCE, opened_window
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QListWidget
from qt import settle, wait_until
from tiny_model import FAMILIES, make_family_card, make_film
from widgets import click, named

from engine.films import read_film
from engine.models import family_names, load_family
from engine.predict import load_model, predict
from vcfviewer.canvas.values import Side
from vcfviewer.model_process import FLOOR
from vcfviewer.panels.dialogs.model_dialog import ModelDialog
from vcfviewer.panels.words import family_title


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder of trainings, one of each family."""
    folder = tmp_path_factory.mktemp("runs")
    for number, family in enumerate(FAMILIES):
        make_family_card(folder / family, family, threshold=0.3 + number / 10)
    return folder


def choose(window, family):
    window.activateWindow()
    wait_until(window.isActiveWindow, PATIENCE, "the window's keys")
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_M,
                   Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)  # fmt: skip
    settle()
    dialog = window.findChild(ModelDialog)
    offered = named(dialog, QListWidget, "Models")
    texts = [offered.item(row).text() for row in range(offered.count())]
    row = next(row for row, text in enumerate(texts) if text.startswith(f"tiny {family}\n"))
    QTest.mouseClick(
        offered.viewport(), Qt.MouseButton.LeftButton, pos=offered.visualItemRect(offered.item(row)).center()
    )
    click(dialog, "Use this model")
    wait_until(lambda: window.findChild(ModelDialog) is None, PATIENCE, "the dialog's end")
    return texts[row]


@pytest.mark.slow
def test_every_family_is_chosen_by_name_and_speaks_under_it(tmp_path, runs):
    film = make_film(tmp_path / "films" / "film.png")
    with opened_window(tmp_path, film.parent, runs_folder=str(runs)) as window:
        case = window.session.case
        for number, family in enumerate(FAMILIES):
            text = choose(window, family)
            assert text == f"tiny {family}\n{family_title(family)}, score threshold {0.3 + number / 10:.2f}"
            assert case.threshold == pytest.approx(0.3 + number / 10)
            wait_until(lambda: case.prediction is not None, PATIENCE, f"a prediction of {family}")
            settle()
            card = runs / family / f"tiny {family}.card.json"
            here = predict(read_film(film), load_model(card), floor=FLOOR)
            assert case.prediction.card.model == family
            assert [one.label for one in case.prediction.shapes] == [one.label for one in here.shapes]
            scores = [one.score for one in here.shapes]
            assert [one.score for one in case.prediction.shapes] == pytest.approx(scores, abs=1e-3)
            assert named(window.findings, QLabel, "Whose findings these are").text() == f"Model: tiny {family}"
            assert window.comparison.view(Side.MODEL).marks.caption == f"Model: tiny {family}"
            wait_until(lambda: window.session.folder.films()[0].summary is not None, PATIENCE, "the film's figures")
            name = f"Model: tiny {family}"
            wait_until(lambda name=name: name in tool_tip(window), PATIENCE, "the name in the list's tip")


def tool_tip(window):
    return str(window.worklist.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole))


@pytest.mark.parametrize("family", family_names())
def test_families_are_called_as_they_call_themselves(family):
    assert family_title(family) != family, "no title for this family in panels/words.py"
    assert load_family(family).title.startswith(family_title(family))
