"""Compresses a vertebral body in a picture: its superior endplate sinks, and the tissue around follows smoothly."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

REACH = 1.3
"""How far above the body the tissue gives way, in body heights, and beside it, in body depths."""


@dataclass(frozen=True)
class Wedge:
    """A warped picture (H, W) and the corners of the wedged body in it: SA SP IP IA, (4, 2) px."""

    picture: NDArray[np.uint8]
    corners: NDArray[np.float64]


def wedge(picture: NDArray[np.uint8], corners: NDArray[np.float64], loss: float) -> Wedge:
    """Take `loss` (0..1) off the anterior height of the body with `corners` (SA SP IP IA, px), none off the posterior.

    In the body's own frame u runs from the anterior (0) to the posterior wall (1) and v from the superior (0) to the
    inferior endplate (1). The superior endplate sinks by loss * (1 - u); above it the shift dies away.
    """
    height, width = picture.shape
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    to_body = cv2.getPerspectiveTransform(corners.astype(np.float32), unit)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    frame = cv2.perspectiveTransform(np.stack([x, y], axis=-1).reshape(-1, 1, 2), to_body).reshape(height, width, 2)
    u, v = frame[..., 0], frame[..., 1]
    near = np.clip(1 - np.clip(np.maximum(-u, u - 1), 0, None) / REACH, 0, 1)
    sink = loss * np.clip(1 - u, 0, 1) * near * near * (3 - 2 * near)
    inside = (v - sink) / np.maximum(1 - sink, 1e-3)
    up = np.clip((v + REACH) / (sink + REACH), 0, 1)
    source = np.where(v >= 1, v, np.where(v >= sink, inside, np.where(v <= -REACH, v, -REACH + REACH * up)))
    moved = np.stack([u, source.astype(np.float32)], axis=-1)
    back = cv2.perspectiveTransform(moved.reshape(-1, 1, 2), np.linalg.inv(to_body)).reshape(height, width, 2)
    far = (np.abs(u - 0.5) > 2.5) | (np.abs(v) > 3)
    back[far] = np.stack([x, y], axis=-1)[far]
    warped = cv2.remap(picture, back[..., 0], back[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    sunk = corners.copy()
    sunk[0] = corners[0] + loss * (corners[3] - corners[0])
    return Wedge(warped, sunk)
