"""Keeping what a reader does: first in the journal, then in the labelme file, both in the ordered writing lane.

Decision: each edit is one writing job, so that the file follows every undo. Rejected: saving when the film is left,
which a kill in between would lose. Consequence: a film whose file can't be written stays in the journal, and the save
is tried again every few seconds until it can be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.control import CancelToken
from engine.domain.annotation import Annotation
from engine.domain.labels import LabelTable
from engine.errors import EngineError, FileError
from engine.review.opening import OpenedCase
from engine.review.saving import OutsideChange, save_case
from engine.store import FolderStore
from vcfviewer.document import Recorded
from vcfviewer.jobs import Jobs, Lane

RETRY_MILLISECONDS = 4000


@dataclass(frozen=True, slots=True)
class Pending:
    """A film with edits that aren't in its file yet: how it stands, and why it isn't saved ("" while under way).

    `journaled`: whether the journal has all of them, so that they are there when the folder is opened again. `errno`:
    the system's number of what went wrong, None where it said nothing.
    """

    key: str
    annotation: Annotation
    reason: str = ""
    outside: OutsideChange | None = None
    journaled: bool = True
    errno: int | None = None


@dataclass(slots=True)
class _Open:
    """A film's file as it should be found; without the film itself, so that memory stays flat over a folder."""

    path: Path
    store: FolderStore | None
    expected: str | None
    latest: Annotation
    base: Annotation
    read_only: bool
    below: Path | None
    blocked: bool = False


class Saving(QObject):
    """Journals and saves; `pending` brings each film's state, with a reason where it can't be saved."""

    saved = Signal(str)  # key
    pending = Signal(object)  # Pending
    outside = Signal(object)  # Pending whose file was changed by somebody else

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        """Save nothing yet."""
        super().__init__(parent)
        self._jobs = jobs
        self.labels = LabelTable()
        self._open: dict[str, _Open] = {}
        self._failing: dict[str, Pending] = {}
        self._under_way: Counter[str] = Counter()
        self._unjournaled: set[str] = set()
        self._retry = QTimer(self)
        self._retry.setInterval(RETRY_MILLISECONDS)
        self._retry.timeout.connect(self.try_again)

    @property
    def unsaved(self) -> tuple[Pending, ...]:
        """Return the films whose edits are not in their files."""
        return tuple(self._failing.values())

    def begin(self, key: str, case: OpenedCase, store: FolderStore | None, below: Path | None = None) -> None:
        """Keep a film that was opened: what is on disk is what was read; folders may be made `below` that folder."""
        self._open[key] = _Open(
            case.annotation_path, store, case.file_sha256, case.annotation, case.base,
            read_only=case.holder is not None, below=below, blocked=case.conflict is not None,
        )  # fmt: skip
        if case.recovered and case.conflict is None:
            self._save(key)

    def record(self, key: str, recorded: Recorded) -> None:
        """Keep one change: in the journal, then in the file."""
        entry = self._open.get(key)
        if entry is None:
            return
        entry.latest = recorded.after
        store = entry.store

        def work(_cancel: CancelToken) -> None:
            if store is not None:
                store.record(key, recorded.kind, recorded.text, recorded.before, recorded.after, joined=recorded.joined)

        self._submit(
            key,
            self.tr("Keeping the edit"),
            work,
            lambda: None,
            lambda error: self._not_journaled(key, recorded.after, error),
        )
        self._save(key)

    def forget(self) -> None:
        """Stop trying to save the films of a folder that is left; its journal gives their edits back."""
        self._failing.clear()
        self._unjournaled.clear()
        self._retry.stop()

    def release(self, key: str, store: FolderStore) -> None:
        """Let go of a film once all of it is written; others may edit it then."""
        self._submit(key, self.tr("Letting go of the film"), lambda _cancel: store.release(key), lambda: None)

    def is_writing(self, key: str) -> bool:
        """Whether something of a film waits to be written: what lies on the disk isn't what the reader made of it."""
        return self._under_way[key] > 0

    def when_written(self, key: str, then: Callable[[], None]) -> None:
        """Call `then` as soon as all that waits now is written, or could not be."""
        self._submit(key, self.tr("Waiting for the last save"), lambda _cancel: None, then)

    def settle(self, key: str, sha256: str | None) -> None:
        """Go on saving a film after the reader chose; what lies on the disk, of this sha256, is written over."""
        entry = self._open.get(key)
        if entry is not None:
            entry.blocked = False
            entry.expected = sha256
            self._save(key)

    def base(self, key: str) -> Annotation | None:
        """Return what a film's file held when it was read or saved last."""
        entry = self._open.get(key)
        return None if entry is None else entry.base

    def save_now(self, key: str) -> None:
        """Save a film although nothing changed since, such as on Ctrl+S."""
        self._save(key)

    def try_again(self) -> None:
        """Try to save the films that could not be saved."""
        for key, pending in list(self._failing.items()):
            if pending.outside is None:
                self._save(key)

    def stop(self) -> None:
        """Stop trying again."""
        self._retry.stop()

    def _save(self, key: str) -> None:
        entry = self._open.get(key)
        if entry is None or entry.read_only or entry.blocked:
            return
        annotation, labels = entry.latest, self.labels
        self.pending.emit(Pending(key, annotation))

        def work(_cancel: CancelToken) -> None:
            # What is expected is read here, in the lane: the save before this one has set it by now. Where a newer
            # edit waits with a save of its own, the journal's turn comes first.
            if not entry.blocked and annotation is entry.latest:
                saved = save_case(
                    entry.store, key, entry.path, annotation, entry.expected, below=entry.below, table=labels
                )
                entry.expected, entry.base = saved.sha256, annotation
                if saved.journal_error is not None:
                    raise saved.journal_error

        self._submit(
            key,
            self.tr("Saving {film}").format(film=key),
            work,
            lambda: self._done(key),
            lambda error: self._failed(key, annotation, error),
        )

    def _submit(
        self,
        key: str,
        what: str,
        work: Callable[[CancelToken], None],
        done: Callable[[], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Have something of a film written in its turn."""

        def ended(_none: None) -> None:
            self._under_way[key] -= 1
            done()

        def broken(error: Exception) -> None:
            self._under_way[key] -= 1
            if failed is None:
                self._jobs.failed.emit(what, error)
            else:
                failed(error)

        self._under_way[key] += 1
        self._jobs.submit(Lane.WRITING, what, work, ended, broken)

    def _done(self, key: str) -> None:
        if self._open[key].blocked:
            return
        self._failing.pop(key, None)
        self._unjournaled.discard(key)
        if not self._failing:
            self._retry.stop()
        self.saved.emit(key)

    def _not_journaled(self, key: str, annotation: Annotation, error: Exception) -> None:
        self._unjournaled.add(key)
        self._failed(key, annotation, error)

    def _failed(self, key: str, annotation: Annotation, error: Exception) -> None:
        if not isinstance(error, (EngineError, OSError)):
            raise error
        outside = error if isinstance(error, OutsideChange) else None
        before = self._failing.get(key)
        number = error.errno if isinstance(error, (FileError, OSError)) else None
        pending = Pending(key, annotation, str(error), outside, key not in self._unjournaled, number)
        self._failing[key] = pending
        if outside is not None:
            self._open[key].blocked = True
            if before is None or before.outside is None:
                self.outside.emit(pending)
        elif not self._retry.isActive():
            self._retry.start()
        self.pending.emit(pending)
