from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import edits
from engine.domain.annotation import Annotation, ForeignShape, Shape
from engine.domain.case import ModelCard
from engine.domain.labels import LabelTable, Level, Meaning, Status
from engine.domain.polygon import Polygon, polygon_iou

CARD = ModelCard("mask_rcnn", ("L1",), (512, 1024), (0.5,) * 3, (0.2,) * 3, 0.6, "ab" * 32, name="bundled")
CORNERS = [[0, 0], [100, 0], [100, 60], [0, 60]]


def pixels(low, high):
    """Coordinates to a thousandth of a pixel: on 1e-300 GEOS raises floating point flags, which numpy warns of."""
    return st.floats(low, high).map(lambda value: round(value, 3))


def box(x=0.0, y=0.0):
    return Polygon(np.add(CORNERS, [x, y]))


def film(*foreign):
    """Three shapes with their records, and foreign shapes at the given places of the file."""
    shapes = tuple(
        Shape(name, label, box(y=100 * index), flags={"seen": True}, extra={"note": name}, source={"label": label})
        for index, (name, label) in enumerate([("a", "T12"), ("b", "L1 normal"), ("c", "marker")])
    )
    return Annotation("film.png", (500, 300), shapes, tuple(ForeignShape({"place": p}, p) for p in foreign))


def file_order(annotation):
    """Lay the shapes out as a writer does: foreign ones in their places, own ones in the gaps."""
    places = {foreign.position: f"f{foreign.record['place']}" for foreign in annotation.foreign}
    own = iter(shape.id for shape in annotation.shapes)
    return [places[at] if at in places else next(own) for at in range(len(annotation.shapes) + len(places))]


ONE_SHAPE_EDITS = {
    "move": lambda a: edits.move_shapes(a, ["a"], 3, -4),
    "move vertex": lambda a: edits.move_vertex(a, "a", 2, (110, 70)),
    "insert vertex": lambda a: edits.insert_vertex(a, "a", 1, (50, -5)),
    "delete vertex": lambda a: edits.delete_vertex(a, "a", 0),
    "replace": lambda a: edits.replace_polygon(a, "a", box(5, 5)),
    "relabel": lambda a: edits.relabel(a, ["a"], "L3"),
    "shift": lambda a: edits.shift_levels(a, 1, ["a"]),
    "confirm": lambda a: edits.confirm_shapes(a, ["a"]),
    "smooth": lambda a: edits.smooth(a, "a", 5),
    "simplify": lambda a: edits.simplify(a, "a", 2),
    "brush add": lambda a: edits.brush_add(a, "a", [(50, 60)], 10),
    "brush subtract": lambda a: edits.brush_subtract(a, "a", [(50, 60)], 10),
    "cut": lambda a: edits.cut_shape(a, "a", (50, -10), (50, 70)),
    "flags": lambda a: edits.set_shape_flags(a, ["a"], {"sure": True}),
    "decide": lambda a: edits.decide(a, {"status": "accepted"}, ["a"]),
}


@pytest.mark.parametrize("name", ONE_SHAPE_EDITS)
def test_an_edit_touches_one_shape_and_drops_its_record_only(name):
    before = film(1)
    after = ONE_SHAPE_EDITS[name](before)
    assert after.shape("a").source is None
    assert after.shape("b") is before.shape("b")
    assert after.shape("c") is before.shape("c")
    assert after.foreign == before.foreign
    assert before == film(1)
    assert before.shape("a").source is not None
    assert after.shape("a").extra["note"] == "a"
    assert after.shape("a").flags["seen"]


@pytest.mark.parametrize("name", ONE_SHAPE_EDITS)
def test_an_edit_of_outline_or_label_confirms_a_models_shape(name):
    before = film()
    scored = replace(before, shapes=(replace(before.shapes[0], score=0.8), *before.shapes[1:]))
    after = ONE_SHAPE_EDITS[name](scored).shape("a")
    if name in ("flags", "decide"):
        assert after.score == 0.8
    else:
        assert after.score is None
        assert after.extra[edits.NAMESPACE]["predicted"] == {"label": "T12", "score": 0.8}


@pytest.mark.parametrize("name", ONE_SHAPE_EDITS)
def test_an_unknown_shape_is_named(name):
    with pytest.raises(ValueError, match="no shape with the id 'a'"):
        ONE_SHAPE_EDITS[name](edits.delete_shapes(film(), ["a"]))


