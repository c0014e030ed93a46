"""A folder of 10,000 films: how soon the first row and the first film are there; the next film; memory over 500."""

import gc
import json
import os
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QSettings
from qt import settle, wait_until

from vcfviewer.jobs import Jobs
from vcfviewer.model_process import ModelProcess
from vcfviewer.settings import SettingsStore
from vcfviewer.window import MainWindow

TOPIC = "A folder of films"
FILMS = 10_000
WALKED = 500
WARM = 100
"""Films after which what is kept of films is full, and memory is expected to stay."""
FIRST_ROW_SECONDS = 1.0
FIRST_FILM_SECONDS = 2.0
GROWTH_MIB = 0.15
"""A film: these are of 0.4 MB, so one that isn't let go of shows."""


@pytest.fixture(scope="module")
def many_films(tmp_path_factory):
    """10,000 films of 800 x 500 px, each with a labelme file; hard links, so that making them takes seconds."""
    folder = tmp_path_factory.mktemp("many")
    rng = np.random.default_rng(1)
    picture = cv2.GaussianBlur(rng.integers(0, 255, (800, 500), np.uint8), (0, 0), 3)
    film, label = folder.parent / "film.png", folder.parent / "label.json"
    film.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    ring = [[200 + 50 * np.cos(a), 300 + 30 * np.sin(a)] for a in np.linspace(0, 6.2, 40)]
    shape = {"label": "L1", "points": ring, "group_id": None, "shape_type": "polygon", "flags": {}}
    record = {"version": "5.0.2", "flags": {}, "shapes": [shape], "imagePath": "", "imageData": None,
              "imageHeight": 800, "imageWidth": 500}  # fmt: skip
    label.write_text(json.dumps(record))
    for number in range(FILMS):
        os.link(film, folder / f"film_{number:05d}.png")
        os.link(label, folder / f"film_{number:05d}.json")
    return folder


@pytest.fixture
def window(qt_app, tmp_path):
    settings = SettingsStore(QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat))
    settings.replace(predict_on_open=False, hint_seen=True)
    window = MainWindow(settings, Jobs(), ModelProcess())
    window.resize(1600, 1000)
    window.show()
    settle()
    yield window
    window.close()
    window.deleteLater()
    settle()


def resident_mib():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_the_first_row_and_the_first_film_are_there_at_once(window, many_films, measurement):
    rows, shown = [], []
    window.session.shown.connect(lambda _key, _case: shown.append(time.perf_counter()))
    took = []
    for _ in range(3):
        shown.clear()
        start = time.perf_counter()
        window.session.open([many_films])
        wait_until(lambda: window.worklist.model.rowCount() == FILMS, 60, "the rows")
        window.worklist.repaint()
        rows.append(time.perf_counter() - start)
        wait_until(lambda: shown, 60, "the first film")
        window.comparison.repaint()
        took.append(time.perf_counter() - start)
    measurement("to the first row", "s", rows, size=FILMS, of="films", bar=FIRST_ROW_SECONDS)
    measurement("to the first film on the screen", "s", took, size=FILMS, of="films", bar=FIRST_FILM_SECONDS,
                headline=True)  # fmt: skip
    assert min(rows) < FIRST_ROW_SECONDS
    assert min(took) < FIRST_FILM_SECONDS


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc for the memory in use")
@pytest.mark.parametrize("films", [WARM + 100, pytest.param(WALKED, marks=pytest.mark.slow)])
def test_walking_is_quick_and_memory_stays_flat(window, many_films, measurement, films):
    window.session.open([many_films])
    case = window.session.case
    wait_until(lambda: case.case is not None, 60, "the first film")
    waits, before = [], 0.0
    for step in range(films):
        if step == WARM:
            gc.collect()
            before = resident_mib()
        key = case.key
        start = time.perf_counter()
        window.desk.go(1)
        wait_until(lambda key=key: case.case is not None and case.key != key, 30, "the next film")
        waits.append(time.perf_counter() - start)
    gc.collect()
    grown = resident_mib() - before
    measurement("to the next film", "ms", [1000 * wait for wait in waits])
    bar = GROWTH_MIB * (films - WARM)
    measurement(f"memory grown over {films - WARM} films", "MiB", [grown], bar=bar)
    assert grown < bar
