import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.domain import edits
from engine.domain.annotation import Annotation, Shape
from engine.domain.case import ModelCard, ReviewStatus
from engine.domain.decisions import (
    Acuity,
    Attributes,
    Decision,
    RejectReason,
    Verdict,
    accept,
    accept_all,
    attributes,
    blind_read,
    calibration,
    clear_grade,
    confirm,
    consistent,
    decision_of,
    decision_on,
    decisions_on,
    facing,
    film_review,
    reject,
    set_attributes,
    set_blind_read,
    set_calibration,
    set_facing,
    set_film_review,
    set_six_points,
    six_points,
    withdraw,
)
from engine.domain.grading import GenantGrade
from engine.domain.labels import Level, Meaning, Status
from engine.domain.morphometry import Facing
from engine.domain.polygon import Polygon
from engine.domain.six_points import SixPoints
from engine.formats.labelme import decode_labelme, encode_labelme

CARD = ModelCard("mask_rcnn", ("L1",), (512, 1024), (0.5,) * 3, (0.2,) * 3, 0.6, "ab" * 32, name="bundled")
AT = "2026-03-01T10:00:00Z"
BY = {"reader": "anna", "at": AT}
SIX = SixPoints((0, 0), (50, 5), (100, 0), (0, 60), (50, 55), (100, 60))


def box(x=0.0, y=0.0, width=100.0):
    return Polygon(np.add([[0, 0], [width, 0], [width, 60], [0, 60]], [x, y]))


def shape(name, label, y=0.0, score=None, x=0.0):
    polygon = box(x, y)
    record = {"label": label, "points": polygon.points.tolist(), "vcfviewer": {"id": name}}
    return Shape(name, label, polygon, score, source=None if score is not None else record)


def film(*shapes, **more):
    return Annotation("film.png", (500, 300), shapes or (shape("a", "T12"), shape("b", "L1 normal", 100)), **more)


def predicted(name="p", label="L1", y=0.0, x=3.0, score=0.8):
    return shape(name, label, y, score, x)


def through_the_file(annotation, tmp_path):
    return decode_labelme(tmp_path / "film.json", encode_labelme(annotation))


def test_accepting_without_a_partner_adds_a_shape_with_what_the_model_said():
    before = film()
    after = accept(before, predicted(y=300), CARD, None, **BY)
    added = after.shapes[-1]
    assert after.shapes[:2] == before.shapes
    assert after.shapes[0] is before.shapes[0]
    assert (added.label, added.polygon, added.score, added.source) == ("L1", box(3, 300), None, None)
    assert added.id not in ("a", "b", "p")
    said = added.extra["vcfviewer"]["predicted"]
    assert (said["shape"], said["score"], said["label"], said["sha256"]) == ("p", 0.8, "L1", "ab" * 32)
    assert decision_on(after, predicted(y=300)) == Decision(Verdict.ACCEPTED, None, "anna", AT, added.id)
    assert film_review(after).status is ReviewStatus.IN_PROGRESS


def test_a_partner_keeps_its_id_flags_and_group_and_takes_outline_and_label():
    partner = replace(shape("a", "T12"), flags={"seen": True}, group_id=3, extra={"description": "old"})
    before = film(partner, shape("b", "L1 normal", 100))
    after = accept(before, predicted(), CARD, "a", **BY)
    taken = after.shapes[0]
    assert (taken.id, taken.label, taken.polygon, taken.level) == ("a", "L1", box(3), Level.L1)
    assert (taken.flags, taken.group_id, taken.extra["description"]) == ({"seen": True}, 3, "old")
    assert after.shapes[1] is before.shapes[1]
    assert decision_on(after, predicted()).shape_id == "a"


def test_an_accepted_finding_that_is_changed_counts_as_edited():
    after = accept(film(), predicted(), CARD, "a", **BY)
    for changed in (edits.move_vertex(after, "a", 0, (1, 1)), edits.relabel(after, ["a"], "L2")):
        assert decision_on(changed, predicted()).verdict is Verdict.EDITED
    assert decision_on(edits.set_shape_flags(after, ["a"], {"x": True}), predicted()).verdict is Verdict.ACCEPTED


def test_accepting_again_goes_back_to_what_the_model_said():
    after = accept(film(), predicted(), CARD, None, **BY)
    moved = edits.move_shapes(after, [after.shapes[-1].id], 20, 0)
    again = accept(moved, predicted(), CARD, None, **BY)
    assert len(again.shapes) == 3
    assert again.shapes[-1].polygon == box(3)
    assert decision_on(again, predicted()).verdict is Verdict.ACCEPTED