def test_add_and_delete_are_inverse():
    before = film(0, 2)
    after = edits.add_shape(before, Shape("d", "L4", box(5, 5)))
    assert [shape.id for shape in after.shapes] == ["a", "b", "c", "d"]
    assert edits.delete_shapes(after, ["d"]) == before
    with pytest.raises(ValueError, match="'a' already"):
        edits.add_shape(before, Shape("a", "L4", box()))


@pytest.mark.parametrize("foreign", [(), (0,), (1, 3), (0, 1, 2), (2, 4, 5), (5,), (3, 4)])
@pytest.mark.parametrize("doomed", [["a"], ["b"], ["c"], ["a", "c"], ["c", "b", "a"], []])
def test_deleting_keeps_the_order_of_the_file(foreign, doomed):
    before = film(*(place for place in foreign if place < 3 + len(foreign)))
    after = edits.delete_shapes(before, doomed)
    assert file_order(after) == [name for name in file_order(before) if name not in doomed]
    assert [f.record for f in after.foreign] == [f.record for f in before.foreign]


@given(pixels(-500, 500), pixels(-500, 500))
def test_moving_there_and_back_is_identity(dx, dy):
    before = film()
    after = edits.move_shapes(edits.move_shapes(before, ["a", "c"], dx, dy), ["c", "a"], -dx, -dy)
    for shape in before.shapes:
        np.testing.assert_allclose(after.shape(shape.id).polygon.points, shape.polygon.points, atol=1e-9)


@given(st.integers(0, 4), st.floats(0.1, 0.9))
def test_inserting_and_deleting_a_vertex_are_inverse(index, share):
    before = film()
    points = before.shape("a").polygon.points
    between = points[index - 1] + share * (points[index % 4] - points[index - 1])
    after = edits.insert_vertex(before, "a", index, between)
    np.testing.assert_array_equal(after.shape("a").polygon.points[index], between)
    assert edits.delete_vertex(after, "a", index).shape("a").polygon == before.shape("a").polygon


@given(st.integers(0, 3), pixels(-20, 20), pixels(-20, 20))
def test_moving_a_vertex_there_and_back_is_identity(index, dx, dy):
    before = film()
    home = before.shape("a").polygon.points[index]
    after = edits.move_vertex(before, "a", index, np.add(home, [dx, dy]))
    np.testing.assert_array_equal(np.delete(after.shape("a").polygon.points, index, 0), np.delete(CORNERS, index, 0))
    assert edits.move_vertex(after, "a", index, home).shape("a").polygon == before.shape("a").polygon


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda a: edits.move_vertex(a, "a", 0, (200, 30)), "moving vertex 0 would break the outline: .*crosses"),
        (lambda a: edits.move_vertex(a, "a", 4, (0, 0)), "vertex 4 doesn't exist: expected 0 to 3"),
        (lambda a: edits.move_vertex(a, "a", -1, (0, 0)), "vertex -1 doesn't exist"),
        (lambda a: edits.move_vertex(a, "a", 0, (float("nan"), 0)), "two finite numbers"),
        (lambda a: edits.insert_vertex(a, "a", 6, (0, 0)), "vertex 6 doesn't exist: expected 0 to 4"),
        (lambda a: edits.insert_vertex(a, "a", 1, (50, 200)), "inserting vertex 1 would break"),
        (lambda a: edits.delete_vertex(edits.delete_vertex(a, "a", 0), "a", 0), "at least 3 points"),
        (lambda a: edits.move_shapes(a, ["a"], float("inf"), 0), "two finite numbers"),
        (lambda a: edits.relabel(a, ["a"], "  "), "must not be empty"),
        (lambda a: edits.shift_levels(a, 9), r"'T12' can't be renamed by \+9 levels"),
        (lambda a: edits.merge_shapes(a, ["a"]), "at least 2 shapes, got 1"),
        (lambda a: edits.merge_shapes(a, ["a", "a"]), "at least 2 shapes, got 1"),
        (lambda a: edits.merge_shapes(a, ["a", "b"]), "don't touch"),
        (lambda a: edits.cut_shape(a, "a", (50, 10), (50, 70)), "doesn't cut"),
        (lambda a: edits.cut_shape(a, "a", (500, 10), (500, 70)), "doesn't cut"),
        (lambda a: edits.cut_shape(a, "a", (500, 10), (float("nan"), 70)), "two finite numbers"),
        (lambda a: edits.brush_add(a, "a", [(500, 500)], 10), "doesn't touch"),
        (lambda a: edits.brush_add(a, "a", [(0, 0)], 0), "brush radius must be greater than 0"),
        (lambda a: edits.brush_add(a, "a", [], 5), "brush path"),
        (lambda a: edits.brush_subtract(a, "a", [(50, 30)], 5), "leave a hole"),
        (lambda a: edits.brush_subtract(a, "a", [(50, 30)], 500), "delete it instead"),
        (lambda a: edits.smooth(a, "a", -1), "smoothing radius"),
        (lambda a: edits.simplify(a, "a", 0), "tolerance"),
        (lambda a: edits.set_flags(a, {"sure": 1}), "flag 'sure' must be true or false, got 1"),
        (lambda a: edits.set_shape_flags(a, ["a"], {"sure": None}), "true or false, got None"),
        (lambda a: edits.decide(a, {"at": object()}), "must be JSON"),
        (lambda a: edits.decide(a, {"score": float("nan")}), "must be JSON"),
    ],
)  # fmt: skip
def test_an_illegal_edit_says_what_is_wrong(edit, reason):
    with pytest.raises(ValueError, match=reason):
        edit(film())


