"""The document and its undo stack: what is recorded, what merges, what a restart brings back."""

import numpy as np
import pytest

from engine.domain import edits
from engine.domain.annotation import Annotation, Shape
from engine.domain.polygon import Polygon
from engine.store import FolderStore
from vcfviewer.document import Document

SQUARE = Polygon(np.array([(0.0, 0), (10, 0), (10, 10), (0, 10)]))
START = Annotation("film.png", (50, 60), (Shape("a", "L1", SQUARE),))


def moved(annotation, dx):
    return edits.move_shapes(annotation, ["a"], dx, 0.0)


def x_of(annotation):
    return float(annotation.shape("a").polygon.points[0][0])


@pytest.fixture
def document(qt_app):
    opened = Document()
    opened.open(START, START)
    opened.heard = []
    opened.recorded.connect(opened.heard.append)
    return opened


def test_an_edit_can_be_undone_and_redone_and_each_is_recorded(document):
    assert document.edit("Move", moved(START, 3))
    document.undo_stack.undo()
    assert document.annotation == START
    document.undo_stack.redo()
    assert x_of(document.annotation) == 3
    assert [one.kind for one in document.heard] == ["edit", "undo", "redo"]
    assert document.original == START


def test_nothing_is_recorded_where_nothing_changes(document):
    assert not document.edit("Nothing", START)
    assert document.undo_stack.count() == 0
    assert document.heard == []


def test_edits_of_one_key_make_one_step_and_others_do_not(document):
    for step in range(1, 4):
        document.edit("Nudge", moved(document.annotation, 1), "nudge a")
        assert x_of(document.annotation) == step
    document.edit("Nudge", moved(document.annotation, 1), "nudge b")
    assert document.undo_stack.count() == 2
    assert [one.joined for one in document.heard] == [False, True, True, False]
    document.undo_stack.undo()
    assert x_of(document.annotation) == 3
    document.undo_stack.undo()
    assert document.annotation == START


def test_a_read_only_film_refuses_edits(document):
    document.open(START, START, read_only=True)
    with pytest.raises(ValueError, match="reading only"):
        document.edit("Move", moved(START, 1))


def test_steps_come_back_after_a_restart_merged_as_they_were(document, tmp_path):
    store = FolderStore.open(tmp_path, "A. Reader")
    document.recorded.connect(
        lambda one: store.record("film.png", one.kind, one.text, one.before, one.after, joined=one.joined)
    )
    for _ in range(3):
        document.edit("Nudge", moved(document.annotation, 1), "nudge a")
    document.edit("Relabel", edits.relabel(document.annotation, ["a"], "L2"))
    document.undo_stack.undo()
    store.close()
    store = FolderStore.open(tmp_path, "A. Reader")
    history = store.history("film.png", START)
    store.close()
    again = Document()
    again.open(document.annotation, START, history.steps, history.position)
    assert (again.undo_stack.count(), again.undo_stack.index()) == (2, 1)
    again.undo_stack.redo()
    assert again.annotation.shape("a").label == "L2"
    again.undo_stack.undo()
    again.undo_stack.undo()
    assert again.annotation == START
