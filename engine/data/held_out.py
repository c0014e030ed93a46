"""Hold-out lists: which films were put aside for testing, and must never be trained on.

A list is a `holdout.json` in an export's folder. It knows a film by its file, by its patient, and by its pixels, so
that the same picture under another name, or packed anew, is found again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import DataError, FilmReadError
from engine.files import SPECIAL, is_special
from engine.films import Film, read_film
from engine.formats._atomic import write_atomic

if TYPE_CHECKING:
    # For its type alone: it brings PyTorch, which the window does without.
    from engine.data.dataset import Example
from engine.data.exported import UNFINISHED

FILE_NAME = "holdout.json"
FORMAT = "vcfviewer hold-out list"


@dataclass(frozen=True, slots=True)
class HeldOutFilm:
    """One film put aside: its place in the export, sha256 of its file and of its pixels, size (height, width) px.

    `patient` is a hash, None where unknown; in a de-identified export it is another hash than elsewhere.
    """

    film: str
    film_sha256: str
    pixels_sha256: str
    size: tuple[int, int]
    patient: str | None = None


@dataclass(frozen=True, slots=True)
class HoldOutList:
    """The films put aside, and the sha256 of those files whose pixels were compared with them and are others."""

    films: tuple[HeldOutFilm, ...]
    compared: frozenset[str] = frozenset()


def pixels_sha256(film: Film) -> str:
    """Return a sha256 of a film's size and grey values, the same in whatever file they are packed without loss."""
    height, width = film.size
    digest = hashlib.sha256(f"{height} x {width}".encode())
    for top in range(0, height, 256):
        digest.update(np.ascontiguousarray(film.pixels[top : top + 256], "<u2").tobytes())
    return digest.hexdigest()


def write_hold_out_list(path: Path, held: HoldOutList) -> None:
    """Write a hold-out list, atomically; raises OSError."""
    entries = [
        {"film": one.film, "film_sha256": one.film_sha256, "pixels_sha256": one.pixels_sha256, "size": list(one.size),
         "patient": one.patient}
        for one in held.films
    ]  # fmt: skip
    record = {"format": FORMAT, "version": 1, "films": entries, "compared": sorted(held.compared)}
    write_atomic(path, (json.dumps(record, indent=1) + "\n").encode())


def read_hold_out_list(path: Path) -> HoldOutList:
    """Read a hold-out list; raises DataError where it can't be read: then nobody knows what must not be trained on."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            raise ValueError(f"format {record['format']!r}")
        films = tuple(
            HeldOutFilm(
                str(one["film"]), str(one["film_sha256"]), str(one["pixels_sha256"]),
                (int(one["size"][0]), int(one["size"][1])), None if one["patient"] is None else str(one["patient"]),
            )
            for one in record["films"]
        )  # fmt: skip
        return HoldOutList(films, frozenset(map(str, record["compared"])))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise DataError(
            f"{path}: expected a hold-out list of vcfviewer, got {error!r}; which films must not be trained on isn't "
            "known. Mend the file, or rename it if it is something else"
        ) from error


def without_held_out(examples: Sequence[Example], folder: Path) -> tuple[Example, ...]:
    """Return the films of a data folder that may be trained on: without those that lie in an export's hold-out part.

    Raises DataError where the same film, or another one of its patient, lies elsewhere in the folder as well, and where
    nothing is left.
    """
    aside = {
        (path.parent / one.film).resolve()
        for path in hold_out_lists(folder)
        for one in read_hold_out_list(path).films
    }  # fmt: skip
    kept = tuple(one for one in examples if one.film.resolve() not in aside)
    if not kept:
        raise DataError(
            f"{folder}: all of its {len(examples)} films are held out for testing; none is left to train on"
        )
    refuse_held_out(kept, folder)
    return kept


def refuse_held_out(examples: Sequence[Example], folder: Path) -> None:
    """Raise DataError, which names the films, where a hold-out list of a data folder holds one of `examples`.

    The lists are those in the folder, below it, and in the two above it (where it is a part of an export). Films are
    decoded only if one of their size is on a list, and the export that made the list hasn't compared them. An export
    that was broken off has no list, and is refused as well.
    """
    unfinished = _found(folder, UNFINISHED)
    if unfinished:
        raise DataError(
            f"{unfinished[0].parent}: this export was not finished, and doesn't say which of its films are held out "
            "for testing; delete it, and export again"
        )
    for path in hold_out_lists(folder):
        found = sorted(one.name for one in _on_list(examples, read_hold_out_list(path)))
        if found:
            more = f" and {len(found) - 5} more" if len(found) > 5 else ""
            raise DataError(
                f"{len(found)} films are held out by {path} and must not be trained on: {', '.join(found[:5])}{more}; "
                "train on the folder train/ of that export, or take them out of the data"
            )


def among(examples: Sequence[Example], judged: Sequence[Example]) -> tuple[Example, ...]:
    """Return those of `examples` that are one of the films judged by: the same file, the same pixels, or its patient.

    Raises FilmReadError where a film judged by can't be read.
    """
    if not examples:
        return ()  # Decoding the films judged by takes minutes.
    held = HoldOutList(tuple(
        HeldOutFilm(one.name, file_sha256(one.film), pixels_sha256(film), film.size, one.patient)
        for one, film in ((one, read_film(one.film)) for one in judged)
    ))  # fmt: skip
    return tuple(_on_list(examples, held))


def hold_out_lists(folder: Path) -> tuple[Path, ...]:
    """Return the hold-out lists that count for a data folder."""
    return _found(folder, FILE_NAME)


def _found(folder: Path, name: str) -> tuple[Path, ...]:
    below = [path for path in sorted(folder.rglob(name)) if not _is_hidden(path.relative_to(folder))]
    # The films of an export lie two folders below its list, in train/images.
    above = (place / name for place in folder.resolve().parents[:2])
    return (*below, *(path for path in above if path.is_file()))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _on_list(examples: Sequence[Example], held: HoldOutList) -> Iterator[Example]:
    files = {one.film_sha256 for one in held.films}
    pixels = {one.pixels_sha256 for one in held.films}
    patients = {one.patient for one in held.films if one.patient is not None}
    sizes = {(0, 0), *(one.size for one in held.films)}
    for one in examples:
        sha256 = file_sha256(one.film)
        looked_at = sha256 in held.compared or one.size not in sizes
        if sha256 in files or one.patient in patients or not (looked_at or _pixels_of(one.film) not in pixels):
            yield one


def file_sha256(path: Path) -> str:
    """Return the sha256 of a film's file; raises FilmReadError."""
    try:
        if is_special(path):
            raise FilmReadError(path, f"expected a film, got {SPECIAL}")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FilmReadError(path, f"can't be read: {error.strerror or error}") from error


def _pixels_of(path: Path) -> str | None:
    try:
        return pixels_sha256(read_film(path))
    except FilmReadError:
        # Training on it will say so.
        return None
