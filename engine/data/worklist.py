"""Files and folders -> what there is to read: each film with the labelme file that belongs to it, or a reason.

A labelme file belongs to the film of its own stem beside it, or of its whole name (`a.png.json`), else to the one that
its `imagePath` names. Where two films share a stem, `imagePath` decides. Labelme files may also lie in a folder of
their own, in the same place below it or all together.

Decision: names pair films and files, from one look at each folder; a file is opened only where names don't tell.
Rejected: opening all of them, which took half a minute for 10,000 films. Consequence: a broken file is found when its
film is opened, or here where it has none.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.data._listing import Listing, json_beside, listing, walk
from engine.errors import FilmReadError
from engine.files import SPECIAL, is_special
from engine.films import MAX_MEGAPIXELS, Film, natural_key, read_film, read_picture


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One film to read. `annotation` is its labelme file, None without one; `reason` says why nothing can be read.

    `embedded`: the film's file is gone, its picture stands in the annotation's `imageData`. `note` says why a film has
    no annotation where one of its stem is there. `target` is where a new annotation goes, None for the usual place.
    """

    film: Path
    annotation: Path | None = None
    embedded: bool = False
    reason: str = ""
    note: str = ""
    target: Path | None = None

    @property
    def saves_to(self) -> Path:
        """Return the labelme file that changes are saved to, there already or not."""
        return self.annotation or self.target or self.film.with_name(json_beside(self.film.name))


def find_work(paths: Sequence[Path], annotations_folder: Path | None = None) -> tuple[WorkItem, ...]:
    """List what films, folders and labelme files hold, in natural order; raises FilmReadError for a path that isn't.

    A file in `annotations_folder` goes before one beside the film, and new ones go there too. JSON in folders that is
    whole, but not labelme's, is passed over.
    """
    work = _Work()
    named = [path for path in paths if path.suffix.lower() == ".json" and path.is_file()]
    taken = set(named)
    work.add([path for path in paths if path not in taken])
    if annotations_folder is not None:
        _take_from(annotations_folder, work)
    for annotation in work.loose:
        work.add_annotation(annotation, explicit=False)
    for path in named:
        work.add_annotation(path, explicit=True)
    return tuple(sorted(work.items.values(), key=lambda item: natural_key(item.film)))


def embedded_picture(annotation: Path) -> bytes:
    """Return the film that stands in a labelme file's `imageData`; raises FilmReadError where there is none."""
    try:
        data = json.loads(annotation.read_bytes().decode("utf-8-sig")).get("imageData")
        # Line breaks are base64's own (RFC 2045 wraps at 76 characters), and labelme takes them.
        return base64.b64decode("".join(data.split()), validate=True)
    except (OSError, ValueError, AttributeError, TypeError, binascii.Error) as error:
        raise FilmReadError(
            annotation, f"expected a film in imageData, got none that can be decoded: {error}"
        ) from error


def read_film_or_copy(path: Path, embedded: bool, max_megapixels: float = MAX_MEGAPIXELS) -> Film:
    """Read a film, or where it is `embedded` the copy of it in the labelme file `path`; raises FilmReadError."""
    if embedded:
        return read_picture(path, embedded_picture(path), max_megapixels=max_megapixels)
    return read_film(path, max_megapixels=max_megapixels)


