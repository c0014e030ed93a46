"""Cancelling and progress for long work, without a word of any user interface."""

from __future__ import annotations

import threading
from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called with (done, total, text); total is 0 where it isn't known."""


class Cancelled(Exception):
    """Raised inside long work after its token was cancelled."""


class CancelToken:
    """Handed to long work; may be cancelled from any thread."""

    def __init__(self) -> None:
        """Start uncancelled."""
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next check."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if `cancel` was called; long work calls this between its steps."""
        if self._event.is_set():
            raise Cancelled


def no_progress(done: int, total: int, text: str) -> None:
    """Swallow progress, for callers that show none."""
