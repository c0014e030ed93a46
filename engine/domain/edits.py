"""Every edit of an annotation, a pure function: (Annotation, ...) -> Annotation.

- A touched shape loses its `source`, so that it is written anew; every other shape stays the identical object.
- Whoever changes outline or label confirms the shape: it loses its `score`. What the model said stays in `extra`, under
  this program's name and the key "predicted".
- Flags and decisions are said about a shape, not done to it: they leave the score.
- New shapes come last. `ForeignShape.position` counts places in the file's whole list, own and foreign shapes
  together; where shapes before a foreign one are deleted, it moves up by as many places, so that the order holds.
- An edit that can't be done raises ValueError, which says what is wrong; a shape id that isn't there is one of these.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count, islice
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.domain import reshaping
from engine.domain.annotation import Annotation, ForeignShape, Json, Shape, new_shape_id
from engine.domain.case import ModelCard
from engine.domain.labels import LabelTable, Meaning, write_label
from engine.domain.polygon import FloatArray, Polygon

NAMESPACE = "vcfviewer"
"""The one key under which this program keeps what labelme doesn't know, in a file and in a shape."""

STANDARD_TABLE = LabelTable()


def add_shape(annotation: Annotation, shape: Shape) -> Annotation:
    """Add a shape at the end; refused if its id is taken."""
    if any(other.id == shape.id for other in annotation.shapes):
        raise ValueError(f"there is a shape with the id {shape.id!r} already")
    return replace(annotation, shapes=(*annotation.shapes, shape))


def delete_shapes(annotation: Annotation, shape_ids: Iterable[str]) -> Annotation:
    """Delete shapes; foreign shapes behind them move up."""
    doomed = _known(annotation, shape_ids)
    taken = {foreign.position for foreign in annotation.foreign}
    places = islice((place for place in count() if place not in taken), len(annotation.shapes))
    gone = [place for place, shape in zip(places, annotation.shapes, strict=True) if shape.id in doomed]
    return replace(
        annotation,
        shapes=tuple(shape for shape in annotation.shapes if shape.id not in doomed),
        foreign=tuple(_moved_up(foreign, gone) for foreign in annotation.foreign),
    )


def move_shapes(annotation: Annotation, shape_ids: Iterable[str], dx: float, dy: float) -> Annotation:
    """Move shapes by (dx, dy) pixels."""
    shift = _finite((dx, dy), "a move")
    moved = (_shape(annotation, shape_id) for shape_id in _known(annotation, shape_ids))
    return _replaced(
        annotation,
        (replace(_by_hand(shape), polygon=_outline(shape.polygon.points + shift, "moving")) for shape in moved),
    )


def move_vertex(annotation: Annotation, shape_id: str, index: int, xy: ArrayLike) -> Annotation:
    """Move vertex `index` (0 .. N-1) to `xy` (x, y); refused if the outline would cross itself."""
    points = np.array(_vertices(annotation, shape_id, index))
    points[index] = _finite(xy, "a vertex")
    return replace_polygon(annotation, shape_id, _outline(points, f"moving vertex {index}"))


def insert_vertex(annotation: Annotation, shape_id: str, index: int, xy: ArrayLike) -> Annotation:
    """Insert a vertex so that it becomes vertex `index` (0 .. N) at `xy` (x, y)."""
    points = _vertices(annotation, shape_id, index, one_more=True)
    after = np.insert(points, index, _finite(xy, "a vertex"), axis=0)
    return replace_polygon(annotation, shape_id, _outline(after, f"inserting vertex {index}"))


def delete_vertex(annotation: Annotation, shape_id: str, index: int) -> Annotation:
    """Delete vertex `index` (0 .. N-1); refused for the last three."""
    after = np.delete(_vertices(annotation, shape_id, index), index, axis=0)
    return replace_polygon(annotation, shape_id, _outline(after, f"deleting vertex {index}"))


def replace_polygon(annotation: Annotation, shape_id: str, polygon: Polygon) -> Annotation:
    """Give a shape another outline."""
    return _replaced(annotation, [replace(_by_hand(_shape(annotation, shape_id)), polygon=polygon)])


def relabel(
    annotation: Annotation, shape_ids: Iterable[str], label: str, table: LabelTable = STANDARD_TABLE
) -> Annotation:
    """Give shapes another label, which `table` reads; any text but an empty one will do."""
    if not label.strip():
        raise ValueError("a label must not be empty")
    shapes = [_shape(annotation, shape_id) for shape_id in _known(annotation, shape_ids)]
    return _replaced(annotation, (replace(_by_hand(shape), label=label, meaning=table.read(label)) for shape in shapes))


