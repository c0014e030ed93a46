"""Maps of path lengths on the film's grid, and the strokes that fill them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Float = NDArray[np.float32]
Span = tuple[slice, slice]

COMPACT = 0.5
"""Share of compact bone in the shells of posterior elements, ribs and pelvis."""

MATERIALS = ("soft", "fat", "spongiosa", "cortex", "lung", "gas", "metal")


@dataclass(frozen=True, slots=True)
class View:
    """How patient mm fall on the film: `pitch` patient mm a pixel at z = 0, `corner` patient mm of the top left pixel.

    `ray` is the point of the perpendicular ray in patient mm, `distance` from the focus to z = 0 in mm.
    """

    size: tuple[int, int]
    pitch: float
    corner: tuple[float, float]
    ray: tuple[float, float]
    distance: float

    def to_pixels(self, points: NDArray[np.float64], z: float = 0.0) -> NDArray[np.float64]:
        """Project patient mm (N, 2) at depth `z` (mm towards the tube) to film pixels (N, 2)."""
        ray = np.asarray(self.ray)
        spread = ray + (points - ray) * (1 + z / self.distance)
        pixels: NDArray[np.float64] = (spread - np.asarray(self.corner)) / self.pitch
        return pixels

    def window(self, low: tuple[float, float], high: tuple[float, float]) -> tuple[Span, Float, Float] | None:
        """Return the slices, x and y (patient mm) of the pixels between two corners in mm; None if off the film."""
        x0, y0 = (int(np.floor((low[axis] - self.corner[axis]) / self.pitch)) for axis in (0, 1))
        x1, y1 = (int(np.ceil((high[axis] - self.corner[axis]) / self.pitch)) for axis in (0, 1))
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, self.size[1]), min(y1, self.size[0])
        if x0 >= x1 or y0 >= y1:
            return None
        xs = np.arange(x0, x1, dtype=np.float32) * self.pitch + self.pitch / 2 + self.corner[0]
        ys = np.arange(y0, y1, dtype=np.float32) * self.pitch + self.pitch / 2 + self.corner[1]
        x, y = np.meshgrid(xs.astype(np.float32), ys.astype(np.float32))
        return (slice(y0, y1), slice(x0, x1)), x, y

    def coarser(self, factor: int) -> View:
        """Return the same view with pixels `factor` times as wide; it covers at least this one."""
        size = (-(-self.size[0] // factor), -(-self.size[1] // factor))
        return replace(self, size=size, pitch=self.pitch * factor)


@dataclass(slots=True)
class Canvas:
    """Path lengths in mm by material, each (H, W) float32."""

    view: View
    maps: dict[str, Float] = field(init=False)

    def __post_init__(self) -> None:
        """Start with empty air."""
        self.maps = {name: np.zeros(self.view.size, np.float32) for name in MATERIALS}

    def add_enlarged(self, coarse: Canvas, factor: int) -> None:
        """Add the maps of a canvas that was drawn `factor` times coarser."""
        height, width = self.view.size
        for name, path in coarse.maps.items():
            if path.any():
                wide = (path.shape[1] * factor, path.shape[0] * factor)
                self.maps[name] += cv2.resize(path, wide, interpolation=cv2.INTER_CUBIC)[:height, :width]

    def capsule(
        self,
        ends: tuple[tuple[float, float], tuple[float, float]],
        radii: tuple[float, float],
        thick: float,
        z: float = 0.0,
        shell: float = 1.2,
        flat: float = 0.5,
        metal: bool = False,
    ) -> None:
        """Add a tapering rod between two patient points: round profile, `thick` mm of path at its middle.

        It is bone with `shell` mm of cortex, or solid `metal`; `flat` 0 is a round rod, 1 a plate of even path.
        """
        view = self.view
        points = view.to_pixels(np.array(ends, dtype=np.float64), z) * view.pitch + np.asarray(view.corner)
        reach = max(radii) + 1
        found = view.window(tuple(points.min(axis=0) - reach), tuple(points.max(axis=0) + reach))
        if found is None:
            return
        span, x, y = found
        along = points[1] - points[0]
        share = ((x - points[0, 0]) * along[0] + (y - points[0, 1]) * along[1]) / max(float(along @ along), 1e-6)
        share = np.clip(share, 0, 1)
        radius = radii[0] + (radii[1] - radii[0]) * share
        gap = np.hypot(x - points[0, 0] - share * along[0], y - points[0, 1] - share * along[1])
        if metal:
            self.maps["metal"][span] += thick * _profile(radius - gap, radius, flat, view.pitch)
        else:
            self.solid(span, radius - gap, radius, thick, shell, flat)

    def solid(self, span: Span, depth: Float, radius: Float | float, thick: float, shell: float, flat: float) -> None:
        """Add a bone whose signed `depth` below its edge (mm) is given: cortex outside, spongiosa within."""
        outer = _profile(depth, radius, flat, self.view.pitch)
        inner = _profile(depth - shell, np.maximum(radius - shell, 0.2), flat, self.view.pitch)
        inner = inner * (1 - shell / max(thick, 2 * shell))
        rim = thick * np.clip(outer - inner, 0, 1)
        self.maps["cortex"][span] += COMPACT * rim
        self.maps["spongiosa"][span] += thick * inner + (1 - COMPACT) * rim


def _profile(depth: Float, radius: Float | float, flat: float, soft: float) -> Float:
    edge = np.clip(depth / (2.2 * max(soft, 0.4)) + 0.5, 0, 1)
    inward = np.clip(depth / np.maximum(radius, 1e-3), 0, 1)
    return np.asarray(edge * (flat + (1 - flat) * np.sqrt(inward * (2 - inward))), np.float32)


def smooth_noise(size: tuple[int, int], cell: float, rng: Generator, octaves: int = 1) -> Float:
    """Return smooth noise (H, W) of mean 0 and spread about 1; `cell` is the coarsest grain in pixels."""
    total = np.zeros(size, np.float32)
    weight = 0.0
    for octave in range(octaves):
        grain = max(cell / 2**octave, 1.0)
        rows, cols = int(size[0] / grain) + 3, int(size[1] / grain) + 3
        coarse = rng.standard_normal((rows, cols), dtype=np.float32)
        fine = cv2.resize(coarse, (int(cols * grain) + 1, int(rows * grain) + 1), interpolation=cv2.INTER_CUBIC)
        top, left = (int(grain * rng.random()), int(grain * rng.random()))
        total += fine[top : top + size[0], left : left + size[1]] / 2**octave
        weight += 0.25**octave
    return total / np.float32(np.sqrt(weight) * 0.75)


def box_blur(image: Float, sigma: float) -> Float:
    """Return a wide Gaussian blur (sigma in pixels) at the cost of a small one, by working on a coarse copy."""
    factor = max(1, int(sigma / 6))
    small = cv2.resize(image, (max(1, image.shape[1] // factor), max(1, image.shape[0] // factor)),
                       interpolation=cv2.INTER_AREA)  # fmt: skip
    small = cv2.GaussianBlur(small, (0, 0), sigma / factor, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(small, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)
