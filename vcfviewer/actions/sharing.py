"""Actions that take minutes, beside the reading: export, labelme, retraining."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.control import CancelToken
from engine.domain.case import ModelCard, ReviewStatus
from engine.domain.labels import LabelTable
from engine.errors import EngineError
from engine.resources import weights_dir
from engine.review.export import ExportItem, ExportReport, SkippedFilm, export_bundle
from engine.review.opening import picture_sha256, read_review
from engine.store import FolderStore
from vcfviewer.actions import opening
from vcfviewer.actions.closing import running_trainings
from vcfviewer.actions.desk import Desk
from vcfviewer.jobs import Lane
from vcfviewer.model_comparison import ModelComparison, compare_models
from vcfviewer.panels.dialogs.export_dialog import ExportDialog, ExportRequest, FilmChoice
from vcfviewer.panels.dialogs.model_dialog import find_cards
from vcfviewer.panels.dialogs.retrain_compare import CompareRequest
from vcfviewer.panels.dialogs.retrain_dialog import RetrainDialog
from vcfviewer.session.listing import ListedFilm
from vcfviewer.translation import translate


class Reporter(QObject):
    """Brings progress from a lane's thread to the dialog."""

    told = Signal(int, int, str)


def export(desk: Desk) -> None:
    """Ask what to export, and export it beside the reading."""
    store, card = desk.session.folder.store, opening.card_in_use(desk)
    if store is None:
        return
    films = {choice: chosen_films(desk, choice) for choice in FilmChoice}
    settings = desk.settings.current
    counts = {choice: len(found) for choice, found in films.items()}
    dialog = ExportDialog(counts, settings.export_folder, settings.reader, desk.window)
    reporter = Reporter(dialog)
    reporter.told.connect(dialog.show_progress)

    def begin(request: ExportRequest) -> None:
        desk.settings.replace(export_folder=str(request.options.folder))
        chosen, labels = films[request.films], desk.session.labels
        options = replace(request.options, assumed_facing=settings.facing)

        def work(cancel: CancelToken) -> ExportReport:
            items = items_of(chosen, store, card, labels)
            return export_bundle(items, options, reporter.told.emit, cancel, len(chosen))

        def failed(error: Exception) -> None:
            if not isinstance(error, (EngineError, OSError)):
                raise error
            dialog.show_failure(str(error))

        token = desk.jobs.submit(Lane.LONG, translate("desk", "Exporting"), work, dialog.show_report, failed)
        dialog.cancel_asked.connect(token.cancel)
        dialog.cancel_asked.connect(
            lambda: dialog.show_failure(
                translate("desk", "The export was broken off; its folder says that it is incomplete.")
            )
        )

    dialog.chosen.connect(begin)
    dialog.train_asked.connect(lambda folder: retrain(desk, folder))
    opening.present(dialog)


def chosen_films(desk: Desk, choice: FilmChoice) -> tuple[ListedFilm, ...]:
    """Return the films that an export is about."""
    films = tuple(film for film in desk.session.folder.films() if not film.item.reason)
    if choice is FilmChoice.ALL:
        return films
    if choice is FilmChoice.SELECTED:
        keys = set(desk.worklist.selected)
        return tuple(film for film in films if film.key in keys)
    done = (ReviewStatus.REVIEWED, ReviewStatus.NO_FRACTURE)
    return tuple(film for film in films if film.summary is not None and film.summary.status in done)


def items_of(
    films: tuple[ListedFilm, ...], store: FolderStore, card: ModelCard | None, labels: LabelTable
) -> Iterator[ExportItem | SkippedFilm]:
    """Yield what an export needs of each film, one read after the other; one that can't be read is skipped."""
    for film in films:
        try:
            digest = picture_sha256(film.item, store)
            prediction = None if card is None else store.get_prediction(digest, card)
            said = read_review(film.item, store, (0, 0) if prediction is None else prediction.image_size, labels)
        except (EngineError, OSError) as error:
            yield SkippedFilm(film.key, str(error))
            continue
        yield ExportItem(
            film.item.film, said.annotation, said.original, prediction, film.key, embedded=film.item.embedded
        )


def retrain(desk: Desk, data: str = "") -> None:
    """Set a training up, follow it, and compare what it made with the model in use; the films stay at hand."""
    open_one = desk.window.findChild(RetrainDialog)
    if open_one is not None:
        open_one.raise_()
        open_one.activateWindow()
        return
    runs = desk.runs_folder()
    runs.mkdir(parents=True, exist_ok=True)
    current = desk.session.predicting.card_path
    folders = [weights_dir(), *(path for path in runs.glob("*") if path.is_dir())]
    entries, _wrong = find_cards(folders, [] if current is None else [current])
    dialog = RetrainDialog(entries, current, runs, data or desk.settings.current.export_folder, desk.window)
    reporter = Reporter(dialog)
    reporter.told.connect(dialog.show_progress)

    def compare(request: CompareRequest) -> None:
        def work(cancel: CancelToken) -> ModelComparison:
            return compare_models(
                request.old, request.new, request.data, request.new.parent / "comparison", cancel,
                reporter.told.emit, split=request.split, specificity=request.specificity,
            )  # fmt: skip

        def failed(error: Exception) -> None:
            if not isinstance(error, (EngineError, OSError)):
                raise error
            dialog.show_failure(str(error))

        token = desk.jobs.submit(
            Lane.LONG, translate("desk", "Comparing two models"), work, dialog.show_comparison, failed
        )
        dialog.cancel_asked.connect(token.cancel)
        # What the comparison tells comes home through the dialog: without it there is nobody to be told.
        dialog.finished.connect(token.cancel)

    dialog.compare_asked.connect(compare)
    dialog.use_asked.connect(lambda path: opening.use_model(desk, Path(path)))
    if not data and running_trainings(desk):
        dialog.show_runs()
    opening.present(dialog, beside=True)
