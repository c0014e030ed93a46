"""Opening a film: its pixels, what stands in its labelme file, and what the journal knows beyond that."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.control import CancelToken
from engine.data.worklist import WorkItem, embedded_picture
from engine.domain.annotation import Annotation
from engine.domain.case import Prediction
from engine.domain.labels import LabelTable
from engine.errors import AnnotationReadError, FilmReadError
from engine.films import MAX_MEGAPIXELS, Film, read_film, read_picture
from engine.formats.labelme import decode_labelme
from engine.review.merging import aligned
from engine.review.saving import original_path, sha256_of
from engine.store import OUTSIDE_TEXT, FileState, FolderStore, History, Holder, Step
from engine.store.snapshot import same


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A film as it is opened.

    `annotation` is the present state, the journal's unsaved steps included; `original` is as any reader first opened
    it. `position` of the `steps` are in force. The file to save to is `annotation_path`, and `file_sha256` what lies
    there now, None if nothing does. `recovered` counts the changes that the file hasn't got: the last save didn't come
    to pass. `conflict` is the file's content where another program changed it and unsaved changes stand here; `base`
    is what both began from. `annotated`: an expert's file stood there at first. `holder`: another window has the film
    open, so that it must not be edited here.
    """

    item: WorkItem
    key: str
    film: Film
    film_sha256: str
    annotation: Annotation
    original: Annotation
    base: Annotation
    annotation_path: Path
    steps: tuple[Step, ...] = ()
    position: int = 0
    file_sha256: str | None = None
    recovered: int = 0
    conflict: Annotation | None = None
    annotated: bool = False
    holder: Holder | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadFilm:
    """A film that was read before it is opened, and the sha256 of its bytes."""

    film: Film
    sha256: str


def read_ahead(item: WorkItem, cancel: CancelToken) -> ReadFilm:
    """Read a film that will likely be opened next; raises FilmReadError and Cancelled."""
    cancel.check()
    return ReadFilm(*_read_film(item, MAX_MEGAPIXELS, None))


def film_summary(
    item: WorkItem, store: FolderStore, prediction: Prediction, threshold: float, iou_threshold: float
) -> FilmSummary:
    """Summarise a film that isn't opened: its annotation as the journal has it against what a model says.

    Raises AnnotationReadError and StoreError.
    """
    path = item.saves_to
    disk = _read(path)
    found = "" if disk is None else sha256_of(disk)
    empty = Annotation(item.film.name, prediction.image_size)
    on_disk = empty if disk is None else decode_labelme(path, disk, None)
    first, first_sha256 = _first_version(path, None, [])
    kept = {} if first is None else {first_sha256: first}
    history = store.history(store.key(item.film), on_disk, found, kept)
    current = _present(history, on_disk, found).annotation
    original = history.original
    if first is not None and first_sha256 != history.original_sha256:
        original = aligned(first, current)
    annotated = first is not None or bool(history.original_sha256)
    return summarise(original, current, prediction, threshold, iou_threshold, annotated=annotated)


