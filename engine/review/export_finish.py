"""The end of an export: hold-out, tables, other formats, and the manifest, last of all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import __version__
from engine.control import CancelToken
from engine.data.exported import FORMAT
from engine.data.held_out import FILE_NAME, HeldOutFilm, HoldOutList, write_hold_out_list
from engine.domain.annotation import Annotation
from engine.domain.case import NOTICE
from engine.formats import exporter
from engine.formats.csv_report import write_rows
from engine.review.export_films import IMAGES, FilmFiles
from engine.review.export_folder import file_sha256, finish_export
from engine.review.export_tables import DECISION_COLUMNS, FINDING_COLUMNS, Row
from engine.review.export_values import (
    LABELME,
    TABLES,
    ExportOptions,
    ExportReport,
    FilmCopy,
    SkippedFilm,
)
from engine.review.holdout import HOLDOUT, TRAIN, FilmIdentity, draw


@dataclass(frozen=True, slots=True)
class Entry:
    """One film that was written: to which part, its files (paths within the part), and what is to be told of it.

    `label` lies beside the film; `truth` has what other formats need of it; `record` is the film's row in the manifest
    but for its files; `findings` and `decisions` are rows of the tables without film and part.
    """

    identity: FilmIdentity
    part: str
    name: str
    files: FilmFiles
    label: str | None
    truth: Annotation
    record: Mapping[str, Any]
    findings: tuple[Row, ...]
    decisions: tuple[Row, ...]
    counts: Mapping[str, int]
    models: tuple[tuple[str, str], ...]

    @property
    def film(self) -> str | None:
        """Return the film's path from the export's folder, None where no film belongs to the export."""
        if not self.files.image:
            return None
        return self.files.image if self.files.by_path else f"{self.part}/{self.files.image}"

    @property
    def shown(self) -> str:
        """Return what tables call the film."""
        copied = None if self.files.by_path else self.film
        return copied or str(self.record.get("key") or self.name)

    @property
    def written(self) -> tuple[str, ...]:
        """Return the files that were written, from the export's folder."""
        return tuple(f"{self.part}/{one}" for one in (*self.files.written, self.label) if one is not None)


@dataclass(frozen=True, slots=True)
class Ending:
    """What `finish` needs beside the films: options, the folder, who exports and when, and what was left out."""

    options: ExportOptions
    folder: Path
    reader: str
    created: str
    skipped: tuple[SkippedFilm, ...]
    warnings: tuple[str, ...]


def finish(entries: Sequence[Entry], ending: Ending, cancel: CancelToken) -> ExportReport:
    """Write all that needs every film, then the manifest; raises OSError, AnnotationWriteError and Cancelled."""
    options, folder = ending.options, ending.folder
    entries = _with_a_holdout(entries, options, folder)
    extra = [*_write_formats(entries, options, folder, cancel), *_write_tables(entries, options, folder)]
    held = [one for one in entries if one.part == HOLDOUT]
    if held and not options.tells_no_film:
        extra.append(_write_holdout(entries, folder))
    cancel.check()
    manifest = finish_export(folder, _manifest(entries, ending, [path.relative_to(folder) for path in extra]))
    written = (*(folder / one for entry in entries for one in entry.written), *extra, manifest)
    warnings = (*ending.warnings, *_holdout_warnings(entries, options), *_path_warnings(entries, options))
    return ExportReport(folder, written, ending.skipped, warnings, len(entries) - len(held), len(held))


def _with_a_holdout(entries: Sequence[Entry], options: ExportOptions, folder: Path) -> list[Entry]:
    """Put the patient drawn lowest aside where a hold-out was asked for and the draw left it empty."""
    groups = {entry.identity.group for entry in entries}
    if not options.holdout_share or len(groups) < 2 or any(entry.part == HOLDOUT for entry in entries):
        return list(entries)
    for group in sorted(groups, key=draw):
        aside = _tied_to(group, entries)
        if len(aside) < len(entries) and not any(entries[at].record["pinned"] for at in aside):
            return [_move(entry, HOLDOUT, folder) if at in aside else entry for at, entry in enumerate(entries)]
    return list(entries)


def _tied_to(group: str, entries: Sequence[Entry]) -> set[int]:
    """Return the places of a group's films, and of all that share a file, a picture or a patient with one of them."""
    tied = {at for at, entry in enumerate(entries) if entry.identity.group == group}
    while True:
        keys = {key for at in tied for key in entries[at].identity.keys}
        more = {at for at, entry in enumerate(entries) if not keys.isdisjoint(entry.identity.keys)}
        if more <= tied:
            return tied
        tied |= more


def _move(entry: Entry, part: str, folder: Path) -> Entry:
    after = replace(entry, part=part)
    for old, new in zip(entry.written, after.written, strict=True):
        (folder / new).parent.mkdir(parents=True, exist_ok=True)
        (folder / old).rename(folder / new)
    return after


def _write_formats(
    entries: Sequence[Entry], options: ExportOptions, folder: Path, cancel: CancelToken
) -> Iterable[Path]:
    for name in options.formats:
        if name in (LABELME, TABLES):
            continue
        for part in (TRAIN, HOLDOUT):
            cancel.check()
            mine = [entry for entry in entries if entry.part == part]
            place = folder / part
            if mine:
                place.mkdir(parents=True, exist_ok=True)
                yield from exporter(name).write(place, [_named(entry, place, name) for entry in mine])


