"""YOLO segmentation: one text file a film, `class x y x y ...` in shares of width and height, and a `data.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from engine.domain.annotation import Annotation
from engine.domain.labels import PAPER_CLASSES
from engine.errors import AnnotationWriteError
from engine.formats._atomic import write_atomic
from engine.formats._contract import Exporter


def write_yolo(folder: Path, annotations: Sequence[Annotation]) -> tuple[Path, ...]:
    """Write `labels/<film>.txt` for each film, empty where nothing is broken, and `data.yaml`.

    Raises AnnotationWriteError for two films of one stem, which YOLO can't tell apart, or an unknown size.
    """
    labels = folder / "labels"
    files: dict[Path, str] = {}
    for one in annotations:
        path = labels / f"{PurePosixPath(one.image_name).stem}.txt"
        if path in files:
            raise AnnotationWriteError(path, f"two films share this stem ({one.image_name}); rename one of them")
        if not all(one.image_size):
            raise AnnotationWriteError(path, "the film's size in pixels must be known")
        files[path] = _lines(one)
    names = "".join(f"  {at}: {name}\n" for at, name in enumerate(PAPER_CLASSES))
    files[folder / "data.yaml"] = f"path: .\ntrain: images\nval: images\nnames:\n{names}"
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, text.encode())
        except OSError as error:
            raise AnnotationWriteError(path, f"could not be written: {error.strerror or error}") from error
    return tuple(files)


def _lines(annotation: Annotation) -> str:
    height, width = annotation.image_size
    lines = []
    for shape in annotation.findings:
        if shape.level is not None and shape.level.value in PAPER_CLASSES:
            shares = np.clip(shape.polygon.points / (width, height), 0, 1)
            numbers = " ".join(f"{value:.6f}" for value in shares.ravel())
            lines.append(f"{PAPER_CLASSES.index(shape.level.value)} {numbers}\n")
    return "".join(lines)


EXPORTER = Exporter("yolo", "YOLO segmentation", write_yolo)
