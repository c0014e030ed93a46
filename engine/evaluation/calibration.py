"""Whether a score of 0.8 is right eight times in ten: reliability, expected calibration error, Brier score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

BINS = 15


@dataclass(frozen=True, slots=True)
class Calibration:
    """Equal-mass bins as (mean score, share that was right, cases); `error` (ECE) and `brier` are 0 at best."""

    bins: tuple[tuple[float, float, int], ...]
    error: float
    brier: float
    n: int


def calibrate(scores: ArrayLike, right: ArrayLike, bins: int = BINS) -> Calibration:
    """Compare scores 0..1 (N,) with what came true (N,) in bins of equal mass; NaN figures for no cases."""
    values, truth = np.asarray(scores, np.float64), np.asarray(right, np.float64)
    if len(values) == 0:
        return Calibration((), float("nan"), float("nan"), 0)
    order = np.argsort(values, kind="stable")
    parts = [part for part in np.array_split(order, min(bins, len(order))) if len(part)]
    rows = tuple((float(values[part].mean()), float(truth[part].mean()), len(part)) for part in parts)
    error = sum(abs(score - share) * count for score, share, count in rows) / len(values)
    return Calibration(rows, float(error), float(np.mean((values - truth) ** 2)), len(values))
