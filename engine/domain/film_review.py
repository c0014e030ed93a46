"""What a reader says of a whole film: its status, a flag, which way the patient faces, a calibration, a blind read.

A confirmed negative is not an empty file: "no fracture" and "unusable" also stand in labelme's own flags, where
another program finds them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.domain import notes
from engine.domain.annotation import Annotation, Shape
from engine.domain.case import ReviewStatus
from engine.domain.edits import set_flags
from engine.domain.morphometry import Facing

STATUS_FLAGS = ((ReviewStatus.NO_FRACTURE, "no fracture"), (ReviewStatus.UNUSABLE, "unusable"))
"""The labelme flags that say the same as a status."""


@dataclass(frozen=True, slots=True)
class FilmReview:
    """Where the review of a film stands, who said so and when (ISO 8601, UTC).

    `blind`: a first read was committed before any prediction was shown.
    """

    status: ReviewStatus = ReviewStatus.UNREAD
    reader: str = ""
    at: str = ""
    flagged: bool = False
    comment: str = ""
    blind: bool = False


@dataclass(frozen=True, slots=True)
class BlindRead:
    """The findings and other shapes of a first read, as they stood when it was committed."""

    shapes: tuple[Shape, ...]
    reader: str
    at: str


def film_review(annotation: Annotation) -> FilmReview:
    """Return where the review of a film stands.

    Without a word of the reader it is in progress where decisions stand, and else unread. Findings drawn after a
    "no fracture" contradict it: such a film is in progress again.
    """
    said = notes.noted(annotation.extra)
    return FilmReview(
        _status(annotation),
        notes.text(said, "reader"),
        notes.text(said, "at"),
        said.get("flagged") is True,
        notes.text(said, "comment"),
        isinstance(said.get("blind_read"), Mapping),
    )


def set_film_review(
    annotation: Annotation,
    status: ReviewStatus | None = None,
    flagged: bool | None = None,
    comment: str | None = None,
    *,
    reader: str,
    at: str,
) -> Annotation:
    """Say where the review of a film stands; what is None stays as it is.

    Raises ValueError for "no fracture" while findings stand in the annotation.
    """
    said: dict[str, object] = {"reader": reader, "at": at}
    if status is not None:
        annotation = set_flags(annotation, _flags_for(annotation, status))
        said["status"] = status.value
    if flagged is not None:
        said["flagged"] = flagged
    if comment is not None:
        said["comment"] = comment or None
    return notes.note_on_film(annotation, said)


def consistent(annotation: Annotation) -> Annotation:
    """Take a "no fracture" back that findings contradict; for every edit that may have added one."""
    flag = dict(STATUS_FLAGS)[ReviewStatus.NO_FRACTURE]
    if not annotation.findings:
        return annotation
    if annotation.flags.get(flag):
        annotation = set_flags(annotation, {flag: False})
    if notes.text(notes.noted(annotation.extra), "status") == ReviewStatus.NO_FRACTURE.value:
        annotation = notes.note_on_film(annotation, {"status": ReviewStatus.IN_PROGRESS.value})
    return annotation


def set_facing(annotation: Annotation, facing: Facing | None) -> Annotation:
    """Say which way the patient faces; None leaves it to the film's own file again."""
    return notes.note_on_film(annotation, {"facing": None if facing is None else facing.value})


def facing(annotation: Annotation) -> Facing | None:
    """Return which way the reader said the patient faces."""
    said = notes.text(notes.noted(annotation.extra), "facing")
    return next((one for one in Facing if one.value == said), None)


def set_calibration(annotation: Annotation, mm_per_px: float | None) -> Annotation:
    """Keep the spacing that a known length gave, in mm a pixel both ways; None takes it back.

    Raises ValueError for a spacing that isn't positive.
    """
    if mm_per_px is not None and not (math.isfinite(mm_per_px) and mm_per_px > 0):
        raise ValueError(f"a calibration must be greater than 0 mm a pixel, got {mm_per_px}")
    return notes.note_on_film(annotation, {"mm_per_px": mm_per_px})


def calibration(annotation: Annotation) -> float | None:
    """Return the reader's calibration in mm a pixel."""
    found = notes.number(notes.noted(annotation.extra), "mm_per_px")
    return found if found is not None and found > 0 else None


def set_blind_read(annotation: Annotation, shapes: Sequence[Shape], reader: str, at: str) -> Annotation:
    """Commit the reader's first read; raises ValueError where one is committed already: there is only one first."""
    if film_review(annotation).blind:
        raise ValueError("the first read of this film is committed already")
    kept = [{"id": one.id, "label": one.label, "points": notes.listed(one.polygon.points)} for one in shapes]
    return notes.note_on_film(annotation, {"blind_read": {"shapes": kept, "reader": reader, "at": at}})


def blind_read(annotation: Annotation) -> BlindRead | None:
    """Return the first read, None where none was committed."""
    said = notes.noted(annotation.extra).get("blind_read")
    if not isinstance(said, Mapping):
        return None
    kept = said.get("shapes")
    shapes = []
    for number, one in enumerate(kept if isinstance(kept, Sequence) else ()):
        polygon = notes.outline(one) if isinstance(one, Mapping) else None
        if polygon is not None:
            shapes.append(Shape(notes.text(one, "id") or f"blind-{number}", notes.text(one, "label"), polygon))
    return BlindRead(tuple(shapes), notes.text(said, "reader"), notes.text(said, "at"))


def _status(annotation: Annotation) -> ReviewStatus:
    said = notes.noted(annotation.extra)
    status = next((one for one in ReviewStatus if one.value == said.get("status")), None)
    if status is None:
        # Set in labelme, or by another program.
        status = next((one for one, flag in STATUS_FLAGS if annotation.flags.get(flag)), None)
    if status is ReviewStatus.NO_FRACTURE and annotation.findings:
        return ReviewStatus.IN_PROGRESS
    if status is not None and status is not ReviewStatus.UNREAD:
        return status
    begun = bool(said.get("rejected")) or any(notes.noted(shape.extra).get("verdict") for shape in annotation.shapes)
    return ReviewStatus.IN_PROGRESS if begun else ReviewStatus.UNREAD


def _flags_for(annotation: Annotation, status: ReviewStatus) -> dict[str, bool]:
    """Return the flags to set: that of the status, and false for the others that stand in the file."""
    if status is ReviewStatus.NO_FRACTURE and annotation.findings:
        labels = ", ".join(shape.label for shape in annotation.findings)
        raise ValueError(f"this film has findings ({labels}): delete or relabel them before it is called no fracture")
    return {flag: one is status for one, flag in STATUS_FLAGS if one is status or flag in annotation.flags}
