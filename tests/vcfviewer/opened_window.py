"""A real window on a folder, as the program opens it; without a model unless one is asked for."""

import shutil
from contextlib import contextmanager

from PySide6.QtCore import QSettings, Qt
from qt import settle, wait_until

from engine.resources import samples_dir
from vcfviewer.jobs import Jobs
from vcfviewer.model_process import ModelProcess
from vcfviewer.settings import SettingsStore
from vcfviewer.window import MainWindow

PATIENCE = 30.0
FIRST, SECOND, BARE = "sample_01.png", "sample_04.png", "sample_02.png"
"""Sample films; the last one has no annotation."""


def copy_samples(folder):
    """Copy the three sample films and what is annotated of them into a new folder."""
    folder.mkdir()
    for name in (FIRST, SECOND, BARE):
        shutil.copyfile(samples_dir() / name, folder / name)
        label = (samples_dir() / name).with_suffix(".json")
        if label.exists():
            shutil.copyfile(label, (folder / name).with_suffix(".json"))
    return folder


def go_to(window, key):
    """Open a film, and wait until it is on the screen."""
    window.desk.open_film(key)
    arrived(window, key)


def arrived(window, key):
    """Wait until a film is on the screen, and no other one on its way."""
    wait_until(lambda: window.session.case.key == key and not window.session.deciding.awaited, PATIENCE, key)
    settle()


@contextmanager
def opened_window(tmp_path, *paths, size=(1500, 950), model=None, **settings):
    """Open a window on folders or films, and close it at the end; `size` None leaves the window its own.

    `model` stands in for the model's process.
    """
    store = SettingsStore(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    store.replace(**{"reader": "A. Reader", "hint_seen": True, "predict_on_open": False, "language": "en", **settings})
    window = MainWindow(store, Jobs(), model or ModelProcess())
    try:
        window.show()
        if size is not None:
            window.setWindowState(Qt.WindowState.WindowNoState)
            window.resize(*size)
        settle()
        if paths:
            window.session.open(list(paths))
            wait_until(lambda: window.session.case.case is not None, PATIENCE, "the film")
            settle()
        yield window
    finally:
        window.close()
        window.deleteLater()
        settle()
