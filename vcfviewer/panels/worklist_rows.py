"""One row of the worklist; the columns it is shown in, and the filters it may pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from types import MappingProxyType

from engine.data.worklist import WorkItem
from engine.domain.case import ReviewStatus
from engine.review import FilmSummary
from vcfviewer.panels.words import number, status_word
from vcfviewer.translation import QT_TRANSLATE_NOOP, translate

Value = float | int | str
"""What a column is sorted by; None beside it is an empty cell, always last."""


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One film of the worklist: `key` names it in the store, `name` is what is shown.

    `reason` says what is wrong with it (broken JSON, film gone, two films of one stem), empty where nothing is.
    `summary` is None until the film was compared.
    """

    key: str
    name: str
    item: WorkItem
    reason: str = ""
    summary: FilmSummary | None = None

    @property
    def status(self) -> ReviewStatus:
        """Where the film stands; unread until something is known."""
        return ReviewStatus.UNREAD if self.summary is None else self.summary.status

    @property
    def compared(self) -> FilmSummary | None:
        """The summary, if the model has spoken on the film: no film that wasn't predicted has figures, not even 0."""
        return None if self.summary is None or not self.summary.predicted else self.summary

    @property
    def is_flagged(self) -> bool:
        """Whether a reader flagged it."""
        return self.summary is not None and self.summary.flagged

    @property
    def is_blocked(self) -> bool:
        """Whether there is a reason and nothing else to show."""
        return bool(self.reason) and self.summary is None

    @property
    def has_second_line(self) -> bool:
        """Whether its reason stands below its figures."""
        return bool(self.reason) and self.summary is not None


class Column(IntEnum):
    """The columns, in their order."""

    FILM = 0
    STATUS = 1
    OPEN = 2
    FILM_IOU = 3
    WORST = 4
    MISSED = 5
    EXTRA = 6
    NEAREST = 7


@dataclass(frozen=True, slots=True)
class ColumnKind:
    """How a column is headed and explained, and what it is sorted by; `digits` are its decimals.

    `greatest_first`: the first click sorts downwards, for that is where a reader is needed.
    """

    title: str
    hint: str
    value: Callable[[WorkRow], Value | None]
    digits: int = 0
    greatest_first: bool = False


def _of_summary(read: Callable[[FilmSummary], float | int | None]) -> Callable[[WorkRow], Value | None]:
    """Read a figure of a comparison."""
    return lambda row: None if row.compared is None else read(row.compared)


_DIGITS = re.compile(r"\d+")


def _padded(digits: re.Match[str]) -> str:
    """Return a number so that film2 comes before film10; `natural_key` would take a quarter of a second for 10,000."""
    return digits.group().rjust(12, "0")


COLUMNS: Mapping[Column, ColumnKind] = MappingProxyType(
    {
        Column.FILM: ColumnKind(
            QT_TRANSLATE_NOOP("worklist", "Film"),
            QT_TRANSLATE_NOOP("worklist", "The film's file, and what is wrong with it."),
            lambda row: _DIGITS.sub(_padded, row.name.casefold()),
        ),
        Column.STATUS: ColumnKind(
            QT_TRANSLATE_NOOP("worklist", "Status"),
            QT_TRANSLATE_NOOP("worklist", "Where the film stands in the review."),
            lambda row: None if row.is_blocked else tuple(ReviewStatus).index(row.status),
        ),
        Column.OPEN: ColumnKind(
            QT_TRANSLATE_NOOP("worklist", "To decide"),
            QT_TRANSLATE_NOOP("worklist", "Disagreements on the film that nobody has decided yet."),
            _of_summary(lambda summary: summary.undecided),
            greatest_first=True,
        ),
        Column.FILM_IOU: ColumnKind(
            QT_TRANSLATE_NOOP("worklist", "Film IoU"),
            QT_TRANSLATE_NOOP(
                "worklist",
                "All findings of the model together against all of the expert's, as first opened. "
                "A dash: nothing on either side, or not compared yet.",
            ),
            _of_summary(lambda summary: summary.film_iou),
            2,
        ),
        Column.WORST: ColumnKind(
            QT_TRANSLATE_NOOP("worklist", "Worst pair"),
            QT_TRANSLATE_NOOP("worklist", "The lowest IoU of a pair of findings on the film."),
            _of_summary(lambda summary: summary.worst_iou),
            2,
        ),
        Column.MISSED: ColumnKind(
            QT_TRANSLATE_NOOP("worklist", "Missed"),
            QT_TRANSLATE_NOOP("worklist", "Findings of the expert that the model doesn't have."),
            _of_summary(lambda summary: summary.missed),
            greatest_first=True,
        ),
        Column.EXTRA: ColumnKind(
            QT_TRANSLATE_NOOP("worklist", "Extra"),
            QT_TRANSLATE_NOOP("worklist", "Findings of the model that the expert doesn't have."),
            _of_summary(lambda summary: summary.extra),
            greatest_first=True,
        ),
        Column.NEAREST: ColumnKind(
            QT_TRANSLATE_NOOP("worklist", "Score gap"),
            QT_TRANSLATE_NOOP(
                "worklist", "How far the nearest score lies from the threshold: near 0 the model was of two minds."
            ),
            _of_summary(lambda summary: summary.nearest),
            2,
        ),
    }
)


