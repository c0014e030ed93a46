"""IoU on pixels, by the two rasterisers of the field, each under its own name; the program's own IoU is exact.

labelme fills with Pillow's ImageDraw.polygon and draws the outline too: a 260 x 160 polygon covers 261 x 161 pixels,
so that areas are about 1 % too large and IoU slightly too high. COCO turns polygons into run-length masks on a grid
five times as fine and rounds. Several polygons of one side are merged by union; pixels outside the film are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pycocotools import mask as coco

from engine.domain.polygon import Polygon

BoolArray = NDArray[np.bool_]


def labelme_mask(polygons: Sequence[Polygon], size: tuple[int, int]) -> BoolArray:
    """Return the (H, W) mask labelme's `shape_to_mask` gives: inside or on the outline. `size` is (height, width)."""
    height, width = size
    canvas = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(canvas)
    for polygon in polygons:
        draw.polygon([(x, y) for x, y in polygon.points.tolist()], fill=1, outline=1)
    return np.array(canvas, dtype=np.bool_)


def raster_iou_labelme(first: Sequence[Polygon], second: Sequence[Polygon], size: tuple[int, int]) -> float | None:
    """Return the IoU (0 to 1) of two unions of polygons on labelme's pixels; None where both cover no pixel."""
    one, two = labelme_mask(first, size), labelme_mask(second, size)
    union = np.count_nonzero(one | two)
    return float(np.count_nonzero(one & two) / union) if union else None


def raster_iou_coco(first: Sequence[Polygon], second: Sequence[Polygon], size: tuple[int, int]) -> float | None:
    """Return the IoU (0 to 1) of two unions of polygons on COCO's pixels; None where both cover no pixel."""
    union = _coco_area(coco_runs([*first, *second], size))
    if union == 0:
        return None
    # On run lengths: pycocotools' own decode() warns under numpy 2.4.
    shared = coco.merge([*coco_runs(first, size), *coco_runs(second, size)], intersect=True)
    return _coco_area([shared]) / union if first and second else 0.0


def coco_area(polygons: Sequence[Polygon], size: tuple[int, int]) -> int:
    """Return how many pixels of a film of `size` (height, width) the union of polygons covers by COCO's rule."""
    return _coco_area(coco_runs(polygons, size))


def coco_runs(polygons: Sequence[Polygon], size: tuple[int, int]) -> list[Any]:
    """Return the union of polygons as one run-length mask of `size` (height, width) in a list; [] for no polygon."""
    if not polygons:
        return []
    runs = coco.frPyObjects([polygon.points.ravel().tolist() for polygon in polygons], *size)
    return [coco.merge(runs)]


def _coco_area(runs: list[Any]) -> int:
    return int(coco.area(runs)[0]) if runs else 0
