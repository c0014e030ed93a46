"""Starts the window: application, theme, language, the exception hook, and the model's process beside it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QSettings, QTimer, Signal
from PySide6.QtWidgets import QApplication

from vcfviewer.actions import opening
from vcfviewer.jobs import Jobs
from vcfviewer.model_process import ModelProcess
from vcfviewer.samples import sample_folder
from vcfviewer.settings import SettingsStore
from vcfviewer.theme import app_icon, apply_theme
from vcfviewer.translation import install_translation
from vcfviewer.window import MainWindow


class Unexpected(QObject):
    """Brings exceptions that nobody caught to the one presenter of errors, from any thread."""

    caught = Signal(str, object)

    def hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Take the place of `sys.excepthook`: the terminal gets the trace, the reader a sentence."""
        sys.__excepthook__(kind, error, trace)
        if isinstance(error, Exception):
            self.caught.emit(self.tr("An error nobody expected"), error)


def run(films: Sequence[Path]) -> int:
    """Open the window and return the exit code; without films, on a copy of the samples."""
    app = make_application(sys.argv[:1])
    settings = SettingsStore(QSettings())
    install_translation(app, settings.current.language)
    window = open_window(app, settings, list(films) or [sample_folder()])
    unexpected = Unexpected(window)
    unexpected.caught.connect(window.reactions.failed)
    sys.excepthook = unexpected.hook
    if not films and not settings.current.hint_seen:
        QTimer.singleShot(0, window, lambda: opening.hint(window.desk))
    return app.exec()


def open_window(app: QApplication, settings: SettingsStore, films: Sequence[Path]) -> MainWindow:
    """Show the window and let it read the films; what the start made isn't looked through for rubbish any more."""
    apply_theme(app, settings.current.theme)
    # The model's process starts with the first film: beside the window's own start it would delay both.
    window = MainWindow(settings, Jobs(), ModelProcess())
    window.show()
    window.session.open(films)
    gc.freeze()
    gc.enable()
    return window


def make_application(arguments: Sequence[str]) -> QApplication:
    """Make the application, under the name that its settings are kept by."""
    app = QApplication(list(arguments))
    app.setOrganizationName("vcfviewer")
    app.setApplicationName("vcfviewer")
    app.setWindowIcon(app_icon())
    return app
