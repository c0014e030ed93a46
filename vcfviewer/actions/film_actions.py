"""Actions on files, folders and films: open, walk, predict, export."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from vcfviewer.actions import opening, two_models
from vcfviewer.actions.closing import open_paths
from vcfviewer.actions.desk import Desk
from vcfviewer.actions.rows import Action, always, can_edit, has_film, has_folder
from vcfviewer.translation import QT_TRANSLATE_NOOP, translate

FILE = QT_TRANSLATE_NOOP("actions", "File")
GO = QT_TRANSLATE_NOOP("actions", "Go")
MODEL = QT_TRANSLATE_NOOP("actions", "Model")


def open_folder(desk: Desk) -> None:
    """Ask for a folder and open it."""
    start = desk.settings.current.last_folder
    chosen = QFileDialog.getExistingDirectory(desk.window, translate("desk", "Open a folder of films"), start)
    if chosen:
        open_paths(desk, [Path(chosen)])


def open_files(desk: Desk) -> None:
    """Ask for films and open them."""
    start = desk.settings.current.last_folder
    chosen, _filter = QFileDialog.getOpenFileNames(desk.window, translate("desk", "Open films or labelme files"), start)
    if chosen:
        open_paths(desk, [Path(name) for name in chosen])


def annotations_folder(desk: Desk) -> None:
    """Ask where the labelme files lie, if not beside the films, and list anew."""
    chosen = QFileDialog.getExistingDirectory(desk.window, translate("desk", "Folder of the labelme files"))
    if chosen:
        desk.settings.replace(annotations_folder=chosen)


def save(desk: Desk) -> None:
    """Save now; every edit is saved anyway, and a film that nobody edited gets no file."""
    if not desk.session.document.undo_stack.count():
        desk.tell(translate("desk", "Nothing was edited on this film; there is nothing to save."))
        return
    desk.session.saving.save_now(desk.session.case.key)
    desk.tell(translate("desk", "Every edit is saved as you make it; this film was saved once more."))


def predict(desk: Desk) -> None:
    """Predict the film on the screen."""
    film = desk.session.folder.film(desk.session.case.key)
    if film is not None:
        desk.session.predicting.predict(film, desk.session.folder.store, desk.session.case.digest)


def pause(desk: Desk) -> None:
    """Rest the prediction of the folder, or go on."""
    desk.session.predicting.pause_folder(desk.session.folder.store)


def folder_runs(desk: Desk) -> bool:
    """Whether the folder is being predicted."""
    return desk.session.predicting.state.running


def export(desk: Desk) -> None:
    """Export films; imported now, for it would hold up the program's start."""
    from vcfviewer.actions import sharing

    sharing.export(desk)


def retrain(desk: Desk) -> None:
    """Train a model anew; imported now, as for an export."""
    from vcfviewer.actions import sharing

    sharing.retrain(desk)


def edit_in_labelme(desk: Desk) -> None:
    """Edit the film in labelme; imported now, as for an export."""
    from vcfviewer.actions import labelme

    labelme.edit(desk)


def go_to_table(desk: Desk) -> None:
    """Let the arrow keys walk the findings, or the pairs of two models."""
    (desk.pairs if desk.session.second.active else desk.findings).focus_table()


def move_threshold(desk: Desk, by: float) -> None:
    """Move the score threshold, those of both where two models are compared."""
    if desk.session.second.active:
        two_models.move_thresholds(desk, by)
        return
    desk.session.case.set_threshold(min(0.99, max(0.05, round(desk.session.case.threshold + by, 2))))


