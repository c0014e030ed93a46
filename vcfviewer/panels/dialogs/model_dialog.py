"""Which model predicts: the list of model cards, one of them in use, more added by file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.domain.case import ModelCard
from engine.errors import WeightsError
from engine.weights import read_card
from vcfviewer.panels.dialogs._parts import name_buttons, say, text_label
from vcfviewer.panels.dialogs.card_view import CardView
from vcfviewer.panels.words import family_title, model_name, notice_text


@dataclass(frozen=True, slots=True)
class CardEntry:
    """A model card and where its file lies."""

    path: Path
    card: ModelCard


def find_cards(folders: Sequence[Path], files: Sequence[Path] = ()) -> tuple[tuple[CardEntry, ...], tuple[str, ...]]:
    """Return the cards in `folders` and `files`, each once, and what is wrong with those that can't be read."""
    paths = [path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.card.json"))]
    entries: list[CardEntry] = []
    wrong: list[str] = []
    for path in dict.fromkeys(path.resolve() for path in (*paths, *files)):
        try:
            entries.append(CardEntry(path, checked_card(path)))
        except WeightsError as error:
            wrong.append(str(error))
    return tuple(entries), tuple(wrong)


def checked_card(path: Path) -> ModelCard:
    """Read a card whose shards lie beside it; raises WeightsError that names what is wrong or missing."""
    card = read_card(path)
    missing = [name for name in card.shards if not (path.parent / name).is_file()]
    if missing or not card.shards:
        lacks = ", ".join(missing) or "any weights"
        raise WeightsError(path, f"the model lacks {lacks}; copy its weights beside the card")
    return card


class ModelDialog(QDialog):
    """A list on the left, the marked model's card on the right."""

    chosen = Signal(str)
    """The path of the card to use from now on."""

    added = Signal(str)
    """The path of a card that the reader added to the list."""

    def __init__(
        self,
        entries: Sequence[CardEntry],
        current: Path | None,
        wrong: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        """Show the cards with the one in use marked; `wrong` says which cards could not be read."""
        super().__init__(parent)
        self.setWindowTitle(self._title())
        self._entries = list(entries)
        self._current = current.resolve() if current is not None else None
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Models"))
        self._view = CardView()
        self._said = text_label("", "danger")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._use = self._buttons.addButton(self._use_text(), QDialogButtonBox.ButtonRole.AcceptRole)
        self._add = self._buttons.addButton(self.tr("&Add a model card…"), QDialogButtonBox.ButtonRole.ActionRole)
        name_buttons(self._buttons)
        both = QHBoxLayout()
        both.addWidget(self._list, 1)
        both.addWidget(self._view, 2)
        column = QVBoxLayout(self)
        column.addWidget(text_label(notice_text(), "notice"))
        column.addLayout(both, 1)
        column.addWidget(self._said)
        column.addWidget(self._buttons)
        self._list.currentRowChanged.connect(self._show_row)
        self._list.itemActivated.connect(self._take)
        self._buttons.accepted.connect(self._take)
        self._buttons.rejected.connect(self.reject)
        self._add.clicked.connect(self._ask_file)
        self._fill()
        say(self._said, "\n".join(wrong))
        self.resize(900, 600)
        self._list.setFocus()

    def _title(self) -> str:
        return self.tr("Model")

    def _use_text(self) -> str:
        return self.tr("&Use this model")

    def _in_use(self) -> str:
        return self.tr("{model}  (in use)")

    def add_card(self, path: Path) -> None:
        """Add a card by its file and mark it; what is wrong with it is shown, and the list stays as it was."""
        try:
            entry = CardEntry(path.resolve(), checked_card(path))
        except WeightsError as error:
            say(self._said, str(error))
            return
        say(self._said, "")
        known = [one.path for one in self._entries]
        if entry.path not in known:
            self._entries.append(entry)
            self._fill()
            self.added.emit(str(entry.path))
        self._list.setCurrentRow([one.path for one in self._entries].index(entry.path))

    def _fill(self) -> None:
        self._list.clear()
        for entry in self._entries:
            item = QListWidgetItem(self._entry_text(entry))
            item.setToolTip(str(entry.path))
            item.setData(Qt.ItemDataRole.UserRole, str(entry.path))
            self._list.addItem(item)
        self._list.setCurrentRow(self._first_row([entry.path.resolve() for entry in self._entries]))
        self._show_row(self._list.currentRow())

    def _first_row(self, paths: Sequence[Path]) -> int:
        return paths.index(self._current) if self._current in paths else 0

    def _entry_text(self, entry: CardEntry) -> str:
        """Return name, family and threshold: two trainings of one family often have names that are much alike."""
        name, card = model_name(entry.card), entry.card
        if entry.path.resolve() == self._current:
            name = self._in_use().format(model=name)
        about = self.tr("{family}, score threshold {threshold}")
        return f"{name}\n{about.format(family=family_title(card.model), threshold=f'{card.score_threshold:.2f}')}"

    def _show_row(self, row: int) -> None:
        here = 0 <= row < len(self._entries)
        self._use.setEnabled(here and self._entries[row].path.resolve() != self._current)
        if here:
            self._view.show_card(self._entries[row].card)

    def _take(self) -> None:
        row = self._list.currentRow()
        if not 0 <= row < len(self._entries):
            return
        self.accept()
        if self._entries[row].path.resolve() != self._current:
            self.chosen.emit(str(self._entries[row].path))

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Add a model card"), "", self.tr("Model cards (*.card.json)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.add_card(Path(name)))
        dialog.open()


class SecondModelDialog(ModelDialog):
    """Which model is compared with the one in use, which is listed too and can't be chosen."""

    def _title(self) -> str:
        return self.tr("Compare with another model")

    def _use_text(self) -> str:
        return self.tr("&Compare with this model")

    def _in_use(self) -> str:
        return self.tr("{model}  (A, in use)")

    def _first_row(self, paths: Sequence[Path]) -> int:
        return next((row for row, path in enumerate(paths) if path != self._current), 0)
