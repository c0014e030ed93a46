"""Who has which film open, so that a second window opens it to read only."""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import time
import uuid
from dataclasses import dataclass

from engine.store._database import Database

STALE_SECONDS = 60.0
"""A holder who gave no sign for so long is gone: its window hangs, or its computer sleeps."""

_STILL_ACTIVE = 259
_QUERY_LIMITED_INFORMATION = 0x1000


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a film open: reader, computer, process, and since when (seconds since 1970, UTC)."""

    reader: str
    host: str
    pid: int
    since: float


class Holders:
    """What one store holds, and what others do."""

    def __init__(self, database: Database, reader: str) -> None:
        """Hold films in this reader's name; two of these hold apart, also within one process."""
        self._database = database
        self._reader = reader
        self._token = uuid.uuid4().hex
        self._host = socket.gethostname()

    def take(self, film: str) -> Holder | None:
        """Hold a film; returns who holds it where another does, and None where it is ours now. Raises StoreError."""

        def work(connection: sqlite3.Connection) -> Holder | None:
            row = connection.execute(
                "SELECT token, beat, reader, host, pid, since FROM holders WHERE film = ?", (film,)
            ).fetchone()
            now = time.time()
            if row is not None and row[0] != self._token:
                holder = Holder(*row[2:])
                if self._lives(holder, now - row[1]):
                    return holder
            since = row[5] if row is not None and row[0] == self._token else now
            connection.execute(
                "INSERT OR REPLACE INTO holders VALUES (?, ?, ?, ?, ?, ?, ?)",
                (film, self._token, self._reader, self._host, os.getpid(), since, now),
            )
            return None

        return self._database.write(work)

    def release(self, film: str) -> None:
        """Let a film go; those that others hold stay theirs. Raises StoreError."""
        self._database.write(
            lambda connection: connection.execute(
                "DELETE FROM holders WHERE film = ? AND token = ?", (film, self._token)
            )
        )

    def release_all(self) -> None:
        """Let all films go; raises StoreError."""
        self._database.write(
            lambda connection: connection.execute("DELETE FROM holders WHERE token = ?", (self._token,))
        )

    def heartbeat(self) -> frozenset[str]:
        """Give a sign, at least every 20 s; returns the films still held: one missing was taken over. StoreError."""

        def work(connection: sqlite3.Connection) -> frozenset[str]:
            connection.execute("UPDATE holders SET beat = ? WHERE token = ?", (time.time(), self._token))
            return frozenset(
                name for (name,) in connection.execute("SELECT film FROM holders WHERE token = ?", (self._token,))
            )

        return self._database.write(work)

    def _lives(self, holder: Holder, silent: float) -> bool:
        if silent > STALE_SECONDS:
            return False
        return holder.host != self._host or process_runs(holder.pid)


def process_runs(pid: int) -> bool:
    """Whether a process of this computer runs, another user's included."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, False, pid)
        if not handle:
            return False
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return code.value == _STILL_ACTIVE
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
