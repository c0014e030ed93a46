"""The reader's desk: everything an action may reach, and the walk from film to film."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow

from engine.review import FilmSummary
from engine.store import FolderStore
from vcfviewer.canvas.comparison import Comparison
from vcfviewer.canvas.values import ToolName, ViewMode, ViewState
from vcfviewer.jobs import Jobs
from vcfviewer.panels.dialogs.errors import ErrorBanner
from vcfviewer.panels.dialogs.keys_editor import ActionKey
from vcfviewer.panels.dialogs.keys_sheet import KeyRow
from vcfviewer.panels.dialogs.relabel_popup import RelabelPopup
from vcfviewer.panels.findings import FindingsPanel
from vcfviewer.panels.pairs import PairPanel
from vcfviewer.panels.worklist import WorklistPanel
from vcfviewer.panels.worklist_rows import WorkRow
from vcfviewer.session import Session
from vcfviewer.session.deciding import on_its_way
from vcfviewer.session.predicting import FolderProgress
from vcfviewer.settings import SettingsStore
from vcfviewer.translation import translate

PATIENCE_MS = 250
"""How often it is looked whether a dialog is closed."""


@dataclass(frozen=True, slots=True)
class Former:
    """How a film was looked at before two models were compared on it."""

    key: str
    view: ViewState
    mode: ViewMode
    tool: ToolName
    selection: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """Which film is meant: films of two folders may have one key."""

    store: FolderStore | None
    key: str


@dataclass(slots=True, weakref_slot=True, eq=False)
class Desk:
    """Introduces the parts of the window to the actions; `tell` shows a sentence in the status bar."""

    window: QMainWindow
    session: Session
    comparison: Comparison
    worklist: WorklistPanel
    findings: FindingsPanel
    pairs: PairPanel
    relabel: RelabelPopup
    errors: ErrorBanner
    settings: SettingsStore
    jobs: Jobs
    tell: Callable[[str], None]
    action_keys: Callable[[], tuple[ActionKey, ...]]
    key_rows: Callable[[], tuple[KeyRow, ...]]
    first_finding: str = ""
    """The film that was opened for its first disagreement, which is gone to as soon as it is predicted; "" for none."""
    shapes_hidden: bool = False
    former: Former | None = None
    """What the reader left when two models were compared."""
    in_labelme: str = ""
    """The key of the film that labelme has open, "" for none."""
    asked_on: Place | None = None
    """The film for which a label was asked last."""
    finished: Place | None = None
    """The film that was finished last, for as long as nothing was edited since."""

    @property
    def place(self) -> Place:
        """Return which film is on the screen."""
        return Place(self.session.folder.store, self.session.case.key)

    @property
    def has_film(self) -> bool:
        """Whether a film is on the screen."""
        return self.session.case.case is not None

    @property
    def can_edit(self) -> bool:
        """Whether a film is on the screen and may be edited."""
        return self.has_film and not self.session.document.read_only and not self.session.second.active

    def must_wait(self) -> bool:
        """Whether another film is on its way, which an edit may have been meant for; then the reader is told so."""
        awaited = self.session.deciding.awaited
        if awaited:
            self.tell(on_its_way(awaited))
        return bool(awaited)

    def when_free(self, then: Callable[[], None]) -> None:
        """Do something that changes the film once no dialog or list is open, whose answer is meant for this one."""
        asking = any(dialog.isVisible() for dialog in self.window.findChildren(QDialog))
        if asking or self.relabel.isVisible() or QApplication.activePopupWidget() is not None:
            QTimer.singleShot(PATIENCE_MS, self.window, lambda: self.when_free(then))
        else:
            then()

    @property
    def own_selection(self) -> tuple[str, ...]:
        """Return the ids of the reader's shapes that are selected."""
        annotation = self.session.document.annotation
        shapes = () if annotation is None else annotation.shapes
        return tuple(shape.id for shape in shapes if shape.id in self.comparison.selection)

    def runs_folder(self) -> Path:
        """Return the folder of trainings: the reader's choice, else one in the user's data folder."""
        chosen = self.settings.current.runs_folder
        place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
        return Path(chosen) if chosen else Path(place) / "trainings"

    def take_model(self) -> None:
        """Predict the film on the screen with the model in use now."""
        film = self.session.folder.film(self.session.case.key)
        self.session.case.set_prediction(None)
        if film is not None:
            self.session.predicting.predict(film, self.session.folder.store, self.session.case.digest)

    def go(self, step: int) -> None:
        """Open the next or previous film in the order shown."""
        key = self.worklist.step(step, self.worklist.current or None)
        if key:
            self.open_film(key)
        else:
            self.tell(
                translate("desk", "This is the last film of the list.")
                if step > 0
                else translate("desk", "This is the first film of the list.")
            )

    def go_on(self) -> None:
        """Open the next film that nobody is finished with, from the top of the list again after the last one."""
        key = self._next_to_be_read()
        if key:
            self.open_film(key)
        else:
            self.tell(translate("desk", "No film of the list is left to be reviewed."))

    def likely_next(self) -> list[str]:
        """Return the films that one key leads to from the current one: the likeliest first."""
        current = self.worklist.current or None
        keys = (self.worklist.step(1, current), self._next_to_be_read(), self.worklist.step(-1, current))
        return list(dict.fromkeys(key for key in keys if key))

    def _next_to_be_read(self) -> str | None:
        key = self.worklist.next_where(is_to_be_read, self.worklist.current or None)
        return None if key == self.worklist.current else key

    def open_film(self, key: str, *, for_finding: bool = False) -> None:
        """Open a film and mark its row; with `for_finding` go to its first disagreement as well."""
        self.first_finding = key if for_finding else ""
        self.worklist.set_current(key)
        if key != self.session.case.key or self.session.deciding.awaited:
            self.session.select(key)

    def choose(self, key: str) -> None:
        """Go to a finding: its row, its shapes, and both views on it."""
        row = self.session.case.row(key)
        if row is None:
            return
        # The selection first: what is possible now is looked at once the finding is chosen.
        self.mark(row.key)
        self.session.case.choose(row.key)
        self.comparison.frame(row.bounds)

    def mark(self, key: str = "") -> None:
        """Select a finding's shapes on both sides, those of the one in question by default."""
        row = self.session.case.row(key)
        if row is not None:
            self.comparison.select(frozenset(one.id for one in (row.expert, row.predicted) if one is not None))

    def next_disagreement(self, step: int = 1) -> None:
        """Go to the next finding to be looked at, on this film or on the next that has one."""
        if self.session.deciding.must_commit():
            return
        key = self.session.deciding.next_open(step)
        if key:
            self.choose(key)
            return
        found = self.worklist.next_where(needs_a_look, self.worklist.current or None, step)
        if found and found != self.session.case.key:
            self.open_film(found, for_finding=True)
        elif any(row.is_open for row in self.session.case.compared) and step > 0:
            self.session.case.choose("")
            self.tell(translate("desk", "No further disagreement below; N starts again from the top of this film."))
        else:
            self.tell(
                translate("desk", "No disagreement is left in the films predicted so far. Predict the folder for more.")
                if self.worklist.next_where(is_to_be_predicted, None)
                else translate("desk", "No disagreement is left in the films of the list.")
            )

    def tell_predicted(self, state: FolderProgress) -> None:
        """Say that the folder is predicted, once it is, and how many films the model couldn't look at."""
        if state.running or not state.total:
            return
        films = state.total - state.failed
        text = translate("desk", "Films predicted: {films}. N goes to the next disagreement.").format(films=films)
        if state.failed:
            text += " " + translate("desk", "Films that couldn't be predicted: {failed}.").format(failed=state.failed)
        self.tell(text)

    @property
    def awaits_finding(self) -> bool:
        """Whether the film on the screen, and not only one on its way, was opened for its first disagreement."""
        return bool(self.first_finding) and self.first_finding == self.session.case.key

    def arrived(self) -> None:
        """Go to the first disagreement of a film that was opened for its sake."""
        if self.awaits_finding and self.session.case.compared:
            self.first_finding = ""
            key = self.session.deciding.next_open(1)
            if key:
                self.choose(key)


def needs_a_look(row: WorkRow) -> bool:
    """Whether a film of the list has a disagreement that nobody decided on."""
    summary: FilmSummary | None = row.summary
    return summary is not None and summary.undecided > 0


def is_to_be_read(row: WorkRow) -> bool:
    """Whether a film of the list can be shown, and no reader has said that the review of it is finished."""
    return not row.is_blocked and not row.status.is_final


def is_to_be_predicted(row: WorkRow) -> bool:
    """Whether a film of the list can be shown, and the model hasn't spoken on it yet."""
    return not row.is_blocked and row.compared is None
