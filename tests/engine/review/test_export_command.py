import base64
import csv
import json
from dataclasses import replace

import exporting as made
import pytest

from engine.__main__ import main
from engine.data.worklist import find_work
from engine.domain.case import ReviewStatus
from engine.domain.decisions import set_film_review
from engine.formats.labelme import read_labelme, write_labelme
from engine.review.saving import sha256_of
from engine.store import FolderStore
from engine.weights import write_card


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three films: one reviewed, one called normal, one with an expert's file that nobody reviewed; a broken file."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    place = tmp_path / "films"
    (place / "sub").mkdir(parents=True)
    for at, name in enumerate(("sub/a.png", "b.png", "c.png", "d.png")):
        made.write_png(place / name, made.pixels(at))
    write_labelme(place / "sub" / "a.json", made.item(place / "sub" / "a.png").annotation)
    write_labelme(place / "b.json", made.negative(place / "b.png").annotation)
    write_labelme(place / "c.json", made.expert("c.png"))
    (place / "d.json").write_text('{"shapes": [')
    return place


def run(capsys, *arguments):
    """Run the command; returns its exit code, and the last line of what it told machines."""
    code = main(["export", *map(str, arguments), "--json"])
    lines = capsys.readouterr().out.splitlines()
    return code, [json.loads(line) for line in lines]


def test_the_reviewed_films_of_a_folder_are_exported(folder, tmp_path, capsys):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    code, told = run(capsys, folder, "--out", tmp_path / "out", "--reader", made.READER)
    assert code == 0
    done = told[-1]
    assert (done["event"], done["train"], done["holdout"]) == ("done", 2, 0)
    skipped = {one["film"]: one["reason"] for one in done["skipped"]}
    assert skipped["c.png"] == "its review is not finished (unread)"
    assert "d.json" in skipped["d.png"] or "d.json" in skipped["d.json"]
    images = tmp_path / "out" / "train" / "images"
    assert sorted(path.name for path in images.glob("*.json")) == ["b.json", "sub_a.json"]
    seen = made.judged_by_labelme(images.glob("*.json"))
    assert all("error" not in one for one in seen.values())
    assert made.manifest_of_folder(tmp_path / "out")["reader"] == made.READER
    # Nothing is written where the films lie, not even a store.
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert not (folder / ".vcfviewer").exists()
    assert next(one["text"] for one in told if one["event"] == "progress") == "b.png"


def test_films_that_nobody_finished_are_exported_on_request(folder, tmp_path, capsys):
    code, told = run(capsys, folder, "--out", tmp_path / "out", "--all", "--formats", "labelme", "coco", "yolo")
    assert (code, told[-1]["train"]) == (0, 3)
    assert any("review is not finished: c.png" in text for text in told[-1]["warnings"])
    assert (tmp_path / "out" / "train" / "coco.json").exists()
    assert not (tmp_path / "out" / "findings.csv").exists()


def test_the_journal_and_the_kept_predictions_count(folder, tmp_path, capsys):
    store = FolderStore.open(folder, made.READER)
    try:
        (item,) = (one for one in find_work([folder]) if one.film.name == "c.png")
        store.put_prediction(store.content_sha256(item.film), made.prediction())
        before = read_labelme(folder / "c.json")
        after = set_film_review(before, ReviewStatus.REVIEWED, reader=made.READER, at=made.WHEN)
        # In the journal, and not in the file: as after a kill.
        store.record("c.png", "edit", "reviewed", before, after)
    finally:
        store.close()
    card = tmp_path / "the_model.card.json"
    write_card(card, made.CARD)
    code, told = run(capsys, folder, "--out", tmp_path / "out", "--model", card)
    assert (code, told[-1]["train"]) == (0, 3)
    with (tmp_path / "out" / "decisions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["film"].endswith("/c.png")]
    assert [(row["predicted_label"], row["decision"], row["kind_at_first"]) for row in rows] == [
        ("T12", "undecided", "agrees"), ("L3", "undecided", "extra"), ("L4", "undecided", "extra"),
    ]  # fmt: skip


def test_the_kept_prediction_of_a_film_that_stands_in_its_labelme_file_counts(folder, tmp_path, capsys):
    """It is kept under the picture's sha256: that of the labelme file is another after every save."""
    picture = (folder / "c.png").read_bytes()
    (folder / "c.png").unlink()
    store = FolderStore.open(folder, made.READER)
    try:
        store.put_prediction(sha256_of(picture), made.prediction())
    finally:
        store.close()
    embedded = base64.b64encode(picture).decode()
    label = replace(made.item(folder / "gone.png").annotation, image_name="gone.png", image_data=embedded)
    write_labelme(folder / "c.json", label)
    card = tmp_path / "the_model.card.json"
    write_card(card, made.CARD)
    assert run(capsys, folder, "--out", tmp_path / "out", "--model", card)[0] == 0
    (entry,) = (one for one in made.manifest_of_folder(tmp_path / "out")["items"] if one["key"] == "c.json")
    assert entry["model"] == {"name": "the model", "sha256": made.CARD.sha256}
    with (tmp_path / "out" / "decisions.csv").open(encoding="utf-8", newline="") as file:
        decided = [row["decision"] for row in csv.DictReader(file) if row["film"].endswith("/c.png")]
    assert decided == ["accepted", "rejected", "undecided"]


def test_labels_in_a_folder_of_their_own_are_found(folder, tmp_path, capsys):
    labels = tmp_path / "labels"
    labels.mkdir()
    (folder / "b.json").rename(labels / "b.json")
    (folder / "sub" / "a.json").unlink()
    code, told = run(capsys, folder, "--out", tmp_path / "out", "--annotations", labels)
    assert (code, told[-1]["train"]) == (0, 1)


def test_a_hold_out_and_hidden_names_are_told(folder, tmp_path, capsys):
    arguments = [folder, "--out", tmp_path / "out", "--deidentify", "--holdout-share", "0.4"]
    code, told = run(capsys, *arguments)
    assert (code, told[-1]["train"], told[-1]["holdout"]) == (0, 1, 1)
    assert main(["export", *map(str, arguments)]) == 0
    shown = capsys.readouterr().out
    assert "2 films exported (1 of them put aside for testing), 2 left out." in shown
    assert "Research use only" in shown


def test_what_makes_no_sense_is_refused(folder, tmp_path, capsys):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    for arguments, reason in (
        ((folder / "b.png", "--out", tmp_path / "out"), "is no folder"),
        ((folder, "--out", tmp_path / "out", "--formats", "xml"), "got xml"),
        ((folder, "--out", tmp_path / "full"), "isn't empty"),
        ((folder, "--out", tmp_path / "out", "--deidentify", "--films", "path"), "needs copies"),
    ):
        code, told = run(capsys, *arguments)
        assert code == 2
        assert reason in told[-1]["message"]
