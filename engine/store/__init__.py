"""One SQLite file a folder of films: the journal of edits, predictions, worklist rows, and who holds which film.

Decision: a package, one module a table, behind one class. Rejected: the single module that was planned, which would
have passed a thousand lines. Consequence: only this package's names are for others; the modules know each other.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from engine.domain.annotation import Annotation
from engine.domain.case import ModelCard, Prediction
from engine.store import predictions, summaries
from engine.store._database import DamagedStore, Database, StoreError
from engine.store._place import MOUNTS, Place, find_place, has_store, user_cache_folder, user_data_folder
from engine.store._reserve import Reserve
from engine.store.holders import STALE_SECONDS, Holder, Holders
from engine.store.journal import OUTSIDE_TEXT, FileState, History, Journal, JournalEntry, Step, utc_now
from engine.store.summaries import FilmSummary, SummaryRow

__all__ = (
    "OUTSIDE_TEXT", "STALE_SECONDS", "DamagedStore", "FileState", "FilmSummary", "FolderStore", "History", "Holder",
    "JournalEntry", "Step", "StoreError", "SummaryRow", "has_store", "user_cache_folder", "user_data_folder",
    "utc_now",
)  # fmt: skip


class FolderStore:
    """The store of one folder of films; every method may be called from every thread, and may raise StoreError.

    Films are named by their path below the folder, with slashes, so that a moved folder keeps its journal.
    """

    def __init__(self, folder: Path, place: Place, database: Database, reader: str, notes: tuple[str, ...]) -> None:
        """Put the parts together; `open` is the way in."""
        self.folder = folder
        self.path = place.path
        self.reader = reader
        self.notes = notes
        self._prefixes = tuple(os.path.join(one, "") for one in (folder, folder.resolve()))
        self._database = database
        self._journal = Journal(database, reader)
        self._holders = Holders(database, reader)

    @classmethod
    def open(cls, folder: Path, reader: str, *, home: Path | None = None, mounts: Path = MOUNTS) -> FolderStore:
        """Open a folder's store, or make one; `notes` say where it lies if that isn't the folder, and what was mended.

        A damaged file is set aside, never deleted. `home` is the user's data folder of this program, `mounts` the list
        of mounted file systems. Raises StoreError.
        """
        try:
            place = find_place(folder, home, mounts)
        except OSError as error:
            raise StoreError(folder, f"no store can be made: {error.strerror or error}") from error
        notes = (
            [f"The review is kept in {place.path.parent}, for {place.why_elsewhere}."] if place.why_elsewhere else []
        )
        reserve = Reserve(place.path.with_name("reserve"))
        try:
            database = Database(place.path, reserve)
        except DamagedStore as error:
            notes.append(_set_aside(place.path, error))
            database = Database(place.path, reserve)
        reserve.keep()
        return cls(folder, place, database, reader, tuple(notes))

    def close(self) -> None:
        """Let all films go and close the file; a second time does nothing."""
        if self._database.is_open:
            try:
                self._holders.release_all()
            finally:
                self._database.close()

    def key(self, film: Path) -> str:
        """Return the name of a film in this store: its path below the folder, else the whole path."""
        text = str(film)
        if not text.startswith(self._prefixes):
            text = str(film.parent.resolve() / film.name)
        prefix = next((one for one in self._prefixes if text.startswith(one)), "")
        # A name that isn't UTF-8 has lone surrogates, which SQLite can't keep.
        return Path(text[len(prefix) :]).as_posix().encode("utf-8", "backslashreplace").decode()

    def record(
        self, film: str, kind: str, text: str, before: Annotation, after: Annotation, *, joined: bool = False
    ) -> JournalEntry:
        """Write an "edit", "undo", "redo" or "outside" change of a film; see `Journal.record`."""
        return self._journal.record(film, kind, text, before, after, joined=joined)

    def history(
        self, film: str, base: Annotation, sha256: str = "", also: Mapping[str, Annotation] = MappingProxyType({})
    ) -> History:
        """Return what was done to a film, from what its labelme file of this sha256 holds; see `Journal.history`."""
        return self._journal.history(film, base, sha256, also)

    def recorded(self, film: str) -> History | None:
        """Return what the journal says of a film, None where it says nothing."""
        return self._journal.recorded(film)

    def entries(self, film: str) -> tuple[JournalEntry, ...]:
        """Return the rows of a film's journal, oldest first: the audit trail."""
        return self._journal.entries(film)

    def seen(self, film: str, annotation: Annotation, sha256: str) -> None:
        """Say what a labelme file of this sha256 holds that another program wrote."""
        self._journal.seen(film, annotation, sha256)

    def saving(self, film: str, annotation: Annotation, sha256: str) -> bool:
        """Note what a labelme file of this sha256 will hold, before it is written; see `Journal.saving`."""
        return self._journal.saving(film, annotation, sha256)

    def saved(self, film: str, sha256: str) -> JournalEntry:
        """Note that a labelme file of this sha256 was written."""
        return self._journal.saved(film, sha256)

    def put_prediction(self, film_sha256: str, prediction: Prediction, settings: str = "") -> None:
        """Keep a prediction by the film's and the weights' sha256 and the settings it was made with."""
        predictions.put_prediction(self._database, film_sha256, prediction, settings)

    def get_prediction(self, film_sha256: str, card: ModelCard, settings: str = "") -> Prediction | None:
        """Return the kept prediction of a card's weights, None if there is none."""
        return predictions.get_prediction(self._database, film_sha256, card, settings)

    def content_sha256(self, film: Path) -> str:
        """Return a film file's sha256, read again only where its size or time changed; raises OSError too."""
        return predictions.content_sha256(self._database, self.key(film), film)

    def put_summary(self, film: str, summary: FilmSummary, stamp: str = "") -> None:
        """Keep a film's row of the worklist; `stamp` says what it was made of."""
        self.put_summaries({film: SummaryRow(summary, stamp)})

    def put_summaries(self, rows: Mapping[str, SummaryRow]) -> None:
        """Keep many films' rows in one transaction."""
        summaries.put_summaries(self._database, rows)

    def summaries(self) -> Mapping[str, SummaryRow]:
        """Return all rows of the worklist that were kept, by film."""
        return summaries.get_summaries(self._database)

    def take(self, film: str) -> Holder | None:
        """Hold a film; returns who holds it where another window does, None where it is ours now."""
        return self._holders.take(film)

    def release(self, film: str) -> None:
        """Let a film go."""
        self._holders.release(film)

    def heartbeat(self) -> frozenset[str]:
        """Give a sign of life, at least every 20 s; returns the films still held: one missing was taken over."""
        return self._holders.heartbeat()


def _set_aside(path: Path, error: DamagedStore) -> str:
    """Rename a damaged store, its log with it, to a name that is free; returns the note that says so."""
    stamp = utc_now().replace(":", "").replace(".", "")
    aside = path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}")
    try:
        for tail in ("", "-wal", "-shm"):
            beside = path.with_name(path.name + tail)
            if beside.exists():
                beside.replace(aside.with_name(aside.name + tail))
    except OSError as refused:
        raise StoreError(path, f"{error.reason}, and it can't be set aside: {refused.strerror}") from error
    return f"The review store {error.reason}; it was set aside as {aside}, and a new one was begun."