def test_relabel_reads_the_users_table():
    table = LabelTable({"k1": Meaning(Level.L1, Status.FRACTURED)})
    after = edits.relabel(film(), ["a", "b"], "K1", table)
    assert [(shape.label, shape.level, shape.is_fracture) for shape in after.shapes[:2]] == [("K1", Level.L1, True)] * 2
    assert not edits.relabel(film(), ["a"], "K1").shape("a").is_fracture


def test_shifting_levels_keeps_status_and_unknown_labels():
    after = edits.shift_levels(film(), 1)
    assert [shape.label for shape in after.shapes] == ["L1", "L2 normal", "marker"]
    assert (after.shape("a").level, after.shape("b").status) == (Level.L1, Status.NORMAL)
    assert after.shape("c") is not None
    assert edits.shift_levels(after, -1).shapes == film().shapes
    same = film()
    assert edits.shift_levels(same, 0) is same


def test_shifting_is_all_or_nothing():
    before = edits.relabel(film(), ["b"], "S1")
    with pytest.raises(ValueError, match="'S1'"):
        edits.shift_levels(before, 1)


def test_adopting_copies_under_a_new_id_and_remembers_the_model():
    predicted = Shape("p", "L2", box(7, 7), score=0.9, source={"x": 1}, extra={edits.NAMESPACE: {"other": 1}})
    after = edits.adopt_prediction(film(), predicted, CARD)
    adopted = after.shapes[-1]
    assert len(after.shapes) == 4
    assert adopted.id not in ("p", "a", "b", "c")
    assert (adopted.label, adopted.polygon, adopted.score, adopted.source) == ("L2", box(7, 7), None, None)
    assert adopted.extra[edits.NAMESPACE] == {
        "other": 1,
        "predicted": {"shape": "p", "label": "L2", "score": 0.9, "model": "bundled", "sha256": "ab" * 32},
    }
    twice = edits.adopt_prediction(after, predicted)
    assert twice.shapes[-1].id != adopted.id
    assert predicted.score == 0.9


def test_duplicates_stand_beside_their_originals():
    after = edits.duplicate(film(), ["c", "a"], (10, 20))
    assert [shape.label for shape in after.shapes[3:]] == ["T12", "marker"]
    assert after.shapes[3].polygon == box(10, 20)
    assert len({shape.id for shape in after.shapes}) == 5
    assert after.shapes[:3] == film().shapes


def test_merging_unites_in_the_first_named():
    before = edits.replace_polygon(film(3), "b", box(100, 0))
    after = edits.merge_shapes(before, ["b", "a"])
    assert [shape.id for shape in after.shapes] == ["b", "c"]
    assert after.shape("b").label == "L1 normal"
    assert after.shape("b").polygon.area == pytest.approx(2 * 6000)
    assert file_order(after) == ["b", "c", "f3"]


def test_merging_fills_a_hole_between_shapes():
    left = Polygon([[0, 0], [60, 0], [60, 10], [10, 10], [10, 50], [60, 50], [60, 60], [0, 60]])
    right = Polygon([[50, 0], [100, 0], [100, 60], [50, 60], [50, 50], [90, 50], [90, 10], [50, 10]])
    before = edits.replace_polygon(edits.replace_polygon(film(), "a", left), "b", right)
    assert edits.merge_shapes(before, ["a", "b"]).shape("a").polygon.area == pytest.approx(6000)


def test_cutting_and_merging_are_inverse():
    before = film()
    after = edits.cut_shape(before, "a", (70, -10), (70, 70))
    assert after.shape("a").polygon.area == pytest.approx(70 * 60)
    piece = after.shapes[-1]
    assert piece.polygon.area == pytest.approx(30 * 60)
    assert piece.label == "T12"
    again = edits.merge_shapes(after, ["a", piece.id])
    assert polygon_iou(again.shape("a").polygon, box()) == pytest.approx(1)
    assert [shape.id for shape in again.shapes] == ["a", "b", "c"]


