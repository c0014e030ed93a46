import contextlib
import io

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from engine.domain.annotation import Shape
from engine.domain.labels import PAPER_CLASSES
from engine.domain.polygon import Polygon
from engine.evaluation import evaluate
from engine.evaluation.detection import (
    IOU_THRESHOLDS,
    ap_coco,
    ap_voc_11,
    ap_voc_all_point,
    ap_yolov5,
    froc,
    froc_at,
    mean_ap,
    mean_ap_of,
    rank,
    rank_levels,
)
from engine.evaluation.records import FilmRecord

SIZE = (260, 220)

# Ranked hits, truths, then COCO-101, VOC all-point, VOC-11 and YOLOv5's: pycocotools 2.0.11 and YOLOv5's own formula.
REFERENCES = (
    ((1, 1, 0, 1, 0, 0, 1), 6, 0.5534, 0.5536, 0.5519, 0.6483),
    ((0, 1), 4, 0.1287, 0.1250, 0.1364, 0.3125),
    ((1,), 6, 0.1683, 0.1667, 0.1818, 0.5833),
    ((1, 0, 1, 1, 0, 1), 4, 0.7937, 0.7917, 0.7955, 0.7867),
    ((1, 1, 1, 1), 4, 1.0, 1.0, 1.0, 0.9950),
    ((0, 0, 0, 1), 6, 0.0421, 0.0417, 0.0455, 0.1458),
)


