"""Annotated films -> what networks are trained on: grey images, outlines and label numbers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.exported import films_by_path
from engine.data.held_out import file_sha256
from engine.data.rasterise import outline_mask
from engine.data.worklist import find_work
from engine.domain.annotation import Annotation, Shape
from engine.domain.labels import LabelTable, write_label
from engine.domain.polygon import signed_area
from engine.errors import DataError
from engine.films import read_film
from engine.films.dicom import patient_of
from engine.films.display import film_to_grey
from engine.films.patients import read_patients
from engine.formats.labelme import read_labelme
from engine.models._contract import Target

_AREAS = ("mask", "rectangle", "oriented_rectangle", "circle")
"""Labelme's shapes, beside the polygon, that a vertebra may have been marked by."""
_LANDMARKS = ("point", "points", "line")
"""Labelme's shapes that mark a place of a vertebra, whatever they are called."""


@dataclass(frozen=True, slots=True)
class Example:
    """One annotated film: paths, the shapes a network may learn, and the patient (None where unknown).

    `name` is what splits and results call it: its file's name, or its path below the data folder where several films
    share that. `unread` holds the labels of its outlines that mean no vertebra.
    """

    film: Path
    annotation: Path
    shapes: tuple[Shape, ...]
    size: tuple[int, int]
    patient: str | None = None
    simulated: bool = False
    name: str = ""
    unread: tuple[str, ...] = ()

    @property
    def fractures(self) -> tuple[str, ...]:
        """Return the fractured levels, by name."""
        return tuple(shape.level.value for shape in self.shapes if shape.is_fracture and shape.level is not None)


@dataclass(frozen=True, slots=True)
class Sample:
    """An image (H, W) float32 0..1 with its `outlines` (px) and `labels` (1-based numbers)."""

    image: NDArray[np.float32]
    outlines: tuple[NDArray[np.float64], ...]
    labels: tuple[int, ...]


def find_examples(folder: Path, names: Sequence[str] | None = None) -> tuple[Example, ...]:
    """List the films of a folder that have a labelme file; `names` restricts them.

    A film goes by its file's name, and where several share it by its path below `folder`. Films and files belong
    together as in the worklist (`engine.data.worklist`); in an export that left its films where they were, a labelme
    file names its film. A patient is known from `patients.csv`, the labelme file, or the DICOM header. Raises DataError
    where a name isn't there, has no annotation, stands for several films, where one film is annotated twice, where a
    vertebra is marked by something else than a polygon, where `names` is empty, or nothing is found.
    """
    if names is not None and not names:
        raise DataError(
            f"{folder}: expected names of films, got an empty list: this part of the split holds none; make the split "
            "anew with more films, or a larger share for the part"
        )
    labelled = _labelled_films(folder)
    known = _by_name(labelled)
    chosen = known if names is None else {name: _only(folder, labelled, known, name) for name in sorted(set(names))}
    missing = [name for name, one in chosen.items() if one is None]
    if missing:
        raise DataError(f"{folder}: {len(missing)} films of the split lack the film or its .json: {missing[:5]}")
    there = {name: one for name, one in chosen.items() if one is not None}
    _refuse_twice(folder, list(there.values()))
    if not there:
        raise DataError(f"{folder}: no film with a labelme .json of the same name beside it")
    one_of_each = {one.film.parent: one.film for one in there.values()}
    patients = {place: read_patients([film]) for place, film in one_of_each.items()}
    found = []
    for name, one in there.items():
        annotation = read_labelme(one.annotation)
        _refuse_other_shapes(one.annotation, annotation)
        own = annotation.extra.get("vcfviewer", {})
        patient = patients[one.film.parent].get(one.film.name) or own.get("patient") or patient_of(one.film)
        simulated = bool(own.get("simulated"))
        found.append(
            Example(
                one.film, one.annotation, annotation.shapes, annotation.image_size, patient, simulated, name,
                _unread_labels(annotation),
            )
        )  # fmt: skip
    return tuple(found)


def _refuse_other_shapes(path: Path, annotation: Annotation) -> None:
    """Raise DataError where a vertebra is marked by a mask, a box or the like: its film would count as without it."""
    for one in annotation.foreign:
        label = str(one.record["label"])
        if one.record.get("shape_type") not in _LANDMARKS and LabelTable().read(label).level is not None:
            kind = f"{one.record.get('shape_type') or 'polygon'}{f' ({one.note})' if one.note else ''}"
            raise DataError(
                f"{path}: shape {one.position + 1}, labelled {label!r}: expected a polygon, since the label names a "
                f"vertebra, got a {kind}; draw it as a polygon, or leave the film out"
            )


def _unread_labels(annotation: Annotation) -> tuple[str, ...]:
    """Return the labels that mean no vertebra, of outlines: marks and notes are points and lines."""
    unread = {shape.label for shape in annotation.shapes if shape.level is None}
    unread |= {str(one.record["label"]) for one in annotation.foreign if one.record.get("shape_type") in _AREAS}
    return tuple(sorted(unread))


@dataclass(frozen=True, slots=True)
class _Labelled:
    """A film with its labelme file, and its `place`: its path below the folder, or of a film elsewhere its label's."""

    film: Path
    annotation: Path
    place: str


