"""Annotations as bytes, and what changed from one to the next, exactly: the journal's language.

Exactly means to the last bit, the records of untouched shapes (`Shape.source`) included, so that undoing everything
writes the file back as it came. Only `image_data`, labelme's copy of the film, is kept by its hash: it is large, never
edited, and stands in the file and in the original beside it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from engine.domain.annotation import Annotation, ForeignShape, Json, Shape
from engine.domain.labels import Level, Meaning, Status
from engine.domain.polygon import Polygon

Pictures = Mapping[str, str]
"""`image_data` by its hash."""

NOTHING = Annotation("", (0, 0))
"""What an annotation is told from where nothing is known before it."""

_FILM_PARTS = ("image_name", "image_size", "foreign", "flags", "extra", "notes")


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed between two annotations: shapes by id, (before, after), None where there was none.

    `order` holds the ids of all shapes, before and after, where they aren't the same; `film` every other field that
    changed, before and after, by its name, the picture by its hash.
    """

    shapes: Mapping[str, tuple[Shape | None, Shape | None]]
    order: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    film: Mapping[str, tuple[Any, Any]] = field(default_factory=lambda: MappingProxyType({}))


def same(first: Annotation, second: Annotation) -> bool:
    """Whether two annotations are the same to the last bit, the records of untouched shapes included."""
    if first is second:
        return True
    return first == second and first.notes == second.notes and all(map(same_shape, first.shapes, second.shapes))


def same_shape(first: Shape, second: Shape) -> bool:
    """Whether two shapes are the same, their records included."""
    return first is second or (first == second and first.source == second.source)


def difference(before: Annotation, after: Annotation) -> Delta:
    """Return what changed from one annotation to the next."""
    old, new = ({shape.id: shape for shape in one.shapes} for one in (before, after))
    shapes = {}
    for shape_id in {**old, **new}:
        was, now = old.get(shape_id), new.get(shape_id)
        if was is None or now is None or not same_shape(was, now):
            shapes[shape_id] = (was, now)
    film = {}
    for part in _FILM_PARTS:
        one, two = getattr(before, part), getattr(after, part)
        if one is not two and one != two:
            film[part] = (one, two)
    if before.image_data is not after.image_data and before.image_data != after.image_data:
        film["picture"] = (picture_name(before), picture_name(after))
    order = (tuple(old), tuple(new))
    return Delta(shapes, None if order[0] == order[1] else order, film)


def applied(delta: Delta, before: Annotation, pictures: Pictures) -> Annotation:
    """Return the annotation after a change; shapes that it doesn't name stay the identical objects.

    A picture that isn't among `pictures` is left out. Raises ValueError where the change doesn't fit.
    """
    shapes = {shape.id: shape for shape in before.shapes}
    for shape_id, (was, now) in delta.shapes.items():
        if (was is None) != (shape_id not in shapes):
            raise ValueError(f"the change of shape {shape_id!r} doesn't fit what was there before")
        if now is not None:
            shapes[shape_id] = now
        else:
            del shapes[shape_id]
    order = tuple(shapes) if delta.order is None else delta.order[1]
    if set(order) != set(shapes):
        raise ValueError("the change doesn't fit the shapes that were there before")
    parts = {part: after for part, (_, after) in delta.film.items() if part in _FILM_PARTS}
    if "picture" in delta.film:
        parts["image_data"] = pictures.get(delta.film["picture"][1] or "")
    return replace(before, shapes=tuple(shapes[shape_id] for shape_id in order), **parts)


def picture_name(annotation: Annotation) -> str | None:
    """Return the hash that stands for an annotation's picture, None without one."""
    data = annotation.image_data
    return None if data is None else hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()


def packed(delta: Delta) -> bytes:
    """Return a change as bytes."""
    film = {part: [_part_record(value) for value in pair] for part, pair in delta.film.items()}
    shapes = {shape_id: [_shape_record(one) for one in pair] for shape_id, pair in delta.shapes.items()}
    return pack({"shapes": shapes, "order": delta.order, "film": film})


def unpacked(data: bytes) -> Delta:
    """Return a change from bytes; raises ValueError for bytes that are none."""
    record = unpack(data)
    if not isinstance(record, dict):
        raise ValueError("expected a change of an annotation, got something else")
    try:
        shapes = {shape_id: (_read_shape(one), _read_shape(two)) for shape_id, (one, two) in record["shapes"].items()}
        order = record["order"]
        film = {part: (_read_part(part, one), _read_part(part, two)) for part, (one, two) in record["film"].items()}
        return Delta(shapes, None if order is None else (tuple(order[0]), tuple(order[1])), film)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"expected a change of an annotation, got something else: {error}") from error


def pack(record: object) -> bytes:
    """Return JSON as compressed bytes; numbers and lone surrogates come back as they were."""
    return zlib.compress(json.dumps(record, separators=(",", ":"), default=_plain).encode("ascii"), 1)


def unpack(data: bytes) -> object:
    """Return JSON from compressed bytes; raises ValueError."""
    try:
        record: object = json.loads(zlib.decompress(data))
    except zlib.error as error:
        raise ValueError(f"expected compressed JSON, got something else: {error}") from error
    return record


def shape_record(shape: Shape) -> dict[str, Any]:
    """Return a shape as JSON, everything of it."""
    source = shape.source
    meaning = shape.meaning or Meaning()
    return {
        "id": shape.id, "label": shape.label, "score": shape.score, "group_id": shape.group_id,
        "flags": shape.flags, "extra": shape.extra, "source": source,
        "points": None if _stands_in(source, shape.polygon) else shape.polygon.points.tolist(),
        "level": meaning.level and meaning.level.value, "status": meaning.status and meaning.status.value,
    }  # fmt: skip


def read_shape(record: Json) -> Shape:
    """Return a shape from JSON; raises KeyError, TypeError or ValueError for what is none."""
    source, points = record["source"], record["points"]
    level, status = record["level"], record["status"]
    return Shape(
        record["id"], record["label"],
        Polygon(np.asarray(source["points"] if points is None else points, dtype=np.float64)),
        record["score"], record["group_id"], MappingProxyType(record["flags"]), MappingProxyType(record["extra"]),
        Meaning(level and Level(level), status and Status(status)),
        None if source is None else MappingProxyType(source),
    )  # fmt: skip


def _stands_in(source: Json | None, polygon: Polygon) -> bool:
    """Whether an outline is just the one of the record: then it needn't be kept twice."""
    return source is not None and np.array_equal(np.asarray(source["points"], dtype=np.float64), polygon.points)


def _shape_record(shape: Shape | None) -> dict[str, Any] | None:
    return None if shape is None else shape_record(shape)


def _read_shape(record: Json | None) -> Shape | None:
    return None if record is None else read_shape(record)


def _part_record(value: object) -> object:
    if isinstance(value, tuple):
        return [[one.record, one.position, one.note] if isinstance(one, ForeignShape) else one for one in value]
    return value


def _read_part(part: str, value: object) -> object:
    if part == "foreign" and isinstance(value, list):
        return tuple(ForeignShape(MappingProxyType(record), position, note) for record, position, note in value)
    if isinstance(value, dict):
        return MappingProxyType(value)
    return tuple(value) if isinstance(value, list) else value


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"expected JSON, got {type(value).__name__}")
