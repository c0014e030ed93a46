"""What tests of the window share: waiting for something real, without sleeping blindly."""

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEventLoop


def wait_until(predicate: Callable[[], object], seconds: float = 10.0, what: str = "") -> None:
    """Run the event loop until `predicate` holds; fails after `seconds`."""
    last = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() > last:
            raise AssertionError(f"waited {seconds} s in vain for {what or predicate}")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.002)


def settle(rounds: int = 3) -> None:
    """Let the events that are under way arrive."""
    for _ in range(rounds):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, 0)
