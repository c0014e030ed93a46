"""Shows the session on the panels: calls that go down, and nothing else. What goes up is connected in `window`."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from PySide6.QtWidgets import QLabel

from engine.domain.annotation import Annotation
from engine.domain.case import ReviewStatus
from engine.domain.decisions import film_review
from engine.domain.polygon import Polygon
from engine.films import Display
from engine.review import FilmSummary, agreement
from engine.review.opening import OpenedCase
from engine.store import Holder
from vcfviewer.canvas.comparison import Comparison
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.values import Pointer, Side
from vcfviewer.pair_screen import PairScreen
from vcfviewer.panels.banners import BannerKind, BannerStack
from vcfviewer.panels.decision_panel import DecisionPanel
from vcfviewer.panels.film_facts import FilmFactsBar, ThresholdBar
from vcfviewer.panels.findings import FindingsPanel
from vcfviewer.panels.job_bar import JobBar, SaveState
from vcfviewer.panels.level_strip import LevelStrip
from vcfviewer.panels.words import TIMES, family_title, model_name, number
from vcfviewer.panels.worklist import WorklistPanel
from vcfviewer.panels.worklist_rows import WorkRow
from vcfviewer.presentation import drawn_six_points, expert_shapes, model_shapes
from vcfviewer.session import Session
from vcfviewer.session.case import row_ids
from vcfviewer.session.listing import ListedFilm, Listing
from vcfviewer.session.predicting import FolderProgress
from vcfviewer.session.saving import Pending
from vcfviewer.translation import translate

SAVE_TROUBLES = (
    BannerKind.DISK_FULL, BannerKind.SAVE_FAILED, BannerKind.READ_ONLY, BannerKind.FOLDER_GONE,
    BannerKind.OUTSIDE_CHANGE,
)  # fmt: skip

_TROUBLE_OF = MappingProxyType({
    BannerKind.DISK_FULL: (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    BannerKind.READ_ONLY: (errno.EROFS, errno.EACCES, errno.EPERM),
    BannerKind.FOLDER_GONE: (errno.ENOENT, errno.ESTALE, errno.ENOTCONN, errno.ENODEV),
})  # fmt: skip
"""What the system's numbers of errors say of a film that can't be saved."""


@dataclass(slots=True, weakref_slot=True, eq=False)
class Screen:
    """The widgets of the window, and how each thing that happens is shown on them."""

    session: Session
    worklist: WorklistPanel
    comparison: Comparison
    findings: FindingsPanel
    decisions: DecisionPanel
    levels: LevelStrip
    facts: FilmFactsBar
    threshold: ThresholdBar
    jobs: JobBar
    banners: BannerStack
    pointer: QLabel
    summary: QLabel
    blocked: QLabel
    pair: PairScreen = field(init=False)
    """What is shown in the place of some of these while two models are compared."""
    displays: dict[Path, Display] = field(default_factory=dict)
    """How the reader looked at each film, by its file, for as long as the program runs."""

    def __post_init__(self) -> None:
        """Make the panels for two models."""
        self.pair = PairScreen.beside(
            self.session, self.comparison, self.findings, self.threshold, self.decisions, self.levels, self.banners
        )

    def show_listing(self, listing: Listing) -> None:
        """Fill the worklist; what couldn't be saved belongs to the folder before."""
        self._end_save_troubles()
        self.show_rows(listing.films)
        self.show_blocked("", "" if listing.films else no_films_text())

    def show_rows(self, films: Iterable[ListedFilm]) -> None:
        """Fill the worklist's rows; in blind reading without the model's figures of films that nobody has read."""
        blind = self.session.case.blind
        self.worklist.set_rows(
            WorkRow(film.key, film.key, film.item, film.item.reason, unread_without_figures(film.summary, blind))
            for film in films
        )

    def remember(self, display: Display) -> None:
        """Remember how the reader looks at the film on the screen."""
        case = self.session.case.case
        if case is not None:
            self.displays[case.film.path] = display

    def show_film(self, key: str, case: OpenedCase) -> None:
        """Show a film, as the reader last looked at it."""
        self.comparison.setVisible(True)
        if self.blocked.hasFocus():
            self.comparison.view(Side.EXPERT).setFocus()
        self.blocked.hide()
        row = self.worklist.model.row_of(key)
        if row is not None and row.reason:
            self.worklist.update_rows({}, {key: ""})
        prepared = self.session.prepared
        ready = prepared if isinstance(prepared, ShownFilm) else None
        self.comparison.show_film(case.film, self.displays.get(case.film.path), ready)
        for kind in (BannerKind.RECOVERED, BannerKind.SECOND_WINDOW, BannerKind.OUTSIDE_CHANGE):
            self.banners.take_away(kind)
        if case.recovered:
            self.banners.show_banner(BannerKind.RECOVERED, recovered_text(case.recovered))
        if case.holder is not None:
            self.banners.show_banner(BannerKind.SECOND_WINDOW, held_text(case.holder))
            self.jobs.show_save_state(SaveState.READ_ONLY)
        else:
            self.jobs.show_save_state(SaveState.NOTHING)
        self.show_case()

    def speak(self) -> None:
        """Show everything that stands in words once more, in another language; labels keep theirs by themselves."""
        case, listing = self.session.case.case, self.session.folder.listing
        if listing is not None and not listing.films:
            self.blocked.setText(no_films_text())
        if case is None:
            return
        if self.banners.banner(BannerKind.RECOVERED) is not None:
            self.banners.show_banner(BannerKind.RECOVERED, recovered_text(case.recovered))
        if self.banners.banner(BannerKind.SECOND_WINDOW) is not None and case.holder is not None:
            self.banners.show_banner(BannerKind.SECOND_WINDOW, held_text(case.holder))
        self.show_case()
        if self.session.predicting.state.running:
            self.show_progress(self.session.predicting.state)

    def show_blocked(self, key: str, reason: str) -> None:
        """Show why a film can't be shown, in the film's place and in its row."""
        text = translate(
            "screen",
            "{reason}\n\nNothing of this film is changed or written over. "
            "Once the file is in order, open the film again.",
        )
        self.blocked.setText(text.format(reason=reason) if key else reason)
        self.blocked.setVisible(bool(reason))
        if reason and self.comparison.isAncestorOf(self.comparison.focusWidget()):
            # Hiding the film would hand its keys to the search field, which then takes D and N for words.
            self.blocked.setFocus()
        self.comparison.show_film(None)
        self.comparison.setVisible(not reason)
        if key:
            self.worklist.update_rows({}, {key: reason})

    def show_case(self) -> None:
        """Show rows, shapes and decisions as they stand."""
        case = self.session.case
        annotation = case.annotation
        read_only = self.session.document.read_only
        scale = case.scale()
        row_mm, column_mm = scale.spacing or (None, None)
        self.comparison.set_spacing(row_mm, column_mm, scale.caption)
        facing, by = case.facing()
        self.comparison.set_facing(facing)
        notes = () if case.case is None else (*case.case.notes, *(() if annotation is None else annotation.notes))
        spacing = ""
        if scale.spacing is not None:
            spacing = f"{scale.spacing[0]:.3f} {TIMES} {scale.spacing[1]:.3f} {scale.caption}"
        self.facts.show_film(case.film, facing, by, spacing, is_simulated(annotation), notes)
        if self.pair.show():
            self.banners.take_away(BannerKind.BLIND_READ)
            self.summary.setText(self.pair.counts())
            return
        self.comparison.set_read_only(read_only)
        shapes = expert_shapes(case, editable=not read_only)
        drawn = model_shapes(case)
        self.comparison.show_shapes(shapes, drawn, () if annotation is None else annotation.foreign)
        self.comparison.show_six_points(drawn_six_points(case))
        self._name_model()
        self.findings.show_rows(case.compared, scale.caption, self._no_rows())
        self.findings.set_current(case.current)
        self.levels.show_levels(() if annotation is None else annotation.shapes, case.predicted)
        self.decisions.finding.show_finding(case.row(), read_only)
        review = None if annotation is None else film_review(annotation)
        findings = 0 if annotation is None else len(annotation.findings)
        self.decisions.film.show_review(review, findings, read_only, case.key)
        found = None if case.prediction is None or case.hidden else len(case.prediction.shapes)
        self.threshold.set_threshold(case.threshold)
        self.threshold.show_count(None if found is None else len(case.predicted), found)
        if case.hidden:
            self.threshold.show_hidden()
            self.banners.show_banner(BannerKind.BLIND_READ)
        else:
            self.banners.take_away(BannerKind.BLIND_READ)
        self.show_summary(case.summary())

    def _name_model(self) -> None:
        """Say whose findings are shown, or will be: a prediction's own model, else the one in use."""
        prediction = self.session.case.prediction
        card = self.session.predicting.readable_card() if prediction is None else prediction.card
        name = "" if card is None else model_name(card)
        about = "" if card is None else translate("screen", "{family}, its own score threshold {threshold}")
        if card is not None:
            about = about.format(family=family_title(card.model), threshold=f"{card.score_threshold:.2f}")
        self.findings.show_model(name, about)
        self.comparison.name_model(name)

    def show_summary(self, summary: FilmSummary | None) -> None:
        """Show the film's IoU and counts."""
        compared = summary if summary is not None and summary.predicted else None
        self.findings.show_summary(compared)
        if compared is None:
            self.summary.setText("")
            self.summary.setToolTip("")
            return
        text = translate(
            "screen", "Film IoU {iou} · {agrees} agree · {differs} differ · {missed} missed · {extra} extra"
        )
        self.summary.setText(
            text.format(
                iou=number(compared.film_iou), agrees=compared.agrees, differs=compared.label_differs,
                missed=compared.missed, extra=compared.extra,
            )
            + self._ran_by()
        )  # fmt: skip

    def _ran_by(self) -> str:
        """Return what computed the film's prediction, to stand behind the figures, and tell more in their tip."""
        prediction = self.session.case.prediction
        if prediction is None or not prediction.backend:
            self.summary.setToolTip("")
            return ""
        tip = translate("screen", "Predicted in {seconds} s by {backend}")
        self.summary.setToolTip(tip.format(seconds=number(prediction.seconds), backend=prediction.backend))
        return f" · {prediction.backend.partition(',')[0]}"

    def show_choice(self, key: str) -> None:
        """Show which finding is in question."""
        self.findings.set_current(key)
        if self.session.second.active:
            return
        self.decisions.finding.show_finding(self.session.case.row(), self.session.document.read_only)
        self.comparison.show_six_points(drawn_six_points(self.session.case))

    def show_preview(self, preview: tuple[str, Polygon] | None) -> None:
        """Show how a pair would agree if the drag ended here."""
        if preview is None:
            self.findings.show_live("", None, None, None)
            return
        row = self.session.case.row(preview[0])
        match = None if row is None else row.match or row.current
        other = None if match is None else match.predicted
        if row is None or other is None:
            return
        now = agreement(preview[1], other.polygon, self.session.case.scale().spacing)
        self.findings.show_live(row.key, now.iou, now.dice, now.boundary_distance, now.boundary_mm)

    def show_pointer(self, pointer: Pointer | None) -> None:
        """Show where the pointer is, in pixels and, where they are known, in millimetres."""
        if pointer is None:
            self.pointer.setText("")
            return
        text = f"x {pointer.x:.1f}  y {pointer.y:.1f} px"
        scale = self.session.case.scale()
        if scale.spacing is not None:
            text += f" · {pointer.x * scale.spacing[1]:.1f}, {pointer.y * scale.spacing[0]:.1f} {scale.caption}"
        grey = "" if pointer.grey is None else translate("screen", " · grey {value}").format(value=pointer.grey)
        self.pointer.setText(text + grey)

    def show_pending(self, pending: Pending) -> None:
        """Show that a film isn't in its file yet, and why."""
        if pending.outside is not None:
            self.banners.show_banner(BannerKind.OUTSIDE_CHANGE, pending.key)
        elif pending.reason:
            self.banners.show_banner(save_trouble(pending), pending.reason)
        self.jobs.show_save_state(SaveState.WAITING if pending.reason else SaveState.SAVING, pending.reason)

    def show_saved(self, key: str) -> None:
        """Show that a film is in its file."""
        if not self.session.saving.unsaved:
            self._end_save_troubles()
            self.jobs.show_save_state(SaveState.SAVED, key)

    def _end_save_troubles(self) -> None:
        for kind in SAVE_TROUBLES:
            self.banners.take_away(kind)

    def show_progress(self, state: FolderProgress) -> None:
        """Show how far the prediction of the folder is."""
        if not state.running:
            self.jobs.end_job()
            return
        self.jobs.show_job(translate("screen", "Predicting the folder"), state.done, state.total, state.paused)

    def choose_by_shapes(self, ids: frozenset[str]) -> None:
        """Take the finding of the shapes that were clicked for the one in question."""
        if self.session.second.active:
            self.pair.choose_by_shapes(ids)
            return
        case = self.session.case
        row = next((one for one in case.rows if ids & row_ids(one)), None)
        case.choose("" if row is None else row.key)

    def _no_rows(self) -> str:
        case = self.session.case
        if case.case is None:
            return translate("screen", "No film is shown.")
        if case.hidden:
            return translate("screen", "Blind first read: draw what you see, then commit your read.")
        if case.prediction is None and self.session.predicting.card_path is not None:
            return translate("screen", "The model has not looked at this film yet.")
        return ""


