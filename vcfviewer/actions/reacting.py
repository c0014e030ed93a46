"""What the program does when something happens: the counterpart of the action table."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QInputDialog, QMenu

from engine.domain.decisions import RejectReason
from engine.domain.labels import Level
from engine.films import Display
from engine.review.opening import OpenedCase
from vcfviewer.actions import conflicts, opening, two_models
from vcfviewer.actions.bar import ActionBar
from vcfviewer.actions.closing import open_paths
from vcfviewer.actions.desk import Desk
from vcfviewer.actions.edit_actions import finish_drawing_as
from vcfviewer.canvas.values import EditRequest
from vcfviewer.panels.banners import BannerKind
from vcfviewer.panels.dialogs.errors import describe_error
from vcfviewer.screen import Screen
from vcfviewer.session.listing import Listing
from vcfviewer.settings import Settings, Theme
from vcfviewer.theme import apply_theme, dress
from vcfviewer.translation import install_translation, translate


class Reactions(QObject):
    """One method for each thing that happens and takes more than showing."""

    def __init__(self, desk: Desk, screen: Screen, bar: ActionBar) -> None:
        """React for the window of `desk`."""
        super().__init__(desk.window)
        self._desk, self._screen, self._bar = desk, screen, bar
        self._theme, self._language = desk.settings.current.theme, desk.settings.current.language
        self._annotations = desk.settings.current.annotations_folder
        self._at_work = ""
        use_labels(desk)
        two_models.connect(desk, screen.pair, self.case_changed, lambda: self.working(self._at_work))
        desk.session.saving.outside.connect(lambda pending: conflicts.ask(desk, pending))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.system_scheme_changed)
        # An edit is told of before the stack counts it: what can be undone is known only then.
        stack = desk.session.document.undo_stack
        stack.canUndoChanged.connect(lambda _can: bar.refresh())
        stack.canRedoChanged.connect(lambda _can: bar.refresh())
        desk.session.predicting.progress.connect(desk.tell_predicted)
        desk.session.document.recorded.connect(lambda _change: edited(desk))
        desk.session.leaving.connect(screen.decisions.film.commit_comment)

    def listed(self, listing: Listing) -> None:
        """Show a folder, and its first film."""
        self._screen.show_listing(listing)
        self._desk.tell(" ".join(listing.store.notes))
        self._desk.settings.replace(last_folder=str(listing.root))
        self._bar.refresh()
        first = listing.wanted or self._desk.worklist.step(1, None)
        if first:
            self._desk.open_film(first)

    def opening(self, key: str) -> None:
        """Say which film is on its way; what was typed as a comment belongs to the one before."""
        self._screen.decisions.film.commit_comment()
        self._desk.worklist.set_current(key)

    def shown(self, key: str, case: OpenedCase) -> None:
        """Show a film, and read the next ones ahead."""
        self._screen.show_film(key, case)
        self._desk.tell(self._desk.comparison.hint)
        self._bar.refresh()
        self._desk.session.read_ahead(self._desk.likely_next())
        conflicts.ask_opened(self._desk, case)

    def case_changed(self) -> None:
        """Show what changed in the film at hand."""
        self._screen.show_case()
        two_models.arrived(self._desk)
        self._bar.refresh()

    def edit(self, request: EditRequest) -> None:
        """Run an edit that a tool asks for."""
        if not self._desk.session.deciding.apply(request.text, request.apply, request.merge_key):
            self._desk.comparison.keep_status()  # Why, which the usual hint would replace at once.
        self._screen.show_preview(None)

    def selected(self, ids: frozenset[str]) -> None:
        """Take the finding of what was clicked for the one in question."""
        self._screen.choose_by_shapes(ids)
        self._bar.refresh()

    def display_changed(self, display: Display) -> None:
        """Remember how the reader looks at this film."""
        self._screen.remember(display)

    def menu(self, at: QPoint) -> None:
        """Show what can be done with the finding under the pointer."""
        menu = QMenu(self._desk.window)
        if self._desk.session.second.active:
            for name in ("fit_finding", "compare_models"):
                menu.addAction(self._bar.action(name))
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(at)
            return
        for name in ("accept", "accept_and_edit", "copy_from_model", "relabel", "duplicate", "delete", "withdraw"):
            menu.addAction(self._bar.action(name))
        menu.addSeparator()
        for number in range(1, 6):
            menu.addAction(self._bar.action(f"reject_{number}"))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def on(self, key: str, action: str) -> None:
        """Do something with a named finding."""
        self._desk.choose(key)
        self._bar.action(action).trigger()

    def reject(self, key: str, reason: RejectReason) -> None:
        """Reject a named finding."""
        self._desk.choose(key)
        self._desk.session.deciding.reject(reason)

    def relabel_asked(self, ids: frozenset[str]) -> None:
        """Ask for the label of shapes, or (without ids) of the outline that is being drawn."""
        if ids:
            self._desk.comparison.select(ids)
        self._bar.action("relabel").trigger()

    def relabel(self, label: str) -> None:
        """Give what is drawn or selected the label that was chosen, if it was asked for on this film."""
        if self._desk.place != self._desk.asked_on:
            self._desk.tell(translate("desk", "Another film is on the screen now: nothing was relabelled."))
            return
        if finish_drawing_as(self._desk, label):
            return
        row = self._desk.session.case.row()
        ids = frozenset(self._desk.own_selection) or (frozenset() if row is None else frozenset((row.key,)))
        if ids:
            self._desk.session.deciding.relabel(ids, label)

    def level(self, level: Level) -> None:
        """Go to what there is of a level."""
        go_to_level(self._desk, level)
        self._bar.refresh()

    def working(self, key: str) -> None:
        """Say that the model looks at the film at hand, or else what the second one does."""
        self._at_work = key
        second, text = self._desk.session.second, ""
        if self._at_work:
            text = translate("desk", "Model at work…")
        elif second.predicting:
            text = translate("desk", "Model B at work…")
        elif second.searching:
            text = translate("desk", "Looking for the next film on which A and B differ…")
        self._screen.jobs.show_activity(text)

    def banner(self, kind: BannerKind) -> None:
        """Do what a banner's button says."""
        saving = self._desk.session.saving
        if kind is BannerKind.BLIND_READ:
            self._bar.action("commit_read").trigger()
        elif kind is BannerKind.TWO_MODELS:
            self._bar.action("compare_models").trigger()
        elif kind is BannerKind.SECOND_WINDOW:
            self._desk.session.select(self._desk.session.case.key)
        elif kind is BannerKind.OUTSIDE_CHANGE:
            for pending in saving.unsaved:
                if pending.outside is not None:
                    conflicts.ask(self._desk, pending)
                    return
        else:
            saving.try_again()

    def failed(self, doing: str, error: Exception) -> None:
        """Show an error, and let the reader go on."""
        self._desk.errors.show_error(describe_error(doing, error))

    def use_model(self) -> None:
        """Take the threshold of the model in use."""
        card = opening.card_in_use(self._desk)
        if card is not None:
            self._screen.threshold.set_model(card.score_threshold)
            self._desk.session.case.set_threshold(card.score_threshold)
        two_models.take_first(self._desk)

    def settings_changed(self, settings: Settings) -> None:
        """Take over what the reader changed."""
        # A comment that is still being typed would be replaced by the one that is kept.
        self._screen.decisions.film.commit_comment()
        before, blind = self._desk.session.predicting.card_path, self._desk.session.case.blind
        self._desk.session.use_settings(settings)
        use_labels(self._desk)
        if settings.blind_first_read is not blind:
            self._screen.show_rows(self._desk.session.folder.films())
        self._bar.use_keys(settings.keys)
        app = QApplication.instance()
        if settings.theme is not self._theme and isinstance(app, QApplication):
            self._theme = settings.theme
            apply_theme(app, settings.theme)
            self._bar.use_icons()
        if settings.language != self._language and app is not None:
            self._language = settings.language
            install_translation(app, settings.language)
            self._screen.speak()
            self.working(self._at_work)
        if self._desk.session.predicting.card_path != before:
            self.use_model()
        listing = self._desk.session.folder.listing
        if settings.annotations_folder != self._annotations and listing is not None:
            open_paths(self._desk, [listing.root])
        self._annotations = settings.annotations_folder

    def system_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        """Follow the system to dark or to light, where the reader wants that."""
        app = QApplication.instance()
        if self._theme is Theme.SYSTEM and isinstance(app, QApplication):
            dress(app, dark=scheme is Qt.ColorScheme.Dark)
            self._bar.use_icons()


