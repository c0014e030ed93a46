"""The model in a process of its own: `vcf-engine serve`, driven from the inference lane. Knows no Qt.

Decision: a child process. Rejected: a thread, in which importing torch stalls the window's thread for 0.4 to 0.9 s, and
where a model that takes all memory takes the reader's edits with it. Consequence: a film is named by its path, and read
once more in the child.
"""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from os import SEEK_END
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.control import Cancelled, CancelToken
from engine.domain.annotation import Shape
from engine.domain.case import ModelCard, Prediction
from engine.domain.polygon import Polygon
from engine.errors import FilmReadError, ModelError, WeightsError
from engine.weights import read_card
from vcfviewer.children import child_environment, engine_command, quiet_flags, step_back

FLOOR = 0.05
"""Scores from which findings are asked for: the threshold slider moves above it without a new prediction."""
NICENESS = 5
LOOK_SECONDS = 0.05
"""How often a waiting request looks at its token."""
PATIENCE_SECONDS = 180.0
"""After so long without an answer a child is taken for stuck: the slowest film took 7 s on two busy cores."""

Answer = Mapping[str, Any]


class ModelProcess:
    """Predictions from a child that is started once, and again whenever it died. Safe from several threads."""

    def __init__(self, command: Sequence[str] | None = None, patience: float = PATIENCE_SECONDS) -> None:
        """Start nothing yet; `command` stands in for `vcf-engine serve`, `patience` is in seconds."""
        self._command = tuple(command) if command is not None else tuple(engine_command("serve", "--json"))
        self._patience = patience
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Return the number of the child process that runs, None where none does."""
        child = self._child
        return child.process.pid if child is not None and not child.ended.is_set() else None

    def start(self, card: Path | None = None) -> None:
        """Start the child, and let it load `card`, without waiting: while the window appears torch gets ready.

        Weights that can't be loaded are told by the first prediction with them. Raises ModelError where no process can
        be started at all.
        """
        child = self._running()
        if card is not None:
            child.send({"op": "warm", "card": str(card.absolute())})

    def predict(self, film: Path, card: Path, cancel: CancelToken, embedded: bool = False) -> Prediction:
        """Return what the model of `card` says of a film, findings of at least `FLOOR` score.

        `embedded`: `film` is a labelme file that holds its picture. Raises FilmReadError, WeightsError, ModelError with
        what to do, and Cancelled as soon as `cancel` asks for it. After any of them the next request works.
        """
        cancel.check()
        wanted = read_card(card)
        number = next(self._numbers)
        request = {"id": number, "film": str(film.absolute()), "card": str(card.absolute()), "floor": FLOOR,
                   "embedded": embedded}  # fmt: skip
        child, answers = self._ask(number, request)
        try:
            answer = self._wait(child, answers, cancel)
        except Cancelled:
            child.send({"op": "cancel", "id": number})
            raise
        finally:
            child.forget(number)
        if answer is None:
            raise self._death(child, film)
        return _prediction(answer, wanted, card, film)

    def close(self) -> None:
        """End the child, and whoever waits for it with Cancelled."""
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
        if child is not None:
            child.end()

    def _ask(self, number: int, request: Mapping[str, object]) -> tuple[_Child, queue.SimpleQueue[Answer | None]]:
        """Hand a request to a child that runs; one that died since it was last used is replaced."""
        child = self._running()
        answers = child.ask(number, request)
        if answers is None:
            child.end()
            child = self._running()
            answers = child.ask(number, request)
        if answers is None:
            raise self._death(child, Path(str(request["film"])))
        return child, answers

    def _running(self) -> _Child:
        with self._lock:
            if self._closed:
                raise Cancelled
            if self._child is None or self._child.ended.is_set():
                if self._child is not None:
                    self._child.end()
                self._child = _Child(self._command)
            return self._child

    def _wait(self, child: _Child, answers: queue.SimpleQueue[Answer | None], cancel: CancelToken) -> Answer | None:
        """Return the answer, None where the child died before it; raises Cancelled, and ModelError for a stuck child.

        What counts is the time since the child last said anything: other requests may be before this one.
        """
        asked = time.monotonic()
        while True:
            try:
                return answers.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                cancel.check()
            if time.monotonic() - max(asked, child.heard) > self._patience:
                child.end()
                raise ModelError(
                    f"the model gave no answer for {self._patience:.0f} s and was ended; predict again, "
                    "and if it happens again, choose a smaller model"
                )

    def _death(self, child: _Child, film: Path) -> Exception:
        if self._closed:
            return Cancelled()
        return ModelError(f"{film.name}: {child.end()}")


class _Child:
    """One child process, the thread that hears it, and who waits for which answer."""

    def __init__(self, command: Sequence[str]) -> None:
        self.ended = threading.Event()
        self.heard = time.monotonic()
        self._waiting: dict[int, queue.SimpleQueue[Answer | None]] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._ready = False
        self._why = ""
        # A file, not a pipe: nobody need read it while the child runs, and it can't fill up and block the child.
        self._errors = _scratch_file()
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, env=child_environment(),
                creationflags=quiet_flags(), process_group=None if sys.platform == "win32" else 0,
            )  # fmt: skip
        except OSError as error:
            self._errors.close()
            raise ModelError(f"the model's process can't be started: {error}; reinstall vcfviewer") from error
        step_back(self.process.pid, NICENESS)
        self._reader = threading.Thread(target=self._listen, name="model answers", daemon=True)
        self._reader.start()

    def ask(self, number: int, request: Mapping[str, object]) -> queue.SimpleQueue[Answer | None] | None:
        """Send a request; return where its answer will come (None, if the child dies); None where it is dead."""
        answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        with self._lock:
            self._waiting[number] = answers
        if self.send(request) and not self.ended.is_set():
            return answers
        self.forget(number)
        return None

    def send(self, request: Mapping[str, object]) -> bool:
        """Write one line; False where nobody is left to read it."""
        pipe = self.process.stdin
        try:
            with self._writing:
                if pipe is not None:
                    pipe.write((json.dumps(request) + "\n").encode())
                    pipe.flush()
        except (OSError, ValueError):  # A pipe without a reader; a pipe that `end` closed.
            return False
        return True

    def forget(self, number: int) -> None:
        """Drop the answer to a request when it comes."""
        with self._lock:
            self._waiting.pop(number, None)

    def end(self) -> str:
        """End the process if it still runs, clean up, and return why it ended. May be called again."""
        if not self.ended.is_set():
            self.process.terminate()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
        code = self.process.wait()
        self._reader.join()
        with self._writing:
            if not self._errors.closed:
                self._why = _why(code, _last_line(self._errors), self._ready)
                self._errors.close()
                for pipe in (self.process.stdin, self.process.stdout):
                    with suppress(BrokenPipeError):  # What was written last and never read.
                        if pipe is not None:
                            pipe.close()
        return self._why

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self.heard = time.monotonic()
            answer = _parsed(line)
            self._ready = self._ready or answer.get("event") == "ready"
            with self._lock:
                answers = self._waiting.get(answer.get("id", 0))
            if answers is not None:
                answers.put(answer)
        # In this order: who asks from now on sees that it ended, who asked before is told.
        self.ended.set()
        with self._lock:
            for answers in self._waiting.values():
                answers.put(None)


def _scratch_file() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _parsed(line: bytes) -> Answer:
    """Return an answer; an empty one for what a library printed on standard output."""
    try:
        answer = json.loads(line)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _last_line(errors: IO[bytes]) -> str:
    size = errors.seek(0, SEEK_END)
    errors.seek(max(0, size - 4096))
    lines = errors.read().decode("utf-8", errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


def _why(code: int, last: str, ready: bool) -> str:
    """Return why a child ended, and what to do."""
    if -code == getattr(signal, "SIGKILL", None):
        return (
            "the model's process was killed, most likely because memory ran out; close other programs "
            "or choose a smaller model, then predict again"
        )
    how = f"signal {-code}" if code < 0 else f"code {code}"
    said = f": {last}" if last else ""
    if not ready:
        return f"the model's process ended before it was ready ({how}){said}; reinstall vcfviewer"
    return f"the model's process ended ({how}){said}; predict again, and if it happens again, choose another model"


def _prediction(answer: Answer, card: ModelCard, card_path: Path, film: Path) -> Prediction:
    """Turn an answer into a Prediction; raises what the child met."""
    if answer.get("event") != "prediction":
        raise _failure(answer, film)
    if answer["sha256"] != card.sha256:
        raise WeightsError(card_path, "the weights were replaced while a film was predicted; predict again")
    shapes = tuple(
        Shape(one["id"], one["label"], Polygon(np.array(one["points"], np.float64)), score=one["score"])
        for one in answer["shapes"]
    )
    height, width = answer["image_size"]
    return Prediction(card, (int(height), int(width)), shapes, float(answer["seconds"]))


def _failure(answer: Answer, film: Path) -> Exception:
    kind, message = answer.get("error"), str(answer.get("message", ""))
    if kind == "cancelled":
        return Cancelled()
    if kind == "film":
        return FilmReadError(answer["path"], answer["reason"])
    if kind == "weights":
        return WeightsError(answer["path"], answer["reason"])
    if kind == "memory":
        return ModelError(
            f"{film.name}: memory ran out while the model ran; close other programs or choose a smaller model, "
            f"then predict again ({message})"
        )
    if kind == "failed":
        return ModelError(f"{film.name}: the model failed on this film ({message}); try another model, and report it")
    return ModelError(f"{film.name}: {message}")