def test_cutting_a_concave_shape_gives_every_piece():
    comb = Polygon([[0, 0], [100, 0], [100, 60], [80, 60], [80, 20], [20, 20], [20, 60], [0, 60]])
    after = edits.cut_shape(edits.replace_polygon(film(), "a", comb), "a", (-5, 40), (105, 40))
    assert len(after.shapes) == 5
    assert sum(shape.polygon.area for shape in (after.shapes[0], *after.shapes[3:])) == pytest.approx(comb.area)


@given(pixels(2, 20), pixels(0, 100))
def test_brush_takes_away_what_it_added(radius, x):
    before = film()
    path = [(x, 60.0), (x, 70.0)]
    added = edits.brush_add(before, "a", path, radius)
    assert added.shape("a").polygon.area > 6000
    back = edits.brush_subtract(added, "a", path, radius).shape("a").polygon
    assert polygon_iou(back, edits.brush_subtract(before, "a", path, radius).shape("a").polygon) > 0.999


def test_brush_along_a_path_covers_a_capsule():
    after = edits.brush_add(film(), "a", [(100, 30), (150, 30)], 10).shape("a").polygon
    assert after.area == pytest.approx(6000 + 50 * 20 + np.pi * 50, rel=0.001)


def test_brush_closing_a_ring_fills_it():
    ring = [(100, 30), (150, 30), (150, 100), (50, 100), (50, 55)]
    after = edits.brush_add(film(), "a", ring, 5).shape("a").polygon
    assert after.geometry.contains(Polygon([[70, 70], [100, 70], [100, 80], [70, 80]]).geometry)


def test_erasing_through_is_refused_and_a_crumb_dropped():
    with pytest.raises(ValueError, match=r"cut the shape apart .* use the tool Cut \(X\)"):
        edits.brush_subtract(film(), "a", [(30, -10), (30, 70)], 5)
    after = edits.brush_subtract(film(), "a", [(6, -10), (6, 70)], 5).shape("a").polygon
    assert after.bounds == pytest.approx((11, 0, 100, 60))


def test_smoothing_calms_an_outline_at_the_same_area():
    rng = np.random.default_rng(0)
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rough = Polygon(200 + 80 * circle * rng.uniform(0.96, 1.04, (120, 1)))
    after = edits.smooth(edits.replace_polygon(film(), "a", rough), "a", 12).shape("a").polygon
    assert after.area == pytest.approx(rough.area, rel=0.005)
    assert after.geometry.length < 0.85 * rough.geometry.length
    assert polygon_iou(after, Polygon(200 + 80 * circle)) > 0.97


def test_simplifying_leaves_out_what_is_on_the_line():
    after = edits.insert_vertex(film(), "a", 1, (50, 0.4))
    assert edits.simplify(after, "a", 0.5).shape("a").polygon.area == pytest.approx(6000)
    assert len(edits.simplify(after, "a", 0.5).shape("a").polygon) == 4
    assert len(edits.simplify(after, "a", 0.1).shape("a").polygon) == 5


def test_flags_not_named_stay():
    after = edits.set_flags(edits.set_flags(film(), {"one": True}), {"two": False})
    assert dict(after.flags) == {"one": True, "two": False}
    assert dict(edits.set_shape_flags(film(), ["a"], {"seen": False, "new": True}).shape("a").flags) == {
        "seen": False,
        "new": True,
    }


def test_decisions_are_kept_under_one_key_beside_those_of_others():
    before = replace(film(), extra={"other": 1, edits.NAMESPACE: {"version": 2}})
    once = edits.decide(before, {"status": "accepted", "reader": "r1"})
    twice = edits.decide(once, {"status": "rejected", "reasons": ["Schmorl"]})
    assert dict(twice.extra) == {
        "other": 1,
        edits.NAMESPACE: {
            "version": 2,
            "review": {"status": "rejected", "reader": "r1", "reasons": ["Schmorl"]},
        },
    }
    assert twice.shapes == before.shapes
    assert once.extra[edits.NAMESPACE]["review"]["status"] == "accepted"


def test_a_decision_doesnt_share_what_was_passed_in():
    reasons = ["Schmorl"]
    after = edits.decide(film(), {"reasons": reasons}, ["a"])
    reasons.append("tilt")
    assert after.shape("a").extra[edits.NAMESPACE]["review"]["reasons"] == ["Schmorl"]
