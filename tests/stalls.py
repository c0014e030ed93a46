"""How long the GUI thread was kept from its work by this very process, other programs' share of the cores aside."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer

TASKS = Path("/proc/self/task")
LOOK_EVERY = 25
"""Ticks between two looks at the waiting time: a look at every tick would give the GIL away, and be the stall."""


def waited_for_a_core() -> dict[str, float]:
    """Seconds that each of this process' threads has waited for a core; empty where the system doesn't tell."""
    seconds = {}
    for task in TASKS.iterdir() if TASKS.is_dir() else ():
        try:
            seconds[task.name] = int((task / "schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError):  # A thread that ended meanwhile; a kernel that keeps no such figures.
            continue
    return seconds


def others_share(before: dict[str, float], now: dict[str, float]) -> float:
    """Seconds that other programs held up this thread: it waited for a core, or for a thread that waited for one."""
    waited = {task: seconds - before.get(task, 0.0) for task, seconds in now.items()}
    return waited.pop(str(threading.get_native_id()), 0.0) + max(waited.values(), default=0.0)


WORTH_A_LOOK = 0.02
"""Seconds; a shorter gap is taken as it is, whoever made it."""


class StallWatch:
    """A timer of 2 ms in the event loop: its longest gap, less what other programs took of it."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._ticks = 0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(2)
        self._timer.timeout.connect(self._tick)

    def run(self, until: Callable[[], object], seconds: float) -> float:
        """Run the event loop until it is done; returns the longest stall, in seconds."""
        last = time.monotonic() + seconds
        self._waited, self._at = waited_for_a_core(), time.perf_counter()
        self._timer.start()
        while not until():
            assert time.monotonic() < last, f"not done after {seconds} s"
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
        self._timer.stop()
        self._look()  # What came last may have held up the thread before the next tick.
        return self.longest

    def _tick(self) -> None:
        self._ticks += 1
        gap = time.perf_counter() - self._at
        if gap > max(self.longest, WORTH_A_LOOK) or self._ticks % LOOK_EVERY == 0:
            self._look()
        else:
            self.longest = max(self.longest, gap)
        self._at = time.perf_counter()

    def _look(self) -> None:
        gap = time.perf_counter() - self._at
        waited = waited_for_a_core()
        self.longest = max(self.longest, gap - others_share(self._waited, waited))
        self._waited = waited