def no_films_text() -> str:
    """Return what stands in a film's place where the folder has none."""
    return translate("screen", "There are no films in this folder.")


def recovered_text(count: int) -> str:
    """Return how many edits of an earlier session were brought back."""
    return translate("screen", "{n} of them.").format(n=count)


def held_text(holder: Holder) -> str:
    """Return who has a film open in another window."""
    return translate("screen", "{reader} on {host} has it open.").format(reader=holder.reader, host=holder.host)


def unread_without_figures(summary: FilmSummary | None, blind: bool) -> FilmSummary | None:
    """Return what a row shows; in blind reading the figures kept of an unread film would give the model away."""
    if not blind or summary is None or summary.status is not ReviewStatus.UNREAD:
        return summary
    return replace(summary, predicted=False, undecided=0)


def save_trouble(pending: Pending) -> BannerKind:
    """Return which banner tells why a film could not be saved."""
    return next((kind for kind, numbers in _TROUBLE_OF.items() if pending.errno in numbers), BannerKind.SAVE_FAILED)


def is_simulated(annotation: Annotation | None) -> bool:
    """Whether an annotation says that its film is simulated."""
    own = None if annotation is None else annotation.extra.get("vcfviewer")
    return isinstance(own, Mapping) and bool(own.get("simulated"))
