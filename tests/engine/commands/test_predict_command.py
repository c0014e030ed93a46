import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys

import pytest
from tiny_model import make_annotated, make_quick_card

from engine.__main__ import main
from engine.commands.predict import target_paths
from engine.films import read_film
from engine.formats.labelme import read_labelme

JUDGE = """
import json, sys
from labelme._label_file import read_label_file
said = {}
for path in json.load(sys.stdin):
    try:
        read_label_file(path)
        said[path] = "opens"
    except Exception as error:
        said[path] = repr(error)
print(json.dumps(said))
"""


def judged_by_labelme(paths):
    """What labelme's own reader says of each file, in a process of its own."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("QT_QPA_PLATFORM_PLUGIN_PATH", None)
    command = [sys.executable, "-W", "ignore", "-c", JUDGE]
    text = json.dumps([str(path) for path in paths])
    done = subprocess.run(command, input=text, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def rows_of(out):
    return list(csv.DictReader((out / "summary.csv").read_text(encoding="utf-8").splitlines()))


def digests(folder):
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def mixed(coarse_films, tmp_path):
    """Films, labelme files, and what isn't a film at all, with names a clinic would give."""
    folder = tmp_path / "Müller, Röntgen"
    (folder / "2024").mkdir(parents=True)
    for name in ("film0.png", "film0.json", "film1.png", "film6.png", "film7.dcm", "film7.json"):
        shutil.copy(coarse_films / name, folder / name)
    shutil.copy(coarse_films / "film0.png", folder / "2024" / "film0.png")
    (folder / "truncated.png").write_bytes((coarse_films / "film2.png").read_bytes()[:900])
    (folder / "notes.docx").write_bytes(b"PK\x03\x04 not a film")
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "film1.json").write_text('{"shapes": [{"label": "L1"')
    (folder / "coco.json").write_text('{"images": []}')
    return folder


def test_a_mixed_folder_gives_json_for_films_and_a_reason_for_all_else(mixed, tiny_card, tmp_path, capsys):
    before, out = digests(mixed), tmp_path / "out"
    assert main(["predict", str(mixed), "--model", str(tiny_card), "--out", str(out), "--threshold", "0"]) == 0
    assert digests(mixed) == before
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.json"))
    assert written == ["2024/film0.json", "film0.json", "film1.json", "film6.json", "film7.json"]
    rows = {row["film"].rpartition("/")[2]: row for row in rows_of(out)}
    assert {name for name, row in rows.items() if row["status"] == "skipped"} == {
        "truncated.png", "notes.docx", "empty.dcm",
    }  # fmt: skip
    assert "damaged or truncated" in rows["truncated.png"]["reason"]
    assert "empty file" in rows["empty.dcm"]["reason"]
    assert "annotation not used" in rows["film1.png"]["reason"]
    assert rows["film0.png"]["annotated_fractures"] in ("", "1")
    assert all(row["notice"] == "Research use only, not for diagnosis." for row in rows.values())
    shown = capsys.readouterr().out
    assert "5 films predicted, 3 skipped" in shown
    assert "not for diagnosis" in shown


def test_labelme_itself_opens_every_file_written(mixed, tiny_card, tmp_path):
    out = tmp_path / "out"
    main(["predict", str(mixed), "--model", str(tiny_card), "--out", str(out), "--threshold", "0"])
    written = sorted(out.rglob("*.json"))
    assert judged_by_labelme(written) == {str(path): "opens" for path in written}


def test_what_is_written_reads_back_with_scores_and_model(mixed, tiny_card, tmp_path):
    out = tmp_path / "out"
    main(["predict", str(mixed), "--model", str(tiny_card), "--out", str(out), "--threshold", "0"])
    one = read_labelme(out / "film7.json")
    assert one.extra["vcfviewer"]["model"] == "tiny"
    assert len(one.extra["vcfviewer"]["weights_sha256"]) == 64
    assert all(shape.score is not None and shape.is_fracture for shape in one.shapes)
    picture = read_film(out / one.image_name)
    assert (picture.size, picture.pixels.dtype.itemsize) == (one.image_size, 1)


