import errno
import os
import subprocess
import sys
from pathlib import Path

import exporting as made
import pytest

from engine.control import Cancelled, CancelToken
from engine.data.dataset import find_examples
from engine.data.held_out import without_held_out
from engine.errors import AnnotationWriteError, ConfigError, DataError
from engine.review.export import ExportOptions, export_bundle


@pytest.fixture
def films(tmp_path):
    return made.films(tmp_path / "films")


@pytest.fixture
def items(films):
    return made.items(films)


def test_a_folder_with_other_files_is_refused_and_left_alone(items, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("all of it")
    with pytest.raises(ConfigError, match="isn't empty, and holds no earlier export"):
        export_bundle(items, ExportOptions(out))
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]
    with pytest.raises(ConfigError, match="is a file"):
        export_bundle(items, ExportOptions(out / "thesis.txt"))


def test_an_earlier_export_is_kept_and_the_next_lies_beside(items, tmp_path):
    options = ExportOptions(tmp_path / "out")
    first = export_bundle(items, options)
    before = {path: path.read_bytes() for path in first.written}
    second, third = export_bundle(items, options), export_bundle(items, options)
    assert first.folder == tmp_path / "out"
    assert second.folder.parent == third.folder.parent == first.folder
    assert second.folder.name.startswith("export-20")
    assert second.folder != third.folder
    assert {path: path.read_bytes() for path in first.written} == before
    assert made.manifest_of(third)["films"]["train"] == 3


def test_a_cancelled_export_says_that_it_is_incomplete(items, tmp_path):
    cancel = CancelToken()
    steps = []

    def progress(done, total, text):
        steps.append((done, total, text))
        if done == 1:
            cancel.cancel()

    with pytest.raises(Cancelled):
        export_bundle([*items, items[0]], ExportOptions(tmp_path / "out"), progress, cancel)
    assert steps == [(0, 4, "a.png"), (1, 4, "b.jpg")]
    out = tmp_path / "out"
    assert not (out / "manifest.json").exists()
    assert "Delete this folder, and export again" in (out / "INCOMPLETE.txt").read_text()
    again = export_bundle(items, ExportOptions(out))
    assert again.folder.parent == out
    assert not (again.folder / "INCOMPLETE.txt").exists()


def test_an_export_that_was_broken_off_is_not_trained_on(items, tmp_path):
    cancel = CancelToken()
    out = tmp_path / "out"
    with pytest.raises(Cancelled):
        export_bundle(items, ExportOptions(out), lambda done, _total, _text: done and cancel.cancel(), cancel)
    for folder in (out, out / "train", out / "train" / "images"):
        with pytest.raises(DataError, match="this export was not finished"):
            without_held_out(find_examples(folder), folder)


def test_films_are_opened_one_after_the_other(items, tmp_path):
    images = tmp_path / "out" / "train" / "images"
    written, told = [], []

    def opened():
        for item in items:
            written.append(len(list(images.glob("*.json"))))
            yield item

    export_bundle(opened(), ExportOptions(tmp_path / "out"), lambda *values: told.append(values), total=3)
    assert written == [0, 1, 2]
    assert told == [(0, 3, "a.png"), (1, 3, "b.jpg"), (2, 3, "c.dcm"), (3, 3, "")]


FULL_DISK = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import exporting as made
from engine.errors import AnnotationWriteError
from engine.review.export import ExportOptions, export_bundle
films, out = Path(sys.argv[2]), Path(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
try:
    export_bundle([made.negative(films / "b.jpg"), made.item(films / "c.dcm")], ExportOptions(out))
except AnnotationWriteError as error:
    sys.stdout.write(str(error))
"""


def test_a_full_disk_is_told_and_leaves_a_folder_that_says_so(films, tmp_path):
    out = tmp_path / "out"
    command = (sys.executable, "-c", FULL_DISK, Path(made.__file__).parent, films, out)
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert told.startswith(f"{out}: the export could not be finished: File too large; ")
    assert "delete this one, and export again" in told
    assert (out / "INCOMPLETE.txt").exists()
    assert not (out / "manifest.json").exists()
    assert not list(out.rglob("*.part"))
    assert made.judged_by_labelme([out / "train" / "images" / "b.json"]) != {}


def test_a_folder_that_cannot_be_made_is_told(items, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(AnnotationWriteError, match=os.strerror(errno.ENOTDIR)):
        export_bundle(items, ExportOptions(blocked / "out"))


def test_an_export_within_the_films_folder_is_warned_of(items, films, tmp_path):
    inside = export_bundle(items, ExportOptions(films / "out"))
    assert any("within the folder of the films" in one for one in inside.warnings)
    beside = export_bundle(items, ExportOptions(tmp_path / "out"))
    assert beside.warnings == ()