ACTIONS = (
    Action("open_folder", FILE, QT_TRANSLATE_NOOP("actions", "Open folder…"),
           open_folder, "Ctrl+U", always, "folder", toolbar=True),
    Action("open_files", FILE, QT_TRANSLATE_NOOP("actions", "Open films…"), open_files, "Ctrl+O", always, "open"),
    Action("annotations_folder", FILE, QT_TRANSLATE_NOOP("actions", "Labelme files are in another folder…"),
           annotations_folder, "", always, "import"),
    Action("samples", FILE, QT_TRANSLATE_NOOP("actions", "Open the sample films"), opening.open_samples, "", always),
    Action("save", FILE, QT_TRANSLATE_NOOP("actions", "Save now"), save, "Ctrl+S", can_edit, separated=True),
    Action("export", FILE, QT_TRANSLATE_NOOP("actions", "Export…"),
           export, "Ctrl+Shift+E", has_folder, "export", toolbar=True),
    Action("edit_in_labelme", FILE, QT_TRANSLATE_NOOP("actions", "Edit in labelme"),
           edit_in_labelme, "Ctrl+Shift+L", can_edit, "labelme"),
    Action("settings", FILE, QT_TRANSLATE_NOOP("actions", "Settings…"),
           opening.settings, "Ctrl+,", always, "settings", separated=True),
    Action("quit", FILE, QT_TRANSLATE_NOOP("actions", "Quit"),
           lambda desk: desk.window.close(), "Ctrl+Q; Ctrl+W", always, "quit", separated=True),
    Action("previous", GO, QT_TRANSLATE_NOOP("actions", "Previous film"),
           lambda desk: desk.go(-1), "A", has_folder, "previous", toolbar=True),
    Action("next", GO, QT_TRANSLATE_NOOP("actions", "Next film"),
           lambda desk: desk.go(1), "D", has_folder, "next", toolbar=True),
    Action("next_disagreement", GO, QT_TRANSLATE_NOOP("actions", "Next disagreement"),
           lambda desk: two_models.next_disagreement(desk, 1), "N", has_folder, "next_disagreement", toolbar=True),
    Action("previous_disagreement", GO, QT_TRANSLATE_NOOP("actions", "Previous disagreement"),
           lambda desk: two_models.next_disagreement(desk, -1), "Shift+N", has_folder),
    Action("search", GO, QT_TRANSLATE_NOOP("actions", "Search the worklist"),
           lambda desk: desk.worklist.focus_search(), "Ctrl+L", has_folder, "search", separated=True),
    Action("findings", GO, QT_TRANSLATE_NOOP("actions", "Go to the findings table"),
           go_to_table, "Ctrl+T", has_film),
    Action("predict", MODEL, QT_TRANSLATE_NOOP("actions", "Predict this film"), predict, "Ctrl+I", has_film, "predict"),
    Action("predict_folder", MODEL, QT_TRANSLATE_NOOP("actions", "Predict the whole folder"),
           lambda desk: desk.session.predict_folder(), "Ctrl+Shift+I", has_folder, "predict_folder", toolbar=True),
    Action("pause", MODEL, QT_TRANSLATE_NOOP("actions", "Pause or resume predicting the folder"),
           pause, "", folder_runs, "pause"),
    Action("cancel", MODEL, QT_TRANSLATE_NOOP("actions", "Cancel predicting the folder"),
           lambda desk: desk.session.predicting.cancel_folder(), "", folder_runs, "cancel"),
    Action("lower_threshold", MODEL, QT_TRANSLATE_NOOP("actions", "Lower the score threshold"),
           lambda desk: move_threshold(desk, -0.05), "Alt+Down", has_film, separated=True),
    Action("raise_threshold", MODEL, QT_TRANSLATE_NOOP("actions", "Raise the score threshold"),
           lambda desk: move_threshold(desk, 0.05), "Alt+Up", has_film),
    Action("models", MODEL, QT_TRANSLATE_NOOP("actions", "Choose the model…"),
           opening.models, "Ctrl+Shift+M", always, "model_card", separated=True),
    Action("compare_models", MODEL, QT_TRANSLATE_NOOP("actions", "Compare with another model…"),
           two_models.compare, "Ctrl+Shift+C", two_models.may_compare, "", lambda desk: desk.session.second.on),
    Action("retrain", MODEL, QT_TRANSLATE_NOOP("actions", "Retrain…"),
           retrain, "Ctrl+Shift+R", always, "retrain"),
)  # fmt: skip
