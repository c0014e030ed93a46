"""A folder with one film, its labelme file, and its store."""

import pytest
from reviewed import make_film, record, write_json

from engine.store import FolderStore


@pytest.fixture
def folder(tmp_path):
    make_film(tmp_path / "films")
    write_json(tmp_path / "films" / "a.json", record())
    return tmp_path / "films"


@pytest.fixture
def store(folder, tmp_path):
    opened = FolderStore.open(folder, "anna", home=tmp_path / "home")
    yield opened
    opened.close()
