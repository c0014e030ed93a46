import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from engine.domain.annotation import Shape
from engine.domain.labels import Level, Meaning, Status
from engine.domain.matching import (
    NOBODY,
    LevelRule,
    Match,
    MatchKind,
    film_iou,
    iou_matrix,
    match_films,
    match_shapes,
    pair_greedily,
    pair_greedily_at,
)
from engine.domain.polygon import Polygon, polygon_iou

LEVELS = ["T11", "T12", "L1", "L2", "L3", "L4"]
GRADES = (-1.0, 0.0, 0.3, 0.5, 0.7, 1.0)
"""IoUs that come twice often; -1 marks a pair that isn't allowed."""


def box(x, y, width=100.0, height=60.0):
    return Polygon([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


def expert(name, label, x=0.0, y=0.0, **size):
    return Shape(name, label, box(x, y, **size))


def model(name, label, x=0.0, y=0.0, score=0.9, **size):
    return Shape(name, label, box(x, y, **size), score=score)


def kinds(matches):
    return [match.kind for match in matches]


@st.composite
def findings(draw, scored, apart=False):
    """Up to 8 boxes on a small film, so that many overlap; `apart` keeps those of one side from touching."""
    count = draw(st.integers(0, 8))
    shapes = []
    for index in range(count):
        x, y = draw(st.floats(0, 80)), draw(st.floats(0, 30)) + (100 * index if apart else draw(st.floats(0, 150)))
        label = draw(st.sampled_from([*LEVELS, "L1 normal", "marker"]))
        score = draw(st.floats(0, 1)) if scored else None
        shapes.append(Shape(f"{scored}{index}", label, box(x, y), score=score))
    return shapes


def test_overlap_and_level_decide_the_kind():
    annotated = [expert("a", "T12"), expert("b", "L1", y=100), expert("c", "L2", y=200)]
    predicted = [model("p", "T12", x=5), model("q", "L2", y=105), model("r", "L4", y=500)]
    first, second, third, fourth = match_shapes(annotated, predicted)
    assert (first.annotated.id, first.predicted.id, first.kind) == ("a", "p", MatchKind.AGREES)
    assert first.iou == pytest.approx(95 / 105)
    assert (second.annotated.id, second.predicted.id, second.kind) == ("b", "q", MatchKind.LABEL_DIFFERS)
    assert (third.annotated.id, third.predicted, third.kind, third.iou) == ("c", None, MatchKind.MISSED, 0.0)
    assert (fourth.annotated, fourth.predicted.id, fourth.kind) == (None, "r", MatchKind.EXTRA)


@pytest.mark.parametrize(
    ("rule", "label", "expected"),
    [
        (LevelRule.CLASS_AGNOSTIC, "L4", [MatchKind.LABEL_DIFFERS]),
        (LevelRule.CLASS_AWARE, "L2", [MatchKind.MISSED, MatchKind.EXTRA]),
        (LevelRule.CLASS_AWARE, "l1 fracture", [MatchKind.AGREES]),
        (LevelRule.PLUS_MINUS_ONE, "L2", [MatchKind.LABEL_DIFFERS]),
        (LevelRule.PLUS_MINUS_ONE, "T12", [MatchKind.LABEL_DIFFERS]),
        (LevelRule.PLUS_MINUS_ONE, "L3", [MatchKind.MISSED, MatchKind.EXTRA]),
        (LevelRule.PLUS_MINUS_ONE, "L1", [MatchKind.AGREES]),
    ],
)
def test_rule_decides_what_may_be_a_pair(rule, label, expected):
    assert kinds(match_shapes([expert("a", "L1")], [model("p", label)], rule=rule)) == expected


def test_findings_without_level_pair_with_each_other():
    unnamed = Meaning(None, Status.FRACTURED)
    annotated = Shape("a", "?", box(0, 0), meaning=unnamed)
    twin = Shape("p", "?", box(0, 0), score=0.5, meaning=unnamed)
    assert kinds(match_shapes([annotated], [twin], rule=LevelRule.CLASS_AWARE)) == [MatchKind.AGREES]
    for rule in (LevelRule.CLASS_AWARE, LevelRule.PLUS_MINUS_ONE):
        found = match_shapes([annotated], [model("q", "L1")], rule=rule)
        assert kinds(found) == [MatchKind.MISSED, MatchKind.EXTRA]
    assert kinds(match_shapes([annotated], [model("q", "L1")])) == [MatchKind.LABEL_DIFFERS]


@pytest.mark.parametrize("label", ["L1 normal", "L1 not assessable", "marker"])
def test_only_findings_take_part(label):
    assert match_shapes([expert("a", label)], [model("p", label)]) == ()
    assert kinds(match_shapes([expert("a", label)], [model("p", "L1")])) == [MatchKind.EXTRA]
    assert kinds(match_shapes([expert("a", "L1")], [model("p", label)])) == [MatchKind.MISSED]


def test_higher_score_chooses_first_even_if_it_fits_worse():
    annotated = [expert("a", "L1")]
    predicted = [model("close", "L1", x=1, score=0.6), model("sure", "L1", x=20, score=0.9)]
    pair, extra = match_shapes(annotated, predicted)
    assert (pair.predicted.id, extra.predicted.id) == ("sure", "close")


def test_a_persons_shapes_count_as_certain():
    annotated = [expert("a", "L1")]
    pair, _ = match_shapes(annotated, [model("p", "L1", score=0.99), expert("mine", "L1", x=10)])
    assert pair.predicted.id == "mine"


def test_threshold_is_included():
    annotated, predicted = [expert("a", "L1", width=100)], [model("p", "L1", width=50)]
    assert kinds(match_shapes(annotated, predicted, 0.5)) == [MatchKind.AGREES]
    assert kinds(match_shapes(annotated, predicted, 0.51)) == [MatchKind.MISSED, MatchKind.EXTRA]
    assert kinds(match_shapes(annotated, [model("p", "L1", width=100)], 1.0)) == [MatchKind.AGREES]


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.1, float("nan")])
def test_impossible_threshold_is_refused(threshold):
    with pytest.raises(ValueError, match="IoU threshold"):
        match_shapes([expert("a", "L1")], [model("p", "L1")], threshold)


