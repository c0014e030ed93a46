"""Label texts and what they mean: one small table that a user can extend.

In the paper's data `L1` means a *fractured* L1; an intact one is written `L1 normal` here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType


class Level(Enum):
    """A vertebra's name, from cranial to caudal."""

    T9 = "T9"
    T10 = "T10"
    T11 = "T11"
    T12 = "T12"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    S1 = "S1"

    @property
    def rank(self) -> int:
        """Return 0 for T9, 1 for T10 and so on downwards."""
        return tuple(Level).index(self)

    def shifted(self, steps: int) -> Level | None:
        """Return the level `steps` further down, or None where there is none."""
        levels = tuple(Level)
        rank = self.rank + steps
        return levels[rank] if 0 <= rank < len(levels) else None


class Status(Enum):
    """What a reader says of a vertebra."""

    FRACTURED = "fractured"
    NORMAL = "normal"
    NOT_ASSESSABLE = "not assessable"


FRACTURE_LEVELS = (Level.T11, Level.T12, Level.L1, Level.L2, Level.L3, Level.L4)
"""The levels at which the paper judges fractures, cranial to caudal."""

PAPER_CLASSES = ("L1", "L2", "L3", "L4", "T11", "T12")
"""The six classes in the order of the paper's tables (Paik et al. 2024, Table 3)."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Level and status of a label; both None where the label is unknown."""

    level: Level | None = None
    status: Status | None = None


UNKNOWN = Meaning()

_STATUS_WORDS: Mapping[Status, tuple[str, ...]] = MappingProxyType({
    Status.NORMAL: ("normal", "intact", "healthy", "nl", "no fracture", "nofx", "non fractured", "unfractured"),
    Status.NOT_ASSESSABLE: ("not assessable", "na", "n a", "hidden", "unreadable", "cement", "implant"),
    Status.FRACTURED: (
        "", "fracture", "fractured", "fx", "frx", "vcf", "compression", "compression fracture", "comp fx",
        "wedge", "biconcave", "crush", "burst",
    ),
})  # fmt: skip
_LETTER_FIRST = re.compile(r"^(?P<region>th|t|l|s)\s*(?P<number>\d{1,2})(?:\s+(?P<rest>.*))?$")
_NUMBER_FIRST = re.compile(
    r"^(?P<number>\d{1,2})(?:st|nd|rd|th)?\s+(?P<region>thoracic|lumbar|sacral)(?:\s+vertebra)?(?:\s+(?P<rest>.*))?$"
)
_WORD_FIRST = re.compile(r"^(?P<region>thoracic|lumbar|sacral)\s+(?P<number>\d{1,2})(?:\s+(?P<rest>.*))?$")


@dataclass(frozen=True, slots=True)
class LabelTable:
    """Reads label texts. `extra` maps a user's own texts (compared without case and punctuation) to a meaning."""

    extra: Mapping[str, Meaning] = field(default_factory=lambda: MappingProxyType({}))

    def read(self, label: str) -> Meaning:
        """Return what `label` means; `UNKNOWN` if the table doesn't know it."""
        text = normalise_label(label)
        if text in self.extra:
            return self.extra[text]
        for pattern in (_LETTER_FIRST, _NUMBER_FIRST, _WORD_FIRST):
            found = pattern.match(text)
            if found is not None:
                return _meaning(found["region"], found["number"], found["rest"] or "")
        return UNKNOWN


def write_label(level: Level, status: Status) -> str:
    """Return this program's own label text: `L1` for a fractured L1, `L1 normal` for an intact one."""
    return level.value if status is Status.FRACTURED else f"{level.value} {status.value}"


INTACT_BODIES = tuple(write_label(level, Status.NORMAL) for level in tuple(Level)[:9])
"""The intact bodies from T9 to L5."""

ALL_VERTEBRAE = (*PAPER_CLASSES, *INTACT_BODIES)
"""The six fractures and the intact bodies: what the levels can be learned from."""


def normalise_label(label: str) -> str:
    """Return `label` in lower case, with underscores, hyphens and other punctuation as single spaces."""
    return " ".join(re.sub(r"[^0-9a-z]+", " ", label.casefold()).split())


def _meaning(region: str, number: str, rest: str) -> Meaning:
    try:
        level = Level(f"{region[0].upper()}{int(number)}")
    except ValueError:
        return UNKNOWN
    for status, words in _STATUS_WORDS.items():
        if rest in words:
            return Meaning(level, status)
    return UNKNOWN
