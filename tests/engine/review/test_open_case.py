import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from reviewed import SQUARE, Reader, make_film, only_item, record, write_json

from engine.control import Cancelled, CancelToken
from engine.data.worklist import WorkItem, find_work
from engine.domain import edits
from engine.domain.annotation import Shape
from engine.domain.case import ModelCard, Prediction
from engine.domain.labels import LabelTable, Level, Meaning, Status
from engine.domain.polygon import Polygon
from engine.errors import AnnotationReadError, FilmReadError
from engine.review.opening import film_summary, open_case, read_ahead
from engine.review.saving import original_path, sha256_of
from engine.store import OUTSIDE_TEXT, FolderStore
from engine.store.snapshot import same

HERE = Path(__file__).parent

KILLED = """
import os, signal, sys
from pathlib import Path
from reviewed import Reader, only_item
from engine.review.opening import open_case
from engine.store import FolderStore
folder, saves = Path(sys.argv[1]), int(sys.argv[2])
store = FolderStore.open(folder, "anna")
reader = Reader(open_case(only_item(folder), store), store)
for number in range(5):
    reader.move(0.125, save=number < saves)
if sys.argv[3] == "between":
    # The journal knows what the file will hold, and the file is there; the journal isn't told of the end.
    from engine.formats.labelme import encode_labelme, write_encoded
    from engine.review.saving import sha256_of
    data = encode_labelme(reader.now)
    store.saving("a.png", reader.now, sha256_of(data))
    write_encoded(folder / "a.json", data)
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(folder, saves, where=""):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    command = [sys.executable, "-c", KILLED, str(folder), str(saves), where]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL


def opened(folder, store, **more):
    return open_case(only_item(folder), store, **more)


def test_a_film_is_opened_with_its_annotation(folder, store):
    case = opened(folder, store)
    assert case.film.size == (120, 80)
    assert case.film_sha256 == sha256_of((folder / "a.png").read_bytes())
    assert case.file_sha256 == sha256_of((folder / "a.json").read_bytes())
    assert [shape.label for shape in case.annotation.shapes] == ["T12", "L1 normal"]
    assert case.original is case.annotation is case.base
    assert (case.steps, case.position, case.recovered, case.conflict, case.holder) == ((), 0, 0, None, None)
    assert (case.key, case.annotation_path, case.annotated) == ("a.png", folder / "a.json", True)
    assert store.entries("a.png") == ()


def test_a_film_without_annotation_begins_empty_and_stays_so_as_the_original(tmp_path):
    folder = make_film(tmp_path / "films").parent
    with closing(FolderStore.open(folder, "anna")) as store:
        case = opened(folder, store)
        assert (case.annotation.image_name, case.annotation.image_size) == ("a.png", (120, 80))
        assert (case.annotation.shapes, case.file_sha256, case.annotated) == ((), None, False)
        reader = Reader(case, store)
        reader.edit(edits.add_shape, drawn())
        reader.edit(edits.add_shape, drawn("two", 30))
    assert not original_path(folder / "a.json").exists()
    with closing(FolderStore.open(folder, "ben")) as store:
        case = opened(folder, store)
        assert (case.original.shapes, case.annotated, len(case.steps), case.recovered) == ((), False, 2, 0)
        assert same(case.annotation, reader.now)


def drawn(name="one", y=0.0):
    return Shape(name, "L2", Polygon([[0, y], [20, y], [20, y + 20]]))


def test_a_new_annotation_goes_to_the_folder_of_their_own(tmp_path):
    folder, labels = make_film(tmp_path / "films" / "sub").parent.parent, tmp_path / "labels"
    labels.mkdir()
    case = open_case(only_item(folder, labels), None)
    assert case.annotation_path == labels / "sub" / "a.json"
    assert case.annotation.image_name == "../../films/sub/a.png"


@pytest.mark.parametrize("text", ["", "{", '{"shapes": 3}', '{"shapes": [{"label": 3}]}'])
def test_a_broken_annotation_is_never_opened_as_an_empty_one(folder, store, text):
    (folder / "a.json").write_text(text)
    with pytest.raises(AnnotationReadError, match=r"a\.json: "):
        opened(folder, store)
    assert (folder / "a.json").read_text() == text


def test_what_cannot_be_read_is_told_by_its_reason(folder, store):
    (folder / "a.png").unlink()
    (item,) = find_work([folder])
    with pytest.raises(FilmReadError, match=r"its film a\.png isn't there"):
        open_case(item, store)
    with pytest.raises(FilmReadError, match="can't be read"):
        open_case(WorkItem(folder / "gone.png"), store)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        read_ahead(item, token)


def test_a_film_read_ahead_is_not_read_again(folder, store):
    item = only_item(folder)
    ahead = read_ahead(item, CancelToken())
    assert open_case(item, store, ahead=ahead).film is ahead.film


def test_the_readers_own_label_table_holds_through_a_restart(folder, store):
    table = LabelTable({"t12": Meaning(Level.L3, Status.NOT_ASSESSABLE)})
    reader = Reader(opened(folder, store, table=table), store)
    reader.move()
    case = opened(folder, store, table=table)
    assert {shape.level for shape in case.steps[0].after.shapes} == {Level.L3, Level.L1}


@pytest.mark.parametrize(("saves", "recovered"), [(0, 5), (3, 2), (5, 0)])
def test_a_kill_loses_no_edit_and_no_undo(folder, saves, recovered):
    before = (folder / "a.json").read_bytes()
    killed(folder, saves)
    with closing(FolderStore.open(folder, "ben")) as store:
        case = opened(folder, store)
        assert (case.recovered, case.conflict, case.holder) == (recovered, None, None)
        assert (len(case.steps), case.position) == (5, 5)
        assert case.annotation.shapes[0].polygon.points[0].tolist() == [10.625, 10]
        reader = Reader(case, store)
        for step in reversed(case.steps):
            reader.record("undo", step.before)
        assert (folder / "a.json").read_bytes() == before
        again = opened(folder, store)
        assert (again.recovered, again.position, len(again.steps)) == (0, 0, 5)


def test_a_kill_after_the_file_was_written_is_no_change_from_outside(folder):
    killed(folder, 3, "between")
    with closing(FolderStore.open(folder, "ben")) as store:
        case = opened(folder, store)
        assert (case.recovered, case.conflict, len(case.steps)) == (0, None, 5)


def test_undone_edits_can_be_done_again_after_a_restart(folder, tmp_path):
    for name in ("anna", "ben"):
        with closing(FolderStore.open(folder, name)) as store:
            reader = Reader(opened(folder, store), store)
            if name == "anna":
                first, second = reader.move(), reader.move(2)
                reader.record("undo", first)
            else:
                assert (reader.case.position, len(reader.case.steps)) == (1, 2)
                assert same(reader.record("redo", reader.case.steps[1].after), second)
                assert (reader.case.recovered, opened(folder, store).position) == (0, 2)


def test_a_change_from_outside_is_one_step_where_all_was_saved(folder, store):
    mine = Reader(opened(folder, store), store).move()
    theirs = record([{"label": "T12", "points": SQUARE, "shape_type": "polygon"}, {"label": "L9", "points": SQUARE}])
    sha256 = sha256_of(write_json(folder / "a.json", theirs).read_bytes())
    for _ in range(2):
        case = opened(folder, store)
        assert (case.conflict, case.recovered, case.file_sha256) == (None, 0, sha256)
        assert [shape.label for shape in case.annotation.shapes] == ["T12", "L9"]
        assert [step.text for step in case.steps] == ["edit", OUTSIDE_TEXT]
        assert (case.position, "another program changed the labelme file" in case.notes[-1]) == (2, True)
        assert same(case.steps[1].before, mine)
        assert case.annotation.shapes[0].id == mine.shapes[0].id
    reader = Reader(case, store)
    reader.move()
    case = opened(folder, store)
    assert ([step.text for step in case.steps], case.recovered) == (["edit", OUTSIDE_TEXT, "edit"], 0)
    assert len(case.original.shapes) == 2
    assert case.original.shapes[1].label == "L1 normal"


def test_unsaved_edits_and_a_change_from_outside_are_a_conflict_also_after_a_kill(folder):
    killed(folder, 3)
    theirs = record([{"label": "L4", "points": SQUARE}])
    write_json(folder / "a.json", theirs)
    for name in ("ben", "carla"):
        with closing(FolderStore.open(folder, name)) as store:
            case = opened(folder, store)
            assert [shape.label for shape in case.conflict.shapes] == ["L4"]
            assert [shape.label for shape in case.annotation.shapes] == ["T12", "L1 normal"]
            assert case.annotation.shapes[0].polygon.points[0].tolist() == [10.625, 10]
            assert case.base.shapes[0].polygon.points[0].tolist() == [10.375, 10]
            assert (case.recovered, len(case.steps)) == (2, 5)
            assert json.loads((folder / "a.json").read_text()) == theirs


def test_an_outside_file_taken_up_but_not_yet_saved_is_known_after_a_restart(folder, store):
    Reader(opened(folder, store), store).move()
    write_json(folder / "a.json", record([{"label": "L4", "points": SQUARE}]))
    reader = Reader(opened(folder, store), store)
    reader.move(save=False)
    store.close()
    with closing(FolderStore.open(folder, "ben")) as again:
        case = opened(folder, again)
        assert (case.conflict, case.recovered) == (None, 1)
        assert same(case.annotation, reader.now)


def test_a_deleted_file_is_written_anew(folder, store):
    reader = Reader(opened(folder, store), store)
    reader.move()
    (folder / "a.json").unlink()
    case = open_case(WorkItem(folder / "a.png"), store)
    assert (case.file_sha256, case.recovered, same(case.annotation, reader.now)) == (None, 1, True)
    assert "gone from the disk" in case.notes[-1]
    assert case.original.shapes[0].polygon.points[0].tolist() == [10, 10]
    reader = Reader(case, store)
    assert reader.save().written
    assert (folder / "a.json").exists()


def test_the_original_is_as_any_reader_first_opened_it(folder, tmp_path):
    with closing(FolderStore.open(folder, "anna")) as store:
        Reader(opened(folder, store), store).move()
    shutil.rmtree(folder / ".vcfviewer")
    for _ in range(2):
        with closing(FolderStore.open(folder, "ben")) as store:
            case = opened(folder, store)
            assert case.original.shapes[0].polygon.points[0].tolist() == [10, 10]
            assert [shape.id for shape in case.original.shapes] == [shape.id for shape in case.annotation.shapes]
            Reader(case, store).move()
    original_path(folder / "a.json").write_text("broken")
    with closing(FolderStore.open(folder, "ben")) as store:
        assert any("the kept original can't be used" in note for note in opened(folder, store).notes)


def test_a_second_window_is_told_who_holds_the_film(folder, store):
    assert opened(folder, store, hold=False).holder is None
    opened(folder, store)
    with closing(FolderStore.open(folder, "ben")) as other:
        assert opened(folder, other).holder.reader == "anna"
        store.release("a.png")
        assert opened(folder, other).holder is None


def test_a_film_of_another_size_is_told(folder, store):
    write_json(folder / "a.json", record(imageHeight=999))
    assert opened(folder, store).notes == (
        "made for a film of 999 x 80 px, this one has 120 x 80: check every outline",
    )


def test_a_film_is_summarised_without_being_opened(folder, store):
    card = ModelCard("mask_rcnn", ("L1",), (512, 1024), (0.5,) * 3, (0.2,) * 3, 0.6, "ab" * 32)
    prediction = Prediction(card, (120, 80), (), 0.1)
    assert film_summary(only_item(folder), store, prediction, 0.5, 0.5).missed == 1
    reader = Reader(opened(folder, store), store)
    reader.edit(edits.relabel, [reader.now.shapes[0].id], "T12 normal", save=False)
    summary = film_summary(only_item(folder), store, prediction, 0.5, 0.5)
    assert (summary.missed, summary.undecided, summary.film_iou, summary.film_iou_now) == (1, 0, 0.0, None)
