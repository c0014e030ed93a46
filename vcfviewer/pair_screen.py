"""Shows two models on one film: what takes the place of the review's own panels while they are compared."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QApplication, QDockWidget, QStackedWidget

from vcfviewer.canvas.comparison import Comparison
from vcfviewer.canvas.values import Side
from vcfviewer.panels.banners import BannerKind, BannerStack
from vcfviewer.panels.decision_panel import DecisionPanel
from vcfviewer.panels.film_facts import ThresholdBar
from vcfviewer.panels.findings import FindingsPanel
from vcfviewer.panels.level_strip import LevelStrip
from vcfviewer.panels.pairs import PairPanel, PairThresholds
from vcfviewer.panels.pairs_model import counts_text
from vcfviewer.panels.words import model_name
from vcfviewer.presentation import expert_outlines, shapes_of_two
from vcfviewer.session import Session
from vcfviewer.session.second import pair_ids
from vcfviewer.translation import translate


@dataclass(slots=True, weakref_slot=True, eq=False)
class PairScreen:
    """The widgets that show two models, and those whose place they take; `places` holds the panel of either."""

    session: Session
    comparison: Comparison
    places: QStackedWidget
    findings: FindingsPanel
    pairs: PairPanel
    threshold: ThresholdBar
    thresholds: PairThresholds
    decisions: DecisionPanel
    levels: LevelStrip
    banners: BannerStack
    put_away: bool = False
    """Whether the decisions' dock is hidden for the comparison; a reader who closed it finds it closed."""

    @classmethod
    def beside(
        cls, session: Session, comparison: Comparison, findings: FindingsPanel, threshold: ThresholdBar,
        decisions: DecisionPanel, levels: LevelStrip, banners: BannerStack,
    ) -> PairScreen:  # fmt: skip
        """Make the panels for two models beside those of the review."""
        places, pairs = QStackedWidget(), PairPanel()
        places.addWidget(findings)
        places.addWidget(pairs)
        return cls(
            session, comparison, places, findings, pairs, threshold, PairThresholds(), decisions, levels, banners
        )

    def show(self) -> bool:
        """Show what two models say of the film, where they are compared; whether they are."""
        second = self.session.second
        cards, active = second.cards, second.active
        self._show_banner()
        self._keep_the_keys(active)
        self.places.setCurrentWidget(self.pairs if active else self.findings)
        self.threshold.setVisible(not active)
        self.thresholds.setVisible(active)
        self._put_decisions_away(active)
        if cards is None or not active:
            self.comparison.name_two_models(None)
            return False
        self.comparison.name_two_models((model_name(cards[0]), model_name(cards[1])))
        case, shown = self.session.case, second.shown
        self.comparison.set_read_only(True)
        self.comparison.show_shapes(*shapes_of_two(second), (), expert_outlines(case))
        self.comparison.show_six_points({})
        self.pairs.show_film(cards, second.paired, self._waiting())
        self.pairs.set_current(second.current)
        found = [None if one is None else len(one.shapes) for one in (case.prediction, second.prediction)]
        self.thresholds.show_models(cards, second.thresholds, [len(one) for one in shown], found)
        self.levels.show_levels(*shown, two_models=True)
        self.decisions.finding.show_finding(None, True)
        self.decisions.film.show_review(None, 0, True)
        return True

    def counts(self) -> str:
        """Return the film's figures for the status bar."""
        return counts_text(self.session.second.paired) if self.session.second.ready else ""

    def show_choice(self, key: str) -> None:
        """Show which pair is in question."""
        self.pairs.set_current(key)

    def choose_by_shapes(self, ids: frozenset[str]) -> None:
        """Take the pair of the shapes that were clicked for the one in question."""
        second = self.session.second
        row = next((one for one in second.paired.rows if ids & pair_ids(one)), None)
        second.choose("" if row is None else row.key)

    def _keep_the_keys(self, active: bool) -> None:
        """Take the keyboard from what is about to be hidden: Qt would hand it to the search field, keys and all."""
        leaving = (self.findings, self.threshold, self.decisions) if active else (self.pairs, self.thresholds)
        focus = QApplication.focusWidget()
        if focus is not None and any(one.isAncestorOf(focus) for one in leaving):
            self.comparison.view(Side.EXPERT).setFocus()

    def _put_decisions_away(self, away: bool) -> None:
        """Give the decisions' room to the pairs: nothing can be decided on them."""
        dock = self.decisions.parentWidget()
        if not isinstance(dock, QDockWidget) or away is self.put_away or (away and dock.isHidden()):
            return
        self.put_away = away
        dock.setVisible(not away)

    def _show_banner(self) -> None:
        second = self.session.second
        if second.cards is None:
            self.banners.take_away(BannerKind.TWO_MODELS)
            return
        first, other = map(model_name, second.cards)
        text = translate("screen", "A is {first}, B is {second}.").format(first=first, second=other)
        if self.session.case.hidden:
            text += " " + translate("screen", "Both stay hidden until you commit your own read of this film.")
        self.banners.show_banner(BannerKind.TWO_MODELS, text)

    def _waiting(self) -> str:
        """Return why there is nothing to compare yet; "" where there is."""
        second, case = self.session.second, self.session.case
        if second.ready:
            return ""
        if second.refused:
            return translate("screen", "A model could not look at this film; see the message above it.")
        both = zip("AB", (case.prediction, second.prediction), strict=True)
        missing = [letter for letter, one in both if one is None]
        return translate("screen", "Waiting for {models} to look at this film.").format(models=", ".join(missing))
