"""Saving: the original is kept once, and another program's change is never overwritten unasked.

Decision: the state that a file will hold is noted in the journal before the file is written. Rejected: noting it
afterwards only, by which a kill in between looks like a change from outside. Consequence: a save costs two commits.
"""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from engine.domain.annotation import Annotation
from engine.domain.labels import LabelTable
from engine.errors import AnnotationReadError, AnnotationWriteError, EngineError
from engine.formats.labelme import decode_labelme, encode_labelme, write_encoded
from engine.review.merging import aligned
from engine.store import FolderStore, History, StoreError


@dataclass(frozen=True, slots=True)
class SavedState:
    """What lies on the disk now: the file's `sha256`, and whether anything had to be written.

    `journal_error` is set where the file was saved, but the journal could not be told.
    """

    sha256: str
    written: bool
    journal_error: StoreError | None = None


class OutsideChange(EngineError):
    """The file isn't the one that was opened: another program changed it.

    `theirs` is what it holds now, under the shape ids that are known here, and `sha256` its hash; both are None where
    it `is_gone` or can't be read, as `reason` says.
    """

    def __init__(
        self, path: Path, theirs: Annotation | None, sha256: str | None, reason: str, *, is_gone: bool = False
    ) -> None:
        """Keep what the reader must choose from."""
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.theirs = theirs
        self.sha256 = sha256
        self.reason = reason
        self.is_gone = is_gone


def original_path(path: Path) -> Path:
    """Return where the expert's file is kept as it was before the first change."""
    return path.with_name(path.name + ".orig")


def sha256_of(data: bytes) -> str:
    """Return the sha256 of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def save_case(
    store: FolderStore | None,
    film_key: str,
    path: Path,
    annotation: Annotation,
    expected_sha256: str | None,
    *,
    below: Path | None = None,
    table: LabelTable | None = None,
) -> SavedState:
    """Write a film's labelme file, atomically and durably.

    `expected_sha256` is the file that was read or saved last, None where there was none. The first change keeps the
    expert's file as `*.json.orig`, once; going all the way back writes its very bytes. Missing folders are made only
    `below` a folder, that of the annotations. Raises OutsideChange and AnnotationWriteError (full disk, no rights,
    folder gone; the file on the disk is whole and the journal has the edit).
    """
    disk = _bytes_of(path)
    found = None if disk is None else sha256_of(disk)
    history, problem = _recorded(store, film_key)
    data = _encoded(path, annotation, history)
    fresh = sha256_of(data)
    if disk is not None and found is not None and (found == fresh or (history is None and _says(path, disk, data))):
        return SavedState(found, written=False, journal_error=problem)
    if found != expected_sha256:
        _check_outside(store, film_key, path, annotation, disk, table)
    if disk is not None and (history is None or found not in history.written):
        _keep_original(path, disk)
    problem = problem or _tell(store, film_key, annotation, fresh)
    if below is not None and below.is_dir() and path.is_relative_to(below):
        _make_folder(path)
    if not path.parent.is_dir():
        reason = "could not be saved: its folder is gone; it is saved when the folder is back"
        raise AnnotationWriteError(path, reason) from FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    write_encoded(path, data)
    return SavedState(fresh, written=True, journal_error=problem or _tell(store, film_key, None, fresh))


def _recorded(store: FolderStore | None, film_key: str) -> tuple[History | None, StoreError | None]:
    try:
        return (None if store is None else store.recorded(film_key)), None
    except StoreError as error:
        return None, error


def _says(path: Path, disk: bytes, data: bytes) -> bool:
    """Whether a file says the same in another hand: nobody edited it, so that it needn't be written in ours."""
    try:
        return encode_labelme(decode_labelme(path, disk)) == data
    except AnnotationReadError:
        return False


def _encoded(path: Path, annotation: Annotation, history: History | None) -> bytes:
    """Return the bytes to write: those of the original where everything was undone."""
    kept = _bytes_of(original_path(path)) if history is not None else None
    if history is not None and kept is not None and history.holds(sha256_of(kept), annotation):
        return kept
    return encode_labelme(annotation)


def _check_outside(
    store: FolderStore | None,
    film_key: str,
    path: Path,
    mine: Annotation,
    disk: bytes | None,
    table: LabelTable | None,
) -> None:
    if disk is None and not path.parent.is_dir():
        return  # That the folder is gone says more.
    if disk is None:
        reason = "the file is gone: it was deleted or moved by another program"
        raise OutsideChange(path, None, None, reason, is_gone=True)
    try:
        theirs = aligned(decode_labelme(path, disk, table), mine)
    except AnnotationReadError as error:
        raise OutsideChange(path, None, None, f"another program changed it, and {error.reason}") from error
    sha256 = sha256_of(disk)
    if store is not None:
        store.seen(film_key, theirs, sha256)
    raise OutsideChange(path, theirs, sha256, "another program changed it since it was read")


def _keep_original(path: Path, data: bytes) -> None:
    """Keep the bytes as they were before the first change; two windows that race keep the same ones."""
    kept = original_path(path)
    if not kept.exists():
        write_encoded(kept, data)


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AnnotationWriteError(path, f"its folder can't be made: {error.strerror or error}") from error


def _tell(store: FolderStore | None, film_key: str, annotation: Annotation | None, sha256: str) -> StoreError | None:
    """Tell the journal of a save, before (with the annotation) or after; what keeps it from that is returned.

    A file must be saved also where the journal can't be written.
    """
    if store is None:
        return None
    try:
        if annotation is None:
            store.saved(film_key, sha256)
        else:
            store.saving(film_key, annotation, sha256)
    except StoreError as error:
        return error
    return None


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AnnotationWriteError(path, f"could not be saved: it can't be read: {error.strerror or error}") from error
