"""Two readers' changes of one labelme file, joined shape by shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import Any

import numpy as np

from engine.domain.annotation import Annotation, Shape, new_shape_id
from engine.domain.edits import NAMESPACE
from engine.domain.matching import iou_matrix


class Pick(Enum):
    """Whose version of a shape stays."""

    MINE = "mine"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class ShapeChoice:
    """A shape on which two versions differ; a side is None where it has no such shape.

    `suggested` is the side that changed it; `both_changed` says that both did, and that the reader must choose.
    """

    shape_id: str
    base: Shape | None
    mine: Shape | None
    theirs: Shape | None
    suggested: Pick
    both_changed: bool


def merge_choices(base: Annotation, mine: Annotation, theirs: Annotation) -> tuple[ShapeChoice, ...]:
    """Return the shapes on which two versions of one file differ; `base` is what both began from.

    Ids must be told apart already: `theirs` comes from `aligned`.
    """
    sides = [{shape.id: shape for shape in one.shapes} for one in (base, mine, theirs)]
    found = []
    for shape_id in {**sides[1], **sides[2]}:
        was, one, two = (side.get(shape_id) for side in sides)
        if one != two:
            both = was not in (one, two)
            suggested = Pick.THEIRS if one == was else Pick.MINE
            found.append(ShapeChoice(shape_id, was, one, two, suggested, both))
    return tuple(found)


def merged(
    base: Annotation, mine: Annotation, theirs: Annotation, picks: Mapping[str, Pick] = MappingProxyType({})
) -> Annotation:
    """Join two versions; `picks` say whose shape stays, by id, and the suggestion holds for those it leaves out.

    Flags and notes on the film are joined key by key; where both changed one, mine stays. Shapes that this program
    doesn't edit are theirs unless they are as they were there.
    """
    choices = {one.shape_id: one for one in merge_choices(base, mine, theirs)}
    other = {shape.id: shape for shape in theirs.shapes}

    def kept(shape_id: str, shape: Shape | None) -> Shape | None:
        choice = choices.get(shape_id)
        if choice is None:
            return shape
        return choice.theirs if picks.get(shape_id, choice.suggested) is Pick.THEIRS else choice.mine

    shapes = [kept(shape.id, shape) for shape in mine.shapes]
    own = {shape.id for shape in mine.shapes}
    shapes += [kept(shape_id, shape) for shape_id, shape in other.items() if shape_id not in own]
    return replace(
        mine,
        shapes=tuple(shape for shape in shapes if shape is not None),
        foreign=theirs.foreign if mine.foreign == base.foreign else mine.foreign,
        flags=MappingProxyType(_joined(base.flags, mine.flags, theirs.flags)),
        extra=MappingProxyType(_joined(base.extra, mine.extra, theirs.extra)),
        notes=theirs.notes,
    )


def aligned(theirs: Annotation, mine: Annotation) -> Annotation:
    """Give the shapes of a file that was read anew the ids by which `mine` knows them.

    A file of another program names no ids, so that they are mere places in it. A shape that is there just so keeps its
    id, then one of the same label that overlaps most, then one that overlaps by half; others get new ids.
    """
    named = {shape.id for shape in theirs.shapes if _names_itself(shape)}
    free = {shape.id: shape for shape in mine.shapes if shape.id not in named}
    waiting = [shape for shape in theirs.shapes if shape.id not in named]
    given: dict[str, str] = {}
    for at_least, same_label in ((1.0, True), (0.1, True), (0.5, False)):
        _pair_up(waiting, free, given, at_least, same_label)
    taken = named | {shape.id for shape in mine.shapes}
    for shape in waiting:
        if shape.id not in given:
            given[shape.id] = new_shape_id() if shape.id in taken else shape.id
    shapes = (shape if shape.id not in given else _called(shape, given[shape.id]) for shape in theirs.shapes)
    return replace(theirs, shapes=tuple(shapes))


def _pair_up(
    waiting: list[Shape], free: dict[str, Shape], given: dict[str, str], at_least: float, same_label: bool
) -> None:
    """Pair shapes, best overlap first, and note the ids in `given`; both sides are used up."""
    rest = [shape for shape in waiting if shape.id not in given]
    candidates = list(free.values())
    ious = iou_matrix([shape.polygon for shape in rest], [shape.polygon for shape in candidates], at_least)
    for row, shape in enumerate(rest):
        for column, other in enumerate(candidates):
            if same_label and shape.label != other.label:
                ious[row, column] = 0.0
    while ious.size and ious.max() >= at_least - 1e-9:
        row, column = (int(at) for at in np.unravel_index(int(ious.argmax()), ious.shape))
        given[rest[row].id] = candidates[column].id
        del free[candidates[column].id]
        ious[row], ious[:, column] = 0.0, 0.0


def _names_itself(shape: Shape) -> bool:
    own = None if shape.source is None else shape.source.get(NAMESPACE)
    return isinstance(own, Mapping) and own.get("id") == shape.id


def _called(shape: Shape, shape_id: str) -> Shape:
    # Not dataclasses.replace alone: the record of an untouched shape must stay.
    return shape if shape.id == shape_id else replace(shape, id=shape_id)


def _joined(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Join two versions of a JSON object key by key, objects within it as well; mine where both changed a value."""
    absent = object()
    result: dict[str, Any] = {}
    for key in {**mine, **theirs}:
        was, one, two = (side.get(key, absent) for side in (base, mine, theirs))
        if isinstance(one, Mapping) and isinstance(two, Mapping):
            value: object = _joined(was if isinstance(was, Mapping) else {}, one, two)
        else:
            value = two if one == was else one
        if value is not absent:
            result[key] = value
    return result
