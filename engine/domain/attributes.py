"""What a reader says of a single shape beyond its outline and label: attributes, and six points set by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from engine.domain import notes
from engine.domain.annotation import Annotation, Shape
from engine.domain.grading import GenantGrade
from engine.domain.polygon import Polygon
from engine.domain.six_points import SixPoints


class Acuity(Enum):
    """How old a fracture is, as far as a radiograph tells."""

    UNKNOWN = "unknown"
    FRESH = "fresh"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a reader says of a finding; `grade` is the reader's own Genant grade, None where none was given."""

    acuity: Acuity = Acuity.UNKNOWN
    pathological: bool = False
    implant: bool = False
    level_certain: bool = True
    grade: GenantGrade | None = None


def attributes(shape: Shape) -> Attributes:
    """Return what the reader says of a shape."""
    said = notes.noted(shape.extra)
    grade = notes.number(said, "grade")
    return Attributes(
        next((one for one in Acuity if one.value == said.get("acuity")), Acuity.UNKNOWN),
        said.get("pathological") is True,
        said.get("implant") is True,
        said.get("level_certain") is not False,
        GenantGrade(int(grade)) if grade in (0, 1, 2, 3) else None,
    )


def set_attributes(
    annotation: Annotation,
    shape_ids: Iterable[str],
    *,
    acuity: Acuity | None = None,
    pathological: bool | None = None,
    implant: bool | None = None,
    level_certain: bool | None = None,
    grade: int | None = None,
) -> Annotation:
    """Say something of shapes; what is None stays as it is.

    Raises ValueError for a grade outside 0 to 3 and a shape that isn't there.
    """
    if grade is not None and grade not in (0, 1, 2, 3):
        raise ValueError(f"a Genant grade is 0, 1, 2 or 3, got {grade}")
    given = {
        "acuity": None if acuity is None else acuity.value, "pathological": pathological, "implant": implant,
        "level_certain": level_certain, "grade": None if grade is None else int(grade),
    }  # fmt: skip
    return _noted_on(annotation, shape_ids, {name: value for name, value in given.items() if value is not None})


def clear_grade(annotation: Annotation, shape_ids: Iterable[str]) -> Annotation:
    """Take the reader's own grades back."""
    return _noted_on(annotation, shape_ids, {"grade": None})


def set_six_points(annotation: Annotation, shape_id: str, points: SixPoints | None) -> Annotation:
    """Keep six points that a person set on a shape; None leaves them to the outline again."""
    said: dict[str, Any] = {"six_points": None}
    if points is not None:
        polygon = notes.named_shape(annotation, shape_id).polygon
        said["six_points"] = {
            "points": notes.listed(points.array), "anchor": polygon.points[0].tolist(), "outline": _form(polygon)
        }  # fmt: skip
    return _noted_on(annotation, [shape_id], said)


def six_points(annotation: Annotation) -> Mapping[str, SixPoints]:
    """Return the six points set by hand, by shape id.

    They go along with a shape that was moved as a whole (or copied); where only its outline was changed they stay.
    """
    found = {}
    for shape in annotation.shapes:
        said = notes.noted(shape.extra).get("six_points")
        points = _placed(said, shape.polygon) if isinstance(said, Mapping) else None
        if points is not None:
            found[shape.id] = points
    return found


def _placed(said: Mapping[str, Any], polygon: Polygon) -> SixPoints | None:
    try:
        points = SixPoints.from_array(said.get("points") or ())
        if said.get("outline") != _form(polygon):
            return points
        shift = polygon.points[0] - np.asarray(said.get("anchor"), dtype=np.float64).reshape(2)
        return SixPoints.from_array(points.array + shift)
    except (TypeError, ValueError):
        return None


def _form(polygon: Polygon) -> str:
    """Return a short name of an outline's form, the same wherever it lies; thousandths of a pixel don't count."""
    steps = np.rint((polygon.points - polygon.points[0]) * 1000).astype(np.int64)
    return hashlib.sha256(steps.tobytes()).hexdigest()[:16]


def _noted_on(annotation: Annotation, shape_ids: Iterable[str], said: Mapping[str, Any]) -> Annotation:
    shapes = {shape_id: notes.named_shape(annotation, shape_id) for shape_id in shape_ids}
    return notes.with_shapes(annotation, (notes.note_on_shape(shape, said) for shape in shapes.values()))
