"""Shape, ForeignShape and Annotation: what one labelme file holds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from engine.domain.labels import LabelTable, Level, Meaning, Status
from engine.domain.polygon import Polygon

Json = Mapping[str, Any]
"""A JSON object as it was read."""

EMPTY: Json = MappingProxyType({})


def new_shape_id() -> str:
    """Return an id that no other shape has."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Shape:
    """A labelled polygon.

    `score` is None exactly where a person drew or confirmed it. `extra` keeps labelme keys this program doesn't
    know. `meaning` is what the label says; where it isn't given it is read by the standard table. `source` is the
    record as it stood in the file: an edit drops it, so that an untouched shape goes back verbatim.
    """

    id: str
    label: str
    polygon: Polygon
    score: float | None = None
    group_id: int | None = None
    flags: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    extra: Json = field(default_factory=lambda: EMPTY)
    meaning: Meaning | None = None
    source: Json | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check the score and read the label."""
        if self.score is not None and not 0.0 <= self.score <= 1.0:
            raise ValueError(f"a score must lie between 0 and 1, got {self.score}")
        if self.meaning is None:
            object.__setattr__(self, "meaning", LabelTable().read(self.label))

    @property
    def level(self) -> Level | None:
        """Return the level the label names, None where it names none."""
        return self.meaning.level if self.meaning is not None else None

    @property
    def status(self) -> Status | None:
        """Return the status the label gives, None where it gives none."""
        return self.meaning.status if self.meaning is not None else None

    @property
    def is_fracture(self) -> bool:
        """Whether this shape is a finding: normals and unknown labels never are."""
        return self.status is Status.FRACTURED


@dataclass(frozen=True, slots=True)
class ForeignShape:
    """A labelme shape this program draws but doesn't edit; `position` is its place in the file's list of shapes."""

    record: Json
    position: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One labelme file: `image_size` is (height, width) in pixels; `extra` keeps unknown top-level keys.

    `image_data` is labelme's base64 copy of the film (it is never required); `notes` tell the user what was repaired
    on reading.
    """

    image_name: str
    image_size: tuple[int, int]
    shapes: tuple[Shape, ...] = ()
    foreign: tuple[ForeignShape, ...] = ()
    flags: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    extra: Json = field(default_factory=lambda: EMPTY)
    image_data: str | None = field(default=None, repr=False)
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Refuse two shapes with one id."""
        ids = [shape.id for shape in self.shapes]
        if len(set(ids)) != len(ids):
            raise ValueError(f"shape ids must be unique, got {ids}")

    @property
    def findings(self) -> tuple[Shape, ...]:
        """Return the shapes whose status is fractured."""
        return tuple(shape for shape in self.shapes if shape.is_fracture)

    def shape(self, shape_id: str) -> Shape:
        """Return the shape with this id; raises KeyError."""
        for shape in self.shapes:
            if shape.id == shape_id:
                return shape
        raise KeyError(shape_id)
