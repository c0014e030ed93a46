"""labelme JSON: read as leniently as labelme 4, write so that every version from 4 on opens it.

Decision: one record a shape is kept as it was read, and goes back verbatim unless the shape was changed. Rejected:
normalising on reading, which would rewrite what the program doesn't know. Consequence: an edit must drop
`Shape.source`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.domain.annotation import Annotation, ForeignShape, Shape
from engine.domain.labels import LabelTable
from engine.domain.polygon import repair_polygon
from engine.errors import AnnotationReadError, AnnotationWriteError
from engine.files import SPECIAL, is_special
from engine.formats._atomic import write_atomic

NAMESPACE = "vcfviewer"
"""The one key, at the top and in a shape, under which this program keeps what labelme has no place for."""

WRITTEN_VERSION = "5.0.2"
"""Written where a file has no version of its own; labelme 5.9 and later don't look at it, older ones know it."""

_TOP_KEYS = ("flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth")
_SHAPE_KEYS = ("label", "points", "group_id", "shape_type", "flags", "mask")


class _Wrong(Exception):
    """What is wrong, and where in the file."""


def read_labelme(path: Path, table: LabelTable | None = None) -> Annotation:
    """Read one labelme file; `table` says what labels mean.

    Raises AnnotationReadError that names the file, the key, what was expected and what came.
    """
    try:
        if is_special(path):
            raise AnnotationReadError(path, f"expected a labelme file, got {SPECIAL}")
        data = path.read_bytes()
    except OSError as error:
        raise AnnotationReadError(path, f"can't be read: {error.strerror or error}") from error
    return decode_labelme(path, data, table)


def decode_labelme(path: Path, data: bytes, table: LabelTable | None = None) -> Annotation:
    """Read the bytes of one labelme file, which errors call `path`; raises AnnotationReadError."""
    try:
        record = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise AnnotationReadError(path, f"expected labelme JSON in UTF-8, got {_cause(error)}") from error
    try:
        return parse_labelme(record, table)
    except (_Wrong, ValueError) as error:
        raise AnnotationReadError(path, str(error)) from error


def parse_labelme(record: object, table: LabelTable | None = None) -> Annotation:
    """Turn a labelme record into an Annotation; raises ValueError that names the key."""
    if not isinstance(record, dict):
        raise ValueError(f"expected a JSON object, got {_kind(record)}")
    if not isinstance(record.get("shapes"), list):
        raise ValueError(f"shapes must be a list, got {_kind(record.get('shapes'))}; is this a labelme file?")
    extra = {key: record[key] for key in record if key not in _TOP_KEYS}
    if extra.get("version") == WRITTEN_VERSION:
        del extra["version"]
    notes: list[str] = []
    shapes: list[Shape] = []
    foreign: list[ForeignShape] = []
    for index, one in enumerate(record["shapes"]):
        try:
            read = _read_shape(one, index, table or LabelTable(), notes)
        except _Wrong as error:
            raise ValueError(f"shapes[{index}]: {error}") from error
        if isinstance(read, Shape):
            shapes.append(read)
        else:
            foreign.append(read)
    image_path = record.get("imagePath") or ""
    if not isinstance(image_path, str):
        raise ValueError(f"imagePath must be text, got {_kind(image_path)}")
    data = record.get("imageData")
    if data is not None and not isinstance(data, str):
        raise ValueError(f"imageData must be text or null, got {_kind(data)}")
    return Annotation(
        image_path.replace("\\", "/"), _read_size(record, notes), tuple(_unique(shapes)), tuple(foreign),
        _read_flags(record.get("flags")), _frozen(extra),
        data, tuple(notes),
    )  # fmt: skip


def write_labelme(path: Path, annotation: Annotation) -> None:
    """Write one labelme file, atomically and durably; raises AnnotationWriteError, the old file stays whole."""
    write_encoded(path, encode_labelme(annotation))


def encode_labelme(annotation: Annotation) -> bytes:
    """Return the bytes of a labelme file."""
    text = json.dumps(labelme_record(annotation), ensure_ascii=False, indent=2) + "\n"
    # A lone surrogate (the name of a film that isn't UTF-8) has no UTF-8, but Python's escape of it is JSON's too.
    return text.encode("utf-8", "backslashreplace")


