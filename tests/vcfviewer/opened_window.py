"""A real window on a folder, as the program opens it; without a model unless one is asked for."""

from contextlib import contextmanager

from PySide6.QtCore import QSettings, Qt
from qt import settle, wait_until

from vcfviewer.jobs import Jobs
from vcfviewer.model_process import ModelProcess
from vcfviewer.settings import SettingsStore
from vcfviewer.window import MainWindow

PATIENCE = 30.0


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
