"""Tables of an export: one row a vertebra with its morphometry and decision, one row a predicted finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from engine.domain import notes
from engine.domain.annotation import Annotation, Shape, new_shape_id
from engine.domain.case import NOTICE, Prediction
from engine.domain.decisions import Decision, Verdict, attributes, decision_of, decisions_on, six_points
from engine.domain.labels import LabelTable
from engine.domain.matching import Match, match_shapes
from engine.domain.morphometry import VertebraMeasurement, measure_film
from engine.domain.polygon import polygon_iou
from engine.review.export_labels import Geometry

UNDECIDED = "undecided"

_LENGTHS = ("anterior_height", "middle_height", "posterior_height", "lowest_height", "depth")
FINDING_COLUMNS = (
    "film", "part", "label", "level", "status", "origin", "reader", "at", "predicted_label", "predicted_score",
    "acuity", "pathological", "implant", "level_certain", "genant_reader", "genant_suggested", "genant_borderline",
    "deformity", "anterior_loss_percent", "middle_loss_percent", "posterior_loss_percent", "judged_against",
    "wedge_angle_degrees", *(f"{name}_px" for name in _LENGTHS), *(f"{name}_mm" for name in _LENGTHS),
    "row_spacing_mm_per_px", "column_spacing_mm_per_px", "spacing_state", "facing", "facing_from", "points_by_hand",
    "quality", "not_measured_because", "area_px2", "x0_px", "y0_px", "x1_px", "y1_px", "vertices",
)  # fmt: skip
DECISION_COLUMNS = (
    "film", "part", "predicted_label", "predicted_level", "score", "model", "weights_sha256", "kind_at_first",
    "iou_at_first", "decision", "reason", "reader", "at", "label_now", "iou_now", "x0_px", "y0_px", "x1_px", "y1_px",
    "notice",
)  # fmt: skip

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class PredictedFinding:
    """A predicted finding with what was decided on it (None: nothing yet) and the reader's shape for it, if any."""

    predicted: Shape
    model: str
    weights_sha256: str
    decision: Decision | None
    now: Shape | None = None

    @property
    def verdict(self) -> str:
        """Return the decision in a word."""
        return UNDECIDED if self.decision is None else self.decision.verdict.value


def predicted_findings(annotation: Annotation, prediction: Prediction | None) -> tuple[PredictedFinding, ...]:
    """Return every predicted finding of a film that was decided on, by whatever model, and those that wait.

    Of those that wait only the present prediction's, from its model's score threshold on.
    """
    found = [*_accepted(annotation), *_rejected(annotation)]
    if prediction is None:
        return tuple(found)
    card = prediction.card
    above = [shape for shape in prediction.above(card.score_threshold) if shape.is_fracture]
    decided = decisions_on(annotation, above, card.sha256)
    waiting = (shape for shape in above if shape.id not in decided)
    found += [PredictedFinding(shape, card.name or card.model, card.sha256, None) for shape in waiting]
    return tuple(found)


def count_decisions(findings: Sequence[PredictedFinding], annotation: Annotation) -> dict[str, int]:
    """Return how often each decision stands; `confirmed` are the reader's findings that no model saw."""
    counts = Counter(one.verdict for one in findings)
    decided = [decision_of(shape) for shape in annotation.shapes]
    confirmed = sum(one is not None and one.verdict is Verdict.CONFIRMED for one in decided)
    counts[Verdict.CONFIRMED.value] = confirmed
    return {name: counts[name] for name in (*(one.value for one in Verdict), UNDECIDED)}


def decision_rows(findings: Sequence[PredictedFinding], original: Annotation | None) -> list[Row]:
    """Return a row for each predicted finding, without `film` and `part`; IoU 0 to 1, boxes in px.

    Without the annotation as first opened, nothing is said of how the finding stood to it.
    """
    at_first: dict[str, Match] = {}
    for weights in {one.weights_sha256 for one in findings} if original is not None else ():
        predicted = [one.predicted for one in findings if one.weights_sha256 == weights]
        matches = match_shapes(() if original is None else original.shapes, predicted)
        at_first.update({match.predicted.id: match for match in matches if match.predicted is not None})
    rows: list[Row] = []
    for one in findings:
        shape, decision, match = one.predicted, one.decision, at_first.get(one.predicted.id)
        reason = None if decision is None or decision.reason is None else decision.reason.value
        rows.append((
            shape.label, shape.level and shape.level.value, _rounded(shape.score, 4), one.model, one.weights_sha256,
            match and match.kind.value, _rounded(match.iou, 4) if match is not None and match.annotated else None,
            one.verdict, reason, decision and decision.reader, decision and decision.at, one.now and one.now.label,
            None if one.now is None else _rounded(min(1.0, polygon_iou(shape.polygon, one.now.polygon)), 4),
            *(round(value, 2) for value in shape.polygon.bounds), NOTICE,
        ))  # fmt: skip
    return rows


