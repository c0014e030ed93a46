"""The findings of a film, side by side: one row for each that the expert, the model or the reader drew.

Decision: rows are made from the masks as first opened, and say beside them how it stands now. Rejected: matching the
present masks alone, by which accepting a prediction makes its IoU 1. Consequence: a row outlives the deletion of its
expert shape, and what the reader drew anew has a row without an original match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from engine.domain.annotation import Annotation, Shape
from engine.domain.decisions import Attributes, Decision, attributes, decision_of, decisions_on, six_points
from engine.domain.labels import Level
from engine.domain.matching import Match, MatchKind, match_shapes
from engine.domain.morphometry import Facing, VertebraMeasurement, measure_film
from engine.domain.polygon import Polygon, polygon_iou
from engine.domain.six_points import Spacing
from engine.review.agreement import Agreement, agreement

Bounds = tuple[float, float, float, float]
"""(x_min, y_min, x_max, y_max) in pixels of the film."""

NOTHING_MEASURED: Mapping[str, VertebraMeasurement] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What comparing needs to know of a film: facing, spacing in mm (row, column), and the weights that predicted."""

    facing: Facing | None = None
    spacing: Spacing | None = None
    weights_sha256: str = ""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding; `key` is the expert shape's id, or the predicted one's where the expert drew none.

    `match` is against the masks as first opened, None for what the reader drew since; `current` is the same now, the
    identical object where nothing changed, and None where neither side is left. `iou`, `dice` and the boundary's
    distance belong to `match` and are None without a partner, as `was` is; `now` belongs to the predicted finding and
    the shape that stands for it now. `expert` is that shape, None where it was deleted or never drawn. `bounds` holds
    both sides.
    """

    key: str
    match: Match | None
    current: Match | None
    level: Level | None
    label: str
    score: float | None
    iou: float | None
    iou_now: float | None
    dice: float | None
    boundary_distance: float | None
    boundary_mm: float | None
    kind: MatchKind
    measurement: VertebraMeasurement | None
    decision: Decision | None
    attributes: Attributes
    bounds: Bounds
    expert: Shape | None = None
    predicted: Shape | None = None
    was: Agreement | None = None
    now: Agreement | None = None

    @property
    def is_open(self) -> bool:
        """Whether the sides disagree, as the masks stand now, and nobody decided on it."""
        return self.decision is None and self.current is not None and self.current.kind is not MatchKind.AGREES


def finding_rows(
    original: Annotation,
    current: Annotation,
    predicted: Sequence[Shape],
    facts: FilmFacts,
    iou_threshold: float = 0.5,
    measured: Mapping[str, VertebraMeasurement] = NOTHING_MEASURED,
    previous: Sequence[FindingRow] = (),
) -> tuple[FindingRow, ...]:
    """Compare the findings of a film; `predicted` are those above the score threshold.

    Rows come in the order of the original matches, then what the reader drew since. `measured` comes from
    `measure_findings`, kept apart because measuring takes ten times as long as all the rest; without it no row has a
    measurement. `previous` are the rows before an edit, at the same spacing: pairs that it left alone aren't compared
    again.
    """
    compare = _Comparing(facts.spacing, previous)
    first = match_shapes(original.shapes, predicted, iou_threshold)
    same = original.findings == current.findings
    now = first if same else match_shapes(current.shapes, predicted, iou_threshold)
    decided = decisions_on(current, predicted, facts.weights_sha256)
    standing = {shape.id: shape for shape in current.shapes}
    rows: list[FindingRow] = []
    covered: set[str] = set()
    for match in first:
        decision = _decision(match, decided, standing)
        expert = _standing(match, decision, standing)
        present = match if same else _present(match, expert, now)
        if expert is None and present is not None:
            expert = present.annotated
        rows.append(_row(match, present, expert, decision, compare, measured))
        sides = (expert, match.annotated, None if present is None else present.annotated)
        covered |= {shape.id for shape in sides if shape is not None}
    for one in now:
        if one.annotated is not None and one.annotated.id not in covered:
            rows.append(_row(None, one, one.annotated, _decision(one, decided, standing), compare, measured))
    return tuple(rows)


def measure_findings(
    current: Annotation, predicted: Sequence[Shape], facts: FilmFacts
) -> Mapping[str, VertebraMeasurement]:
    """Measure every shape that stands on a film, and every predicted finding as if it stood there, by shape id.

    Empty where nobody knows which way the patient faces. Takes 1 to 2 ms a body.
    """
    if facts.facing is None:
        return NOTHING_MEASURED
    by_hand = six_points(current)
    found = {one.shape_id: one for one in measure_film(current.shapes, facts.facing, facts.spacing, by_hand=by_hand)}
    for shape in predicted:
        if shape.is_fracture and shape.id not in found:
            # One by one, and in the place of what the expert drew there: two bodies in one place have no axis.
            others = [one for one in current.shapes if polygon_iou(one.polygon, shape.polygon) < 0.1]
            found[shape.id] = measure_film((*others, shape), facts.facing, facts.spacing, by_hand=by_hand)[-1]
    return found


class _Comparing:
    """Compares outlines, each pair of them once; shapes never change, so that the same object is the same outline."""

    def __init__(self, spacing: Spacing | None, rows: Sequence[FindingRow]) -> None:
        self._spacing = spacing
        self._known: dict[tuple[int, int], tuple[Polygon, Polygon, Agreement]] = {}
        for row in rows:
            self._keep(None if row.match is None else row.match.annotated, row.predicted, row.was)
            self._keep(row.expert, row.predicted, row.now)

    def pair(self, expert: Shape | None, predicted: Shape | None) -> Agreement | None:
        """Return how two shapes agree, None where one is missing."""
        if expert is None or predicted is None:
            return None
        found = self._known.get((id(expert.polygon), id(predicted.polygon)))
        if found is None:
            self._keep(expert, predicted, agreement(expert.polygon, predicted.polygon, self._spacing))
            found = self._known[id(expert.polygon), id(predicted.polygon)]
        return found[2]

    def _keep(self, expert: Shape | None, predicted: Shape | None, known: Agreement | None) -> None:
        if expert is not None and predicted is not None and known is not None:
            # The outlines are kept too, so that no other object gets their ids.
            pair = (expert.polygon, predicted.polygon)
            self._known[id(pair[0]), id(pair[1])] = (*pair, known)


def _decision(match: Match, decided: Mapping[str, Decision], standing: Mapping[str, Shape]) -> Decision | None:
    """Return the decision on the predicted side, else the confirmation of the expert's."""
    on_predicted = None if match.predicted is None else decided.get(match.predicted.id)
    if on_predicted is not None or match.annotated is None or match.annotated.id not in standing:
        return on_predicted
    return decision_of(standing[match.annotated.id])


