"""The worklist with 10,000 films: shown, searched, sorted, updated and scrolled without a stall that a reader feels.

Times are those of the GUI thread's own work, so that what else the machine does counts little.
"""

import os
import time
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTableView

from engine.data.worklist import WorkItem
from engine.domain.case import ReviewStatus
from engine.review import FilmSummary
from vcfviewer.panels.worklist import WorklistPanel
from vcfviewer.panels.worklist_model import Column, WorkRow

TOPIC = "The worklist of 10,000 films"
FILMS = 10_000
RUNS = 9
SHOWN_MS = 300.0
"""10,000 films set and painted; a tenth of it is measured."""

KEY_MS = 200.0
"""A key in the search field, a sort, a summary; a fourth of it is measured."""

FRAME_MS = 50.0
"""A frame while scrolling; a fifth of it is measured."""


@pytest.fixture(scope="module")
def app():
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QApplication.instance() or QApplication(["benchmarks"])


def summary(number):
    share = number * 7919 % 1000 / 1000
    status = tuple(ReviewStatus)[number % 5]
    return FilmSummary(
        share, share, share, 1, 0, number % 3, number % 4, number % 2, share / 3, status, number % 50 == 0
    )


@pytest.fixture(scope="module")
def rows():
    found = []
    for number in range(FILMS):
        name = f"ward_{number % 7}/lateral_{number}.png"
        reason = (
            ("shapes[3]: label must be text, got 3", "two films of this stem")[number % 2] if number % 40 == 7 else ""
        )
        known = None if number % 5 == 3 else summary(number)
        found.append(WorkRow(name, name, WorkItem(Path(name)), reason, known))
    return found


@pytest.fixture
def panel(app, rows):
    panel = WorklistPanel()
    panel.resize(560, 900)
    panel.set_rows(rows)
    panel.set_current(rows[5000].key)
    panel.show()
    app.processEvents()
    yield panel
    panel.close()
    panel.deleteLater()
    app.processEvents()


def timed(app, panel, act):
    """Milliseconds until `act` is done and what it changed is painted."""
    start = time.thread_time()
    act()
    app.processEvents()
    panel.grab()
    return 1000 * (time.thread_time() - start)


def test_ten_thousand_films_are_shown_at_once(app, panel, rows, measurement):
    times = [timed(app, panel, lambda: panel.set_rows(rows)) for _ in range(RUNS)]
    assert measurement("all rows set and painted", "ms", times, bar=SHOWN_MS, headline=True).is_met


def test_a_key_in_the_search_field(app, panel, measurement):
    field = panel.findChild(QLineEdit)
    times = []
    for text in ("lateral_12", "isn't there", "ward_3"):
        times += [timed(app, panel, lambda key=key: QTest.keyClicks(field, key)) for key in text]
        field.clear()
    assert measurement("a key in the search field", "ms", times, bar=KEY_MS).is_met


@pytest.mark.parametrize("column", Column)
def test_sorting(app, panel, column, measurement):
    times = [timed(app, panel, lambda down=down: panel.sort_by(column, down)) for down in (True, False) * 4]
    assert measurement(f"sort by {column.name.lower().replace('_', ' ')}", "ms", times, bar=KEY_MS).is_met


def test_a_summary_that_takes_its_place(app, panel, rows, measurement):
    panel.sort_by(Column.FILM_IOU)
    unknown = [row.key for row in rows if row.summary is None and not row.reason][:RUNS]
    times = [timed(app, panel, lambda key=key: panel.update_row(key, summary(len(key)))) for key in unknown]
    assert measurement("one new summary", "ms", times, bar=KEY_MS).is_met
    everything = {row.key: summary(number) for number, row in enumerate(rows)}
    assert timed(app, panel, lambda: panel.update_rows(everything)) < SHOWN_MS


def test_scrolling(app, panel, measurement):
    view = panel.findChild(QTableView)
    scroll = view.verticalScrollBar()
    times = []
    for step in range(120):
        start = time.thread_time()
        scroll.setValue(step * 173)
        view.viewport().repaint()
        times.append(1000 * (time.thread_time() - start))
    assert measurement("a frame while scrolling", "ms", times, bar=FRAME_MS).is_met


def test_walking(app, panel, rows, measurement):
    panel.sort_by(Column.FILM_IOU)
    times = []
    for row in rows[:: FILMS // 50]:
        start = time.thread_time()
        panel.step(1, row.key)
        panel.next_where(lambda one: one.summary is not None and one.summary.undecided > 0, row.key)
        times.append(1000 * (time.thread_time() - start))
    assert measurement("next film and next disagreement", "ms", times, bar=FRAME_MS).is_met
