"""Predictions: of the film on the screen at once, of the whole folder on request; each is computed once and kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.control import CancelToken
from engine.domain.case import ModelCard, Prediction
from engine.errors import WeightsError
from engine.resources import weights_dir
from engine.review.opening import picture_sha256
from engine.store import FolderStore, StoreError
from engine.weights import list_cards, read_card
from vcfviewer.jobs import Jobs, Lane
from vcfviewer.model_process import ModelProcess
from vcfviewer.session.listing import ListedFilm

Done = Callable[[str, Prediction], None]
Failed = Callable[[str, Exception], None]


@dataclass(frozen=True, slots=True)
class FolderProgress:
    """How far the prediction of the folder is: films done and in all, how many failed, whether it rests."""

    done: int
    total: int
    failed: int = 0
    paused: bool = False
    text: str = ""

    @property
    def running(self) -> bool:
        """Whether films are still to be predicted."""
        return self.done < self.total


class Predicting(QObject):
    """Asks the model's process through the inference lane; the store answers first."""

    predicted = Signal(str, object)  # key, Prediction
    failed = Signal(str, object)  # key, the error
    unkept = Signal(object)  # the error that kept a prediction from being kept
    working = Signal(str)  # the key of the film in work, "" for none
    progress = Signal(object)  # FolderProgress

    def __init__(self, jobs: Jobs, model: ModelProcess, parent: QObject | None = None) -> None:
        """Use `model` for all predictions."""
        super().__init__(parent)
        self._jobs, self._model = jobs, model
        self.card_path: Path | None = bundled_card()
        self._waiting: deque[ListedFilm] = deque()
        self._state = FolderProgress(0, 0)
        self._token: CancelToken | None = None

    @property
    def state(self) -> FolderProgress:
        """Return how far the prediction of the folder is."""
        return self._state

    def card(self) -> ModelCard | None:
        """Return the card of the model in use; None where there is none. Raises WeightsError for a broken one."""
        return None if self.card_path is None else read_card(self.card_path)

    def readable_card(self) -> ModelCard | None:
        """Return the card of the model in use; None where there is none, or it can't be read."""
        try:
            return self.card()
        except WeightsError:
            return None

    def predict(self, film: ListedFilm, store: FolderStore | None, digest: str = "") -> None:
        """Predict the film on the screen before all others; the newest film wins. `digest`: its sha256 as opened."""
        if self.card_path is None:
            return
        self.working.emit(film.key)
        self._submit(film, store, self._shown, self._not_shown, keep=False, digest=digest)

    def predict_folder(self, films: Sequence[ListedFilm], store: FolderStore) -> None:
        """Predict all films that can be read, one after the other, until done or cancelled."""
        self.cancel_folder()
        self._waiting = deque(film for film in films if not film.item.reason)
        self._tell(FolderProgress(0, len(self._waiting)))
        self._next(store)

    def pause_folder(self, store: FolderStore | None) -> None:
        """Rest after the film in work, or go on."""
        if not self._state.running:
            return
        paused = not self._state.paused
        state = self._state
        self._tell(FolderProgress(state.done, state.total, state.failed, paused, state.text))
        if not paused and store is not None and self._token is None:
            self._next(store)

    def cancel_folder(self) -> None:
        """Stop predicting the folder; what was predicted stays."""
        self._waiting.clear()
        if self._token is not None:
            self._token.cancel()
            self._token = None
        if self._state.running:
            self._tell(FolderProgress(0, 0))

    def _next(self, store: FolderStore) -> None:
        if self._state.paused or not self._waiting:
            return
        film = self._waiting.popleft()

        def done(key: str, prediction: Prediction) -> None:
            self.predicted.emit(key, prediction)
            self._step(store, film, failed=0)

        def failed(key: str, error: Exception) -> None:
            self.failed.emit(key, error)
            self._step(store, film, failed=1)

        self._token = self._submit(film, store, done, failed, keep=True)

    def _step(self, store: FolderStore, film: ListedFilm, failed: int) -> None:
        self._token = None
        state = self._state
        if not state.running:
            return
        self._tell(FolderProgress(state.done + 1, state.total, state.failed + failed, state.paused, film.key))
        self._next(store)

    def _submit(
        self, film: ListedFilm, store: FolderStore | None, done: Done, failed: Failed, *, keep: bool, digest: str = ""
    ) -> CancelToken | None:
        card_path = self.card_path
        if card_path is None:
            return None

        def work(cancel: CancelToken) -> Prediction:
            return predict_once(film, card_path, store, self._model, cancel, digest, self.unkept.emit)

        return self._jobs.submit(
            Lane.INFERENCE,
            self.tr("Predicting {film}").format(film=film.key),
            work,
            lambda prediction: done(film.key, prediction),
            lambda error: failed(film.key, error),
            keep=keep,
        )

    def _shown(self, key: str, prediction: Prediction) -> None:
        self.working.emit("")
        self.predicted.emit(key, prediction)

    def _not_shown(self, key: str, error: Exception) -> None:
        self.working.emit("")
        self.failed.emit(key, error)

    def _tell(self, state: FolderProgress) -> None:
        self._state = state
        self.progress.emit(state)


def kept_prediction(film: ListedFilm, card_path: Path, store: FolderStore) -> Prediction | None:
    """Return what the store keeps of a film by this model; None where it wasn't predicted by it."""
    return store.get_prediction(_known_as(film, store), read_card(card_path))


def _known_as(film: ListedFilm, store: FolderStore, digest: str = "") -> str:
    """Return the sha256 that a film's predictions are kept under; `digest` is that of its bytes, where it is known.

    Getting at the picture in a labelme file means reading the whole file, whose text holds up the window; of other
    films the store knows what it read before.
    """
    return digest if digest and film.item.embedded else picture_sha256(film.item, store)


def predict_once(
    film: ListedFilm,
    card_path: Path,
    store: FolderStore | None,
    model: ModelProcess,
    cancel: CancelToken,
    digest: str = "",
    unkept: Callable[[StoreError], None] = lambda _error: None,
) -> Prediction:
    """Return the kept prediction of a film, or make and keep one; `digest` is the film's sha256, where it is known.

    `unkept` is told where it can't be kept, such as on a full disk: it is returned all the same.
    """
    card = read_card(card_path)
    if store is None:
        return model.predict(film.item.film, card_path, cancel, film.item.embedded)
    known = _known_as(film, store, digest)
    try:
        kept = store.get_prediction(known, card)
    except StoreError:
        kept = None  # One that can't be read is made anew, and takes its place.
    if kept is not None:
        return kept
    cancel.check()
    prediction = model.predict(film.item.film, card_path, cancel, film.item.embedded)
    try:
        store.put_prediction(known, prediction)
    except StoreError as error:
        unkept(error)
    return prediction


def bundled_card() -> Path | None:
    """Return the bundled model's card, None where none is installed."""
    return next((path for path, _card in list_cards(weights_dir())), None)
