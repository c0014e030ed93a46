"""`vcf-engine serve`: a model that stays loaded, and answers one JSON line with another.

In:  {"id": 7, "film": path, "card": path, "floor": 0.05, "embedded": false}, {"op": "warm", "card": path},
     {"op": "cancel", "id": 7}. `embedded`: `film` is a labelme file, and its picture stands in `imageData`.
Out: {"event": "prediction", "id": 7, "shapes": [{"id", "label", "points", "score"}], "image_size": [height, width],
     "seconds", "sha256"}, or {"event": "failure", "id": 7, "error": kind, "message", "reason", "path"}; and
     {"event": "ready"} once, {"event": "warm", "card"} after each warming. It ends with its input.

Decision: one thread reads, one predicts, so that a request can be taken back while it waits. Rejected: one thread for
both, where a reader who leafs through twenty films waits for all of them. Consequence: answers carry ids.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import torch

from engine.commands import COMMANDS
from engine.commands._output import Output
from engine.control import Cancelled, CancelToken
from engine.data.worklist import embedded_picture
from engine.domain.case import NOTICE, Prediction
from engine.errors import ConfigError, EngineError, FileError, FilmReadError, WeightsError, ran_out_of_memory
from engine.films import Film, read_film, read_picture
from engine.predict import LoadedModel, load_model, predict
from engine.weights import read_card

FLOOR = 0.05
"""The score from which a finding is told, where a request names none."""

Request = dict[str, Any]


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "serve", help=COMMANDS["serve"],
        description=f"Keep a model loaded, and answer requests on standard input, one JSON object a line. {NOTICE}",
        epilog="""example: vcf-engine serve --json <<< '{"id": 1, "film": "a.png", "card": "one.card.json"}'""",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1),
                        help="threads that compute (default: all cores but one)")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, _output: Output) -> int:
    """Answer until the input ends; people get JSON lines too, as there is no other way to talk to it."""
    output = Output(as_json=True)
    inbox = Inbox()
    threading.Thread(target=inbox.listen, args=(sys.stdin,), name="requests", daemon=True).start()
    bench = Bench(max(1, arguments.threads))
    try:
        output.record("ready", threads=max(1, arguments.threads))
        while (taken := inbox.next()) is not None:
            request, cancel = taken
            output.record(**answer(request, cancel, bench))
            inbox.forget(request)
    except BrokenPipeError:
        return 0  # Who asked is gone: killed, with an answer under way.
    return 0


class Inbox:
    """Requests in the order they came, each with a token that a later line can cancel."""

    def __init__(self) -> None:
        """Start empty."""
        self._waiting: queue.SimpleQueue[tuple[Request, CancelToken] | None] = queue.SimpleQueue()
        self._tokens: dict[object, CancelToken] = {}

    def listen(self, lines: Iterable[str]) -> None:
        """Take requests from `lines` until they end; then `next` gives None, after all that was asked before."""
        for line in lines:
            if line.strip():
                self._take(_parsed(line))
        self._waiting.put(None)

    def next(self) -> tuple[Request, CancelToken] | None:
        """Wait for the next request; None once the input has ended."""
        return self._waiting.get()

    def forget(self, request: Request) -> None:
        """Drop the token of a request that was answered."""
        self._tokens.pop(_number(request), None)

    def _take(self, request: Request) -> None:
        number = _number(request)
        if request.get("op") == "cancel":
            token = self._tokens.get(number)
            if token is not None:
                token.cancel()
            return
        token = CancelToken()
        if number is not None:
            self._tokens[number] = token
        self._waiting.put((request, token))


class Bench:
    """The one model that is loaded; another card takes its place."""

    def __init__(self, threads: int) -> None:
        """Compute with so many threads; nothing is loaded yet."""
        torch.set_num_threads(threads)
        cv2.setNumThreads(threads)
        self._model: LoadedModel | None = None
        self._path = Path()

    def model(self, path: Path) -> LoadedModel:
        """Return the model of a card, loaded unless it is the one at hand; raises WeightsError."""
        if self._model is None or self._path != path or self._model.card != read_card(path):
            self.clear()  # First: two models at once are what memory needn't hold.
            self._model, self._path = load_model(path), path
        return self._model

    def predict(self, film: Film, path: Path, floor: float, cancel: CancelToken) -> Prediction:
        """Return what the model of a card says of a film; raises WeightsError, Cancelled."""
        return predict(film, self.model(path), cancel, floor)

    def clear(self) -> None:
        """Give the model's memory back."""
        self._model = None
        gc.collect()


def answer(request: Request, cancel: CancelToken, bench: Bench) -> dict[str, Any]:
    """Return the line that answers a request; a failure is an answer too, and leaves the model where it was.

    Memory that ran out takes the model with it, so that the next request finds room.
    """
    number = request.get("id")
    try:
        cancel.check()
        if request.get("op") == "warm":
            bench.model(_path(request, "card"))
            return {"event": "warm", "card": request["card"]}
        film = _film(_path(request, "film"), bool(request.get("embedded")))
        cancel.check()
        floor = float(request.get("floor", FLOOR))
        prediction = bench.predict(film, _path(request, "card"), floor, cancel)
        return {"event": "prediction", "id": number, **_told(prediction)}
    except Cancelled:
        return {"event": "failure", "id": number, "error": "cancelled", "message": "taken back"}
    except Exception as error:
        # Whatever it was, the next film may well be predicted: the one thing that must not end is this loop.
        if ran_out_of_memory(error):
            bench.clear()
        return {"event": "failure", "id": number, **_reason(error)}


def _film(path: Path, embedded: bool) -> Film:
    return read_picture(path, embedded_picture(path)) if embedded else read_film(path)


def _told(prediction: Prediction) -> dict[str, Any]:
    shapes = [
        {"id": shape.id, "label": shape.label, "points": shape.polygon.points.tolist(), "score": shape.score}
        for shape in prediction.shapes
    ]
    return {"shapes": shapes, "image_size": list(prediction.image_size), "seconds": prediction.seconds,
            "sha256": prediction.card.sha256}  # fmt: skip


def _reason(error: Exception) -> dict[str, str]:
    """Return an error's kind, message, reason and path; what nobody foresaw leaves its traceback on standard error."""
    if ran_out_of_memory(error):
        return {"error": "memory", "message": str(error)}
    if isinstance(error, FileError):
        kinds = {FilmReadError: "film", WeightsError: "weights"}
        kind = next((name for kind, name in kinds.items() if isinstance(error, kind)), "file")
        return {"error": kind, "message": str(error), "reason": error.reason, "path": str(error.path)}
    if isinstance(error, EngineError):
        return {"error": "engine", "message": str(error)}
    traceback.print_exception(error)
    return {"error": "failed", "message": f"{type(error).__name__}: {error}"}


def _path(request: Request, key: str) -> Path:
    value = request.get(key)
    if not isinstance(value, str) or not value:
        raise ConfigError(f"a request needs {key!r}, a path, got {value!r}")
    return Path(value)


def _number(request: Request) -> int | str | None:
    number = request.get("id")
    return number if isinstance(number, (int, str)) else None


def _parsed(line: str) -> Request:
    try:
        request = json.loads(line)
    except ValueError:
        request = None
    # What is no request is answered in its turn, with what was missing.
    return request if isinstance(request, dict) else {}