def open_case(
    item: WorkItem,
    store: FolderStore | None,
    table: LabelTable | None = None,
    cancel: CancelToken | None = None,
    *,
    hold: bool = True,
    ahead: ReadFilm | None = None,
    max_megapixels: float = MAX_MEGAPIXELS,
    patients: Mapping[str, str] | None = None,
) -> OpenedCase:
    """Read one film and its annotation, and play its journal; writes nothing but who holds the film.

    `ahead` is the film itself, read before. `hold` is False for just looking. Raises FilmReadError, AnnotationReadError (a broken file is never opened as an
    empty one), StoreError and Cancelled.
    """
    token = cancel or CancelToken()
    if item.reason:
        raise FilmReadError(item.film, item.reason)
    read = ahead if ahead is not None else ReadFilm(*_read_film(item, max_megapixels, patients))
    film, film_sha256 = read.film, read.sha256
    token.check()
    path = item.saves_to
    disk = _read(path)
    found = "" if disk is None else sha256_of(disk)
    on_disk = _new(film, path) if disk is None else decode_labelme(path, disk, table)
    notes = list(on_disk.notes)
    first, first_sha256 = _first_version(path, table, notes)
    token.check()
    key = item.film.name if store is None else store.key(item.film)
    kept = {} if first is None else {first_sha256: first}
    history = _no_history(on_disk, found) if store is None else store.history(key, on_disk, found, kept)
    present = _present(history, on_disk, found)
    if store is not None and present.theirs is not None:
        store.seen(key, present.theirs, found)
    notes += present.notes
    if history.lost_picture:
        notes.append("labelme's copy of the film is gone from the file; saving writes none")
    if on_disk.image_size not in ((0, 0), film.size):
        (tall, wide), (height, width) = on_disk.image_size, film.size
        notes.append(f"made for a film of {tall} x {wide} px, this one has {height} x {width}: check every outline")
    original = history.original
    if first is not None and first_sha256 != history.original_sha256:
        original = aligned(first, present.annotation)
    return OpenedCase(
        item, key, film, film_sha256, present.annotation, original, present.base, path, present.steps,
        present.position, found or None, present.recovered,
        present.theirs if present.theirs is not present.annotation else None,
        annotated=first is not None or bool(history.original_sha256),
        holder=store.take(key) if store is not None and hold else None, notes=tuple(notes),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Present:
    """`theirs` is what another program wrote; where it is the annotation too, there is nothing to choose."""

    annotation: Annotation
    base: Annotation
    steps: tuple[Step, ...]
    position: int
    recovered: int = 0
    theirs: Annotation | None = None
    notes: tuple[str, ...] = ()


def _present(history: History, on_disk: Annotation, found: str) -> _Present:
    """Join what the journal came to with what lies on the disk."""
    mine, steps, position = history.current, history.steps, history.position
    known = history.files.get(found)
    last = max(history.files.values(), key=lambda one: one.changes, default=None)
    if known is not None:
        unsaved = 0 if same(known.annotation, mine) else history.changes - known.changes
        return _Present(mine, known.annotation, steps, position, unsaved)
    if not found:
        gone = () if last is None else ("the labelme file is gone from the disk; the next save writes it anew",)
        unsaved = 0 if last is None and same(mine, history.original) else history.changes
        return _Present(mine, history.original, steps, position, unsaved, notes=gone)
    theirs = aligned(on_disk, mine)
    base = history.original if last is None else last.annotation
    if any(same(one.annotation, mine) for one in history.files.values()) or history.changes == 0:
        # Everything was saved before: their change is one step more, that the journal takes up with the next edit.
        step = Step(OUTSIDE_TEXT, mine, theirs)
        told = ("another program changed the labelme file; undo takes that back",)
        return _Present(theirs, base, (*steps[:position], step), position + 1, theirs=theirs, notes=told)
    return _Present(mine, base, steps, position, history.changes - (0 if last is None else last.changes), theirs)


def _read_film(item: WorkItem, max_megapixels: float, patients: Mapping[str, str] | None) -> tuple[Film, str]:
    """Return a film and the sha256 of its bytes."""
    if item.embedded:
        data = embedded_picture(item.film)
        patient = (patients or {}).get(item.film.name)
        return read_picture(item.film, data, max_megapixels=max_megapixels, patient=patient), sha256_of(data)
    film = read_film(item.film, max_megapixels=max_megapixels, patients=patients)
    try:
        with item.film.open("rb") as file:
            return film, hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FilmReadError(item.film, f"can't be read: {error.strerror or error}") from error


def _first_version(path: Path, table: LabelTable | None, notes: list[str]) -> tuple[Annotation | None, str]:
    """Return the expert's file as it was before the first change, and its sha256; a broken one is told, not used."""
    kept = original_path(path)
    try:
        data = _read(kept)
        return (None, "") if data is None else (decode_labelme(kept, data, table), sha256_of(data))
    except AnnotationReadError as error:
        notes.append(f"the kept original can't be used: {error}")
        return None, ""


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AnnotationReadError(path, f"can't be read: {error.strerror or error}") from error


def _new(film: Film, path: Path) -> Annotation:
    """Return the annotation of a film that has none; it names the film as seen from where it will lie."""
    try:
        name = Path(os.path.relpath(film.path.resolve(), path.parent.resolve())).as_posix()
    except ValueError:
        # Windows: the film lies on another drive.
        name = film.path.resolve().as_posix()
    return Annotation(name, film.size)


def _no_history(on_disk: Annotation, found: str) -> History:
    return History(on_disk, found, (), 0, 0, {found: FileState(on_disk, 0)} if found else {})
