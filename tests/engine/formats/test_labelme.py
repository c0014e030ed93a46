import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.annotation import Annotation, ForeignShape, Shape
from engine.domain.labels import Level, Meaning, Status
from engine.domain.polygon import Polygon
from engine.errors import AnnotationReadError
from engine.formats.labelme import NAMESPACE, WRITTEN_VERSION, labelme_record, read_labelme, write_labelme

SQUARE = ((0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0))
TOP_KEYS = ("version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth")
SHAPE_KEYS = ("label", "points", "group_id", "description", "shape_type", "flags", "mask")
GONE = "<gone>"
"""Stands for a key that a record of these tests doesn't have."""


def changed(record, changes):
    return {key: value for key, value in {**record, **changes}.items() if value != GONE}


def record_of(top=(), shape=()):
    """A labelme record with one shape, as labelme 5 wrote it, but for some keys."""
    one = {"label": "L1", "points": [list(point) for point in SQUARE], "group_id": None, "description": "",
           "shape_type": "polygon", "flags": {}, "mask": None}  # fmt: skip
    record = {"version": "5.4.1", "flags": {}, "shapes": [changed(one, dict(shape))], "imagePath": "film.png",
              "imageData": None, "imageHeight": 120, "imageWidth": 100}  # fmt: skip
    return changed(record, dict(top))


def saved(path, record):
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return path


def edited(annotation):
    """The same shapes, but each as if it had been changed."""
    return replace(annotation, shapes=tuple(replace(shape, source=None) for shape in annotation.shapes))


def plain(path):
    return json.loads(path.read_bytes().decode("utf-8-sig"))


def real_files(shared_data):
    found = sorted((shared_data / "data" / "labelme").rglob("*.json"))
    assert len(found) >= 50
    return found


def test_every_real_file_reads_and_keeps_its_record_through_a_write(shared_data, tmp_path):
    for path in real_files(shared_data):
        record, copy = plain(path), tmp_path / "copy.json"
        read = read_labelme(path)
        write_labelme(copy, read)
        again = plain(copy)
        assert read_labelme(copy) == read, path.name
        assert json.dumps(again["shapes"]) == json.dumps(record["shapes"]), path.name
        assert len(read.shapes) + len(read.foreign) == len(record["shapes"]), path.name
        for key in {*record, *again} - {"version", "imagePath", "shapes"}:
            assert again.get(key) == (record.get(key) or ({} if key == "flags" else None)), (path.name, key)
        assert again["version"] == record.get("version", WRITTEN_VERSION)
        assert again["imagePath"] == record.get("imagePath", "").replace("\\", "/")


def test_every_real_file_keeps_its_meaning_where_all_its_polygons_were_changed(shared_data, tmp_path):
    for path in real_files(shared_data):
        read, copy = read_labelme(path), tmp_path / "copy.json"
        write_labelme(copy, edited(read))
        assert read_labelme(copy) == read, path.name
        for record in plain(copy)["shapes"]:
            if NAMESPACE in record:
                assert {*SHAPE_KEYS} <= {*record}, path.name
                assert record["shape_type"] == "polygon"


def test_real_outlines_that_cross_themselves_are_mended_with_a_note_and_kept_as_they_were(shared_data):
    path = shared_data / "data" / "labelme" / "no_version" / "img (3).json"
    read = read_labelme(path)
    assert "crossed itself" in read.notes[0]
    assert labelme_record(read)["shapes"] == plain(path)["shapes"]
    assert labelme_record(edited(read))["shapes"][0]["points"] != plain(path)["shapes"][0]["points"]


