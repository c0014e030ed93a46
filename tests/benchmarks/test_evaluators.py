"""Our evaluation beside pycocotools on the same findings, in one run: the same numbers, a third of the time."""

import contextlib
import io
import time

import numpy as np
import pytest
from measurements import peak_mib
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from engine.domain.annotation import Shape
from engine.domain.labels import PAPER_CLASSES
from engine.domain.polygon import Polygon
from engine.evaluation import evaluate
from engine.evaluation.detection import IOU_THRESHOLDS, mean_ap
from engine.evaluation.records import FilmRecord

TOPIC = "Evaluation"
SIZE = (640, 400)
MANY = 1000
ANNOTATED, FOUND = 5, 10
TIMES_AS_FAST = 3.0


def body(rng, x, y):
    """An outline of 24 vertices, about as large as a vertebral body."""
    angles, radii = np.sort(rng.uniform(0, 2 * np.pi, 24)), rng.uniform(28, 36, 24)
    return Polygon(np.stack([x + radii * np.cos(angles), y + 0.8 * radii * np.sin(angles)], axis=1))


def make_records(films):
    """Films with five annotated findings and ten predicted ones each, which sit on them more or less."""
    rng = np.random.default_rng(0)
    records = []
    for film in range(films):
        levels = rng.choice(PAPER_CLASSES, ANNOTATED)
        truth = [Shape(f"t{at}", str(level), body(rng, 200, 80 + 110 * at)) for at, level in enumerate(levels)]
        found = []
        for at in range(FOUND):
            x, y = rng.normal([200, 80 + 110 * (at % ANNOTATED)], 4)
            level = levels[at % ANNOTATED] if rng.random() < 0.7 else rng.choice(PAPER_CLASSES)
            found.append(Shape(f"p{at}", str(level), body(rng, x, y), score=float(rng.random())))
        records.append(FilmRecord(f"{film}.png", None, SIZE, tuple(truth), tuple(found)))
    return records


def ring(shape):
    return [shape.polygon.points.ravel().tolist()]


def coco_ap(records):
    """Mask AP50:95 as pycocotools gives it, from polygons to number."""
    truth, found = [], []
    for film, record in enumerate(records):
        for shape in record.annotated:
            x0, y0, x1, y1 = shape.polygon.bounds
            truth.append({
                "id": len(truth) + 1, "image_id": film, "category_id": PAPER_CLASSES.index(shape.label) + 1,
                "segmentation": ring(shape), "area": shape.polygon.area, "bbox": [x0, y0, x1 - x0, y1 - y0],
                "iscrowd": 0,
            })  # fmt: skip
        for shape in record.predicted:
            runs = coco_mask.merge(coco_mask.frPyObjects(ring(shape), *SIZE))
            found.append({"image_id": film, "category_id": PAPER_CLASSES.index(shape.label) + 1,
                          "segmentation": runs, "score": shape.score})  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        annotations = COCO()
        annotations.dataset = {
            "images": [{"id": film, "width": SIZE[1], "height": SIZE[0]} for film in range(len(records))],
            "categories": [{"id": at + 1, "name": name} for at, name in enumerate(PAPER_CLASSES)],
            "annotations": truth,
        }
        annotations.createIndex()
        judge = COCOeval(annotations, annotations.loadRes(found), "segm")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return float(judge.stats[0])


def processor_seconds(rounds, *works):
    """The result of each work and the processor time of its rounds; they take turns, so that all meet the same."""
    results, took = [None] * len(works), [[] for _ in works]
    for _ in range(rounds):
        for at, work in enumerate(works):
            start = time.process_time()
            results[at] = work()
            took[at].append(time.process_time() - start)
    return list(zip(results, took, strict=True))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("films", [50, 200, MANY, pytest.param(10_000, marks=pytest.mark.slow)])
def test_the_same_numbers_in_a_third_of_the_time(films, measurement):
    records, rounds = make_records(films), 3 if films <= MANY else 1
    (theirs, their_seconds), (ours, our_seconds), (exact, exact_seconds) = processor_seconds(
        rounds,
        lambda: coco_ap(records),
        lambda: mean_ap(records, IOU_THRESHOLDS, rle=True)["all"],
        lambda: mean_ap(records, IOU_THRESHOLDS)["all"],
    )
    how = {"peer": their_seconds, "peer_name": "pycocotools", "size": FOUND * films, "of": "findings", "headline": True}
    share = 1 / TIMES_AS_FAST if films >= MANY else None
    pixels = measurement("AP50:95 on COCO's pixels", "s", our_seconds, share=share, **how)
    outlines = measurement("AP50:95 on exact outlines", "s", exact_seconds, share=1.0, **how)
    assert ours == pytest.approx(theirs, abs=1e-9)
    assert exact == pytest.approx(theirs, abs=0.01)
    assert pixels.is_met
    assert outlines.is_met


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("films", [10, 20, 40, pytest.param(10_000, marks=pytest.mark.slow)])
def test_the_whole_evaluation(films, measurement):
    """Every figure, with intervals from 2000 resamplings."""
    records = make_records(films)
    ((_result, seconds),) = processor_seconds(1, lambda: evaluate(records, score_threshold=0.5))
    measurement("all figures and intervals", "s", seconds, size=FOUND * films, of="findings", headline=True)


def test_memory_stays_flat_in_the_number_of_films(measurement):
    peaks = []
    for films in (256, 768):
        records = make_records(films)
        peaks.append(peak_mib(lambda records=records: mean_ap(records, IOU_THRESHOLDS)))
        measurement("AP50:95, peak of memory", "MiB", peaks[-1:], size=FOUND * films, of="findings")
    assert peaks[1] < 2 * peaks[0]
