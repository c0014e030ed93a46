"""Which films to simulate: the paper's mixture (Table 1 as corrected), or one balanced over levels and grades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from engine.domain.labels import FRACTURE_LEVELS, Level
from engine.errors import ConfigError
from engine.simulate.film import FilmPlan

_PAPER_SINGLES: Mapping[str, tuple[tuple[int, int, int], Level]] = MappingProxyType(
    {
        "T11": ((10, 4, 4), Level.T11),
        "T12": ((79, 16, 16), Level.T12),
        "L1": ((99, 20, 19), Level.L1),
        "L2": ((56, 11, 9), Level.L2),
        "L3": ((31, 6, 6), Level.L3),
        "L4": ((12, 2, 4), Level.L4),
    }
)
"""Single-fracture films by part: train, valid, test. Totals and test films are those of Table 1 as corrected; the
rest is divided between train and valid as 346 to 71."""


DICOM_SHARE = 0.15
"""Share of films written as DICOM, the others as PNG."""


@dataclass(frozen=True, slots=True)
class PlannedFilm:
    """One film to be made: its name without suffix, its part of the split, its patient, and its plan."""

    name: str
    part: str
    patient: str
    plan: FilmPlan

    @property
    def file_name(self) -> str:
        """Return the film's file name."""
        return f"{self.name}.dcm" if self.plan.dicom else f"{self.name}.png"


def balanced(
    fractured: int, normal: int, seed: int, part: str = "test", exclusions: float = 0.0
) -> tuple[PlannedFilm, ...]:
    """Plan films with fractures spread evenly over levels and grades (17 % with several), and normal ones."""
    rng = np.random.default_rng((seed, 1))
    plans: list[Mapping[Level, int]] = []
    for index in range(fractured):
        levels = _levels(FRACTURE_LEVELS[index % 6], rng.random() < 0.17, rng)
        first = 1 + (index // 6) % 3
        plans.append({level: first if at == 0 else int(rng.integers(1, 4)) for at, level in enumerate(levels)})
    plans.extend({} for _ in range(normal))
    return _named(plans, [part] * len(plans), seed, exclusions, rng)


def paper(seed: int) -> tuple[PlannedFilm, ...]:
    """Plan the paper's films, Table 1 as corrected: 346 train, 71 valid, 70 + 141 test; 597 fractures in all."""
    rng = np.random.default_rng((seed, 2))
    plans: list[Mapping[Level, int]] = []
    parts: list[str] = []
    singles = {part: 0 for part in ("train", "valid", "test")}
    for counts, level in _PAPER_SINGLES.values():
        for part, count in zip(singles, counts, strict=True):
            plans.extend({level: 1 + (len(plans) + at) % 3} for at in range(count))
            parts.extend([part] * count)
            singles[part] += count
    several = {part: total - singles[part] for part, total in {"train": 346, "valid": 71, "test": 70}.items()}
    extra = {level: count for level, count in _PAPER_MULTI.items()}
    films: list[dict[Level, int]] = [{} for _ in range(sum(several.values()))]
    _deal(films, extra, rng)
    plans.extend(films)
    parts.extend(part for part, count in several.items() for _ in range(count))
    plans.extend({} for _ in range(141))
    parts.extend(["test"] * 141)
    return _named(plans, parts, seed, 0.0, rng)


_PAPER_MULTI: Mapping[Level, int] = MappingProxyType(
    {Level.T11: 12, Level.T12: 41, Level.L1: 50, Level.L2: 37, Level.L3: 30, Level.L4: 23}
)
"""Fractures on films with several, 193 in all: each level's total less its single-fracture films (Table 1)."""


def plan_recipe(
    name: str, count: int, seed: int, normals: int | None = None, exclusions: float = 0.0
) -> tuple[PlannedFilm, ...]:
    """Return a recipe by name: `paper` (its own numbers of films), or `balanced` (`count`, of which `normals` normal).

    By default one in four is normal. `exclusions` is the share of films with cement or screws. Raises ConfigError for
    an unknown name, and for numbers that can't be.
    """
    if name == "paper":
        return paper(seed)
    if name == "balanced":
        normal = count // 4 if normals is None else normals
        if not 0 <= normal <= count:
            raise ConfigError(f"of {count} films, 0 to {count} can be normal, not {normal}")
        if not 0 <= exclusions <= 1:
            raise ConfigError(f"the share of films with cement or screws must lie between 0 and 1, got {exclusions}")
        return balanced(count - normal, normal, seed, exclusions=exclusions)
    raise ConfigError(f"there is no recipe {name!r}; known: paper, balanced")


def _deal(films: list[dict[Level, int]], left: dict[Level, int], rng: Generator) -> None:
    """Spread fractures over films so that each gets two or more, neighbours first; totals a level are kept exactly."""
    share = [2] * len(films)
    for at in range(sum(left.values()) - 2 * len(films)):
        share[at % len(films)] += 1
    for film, count in sorted(zip(films, share, strict=True), key=lambda pair: -pair[1]):
        for _ in range(count):
            free = [level for level, rest in left.items() if rest > 0 and level not in film]
            best = max(free, key=lambda level: left[level] + (2 if _touches(level, film) else 0) + rng.random())
            film[best] = int(rng.integers(1, 4))
            left[best] -= 1


def _touches(level: Level, film: Mapping[Level, int]) -> bool:
    return any(abs(level.rank - other.rank) == 1 for other in film)


def _levels(first: Level, several: bool, rng: Generator) -> list[Level]:
    levels = [first]
    if several:
        for _ in range(int(rng.choice((1, 1, 2)))):
            free = [level for level in FRACTURE_LEVELS if level not in levels]
            near = [level for level in free if _touches(level, dict.fromkeys(levels, 1))]
            pool = near if near and rng.random() < 0.7 else free
            levels.append(pool[int(rng.integers(len(pool)))])
    return levels


def _named(
    plans: list[Mapping[Level, int]], parts: list[str], seed: int, exclusions: float, rng: Generator
) -> tuple[PlannedFilm, ...]:
    seeds = np.random.SeedSequence(seed).generate_state(len(plans), np.uint64)
    named = []
    for index, (plan, part) in enumerate(zip(plans, parts, strict=True)):
        exclusion = str(rng.choice(("cement", "screws"))) if rng.random() < exclusions else ""
        film = FilmPlan(int(seeds[index]), tuple(plan.items()), exclusion, bool(rng.random() < DICOM_SHARE))
        named.append(PlannedFilm(f"simulated_{seed}_{index:05d}", part, f"simulated-{seed}-{index}", film))
    return tuple(named)
