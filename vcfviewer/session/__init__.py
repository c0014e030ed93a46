"""What is open: folder, film, prediction, decisions, and how they are kept.

Decision: five small objects under one, each with the signals of its own matter. Rejected: one session that does all,
which grows with every feature. Consequence: whoever needs a part names it, `session.deciding.accept()`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.control import CancelToken
from engine.domain.annotation import Annotation
from engine.domain.case import Prediction
from engine.domain.labels import LabelTable
from engine.errors import ConfigError, EngineError
from engine.films import Film
from engine.formats.label_table import read_label_table
from engine.review.opening import OpenedCase, open_case
from engine.store import OUTSIDE_TEXT, FolderStore
from vcfviewer.document import Document
from vcfviewer.jobs import Jobs, Lane
from vcfviewer.model_process import ModelProcess
from vcfviewer.session.case import CaseSession
from vcfviewer.session.deciding import Deciding
from vcfviewer.session.figures import Figures
from vcfviewer.session.listing import FolderSession, ListedFilm
from vcfviewer.session.predicting import Predicting
from vcfviewer.session.reading import Reading
from vcfviewer.session.saving import Saving
from vcfviewer.session.second import SecondModel
from vcfviewer.settings import Settings

HEARTBEAT_MILLISECONDS = 15_000


class Session(QObject):
    """Composes the parts, opens films one after the other, and tells what the window shows."""

    listed = Signal(object)  # Listing
    leaving = Signal()  # the folder, while its film is still there
    opening = Signal(str)  # key
    shown = Signal(str, object)  # key, OpenedCase
    blocked = Signal(str, str)  # key, the reason why the film can't be shown
    told = Signal(str)  # one sentence for the status bar
    failed = Signal(str, object)  # what was being done, the error

    def __init__(
        self,
        jobs: Jobs,
        model: ModelProcess,
        settings: Settings,
        parent: QObject | None = None,
        prepare: Callable[[Film], object] | None = None,
    ) -> None:
        """Compose the parts; nothing is open yet.

        `prepare` makes of each film, in the reading lane, what its drawing needs; `prepared` is that of the film shown.
        """
        super().__init__(parent)
        self._jobs = jobs
        self._reading = Reading(jobs, prepare)
        self.prepared: object = None
        self.labels = LabelTable()
        self.document = Document(self)
        self.folder = FolderSession(jobs, self)
        self.case = CaseSession(self.document, jobs, self)
        self.deciding = Deciding(self.document, self.case, self)
        self.predicting = Predicting(jobs, model, self)
        self.second = SecondModel(self.case, self.predicting, jobs, model, self)
        self.saving = Saving(jobs, self)
        self.figures = Figures(self.case, self.folder, self.predicting, jobs, self)
        self._settings = settings
        self._asked = ""
        self._label_table = ""
        self._heartbeat = QTimer(self)
        self._heartbeat.setInterval(HEARTBEAT_MILLISECONDS)
        self._heartbeat.timeout.connect(self._beat)
        self._connect()
        self.use_settings(settings)

    def use_settings(self, settings: Settings) -> None:
        """Take over what the reader chose."""
        self._settings = settings
        self.deciding.reader = settings.reader
        if settings.model_card:
            self.predicting.card_path = Path(settings.model_card)
        self.case.set_rules(settings.iou_threshold, settings.blind_first_read, settings.facing)
        if settings.label_table != self._label_table:
            self._label_table = settings.label_table
            self._use_labels()

    def _use_labels(self) -> None:
        """Read the reader's own label texts, and the film on the screen once more by them."""
        self.labels = LabelTable()
        if self._label_table:
            try:
                self.labels = read_label_table(Path(self._label_table))
            except ConfigError as error:
                problem = error
                # Later: at the program's start nobody listens yet.
                QTimer.singleShot(0, self, lambda: self.failed.emit(self.tr("Reading the label table"), problem))
        self.deciding.labels = self.saving.labels = self.figures.labels = self.labels
        if self.case.key:
            self.select(self.case.key)

    def open(self, paths: Sequence[Path]) -> None:
        """Open folders, films and labelme files in place of what is open."""
        self._reading.give_way()
        annotations = self._settings.annotations_folder
        self.folder.open(paths, self._settings.reader, Path(annotations) if annotations else None)

    def select(self, key: str) -> None:
        """Read a film and its annotation whole, and only then show it; a newer request wins."""
        film, store = self.folder.film(key), self.folder.store
        if film is None:
            return
        self.opening.emit(key)
        self._await(key)
        if film.item.reason:
            self._block(key, film.item.reason)
        elif self.saving.is_writing(key):
            # Read now, it would come without the edits that are still on their way to the disk.
            self.saving.when_written(key, lambda: self._read(film, store) if self._asked == key else None)
        else:
            self._read(film, store)

    def _read(self, film: ListedFilm, store: FolderStore | None) -> None:
        key = film.key
        read, labels = self._reading.to_open(film), self.labels

        def work(cancel: CancelToken) -> tuple[OpenedCase, object]:
            ready = read(cancel)
            return open_case(film.item, store, labels, cancel, ahead=ready.read), ready.prepared

        self._jobs.submit(
            Lane.READING,
            self.tr("Opening {film}").format(film=key),
            work,
            lambda opened: self._show(film, store, *opened),
            lambda error: self._not_read(key, error),
        )

    def read_ahead(self, keys: Sequence[str]) -> None:
        """Read these films, the likely next ones, while nobody waits."""
        films = [film for key in keys if (film := self.folder.film(key)) is not None]
        self._reading.ahead([film for film in films if not film.item.reason and film.key != self.case.key])

    def predict_folder(self) -> None:
        """Predict all films of the folder in the background."""
        if self.folder.store is not None:
            self.predicting.predict_folder(self.folder.films(), self.folder.store)

    def settle(self, theirs: Annotation, chosen: Annotation, text: str, sha256: str | None) -> None:
        """End a conflict of the film on the screen: `chosen` goes on, and is saved over the file of this sha256.

        Two steps, so that undo leads over their version. Should the file have changed once more by then, the reader
        is asked once more.
        """
        self.document.edit(OUTSIDE_TEXT, theirs, kind="outside")
        self.document.edit(text, chosen)
        self.saving.settle(self.case.key, sha256)

    def close(self) -> None:
        """Let go of film and folder; what is to be written goes into the writing lane."""
        self._heartbeat.stop()
        self.figures.stop()
        self.predicting.cancel_folder()
        self._leave()
        self.saving.stop()
        self.case.close()
        self.folder.close()
        self._reading.close()

    def _connect(self) -> None:
        self.folder.leaving.connect(self._leave_folder)
        self.folder.listed.connect(self.listed)
        self.folder.failed.connect(lambda error: self.failed.emit(self.tr("Opening the folder"), error))
        self.document.recorded.connect(lambda recorded: self.saving.record(self.case.key, recorded))
        self.deciding.refused.connect(self.told)
        self.predicting.predicted.connect(self._predicted)
        self.predicting.unkept.connect(lambda error: self.failed.emit(self.tr("Keeping a prediction"), error))
        for model in (self.predicting, self.second):
            model.failed.connect(
                lambda key, error: self.failed.emit(self.tr("Predicting {film}").format(film=key), error)
            )

    def _leave_folder(self) -> None:
        """Let go of the film while its own folder is still open: the next one may hold a film of the same name."""
        self.leaving.emit()
        self._await("")
        self.figures.stop()
        self.predicting.cancel_folder()
        self._leave()
        self.saving.forget()
        self._reading.leave_folder()
        self.case.close()
        self.prepared = None

    def _await(self, key: str) -> None:
        """Let nothing be edited while a film is on its way, "" for none: the reader has that one in mind already."""
        self._asked = self.deciding.awaited = key

    def _leave(self, following: str = "") -> None:
        """Note the film's figures and let go of it, unless the one that follows is the same, held anew already."""
        self.second.leave_film()
        key, store, case = self.case.key, self.folder.store, self.case.case
        self.figures.note_now()
        if key and key != following and store is not None and case is not None and case.holder is None:
            self.saving.release(key, store)

    def _show(self, film: ListedFilm, store: FolderStore | None, case: OpenedCase, prepared: object) -> None:
        """Show a film that was read, unless another one is wanted by now, or its folder was left."""
        if film.key != self._asked or store is not self.folder.store:
            return
        self._await("")
        self._leave(film.key)
        if not self._heartbeat.isActive():
            self._heartbeat.start()
        folder = self._settings.annotations_folder
        self.saving.begin(film.key, case, store, Path(folder) if folder else None)
        self.case.open(film.key, case)
        self.prepared = prepared
        self.shown.emit(film.key, case)
        if self._settings.predict_on_open or self.second.on:
            self.predicting.predict(film, store, case.film_sha256)
        self.second.predict(film, store, case.film_sha256)

    def _not_read(self, key: str, error: Exception) -> None:
        if not isinstance(error, (EngineError, OSError)):
            self._await("")
            raise error
        self._block(key, str(error))

    def _block(self, key: str, reason: str) -> None:
        self._await("")
        self._leave()
        self.case.close()
        self.prepared = None
        self.blocked.emit(key, reason)

    def _predicted(self, key: str, prediction: Prediction) -> None:
        if key == self.case.key:
            self.case.set_prediction(prediction)
        else:
            self.figures.compare(key, prediction)

    def _beat(self) -> None:
        key, store, case = self.case.key, self.folder.store, self.case.case
        if key and store is not None and case is not None and case.holder is None:
            self._jobs.submit(
                Lane.WRITING,
                self.tr("Holding the film"),
                lambda _cancel: store.heartbeat(),
                lambda films: self._still_hold(films, store),
            )

    def _still_hold(self, films: frozenset[str], store: FolderStore) -> None:
        """Let go of films that were opened and never shown; `films` are those this window holds.

        The one shown is opened anew, to be read only, where another window took it over: this one was silent too long.
        """
        case, key = self.case.case, self.case.key
        if store is not self.folder.store:
            return
        for other in films - {key, self._asked}:
            self.saving.release(other, store)
        if case is not None and case.holder is None and not self._asked and key not in films:
            self.select(key)
