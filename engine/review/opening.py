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
from engine.files import SPECIAL, is_special
from engine.films import MAX_MEGAPIXELS, Film, read_film, read_picture
from engine.formats.labelme import decode_labelme
from engine.review.merging import aligned
from engine.review.saving import original_path, sha256_of
from engine.review.summary import summarise
from engine.store import OUTSIDE_TEXT, FileState, FilmSummary, FolderStore, History, Holder, Step, StoreError
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


def picture_sha256(item: WorkItem, store: FolderStore) -> str:
    """Return the sha256 that predictions of a film are kept under: of its file, or of the picture in a labelme file.

    A labelme file's own bytes change with every save, the picture's don't. Raises FilmReadError, StoreError and
    OSError.
    """
    return sha256_of(embedded_picture(item.film)) if item.embedded else store.content_sha256(item.film)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A film's annotation as it stands and as it was first opened; `annotated`: an expert's file stood there."""

    annotation: Annotation
    original: Annotation
    annotated: bool


def read_review(
    item: WorkItem, store: FolderStore, size: tuple[int, int] = (0, 0), table: LabelTable | None = None
) -> Reviewed:
    """Read what was said about a film, the journal's unsaved steps included, without the film itself.

    `size` (height, width) is that of a film without a labelme file; `table` says what labels mean. Raises
    AnnotationReadError and StoreError.
    """
    lying = _lying(item, Annotation(item.film.name, size), table)
    history = store.recorded(store.key(item.film)) or lying.as_history()
    current = _present(history, lying).annotation
    return Reviewed(current, _original(history, lying, current), _was_annotated(history, lying))


def film_summary(
    item: WorkItem,
    store: FolderStore,
    prediction: Prediction,
    threshold: float,
    iou_threshold: float,
    table: LabelTable | None = None,
    *,
    blind: bool = False,
) -> FilmSummary:
    """Summarise a film that isn't opened: its annotation as the journal has it against what a model says.

    `blind` as in `summarise`. Raises AnnotationReadError and StoreError.
    """
    said = read_review(item, store, prediction.image_size, table)
    return summarise(
        said.original, said.annotation, prediction, threshold, iou_threshold, annotated=said.annotated, blind=blind
    )


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

    `ahead` is the film itself, read before; `hold` is False for just looking. Raises FilmReadError,
    AnnotationReadError (a broken file is never opened as an empty one), StoreError and Cancelled.
    """
    token = cancel or CancelToken()
    if item.reason:
        raise FilmReadError(item.film, item.reason)
    read = ahead if ahead is not None else ReadFilm(*_read_film(item, max_megapixels, patients))
    token.check()
    lying = _lying(item, _new(read.film, item.saves_to), table)
    token.check()
    key = item.film.name if store is None else store.key(item.film)
    # Held before the journal is read: what another window wrote until it let go is in it.
    holder, untold = _take(store, key) if hold else (None, ())
    kept = {} if lying.first is None else {lying.first_sha256: lying.first}
    history = lying.as_history() if store is None else store.history(key, lying.annotation, lying.sha256, kept)
    present = _present(history, lying)
    if store is not None and present.theirs is not None:
        store.seen(key, present.theirs, lying.sha256)
    return OpenedCase(
        item=item,
        key=key,
        film=read.film,
        film_sha256=read.sha256,
        annotation=present.annotation,
        original=_original(history, lying, present.annotation),
        base=present.base,
        annotation_path=item.saves_to,
        steps=present.steps,
        position=present.position,
        file_sha256=lying.sha256 or None,
        recovered=present.recovered,
        conflict=None if present.theirs is present.annotation else present.theirs,
        annotated=_was_annotated(history, lying),
        holder=holder,
        notes=(*lying.notes, *present.notes, *_warnings(history, lying.annotation, read.film), *untold),
    )


