"""What to train: data, what to start from, the recipe, and where the run is kept."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

import engine
from engine.data.exported import read_manifest
from engine.data.split import Split, read_split
from engine.errors import EngineError
from engine.review.holdout import HOLDOUT
from vcfviewer.panels.dialogs._parts import PathField, name_button, say, text_label
from vcfviewer.panels.dialogs.model_dialog import CardEntry
from vcfviewer.panels.words import model_name
from vcfviewer.training import TrainingPlan, settings_from_card
from vcfviewer.translation import QT_TRANSLATE_NOOP

SPLIT_NAME = "split.json"
"""The split that is taken from the data folder where none is named."""


class Start(Enum):
    """What a training starts from."""

    CARD = "model card"
    FILE = "weights file"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named choice of training settings (keys of `engine.train.TrainConfig`), and how long it runs by default."""

    name: str
    text: str
    help: str
    epochs: int
    settings: Mapping[str, Any]


RECIPES = (
    Recipe(
        "corrections",
        QT_TRANSLATE_NOOP("RetrainForm", "Learn from corrections"),
        QT_TRANSLATE_NOOP("RetrainForm", "A few films, short and gentle: the model keeps what it knows."),
        20,
        MappingProxyType({
            "optimiser": "adamw", "learning_rate": 1e-4, "schedule": "cosine", "warmup_steps": 20,
            "checkpoint_every": 20,
        }),
    ),
    Recipe(
        "corrected",
        QT_TRANSLATE_NOOP("RetrainForm", "Full training, corrected settings"),
        QT_TRANSLATE_NOOP("RetrainForm", "Hundreds of films, hours of computing; normal films are learned from too."),
        12,
        MappingProxyType({"mode": "corrected"}),
    ),
    Recipe(
        "paper",
        QT_TRANSLATE_NOOP("RetrainForm", "Full training, as the paper says"),
        QT_TRANSLATE_NOOP("RetrainForm", "Nearest to the text of Paik et al. 2024: flips, no normal films."),
        12,
        MappingProxyType({"mode": "paper"}),
    ),
)  # fmt: skip


PAPERS_FAMILY = "mask_rcnn"
"""The family that is offered first: the paper's own network, not the first of the alphabet."""


def family_names() -> tuple[str, ...]:
    """Return the network families by name, without importing them: that would bring torch into the window."""
    folder = Path(engine.__file__).parent / "models"
    return tuple(sorted(one.name for one in pkgutil.iter_modules([str(folder)]) if not one.name.startswith("_")))


def held_out_folder(data: Path) -> Path | None:
    """Return the folder of the films that an export put aside; None where `data` is no export, or put none aside."""
    held = data / HOLDOUT
    return held if held.is_dir() and read_manifest(data) is not None else None


def split_beside(data: str, named: str) -> Path | None:
    """Return the split that counts: the one named, else `split.json` in the data folder, else None."""
    if named:
        return Path(named)
    beside = Path(data) / SPLIT_NAME if data else None
    return beside if beside is not None and beside.is_file() else None


