"""Reads a user's own table of label texts."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType

from engine.domain.labels import UNKNOWN, LabelTable, normalise_label
from engine.errors import ConfigError


def read_label_table(path: Path) -> LabelTable:
    """Read a user's table: JSON such as `{"k1": "L1", "lwk 1 ok": "L1 normal"}`, each value a label known here.

    Raises ConfigError that names the file and the entry.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: expected a JSON object of label texts, got {error}") from error
    if not isinstance(entries, dict):
        raise ConfigError(f"{path}: expected a JSON object of label texts, got {type(entries).__name__}")
    known = LabelTable()
    extra = {}
    for text, label in entries.items():
        meaning = known.read(label) if isinstance(label, str) else UNKNOWN
        if meaning == UNKNOWN:
            raise ConfigError(f"{path}: {text!r} must map to a label such as 'L1' or 'L1 normal', got {label!r}")
        extra[normalise_label(text)] = meaning
    return LabelTable(MappingProxyType(extra))
