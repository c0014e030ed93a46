"""Random changes of a training sample; outlines move with the picture and are rasterised afterwards.

The paper's own are flip and rotation (Paik et al. 2024, Methods). A vertical flip would swap L4 and
T11, so none exists.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.data.dataset import Sample
from engine.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How much is changed. Angles in degrees; `scale` a range of factors; the rest are spreads of grey values 0..1."""

    flip: float = 0.5
    rotation: float = 10.0
    rotation_share: float = 0.5
    scale: tuple[float, float] = (1.0, 1.0)
    stretch: float = 0.0
    shift: float = 0.0
    gamma: float = 0.0
    contrast: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    shade: float = 0.0  # spread of a smooth brightness field over the film, in log units
    halo: float = 0.0  # largest strength of an edge enhancement, as scanners apply it
    equalise: float = 0.0  # share of films whose contrast is equalised tile by tile

    def __post_init__(self) -> None:
        """Refuse what can't be: shares beyond 0..1, a scale that isn't a range."""
        if not (0 <= self.flip <= 1 and 0 <= self.rotation_share <= 1 and 0 < self.scale[0] <= self.scale[1]):
            raise ConfigError(f"augmentation shares must lie in 0..1 and scale must be a range, got {self}")


PAPER_AUGMENTATION = Augmentation(rotation_share=1.0)
CORRECTED_AUGMENTATION = Augmentation(
    scale=(0.85, 1.2), stretch=0.06, shift=0.06, gamma=0.3, contrast=0.25, blur=0.9, noise=0.05, shade=0.3,
    halo=1.5, equalise=0.2,
)  # fmt: skip


def augment(sample: Sample, plan: Augmentation, rng: Generator) -> Sample:
    """Return a changed sample of the same size or smaller; the polygon is turned, not its box or mask."""
    height, width = sample.image.shape
    matrix = _matrix(plan, (height, width), rng)
    image = cv2.warpAffine(sample.image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=0.0)
    outlines = [outline @ matrix[:, :2].T + matrix[:, 2] for outline in sample.outlines]
    if rng.random() < plan.flip:
        image = image[:, ::-1]
        outlines = [outline * (-1, 1) + (width, 0) for outline in outlines]
    return Sample(_change_grey(np.ascontiguousarray(image), plan, rng), tuple(outlines), sample.labels)


def _matrix(plan: Augmentation, size: tuple[int, int], rng: Generator) -> NDArray[np.float64]:
    turned = rng.random() < plan.rotation_share
    angle = math.radians(rng.uniform(-plan.rotation, plan.rotation)) if turned else 0.0
    factor = math.exp(rng.uniform(math.log(plan.scale[0]), math.log(plan.scale[1])))
    stretch = 1 + rng.uniform(-plan.stretch, plan.stretch)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    turn = factor * turn * np.array([[stretch], [1.0]])
    centre = np.array([size[1] / 2, size[0] / 2])
    shift = rng.uniform(-plan.shift, plan.shift, 2) * (size[1], size[0])
    return np.column_stack([turn, centre + shift - turn @ centre])


def _change_grey(image: NDArray[np.float32], plan: Augmentation, rng: Generator) -> NDArray[np.float32]:
    changed = np.asarray(np.clip(image, 0, 1) ** math.exp(rng.normal(0, plan.gamma)), np.float32)
    if plan.shade:
        coarse = rng.normal(0, plan.shade, (4, 3)).astype(np.float32)
        field = cv2.resize(coarse, changed.shape[::-1], interpolation=cv2.INTER_CUBIC)
        changed = np.asarray(changed * np.exp(field), np.float32)
    if plan.equalise and rng.random() < plan.equalise:
        changed = _equalised(changed, rng)
    if plan.halo and rng.random() < 0.4:
        soft = cv2.GaussianBlur(changed, (0, 0), rng.uniform(2, 8))
        changed = np.asarray(changed + rng.uniform(0, plan.halo) * (changed - soft), np.float32)
    if plan.contrast:
        factor, offset = math.exp(rng.normal(0, plan.contrast)), rng.normal(0, 0.3 * plan.contrast)
        changed = np.asarray((changed - 0.5) * factor + 0.5 + offset, np.float32)
    if plan.blur and rng.random() < 0.3:
        changed = np.asarray(cv2.GaussianBlur(changed, (0, 0), rng.uniform(0.3, 0.3 + plan.blur)), np.float32)
    if plan.noise and rng.random() < 0.4:
        changed = np.asarray(changed + rng.normal(0, rng.uniform(0, plan.noise), changed.shape), np.float32)
    return np.clip(changed, 0, 1)


def _equalised(image: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    """Equalise contrast tile by tile (CLAHE), as many viewers and photographs of films do."""
    grey = np.asarray(np.clip(image, 0, 1) * 255, np.uint8)
    tiles = int(rng.integers(2, 7))
    done = cv2.createCLAHE(float(rng.uniform(1.5, 4.0)), (tiles, tiles)).apply(grey)
    return np.asarray(done / np.float32(255), np.float32)
