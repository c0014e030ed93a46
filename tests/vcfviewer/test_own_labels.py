"""A reader's own label texts, from a table in the settings, are understood wherever a label is read."""

import json

import numpy as np
import pytest
from opened_window import PATIENCE, opened_window
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from qt import settle, wait_until
from tiny_model import make_annotated

from engine.domain.annotation import Shape
from engine.domain.case import Prediction
from engine.domain.labels import Level, Status
from engine.domain.polygon import Polygon
from engine.store import FolderStore
from engine.weights import read_card
from vcfviewer.actions.sharing import FilmChoice, chosen_films, items_of
from vcfviewer.canvas.values import Side, ToolName
from vcfviewer.panels.dialogs.conflict_dialog import ConflictDialog
from vcfviewer.panels.dialogs.relabel_popup import matching_labels
from vcfviewer.session.predicting import bundled_card

OWN = {"k1": "L1", "lwk 2 ok": "L2 normal"}
L1_FRACTURED, L2_NORMAL = (Level.L1, Status.FRACTURED), (Level.L2, Status.NORMAL)
OUTLINE = Polygon(np.array([[60.0, 80.0], [150.0, 80.0], [150.0, 200.0], [60.0, 200.0]]))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(OWN))
    return path


@pytest.fixture
def films(tmp_path):
    """One film whose expert wrote `k1`."""
    folder = tmp_path / "films"
    make_annotated(folder / "a.png", level="k1")
    return folder


@pytest.fixture
def window(tmp_path, films, table):
    with opened_window(tmp_path, films, label_table=str(table)) as window:
        yield window


def read_as(shape):
    return (shape.level, shape.status)


def click(view, x, y):
    at = view.mapFromScene(QPointF(x, y))
    QTest.mouseMove(view.viewport(), at)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    settle()


def test_a_file_is_read_by_it(window):
    shape = window.session.document.annotation.shapes[0]
    assert shape.label == "k1"
    assert read_as(shape) == L1_FRACTURED
    assert window.levels.model.index(tuple(Level).index(Level.L1), 0).data()


def test_a_polygon_that_is_drawn_is_read_by_it(window):
    window.comparison.set_label_for_new("LWK-2 ok")
    window.comparison.set_tool(ToolName.POLYGON)
    view = window.comparison.view(Side.EXPERT)
    for x, y in ((170, 220), (230, 220), (230, 280), (170, 280)):
        click(view, x, y)
    QTest.keyClick(view.viewport(), Qt.Key.Key_Return)
    settle()
    drawn = window.session.document.annotation.shapes[-1]
    assert drawn.label == "LWK-2 ok"
    assert read_as(drawn) == L2_NORMAL


def test_another_label_is_read_by_it(window):
    shape = window.session.document.annotation.shapes[0]
    window.session.deciding.relabel(frozenset((shape.id,)), "lwk 2 ok")
    assert read_as(window.session.document.annotation.shape(shape.id)) == L2_NORMAL


def test_what_is_typed_for_a_label_is_read_by_it(window):
    assert matching_labels("k1", ("L2", "L1", "L1 normal"), window.session.labels) == ("L1",)
    window.relabel.ask(QPoint(10, 10), "lwk 2 ok")
    settle()
    assert window.relabel._states.checkedId() == tuple(Status).index(Status.NORMAL)
    QTest.keyClicks(window.relabel._field, "k1")
    assert window.relabel._list.item(0).text() == "L1"
    window.relabel.hide()


def test_a_change_from_outside_is_read_by_it(window, films):
    told = []
    window.session.saving.outside.connect(told.append)
    record = json.loads((films / "a.json").read_text())
    record["shapes"][0]["label"] = "LWK 2 OK"
    (films / "a.json").write_text(json.dumps(record))
    window.session.deciding.set_film(comment="mine")
    wait_until(lambda: told, PATIENCE, "the question")
    settle()
    assert read_as(told[0].outside.theirs.shapes[0]) == L2_NORMAL
    window.findChild(ConflictDialog).reject()
    window.session.saving.settle("a.png", told[0].outside.sha256)
    wait_until(lambda: not window.session.saving.unsaved, PATIENCE, "the saved film")


def test_films_that_are_not_open_are_read_by_it(window):
    store, labels = window.session.folder.store, window.session.labels
    items = list(items_of(chosen_films(window.desk, FilmChoice.ALL), store, None, labels))
    assert [read_as(shape) for shape in items[0].annotation.shapes] == [L1_FRACTURED]


def test_figures_of_films_predicted_in_the_background_go_by_it(tmp_path, films, table):
    make_annotated(films / "b.png", level="k1")
    store = FolderStore.open(films, "reader")
    found = Prediction(read_card(bundled_card()), (320, 240), (Shape("m", "L1", OUTLINE, score=0.99),), 0.1)
    for name in ("a.png", "b.png"):
        store.put_prediction(store.content_sha256(films / name), found)
    store.close()
    with opened_window(tmp_path, films, label_table=str(table)) as window:
        window.session.predict_folder()
        wait_until(lambda: window.session.folder.film("b.png").summary, PATIENCE, "the figures")
        summary = window.session.folder.film("b.png").summary
        assert (summary.agrees, summary.missed, summary.extra) == (1, 0, 0)


def test_a_table_that_is_chosen_while_a_film_is_open_acts_at_once(tmp_path, films, table):
    with opened_window(tmp_path, films) as window:
        assert read_as(window.session.document.annotation.shapes[0]) == (None, None)
        window.desk.settings.replace(label_table=str(table))
        wait_until(
            lambda: read_as(window.session.document.annotation.shapes[0]) == L1_FRACTURED, PATIENCE, "the new reading"
        )


def test_a_table_that_cannot_be_read_is_told_and_the_usual_labels_hold(tmp_path, films, table):
    table.write_text('{"k1": "knee"}')
    with opened_window(tmp_path, films, label_table=str(table)) as window:
        wait_until(lambda: window.errors.errors, PATIENCE, "the error")
        assert "knee" in window.errors.errors[0].what
        assert read_as(window.session.document.annotation.shapes[0]) == (None, None)
        assert window.session.labels.read("L1").level is Level.L1
