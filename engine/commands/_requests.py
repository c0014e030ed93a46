"""What the commands share that answer requests, one JSON line in and one out: the inbox, the loop, how failures read.

Decision: one thread reads, one works, so that a request can be taken back while it waits. Rejected: one thread for
both, where a reader who leafs through twenty films waits for all of them. Consequence: answers carry ids.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from engine.commands._output import Output
from engine.control import Cancelled, CancelToken
from engine.errors import ConfigError, EngineError, FileError, FilmReadError, WeightsError, ran_out_of_memory

Request = dict[str, Any]
Answer = Callable[[Request, CancelToken], dict[str, Any]]
"""Does what a request asks and returns the event that says so; raises where it can't."""


def answer_requests(answer: Answer, lines: Iterable[str] | None = None, **ready: object) -> int:
    """Answer what comes on standard input (or `lines`) until it ends; returns the exit code.

    It speaks JSON lines to people too, as there is no other way to talk to it. `ready` goes out with the first line.
    A failure is an answer like any other: {"event": "failure", "id", "error": kind, "message"}, with "reason" and
    "path" where a file is to blame.
    """
    output = Output(as_json=True)
    inbox = Inbox()
    source = sys.stdin if lines is None else lines
    threading.Thread(target=inbox.listen, args=(source,), name="requests", daemon=True).start()
    try:
        output.record("ready", **ready)
        while (taken := inbox.next()) is not None:
            request, cancel = taken
            try:
                cancel.check()
                told = answer(request, cancel)
            except Exception as error:
                # Whatever it was, the next request may well be answered: the one thing that must not end is this loop.
                told = failure(error)
            inbox.forget(request)
            output.record(**{**told, "id": request.get("id")})
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


def failure(error: Exception) -> dict[str, Any]:
    """Return the event that tells of an error; what nobody foresaw leaves its traceback on standard error."""
    if isinstance(error, Cancelled):
        return {"event": "failure", "error": "cancelled", "message": "taken back"}
    if ran_out_of_memory(error):
        return {"event": "failure", "error": "memory", "message": str(error)}
    if isinstance(error, FileError):
        kinds = {FilmReadError: "film", WeightsError: "weights"}
        kind = next((name for kind, name in kinds.items() if isinstance(error, kind)), "file")
        return {"event": "failure", "error": kind, "message": str(error), "reason": error.reason,
                "path": str(error.path)}  # fmt: skip
    if isinstance(error, EngineError):
        return {"event": "failure", "error": "engine", "message": str(error)}
    traceback.print_exception(error)
    return {"event": "failure", "error": "failed", "message": f"{type(error).__name__}: {error}"}


def path_in(request: Request, key: str) -> Path:
    """Return a path that a request names; raises ConfigError where it names none."""
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