def write_encoded(path: Path, data: bytes) -> None:
    """Write the bytes of a labelme file as `write_labelme` does; raises AnnotationWriteError."""
    try:
        write_atomic(path, data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AnnotationWriteError(path, f"could not be saved: {reason}; the file on disk is unchanged") from error


def labelme_record(annotation: Annotation) -> dict[str, Any]:
    """Return the JSON object that `write_labelme` writes."""
    extra = thawed(annotation.extra)
    clash = sorted(set(extra) & set(_TOP_KEYS))
    if clash:
        raise ValueError(f"extra keys {clash} are labelme's own")
    records: list[Any] = [_write_shape(shape) for shape in annotation.shapes]
    for one in sorted(annotation.foreign, key=lambda shape: shape.position):
        records.insert(min(one.position, len(records)), thawed(one.record))
    height, width = annotation.image_size
    sizes = {"imageHeight": int(height), "imageWidth": int(width)} if height and width else {}
    return {
        "version": extra.pop("version", WRITTEN_VERSION), "flags": dict(annotation.flags), "shapes": records,
        "imagePath": annotation.image_name, "imageData": annotation.image_data, **sizes, **extra,
    }  # fmt: skip


def _read_shape(record: object, index: int, table: LabelTable, notes: list[str]) -> Shape | ForeignShape:
    if not isinstance(record, dict):
        raise _Wrong(f"expected an object, got {_kind(record)}")
    label = record.get("label")
    if not isinstance(label, str):
        raise _Wrong(f"label must be text, got {label!r}")
    points = record.get("points")
    if not isinstance(points, list):
        raise _Wrong(f"points must be a list, got {_kind(points)}")
    kind = record.get("shape_type", "polygon")
    if kind not in (None, "polygon"):
        return ForeignShape(_frozen(record), index)
    if any(not _is_point(point) for point in points):
        raise _Wrong("points must be pairs of numbers [x, y]")
    try:
        repair = repair_polygon(points if points else [[0.0, 0.0]])
    except (ValueError, OverflowError) as error:
        notes.append(f"shapes[{index}] {label!r}: {error}; it is shown as it stands and can't be edited")
        return ForeignShape(_frozen(record), index, str(error))
    if repair.note:
        notes.append(f"shapes[{index}] {label!r}: {repair.note}")
    own = record.get(NAMESPACE) if isinstance(record.get(NAMESPACE), dict) else {}
    score = own.get("score") if isinstance(own, dict) else None
    if score is not None and not (_is_number(score) and 0 <= score <= 1):
        raise _Wrong(f"{NAMESPACE}.score must be a number from 0 to 1, got {score!r}")
    identity = own.get("id") if isinstance(own, dict) else None
    return Shape(
        identity if isinstance(identity, str) and identity else f"shape-{index}", label, repair.polygon,
        None if score is None else float(score), _read_group(record.get("group_id")), _read_flags(record.get("flags")),
        _frozen(_extra(record)), table.read(label), _frozen(record),
    )  # fmt: skip


def _extra(record: Mapping[str, Any]) -> dict[str, Any]:
    extra = {key: value for key, value in record.items() if key not in _SHAPE_KEYS}
    if extra.get("description") in ("", None):
        extra.pop("description", None)
    own = extra.get(NAMESPACE)
    if isinstance(own, dict):
        rest = {key: value for key, value in own.items() if key not in ("score", "id")}
        extra[NAMESPACE] = rest
        if not rest:
            del extra[NAMESPACE]
    return extra


def _write_shape(shape: Shape) -> dict[str, Any]:
    if shape.source is not None:
        return thawed(shape.source)
    extra = thawed(shape.extra)
    own = extra.pop(NAMESPACE, None)
    own = dict(own) if isinstance(own, dict) else {}
    own["id"] = shape.id
    if shape.score is not None:
        own["score"] = shape.score
    return {
        "label": shape.label, "points": shape.polygon.points.tolist(), "group_id": shape.group_id,
        "description": extra.pop("description", ""), "shape_type": "polygon", "flags": dict(shape.flags), "mask": None,
        NAMESPACE: own, **extra,
    }  # fmt: skip


def _read_size(record: Mapping[str, Any], notes: list[str]) -> tuple[int, int]:
    """Return (height, width); (0, 0) where the file doesn't say, as before labelme 3.6.12."""
    sizes = []
    for key in ("imageHeight", "imageWidth"):
        value = record.get(key)
        if value is None:
            notes.append(f"{key} is not written; the film's own size is used")
            return (0, 0)
        if not _is_number(value) or not value >= 1 or value % 1 != 0:
            raise ValueError(f"{key} must be a whole number of pixels, got {value!r}")
        sizes.append(int(value))
    return (sizes[0], sizes[1])


def _read_flags(flags: object) -> Mapping[str, bool]:
    """Read flags as they are; labelme 3.5's empty list counts as none, and values that aren't booleans as true."""
    if not isinstance(flags, dict):
        return MappingProxyType({})
    return MappingProxyType({str(key): bool(value) for key, value in flags.items()})


def _read_group(group: object) -> int | None:
    if isinstance(group, bool) or group is None:
        return None
    if isinstance(group, int):
        return group
    return int(group) if isinstance(group, str) and re.fullmatch(r"\s*-?[0-9]{1,18}\s*", group) else None


def _unique(shapes: list[Shape]) -> list[Shape]:
    """Give a second shape of one id an id of its own: files are merged by hand now and then."""
    seen: set[str] = set()
    result = []
    for shape in shapes:
        identity, number = shape.id, 2
        while identity in seen:
            identity, number = f"{shape.id}-{number}", number + 1
        seen.add(identity)
        result.append(shape if identity == shape.id else _renamed(shape, identity))
    return result


def _renamed(shape: Shape, identity: str) -> Shape:
    return Shape(identity, shape.label, shape.polygon, shape.score, shape.group_id, shape.flags, shape.extra,
                 shape.meaning, shape.source)  # fmt: skip


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_point(point: object) -> bool:
    return isinstance(point, list) and len(point) == 2 and all(_is_number(value) for value in point)


def _kind(value: object) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {str(value)[:40]!r}"


def _cause(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"an error at line {error.lineno}, column {error.colno}: {error.msg}" if error.doc else "an empty file"
    return str(error) or "nesting too deep"


def _frozen(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(value))


def thawed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON object as plain dicts and lists."""
    return {key: _plain(value) for key, value in record.items()}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
