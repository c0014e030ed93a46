"""Radiograph files -> Film. A file's kind is told by its first bytes, never by its name.

Decision: a Film holds grey values after the modality step and never changes; showing it is a lookup. Rejected: 8-bit
pixels with the window burned in, which no later window can undo. Consequence: the model and the screen share `render`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.domain.morphometry import Facing
from engine.errors import FilmReadError
from engine.files import SPECIAL, is_special
from engine.films import raster
from engine.films._film import Display, Film, Spacing, SpacingState
from engine.films.sniff import looks_like_dicom

__all__ = ("Display", "Facing", "Film", "Spacing", "SpacingState", "find_films", "read_film", "read_picture")

MAX_MEGAPIXELS = 200.0
"""Larger files are refused unless the caller allows them: no radiograph is that large, a decompression bomb is."""

_SIDECARS = (".json", ".csv", ".txt", ".md", ".xml", ".html", ".yaml", ".yml", ".orig", ".part", ".db", ".sqlite")


def read_film(path: Path, *, max_megapixels: float = MAX_MEGAPIXELS, patients: Mapping[str, str] | None = None) -> Film:
    """Read one film; `patients` maps file names to patient hashes, and goes before what the file itself says.

    Raises FilmReadError that names the file, what was expected and what came.
    """
    try:
        if path.is_dir():
            raise FilmReadError(path, "expected a film, got a folder")
        if is_special(path):
            raise FilmReadError(path, f"expected a film, got {SPECIAL}")
        with path.open("rb") as file:
            head = file.read(256)
        patient = (patients or {}).get(path.name)
        if looks_like_dicom(head):
            # Here, not above: it brings pydicom, which takes a third of the window's start.
            from engine.films import dicom

            return dicom.read_dicom(path, max_megapixels, patient)
        return read_picture(path, path.read_bytes(), max_megapixels=max_megapixels, patient=patient)
    except OSError as error:
        raise FilmReadError(path, f"can't be read: {error.strerror or error}") from error


def read_picture(
    path: Path, data: bytes, *, max_megapixels: float = MAX_MEGAPIXELS, patient: str | None = None
) -> Film:
    """Read a picture from bytes, such as the copy of a film in a labelme file; `path` stands in errors and the Film.

    Raises FilmReadError.
    """
    if not data:
        raise FilmReadError(path, "expected a film, got an empty file")
    kind = raster.kind_of(data)
    if kind is None:
        wanted = "DICOM, PNG, JPEG, TIFF or BMP"
        raise FilmReadError(path, f"expected {wanted}, got a file that begins with {data[:8]!r}")
    return raster.read_raster(path, data, kind, max_megapixels, patient)


def find_films(paths: Sequence[Path]) -> tuple[Path, ...]:
    """List the files of folders (all levels) and the files named, in natural order, each once.

    Annotations and other companions are left out; a file that is no film stays in, so that it can be named with its
    reason. Hidden files and folders are passed over, and links that lead back are not followed twice.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise FilmReadError(path, "no such file or folder")
        for film in _walk(path) if path.is_dir() else (path,):
            found.setdefault(film.resolve(), film)
    return tuple(sorted(found.values(), key=natural_key))


def is_companion(path: Path) -> bool:
    """Whether a file goes along with films and is none itself: an annotation, a table, a note."""
    return path.suffix.lower() in _SIDECARS


def natural_key(path: Path) -> tuple[tuple[int, str, int], ...]:
    """Sort key under which film2 comes before film10."""
    parts = re.split(r"(\d+)", str(path).casefold())
    return tuple((1, "", int(part)) if part.isdigit() else (0, part, 0) for part in parts)


def _walk(folder: Path) -> list[Path]:
    films, seen = [], set()
    for root, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(root)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and not is_companion(Path(name)):
                films.append(Path(root) / name)
    return films
