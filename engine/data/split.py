"""Stratified, patient-grouped splits: no patient, and no film twice, in two parts.

Strata are the paper's seven: the level of a film's only fracture, `multi` for several (Paik et al. 2024, Table 1), and
`normal` for none.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import ConfigError, DataError

PARTS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True)
class SplitItem:
    """One film: its name, who it shows (None: somebody of their own), its fractured levels, its pixels' sha256."""

    name: str
    patient: str | None
    levels: tuple[str, ...]
    sha256: str

    @property
    def stratum(self) -> str:
        """Return `normal`, `multi`, or the one fractured level."""
        if not self.levels:
            return "normal"
        return "multi" if len(self.levels) > 1 else self.levels[0]


@dataclass(frozen=True, slots=True)
class Split:
    """Film names of each part."""

    train: tuple[str, ...]
    valid: tuple[str, ...]
    test: tuple[str, ...]

    def part(self, name: str) -> tuple[str, ...]:
        """Return one part; raises ConfigError for a name that is none."""
        if name not in PARTS:
            raise ConfigError(f"a split has the parts {', '.join(PARTS)}; there is no {name!r}")
        names: tuple[str, ...] = getattr(self, name)
        return names


def make_split(
    items: Sequence[SplitItem],
    shares: tuple[float, float, float] = (0.71, 0.146, 0.144),
    seed: int = 0,
    normals_only_in_test: bool = False,
) -> Split:
    """Deal patients to parts, rarest stratum first, each to the part that lacks its strata most.

    `normals_only_in_test` is the paper's way: no normal film is trained on. Raises DataError where two patients share
    one film, ConfigError where the shares don't add up to 1.
    """
    check_shares(shares)
    groups = _groups(items)
    wanted = _wanted(items, shares, normals_only_in_test)
    totals = {part: sum(wanted[part].values()) for part in PARTS}
    rarity = {name: sum(item.stratum == name for item in items) for name in {item.stratum for item in items}}
    order = np.random.default_rng(seed).permutation(len(groups))
    ranked = sorted(order, key=lambda at: (min(rarity[item.stratum] for item in groups[at]), -len(groups[at])))
    dealt: dict[str, list[str]] = {part: [] for part in PARTS}
    for at in ranked:
        group = groups[at]
        part = _neediest(group, wanted, totals, normals_only_in_test)
        for item in group:
            dealt[part].append(item.name)
            wanted[part][item.stratum] -= 1
    return Split(*(tuple(sorted(dealt[part])) for part in PARTS))


def check_shares(shares: tuple[float, float, float]) -> None:
    """Raise ConfigError unless the shares of train, valid and test are at least 0 and add up to 1."""
    if not (all(share >= 0 for share in shares) and abs(sum(shares) - 1) <= 1e-6):
        raise ConfigError(f"split shares must be at least 0 and add up to 1, got {shares}")


def write_split(path: Path, split: Split, seed: int) -> None:
    """Write a split as JSON."""
    record = {"seed": seed, **{part: list(split.part(part)) for part in PARTS}}
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_split(path: Path) -> Split:
    """Read a split; raises ConfigError that names the file, and DataError where one film stands in two parts."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        split = Split(*(tuple(str(name) for name in record[part]) for part in PARTS))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: expected a JSON object with the lists {', '.join(PARTS)}, got {error!r}") from error
    names = [name for part in PARTS for name in split.part(part)]
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise DataError(f"{path}: films in two parts of the split: {', '.join(twice[:5])}")
    return split


def _groups(items: Sequence[SplitItem]) -> list[list[SplitItem]]:
    """Gather films of one patient, and films with the same pixels, into groups that stay together."""
    owner: dict[str, str] = {}
    for item in items:
        patient = item.patient or f"film:{item.sha256}"
        held = owner.setdefault(item.sha256, patient)
        if held != patient and not (held.startswith("film:") or patient.startswith("film:")):
            raise DataError(f"{item.name}: the same film belongs to two patients; correct patients.csv")
        if held.startswith("film:"):
            owner[item.sha256] = patient
    groups: dict[str, list[SplitItem]] = defaultdict(list)
    for item in items:
        groups[owner[item.sha256]].append(item)
    return [groups[key] for key in sorted(groups)]


def _wanted(
    items: Sequence[SplitItem], shares: tuple[float, float, float], normals_only_in_test: bool
) -> dict[str, dict[str, float]]:
    wanted: dict[str, dict[str, float]] = {part: defaultdict(float) for part in PARTS}
    for item in items:
        if normals_only_in_test and item.stratum == "normal":
            wanted["test"][item.stratum] += 1
            continue
        for part, share in zip(PARTS, shares, strict=True):
            wanted[part][item.stratum] += share
    return wanted


def _neediest(
    group: Sequence[SplitItem],
    wanted: Mapping[str, Mapping[str, float]],
    totals: Mapping[str, float],
    normals_only_in_test: bool,
) -> str:
    if normals_only_in_test and all(item.stratum == "normal" for item in group):
        return "test"
    # Half a film of weight for the part as a whole, or small strata would all leave their odd film to the same part.
    return max(
        PARTS,
        key=lambda part: (
            sum(wanted[part][item.stratum] for item in group)
            + 0.5 * sum(wanted[part].values()) / max(totals[part], 1e-9)
        ),
    )
