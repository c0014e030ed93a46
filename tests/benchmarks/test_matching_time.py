"""Matching and IoU of 100 x 100 findings of a film, beside shapely pair by pair and labelme's masks."""

import time

import numpy as np
import pytest
from measurements import peak_mib, rounds_ms

from engine.domain.annotation import Shape
from engine.domain.matching import iou_matrix, match_shapes
from engine.domain.polygon import Polygon, polygon_iou
from engine.formats.raster_iou import raster_iou_labelme

TOPIC = "Matching and IoU"
MATCHED_MS = 20.0
FILM = (1400, 1600)
COUNTS = (25, 50, 100)
FEW = 6
MEMORY_MIB = 20.0


def body(rng, x, y, vertices=64):
    """A smooth outline with bays, as large as a vertebral body."""
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    bays = sum(rng.normal(0, 0.05 / k) * np.sin(k * turn + rng.uniform(0, 6)) for k in (2, 3, 4, 5))
    away = 52 * (1 + bays)
    return Polygon(np.stack([x + away * np.cos(turn), y + 0.8 * away * np.sin(turn)], axis=1))


def findings(count, crowd=1):
    """Annotated and predicted findings in rows of ten; `crowd` of either side stand on one place."""
    rng = np.random.default_rng(0)
    places = [(80 + 150 * (at % 10), 70 + 130 * (at // 10)) for at in (number // crowd for number in range(count))]
    truth = [Shape(f"t{at}", "L1", body(rng, *place)) for at, place in enumerate(places)]
    found = [
        Shape(f"p{at}", "L1", body(rng, *rng.normal(place, 12)), score=float(rng.random()))
        for at, place in enumerate(places)
    ]
    return truth, found


def plain_ious(first, second):
    return np.array([[polygon_iou(one, two) for two in second] for one in first])


def mask_ious(first, second):
    return np.array([[raster_iou_labelme([one], [two], FILM) for two in second] for one in first])


@pytest.mark.parametrize("count", COUNTS)
def test_iou_and_matching_of_all_pairs(count, measurement):
    truth, found = findings(count)
    first, second = ([shape.polygon for shape in side] for side in (found, truth))
    start = time.process_time()
    expected = plain_ious(first, second)
    plain = [1000 * (time.process_time() - start)]
    np.testing.assert_allclose(iou_matrix(first, second), expected, rtol=0, atol=1e-12)
    ious, matched = rounds_ms(lambda: iou_matrix(first, second), lambda: match_shapes(truth, found), rounds=9)
    bar = MATCHED_MS if count == COUNTS[-1] else None
    told = (
        measurement("IoU of all pairs", "ms", ious, peer=plain, peer_name="shapely pair by pair", size=count,
                    of="findings a side", bar=bar, share=0.1, headline=True),
        measurement("matching", "ms", matched, size=count, of="findings a side", bar=bar, headline=True),
    )  # fmt: skip
    assert all(one.is_met for one in told)


def test_iou_beside_labelmes_masks(measurement):
    truth, found = findings(FEW)
    first, second = ([shape.polygon for shape in side] for side in (found, truth))
    # A mask covers half a pixel more on each side.
    np.testing.assert_allclose(iou_matrix(first, second), mask_ious(first, second), rtol=0, atol=0.02)
    ours, theirs = rounds_ms(lambda: iou_matrix(first, second), lambda: mask_ious(first, second), rounds=2)
    told = measurement("IoU of all pairs, beside masks", "ms", ours, peer=theirs, peer_name="labelme's masks",
                       size=FEW, of="findings a side", share=0.1)  # fmt: skip
    assert told.is_met


def test_memory_of_all_pairs(measurement):
    truth, found = findings(COUNTS[-1])
    first, second = ([shape.polygon for shape in side] for side in (found, truth))
    peak = peak_mib(lambda: iou_matrix(first, second))
    assert measurement("IoU of all pairs, peak of memory", "MiB", [peak], size=COUNTS[-1],
                       of="findings a side", bar=MEMORY_MIB).is_met  # fmt: skip


def test_ten_readers_on_ten_bodies(measurement):
    """A thousand of the ten thousand pairs overlap: the hardest case a film of ten bodies and ten readers can give."""
    truth, found = findings(100, crowd=10)
    (matched,) = rounds_ms(lambda: match_shapes(truth, found), rounds=5)
    measurement("matching where ten readers outlined the same ten bodies", "ms", matched, size=100,
                of="findings a side")  # fmt: skip
