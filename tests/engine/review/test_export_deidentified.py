import base64
import csv
import json
import struct
from dataclasses import replace

import cv2
import exporting as made
import numpy as np
import pytest

from engine.data.dataset import find_examples
from engine.data.held_out import file_sha256, pixels_sha256, read_hold_out_list
from engine.domain.annotation import ForeignShape, Shape
from engine.domain.case import ReviewStatus
from engine.domain.decisions import (
    Acuity,
    attributes,
    decisions_on,
    film_review,
    set_attributes,
    set_blind_read,
    set_calibration,
)
from engine.domain.morphometry import Facing
from engine.films import Display, Film, read_film
from engine.films.display import default_display, film_to_grey, render
from engine.formats.labelme import NAMESPACE, read_labelme
from engine.review.deidentify import Pseudonyms, cleaned_annotation, upright_polarity
from engine.review.export import ExportOptions, export_bundle
from engine.review.holdout import FilmIdentity, HoldoutPlan, earlier_exports

FILM = r"film-[0-9a-f]{16}"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "Hong Gildong 1948"
    place.mkdir()
    made.write_png(place / "hong_1.png", made.pixels(1))
    made.write_jpeg(place / "hong_2.jpg", made.pixels(2).T.copy(), orientation=6)
    made.write_dicom(place / "4711.dcm", made.pixels(3, np.uint16), PhotometricInterpretation="MONOCHROME1",
                     PatientOrientation=["A", "F"], PixelSpacing=[0.3, 0.3], PixelSpacingCalibrationType="FIDUCIAL",
                     WindowCenter=6000, WindowWidth=9000)  # fmt: skip
    return place


@pytest.fixture
def items(folder):
    first = made.item(folder / "hong_1.png", key="Gildong/hong_1.png", patient="who")
    return [first, made.negative(folder / "hong_2.jpg"), made.item(folder / "4711.dcm")]


@pytest.fixture
def report(items, tmp_path):
    formats = ("labelme", "coco", "csv", "yolo")
    options = ExportOptions(tmp_path / "out", formats, deidentify=True, image_data=True, reader=made.READER)
    return export_bundle([*items, replace(items[0], film_path=tmp_path / "hong_gone.png")], options)


def everything(folder):
    """The bytes of each file, and what they unpack to."""
    for path in folder.rglob("*"):
        yield path, str(path.relative_to(folder)).encode()
        if path.is_file():
            data = path.read_bytes()
            yield path, data
            if data[:4] == b"\x89PNG":
                at = 8
                while at < len(data):
                    length, name = struct.unpack(">I4s", data[at : at + 8])
                    assert name in (b"IHDR", b"IDAT", b"IEND"), f"{path} carries {name!r}"
                    at += 12 + length


def test_nothing_in_the_folder_names_anybody(report):
    for path, data in everything(report.folder):
        for secret in made.SECRETS:
            assert secret not in data, f"{path} tells {secret!r}"
    for label in (report.folder / "train" / "images").glob("*.json"):
        assert base64.b64decode(json.loads(label.read_text())["imageData"]) == label.with_suffix(".png").read_bytes()


def test_names_are_hashed_and_salted_anew_for_each_export(items, report, tmp_path):
    names = [path.stem for path in (report.folder / "train" / "images").glob("*.png")]
    assert len(names) == 3
    assert all(name.startswith("film-") and len(name) == 21 for name in names)
    told = made.manifest_of(report)
    assert told["reader"].startswith("reader-")
    assert {one["reader"] for one in told["items"]} == {told["reader"]}
    assert told["deidentified"] is True
    assert (told["skipped"], told["films"]["skipped"]) == ([], 1)
    assert all(one["key"] is one["source_sha256"] is None and one["reviewed_at"] == "" for one in told["items"])
    again = export_bundle(items, ExportOptions(tmp_path / "again", deidentify=True, reader=made.READER))
    other = made.manifest_of(again)
    assert other["reader"] != told["reader"]
    assert {one["film"] for one in other["items"]}.isdisjoint(one["film"] for one in told["items"])
    assert {one["patient"] for one in other["items"]} & {one["patient"] for one in told["items"]} <= {None}


