"""The longest time the window stands still while the bundled model starts, loads, predicts, and its word is shown."""

import shutil

from PySide6.QtCore import QSettings
from qt import settle, wait_until
from stalls import StallWatch

from engine.resources import samples_dir
from vcfviewer.jobs import Jobs
from vcfviewer.model_process import ModelProcess
from vcfviewer.settings import SettingsStore
from vcfviewer.window import MainWindow

TOPIC = "The bundled model in the window"
STALL_MS = 50.0
ROUNDS = 3


def longest_stall_ms(work):
    """Open a film in a new window, and let a new process of the model load and predict it."""
    folder = work / "films"
    folder.mkdir(parents=True)
    for name in ("sample_01.png", "sample_01.json", "sample_04.png", "sample_04.json"):
        shutil.copyfile(samples_dir() / name, folder / name)
    settings = SettingsStore(QSettings(str(work / "s.ini"), QSettings.Format.IniFormat))
    settings.replace(hint_seen=True, predict_on_open=False)
    window = MainWindow(settings, Jobs(), ModelProcess())
    try:
        window.resize(1600, 1000)
        window.show()
        window.session.open([folder])
        case = window.session.case
        wait_until(lambda: case.case is not None, 30, "the film")
        settle(20)
        window.bar.action("predict").trigger()
        return 1000 * StallWatch().run(lambda: any(row.measurement for row in case.rows if row.predicted), 240)
    finally:
        window.close()
        window.deleteLater()
        settle()


def test_the_window_goes_on_while_the_model_loads_and_predicts(qt_app, tmp_path, measurement):
    # What the window does itself it does in every round; what the rest of the machine does to it, in some.
    stalls = []
    while len(stalls) < ROUNDS and (not stalls or min(stalls) >= STALL_MS):
        stalls.append(longest_stall_ms(tmp_path / str(len(stalls))))
    measurement("longest stall while it loads and predicts, best round", "ms", [min(stalls)], bar=STALL_MS,
                headline=True)  # fmt: skip
    assert min(stalls) < STALL_MS
