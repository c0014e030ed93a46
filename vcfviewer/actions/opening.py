"""Actions that open something beside the films: dialogs, labelme, the samples."""

from __future__ import annotations

import platform
from pathlib import Path

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog

from engine.domain.case import ModelCard
from engine.domain.decisions import film_review
from engine.errors import WeightsError
from engine.resources import weights_dir
from vcfviewer.actions.closing import open_paths
from vcfviewer.actions.desk import Desk
from vcfviewer.panels.dialogs.comment_dialog import CommentDialog
from vcfviewer.panels.dialogs.errors import describe_error
from vcfviewer.panels.dialogs.hint import HintOverlay, first_steps
from vcfviewer.panels.dialogs.keys_sheet import KeysSheet
from vcfviewer.panels.dialogs.model_dialog import ModelDialog, find_cards
from vcfviewer.panels.dialogs.settings_dialog import SettingsDialog
from vcfviewer.samples import sample_folder
from vcfviewer.settings import Settings
from vcfviewer.translation import translate


def open_samples(desk: Desk) -> None:
    """Open the sample films that come with the program."""
    open_paths(desk, [sample_folder()])


def settings(desk: Desk, action: str = "") -> None:
    """Change the settings."""
    dialog = SettingsDialog(desk.settings.current, desk.action_keys(), desk.window)
    dialog.chosen.connect(lambda chosen: _take_settings(desk, chosen))
    if action:
        dialog.show_keys(action)
    present(dialog)


def keys(desk: Desk) -> None:
    """Show the sheet of all keys."""
    dialog = KeysSheet(desk.key_rows(), desk.window)
    dialog.change_asked.connect(lambda: settings(desk, "accept"))
    present(dialog)


def models(desk: Desk) -> None:
    """Choose the model that predicts."""
    runs = desk.runs_folder()
    folders = [weights_dir(), *(path for path in runs.glob("*") if path.is_dir())]
    current = desk.session.predicting.card_path
    entries, wrong = find_cards(folders, [] if current is None else [current])
    dialog = ModelDialog(entries, current, wrong, desk.window)
    dialog.chosen.connect(lambda path: use_model(desk, Path(path)))
    present(dialog)


def use_model(desk: Desk, card: Path) -> None:
    """Predict with another model from now on, the film on the screen first."""
    desk.settings.replace(model_card=str(card))
    desk.take_model()


def model_card(desk: Desk) -> None:
    """Show the card of the model in use."""
    about(desk, card_page=True)


def about(desk: Desk, *, card_page: bool = False) -> None:
    """Say what this program is and is not for; imported now, for the list of licences would hold up the start."""
    from vcfviewer.panels.dialogs.about_dialog import AboutDialog

    dialog = AboutDialog(card_in_use(desk), versions(), desk.window)
    dialog.keys_asked.connect(lambda: keys(desk))
    if card_page:
        dialog.show_card()
    present(dialog)


def hint(desk: Desk) -> None:
    """Show the first three steps."""
    texts = {row.name: row.default for row in desk.action_keys()}
    texts.update(desk.settings.current.keys)
    shown = {name: texts.get(name, "").partition("; ")[0] for name in ("next_disagreement", "accept", "undo", "keys")}
    steps = first_steps(desk.worklist, desk.comparison, desk.findings, {**shown, "reject": "1"})
    overlay = HintOverlay(desk.window, steps)
    overlay.finished.connect(lambda: desk.settings.replace(hint_seen=True))
    overlay.show()
    overlay.setFocus()


def comment(desk: Desk) -> None:
    """Comment on the film."""
    annotation = desk.session.document.annotation
    if annotation is None or desk.must_wait():
        return
    review = film_review(annotation)
    dialog = CommentDialog(desk.session.case.key, review.comment, review.flagged or not review.comment, desk.window)
    place = desk.place

    def chosen(text: str, flagged: bool) -> None:
        if desk.place == place:
            desk.session.deciding.set_film(flagged=flagged, comment=text)
        else:
            told = translate("desk", "{film} isn't on the screen any more, so this comment wasn't kept: {text}")
            desk.tell(told.format(film=place.key, text=text))

    dialog.chosen.connect(chosen)
    present(dialog)


def hide(desk: Desk, *, hidden: bool) -> None:
    """Hide all shapes, or show them again."""
    desk.shapes_hidden = hidden
    desk.comparison.hide_shapes(hidden)
    if hidden:
        desk.tell(translate("desk", "All shapes are hidden, on every film; T shows them again."))


def card_in_use(desk: Desk) -> ModelCard | None:
    """Return the card of the model in use; None, and an error on the screen, where it can't be read."""
    try:
        return desk.session.predicting.card()
    except WeightsError as error:
        desk.errors.show_error(describe_error(translate("desk", "Reading the model card"), error))
        return None


def versions() -> str:
    """Return the versions that a report of a fault needs."""
    return f"Python {platform.python_version()}, PySide6 {pyside_version}, Qt {qVersion()}, {platform.platform()}"


def present(dialog: QDialog, *, beside: bool = False) -> None:
    """Show a dialog over the window without blocking the events of anything else; `beside`: reading goes on."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if beside:
        dialog.show()
    else:
        dialog.open()


def _take_settings(desk: Desk, chosen: Settings) -> None:
    desk.settings.replace(
        reader=chosen.reader, iou_threshold=chosen.iou_threshold, theme=chosen.theme, language=chosen.language,
        keys=chosen.keys, blind_first_read=chosen.blind_first_read, predict_on_open=chosen.predict_on_open,
        assumed_facing=chosen.assumed_facing, runs_folder=chosen.runs_folder, export_folder=chosen.export_folder,
        annotations_folder=chosen.annotations_folder, label_table=chosen.label_table,
    )  # fmt: skip
