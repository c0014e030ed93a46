import json
import re
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
import shapely
import torch

from engine.data.dataset import Sample, SampleStore, data_hash, find_examples, to_tensors
from engine.domain.annotation import Annotation, Shape
from engine.domain.labels import ALL_VERTEBRAE, PAPER_CLASSES
from engine.domain.polygon import Polygon
from engine.errors import DataError, FilmReadError
from engine.films import read_film
from engine.films.patients import patient_hash
from engine.formats.labelme import read_labelme, write_labelme

SIZE = (200, 120)


def box(x, y, width=60.0, height=40.0):
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


def shape(name, label, *place):
    return Shape(name, label, Polygon(box(*place)))


SHAPES = (
    shape("0", "L1", 20, 60), shape("1", "T12 normal", 20, 10), shape("2", "L2 not assessable", 20, 110),
    shape("3", "marker", 90, 5, 20.0, 20.0), shape("4", "L5", 20, 155),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Three films of noise, each with the same five shapes."""
    rng = np.random.default_rng(0)
    for name in ("b", "a", "c"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), rng.integers(0, 255, SIZE, dtype=np.uint8))
        extra = {"vcfviewer": {"patient": f"patient-{name}"}}
        write_labelme(tmp_path / f"{name}.json", Annotation(f"{name}.png", SIZE, SHAPES, extra=extra))
    return tmp_path


def same(one, two):
    outlines = all(np.array_equal(a, b) for a, b in zip(one.outlines, two.outlines, strict=True))
    return np.array_equal(one.image, two.image) and outlines and one.labels == two.labels


def test_films_with_their_annotation_are_found_in_order(folder):
    cv2.imwrite(str(folder / "bare.png"), np.zeros(SIZE, np.uint8))
    examples = find_examples(folder)
    assert [one.film.name for one in examples] == ["a.png", "b.png", "c.png"]
    assert [one.patient for one in examples] == ["patient-a", "patient-b", "patient-c"]
    assert [one.fractures for one in examples] == [("L1", "L5")] * 3
    assert examples[0].size == SIZE


def test_names_restrict_the_films_and_must_all_be_there(folder):
    assert [one.film.name for one in find_examples(folder, ["c.png"])] == ["c.png"]
    (folder / "b.json").unlink()
    with pytest.raises(DataError, match=r"2 films .*b\.png"):
        find_examples(folder, ["a.png", "b.png", "z.png"])


def test_an_empty_part_of_a_split_is_told_as_such(folder):
    with pytest.raises(DataError, match="this part of the split holds none; make the split anew"):
        find_examples(folder, [])


def test_a_folder_without_annotated_films_is_refused(tmp_path):
    cv2.imwrite(str(tmp_path / "bare.png"), np.zeros(SIZE, np.uint8))
    with pytest.raises(DataError, match="no film with a labelme"):
        find_examples(tmp_path)


def with_record(folder, name, **record):
    """Add a shape to a labelme file, as another program would write it."""
    path = folder / f"{name}.json"
    whole = json.loads(path.read_text())
    whole["shapes"].append({"points": box(20, 60).tolist(), "group_id": None, "flags": {}, **record})
    path.write_text(json.dumps(whole))
    return path


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"shape_type": "mask", "mask": "iVBORw0KGgo=", "label": "T12"}, "mask"),
        ({"shape_type": "rectangle", "points": [[1, 1], [9, 9]], "label": "L3 fracture"}, "rectangle"),
        ({"shape_type": "oriented_rectangle", "label": "L3 normal"}, "oriented_rectangle"),
        ({"shape_type": "polygon", "points": [[1, 1], [9, 9]], "label": "L3"}, "polygon (a polygon needs"),
        ({"shape_type": "polygon", "points": [[1, 1], [9, float("nan")], [4, 9]], "label": "L3"}, "polygon (polygon p"),
    ],
)
def test_a_vertebra_that_is_no_polygon_is_refused_by_number_and_label(record, kind, folder):
    path = with_record(folder, "b", **record)
    told = f"{path}: shape 6, labelled {record['label']!r}: expected a polygon, .* got a {re.escape(kind)}"
    with pytest.raises(DataError, match=f"{told}.*draw it as a polygon, or leave the film out"):
        find_examples(folder)
    assert [one.name for one in find_examples(folder, ["a.png", "c.png"])] == ["a.png", "c.png"]


def test_marks_and_notes_are_passed_over_and_labels_without_a_meaning_are_kept_by_name(folder):
    with_record(folder, "b", shape_type="point", points=[[5, 5]], label="note")
    with_record(folder, "b", shape_type="line", points=[[5, 5], [9, 9]], label="ruler")
    with_record(folder, "b", shape_type="mask", mask="iVBORw0KGgo=", label="VCF L1")
    with_record(folder, "c", shape_type="polygon", label="요추1 골절")
    assert [one.unread for one in find_examples(folder)] == [
        ("marker",),
        ("VCF L1", "marker"),
        ("marker", "요추1 골절"),
    ]


def test_a_film_annotated_twice_is_refused_unless_one_of_them_is_asked_for(folder):
    for place in ("one", "two"):
        (folder / place).mkdir()
        for ending in ("png", "json"):
            shutil.copy(folder / f"a.{ending}", folder / place / f"x.{ending}")
    with pytest.raises(DataError, match=r"film x\.png is annotated twice, in .*one/x\.json and .*two/x\.json"):
        find_examples(folder)
    with pytest.raises(DataError, match=r"2 annotated films are called x\.png: one/x\.png, two/x\.png"):
        find_examples(folder, ["a.png", "x.png"])
    assert [one.name for one in find_examples(folder, ["a.png", "b.png"])] == ["a.png", "b.png"]
    assert [one.name for one in find_examples(folder, ["a.png", "two/x.png"])] == ["a.png", "two/x.png"]


def test_two_films_of_one_name_go_by_their_paths(folder):
    for number, place in enumerate(("one", "two")):
        (folder / place).mkdir()
        for ending in ("png", "json"):
            shutil.move(folder / f"{'ab'[number]}.{ending}", folder / place / f"film.{ending}")
        (folder / place / "patients.csv").write_text(f"film,patient\nfilm.png,somebody {number}\n")
    examples = find_examples(folder)
    assert [one.name for one in examples] == ["c.png", "one/film.png", "two/film.png"]
    assert [one.annotation for one in examples[1:]] == [folder / place / "film.json" for place in ("one", "two")]
    assert [one.patient for one in examples[1:]] == [patient_hash(f"somebody {number}") for number in (0, 1)]
    assert find_examples(folder, ["two/film.png"]) == examples[2:]
    with pytest.raises(DataError, match=r"2 annotated films are called film\.png"):
        find_examples(folder, ["film.png"])


def test_films_of_one_stem_have_their_own_shapes(folder):
    film = cv2.imread(str(folder / "a.png"), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(folder / "a.jpg"), film)
    write_labelme(folder / "a.jpg.json", Annotation("a.jpg", SIZE, SHAPES[1:2]))
    found = {one.film.name: one for one in find_examples(folder, ["a.png", "a.jpg"])}
    assert {name: one.annotation.name for name, one in found.items()} == {"a.png": "a.json", "a.jpg": "a.jpg.json"}
    assert [len(found[name].shapes) for name in ("a.png", "a.jpg")] == [5, 1]


def test_a_copy_of_the_same_name_without_annotation_is_no_second_film(folder):
    (folder / "originals").mkdir()
    shutil.copy(folder / "a.png", folder / "originals" / "a.png")
    examples = find_examples(folder)
    assert [one.film for one in examples] == [folder / name for name in ("a.png", "b.png", "c.png")]


@pytest.mark.parametrize("limit", [0, 1 << 20])
def test_the_same_sample_comes_twice_whether_kept_or_read_again(folder, limit):
    store = SampleStore(PAPER_CLASSES, 100, limit)
    example = find_examples(folder)[0]
    first, second = store.load(example), store.load(example)
    assert same(first, second)
    assert first.image.dtype == np.float32
    assert 0.8 < first.image.max() <= 1


def test_what_is_kept_is_not_changed_by_its_borrower(folder):
    store = SampleStore(PAPER_CLASSES, 100)
    example = find_examples(folder)[0]
    first = store.load(example)
    before = first.image.copy()
    first.image[:] = 0
    first.outlines[0][:] = 0
    again = store.load(example)
    assert np.array_equal(again.image, before)
    assert again.outlines[0].max() > 0


def test_no_more_films_are_kept_than_the_limit_allows(folder):
    examples = find_examples(folder)
    store = SampleStore(PAPER_CLASSES, 100, limit=2 * 100 * 60 + 5)
    samples = [store.load(example) for example in examples]
    assert samples[0].image.shape == (100, 60)
    for example in examples:
        example.film.unlink()
    assert [same(store.load(one), sample) for one, sample in zip(examples[:2], samples, strict=False)] == [True, True]
    with pytest.raises(FilmReadError, match=r"c\.png"):
        store.load(examples[2])


def test_images_shrink_to_the_long_side_and_never_grow(folder):
    example = find_examples(folder)[0]
    small = SampleStore(PAPER_CLASSES, 50).load(example)
    assert small.image.shape == (50, 30)
    np.testing.assert_allclose(small.outlines[0], box(20, 60) / 4)
    whole = SampleStore(PAPER_CLASSES, 5000).load(example)
    assert whole.image.shape == SIZE
    np.testing.assert_allclose(whole.outlines[0], box(20, 60))
    assert np.array_equal(np.round(whole.image * 255), read_film(example.film).pixels)


def test_outlines_lie_on_what_they_enclose_after_shrinking(tmp_path):
    film = np.zeros((400, 300), np.uint8)
    film[100:220, 40:200] = 255
    cv2.imwrite(str(tmp_path / "a.png"), film)
    annotation = Annotation("a.png", (400, 300), (shape("0", "L1", 40, 100, 160.0, 120.0),))
    write_labelme(tmp_path / "a.json", annotation)
    sample = SampleStore(PAPER_CLASSES, 130).load(find_examples(tmp_path)[0])
    _image, target = to_tensors(sample)
    seen = sample.image > 0.5
    mask = target.masks[0].numpy().astype(bool)
    assert (seen & mask).sum() / (seen | mask).sum() > 0.95


def test_only_labels_asked_for_are_learned(folder):
    example = find_examples(folder)[0]
    fractures = SampleStore(PAPER_CLASSES, 200).load(example)
    assert [PAPER_CLASSES[number - 1] for number in fractures.labels] == ["L1"]
    everything = SampleStore(ALL_VERTEBRAE, 200).load(example)
    assert [ALL_VERTEBRAE[number - 1] for number in everything.labels] == ["L1", "T12 normal"]
    assert len(ALL_VERTEBRAE) == len(set(ALL_VERTEBRAE)) == 15


def target_of(outlines, size=SIZE, labels=None):
    outlines = tuple(np.asarray(one, float) for one in outlines)
    sample = Sample(np.zeros(size, np.float32), outlines, tuple(labels or range(1, len(outlines) + 1)))
    return to_tensors(sample)[1]


def test_tensors_have_the_shapes_that_networks_take(folder):
    image, target = to_tensors(SampleStore(ALL_VERTEBRAE, 100).load(find_examples(folder)[0]))
    assert image.shape == (3, 100, 60)
    assert image.dtype == torch.float32
    assert torch.equal(image[0], image[2])
    assert (target.boxes.shape, target.boxes.dtype) == ((2, 4), torch.float32)
    assert (target.masks.shape, target.masks.dtype) == ((2, 100, 60), torch.uint8)
    assert target.labels.dtype == torch.int64
    np.testing.assert_allclose(target.boxes[0], (10, 30, 40, 50))


def test_shapes_mostly_outside_the_image_are_left_out():
    inside, cut, gone = box(10, 10), box(-15, 60), box(-42, 110)
    target = target_of([inside, gone, cut, box(300, 20)])
    assert target.labels.tolist() == [1, 3]
    np.testing.assert_allclose(target.boxes, [(10, 10, 70, 50), (0, 60, 45, 100)])
    assert target.masks.sum(dim=(1, 2)).tolist() == [60 * 40, 45 * 40]
    assert target.masks[1, 60:100, :45].all()


def test_shapes_of_a_few_pixels_are_left_out():
    assert target_of([box(20, 20, 2.0, 2.0), box(50, 50, 8.0, 8.0)]).labels.tolist() == [2]


def test_an_image_without_shapes_has_empty_targets():
    target = target_of([])
    assert target.boxes.shape == (0, 4)
    assert target.masks.shape == (0, *SIZE)
    assert target.labels.shape == (0,)


@pytest.mark.parametrize("clockwise", [False, True])
def test_a_mask_holds_the_pixels_whose_centres_lie_inside(clockwise):
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    outline = np.stack([60.3 + 30 * np.cos(angles), 90.7 + 22 * np.sin(angles)], axis=1)
    mask = target_of([outline[::-1] if clockwise else outline]).masks[0].numpy().astype(bool)
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    centres = shapely.points(columns.ravel() + 0.5, rows.ravel() + 0.5)
    assert np.array_equal(mask, shapely.contains(shapely.Polygon(outline), centres).reshape(SIZE))
    assert mask.sum() == pytest.approx(shapely.Polygon(outline).area, rel=0.01)


def test_the_hash_knows_films_annotations_and_names_but_no_folder(folder, tmp_path_factory):
    examples = find_examples(folder)
    first = data_hash(examples)
    elsewhere = tmp_path_factory.mktemp("copy") / "films"
    shutil.copytree(folder, elsewhere)
    assert data_hash(find_examples(elsewhere)) == first
    assert data_hash(examples[::-1]) == first
    assert data_hash(examples[:2]) != first
    annotation = read_labelme(elsewhere / "a.json")
    write_labelme(elsewhere / "a.json", replace(annotation, shapes=annotation.shapes[1:]))
    second = data_hash(find_examples(elsewhere))
    (elsewhere / "b.png").write_bytes((elsewhere / "c.png").read_bytes())
    third = data_hash(find_examples(elsewhere))
    for suffix in ("png", "json"):
        (elsewhere / f"c.{suffix}").rename(elsewhere / f"d.{suffix}")
    assert len({first, second, third, data_hash(find_examples(elsewhere))}) == 4
