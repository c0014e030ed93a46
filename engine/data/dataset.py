"""Annotated films -> what networks are trained on: grey images, outlines and label numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.exported import films_by_path
from engine.data.rasterise import outline_mask
from engine.data.worklist import find_work
from engine.domain.annotation import Shape
from engine.domain.labels import write_label
from engine.domain.polygon import signed_area
from engine.errors import DataError
from engine.films import read_film
from engine.films.dicom import patient_of
from engine.films.display import film_to_grey
from engine.films.patients import read_patients
from engine.formats.labelme import read_labelme
from engine.models._contract import Target


@dataclass(frozen=True, slots=True)
class Example:
    """One annotated film: paths, the shapes a network may learn, and the patient (None where unknown)."""

    film: Path
    annotation: Path
    shapes: tuple[Shape, ...]
    size: tuple[int, int]
    patient: str | None = None
    simulated: bool = False

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
    """List the films of a folder that have a labelme file; `names` (file names) restricts them.

    Films and files belong together as in the worklist (`engine.data.worklist`); in an export that left its films where
    they were, a labelme file names its film. A patient is known from `patients.csv`, the labelme file, or the DICOM
    header. Raises DataError where a name isn't there, has no annotation, stands for two films, or nothing is found.
    """
    films = _labelled_films(folder)
    chosen = films.keys() if names is None else set(names)
    missing = sorted(chosen - films.keys())
    if missing:
        raise DataError(f"{folder}: {len(missing)} films of the split lack the film or its .json: {missing[:5]}")
    for name in sorted(chosen):
        if len(films[name]) > 1:
            places = ", ".join(str(film) for film, _path in films[name][:3])
            raise DataError(
                f"{folder}: {len(films[name])} annotated films are called {name}: {places}; a split and the results "
                "know films by name. Rename all but one, or give the folder of one of them (of two exports, the newer)"
            )
    patients = read_patients([films[name][0][0] for name in chosen])
    found = []
    for name in sorted(chosen):
        ((film, path),) = films[name]
        annotation = read_labelme(path)
        own = annotation.extra.get("vcfviewer", {})
        patient = patients.get(name) or own.get("patient") or patient_of(film)
        simulated = bool(own.get("simulated"))
        found.append(Example(film, path, annotation.shapes, annotation.image_size, patient, simulated))
    if not found:
        raise DataError(f"{folder}: no film with a labelme .json of the same name beside it")
    return tuple(found)


def _labelled_films(folder: Path) -> dict[str, list[tuple[Path, Path]]]:
    """Return the annotated films of each name, with their labelme files."""
    films: dict[str, list[tuple[Path, Path]]] = {}
    for item in find_work([folder]):
        if item.annotation is not None and not item.embedded and not item.reason:
            films.setdefault(item.film.name, []).append((item.film, item.annotation))
    for label, film in films_by_path(folder).items():
        same = films.setdefault(film.name, [])
        if label not in (known for _film, known in same):
            same.append((film, label))
    return films


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
    for example in sorted(examples, key=lambda one: one.film.name):
        for path in (example.film, example.annotation):
            digest.update(path.name.encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
