import csv
import hashlib
import json
from dataclasses import replace

import exporting as made
import numpy as np
import pytest
from pycocotools.coco import COCO

from engine import __version__
from engine.data.dataset import find_examples
from engine.domain.annotation import Annotation, Shape
from engine.domain.case import ReviewStatus
from engine.domain.decisions import decisions_on, film_review, set_calibration, set_facing, set_film_review
from engine.domain.morphometry import Facing
from engine.errors import ConfigError
from engine.films import read_film
from engine.films.display import film_to_grey
from engine.formats.labelme import NAMESPACE, read_labelme
from engine.review.export import (
    ExportItem,
    ExportOptions,
    FilmCopy,
    SkippedFilm,
    export_bundle,
    export_formats,
)


@pytest.fixture
def films(tmp_path):
    return made.films(tmp_path / "films")


@pytest.fixture
def items(films):
    return made.items(films)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_labelme_opens_every_label_and_shows_the_readers_truth(items, tmp_path):
    report = export_bundle(items, ExportOptions(tmp_path / "out", reader=made.READER))
    labels = sorted(path for path in report.written if path.suffix == ".json" and path.parent.name == "images")
    assert [path.name for path in labels] == ["a.json", "b.json", "c.json"]
    seen = made.judged_by_labelme(labels)
    assert [one.get("error") for one in seen.values()] == [None] * 3
    assert seen[labels[0]]["labels"] == ["T12", "Hong box", "L1", "L2 normal", "Hong's mark"]
    assert seen[labels[1]]["labels"] == []
    assert seen[labels[1]]["flags"] == {"no fracture": True}
    assert [one["image"] for one in seen.values()] == ["a.png", "b.jpg", "c.png"]
    # The accepted outline is the model's; the rejected prediction is no shape.
    assert seen[labels[0]]["points"][0] == made.body(42).points.tolist()
    assert "L3" not in seen[labels[2]]["labels"]


def test_films_are_copied_byte_by_byte_and_dicom_has_a_picture_beside(items, films, tmp_path):
    report = export_bundle(items, ExportOptions(tmp_path / "out"))
    images, originals = report.folder / "train" / "images", report.folder / "train" / "originals"
    assert (images / "a.png").read_bytes() == (films / "a.png").read_bytes()
    assert (images / "b.jpg").read_bytes() == (films / "b.jpg").read_bytes()
    assert (originals / "c_original.dcm").read_bytes() == (films / "c.dcm").read_bytes()
    shown = read_film(images / "c.png")
    assert shown.opens_in_labelme
    assert np.array_equal(shown.pixels, film_to_grey(read_film(films / "c.dcm")))
    assert {path for path in report.folder.rglob("*") if path.is_file()} == set(report.written)


def test_training_finds_the_films_with_their_patients(items, tmp_path):
    items[0] = made.with_patient(items[0], "hash-a")
    report = export_bundle(items, ExportOptions(tmp_path / "out"))
    examples = find_examples(report.folder / "train")
    assert [one.film.name for one in examples] == ["a.png", "b.jpg", "c.png"]
    assert [one.fractures for one in examples] == [("T12", "L1"), (), ("T12", "L1")]
    assert examples[0].patient == "hash-a"
    assert examples[2].patient == hashlib.sha256(b"4711").hexdigest()[:16]
    assert find_examples(report.folder)[0].film == examples[0].film


def test_the_label_keeps_what_was_decided_and_what_a_png_cannot_say(items, tmp_path):
    report = export_bundle(items, ExportOptions(tmp_path / "out"))
    label = read_labelme(report.folder / "train" / "images" / "c.json")
    review = film_review(label)
    assert (review.status, review.reader, review.comment) == (ReviewStatus.REVIEWED, made.READER, "Mrs. Hong, 1948")
    verdicts = {name: one.verdict.value for name, one in
                decisions_on(label, made.prediction().shapes, made.CARD.sha256).items()}  # fmt: skip
    assert verdicts == {"p1": "accepted", "p2": "rejected"}
    own = label.extra[NAMESPACE]
    assert own["film"] == {
        "facing": {"towards": "left", "from": "file"}, "key": "c.dcm", "original": "../originals/c_original.dcm",
        "spacing": {"row_mm": 0.2, "column_mm": 0.2, "state": "detector plane"},
    }  # fmt: skip
    assert own["facing"] == "left"
    assert label.image_data is None


