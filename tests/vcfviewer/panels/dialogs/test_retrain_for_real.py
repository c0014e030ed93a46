"""Training for real, from the dialog: started, stopped, resumed, finished, offered, and found again."""

import json

import pytest
from controls import shown
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox
from qt import wait_until
from widgets import click, named, texts

from engine.domain.case import ModelCard
from engine.domain.labels import PAPER_CLASSES, Level
from engine.models import family_names as registered_families
from engine.models import load_family
from engine.simulate.film import FilmPlan
from engine.simulate.recipe import PlannedFilm
from engine.simulate.writing import write_film
from engine.train import TrainConfig
from engine.weights import read_card, save_weights
from vcfviewer.panels.dialogs.curves import CurvesView
from vcfviewer.panels.dialogs.model_dialog import CardEntry
from vcfviewer.panels.dialogs.retrain_dialog import RetrainDialog
from vcfviewer.panels.dialogs.retrain_form import RECIPES, RetrainForm, family_names
from vcfviewer.panels.dialogs.retrain_run import RunPage
from vcfviewer.training import RunState

SMALL = {"depth": 18, "rois_per_image": 16, "proposals_train": 40, "proposals_test": 40}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The card of an untrained network that is far too small, and six coarse films of two levels."""
    folder = tmp_path_factory.mktemp("tiny")
    network = load_family("mask_rcnn").build(len(PAPER_CLASSES), SMALL).network
    card = ModelCard(
        model="mask_rcnn", labels=PAPER_CLASSES, input_size=(64, 96), mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25),
        score_threshold=0.5, sha256="", name="tiny", options=SMALL,
    )  # fmt: skip
    path = save_weights(folder / "model", card, network.state_dict())
    films = folder / "films"
    films.mkdir()
    for at, level in enumerate((Level.T12, Level.L1) * 3):
        plan = FilmPlan(700 + at, ((level, 3),), pitch=(0.9, 1.2))
        write_film(PlannedFilm(f"film{at}", "train", f"patient{at}", plan), films)
    return CardEntry(path, read_card(path)), films


def test_the_families_are_those_of_the_folder_and_recipes_are_settings_of_the_trainer():
    assert family_names() == registered_families()
    for recipe in RECIPES:
        TrainConfig(**recipe.settings)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_training_is_started_stopped_resumed_finished_and_offered(tiny, tmp_path):
    entry, films = tiny
    dialog = shown(RetrainDialog([entry], entry.path, tmp_path / "runs", str(films)))
    epochs = named(dialog, QSpinBox, "Epochs: how often each film is seen")
    epochs.setValue(2)
    named(dialog, QSpinBox, "Measure on the validation films every so many steps").setValue(3)
    click(dialog, "Start training")
    assert "set aside to measure on" in texts(dialog)
    wait_until(lambda: dialog.run is not None, 90, "the split and the start")
    page = dialog.findChild(RunPage)
    loss, precision = page.findChildren(CurvesView)
    wait_until(lambda: "loss" in loss.accessibleDescription(), 300, "a first step")
    assert "Step" in texts(page)
    click(page, "Stop")
    wait_until(lambda: dialog.run.status().state is RunState.STOPPED, 120, "the stop")
    wait_until(lambda: "stopped" in texts(page), 10, "the state on the page")
    click(page, "Resume")
    wait_until(lambda: dialog.run.status().state is RunState.FINISHED, 300, "the end")
    wait_until(lambda: named(dialog, QComboBox, "New model").currentText() == dialog.run.folder.name, 10, "the offer")
    wait_until(lambda: "AP50" in precision.accessibleDescription(), 10, "a measure")
    assert named(dialog, QComboBox, "Old model").currentText() == "tiny"
    dialog.close()

    again = RetrainDialog([entry], entry.path, tmp_path / "runs")
    again.show_runs()
    shown(again)
    assert again.run.folder.name in texts(again)
    again.close()


def test_a_training_that_cannot_start_says_why(tiny, tmp_path):
    entry, _ = tiny
    (tmp_path / "runs").write_text("a file where the folder should be", encoding="utf-8")
    split = tmp_path / "s.json"
    split.write_text(json.dumps({"train": ["a"], "valid": [], "test": ["b"]}), encoding="utf-8")
    dialog = shown(RetrainDialog([entry], entry.path, tmp_path / "runs", str(tmp_path)))
    form = dialog.findChild(RetrainForm)
    for typed in ("", str(split)):
        QTest.keyClicks(named(form, QLineEdit, "Split into parts"), typed)
        click(dialog, "Start training")
        assert dialog.run is None
        assert "Not a directory" in dialog._wrong.text()
        assert dialog._wrong.isVisible()


def test_films_that_cannot_be_divided_are_told(tiny, tmp_path):
    entry, _ = tiny
    (tmp_path / "empty").mkdir()
    dialog = shown(RetrainDialog([entry], entry.path, tmp_path / "runs", str(tmp_path / "empty")))
    click(dialog, "Start training")
    wait_until(lambda: "no film" in dialog._wrong.text(), 90, "the reason")
    assert dialog.run is None
