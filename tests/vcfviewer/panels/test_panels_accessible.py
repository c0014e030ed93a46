"""Every control of every panel has a name for a screen reader, is reached by Tab, and is seen in every theme."""

from pathlib import Path

import pytest
from controls import check_controls
from PySide6.QtWidgets import QAbstractButton
from qt import settle

from engine.data.worklist import WorkItem
from engine.domain.decisions import film_review
from vcfviewer.panels.banners import BannerKind, BannerStack
from vcfviewer.panels.decision_panel import DecisionPanel
from vcfviewer.panels.film_facts import ThresholdBar
from vcfviewer.panels.findings import FindingsPanel
from vcfviewer.panels.job_bar import JobBar
from vcfviewer.panels.level_strip import LevelStrip
from vcfviewer.panels.worklist import WorklistPanel
from vcfviewer.panels.worklist_model import WorkRow
from vcfviewer.theme import DARK, LIGHT, palette_of


def worklist(film):
    panel = WorklistPanel()
    panel.set_rows([WorkRow("a", "a.png", WorkItem(Path("a.png")), "its JSON is broken")])
    panel.set_current("a")
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


@pytest.mark.parametrize("make", [decision, jobs, banners])
def test_icons_follow_a_change_of_theme(qt_app, reviewed_film, make):
    before = qt_app.palette()
    try:
        qt_app.setPalette(palette_of(DARK))
        widget = make(reviewed_film)
        widget.show()
        settle()
        dark = lightness(widget)
        qt_app.setPalette(palette_of(LIGHT))
        settle()
        light = lightness(widget)
    finally:
        qt_app.setPalette(before)
        settle()
    assert len(dark) == len(light) > 0
    assert all(one > 140 for one in dark), dark
    assert all(one < 140 for one in light), light


def lightness(widget):
    """The mean lightness of the drawing on each button that isn't shown in a colour."""
    found = []
    for button in widget.findChildren(QAbstractButton):
        if button.isVisible() and not button.icon().isNull():
            picture = button.icon().pixmap(48, 48).toImage()
            colours = (picture.pixelColor(x, y) for x in range(48) for y in range(48))
            inked = [colour.lightness() for colour in colours if colour.alpha() > 200 and colour.saturation() < 20]
            found += [sum(inked) / len(inked)] if inked else []
    return found