def test_labels_open_in_labelme_and_train_under_a_patient(report):
    labels = sorted((report.folder / "train" / "images").glob("*.json"))
    seen = made.judged_by_labelme(labels)
    assert [one.get("error") for one in seen.values()] == [None] * 3
    assert sorted(len(one["labels"]) for one in seen.values()) == [0, 5, 5]
    examples = find_examples(report.folder)
    assert sorted(one.fractures for one in examples) == [(), ("T12", "L1"), ("T12", "L1")]
    patients = [one.patient for one in examples]
    assert len({one for one in patients if one}) == 2
    assert "who" not in patients


def dicom_entry(report):
    return next(one for one in made.manifest_of(report)["items"] if one["original"])


def test_a_dicom_film_becomes_png_of_all_its_bits_in_the_polarity_shown(report, folder):
    film, entry = read_film(folder / "4711.dcm"), dicom_entry(report)
    deep = read_film(report.folder / entry["original"])
    assert deep.pixels.dtype == np.uint16
    assert np.array_equal(deep.pixels, film.pixels.max() - film.pixels)
    assert np.unique(deep.pixels).size == np.unique(film.pixels).size > 100
    shown = read_film(report.folder / entry["film"])
    assert np.array_equal(shown.pixels, film_to_grey(film))
    assert np.corrcoef(shown.pixels.ravel(), deep.pixels.ravel())[0, 1] > 0.9