def _named(entry: Entry, place: Path, name: str) -> Annotation:
    """Return a film's truth under the name by which a format's reader finds it from the part's folder."""
    image = entry.files.image
    if entry.files.by_path and name == "yolo":
        # YOLO knows films by their stems, and those left in their places may share one.
        image = f"{IMAGES}/{entry.name}{Path(image).suffix}"
    elif entry.files.by_path and not Path(image).is_absolute():
        image = Path(os.path.relpath(place.parent / image, place)).as_posix()
    return replace(entry.truth, image_name=image)


def _write_tables(entries: Sequence[Entry], options: ExportOptions, folder: Path) -> tuple[Path, ...]:
    if TABLES not in options.formats:
        return ()
    findings, decisions = folder / "findings.csv", folder / "decisions.csv"
    write_rows(findings, FINDING_COLUMNS, [(one.shown, one.part, *row) for one in entries for row in one.findings])
    write_rows(decisions, DECISION_COLUMNS, [(one.shown, one.part, *row) for one in entries for row in one.decisions])
    return (findings, decisions)


def _write_holdout(entries: Sequence[Entry], folder: Path) -> Path:
    path = folder / FILE_NAME
    held = tuple(
        HeldOutFilm(
            one.film or one.name,
            one.files.sha256,
            one.identity.pixels_sha256,
            one.truth.image_size,
            one.record["patient"],
        )
        for one in entries
        if one.part == HOLDOUT
    )
    compared = frozenset(one.files.sha256 for one in entries if one.part == TRAIN)
    write_hold_out_list(path, HoldOutList(held, compared))
    return path


def _manifest(entries: Sequence[Entry], ending: Ending, extra: Sequence[Path]) -> dict[str, Any]:
    options, folder = ending.options, ending.folder
    decisions: Counter[str] = Counter()
    for entry in entries:
        decisions.update(entry.counts)
    models = sorted({one for entry in entries for one in entry.models if any(one)} | _used(entries))
    parts = Counter(entry.part for entry in entries)
    held = {entry.identity.group for entry in entries if entry.part == HOLDOUT}
    return {
        "format": FORMAT, "version": 1, "program": f"vcfviewer {__version__}", "notice": NOTICE,
        "created": ending.created, "reader": ending.reader, "deidentified": options.deidentify,
        "formats": list(options.formats), "films_are": options.films.value, "image_data": options.image_data,
        "holdout": {"share": options.holdout_share, "films": parts[HOLDOUT], "patients_or_pictures": len(held)},
        "films": {"train": parts[TRAIN], "holdout": parts[HOLDOUT], "skipped": len(ending.skipped)},
        "decisions": dict(decisions), "models": [{"name": name, "sha256": sha256} for name, sha256 in models],
        "items": [_item(entry, folder) for entry in entries],
        "files": [{"path": path.as_posix(), "sha256": file_sha256(folder / path)} for path in extra],
        "skipped": [] if options.deidentify else [{"film": one.film, "reason": one.reason} for one in ending.skipped],
    }  # fmt: skip


def _item(entry: Entry, folder: Path) -> dict[str, Any]:
    label = None if entry.label is None else f"{entry.part}/{entry.label}"
    original = None if entry.files.original is None else f"{entry.part}/{entry.files.original}"
    told = {key: value for key, value in entry.record.items() if key != "pinned"}
    return {
        "film": entry.film, "film_is": FilmCopy.PATH.value if entry.files.by_path else FilmCopy.COPY.value,
        "film_sha256": entry.files.sha256 or None, "label": label,
        "label_sha256": None if label is None else file_sha256(folder / label),
        "original": original, "original_sha256": entry.files.original_sha256, "part": entry.part, **told,
        "decisions": dict(entry.counts),
    }  # fmt: skip


def _used(entries: Sequence[Entry]) -> set[tuple[str, str]]:
    models = (entry.record["model"] for entry in entries)
    return {(model["name"], model["sha256"]) for model in models if model is not None}


def _holdout_warnings(entries: Sequence[Entry], options: ExportOptions) -> tuple[str, ...]:
    if not options.holdout_share:
        return ()
    held = [entry for entry in entries if entry.part == HOLDOUT]
    broken = sum(entry.record["findings"] > 0 for entry in held)
    told = []
    if held and options.tells_no_film:
        told.append("which films were put aside stands in the tables alone: de-identified, and without copies, no list "
                    "can tell a training of them")  # fmt: skip
    if not held:
        told.append("no film was put aside for testing: a hold-out needs the films of two patients or more")
    elif len(held) == len(entries):
        told.append("every film was put aside for testing, none is left to train on; ask for a smaller share")
    elif not broken:
        told.append("no film of the hold-out has a fracture: it can't tell how many are found")
    elif broken == len(held):
        told.append("every film of the hold-out has a fracture: it can't tell how often a normal film is left alone")
    return tuple(told)


def _path_warnings(entries: Sequence[Entry], options: ExportOptions) -> tuple[str, ...]:
    if "yolo" not in options.formats or not any(entry.files.by_path for entry in entries):
        return ()
    return ("YOLO needs the films in images/ under the names of the labels; export with copies for it",)
