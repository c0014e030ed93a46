"""The SQLite file: schema, transactions, and the room kept back for a full disk.

Decision: one connection a store, behind one lock, for all threads. Rejected: a connection a thread, which saves a few
milliseconds of waiting and leaves connections open behind threads that ended. Consequence: a thread may wait for
another's commit, so the thread that draws the window shouldn't ask the store.
"""

from __future__ import annotations

import errno
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.errors import FileError
from engine.store._reserve import Reserve

T = TypeVar("T")

VERSION = 1
BUSY_SECONDS = 10.0

SHORT_LOG = 16
"""Pages of the write-ahead log after which it is emptied, once the disk was full."""

SCHEMA = """
CREATE TABLE journal (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    film TEXT NOT NULL,
    at TEXT NOT NULL,
    reader TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('opened', 'edit', 'undo', 'redo', 'saved', 'outside')),
    text TEXT NOT NULL,
    joined INTEGER NOT NULL DEFAULT 0,
    position INTEGER,
    delta BLOB,
    file_sha256 TEXT NOT NULL DEFAULT ''
);
CREATE INDEX journal_of_film ON journal (film, number);
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal
    WHEN EXISTS (SELECT 1 FROM journal WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE renderings (
    film TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (film, sha256, number)
) WITHOUT ROWID;

CREATE TABLE predictions (
    film_sha256 TEXT NOT NULL,
    weights_sha256 TEXT NOT NULL,
    settings TEXT NOT NULL,
    at TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (film_sha256, weights_sha256, settings)
);

CREATE TABLE hashes (
    film TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    sha256 TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE summaries (
    film TEXT PRIMARY KEY,
    stamp TEXT NOT NULL,
    film_iou REAL, film_iou_now REAL, worst_iou REAL,
    agrees INTEGER NOT NULL, label_differs INTEGER NOT NULL, missed INTEGER NOT NULL, extra INTEGER NOT NULL,
    undecided INTEGER NOT NULL, nearest REAL, status TEXT NOT NULL, flagged INTEGER NOT NULL,
    predicted INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE holders (
    film TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    reader TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    since REAL NOT NULL,
    beat REAL NOT NULL
) WITHOUT ROWID;
"""


class StoreError(FileError):
    """The folder's store can't be read or written; what was on the disk is whole."""

    @property
    def errno(self) -> int | None:
        """Return ENOSPC for a full disk, which SQLite has a number of its own for, else as for other files."""
        return errno.ENOSPC if isinstance(self.__cause__, sqlite3.Error) and _is_full(self.__cause__) else super().errno


class DamagedStore(StoreError):
    """The file is no SQLite database, or a broken one."""


class Database:
    """One open SQLite file; may be used from every thread."""

    def __init__(self, path: Path, reserve: Reserve | None = None) -> None:
        """Open or make the file; raises StoreError, DamagedStore for one that can't be a database."""
        self.path = path
        self.is_open = True
        self._reserve = reserve
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise _told(path, error) from error
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file; nothing may use it afterwards."""
        with self._lock:
            self.is_open = False
            self._connection.close()

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` reads; raises StoreError."""
        with self._lock:
            try:
                return work(self._connection)
            except sqlite3.Error as error:
                raise _told(self.path, error) from error

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction, on the disk when this returns; raises StoreError, then nothing was written.

        Where the disk is full the room kept back is given up, and `work` runs once more.
        """
        with self._lock:
            try:
                return self._transaction(work)
            except sqlite3.Error as error:
                if not _is_full(error):
                    raise _told(self.path, error) from error
            try:
                self._make_room()
                return self._transaction(work)
            except sqlite3.Error as error:
                raise _told(self.path, error) from error

    def _make_room(self) -> None:
        """Give up what was kept back, empty the log, and keep it short from now on: it holds pages many times over."""
        if self._reserve is not None:
            self._reserve.give_up()
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {SHORT_LOG}")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            # A full disk may have rolled it back already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    def _prepare(self) -> None:
        def look(connection: sqlite3.Connection) -> int:
            _use_log(connection)
            connection.execute("PRAGMA synchronous = FULL")
            return int(connection.execute("PRAGMA user_version").fetchone()[0])

        version = self.read(look)
        said = str(self.read(lambda connection: connection.execute("PRAGMA quick_check(1)").fetchone()[0]))
        if said != "ok":
            raise DamagedStore(self.path, f"is damaged: {' '.join(said.split())}")
        if version > VERSION:
            raise StoreError(self.path, f"was made by a newer vcfviewer (version {version}); update this one")
        if version < VERSION:
            self.write(_create)


def _use_log(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; while another process does so too, SQLite says at once that the file is in use."""
    last = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > last:
                raise
            time.sleep(0.01)


def _create(connection: sqlite3.Connection) -> None:
    # Another window may have made it between looking and now.
    if connection.execute("PRAGMA user_version").fetchone()[0] == VERSION:
        return
    for statement in _statements(SCHEMA):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _statements(script: str) -> list[str]:
    """Split a script; `executescript` would commit the transaction it runs in."""
    found, piece = [], ""
    for line in script.splitlines(keepends=True):
        piece += line
        if sqlite3.complete_statement(piece):
            found.append(piece)
            piece = ""
    return found


def _is_full(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)


def _is_busy(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _told(path: Path, error: sqlite3.Error) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DamagedStore(path, f"is damaged: {error}")
    if _is_full(error):
        return StoreError(path, "can't be written: the disk is full; make room, what you did is kept until then")
    if _is_busy(error):
        return StoreError(path, f"is in use by another program for more than {BUSY_SECONDS:.0f} s; try again")
    return StoreError(path, f"can't be used: {error}")
