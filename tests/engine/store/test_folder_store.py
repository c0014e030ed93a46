import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from journalled import base_annotation, edited

from engine.domain.annotation import Shape
from engine.domain.case import ModelCard, Prediction, ReviewStatus
from engine.domain.polygon import Polygon
from engine.store import STALE_SECONDS, FilmSummary, FolderStore, Holder, StoreError, SummaryRow
from engine.store.holders import process_runs

CARD = ModelCard("mask_rcnn", ("L1",), (512, 1024), (0.5,) * 3, (0.2,) * 3, 0.6, "ab" * 32, name="bundled")
SUMMARY = FilmSummary(0.5, 0.75, None, 1, 2, 3, 4, 5, 0.125, ReviewStatus.REVIEWED, True)


def test_a_prediction_comes_back_under_its_ids_by_film_weights_and_settings(store):
    shapes = (Shape("p1", "L1", Polygon([[0, 0], [9.125, 0], [0, 1 / 3]]), 0.875, extra={"note": 1}),)
    prediction = Prediction(CARD, (300, 200), shapes, 1.5, "OpenVINO 2026.1, CPU, 1 thread")
    store.put_prediction("film", prediction)
    assert store.get_prediction("film", CARD) == prediction
    assert store.get_prediction("film", CARD).shapes[0].id == "p1"
    store.put_prediction("film", Prediction(CARD, (300, 200), (), 0.5), "floor 0.5")
    assert store.get_prediction("film", CARD, "floor 0.5").shapes == ()
    assert store.get_prediction("film", CARD) == prediction
    assert store.get_prediction("other film", CARD) is None
    assert store.get_prediction("film", ModelCard(**{**_fields(CARD), "sha256": "cd" * 32})) is None


def _fields(card):
    return {name: getattr(card, name) for name in card.__slots__}


def test_one_file_of_weights_under_two_cards_of_other_input_sizes_has_two_predictions(store):
    store.put_prediction("film", Prediction(CARD, (300, 200), (), 0.5))
    other = ModelCard(**{**_fields(CARD), "input_size": (64, 96)})
    assert store.get_prediction("film", other) is None
    # What is shown of it, or how it is called, makes no difference.
    named = ModelCard(**{**_fields(CARD), "name": "another", "score_threshold": 0.9})
    assert store.get_prediction("film", named).card == named


def test_a_prediction_that_cannot_be_read_is_told(store):
    store.put_prediction("film", Prediction(CARD, (300, 200), (), 0.5))
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE predictions SET body = x'00'")
    with pytest.raises(StoreError, match="the prediction of film film can't be read"):
        store.get_prediction("film", CARD)


