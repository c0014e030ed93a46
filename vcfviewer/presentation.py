"""How findings are drawn: rows and annotation -> shapes with side, kind and caption. Pure functions, no widgets."""

from __future__ import annotations

from collections.abc import Mapping

from engine.domain.decisions import Decision, Verdict, six_points
from engine.domain.matching import MatchKind
from engine.domain.six_points import SixPoints
from engine.review import FindingRow
from vcfviewer.canvas.values import DrawnShape, Side
from vcfviewer.session.case import CaseSession
from vcfviewer.session.second import SecondModel


def expert_shapes(case: CaseSession, editable: bool) -> tuple[DrawnShape, ...]:
    """Return the annotation's shapes as they are drawn."""
    if case.annotation is None:
        return ()
    rows = {row.expert.id: row for row in case.rows if row.expert is not None}
    drawn = []
    for shape in case.annotation.shapes:
        row = rows.get(shape.id)
        kind = None if row is None or case.prediction is None or case.hidden else _kind(row)
        drawn.append(
            DrawnShape(shape, Side.EXPERT, kind, shape.label, editable, _word(None if row is None else row.decision))
        )
    return tuple(drawn)


def model_shapes(case: CaseSession) -> tuple[DrawnShape, ...]:
    """Return the model's findings as they are drawn, each with its score and the IoU of its pair."""
    rows = {row.predicted.id: row for row in case.rows if row.predicted is not None}
    drawn = []
    for shape in case.predicted:
        row = rows.get(shape.id)
        caption = f"{shape.label} {shape.score or 0:.2f}"
        if row is not None and row.iou is not None:
            caption += f" · IoU {row.iou:.2f}"
        decision = None if row is None else row.decision
        drawn.append(DrawnShape(shape, Side.MODEL, None if row is None else row.kind, caption, False, _word(decision)))
    return tuple(drawn)


def shapes_of_two(second: SecondModel) -> tuple[tuple[DrawnShape, ...], tuple[DrawnShape, ...]]:
    """Return A's and B's findings as they are drawn, each with its score and the IoU of its pair."""
    rows = second.paired.rows
    known = {shape.id: row for row in rows for shape in (row.first, row.second) if shape is not None}
    drawn: list[tuple[DrawnShape, ...]] = []
    for letter, side, shapes in zip("AB", (Side.EXPERT, Side.MODEL), second.shown, strict=True):
        found = []
        for shape in shapes:
            row = known.get(shape.id)
            caption = f"{letter}: {shape.label} {shape.score or 0:.2f}"
            if row is not None and row.agreement is not None:
                caption += f" · IoU {row.agreement.iou:.2f}"
            found.append(DrawnShape(shape, side, None if row is None else row.kind, caption))
        drawn.append(tuple(found))
    return drawn[0], drawn[1]


def expert_outlines(case: CaseSession) -> tuple[DrawnShape, ...]:
    """Return the expert's findings as first opened, as thin outlines behind those of two models."""
    if case.case is None or not case.case.annotated:
        return ()
    return tuple(DrawnShape(shape, Side.EXPERT) for shape in case.case.original.findings)


def drawn_six_points(case: CaseSession) -> Mapping[str, SixPoints]:
    """Return the six points of the finding in question, and those that a reader set."""
    if case.annotation is None:
        return {}
    points = dict(six_points(case.annotation))
    row = case.row()
    if row is not None and row.measurement is not None and row.measurement.body is not None:
        points.setdefault(row.measurement.shape_id, row.measurement.body.points)
    return points


def _kind(row: FindingRow) -> MatchKind:
    return row.current.kind if row.current is not None and row.match is None else row.kind


def _word(decision: Decision | None) -> str:
    if decision is None:
        return ""
    # The scene's own words, which it translates; a confirmed finding of the expert's is drawn as an accepted one.
    words = {Verdict.EDITED: "edited", Verdict.REJECTED: "rejected"}
    return words.get(decision.verdict, "accepted")
