"""The folder that is open: its films, its store, and what is known of each film without opening it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.control import CancelToken
from engine.data.worklist import WorkItem, find_work
from engine.review import FilmSummary
from engine.store import FolderStore
from vcfviewer.jobs import Jobs, Lane


@dataclass(frozen=True, slots=True)
class ListedFilm:
    """One row of the worklist: `key` is the film's path below the folder, with slashes."""

    key: str
    item: WorkItem
    summary: FilmSummary | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A folder as it was found: its root, its films in natural order, and the store of its review."""

    root: Path
    films: tuple[ListedFilm, ...]
    store: FolderStore
    wanted: str = ""
    """The key of the film to show first, where one file was opened."""


class FolderSession(QObject):
    """Lists folders off the GUI thread; `listed` brings a whole new Listing, `row_changed` one film's summary."""

    leaving = Signal()  # the folder that is open is about to be replaced
    listed = Signal(object)  # Listing
    row_changed = Signal(str, object)  # key, FilmSummary
    failed = Signal(object)  # the error

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        """Start without a folder."""
        super().__init__(parent)
        self._jobs = jobs
        self._listing: Listing | None = None
        self._films: dict[str, ListedFilm] = {}

    @property
    def listing(self) -> Listing | None:
        """Return the folder that is open."""
        return self._listing

    @property
    def store(self) -> FolderStore | None:
        """Return the store of the folder that is open."""
        return None if self._listing is None else self._listing.store

    def film(self, key: str) -> ListedFilm | None:
        """Return one film by its key."""
        return self._films.get(key)

    def films(self) -> tuple[ListedFilm, ...]:
        """Return all films, with the newest summaries."""
        return tuple(self._films.values())

    def open(self, paths: Sequence[Path], reader: str, annotations_folder: Path | None = None) -> None:
        """List films of folders, films and labelme files; the answer comes as `listed` or `failed`."""

        def work(cancel: CancelToken) -> Listing:
            return list_folder(paths, reader, annotations_folder, cancel)

        # Kept: a film that is asked for while the folder is listed mustn't drop the folder.
        self._jobs.submit(Lane.READING, self.tr("Opening the folder"), work, self._take, self.failed.emit, keep=True)

    def note(self, key: str, summary: FilmSummary) -> None:
        """Keep a film's summary, in the store too, and tell the worklist."""
        film = self._films.get(key)
        store = self.store
        if film is None or store is None or film.summary == summary:
            return
        self._films[key] = ListedFilm(key, film.item, summary)
        self.row_changed.emit(key, summary)

        def work(_cancel: CancelToken) -> None:
            store.put_summary(key, summary, summary.model)

        self._jobs.submit(Lane.WRITING, self.tr("Noting the film's figures"), work, _nothing)

    def close(self) -> None:
        """Close the store once everything is written."""
        listing, self._listing = self._listing, None
        self._films = {}
        if listing is not None:
            self._jobs.submit(
                Lane.WRITING, self.tr("Closing the folder"), lambda _cancel: listing.store.close(), _nothing
            )

    def _take(self, listing: Listing) -> None:
        self.leaving.emit()
        self.close()
        self._listing = listing
        self._films = {film.key: film for film in listing.films}
        self.listed.emit(listing)


def list_folder(paths: Sequence[Path], reader: str, annotations_folder: Path | None, cancel: CancelToken) -> Listing:
    """Find the films and open the folder's store; raises FilmReadError for a path that isn't there."""
    items = find_work(paths, annotations_folder)
    cancel.check()
    root = common_folder(paths)
    store = FolderStore.open(root, reader)
    kept = store.summaries()
    films = []
    for item in items:
        key = store.key(item.film)
        row = kept.get(key)
        films.append(ListedFilm(key, item, None if row is None else replace(row.summary, model=row.stamp)))
    named = {path.absolute() for path in paths if path.is_file()}
    wanted = next((film.key for film in films if named & {film.item.film.absolute(), film.item.annotation}), "")
    return Listing(root, tuple(films), store, wanted)


def common_folder(paths: Sequence[Path]) -> Path:
    """Return the deepest folder that holds all `paths`."""
    folders = [path if path.is_dir() else path.parent for path in (one.absolute() for one in paths)]
    return Path(os.path.commonpath([str(folder) for folder in folders]))


def _nothing(_result: object) -> None:
    """Take the answer of work that has none."""
