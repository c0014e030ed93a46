"""From path lengths to grey values: attenuation, scatter, noise, blur, and what scanners do afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.simulate.canvas import Canvas, Float, box_blur

ENERGIES_KEV = (45.0, 55.0, 70.0)
SPECTRUM = (0.35, 0.40, 0.25)
"""Shares of detected photons behind a trunk at 80 to 90 kVp (spekpy), weighted by the detector's response."""

ATTENUATION = MappingProxyType(
    {
        "soft": (0.0262, 0.0228, 0.0203),
        "fat": (0.0215 - 0.0262, 0.0195 - 0.0228, 0.0178 - 0.0203),
        "spongiosa": (0.0397 - 0.0262, 0.0309 - 0.0228, 0.0250 - 0.0203),
        "cortex": (0.1046 - 0.0262, 0.0710 - 0.0228, 0.0494 - 0.0203),
        "lung": (0.0065 - 0.0262, 0.0056 - 0.0228, 0.0050 - 0.0203),
        "gas": (-0.0262, -0.0228, -0.0203),
        "metal": (0.35, 0.25, 0.15),
    }
)
"""Linear attenuation per mm (ICRU-44/46, xraydb); all but soft tissue as the difference from soft tissue."""


@dataclass(frozen=True, slots=True)
class Technique:
    """One exposure: quanta a mm² without an object, scatter to primary ratio, blur in mm at the detector."""

    quanta: float
    scatter: float
    blur: float
    window: tuple[float, float]
    gamma: float
    edge: tuple[float, float]
    equalise: float
    local: float


def sample_technique(rng: Generator) -> Technique:
    """Draw an exposure and a scanner's processing, independent of anatomy and findings."""
    strong = rng.random() < 0.3
    return Technique(
        quanta=float(np.exp(rng.uniform(np.log(8e4), np.log(8e5)))) * 12,
        scatter=float(rng.uniform(0.3, 1.6)),
        blur=float(rng.uniform(0.2, 0.75)),
        window=(float(rng.uniform(0.3, 14.0)), float(rng.uniform(93.0, 99.8))),
        gamma=float(np.exp(rng.normal(0.15, 0.28))),
        edge=(float(rng.uniform(0, 0.9) + 0.9 * strong), float(rng.uniform(0.6, 3.5))),
        equalise=float(rng.beta(1.1, 1.5) * 0.9),
        local=float(rng.uniform(0.0, 1.0)) if rng.random() < 0.3 else 0.0,
    )


def expose(canvas: Canvas, technique: Technique, rng: Generator) -> Float:
    """Return the negative log exposure (H, W), bright where little arrives, with scatter, blur and quantum noise."""
    pitch = canvas.view.pitch
    arrived = np.zeros(canvas.view.size, np.float32)
    for index, share in enumerate(SPECTRUM):
        line = np.zeros(canvas.view.size, np.float32)
        for name, path in canvas.maps.items():
            line += path * np.float32(ATTENUATION[name][index])
        arrived += np.float32(share) * np.exp(-np.clip(line, 0, 14))
    stray = np.exp(box_blur(np.log(arrived), float(rng.uniform(22, 45)) / pitch))
    met = cv2.GaussianBlur(arrived + technique.scatter * stray, (0, 0), max(technique.blur / pitch, 0.35))
    dose = technique.quanta * pitch**2
    counts = np.asarray(met, np.float32) * (dose * 0.6)
    noise = cv2.GaussianBlur(rng.standard_normal(counts.shape, dtype=np.float32), (0, 0), 0.45)
    counts = counts + noise * np.sqrt(counts + 4) * 1.15
    return np.asarray(-np.log(np.maximum(counts, 1.0) / dose), np.float32)


def process(log_image: Float, technique: Technique, pitch: float, inside: NDArray[np.bool_]) -> Float:
    """Return grey values 0..1 as a scanner would show them: equalised, edge enhanced, windowed, bent.

    `inside` (H, W) marks the region that sets the window: the exposed field near the spine.
    """
    image = log_image
    if technique.equalise > 0:
        image = image - technique.equalise * (box_blur(image, 22 / pitch) - float(image[inside].mean()))
    gain, sigma = technique.edge
    image = image + gain * (image - box_blur(image, max(sigma / pitch, 0.6)))
    low, high = np.percentile(image[inside][::7], technique.window)
    grey = np.clip((image - low) / max(high - low, 1e-3), 0, 1) ** technique.gamma
    if technique.local > 0:
        clahe = cv2.createCLAHE(clipLimit=1 + 2 * technique.local, tileGridSize=(6, 6))
        local = clahe.apply((grey * 65535).astype(np.uint16)).astype(np.float32) / 65535
        grey = (1 - technique.local) * grey + technique.local * local
    return np.asarray(grey, np.float32)
