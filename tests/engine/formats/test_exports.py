import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from engine.domain.annotation import Annotation, Shape
from engine.domain.labels import PAPER_CLASSES
from engine.domain.polygon import Polygon
from engine.errors import AnnotationWriteError, ConfigError
from engine.formats import exporter, exporters
from engine.formats.coco import coco_record
from engine.formats.csv_report import write_rows

SIZE = (400, 300)
BROKEN = ("T11", "T12", "L1", "L2 fracture", "L3 wedge", "L4")
NOT_EXPORTED = ("L1 normal", "L2 not assessable", "L5", "T10", "marker")


def house(x, y, width=50.25, height=30.5):
    """Five corners, no two edges alike, so that swapped axes show."""
    return Polygon(
        [(x, y), (x + width, y), (x + width, y + height), (x + width / 3, y + 1.5 * height), (x, y + height)]
    )


def film(name="a.png", labels=BROKEN + NOT_EXPORTED, size=SIZE):
    shapes = [Shape(f"s{at}", label, house(10 + 3 * at, 15 + 25 * at)) for at, label in enumerate(labels)]
    return Annotation(name, size, tuple(shapes))


def films():
    scored = film("b/c.jpg", ("L1",))
    scored = replace(scored, shapes=(replace(scored.shapes[0], score=0.625),))
    return (film(), film("normal.png", NOT_EXPORTED), scored)


def exported(name, folder, annotations):
    paths = exporter(name).write(folder, annotations)
    assert {path for path in folder.rglob("*") if path.is_file()} == {*paths}
    return paths


def test_the_folder_is_the_registry():
    assert [one.name for one in exporters()] == ["coco", "coco_rle", "csv", "yolo"]
    assert len({one.title for one in exporters()}) == 4
    assert exporter("yolo") in exporters()
    with pytest.raises(ConfigError, match="there is no export 'x'; known: coco, coco_rle, csv, yolo"):
        exporter("x")


def test_coco_polygons_load_and_hold_what_was_drawn(tmp_path):
    (path,) = exported("coco", tmp_path, films())
    loaded = COCO(str(path))
    assert [one["name"] for one in loaded.loadCats(loaded.getCatIds())] == list(PAPER_CLASSES)
    assert loaded.getCatIds() == [1, 2, 3, 4, 5, 6]
    assert [(one["file_name"], one["height"], one["width"]) for one in loaded.loadImgs(loaded.getImgIds())] == [
        ("a.png", 400, 300), ("normal.png", 400, 300), ("b/c.jpg", 400, 300),
    ]  # fmt: skip
    entries = loaded.loadAnns(loaded.getAnnIds(imgIds=1))
    names = [loaded.cats[one["category_id"]]["name"] for one in entries]
    assert names == ["T11", "T12", "L1", "L2", "L3", "L4"]
    for entry, shape in zip(entries, film().shapes, strict=False):
        polygon = shape.polygon
        assert np.array_equal(np.reshape(entry["segmentation"][0], (-1, 2)), polygon.points)
        x0, y0, x1, y1 = polygon.bounds
        assert entry["bbox"] == pytest.approx([x0, y0, x1 - x0, y1 - y0])
        assert entry["area"] == pytest.approx(polygon.area, rel=0.03)
        assert entry["area"] == coco_mask.area(loaded.annToRLE(entry))
        assert entry["iscrowd"] == 0


def test_coco_never_holds_normals_and_keeps_films_without_findings(tmp_path):
    (path,) = exported("coco", tmp_path, films())
    loaded = COCO(str(path))
    assert loaded.getImgIds() == [1, 2, 3]
    assert loaded.getAnnIds(imgIds=2) == []
    assert [len(loaded.getAnnIds(imgIds=number)) for number in (1, 3)] == [6, 1]
    assert "score" not in loaded.loadAnns([1])[0]
    assert loaded.loadAnns(loaded.getAnnIds(imgIds=3))[0]["score"] == 0.625


def test_run_lengths_cover_as_many_pixels_as_the_polygons(tmp_path):
    (path,) = exported("coco_rle", tmp_path, films())
    loaded, polygons = COCO(str(path)), coco_record(films())["annotations"]
    entries = loaded.loadAnns(loaded.getAnnIds())
    assert len(entries) == len(polygons) == 7
    for entry, polygon in zip(entries, polygons, strict=True):
        runs = {"size": entry["segmentation"]["size"], "counts": entry["segmentation"]["counts"].encode()}
        assert runs["size"] == [400, 300]
        assert coco_mask.area(runs) == entry["area"] == polygon["area"]
        x, y, width, height = coco_mask.toBbox(runs)
        assert [x, y, x + width, y + height] == pytest.approx(np.add(polygon["bbox"], [0, 0, x, y]), abs=2.5)
        assert {**entry, "segmentation": 0} == {**polygon, "segmentation": 0}


def test_run_lengths_are_clipped_to_the_film():
    over = Annotation("a.png", (40, 30), (Shape("a", "L1", house(-20, -10, 500, 500)),))
    entry = coco_record([over], rle=True)["annotations"][0]
    assert entry["area"] == 40 * 30


@pytest.mark.parametrize("name", ["coco", "coco_rle", "yolo"])
def test_a_film_of_unknown_size_is_refused_and_nothing_written(name, tmp_path):
    with pytest.raises(AnnotationWriteError, match="size in pixels must be known"):
        exporter(name).write(tmp_path, (film(), film("b.png", size=(0, 0))))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["coco", "coco_rle", "csv", "yolo"])
