"""Two models on one film, by hand-made boxes whose overlap is known."""

import numpy as np
import pytest

from engine.domain.annotation import Shape
from engine.domain.matching import MatchKind, match_shapes
from engine.domain.polygon import Polygon
from engine.review import pair_models

AGREES, DIFFERS, ONLY_A, ONLY_B = MatchKind


def found(name, label, y, x=0.0, score=0.9):
    return Shape(name, label, Polygon(np.add([[0, 0], [100, 0], [100, 60], [0, 60]], [x, y])), score=score)


def drawn(name, label, y, x=0.0):
    return Shape(name, label, found(name, label, y, x).polygon)


A = (found("a1", "T12", 0), found("a2", "L1", 100), found("a3", "L2", 200))
B = (found("b1", "T12", 0, 10, 0.8), found("b2", "L2", 100, 5, 0.7), found("b4", "L4", 400, 0, 0.6))


def test_findings_are_paired_as_an_experts_are_with_a_models():
    film = pair_models(A, B)
    kinds = {row.key: row.kind for row in film.rows}
    assert kinds == {"a1": AGREES, "a2": DIFFERS, "a3": ONLY_A, "b4": ONLY_B}
    assert [row.key for row in film.rows] == ["a1", "a2", "a3", "b4"], "from the top of the film to its bottom"
    by_matching = {match.annotated.id: match.iou for match in match_shapes(A, B) if match.annotated and match.predicted}
    for row in film.rows[:2]:
        assert row.agreement.iou == pytest.approx(by_matching[row.key])
        assert row.differs is (row.kind is DIFFERS)
    # Two boxes 100 wide, 10 apart: 90 shared of 110.
    assert film.rows[0].agreement.iou == pytest.approx(90 / 110)
    assert film.rows[0].agreement.dice == pytest.approx(0.9)
    assert film.film_iou == pytest.approx((90 + 95) / (110 + 105 + 100 + 100))
    assert film.standings is None
    assert all(row.by_expert == (None, None) and row.experts == () for row in film.rows)
    assert [film.count(kind) for kind in (*MatchKind, None)] == [1, 1, 1, 1, 0]


def test_each_model_stands_to_the_expert_with_its_own_iou():
    film = pair_models(A, B, (drawn("e1", "T12", 0), drawn("e3", "L2", 200), drawn("e5", "L4", 600)))
    rows = {row.key: row for row in film.rows}
    assert [match.kind for match in rows["a1"].by_expert] == [AGREES, AGREES]
    assert [one.iou for one in rows["a1"].to_expert] == pytest.approx([1.0, 90 / 110])
    assert [match.kind for match in rows["a2"].by_expert] == [ONLY_B, ONLY_B], "the expert has nothing there"
    # B has nothing of its own in A's row, and misses what A is paired with.
    assert [match.kind for match in rows["a3"].by_expert] == [AGREES, ONLY_A]
    assert rows["a3"].to_expert[1] is None
    assert rows["b4"].by_expert[0] is None
    assert rows["b4"].by_expert[1].kind is ONLY_B
    # What neither found is a row too: the reader asks which model is better, not only how they differ.
    assert rows["e5"].kind is None
    assert not rows["e5"].differs
    assert [match.kind for match in rows["e5"].by_expert] == [ONLY_A, ONLY_A]
    one, two = film.standings
    assert (one.found, one.of, one.missed, one.extra) == (2, 3, 1, 1)
    assert (two.found, two.of, two.missed, two.extra) == (1, 3, 2, 2)
    assert one.film_iou == pytest.approx(2 / 4)
    assert two.film_iou == pytest.approx(90 / (110 + 100 + 100 + 100 + 100))


def test_normals_take_no_part_and_an_empty_film_has_no_iou():
    normal = drawn("n", "L1 normal", 0)
    film = pair_models((), (), (normal,))
    assert film.rows == ()
    assert film.film_iou is None
    assert film.standings[0].film_iou is None
    film = pair_models(A[:1], (), (normal,))
    assert film.film_iou == 0
    assert film.standings[0].extra == 1
    assert film.standings[1].extra == 0


def test_what_was_compared_before_is_not_compared_again():
    expert = (drawn("e1", "T12", 0),)
    before = pair_models(A, B, expert)
    after = pair_models(A[:2], B, expert, previous=before.rows)
    for row, old in zip(after.rows[:2], before.rows[:2], strict=True):
        assert row.agreement is old.agreement
        assert row.to_expert[0] is old.to_expert[0]


def test_millimetres_come_with_a_spacing():
    row = pair_models(A, B, spacing=(0.5, 0.5)).rows[0]
    assert row.agreement.boundary_mm == pytest.approx(row.agreement.boundary_distance / 2)
