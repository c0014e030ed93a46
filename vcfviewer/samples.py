"""The sample films, as a folder of the reader's own that may be edited."""

from __future__ import annotations

import shutil
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from engine.resources import samples_dir


def sample_folder() -> Path:
    """Return the copy of the sample films in the user's data folder; films that are missing there are copied anew."""
    place = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)) / "samples"
    place.mkdir(parents=True, exist_ok=True)
    for film in sorted(samples_dir().iterdir()):
        # Who opened the originals has left a journal's folder among them.
        if film.is_file() and not (place / film.name).exists():
            shutil.copyfile(film, place / film.name)
    return place
