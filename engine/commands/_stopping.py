"""SIGTERM while a command works: what it has begun is put in order before it ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_sigterm(stop: Callable[[], None]) -> Iterator[None]:
    """Have SIGTERM call `stop` while the block runs; outside the main thread, where that can't be had, do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    before = signal.signal(signal.SIGTERM, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def interrupt() -> None:
    """Raise KeyboardInterrupt, as Ctrl+C does."""
    raise KeyboardInterrupt