def test_all_findings_of_a_film_are_accepted_each_with_its_partner():
    pairs = [(predicted("p"), "a"), (predicted("q", "L3", 200), None)]
    after = accept_all(film(), pairs, CARD, **BY)
    assert [one.label for one in after.shapes] == ["L1", "L1 normal", "L3"]
    assert {*decisions_on(after, [pair[0] for pair in pairs])} == {"p", "q"}
    with pytest.raises(ValueError, match="one and the same shape"):
        accept_all(film(), [(predicted("p"), "a"), (predicted("q"), "a")], CARD, **BY)
    with pytest.raises(ValueError, match="no shape with the id"):
        accept(film(), predicted(), CARD, "gone", **BY)


@pytest.mark.parametrize("reason", RejectReason)
def test_a_rejected_finding_stays_with_the_film_with_its_reason(reason, tmp_path):
    after = through_the_file(reject(film(), predicted(), CARD, reason, **BY), tmp_path)
    assert decision_on(after, predicted()) == Decision(Verdict.REJECTED, reason, "anna", AT, "")
    (entry,) = after.extra["vcfviewer"]["review"]["rejected"]
    assert entry["points"] == box(3).points.tolist()
    assert (entry["weights"], entry["score"], entry["label"]) == ("ab" * 32, 0.8, "L1")


def test_there_are_five_reasons_in_the_order_of_their_keys():
    assert [one.name for one in RejectReason] == ["PARALLAX", "SCHMORL", "DEGENERATIVE", "ARTEFACT", "OTHER"]


def test_a_second_decision_takes_the_place_of_the_first():
    one = reject(film(), predicted(), CARD, RejectReason.OTHER, **BY)
    other = reject(one, predicted(), CARD, RejectReason.SCHMORL, **BY)
    assert [entry["reason"] for entry in other.extra["vcfviewer"]["review"]["rejected"]] == ["Schmorl's node"]
    accepted = accept(other, predicted(), CARD, "a", **BY)
    assert "rejected" not in accepted.extra.get("vcfviewer", {}).get("review", {})
    back = reject(accepted, predicted(), CARD, RejectReason.OTHER, **BY)
    assert (back.shapes[0].label, back.shapes[0].polygon) == ("T12", box())
    assert decision_on(back, predicted()).verdict is Verdict.REJECTED


def test_withdrawing_leaves_the_annotation_as_it_was_but_for_records():
    before = film()
    for decided in (
        accept(before, predicted(), CARD, "a", **BY),
        accept(before, predicted(), CARD, None, **BY),
        reject(before, predicted(), CARD, RejectReason.OTHER, **BY),
    ):
        assert withdraw(decided, predicted()) == before
    assert withdraw(confirm(before, "a", **BY), before.shape("a")) == before
    with pytest.raises(ValueError, match="nothing was decided on this L1"):
        withdraw(before, predicted())


def test_withdrawing_restores_a_model_shape_that_stood_in_the_annotation():
    own = Meaning(Level.L2, Status.FRACTURED)
    partner = replace(shape("a", "wedge 2", score=0.4), meaning=own, extra={"vcfviewer": {"predicted": {"label": "x"}}})
    before = film(partner)
    assert withdraw(accept(before, predicted(), CARD, "a", **BY), predicted()) == before


def test_confirming_keeps_outline_and_label_and_is_a_decision():
    after = confirm(film(), "a", **BY)
    assert (after.shapes[0].label, after.shapes[0].polygon) == ("T12", box())
    assert decision_of(after.shape("a")) == Decision(Verdict.CONFIRMED, None, "anna", AT, "a")
    assert decision_of(after.shape("b")) is None
    assert decision_on(after, predicted()) is None


def test_a_prediction_made_anew_is_known_by_weights_and_outline():
    near, far = predicted("new", x=5.0), predicted("new", x=30.0)
    for decided in (
        accept(film(), predicted(), CARD, "a", **BY),
        reject(film(), predicted(), CARD, RejectReason.OTHER, **BY),
    ):
        assert decision_on(decided, near, CARD.sha256) is not None
        assert decision_on(decided, far, CARD.sha256) is None
        assert decision_on(decided, near, "cd" * 32) is None
        assert decision_on(decided, near) is None
    edited = edits.move_shapes(accept(film(), predicted(), CARD, "a", **BY), ["a"], 60, 0)
    assert decision_on(edited, near, CARD.sha256).verdict is Verdict.EDITED


