"""An export's manifest as training needs it: that a folder is one, and which films its labels name by their path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
FORMAT = "vcfviewer export"
UNFINISHED = "INCOMPLETE.txt"
"""Lies in an export's folder until its manifest is written; for good in one that was broken off."""


def read_manifest(folder: Path) -> Mapping[str, Any] | None:
    """Return the manifest of an export's folder; None where there is none, or it isn't ours or can't be read."""
    try:
        record = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    ours = isinstance(record, dict) and record.get("format") == FORMAT and isinstance(record.get("items"), list)
    return record if ours else None


def films_by_path(folder: Path) -> dict[Path, Path]:
    """Return label -> film of exports in, below or just above `folder` that left their films where they were.

    Only labels below `folder`. An `imagePath` that leaves the folder is followed because a manifest names it.
    """
    found: dict[Path, Path] = {}
    whole = folder.resolve()
    for place in (*sorted(path.parent for path in whole.rglob(MANIFEST)), *whole.parents[:2]):
        for item in (read_manifest(place) or {}).get("items", []):
            if not isinstance(item, Mapping) or item.get("film_is") != "path":
                continue
            label = place / str(item.get("label"))
            film = place / str(item.get("film"))
            if label.is_relative_to(whole) and label.is_file() and film.is_file():
                found[folder / label.relative_to(whole)] = film.resolve()
    return found
