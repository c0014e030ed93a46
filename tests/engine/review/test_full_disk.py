"""A disk without room: a small file system where the system lets us mount one, and a limit on files everywhere."""

import errno
import os
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.worklist import WorkItem
from engine.domain import edits
from engine.domain.annotation import Shape
from engine.domain.polygon import Polygon
from engine.errors import AnnotationWriteError
from engine.review.opening import open_case
from engine.review.saving import save_case
from engine.store import FolderStore, StoreError
from engine.store.snapshot import same

LIMITED = """
import resource, sys
from pathlib import Path
from engine.domain import edits
from engine.domain.annotation import Annotation, Shape
from engine.domain.polygon import Polygon
from engine.store import FolderStore, StoreError
store = FolderStore.open(Path(sys.argv[1]), "anna")
state = Annotation("a.png", (10, 10), (Shape("a", "L1", Polygon([[0, 0], [9, 0], [0, 9]])),))
store.history("a.png", state, "")
def edit(state):
    after = edits.move_shapes(state, ["a"], 0.25, 0)
    store.record("a.png", "edit", "", state, after)
    return after
state = edit(state)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
log = store.path.with_name(store.path.name + "-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (log + 30_000, hard))
kept, told = 1, ""
try:
    while True:
        state = edit(state)
        kept += 1
except StoreError as error:
    told = str(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print(kept)
print(len(store.recorded("a.png").steps))
print(told)
edit(state)
print(len(store.recorded("a.png").steps))
store.close()
"""


@pytest.fixture
def small_disk():
    """A file system of one megabyte."""
    with tempfile.TemporaryDirectory() as name:
        command = ("mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", name)
        if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode != 0:
            pytest.skip("no small file system can be mounted here: that takes Linux and its administrator")
        try:
            yield Path(name)
        finally:
            subprocess.run(("umount", name), check=True)


def film(folder):
    path = folder / "a.png"
    Image.fromarray(np.full((60, 40), 90, np.uint8)).save(path)
    return WorkItem(path, None)


def until_it_fails(action):
    for _ in range(10_000):
        action()


def fill(folder, name):
    with (folder / name).open("wb", buffering=0) as file:
        for size in (65536, 512, 1):
            try:
                while file.write(b"\1" * size) == size:
                    pass
            except OSError:
                continue


def drawn(annotation, number):
    ring = np.array([[0, 0], [30, 0], [30, 20], [0, 20]]) + float(number)
    return edits.add_shape(annotation, Shape(f"s{number}", "L2", Polygon(ring)))


def test_a_full_disk_stops_the_file_but_not_the_journal(small_disk):
    item = film(small_disk)
    with closing(FolderStore.open(small_disk, "anna")) as store:
        case = open_case(item, store)
        states = [case.annotation]

        def edit():
            after = drawn(states[-1], len(states))
            store.record(case.key, "edit", "draw", states[-1], after)
            states.append(after)

        edit()
        saved = save_case(store, case.key, case.annotation_path, states[-1], case.file_sha256)
        fill(small_disk, "filler")
        for _ in range(40):
            edit()
        # What was given up for the journal leaves room for a small file too: that is taken now.
        fill(small_disk, "filler more")
        before = case.annotation_path.read_bytes()
        names = {path.name for path in small_disk.iterdir()}
        with pytest.raises(
            AnnotationWriteError, match="No space left on device; the file on disk is unchanged"
        ) as file:
            save_case(store, case.key, case.annotation_path, states[-1], saved.sha256)
        assert case.annotation_path.read_bytes() == before
        assert {path.name for path in small_disk.iterdir()} == names
        with pytest.raises(StoreError, match="the disk is full; make room") as journal:
            until_it_fails(edit)
        assert (file.value.errno, journal.value.errno) == (errno.ENOSPC, errno.ENOSPC)
        assert same(store.recorded(case.key).current, states[-1])
        looked_at = open_case(item, store)
        assert (same(looked_at.annotation, states[-1]), looked_at.holder) == (True, None)

        for path in small_disk.glob("filler*"):
            path.unlink()
        edit()
        saved = save_case(store, case.key, case.annotation_path, states[-1], saved.sha256)
        assert saved.written
    with closing(FolderStore.open(small_disk, "ben")) as store:
        case = open_case(item, store)
        assert (same(case.annotation, states[-1]), case.recovered, len(case.steps)) == (True, 0, len(states) - 1)


def test_a_limit_on_files_is_told_like_a_full_disk(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", LIMITED, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    kept, found, told, afterwards = done.stdout.splitlines()
    assert int(kept) == int(found) > 1
    assert "the disk is full; make room" in told
    assert int(afterwards) == int(found) + 1
