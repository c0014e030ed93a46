"""Images of any size on one grey canvas whose sides the strides of a network divide, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

GREY = 114 / 255
"""Around an image, as the YOLO family fills it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an image lies: its `size` (height, width) px when shrunk, its corner (x, y), and its `factors` (x, y)."""

    size: tuple[int, int]
    corner: tuple[int, int]
    factors: tuple[float, float]
    canvas: tuple[int, int]


def place_images(
    sizes: Sequence[tuple[int, int]], short_side: int, long_side: int, multiple: int, *, shared: bool
) -> list[Place]:
    """Fit images of these (height, width) into `short_side` x `long_side`, centred on a canvas.

    A canvas is as small as its image allows, in steps of `multiple` px; `shared` ones are as large as the largest.
    """
    fitted = [_fitted(size, short_side, long_side) for size in sizes]
    canvases = [tuple(-(-side // multiple) * multiple for side in size) for size in fitted]
    places = []
    for size, inner, own in zip(sizes, fitted, canvases, strict=True):
        height, width = (max(sides) for sides in zip(*canvases, strict=True)) if shared else own
        corner = ((width - inner[1]) // 2, (height - inner[0]) // 2)
        places.append(Place(inner, corner, (inner[1] / size[1], inner[0] / size[0]), (height, width)))
    return places


def _fitted(size: tuple[int, int], short_side: int, long_side: int) -> tuple[int, int]:
    factor = min(short_side / min(size), long_side / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def on_canvas(picture: Tensor, place: Place, fill: float) -> Tensor:
    """Return `picture` (N, H, W) shrunk or enlarged on its canvas, (N, height, width), `fill` around it."""
    if picture.shape[-2:] != torch.Size(place.size):
        picture = functional.interpolate(picture[None], place.size, mode="bilinear", antialias=True)[0]
    left, top = place.corner
    right, below = place.canvas[1] - left - place.size[1], place.canvas[0] - top - place.size[0]
    return functional.pad(picture, (left, right, top, below), value=fill)


def boxes_to_canvas(boxes: Tensor, place: Place) -> Tensor:
    """Return boxes (N, 4) x0 y0 x1 y1 of the image in canvas pixels."""
    return boxes * boxes.new_tensor(place.factors * 2) + boxes.new_tensor(place.corner * 2)


def boxes_to_image(boxes: Tensor, place: Place) -> Tensor:
    """Return boxes (N, 4) x0 y0 x1 y1 of the canvas in image pixels."""
    across = (boxes[:, 0::2] - place.corner[0]) / place.factors[0]
    down = (boxes[:, 1::2] - place.corner[1]) / place.factors[1]
    return _as_boxes(across, down)


def clip_to_image(boxes: Tensor, place: Place) -> Tensor:
    """Return canvas boxes (N, 4) cut off where the image ends."""
    x, y = place.corner
    across = boxes[:, 0::2].clamp(x, x + place.size[1])
    down = boxes[:, 1::2].clamp(y, y + place.size[0])
    return _as_boxes(across, down)


def _as_boxes(across: Tensor, down: Tensor) -> Tensor:
    return torch.stack([across[:, 0], down[:, 0], across[:, 1], down[:, 1]], 1)
