"""What a reader may choose, as one frozen value, and its way into and out of QSettings."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from types import MappingProxyType
from typing import Any, TypedDict, Unpack

from PySide6.QtCore import QByteArray, QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QMainWindow

from engine.domain.morphometry import Facing

LANGUAGES = ("system", "en", "ko")
"""What `Settings.language` may be."""

FACINGS = ("", *(facing.value for facing in Facing))
"""What `Settings.assumed_facing` may be; empty: not known."""

WINDOW_STATE_VERSION = 1
"""Raised when docks or toolbars change their names, so that an old state isn't forced on a new window."""


class Theme(Enum):
    """How the program looks; the reading room's dark is the default."""

    DARK = "dark"
    LIGHT = "light"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice a reader can keep.

    `keys` maps an action's name to its key in Qt's portable text; "" takes the key away, and an action that isn't
    named has its default. `model_card` empty means the bundled model; folders empty mean "none chosen yet".
    `label_table` is a file of the reader's own label texts (`engine.formats.label_table`), empty for none.
    `assumed_facing` is which way the patient looks on films that nobody and no file says it of.
    Raises ValueError for an IoU threshold outside 0.05 to 0.95, an unknown language and an unknown facing.
    """

    reader: str = ""
    iou_threshold: float = 0.5
    theme: Theme = Theme.DARK
    language: str = "system"
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    blind_first_read: bool = False
    predict_on_open: bool = True
    assumed_facing: str = ""
    model_card: str = ""
    runs_folder: str = ""
    export_folder: str = ""
    annotations_folder: str = ""
    label_table: str = ""
    last_folder: str = ""
    hint_seen: bool = False

    def __post_init__(self) -> None:
        """Refuse what no part of the program could work with."""
        if not 0.05 <= self.iou_threshold <= 0.95:
            raise ValueError(f"the IoU threshold must lie between 0.05 and 0.95, got {self.iou_threshold}")
        if self.language not in LANGUAGES:
            raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {self.language!r}")
        if self.assumed_facing not in FACINGS:
            raise ValueError(f"the assumed facing must be left, right or empty, got {self.assumed_facing!r}")
        object.__setattr__(self, "keys", MappingProxyType(dict(self.keys)))

    @property
    def facing(self) -> Facing | None:
        """Return the assumed facing, None where none is."""
        return Facing(self.assumed_facing) if self.assumed_facing else None


class SettingsChanges(TypedDict, total=False):
    """The fields of `Settings` that `SettingsStore.replace` takes."""

    reader: str
    iou_threshold: float
    theme: Theme
    language: str
    keys: Mapping[str, str]
    blind_first_read: bool
    predict_on_open: bool
    assumed_facing: str
    model_card: str
    runs_folder: str
    export_folder: str
    annotations_folder: str
    label_table: str
    last_folder: str
    hint_seen: bool


class SettingsStore(QObject):
    """Holds the settings in use, and keeps them in QSettings.

    `problems` names each stored value that could not be read; its default is in use instead.
    """

    changed = Signal(object)
    """The new `Settings`."""

    failed = Signal(str)
    """Settings that could not be written, and what to do; they hold until the program ends."""

    def __init__(self, qsettings: QSettings, parent: QObject | None = None) -> None:
        """Read what is stored."""
        super().__init__(parent)
        self._qsettings = qsettings
        self._current, self.problems = read_settings(qsettings)

    @property
    def current(self) -> Settings:
        """The settings in use."""
        return self._current

    def replace(self, **changes: Unpack[SettingsChanges]) -> Settings:
        """Change some settings, keep them, tell of them, and return all; raises ValueError where one makes no sense."""
        after = replace(self._current, **changes)
        if after == self._current:
            return after
        self._current = after
        self._write()
        self.changed.emit(after)
        return after

    def save_window(self, window: QMainWindow) -> None:
        """Keep size, place, docks and toolbars of the main window."""
        self._qsettings.setValue("window/geometry", window.saveGeometry())
        self._qsettings.setValue("window/state", window.saveState(WINDOW_STATE_VERSION))
        self._sync()

    def restore_window(self, window: QMainWindow) -> bool:
        """Put the main window where it was; False where nothing was kept or it no longer fits."""
        geometry = self._qsettings.value("window/geometry")
        state = self._qsettings.value("window/state")
        if not isinstance(geometry, QByteArray) or not isinstance(state, QByteArray):
            return False
        placed = window.restoreGeometry(geometry)
        return window.restoreState(state, WINDOW_STATE_VERSION) and placed

    def _write(self) -> None:
        for one in fields(Settings):
            if one.name != "keys":
                self._qsettings.setValue(f"settings/{one.name}", _as_text(getattr(self._current, one.name)))
        self._qsettings.remove("keys")
        for action, key in self._current.keys.items():
            self._qsettings.setValue(f"keys/{action}", key)
        self._sync()

    def _sync(self) -> None:
        self._qsettings.sync()
        if self._qsettings.status() is not QSettings.Status.NoError:
            self.failed.emit(
                self.tr(
                    "The settings could not be saved in {file}. They hold until you close the program. "
                    "Check that the file may be written and that its disk has room."
                ).format(file=self._qsettings.fileName())
            )


def fill_screen(window: QMainWindow) -> None:
    """Maximise a window; where no window manager runs, which would do that, its own size fills the screen too."""
    window.setGeometry(window.screen().availableGeometry())
    window.setWindowState(Qt.WindowState.WindowMaximized)


def list_width(window: QMainWindow) -> int:
    """Return the pixels that the list of films gets at first: on a laptop's screen the films need the room more."""
    return max(200, min(300, window.screen().availableGeometry().width() // 7))


def read_settings(qsettings: QSettings) -> tuple[Settings, tuple[str, ...]]:
    """Return the stored settings, and the names of those that could not be read and have their default."""
    read: dict[str, Any] = {"reader": login_name()}
    problems = []
    for one in fields(Settings):
        stored = qsettings.value(f"settings/{one.name}")
        if stored is None or one.name == "keys":
            continue
        try:
            value = _from_text(one.default, str(stored))
            Settings(**{**read, one.name: value})
        except ValueError:
            problems.append(one.name)
        else:
            read[one.name] = value
    qsettings.beginGroup("keys")
    read["keys"] = {action: str(qsettings.value(action)) for action in qsettings.allKeys()}
    qsettings.endGroup()
    return Settings(**read), tuple(problems)


def login_name() -> str:
    """Return the name the reader is logged in under, "reader" where the system tells none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "reader"


def _as_text(value: str | float | bool | Theme) -> str:
    if isinstance(value, Theme):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _from_text(default: object, text: str) -> object:
    if isinstance(default, Theme):
        return Theme(text)
    if isinstance(default, bool):
        if text not in ("true", "false"):
            raise ValueError(f"expected true or false, got {text!r}")
        return text == "true"
    return float(text) if isinstance(default, float) else text
