"""A training in a process of its own, which outlives the window and is found again. Knows no Qt.

Decision: what is known of a run lies in its folder (`training.json`, the log of JSON lines) and in the system's process
table. Rejected: a pipe to the child, which ends with the window. Consequence: whoever opens the folder can follow,
pause, resume and stop, and nobody need have started it.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.control import CancelToken
from engine.errors import TrainingError
from engine.formats._atomic import write_atomic
from engine.weights import read_card
from vcfviewer.children import (
    JsonLines,
    Life,
    child_environment,
    engine_command,
    last_json,
    last_words,
    life_of,
    mark_of,
    quiet_flags,
    step_back,
)

RECORD, LOG, ERRORS, STOP = "training.json", "training.jsonl", "training.err", "training.stop"
NICENESS = 10
CAN_PAUSE = sys.platform != "win32"
"""Windows has no way to stop a process and let it go on."""
INTERRUPTED = 130
"""The exit code of `vcf-engine train` that kept a checkpoint and can go on."""


class RunState(Enum):
    """Where a training stands."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    ELSEWHERE = "on another computer"


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What to train: films, the folder of the run, the split, and keys of `engine.train.TrainConfig`.

    `validate_every` (steps) measures on the split's valid part; None: never.
    """

    data: Path
    out: Path
    split: Path | None = None
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    validate_every: int | None = None

    def command(self) -> tuple[str, ...]:
        """Return the words for `vcf-engine` that train so; given again, they go on where it was interrupted."""
        words = ["train", str(self.data.absolute()), "--out", str(self.out.absolute()), "--json"]
        words += ["--stop-file", str(self.out.absolute() / STOP)]
        if self.split is not None:
            words += ["--split", str(self.split.absolute())]
        if self.validate_every is not None:
            words += ["--validate-every", str(self.validate_every)]
        if self.settings:
            words += ["--set", *(f"{key}={json.dumps(value)}" for key, value in self.settings.items())]
        return tuple(words)


def settings_from_card(card_path: Path) -> dict[str, Any]:
    """Return the settings that go on training a card's network: same family, labels, options and input, its weights.

    Raises WeightsError.
    """
    card = read_card(card_path)
    return {"model": card.model, "mode": card.mode, "labels": list(card.labels), "options": dict(card.options),
            "input_size": list(card.input_size), "init": str(card_path.absolute())}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepDone:
    """One training step: losses by name and their sum, learning rate, estimated seconds left."""

    step: int
    steps: int
    loss: float
    losses: Mapping[str, float]
    learning_rate: float
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Validated:
    """Mask AP50 (0..1) on the validation films after a step; None where they show no fracture."""

    step: int
    mask_ap50: float | None
    by_level: Mapping[str, float | None]
    films: int
    fractures: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process ended: with a model card, or a message."""

    card: Path | None
    message: str = ""


TrainingEvent = StepDone | Validated | Ended


@dataclass(slots=True)
class Curves:
    """What a dialog draws: (step, loss) and (step, mask AP50), in order; steps done again replace what they were."""

    losses: list[tuple[int, float]] = field(default_factory=list)
    precisions: list[tuple[int, float]] = field(default_factory=list)
    last: StepDone | None = None

    def add(self, events: Sequence[TrainingEvent]) -> None:
        """Take events in."""
        for event in events:
            if isinstance(event, StepDone):
                # A run that was killed goes on from its checkpoint, some steps back.
                _cut(self.losses, event.step)
                _cut(self.precisions, event.step)
                self.losses.append((event.step, event.loss))
                self.last = event
            elif isinstance(event, Validated) and event.mask_ap50 is not None:
                _cut(self.precisions, event.step)
                self.precisions.append((event.step, event.mask_ap50))


