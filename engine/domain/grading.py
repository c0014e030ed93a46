"""Genant's semiquantitative grade and type of a deformity, from height losses.

Readers differ by about 12 points of height loss and grade 1 is 5 points wide: a grade near a limit is named borderline,
and a number is a suggestion beside the reader's own grade, never instead of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, IntEnum

from engine.domain.six_points import Heights


class GenantGrade(IntEnum):
    """Genant 1993: 0 below 20 % loss, 1 below 25 %, 2 to 40 %, 3 above 40 %."""

    NORMAL = 0
    MILD = 1
    MODERATE = 2
    SEVERE = 3


class DeformityType(Enum):
    """Which height is lost most."""

    WEDGE = "wedge"
    BICONCAVE = "biconcave"
    CRUSH = "crush"


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade, and the neighbouring one where the loss is too close to the limit between them to tell."""

    grade: GenantGrade
    borderline: GenantGrade | None = None


@dataclass(frozen=True, slots=True)
class Losses:
    """Lost share of the expected heights, 0.25 is 25 %; negative where a body is taller than expected.

    `posterior` is None where the posterior height itself was the reference.
    """

    anterior: float
    middle: float
    posterior: float | None

    @property
    def worst(self) -> float:
        """Return the greatest loss."""
        return max(self.anterior, self.middle, -math.inf if self.posterior is None else self.posterior)


_LIMITS = ((0.20, 0.02), (0.25, 0.02), (0.40, 0.05))
"""Limits between the grades (Genant et al. 1993, JBMR 8:1137) and half the width of the borderline band around each,
from the limits of agreement of readers (PMC3733867)."""


def genant_grade(loss: float) -> Grade:
    """Grade a height loss (0.25 is 25 %); raises ValueError if it isn't finite."""
    if not math.isfinite(loss):
        raise ValueError(f"a height loss must be a finite number, got {loss}")
    (first, _), (second, _), (third, _) = _LIMITS
    grade = GenantGrade(sum((int(loss >= first), int(loss >= second), int(loss > third))))
    index, (limit, band) = min(enumerate(_LIMITS), key=lambda entry: abs(loss - entry[1][0]))
    # 0.20 - 0.18 is 0.0200...02 in binary: without the slack rounding would decide at the edges of the bands.
    if abs(loss - limit) > band + 1e-9:
        return Grade(grade)
    return Grade(grade, GenantGrade(index if grade > index else index + 1))


def deformity_type(losses: Losses) -> DeformityType | None:
    """Return the type of a deformity, None below 20 % loss.

    Crush where the posterior height is lost most, or all three by 20 % or more; else wedge or biconcave by the greater
    of the anterior and the middle loss.
    """
    threshold = _LIMITS[0][0]
    if losses.worst < threshold:
        return None
    posterior = losses.posterior
    if posterior is not None and (posterior == losses.worst or min(losses.anterior, losses.middle, posterior) >= 0.2):
        return DeformityType.CRUSH
    return DeformityType.WEDGE if losses.anterior >= losses.middle else DeformityType.BICONCAVE


def height_losses(heights: Heights, expected: Heights, posterior_known: bool = True) -> Losses:
    """Return 1 - measured / expected of each height; the posterior loss is None unless `posterior_known`."""
    shares = [1 - got / want for got, want in zip(heights.values, expected.values, strict=True)]
    return Losses(shares[0], shares[1], shares[2] if posterior_known else None)
