"""Files and folders -> what there is to read: each film with the labelme file that belongs to it, or a reason.

A labelme file belongs to the film of its own stem beside it, else to the one its `imagePath` names. Where two films
share a stem, `imagePath` decides.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import FilmReadError
from engine.films import find_films, is_companion, natural_key


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One film to read. `annotation` is its labelme file, None without one; `reason` says why nothing can be read.

    `embedded`: the film's file is gone, its picture stands in the annotation's `imageData`.
    """

    film: Path
    annotation: Path | None = None
    embedded: bool = False
    reason: str = ""


def find_work(paths: Sequence[Path]) -> tuple[WorkItem, ...]:
    """List what films, folders and labelme files hold, in natural order; raises FilmReadError for a path that isn't.

    Only annotations without a film of their stem are opened, and JSON in folders that isn't labelme's is passed over.
    """
    named = [path for path in paths if path.suffix.lower() == ".json" and path.is_file()]
    rest = [path for path in paths if path not in named]
    sharing: dict[Path, list[Path]] = {}
    for film in find_films(rest) if rest else ():
        sharing.setdefault(film.with_suffix(".json"), []).append(film)
    items = {
        film.resolve(): WorkItem(film, _beside(film, path, films)) for path, films in sharing.items() for film in films
    }
    loose = [path for path in _annotations(rest) if path not in sharing]
    for path in (*loose, *named):
        item = _from_annotation(path, items, explicit=path in named)
        if item is not None:
            key = item.film.resolve()
            if key not in items or items[key].annotation is None:
                # The film keeps the path it was opened by: labels/../images/a.png has no place below an output folder.
                items[key] = replace(item, film=items[key].film) if key in items else item
    return tuple(sorted(items.values(), key=lambda item: natural_key(item.film)))


def embedded_picture(annotation: Path) -> bytes:
    """Return the film that stands in a labelme file's `imageData`; raises FilmReadError where there is none."""
    try:
        data = json.loads(annotation.read_bytes().decode("utf-8-sig")).get("imageData")
        return base64.b64decode(data, validate=True)
    except (OSError, ValueError, AttributeError, TypeError, binascii.Error) as error:
        raise FilmReadError(
            annotation, f"expected a film in imageData, got none that can be decoded: {error}"
        ) from error


def _beside(film: Path, annotation: Path, sharing: Sequence[Path]) -> Path | None:
    """Return the annotation of a film's stem, unless it belongs to another film of that stem."""
    if not annotation.is_file():
        return None
    return annotation if film == _meant(_image_path(annotation), sharing) else None


def _meant(image: str | None, sharing: Sequence[Path]) -> Path:
    """Return which of the films of one stem an `imagePath` names, the first where it names none of them."""
    name = Path(image or "").name
    return next((film for film in sharing if film.name == name), sharing[0])


def _from_annotation(path: Path, opened: Collection[Path], explicit: bool) -> WorkItem | None:
    image = _image_path(path)
    if image is None:
        # Named by hand, it must be told; found in a folder, it is some other program's JSON.
        return WorkItem(path, path, reason="expected a labelme file, got other JSON or none") if explicit else None
    same = [one for one in path.parent.iterdir() if _is_film_of(one, path)]
    if same:
        return WorkItem(_meant(image, sorted(same, key=natural_key)), path)
    film = path.parent / image
    if image and _is_file(film):
        whole = film.resolve()
        if whole in opened or whole.is_relative_to(path.parent.resolve()):
            return WorkItem(film, path)
        return WorkItem(path, path, reason=f"its imagePath {image} leaves the folder; name that film or folder as well")
    if _has_picture(path):
        return WorkItem(path, path, embedded=True)
    return WorkItem(
        path, path, reason=f"its film {image or '(imagePath is empty)'} isn't there; put it beside the file"
    )


def _image_path(annotation: Path) -> str | None:
    """Return a labelme file's `imagePath`, with slashes; None for what isn't labelme's."""
    record = _read(annotation)
    if not isinstance(record, dict) or not isinstance(record.get("shapes"), list):
        return None
    return str(record.get("imagePath") or "").replace("\\", "/")


def _has_picture(annotation: Path) -> bool:
    record = _read(annotation)
    return isinstance(record, dict) and bool(record.get("imageData"))


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None


def _annotations(paths: Sequence[Path]) -> list[Path]:
    found = []
    for folder in (path for path in paths if path.is_dir()):
        for root, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            found += [Path(root) / name for name in names if name.lower().endswith(".json") and name[0] != "."]
    return found


def _is_film_of(path: Path, annotation: Path) -> bool:
    return path.with_suffix(annotation.suffix) == annotation and not is_companion(path) and path.is_file()


def _is_file(path: Path) -> bool:
    """Whether there is such a file; False too for what can't be a file's name, such as a thousand letters."""
    try:
        return path.is_file()
    except OSError:
        return False
