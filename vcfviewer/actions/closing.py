"""May the window close? Not without a word while edits are in no file."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox

from vcfviewer.actions.desk import Desk, say


def may_close(desk: Desk) -> bool:
    """Ask the reader where edits aren't in their files; whether to close."""
    unsaved = desk.session.saving.unsaved
    if not unsaved:
        return True
    names = "\n".join(pending.key for pending in unsaved)
    box = QMessageBox(
        QMessageBox.Icon.Warning,
        say("Not saved in the file"),
        say(
            "The edits of these films are kept in the journal, but not in their labelme files:\n{names}\n\n"
            "They are in place again when the folder is opened the next time. Close anyway?"
        ).format(names=names),
        QMessageBox.StandardButton.Close | QMessageBox.StandardButton.Cancel,
        desk.window,
    )
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    return box.exec() == QMessageBox.StandardButton.Close
