"""Whole jobs through the front door: a real window, real keys and mouse, the bundled model's own predictions."""

import shutil
from pathlib import Path

import pytest
from player import Player
from window_fixtures import clean_house as clean_house
from window_fixtures import qt_app as qt_app

from engine.control import CancelToken
from engine.data.worklist import find_work
from engine.resources import samples_dir
from engine.store import FolderStore
from vcfviewer.model_process import ModelProcess
from vcfviewer.session.listing import ListedFilm
from vcfviewer.session.predicting import bundled_card, predict_once

FILMS = ("sample_01", "sample_03", "sample_04", "sample_06", "sample_07", "sample_10", "sample_12")


@pytest.fixture(scope="session")
def predicted_films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sample films with the bundled model's predictions in the folder's store: predicted once, not at each journey."""
    folder = tmp_path_factory.mktemp("predicted") / "films"
    folder.mkdir()
    for path in samples_dir().iterdir():
        if path.stem in FILMS:
            shutil.copyfile(path, folder / path.name)
    store, model = FolderStore.open(folder, "journeys"), ModelProcess()
    card = bundled_card()
    assert card is not None
    try:
        for item in find_work([folder]):
            film = ListedFilm(store.key(item.film), item)
            predict_once(film, card, store, model, CancelToken())
    finally:
        model.close()
        store.close()
    return folder


@pytest.fixture
def films(predicted_films: Path, tmp_path: Path) -> Path:
    """A reader's own copy of those films."""
    return Path(shutil.copytree(predicted_films, tmp_path / "films"))


@pytest.fixture
def player(qt_app, tmp_path: Path):
    """Open windows with this; they are closed at the end."""
    opened = Player(qt_app, tmp_path / "settings.ini")
    yield opened
    opened.close()
