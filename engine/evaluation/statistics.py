"""Intervals and paired tests: Wilson, patient bootstrap, McNemar, DeLong, Holm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval and the number of cases it rests on; NaN where it can't be had."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        """Return the figure as it is printed."""
        if np.isnan(self.value):
            return f"- (n = {self.n})"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f}; n = {self.n})"


def wilson(successes: int, n: int, confidence: float = 0.95) -> Estimate:
    """Return a proportion with its score interval (Wilson 1927); raises ValueError for impossible counts."""
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie between 0 and n, got {successes} of {n}")
    if n == 0:
        return Estimate(float("nan"), 0.0, 1.0, 0)
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half), n)


def bootstrap_weights(groups: Sequence[str], strata: Sequence[object], replicates: int, seed: int) -> Float:
    """Return (replicates, films) how often each film is drawn when whole patients are resampled within strata.

    A patient belongs to the stratum of their first film.
    """
    rng = np.random.default_rng(seed)
    members: dict[str, list[int]] = {}
    for at, group in enumerate(groups):
        members.setdefault(group, []).append(at)
    weights = np.zeros((replicates, len(groups)))
    by_stratum: dict[object, list[list[int]]] = {}
    for films in members.values():
        by_stratum.setdefault(strata[films[0]], []).append(films)
    for patients in by_stratum.values():
        drawn = rng.multinomial(len(patients), np.full(len(patients), 1 / len(patients)), size=replicates)
        for column, films in enumerate(patients):
            weights[:, films] = drawn[:, [column]]
    return weights


def bootstrap(value: float, draw: Callable[[Float], float], weights: Float, n: int) -> Estimate:
    """Return `value` with the percentile interval of `draw(weights of one replicate)`; NaN replicates are left out."""
    return percentile_interval(value, np.array([draw(row) for row in weights]), n)


def percentile_interval(value: float, drawn: Float, n: int) -> Estimate:
    """Return `value` with the middle 95 % of its replicates `drawn`; NaN replicates are left out."""
    kept = drawn[~np.isnan(drawn)]
    if len(kept) == 0 or np.isnan(value):
        return Estimate(value, float("nan"), float("nan"), n)
    low, high = np.percentile(kept, (2.5, 97.5))
    return Estimate(value, float(low), float(high), n)


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p of McNemar's test for paired proportions; exact under 25 discordant pairs."""
    discordant = only_first + only_second
    if discordant == 0:
        return 1.0
    if discordant < 25:
        return float(stats.binomtest(min(only_first, only_second), discordant, 0.5).pvalue)
    return float(stats.chi2.sf((abs(only_first - only_second) - 1) ** 2 / discordant, 1))


def delong(scores: ArrayLike, positive: ArrayLike) -> Estimate:
    """Return the area under the ROC curve with DeLong's interval (DeLong et al. 1988); NaN for one class only."""
    values, truth = np.asarray(scores, np.float64), np.asarray(positive, np.bool_)
    hits, others = values[truth], values[~truth]
    if len(hits) == 0 or len(others) == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), len(values))
    wins = (hits[:, None] > others[None, :]) + 0.5 * (hits[:, None] == others[None, :])
    area = float(wins.mean())
    if min(len(hits), len(others)) < 2:
        return Estimate(area, 0.0, 1.0, len(values))
    variance = wins.mean(axis=1).var(ddof=1) / len(hits) + wins.mean(axis=0).var(ddof=1) / len(others)
    half = 1.959963984540054 * float(np.sqrt(variance))
    return Estimate(area, max(0.0, area - half), min(1.0, area + half), len(values))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p values adjusted for all tests of a family (Holm 1979), in the order given."""
    order = np.argsort(p_values)
    adjusted = np.empty(len(p_values))
    running = 0.0
    for place, at in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - place) * p_values[at]))
        adjusted[at] = running
    return tuple(float(value) for value in adjusted)


def paired_bootstrap(first: ArrayLike, second: ArrayLike, weights: Float) -> tuple[Estimate, float]:
    """Return the difference of two means over films, first less second, with interval and two-sided p."""
    gap = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    drawn = weights @ gap / np.maximum(weights.sum(axis=1), 1)
    return percentile_interval(float(gap.mean()), drawn, len(gap)), two_sided(drawn)


def two_sided(drawn: Float) -> float:
    """Return the two-sided p of a difference's bootstrap replicates; NaN ones are left out, none at all give 1."""
    kept = drawn[~np.isnan(drawn)]
    if len(kept) == 0:
        return 1.0
    return min(1.0, 2 * min(float(np.mean(kept <= 0)), float(np.mean(kept >= 0))))
