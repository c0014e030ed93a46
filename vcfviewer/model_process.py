"""The model in a process of its own: `vcf-engine serve`, driven from the inference lane. Knows no Qt.

Decision: a child process. Rejected: a thread, in which importing torch stalls the window's thread for 0.4 to 0.9 s, and
where a model that takes all memory takes the reader's edits with it. Consequence: a film is named by its path, and read
once more in the child.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.control import CancelToken
from engine.domain.annotation import Shape
from engine.domain.case import ModelCard, Prediction
from engine.domain.polygon import Polygon
from engine.errors import ModelError, WeightsError
from engine.weights import read_card
from vcfviewer.answering_child import PATIENCE_SECONDS, Answer, AnsweringChild, failure_of
from vcfviewer.children import engine_command

FLOOR = 0.05
"""Scores from which findings are asked for: the threshold slider moves above it without a new prediction."""
NICENESS = 2
"""A little: with 5, a prediction took three times as long beside a training, and the window was no quicker for it."""


class ModelProcess:
    """Predictions from a child that is started once, and again whenever it died. Safe from several threads."""

    def __init__(self, command: Sequence[str] | None = None, patience: float = PATIENCE_SECONDS) -> None:
        """Start nothing yet; `command` stands in for `vcf-engine serve`, `patience` is in seconds."""
        words = command if command is not None else engine_command("serve", "--json")
        self._child = AnsweringChild(words, "the model's process", NICENESS, patience)

    @property
    def pid(self) -> int | None:
        """Return the number of the child process that runs, None where none does."""
        return self._child.pid

    def start(self, card: Path | None = None) -> None:
        """Start the child, and let it load `card`, without waiting: while the window appears torch gets ready.

        Weights that can't be loaded are told by the first prediction with them. Raises ModelError where no process can
        be started at all.
        """
        self._child.start({"op": "warm", "card": str(card.absolute())} if card is not None else None)

    def predict(self, film: Path, card: Path, cancel: CancelToken, embedded: bool = False) -> Prediction:
        """Return what the model of `card` says of a film, findings of at least `FLOOR` score.

        `embedded`: `film` is a labelme file that holds its picture. Raises FilmReadError, WeightsError, ModelError with
        what to do, and Cancelled as soon as `cancel` asks for it. After any of them the next request works.
        """
        cancel.check()
        wanted = read_card(card)
        request = {"film": str(film.absolute()), "card": str(card.absolute()), "floor": FLOOR, "embedded": embedded}
        try:
            answer = self._child.ask(request, cancel)
        except ModelError as error:
            raise ModelError(f"{film.name}: {error}") from error
        return _prediction(answer, wanted, card, film)

    def close(self) -> None:
        """End the child, and whoever waits for it with Cancelled."""
        self._child.close()


def _prediction(answer: Answer, card: ModelCard, card_path: Path, film: Path) -> Prediction:
    """Turn an answer into a Prediction; raises what the child met."""
    if answer.get("event") != "prediction":
        raise failure_of(answer, film.name)
    if answer["sha256"] != card.sha256:
        raise WeightsError(card_path, "the weights were replaced while a film was predicted; predict again")
    shapes = tuple(
        Shape(one["id"], one["label"], Polygon(np.array(one["points"], np.float64)), score=one["score"])
        for one in answer["shapes"]
    )
    height, width = answer["image_size"]
    return Prediction(card, (int(height), int(width)), shapes, float(answer["seconds"]), str(answer["backend"]))
