"""The reader's truth as labelme files for training, which labelme itself opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from engine.domain.annotation import Annotation, ForeignShape, Shape
from engine.domain.decisions import calibration, facing
from engine.domain.edits import NAMESPACE, delete_shapes
from engine.domain.labels import LabelTable, write_label
from engine.domain.morphometry import Facing
from engine.domain.six_points import Spacing
from engine.films import Film, SpacingState

_MILLIMETRES = (SpacingState.CALIBRATED, SpacingState.MAGNIFICATION_CORRECTED, SpacingState.DETECTOR)
"""The states whose plane is known; a spacing of any other isn't measured by."""

BY_READER = "calibrated by the reader"

ASSUMED = "assumed"
"""`Geometry.facing_from` where nobody said it of this film: heights are measured by it, and no label says it on."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Facing and mm (row, column) of a film, and who says so; None where nobody does."""

    facing: Facing | None
    facing_from: str
    spacing: Spacing | None
    spacing_state: str


def geometry_of(annotation: Annotation, film: Film, assumed_facing: Facing | None = None) -> Geometry:
    """Return what the reader said of facing and spacing, else what the film's file says, else its label.

    `assumed_facing` is taken where none of them tells it.
    """
    by_reader, in_label = facing(annotation), _noted_facing(annotation)
    sources = ((by_reader, "reader"), (film.facing, "file"), (in_label, "label"), (assumed_facing, ASSUMED))
    towards, told = next(((one, whose) for one, whose in sources if one is not None), (None, ""))
    by_length = calibration(annotation)
    if by_length is not None:
        return Geometry(towards, told, (by_length, by_length), BY_READER)
    own = film.spacing
    known = own.state in _MILLIMETRES and own.row_mm is not None and own.column_mm is not None
    spacing = (own.row_mm or 0.0, own.column_mm or 0.0) if known else None
    return Geometry(towards, told, spacing, own.state.value)


def training_truth(annotation: Annotation, film: Film) -> tuple[Annotation, tuple[str, ...]]:
    """Return the shapes that a person drew or confirmed, as labelme opens them, and notes on what was left out.

    Rejected predictions are no shapes; their outlines stay noted with the film. Shapes that still carry a model's score
    were confirmed by nobody. Labels of a reader's own table, which a training doesn't have, get their standard text.
    """
    unconfirmed = [shape.id for shape in annotation.shapes if shape.score is not None]
    kept = delete_shapes(annotation, unconfirmed)
    foreign = [loadable(one) for one in kept.foreign]
    left = sum(one is None for one in foreign)
    told = []
    if unconfirmed:
        told.append(f"{len(unconfirmed)} shapes with a model's score were left out: nobody confirmed them")
    if left:
        told.append(f"{left} shapes that labelme can't open were left out")
    shapes = tuple(_in_standard_words(shape) for shape in kept.shapes)
    own = sorted(
        {shape.label for shape, told_as in zip(kept.shapes, shapes, strict=True) if shape.label != told_as.label}
    )
    if own:
        told.append(f"labels of the reader's own table were written in standard words: {', '.join(own)}")
    extra = {key: value for key, value in kept.extra.items() if key != "version"}
    truth = replace(
        kept, shapes=shapes, foreign=tuple(one for one in foreign if one is not None), image_size=film.size,
        image_data=None, extra=MappingProxyType(extra), notes=(),
    )  # fmt: skip
    return truth, tuple(told)


def _in_standard_words(shape: Shape) -> Shape:
    """Return the shape without its record in the file, under a label that everybody reads as this reader does."""
    meaning = shape.meaning
    if meaning is None or meaning.level is None or meaning.status is None or meaning == LabelTable().read(shape.label):
        return replace(shape, source=None)
    return replace(shape, label=write_label(meaning.level, meaning.status), source=None)


def with_film_facts(annotation: Annotation, geometry: Geometry, facts: Mapping[str, Any]) -> Annotation:
    """Note facing, spacing and other facts of a film in its label, under this program's name and the key "film".

    A PNG made from a DICOM file has no header that would say it. Facing and a `patient` among the facts are noted where
    this program and its training look for them as well, an assumed facing isn't.
    """
    spacing = None
    if geometry.spacing is not None:
        spacing = {"row_mm": geometry.spacing[0], "column_mm": geometry.spacing[1], "state": geometry.spacing_state}
    towards = None if geometry.facing is None else {"towards": geometry.facing.value, "from": geometry.facing_from}
    own = annotation.extra.get(NAMESPACE)
    own = dict(own) if isinstance(own, Mapping) else {}
    patient = facts.get("patient")
    noted = {key: value for key, value in facts.items() if key != "patient"}
    own["film"] = {"facing": towards, "spacing": spacing, **noted}
    said = None if geometry.facing is None or geometry.facing_from == ASSUMED else geometry.facing.value
    kept = {"facing": said, "patient": patient}
    own = {key: value for key, value in {**own, **kept}.items() if value is not None}
    return replace(annotation, extra=MappingProxyType({**annotation.extra, NAMESPACE: own}))


def _noted_facing(annotation: Annotation) -> Facing | None:
    own = annotation.extra.get(NAMESPACE)
    said = str(own.get("facing", "")).lower() if isinstance(own, Mapping) else ""
    return next((one for one in Facing if one.value == said), None)


def loadable(shape: ForeignShape) -> ForeignShape | None:
    """Return a shape of another kind as labelme 6 opens it; None for one that it can't, whatever is mended."""
    record = dict(shape.record)
    points = record.get("points")
    if not (isinstance(points, (list, tuple)) and points and all(map(_is_point, points))):
        return None
    kind = record.get("shape_type")
    record["shape_type"] = kind if isinstance(kind, str) else "polygon"
    flags = record.get("flags")
    record["flags"] = {str(key): bool(value) for key, value in flags.items()} if isinstance(flags, Mapping) else {}
    group, text, mask = record.get("group_id"), record.get("description"), record.get("mask")
    record["group_id"] = group if isinstance(group, int) else None
    record["description"] = text if isinstance(text, str) else ""
    record["mask"] = mask if isinstance(mask, str) else None
    if record["shape_type"] == "mask" and record["mask"] is None:
        return None
    return replace(shape, record=MappingProxyType(record))


def _is_point(point: object) -> bool:
    return isinstance(point, (list, tuple)) and len(point) == 2 and all(isinstance(one, (int, float)) for one in point)