def shift_levels(annotation: Annotation, steps: int, shape_ids: Iterable[str] | None = None) -> Annotation:
    """Rename shapes `steps` levels further down (up if negative), the whole film unless ids are given.

    Every status stays; labels are written as this program writes them, so that `l1_fx` becomes `L2`. Shapes without
    level or status are left as they are. Refused if one would leave T9 to S1, so that none is renamed alone.
    """
    if steps == 0:
        return annotation
    wanted = (
        dict.fromkeys(shape.id for shape in annotation.shapes) if shape_ids is None else _known(annotation, shape_ids)
    )
    shifted = []
    for shape in annotation.shapes:
        if shape.id not in wanted or shape.level is None or shape.status is None:
            continue
        level = shape.level.shifted(steps)
        if level is None:
            raise ValueError(f"{shape.label!r} can't be renamed by {steps:+d} levels: levels run from T9 to S1")
        meaning = Meaning(level, shape.status)
        shifted.append(replace(_by_hand(shape), label=write_label(level, shape.status), meaning=meaning))
    return _replaced(annotation, shifted)


def adopt_prediction(annotation: Annotation, predicted: Shape, card: ModelCard | None = None) -> Annotation:
    """Copy a predicted shape into the annotation, confirmed by a person, under a new id.

    `extra` keeps what it was: the shape's id, label and score and, with a card, the model's name and its sha256.
    """
    model = {} if card is None else {"model": card.name or card.model, "sha256": card.sha256}
    confirmed = replace(_by_hand(predicted, {"shape": predicted.id, **model}), id=new_shape_id())
    return add_shape(annotation, confirmed)


def confirm_shapes(annotation: Annotation, shape_ids: Iterable[str]) -> Annotation:
    """Turn a model's shapes that stand in the annotation into a person's, just as they are."""
    return _replaced(annotation, (_by_hand(_shape(annotation, shape_id)) for shape_id in _known(annotation, shape_ids)))


def duplicate(
    annotation: Annotation, shape_ids: Iterable[str], offset: tuple[float, float] = (10.0, 10.0)
) -> Annotation:
    """Copy shapes, moved by `offset` (dx, dy) pixels so that a copy is seen, under new ids."""
    shift = _finite(offset, "an offset")
    wanted = _known(annotation, shape_ids)
    copies = (
        replace(_by_hand(shape), id=new_shape_id(), polygon=_outline(shape.polygon.points + shift, "duplicating"))
        for shape in annotation.shapes
        if shape.id in wanted
    )
    return replace(annotation, shapes=(*annotation.shapes, *copies))


def merge_shapes(annotation: Annotation, shape_ids: Iterable[str]) -> Annotation:
    """Unite shapes that overlap or share an edge in the first one named, which keeps its id and label."""
    names = list(dict.fromkeys(shape_ids))
    if len(names) < 2:
        raise ValueError(f"merging needs at least 2 shapes, got {len(names)}")
    united = reshaping.merged([_shape(annotation, shape_id).polygon for shape_id in names])
    return delete_shapes(replace_polygon(annotation, names[0], united), names[1:])


def cut_shape(annotation: Annotation, shape_id: str, start: ArrayLike, end: ArrayLike) -> Annotation:
    """Cut a shape along the line from `start` to `end` (x, y); the largest piece keeps the id, the others get new ones.

    Refused if the line doesn't cross the whole shape.
    """
    shape = _shape(annotation, shape_id)
    pieces = reshaping.cut_apart(shape.polygon, start, end)
    after = replace_polygon(annotation, shape_id, pieces[0])
    others = (replace(_by_hand(shape), id=new_shape_id(), polygon=piece) for piece in pieces[1:])
    return replace(after, shapes=(*after.shapes, *others))


def smooth(annotation: Annotation, shape_id: str, radius: float) -> Annotation:
    """Smooth an outline by a Gaussian of `radius` px along it, at the same area."""
    return replace_polygon(annotation, shape_id, reshaping.smoothed(_shape(annotation, shape_id).polygon, radius))


def simplify(annotation: Annotation, shape_id: str, tolerance: float) -> Annotation:
    """Leave out vertices where that moves the outline by at most `tolerance` px."""
    return replace_polygon(annotation, shape_id, reshaping.simplified(_shape(annotation, shape_id).polygon, tolerance))


def brush_add(annotation: Annotation, shape_id: str, path: ArrayLike, radius: float) -> Annotation:
    """Add what a round brush of `radius` px covers along `path` (N >= 1, 2); holes it closes are filled."""
    polygon = _shape(annotation, shape_id).polygon
    return replace_polygon(annotation, shape_id, reshaping.with_brush(polygon, path, radius))