class RetrainForm(QWidget):
    """The first page of the training dialog; a plan is offered only when nothing is missing."""

    start_asked = Signal(object)
    """The `TrainingPlan`."""

    def __init__(self, entries: Sequence[CardEntry], current: Path | None, runs_folder: Path, data: str = "") -> None:
        """Offer the cards to start from, the one in use first; `data` is the last export, where there was one."""
        super().__init__()
        self._runs_folder = runs_folder
        self._data = PathField(self.tr("Films to learn from"), data, self.tr("an export, or labelled films"))
        self._split = PathField(
            self.tr("Split into parts"), "", self.tr("split.json in that folder, if there is one"),
            self.tr("Splits (*.json)"),
        )  # fmt: skip
        self._start = QComboBox()
        self._weights = PathField(
            self.tr("Weights file"), "", self.tr("ImageNet's or another detector's"), self.tr("Weights (*.safetensors)")
        )
        self._family = QComboBox()
        self._recipe = QComboBox()
        self._epochs = QSpinBox()
        self._batch = QSpinBox()
        self._validate = QSpinBox()
        self._name = QLineEdit(datetime.now().strftime("%Y-%m-%d_%H-%M"))
        self._about_data = text_label("", "muted", wrap=False)
        self._about_recipe = text_label("", "muted", wrap=False)
        self._wrong = text_label("", "danger")
        self._go = QPushButton(self.tr("&Start training"))
        self._fill(entries, current)
        self._arrange()
        self._connect()
        self._take_recipe()
        self._check()

    def plan(self) -> TrainingPlan:
        """Return what is to be trained; raises EngineError, or ValueError with what is missing, in words."""
        missing = self._missing()
        if missing:
            raise ValueError(missing)
        kind, path = self._chosen_start()
        recipe = self._chosen_recipe()
        settings: dict[str, Any] = {"model": self._family.currentText()}
        if kind is Start.CARD and path is not None:
            settings = settings_from_card(path)
        elif kind is Start.FILE:
            settings["init"] = str(Path(self._weights.path).absolute())
        settings.update(recipe.settings, epochs=self._epochs.value(), batch_size=self._batch.value())
        split = split_beside(self._data.path, self._split.path)
        every = self._validate.value() if split is None or read_split(split).valid else 0
        return TrainingPlan(
            Path(self._data.path), self._runs_folder / self._name.text().strip(), split, settings, every or None
        )

    def _fill(self, entries: Sequence[CardEntry], current: Path | None) -> None:
        in_use = current.resolve() if current is not None else None
        for entry in sorted(entries, key=lambda entry: entry.path.resolve() != in_use):
            self._start.addItem(model_name(entry.card), (Start.CARD, entry.path))
        self._start.addItem(self.tr("A weights file…"), (Start.FILE, None))
        self._start.addItem(self.tr("Nothing: random weights"), (Start.NOTHING, None))
        self._family.addItems(family_names())
        self._family.setCurrentText(PAPERS_FAMILY)
        self._recipe.addItems([self.tr(recipe.text) for recipe in RECIPES])
        for box, low, high in ((self._epochs, 1, 1000), (self._batch, 1, 64), (self._validate, 0, 100_000)):
            box.setRange(low, high)
        self._batch.setValue(2)
        self._validate.setValue(50)
        self._validate.setSpecialValueText(self.tr("never"))
        self._validate.setSuffix(self.tr(" steps"))

    def _arrange(self) -> None:
        form = QFormLayout()
        form.addRow(self.tr("&Data"), self._data)
        form.addRow(self.tr("S&plit"), self._split)
        form.addRow("", self._about_data)
        form.addRow(self.tr("Start &from"), self._start)
        form.addRow(self.tr("&Weights file"), self._weights)
        form.addRow(self.tr("&Network family"), self._family)
        form.addRow(self.tr("&Recipe"), self._recipe)
        form.addRow("", self._about_recipe)
        form.addRow(self.tr("&Epochs"), self._epochs)
        form.addRow(self.tr("Films a &batch"), self._batch)
        form.addRow(self.tr("&Measure every"), self._validate)
        form.addRow(self.tr("Name of the r&un"), self._name)
        for widget, name in (
            (self._start, self.tr("Start from")),
            (self._family, self.tr("Network family")),
            (self._recipe, self.tr("Recipe")),
            (self._epochs, self.tr("Epochs: how often each film is seen")),
            (self._batch, self.tr("Films a batch")),
            (self._validate, self.tr("Measure on the validation films every so many steps")),
            (self._name, self.tr("Name of the run")),
        ):
            widget.setAccessibleName(name)
        name_button(self._go)
        row = QHBoxLayout()
        row.addWidget(self._wrong, 1)
        row.addWidget(self._go, 0, Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addStretch(1)
        column.addLayout(row)

    def _connect(self) -> None:
        for field in (self._data, self._split, self._weights):
            field.changed.connect(self._check)
        self._name.textChanged.connect(self._check)
        self._start.currentIndexChanged.connect(self._check)
        self._recipe.currentIndexChanged.connect(self._take_recipe)
        self._go.clicked.connect(self._ask_start)

    def _chosen_start(self) -> tuple[Start, Path | None]:
        kind, path = self._start.currentData()
        return kind, path

    def _chosen_recipe(self) -> Recipe:
        return RECIPES[max(0, self._recipe.currentIndex())]

    def _take_recipe(self) -> None:
        recipe = self._chosen_recipe()
        self._epochs.setValue(recipe.epochs)
        say(self._about_recipe, self.tr(recipe.help))

    def _missing(self) -> str:
        kind, _ = self._chosen_start()
        name = self._name.text().strip()
        if not self._data.path:
            return self.tr("Choose the films to learn from.")
        if not Path(self._data.path).is_dir():
            return self.tr("There is no folder {path}.").format(path=self._data.path)
        if self._split.path and not Path(self._split.path).is_file():
            return self.tr("There is no file {path}.").format(path=self._split.path)
        if kind is Start.FILE and not Path(self._weights.path or "?").is_file():
            return self.tr("Choose the weights file to start from.")
        if not name or Path(name).name != name or name in (".", ".."):
            return self.tr("Give the run a name that can be a folder's name.")
        return ""

    def _check(self) -> None:
        kind, path = self._chosen_start()
        self._weights.setEnabled(kind is Start.FILE)
        self._family.setEnabled(kind is not Start.CARD)
        missing, wrong = self._missing(), self._take_family(path) if kind is Start.CARD else ""
        self._go.setEnabled(not missing and not wrong)
        say(self._wrong, wrong or missing, "danger" if wrong else "muted")
        self._describe_split()

    def _take_family(self, card: Path | None) -> str:
        """Show the family of the card that is started from; return what is wrong with the card."""
        try:
            if card is not None:
                self._family.setCurrentText(str(settings_from_card(card)["model"]))
        except EngineError as error:
            return str(error)
        return ""

    def _describe_split(self) -> None:
        split = split_beside(self._data.path, self._split.path)
        if split is None or not split.is_file():
            export = held_out_folder(Path(self._data.path)) if self._data.path else None
            held = self.tr("The films that the export held out are left for comparing the models.")
            none = self.tr("No split and no hold-out: no film is left for comparing the models.")
            say(self._about_data, held if export is not None else none, "muted" if export is not None else "warning")
            return
        try:
            parts = read_split(split)
        except EngineError as error:
            say(self._about_data, str(error), "danger")
            self._go.setEnabled(False)
            return
        say(self._about_data, self._split_text(parts), "muted" if parts.test else "warning")

    def _split_text(self, parts: Split) -> str:
        text = self.tr("Films: {train} to learn from, {valid} to measure on while training, {test} held out.")
        return text.format(train=len(parts.train), valid=len(parts.valid), test=len(parts.test))

    def _ask_start(self) -> None:
        try:
            plan = self.plan()
        except (EngineError, ValueError) as error:
            say(self._wrong, str(error), "danger")
            return
        self.start_asked.emit(plan)
