"""Plays a reader: opens the window, presses keys, moves the mouse, and looks at the screen and at the disk."""

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from qt import settle, wait_until

from vcfviewer.canvas.values import Side
from vcfviewer.jobs import Jobs
from vcfviewer.model_process import ModelProcess
from vcfviewer.session.case import is_disagreement
from vcfviewer.settings import SettingsStore
from vcfviewer.theme import apply_theme
from vcfviewer.window import MainWindow

PATIENCE = 60.0


class Player:
    """One reader at one window at a time."""

    def __init__(self, app: QApplication, settings_file: Path) -> None:
        self.app, self._settings_file = app, settings_file
        self.windows: list[MainWindow] = []

    @property
    def window(self) -> MainWindow:
        return self.windows[-1]

    def open(self, folder: Path, wait: bool = True, **settings: Any) -> MainWindow:
        store = SettingsStore(QSettings(str(self._settings_file), QSettings.Format.IniFormat))
        store.replace(reader="A. Reader", hint_seen=True, **settings)
        apply_theme(self.app, store.current.theme)
        window = MainWindow(store, Jobs(), ModelProcess())
        self.windows.append(window)
        window.resize(1900, 1020)
        window.show()
        window.activateWindow()
        window.session.open([folder])
        if wait:
            self.wait_for_film()
        return window

    def wait_for_film(self, key: str = "", predicted: bool = True) -> None:
        case, deciding = self.window.session.case, self.window.session.deciding

        def there() -> bool:
            shown = case.case is not None and key in case.key and not deciding.awaited
            return shown and (not predicted or case.prediction is not None)

        wait_until(there, PATIENCE, f"the film {key}")
        settle()

    def go_to(self, stem: str, predicted: bool = True) -> None:
        films = self.window.session.folder.films()
        self.window.desk.open_film(next(film.key for film in films if stem in film.key))
        self.wait_for_film(stem, predicted)

    def go_to_a_disagreement(self, but: str = "") -> str:
        """Go to the annotated film whose disagreement the model is surest of; which that is depends on the model."""
        surest = ("", 0.0)
        films = [one for one in self.window.session.folder.films() if one.item.annotation and one.key != but]
        for film in films:
            self.go_to(film.key)
            self.window.session.case.set_threshold(0.05)
            rows = [row for row in self.window.session.case.rows if is_disagreement(row) and row.predicted is not None]
            best = max((row.predicted.score or 0.0 for row in rows), default=0.0)
            surest = max(surest, (film.key, best), key=lambda one: one[1])
        assert surest[0], "the model agrees with every annotated film of the journeys, even at a score of 0.05"
        self.go_to(surest[0])
        self.window.session.case.set_threshold(0.05)
        settle()
        return surest[0]

    def press(self, keys: str) -> None:
        """Press a key sequence such as "Ctrl+Shift+Z" where the focus is, as a keyboard does."""
        combination = QKeySequence(keys)[0]
        if QApplication.activeWindow() is None and QApplication.activePopupWidget() is None:
            # On a bare virtual screen nobody gives the window its keys back when a dialog closes, as desktops do.
            self.window.activateWindow()
            wait_until(self.window.isActiveWindow, 10, "the active window")
        QTest.keyClick(self.focus(), combination.key(), combination.keyboardModifiers())
        settle()

    def type(self, text: str) -> None:
        QTest.keyClicks(self.focus(), text)
        settle()

    def focus(self) -> QWidget:
        """Return what has the keyboard: a popup before all, as on a real screen."""
        popup = QApplication.activePopupWidget()
        if popup is not None:
            return popup.focusWidget() or popup
        return QApplication.focusWidget() or self.window

    def at(self, x: float, y: float, side: Side = Side.EXPERT) -> tuple[QWidget, QPoint]:
        """Return the viewport of a side and where on it a film pixel is."""
        view = self.window.comparison.view(side)
        return view.viewport(), view.mapFromScene(QPointF(x, y))

    def click(self, x: float, y: float, side: Side = Side.EXPERT, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        port, at = self.at(x, y, side)
        QTest.mouseMove(port, at)
        QTest.mouseClick(port, Qt.MouseButton.LeftButton, modifiers, at)
        settle()

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 6) -> None:
        port, first = self.at(*start)
        _port, last = self.at(*end)
        QTest.mouseMove(port, first)
        QTest.mousePress(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, first)
        for step in range(1, steps + 1):
            QTest.mouseMove(port, first + (last - first) * step / steps)
            settle(1)
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, last)
        settle()

    def wait_saved(self, path: Path, holds) -> dict[str, Any]:
        """Wait until a labelme file on the disk holds what is expected, and return it."""
        found: dict[str, Any] = {}

        def there() -> bool:
            found.clear()
            if path.exists():
                found.update(json.loads(path.read_text(encoding="utf-8")))
            return bool(found) and bool(holds(found))

        wait_until(there, PATIENCE, f"{path.name} on the disk")
        return found

    def close(self) -> None:
        for window in self.windows:
            window.close()
            window.deleteLater()
        self.windows.clear()
        settle()
