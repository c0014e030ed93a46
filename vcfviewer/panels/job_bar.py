"""What runs behind the window: the prediction of a whole folder, and whether every edit is on disk."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from vcfviewer.theme import colours, icon
from vcfviewer.translation import Texts

_ICON = 16


class SaveState(Enum):
    """How the edits of the film stand."""

    NOTHING = "nothing to save"
    SAVING = "saving"
    SAVED = "saved"
    WAITING = "waiting"
    READ_ONLY = "read-only"


class JobBar(QWidget):
    """A line at the window's foot. `pause_asked` carries whether to pause or to go on."""

    pause_asked = Signal(bool)
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what = QLabel(self)
        self._progress = QProgressBar(self)
        self._pause = QPushButton(self)
        self._cancel = QPushButton(self)
        self._model = QLabel(self)
        self._sign = QLabel(self)
        self._saved = QLabel(self)
        self._paused = False
        self._state = SaveState.NOTHING
        self._texts = Texts(self)
        self._build()
        self.end_job()
        self.show_activity("")
        self._texts(lambda: self.show_save_state(self._state, self._saved.toolTip()))

    def show_job(self, what: str, done: int, total: int, paused: bool = False) -> None:
        """Show how far a job over many films is; `total` 0 where that isn't known."""
        self._paused = paused
        state = self.tr("{what}, paused") if paused else self.tr("{what}")
        self._what.setText(state.format(what=what))
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        # Qt shows no text on a bar without a range: the label says it then.
        self._progress.setFormat(self.tr("{done} of {total}").format(done=done, total=total))
        self._progress.setAccessibleName(what)
        self._pause.setText(self.tr("Go on") if paused else self.tr("Pause"))
        self._take_icons()
        self._job_visible(True)

    def end_job(self) -> None:
        """Take the job away: it is done, or was cancelled."""
        self._job_visible(False)

    def show_activity(self, text: str) -> None:
        """Say what is under way for the film in sight, such as the model that is loading; empty for nothing."""
        self._model.setText(text)
        self._model.setVisible(bool(text))

    def show_save_state(self, state: SaveState, detail: str = "") -> None:
        """Say whether the edits are on disk; `detail` goes into the tool tip, such as the file's path."""
        texts = {
            SaveState.NOTHING: self.tr("No changes"),
            SaveState.SAVING: self.tr("Saving…"),
            SaveState.SAVED: self.tr("All saved"),
            SaveState.WAITING: self.tr("Not in the file yet, kept in the journal"),
            SaveState.READ_ONLY: self.tr("Read-only"),
        }
        self._state = state
        self._saved.setText(texts[state])
        self._saved.setToolTip(detail)
        self._saved.setAccessibleDescription(detail)
        self._take_icons()

    def changeEvent(self, event: QEvent) -> None:
        """Take the icons of another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._take_icons()

    def _take_icons(self) -> None:
        theme = colours(self.palette())
        signs = {
            SaveState.SAVED: ("status_reviewed", theme.good),
            SaveState.WAITING: ("warning", theme.warning),
            SaveState.READ_ONLY: ("info", theme.link),
        }
        self._pause.setIcon(icon("resume" if self._paused else "pause"))
        self._cancel.setIcon(icon("cancel"))
        self._sign.setVisible(self._state in signs)
        if self._state in signs:
            name, colour = signs[self._state]
            self._sign.setPixmap(icon(name, QColor(colour)).pixmap(QSize(_ICON, _ICON)))

    def _build(self) -> None:
        self._what.setTextFormat(Qt.TextFormat.PlainText)
        self._progress.setMinimumWidth(140)
        self._progress.setMaximumWidth(260)
        self._progress.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        # What it doesn't need is left to the hints beside it.
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._texts(lambda: self._pause.setAccessibleName(self.tr("Pause or go on")))
        self._pause.clicked.connect(lambda: self.pause_asked.emit(not self._paused))
        self._texts(lambda: self._cancel.setText(self.tr("Cancel")))
        self._texts(lambda: self._cancel.setToolTip(self.tr("Stop after the present film. What is done is kept.")))
        self._cancel.clicked.connect(self.cancel_asked)
        self._model.setProperty("role", "muted")
        self._texts(lambda: self._saved.setAccessibleName(self.tr("State of saving")))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 1, 6, 1)
        for widget in (self._what, self._progress, self._pause, self._cancel, self._model):
            layout.addWidget(widget)
        layout.addWidget(self._sign)
        layout.addWidget(self._saved)

    def _job_visible(self, visible: bool) -> None:
        for widget in (self._what, self._progress, self._pause, self._cancel):
            widget.setVisible(visible)
