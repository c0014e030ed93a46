"""`vcf-engine serve`: a model that stays loaded, and answers one JSON line with another.

In:  {"id": 7, "film": path, "card": path, "floor": 0.05, "embedded": false}, {"op": "warm", "card": path},
     {"op": "cancel", "id": 7}. `embedded`: `film` is a labelme file, and its picture stands in `imageData`.
Out: {"event": "prediction", "id": 7, "shapes": [{"id", "label", "points", "score"}], "image_size": [height, width],
     "seconds", "sha256", "backend"}, or a failure (see `answer_requests`); {"event": "ready"} once, {"event": "warm",
     "card"} after each warming. It ends with its input.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path
from typing import Any

import cv2

from engine.commands import COMMANDS
from engine.commands._backend import add_backend
from engine.commands._output import Output
from engine.commands._requests import Request, answer_requests, path_in
from engine.control import CancelToken
from engine.data.worklist import read_film_or_copy
from engine.domain.case import NOTICE, Prediction
from engine.errors import ran_out_of_memory
from engine.predict import LoadedModel, load_model, predict
from engine.weights import read_card

FLOOR = 0.05
"""The score from which a finding is told, where a request names none."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "serve", help=COMMANDS["serve"],
        description=f"Keep a model loaded, and answer requests on standard input, one JSON object a line. {NOTICE}",
        epilog="""example: vcf-engine serve --json <<< '{"id": 1, "film": "a.png", "card": "one.card.json"}'""",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1),
                        help="threads that compute (default: all cores but one)")  # fmt: skip
    add_backend(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, _output: Output) -> int:
    """Answer until the input ends."""
    threads = max(1, arguments.threads)
    _keep_to_cores(threads)
    cv2.setNumThreads(threads)
    return answer_requests(Bench(arguments.backend, threads).answer, threads=threads)


def _keep_to_cores(count: int) -> None:
    """Leave all cores but so many to others, the window above all, where the system lets a process choose (Linux).

    The number of threads that compute isn't enough: while a model is made ready libraries take every core they find.
    """
    if sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-count:])


class Bench:
    """The one model that is loaded; another card takes its place."""

    def __init__(self, backend: str = "auto", threads: int | None = None) -> None:
        """Load nothing yet; models will run on `backend` (see `engine.backends.open_runner`)."""
        self._backend, self._threads = backend, threads
        self._model: LoadedModel | None = None
        self._path = Path()

    def answer(self, request: Request, cancel: CancelToken) -> dict[str, Any]:
        """Predict or warm as asked; raises FilmReadError, WeightsError, ConfigError, Cancelled.

        Memory that ran out takes the model with it, so that the next request finds room.
        """
        try:
            card = path_in(request, "card")
            if request.get("op") == "warm":
                self.model(card)
                return {"event": "warm", "card": str(card)}
            film = read_film_or_copy(path_in(request, "film"), bool(request.get("embedded")))
            cancel.check()
            floor = float(request.get("floor", FLOOR))
            return {"event": "prediction", **_told(predict(film, self.model(card), cancel, floor))}
        except Exception as error:
            if ran_out_of_memory(error):
                self.clear()
            raise

    def model(self, path: Path) -> LoadedModel:
        """Return the model of a card, loaded unless it is the one at hand; raises WeightsError."""
        if self._model is None or self._path != path or self._model.card != read_card(path):
            self.clear()  # First: two models at once are what memory needn't hold.
            self._model, self._path = load_model(path, self._backend, self._threads), path
        return self._model

    def clear(self) -> None:
        """Give the model's memory back."""
        self._model = None
        gc.collect()


def _told(prediction: Prediction) -> dict[str, Any]:
    shapes = [
        {"id": shape.id, "label": shape.label, "points": shape.polygon.points.tolist(), "score": shape.score}
        for shape in prediction.shapes
    ]
    return {"shapes": shapes, "image_size": list(prediction.image_size), "seconds": prediction.seconds,
            "sha256": prediction.card.sha256, "backend": prediction.backend}  # fmt: skip