class _Work:
    """What was found so far: `items` by the film's path without links.

    `places` are folder, below the one that was named, and name of each film.
    """

    def __init__(self) -> None:
        self.items: dict[str, WorkItem] = {}
        self.places: dict[str, tuple[Path, str]] = {}
        self.loose: list[Path] = []
        self._listed: dict[Path, Listing] = {}

    def add(self, paths: Sequence[Path]) -> None:
        """Take up films and folders; the films of one folder together, for a list may name thousands of them."""
        films: dict[Path, list[str]] = {}
        for path in paths:
            if path.is_dir():
                self._add_folder(path)
            elif path.exists():
                films.setdefault(path.parent, []).append(path.name)
            else:
                raise FilmReadError(path, "no such file or folder")
        for folder, names in films.items():
            self._pair(self._folder_of(folder / names[0]), names, Path())

    def _add_folder(self, path: Path) -> None:
        for found in walk(path):
            self._listed[found.path] = found
            if found.problem:
                reason = f"this folder can't be read: {found.problem}"
                self.items.setdefault(found.real, WorkItem(found.path, reason=reason))
            given = self._pair(found, tuple(found.films), found.path.relative_to(path))
            self.loose += [found.path / name for name in sorted(found.jsons - given)]

    def add_annotation(self, path: Path, explicit: bool) -> None:
        """Take up a labelme file that no film's name leads to, or that was named itself."""
        item = self._item_of(path, explicit)
        if item is None:
            return
        key = os.path.realpath(item.film)
        known = self.items.get(key)
        if known is None:
            self.items[key] = item
        elif known.annotation is None:
            # The film keeps the path it was opened by: labels/../images/a.png has no place below an output folder.
            self.items[key] = replace(item, film=known.film)

    def _pair(self, found: Listing, wanted: Sequence[str], place: Path) -> set[str]:
        """Give each of the films of one folder its annotation, by name; returns the names of files that are given."""
        sharing: dict[str, list[str]] = {}
        for name in {*found.films, *wanted}:
            sharing.setdefault(json_beside(name), []).append(name)
        for names in sharing.values():
            if len(names) > 1:
                names.sort(key=lambda name: natural_key(Path(name)))
        given = set(sharing)
        for name in wanted:
            item = _beside(found, name, sharing[json_beside(name)])
            key = found.real_path(name)
            self.items.setdefault(key, item)
            self.places.setdefault(key, (place, name))
            if item.annotation is not None:
                given.add(item.annotation.name)
        return given

    def _item_of(self, path: Path, explicit: bool) -> WorkItem | None:
        found = self._folder_of(path)
        record, problem = _read(path)
        if problem:
            return WorkItem(path, path, reason=f"expected a labelme file, got {problem}; repair it or move it away")
        if not isinstance(record, dict) or not isinstance(record.get("shapes"), list):
            # Named by hand, it must be told; found in a folder, it is some other program's JSON.
            return WorkItem(path, path, reason="expected a labelme file, got other JSON") if explicit else None
        image = _image_path(record)
        same = [name for name in found.films if json_beside(name)[: -len(".json")] + path.suffix == path.name]
        if same:
            return WorkItem(path.with_name(_meant(image, sorted(same, key=lambda name: natural_key(Path(name))))), path)
        if path.stem in found.films and path.name == f"{path.stem}.json":
            return WorkItem(path.with_name(path.stem), path)
        return self._item_by_image(path, record, image)

    def _item_by_image(self, path: Path, record: Mapping[str, object], image: str) -> WorkItem:
        film = path.parent / image
        if image and _is_file(film):
            whole = film.resolve()
            if str(whole) in self.items or whole.is_relative_to(path.parent.resolve()):
                return WorkItem(film, path)
            reason = f"its imagePath {image} leaves the folder; name that film or folder as well"
            return WorkItem(path, path, reason=reason)
        if record.get("imageData"):
            return WorkItem(path, path, embedded=True)
        return WorkItem(
            path, path, reason=f"its film {image or '(imagePath is empty)'} isn't there; put it beside the file"
        )

    def _folder_of(self, path: Path) -> Listing:
        folder = path.parent
        if folder not in self._listed:
            self._listed[folder] = listing(folder)
        return self._listed[folder]


def _beside(found: Listing, name: str, sharing: Sequence[str]) -> WorkItem:
    """Pair one film with the annotation of its stem, unless that is another's, else with that of its whole name."""
    film, beside, whole = found.path / name, json_beside(name), f"{name}.json"
    there = beside in found.jsons
    owner = name
    if len(sharing) > 1:
        owner = _meant(_image_path(_read(found.path / beside)[0]) if there else "", sharing)
    if there and owner == name:
        return WorkItem(film, found.path / beside)
    if whole in found.jsons:
        return WorkItem(film, found.path / whole)
    if owner == name:
        return WorkItem(film)
    note = f"{beside} belongs to {owner}, which has the same stem" if there else ""
    return WorkItem(film, note=note, target=found.path / whole)