def box(x, y, width=40.0, height=30.0):
    return Polygon([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


def finding(name, label, polygon, score=None):
    return Shape(name, label, polygon, score=score)


def record(film, annotated, predicted):
    return FilmRecord(film, None, SIZE, tuple(annotated), tuple(predicted))


def blob(rng, centre, radii=(24.0, 17.0)):
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    waves = 1 + sum(rng.uniform(-0.05, 0.05) * np.sin(k * angles + rng.uniform(0, 6)) for k in (2, 3, 5))
    spokes = waves[:, None] * np.array(radii) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return Polygon(np.clip(np.array(centre) + spokes, 0, (SIZE[1], SIZE[0])))


def random_records(seed, films=14, extras=6):
    """Films with up to four findings a side: most detections lie near a truth, some under another level's name."""
    rng = np.random.default_rng(seed)
    scores = iter(rng.permutation(20_000) / 20_000)
    records = []
    for at in range(films):
        annotated, predicted = [], []
        for index in range(rng.integers(0, 5)):
            centre, label = rng.uniform(45, 175, 2), str(rng.choice(PAPER_CLASSES[:5]))
            annotated.append(finding(f"t{index}", label, blob(rng, centre)))
            for copy in range(rng.integers(0, 3)):
                named = label if rng.random() < 0.75 else str(rng.choice(PAPER_CLASSES))
                near = blob(rng, centre + rng.normal(0, 3, 2), rng.uniform((21, 14), (27, 20)))
                predicted.append(finding(f"p{index}.{copy}", named, near, float(next(scores))))
        for index in range(rng.integers(0, extras)):
            far = blob(rng, rng.uniform(45, 175, 2))
            predicted.append(finding(f"e{index}", str(rng.choice(PAPER_CLASSES)), far, float(next(scores))))
        records.append(record(f"film{at}", annotated, predicted))
    return records


def coco_ap(records, kind):
    """What pycocotools makes of the same films: (10 thresholds, 6 classes), NaN where nothing is annotated."""
    images = [{"id": at + 1, "height": SIZE[0], "width": SIZE[1]} for at in range(len(records))]
    categories = [{"id": at + 1, "name": name} for at, name in enumerate(PAPER_CLASSES)]
    truths = [coco_record(at, shape) for at, one in enumerate(records) for shape in one.annotated]
    for number, truth in enumerate(truths, 1):
        truth.update(id=number, iscrowd=0, area=truth["bbox"][2] * truth["bbox"][3])
    found = [coco_record(at, shape) for at, one in enumerate(records) for shape in one.predicted]
    for guess in found:
        if kind == "segm":
            del guess["bbox"]
            guess["segmentation"] = coco_mask.merge(coco_mask.frPyObjects(guess["segmentation"], *SIZE))
        else:
            del guess["segmentation"]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {"images": images, "categories": categories, "annotations": truths}
        truth.createIndex()
        judge = COCOeval(truth, truth.loadRes(found), kind)
        judge.evaluate()
        judge.accumulate()
    precision = judge.eval["precision"][:, :, :, 0, -1].mean(axis=1)
    return np.where(precision < 0, np.nan, precision)


def coco_record(film, shape):
    x0, y0, x1, y1 = shape.polygon.bounds
    entry = {
        "image_id": film + 1,
        "category_id": PAPER_CLASSES.index(shape.label) + 1,
        "segmentation": [shape.polygon.points.ravel().tolist()],
        "bbox": [x0, y0, x1 - x0, y1 - y0],
    }
    return entry if shape.score is None else {**entry, "score": shape.score}


@pytest.mark.parametrize(("hits", "truths", "coco", "voc", "voc_11", "yolov5"), REFERENCES)
def test_each_way_of_interpolating_has_its_reference_value(hits, truths, coco, voc, voc_11, yolov5):
    assert ap_coco(hits, truths) == pytest.approx(coco, abs=5e-5)
    assert ap_voc_all_point(hits, truths) == pytest.approx(voc, abs=5e-5)
    assert ap_voc_11(hits, truths) == pytest.approx(voc_11, abs=5e-5)
    assert ap_yolov5(hits, truths) == pytest.approx(yolov5, abs=5e-5)


@pytest.mark.parametrize("way", [ap_coco, ap_voc_all_point, ap_voc_11, ap_yolov5])
def test_a_class_that_is_never_detected_has_an_ap_of_zero(way):
    assert way((), 4) == 0
    assert way((0, 0, 0), 4) == pytest.approx(0, abs=1e-12)


def test_yolov5_gains_little_over_a_long_list_of_false_detections():
    ranked = (1, 1, 1, 0, 1, *[0] * 200)
    assert ap_yolov5(ranked, 6) == pytest.approx(0.634, abs=5e-4)
    assert ap_coco(ranked, 6) == pytest.approx(0.632, abs=5e-4)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("kind", "coco_kind"), [("mask", "segm"), ("box", "bbox")])
def test_ap_is_that_of_pycocotools(seed, kind, coco_kind):
    records = random_records(seed)
    expected = coco_ap(records, coco_kind)
    at_half = mean_ap(records, (0.5,), kind, rle=True)
    whole = mean_ap(records, IOU_THRESHOLDS, kind, rle=True)
    assert [at_half[name] for name in PAPER_CLASSES] == pytest.approx(expected[0], abs=1e-6, nan_ok=True)
    assert [whole[name] for name in PAPER_CLASSES] == pytest.approx(expected.mean(axis=0), abs=1e-6, nan_ok=True)
    assert at_half["all"] == pytest.approx(np.nanmean(expected[0]), abs=1e-6)
    assert whole["all"] == pytest.approx(np.nanmean(expected), abs=1e-6)
    assert np.isnan(expected[0]).any()
    assert 0.2 < at_half["all"] < 0.95
    assert whole["all"] < at_half["all"] - 0.1


@pytest.mark.parametrize("seed", range(2))
def test_the_evaluation_prints_that_very_ap(seed):
    records = random_records(seed)
    found = evaluate(records, score_threshold=0.5, bootstrap_replicates=5).ap
    printed = {name: {label: one.value for label, one in levels.items()} for name, levels in found.items()}
    expected = {
        "mask AP50": mean_ap(records),
        "mask AP50, fracture films": mean_ap([one for one in records if one.truth]),
        "mask AP50:95": mean_ap(records, IOU_THRESHOLDS),
        "box AP50": mean_ap(records, kind="box"),
    }
    assert printed.keys() == expected.keys()
    for name, values in expected.items():
        assert printed[name] == pytest.approx(values, abs=1e-12, nan_ok=True)
    assert [printed["box AP50"][name] for name in PAPER_CLASSES] == pytest.approx(
        coco_ap(records, "bbox")[0], abs=1e-6, nan_ok=True
    )


def test_no_more_than_a_hundred_detections_a_film_and_level_count():
    records = random_records(9, films=3, extras=2)
    rng = np.random.default_rng(9)
    truth = finding("t", "L1", box(100, 100))
    swarm = [finding(f"s{at}", "L1", blob(rng, rng.uniform(40, 60, 2)), 0.99 - at / 1000) for at in range(120)]
    late = finding("late", "L1", box(100, 100), 0.5)
    records.append(record("swarm", [truth], [*swarm, late]))
    ours = mean_ap(records, (0.5,), "mask", rle=True)
    assert [ours[name] for name in PAPER_CLASSES] == pytest.approx(coco_ap(records, "segm")[0], abs=1e-6, nan_ok=True)
    assert len(rank([records[-1]], "L1", 0.5).hits) == 100
    assert not rank([records[-1]], "L1", 0.5).hits.any()


def test_exact_masks_differ_from_rasterised_ones_by_little():
    records = random_records(5)
    exact, rasterised = mean_ap(records), mean_ap(records, rle=True)
    assert exact["all"] == pytest.approx(rasterised["all"], abs=0.02)


def test_levels_that_nobody_annotated_are_left_out_of_the_mean():
    records = [record("a", [finding("t", "L1", box(0, 0))], [finding("p", "L1", box(0, 0), 0.8)])]
    values = mean_ap(records)
    assert values["L1"] == values["all"] == 1
    assert all(np.isnan(values[name]) for name in PAPER_CLASSES if name != "L1")
    assert np.isnan(mean_ap([record("a", [], [finding("p", "L1", box(0, 0), 0.8)])])["all"])


def four_films():
    """Ranked 0.9 hit, 0.8 false (normal film), 0.7 hit, 0.6 false (second on one truth), 0.5 hit; four truths."""
    return [
        record("a", [finding("1", "L1", box(0, 0))],
               [finding("p", "L1", box(1, 0), 0.9), finding("q", "L1", box(2, 0), 0.6)]),
        record("b", [], [finding("p", "T12", box(50, 50), 0.8)]),
        record("c", [finding("1", "L2", box(0, 0)), finding("2", "L3", box(0, 90))],
               [finding("p", "L3", box(0, 0), 0.7), finding("q", "L3", box(0, 90), 0.5)]),
        record("d", [finding("1", "L4", box(0, 0))], []),
    ]  # fmt: skip


def test_froc_of_a_small_example_is_the_one_by_hand():
    films = four_films()
    ranking = rank(films, None, 0.5)
    assert ranking.scores.tolist() == [0.9, 0.8, 0.7, 0.6, 0.5]
    assert ranking.hits.tolist() == [True, False, True, False, True]
    wrong, sensitivity = froc(ranking, len(films))
    assert wrong.tolist() == [0, 0.25, 0.25, 0.5, 0.5]
    assert sensitivity.tolist() == [0.25, 0.25, 0.5, 0.5, 0.75]
    assert froc_at(ranking, len(films), (0.0, 0.125, 0.25, 0.5, 4.0)) == {
        0.0: 0.25, 0.125: 0.25, 0.25: 0.5, 0.5: 0.75, 4.0: 0.75,
    }  # fmt: skip


def test_froc_finds_nothing_where_nothing_was_said():
    ranking = rank([record("d", [finding("1", "L4", box(0, 0))], [])], None, 0.5)
    assert froc_at(ranking, 1, (0.5, 4.0)) == {0.5: 0.0, 4.0: 0.0}


def test_the_levels_name_matters_only_where_a_level_is_asked_for():
    films = four_films()
    assert rank(films, "L3", 0.5).hits.tolist() == [False, True]
    assert rank(films, "L2", 0.5).truths.tolist() == [0, 0, 1, 0]
    assert rank(films, "L2", 0.5).average_precision() == 0


@pytest.mark.parametrize("seed", range(3))
def test_weights_count_films_as_often_as_if_they_were_repeated(seed):
    records = random_records(20 + seed)
    counts = np.random.default_rng(seed).integers(0, 4, len(records))
    repeated = [one for one, count in zip(records, counts, strict=True) for _ in range(count)]
    for label in (None, *PAPER_CLASSES):
        weighted = rank(records, label, 0.5).average_precision(counts.astype(float))
        assert weighted == pytest.approx(rank(repeated, label, 0.5).average_precision(), abs=1e-12, nan_ok=True)
    assert (
        rank(records, None, 0.5).average_precision(np.ones(len(records)))
        == rank(records, None, 0.5).average_precision()
    )


@pytest.mark.parametrize("seed", range(2))
def test_all_replicates_at_once_are_those_one_by_one(seed):
    records = random_records(30 + seed)
    weights = np.random.default_rng(seed).integers(0, 3, (7, len(records))).astype(float)
    weights[0] = 0
    rankings = rank_levels(records, (0.5, 0.75))
    together = mean_ap_of(rankings, weights)
    assert together.keys() == {*PAPER_CLASSES, "all"}
    for at, row in enumerate(weights):
        alone = mean_ap_of(rankings, row)
        for name, values in together.items():
            assert values[at] == pytest.approx(float(alone[name]), abs=1e-12, nan_ok=True)
    assert np.isnan([values[0] for values in together.values()]).all()


def test_the_mean_of_a_replicate_leaves_out_levels_that_it_lacks():
    films = [
        record("a", [finding("t", "L1", box(0, 0))], [finding("p", "L1", box(0, 0), 0.8)]),
        record("b", [finding("t", "L2", box(0, 0))], []),
    ]
    assert mean_ap_of(rank_levels(films), np.array([[1.0, 1.0], [1.0, 0.0]]))["all"].tolist() == [0.5, 1.0]


def test_a_replicate_without_any_truth_has_no_ap():
    ranking = rank(four_films(), None, 0.5)
    assert np.isnan(ranking.average_precision(np.array([0.0, 5.0, 0.0, 0.0])))
