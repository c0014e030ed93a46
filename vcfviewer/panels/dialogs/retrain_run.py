"""A training as it runs: curves, what is left, pause, resume, stop; and earlier ones, found again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from engine.errors import TrainingError
from vcfviewer.panels.dialogs._parts import name_button, say, text_label
from vcfviewer.panels.dialogs.curves import Curve, CurvesView
from vcfviewer.training import CAN_PAUSE, Curves, RunState, RunStatus, TrainingRun, found_runs
from vcfviewer.translation import QT_TRANSLATE_NOOP, translate

POLL_MS = 500
"""How often the run's log is looked at."""

READ_SECONDS = 0.02
"""How long one look at the log may take: the window must not stall."""

_STATES = (
    (RunState.RUNNING, QT_TRANSLATE_NOOP("RunPage", "running")),
    (RunState.PAUSED, QT_TRANSLATE_NOOP("RunPage", "paused")),
    (RunState.STOPPED, QT_TRANSLATE_NOOP("RunPage", "stopped")),
    (RunState.FINISHED, QT_TRANSLATE_NOOP("RunPage", "finished")),
    (RunState.FAILED, QT_TRANSLATE_NOOP("RunPage", "failed")),
    (RunState.ELSEWHERE, QT_TRANSLATE_NOOP("RunPage", "on another computer")),
)


def state_word(state: RunState) -> str:
    """Return where a training stands, in a word."""
    return translate("RunPage", dict(_STATES)[state])


def time_left(seconds: float) -> str:
    """Return a time that is left: seconds, minutes, or hours and minutes."""
    whole = max(0, round(seconds))
    if whole < 60:
        return translate("RunPage", "{count} s left").format(count=whole)
    if whole < 3600:
        return translate("RunPage", "{count} min left").format(count=round(whole / 60))
    return translate("RunPage", "{hours} h {minutes:02d} min left").format(
        hours=whole // 3600, minutes=whole % 3600 // 60
    )