def _take_from(folder: Path, work: _Work) -> None:
    """Pair films with the labelme files of a folder of their own: in the same place first, else directly in it."""
    here: dict[str, Path] = {}
    if folder.is_dir():
        for found in walk(folder):
            below = found.path.relative_to(folder)
            here |= {(below / name).as_posix(): found.path / name for name in found.jsons}
    used: dict[str, str] = {}
    waiting = {key: _candidates(*place) for key, place in work.places.items()}
    for at in range(4):
        wanted: dict[str, list[str]] = {}
        for key, names in waiting.items():
            if names[at] in here and names[at] not in used:
                wanted.setdefault(names[at], []).append(key)
        for name, keys in wanted.items():
            used[name] = owner = _owner(here[name], keys, work.places)
            work.items[owner] = replace(work.items[owner], annotation=here[name], note="", target=None)
            del waiting[owner]
    taken = {os.path.realpath(here[name]) for name in used}
    rest = [path for name, path in here.items() if name not in used]
    work.loose = [path for path in dict.fromkeys((*work.loose, *rest)) if os.path.realpath(path) not in taken]
    _aim(folder, work, waiting, used)


def _aim(folder: Path, work: _Work, waiting: Mapping[str, tuple[str, ...]], used: Mapping[str, str]) -> None:
    """Say where the annotations of films go that have none: in their place in the folder, each in a file of its own."""
    claimed = set(used)
    for key, (stem, whole, *_) in waiting.items():
        item = work.items[key]
        if item.annotation is None and not item.reason:
            name = whole if stem in claimed else stem
            claimed.add(name)
            owner = None if stem not in used else work.places[used[stem]][1]
            note = item.note if owner is None else f"{stem} belongs to {owner}, which has the same stem"
            work.items[key] = replace(item, note=note, target=folder / name)


def _candidates(place: Path, name: str) -> tuple[str, ...]:
    """Return where a film's annotation may lie in a folder of their own, best first."""
    below = "" if place == Path() else f"{place.as_posix()}/"
    stem, whole = json_beside(name), f"{name}.json"
    return (below + stem, below + whole, stem, whole)


def _owner(annotation: Path, keys: Sequence[str], places: Mapping[str, tuple[Path, str]]) -> str:
    """Return which film an annotation belongs to that several could have."""
    if len(keys) == 1:
        return keys[0]
    ordered = sorted(keys, key=lambda key: natural_key(places[key][0] / places[key][1]))
    name = _meant(_image_path(_read(annotation)[0]), [places[key][1] for key in ordered])
    return next(key for key in ordered if places[key][1] == name)


def _meant(image: str, sharing: Sequence[str]) -> str:
    """Return which of the films of one stem an `imagePath` names, the first where it names none of them."""
    name = Path(image).name
    return name if name in sharing else sharing[0]


def _image_path(record: object) -> str:
    """Return a labelme file's `imagePath`, with slashes."""
    return str(record.get("imagePath") or "").replace("\\", "/") if isinstance(record, dict) else ""


def _read(path: Path) -> tuple[object, str]:
    """Return the JSON of a file, or what came instead."""
    try:
        if is_special(path):
            return None, SPECIAL
        return json.loads(path.read_bytes().decode("utf-8-sig")), ""
    except OSError as error:
        return None, f"one that can't be read: {error.strerror or error}"
    except (ValueError, RecursionError) as error:
        return None, f"broken JSON: {str(error) or 'nesting too deep'}"


def _is_file(path: Path) -> bool:
    """Whether there is such a file; False too for what can't be a file's name, such as a thousand letters."""
    try:
        return path.is_file()
    except OSError:
        return False
