"""A child process that answers JSON lines: started when needed, replaced when it died, its answers handed to who asked.

Knows no Qt, and nothing of what is asked. Safe from several threads.
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
from typing import IO, Any

from engine.control import Cancelled, CancelToken
from engine.errors import FilmReadError, ModelError, WeightsError
from vcfviewer.children import child_environment, quiet_flags, step_back

LOOK_SECONDS = 0.05
"""How often a waiting request looks at its token."""
PATIENCE_SECONDS = 180.0
"""After so long without any answer a child is taken for stuck: the slowest film took 7 s on two busy cores."""

Answer = Mapping[str, Any]


class AnsweringChild:
    """One child at a time. `name` stands in messages: "the model's process"."""

    def __init__(
        self, command: Sequence[str], name: str, niceness: int = 0, patience: float = PATIENCE_SECONDS
    ) -> None:
        """Start nothing yet; `patience` is in seconds."""
        self._command, self._name, self._niceness, self._patience = tuple(command), name, niceness, patience
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Return the number of the process that runs, None where none does."""
        child = self._child
        return child.process.pid if child is not None and not child.ended.is_set() else None

    def start(self, first: Mapping[str, object] | None = None) -> None:
        """Start the process without waiting for it, and send a `first` request whose answer nobody wants.

        Raises ModelError where no process can be started at all.
        """
        child = self._running()
        if first is not None:
            child.send(first)

    def ask(self, request: Mapping[str, object], cancel: CancelToken) -> Answer:
        """Return the answer to a request, which gets an `id`; failures are answers too.

        Raises Cancelled as soon as `cancel` asks for it, and ModelError that says what to do where the process died or
        is stuck. After any of them the next request works.
        """
        cancel.check()
        number = next(self._numbers)
        child, answers = self._send({**request, "id": number}, number)
        try:
            answer = self._wait(child, answers, cancel)
        except Cancelled:
            child.send({"op": "cancel", "id": number})
            raise
        finally:
            child.forget(number)
        if answer is None:
            raise self._death(child)
        return answer

    def close(self) -> None:
        """End the process, and whoever waits for it with Cancelled."""
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
        if child is not None:
            child.end()

    def _send(self, request: Mapping[str, object], number: int) -> tuple[_Child, queue.SimpleQueue[Answer | None]]:
        """Hand a request to a child that runs; one that died since it was last used is replaced."""
        child = self._running()
        answers = child.ask(number, request)
        if answers is None:
            child.end()
            child = self._running()
            answers = child.ask(number, request)
        if answers is None:
            raise self._death(child)
        return child, answers

    def _running(self) -> _Child:
        with self._lock:
            if self._closed:
                raise Cancelled
            if self._child is None or self._child.ended.is_set():
                if self._child is not None:
                    self._child.end()
                self._child = _Child(self._command, self._name, self._niceness)
            return self._child

    def _wait(self, child: _Child, answers: queue.SimpleQueue[Answer | None], cancel: CancelToken) -> Answer | None:
        """Return the answer, None where the child died before it.

        What counts for patience is the time since the child last said anything: other requests may be before this one.
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
                    f"{self._name} gave no answer for {self._patience:.0f} s and was ended; try again, "
                    "and if it happens again, restart the computer"
                )

    def _death(self, child: _Child) -> Exception:
        return Cancelled() if self._closed else ModelError(child.end())


class _Child:
    """One process, the thread that hears it, and who waits for which answer."""

    def __init__(self, command: Sequence[str], name: str, niceness: int) -> None:
        self.ended = threading.Event()
        self.heard = time.monotonic()
        self._name = name
        self._waiting: dict[int, queue.SimpleQueue[Answer | None]] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._ready = False
        self._why = ""
        # A file, not a pipe: nobody need read it while the child runs, and it can't fill up and block the child.
        self._errors = _scratch_file()
        try:
            # Not in the window's process group: Ctrl+C in its terminal is for the window, which then ends the child.
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, env=child_environment(),
                creationflags=quiet_flags(), process_group=None if sys.platform == "win32" else 0,
            )  # fmt: skip
        except OSError as error:
            self._errors.close()
            raise ModelError(f"{name} can't be started: {error}; reinstall vcfviewer") from error
        step_back(self.process.pid, niceness)
        self._reader = threading.Thread(target=self._listen, name=f"answers of {name}", daemon=True)
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
                self._why = self._reason(code, _last_line(self._errors))
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
                answers = self._waiting.get(answer.get("id") or 0)
            if answers is not None:
                answers.put(answer)
        # In this order: who asks from now on sees that it ended, who asked before is told.
        self.ended.set()
        with self._lock:
            for answers in self._waiting.values():
                answers.put(None)

    def _reason(self, code: int, last: str) -> str:
        """Return why the process ended, and what to do."""
        if -code == getattr(signal, "SIGKILL", None):
            return (
                f"{self._name} was killed, most likely because memory ran out; close other programs "
                "or choose a smaller model, then try again"
            )
        how = f"signal {-code}" if code < 0 else f"code {code}"
        said = f": {last}" if last else ""
        if not self._ready:
            return f"{self._name} ended before it was ready ({how}){said}; reinstall vcfviewer"
        return f"{self._name} ended ({how}){said}; try again, and if it happens again, report it with this text"


def failure_of(answer: Answer, name: str) -> Exception:
    """Return the error that a child's answer tells of; `name` is the film's."""
    kind, message = answer.get("error"), str(answer.get("message", ""))
    if kind == "cancelled":
        return Cancelled()
    if kind == "film":
        return FilmReadError(answer["path"], answer["reason"])
    if kind == "weights":
        return WeightsError(answer["path"], answer["reason"])
    if kind == "memory":
        return ModelError(
            f"{name}: memory ran out; close other programs or choose a smaller model, then try again ({message})"
        )
    if kind == "failed":
        return ModelError(f"{name}: this film can't be processed ({message}); report it with this text")
    return ModelError(f"{name}: {message}")


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
