"""A reader's work on films: open one, compare, save, and never lose what was done."""

from __future__ import annotations

from engine.review.agreement import Agreement, agreement, boundary_distance
from engine.review.findings import FilmFacts, FindingRow, finding_rows, measure_findings
from engine.review.summary import summarise
from engine.store.summaries import FilmSummary

__all__ = (
    "Agreement",
    "FilmFacts",
    "FilmSummary",
    "FindingRow",
    "agreement",
    "boundary_distance",
    "finding_rows",
    "measure_findings",
    "summarise",
)
