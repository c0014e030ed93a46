"""Taking identity out of what is exported: names, readers, times, free text, header, and pixels behind a shutter.

What is kept is listed; everything else goes (DICOM PS3.15 Annex E works the other way round, and misses what it doesn't
know). Text burned into the picture stays: `export_burned_in` says where to look for it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np

from engine.domain import notes
from engine.domain.annotation import EMPTY, Annotation, ForeignShape, Json, Shape
from engine.domain.edits import NAMESPACE
from engine.domain.film_review import STATUS_FLAGS
from engine.domain.labels import LabelTable, Meaning, write_label
from engine.films import Display, Film
from engine.review import known_notes
from engine.review.known_notes import is_own_id, known

UNNAMED = "other shape"
"""Stands for a label that names no level: it may name anything."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Names for films, readers and patients of one export; the salt is kept nowhere, so that none can be traced."""

    salt: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def film(self, key: str) -> str:
        """Return the name of a film."""
        return f"film-{self._hash('film', key)[:16]}"

    def reader(self, name: str) -> str:
        """Return the name of a reader, empty where there is none."""
        return f"reader-{self._hash('reader', name)[:8]}" if name.strip() else ""

    def patient(self, known: str | None) -> str | None:
        """Return the hash of a patient, None where there is none: the hash of an identity alone can be guessed."""
        return None if known is None else self._hash("patient", known)[:16]

    def shape(self, shape_id: str) -> str:
        """Return the id of a shape: its own where this program made it, for another may say anything."""
        return shape_id if is_own_id(shape_id) or not shape_id else self._hash("shape", shape_id)[:32]

    def _hash(self, kind: str, text: str) -> str:
        return hashlib.sha256(self.salt + f"{kind} {text}".encode("utf-8", "backslashreplace")).hexdigest()


def cleaned_annotation(annotation: Annotation, names: Pseudonyms) -> Annotation:
    """Return an annotation without free text, times, unknown keys, other flags, a copy of the film and its name.

    Labels are written as this program writes them; one that names no level becomes "other shape". Values are kept where
    they are among those that this program writes, and ids that it didn't make are hashed, the same wherever they stand.
    """
    said = notes.noted(annotation.extra)
    review = known(said, known_notes.ON_FILM)
    if notes.text(said, "reader"):
        review["reader"] = names.reader(notes.text(said, "reader"))
    rejected = said.get("rejected")
    if isinstance(rejected, list):
        review["rejected"] = [_rejected(one, names) for one in rejected if isinstance(one, Mapping)]
    blind = said.get("blind_read")
    if isinstance(blind, Mapping):
        review["blind_read"] = _blind_read(blind, names)
    own = annotation.extra.get(NAMESPACE)
    extra: dict[str, Any] = {"review": review} if review else {}
    if isinstance(own, Mapping) and own.get("simulated") is True:
        extra["simulated"] = True
    flags = {flag: annotation.flags[flag] for _status, flag in STATUS_FLAGS if flag in annotation.flags}
    return Annotation(
        "", annotation.image_size, tuple(_shape(shape, names) for shape in annotation.shapes),
        tuple(_foreign(one) for one in annotation.foreign), MappingProxyType(flags),
        MappingProxyType({NAMESPACE: extra}) if extra else EMPTY,
    )  # fmt: skip


def upright_polarity(film: Film) -> Film:
    """Return a film whose stored greys are as shown, bright for bone, and black where a shutter or padding covers it.

    An inverted film's greys are turned within the range they use; its displays go along, so that it looks the same.
    """
    pixels = film.pixels
    top = int(pixels.max())
    displays = film.displays
    if film.inverted:
        pixels = np.subtract(top, pixels, dtype=pixels.dtype)
        displays = tuple(_turned(one, top) for one in displays)
    if film.excluded is not None:
        pixels = np.where(film.excluded, np.zeros((), pixels.dtype), pixels)
    return replace(film, pixels=pixels, displays=displays, inverted=False)


def _turned(display: Display, top: int) -> Display:
    """Return the display that shows grey `top - v` as this one shows v, without inverting (DICOM PS3.3 C.11.2.1)."""
    if display.table:
        start = top - (display.table_start + len(display.table) - 1)
        highest = 2**display.table_bits - 1
        table = tuple(highest - value for value in display.table[::-1]) if display.inverted else display.table[::-1]
        return replace(display, table=table, table_start=start, inverted=False)
    # LINEAR counts from the middles of the values.
    center = top - display.center + (1 if display.function == "LINEAR" else 0)
    return replace(display, center=center, inverted=not display.inverted)


def _shape(shape: Shape, names: Pseudonyms) -> Shape:
    said, predicted = notes.noted(shape.extra), notes.noted(shape.extra, notes.PREDICTED)
    review = known(said, known_notes.ON_SHAPE)
    if notes.text(said, "reader"):
        review["reader"] = names.reader(notes.text(said, "reader"))
    before = said.get("before")
    if isinstance(before, Mapping):
        score = known_notes.number(before.get("score"))
        review["before"] = {"label": _label(before), "points": known_notes.points(before.get("points")), "score": score}
    model = known(predicted, known_notes.PREDICTED)
    if notes.text(predicted, "shape"):
        model["shape"] = names.shape(notes.text(predicted, "shape"))
    if "label" in predicted:
        model["label"] = _label(predicted)
    own = {name: value for name, value in (("review", review), ("predicted", model)) if value}
    extra: Json = MappingProxyType({NAMESPACE: own}) if own else EMPTY
    return Shape(
        names.shape(shape.id), _canonical(shape.label, shape.meaning), shape.polygon, shape.score, shape.group_id,
        extra=extra, meaning=shape.meaning,
    )  # fmt: skip


def _rejected(entry: Json, names: Pseudonyms) -> dict[str, Any]:
    kept = {**known(entry, known_notes.REJECTED), "shape": names.shape(notes.text(entry, "shape"))}
    return {**kept, "label": _label(entry), "reader": names.reader(notes.text(entry, "reader"))}


def _blind_read(read: Json, names: Pseudonyms) -> dict[str, Any]:
    shapes = read.get("shapes")
    kept = [
        {
            "id": names.shape(notes.text(one, "id")),
            "label": _label(one),
            "points": known_notes.points(one.get("points")),
        }
        for one in (shapes if isinstance(shapes, (list, tuple)) else ())
        if isinstance(one, Mapping)
    ]
    return {"shapes": kept, "reader": names.reader(notes.text(read, "reader"))}


def _foreign(shape: ForeignShape) -> ForeignShape:
    record = known(shape.record, known_notes.FOREIGN)
    if "mask" in record:
        record["mask"] = _packed_anew(record["mask"])
    return ForeignShape(MappingProxyType({"label": _label(shape.record), **record}), shape.position)


def _packed_anew(mask: str) -> str | None:
    """Return a mask's PNG encoded anew, without whatever texts it carried; None where it can't be decoded."""
    try:
        decoded = cv2.imdecode(np.frombuffer(base64.b64decode(mask), np.uint8), cv2.IMREAD_UNCHANGED)
    except (binascii.Error, ValueError, cv2.error):
        return None
    if decoded is None:
        return None
    _done, data = cv2.imencode(".png", decoded)
    return base64.b64encode(data.tobytes()).decode()


def _label(record: Json) -> str:
    return _canonical(notes.text(record, "label"), None)


def _canonical(label: str, meaning: Meaning | None) -> str:
    read = meaning or LabelTable().read(label)
    return UNNAMED if read.level is None or read.status is None else write_label(read.level, read.status)
