"""What the worklist shows of a film, kept so that 10,000 films show it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.domain.case import ReviewStatus
from engine.store._database import Database

_FIELDS = ("film_iou", "film_iou_now", "worst_iou", "agrees", "label_differs", "missed", "extra", "undecided",
           "nearest", "status", "flagged", "predicted")  # fmt: skip
"""The columns of the table and the fields of a summary, in one order."""


@dataclass(frozen=True, slots=True)
class FilmSummary:
    """What the worklist shows of a film.

    IoUs (0 to 1) are against the expert's masks as first opened, `film_iou_now` against the present ones; None where
    there is none. `worst_iou` is that of the worst pair. `agrees` to `extra` count matches against the masks as first
    opened, `undecided` the present disagreements that wait for a decision. `nearest` is the distance of the score that
    lies nearest to the threshold. `predicted`: a model has seen the film at all; `model` is what that one is called,
    kept as the row's stamp.
    """

    film_iou: float | None
    film_iou_now: float | None
    worst_iou: float | None
    agrees: int
    label_differs: int
    missed: int
    extra: int
    undecided: int
    nearest: float | None
    status: ReviewStatus
    flagged: bool
    predicted: bool = True
    model: str = ""


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A summary and the stamp it was kept with: what it was made of, so that an outdated one is known."""

    summary: FilmSummary
    stamp: str


def put_summaries(database: Database, rows: Mapping[str, SummaryRow]) -> None:
    """Keep the summaries of films, by their keys, all in one transaction; raises StoreError."""
    values = [(film, row.stamp, *_columns(row.summary)) for film, row in rows.items()]
    statement = f"INSERT OR REPLACE INTO summaries VALUES ({', '.join('?' * (2 + len(_FIELDS)))})"
    database.write(lambda connection: connection.executemany(statement, values))


def get_summaries(database: Database) -> Mapping[str, SummaryRow]:
    """Return all summaries by the films' keys; raises StoreError. 10,000 take a tenth of a second."""
    query = f"SELECT film, stamp, {', '.join(_FIELDS)} FROM summaries"
    rows = database.read(lambda connection: connection.execute(query).fetchall())
    statuses = {one.value: one for one in ReviewStatus}
    found = {}
    for film, stamp, *values in rows:
        # A status of a newer version counts as unread, so that the film is looked at.
        values[-3:] = statuses.get(values[-3], ReviewStatus.UNREAD), values[-2] == 1, values[-1] == 1
        found[film] = SummaryRow(FilmSummary(*values), stamp)
    return found


def _columns(summary: FilmSummary) -> tuple[object, ...]:
    return tuple(value.value if isinstance(value, ReviewStatus) else value
                 for value in (getattr(summary, name) for name in _FIELDS))  # fmt: skip