def test_a_films_hash_is_taken_anew_only_where_the_file_changed(store, folder):
    film = folder / "a.png"
    film.write_bytes(b"one")
    first = store.content_sha256(film)
    assert first == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    status = film.stat()
    film.write_bytes(b"two")
    os.utime(film, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert store.content_sha256(film) == first
    os.utime(film, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert store.content_sha256(film) != first
    with pytest.raises(FileNotFoundError):
        store.content_sha256(folder / "gone.png")


def test_summaries_come_back_with_their_stamps(store, folder, home):
    unseen = FilmSummary(None, None, None, 0, 0, 0, 0, 0, None, ReviewStatus.UNREAD, False, predicted=False)
    store.put_summary("a.png", SUMMARY, "weights 0.5")
    store.put_summaries({"sub/b.png": SummaryRow(unseen, ""), "a.png": SummaryRow(SUMMARY, "weights 0.6")})
    with closing(FolderStore.open(folder, "ben", home=home)) as other:
        assert other.summaries() == {
            "a.png": SummaryRow(SUMMARY, "weights 0.6"), "sub/b.png": SummaryRow(unseen, ""),
        }  # fmt: skip


def test_a_store_with_ten_thousand_summaries_opens_at_once(store, folder):
    store.put_summaries({f"film_{at:05}.png": SummaryRow(SUMMARY, "stamp") for at in range(10_000)})
    times = []
    for _ in range(5):
        start = time.process_time()
        with closing(FolderStore.open(folder, "ben")) as other:
            assert len(other.summaries()) == 10_000
        times.append(time.process_time() - start)
    assert min(times) < 0.2


def test_a_record_takes_little_time_beside_the_disks_own(store):
    """On one free core half a millisecond; what the disk takes to sync comes on top."""
    state = base_annotation()
    times = []
    for number in range(200):
        after = edited(state, 4 + 6 * number) if number else edited(state, 1)
        start = time.process_time()
        store.record("film.png", "edit", "", state, after)
        times.append(time.process_time() - start)
        state = after
    assert sorted(times)[100] < 0.005


@pytest.mark.parametrize(
    ("film", "key"),
    [("a.png", "a.png"), ("sub/b.png", "sub/b.png"), ("sub/../c.png", "sub/../c.png"), (b"\xff.png", "\\udcff.png")],
)
def test_a_film_is_named_by_its_path_below_the_folder(store, folder, film, key):
    assert store.key(folder / os.fsdecode(film)) == key


def test_a_film_named_through_a_link_or_from_elsewhere(store, folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert store.key(tmp_path / "link" / "a.png") == "a.png"
    assert store.key(tmp_path / "other" / "a.png") == (tmp_path / "other" / "a.png").as_posix()


def test_a_moved_folder_keeps_its_journal(store, folder, tmp_path):
    store.record("sub/a.png", "edit", "", base_annotation(), edited(base_annotation(), 1))
    store.close()
    moved = folder.rename(tmp_path / "moved")
    with closing(FolderStore.open(moved, "anna")) as again:
        assert len(again.recorded(again.key(moved / "sub" / "a.png")).steps) == 1


def test_the_second_window_is_told_who_holds_a_film(store, folder):
    assert store.take("a.png") is None
    assert store.take("a.png") is None
    with closing(FolderStore.open(folder, "ben")) as other:
        holder = other.take("a.png")
        assert (holder.reader, holder.host, holder.pid) == ("anna", socket.gethostname(), os.getpid())
        assert abs(holder.since - time.time()) < 60
        other.release("a.png")
        assert other.take("a.png") == holder
        assert other.take("b.png") is None
        assert store.heartbeat() == {"a.png"}
        store.release("a.png")
        assert other.take("a.png") is None
        assert other.heartbeat() == {"a.png", "b.png"}
    assert store.take("b.png") is None


def set_holder(store, **values):
    with closing(sqlite3.connect(store.path)) as connection, connection:
        for name, value in values.items():
            connection.execute(f"UPDATE holders SET {name} = ?", (value,))


def ended_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_dead_holder_is_taken_over(store, folder):
    with closing(FolderStore.open(folder, "ben")) as other:
        store.take("a.png")
        set_holder(store, pid=ended_process())
        assert other.take("a.png") is None
        assert store.heartbeat() == frozenset()
        assert store.take("a.png").reader == "ben"
        set_holder(store, beat=time.time() - STALE_SECONDS - 1)
        assert store.take("a.png") is None


def test_a_holder_on_another_computer_lives_as_long_as_it_gives_signs(store, folder):
    with closing(FolderStore.open(folder, "ben")) as other:
        store.take("a.png")
        set_holder(store, pid=ended_process(), host="elsewhere")
        assert isinstance(other.take("a.png"), Holder)
        set_holder(store, beat=time.time() - STALE_SECONDS - 1)
        assert other.take("a.png") is None


def test_processes_are_told_alive_from_dead():
    assert process_runs(os.getpid())
    assert process_runs(1)
    assert not process_runs(ended_process())


def test_all_threads_may_use_one_store(store):
    base = base_annotation()
    failures = []

    def work(film):
        try:
            state = base
            for number in range(1, 21):
                after = edited(state, number)
                store.record(film, "edit", "", state, after)
                store.summaries()
                store.take(film)
                state = after
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"{name}.png",)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [len(store.recorded(f"{name}.png").steps) for name in "abcd"] == [20] * 4


@pytest.mark.parametrize(
    "damage", [b"no database at all, but long enough to be taken for one" * 99, b"SQLite format 3\0" * 300]
)
def test_a_damaged_store_is_set_aside_and_a_new_one_begun(folder, damage):
    FolderStore.open(folder, "anna").close()
    path = folder / ".vcfviewer" / "review.sqlite"
    path.write_bytes(damage)
    with closing(FolderStore.open(folder, "anna")) as store:
        (note,) = store.notes
        assert "is damaged" in note
        edited_once = edited(base_annotation(), 1)
        store.record("a.png", "edit", "", base_annotation(), edited_once)
    (aside,) = path.parent.glob("review-damaged-*.sqlite")
    assert aside.read_bytes() == damage
    assert str(aside) in note


def test_a_store_that_is_damaged_further_on_is_set_aside_too(folder):
    with closing(FolderStore.open(folder, "anna")) as store:
        for at in range(300):
            store.record(f"{at}.png", "edit", "", base_annotation(), edited(base_annotation(), 1))
    path = folder / ".vcfviewer" / "review.sqlite"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(8192) + whole[len(whole) // 2 + 8192 :])
    with closing(FolderStore.open(folder, "anna")) as store:
        (note,) = store.notes
        assert "is damaged" in note
        assert store.summaries() == {}
    assert len(list(path.parent.glob("review-damaged-*.sqlite"))) == 1


def test_a_store_of_a_newer_version_is_refused_untouched(store, folder):
    store.close()
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = Path(store.path).read_bytes()
    with pytest.raises(StoreError, match=r"made by a newer vcfviewer \(version 99\); update this one"):
        FolderStore.open(folder, "anna")
    assert Path(store.path).read_bytes() == before


OPENS = """
import sys, time
from pathlib import Path
from engine.store import FolderStore
start = float(sys.argv[2])
for at, folder in enumerate(sorted(Path(sys.argv[1]).iterdir())):
    while time.time() < start + 0.03 * at:
        pass
    FolderStore.open(folder, "anna").close()
"""


def test_processes_that_make_a_store_at_the_same_moment_wait_for_each_other(tmp_path):
    for at in range(40):
        (tmp_path / f"{at:02d}").mkdir()
    command = [sys.executable, "-c", OPENS, str(tmp_path), str(time.time() + 1.0)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate()[1] for process in running] == ["", ""]