def finding_rows(annotation: Annotation, geometry: Geometry) -> list[Row]:
    """Return a row for each vertebra of a film, without `film` and `part`.

    Lengths are measured twice, in pixels and, where the spacing's plane is known, in mm; losses, grade and angle are
    those in mm, if there are any: with pixels that aren't square those in pixels are wrong.
    """
    by_hand = six_points(annotation)
    nothing: Mapping[str, VertebraMeasurement] = MappingProxyType({})
    in_px = in_mm = nothing
    if geometry.facing is not None:
        plain = measure_film(annotation.shapes, geometry.facing, by_hand=by_hand)
        in_px = in_mm = {one.shape_id: one for one in plain}
        if geometry.spacing is not None:
            scaled = measure_film(annotation.shapes, geometry.facing, geometry.spacing, by_hand=by_hand)
            in_mm = {one.shape_id: one for one in scaled}
    return [
        (
            *_who_and_what(shape), *_measures(in_mm.get(shape.id)), *_lengths(in_px.get(shape.id)),
            *(_lengths(in_mm.get(shape.id)) if geometry.spacing is not None else (None,) * len(_LENGTHS)),
            *(geometry.spacing or (None, None)), geometry.spacing_state, geometry.facing and geometry.facing.value,
            geometry.facing_from, shape.id in by_hand, *_quality(in_mm.get(shape.id)),
            round(shape.polygon.area, 2), *(round(value, 2) for value in shape.polygon.bounds), len(shape.polygon),
        )
        for shape in annotation.shapes
        if shape.level is not None
    ]  # fmt: skip


def _who_and_what(shape: Shape) -> Row:
    decision, said, own = decision_of(shape), notes.noted(shape.extra, notes.PREDICTED), attributes(shape)
    return (
        shape.label, shape.level and shape.level.value, shape.status and shape.status.value,
        "drawn" if decision is None else decision.verdict.value, decision and decision.reader, decision and decision.at,
        notes.text(said, "label") or None, _rounded(notes.number(said, "score"), 4), own.acuity.value, own.pathological,
        own.implant, own.level_certain, None if own.grade is None else int(own.grade),
    )  # fmt: skip


def _measures(measured: VertebraMeasurement | None) -> Row:
    if measured is None or measured.body is None:
        return (None,) * 8
    losses, grade = measured.losses, measured.grade
    percent = (None,) * 3 if losses is None else (losses.anterior, losses.middle, losses.posterior)
    against = "/".join(level.value for level in measured.references) or "the level's norm"
    return (
        None if grade is None else int(grade.grade),
        None if grade is None or grade.borderline is None else int(grade.borderline),
        measured.deformity and measured.deformity.value,
        *(None if loss is None else round(100 * loss, 1) for loss in percent),
        None if losses is None else against, round(measured.body.wedge_angle, 2),
    )  # fmt: skip


def _lengths(measured: VertebraMeasurement | None) -> Row:
    if measured is None or measured.body is None:
        return (None,) * len(_LENGTHS)
    body = measured.body
    return tuple(round(value, 2) for value in (*body.heights.values, body.minimum, body.depth))


def _quality(measured: VertebraMeasurement | None) -> Row:
    if measured is None:
        return (None, "nobody said which way the patient faces")
    if measured.body is None:
        return (None, measured.refusal)
    return ("; ".join(one.value for one in measured.body.quality), None)


def _accepted(annotation: Annotation) -> list[PredictedFinding]:
    found = []
    for shape in annotation.shapes:
        decision = decision_of(shape)
        if decision is not None and decision.verdict is not Verdict.CONFIRMED:
            said = notes.noted(shape.extra, notes.PREDICTED)
            predicted = _noted_shape(said) or shape
            weights = notes.text(said, "sha256")
            found.append(PredictedFinding(predicted, notes.text(said, "model"), weights, decision, shape))
    return found


def _rejected(annotation: Annotation) -> list[PredictedFinding]:
    entries = notes.noted(annotation.extra).get("rejected")
    found = []
    for entry in entries if isinstance(entries, (list, tuple)) else ():
        predicted = _noted_shape(entry) if isinstance(entry, Mapping) else None
        if predicted is not None:
            weights = notes.text(entry, "weights")
            decision = decisions_on(annotation, [predicted], weights).get(predicted.id)
            found.append(PredictedFinding(predicted, notes.text(entry, "model"), weights, decision))
    return found


def _noted_shape(said: Mapping[str, object]) -> Shape | None:
    """Return a predicted finding as it was noted with its decision, None where the note is broken."""
    polygon, score, label = notes.outline(said), notes.number(said, "score"), notes.text(said, "label")
    if polygon is None or score is None or not 0 <= score <= 1:
        return None
    return Shape(notes.text(said, "shape") or new_shape_id(), label, polygon, score, meaning=LabelTable().read(label))


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
