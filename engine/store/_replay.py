"""One film's journal, played from its first row to its last: steps, the place among them, and what files held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.domain.annotation import Annotation
from engine.store.snapshot import NOTHING, Delta, applied, picture_name, same

CHANGES = ("edit", "outside", "undo", "redo")
"""Kinds of rows after which an annotation may be another; "opened" and "saved" are the others."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One row: who did what to which film (its path below the folder), and when (ISO 8601, UTC).

    `kind` is "opened" (everything as it stood before the first edit), "edit", "undo", "redo", "saved" or "outside" (a
    change that another program made). `delta` is None for undo, redo and saved; `position` is the number of steps in
    force after an undo or redo. `file_sha256` names the labelme file that holds what this row led to, empty if none.
    """

    number: int
    film: str
    at: str
    reader: str
    kind: str
    text: str
    delta: Delta | None
    file_sha256: str
    joined: bool = False
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What undo takes back and redo does again: an edit, or several that were joined into one."""

    text: str
    before: Annotation
    after: Annotation
    at: str = ""
    reader: str = ""


@dataclass(frozen=True, slots=True)
class FileState:
    """What a labelme file of a known hash holds, and how many changes of the journal led to it."""

    annotation: Annotation
    changes: int


@dataclass(frozen=True, slots=True)
class History:
    """All that undo and redo can walk: `position` of the `steps` are in force.

    `files` are the labelme files that the journal knows, by sha256, `written` those that this program wrote; `changes`
    counts the rows that changed anything, undo and redo among them. `lost_picture`: labelme's copy of the film could
    not be found again.
    """

    original: Annotation
    original_sha256: str
    steps: tuple[Step, ...]
    position: int
    changes: int
    files: Mapping[str, FileState]
    lost_picture: bool = False
    written: frozenset[str] = frozenset()

    def holds(self, sha256: str, annotation: Annotation) -> bool:
        """Whether a file of this sha256 is known to hold just this annotation."""
        return sha256 in self.files and same(self.files[sha256].annotation, annotation)

    @property
    def current(self) -> Annotation:
        """Return the annotation with all steps up to `position` done."""
        return self.steps[self.position - 1].after if self.position else self.original


class Replay:
    """A film's journal so far; fed row by row, it says what the next row must hold."""

    def __init__(
        self, original: Annotation, sha256: str = "", also: Mapping[str, Annotation] = MappingProxyType({})
    ) -> None:
        """Begin with what stands on the disk, in a file of this sha256, before the journal has any row.

        `also` are other files of the film, by sha256.
        """
        self.number = 0
        self._base = (original, sha256)
        self.original, self.original_sha256 = original, sha256
        self.steps: list[Step] = []
        self.position = 0
        self.changes = 0
        self.states: dict[int, FileState] = {0: FileState(original, 0)}
        self.files: dict[str, FileState] = {sha256: self.states[0]} if sha256 else {}
        self.seen: dict[str, Annotation] = {}
        self.pictures: dict[str, str] = {}
        self.lost_picture = False
        self.keep_picture(original)
        for name, annotation in {**also, **({sha256: original} if sha256 else {})}.items():
            self.remember(annotation, name)

    @property
    def current(self) -> Annotation:
        """Return what the journal has come to."""
        return self.steps[self.position - 1].after if self.position else self.original

    def afresh(self) -> Replay:
        """Return the same before its first row, with all that is known of files and pictures."""
        fresh = Replay(*self._base)
        fresh.seen = {**fresh.seen, **self.seen}
        fresh.pictures = dict(self.pictures)
        return fresh

    def remember(self, annotation: Annotation, sha256: str) -> None:
        """Note what a file of this sha256 holds."""
        self.seen.pop(sha256, None)
        self.seen[sha256] = annotation
        self.keep_picture(annotation)

    def keep_picture(self, annotation: Annotation) -> None:
        """Remember labelme's copy of the film, for rows that name it by its hash."""
        data = annotation.image_data
        # Megabytes: hashed once, not with every edit.
        if data is not None and not any(data is known for known in self.pictures.values()):
            self.pictures[picture_name(annotation) or ""] = data

    def feed(self, entry: JournalEntry) -> None:
        """Take one row; raises ValueError for a row that doesn't fit."""
        if entry.kind == "opened":
            self._open(entry)
        elif entry.kind in ("edit", "outside"):
            self._step(entry)
        elif entry.kind in ("undo", "redo"):
            if entry.position is None or not 0 <= entry.position <= len(self.steps):
                raise ValueError(f"row {entry.number} goes to step {entry.position} of {len(self.steps)}")
            self.position = entry.position
        self.changes += entry.kind in CHANGES
        self.number = entry.number
        self.states[entry.number] = FileState(self.current, self.changes)
        if entry.file_sha256 and entry.kind in ("opened", "outside"):
            self.files[entry.file_sha256] = self.states[entry.number]

    def number_of(self, annotation: Annotation) -> int | None:
        """Return the newest row that led to this annotation, 0 for the beginning, None if none did."""
        return next((number for number in reversed(self.states) if same(self.states[number].annotation, annotation)),
                    None)  # fmt: skip

    def sha256_of(self, annotation: Annotation) -> str:
        """Return the hash of a file that was seen to hold just this annotation, empty if none was."""
        return next((name for name, held in reversed(self.seen.items()) if same(held, annotation)), "")

    def position_of(self, after: Annotation, kind: str) -> int | None:
        """Return how many steps are in force after an undo or redo that leads to `after`; None where none does."""
        ways = range(self.position - 1, -1, -1) if kind == "undo" else range(self.position + 1, len(self.steps) + 1)
        found = (at for at in ways if same(self.steps[at - 1].after if at else self.original, after))
        return next(found, None)

    def history(self, renderings: Mapping[str, int]) -> History:
        """Return all that was done; `renderings` are the rows, by sha256, whose annotations files were written of."""
        written = {name: self.states[number] for name, number in renderings.items() if number in self.states}
        return History(
            self.original, self.original_sha256, tuple(self.steps), self.position, self.changes,
            MappingProxyType({**self.files, **written}), self.lost_picture, frozenset(written) - {self.original_sha256},
        )  # fmt: skip

    def _open(self, entry: JournalEntry) -> None:
        self.original = self._after(entry, NOTHING)
        self.original_sha256 = entry.file_sha256
        self.states = {0: FileState(self.original, 0)}
        # What lay on the disk when it was read is no longer the beginning.
        self.files = {}

    def _step(self, entry: JournalEntry) -> None:
        before = self.current
        after = self._after(entry, before)
        del self.steps[self.position :]
        if entry.joined and self.steps:
            before = self.steps.pop().before
        self.steps.append(Step(entry.text, before, after, entry.at, entry.reader))
        self.position = len(self.steps)

    def _after(self, entry: JournalEntry, before: Annotation) -> Annotation:
        if entry.delta is None:
            raise ValueError(f"row {entry.number} says {entry.kind}, but not what changed")
        wanted = entry.delta.film.get("picture", (None, None))[1]
        self.lost_picture |= wanted is not None and wanted not in self.pictures
        return applied(entry.delta, before, self.pictures)
