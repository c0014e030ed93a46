"""A second model beside the one in use: what both say of the film on the screen, and how they stand to each other.

Decision: the second model's findings live here alone, read-only, under ids of their own. Rejected: a second prediction
in the case, where each decision would have to ask which of the two it is about. Consequence: what a reader wants to
keep of B is accepted after B was chosen as the model in use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.control import CancelToken
from engine.domain.annotation import Shape
from engine.domain.case import ModelCard, Prediction
from engine.domain.decisions import film_review
from engine.domain.matching import MatchKind, match_shapes
from engine.errors import AnnotationReadError, FilmReadError
from engine.review import PairedFilm, PairRow, pair_models
from engine.review.opening import read_review
from engine.store import FolderStore
from engine.weights import read_card
from vcfviewer.jobs import Jobs, Lane
from vcfviewer.model_process import ModelProcess
from vcfviewer.session.case import CaseSession
from vcfviewer.session.listing import ListedFilm
from vcfviewer.session.predicting import Predicting, predict_once

NOTHING = PairedFilm((), None, None)
MARK = "B "
"""Before the ids of B's shapes: two cards may share one file of weights, and with it a kept prediction."""


class SecondModel(QObject):
    """Compares the model in use (A) with another one (B), film by film, until it is stopped.

    Each model has its own score threshold here, at first the one of its card: A's in the review stays as it is.
    """

    changed = Signal()
    chosen = Signal(str)  # the key of the pair in question, "" for none
    working = Signal()  # it began, or ended, to predict or to search
    failed = Signal(str, object)  # key, the error

    def __init__(
        self, case: CaseSession, predicting: Predicting, jobs: Jobs, model: ModelProcess, parent: QObject | None = None
    ) -> None:
        """Start without a second model."""
        super().__init__(parent)
        self._case, self._first, self._jobs, self._model = case, predicting, jobs, model
        self.card_path: Path | None = None
        self.cards: tuple[ModelCard, ModelCard] | None = None
        self.thresholds = (0.5, 0.5)
        self.prediction: Prediction | None = None
        self.paired = NOTHING
        self.current = ""
        self.refused = False
        """Whether B could not look at the film on the screen."""
        self._paired_for: tuple[object, ...] = ()
        self._token: CancelToken | None = None
        self._search: CancelToken | None = None
        case.changed.connect(self._pair)

    @property
    def on(self) -> bool:
        """Whether two models are compared."""
        return self.cards is not None

    @property
    def active(self) -> bool:
        """Whether two models are what the window shows: not without a film, nor before a blind reader's own read."""
        return self.on and self._case.case is not None and not self._case.hidden

    @property
    def ready(self) -> bool:
        """Whether both models have looked at the film on the screen."""
        return self.active and self._case.prediction is not None and self.prediction is not None

    @property
    def predicting(self) -> bool:
        """Whether B is asked about the film on the screen."""
        return self._token is not None

    @property
    def searching(self) -> bool:
        """Whether a film is looked for on which A and B differ."""
        return self._search is not None and not self._search.cancelled

    @property
    def shown(self) -> tuple[tuple[Shape, ...], tuple[Shape, ...]]:
        """Return the findings of A and B from each one's own threshold on; none of a model that didn't look yet."""
        if not self.active:
            return ((), ())
        both = zip((self._case.prediction, self.prediction), self.thresholds, strict=True)
        first, second = (() if one is None else one.above(threshold) for one, threshold in both)
        return (first, second)

    def start(self, card_path: Path) -> None:
        """Compare the model in use with this one from now on; raises WeightsError for a card that can't be read."""
        first = self._first.card()
        second = read_card(card_path)
        self.leave_film()
        self.card_path = card_path
        self.cards = None if first is None else (first, second)
        self.thresholds = (0.5 if first is None else first.score_threshold, second.score_threshold)

    def stop(self) -> None:
        """Compare no longer; what B said stays in the folder's store."""
        self.leave_film()
        self.card_path, self.cards = None, None
        self.changed.emit()

    def leave_film(self) -> None:
        """Let go of what B says of a film, and of what it is still asked."""
        under_way = [token for token in (self._token, self._search) if token is not None]
        for token in under_way:
            token.cancel()
        self._token = self._search = None
        if under_way:
            self.working.emit()
        self.prediction, self.paired, self.current, self._paired_for = None, NOTHING, "", ()
        self.refused = False

    def predict(self, film: ListedFilm, store: FolderStore | None, digest: str) -> None:
        """Ask B about the film on the screen, behind A; the store answers first."""
        card_path = self.card_path
        if card_path is None or not self.on:
            return

        def work(cancel: CancelToken) -> Prediction:
            said = predict_once(film, card_path, store, self._model, cancel, digest, self._first.unkept.emit)
            return replace(said, shapes=tuple(replace(shape, id=MARK + shape.id) for shape in said.shapes))

        # Kept: the newest request would win over A's, which is on its way.
        self._token = self._jobs.submit(
            Lane.INFERENCE,
            self.tr("Predicting {film}").format(film=film.key),
            work,
            lambda said: self._take(film.key, said),
            lambda error: self._fail(film.key, error),
            keep=True,
        )
        self.working.emit()

    def set_threshold(self, second: bool, threshold: float) -> None:
        """Show A's, or B's, findings from this score on (0..1)."""
        first, other = self.thresholds
        self.thresholds = (first, threshold) if second else (threshold, other)
        self._pair()
        self.changed.emit()

    def choose(self, key: str) -> None:
        """Make a pair the one in question."""
        if key != self.current:
            self.current = key
            self.chosen.emit(key)

    def row(self, key: str = "") -> PairRow | None:
        """Return a pair, the one in question by default; the id of a shape on any side will do."""
        wanted = key or self.current
        return next((row for row in self.paired.rows if wanted and wanted in pair_ids(row)), None)

    def next_difference(self, step: int = 1) -> str:
        """Return the key of the next pair of this film on which A and B differ, "" where none is left."""
        rows = self.paired.rows
        keys = [row.key for row in rows]
        start = keys.index(self.current) if self.current in keys else (-1 if step > 0 else len(keys))
        rest = rows[start + 1 :] if step > 0 else tuple(reversed(rows[: max(start, 0)]))
        return next((row.key for row in rest if row.differs), "")

    def search(
        self,
        films: Sequence[ListedFilm],
        store: FolderStore,
        done: Callable[[str], None],
    ) -> None:
        """Look for the first of `films` on which A and B differ; `done` gets its key, "" where there is none.

        What has no prediction gets one, and keeps it. In blind reading films that nobody has read are passed over:
        stopping there would tell what is on them.
        """
        first, second = self._first.card_path, self.card_path
        if first is None or second is None:
            return
        thresholds, iou_threshold, blind = self.thresholds, self._case.iou_threshold, self._case.blind

        def differs(film: ListedFilm, cancel: CancelToken) -> bool:
            try:
                if blind and not film_review(read_review(film.item, store).annotation).blind:
                    return False
                one, two = (
                    predict_once(film, card, store, self._model, cancel, unkept=self._first.unkept.emit)
                    for card in (first, second)
                )
            except (FilmReadError, AnnotationReadError):
                return False  # Such a film says what is wrong with it when it is opened.
            matches = match_shapes(one.above(thresholds[0]), two.above(thresholds[1]), iou_threshold)
            return any(match.kind is not MatchKind.AGREES for match in matches)

        def work(cancel: CancelToken) -> str:
            for film in films:
                cancel.check()
                if not film.item.reason and differs(film, cancel):
                    return film.key
            return ""

        def found(key: str) -> None:
            self._end_search()
            done(key)

        def failed(error: Exception) -> None:
            self._end_search()
            self.failed.emit(self.tr("the next film"), error)

        text = self.tr("Looking for a film on which the two models differ")
        self._search = self._jobs.submit(Lane.INFERENCE, text, work, found, failed)
        self.working.emit()

    def _end_search(self) -> None:
        self._search = None
        self.working.emit()

    def _take(self, key: str, prediction: Prediction) -> None:
        if key != self._case.key or not self.on:
            return
        self._token = None
        self.working.emit()
        self.prediction = prediction
        self._pair()
        self.changed.emit()

    def _fail(self, key: str, error: Exception) -> None:
        self._token, self.refused = None, True
        self.working.emit()
        self.failed.emit(key, error)
        self.changed.emit()

    def _pair(self) -> None:
        """Pair anew where anything changed that it hangs on; whoever shows it is told by whoever changed that."""
        if not self.ready:
            self.paired, self._paired_for = NOTHING, ()
            return
        case, original = self._case.case, None
        if case is not None and case.annotated:
            original = case.original.shapes
        spacing = self._case.scale().spacing
        state = (self._case.prediction, self.prediction, self.thresholds, self._case.iou_threshold, original, spacing)
        if self._paired_for and all(one is other or one == other
                                    for one, other in zip(state, self._paired_for, strict=True)):  # fmt: skip
            return
        known = self.paired.rows if self._paired_for and self._paired_for[-1] == spacing else ()
        self._paired_for = state
        self.paired = pair_models(*self.shown, original, self._case.iou_threshold, spacing, known)
        if self.current and self.row() is None:
            self.choose("")


def pair_ids(row: PairRow) -> frozenset[str]:
    """Return the ids of all shapes of a pair, the expert's among them."""
    shapes = (row.first, row.second, *row.experts)
    return frozenset(shape.id for shape in shapes if shape is not None)
