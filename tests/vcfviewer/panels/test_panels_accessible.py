"""Every control of every panel has a name for a screen reader and is reached by the Tab key."""

import pytest
from controls import check_controls
from test_worklist_panel import ROWS

from engine.domain.decisions import film_review
from vcfviewer.panels.banners import BannerKind, BannerStack
from vcfviewer.panels.decision_panel import DecisionPanel
from vcfviewer.panels.film_facts import ThresholdBar
from vcfviewer.panels.findings import FindingsPanel
from vcfviewer.panels.job_bar import JobBar
from vcfviewer.panels.level_strip import LevelStrip
from vcfviewer.panels.worklist import WorklistPanel


def worklist(film):
    panel = WorklistPanel()
    panel.set_rows(ROWS)
    return panel


def findings(film):
    panel = FindingsPanel()
    panel.show_rows(film.decided, "mm")
    panel.set_current(film.decided[0].key)
    return panel


def decision(film):
    panel = DecisionPanel()
    panel.finding.show_finding(film.decided[0])
    panel.film.show_review(film_review(film.current))
    return panel


def threshold(film):
    bar = ThresholdBar()
    bar.set_threshold(0.3)
    return bar


def levels(film):
    strip = LevelStrip()
    strip.show_levels(film.original.shapes, film.predicted)
    return strip


def jobs(film):
    bar = JobBar()
    bar.show_job("Predicting the folder", 3, 10)
    return bar


def banners(film):
    stack = BannerStack()
    for kind in BannerKind:
        stack.show_banner(kind)
    return stack


@pytest.mark.parametrize(
    ("make", "fewest"),
    [(worklist, 4), (findings, 2), (decision, 19), (threshold, 3), (levels, 1), (jobs, 2), (banners, 11)],
)
def test_controls_are_named_and_reached(qt_app, reviewed_film, make, fewest):
    assert check_controls(make(reviewed_film)) >= fewest