def test_decisions_come_back_from_the_file(tmp_path):
    decided = accept(film(), predicted(), CARD, "a", **BY)
    decided = confirm(decided, "b", **BY)
    read = through_the_file(decided, tmp_path)
    assert decision_on(read, predicted()) == decision_on(decided, predicted())
    assert decision_of(read.shapes[1]).verdict is Verdict.CONFIRMED
    assert withdraw(read, predicted()).shape("a").polygon == box()


def test_attributes_are_set_one_by_one_and_come_back(tmp_path):
    assert attributes(film().shapes[0]) == Attributes()
    after = set_attributes(film(), ["a", "b"], acuity=Acuity.FRESH, level_certain=False)
    after = set_attributes(after, ["a"], pathological=True, implant=True, grade=2)
    read = through_the_file(after, tmp_path)
    wanted = Attributes(Acuity.FRESH, True, True, False, GenantGrade.MODERATE)
    assert attributes(read.shapes[0]) == wanted
    assert attributes(read.shapes[1]) == Attributes(Acuity.FRESH, level_certain=False)
    assert attributes(clear_grade(after, ["a"]).shapes[0]) == replace(wanted, grade=None)
    with pytest.raises(ValueError, match="0, 1, 2 or 3, got 4"):
        set_attributes(film(), ["a"], grade=4)
    with pytest.raises(ValueError, match="no shape"):
        set_attributes(film(), ["gone"], implant=True)


def test_no_fracture_is_refused_while_findings_stand_and_sets_labelmes_flag():
    with pytest.raises(ValueError, match=r"findings \(T12\)"):
        set_film_review(film(), ReviewStatus.NO_FRACTURE, **BY)
    negative = set_film_review(film(shape("b", "L1 normal")), ReviewStatus.NO_FRACTURE, **BY)
    assert negative.flags == {"no fracture": True}
    assert film_review(negative).status is ReviewStatus.NO_FRACTURE
    unusable = set_film_review(negative, ReviewStatus.UNUSABLE, **BY)
    assert unusable.flags == {"no fracture": False, "unusable": True}
    assert set_film_review(unusable, ReviewStatus.REVIEWED, **BY).flags == {"no fracture": False, "unusable": False}
    assert set_film_review(film(), ReviewStatus.REVIEWED, **BY).flags == {}


def test_a_finding_contradicts_no_fracture():
    negative = set_film_review(film(shape("b", "L1 normal")), ReviewStatus.NO_FRACTURE, **BY)
    drawn = edits.add_shape(negative, shape("c", "L2", 100))
    assert film_review(drawn).status is ReviewStatus.IN_PROGRESS
    assert consistent(drawn).flags == {"no fracture": False}
    assert consistent(negative) is negative
    accepted = accept(negative, predicted(), CARD, None, **BY)
    assert accepted.flags == {"no fracture": False}
    assert film_review(accepted).status is ReviewStatus.IN_PROGRESS


def test_status_flag_and_comment_are_said_apart_and_come_back(tmp_path):
    review = film_review(film())
    assert (review.status, review.flagged, review.comment, review.blind) == (ReviewStatus.UNREAD, False, "", False)
    after = set_film_review(film(), flagged=True, comment="ask Björn", **BY)
    after = set_film_review(after, ReviewStatus.REVIEWED, reader="ben", at="later")
    review = film_review(through_the_file(after, tmp_path))
    assert (review.status, review.flagged, review.comment) == (ReviewStatus.REVIEWED, True, "ask Björn")
    assert (review.reader, review.at) == ("ben", "later")
    cleared = film_review(set_film_review(after, flagged=False, comment="", **BY))
    assert (cleared.flagged, cleared.comment, cleared.status) == (False, "", ReviewStatus.REVIEWED)


def test_flags_set_by_labelme_count():
    assert film_review(film(shape("b", "L1 normal"), flags={"no fracture": True})).status is ReviewStatus.NO_FRACTURE
    assert film_review(film(flags={"unusable": True})).status is ReviewStatus.UNUSABLE
    assert film_review(film(flags={"no fracture": True})).status is ReviewStatus.IN_PROGRESS


