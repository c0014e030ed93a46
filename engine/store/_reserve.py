"""Room kept back on the disk, so that a full disk doesn't stop the journal."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

SIZE = 1 << 20
"""Bytes, enough for a thousand edits; at most a quarter of what is free is taken."""


class Reserve:
    """A file that does nothing but take room, given up when there is none left."""

    def __init__(self, path: Path) -> None:
        """Name the file; it isn't made yet."""
        self._path = path

    def keep(self) -> bool:
        """Take the room, unless it is taken already; False where the disk hasn't enough."""
        try:
            if self._path.exists():
                return True
            size = min(SIZE, shutil.disk_usage(self._path.parent).free // 4)
            # Bytes that no file system packs into nothing.
            self._path.write_bytes(os.urandom(size))
        except OSError:
            # The disk filled up meanwhile: half a reserve is worth less than room for what is being written.
            self._path.unlink(missing_ok=True)
            return False
        return True

    def give_up(self) -> None:
        """Free the room, if it was kept."""
        self._path.unlink(missing_ok=True)
