"""A reader's decisions on findings, each a pure function: (Annotation, ...) -> Annotation.

Decision: they are kept in the annotation itself, an accepted finding on the reader's shape and a rejected one with the
film, with the model's outline, so that a labelme file says alone what was decided on what. Rejected: a table of
decisions in the store, which a copied file would lose. Consequence: predictions made anew, under new ids, are known
again by the weights and the outline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np

from engine.domain import notes
from engine.domain.annotation import Annotation, Json, Shape, new_shape_id
from engine.domain.attributes import (
    Acuity,
    Attributes,
    attributes,
    clear_grade,
    set_attributes,
    set_six_points,
    six_points,
)
from engine.domain.case import ModelCard
from engine.domain.edits import add_shape, delete_shapes
from engine.domain.film_review import (
    BlindRead,
    FilmReview,
    blind_read,
    calibration,
    consistent,
    facing,
    film_review,
    set_blind_read,
    set_calibration,
    set_facing,
    set_film_review,
)
from engine.domain.labels import LabelTable, Level, Meaning, Status
from engine.domain.matching import iou_matrix, pair_greedily
from engine.domain.polygon import Polygon

__all__ = (
    "Acuity", "Attributes", "BlindRead", "Decision", "FilmReview", "RejectReason", "Verdict", "accept", "accept_all",
    "attributes", "blind_read", "calibration", "clear_grade", "confirm", "consistent", "decision_of", "decision_on",
    "decisions_on", "facing", "film_review", "reject", "set_attributes", "set_blind_read", "set_calibration",
    "set_facing", "set_film_review", "set_six_points", "six_points", "withdraw",
)  # fmt: skip

SAME_FINDING = 0.9
"""From this IoU on, two outlines of one model on one film are one finding: the network isn't exact to the last bit."""


class RejectReason(Enum):
    """Why a predicted finding is none, in the order of the keys 1 to 5."""

    PARALLAX = "parallax or scoliosis contour"
    SCHMORL = "Schmorl's node"
    DEGENERATIVE = "degenerative or Scheuermann"
    ARTEFACT = "artefact or implant"
    OTHER = "other"


class Verdict(Enum):
    """What a reader decided: on a predicted finding, or (CONFIRMED) on one of the expert's that the model missed."""

    ACCEPTED = "accepted"
    EDITED = "accepted with edit"
    REJECTED = "rejected"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, who gave it and when (ISO 8601, UTC); `shape_id` is the reader's shape, empty where there is none."""

    verdict: Verdict
    reason: RejectReason | None
    reader: str
    at: str
    shape_id: str


def accept(
    annotation: Annotation, predicted: Shape, card: ModelCard | None, partner_id: str | None, reader: str, at: str
) -> Annotation:
    """Make the model's outline and label the reader's.

    The partner (the expert's shape that it was paired with) keeps its id and takes both; without one a new shape is
    added. A finding that was accepted before goes back to what the model said, a rejection is taken back. Raises
    ValueError for a partner that isn't there.
    """
    weights = "" if card is None else card.sha256
    earlier = _kept(annotation, predicted, weights)
    if earlier is not None and earlier.place is not None:
        annotation = _without_rejection(annotation, earlier.place)
    if earlier is not None and earlier.shape is not None:
        partner_id = earlier.shape.id
    said = {
        "shape": predicted.id, "label": predicted.label, "score": predicted.score, "sha256": weights or None,
        "model": None if card is None else card.name or card.model, "points": notes.listed(predicted.polygon.points),
    }  # fmt: skip
    verdict: dict[str, Any] = {"verdict": Verdict.ACCEPTED.value, "reader": reader, "at": at}
    if partner_id is None:
        added = Shape(new_shape_id(), predicted.label, predicted.polygon, meaning=predicted.meaning)
        annotation = add_shape(annotation, _decided(added, said, {**verdict, "added": True}))
    else:
        partner = notes.named_shape(annotation, partner_id)
        if earlier is None or earlier.shape is None:
            verdict["before"] = _as_it_was(partner)
        taken = replace(
            partner, polygon=predicted.polygon, label=predicted.label, meaning=predicted.meaning, score=None
        )
        annotation = notes.with_shapes(annotation, [_decided(taken, said, verdict)])
    return consistent(annotation)


