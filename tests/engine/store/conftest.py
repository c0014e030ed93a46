"""A folder with its store."""

import pytest

from engine.store import FolderStore


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "films"
    place.mkdir()
    return place


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def store(folder, home):
    opened = FolderStore.open(folder, "anna", home=home)
    yield opened
    opened.close()
