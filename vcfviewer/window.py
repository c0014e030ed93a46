"""The window: composes the parts and connects them; decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QSplitter, QVBoxLayout, QWidget

from vcfviewer.actions import ACTIONS, Desk
from vcfviewer.actions.bar import ActionBar, action_keys, key_rows
from vcfviewer.actions.closing import may_close, open_paths
from vcfviewer.actions.held import HeldKeys
from vcfviewer.actions.reacting import Reactions, calibrate
from vcfviewer.canvas.comparison import Comparison
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.jobs import Jobs
from vcfviewer.model_process import ModelProcess
from vcfviewer.panels.banners import BannerStack
from vcfviewer.panels.decision_panel import DecisionPanel
from vcfviewer.panels.dialogs.errors import ErrorBanner
from vcfviewer.panels.dialogs.relabel_popup import RelabelPopup
from vcfviewer.panels.film_facts import FilmFactsBar, ThresholdBar
from vcfviewer.panels.findings import FindingsPanel
from vcfviewer.panels.job_bar import JobBar
from vcfviewer.panels.level_strip import LevelStrip
from vcfviewer.panels.worklist import WorklistPanel
from vcfviewer.screen import Screen
from vcfviewer.session import Session
from vcfviewer.settings import SettingsStore, fill_screen, list_width
from vcfviewer.translation import Texts


class MainWindow(QMainWindow):
    """Worklist on the left, films in the middle, findings and decisions on the right."""

    def __init__(self, settings: SettingsStore, jobs: Jobs, model: ModelProcess) -> None:
        """Build everything; no film is open yet."""
        super().__init__()
        self._settings, self._jobs, self._model, self._texts = settings, jobs, model, Texts(self)
        self._texts(lambda: self.setWindowTitle(self.tr("vcfviewer: research use only, not for diagnosis")))
        self.setAcceptDrops(True)
        self.session = Session(jobs, model, settings.current, self, ShownFilm.of)
        self.comparison = Comparison(self)
        self.worklist = WorklistPanel(self)
        self.findings = FindingsPanel(self)
        self.decisions = DecisionPanel(self)
        self.levels = LevelStrip(self)
        self.threshold = ThresholdBar(self)
        self.job_bar = JobBar(self)
        self.banners = BannerStack(self)
        self.errors = ErrorBanner(self)
        self.relabel = RelabelPopup(self)
        self.screen_of = Screen(
            self.session, self.worklist, self.comparison, self.findings, self.decisions, self.levels,
            FilmFactsBar(self), self.threshold, self.job_bar, self.banners, QLabel(self), QLabel(self), QLabel(self),
        )  # fmt: skip
        self.desk = Desk(
            self, self.session, self.comparison, self.worklist, self.findings, self.screen_of.pair.pairs, self.relabel,
            self.errors, settings, jobs, self.statusBar().showMessage, lambda: action_keys(ACTIONS),
            lambda: key_rows(ACTIONS, settings.current.keys),
        )  # fmt: skip
        self._arrange()
        self.bar = ActionBar(self, self.desk, ACTIONS, settings.current.keys)
        self.reactions = Reactions(self.desk, self.screen_of, self.bar)
        self._connect_session()
        self._connect_canvas()
        self._connect_panels()
        self._held = HeldKeys.of(self, self.comparison)
        if not settings.restore_window(self):
            fill_screen(self)
        self.reactions.use_model()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask where something is unsaved or trains; then let everything finish."""
        if not may_close(self.desk):
            event.ignore()
            return
        self.decisions.film.commit_comment()
        self.session.second.stop()
        self._settings.save_window(self)
        self.session.close()
        self._jobs.close()
        self._model.close()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            open_paths(self.desk, paths)

    def _arrange(self) -> None:
        screen = self.screen_of
        screen.blocked.setWordWrap(True)
        screen.blocked.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        screen.blocked.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._texts(lambda: screen.blocked.setAccessibleName(self.tr("Why no film is shown")))
        screen.blocked.hide()
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for above in (self.errors, self.banners, screen.facts):
            column.addWidget(above)
        films = QSplitter(middle)
        for beside in (self.levels, self.comparison, screen.blocked):
            films.addWidget(beside)
        films.setStretchFactor(1, 1)
        films.setStretchFactor(2, 1)
        films.setSizes([110, 1000, 400])
        column.addWidget(films, 1)
        column.addWidget(self.threshold)
        column.addWidget(screen.pair.thresholds)
        self.setCentralWidget(middle)
        self._dock("worklist", lambda: self.tr("Films"), self.worklist, list_width(self), left=True)
        self._dock("findings", lambda: self.tr("Findings"), screen.pair.places, 420)
        self._dock("decisions", lambda: self.tr("Decisions"), self.decisions, 420)
        for below in (screen.pointer, screen.summary, self.job_bar):
            self.statusBar().addPermanentWidget(below)
        self._texts(lambda: screen.pointer.setAccessibleName(self.tr("Pointer")))
        self._texts(lambda: screen.summary.setAccessibleName(self.tr("Film figures")))

    def _dock(self, name: str, title: Callable[[], str], widget: QWidget, width: int, *, left: bool = False) -> None:
        dock = QDockWidget(self)
        dock.setObjectName(name)
        dock.setWidget(widget)
        if widget.minimumSizeHint().width() < width * 2 // 3:
            widget.setMinimumWidth(width * 2 // 3)
        sides = Qt.DockWidgetArea
        self.addDockWidget(sides.LeftDockWidgetArea if left else sides.RightDockWidgetArea, dock)
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        self._texts(lambda: dock.setWindowTitle(title()))

    def _connect_session(self) -> None:
        session, screen, react = self.session, self.screen_of, self.reactions
        session.listed.connect(react.listed)
        session.opening.connect(react.opening)
        session.shown.connect(react.shown)
        session.blocked.connect(screen.show_blocked)
        for told in (session.told, self._settings.failed, self.comparison.measured, self.comparison.status):
            told.connect(self.desk.tell)
        session.failed.connect(react.failed)
        session.case.changed.connect(react.case_changed)
        session.case.chosen.connect(screen.show_choice)
        session.case.chosen.connect(lambda _key: self.bar.refresh())
        session.folder.row_changed.connect(self.worklist.update_row)
        session.predicting.working.connect(react.working)
        session.predicting.progress.connect(screen.show_progress)
        session.predicting.progress.connect(lambda _state: self.bar.refresh())
        session.saving.pending.connect(screen.show_pending)
        session.saving.saved.connect(screen.show_saved)
        self._jobs.failed.connect(react.failed)
        self._settings.changed.connect(react.settings_changed)

    def _connect_canvas(self) -> None:
        canvas, screen, react = self.comparison, self.screen_of, self.reactions
        canvas.edit_asked.connect(react.edit)
        canvas.relabel_asked.connect(react.relabel_asked)
        canvas.selection_changed.connect(react.selected)
        canvas.preview.connect(screen.show_preview)
        canvas.pointer.connect(screen.show_pointer)
        canvas.display_changed.connect(react.display_changed)
        canvas.tool_changed.connect(lambda _name: self.bar.refresh())
        canvas.calibration_asked.connect(lambda pixels: calibrate(self.desk, pixels))
        canvas.menu_asked.connect(react.menu)

    def _connect_panels(self) -> None:
        session, desk, react = self.session, self.desk, self.reactions
        self.worklist.film_chosen.connect(session.select)
        self.findings.finding_chosen.connect(desk.choose)
        self.findings.accept_asked.connect(lambda key: react.on(key, "accept"))
        self.findings.withdraw_asked.connect(lambda key: react.on(key, "withdraw"))
        self.findings.reject_asked.connect(react.reject)
        self.levels.level_chosen.connect(react.level)
        self.threshold.changed.connect(session.case.set_threshold)
        finding, film = self.decisions.finding, self.decisions.film
        finding.accept_asked.connect(lambda: self.bar.action("accept").trigger())
        finding.accept_and_edit_asked.connect(lambda: self.bar.action("accept_and_edit").trigger())
        finding.reject_asked.connect(session.deciding.reject)
        finding.withdraw_asked.connect(session.deciding.withdraw)
        finding.attribute_asked.connect(lambda name, value: session.deciding.set_attributes({name: value}))
        film.status_asked.connect(lambda status: session.deciding.set_film(status=status))
        film.flag_asked.connect(lambda flagged: session.deciding.set_film(flagged=flagged))
        film.comment_asked.connect(lambda text: session.deciding.set_film(comment=text))
        film.accept_all_asked.connect(session.deciding.accept_all)
        self.relabel.chosen.connect(react.relabel)
        self.banners.acted.connect(react.banner)
        self.job_bar.pause_asked.connect(lambda _paused: session.predicting.pause_folder(session.folder.store))
        self.job_bar.cancel_asked.connect(session.predicting.cancel_folder)
