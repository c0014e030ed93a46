import json
import os
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from reviewed import SQUARE, Reader, make_film, only_item, record, write_json

from engine.domain import edits
from engine.errors import AnnotationWriteError
from engine.formats.labelme import read_labelme
from engine.review.opening import open_case
from engine.review.saving import OutsideChange, original_path, save_case, sha256_of
from engine.store import FolderStore
from engine.store.snapshot import same

HERE = Path(__file__).parent

READ_ONLY = """
import os, sys
from pathlib import Path
from reviewed import Reader, only_item
from engine.errors import AnnotationWriteError
from engine.review.opening import open_case
from engine.store import FolderStore
warm, folder, home = (Path(name) for name in sys.argv[1:4])
def work(place, home):
    store = FolderStore.open(place, "anna", home=home)
    reader = Reader(open_case(only_item(place), store), store)
    try:
        reader.move()
        print("saved")
    except AnnotationWriteError as error:
        print(error)
    print(len(open_case(only_item(place), store).steps), open_case(only_item(place), store).recovered)
    store.close()
work(warm, home)
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
work(folder, home)
"""


@pytest.fixture
def reader(folder, store):
    return Reader(open_case(only_item(folder), store), store)


def test_the_first_change_keeps_the_original_once(folder, reader):
    first = (folder / "a.json").read_bytes()
    assert not reader.save().written
    assert not original_path(folder / "a.json").exists()
    for _ in range(3):
        reader.move()
        assert original_path(folder / "a.json").read_bytes() == first
    (read,) = [read_labelme(folder / "a.json")]
    assert read.shapes[0].polygon == reader.now.shapes[0].polygon
    assert json.loads((folder / "a.json").read_text())["shapes"][2]["group_id"] == 3
    assert sorted(path.name for path in folder.iterdir()) == [".vcfviewer", "a.json", "a.json.orig", "a.png"]


def test_the_save_follows_undo_back_to_the_very_bytes(folder, reader):
    first = (folder / "a.json").read_bytes()
    base = reader.now
    moved = reader.move()
    reader.record("undo", base)
    assert (folder / "a.json").read_bytes() == first
    reader.record("redo", moved)
    assert read_labelme(folder / "a.json").shapes[0].polygon == moved.shapes[0].polygon
    reader.record("undo", base)
    assert (folder / "a.json").read_bytes() == first


def test_the_journal_is_told_of_every_save(folder, store, reader):
    reader.move()
    kinds = [(entry.kind, entry.file_sha256) for entry in store.entries("a.png")]
    sha256 = sha256_of((folder / "a.json").read_bytes())
    assert [kind for kind, _ in kinds] == ["opened", "edit", "saved"]
    assert kinds[2][1] == sha256 == reader.sha256
    assert kinds[0][1] == sha256_of(original_path(folder / "a.json").read_bytes())


def test_another_programs_change_is_not_overwritten_unasked(folder, store, reader):
    theirs = write_json(folder / "a.json", record([{"label": "L9", "points": SQUARE}])).read_bytes()
    with pytest.raises(OutsideChange, match="another program changed it") as told:
        reader.move()
    assert (folder / "a.json").read_bytes() == theirs
    assert [shape.label for shape in told.value.theirs.shapes] == ["L9"]
    assert told.value.sha256 == sha256_of(theirs)
    reader.sha256 = told.value.sha256
    assert reader.save().written
    assert [shape.label for shape in read_labelme(folder / "a.json").shapes] == ["T12", "L1 normal"]
    assert original_path(folder / "a.json").read_bytes() == theirs


def test_theirs_taken_is_saved_as_it_is(folder, store, reader):
    reader.move()
    write_json(folder / "a.json", record([{"label": "L9", "points": SQUARE}]))
    with pytest.raises(OutsideChange) as told:
        reader.move()
    reader.record("outside", told.value.theirs, save=False)
    reader.sha256 = told.value.sha256
    reader.move()
    case = open_case(only_item(folder), store)
    assert (case.conflict, case.recovered, len(case.steps)) == (None, 0, 4)
    assert same(case.annotation, reader.now)


