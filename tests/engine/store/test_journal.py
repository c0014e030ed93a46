import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from journalled import base_annotation, edited

from engine.domain.annotation import Annotation
from engine.store import OUTSIDE_TEXT, FolderStore, StoreError
from engine.store.snapshot import same

EMPTY = Annotation("film.png", (300, 200))
HERE = Path(__file__).parent

CHILD = """
import sys
from pathlib import Path
from journalled import base_annotation, edited
from engine.store import FolderStore
folder, film, first, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
store = FolderStore.open(folder, film)
state = store.history(film, base_annotation(), "0" * 64).current
print("begun", flush=True)
for number in range(first, first + count):
    after = edited(state, number)
    store.record(film, "edit", str(number), state, after)
    state = after
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
store.close()
"""


def child(folder, film, first=1, count=1000):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    command = [sys.executable, "-c", CHILD, str(folder), film, str(first), str(count)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def edit(store, before, number, film="film.png", **more):
    after = edited(before, number)
    store.record(film, "edit", f"edit {number}", before, after, **more)
    return after


class Model:
    """What undo and redo must do, said again in the plainest way: a list of states and a place in it."""

    def __init__(self, base):
        self.states, self.at = [base], 0

    def edit(self, after):
        self.states, self.at = [*self.states[: self.at + 1], after], self.at + 1

    @property
    def now(self):
        return self.states[self.at]


def check(history, model):
    assert history.position == model.at
    assert len(history.steps) == len(model.states) - 1
    for at, step in enumerate(history.steps):
        assert same(step.before, model.states[at])
        assert same(step.after, model.states[at + 1])
    assert same(history.current, model.now)
    assert same(history.original, model.states[0])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(("undo", "redo", "restart")) | st.integers(0, 10**6), max_size=25))
@example([0, 218, 0])
def test_any_walk_of_edits_undos_and_redos_is_rebuilt_exactly(walk):
    with tempfile.TemporaryDirectory() as place:
        model = Model(base_annotation())
        store = FolderStore.open(Path(place), "anna")
        store.history("film.png", model.now, "ab")
        for move in walk:
            before = model.now
            if move == "restart":
                store.close()
                store = FolderStore.open(Path(place), "ben")
                continue
            if move == "undo" and model.at > 0:
                model.at -= 1
            elif move == "redo" and model.at < len(model.states) - 1:
                model.at += 1
            elif isinstance(move, int):
                model.edit(edited(before, move))
            else:
                continue
            store.record("film.png", move if isinstance(move, str) else "edit", str(move), before, model.now)
        check(store.history("film.png", model.states[0], "ab"), model)
        store.close()
        with closing(FolderStore.open(Path(place), "carla")) as anew:
            check(anew.history("film.png", model.states[0], "ab"), model)


def test_unchanged_shapes_are_shared_between_all_steps(store):
    state = base_annotation()
    for number in (1, 8, 13):
        state = edit(store, state, number)
    history = store.history("film.png", EMPTY)
    assert history.steps[1].before is history.steps[0].after
    for step in history.steps:
        kept = {id(shape) for shape in step.before.shapes} & {id(shape) for shape in step.after.shapes}
        assert len(kept) >= len(step.before.shapes) - 1


def test_a_row_says_who_when_what_and_only_what_changed(store):
    base = base_annotation()
    store.history("film.png", base, "ab")
    after = edit(store, base, 6 * 7 * 3 + 6)
    opened, row = store.entries("film.png")
    assert (opened.kind, opened.file_sha256, len(opened.delta.shapes)) == ("opened", "ab", 3)
    assert (row.kind, row.text, row.reader, row.film) == ("edit", "edit 132", "anna", "film.png")
    assert row.at.endswith("Z")
    assert [*row.delta.shapes] == [base.shapes[0].id]
    was, now = row.delta.shapes[base.shapes[0].id]
    assert (was, now) == (base.shapes[0], after.shapes[0])
    assert store.entries("other.png") == ()


def test_reading_writes_nothing(store):
    assert store.history("film.png", base_annotation(), "ab").steps == ()
    assert store.recorded("film.png") is None
    assert store.entries("film.png") == ()