def test_match_refuses_sides_that_contradict_its_kind():
    with pytest.raises(ValueError, match="missed"):
        Match(expert("a", "L1"), model("p", "L1"), 0.0, MatchKind.MISSED)
    with pytest.raises(ValueError, match="agrees"):
        Match(expert("a", "L1"), None, 0.5, MatchKind.AGREES)
    with pytest.raises(ValueError, match="between 0 and 1"):
        Match(expert("a", "L1"), model("p", "L1"), 1.5, MatchKind.AGREES)


@given(findings(scored=False), findings(scored=True), st.sampled_from(LevelRule), st.floats(0.05, 1))
def test_matching_is_one_to_one_and_loses_nobody(annotated, predicted, rule, threshold):
    matches = match_shapes(annotated, predicted, threshold, rule)
    left = Counter(match.annotated.id for match in matches if match.annotated)
    right = Counter(match.predicted.id for match in matches if match.predicted)
    assert left == Counter(shape.id for shape in annotated if shape.is_fracture)
    assert right == Counter(shape.id for shape in predicted if shape.is_fracture)
    for match in matches:
        if match.annotated and match.predicted:
            assert match.iou >= threshold - 1e-10
            assert match.iou == pytest.approx(polygon_iou(match.annotated.polygon, match.predicted.polygon))
            assert (match.kind is MatchKind.AGREES) == (match.annotated.level is match.predicted.level)


@given(findings(scored=True, apart=True), findings(scored=False, apart=True), st.floats(0.51, 1))
def test_counts_dont_depend_on_the_side_above_half(predicted, annotated, threshold):
    # Above one half a finding can't overlap two others that don't touch: who chooses first doesn't matter.
    swap = {MatchKind.MISSED: MatchKind.EXTRA, MatchKind.EXTRA: MatchKind.MISSED}
    there = Counter(kinds(match_shapes(annotated, predicted, threshold)))
    back = Counter(swap.get(kind, kind) for kind in kinds(match_shapes(predicted, annotated, threshold)))
    assert there == back


@pytest.mark.parametrize("threshold", [0.5, 0.75])
def test_pairs_are_those_of_pycocotools(threshold):
    rng = np.random.default_rng(11)
    for _ in range(40):
        truths, guesses = (rng.uniform(0, 120, (count, 2)) for count in rng.integers(1, 12, 2))
        scores = rng.permutation(len(guesses)) / len(guesses)
        annotated = [expert(str(i), "L1", *xy) for i, xy in enumerate(truths)]
        predicted = [model(str(i), "L1", *xy, score=scores[i]) for i, xy in enumerate(guesses)]
        ours = {
            (int(m.annotated.id), int(m.predicted.id))
            for m in match_shapes(annotated, predicted, threshold)
            if m.annotated and m.predicted
        }
        assert ours == coco_pairs(truths, guesses, scores, threshold)


def coco_pairs(truths, guesses, scores, threshold):
    truth = COCO()
    truth.dataset = {
        "images": [{"id": 1, "height": 300, "width": 300}],
        "categories": [{"id": 1, "name": "L1"}],
        "annotations": [
            {"id": i + 1, "image_id": 1, "category_id": 1, "bbox": [*xy, 100, 60], "area": 6000, "iscrowd": 0}
            for i, xy in enumerate(truths.tolist())
        ],
    }
    truth.createIndex()
    found = [
        {"image_id": 1, "category_id": 1, "bbox": [*xy, 100, 60], "score": score}
        for xy, score in zip(guesses.tolist(), scores.tolist(), strict=True)
    ]
    judge = COCOeval(truth, truth.loadRes(found), "bbox")
    judge.params.iouThrs = np.array([threshold])
    judge.evaluate()
    result = judge.evalImgs[0]
    pairs = zip(result["dtMatches"][0], result["dtIds"], strict=True)
    return {(int(partner) - 1, guess - 1) for partner, guess in pairs if partner > 0}


