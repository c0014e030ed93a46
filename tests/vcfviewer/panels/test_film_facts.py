"""The facts of real sample films, and the score threshold."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QPushButton, QSlider
from qt import settle

from engine.domain.morphometry import Facing
from engine.films import read_film
from engine.resources import samples_dir
from vcfviewer.panels.film_facts import FilmFactsBar, ThresholdBar
from vcfviewer.panels.words import TIMES


@pytest.fixture
def facts(qt_app):
    bar = FilmFactsBar()
    bar.resize(900, 60)
    bar.show()
    settle()
    return bar


@pytest.fixture
def threshold(qt_app):
    bar = ThresholdBar()
    bar.resize(700, 40)
    bar.set_model(0.69)
    bar.set_threshold(0.69)
    bar.show()
    settle()
    return bar


def said(widget):
    labels = (label.text() for label in widget.findChildren(QLabel) if label.isVisible())
    return "\n".join(labels).replace("\N{NO-BREAK SPACE}", " ")


def test_facts_of_a_dicom_film(facts):
    film = read_film(samples_dir() / "sample_09.dcm")
    facts.show_film(film, Facing.RIGHT, "file", "0.35 mm a pixel (corrected for magnification)", simulated=True)
    text = said(facts)
    height, width = film.size
    for fact in (
        f"{width} {TIMES} {height} px",
        "12 bit",
        "inverted when shown (MONOCHROME1)",
        "0.35 mm a pixel (corrected for magnification)",
        "faces right (file)",
        "DICOM DX",
        "A simulated film",
    ):
        assert fact in text
    assert "Set which way" not in text


def test_what_is_not_known_is_said(facts):
    facts.show_film(read_film(samples_dir() / "sample_01.png"), notes=("Two films of this stem.",))
    text = said(facts)
    for fact in (
        "8 bit",
        "not inverted",
        "mm not known",
        "facing not known",
        "Set which way",
        "Two films of this stem.",
    ):
        assert fact in text


def test_without_a_film_nothing_is_claimed(facts):
    facts.show_film(None)
    assert said(facts) == "No film is open."


def test_a_narrow_bar_breaks_between_facts_and_cuts_nothing(facts):
    facts.resize(300, 200)
    facts.show_film(read_film(samples_dir() / "sample_09.dcm"), Facing.RIGHT, "file")
    settle()
    for label in facts.findChildren(QLabel):
        assert not label.isVisible() or label.height() >= label.heightForWidth(label.width())


def test_the_slider_tells_while_it_is_dragged(threshold):
    slider = threshold.findChild(QSlider)
    spy = QSignalSpy(threshold.changed)
    # What a drag does to the slider; where its handle lies on the screen depends on the style in use.
    slider.setSliderDown(True)
    for step in range(1, 6):
        slider.setSliderPosition(69 - 3 * step)
    assert spy.count() >= 4
    slider.setSliderDown(False)
    assert threshold.threshold < 0.69
    assert threshold.findChild(QDoubleSpinBox).value() == pytest.approx(threshold.threshold)


def test_keys_move_the_threshold_once_each(threshold):
    spy = QSignalSpy(threshold.changed)
    QTest.keyClick(threshold.findChild(QSlider), Qt.Key.Key_Left)
    assert [spy.at(0)[0], spy.count()] == [pytest.approx(0.68), 1]
    QTest.keyClick(threshold.findChild(QDoubleSpinBox), Qt.Key.Key_Up)
    assert [spy.at(1)[0], spy.count()] == [pytest.approx(0.69), 2]


def test_a_threshold_set_by_the_program_tells_nobody_and_keeps_its_digits(threshold):
    spy = QSignalSpy(threshold.changed)
    threshold.set_threshold(0.6905888915)
    assert threshold.threshold == 0.6905888915
    assert spy.count() == 0


def test_the_models_own_threshold_comes_back(threshold):
    button = threshold.findChild(QPushButton)
    assert not button.isEnabled()
    threshold.set_threshold(0.3)
    assert button.isEnabled()
    spy = QSignalSpy(threshold.changed)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert spy.at(0)[0] == 0.69
    assert not button.isEnabled()


def test_the_mark_stands_where_the_handle_would(threshold):
    slider = threshold.findChild(QSlider)
    before = slider.grab().toImage()
    threshold.set_model(0.25)
    after = slider.grab().toImage()
    changed = [x for x in range(before.width()) if before.pixelColor(x, 1) != after.pixelColor(x, 1)]
    assert min(changed) == pytest.approx(0.25 * slider.width(), abs=8)
    assert max(changed) == pytest.approx(0.69 * slider.width(), abs=8)


def test_how_many_findings_are_shown(threshold):
    assert "no prediction" in said(threshold)
    threshold.show_count(3, 8)
    assert "3 of 8 findings shown" in said(threshold)