def accept_all(
    annotation: Annotation,
    pairs: Sequence[tuple[Shape, str | None]],
    card: ModelCard | None,
    reader: str,
    at: str,
) -> Annotation:
    """Accept several predicted findings, each with the id of its partner or None.

    Raises ValueError where two of them have one partner.
    """
    partners = [partner for _, partner in pairs if partner is not None]
    if len(set(partners)) != len(partners):
        raise ValueError("two predicted findings can't be accepted for one and the same shape")
    for predicted, partner in pairs:
        annotation = accept(annotation, predicted, card, partner, reader, at)
    return annotation


def reject(
    annotation: Annotation, predicted: Shape, card: ModelCard | None, reason: RejectReason, reader: str, at: str
) -> Annotation:
    """Call a predicted finding none; what was accepted of it before is taken back. The film keeps what it was."""
    weights = "" if card is None else card.sha256
    if _kept(annotation, predicted, weights) is not None:
        annotation = withdraw(annotation, predicted, weights)
    entry = {
        "shape": predicted.id, "label": predicted.label, "score": predicted.score,
        "points": notes.listed(predicted.polygon.points), "weights": weights,
        "model": "" if card is None else card.name or card.model, "reason": reason.value, "reader": reader, "at": at,
    }  # fmt: skip
    return notes.note_on_film(annotation, {"rejected": [*_rejected(annotation), entry]})


def confirm(annotation: Annotation, shape_id: str, reader: str, at: str) -> Annotation:
    """Say that a finding of the expert's stands, though no model saw it; a score that it had is dropped."""
    shape = replace(notes.named_shape(annotation, shape_id), score=None)
    said = {"verdict": Verdict.CONFIRMED.value, "reader": reader, "at": at}
    return notes.with_shapes(annotation, [notes.note_on_shape(shape, said)])


def withdraw(annotation: Annotation, finding: Shape, weights_sha256: str = "") -> Annotation:
    """Take the decision on a predicted finding, or the confirmation of an expert's, back.

    A shape that acceptance added is deleted, one that it changed gets its label and outline back. Raises ValueError
    where nothing was decided.
    """
    earlier = _kept(annotation, finding, weights_sha256)
    if earlier is None:
        confirmed = next((one for one in annotation.shapes if one.id == finding.id and decision_of(one)), None)
        if confirmed is None:
            raise ValueError(f"nothing was decided on this {finding.label}")
        return notes.with_shapes(annotation, [_undecided(confirmed)])
    if earlier.place is not None:
        return _without_rejection(annotation, earlier.place)
    shape = notes.named_shape(annotation, earlier.decision.shape_id)
    if notes.noted(shape.extra).get("added") is True:
        return delete_shapes(annotation, [shape.id])
    return notes.with_shapes(annotation, [_undecided(shape)])


def decision_of(shape: Shape) -> Decision | None:
    """Return the decision that stands on a shape of the annotation."""
    said = notes.noted(shape.extra)
    verdict = next((one for one in Verdict if one.value == said.get("verdict")), None)
    if verdict not in (Verdict.ACCEPTED, Verdict.CONFIRMED):
        return None
    if verdict is Verdict.ACCEPTED and _was_edited(shape):
        verdict = Verdict.EDITED
    return Decision(verdict, None, notes.text(said, "reader"), notes.text(said, "at"), shape.id)


def decision_on(annotation: Annotation, predicted: Shape, weights_sha256: str = "") -> Decision | None:
    """Return the decision on a predicted finding: by its id, else by the same weights and an IoU of 0.9 or more."""
    return decisions_on(annotation, [predicted], weights_sha256).get(predicted.id)


def decisions_on(
    annotation: Annotation, predicted: Sequence[Shape], weights_sha256: str = ""
) -> Mapping[str, Decision]:
    """Return the decisions on predicted findings, by their ids; those without one are left out."""
    return {shape_id: one.decision for shape_id, one in _all_kept(annotation, predicted, weights_sha256).items()}


@dataclass(frozen=True, slots=True)
class _Kept:
    """A decision on a predicted finding as the annotation keeps it: on a `shape`, or at a `place` of the rejected."""

    decision: Decision
    predicted_id: str
    weights: str
    points: Json
    shape: Shape | None = None
    place: int | None = None


def _kept(annotation: Annotation, predicted: Shape, weights: str) -> _Kept | None:
    return _all_kept(annotation, [predicted], weights).get(predicted.id)