def test_six_points_go_along_with_a_moved_shape_and_stay_where_its_outline_is_edited(tmp_path):
    after = through_the_file(set_six_points(film(), "a", SIX), tmp_path)
    assert six_points(after) == {"a": SIX}
    moved = six_points(edits.move_shapes(after, ["a"], 12.25, -3.5))["a"]
    np.testing.assert_allclose(moved.array, np.add(SIX.array, [12.25, -3.5]), atol=1e-9)
    assert six_points(edits.move_vertex(after, "a", 0, (2, 2)))["a"] == SIX
    copied = edits.duplicate(after, ["a"], (10, 10))
    np.testing.assert_allclose(six_points(copied)[copied.shapes[-1].id].array, SIX.array + 10)
    assert six_points(set_six_points(after, "a", None)) == {}
    with pytest.raises(ValueError, match="no shape"):
        set_six_points(film(), "gone", SIX)


def test_facing_calibration_and_blind_read_come_back(tmp_path):
    first = (shape("a", "T12"), shape("x", "L3", 200))
    after = set_calibration(set_facing(film(), Facing.RIGHT), 0.143)
    read = through_the_file(set_blind_read(after, first, **BY), tmp_path)
    assert (facing(read), calibration(read)) == (Facing.RIGHT, 0.143)
    known = blind_read(read)
    assert [(one.id, one.label, one.polygon) for one in known.shapes] == [("a", "T12", box()), ("x", "L3", box(0, 200))]
    assert (known.reader, known.at, film_review(read).blind) == ("anna", AT, True)
    with pytest.raises(ValueError, match="committed already"):
        set_blind_read(read, (), **BY)
    assert facing(set_facing(read, None)) is None
    assert calibration(set_calibration(read, None)) is None
    assert (facing(film()), calibration(film()), blind_read(film())) == (None, None, None)
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="greater than 0"):
            set_calibration(film(), wrong)


NONSENSE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from((
    "verdict", "rejected", "status", "flagged", "comment", "facing", "mm_per_px", "blind_read", "six_points", "grade",
    "acuity", "before", "added", "reader", "at", "reason", "shape", "points", "sha256", "label", "shapes",
))  # fmt: skip
NOTES = st.dictionaries(KEYS, NONSENSE | st.just("accepted") | st.lists(st.dictionaries(KEYS, NONSENSE), max_size=2))


@given(st.dictionaries(st.sampled_from(("review", "predicted")), NOTES | NONSENSE) | NONSENSE)
@example({"predicted": {"verdict": float("inf")}})
@example({"review": {"rejected": [{"score": float("nan")}, float("inf")]}})
def test_notes_that_make_no_sense_count_as_none(own):
    own = json.loads(json.dumps(own))
    broken = film(replace(shape("a", "T12"), extra={"vcfviewer": own}), extra={"vcfviewer": own})
    film_review(broken)
    decisions_on(broken, [predicted(), predicted("", x=2.0)], CARD.sha256)
    attributes(broken.shapes[0])
    six_points(broken)
    assert facing(broken) in (None, *Facing)
    calibration(broken)
    blind_read(broken)
    for after in (
        accept(broken, predicted(), CARD, "a", **BY),
        reject(broken, predicted(), CARD, RejectReason.OTHER, **BY),
    ):
        assert decision_on(after, predicted()) is not None
        assert withdraw(after, predicted()).shapes


def test_other_programs_notes_are_left_alone():
    other = {"mine": 1, "vcfviewer": {"patient": "x"}}
    before = film(replace(shape("a", "T12"), extra=other), extra=other)
    after = reject(accept(before, predicted(), CARD, "a", **BY), predicted("q", y=200), CARD, RejectReason.OTHER, **BY)
    for extra in (after.extra, after.shapes[0].extra):
        assert (extra["mine"], extra["vcfviewer"]["patient"]) == (1, "x")


def test_one_decision_is_of_one_finding_where_two_lie_on_one_body():
    first = predicted("p1", "L1", y=300)
    rejected = reject(film(), first, CARD, RejectReason.ARTEFACT, **BY)
    again = (predicted("q2", "T12", y=300), predicted("q1", "L1", y=300))
    assert set(decisions_on(rejected, again, CARD.sha256)) == {"q1"}
    both = reject(rejected, predicted("p2", "T12", y=300), CARD, RejectReason.OTHER, **BY)
    told = decisions_on(both, again, CARD.sha256)
    assert {name: one.reason for name, one in told.items()} == {"q1": RejectReason.ARTEFACT, "q2": RejectReason.OTHER}
