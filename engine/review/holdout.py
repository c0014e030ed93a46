"""Which films of an export are put aside for testing: whole patients, and the same ones in every export.

Decision: a patient's hash decides. Rejected: drawing at random, by which a film that one model was trained on tests the
next. Consequence: the share is met on average, not exactly; what an earlier export in the same folder did always goes
first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.data.exported import read_manifest

TRAIN, HOLDOUT = "train", "holdout"


@dataclass(frozen=True, slots=True)
class FilmIdentity:
    """What a film is known by: sha256 of its file and of its pixels, and the hash of its patient, None if unknown.

    A de-identified export without copies tells neither sha256: they are empty, and tie the film to no other.
    """

    film_sha256: str
    pixels_sha256: str
    patient: str | None = None

    @property
    def group(self) -> str:
        """Return what the film is drawn by: its patient, else its picture."""
        return self.patient or self.pixels_sha256

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Return all that ties the film to others."""
        keys = (("film", self.film_sha256), ("pixels", self.pixels_sha256), ("patient", self.patient))
        return tuple((kind, value) for kind, value in keys if value)


class HoldoutPlan:
    """Deals films to the parts `train` and `holdout`, one after the other; remembers what it dealt."""

    def __init__(self, share: float, earlier: Iterable[Mapping[str, Any]] = ()) -> None:
        """Put aside `share` (0 to 1) of the patients; `earlier` are the manifests of exports to stay true to."""
        self._share = share
        self._parts: dict[tuple[str, str], str] = {}
        self._earlier: frozenset[tuple[str, str]] = frozenset()
        for manifest in earlier:
            for item in manifest["items"]:
                if isinstance(item, Mapping) and item.get("part") in (TRAIN, HOLDOUT):
                    self._remember(_identity(item, manifest), str(item["part"]))
        self._earlier = frozenset(self._parts)

    def part(self, film: FilmIdentity) -> str | None:
        """Return the part of a film; None where one patient or one picture already lies in both."""
        known = {self._parts[key] for key in film.keys if key in self._parts}
        if len(known) > 1:
            return None
        part = known.pop() if known else (HOLDOUT if draw(film.group) < self._share else TRAIN)
        self._remember(film, part)
        return part

    def was_dealt_before(self, film: FilmIdentity) -> bool:
        """Whether an earlier export decided on the film or its patient."""
        return any(key in self._earlier for key in film.keys)

    def _remember(self, film: FilmIdentity, part: str) -> None:
        for key in film.keys:
            self._parts.setdefault(key, part)


def draw(group: str) -> float:
    """Return a number from 0 to below 1 that belongs to a patient or picture, evenly spread."""
    digest = hashlib.sha256(f"vcfviewer hold-out {group}".encode()).hexdigest()
    return int(digest[:12], 16) / 16**12


def earlier_exports(folder: Path) -> tuple[Mapping[str, Any], ...]:
    """Return the manifests of the exports in a folder, right below it, and right above it."""
    below = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    places = (folder, *below, folder.resolve().parent)
    return tuple(manifest for manifest in map(read_manifest, places) if manifest is not None)


def _identity(item: Mapping[str, Any], manifest: Mapping[str, Any]) -> FilmIdentity:
    # Elsewhere a de-identified patient has another hash.
    patient = None if manifest.get("deidentified") else item.get("patient")
    file = str(item.get("source_sha256") or item.get("film_sha256") or "")
    return FilmIdentity(file, str(item.get("pixels_sha256") or ""), None if patient is None else str(patient))