def _all_kept(annotation: Annotation, predicted: Sequence[Shape], weights: str) -> dict[str, _Kept]:
    kept = [*_accepted_ones(annotation), *_rejected_ones(annotation)]
    by_id = {one.predicted_id: one for one in kept if one.predicted_id}
    found = {shape.id: by_id[shape.id] for shape in predicted if shape.id in by_id}
    taken = {one.predicted_id for one in found.values()}
    others = [(one, notes.outline(one.points)) for one in kept if one.weights == weights != ""]
    free = [(one, polygon) for one, polygon in others if polygon is not None and one.predicted_id not in taken]
    rest = [shape for shape in predicted if shape.id not in found]
    ious = iou_matrix([shape.polygon for shape in rest], [polygon for _, polygon in free], SAME_FINDING)
    # Findings of two levels may lie on one body.
    same_label = [[notes.text(one.points, "label") == shape.label for one, _ in free] for shape in rest]
    allowed = np.asarray(same_label, np.bool_).reshape(ious.shape)
    partners = pair_greedily(np.where(allowed, ious, -1), SAME_FINDING)
    return found | {shape.id: free[at][0] for shape, at in zip(rest, partners, strict=True) if at is not None}


def _accepted_ones(annotation: Annotation) -> Iterable[_Kept]:
    for shape in annotation.shapes:
        decision = decision_of(shape)
        if decision is not None and decision.verdict is not Verdict.CONFIRMED:
            said = notes.noted(shape.extra, notes.PREDICTED)
            yield _Kept(decision, notes.text(said, "shape"), notes.text(said, "sha256"), said, shape=shape)


def _rejected_ones(annotation: Annotation) -> Iterable[_Kept]:
    for place, entry in enumerate(_rejected(annotation)):
        if isinstance(entry, Mapping):
            reason = next((one for one in RejectReason if one.value == entry.get("reason")), RejectReason.OTHER)
            decision = Decision(Verdict.REJECTED, reason, notes.text(entry, "reader"), notes.text(entry, "at"), "")
            yield _Kept(decision, notes.text(entry, "shape"), notes.text(entry, "weights"), entry, place=place)


def _rejected(annotation: Annotation) -> Sequence[Any]:
    entries = notes.noted(annotation.extra).get("rejected")
    return [notes.carried(entry) for entry in entries] if isinstance(entries, list) else ()


def _without_rejection(annotation: Annotation, place: int) -> Annotation:
    rest = [entry for at, entry in enumerate(_rejected(annotation)) if at != place]
    return notes.note_on_film(annotation, {"rejected": rest or None})


def _decided(shape: Shape, said: Mapping[str, Any], verdict: Mapping[str, Any]) -> Shape:
    extra = notes.with_notes(notes.without_notes(shape.extra, notes.PREDICTED), said, notes.PREDICTED)
    return notes.note_on_shape(replace(shape, extra=extra), verdict)


def _as_it_was(shape: Shape) -> dict[str, Any]:
    kept = {"label": shape.label, "points": notes.listed(shape.polygon.points), "score": shape.score}
    meaning = shape.meaning
    if meaning is not None and meaning != LabelTable().read(shape.label):
        # A user's own label table reads it otherwise.
        kept["level"] = None if meaning.level is None else meaning.level.value
        kept["status"] = None if meaning.status is None else meaning.status.value
    predicted = notes.carried(notes.noted(shape.extra, notes.PREDICTED))
    return {name: value for name, value in {**kept, "predicted": predicted or None}.items() if value is not None}


def _undecided(shape: Shape) -> Shape:
    """Return a shape without its decision: with the label and outline from before it, where it changed them."""
    said = notes.noted(shape.extra)
    before = said.get("before")
    shape = notes.note_on_shape(shape, dict.fromkeys(("verdict", "reader", "at", "before", "added")))
    if not isinstance(before, Mapping):
        return shape
    polygon = notes.outline(before)
    extra = notes.without_notes(shape.extra, notes.PREDICTED)
    predicted = before.get("predicted")
    if isinstance(predicted, Mapping):
        extra = notes.with_notes(extra, predicted, notes.PREDICTED)
    label = notes.text(before, "label") or shape.label
    return Shape(
        shape.id, label, shape.polygon if polygon is None else polygon, notes.number(before, "score"),
        shape.group_id, shape.flags, extra, _meaning_before(before, label),
    )  # fmt: skip


def _meaning_before(before: Json, label: str) -> Meaning:
    if "level" not in before and "status" not in before:
        return LabelTable().read(label)
    level = next((one for one in Level if one.value == before.get("level")), None)
    return Meaning(level, next((one for one in Status if one.value == before.get("status")), None))


def _was_edited(shape: Shape) -> bool:
    """Whether an accepted shape is no longer what the model said."""
    said = notes.noted(shape.extra, notes.PREDICTED)
    polygon: Polygon | None = notes.outline(said)
    return notes.text(said, "label") != shape.label or (polygon is not None and polygon != shape.polygon)
