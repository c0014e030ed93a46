"""What the worklist shows of a film."""

from __future__ import annotations

from collections.abc import Sequence

from engine.domain.annotation import Annotation
from engine.domain.case import Prediction
from engine.domain.decisions import film_review
from engine.domain.matching import MatchKind, film_iou
from engine.review.findings import FilmFacts, FindingRow, finding_rows
from engine.store.summaries import FilmSummary


def summarise(
    original: Annotation,
    current: Annotation,
    prediction: Prediction | None,
    threshold: float,
    iou_threshold: float,
    *,
    annotated: bool = True,
    blind: bool = False,
    rows: Sequence[FindingRow] | None = None,
) -> FilmSummary:
    """Summarise a film at a score threshold; `annotated` is False where no expert has annotated it at all.

    Such a film has no film IoU: there was nothing to agree with. `blind`: no figure of the model's before the reader
    committed a first read. `rows` are those of just these findings at this threshold, where they are at hand.
    """
    review = film_review(current)
    if prediction is None or (blind and not review.blind):
        return FilmSummary(None, None, None, 0, 0, 0, 0, 0, None, review.status, review.flagged, predicted=False)
    shown = prediction.above(threshold)
    if rows is None:
        facts = FilmFacts(weights_sha256=prediction.card.sha256)
        rows = finding_rows(original, current, shown, facts, iou_threshold)
    kinds = [row.kind for row in rows if row.match is not None]
    ious = [row.iou for row in rows if row.iou is not None]
    gaps = [abs(one.score - threshold) for one in prediction.shapes if one.is_fracture and one.score is not None]
    return FilmSummary(
        film_iou=film_iou(original.shapes, shown) if annotated else None,
        film_iou_now=film_iou(current.shapes, shown) if annotated or current.shapes else None,
        worst_iou=min(ious, default=None),
        agrees=kinds.count(MatchKind.AGREES),
        label_differs=kinds.count(MatchKind.LABEL_DIFFERS),
        missed=kinds.count(MatchKind.MISSED),
        extra=kinds.count(MatchKind.EXTRA),
        undecided=sum(row.is_open for row in rows),
        nearest=min(gaps, default=None),
        status=review.status,
        flagged=review.flagged,
        model=prediction.card.name or prediction.card.model,
    )