texts = st.text(max_size=12)
wholes = st.integers(-(2**53), 2**53)
values = st.recursive(
    st.none() | st.booleans() | wholes | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def polygons(draw):
    left, top = draw(st.floats(-500, 5000)), draw(st.floats(-500, 5000))
    width, height, cut = draw(st.floats(1, 300)), draw(st.floats(1, 300)), draw(st.floats(0.1, 0.9))
    corners = ((0, 0), (width, 0), (width, height), (width * cut, height * (1 + cut)), (0, height))
    return Polygon([(left + x, top + y) for x, y in corners])


def unknown(*taken):
    """Keys that labelme doesn't know, as a person's own script would add them."""
    return st.dictionaries(texts.filter(lambda key: key not in (*taken, NAMESPACE)), values, max_size=3)


@st.composite
def shapes(draw, identity):
    extra = draw(unknown(*SHAPE_KEYS))
    if draw(st.booleans()):
        extra["description"] = draw(st.text(min_size=1, max_size=9))
    if draw(st.booleans()):
        extra[NAMESPACE] = {"reviewed": draw(texts)}
    return Shape(
        identity, draw(st.sampled_from(("L1", "T12 normal", "x")) | texts), draw(polygons()),
        draw(st.none() | st.floats(0, 1)), draw(st.none() | wholes),
        draw(st.dictionaries(texts, st.booleans(), max_size=2)), extra,
    )  # fmt: skip


@st.composite
def foreign_shapes(draw, position):
    kind = draw(st.sampled_from(("rectangle", "circle", "line", "point", "linestrip", "mask", "rotation")))
    points = [[draw(st.floats(0, 900)), draw(st.floats(0, 900))] for _ in range(draw(st.integers(0, 5)))]
    record = {**draw(unknown(*SHAPE_KEYS)), "label": draw(texts), "points": points, "shape_type": kind}
    return ForeignShape(record, position)


@st.composite
def annotations(draw):
    ids = draw(st.lists(st.text(min_size=1, max_size=9), max_size=4, unique=True))
    order = draw(st.permutations([*ids, *[None] * draw(st.integers(0, 3))]))
    size = draw(st.just((0, 0)) | st.tuples(st.integers(1, 9000), st.integers(1, 9000)))
    return Annotation(
        draw(texts).replace("\\", "/"), size,
        tuple(draw(shapes(one)) for one in order if one is not None),
        tuple(draw(foreign_shapes(at)) for at, one in enumerate(order) if one is None),
        draw(st.dictionaries(texts, st.booleans(), max_size=2)), draw(unknown(*TOP_KEYS)),
        draw(st.none() | st.just("aGVsbG8=")),
    )  # fmt: skip


@settings(deadline=None)
@given(annotations())
def test_what_is_written_reads_back_the_same(tmp_path_factory, annotation):
    path = tmp_path_factory.getbasetemp() / "round_trip.json"
    write_labelme(path, annotation)
    read = read_labelme(path)
    assert read == annotation
    assert labelme_record(read) == labelme_record(annotation) == plain(path)
    write_labelme(path, edited(read))
    assert read_labelme(path) == annotation
    for shape in annotation.foreign:
        assert plain(path)["shapes"][shape.position] == shape.record


def test_a_file_of_unicode_is_utf_8_without_a_mark(tmp_path):
    label, name = "第一腰椎 骨折 🦴", "wirbelsäule/ĺ1.png"
    path = tmp_path / "film.json"
    write_labelme(path, Annotation(name, (0, 0), (Shape("a", label, Polygon(SQUARE)),)))
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert label in path.read_text(encoding="utf-8")
    assert (read_labelme(path).image_name, read_labelme(path).shapes[0].label) == (name, label)


@pytest.mark.parametrize("name", ["film\udce4.png", "\ud800"])
def test_the_name_of_a_film_that_is_no_utf_8_comes_back_the_same(name, tmp_path):
    write_labelme(tmp_path / "film.json", Annotation(name, (0, 0)))
    assert read_labelme(tmp_path / "film.json").image_name == name


def test_only_the_changed_shape_is_written_anew(tmp_path):
    odd = {"label": "L2", "points": [list(point) for point in SQUARE], "line_color": None, "group_id": "7"}
    box = {"label": "x", "points": [[0, 0], [9, 9]], "shape_type": "rectangle"}
    record = record_of({"shapes": [odd, box, {**odd, "label": "L3", "note": ["seen"]}]})
    read = read_labelme(saved(tmp_path / "a.json", record))
    moved = Polygon([(x + 5, y) for x, y in SQUARE])
    edit = replace(read, shapes=(read.shapes[0], replace(read.shapes[1], polygon=moved, source=None)))
    write_labelme(tmp_path / "a.json", edit)
    first, second, third = plain(tmp_path / "a.json")["shapes"]
    assert (first, second) == (odd, box)
    assert {*third} == {*SHAPE_KEYS, NAMESPACE, "line_color", "note"}
    assert (third["points"], third["group_id"], third["note"]) == (moved.points.tolist(), 7, ["seen"])
    assert (third["shape_type"], third["mask"], third[NAMESPACE]) == ("polygon", None, {"id": "shape-2"})


def test_deleting_a_polygon_leaves_foreign_shapes_in_the_file(tmp_path):
    box = {"label": "x", "points": [[0, 0], [9, 9]], "shape_type": "rectangle"}
    record = record_of()
    record["shapes"].append(box)
    read = read_labelme(saved(tmp_path / "a.json", record))
    assert labelme_record(replace(read, shapes=()))["shapes"] == [box]


def test_scores_and_ids_live_under_one_key_of_a_shape(tmp_path):
    shape = Shape("a7", "T12", Polygon(SQUARE), 0.25, extra={NAMESPACE: {"reader": "b"}})
    write_labelme(tmp_path / "a.json", Annotation("film.png", (9, 9), (shape,)))
    assert plain(tmp_path / "a.json")["shapes"][0][NAMESPACE] == {"reader": "b", "id": "a7", "score": 0.25}
    read = read_labelme(tmp_path / "a.json").shapes[0]
    assert (read.id, read.score, read.meaning) == ("a7", 0.25, Meaning(Level.T12, Status.FRACTURED))


def test_two_shapes_of_one_id_get_ids_of_their_own(tmp_path):
    record = record_of(shape={NAMESPACE: {"id": "a"}})
    record["shapes"] *= 3
    read = read_labelme(saved(tmp_path / "a.json", record))
    assert [shape.id for shape in read.shapes] == ["a", "a-2", "a-3"]


@pytest.mark.parametrize("value", ["seen", ["seen"], 3, None])
def test_a_namespace_that_holds_something_else_does_not_keep_an_edit_from_being_saved(value, tmp_path):
    read = read_labelme(saved(tmp_path / "a.json", record_of(shape={NAMESPACE: value})))
    assert labelme_record(read)["shapes"][0][NAMESPACE] == value
    assert labelme_record(edited(read))["shapes"][0][NAMESPACE] == {"id": "shape-0"}


def test_an_unknown_size_is_left_out():
    record = labelme_record(Annotation("film.png", (0, 0)))
    assert not {"imageHeight", "imageWidth"} & {*record}


FOUR = ([0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0])


@pytest.mark.parametrize(
    ("top", "shape", "polygons_read"),
    [
        pytest.param({"version": GONE}, {}, 1, id="no version"),
        pytest.param({"version": "5.2.0.post4 | ISAT to LabelMe"}, {}, 1, id="any version"),
        pytest.param({"flags": GONE}, {}, 1, id="no flags"),
        pytest.param({"flags": []}, {"flags": []}, 1, id="flags as a list"),
        pytest.param({"imageHeight": GONE, "imageWidth": GONE}, {}, 1, id="no size"),
        pytest.param({"imageHeight": None, "imageWidth": None}, {}, 1, id="size null"),
        pytest.param({"imageHeight": 2000.0}, {}, 1, id="height with a point"),
        pytest.param({"imageHeight": 5000}, {}, 1, id="another height than the film's"),
        pytest.param({"imagePath": "..\\x.png"}, {}, 1, id="back slashes"),
        pytest.param({"imagePath": "D:\\films\\x.png"}, {}, 1, id="absolute path"),
        pytest.param({"imagePath": "../../../etc/x"}, {}, 1, id="path outside"),
        pytest.param({"imagePath": GONE}, {}, 1, id="no imagePath"),
        pytest.param({"imageData": GONE}, {}, 1, id="no imageData"),
        pytest.param({"reader": {"name": "Ä"}}, {"seen": [1]}, 1, id="unknown keys"),
        pytest.param({}, {"group_id": GONE}, 1, id="no group_id"),
        pytest.param({}, {"group_id": "1"}, 1, id="group_id as text"),
        pytest.param({}, {"group_id": "--1"}, 1, id="group_id that is no number"),
        pytest.param({}, {"group_id": True}, 1, id="group_id true"),
        pytest.param({}, {"description": None}, 1, id="description null"),
        pytest.param({}, {"flags": {"a": 1}}, 1, id="flags that aren't booleans"),
        pytest.param({}, {"shape_type": GONE}, 1, id="no shape_type"),
        pytest.param({}, {"shape_type": None}, 1, id="shape_type null"),
        pytest.param({}, {"points": [[-900, 0], [9000, 0], [0, 9000]]}, 1, id="points far outside"),
        pytest.param({}, {"shape_type": "rotation", "points": FOUR}, 0, id="rotated box"),
        pytest.param({}, {"shape_type": "rectangle", "points": FOUR}, 0, id="rectangle of 4 points"),
        pytest.param({}, {"shape_type": "rectangle", "points": [[1, 2, 3]]}, 0, id="odd points of a foreign shape"),
        pytest.param({}, {"points": [[0, 0], [9, 9]]}, 0, id="polygon of 2 points"),
        pytest.param({}, {"points": []}, 0, id="polygon without points"),
        pytest.param({}, {"points": [[0, 0], [float("nan"), 0], [0, 9]]}, 0, id="NaN point"),
        pytest.param({}, {"points": [[0, 0], [10**400, 0], [0, 9]]}, 0, id="point beyond all numbers"),
    ],
)
def test_the_reader_is_as_lenient_as_labelme_4_and_gives_shapes_back_verbatim(top, shape, polygons_read, tmp_path):
    record = record_of(top, shape)
    read = read_labelme(saved(tmp_path / "a.json", record))
    assert (len(read.shapes), len(read.foreign)) == (polygons_read, 1 - polygons_read)
    write_labelme(tmp_path / "b.json", read)
    assert json.dumps(plain(tmp_path / "b.json")["shapes"]) == json.dumps(record["shapes"])
    assert "\\" not in read.image_name
    if not polygons_read and record["shapes"][0]["shape_type"] == "polygon":
        assert "shapes[0] 'L1'" in read.notes[0]
        assert read.foreign[0].note


def test_leniently_read_values_are_what_they_mean(tmp_path):
    shape = {"group_id": " 12 ", "flags": {"a": 1, "b": 0}, "description": "seen"}
    read = read_labelme(saved(tmp_path / "a.json", record_of({"imageHeight": 2000.0}, shape)))
    assert read.image_size == (2000, 100)
    assert type(labelme_record(read)["imageHeight"]) is int
    one = read.shapes[0]
    assert (one.group_id, one.flags, one.extra) == (12, {"a": True, "b": False}, {"description": "seen"})
    assert read_labelme(saved(tmp_path / "b.json", record_of({"imageWidth": GONE}))).notes == (
        "imageWidth is not written; the film's own size is used",
    )


def test_a_byte_order_mark_is_read_and_not_written(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(record_of()).encode())
    write_labelme(path, read_labelme(path))
    assert path.read_bytes().startswith(b"{")


@pytest.mark.parametrize(
    ("top", "shape", "reason"),
    [
        ({"shapes": GONE}, {}, "shapes must be a list, got nothing; is this a labelme file"),
        ({"shapes": {"a": 1}}, {}, "shapes must be a list, got dict"),
        ({"shapes": [7]}, {}, r"shapes\[0\]: expected an object, got int '7'"),
        ({}, {"label": 3}, r"shapes\[0\]: label must be text, got 3"),
        ({}, {"label": GONE}, r"shapes\[0\]: label must be text, got None"),
        ({}, {"points": GONE}, r"shapes\[0\]: points must be a list, got nothing"),
        ({}, {"points": [[0, 0, 0], [9, 0, 0], [0, 9, 0]]}, r"shapes\[0\]: points must be pairs of numbers"),
        ({}, {"points": [["0", 0], [9, 0], [0, 9]]}, r"shapes\[0\]: points must be pairs of numbers"),
        ({}, {"points": [[True, 0], [9, 0], [0, 9]]}, r"shapes\[0\]: points must be pairs of numbers"),
        ({}, {NAMESPACE: {"score": 1.5}}, r"shapes\[0\]: vcfviewer.score must be a number from 0 to 1, got 1.5"),
        ({"imagePath": 3}, {}, "imagePath must be text, got int '3'"),
        ({"imageData": 3}, {}, "imageData must be text or null, got int '3'"),
        ({"imageHeight": "120"}, {}, "imageHeight must be a whole number of pixels, got '120'"),
        ({"imageHeight": 120.5}, {}, "imageHeight must be a whole number of pixels, got 120.5"),
        ({"imageWidth": -1}, {}, "imageWidth must be a whole number of pixels, got -1"),
        ({"imageWidth": True}, {}, "imageWidth must be a whole number of pixels, got True"),
        ({"imageWidth": float("nan")}, {}, "imageWidth must be a whole number of pixels, got nan"),
        ({"imageWidth": float("inf")}, {}, "imageWidth must be a whole number of pixels, got inf"),
    ],
)
def test_what_is_refused_is_named_with_its_key_and_value(top, shape, reason, tmp_path):
    path = saved(tmp_path / "a.json", record_of(top, shape))
    with pytest.raises(AnnotationReadError, match=reason) as told:
        read_labelme(path)
    assert str(told.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "got an empty file"),
        (b'{"shapes": [', "got an error at line 1, column 13"),
        (b"[]", "expected a JSON object, got list"),
        (b'{"shapes": [], "imagePath": "\xe4.png"}', "expected labelme JSON in UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "expected labelme JSON in UTF-8"),
        (b'{"shapes": [], "imageHeight": ' + b"1" * 5000 + b"}", "expected labelme JSON in UTF-8"),
        (b"[" * 100_000, "expected labelme JSON in UTF-8"),
    ],
)
def test_what_is_no_labelme_json_is_refused(data, reason, tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(data)
    with pytest.raises(AnnotationReadError, match=reason):
        read_labelme(path)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(AnnotationReadError, match=r"gone\.json: can't be read: No such file"):
        read_labelme(tmp_path / "gone.json")


def test_extra_keys_of_labelmes_own_are_refused(tmp_path):
    with pytest.raises(ValueError, match="labelme's own"):
        write_labelme(tmp_path / "a.json", Annotation("a.png", (1, 1), extra={"shapes": []}))
    assert list(tmp_path.iterdir()) == []
