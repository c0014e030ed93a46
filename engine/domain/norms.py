"""The shape a healthy body has at each level: the norms that height loss is judged against.

A fixed rule such as Ha/Hp < 0.8 calls healthy T11 bodies fractured and misses fractures at L4: normal wedging runs from
+5 degrees at T11 to -8 degrees at L5. Norms differ between populations, so that they are a value that can be replaced.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from engine.domain.labels import Level
from engine.domain.six_points import Heights


class Sex(Enum):
    """As DICOM's PatientSex writes it."""

    FEMALE = "F"
    MALE = "M"


@dataclass(frozen=True, slots=True)
class LevelNorm:
    """Means of one level, mm: posterior height, endplate depth, anterior height of women and of men."""

    posterior: float
    depth: float
    anterior_women: float
    anterior_men: float

    def anterior(self, sex: Sex | None) -> float:
        """Return the mean anterior height in mm; the mean of women and men where the sex isn't known."""
        if sex is Sex.FEMALE:
            return self.anterior_women
        if sex is Sex.MALE:
            return self.anterior_men
        return (self.anterior_women + self.anterior_men) / 2

    def wedge_angle(self, sex: Sex | None) -> float:
        """Return the mean wedge angle in degrees, 2 atan((Hp - Ha) / 2D), positive where kyphotic."""
        return math.degrees(2 * math.atan((self.posterior - self.anterior(sex)) / (2 * self.depth)))


@dataclass(frozen=True, slots=True)
class Norms:
    """Level norms; `concavity` is the mm by which both endplates together dip in the middle."""

    levels: Mapping[Level, LevelNorm]
    concavity: float

    def heights(self, level: Level, sex: Sex | None = None) -> Heights | None:
        """Return the normal heights in mm, None for a level without norm; only their ratios are meant to be used."""
        norm = self.levels.get(level)
        if norm is None:
            return None
        anterior = norm.anterior(sex)
        return Heights(anterior, (anterior + norm.posterior) / 2 - self.concavity, norm.posterior)

    def wedge_angle(self, level: Level, sex: Sex | None = None) -> float | None:
        """Return the normal wedge angle in degrees; None for a level without norm."""
        norm = self.levels.get(level)
        return None if norm is None else norm.wedge_angle(sex)


_CONCAVITIES = 0.7 + 1.5
"""Mean depth of the superior and the inferior endplate's concavity in mm, 591 living endplates (PMC3481085)."""

LIVING_SCALE = 1.12
"""Living bodies are 10 to 15 % larger than the cadaver means below."""

STANDARD_NORMS = Norms(
    MappingProxyType(
        {
            Level.T9: LevelNorm(19.3, 28.0, 17.9, 17.0),
            Level.T10: LevelNorm(20.2, 29.5, 18.9, 18.2),
            Level.T11: LevelNorm(21.3, 31.0, 18.8, 18.4),
            Level.T12: LevelNorm(22.7, 32.5, 20.7, 19.9),
            Level.L1: LevelNorm(23.8, 34.1, 22.3, 21.4),
            Level.L2: LevelNorm(24.3, 34.6, 23.9, 22.7),
            Level.L3: LevelNorm(23.8, 35.2, 24.5, 23.0),
            Level.L4: LevelNorm(24.1, 35.5, 26.0, 24.5),
            Level.L5: LevelNorm(22.9, 34.7, 27.6, 25.7),
        }
    ),
    concavity=_CONCAVITIES / LIVING_SCALE,
)
"""Posterior heights and depths after Panjabi 1991/1992; anterior heights from these and the wedge angles of 240
skeletons (PMC2899959, Table 1)."""
