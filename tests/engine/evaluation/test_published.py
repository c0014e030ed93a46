"""The paper's own figures, and what the last paragraph of 1.4 of our reading of it asks of an implementation."""

import json
import math
from dataclasses import fields, replace

import numpy as np
import pytest

from engine.__main__ import main
from engine.data.augment import CORRECTED_AUGMENTATION, PAPER_AUGMENTATION, Augmentation, augment
from engine.data.dataset import Sample
from engine.domain.labels import PAPER_CLASSES
from engine.domain.polygon import Polygon
from engine.errors import ConfigError
from engine.evaluation.films import PaperColumns
from engine.evaluation.published import (
    TABLE_1,
    TABLE_2,
    TABLE_3,
    TRAIN_FILMS,
    VALID_FILMS,
    class_mean,
    contradictions,
    published_tables,
    table_1_sums,
)


def test_table_1_adds_up_to_other_films_and_fractures_than_printed():
    assert table_1_sums() == (628, 211, 597)
    assert TRAIN_FILMS + VALID_FILMS + 211 == 628
    rest = {name: total - test for name, (total, test, _fractures) in TABLE_1.items()}
    assert sum(rest.values()) == 346 + 71
    assert rest["normal"] == 0


def test_fractures_on_films_with_several_are_what_single_films_leave():
    left = {level: TABLE_1[level][2] - TABLE_1[level][0] for level in PAPER_CLASSES}
    assert left == {"L1": 50, "L2": 37, "L3": 30, "L4": 23, "T11": 12, "T12": 41}
    assert sum(left.values()) == 193
    assert 2.3 < 193 / TABLE_1["multi"][0] < 2.4


def test_the_checker_flags_the_wrong_sums_and_no_right_one():
    found = [line for line in contradictions() if line.startswith("Table 1")]
    assert [line for line in found if "241 test films" in line and "211" in line]
    assert [line for line in found if "598 fractures" in line and "597" in line]
    assert not [line for line in found if line.startswith("Table 1: 628")]
    title, columns, rows = published_tables()[0]
    printed = next(row for row in rows if row[0] == "sum as printed")
    assert title.startswith("Table 1")
    assert dict(zip(columns, printed, strict=True)) == {
        "level": "sum as printed", "films": "628", "test films": "241 !", "fractures": "598 !",
    }  # fmt: skip


def test_mask_r_cnns_row_gives_the_recomputed_shares():
    row = PaperColumns(71, 15, 126, 18, 12)
    shares = (row.sensitivity, row.specificity, row.accuracy, row.f1_table, row.f1_detection, row.precision)
    assert [100 * share for share in shares] == pytest.approx((79.78, 89.36, 85.65, 81.14, 82.56, 82.56), abs=0.005)
    assert 100 * PaperColumns(71, 12, 126, 18, 0).f1_table == pytest.approx(82.56, abs=0.005)


@pytest.mark.parametrize(
    ("model", "f1", "hidden"),
    [
        ("Mask R-CNN", 81.14, 11.91),
        ("Cascade R-CNN", 72.84, 18.90),
        ("YOLACT", 66.30, 20.97),
        ("YOLOv5-l", 69.57, 8.01),
        ("YOLOv5-m", 75.68, 8.66),
    ],
)
def test_every_printed_f1_needs_other_false_positives_than_printed(model, f1, hidden):
    row = next(row for row in TABLE_2 if row.model == model)
    assert 100 * row.recomputed().f1_table == pytest.approx(f1, abs=0.005)
    assert row.hidden_false_positives() == pytest.approx(hidden, abs=0.01)
    assert any(line.startswith(f"Table 2, {model}: F1") and f"{f1:.2f}" in line for line in contradictions())


@pytest.mark.parametrize("row", TABLE_2, ids=lambda row: row.model)
def test_the_other_printed_shares_follow_from_the_counts_to_a_tenth(row):
    own = row.recomputed()
    assert (row.tp + row.fn, row.fp + row.tn) == (89, 141)
    shares = [100 * share for share in (own.sensitivity, own.specificity, own.accuracy)]
    assert [row.sensitivity, row.specificity, row.accuracy] == pytest.approx(shares, abs=0.1)


