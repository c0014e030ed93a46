"""May the window close? Not without a word while edits are in no file, labelme has a film, or a training runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QMessageBox

from engine.control import CancelToken
from vcfviewer.actions.desk import Desk
from vcfviewer.jobs import Lane
from vcfviewer.panels.dialogs.closing_dialog import CloseChoice, ClosingDialog
from vcfviewer.training import RunState, RunStatus, TrainingRun, found_runs
from vcfviewer.translation import translate


def may_close(desk: Desk) -> bool:
    """Ask the reader where something would be left behind; whether to close."""
    return may_leave_unsaved(desk) and may_leave_labelme(desk) and may_leave_trainings(desk)


def may_leave_labelme(desk: Desk) -> bool:
    """Ask while labelme has a film: what is changed there comes back only as long as the window is open."""
    text = translate(
        "desk",
        "labelme still has {film} open. Close labelme first, and what you changed there is taken over.\n\n"
        "If you close this window now, labelme is closed too, and its changes are lost. Close anyway?",
    )
    return _may_lose_labelme(desk, text, QMessageBox.StandardButton.Close)


def may_open_beside_labelme(desk: Desk) -> bool:
    """Ask while labelme has a film: what is changed there comes back only as long as its folder is open."""
    text = translate(
        "desk",
        "labelme still has {film} open. Close labelme first, and what you changed there is taken over.\n\n"
        "If you open other films now, its changes are lost. Open them anyway?",
    )
    return _may_lose_labelme(desk, text, QMessageBox.StandardButton.Open)


def _may_lose_labelme(desk: Desk, text: str, go_on: QMessageBox.StandardButton) -> bool:
    """Whether labelme has no film, or the reader goes on by the button of that name; Esc and Return stay."""
    if not desk.in_labelme:
        return True
    title, buttons = translate("desk", "labelme is open"), go_on | QMessageBox.StandardButton.Cancel
    box = QMessageBox(QMessageBox.Icon.Warning, title, text.format(film=desk.in_labelme), buttons, desk.window)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    return box.exec() == go_on


def may_leave_trainings(desk: Desk) -> bool:
    """Ask what becomes of trainings that run: they can go on without the window."""
    running = running_trainings(desk)
    if not running:
        return True
    answers: list[CloseChoice] = []
    dialog = ClosingDialog([run.folder.name for run in running], desk.window)
    dialog.chosen.connect(answers.append)
    dialog.exec()
    if answers == [CloseChoice.STOP]:
        for run in running:
            stop_in_order(desk, run)
    return answers in ([CloseChoice.STOP], [CloseChoice.GO_ON])


def running_trainings(desk: Desk) -> list[TrainingRun]:
    """Return the trainings that run, or are paused, whoever started them."""
    found, _wrong = found_runs(desk.runs_folder())
    return [run for run in found if run.status().state in (RunState.RUNNING, RunState.PAUSED)]


def stop_in_order(desk: Desk, run: TrainingRun) -> None:
    """Stop a training before the program ends: the writing lane is waited for."""

    def work(_cancel: CancelToken) -> RunStatus:
        return run.stop()

    desk.jobs.submit(Lane.WRITING, translate("desk", "Stopping a training"), work, lambda _status: None)


def open_paths(desk: Desk, paths: Sequence[Path]) -> None:
    """Open folders, films and labelme files, unless the reader stays with edits that aren't in their files."""
    if may_leave_unsaved(desk) and may_open_beside_labelme(desk):
        desk.session.open(paths)
        desk.tell(translate("desk", "Opening…"))


def may_leave_unsaved(desk: Desk) -> bool:
    """Ask where edits aren't in their files: most are in the journal, but what isn't would be lost."""
    unsaved = desk.session.saving.unsaved
    if not unsaved:
        return True
    lost = [pending.key for pending in unsaved if not pending.journaled]
    if lost:
        text = translate(
            "desk",
            "The last edits of these films could be written neither to their labelme files nor to the journal, and "
            "would be lost:\n{names}\n\nMake room on the disk, or bring the drive back: they are saved by themselves "
            "then. Leave all the same?",
        )
    else:
        text = translate(
            "desk",
            "The edits of these films are kept in the journal, but not in their labelme files:\n{names}\n\n"
            "They are in place again when the folder is opened the next time. Leave it now?",
        )
    box = QMessageBox(desk.window)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(translate("desk", "Not saved in the file"))
    box.setText(text.format(names="\n".join(lost or [pending.key for pending in unsaved])))
    leave = box.addButton(translate("desk", "&Leave"), QMessageBox.ButtonRole.AcceptRole)
    stay = box.addButton(translate("desk", "&Stay"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.exec()
    return box.clickedButton() is leave
