"""Durable writing: the old file stays whole until the new one is on the disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, sync it, and put it in its place; on any OSError the old file is untouched.

    The mode of a file that was there is kept; a symbolic link is followed, not replaced. The OSError names `path`.
    """
    try:
        _write(path.resolve(), data)
    except OSError as error:
        # A full disk names no file, a folder that isn't there the part's made-up name.
        error.filename, error.filename2 = str(path), None
        raise


def _write(target: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(target.stat().st_mode & 0o7777 if target.exists() else _new_file_mode())
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _new_file_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Sync the folder's entry, where the system can open folders (Windows can't, and needs no such sync)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
