"""Train a model anew: set up, follow, compare with the old one, and use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QVBoxLayout, QWidget

from engine.data.split import read_split
from engine.errors import EngineError
from vcfviewer.model_comparison import ModelComparison
from vcfviewer.panels.dialogs._parts import name_buttons, say, text_label
from vcfviewer.panels.dialogs.model_dialog import CardEntry, checked_card
from vcfviewer.panels.dialogs.retrain_compare import ComparePage
from vcfviewer.panels.dialogs.retrain_form import SPLIT_NAME, RetrainForm, held_out_folder
from vcfviewer.panels.dialogs.retrain_run import RunPage
from vcfviewer.panels.dialogs.retrain_split import SplitMaker
from vcfviewer.panels.words import notice_text
from vcfviewer.training import TrainingPlan, TrainingRun, start_training


class RetrainDialog(QDialog):
    """Three pages; not modal, so that reading goes on. Closing it leaves the training alone."""

    compare_asked = Signal(object)
    """A `CompareRequest`: run `vcfviewer.model_comparison.compare_models` in the background."""

    cancel_asked = Signal()
    """The comparison under way is no longer wanted."""

    use_asked = Signal(str)
    """The path of the card that is to be the model in use."""

    def __init__(
        self,
        entries: Sequence[CardEntry],
        current: Path | None,
        runs_folder: Path,
        data: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Offer the known cards; trainings are kept in `runs_folder`; `data` is the folder of the last export."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Train a model"))
        self._entries = list(entries)
        self._current = current
        self._form = RetrainForm(entries, current, runs_folder, data)
        self._running = RunPage(runs_folder)
        self._compare = ComparePage(entries, current)
        self._pages = QTabWidget()
        self._wrong = text_label("", "danger")
        self._arrange()
        self._splitter = SplitMaker(self)
        self._waiting: TrainingPlan | None = None
        self._form.start_asked.connect(self._start)
        self._splitter.made.connect(self._split_made)
        self._splitter.failed.connect(self._split_failed)
        self._running.finished.connect(self._offer)
        self._compare.compare_asked.connect(self.compare_asked)
        self._compare.cancel_asked.connect(self.cancel_asked)
        self._compare.use_asked.connect(self.use_asked)
        self.resize(900, 640)

    @property
    def run(self) -> TrainingRun | None:
        """The training that is followed."""
        return self._running.run

    def show_runs(self) -> None:
        """Open the page of trainings, the newest followed."""
        self._running.find_runs()
        self._pages.setCurrentWidget(self._running)

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show how far the comparison is."""
        self._compare.show_progress(done, total, text)

    def show_comparison(self, comparison: ModelComparison) -> None:
        """Show what the comparison found."""
        self._compare.show_comparison(comparison)
        self._pages.setCurrentWidget(self._compare)

    def show_failure(self, text: str) -> None:
        """Say why there is no comparison."""
        self._compare.show_failure(text)

    def _arrange(self) -> None:
        self._pages.setAccessibleName(self.tr("Pages of the training"))
        self._pages.addTab(self._form, self.tr("&1 Set up"))
        self._pages.addTab(self._running, self.tr("&2 Training"))
        self._pages.addTab(self._compare, self.tr("&3 Old and new"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for button in buttons.buttons():
            button.setProperty("autoDefault", False)
        name_buttons(buttons)
        column = QVBoxLayout(self)
        column.addWidget(text_label(notice_text(), "notice"))
        column.addWidget(self._pages, 1)
        column.addWidget(self._wrong)
        column.addWidget(
            text_label(
                self.tr("A training goes on when you close this or the program; a comparison of two models ends."),
                "muted",
            )
        )
        column.addWidget(buttons)
        buttons.rejected.connect(self.reject)

    def _start(self, plan: TrainingPlan) -> None:
        beside = plan.out / SPLIT_NAME
        if plan.split is not None or plan.validate_every is None:
            self._train(plan)
        elif beside.is_file():
            self._train(plan, beside)
        else:
            self._waiting = plan
            say(self._wrong, self.tr("Some films are set aside to measure on; this takes a moment."), "muted")
            try:
                self._splitter.start(plan.data, beside)
            except OSError as error:
                self._split_failed(str(error))

    def _split_made(self, path: str) -> None:
        plan, self._waiting = self._waiting, None
        if plan is not None:
            self._train(plan, Path(path))

    def _split_failed(self, text: str) -> None:
        self._waiting = None
        say(self._wrong, text, "danger")

    def _train(self, plan: TrainingPlan, made_split: Path | None = None) -> None:
        try:
            run = start_training(plan if made_split is None else _with_split(plan, made_split))
        except (EngineError, OSError) as error:
            say(self._wrong, str(error), "danger")
            return
        measured = plan.validate_every is None or made_split is None or bool(read_split(made_split).valid)
        few = self.tr("There are too few films to set some aside: nothing is measured while training.")
        say(self._wrong, "" if measured else few, "warning")
        self._running.follow(run)
        self._pages.setCurrentWidget(self._running)

    def _offer(self, card: str) -> None:
        """Offer the card of a training that ended for comparison, on the films that it held out."""
        path = Path(card)
        try:
            entry = CardEntry(path, checked_card(path))
        except EngineError as error:
            say(self._wrong, str(error), "danger")
            return
        if path.resolve() not in [one.path.resolve() for one in self._entries]:
            self._entries.append(entry)
        self._compare.set_cards(self._entries, self._current, path)
        if self._running.run is not None:
            self._compare.set_data(*data_of(self._running.run.record.command))


def data_of(command: Sequence[str]) -> tuple[Path | None, Path | None]:
    """Return the films that a training's command leaves for comparing models, and the split that names them.

    An export has them in a folder of their own, without a split; None where nothing is left.
    """
    words = list(command)
    data = Path(words[words.index("train") + 1]) if "train" in words[:-1] else None
    split = Path(words[words.index("--split") + 1]) if "--split" in words[:-1] else None
    held_out = held_out_folder(data) if data is not None else None
    if held_out is not None:
        return held_out, None
    if data is not None and split is not None and split.is_file() and read_split(split).test:
        return data, split
    return None, None


def _with_split(plan: TrainingPlan, split: Path) -> TrainingPlan:
    """Return the plan with a split that was made for it; films are measured on only if some are in its valid part."""
    return replace(plan, split=split, validate_every=plan.validate_every if read_split(split).valid else None)
