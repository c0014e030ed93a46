"""One film reviewed with the keyboard: disagreement, accept, edit, undo, redo, relabel, reject; the disk says so."""

import json

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from qt import settle, wait_until

from engine.domain.polygon import Polygon
from vcfviewer.canvas.values import Side


def own_of(record):
    return record.get("vcfviewer", {}).get("review", {})


def test_a_film_is_reviewed_with_the_keyboard(player, films):
    window = player.open(films)
    # Everything that the model found at a low score is shown, so that there are extra findings to decide on.
    window.threshold.changed.emit(0.05)
    settle()
    film = player.go_to_a_disagreement()
    player.press("N")
    row = window.session.case.row()
    assert row is not None
    assert row.is_open
    assert window.findings.current == row.key
    # Both views frame it.
    port, at = player.at((row.bounds[0] + row.bounds[2]) / 2, (row.bounds[1] + row.bounds[3]) / 2)
    assert port.rect().contains(at)
    key = row.key
    findings_before = len(window.session.document.annotation.findings)

    player.press("Return")
    accepted = window.session.case.row(key)
    assert accepted.decision is not None
    path = (films / film).with_suffix(".json")
    saved = player.wait_saved(path, lambda record: "accepted" in json.dumps(record))
    assert len(window.session.document.annotation.findings) in (findings_before, findings_before + 1)
    assert (films / f"{path.name}.orig").exists()

    # Drag a vertex of the accepted shape by the mouse.
    player.press("Ctrl+J")
    window.desk.choose(key)
    expert = window.session.case.row(key).expert
    window.comparison.select(frozenset((expert.id,)))
    settle()
    vertex = expert.polygon.points[0]
    centre = np.array(expert.polygon.centroid)
    # Inwards, where no vertex of another shape snaps it.
    away = vertex + (centre - vertex) * 0.25
    player.drag(tuple(vertex), tuple(away))
    moved = window.session.document.annotation.shape(expert.id)
    assert np.hypot(*(moved.polygon.points[0] - away)) < 3
    assert window.session.case.row(key).decision.verdict.value == "accepted with edit"

    def first_vertex(record):
        return next(one for one in record["shapes"] if one.get("vcfviewer", {}).get("id") == expert.id)["points"][0]

    player.wait_saved(path, lambda record: np.allclose(first_vertex(record), moved.polygon.points[0]))
    player.press("Ctrl+Z")
    player.wait_saved(path, lambda record: np.allclose(first_vertex(record), vertex))
    player.press("Ctrl+Shift+Z")
    player.wait_saved(path, lambda record: np.allclose(first_vertex(record), moved.polygon.points[0]))

    # Relabel by a level key.
    player.press("Ctrl+3")
    relabelled = player.wait_saved(path, lambda record: any(one["label"] == "L1" for one in record["shapes"]))
    assert relabelled["version"] == saved["version"]


def test_a_finding_is_rejected_with_a_reason_and_the_film_closed(player, films):
    window = player.open(films)
    player.go_to("sample_12")
    window.session.case.set_threshold(0.05)
    settle()
    assert window.session.case.predicted, "the model finds nothing on this film even at a score of 0.05"
    player.press("N")
    row = window.session.case.row()
    assert row.predicted is not None
    player.press("2")
    decision = next(one for one in window.session.case.rows if one.key == row.key).decision
    assert decision.reason.value == "Schmorl's node"
    path = films / "sample_12.json"
    record = player.wait_saved(path, lambda record: own_of(record).get("rejected"))
    assert own_of(record)["rejected"][0]["reason"] == "Schmorl's node"
    assert own_of(record)["rejected"][0]["reader"] == "A. Reader"
    assert record["shapes"] == []
    assert not (films / "sample_12.json.orig").exists()
    # A confirmed negative is not an empty file.
    player.press("Shift+R")
    negative = player.wait_saved(path, lambda record: record["flags"].get("no fracture"))
    assert own_of(negative)["status"] == "no fracture"


def test_a_polygon_is_drawn_by_the_mouse_and_undone(player, films):
    window = player.open(films)
    player.go_to("sample_12")
    player.press("Ctrl+0")
    window.comparison.fit()
    settle()
    player.press("Ctrl+N")
    height, width = window.session.case.film.size
    corners = [
        (width * 0.4, height * 0.4),
        (width * 0.6, height * 0.4),
        (width * 0.6, height * 0.5),
        (width * 0.4, height * 0.5),
    ]
    for corner in corners:
        player.click(*corner)
    player.press("Ctrl+Z")
    player.click(*corners[-1])
    # The label is asked for once the outline is closed, as labelme does.
    player.press("Return")
    player.type("t12")
    player.press("Return")
    shapes = window.session.document.annotation.shapes
    assert [shape.label for shape in shapes] == ["T12"]
    drawn = shapes[0]
    assert drawn.score is None
    assert abs(drawn.polygon.area - Polygon(np.array(corners)).area) / drawn.polygon.area < 0.05
    player.wait_saved(films / "sample_12.json", lambda record: len(record["shapes"]) == 1)
    player.press("Ctrl+Z")
    player.wait_saved(films / "sample_12.json", lambda record: record["shapes"] == [])


def test_return_in_the_search_field_accepts_nothing(player, films):
    window = player.open(films)
    player.go_to("sample_03")
    window.session.case.set_threshold(0.05)
    player.press("N")
    player.press("Ctrl+L")
    player.type("sample_0")
    player.press("Return")
    player.type("n2")
    assert all(row.decision is None for row in window.session.case.rows)
    assert window.session.document.undo_stack.count() == 0


def test_held_keys_hide_and_exchange_the_shapes(player, films):
    window = player.open(films)
    player.go_to("sample_01")
    view = window.comparison.view(Side.EXPERT)
    before = window.comparison.grab().toImage()
    QTest.keyPress(view, Qt.Key.Key_H)
    settle()
    hidden = window.comparison.grab().toImage()
    QTest.keyRelease(view, Qt.Key.Key_H)
    settle()
    after = window.comparison.grab().toImage()
    assert hidden != before
    assert after == before


def test_next_disagreement_goes_on_to_the_next_film(player, films):
    whole = (films / "sample_03.png").read_bytes()
    (films / "z_cut_off.png").write_bytes(whole[: len(whole) // 2])
    window = player.open(films)
    window.session.case.set_threshold(0.05)
    player.press("Ctrl+Shift+I")
    wait_until(lambda: not window.session.predicting.state.running, 60, "the folder's prediction")
    settle()
    told = window.statusBar().currentMessage()
    predicted = len(window.session.folder.films()) - 1
    assert told == (
        f"Films predicted: {predicted}. N goes to the next disagreement. Films that couldn't be predicted: 1."
    )
    seen = []
    for _ in range(40):
        player.press("N")
        player.wait_for_film()
        wait_until(lambda: not window.desk.first_finding, 20, "the finding")
        case = window.session.case
        if case.current:
            seen.append((case.key, case.current))
    assert len({film for film, _ in seen}) >= 3
