import json
from dataclasses import replace

import pytest
from reviewed import SQUARE, Reader, only_item, record, write_json

from engine.domain import edits
from engine.domain.annotation import Shape
from engine.domain.polygon import Polygon
from engine.formats.labelme import parse_labelme, read_labelme
from engine.review.merging import Pick, aligned, merge_choices, merged
from engine.review.opening import open_case
from engine.review.saving import OutsideChange
from engine.store.snapshot import same


def annotation(shapes=None, **more):
    return parse_labelme(json.loads(json.dumps(record(shapes, **more))))


def square(label, x=0.0, **more):
    return {"label": label, "points": [[a + x, b] for a, b in SQUARE], "shape_type": "polygon", **more}


BASE = annotation([square("T12"), square("L1", 100), square("L2", 200), square("L3", 300)])
T12, L1, L2, L3 = (shape.id for shape in BASE.shapes)


def moved(one, shape_id, by=1.0):
    return edits.move_shapes(one, [shape_id], by, 0)


def test_a_shape_that_one_side_changed_is_suggested_from_that_side():
    mine = edits.delete_shapes(moved(BASE, T12), [L3])
    theirs = edits.add_shape(edits.relabel(BASE, [L1], "L4"), Shape("new", "L5", Polygon([[0, 0], [9, 0], [0, 9]])))
    choices = {one.shape_id: one for one in merge_choices(BASE, mine, theirs)}
    assert {name: (one.suggested, one.both_changed) for name, one in choices.items()} == {
        T12: (Pick.MINE, False), L1: (Pick.THEIRS, False), L3: (Pick.MINE, False), "new": (Pick.THEIRS, False),
    }  # fmt: skip
    result = merged(BASE, mine, theirs)
    assert [shape.label for shape in result.shapes] == ["T12", "L4", "L2", "L5"]
    assert result.shapes[0].polygon == mine.shapes[0].polygon
    assert result.shapes[2] is mine.shapes[2]


def test_where_both_changed_a_shape_the_reader_chooses():
    mine, theirs = moved(edits.delete_shapes(BASE, [L2]), T12, 1), moved(moved(BASE, T12, 2), L2)
    choices = {one.shape_id: one for one in merge_choices(BASE, mine, theirs)}
    assert [(name, one.both_changed, one.mine is None) for name, one in choices.items()] == [
        (T12, True, False), (L2, True, True),
    ]  # fmt: skip
    assert merged(BASE, mine, theirs).shapes[0].polygon == mine.shapes[0].polygon
    picked = merged(BASE, mine, theirs, {T12: Pick.THEIRS, L2: Pick.THEIRS})
    assert picked.shape(T12).polygon == theirs.shape(T12).polygon
    assert picked.shape(L2) is theirs.shape(L2)
    assert len(picked.shapes) == 4


def test_all_mine_or_all_theirs_gives_that_side():
    mine, theirs = edits.delete_shapes(moved(BASE, T12), [L3]), edits.delete_shapes(moved(BASE, L1), [L2])
    for pick, side in ((Pick.MINE, mine), (Pick.THEIRS, theirs)):
        picks = {one.shape_id: pick for one in merge_choices(BASE, mine, theirs)}
        result = merged(BASE, mine, theirs, picks)
        assert {shape.id: shape for shape in result.shapes} == {shape.id: shape for shape in side.shapes}


def test_flags_and_notes_are_joined_key_by_key():
    base = annotation(flags={"kept": True, "both": False}, note=1, vcfviewer={"review": {"status": "unread"}})
    mine = edits.decide(edits.set_flags(base, {"both": True, "mine": True}), {"comment": "mine"})
    theirs = replace(
        edits.decide(edits.set_flags(base, {"theirs": True}), {"status": "reviewed"}), foreign=base.foreign[:0]
    )
    joined = merged(base, mine, theirs)
    assert joined.flags == {"kept": True, "both": True, "mine": True, "theirs": True}
    assert joined.extra["vcfviewer"]["review"] == {"status": "reviewed", "comment": "mine"}
    assert joined.extra["note"] == 1
    assert joined.foreign == ()


def test_nothing_to_choose_where_nothing_differs():
    assert merge_choices(BASE, moved(BASE, T12), moved(BASE, T12)) == ()
    assert merged(BASE, BASE, BASE) == BASE


def test_a_file_read_anew_keeps_the_ids_of_the_shapes_that_are_still_there():
    mine = edits.delete_shapes(BASE, [T12])
    theirs = annotation([square("L3", 310), square("L1", 100), square("L9", 205), square("S1", 900), square("L2", 900)])
    ids = [shape.id for shape in aligned(theirs, mine).shapes]
    assert ids[:3] == [L3, L1, L2]
    assert not {*ids[3:]} & {T12, L1, L2, L3} - {"shape-0"}
    assert len({*ids}) == 5
    again = aligned(theirs, mine)
    assert [shape.source for shape in again.shapes] == [shape.source for shape in theirs.shapes]


def test_ids_that_a_file_names_are_kept():
    named = annotation([square("L1", 100, vcfviewer={"id": L2}), square("L2", 200)])
    result = aligned(named, BASE)
    assert result.shapes[0].id == L2
    assert result.shapes[1].id not in (L2, "")


@pytest.mark.parametrize("pick", Pick)
def test_a_choice_is_two_steps_that_undo_leads_back_over(folder, store, pick):
    reader = Reader(open_case(only_item(folder), store), store)
    base = reader.now
    write_json(folder / "a.json", record([square("L9")]))
    with pytest.raises(OutsideChange) as told:
        reader.move()
    mine, theirs = reader.now, told.value.theirs
    picks = {one.shape_id: pick for one in merge_choices(base, mine, theirs)}
    chosen = merged(base, mine, theirs, picks)
    reader.record("outside", theirs, save=False)
    if not same(theirs, chosen):
        reader.record("edit", chosen, save=False)
    steps = len(store.entries("a.png")) - 2  # "opened", and the edit before.
    reader.sha256 = told.value.sha256
    reader.save()
    labels = [shape.label for shape in read_labelme(folder / "a.json").shapes]
    assert labels == (["T12", "L1 normal"] if pick is Pick.MINE else ["L9"])
    case = open_case(only_item(folder), store)
    assert (case.conflict, case.recovered, len(case.steps)) == (None, 0, 1 + steps)
    assert same(case.steps[1].after, theirs)
    reader.record("undo", case.steps[-1].before, save=False)
    assert store.recorded("a.png").position == steps