def _cut(points: list[tuple[int, float]], step: int) -> None:
    while points and points[-1][0] >= step:
        points.pop()


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What `training.json` says: the process, by number and mark, its computer, start, and the words for the engine."""

    pid: int
    mark: str
    host: str
    started: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunStatus:
    """Where a run stands, with a message for whom it failed, and the model card of one that finished."""

    state: RunState
    message: str = ""
    card: Path | None = None


def start_training(plan: TrainingPlan) -> TrainingRun:
    """Start a training that outlives this process; raises TrainingError where one runs in that folder already.

    A folder whose training was interrupted goes on, if the plan is the same.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    if (plan.out / RECORD).exists():
        status = open_run(plan.out).status()
        if status.state in (RunState.RUNNING, RunState.PAUSED, RunState.ELSEWHERE):
            raise TrainingError(f"{plan.out}: a training is {status.state.value} in this folder; choose another folder")
    child = _launch(plan.out, plan.command())
    return TrainingRun(plan.out, read_record(plan.out / RECORD), child)


def open_run(folder: Path) -> TrainingRun:
    """Return the run of a folder, whoever started it; raises TrainingError where there is none."""
    return TrainingRun(folder, read_record(folder / RECORD))


def found_runs(folder: Path) -> tuple[tuple[TrainingRun, ...], tuple[TrainingError, ...]]:
    """Return the runs below a folder, the one last started first, and what is wrong with those that can't be read."""
    runs, wrong = [], []
    for path in folder.glob(f"*/{RECORD}"):
        try:
            runs.append(open_run(path.parent))
        except TrainingError as error:
            wrong.append(error)
    return tuple(sorted(runs, key=lambda run: run.record.started, reverse=True)), tuple(wrong)


def read_record(path: Path) -> RunRecord:
    """Read `training.json`; raises TrainingError that names it."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return RunRecord(int(record["pid"]), str(record["mark"]), str(record["host"]), str(record["started"]),
                         tuple(str(word) for word in record["command"]))  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{path}: expected the record of a training, got {error!r}; start it anew") from error


class TrainingRun:
    """One training: followed, paused, stopped. Nothing here waits, but for `stop`."""

    def __init__(self, folder: Path, record: RunRecord, child: subprocess.Popen[bytes] | None = None) -> None:
        """Take a run that was started; `child` is its process where this one started it."""
        self.folder = folder
        self.record = record
        self._child = child
        self._log = JsonLines(folder / LOG)

    def status(self) -> RunStatus:
        """Return where the run stands now, as the system and the log's last line tell it."""
        if self.record.host != platform.node():
            return RunStatus(RunState.ELSEWHERE, f"started on {self.record.host}")
        life = self._life()
        if life is not Life.GONE:
            return RunStatus(RunState.PAUSED if life is Life.PAUSED else RunState.RUNNING)
        last = last_json(self.folder / LOG) or {}
        if last.get("event") == "done":
            return RunStatus(RunState.FINISHED, card=Path(last["card"]))
        if last.get("event") == "error" and last.get("code") != INTERRUPTED:
            return RunStatus(RunState.FAILED, str(last["message"]))
        if last.get("event") == "error" or (self.folder / STOP).exists():
            return RunStatus(RunState.STOPPED, "resume it to go on from its checkpoint")
        said = last_words(self.folder / ERRORS)
        return RunStatus(
            RunState.FAILED,
            f"the training's process ended without a result{f' ({said})' if said else ''}; "
            "resume it to go on from its last checkpoint",
        )

    def follow(self) -> tuple[TrainingEvent, ...]:
        """Return what happened since the last call, some hundred steps at most: call again until nothing comes."""
        events = (_event(record) for record in self._log.read())
        return tuple(event for event in events if event is not None)

    def pause(self) -> None:
        """Halt the process where it stands; raises TrainingError where it doesn't run, or can't be paused."""
        if not CAN_PAUSE:
            raise TrainingError("Windows can't pause a training; stop it, and resume it from its checkpoint later")
        if self._life() is not Life.RUNNING:
            raise TrainingError(f"{self.folder}: the training doesn't run, so it can't be paused")
        self._send("SIGSTOP")

    def resume(self) -> None:
        """Let a paused run go on, or start one that ended from its last checkpoint; raises TrainingError."""
        state = self.status().state
        if state is RunState.PAUSED:
            self._send("SIGCONT")
        elif state in (RunState.STOPPED, RunState.FAILED):
            self._child = _launch(self.folder, self.record.command)
            self.record = read_record(self.folder / RECORD)
        else:
            raise TrainingError(f"{self.folder}: the training is {state.value}; there is nothing to resume")

    def ask_to_stop(self) -> None:
        """Ask the process to save its checkpoint and end, after the step it is in."""
        if self._life() is Life.GONE:
            return
        (self.folder / STOP).touch()
        if CAN_PAUSE:
            self._send("SIGTERM")
            self._send("SIGCONT")  # A paused process hears nothing.

    def stop(self, seconds: float = 60.0, cancel: CancelToken | None = None) -> RunStatus:
        """Ask to stop, wait at most so long, then kill; what was learned since the last checkpoint is lost only then.

        For the background lane: it waits. Cancelled, it stops waiting, and the process ends when it can.
        """
        self.ask_to_stop()
        last = time.monotonic() + seconds
        while self._life() is not Life.GONE:
            if cancel is not None:
                cancel.check()
            if time.monotonic() > last:
                self._send("SIGKILL")
            time.sleep(0.05)
        return self.status()

    def _life(self) -> Life:
        life = life_of(self.record.pid, self.record.mark)
        if self._child is None:
            return life
        # Our own child is gone once it was waited for: until its last thread has ended it can't be, though it looks so.
        if self._child.poll() is not None:
            return Life.GONE
        return Life.RUNNING if life is Life.GONE else life

    def _send(self, name: str) -> None:
        """Send a signal to the process and its own children; on Windows, where only killing is possible, kill it."""
        number = getattr(signal, name, signal.SIGTERM)
        try:
            if sys.platform == "win32":
                os.kill(self.record.pid, number)
            else:
                os.killpg(self.record.pid, number)
        except ProcessLookupError:
            return  # It ended meanwhile, which its state tells.