class WorkFilter(Enum):
    """Which films are shown."""

    ALL = QT_TRANSLATE_NOOP("worklist", "All films")
    UNREAD = QT_TRANSLATE_NOOP("worklist", "Unread")
    UNDECIDED = QT_TRANSLATE_NOOP("worklist", "Disagreements to decide")
    DISAGREEMENTS = QT_TRANSLATE_NOOP("worklist", "All disagreements")
    MISSED = QT_TRANSLATE_NOOP("worklist", "With missed findings")
    EXTRA = QT_TRANSLATE_NOOP("worklist", "With extra findings")
    FLAGGED = QT_TRANSLATE_NOOP("worklist", "Flagged")
    REVIEWED = QT_TRANSLATE_NOOP("worklist", "Reviewed")
    NO_FRACTURE = QT_TRANSLATE_NOOP("worklist", "No fracture")
    UNUSABLE = QT_TRANSLATE_NOOP("worklist", "Unusable")
    PROBLEMS = QT_TRANSLATE_NOOP("worklist", "Problems")

    @property
    def title(self) -> str:
        """Return the filter's name as it is shown."""
        return translated(self.value)

    def passes(self, row: WorkRow) -> bool:
        """Whether a film is shown under this filter. A reviewed film without fracture counts as reviewed, too."""
        summary = row.summary
        if self is WorkFilter.ALL:
            return True
        if self is WorkFilter.PROBLEMS:
            return bool(row.reason)
        if self is WorkFilter.UNREAD:
            return row.status is ReviewStatus.UNREAD and not row.is_blocked
        return summary is not None and _PASSES[self](summary)


_PASSES: Mapping[WorkFilter, Callable[[FilmSummary], bool]] = MappingProxyType(
    {
        WorkFilter.UNDECIDED: lambda summary: summary.undecided > 0,
        WorkFilter.DISAGREEMENTS: lambda summary: summary.label_differs + summary.missed + summary.extra > 0,
        WorkFilter.MISSED: lambda summary: summary.missed > 0,
        WorkFilter.EXTRA: lambda summary: summary.extra > 0,
        WorkFilter.FLAGGED: lambda summary: summary.flagged,
        WorkFilter.REVIEWED: lambda summary: summary.status in (ReviewStatus.REVIEWED, ReviewStatus.NO_FRACTURE),
        WorkFilter.NO_FRACTURE: lambda summary: summary.status is ReviewStatus.NO_FRACTURE,
        WorkFilter.UNUSABLE: lambda summary: summary.status is ReviewStatus.UNUSABLE,
    }
)


def translated(text: str) -> str:
    """Return a text of the worklist in the reader's language."""
    return translate("worklist", text)


def cell_text(row: WorkRow, column: Column) -> str:
    """Return what a cell shows; where a film is blocked, its status cell says so."""
    if column is Column.FILM:
        return row.name
    if column is Column.STATUS:
        if row.is_blocked:
            return translated(QT_TRANSLATE_NOOP("worklist", "can't be read"))
        mark = translated(QT_TRANSLATE_NOOP("worklist", "{status}, flagged"))
        return mark.format(status=status_word(row.status)) if row.is_flagged else status_word(row.status)
    kind = COLUMNS[column]
    value = kind.value(row)
    return number(None if value is None or isinstance(value, str) else value, kind.digits)


def row_text(row: WorkRow) -> str:
    """Return everything that is known of a film, a line each: for the tool tip."""
    lines = [row.name]
    if row.reason:
        lines.append(row.reason)
    summary = row.compared
    if summary is not None:
        if summary.model:
            lines.append(translated(QT_TRANSLATE_NOOP("worklist", "Model: {model}")).format(model=summary.model))
        counts = translated(
            QT_TRANSLATE_NOOP("worklist", "Agrees {agrees}, label differs {differs}, missed {missed}, extra {extra}")
        )
        lines.append(
            counts.format(
                agrees=summary.agrees, differs=summary.label_differs, missed=summary.missed, extra=summary.extra
            )
        )
        if summary.film_iou_now is not None and summary.film_iou_now != summary.film_iou:
            now = translated(QT_TRANSLATE_NOOP("worklist", "Film IoU {first} as first opened, {now} with your edits"))
            lines.append(now.format(first=number(summary.film_iou), now=number(summary.film_iou_now)))
    return "\n".join(lines)