@pytest.mark.parametrize("text", ["", "{", '{"shapes": 3}'])
def test_a_broken_file_is_never_overwritten(folder, reader, text):
    (folder / "a.json").write_text(text)
    with pytest.raises(OutsideChange, match="another program changed it, and") as told:
        reader.move()
    assert told.value.theirs is None
    with pytest.raises(OutsideChange):
        reader.save()
    assert (folder / "a.json").read_text() == text
    assert not original_path(folder / "a.json").exists()


def test_a_deleted_file_is_told_and_written_if_wanted(folder, reader):
    reader.move()
    (folder / "a.json").unlink()
    with pytest.raises(OutsideChange, match="the file is gone") as told:
        reader.move()
    assert (told.value.theirs, told.value.sha256) == (None, None)
    reader.sha256 = None
    assert reader.save().written


def test_a_file_that_appeared_meanwhile_is_told(tmp_path):
    folder = make_film(tmp_path / "films").parent
    with closing(FolderStore.open(folder, "anna")) as store:
        reader = Reader(open_case(only_item(folder), store), store)
        write_json(folder / "a.json", record())
        with pytest.raises(OutsideChange):
            reader.edit(edits.set_flags, {"seen": True})


def test_the_same_content_from_outside_is_no_change(folder, reader):
    reader.move()
    reader.sha256 = "outdated"
    assert not reader.save().written


def test_a_folder_that_is_gone_is_told_and_not_made(folder, store, reader, tmp_path):
    gone = tmp_path / "share" / "films" / "a.json"
    with pytest.raises(AnnotationWriteError, match="its folder is gone"):
        save_case(store, "a.png", gone, reader.now, None)
    assert not (tmp_path / "share").exists()
    labels = tmp_path / "labels"
    with pytest.raises(AnnotationWriteError, match="its folder is gone"):
        save_case(store, "a.png", labels / "sub" / "a.json", reader.now, None, below=labels)
    labels.mkdir()
    assert save_case(store, "a.png", labels / "sub" / "a.json", reader.now, None, below=labels).written
    assert (labels / "sub" / "a.json").exists()


def test_a_file_is_saved_also_where_the_journal_cannot_be_told(folder, store, reader):
    after = edits.move_shapes(reader.now, [reader.now.shapes[0].id], 1, 0)
    store.close()
    state = save_case(store, "a.png", folder / "a.json", after, reader.sha256)
    assert (state.written, "can't be used" in str(state.journal_error)) == (True, True)
    again = edits.move_shapes(after, [after.shapes[0].id], 1, 0)
    assert save_case(None, "a.png", folder / "a.json", again, state.sha256).journal_error is None
    assert read_labelme(folder / "a.json").shapes[0].polygon == again.shapes[0].polygon
    assert read_labelme(original_path(folder / "a.json")).shapes[0].polygon == reader.now.shapes[0].polygon


def test_in_a_read_only_folder_the_edit_stays_in_the_journal(tmp_path):
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        for part in ("warm", "films"):
            make_film(place / part)
            write_json(place / part / "a.json", record())
        (place / "home").mkdir()
        (place / "home").chmod(0o777)
        (place / "films").chmod(0o555)
        before = (place / "films" / "a.json").read_bytes()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
        folders = [str(place / part) for part in ("warm", "films", "home")]
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, *folders], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        saved, first, told, second = done.stdout.splitlines()
        assert (saved, first, second) == ("saved", "1 0", "1 1")
        assert "could not be saved: Permission denied; the file on disk is unchanged" in told
        assert (place / "films" / "a.json").read_bytes() == before
        (place / "films").chmod(0o755)
        with closing(FolderStore.open(place / "films", "anna", home=place / "home")) as store:
            reader = Reader(open_case(only_item(place / "films"), store), store)
            assert (reader.case.recovered, reader.save().written) == (1, True)
