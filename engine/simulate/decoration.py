"""What lies on a film beside the patient: collimator, marker, burned-in text, scratches. Never tied to the label."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.simulate.canvas import Float

WORDS = ("L", "R", "LAT", "LATERAL", "L-SPINE LAT", "T-L SPINE", "ERECT", "PORTABLE", "80KV", "TABLE")


@dataclass(frozen=True, slots=True)
class Decoration:
    """`field` (H, W) is True where the collimator let light through; `border` the grey outside; `texts` to burn in."""

    field: NDArray[np.bool_]
    border: float
    texts: tuple[tuple[str, float, float, float], ...]
    scratches: int

    def share_exposed(self, points: NDArray[np.float64]) -> float:
        """Return the share of an outline's area, (N, 2) px, that lies on the exposed field."""
        height, width = self.field.shape
        low = np.floor(points.min(axis=0)).astype(int) - 1
        shape = np.ceil(points.max(axis=0)).astype(int) + 2 - low
        mask = np.zeros((int(shape[1]), int(shape[0])), np.uint8)
        cv2.fillPoly(mask, [np.round(points - low).astype(np.int32)], 1)
        rows = np.arange(mask.shape[0]) + low[1]
        cols = np.arange(mask.shape[1]) + low[0]
        on_film = np.ix_((rows >= 0) & (rows < height), (cols >= 0) & (cols < width))
        rows, cols = rows[(rows >= 0) & (rows < height)], cols[(cols >= 0) & (cols < width)]
        if len(rows) == 0 or len(cols) == 0 or mask.sum() == 0:
            return 0.0
        lit = self.field[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        return float((mask[on_film] * lit).sum() / mask.sum())


def sample_decoration(size: tuple[int, int], rng: Generator) -> Decoration:
    """Draw collimation, texts and scratches for a film of `size` (height, width) px."""
    height, width = size
    field = np.ones(size, np.uint8)
    if rng.random() < 0.45:
        field[:] = 0
        inset = rng.uniform(0, 0.07, 4)
        skew = rng.normal(0, 0.012)
        corners = np.array([[inset[0] + skew, inset[1]], [1 - inset[2], inset[1] + skew],
                            [1 - inset[2] - skew, 1 - inset[3]], [inset[0], 1 - inset[3] - skew]])  # fmt: skip
        cv2.fillConvexPoly(field, np.round(corners * (width, height)).astype(np.int32), 1)
    count = int(rng.poisson(0.7))
    texts = tuple(
        (str(rng.choice(WORDS)), float(rng.choice((rng.uniform(0.01, 0.12), rng.uniform(0.78, 0.92)))),
         float(rng.uniform(0.03, 0.98)), float(rng.uniform(0.4, 1.2)))
        for _ in range(count)
    )  # fmt: skip
    border = float(rng.choice((0.0, 0.02, 1.0), p=(0.6, 0.3, 0.1)))
    return Decoration(field.astype(bool), border, texts, int(rng.poisson(0.4)))


def decorate(grey: Float, decoration: Decoration, rng: Generator) -> Float:
    """Return the film with its border, markers, text and scratches burned in; grey values 0..1."""
    height, width = grey.shape
    out = np.where(decoration.field, grey, np.float32(decoration.border)).astype(np.float32)
    unit = height / 1000
    for text, x, y, size in decoration.texts:
        place = (int(x * width), int(y * height))
        ink = np.zeros(out.shape, np.uint8)
        cv2.putText(ink, text, place, cv2.FONT_HERSHEY_SIMPLEX, size * unit, 255, max(1, round(2 * size * unit)),
                    cv2.LINE_AA)  # fmt: skip
        out = np.maximum(out, ink.astype(np.float32) / 255)
    for _ in range(decoration.scratches):
        start, turn = rng.uniform(0, 1, 2) * (width, height), rng.uniform(0, np.pi)
        end = start + rng.uniform(0.05, 0.4) * height * np.array([np.cos(turn), np.sin(turn)])
        line = np.zeros(out.shape, np.uint8)
        cv2.line(line, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 255, 1, cv2.LINE_AA)
        out += np.float32(rng.uniform(-0.12, 0.25) / 255) * line
    return np.clip(out, 0, 1)
