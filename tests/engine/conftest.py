"""Simulated films, coarse and quick to make, that the engine's tests share."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.domain.labels import FRACTURE_LEVELS
from engine.simulate.film import FilmPlan
from engine.simulate.recipe import PlannedFilm
from engine.simulate.writing import write_film

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