@dataclass(frozen=True, slots=True)
class _Lying:
    """What lies on the disk: the labelme file, of this sha256 (empty: there is none), and the original kept beside."""

    annotation: Annotation
    sha256: str
    first: Annotation | None
    first_sha256: str
    notes: tuple[str, ...]

    def as_history(self) -> History:
        """Return the history of a film that has no journal."""
        files = {self.sha256: FileState(self.annotation, 0)} if self.sha256 else {}
        return History(self.annotation, self.sha256, (), 0, 0, files)


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


def _take(store: FolderStore | None, key: str) -> tuple[Holder | None, tuple[str, ...]]:
    """Hold a film; a store that can't be written, as on a full disk, keeps nobody from looking at it."""
    try:
        return (None if store is None else store.take(key)), ()
    except StoreError as error:
        return None, (f"whether another window has this film open isn't known: {error.reason}",)


def _present(history: History, lying: _Lying) -> _Present:
    """Join what the journal came to with what lies on the disk."""
    mine, steps, position = history.current, history.steps, history.position
    known = history.files.get(lying.sha256)
    last = max(history.files.values(), key=lambda one: one.changes, default=None)
    if known is not None:
        unsaved = 0 if same(known.annotation, mine) else history.changes - known.changes
        return _Present(mine, known.annotation, steps, position, unsaved)
    if not lying.sha256:
        gone = () if last is None else ("the labelme file is gone from the disk; the next save writes it anew",)
        unsaved = 0 if last is None and same(mine, history.original) else history.changes
        return _Present(mine, history.original, steps, position, unsaved, notes=gone)
    theirs = aligned(lying.annotation, mine)
    base = history.original if last is None else last.annotation
    if history.changes == 0 or any(same(one.annotation, mine) for one in history.files.values()):
        # Everything was saved before: their change is one step more, that the journal takes up with the next edit.
        step = Step(OUTSIDE_TEXT, mine, theirs)
        told = ("another program changed the labelme file; undo takes that back",)
        return _Present(theirs, base, (*steps[:position], step), position + 1, theirs=theirs, notes=told)
    return _Present(mine, base, steps, position, history.changes - (0 if last is None else last.changes), theirs)


def _original(history: History, lying: _Lying, current: Annotation) -> Annotation:
    """Return the annotation as any reader first opened it: another reader's journal may know an older one."""
    if lying.first is None or lying.first_sha256 == history.original_sha256:
        return history.original
    return aligned(lying.first, current)


def _was_annotated(history: History, lying: _Lying) -> bool:
    return lying.first is not None or bool(history.original_sha256)


def _warnings(history: History, annotation: Annotation, film: Film) -> tuple[str, ...]:
    found = []
    if history.lost_picture:
        found.append("labelme's copy of the film is gone from the file; saving writes none")
    if annotation.image_size not in ((0, 0), film.size):
        (tall, wide), (height, width) = annotation.image_size, film.size
        found.append(f"made for a film of {tall} x {wide} px, this one has {height} x {width}: check every outline")
    return tuple(found)


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


def _lying(item: WorkItem, empty: Annotation, table: LabelTable | None) -> _Lying:
    """Read a labelme file and the original kept beside it; a broken original is told, not used."""
    path = item.saves_to
    kept, data = original_path(path), _read(path)
    annotation = empty if data is None else decode_labelme(path, data, table)
    found = "" if data is None else sha256_of(data)
    try:
        first = _read(kept)
        if first is None:
            return _Lying(annotation, found, None, "", annotation.notes)
        return _Lying(annotation, found, decode_labelme(kept, first, table), sha256_of(first), annotation.notes)
    except AnnotationReadError as error:
        told = f"the kept original can't be used: {error}"
        return _Lying(annotation, found, None, "", (*annotation.notes, told))


def _read(path: Path) -> bytes | None:
    try:
        if is_special(path):
            raise AnnotationReadError(path, f"expected a labelme file, got {SPECIAL}")
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
