"""What the worklist shows of each film: of the one on the screen as it changes, of the others beside the reading."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from engine.control import CancelToken
from engine.domain.case import Prediction
from engine.domain.labels import LabelTable
from engine.review import FilmSummary
from engine.review.opening import film_summary
from vcfviewer.jobs import Jobs, Lane
from vcfviewer.session.case import CaseSession
from vcfviewer.session.listing import FolderSession, ListedFilm
from vcfviewer.session.predicting import Predicting, kept_prediction

NOTED_AFTER_MS = 150
COMPARED_AFTER_MS = 800
"""How long a threshold has to stand before all other films are compared anew by it: a slider passes many."""


class Figures(QObject):
    """Notes the figures of films with the folder; `labels` are the reader's own label texts."""

    def __init__(
        self,
        case: CaseSession,
        folder: FolderSession,
        predicting: Predicting,
        jobs: Jobs,
        parent: QObject | None = None,
    ) -> None:
        """Follow the film on the screen, and the rules by which findings count."""
        super().__init__(parent)
        self._case, self._folder, self._predicting, self._jobs = case, folder, predicting, jobs
        self.labels = LabelTable()
        self._rules = self._rules_now()
        self._waiting: deque[str] = deque()
        self._round = 0
        self._soon, self._settled = QTimer(self), QTimer(self)
        for timer, pause in ((self._soon, NOTED_AFTER_MS), (self._settled, COMPARED_AFTER_MS)):
            timer.setSingleShot(True)
            timer.setInterval(pause)
        self._soon.timeout.connect(self._note)
        self._settled.timeout.connect(self._compare_all)
        case.changed.connect(self._changed)

    def note_now(self) -> None:
        """Note what waits to be noted of the film on the screen, before it is left."""
        if self._soon.isActive():
            self._soon.stop()
            self._note()

    def stop(self) -> None:
        """Compare no more films of this folder."""
        self._settled.stop()
        self._waiting.clear()

    def compare(self, key: str, prediction: Prediction) -> None:
        """Note the figures of a film that isn't on the screen, and was predicted."""
        film = self._folder.film(key)
        if film is not None:
            self._submit(film, prediction, lambda: None)

    def _rules_now(self) -> tuple[object, ...]:
        return (self._case.threshold, self._case.iou_threshold, self._predicting.card_path)

    def _changed(self) -> None:
        self._soon.start()
        rules = self._rules_now()
        if rules != self._rules:
            self._rules = rules
            self._settled.start()

    def _note(self) -> None:
        summary = self._case.summary()
        if summary is not None:
            self._folder.note(self._case.key, summary)

    def _compare_all(self) -> None:
        """Compare all films that a model has seen, one after the other, by the rules of now."""
        self._round += 1
        films = self._folder.films()
        self._waiting = deque(film.key for film in films if film.summary is not None and film.summary.predicted)
        self._next(self._round)

    def _next(self, number: int) -> None:
        while number == self._round and self._waiting:
            film = self._folder.film(self._waiting.popleft())
            if film is not None and film.key != self._case.key:
                self._submit(film, None, lambda: self._next(number))
                return

    def _submit(self, film: ListedFilm, prediction: Prediction | None, then: Callable[[], None]) -> None:
        """Compare one film; with no prediction given, the one that is kept."""
        store, card = self._folder.store, self._predicting.card_path
        if store is None:
            return
        threshold, iou_threshold, labels, blind = (
            self._case.threshold, self._case.iou_threshold, self.labels, self._case.blind,
        )  # fmt: skip

        def work(_cancel: CancelToken) -> FilmSummary | None:
            said = prediction or (None if card is None else kept_prediction(film, card, store))
            if said is None:
                return None
            return film_summary(film.item, store, said, threshold, iou_threshold, labels, blind=blind)

        def done(summary: FilmSummary | None) -> None:
            if summary is not None and film.key != self._case.key and store is self._folder.store:
                self._folder.note(film.key, summary)
            then()

        # A broken annotation says so in its row already; its film has no figures.
        text = self.tr("Comparing {film}").format(film=film.key)
        self._jobs.submit(Lane.BACKGROUND, text, work, done, lambda _error: then())