def _standing(match: Match, decision: Decision | None, standing: Mapping[str, Shape]) -> Shape | None:
    """Return the reader's shape for a finding as it stands: the one accepted for it, else the expert's own."""
    accepted = None if decision is None else standing.get(decision.shape_id)
    if accepted is not None or match.annotated is None:
        return accepted
    return standing.get(match.annotated.id)


def _present(match: Match, expert: Shape | None, now: Sequence[Match]) -> Match | None:
    """Return how a finding is matched now: by its predicted side, else by the reader's shape."""
    wanted = match.predicted
    if wanted is not None:
        return next((one for one in now if one.predicted is not None and one.predicted.id == wanted.id), None)
    return next((one for one in now if expert and one.annotated is not None and one.annotated.id == expert.id), None)


def _row(
    match: Match | None,
    present: Match | None,
    expert: Shape | None,
    decision: Decision | None,
    compare: _Comparing,
    measured: Mapping[str, VertebraMeasurement],
) -> FindingRow:
    first = match if match is not None else present
    if first is None:
        raise ValueError("a row needs a match, as first opened or now")
    predicted = first.predicted
    shown = expert or first.annotated or predicted
    key = first.annotated or predicted
    if shown is None or key is None:
        raise ValueError("a match needs at least one side")
    was = None if match is None else compare.pair(match.annotated, predicted)
    now = compare.pair(expert, predicted)
    return FindingRow(
        key=key.id,
        match=match,
        current=present,
        level=shown.level,
        label=shown.label,
        score=None if predicted is None else predicted.score,
        iou=None if was is None else was.iou,
        iou_now=None if now is None else now.iou,
        dice=None if was is None else was.dice,
        boundary_distance=None if was is None else was.boundary_distance,
        boundary_mm=None if was is None else was.boundary_mm,
        kind=first.kind,
        measurement=measured.get(shown.id),
        decision=decision,
        attributes=Attributes() if expert is None else attributes(expert),
        bounds=_bounds(first.annotated, predicted, expert),
        expert=expert,
        predicted=predicted,
        was=was,
        now=now,
    )


def _bounds(*shapes: Shape | None) -> Bounds:
    boxes = np.array([shape.polygon.bounds for shape in shapes if shape is not None])
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