def test_spacing_and_facing_stand_in_the_label(report):
    label = read_labelme(report.folder / dicom_entry(report)["label"])
    own = label.extra[NAMESPACE]
    assert own["film"]["spacing"] == {"row_mm": 0.3, "column_mm": 0.3, "state": "calibrated"}
    assert own["film"]["facing"] == {"towards": Facing.RIGHT.value, "from": "file"}
    with (report.folder / "findings.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["spacing_state"] == "calibrated"]
    assert len(rows) == 3
    assert all(float(row["posterior_height_mm"]) > 5 for row in rows)


def test_a_turned_film_is_packed_upright(report, folder):
    entry = next(one for one in made.manifest_of(report)["items"] if one["status"] == "no fracture")
    assert read_film(report.folder / entry["film"]).size == made.SIZE
    assert np.array_equal(
        read_film(report.folder / entry["film"]).pixels, film_to_grey(read_film(folder / "hong_2.jpg"))
    )


def test_warnings_name_the_film_for_the_reader_and_the_manifest_does_not(items, folder, tmp_path):
    made.write_dicom(
        folder / "hong_5.dcm", made.pixels(5), BurnedInAnnotation="YES", ImageType=["DERIVED", "SECONDARY"]
    )
    lettered = made.pixels(6) // 4
    cv2.putText(lettered, "HONG GILDONG", (20, 290), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1, cv2.LINE_AA)
    made.write_png(folder / "hong_6.png", lettered)
    more = [made.item(folder / "hong_5.dcm"), made.item(folder / "hong_6.png")]
    report = export_bundle([items[0], *more], ExportOptions(tmp_path / "warned", deidentify=True))
    assert len(report.warnings) == 2
    first, second = report.warnings
    assert first.startswith("hong_5.dcm (exported as film-")
    assert "its header says that text is burned in; its header calls it a secondary picture" in first
    assert second.startswith("hong_6.png (exported as film-")
    assert "something like lettering at x, y = " in second
    told = (report.folder / "manifest.json").read_text()
    assert "hong" not in told
    assert [bool(one["text_suspected"]) for one in json.loads(told)["items"]] == [False, True, True]


def test_what_a_shutter_covers_is_black_in_every_picture(folder, tmp_path):
    lettered = made.pixels(7, np.uint16)
    lettered[:20] = 60000
    edges = {"ShutterLeftVerticalEdge": 1, "ShutterRightVerticalEdge": 220,
             "ShutterUpperHorizontalEdge": 21, "ShutterLowerHorizontalEdge": 300}  # fmt: skip
    made.write_dicom(
        folder / "s.dcm", lettered, ShutterShape="RECTANGULAR", WindowCenter=100, WindowWidth=9000, **edges
    )
    report = export_bundle([made.item(folder / "s.dcm")], ExportOptions(tmp_path / "s", deidentify=True))
    entry = dicom_entry(report)
    for name in ("film", "original"):
        picture = read_film(report.folder / entry[name]).pixels
        assert (picture[:20] == 0).all()
        assert picture[30:290, 10:200].std() > 5


def test_held_out_films_are_listed_without_their_patients_hash(items, tmp_path):
    more = [replace(one, patient=f"patient{at}") for at, one in enumerate(items)]
    report = export_bundle(more, ExportOptions(tmp_path / "held", deidentify=True, holdout_share=0.4))
    held = read_hold_out_list(report.folder / "holdout.json").films
    assert held
    assert all(one.patient and not one.patient.startswith("patient") for one in held)
    assert all(one.film.startswith("holdout/images/film-") for one in held)


def test_cleaning_keeps_what_is_listed_and_nothing_else():
    _done, png = cv2.imencode(".png", np.full((3, 3), 255, np.uint8))
    mask = base64.b64encode(png.tobytes()[:33] + made.chunk(b"tEXt", b"Comment\x00Hong") + png.tobytes()[33:]).decode()
    odd = {"label": "L3 Hong", "points": [[1, 1], [3, 3]], "shape_type": "mask", "mask": mask, "description": "Hong"}
    annotation = made.reviewed(made.expert(), made.prediction())
    annotation = replace(annotation, foreign=(*annotation.foreign, ForeignShape(odd, 5)))
    annotation = set_attributes(annotation, ["l1"], acuity=Acuity.OLD, grade=2)
    annotation = set_blind_read(annotation, annotation.shapes[:1], made.READER, made.WHEN)
    annotation = set_calibration(annotation, 0.25)
    names = Pseudonyms()
    after = cleaned_annotation(annotation, names)
    assert [shape.label for shape in after.shapes] == ["T12", "L1", "L2 normal", "other shape"]
    assert [shape.polygon for shape in after.shapes] == [shape.polygon for shape in annotation.shapes]
    assert attributes(after.shapes[1]) == attributes(annotation.shapes[1])
    review = film_review(after)
    assert (review.status, review.comment, review.at, review.blind) == (ReviewStatus.REVIEWED, "", "", True)
    assert review.reader == names.reader(made.READER)
    decided = decisions_on(after, made.prediction().shapes, made.CARD.sha256)
    assert {key: one.verdict.value for key, one in decided.items()} == {"p1": "accepted", "p2": "rejected"}
    assert {one.reader for one in decided.values()} == {review.reader}
    assert after.extra[NAMESPACE]["review"]["mm_per_px"] == 0.25
    assert set(after.extra) == {NAMESPACE}
    assert (dict(after.flags), after.image_data, after.image_name) == ({}, None, "")
    box, masked = after.foreign
    assert dict(box.record) == {"label": "other shape", "points": [[1, 2], [30, 40]], "shape_type": "rectangle"}
    assert b"Hong" not in base64.b64decode(masked.record["mask"])
    assert "Hong" not in repr(after)


def edited(record, **values):
    return {NAMESPACE: {**record.get(NAMESPACE, {}), **values}}


def test_values_and_ids_that_are_not_ours_go_and_ids_stay_the_same_wherever_they_stand():
    """A labelme file may be edited by hand, and any of its values may name somebody."""
    annotation = made.reviewed(made.expert(), made.prediction())
    own = "0123456789abcdef" * 2
    first, *others = annotation.shapes
    said = dict(first.extra[NAMESPACE]["review"])
    said |= {"acuity": "Hong", "verdict": "accepted", "grade": "Hong", "implant": "Hong", "pathological": True,
             "six_points": {"points": [[1, 2]] * 6, "anchor": "Hong", "outline": "Hong", "by": "Hong"}}  # fmt: skip
    predicted = {**first.extra[NAMESPACE]["predicted"], "sha256": "Hong", "shape": "Hong 1", "score": "Hong"}
    changed = replace(first, id="Hong 1", extra=edited(first.extra, review=said, predicted=predicted))
    film = dict(annotation.extra[NAMESPACE]["review"])
    film |= {"facing": "Hong", "mm_per_px": "Hong", "status": "reviewed",
             "rejected": [{**film["rejected"][0], "reason": "Hong", "shape": "Hong 1", "points": [["Hong", 1]]}],
             "blind_read": {"shapes": [{"id": "Hong 1", "label": "L1", "points": "Hong"}], "reader": ""}}  # fmt: skip
    box = ForeignShape({"label": "x", "points": [["Hong", 2]], "shape_type": "Hong", "group_id": "Hong"}, 1)
    annotation = replace(
        annotation, shapes=(changed, replace(others[0], id=own), replace(others[1], id="shape-2")), foreign=(box,),
        extra={**annotation.extra, **edited(annotation.extra, review=film)},
    )  # fmt: skip
    after = cleaned_annotation(annotation, Pseudonyms())
    assert "Hong" not in repr(after)
    hidden = after.shapes[0].id
    assert len(hidden) == 32
    assert [shape.id for shape in after.shapes] == [hidden, own, "shape-2"]
    kept = after.shapes[0].extra[NAMESPACE]
    assert kept["predicted"]["shape"] == hidden
    assert (kept["review"]["verdict"], kept["review"]["pathological"]) == ("accepted", True)
    assert kept["review"]["six_points"] == {"points": [[1, 2]] * 6}
    review = after.extra[NAMESPACE]["review"]
    assert (review["rejected"][0]["shape"], review["blind_read"]["shapes"][0]["id"]) == (hidden, hidden)
    assert film_review(after).status is ReviewStatus.REVIEWED


def test_tables_without_films_tell_no_hash_of_a_film(items, tmp_path):
    """The hash of an original file finds that file again, wherever it lies."""
    more = [replace(one, patient=f"patient{at}") for at, one in enumerate(items)]
    options = ExportOptions(tmp_path / "tables", ("csv",), deidentify=True, holdout_share=0.4)
    report = export_bundle(more, options)
    told = made.manifest_of(report)
    assert {(one["film_sha256"], one["pixels_sha256"], one["source_sha256"]) for one in told["items"]} == {
        (None, None, None)
    }
    assert report.held_out_films
    assert not (report.folder / "holdout.json").exists()
    assert any("stands in the tables alone" in text for text in report.warnings)
    text = b"".join(data for _path, data in everything(report.folder))
    for one in items:
        assert file_sha256(one.film_path).encode() not in text
        assert pixels_sha256(read_film(one.film_path)).encode() not in text
    # The next export into the folder reads that manifest, and isn't tied to it by what it doesn't tell.
    plan = HoldoutPlan(0.4, earlier_exports(tmp_path / "tables"))
    assert not plan.was_dealt_before(FilmIdentity("None", "None"))
    assert not plan.was_dealt_before(FilmIdentity("", ""))
    again = export_bundle(more, ExportOptions(tmp_path / "tables", holdout_share=0.4))
    assert again.training_films + again.held_out_films == 3


def test_labels_of_a_users_own_table_are_written_as_ours():
    own = Shape("a", "Hong k1", made.body(10), meaning=made.expert().shapes[1].meaning)
    after = cleaned_annotation(replace(made.expert(), shapes=(own,)), Pseudonyms())
    assert after.shapes[0].label == "L1"
    assert after.shapes[0].is_fracture


DISPLAYS = (
    Display("linear", 3000.5, 2001, inverted=True), Display("exact", 2500, 900, "LINEAR_EXACT", inverted=True),
    Display("sigmoid", 3000, 700, "SIGMOID", inverted=True),
    Display("table", table=tuple(range(0, 4000, 2)), table_start=1000, table_bits=12, inverted=True),
)  # fmt: skip


@pytest.mark.parametrize("display", [*DISPLAYS, None])
def test_a_film_turned_to_its_shown_polarity_looks_the_same(display, tmp_path):
    pixels = np.random.default_rng(0).integers(100, 6000, (50, 40)).astype(np.uint16)
    film = Film(tmp_path, pixels, () if display is None else (display,), inverted=True)
    after = upright_polarity(film)
    shown = film_to_grey(film)
    assert not after.inverted
    turned = after.displays[0] if display is not None else default_display(after)
    assert not turned.inverted
    assert np.abs(render(after.pixels, turned).astype(int) - shown).max() <= 1
    assert after.pixels.dtype == np.uint16


def test_a_film_that_is_not_inverted_stays(tmp_path):
    pixels = made.pixels(1, np.uint16)
    film = Film(tmp_path, pixels, (Display("w", 5000, 3000),))
    assert np.array_equal(upright_polarity(film).pixels, pixels)
    assert upright_polarity(film).displays == film.displays
