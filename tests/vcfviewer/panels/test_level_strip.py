"""The ladder of levels."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QTableView
from qt import settle

from engine.domain.annotation import Shape
from engine.domain.labels import Level
from vcfviewer.panels.level_strip import LevelStrip
from vcfviewer.panels.words import TIMES


@pytest.fixture
def strip(qt_app):
    strip = LevelStrip()
    strip.resize(strip.sizeHint())
    strip.show()
    settle()
    return strip


def words(strip, side):
    return {level: strip.model.index(level.rank, side).data() for level in Level}


def test_what_stands_on_either_side(strip, reviewed_film):
    strip.show_levels(reviewed_film.original.shapes, reviewed_film.predicted)
    expert, model = words(strip, 0), words(strip, 1)
    assert expert[Level.T12] == "fractured"
    assert expert[Level.T11] == "normal"
    assert expert[Level.S1] == ""
    assert model[Level.T12] == "fractured"
    # The model names fractures alone: what it doesn't name isn't missing.
    assert model[Level.T10] == ""


def test_a_level_skipped_between_two_is_missing(strip, reviewed_film):
    strip.show_levels([shape for shape in reviewed_film.original.shapes if shape.level is not Level.L2], ())
    assert words(strip, 0)[Level.L2] == "missing"
    assert words(strip, 0)[Level.S1] == ""
    index = strip.model.index(Level.L2.rank, 0)
    assert "Is a level skipped?" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_only_fractures_named_leaves_no_gaps(strip, reviewed_film):
    outline = reviewed_film.predicted[0].polygon
    strip.show_levels([Shape("a", "T11", outline), Shape("b", "L2", outline)], ())
    assert words(strip, 0)[Level.T12] == ""


def test_a_level_named_twice_is_said(strip, reviewed_film):
    outline = reviewed_film.predicted[0].polygon
    strip.show_levels([Shape("a", "L1", outline), Shape("b", "L1 normal", outline)], ())
    assert words(strip, 0)[Level.L1] == f"2 {TIMES}"


def test_not_assessable(strip, reviewed_film):
    strip.show_levels([Shape("a", "L1 not assessable", reviewed_film.predicted[0].polygon)], ())
    assert words(strip, 0)[Level.L1] == "n. a."


def test_keys_and_clicks_choose_a_level(strip, reviewed_film):
    strip.show_levels(reviewed_film.original.shapes, reviewed_film.predicted)
    table = strip.findChild(QTableView)
    spy = QSignalSpy(strip.level_chosen)
    QTest.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(strip.model.index(2, 0)).center()
    )
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert [spy.at(place)[0] for place in range(spy.count())] == [Level.T11, Level.T12]
    strip.show_levels(reviewed_film.current.shapes, reviewed_film.predicted)
    assert table.currentIndex().row() == Level.T12.rank


def test_the_whole_ladder_is_in_sight_and_no_word_is_cut(strip, reviewed_film):
    strip.show_levels(reviewed_film.original.shapes, reviewed_film.predicted)
    table = strip.findChild(QTableView)
    assert table.verticalScrollBar().maximum() == 0
    for level in Level:
        for side in (0, 1):
            index = strip.model.index(level.rank, side)
            assert table.columnWidth(side) >= table.sizeHintForIndex(index).width()
