"""Film -> Prediction, in pixels of the film: shrink, detect, and turn each mask into a sub-pixel polygon."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import contourpy
import cv2
import numpy as np
from numpy.typing import NDArray

from engine.backends import open_runner
from engine.backends._contract import RawFindings, Runner
from engine.control import CancelToken
from engine.domain.annotation import Shape, new_shape_id
from engine.domain.case import ModelCard, Prediction
from engine.domain.polygon import Polygon, polygon_problem, signed_area
from engine.films import Film
from engine.films.display import film_to_grey
from engine.weights import read_card

UPSAMPLING = 8
"""A 28 x 28 mask is interpolated this finely before its contour is taken: measuring needs more than raw cells."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What runs a network, with the card that says how to feed it."""

    card: ModelCard
    runner: Runner


def load_model(card_path: Path, backend: str = "auto", threads: int | None = None) -> LoadedModel:
    """Load the model of a card onto a backend (see `engine.backends.open_runner`); raises WeightsError, ConfigError."""
    card = read_card(card_path)
    return LoadedModel(card, open_runner(card_path, card, backend, threads))


def predict(film: Film, model: LoadedModel, cancel: CancelToken | None = None, floor: float = 0.05) -> Prediction:
    """Return what the model says of a film, shapes of at least `floor` score, best first, in film pixels."""
    if cancel is not None:
        cancel.check()
    started = time.perf_counter()
    image, scale = network_image(film_to_grey(film), model.card.input_size)
    raw = model.runner.find(image, floor)
    if cancel is not None:
        cancel.check()
    shapes = to_shapes(raw, model.card.labels, scale, film.size, floor)
    return Prediction(model.card, film.size, shapes, time.perf_counter() - started, model.runner.title)


def network_image(
    grey: NDArray[np.uint8], input_size: tuple[int, int]
) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """Shrink a film by area to the network's input; return it in 0..1 and the film pixels (x, y) each pixel covers.

    The film keeps its shape: the short side becomes `input_size[0]`, unless the long one would pass `input_size[1]`.
    """
    height, width = grey.shape
    factor = min(input_size[0] / min(height, width), input_size[1] / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    small = cv2.resize(grey, size, interpolation=how)
    image: NDArray[np.float32] = small.astype(np.float32) / np.float32(255)
    return image, (width / size[0], height / size[1])


def to_shapes(
    raw: RawFindings, labels: tuple[str, ...], scale: tuple[float, float], size: tuple[int, int], floor: float
) -> tuple[Shape, ...]:
    """Turn detections into labelled polygons in film pixels; a detection without any outline is dropped."""
    shapes = []
    boxes = raw.boxes * [scale[0], scale[1], scale[0], scale[1]]
    for box, number, score, mask in zip(boxes, raw.labels.tolist(), raw.scores.tolist(), raw.masks, strict=True):
        if score < floor:
            continue
        points = mask_outline(mask, box, size)
        if points is not None:
            label = labels[number - 1]
            shapes.append(Shape(new_shape_id(), label, Polygon(points), score=min(1.0, float(score))))
    return tuple(sorted(shapes, key=lambda shape: -(shape.score or 0.0)))


def mask_outline(
    mask: NDArray[np.float32], box: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.float64] | None:
    """Return the outline (N, 2) px of the largest region of probability >= 0.5, None where there is none.

    `mask` (M, M) covers `box` (x0 y0 x1 y1 px) evenly. The contour is marched through the interpolated
    probabilities, so that it isn't bound to the mask's cells; the film's border, `size` (height, width), clips it.
    """
    cells = mask.shape[0]
    fine = cv2.resize(mask, (cells * UPSAMPLING, cells * UPSAMPLING), interpolation=cv2.INTER_CUBIC)
    fine = np.pad(cv2.GaussianBlur(fine, (0, 0), UPSAMPLING / 3), 1)
    rings = [ring for ring in contourpy.contour_generator(z=fine).lines(0.5) if len(ring) > 3]
    if not rings:
        return None
    ring = max(rings, key=lambda one: abs(signed_area(np.asarray(one, np.float64))))
    unit = (np.asarray(ring, np.float64)[:-1] - 0.5) / (cells * UPSAMPLING)
    points = box[:2] + unit * (box[2:] - box[:2])
    points = thin_out(np.clip(points, 0, (size[1], size[0])), 0.0015 * float(np.hypot(*(box[2:] - box[:2]))))
    return points if polygon_problem(points) is None else None


def thin_out(points: NDArray[np.float64], tolerance: float, fewest: int = 24) -> NDArray[np.float64]:
    """Drop vertices that lie within `tolerance` px of the outline without them, keeping at least `fewest`.

    Morphometry needs 24 to 40 vertices or more, so the tolerance shrinks until they are left.
    """
    closed = points.astype(np.float32)[:, None]
    for _ in range(8):
        thin = np.asarray(cv2.approxPolyDP(closed, tolerance, True)[:, 0], np.float64)
        if len(thin) >= fewest:
            return thin
        tolerance /= 2
    return points
