"""An edit written to the journal, durable when the call returns, beside saving the whole labelme file as durably."""

import time

import numpy as np
import pytest
from measurements import rounds_ms

from engine.domain.annotation import Annotation, Shape
from engine.domain.edits import move_vertex
from engine.domain.polygon import Polygon
from engine.formats.labelme import write_labelme
from engine.store import FolderStore

TOPIC = "The journal"
DURABLE_MS = 10.0
VERTICES = 64


def body(x, y):
    turn = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    return Polygon(np.stack([x + 60 * np.cos(turn), y + 40 * np.sin(turn)], axis=1))


def annotation_of(shapes):
    found = (Shape(f"s{at}", "L1", body(100 + at % 10 * 150, 100 + at // 10 * 110)) for at in range(shapes))
    return Annotation("film.png", (4000, 3000), tuple(found))


@pytest.mark.parametrize(
    ("shapes", "edits"), [(8, 20), (32, 20), (128, 20), pytest.param(8, 1000, marks=pytest.mark.slow)]
)
def test_an_edit_is_durable_within_ten_milliseconds(shapes, edits, tmp_path, measurement):
    store = FolderStore.open(tmp_path, "anna", home=tmp_path / "home")
    states = [annotation_of(shapes)]
    edited = iter(range(edits + 1))

    def record():
        step = next(edited)
        x, y = states[-1].shapes[0].polygon.points[step % VERTICES]
        after = move_vertex(states[-1], "s0", step % VERTICES, (float(x) + 0.25, float(y)))
        store.record("film.png", "edit", "Move vertex", states[-1], after)
        states.append(after)

    def save():
        write_labelme(tmp_path / "film.json", states[-1])

    try:
        ours, theirs = rounds_ms(record, save, rounds=edits, clock=time.perf_counter)
        assert store.history("film.png", states[0]).current == states[-1]
    finally:
        store.close()
    name = "an edit, durable" if edits < 1000 else f"one of {edits} edits, durable"
    told = measurement(name, "ms", ours, peer=theirs, peer_name="the labelme file saved", size=shapes, of="shapes",
                       bar=DURABLE_MS, headline=edits < 1000)  # fmt: skip
    assert told.is_met