def test_the_journal_is_append_only(store):
    edit(store, base_annotation(), 1)
    with closing(sqlite3.connect(store.path)) as connection:
        for statement in (
            "UPDATE journal SET text = 'nothing happened'",
            "DELETE FROM journal",
            "INSERT OR REPLACE INTO journal SELECT * FROM journal",
            "REPLACE INTO journal (number, film, at, reader, kind, text) VALUES (1, '', '', '', 'edit', '')",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    assert len(store.entries("film.png")) == 2


def test_edits_joined_to_one_step_are_one_step_after_a_restart(store):
    base = base_annotation()
    first = edit(store, base, 1)
    second = edit(store, first, 5)
    third = edit(store, second, 11, joined=True)
    history = store.history("film.png", EMPTY)
    assert [step.text for step in history.steps] == ["edit 1", "edit 11"]
    assert same(history.steps[1].before, first)
    assert same(history.steps[1].after, third)
    store.record("film.png", "undo", "", third, first)
    assert store.recorded("film.png").position == 1


def test_what_the_journal_has_not_seen_becomes_a_step_of_its_own(store):
    base = base_annotation()
    first = edit(store, base, 1)
    unseen = edited(first, 9)
    store.seen("film.png", unseen, "their file")
    last = edit(store, unseen, 10)
    history = store.history("film.png", EMPTY)
    assert [step.text for step in history.steps] == ["edit 1", OUTSIDE_TEXT, "edit 10"]
    assert same(history.steps[1].after, unseen)
    assert same(history.current, last)
    assert history.holds("their file", unseen)
    store.record("film.png", "undo", "", last, unseen)
    store.record("film.png", "undo", "", unseen, first)
    assert store.recorded("film.png").position == 1


def test_an_undo_to_nowhere_is_kept_as_an_edit(store):
    base = base_annotation()
    first = edit(store, base, 1)
    entry = store.record("film.png", "undo", "odd", first, edited(base, 17))
    assert entry.kind == "edit"
    assert same(store.recorded("film.png").current, edited(base, 17))
    with pytest.raises(ValueError, match="expected one of edit, outside, undo, redo, got 'saved'"):
        store.record("film.png", "saved", "", base, base)


def test_files_are_known_by_what_they_hold(store):
    base = base_annotation()
    store.history("film.png", base, "original")
    first = edit(store, base, 1)
    assert store.saving("film.png", first, "first")
    store.saved("film.png", "first")
    second = edit(store, first, 5)
    history = store.history("film.png", EMPTY)
    assert history.holds("original", base)
    assert history.holds("first", first)
    assert history.files["first"].changes == 1 < history.changes == 2
    assert history.written == {"first"}
    assert not history.holds("first", second)
    assert not store.saving("film.png", edited(second, 40), "never journalled")
    assert store.entries("film.png")[2].kind == "saved"


def test_labelmes_copy_of_the_film_is_found_again_in_the_files(folder, home):
    base = base_annotation("QUJD")
    with closing(FolderStore.open(folder, "anna", home=home)) as store:
        store.history("film.png", base, "ab")
        edit(store, base, 1)
    with closing(FolderStore.open(folder, "anna", home=home)) as store:
        assert store.recorded("film.png").lost_picture
        history = store.history("film.png", base, "ab")
        assert (history.original.image_data, history.current.image_data, history.lost_picture) == (
            "QUJD",
            "QUJD",
            False,
        )
        stripped = replace(base, image_data=None)
        assert store.history("film.png", stripped, "cd").lost_picture is False
    with closing(FolderStore.open(folder, "anna", home=home)) as store:
        history = store.history("film.png", stripped, "cd")
        assert (history.original.image_data, history.lost_picture) == (None, True)
        assert store.history("film.png", stripped, "cd", {"ab": base}).original.image_data == "QUJD"


def test_a_row_that_cannot_be_read_is_told(store):
    edit(store, base_annotation(), 1)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(
            "INSERT INTO journal (film, at, reader, kind, text, delta) VALUES ('film.png', '', '', 'edit', '', x'00')"
        )
    with pytest.raises(StoreError, match=r"the journal of film\.png can't be read"):
        store.history("film.png", EMPTY)


def test_a_kill_in_a_burst_of_edits_loses_none_that_was_recorded(folder):
    process = child(folder, "film.png")
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(31)]
    os.kill(process.pid, signal.SIGKILL)
    told += process.stdout.read().split()
    process.wait()
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL
    with closing(FolderStore.open(folder, "anna")) as store:
        history = store.history("film.png", EMPTY)
        assert len(history.steps) >= len(told) - 1 >= 30
        state = base_annotation()
        for number, step in enumerate(history.steps, 1):
            assert same(step.before, state)
            state = edited(state, number)
            assert (step.text, same(step.after, state)) == (str(number), True)
        walked = history.current
        for step in reversed(history.steps):
            store.record("film.png", "undo", step.text, walked, step.before)
            walked = step.before
        assert same(store.history("film.png", EMPTY).current, base_annotation())


def test_two_processes_write_one_store(folder):
    first, second = child(folder, "one.png", 1, 40), child(folder, "two.png", 500, 40)
    for process in (first, second):
        process.communicate()
        assert process.returncode == 0
    with closing(FolderStore.open(folder, "anna")) as store:
        for film, start in (("one.png", 1), ("two.png", 500)):
            history = store.history(film, EMPTY)
            state = base_annotation()
            for number in range(start, start + 40):
                state = edited(state, number)
            assert (len(history.steps), same(history.current, state)) == (40, True)
            assert {entry.reader for entry in store.entries(film)} == {film}


def test_two_windows_on_one_film_keep_every_edit_of_both(folder, store):
    base = base_annotation()
    with closing(FolderStore.open(folder, "ben")) as other:
        for one in (store, other):
            one.history("film.png", base, "ab")
        mine = edit(store, base, 1)
        theirs = edit(other, base, 4)
        mine = edit(store, mine, 9)
        texts = [step.text for step in store.history("film.png", EMPTY).steps]
        assert texts == ["edit 1", OUTSIDE_TEXT, "edit 4", OUTSIDE_TEXT, "edit 9"]
        assert same(store.history("film.png", EMPTY).current, mine)
        assert same(other.history("film.png", EMPTY).steps[2].after, theirs)
