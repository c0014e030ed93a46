"""The append-only journal: who changed which shapes of which film and when, from which undo is rebuilt after a restart.

Decision: a row holds only what changed, before and after; the first one of a film holds everything as it stood before,
so that the journal needs no file to be played again. Rejected: relying on the file kept beside as the original, which
a film without annotation has not. Consequence: shape ids come from the journal, also where the file gives none.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TypeVar

from engine.domain.annotation import Annotation
from engine.store._database import Database, StoreError
from engine.store._replay import CHANGES, FileState, History, JournalEntry, Replay, Step
from engine.store.snapshot import NOTHING, difference, packed, same, unpacked

__all__ = ("OUTSIDE_TEXT", "FileState", "History", "Journal", "JournalEntry", "Step", "utc_now")

T = TypeVar("T")

OUTSIDE_TEXT = "Changed outside the journal"
"""Names the step by which the journal takes up a change that it hasn't seen happen."""

_MOST_FILMS = 32
_COLUMNS = "number, film, at, reader, kind, text, delta, file_sha256, joined, position"


def utc_now() -> str:
    """Return the present time, ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Journal:
    """The journal of one store, for every thread; the films worked on last are kept as they were played."""

    def __init__(self, database: Database, reader: str) -> None:
        """Write rows in this reader's name."""
        self._database = database
        self._reader = reader
        self._lock = threading.RLock()
        self._played: OrderedDict[str, Replay] = OrderedDict()
        self._unsure: set[str] = set()

    def history(
        self, film: str, base: Annotation, sha256: str, also: Mapping[str, Annotation] = MappingProxyType({})
    ) -> History:
        """Return what was done to a film; `base` is what a file of this sha256 holds (empty: there is no file).

        Where the film has no journal it begins with `base`. `also` are other files of the film, by sha256. Nothing is
        written: what nobody edits has no journal. Raises StoreError.
        """

        def work(connection: sqlite3.Connection) -> History:
            replay = self._played.get(film)
            if replay is not None and (replay.number == 0 or replay.lost_picture or film in self._unsure):
                del self._played[film]
            replay = self._caught_up(connection, film, base, sha256, also)
            return replay.history(_renderings(connection, film))

        with self._lock:
            return self._database.read(work)

    def recorded(self, film: str) -> History | None:
        """Return what the journal says of a film, None where it says nothing. Raises StoreError."""

        def work(connection: sqlite3.Connection) -> History | None:
            # Whoever looks through a whole folder mustn't drive the open film out.
            replay = self._caught_up(connection, film, NOTHING, "", keep=film in self._played)
            return replay.history(_renderings(connection, film)) if replay.number else None

        with self._lock:
            return self._database.read(work)

    def seen(self, film: str, annotation: Annotation, sha256: str) -> None:
        """Say what a file of this sha256 holds, so that the row that takes it up can name the file."""
        with self._lock:
            self._database.read(lambda connection: self._caught_up(connection, film, NOTHING, "")).remember(
                annotation, sha256
            )

    def record(
        self, film: str, kind: str, text: str, before: Annotation, after: Annotation, *, joined: bool = False
    ) -> JournalEntry:
        """Write an "edit", "undo", "redo" or "outside" change, on the disk when this returns.

        `joined` makes one step of this edit and the one before. Where `before` isn't what the journal had come to (a
        row that could not be written, another program's change), a row of kind "outside" takes that up first; an undo
        or redo that leads to none of the steps is written as an edit. Raises StoreError, then nothing was written.
        """
        if kind not in CHANGES:
            raise ValueError(f"expected one of {', '.join(CHANGES)}, got {kind!r}")

        def work(connection: sqlite3.Connection) -> JournalEntry:
            replay = self._caught_up(connection, film, before, "")
            self._unsure.add(film)
            if replay.number == 0:
                self._append(connection, film, replay, "opened", "", replay.original)
            if not same(replay.current, before):
                self._append(connection, film, replay, "outside", OUTSIDE_TEXT, before)
            position = replay.position_of(after, kind) if kind in ("undo", "redo") else None
            plain = "edit" if kind in ("undo", "redo") and position is None else kind
            return self._append(connection, film, replay, plain, text, after, joined=joined, position=position)

        return self._write(film, work)

    def saving(self, film: str, annotation: Annotation, sha256: str) -> bool:
        """Note, before a file of this sha256 is written, which state of the journal it will hold.

        So a kill between the two is told from another program's change. False where the journal never came to this
        annotation. Raises StoreError.
        """

        def work(connection: sqlite3.Connection) -> bool:
            replay = self._caught_up(connection, film, NOTHING, "")
            number = replay.number_of(annotation) if replay.number else None
            if number is None:
                return False
            connection.execute("INSERT OR IGNORE INTO renderings VALUES (?, ?, ?)", (film, sha256, number))
            return True

        return self._write(film, work)

    def saved(self, film: str, sha256: str) -> JournalEntry:
        """Note that a file of this sha256 was written; raises StoreError."""

        def work(connection: sqlite3.Connection) -> JournalEntry:
            replay = self._caught_up(connection, film, NOTHING, "")
            self._unsure.add(film)
            return self._append(connection, film, replay, "saved", "", replay.current, sha256=sha256)

        return self._write(film, work)

    def entries(self, film: str) -> tuple[JournalEntry, ...]:
        """Return a film's rows, oldest first: the audit trail. Raises StoreError."""
        return self._database.read(lambda connection: tuple(_rows(connection, film, 0)))

    def _write(self, film: str, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            result = self._database.write(work)
            self._unsure.discard(film)
            return result

    def _caught_up(
        self,
        connection: sqlite3.Connection,
        film: str,
        base: Annotation,
        sha256: str,
        also: Mapping[str, Annotation] = MappingProxyType({}),
        keep: bool = True,
    ) -> Replay:
        """Return a film's journal, played up to its last row, whoever wrote it."""
        replay = self._played.get(film)
        if replay is None:
            replay = Replay(base, sha256, also)
        elif film in self._unsure:
            # Rows that it was fed aren't on the disk: the transaction failed.
            replay = replay.afresh()
        self._unsure.discard(film)
        try:
            for row in _rows(connection, film, replay.number):
                replay.feed(row)
        except ValueError as error:
            self._played.pop(film, None)
            raise StoreError(self._database.path, f"the journal of {film} can't be read: {error}") from error
        if not keep or (replay.number == 0 and base is NOTHING and film not in self._played):
            return replay
        self._played[film] = replay
        self._played.move_to_end(film)
        while len(self._played) > _MOST_FILMS:
            self._played.popitem(last=False)
        return replay

    def _append(
        self,
        connection: sqlite3.Connection,
        film: str,
        replay: Replay,
        kind: str,
        text: str,
        after: Annotation,
        *,
        joined: bool = False,
        position: int | None = None,
        sha256: str = "",
    ) -> JournalEntry:
        """Insert one row and feed it to the replay."""
        before = NOTHING if kind == "opened" else replay.current
        delta = difference(before, after) if kind in ("opened", "edit", "outside") else None
        if kind in ("opened", "outside"):
            sha256 = replay.sha256_of(after)
        replay.keep_picture(after)
        entry = JournalEntry(0, film, utc_now(), self._reader, kind, text, delta, sha256, joined, position)
        cursor = connection.execute(
            f"INSERT INTO journal ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                film,
                entry.at,
                entry.reader,
                kind,
                text,
                None if delta is None else packed(delta),
                sha256,
                joined,
                position,
            ),
        )
        entry = replace(entry, number=int(cursor.lastrowid or 0))
        replay.feed(entry)
        return entry


def _renderings(connection: sqlite3.Connection, film: str) -> Mapping[str, int]:
    """Return, by sha256, the newest row that led to what a file of this hash holds."""
    query = "SELECT sha256, MAX(number) FROM renderings WHERE film = ? GROUP BY sha256"
    return dict(connection.execute(query, (film,)).fetchall())


def _rows(connection: sqlite3.Connection, film: str, after: int) -> Iterator[JournalEntry]:
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM journal WHERE film = ? AND number > ? ORDER BY number", (film, after)
    )
    for number, name, at, reader, kind, text, delta, sha256, joined, position in found.fetchall():
        change = None if delta is None else unpacked(delta)
        yield JournalEntry(number, name, at, reader, kind, text, change, sha256, bool(joined), position)
