"""A reader's work on films: open one, compare, save, and never lose what was done."""

from __future__ import annotations

from engine.review.agreement import Agreement, agreement, boundary_distance
from engine.review.findings import FilmFacts, FindingRow, finding_rows, measure_findings
from engine.review.pairs import PairedFilm, PairRow, Standing, pair_models
from engine.review.summary import summarise
from engine.store.summaries import FilmSummary

__all__ = (
    "Agreement",
    "FilmFacts",
    "FilmSummary",
    "FindingRow",
    "PairRow",
    "PairedFilm",
    "Standing",
    "agreement",
    "boundary_distance",
    "finding_rows",
    "measure_findings",
    "pair_models",
    "summarise",
)
