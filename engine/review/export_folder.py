"""The folder of an export: never one with something else in it, and complete only once its manifest is there."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.data.exported import MANIFEST, UNFINISHED, read_manifest
from engine.errors import AnnotationWriteError, ConfigError
from engine.formats._atomic import write_atomic

_UNFINISHED_TEXT = (
    "This export was not finished: films, labels and tables may be missing, and there is no manifest.\n"
    "Delete this folder, and export again. The films and annotations it was made from are untouched.\n"
)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def begin_export(folder: Path) -> Path:
    """Make the folder to write to, and mark it as unfinished: `folder` if it is new or empty, else one within it.

    Raises ConfigError where the folder holds anything but an earlier export, AnnotationWriteError where it can't be
    made.
    """
    try:
        return _begin(folder)
    except OSError as error:
        raise AnnotationWriteError(folder, f"the export's folder can't be made: {error.strerror or error}") from error


def finish_export(folder: Path, manifest: Mapping[str, Any]) -> Path:
    """Write the manifest, last of all, and take the mark away; raises OSError."""
    path = folder / MANIFEST
    write_atomic(path, (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace"))
    (folder / UNFINISHED).unlink(missing_ok=True)
    return path


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file as it lies on the disk; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class FileNames:
    """Names for files in one folder that differ on every system, upper and lower case alike."""

    def __init__(self) -> None:
        """Start with every name free."""
        self._taken: set[str] = set()

    def stem(self, key: str) -> str:
        """Return a free stem for a film known by a path such as `sub/film.png`: `sub_film`, or `sub_film_2`."""
        parts = [part for part in key.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        joined = "_".join(parts)
        stem = _FORBIDDEN.sub("_", Path(joined).stem if joined else "film").strip(" .")
        # Longer ones leave no room for suffixes on file systems that take 255 bytes.
        stem = stem.encode("utf-8", "replace")[-120:].decode("utf-8", "ignore") or "film"
        stem = f"film_{stem}" if _RESERVED.fullmatch(stem) else stem
        name, number = stem, 2
        while name.casefold() in self._taken:
            name, number = f"{stem}_{number}", number + 1
        self._taken.add(name.casefold())
        return name


def _begin(folder: Path) -> Path:
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file; choose a folder for the export")
    folder.mkdir(parents=True, exist_ok=True)
    if any(not path.name.startswith(".") for path in folder.iterdir()):
        if read_manifest(folder) is None and not (folder / UNFINISHED).is_file():
            raise ConfigError(
                f"{folder} isn't empty, and holds no earlier export; choose an empty folder: nothing is overwritten"
            )
        folder = _new_folder(folder)
    write_atomic(folder / UNFINISHED, _UNFINISHED_TEXT.encode())
    return folder


def _new_folder(folder: Path) -> Path:
    stamp, number = datetime.now(UTC).strftime("export-%Y%m%dT%H%M%SZ"), 1
    while True:
        place = folder / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            place.mkdir()
        except FileExistsError:
            number += 1
        else:
            return place