def test_no_film_at_all_and_a_folder_that_is_a_file(name, tmp_path):
    exported(name, tmp_path, ())
    (tmp_path / "file").write_text("")
    with pytest.raises(AnnotationWriteError, match="could not be written"):
        exporter(name).write(tmp_path / "file", (film(),))


def parsed(line):
    number, *shares = line.split(" ")
    return int(number), np.reshape([float(one) for one in shares], (-1, 2))


def test_yolo_lines_parse_back_to_the_polygons(tmp_path):
    exported("yolo", tmp_path, films())
    lines = (tmp_path / "labels" / "a.txt").read_text().splitlines()
    assert len(lines) == 6
    for line, label, shape in zip(lines, ("T11", "T12", "L1", "L2", "L3", "L4"), film().shapes, strict=False):
        number, shares = parsed(line)
        assert PAPER_CLASSES[number] == label
        assert np.abs(shares - shape.polygon.points / (300, 400)).max() < 1e-5
    assert (tmp_path / "labels" / "normal.txt").read_text() == ""
    assert len((tmp_path / "labels" / "c.txt").read_text().splitlines()) == 1


@settings(deadline=None)
@given(st.floats(-50, 290), st.floats(-50, 390), st.floats(3, 300), st.floats(3, 300))
def test_yolo_shares_never_leave_the_film(tmp_path_factory, x, y, width, height):
    folder = tmp_path_factory.getbasetemp() / "yolo"
    shape = Shape("a", "L4", house(x, y, width, height))
    exporter("yolo").write(folder, (Annotation("a.png", SIZE, (shape,)),))
    number, shares = parsed((folder / "labels" / "a.txt").read_text().strip())
    expected = np.clip(shape.polygon.points / (300, 400), 0, 1)
    assert number == 3
    assert np.abs(shares - expected).max() < 1e-5
    assert 0 <= shares.min() <= shares.max() <= 1


def test_yolo_names_its_classes_in_the_papers_order(tmp_path):
    exported("yolo", tmp_path, films())
    lines = (tmp_path / "data.yaml").read_text().splitlines()
    at = lines.index("names:")
    assert [line.split(": ") for line in lines[at + 1 :]] == [
        [f"  {number}", name] for number, name in enumerate(("L1", "L2", "L3", "L4", "T11", "T12"))
    ]
    assert {line.split(": ")[0] for line in lines[:at]} == {"path", "train", "val"}


def test_yolo_refuses_two_films_of_one_stem_before_it_writes(tmp_path):
    with pytest.raises(AnnotationWriteError, match=r"a\.txt: two films share this stem \(d/a\.jpg\)"):
        exporter("yolo").write(tmp_path, (film("a.png"), film("d/a.jpg")))
    assert list(tmp_path.iterdir()) == []


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_table_holds_every_vertebra_of_every_film(tmp_path):
    (path,) = exported("csv", tmp_path, films())
    assert path.read_bytes().endswith(b"\r\n")
    rows = rows_of(path)
    assert len(rows) == 11 + 5 + 1
    assert [row["film"] for row in rows] == 11 * ["a.png"] + 5 * ["normal.png"] + ["b/c.jpg"]
    told = {row["label"]: (row["level"], row["status"], row["score"]) for row in rows[:11]}
    assert told["L3 wedge"] == ("L3", "fractured", "")
    assert told["L1 normal"] == ("L1", "normal", "")
    assert told["L2 not assessable"] == ("L2", "not assessable", "")
    assert told["marker"] == ("", "", "")
    assert rows[-1]["score"] == "0.625"
    polygon = film().shapes[0].polygon
    box = [float(rows[0][key]) for key in ("x0_px", "y0_px", "x1_px", "y1_px")]
    assert box == pytest.approx(polygon.bounds, abs=0.01)
    assert float(rows[0]["area_px2"]) == pytest.approx(polygon.area, abs=0.01)
    assert rows[0]["vertices"] == "5"


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_quoted(text, tmp_path):
    shape = Shape("a", text, house(1, 1))
    (path,) = exporter("csv").write(tmp_path, (Annotation(text, SIZE, (shape,)),))
    row = rows_of(path)[0]
    assert (row["film"], row["label"]) == (f"'{text}", f"'{text}")
    assert row["x0_px"] == "1.0"


def test_negative_numbers_stay_numbers_and_awkward_text_comes_back(tmp_path):
    texts = ("a,b", 'say "L1"', "two\r\nlines", "第一 L1", " spaced ", "a=1")
    write_rows(tmp_path / "t.csv", ("text", "number", "none"), [(text, -1.5, None) for text in texts])
    rows = rows_of(tmp_path / "t.csv")
    assert [row["text"] for row in rows] == list(texts)
    assert {(row["number"], row["none"]) for row in rows} == {("-1.5", "")}


@pytest.mark.parametrize("name", ["coco", "coco_rle", "csv", "yolo"])
def test_the_name_of_a_film_that_is_no_utf_8_is_exported(name, tmp_path):
    for path in exporter(name).write(tmp_path, (film("w\udce4.png", ("L1",)),)):
        assert path.read_text(encoding="utf-8")
    if name.startswith("coco"):
        (path,) = tmp_path.iterdir()
        assert json.loads(path.read_text())["images"][0]["file_name"] == "w\udce4.png"


@pytest.mark.parametrize("name", ["coco", "coco_rle", "csv"])
def test_an_export_replaces_the_last_one(name, tmp_path):
    (path,) = exported(name, tmp_path, films())
    first = path.read_bytes()
    exported(name, tmp_path, (film(),))
    assert path.read_bytes() != first
    assert exported(name, tmp_path, films())[0].read_bytes() == first
