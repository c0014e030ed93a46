"""Engine work off the GUI thread: lanes, one thread each, and one signal on which all results come home.

Decision: plain threads and queues, and one long-lived QObject. Rejected: QThreadPool, whose runnables own signals (that
pattern crashes at close), and executors, which can't put the newest request first. Consequence: work is Python that
holds the GIL now and then; what holds it for long belongs in a child process (`model_process`).
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from engine.control import Cancelled, CancelToken

T = TypeVar("T")

GRACE_SECONDS = 5.0
"""How long closing waits for work that was cancelled; a film on a network drive that is gone may hang for minutes."""

SWITCH_SECONDS = 0.001
"""How soon a lane gives up the GIL that the GUI thread waits for. Python's own 5 ms held it back for 100 ms when three
lanes computed in Python, 1 ms for 32 ms; the lanes pay for it with a sixth of their speed."""


class Lane(Enum):
    """Who works one after the other: the lanes themselves run beside each other."""

    READING = "reading"
    INFERENCE = "inference"
    WRITING = "writing"
    BACKGROUND = "background"
    LONG = "long"
    """Exports and comparisons: what takes minutes, and must keep nobody waiting."""
    PROGRAM = "program"
    """Another program that the reader works in, for as long as that may be."""


NEWEST_WINS = frozenset((Lane.READING, Lane.INFERENCE))
"""Lanes in which a request replaces the one before it, unless that is to be kept."""


@dataclass(slots=True, eq=False)
class _Job:
    lane: Lane
    what: str
    work: Callable[[CancelToken], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None] | None
    token: CancelToken
    replaceable: bool
    result: Any = None
    error: Exception | None = None

    @property
    def dropped(self) -> bool:
        """Whether nobody wants the result. What is to be written is written, and told, cancelled or not."""
        return self.lane is not Lane.WRITING and self.token.cancelled


class Jobs(QObject):
    """Hands work to lanes, and its results to callbacks on the thread that made this object (the GUI thread).

    `failed` carries what was being done and the exception, where no callback of its own was given; `activity` carries
    the frozenset of lanes that have work.
    """

    failed = Signal(str, object)
    activity = Signal(object)
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Start the lanes' threads; until `close`, Python switches between all threads more often."""
        super().__init__(parent)
        self._home = threading.get_ident()
        self._finished: deque[_Job] = deque()
        self._under_way = dict.fromkeys(Lane, 0)
        self._busy: frozenset[Lane] = frozenset()
        self._closed = False
        self._switch_seconds = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._arrived.connect(self._deliver_next, Qt.ConnectionType.QueuedConnection)
        self._lanes = {lane: _LaneThread(lane, self._bring_home) for lane in Lane}

    def submit(
        self,
        lane: Lane,
        what: str,
        work: Callable[[CancelToken], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
        *,
        keep: bool = False,
    ) -> CancelToken:
        """Have `work` done in a lane; then `done` or `failed` is called on the GUI thread. Call it there, too.

        In READING and INFERENCE the newest wins: what waits or runs is cancelled, its result dropped, and the new
        request goes first. With `keep` a request queues up behind instead, and isn't cancelled by later ones. WRITING
        keeps its order and drops nothing, not even what is cancelled. Work that raises Cancelled ends without a word.
        After `close` only WRITING is refused, with RuntimeError; for the others it is too late anyhow.
        """
        if threading.get_ident() != self._home:
            raise RuntimeError(f"{what}: work is submitted on the GUI thread only")
        token = CancelToken()
        if self._closed:
            if lane is Lane.WRITING and not self._lanes[lane].alive:
                raise RuntimeError(f"{what}: nothing can be written any more, the program is closing")
            if lane is not Lane.WRITING:
                token.cancel()
                return token
        replaceable = lane in NEWEST_WINS and not keep
        for _dropped in self._lanes[lane].put(_Job(lane, what, work, done, failed, token, replaceable)):
            self._under_way[lane] -= 1
        self._under_way[lane] += 1
        self._tell_activity()
        return token

    def close(self) -> None:
        """Cancel everything but writing, finish and tell what is to be written, and end the threads.

        Returns when all is written; results that come in time are handed over before that.
        """
        if self._closed:
            return
        self._closed = True
        others = [thread for lane, thread in self._lanes.items() if lane is not Lane.WRITING]
        for thread in others:
            thread.stop()
        writing = self._lanes[Lane.WRITING]
        writing.wait_idle()
        while self._finished:  # What a save tells may ask for another save.
            self._deliver_safely()
            writing.wait_idle()
        writing.stop()
        writing.join(None)
        last = time.monotonic() + GRACE_SECONDS
        for thread in others:
            thread.join(max(0.0, last - time.monotonic()))
        sys.setswitchinterval(self._switch_seconds)

    def _bring_home(self, job: _Job) -> None:
        """Take a finished job on its lane's thread; `close` fetches by itself, and may leave a hung lane behind."""
        self._finished.append(job)
        if not self._closed:
            self._arrived.emit()

    def _deliver_next(self) -> None:
        if not self._finished:
            return
        job = self._finished.popleft()
        self._under_way[job.lane] -= 1
        try:
            self._deliver(job)
        finally:
            self._tell_activity()

    def _deliver(self, job: _Job) -> None:
        if job.dropped or isinstance(job.error, Cancelled):
            return
        if job.error is None:
            job.done(job.result)
        elif job.failed is not None:
            job.failed(job.error)
        else:
            self.failed.emit(job.what, job.error)

    def _deliver_safely(self) -> None:
        """Deliver outside the event loop, and do as Qt does there: an error in a callback goes to the hook."""
        try:
            self._deliver_next()
        except Exception:
            sys.excepthook(*sys.exc_info())

    def _tell_activity(self) -> None:
        busy = frozenset(lane for lane, number in self._under_way.items() if number)
        if busy != self._busy:
            self._busy = busy
            self.activity.emit(busy)


class _LaneThread:
    """One thread that does one job after the other; knows no Qt."""

    def __init__(self, lane: Lane, finished: Callable[[_Job], None]) -> None:
        self._finished = finished
        self._waiting: deque[_Job] = deque()
        self._running: _Job | None = None
        self._stopping = False
        self._changed = threading.Condition()
        # Daemon: a program that dies without closing must not hang for ever in a thread that waits for work.
        self._thread = threading.Thread(target=self._work_on, name=f"{lane.value} lane", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return not self._stopping

    def put(self, job: _Job) -> list[_Job]:
        """Queue a job; return the jobs that it pushed out before they began."""
        with self._changed:
            if not job.replaceable:
                self._waiting.append(job)
                self._changed.notify_all()
                return []
            pushed = [one for one in self._waiting if one.replaceable]
            for one in (*pushed, self._running):
                if one is not None and one.replaceable:
                    one.token.cancel()
            self._waiting = deque([job, *(one for one in self._waiting if not one.replaceable)])
            self._changed.notify_all()
            return pushed

    def stop(self) -> None:
        """Cancel what runs, drop what waits, and let the thread end; what is to be written was waited for before."""
        with self._changed:
            self._stopping = True
            for one in (*self._waiting, self._running):
                if one is not None:
                    one.token.cancel()
            self._waiting.clear()
            self._changed.notify_all()

    def wait_idle(self) -> None:
        """Wait until nothing waits or runs; its results have been brought home then."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and self._running is None)

    def join(self, seconds: float | None) -> None:
        """Wait for the thread's end, at most so long."""
        self._thread.join(seconds)

    def _work_on(self) -> None:
        while (job := self._take()) is not None:
            if not job.dropped:
                _do(job)
            self._finished(job)
            with self._changed:
                self._running = None
                self._changed.notify_all()
            del job  # Or the last film would be held until the next one is asked for.

    def _take(self) -> _Job | None:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting) or self._stopping)
            self._running = self._waiting.popleft() if self._waiting else None
            return self._running


def _do(job: _Job) -> None:
    try:
        job.result = job.work(job.token)
    except Exception as error:
        job.error = error
    except BaseException as error:
        # A panic in a library written in Rust is no Exception: the lane must outlive it.
        job.error = RuntimeError(f"{type(error).__name__}: {error}")