def test_the_manifest_knows_every_file_and_decision(items, tmp_path):
    bad = SkippedFilm("broken.png", "expected a film, got an empty file")
    report = export_bundle([*items, bad], ExportOptions(tmp_path / "out", reader=made.READER))
    told = made.manifest_of(report)
    assert (told["format"], told["program"], told["reader"]) == (
        "vcfviewer export",
        f"vcfviewer {__version__}",
        "Dr. Hong",
    )
    assert told["films"] == {"train": 3, "holdout": 0, "skipped": 1}
    assert told["skipped"] == [{"film": "broken.png", "reason": bad.reason}]
    assert told["decisions"] == {"accepted": 2, "accepted with edit": 0, "rejected": 2, "confirmed": 2, "undecided": 2}
    assert told["models"] == [{"name": "the model", "sha256": "a" * 64}]
    assert told["notice"] == "Research use only, not for diagnosis."
    listed = {}
    for one in told["items"]:
        listed |= {one["film"]: one["film_sha256"], one["label"]: one["label_sha256"]}
        listed |= {one["original"]: one["original_sha256"]} if one["original"] else {}
    listed |= {one["path"]: one["sha256"] for one in told["files"]}
    on_disk = {path.relative_to(report.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
               for path in report.written if path.name != "manifest.json"}  # fmt: skip
    assert listed == on_disk
    first, second, third = told["items"]
    assert (first["status"], second["status"]) == ("reviewed", "no fracture")
    assert (first["reader"], first["reviewed_at"]) == (made.READER, made.WHEN)
    assert (first["findings"], first["normals"], second["findings"]) == (2, 1, 0)
    assert first["source_sha256"] == first["film_sha256"]
    assert third["source_sha256"] == third["original_sha256"] != third["film_sha256"]


def test_findings_have_a_row_a_vertebra_with_units_in_the_columns(items, tmp_path):
    calibrated = set_calibration(set_facing(items[0].annotation, Facing.LEFT), 0.5)
    items[0] = replace(items[0], annotation=calibrated)
    report = export_bundle(items, ExportOptions(tmp_path / "out"))
    told = rows(report.folder / "findings.csv")
    assert [(one["film"], one["label"], one["origin"]) for one in told] == [
        ("train/images/a.png", "T12", "accepted"), ("train/images/a.png", "L1", "confirmed"),
        ("train/images/a.png", "L2 normal", "drawn"), ("train/images/c.png", "T12", "accepted"),
        ("train/images/c.png", "L1", "confirmed"), ("train/images/c.png", "L2 normal", "drawn"),
    ]  # fmt: skip
    first, last = told[0], told[3]
    assert (first["spacing_state"], first["facing_from"]) == ("calibrated by the reader", "reader")
    assert (last["spacing_state"], last["facing_from"]) == ("detector plane", "file")
    for one, pitch in ((first, 0.5), (last, 0.2)):
        assert float(one["posterior_height_px"]) == pytest.approx(30, abs=1)
        assert float(one["posterior_height_mm"]) == pytest.approx(pitch * float(one["posterior_height_px"]), abs=0.02)
        assert float(one["anterior_height_px"]) == pytest.approx(27, abs=1)
        assert one["judged_against"] == "L2"
    assert (first["predicted_label"], first["predicted_score"], first["reader"]) == ("T12", "0.9", made.READER)


def test_without_facing_nothing_is_measured_and_the_row_says_why(items, tmp_path):
    report = export_bundle(items[:1], ExportOptions(tmp_path / "out"))
    (one, *_rest) = rows(report.folder / "findings.csv")
    assert one["anterior_height_px"] == one["posterior_height_mm"] == one["genant_suggested"] == ""
    assert one["not_measured_because"] == "nobody said which way the patient faces"
    assert float(one["area_px2"]) > 1000


def test_an_assumed_facing_measures_heights_and_is_no_facing_that_a_training_would_take(items, tmp_path):
    report = export_bundle([items[0], items[2]], ExportOptions(tmp_path / "out", assumed_facing=Facing.RIGHT))
    told = rows(report.folder / "findings.csv")
    assert {(one["film"], one["facing"], one["facing_from"]) for one in told} == {
        ("train/images/a.png", "right", "assumed"), ("train/images/c.png", "left", "file"),
    }  # fmt: skip
    assert all(float(one["anterior_height_px"]) > 0 for one in told)
    own = json.loads((report.folder / "train" / "images" / "a.json").read_text(encoding="utf-8"))["vcfviewer"]
    assert own["film"]["facing"] == {"towards": "right", "from": "assumed"}
    assert "facing" not in own


def test_decisions_have_a_row_a_predicted_finding(items, tmp_path):
    report = export_bundle(items[:1], ExportOptions(tmp_path / "out"))
    told = rows(report.folder / "decisions.csv")
    assert [(one["predicted_label"], one["decision"], one["reason"]) for one in told] == [
        ("T12", "accepted", ""), ("L3", "rejected", "Schmorl's node"), ("L4", "undecided", ""),
    ]  # fmt: skip
    first, second, third = told
    assert (first["kind_at_first"], second["kind_at_first"]) == ("agrees", "extra")
    # Against the masks as first opened, though the accepted one now is the model's.
    assert 0.8 < float(first["iou_at_first"]) < 0.95
    assert first["iou_now"] == "1.0"
    assert second["iou_at_first"] == ""
    assert third["score"] == "0.7"
    assert {one["model"] for one in told} == {"the model"}
    assert {one["notice"] for one in told} == {"Research use only, not for diagnosis."}


def test_decisions_stay_where_another_model_or_none_is_in_use(items, tmp_path):
    alone = replace(items[0], prediction=None, original=None)
    report = export_bundle([alone], ExportOptions(tmp_path / "out"))
    told = rows(report.folder / "decisions.csv")
    assert [(one["predicted_label"], one["decision"]) for one in told] == [("T12", "accepted"), ("L3", "rejected")]
    assert {one["kind_at_first"] for one in told} == {""}
    assert made.manifest_of(report)["models"] == [{"name": "the model", "sha256": "a" * 64}]


def test_other_formats_are_written_for_each_part(items, tmp_path):
    report = export_bundle(items, ExportOptions(tmp_path / "out", ("labelme", "coco", "coco_rle", "yolo")))
    part = report.folder / "train"
    loaded = COCO(str(part / "coco.json"))
    films = loaded.loadImgs(loaded.getImgIds())
    assert [one["file_name"] for one in films] == ["images/a.png", "images/b.jpg", "images/c.png"]
    assert all((part / one["file_name"]).is_file() for one in films)
    assert len(loaded.getAnnIds()) == 4
    # YOLO's loader puts labels for images/ in its place.
    for image in sorted((part / "images").glob("*.[pj][np]g")):
        lines = (part / "labels" / f"{image.stem}.txt").read_text().splitlines()
        assert len(lines) == (0 if image.stem == "b" else 2)
    assert not (report.folder / "findings.csv").exists()


def test_tables_alone_copy_no_film(items, tmp_path):
    report = export_bundle(items, ExportOptions(tmp_path / "out", ("csv",)))
    assert {path.name for path in report.written} == {"findings.csv", "decisions.csv", "manifest.json"}
    assert rows(report.folder / "findings.csv")[0]["film"] == "a.png"
    assert {path.name for path in report.folder.iterdir()} == {"findings.csv", "decisions.csv", "manifest.json"}


def test_films_by_their_path_open_in_labelme_and_train(items, films, tmp_path):
    before = {path: path.read_bytes() for path in films.iterdir()}
    options = ExportOptions(tmp_path / "out", ("labelme", "coco"), FilmCopy.PATH)
    report = export_bundle(items, options)
    images = report.folder / "train" / "images"
    assert sorted(path.name for path in images.iterdir()) == ["a.json", "b.json", "c.json", "c.png"]
    seen = made.judged_by_labelme(sorted(images.glob("*.json")))
    assert [one.get("error") for one in seen.values()] == [None] * 3
    assert read_labelme(images / "a.json").image_name == "../../../films/a.png"
    for folder in (report.folder, report.folder / "train", images):
        examples = find_examples(folder)
        assert [one.film.resolve() for one in examples] == [films / "a.png", films / "b.jpg", images / "c.png"]
        assert [len(one.shapes) for one in examples] == [4, 0, 4]
    coco = COCO(str(report.folder / "train" / "coco.json"))
    assert all((report.folder / "train" / one["file_name"]).is_file() for one in coco.loadImgs(coco.getImgIds()))
    assert {path: path.read_bytes() for path in films.iterdir()} == before


def test_labels_may_carry_the_picture(items, tmp_path):
    report = export_bundle(items, ExportOptions(tmp_path / "out", image_data=True))
    images = report.folder / "train" / "images"
    for path in images.glob("*.png"):
        path.unlink()
    seen = made.judged_by_labelme([images / "a.json", images / "c.json"])
    assert [one.get("error") for one in seen.values()] == [None] * 2
    assert all(one["bytes"] > 1000 for one in seen.values())


def test_what_is_no_truth_is_left_out_with_its_reason(films, tmp_path):
    unusable = set_film_review(made.expert(), ReviewStatus.UNUSABLE, reader="x", at=made.WHEN)
    (films / "empty.png").write_bytes(b"")
    wrong = made.item(films / "a.png", made.expert(size=(10, 10)))
    scored = Annotation("b.jpg", made.SIZE, (Shape("s", "L1", made.body(20), 0.6), Shape("t", "L2", made.body(90))))
    items = [
        ExportItem(films / "a.png", unusable), made.unsaid(films / "b.jpg"), made.item(films / "empty.png"), wrong,
        made.item(films / "gone.png"), ExportItem(films / "b.jpg", scored, key="sub/b.jpg"),
    ]  # fmt: skip
    report = export_bundle(items, ExportOptions(tmp_path / "out"))
    assert [one.film for one in report.skipped] == ["a.png", "b.jpg", "empty.png", "a.png", "gone.png"]
    reasons = " | ".join(one.reason for one in report.skipped)
    for part in ("unusable", "nothing is drawn on it", "got an empty file", "made for (10, 10) px", "No such file"):
        assert part in reasons
    assert report.training_films == 1
    label = read_labelme(report.folder / "train" / "images" / "sub_b.json")
    assert [shape.label for shape in label.shapes] == ["L2"]
    assert "sub/b.jpg: 1 shapes with a model's score were left out: nobody confirmed them" in report.warnings
    assert "1 films were exported though their review is not finished: sub/b.jpg" in report.warnings


def test_labels_of_the_readers_own_table_are_exported_in_words_that_training_reads(films, tmp_path):
    item = made.items(films)[0]
    fracture = next(shape for shape in item.annotation.shapes if shape.is_fracture)
    own = replace(fracture, label="k1", meaning=fracture.meaning)
    annotation = replace(item.annotation, shapes=(own,))
    report = export_bundle([replace(item, annotation=annotation)], ExportOptions(tmp_path / "out"))
    (example,) = find_examples(report.folder / "train" / "images")
    assert [shape.label for shape in example.shapes] == [fracture.level.value]
    assert example.fractures == (fracture.level.value,)
    assert any("standard words: k1" in note for note in report.warnings)


def test_films_of_one_name_stay_apart(tmp_path):
    paths = []
    for at, name in enumerate(("x/1.png", "y/1.png", "x_1.png", "X_1.jpg", "x/con.png", "x/a:b?.png")):
        path = tmp_path / "films" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        made.write_png(path, made.pixels(at))
        paths.append((path, name))
    items = [made.item(path, key=name) for path, name in paths]
    items.append(made.item(paths[0][0], key=""))
    report = export_bundle(items, ExportOptions(tmp_path / "out", ("labelme", "yolo")))
    stems = [path.stem for path in report.written if path.suffix == ".json" and path.parent.name == "images"]
    assert stems == ["x_1", "y_1", "x_1_2", "X_1_3", "x_con", "x_a_b_", "1"]
    assert len({stem.casefold() for stem in stems}) == len(stems)


def test_labels_that_labelme_would_refuse_are_mended_or_left_out(films, tmp_path):
    odd = [
        {"label": "no type", "points": [[1, 1], [5, 5]]},
        {"label": "flags", "points": [[1, 1], [9, 9]], "shape_type": "line", "flags": {"a": 1}, "group_id": "7"},
        {"label": "deep", "points": [[1, 1, 1]], "shape_type": "point"},
        {"label": "empty", "points": [], "shape_type": "circle"},
        {"label": "mask", "points": [[1, 1], [9, 9]], "shape_type": "mask", "mask": 3},
    ]
    shapes = [{"label": "L1", "points": made.body(40).points.tolist()}, *odd]
    path = films / "a.json"
    path.write_text(json.dumps({"shapes": shapes, "imagePath": "a.png"}))
    annotation = set_film_review(read_labelme(path), ReviewStatus.REVIEWED, reader="x", at=made.WHEN)
    report = export_bundle([ExportItem(films / "a.png", annotation)], ExportOptions(tmp_path / "out"))
    (seen,) = made.judged_by_labelme([report.folder / "train" / "images" / "a.json"]).values()
    assert seen.get("error") is None
    assert seen["labels"] == ["L1", "no type", "flags"]
    assert "a.png: 3 shapes that labelme can't open were left out" in report.warnings


def test_films_in_labelme_files_are_exported_too(films, tmp_path):
    source = export_bundle([made.item(films / "a.png")], ExportOptions(tmp_path / "one", image_data=True))
    label = source.folder / "train" / "images" / "a.json"
    one = replace(made.item(label), embedded=True)
    for films_are in FilmCopy:
        report = export_bundle([one], ExportOptions(tmp_path / films_are.value, films=films_are))
        copied = report.folder / "train" / "images" / "a.png"
        assert np.array_equal(read_film(copied).pixels, made.pixels(1))


def test_options_that_make_no_sense_are_refused(tmp_path):
    assert export_formats() == ("labelme", "coco", "coco_rle", "csv", "yolo")
    for values, reason in (
        ({"formats": ("labelme", "xml")}, "formats among labelme, coco, coco_rle, csv, yolo; got xml"),
        ({"formats": ()}, "got none"), ({"holdout_share": 1.0}, "from 0 to below 1"),
        ({"deidentify": True, "films": FilmCopy.PATH}, "needs copies of the films"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=reason):
            ExportOptions(tmp_path, **values)