def brush_subtract(annotation: Annotation, shape_id: str, path: ArrayLike, radius: float) -> Annotation:
    """Take away what a round brush of `radius` px covers along `path` (N >= 1, 2); the largest part stays."""
    polygon = _shape(annotation, shape_id).polygon
    return replace_polygon(annotation, shape_id, reshaping.without_brush(polygon, path, radius))


def set_flags(annotation: Annotation, flags: Mapping[str, bool]) -> Annotation:
    """Set flags of the film; those not named stay as they are."""
    return replace(annotation, flags=_flags(annotation.flags, flags))


def set_shape_flags(annotation: Annotation, shape_ids: Iterable[str], flags: Mapping[str, bool]) -> Annotation:
    """Set flags of shapes; those not named stay as they are."""
    shapes = (_shape(annotation, shape_id) for shape_id in _known(annotation, shape_ids))
    return _replaced(annotation, (replace(s, flags=_flags(s.flags, flags), source=None) for s in shapes))


def decide(annotation: Annotation, attributes: Mapping[str, Any], shape_ids: Iterable[str] | None = None) -> Annotation:
    """Write a reader's decision (status, reader, time, reason ...) to the film, or to shapes if ids are given.

    It is kept in `extra`, under this program's name and the key "review"; attributes not named stay as they are.
    Refused if they aren't JSON.
    """
    if shape_ids is None:
        return replace(annotation, extra=_noted(annotation.extra, "review", attributes))
    shapes = (_shape(annotation, shape_id) for shape_id in _known(annotation, shape_ids))
    return _replaced(annotation, (replace(s, extra=_noted(s.extra, "review", attributes), source=None) for s in shapes))


def _shape(annotation: Annotation, shape_id: str) -> Shape:
    try:
        return annotation.shape(shape_id)
    except KeyError as error:
        raise ValueError(f"there is no shape with the id {shape_id!r}") from error


def _known(annotation: Annotation, shape_ids: Iterable[str]) -> dict[str, None]:
    """Return the ids without repetition, in their order; refused if one isn't there."""
    return {_shape(annotation, shape_id).id: None for shape_id in shape_ids}


def _replaced(annotation: Annotation, shapes: Iterable[Shape]) -> Annotation:
    by_id = {shape.id: shape for shape in shapes}
    return replace(annotation, shapes=tuple(by_id.get(shape.id, shape) for shape in annotation.shapes))


def _by_hand(shape: Shape, origin: Mapping[str, Any] = MappingProxyType({})) -> Shape:
    """Return the shape as confirmed by a person; `origin` adds to the note of what the model said."""
    extra = shape.extra
    if shape.score is not None:
        extra = _noted(extra, "predicted", {"label": shape.label, "score": shape.score, **origin})
    return replace(shape, score=None, source=None, extra=extra)


def _noted(extra: Json, key: str, attributes: Mapping[str, Any]) -> Json:
    """Return `extra` with attributes added under this program's name; keys of others aren't touched."""
    try:
        fresh = json.loads(json.dumps(dict(attributes), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"what is noted in a file must be JSON, got {dict(attributes)!r}: {error}") from error
    own = extra.get(NAMESPACE, {})
    own = own if isinstance(own, Mapping) else {}
    before = own.get(key, {})
    before = before if isinstance(before, Mapping) else {}
    return MappingProxyType({**extra, NAMESPACE: {**own, key: {**before, **fresh}}})


def _flags(before: Mapping[str, bool], flags: Mapping[str, bool]) -> Mapping[str, bool]:
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise ValueError(f"flag {name!r} must be true or false, got {value!r}")
    return MappingProxyType({**before, **flags})


def _moved_up(foreign: ForeignShape, gone: list[int]) -> ForeignShape:
    before = sum(place < foreign.position for place in gone)
    return replace(foreign, position=foreign.position - before) if before else foreign


def _vertices(annotation: Annotation, shape_id: str, index: int, one_more: bool = False) -> FloatArray:
    points = _shape(annotation, shape_id).polygon.points
    last = len(points) if one_more else len(points) - 1
    if not 0 <= index <= last:
        raise ValueError(f"vertex {index} doesn't exist: expected 0 to {last}")
    return points


def _finite(xy: ArrayLike, what: str) -> FloatArray:
    point = np.asarray(xy, dtype=np.float64)
    if point.shape != (2,) or not all(math.isfinite(value) for value in point):
        raise ValueError(f"{what} must be two finite numbers of pixels, got {point.tolist()}")
    return point


def _outline(points: FloatArray, action: str) -> Polygon:
    try:
        return Polygon(points)
    except ValueError as error:
        raise ValueError(f"{action} would break the outline: {error}") from error