def test_two_films_of_one_stem_get_two_files(coarse_films, tiny_card, tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    shutil.copy(coarse_films / "film0.png", folder / "case.png")
    shutil.copy(coarse_films / "film7.dcm", folder / "case.dcm")
    assert main(["predict", str(folder), "--model", str(tiny_card), "--out", str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").glob("*.json")) == ["case_dcm.json", "case_png.json"]


def test_a_labelme_file_may_be_named_in_place_of_its_film(coarse_films, tiny_card, tmp_path):
    out = tmp_path / "out"
    assert main(["predict", str(coarse_films / "film3.json"), "--model", str(tiny_card), "--out", str(out)]) == 0
    assert [(row["status"], row["annotated_fractures"]) for row in rows_of(out)] == [("predicted", "1")]


def test_other_formats_are_written_beside(coarse_films, tiny_card, tmp_path):
    arguments = ["predict", str(coarse_films), "--model", str(tiny_card), "--out", str(tmp_path), "--threshold", "0"]
    assert main([*arguments, "--also", "coco", "yolo", "csv"]) == 0
    record = json.loads((tmp_path / "coco.json").read_text())
    assert len(record["images"]) == 8
    assert len(list((tmp_path / "labels").glob("*.txt"))) == 8
    assert len((tmp_path / "findings.csv").read_text().splitlines()) == len(record["annotations"]) + 1


def test_machines_get_one_json_object_a_line(coarse_films, tiny_card, tmp_path, capsys):
    main(["predict", str(coarse_films), "--model", str(tiny_card), "--out", str(tmp_path / "out"), "--json"])
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sum(record["event"] == "film" for record in records) == 8
    assert records[-1] == {"event": "done", "predicted": 8, "skipped": 0, "out": str(tmp_path / "out")}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere"], 1, "nowhere: no such file or folder"),
        (["{films}", "--threshold", "2"], 2, "between 0 and 1"),
        (["{films}", "--out", "{films}"], 2, "input folder"),
        (["{films}", "--also", "excel"], 2, "known: coco, coco_rle, csv, yolo"),
        (["{films}", "--model", "no.card.json"], 1, "no.card.json"),
    ],
)
def test_wrong_calls_say_what_is_wrong(arguments, code, said, coarse_films, tiny_card, tmp_path, capsys):
    given = [one.replace("{films}", str(coarse_films)) for one in arguments]
    defaults = ["--model", str(tiny_card), "--out", str(tmp_path / "out")]
    assert main(["predict", *defaults, *given]) == code
    assert said in capsys.readouterr().err


def test_no_two_films_are_written_to_one_file(tmp_path):
    names = ("a.png", "a.bmp", "a_png.png", "B.png", "b.png", "b_png_1.png", "c", "c.png")
    films = [tmp_path / name for name in names]
    targets = target_paths(films, [tmp_path], tmp_path / "out")
    assert len({str(path).casefold() for path in targets.values()}) == len(films)
    told = {film.name: path.name for film, path in targets.items()}
    assert (told["a.bmp"], told["a_png.png"]) == ("a_bmp.json", "a_png.json")
    assert told["a.png"] == "a_png_2.json"


def test_pipes_among_films_and_labels_are_skipped_with_a_reason(tiny_card, tmp_path, capsys):
    films, out = tmp_path / "films", tmp_path / "out"
    make_annotated(films / "a.png")
    (films / "a.json").unlink()
    for name in ("a.json", "pipe.png", "loose.json"):
        os.mkfifo(films / name)
    assert main(["predict", str(films), "--model", str(tiny_card), "--out", str(out)]) == 0
    rows = {row["film"].rpartition("/")[2]: row for row in rows_of(out)}
    assert {name: row["status"] for name, row in rows.items()} == {
        "a.png": "predicted", "loose.json": "skipped", "pipe.png": "skipped",
    }  # fmt: skip
    assert rows["a.png"]["reason"] == "annotation not used: expected a labelme file, got a pipe, socket or device"
    assert rows["pipe.png"]["reason"] == "expected a film, got a pipe, socket or device"
    assert rows["loose.json"]["reason"].startswith("expected a labelme file, got a pipe, socket or device")
    assert "1 films predicted, 2 skipped" in capsys.readouterr().out


def test_films_of_one_name_go_by_their_places_in_other_formats(tmp_path):
    films, out = tmp_path / "films", tmp_path / "out"
    for name in ("one/film.png", "two/film.png", "two/other.png"):
        make_annotated(films / name)
    card = make_quick_card(tmp_path / "model")
    words = ["predict", "--out", str(out), "--model", str(card), "--threshold", "0", "--also", "coco", "csv", "--"]
    for given, names in (
        ([films], ["one/film.png", "two/film.png", "other.png"]),
        ([films / "one", films / "two"], ["one/film.png", "two/film.png", "other.png"]),
        ([films / "one" / "film.png", films / "two" / "film.png"],
         [(films / "one" / "film.png").as_posix(), (films / "two" / "film.png").as_posix()]),
    ):  # fmt: skip
        assert main([*words, *map(str, given)]) == 0
        assert [one["file_name"] for one in json.loads((out / "coco.json").read_text())["images"]] == names
        rows = csv.DictReader((out / "findings.csv").read_text(encoding="utf-8").splitlines())
        assert {row["film"] for row in rows} == set(names)
