"""COCO instance segmentation: findings of many films in one JSON, as polygons or as run lengths.

Only fractures are written, six categories numbered from 1 in the paper's order; films without any stand in `images`,
so that an evaluation counts them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pycocotools import mask as coco

from engine.domain.annotation import Annotation, Shape
from engine.domain.labels import PAPER_CLASSES
from engine.errors import AnnotationWriteError
from engine.formats._atomic import write_atomic
from engine.formats._contract import Exporter
from engine.formats.raster_iou import coco_runs


def coco_record(annotations: Sequence[Annotation], rle: bool = False) -> dict[str, Any]:
    """Return the JSON object of films and their findings; areas and run lengths (`rle`) by COCO's own rasteriser.

    Raises ValueError for a film of unknown size. Findings of a level outside the six are left out.
    """
    images: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for number, one in enumerate(annotations, 1):
        height, width = one.image_size
        if not (height and width):
            raise ValueError(f"{one.image_name}: the film's size in pixels must be known")
        images.append({"id": number, "file_name": one.image_name, "height": height, "width": width})
        for shape in one.findings:
            if shape.level is not None and shape.level.value in PAPER_CLASSES:
                entries.append(_entry(shape, number, len(entries) + 1, (height, width), rle))
    categories = [{"id": at, "name": name, "supercategory": "fracture"} for at, name in enumerate(PAPER_CLASSES, 1)]
    return {"info": {"description": "vcfviewer"}, "images": images, "annotations": entries, "categories": categories}


def write_coco(folder: Path, annotations: Sequence[Annotation], rle: bool = False) -> tuple[Path, ...]:
    """Write `coco.json` (`coco_rle.json`); raises AnnotationWriteError."""
    path = folder / ("coco_rle.json" if rle else "coco.json")
    try:
        write_atomic(path, (json.dumps(coco_record(annotations, rle)) + "\n").encode())
    except ValueError as error:
        raise AnnotationWriteError(path, str(error)) from error
    except OSError as error:
        raise AnnotationWriteError(path, f"could not be written: {error.strerror or error}") from error
    return (path,)


def _entry(shape: Shape, image: int, number: int, size: tuple[int, int], rle: bool) -> dict[str, Any]:
    flat = shape.polygon.points.ravel().tolist()
    runs = coco_runs([shape.polygon], size)[0]
    x0, y0, x1, y1 = shape.polygon.bounds
    entry: dict[str, Any] = {
        "id": number, "image_id": image, "category_id": PAPER_CLASSES.index(str(shape.level and shape.level.value)) + 1,
        "segmentation": {"size": list(size), "counts": runs["counts"].decode("ascii")} if rle else [flat],
        "area": float(coco.area(runs)), "bbox": [x0, y0, x1 - x0, y1 - y0], "iscrowd": 0,
    }  # fmt: skip
    if shape.score is not None:
        entry["score"] = shape.score
    return entry


EXPORTER = Exporter("coco", "COCO instance segmentation", partial(write_coco, rle=False))