def test_of_equal_overlaps_the_last_is_taken_as_in_coco():
    assert pair_greedily([[0.8, 0.8], [0.8, 0.8]], 0.5) == (1, 0)
    assert pair_greedily([[0.2], [0.9]], 0.5) == (None, 0)
    assert pair_greedily(np.zeros((2, 0)), 0.5) == (None, None)
    assert pair_greedily(np.zeros((0, 3)), 0.5) == ()


@given(
    ious=arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.sampled_from(GRADES)),
    thresholds=st.lists(st.sampled_from(GRADES[2:]), min_size=1, max_size=4),
)
def test_all_thresholds_together_pair_what_each_pairs_alone(ious, thresholds):
    alone = [[NOBODY if partner is None else partner for partner in pair_greedily(ious, one)] for one in thresholds]
    assert pair_greedily_at(ious, np.array(thresholds)).tolist() == alone


def test_a_threshold_of_none_is_refused_among_others():
    with pytest.raises(ValueError, match="greater than 0 and at most 1, got 0"):
        pair_greedily_at(np.ones((2, 2)), np.array([0.5, 0.0]))


def test_film_iou_is_of_the_unions_of_findings():
    annotated = [expert("a", "L1"), expert("b", "L2", y=100), expert("n", "L3 normal", y=500)]
    predicted = [model("p", "L1"), model("q", "L1", score=0.3)]
    assert film_iou(annotated, predicted) == pytest.approx(0.5)
    assert film_iou(annotated, annotated) == pytest.approx(1.0)
    assert film_iou(annotated, []) == 0.0
    assert film_iou([], predicted) == 0.0


def test_film_with_nothing_on_either_side_has_no_iou():
    assert film_iou([], []) is None
    assert film_iou([expert("n", "L3 normal")], [model("p", "marker")]) is None


@given(findings(scored=False), findings(scored=True))
def test_film_iou_is_symmetric_and_bounded(annotated, predicted):
    iou = film_iou(annotated, predicted)
    assert (iou is None) == (not any(shape.is_fracture for shape in [*annotated, *predicted]))
    if iou is not None:
        assert 0 <= iou <= 1
        assert film_iou(predicted, annotated) == pytest.approx(iou)


def test_iou_matrix_is_that_of_single_pairs():
    rng = np.random.default_rng(2)
    one, two = ([round_body(rng) for _ in range(count)] for count in (7, 9))
    expected = [[polygon_iou(a, b) for b in two] for a in one]
    np.testing.assert_allclose(iou_matrix(one, two), expected, atol=1e-12)
    assert iou_matrix([], two).shape == (0, 9)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_iou_matrix_is_exact_where_the_limit_is_reached(seed, limit):
    rng = np.random.default_rng(seed)
    one, two = ([round_body(rng, rng.uniform(0, 90, 2)) for _ in range(4)] for _ in range(2))
    whole, limited = iou_matrix(one, two), iou_matrix(one, two, limit)
    np.testing.assert_array_equal(limited[whole >= limit], whole[whole >= limit])
    assert set(np.unique(limited)) <= {0.0, *np.unique(whole)}


def test_a_hundred_by_a_hundred_take_less_than_twenty_milliseconds():
    rng = np.random.default_rng(4)
    annotated, predicted = (
        [Shape(f"{i}", LEVELS[i % 6], round_body(rng, (i % 10 * 170, i // 10 * 130)), score=score) for i in range(100)]
        for score in (None, 0.5)
    )
    times = []
    for _ in range(7):
        begin = time.perf_counter()
        matches = match_shapes(annotated, predicted)
        times.append(time.perf_counter() - begin)
    assert kinds(matches).count(MatchKind.AGREES) > 90
    assert min(times) < 0.020


def round_body(rng, centre=(0.0, 0.0), vertices=40):
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    waves = sum(rng.uniform(-0.03, 0.03) * np.sin(k * angles + rng.uniform(0, 6)) for k in (2, 3, 4, 6))
    radii = (1 + waves)[:, None] * np.array([70.0, 50.0])
    return Polygon(
        np.array(centre) + rng.uniform(0, 12, 2) + radii * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    )


def test_levels_far_apart_never_pair_by_plus_minus_one():
    ranks = [Level(label).rank for label in LEVELS]
    for rank, label in zip(ranks, LEVELS, strict=True):
        found = [
            match_shapes([expert("a", label)], [model("p", other)], rule=LevelRule.PLUS_MINUS_ONE)[0].kind
            for other in LEVELS
        ]
        assert [kind is not MatchKind.MISSED for kind in found] == [abs(rank - other) <= 1 for other in ranks]


@given(st.lists(st.tuples(findings(scored=False), findings(scored=True)), max_size=4), st.floats(0.05, 1))
def test_many_films_are_matched_as_each_alone(films, threshold):
    matched = match_films(films, threshold, tuple(LevelRule))
    for rule in LevelRule:
        assert matched[rule] == tuple(match_shapes(*film, threshold, rule) for film in films)
