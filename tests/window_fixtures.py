"""Fixtures that tests of the window share: one application; Qt warnings, leaked threads and timers fail a test."""

import gc
import os
import sys
import threading
import time
import traceback
from types import TracebackType

import pytest

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

HARMLESS = (
    "This plugin does not support propagateSizeHints",
    "This plugin does not support raise()",
    "This plugin does not support grabbing the keyboard",
)
"""What the offscreen platform says of itself."""


@pytest.fixture(scope="session")
def qt_app() -> QApplication:
    """The one application of the test run."""
    app = QApplication.instance() or QApplication(["vcfviewer-tests"])
    app.setOrganizationName("vcfviewer-tests")
    app.setApplicationName("vcfviewer-tests")
    app.setQuitOnLastWindowClosed(False)
    return app


@pytest.fixture(autouse=True)
def clean_house(qt_app, tmp_path, monkeypatch):
    """Fail on Qt warnings, and on threads, running timers or top-level windows that a test leaves behind."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user-data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user-config"))
    said: list[str] = []
    raised: list[str] = []

    def catch(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        # What a slot raises doesn't reach the test by itself: Qt prints it and goes on.
        raised.append("".join(traceback.format_exception(kind, error, trace)))

    monkeypatch.setattr(sys, "excepthook", catch)

    def hear(kind: QtMsgType, _context: object, text: str) -> None:
        if kind != QtMsgType.QtDebugMsg and kind != QtMsgType.QtInfoMsg and not text.startswith(HARMLESS):
            said.append(text)

    # What is there before a test needn't be looked through after it; with torch imported that took most of a second.
    gc.freeze()
    palette, sheet = qt_app.palette(), qt_app.styleSheet()
    threads = set(threading.enumerate())
    before = qInstallMessageHandler(hear)
    yield
    for widget in qt_app.topLevelWidgets():
        widget.close()
        widget.deleteLater()
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qt_app.processEvents()
    if qt_app.styleSheet() != sheet:
        qt_app.setStyleSheet(sheet)
    if qt_app.palette() != palette:
        qt_app.setPalette(palette)
    qInstallMessageHandler(before)
    last = time.monotonic() + 5
    while (left := [one for one in set(threading.enumerate()) - threads if one.is_alive()]) and time.monotonic() < last:
        qt_app.processEvents()
        time.sleep(0.01)
    timers = [timer for timer in qt_app.findChildren(QTimer) if timer.isActive()]
    assert not raised, "raised in a slot:\n" + "\n".join(raised)
    assert not said, f"Qt warned: {said}"
    assert not left, f"threads left running: {left}"
    assert not timers, f"timers left running: {timers}"
