"""Films for the screen: read in the reading lane, the likely next ones before anybody asks for them.

Decision: what was read ahead is kept by the lane's own thread, in a dict that ends with its folder. Rejected: keeping
it when its result comes home. A film asked for while it is read ahead was read twice then, and one of the same name,
still on its way from the folder before, was taken for the new one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from engine.control import CancelToken
from engine.data.worklist import WorkItem
from engine.films import Film
from engine.review.opening import ReadFilm
from vcfviewer.film_process import FilmProcess
from vcfviewer.jobs import Jobs, Lane
from vcfviewer.session.listing import ListedFilm

AHEAD = 3
"""Films that are read before they are asked for: the next one, the next one left to review, and the one before."""


@dataclass(frozen=True, slots=True)
class ReadyFilm:
    """A film that was read, and what the canvas made of it."""

    read: ReadFilm
    prepared: object


class Reading:
    """Reads the pixels from the film's file, and makes of them what its drawing needs; asked on the GUI thread."""

    def __init__(self, jobs: Jobs, prepare: Callable[[Film], object] | None) -> None:
        """Start nothing yet; `prepare` runs in the reading lane."""
        self._jobs, self._prepare, self._process = jobs, prepare, FilmProcess()
        self._ready: OrderedDict[str, ReadyFilm] = OrderedDict()  # The reading lane's alone
        self._tokens: dict[str, CancelToken] = {}
        self._at = ""  # The film that the lane reads ahead just now

    def to_open(self, film: ListedFilm) -> Callable[[CancelToken], ReadyFilm]:
        """Return the work that gets this film now; those that nobody waits for give way to it."""
        self.give_way(film.key)
        ready = self._ready

        def work(cancel: CancelToken) -> ReadyFilm:
            return ready.pop(film.key, None) or self._read(film.item, cancel)

        return work

    def ahead(self, films: Sequence[ListedFilm]) -> None:
        """Read the first few of these, the likely next ones, while nobody waits."""
        for film in films[:AHEAD]:
            self._tokens[film.key] = self._jobs.submit(
                Lane.READING,
                QCoreApplication.translate("Session", "Reading ahead"),
                self._to_keep(film),
                lambda _none: None,
                # A film that can't be read says so when it is opened.
                lambda _error: None,
                keep=True,
            )

    def give_way(self, key: str = "") -> None:
        """Cancel what is read ahead, unless it is just this film: somebody waits."""
        for one, token in self._tokens.items():
            if not one == key == self._at:
                token.cancel()
        self._tokens.clear()

    def leave_folder(self) -> None:
        """Forget what was read ahead; what is on its way is of no use any more."""
        self.give_way()
        self._ready = OrderedDict()

    def close(self) -> None:
        """End the child process that reads compressed films."""
        self._process.close()

    def _to_keep(self, film: ListedFilm) -> Callable[[CancelToken], None]:
        ready = self._ready

        def work(cancel: CancelToken) -> None:
            if film.key in ready:
                return
            self._at = film.key
            try:
                ready[film.key] = self._read(film.item, cancel)
            finally:
                self._at = ""
            while len(ready) > AHEAD:
                ready.popitem(last=False)

        return work

    def _read(self, item: WorkItem, cancel: CancelToken) -> ReadyFilm:
        read = self._process.read(item, cancel)
        cancel.check()
        return ReadyFilm(read, None if self._prepare is None else self._prepare(read.film))