def test_yolov5_x_is_the_best_model_by_its_own_cells():
    assert class_mean("YOLOv5-x") == pytest.approx(0.6283, abs=5e-5)
    assert class_mean("Mask R-CNN") == pytest.approx(0.575, abs=5e-5)
    assert max(TABLE_3, key=class_mean) == "YOLOv5-x"
    flagged = [line for line in contradictions() if line.startswith("Table 3")]
    assert len(flagged) == 1
    assert "YOLOv5-x" in flagged[0]
    assert "0.628" in flagged[0]


def test_only_models_below_seven_tenths_are_named_against_the_text():
    (line,) = [line for line in contradictions() if "all models except Cascade" in line]
    named = line.partition("below it: ")[2].split(", ")
    assert sorted(named) == ["YOLACT L2 0.66", "YOLACT T12 0.67", "YOLOv5-m T12 0.68", "YOLOv5-s T12 0.68"]


@pytest.mark.parametrize("key", ["vertical_flip", "flip_vertical", "vflip", "flipud"])
def test_a_vertical_flip_can_not_be_asked_for(key):
    with pytest.raises(TypeError, match=key):
        Augmentation(**{key: 0.5})
    assert key not in {field.name for field in fields(Augmentation)}


@pytest.mark.parametrize(
    "change", [{"flip": 1.5}, {"flip": -0.1}, {"rotation_share": 2.0}, {"scale": (1.2, 0.8)}, {"scale": (-1.0, 1.0)}]
)
def test_an_augmentation_that_can_not_be_is_refused(change):
    with pytest.raises(ConfigError, match="augmentation shares"):
        replace(PAPER_AUGMENTATION, **change)


@pytest.mark.parametrize("plan", [PAPER_AUGMENTATION, CORRECTED_AUGMENTATION], ids=["paper", "corrected"])
def test_no_augmentation_turns_the_spine_upside_down(plan):
    spine = tuple(square(50, 30 + 40 * index) for index in range(6))
    sample = Sample(np.zeros((260, 100), np.float32), spine, (1, 2, 3, 4, 5, 6))
    for seed in range(200):
        heights = [outline[:, 1].mean() for outline in augment(sample, plan, np.random.default_rng(seed)).outlines]
        assert heights == sorted(heights)


def square(x, y, half=10.0):
    return np.array([[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]])


@pytest.mark.parametrize("seed", range(8))
def test_outlines_turned_by_the_augmentation_turn_back_exactly(seed):
    rng = np.random.default_rng(seed)
    outlines = tuple(rng.uniform(20, 180, 2) + rng.uniform(-20, 20, (40, 2)) for _ in range(5))
    sample = Sample(np.zeros((240, 180), np.float32), outlines, (1,) * 5)
    turned = augment(sample, replace(PAPER_AUGMENTATION, flip=0.0), rng).outlines
    before, after = (one[0][1] - one[0][0] for one in (outlines, turned))
    angle = math.atan2(after[1], after[0]) - math.atan2(before[1], before[0])
    back = turn_about((90, 120), -angle)
    for outline, moved in zip(outlines, turned, strict=True):
        assert np.abs(moved - outline).max() > 0.01
        assert np.abs(moved @ back[:, :2].T + back[:, 2] - outline).max() < 1e-6


@pytest.mark.parametrize("degrees", [0.1, 3.0, 10.0, 45.0, 179.0])
def test_a_polygon_turned_there_and_back_is_itself(degrees):
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    body = Polygon(np.stack([1500 + 90 * np.cos(angles), 1900 + 65 * np.sin(angles)], axis=1))
    there = body.transformed(turn_about((1100, 1400), math.radians(degrees)))
    back = there.transformed(turn_about((1100, 1400), -math.radians(degrees)))
    assert np.abs(there.points - body.points).max() > 0.5
    assert np.abs(back.points - body.points).max() < 1e-6
    assert there.area == pytest.approx(body.area)


def turn_about(centre, angle):
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return np.column_stack([turn, np.array(centre) - turn @ centre])


def test_the_command_prints_every_contradiction(capsys):
    assert main(["published"]) == 0
    shown = capsys.readouterr()
    lines = [line for line in shown.out.splitlines() if line.startswith("contradiction: ")]
    assert lines == [f"contradiction: {line}" for line in contradictions()]
    assert len(lines) >= 12
    assert shown.err == ""
    for words in ("241 !", "598 !", "82.6 / 81.14 !", "0.58 / 0.628 !", "70.3 to 86.8"):
        assert words in shown.out


def test_the_command_speaks_json_lines_to_machines(capsys):
    assert main(["published", "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["text"] for record in records] == list(contradictions())
    assert {record["event"] for record in records} == {"contradiction"}