class RunPage(QWidget):
    """Follows one run at a time, while it is shown."""

    finished = Signal(str)
    """The path of the new model card; told once a run, when it ends while it is followed or is found ended."""

    def __init__(self, runs_folder: Path) -> None:
        """Look for runs in a folder; `follow` shows one."""
        super().__init__()
        self._folder = runs_folder
        self._run: TrainingRun | None = None
        self._curves = Curves()
        self._told: set[Path] = set()
        self._stopping = False
        self._undrawn = False
        self._runs = QComboBox()
        self._again = QPushButton(self.tr("&Look again"))
        self._state = text_label("", "heading", wrap=False)
        self._left = text_label("", "muted", wrap=False)
        self._bar = QProgressBar()
        nothing = self.tr("Nothing was measured yet.")
        self._loss = CurvesView(self.tr("Loss"), self.tr("step"), self.tr("loss (no unit)"), nothing=nothing)
        self._precision = CurvesView(
            self.tr("Mask AP50 on validation films"), self.tr("step"), self.tr("AP50 (0 to 1)"), (0.0, 1.0), nothing
        )
        self._said = text_label("", "warning")
        self._pause = QPushButton(self.tr("&Pause"))
        self._resume = QPushButton(self.tr("&Resume"))
        self._stop = QPushButton(self.tr("S&top"))
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._arrange()
        self._runs.activated.connect(self._open_chosen)
        self._again.clicked.connect(self.find_runs)
        self._pause.clicked.connect(lambda: self._ask(TrainingRun.pause))
        self._resume.clicked.connect(lambda: self._ask(TrainingRun.resume))
        self._stop.clicked.connect(self._ask_stop)
        self._timer.timeout.connect(self._look)
        self._show_state(None)

    @property
    def run(self) -> TrainingRun | None:
        """The run that is followed."""
        return self._run

    def find_runs(self) -> None:
        """List the runs of the folder, the newest first, and follow the newest where none is followed."""
        runs, wrong = found_runs(self._folder)
        say(self._said, "\n".join(str(error) for error in wrong), "warning")
        self._list(runs)
        if self._run is None and runs:
            self.follow(runs[0])

    def follow(self, run: TrainingRun) -> None:
        """Show a run from its first step on."""
        self._run, self._curves, self._stopping = run, Curves(), False
        at = self._runs.findData(str(run.folder))
        if at < 0:
            self._runs.insertItem(0, run.folder.name, str(run.folder))
            at = 0
        self._runs.setCurrentIndex(at)
        self._look()
        if self.isVisible():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the run again."""
        super().showEvent(event)
        if self._run is None:
            self.find_runs()
        self._look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop looking: the training goes on without being watched."""
        self._timer.stop()
        super().hideEvent(event)

    def _arrange(self) -> None:
        self._runs.setAccessibleName(self.tr("Trainings"))
        self._bar.setAccessibleName(self.tr("Progress of the training"))
        top = QHBoxLayout()
        label = QLabel(self.tr("Trai&ning"))
        label.setBuddy(self._runs)
        top.addWidget(label)
        top.addWidget(self._runs, 1)
        top.addWidget(self._again)
        plots = QHBoxLayout()
        plots.addWidget(self._loss, 1)
        plots.addWidget(self._precision, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._left, 1)
        for button in (self._pause, self._resume, self._stop):
            buttons.addWidget(button)
        for button in (self._again, self._pause, self._resume, self._stop):
            name_button(button)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self._state)
        column.addWidget(self._bar)
        column.addLayout(plots, 1)
        column.addWidget(self._said)
        column.addLayout(buttons)

    def _list(self, runs: Sequence[TrainingRun]) -> None:
        self._runs.clear()
        for run in runs:
            text = self.tr("{name}, started {when}: {state}")
            when = run.record.started[:16].replace("T", " ")
            state = state_word(run.status().state)
            self._runs.addItem(text.format(name=run.folder.name, when=when, state=state), str(run.folder))
        if self._run is not None:
            self._runs.setCurrentIndex(self._runs.findData(str(self._run.folder)))

    def _open_chosen(self, at: int) -> None:
        chosen = self._runs.itemData(at)
        runs, _ = found_runs(self._folder)
        run = next((one for one in runs if str(one.folder) == chosen), None)
        if run is not None:
            self.follow(run)

    def _look(self) -> None:
        if self._run is None:
            return
        waiting = False
        until = time.monotonic() + READ_SECONDS
        while events := self._run.follow():
            self._curves.add(events)
            self._undrawn = True
            if waiting := time.monotonic() > until:
                break
        # A long log is read in short pieces, one after the other.
        self._timer.setInterval(1 if waiting else POLL_MS)
        if self._undrawn and not waiting:
            self._undrawn = False
            self._loss.set_curves([Curve(self.tr("loss"), tuple(self._curves.losses))])
            self._precision.set_curves([Curve(self.tr("AP50"), tuple(self._curves.precisions))])
        self._show_state(self._run.status())

    def _show_state(self, status: RunStatus | None) -> None:
        state = status.state if status is not None else None
        last = self._curves.last
        self._pause.setEnabled(state is RunState.RUNNING and CAN_PAUSE)
        self._resume.setEnabled(state in (RunState.PAUSED, RunState.STOPPED, RunState.FAILED))
        self._stop.setEnabled(state in (RunState.RUNNING, RunState.PAUSED))
        self._bar.setRange(0, last.steps if last is not None else 1)
        self._bar.setValue(last.step if last is not None else 0)
        if status is None or self._run is None:
            say(self._state, self.tr("No training yet"))
            say(self._left, "")
            return
        self._stopping = self._stopping and state in (RunState.RUNNING, RunState.PAUSED)
        self._stop.setText(self.tr("Stop &at once") if self._stopping else self.tr("S&top"))
        name_button(self._stop)
        name, word = self._run.folder.name, self.tr("stopping…") if self._stopping else state_word(status.state)
        say(self._state, self.tr("{run}: {state}").format(run=name, state=word))
        self._show_progress(state)
        if status.message:
            say(self._said, status.message, "danger" if state is RunState.FAILED else "warning")
        if state is RunState.FINISHED and status.card is not None and self._run.folder not in self._told:
            self._told.add(self._run.folder)
            self.finished.emit(str(status.card))

    def _show_progress(self, state: RunState | None) -> None:
        last = self._curves.last
        if last is None:
            starting = self.tr("The films are being read; the first step takes a while.")
            say(self._left, starting if state is RunState.RUNNING else "")
            return
        step = self.tr("Step {step} of {steps}").format(step=last.step, steps=last.steps)
        say(self._left, f"{step}, {time_left(last.seconds_left)}" if state is RunState.RUNNING else step)

    def _ask(self, act: Callable[[TrainingRun], object]) -> None:
        if self._run is None:
            return
        say(self._said, "")
        try:
            act(self._run)
        except TrainingError as error:
            say(self._said, str(error), "danger")
        self._look()

    def _ask_stop(self) -> None:
        if self._stopping:
            # The process had its chance to save; a second stop means it.
            self._ask(lambda run: run.stop(seconds=0.0))
        else:
            self._ask(TrainingRun.ask_to_stop)
            self._stopping = True
            say(
                self._said,
                self.tr("It saves what it learned after the step it is in. You can resume it later."),
                "muted",
            )
            self._look()
