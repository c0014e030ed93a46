"""Six points on the lateral projection of a vertebral body, and what is computed from them alone.

SA, SM, SP: superior endplate anterior, middle, posterior; IA, IM, IP: inferior endplate. Heights are Ha = |SA - IA|,
Hm = |SM - IM|, Hp = |SP - IP|. Lengths need isotropic pixels or a spacing; angles and ratios need at least equal row
and column spacing, so that every function that measures takes the spacing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.polygon import FloatArray, signed_area

Point = tuple[float, float]
Spacing = tuple[float, float]
"""(row, column): millimetres from one row, and from one column, to the next, in DICOM's order."""


@dataclass(frozen=True, slots=True)
class Heights:
    """Anterior, middle and posterior height of a body, in one unit: pixels or millimetres."""

    anterior: float
    middle: float
    posterior: float

    def __post_init__(self) -> None:
        """Refuse heights that no body has."""
        if not all(math.isfinite(height) and height > 0 for height in self.values):
            raise ValueError(f"heights must be greater than 0, got {self.values}")

    @property
    def values(self) -> tuple[float, float, float]:
        """Return (Ha, Hm, Hp)."""
        return (self.anterior, self.middle, self.posterior)

    @property
    def wedge_ratio(self) -> float:
        """Return Ha / Hp, also called sagittal index: 0.95 and more is normal, below 0.70 severe (spinebase)."""
        return self.anterior / self.posterior

    @property
    def biconcavity_ratio(self) -> float:
        """Return Hm / Hp (Rea et al. 1998)."""
        return self.middle / self.posterior

    @property
    def intravertebral_loss(self) -> float:
        """Return 1 - min(Ha, Hm) / Hp, the definition of HealthOST (510(k) K213944)."""
        return 1 - min(self.anterior, self.middle) / self.posterior


@dataclass(frozen=True, slots=True)
class SixPoints:
    """The six points, each (x, y) in pixels of the film."""

    sa: Point
    sm: Point
    sp: Point
    ia: Point
    im: Point
    ip: Point

    @classmethod
    def from_array(cls, points: ArrayLike) -> SixPoints:
        """Read (6, 2) film pixels in the order SA, SM, SP, IA, IM, IP; raises ValueError for another shape."""
        array = np.asarray(points, dtype=np.float64)
        if array.shape != (6, 2) or not np.isfinite(array).all():
            raise ValueError(f"six points must be finite and have the shape (6, 2), got {array.shape}")
        return cls(*((float(x), float(y)) for x, y in array))

    @property
    def array(self) -> FloatArray:
        """Return (6, 2) film pixels in the order SA, SM, SP, IA, IM, IP."""
        return np.array([self.sa, self.sm, self.sp, self.ia, self.im, self.ip])

    @property
    def corners(self) -> FloatArray:
        """Return (4, 2) film pixels in the order SA, SP, IP, IA."""
        return np.array([self.sa, self.sp, self.ip, self.ia])

    def heights(self, spacing: Spacing | None = None) -> Heights:
        """Return the heights in mm, or in pixels without a spacing; raises ValueError where one is 0."""
        points = scaled(self.array, spacing)
        gaps = np.linalg.norm(points[:3] - points[3:], axis=1)
        return Heights(float(gaps[0]), float(gaps[1]), float(gaps[2]))

    def depth(self, spacing: Spacing | None = None) -> float:
        """Return the mean length of the two endplates in mm, or in pixels without a spacing."""
        corners = scaled(self.corners, spacing)
        return float(np.linalg.norm(corners[[1, 2]] - corners[[0, 3]], axis=1).mean())

    def wedge_angle(self, spacing: Spacing | None = None) -> float:
        """Return the angle between the endplates in degrees, positive where the body is lower in front (kyphotic)."""
        return cobb_angle(self, self, spacing)


def cobb_angle(above: SixPoints, below: SixPoints, spacing: Spacing | None = None) -> float:
    """Return the regional kyphosis in degrees, from the superior endplate of `above` to the inferior of `below`.

    Positive is kyphotic. Which way is in front is read from the turning sense of the points of `above`.
    """
    upper, lower = scaled(above.corners, spacing), scaled(below.corners, spacing)
    first, second = upper[1] - upper[0], lower[2] - lower[3]
    turn = math.atan2(first[0] * second[1] - first[1] * second[0], first @ second)
    return math.degrees(turn) * math.copysign(1.0, signed_area(upper))


def gardner_angle(above: SixPoints, fractured: SixPoints, spacing: Spacing | None = None) -> float:
    """Return the Gardner angle in degrees, positive where kyphotic.

    From the superior endplate of the vertebra above to the inferior endplate of the fractured one.
    """
    return cobb_angle(above, fractured, spacing)


def anterior_compression(fractured: Heights, above: Heights, below: Heights) -> float:
    """Return the percentage of anterior height compression, PAHC = 100 (1 - Ha / mean of the neighbours' Ha)."""
    return 100 * (1 - fractured.anterior / ((above.anterior + below.anterior) / 2))


def scaled(points: FloatArray, spacing: Spacing | None) -> FloatArray:
    """Turn film pixels (N, 2) or (2,) into mm; without a spacing pixels are taken as square and stay as they are.

    Raises ValueError for a spacing that isn't positive.
    """
    if spacing is None:
        return points
    row, column = spacing
    if not (math.isfinite(row) and math.isfinite(column) and row > 0 and column > 0):
        raise ValueError(f"spacing must be two positive numbers of mm (row, column), got {spacing}")
    millimetres: FloatArray = points * np.array([column, row])
    return millimetres