def _launch(folder: Path, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """Start a training in a session of its own, and write down how it can be found again."""
    (folder / STOP).unlink(missing_ok=True)
    windows = sys.platform == "win32"
    with (folder / LOG).open("ab") as log, (folder / ERRORS).open("wb") as errors:
        # A line of its own: the last one may have been cut off, and what it said is no longer the last word.
        log.write(b'\n{"event": "started"}\n')
        log.flush()
        try:
            child = subprocess.Popen(
                engine_command(*command), stdin=subprocess.DEVNULL, stdout=log, stderr=errors, env=child_environment(),
                start_new_session=not windows, creationflags=quiet_flags(),
            )  # fmt: skip
        except OSError as error:
            raise TrainingError(f"the training can't be started: {error}; reinstall vcfviewer") from error
    step_back(child.pid, NICENESS)
    record = {"pid": child.pid, "mark": mark_of(child.pid) or "", "host": platform.node(), "command": list(command),
              "started": datetime.now(UTC).isoformat(timespec="milliseconds")}  # fmt: skip
    write_atomic(folder / RECORD, (json.dumps(record, indent=1) + "\n").encode())
    return child


def _event(record: Mapping[str, Any]) -> TrainingEvent | None:
    kind = record.get("event")
    if kind == "step":
        return StepDone(record["step"], record["steps"], record["loss"], record["losses"], record["learning_rate"],
                        record["eta_seconds"])  # fmt: skip
    if kind == "validation":
        return Validated(record["step"], record["mask_ap50"], record["by_level"], record["films"], record["fractures"])
    if kind == "done":
        return Ended(Path(record["card"]))
    if kind == "error":
        return Ended(None, record["message"])
    return None
