"""Before a training: films set aside to measure on, where the reader named no split. `vcf-engine split`, as a child."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, Signal

from vcfviewer.children import child_environment, engine_command

VALID_SHARE = 0.2
"""Share of the patients to measure on while training; none are held out, an export has done so."""


class SplitMaker(QObject):
    """Divides films by patient; one at a time."""

    made = Signal(str)
    """The path of the split."""

    failed = Signal(str)
    """What was wrong, and what to do."""

    def __init__(self, parent: QObject) -> None:
        """Do nothing yet."""
        super().__init__(parent)
        self._child = QProcess(self)
        self._out = Path()
        environment = QProcessEnvironment()
        for key, value in child_environment().items():
            environment.insert(key, value)
        self._child.setProcessEnvironment(environment)
        self._child.finished.connect(self._end)
        self._child.errorOccurred.connect(self._not_started)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.stop)

    @property
    def busy(self) -> bool:
        """Whether films are being divided."""
        return self._child.state() is not QProcess.ProcessState.NotRunning

    def start(self, data: Path, out: Path) -> None:
        """Divide the films of `data` into `out`, a JSON file; does nothing while it is busy.

        Raises OSError where the folder of `out` can't be made.
        """
        if self.busy:
            return
        self._out = out
        out.parent.mkdir(parents=True, exist_ok=True)
        shares = [f"{1 - VALID_SHARE}", f"{VALID_SHARE}", "0"]
        where = (str(data.absolute()), "--out", str(out.absolute()))
        program, *words = engine_command("split", *where, "--json", "--shares", *shares)
        self._child.start(program, words)

    def stop(self) -> None:
        """Break off, without a word."""
        if self.busy:
            self._child.blockSignals(True)
            self._child.kill()
            self._child.waitForFinished(2000)
            self._child.blockSignals(False)

    def _end(self, code: int, status: QProcess.ExitStatus) -> None:
        if code == 0 and status is QProcess.ExitStatus.NormalExit:
            self.made.emit(str(self._out))
            return
        said = bytes(self._child.readAllStandardError().data()).decode("utf-8", "replace").strip()
        self.failed.emit(self._message() or said or self.tr("The films could not be divided. Try again."))

    def _message(self) -> str:
        lines = bytes(self._child.readAllStandardOutput().data()).decode("utf-8", "replace").splitlines()
        for line in lines:
            try:
                record = json.loads(line)
            except ValueError:
                continue  # a library's own word among the lines
            if isinstance(record, dict) and record.get("event") == "error":
                return str(record.get("message", ""))
        return ""

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            text = self.tr("The films could not be divided: {reason}")
            self.failed.emit(text.format(reason=self._child.errorString()))
