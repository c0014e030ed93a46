"""Which notes of a review are this program's own: anybody may edit a labelme file, and a value may say anything.

Each kind of notes is a table from key to a function that returns what is kept of a value, None for what isn't ours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

from engine.domain.attributes import Acuity
from engine.domain.case import ReviewStatus
from engine.domain.decisions import RejectReason, Verdict
from engine.domain.morphometry import Facing

Keeper = Callable[[object], object]

_OWN_ID = re.compile(r"[0-9a-f]{32}|(?:shape|blind)-[0-9]+")
_SHA256 = re.compile(r"(?:[0-9a-f]{64})?")
_FORM = re.compile(r"[0-9a-f]{16}")
_SHAPE_TYPES = ("polygon", "rectangle", "circle", "line", "linestrip", "point", "points", "mask")
"""The kinds of shape that labelme draws."""


def known(record: Mapping[str, Any], keepers: Mapping[str, Keeper]) -> dict[str, Any]:
    """Return what is ours of a record."""
    found = {key: keep(record[key]) for key, keep in keepers.items() if key in record}
    return {key: value for key, value in found.items() if value is not None}


def is_own_id(text: str) -> bool:
    """Whether a shape's id is one that this program makes: 32 hex digits, or its place in a file without ids."""
    return _OWN_ID.fullmatch(text) is not None


def number(value: object) -> object:
    """Keep finite numbers."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if abs(value) < math.inf else None


def points(value: object) -> object:
    """Keep lists of points [x, y] in numbers."""
    if not isinstance(value, (list, tuple)):
        return None
    whole = all(isinstance(one, (list, tuple)) and len(one) == 2 and None not in map(number, one) for one in value)
    return [list(one) for one in value] if whole else None


def _flag(value: object) -> object:
    return value if isinstance(value, bool) else None


def _text(value: object) -> object:
    return value if isinstance(value, str) else None


def _whole(value: object) -> object:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _one_of(kinds: type[Enum]) -> Keeper:
    values = tuple(one.value for one in kinds)
    return lambda value: value if value in values else None


def _grade(value: object) -> object:
    return value if number(value) is not None and value in (0, 1, 2, 3) else None


def _like(pattern: re.Pattern[str]) -> Keeper:
    return lambda value: value if isinstance(value, str) and pattern.fullmatch(value) else None


def _six_points(value: object) -> object:
    if not isinstance(value, Mapping):
        return None
    anchor = points([value.get("anchor")])
    kept = {"points": points(value.get("points")), "anchor": anchor[0] if isinstance(anchor, list) else None,
            "outline": _like(_FORM)(value.get("outline"))}  # fmt: skip
    return None if kept["points"] is None else {key: one for key, one in kept.items() if one is not None}


ON_FILM: Mapping[str, Keeper] = MappingProxyType(
    {"status": _one_of(ReviewStatus), "flagged": _flag, "facing": _one_of(Facing), "mm_per_px": number}
)
ON_SHAPE: Mapping[str, Keeper] = MappingProxyType(
    {
        "verdict": _one_of(Verdict), "added": _flag, "acuity": _one_of(Acuity), "pathological": _flag,
        "implant": _flag, "level_certain": _flag, "grade": _grade, "six_points": _six_points,
    }
)  # fmt: skip
PREDICTED: Mapping[str, Keeper] = MappingProxyType(
    {"score": number, "sha256": _like(_SHA256), "model": _text, "points": points}
)
REJECTED: Mapping[str, Keeper] = MappingProxyType(
    {"score": number, "points": points, "weights": _like(_SHA256), "model": _text, "reason": _one_of(RejectReason)}
)
FOREIGN: Mapping[str, Keeper] = MappingProxyType(
    {
        "points": points, "shape_type": lambda value: value if value in _SHAPE_TYPES else None, "group_id": _whole,
        "mask": _text,
    }
)  # fmt: skip
