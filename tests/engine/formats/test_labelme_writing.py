import base64
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from PIL import Image

from engine.domain.annotation import Annotation, ForeignShape, Shape
from engine.domain.polygon import Polygon
from engine.errors import AnnotationWriteError
from engine.formats.labelme import read_labelme, write_labelme

SQUARE = ((0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0))
OLD = Annotation("film.png", (30, 40), (Shape("a", "L1", Polygon(SQUARE)),))

JUDGE = """
import json, sys
from labelme._label_file import LabelFileError, read_label_file
report = {}
for path in json.load(sys.stdin):
    try:
        read = read_label_file(path)
    except LabelFileError as error:
        report[path] = {"error": str(error)}
        continue
    shapes = [{key: one[key] for key in ("label", "points", "shape_type", "group_id", "flags", "description")}
              for one in read.shapes]
    report[path] = {"shapes": shapes, "flags": read.flags, "image": read.image_path,
                    "own": [one["other_data"].get("vcfviewer") for one in read.shapes], "extra": read.other_data}
json.dump(report, sys.stdout)
"""


def judged_by_labelme(paths):
    """What labelme itself reads from each file, told by a process of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM_PLUGIN_PATH"}
    told = subprocess.run(
        (sys.executable, "-c", JUDGE), input=json.dumps([str(path) for path in paths]), text=True, encoding="utf-8",
        capture_output=True, check=True, timeout=120, env={**environment, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert "labelme" not in sys.modules
    return {Path(path): read for path, read in json.loads(told.stdout).items()}


def picture(height, width):
    data = io.BytesIO()
    Image.new("L", (width, height), 90).save(data, "PNG")
    return data.getvalue()


def beside_its_film(folder, annotation):
    """Write an annotation with all its polygons changed, and a film of its size beside it."""
    size = annotation.image_size if all(annotation.image_size) else (50, 60)
    folder.mkdir(parents=True)
    (folder / "film.png").write_bytes(picture(*size))
    shapes = tuple(replace(shape, source=None) for shape in annotation.shapes)
    path = folder / "film.json"
    write_labelme(path, replace(annotation, image_name="film.png", image_data=None, shapes=shapes))
    return path


def test_labelme_opens_every_real_file_after_an_edit(shared_data, tmp_path):
    found = sorted((shared_data / "data" / "labelme").rglob("*.json"))
    read = {beside_its_film(tmp_path / str(at), one): one for at, one in enumerate(map(read_labelme, found))}
    assert len(read) >= 50
    for path, seen in judged_by_labelme(read).items():
        annotation = read[path]
        assert "error" not in seen, seen
        foreign = [one.record["label"] for one in annotation.foreign]
        assert sorted(one["label"] for one in seen["shapes"]) == sorted([s.label for s in annotation.shapes] + foreign)
        ours = [one for one, own in zip(seen["shapes"], seen["own"], strict=True) if own]
        assert [one["points"] for one in ours] == [one.polygon.points.tolist() for one in annotation.shapes]


def test_labelme_opens_what_we_write_and_reads_the_same_in_it(tmp_path):
    box = {"label": "marker", "points": [[1, 2], [3, 4]], "shape_type": "rectangle", "note": "kept"}
    shapes = (
        Shape("a", "第一腰椎 🦴", Polygon(SQUARE), None, 3, {"sicher": True}, {"description": "ä"}),
        Shape("b", "T12 normal", Polygon([(x + 0.1, y + 1 / 3) for x, y in SQUARE]), 0.75),
    )
    full = Annotation(
        "film.png", (70, 80), shapes, (ForeignShape(box, 1),), {"geprüft": False}, {"seen": [1, {"a": None}]}
    )
    path = beside_its_film(tmp_path / "plain", full)
    embedded = tmp_path / "embedded.json"
    write_labelme(
        embedded, replace(full, image_name="ö/gone.png", image_data=base64.b64encode(picture(70, 80)).decode())
    )
    unknown = tmp_path / "plain" / "unknown.json"
    write_labelme(unknown, Annotation("film.png", (0, 0), shapes))
    seen = judged_by_labelme((path, embedded, unknown))
    assert [one.get("error") for one in seen.values()] == [None, None, None]
    first, marker, second = seen[path]["shapes"]
    assert (first["label"], first["group_id"], first["flags"]) == ("第一腰椎 🦴", 3, {"sicher": True})
    assert (first["description"], first["shape_type"]) == ("ä", "polygon")
    assert second["points"] == shapes[1].polygon.points.tolist()
    assert (marker["label"], marker["points"]) == ("marker", [[1, 2], [3, 4]])
    assert seen[path]["own"] == [{"id": "a"}, None, {"id": "b", "score": 0.75}]
    assert (seen[path]["flags"], seen[path]["extra"]) == ({"geprüft": False}, {"seen": [1, {"a": None}]})
    assert seen[embedded]["image"] == "ö/gone.png"
    assert seen[embedded]["shapes"] == seen[path]["shapes"]


REFUSED_BY_LABELME = (
    MappingProxyType({"label": "L1", "points": SQUARE}),
    MappingProxyType({"label": "L1", "points": SQUARE, "shape_type": None, "group_id": "1", "flags": {"a": 1}}),
    MappingProxyType({"label": "L1", "points": [*SQUARE, SQUARE[0]], "description": None, "line_color": None}),
)


def test_labelme_opens_changed_shapes_that_it_refused_before(tmp_path):
    pairs = {}
    for at, record in enumerate(REFUSED_BY_LABELME):
        path = tmp_path / f"before{at}.json"
        path.write_text(json.dumps({"shapes": [dict(record)], "imageHeight": 50, "imageWidth": 60}))
        pairs[path] = beside_its_film(tmp_path / str(at), read_labelme(path))
    seen = judged_by_labelme((*pairs, *pairs.values()))
    assert all("error" in seen[before] for before in pairs)
    assert [seen[after]["own"] for after in pairs.values()] == 3 * [[{"id": "shape-0"}]]


FULL_DISK = """
import resource, sys
from pathlib import Path
from engine.domain.annotation import Annotation
from engine.errors import AnnotationWriteError
from engine.formats.labelme import write_labelme
path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_labelme(path, Annotation("film.png", (9, 9), image_data="A" * 100_000))
except AnnotationWriteError as error:
    sys.stdout.write(str(error))
"""


def test_a_write_that_fails_leaves_the_old_file_whole_and_no_part_behind(tmp_path):
    path = tmp_path / "a.json"
    write_labelme(path, OLD)
    old = path.read_bytes()
    told = subprocess.run((sys.executable, "-c", FULL_DISK, path), capture_output=True, text=True, check=True)
    assert told.stdout == f"{path}: could not be saved: File too large; the file on disk is unchanged"
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_writing_into_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(AnnotationWriteError, match="could not be saved: No such file"):
        write_labelme(tmp_path / "gone" / "a.json", Annotation("a.png", (1, 1)))


def test_a_link_is_followed_and_the_mode_kept(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "a.json", tmp_path / "a.json"
    write_labelme(target, OLD)
    target.chmod(0o640)
    link.symlink_to(target)
    write_labelme(link, Annotation("new.png", (1, 1)))
    assert link.is_symlink()
    assert read_labelme(target).image_name == "new.png"
    assert target.stat().st_mode & 0o777 == 0o640
    assert list(target.parent.iterdir()) == [target]
