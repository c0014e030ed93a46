"""Simulated films, coarse and quick to make, that the engine's tests share."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.data.dataset import find_examples
from engine.domain.labels import FRACTURE_LEVELS
from engine.simulate.film import FilmPlan
from engine.simulate.recipe import PlannedFilm
from engine.simulate.writing import write_film
from engine.train import TrainConfig, train

COARSE = (0.9, 1.2)


@pytest.fixture(scope="session")
def coarse_films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with eight simulated films of about 250 px: one fracture of each level, then two normal ones."""
    folder = tmp_path_factory.mktemp("films")
    plans = [FilmPlan(700 + at, ((level, 3),), pitch=COARSE) for at, level in enumerate(FRACTURE_LEVELS)]
    plans += [FilmPlan(800, pitch=COARSE), replace(FilmPlan(801, pitch=COARSE), dicom=True)]
    for at, plan in enumerate(plans):
        write_film(PlannedFilm(f"film{at}", "train", f"patient{at}", plan), folder)
    return folder


@pytest.fixture(scope="session")
def tiny_card(coarse_films: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model card of a network far too small, trained for four steps: it runs, and finds next to nothing."""
    options = {"depth": 18, "rois_per_image": 16, "proposals_train": 40, "proposals_test": 40}
    config = TrainConfig(options=options, input_size=(96, 128), epochs=1, batch_size=2)
    folder = tmp_path_factory.mktemp("tiny") / "tiny"
    return train(config, find_examples(coarse_films), folder, lambda _report: None)
