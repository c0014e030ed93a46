"""A film's files in an export: one that labelme opens, and the original beside it where that is another."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.data.worklist import embedded_picture
from engine.errors import FilmReadError
from engine.films import Film, read_film, read_picture
from engine.films.display import film_to_grey
from engine.films.raster import kind_of
from engine.films.sniff import looks_like_dicom
from engine.formats._atomic import write_atomic
from engine.review.deidentify import upright_polarity

IMAGES, ORIGINALS = "images", "originals"
"""Folders of a part: films with their labels (named as YOLO's loader expects), and the originals of some."""

_SUFFIXES = (("PNG", ".png"), ("JPEG", ".jpg"), ("BMP", ".bmp"), ("TIFF", ".tif"))


@dataclass(frozen=True, slots=True)
class Source:
    """A film as it was read: its `data`, their sha256, and the file they came from."""

    film: Film
    data: bytes
    sha256: str

    @property
    def suffix(self) -> str:
        """Return the ending for a copy, by what the file is, not by its name."""
        if looks_like_dicom(self.data[:256]):
            return ".dcm"
        kind = kind_of(self.data[:16])
        return dict(_SUFFIXES).get(kind or "", self.film.path.suffix)


@dataclass(frozen=True, slots=True)
class FilmFiles:
    """What was written for one film, as paths within its part's folder; `data` is the picture labels belong to.

    `image` is a path from the export's folder instead where the film was left in its place (`by_path`).
    """

    image: str
    sha256: str
    data: bytes
    by_path: bool = False
    original: str | None = None
    original_sha256: str | None = None

    @property
    def written(self) -> tuple[str, ...]:
        """Return the files that were written."""
        return tuple(one for one in (None if self.by_path else self.image, self.original) if one is not None)

    @property
    def base64(self) -> str:
        """Return the picture as labelme's `imageData`."""
        return base64.b64encode(self.data).decode("ascii")


def read_source(path: Path, embedded: bool) -> Source:
    """Read a film, or the copy in a labelme file's `imageData`; raises FilmReadError."""
    if embedded:
        data = embedded_picture(path)
        return Source(read_picture(path, data), data, hashlib.sha256(data).hexdigest())
    film = read_film(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FilmReadError(path, f"can't be read: {error.strerror or error}") from error
    return Source(film, data, hashlib.sha256(data).hexdigest())


def leave_film(source: Source, part: Path) -> FilmFiles:
    """Write nothing: labels name the film where it lies; only for films that labelme opens."""
    try:
        path = Path(os.path.relpath(source.film.path.resolve(), part.parent.resolve())).as_posix()
    except ValueError:
        # Windows: the film lies on another drive.
        path = source.film.path.resolve().as_posix()
    return FilmFiles(path, source.sha256, source.data, by_path=True)


def copy_film(source: Source, part: Path, name: str, keep_original: bool) -> FilmFiles:
    """Copy a film that labelme opens; of another, write an 8-bit PNG as it is shown, and copy it beside that.

    Raises OSError.
    """
    if source.film.opens_in_labelme:
        return FilmFiles(_write(part, IMAGES, name + source.suffix, source.data), source.sha256, source.data)
    data = _png(source.film.path, film_to_grey(source.film))
    image = _write(part, IMAGES, f"{name}.png", data)
    files = FilmFiles(image, hashlib.sha256(data).hexdigest(), data)
    if not keep_original:
        return files
    original = _write(part, ORIGINALS, f"{name}_original{source.suffix}", source.data)
    return FilmFiles(image, files.sha256, data, original=original, original_sha256=source.sha256)


def write_clean_film(source: Source, part: Path, name: str) -> FilmFiles:
    """Write a film anew as 8-bit PNG, and beside it, where that lost depth, as PNG of all its bits, bright for bone.

    Nothing of the old file stays but its greys: no header, EXIF or text, and black where a shutter lay over pixels.
    Raises OSError.
    """
    film = upright_polarity(source.film)
    grey = clean_picture(film)
    data = _png(film.path, grey)
    image, sha256 = _write(part, IMAGES, f"{name}.png", data), hashlib.sha256(data).hexdigest()
    if film.pixels.dtype == np.uint8 and np.array_equal(grey, film.pixels):
        return FilmFiles(image, sha256, data)
    deep = _png(film.path, film.pixels)
    original = _write(part, ORIGINALS, f"{name}_original.png", deep)
    return FilmFiles(image, sha256, data, original=original, original_sha256=hashlib.sha256(deep).hexdigest())


def clean_picture(film: Film) -> NDArray[np.uint8]:
    """Return a film of upright polarity as shown, (H, W), black where a shutter or padding lay."""
    shown = np.asarray(film.pixels if film.opens_in_labelme else film_to_grey(film), np.uint8)
    return shown if film.excluded is None else np.where(film.excluded, np.uint8(0), shown)


def _png(path: Path, pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    done, data = cv2.imencode(".png", pixels)
    if not done:
        raise FilmReadError(path, "its picture could not be encoded as PNG")
    return data.tobytes()


def _write(part: Path, folder: str, name: str, data: bytes) -> str:
    place = part / folder
    place.mkdir(parents=True, exist_ok=True)
    write_atomic(place / name, data)
    return f"{folder}/{name}"
