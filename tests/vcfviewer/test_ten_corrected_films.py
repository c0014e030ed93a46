"""Ten films that a reader corrected change the bundled model, and the window's own comparison shows it."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from qt import wait_until

from engine.control import CancelToken, no_progress
from engine.data.split import Split, write_split
from engine.formats.labelme import read_labelme, write_labelme
from engine.simulate.recipe import plan_recipe
from engine.simulate.writing import write_film
from vcfviewer.model_comparison import compare_models
from vcfviewer.panels.dialogs.retrain_form import RECIPES
from vcfviewer.session.predicting import bundled_card
from vcfviewer.training import RunState, TrainingPlan, settings_from_card, start_training

CORRECTED, HELD_OUT = 10, 20
GENEROUS = 1.2
"""How much wider and higher this reader draws a body than the model has learned to."""


def enlarged(shape):
    """The same body as a generous reader outlines it."""
    x, y = shape.polygon.centroid
    away = np.array([[GENEROUS, 0, x * (1 - GENEROUS)], [0, GENEROUS, y * (1 - GENEROUS)]])
    return replace(shape, polygon=shape.polygon.transformed(away), source=None)


@pytest.fixture(scope="module")
def corrected_films(tmp_path_factory):
    """30 simulated films with a fracture, outlined by one generous reader; ten to learn from, twenty held out."""
    folder = tmp_path_factory.mktemp("corrected")
    names = []
    for film in plan_recipe("balanced", CORRECTED + HELD_OUT, seed=515, normals=0):
        path = folder / f"{write_film(film, folder)}.json"
        annotation = read_labelme(path)
        write_labelme(path, replace(annotation, shapes=tuple(enlarged(shape) for shape in annotation.shapes)))
        names.append(film.file_name)
    write_split(folder / "split.json", Split(tuple(names[:CORRECTED]), (), tuple(names[CORRECTED:])), 0)
    return folder


def row(comparison, name):
    return next(figure for figure in comparison.figures if figure.name == name)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_corrected_films_change_the_bundled_model_measurably(corrected_films, tmp_path, record_property):
    split, old = corrected_films / "split.json", bundled_card()
    recipe = next(recipe for recipe in RECIPES if recipe.name == "corrections")
    settings = {**settings_from_card(old), **recipe.settings, "epochs": recipe.epochs, "batch_size": 2}
    run = start_training(TrainingPlan(corrected_films, tmp_path / "run", split, settings))
    try:
        wait_until(lambda: run.status().state is not RunState.RUNNING, 3000, "the end of the training")
        assert run.status().state is RunState.FINISHED, run.status().message
    finally:
        run.stop(seconds=0)
    comparison = compare_models(
        old, run.status().card, corrected_films, tmp_path / "compared", CancelToken(), no_progress, split=split
    )
    overlap, found = row(comparison, "IoU of pairs"), row(comparison, "mask AP50")
    for figure in (overlap, found):
        record_property(figure.name, f"{figure.old} -> {figure.new}")
        sys.stderr.write(f"{figure.name}: {figure.old} -> {figure.new}\n")
    assert comparison.films == HELD_OUT
    assert overlap.apart
    assert overlap.new.value > overlap.old.value
