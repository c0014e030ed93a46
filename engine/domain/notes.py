"""What a reader notes in a labelme file: one JSON object for the film and one for each shape, under this program's key.

It is read leniently, since anybody may edit the file: a value that makes no sense counts as not noted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from engine.domain.annotation import EMPTY, Annotation, Json, Shape
from engine.domain.edits import NAMESPACE
from engine.domain.polygon import FloatArray, Polygon

REVIEW = "review"
PREDICTED = "predicted"


def noted(extra: Json, key: str = REVIEW) -> Json:
    """Return what is noted under `key`, empty where nothing is."""
    own = extra.get(NAMESPACE)
    found = own.get(key) if isinstance(own, Mapping) else None
    return found if isinstance(found, Mapping) else EMPTY


def with_notes(extra: Json, notes: Mapping[str, Any], key: str = REVIEW) -> Json:
    """Return `extra` with notes added; those of the value None are removed, and objects left empty as well.

    Raises ValueError for what isn't JSON.
    """
    try:
        fresh = json.loads(json.dumps(dict(notes), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"what is noted in a file must be JSON, got {dict(notes)!r}: {error}") from error
    kept = {name: value for name, value in {**noted(extra, key), **fresh}.items() if value is not None}
    own = extra.get(NAMESPACE)
    own = {**own, key: kept} if isinstance(own, Mapping) else {key: kept}
    if not kept:
        del own[key]
    after = {**extra, NAMESPACE: own}
    if not own:
        del after[NAMESPACE]
    return MappingProxyType(after)


def without_notes(extra: Json, key: str) -> Json:
    """Return `extra` with nothing noted under `key`."""
    return with_notes(extra, dict.fromkeys(noted(extra, key)), key)


def note_on_film(annotation: Annotation, notes: Mapping[str, Any]) -> Annotation:
    """Add notes on the film; those of the value None are removed."""
    return replace(annotation, extra=with_notes(annotation.extra, notes))


def note_on_shape(shape: Shape, notes: Mapping[str, Any]) -> Shape:
    """Add notes on a shape, which is then written anew; those of the value None are removed."""
    return replace(shape, extra=with_notes(shape.extra, notes), source=None)


def with_shapes(annotation: Annotation, shapes: Iterable[Shape]) -> Annotation:
    """Put shapes in the place of those of their ids."""
    by_id = {shape.id: shape for shape in shapes}
    return replace(annotation, shapes=tuple(by_id.get(shape.id, shape) for shape in annotation.shapes))


def named_shape(annotation: Annotation, shape_id: str) -> Shape:
    """Return a shape by its id; raises ValueError, which says so, where it isn't there."""
    try:
        return annotation.shape(shape_id)
    except KeyError as error:
        raise ValueError(f"there is no shape with the id {shape_id!r}") from error


def carried(value: object) -> object:
    """Return what stood in a file already as JSON that can be noted again: NaN and infinity become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(name): carried(item) for name, item in value.items()}
    return [carried(item) for item in value] if isinstance(value, (list, tuple)) else value


def text(notes: Json, key: str) -> str:
    """Return a noted text, empty where there is none."""
    value = notes.get(key)
    return value if isinstance(value, str) else ""


def number(notes: Json, key: str) -> float | None:
    """Return a noted finite number."""
    value = notes.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def outline(notes: Json, key: str = "points") -> Polygon | None:
    """Return a noted outline."""
    try:
        return Polygon(np.asarray(notes.get(key), dtype=np.float64))
    except (TypeError, ValueError):
        return None


def listed(points: FloatArray) -> list[list[float]]:
    """Return points (N, 2) as JSON."""
    return [[float(x), float(y)] for x, y in points]