def edited(desk: Desk) -> None:
    """Let Ctrl+Z mean this film again, and show shapes that were hidden: one of them may be another now."""
    desk.finished = None
    if desk.shapes_hidden:
        opening.hide(desk, hidden=False)


def use_labels(desk: Desk) -> None:
    """Hand the reader's own label texts to those who read what is drawn and typed."""
    desk.comparison.set_label_table(desk.session.labels)
    desk.relabel.use_table(desk.session.labels)


def calibrate(desk: Desk, pixels: float) -> None:
    """Ask how long a line really is."""
    millimetres, said = QInputDialog.getDouble(
        desk.window,
        translate("desk", "Calibrate"),
        translate("desk", "Length of the line in mm:"),
        50.0,
        0.1,
        2000.0,
        1,
    )
    if said:
        desk.session.deciding.calibrate(pixels, millimetres)


def go_to_level(desk: Desk, level: Level) -> None:
    """Go to the finding or shape of a level."""
    if desk.session.second.active:
        two_models.choose_level(desk, level)
        return
    case = desk.session.case
    row = next((one for one in case.rows if one.level is level), None)
    if row is not None:
        desk.choose(row.key)
        return
    shapes = () if case.annotation is None else case.annotation.shapes
    shape = next((one for one in shapes if one.level is level), None)
    if shape is not None:
        desk.comparison.select(frozenset((shape.id,)))
        desk.comparison.frame(shape.polygon.bounds)
