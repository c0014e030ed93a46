"""Tables and paired tests of a comparison, on records whose figures are known by hand."""

import numpy as np
import pytest

from engine.compare import ArmResult, Protocol
from engine.compare.arms import Arm, parse_arms
from engine.compare.tables import comparison_tables, pair_tests
from engine.compare.worst import worst_films
from engine.domain.annotation import Shape
from engine.domain.polygon import Polygon
from engine.errors import ConfigError
from engine.evaluation import evaluate
from engine.evaluation.operating_point import best_f1_threshold
from engine.evaluation.records import FilmRecord

PROTOCOL = Protocol(mode="corrected", replicates=200)


def square(level, x, y, score=None, side=20.0):
    corners = np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]])
    return Shape(f"{level}-{x}-{y}-{score}", level, Polygon(corners), score=score)


def films(found_every, normals_hit=()):
    """Twenty films with an L1 fracture, of which every so many are found at score 0.9; ten normal ones."""
    records = []
    for at in range(20):
        said = (square("L1", 40, 40, 0.9),) if at % found_every == 0 else ()
        records.append(FilmRecord(f"sick{at}.png", None, (200, 200), (square("L1", 40, 40),), said))
    for at in range(10):
        said = (square("T12", 90, 90, 0.8),) if at in normals_hit else ()
        records.append(FilmRecord(f"normal{at}.png", None, (200, 200), (), said))
    return tuple(records)


def result(arm, records, tmp_path):
    figures = evaluate(records, score_threshold=0.5, bootstrap_replicates=50)
    return ArmResult(arm, tmp_path / "x.card.json", figures, records, "by hand", None, 0.25, 2**30)


@pytest.fixture
def results(tmp_path):
    good = result(Arm("mask_rcnn", "mask_rcnn", "equal"), films(1), tmp_path)
    poor = result(Arm("mask_rcnn_native", "mask_rcnn", "native"), films(4, (0, 1, 2)), tmp_path)
    return [good, poor]


def cells(tables, title):
    return next((columns, rows) for found, columns, rows in tables if found.startswith(title))


def test_the_papers_tables_for_these_films_count_fractures_and_normal_films(results):
    tables = comparison_tables(results, PROTOCOL)
    columns, rows = cells(tables, "Table 2 on these films")
    assert rows[0][1:5] == (20, 0, 10, 0)
    assert rows[1][1:5] == (5, 3, 7, 15)
    assert rows[1][5].startswith("25.0 (")
    assert rows[1][6].startswith("70.0 (")
    assert rows[1][columns.index("paper accuracy %")] == "40.0"
    assert rows[1][columns.index("F1 (table) %")] == f"{100 * 10 / 28:.1f}"
    _columns, rows = cells(tables, "Table 3 on these films")
    assert rows[0][1] == "1.00"
    assert rows[1][1] == "0.26"  # 26 of COCO's 101 recall points lie at or below 0.25.


def test_the_paper_s_own_rows_stand_beside_and_are_marked_as_other_data(results):
    tables = comparison_tables(results, PROTOCOL)
    _columns, rows = cells(tables, "Table 2 as printed by Paik et al. 2024 (other films")
    assert [row[0] for row in rows] == ["Mask R-CNN"]
    assert rows[0][1:5] == (71, 15, 126, 18)
    _columns, rows = cells(tables, "Table 3 as printed")
    assert rows[0][-2:] == ("0.58", "0.575")


def test_paired_tests_know_who_was_right_alone(results):
    (test,) = pair_tests(results, PROTOCOL)
    assert test.fractures == (15, 0)
    assert test.normals == (3, 0)
    assert test.p_fractures == pytest.approx(2 * 0.5**15)
    assert test.p_normals == pytest.approx(0.25)
    assert test.gap.value == pytest.approx(1 - 26 / 101)
    assert test.gap.low > 0
    assert test.p_ap == 0.0


def test_p_values_are_adjusted_for_all_pairs(results, tmp_path):
    third = result(Arm("yolact", "yolact", "equal"), films(2), tmp_path)
    tests = {(one.first, one.second): one for one in pair_tests([*results, third], PROTOCOL)}
    assert len(tests) == 3
    alone = [one.fractures for one in tests.values()]
    assert sorted(alone) == [(0, 5), (10, 0), (15, 0)]
    smallest = min(tests.values(), key=lambda one: one.p_fractures)
    assert smallest.p_fractures == pytest.approx(3 * 2 * 0.5**15)


def test_an_arm_against_itself_differs_by_nothing(results):
    (test,) = pair_tests([results[0], results[0]], PROTOCOL)
    assert (test.gap.value, test.gap.low, test.gap.high) == (0, 0, 0)
    assert (test.p_ap, test.p_fractures, test.p_normals) == (1, 1, 1)


def test_a_level_without_a_fracture_among_the_films_has_no_precision_and_no_say_in_the_mean(tmp_path):
    arm = Arm("yolov5_seg_s", "yolov5_seg_s", "equal")
    tables = comparison_tables([result(arm, films(1), tmp_path)], PROTOCOL)
    columns, (row,) = cells(tables, "AP as YOLOv5's own evaluator counts it")
    assert dict(zip(columns, row, strict=True)) == {
        "model": arm.title, "T11": "-", "T12": "-", "L1": "0.99", "L2": "-", "L3": "-", "L4": "-", "mean": "0.995",
    }  # fmt: skip
    _columns, (row,) = cells(tables, "Table 3 on these films")
    assert sorted(row[1:7]) == ["-"] * 5 + ["1.00"]


def test_costs_are_told_and_a_model_that_came_trained_has_no_training(results):
    _columns, rows = cells(comparison_tables(results, PROTOCOL), "What it cost")
    assert rows[0][1] == "came trained"
    assert rows[0][-2:] == ("0.25", "1.00")


def test_the_worst_films_come_first_and_faultless_ones_never(results):
    worst = worst_films(results[1], 0.5, count=100)
    assert len(worst) == 15 + 3
    assert {one.record.film for one in worst if one.extra} == {"normal0.png", "normal1.png", "normal2.png"}
    assert worst_films(results[0], 0.5) == ()
    assert "1 missed; film IoU 0.00" in next(one.caption for one in worst if one.missed)


def test_the_threshold_of_films_without_a_normal_one_is_that_of_the_highest_f1():
    first, second = square("L1", 40, 40), square("L2", 40, 40)
    records = [
        FilmRecord("a", None, (200, 200), (first,), (square("L1", 40, 40, 0.9), square("L2", 90, 90, 0.6))),
        FilmRecord("b", None, (200, 200), (second,), (square("L2", 40, 40, 0.7), square("L3", 90, 90, 0.3))),
    ]
    assert best_f1_threshold(records) == 0.7


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["resnet"], "resnet"),
        (["mask_rcnn:best"], "best"),
        (["mask_rcnn", "mask_rcnn"], "twice: mask_rcnn"),
        ([""], "at least one model"),
    ],
)
def test_models_that_cannot_be_compared_are_named(words, wrong):
    with pytest.raises(ConfigError, match=wrong):
        parse_arms(words)


def test_a_family_may_stand_in_all_recipes():
    arms = parse_arms(["mask_rcnn", "mask_rcnn:native", "mask_rcnn:own"])
    assert [(one.name, one.recipe) for one in arms] == [
        ("mask_rcnn", "equal"), ("mask_rcnn_native", "native"), ("mask_rcnn_own", "own"),
    ]  # fmt: skip
    assert arms[2].title == "mask_rcnn (own recipe)"