def _labelled_films(folder: Path) -> list[_Labelled]:
    found = {}
    for item in find_work([folder]):
        if item.annotation is not None and not item.embedded and not item.reason:
            film = item.film
            found[item.annotation] = _Labelled(film, item.annotation, film.relative_to(folder).as_posix())
    for label, film in films_by_path(folder).items():
        found.setdefault(label, _Labelled(film, label, label.relative_to(folder).as_posix()))
    return list(found.values())


def _by_name(labelled: Sequence[_Labelled]) -> dict[str, _Labelled | None]:
    """Return each film by the name that it goes by, in order of the names."""
    often = Counter(one.film.name for one in labelled)
    named = {one.film.name if often[one.film.name] == 1 else one.place: one for one in labelled}
    return dict(sorted(named.items()))


def _only(
    folder: Path, labelled: Sequence[_Labelled], known: Mapping[str, _Labelled | None], name: str
) -> _Labelled | None:
    """Return the film of a name or path; raises DataError where several films have that name."""
    if name in known:
        return known[name]
    same = [one for one in labelled if name in (one.film.name, one.place)]
    if len(same) > 1:
        places = ", ".join(one.place for one in same[:3])
        raise DataError(
            f"{folder}: {len(same)} annotated films are called {name}: {places}; a list of films that names it must "
            "tell which one, by such a path. Make the split anew, or rename all but one"
        )
    return same[0] if same else None


def _refuse_twice(folder: Path, chosen: Sequence[_Labelled]) -> None:
    """Raise DataError where films of one name are the same file: one of the labels is likely out of date."""
    often = Counter(one.film.name for one in chosen)
    seen: dict[tuple[str, str], _Labelled] = {}
    for one in chosen:
        if often[one.film.name] == 1:
            continue
        other = seen.setdefault((one.film.name, file_sha256(one.film)), one)
        if other is not one:
            raise DataError(
                f"{folder}: the film {one.film.name} is annotated twice, in {other.annotation} and {one.annotation}; "
                "keep one of them, or give the folder that holds one (of two exports, the newer)"
            )


class SampleStore:
    """Films shrunk once and kept in memory as 8-bit grey, up to `limit` bytes; beyond that each is read again."""

    def __init__(self, labels: Sequence[str], long_side: int, limit: int = 3 << 30) -> None:
        """Keep shapes whose labels are in `labels`; films have at most `long_side` px."""
        self._numbers = {label: index + 1 for index, label in enumerate(labels)}
        self._long_side = long_side
        self._left = limit
        self._held: dict[Path, tuple[NDArray[np.uint8], tuple[int, int]]] = {}

    def load(self, example: Example) -> Sample:
        """Return a film's image and the outlines to be learned.

        Raises DataError where the annotation was made for a film of another size.
        """
        small, size = self._held.get(example.film) or self._read(example.film)
        if example.size not in ((0, 0), size):
            raise DataError(f"{example.annotation}: made for {example.size} px, the film has {size} px")
        scale = np.array([small.shape[1] / size[1], small.shape[0] / size[0]])
        outlines, numbers = [], []
        for shape in example.shapes:
            if shape.level is None or shape.status is None:
                continue
            number = self._numbers.get(write_label(shape.level, shape.status))
            if number is not None:
                outlines.append(shape.polygon.points * scale)
                numbers.append(number)
        return Sample(np.asarray(small / np.float32(255), np.float32), tuple(outlines), tuple(numbers))

    def _read(self, path: Path) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        film = read_film(path)
        small = _shrink(film_to_grey(film), self._long_side)
        if small.nbytes <= self._left:
            self._left -= small.nbytes
            self._held[path] = (small, film.size)
        return small, film.size


def _shrink(grey: NDArray[np.uint8], long_side: int) -> NDArray[np.uint8]:
    factor = min(1.0, long_side / max(grey.shape))
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8) if factor < 1 else grey


def to_tensors(sample: Sample) -> tuple[torch.Tensor, Target]:
    """Return the image as (3, H, W) and its target; shapes that hardly lie on the image are left out."""
    height, width = sample.image.shape
    boxes, labels, masks = [], [], []
    for outline, label in zip(sample.outlines, sample.labels, strict=True):
        mask = outline_mask(outline, (height, width))
        area = abs(signed_area(outline))
        clipped = np.clip(outline, 0, (width, height))
        if mask.sum() < max(16.0, 0.6 * area):
            continue
        boxes.append(np.concatenate([clipped.min(axis=0), clipped.max(axis=0)]))
        labels.append(label)
        masks.append(mask)
    target = Target(
        torch.from_numpy(np.array(boxes, np.float32).reshape(-1, 4)),
        torch.tensor(labels, dtype=torch.int64),
        torch.from_numpy(np.array(masks, np.uint8).reshape(-1, height, width)),
    )
    image = torch.from_numpy(np.ascontiguousarray(sample.image, dtype=np.float32))
    return image[None].expand(3, -1, -1), target


def data_hash(examples: Sequence[Example]) -> str:
    """Return one sha256 over all films and annotations, for the run record."""
    digest = hashlib.sha256()
    for example in sorted(examples, key=lambda one: (one.film.name, one.name)):
        for path in (example.film, example.annotation):
            digest.update(path.name.encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
