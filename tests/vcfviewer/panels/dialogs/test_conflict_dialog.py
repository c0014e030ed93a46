"""A file that another program changed: what each side did, what would stay, and only then what stays."""

from dataclasses import replace

import numpy as np
import pytest
from controls import check_controls, shown
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QRadioButton, QTableWidget

from engine.domain.annotation import Annotation, Shape
from engine.domain.polygon import Polygon
from engine.review.merging import Pick, merged
from vcfviewer.panels.dialogs.conflict_dialog import ConflictDialog, change_words
from vcfviewer.panels.dialogs.outlines_view import MINE_COLOUR, THEIRS_COLOUR, OutlinesView
from vcfviewer.panels.words import DASH


def shape(shape_id, label, at, size=40.0):
    return Shape(shape_id, label, Polygon([(at, at), (at + size, at), (at + size, at + size / 2), (at, at + size / 2)]))


L1, L2, L3, T12 = (shape(label, label, 100.0 + 60 * number) for number, label in enumerate(("L1", "L2", "L3", "T12")))
BASE = Annotation("film.png", (800, 600), (L1, L2, L3))
MOVED = shape("L2", "L2", 190.0)
OTHER = shape("L2", "L2", 130.0)
MINE = replace(BASE, shapes=(replace(L1, label="L2"), MOVED, L3))
THEIRS = replace(BASE, shapes=(L1, OTHER, T12))


def opened(mine=MINE, theirs=THEIRS):
    dialog = shown(ConflictDialog("film.png", BASE, mine, theirs))
    told = []
    dialog.chosen.connect(told.append)
    return dialog, told


def rows(dialog):
    table = dialog.findChild(QTableWidget)
    return [[table.item(row, column).text() for column in range(3)] for row in range(table.rowCount())]


def box(dialog, row):
    return dialog.findChild(QTableWidget).cellWidget(row, 3)


def button(dialog, text):
    both = [*dialog.findChildren(QPushButton), *dialog.findChildren(QRadioButton)]
    return next(one for one in both if text in one.text().replace("&", ""))


def texts(dialog):
    return " ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def keep(dialog):
    QTest.mouseClick(button(dialog, "Keep this"), Qt.MouseButton.LeftButton)


def test_each_shape_that_differs_says_what_each_side_did():
    dialog, _ = opened()
    assert rows(dialog) == [
        ["L1", "L1 is now L2", "as it was"],
        ["L2", "outline changed", "outline changed"],
        ["L3", "as it was", "deleted"],
        ["T12", DASH, "added"],
    ]


def test_what_only_one_side_changed_is_chosen_and_what_both_did_must_be():
    dialog, told = opened()
    assert [box(dialog, row).currentText() for row in range(4)] == ["mine", "choose…", "theirs", "theirs"]
    assert not button(dialog, "Keep this").isEnabled()
    assert "Both changed: L2" in texts(dialog)
    keep(dialog)
    assert told == []
    QTest.keyClick(box(dialog, 1), Qt.Key.Key_Down)
    assert box(dialog, 1).currentText() == "mine"
    keep(dialog)
    picks = {"L1": Pick.MINE, "L2": Pick.MINE, "L3": Pick.THEIRS, "T12": Pick.THEIRS}
    assert told[0].annotation == merged(BASE, MINE, THEIRS, picks)
    assert [one.label for one in told[0].annotation.shapes] == ["L2", "L2", "T12"]
    assert told[0].annotation.shape("L2").polygon == MOVED.polygon
    assert not dialog.isVisible()


def test_the_outcome_is_told_before_it_is_taken():
    dialog, _ = opened()
    assert "The film would have 3 fractures: L2, L2, T12" in texts(dialog)
    QTest.keyClick(box(dialog, 2), Qt.Key.Key_Up)
    assert "4 fractures: L2, L2, L3, T12" in texts(dialog)


@pytest.mark.parametrize(("way", "wanted"), [("All mine", MINE), ("All theirs", THEIRS)])
def test_one_side_altogether(way, wanted):
    dialog, told = opened()
    QTest.mouseClick(button(dialog, way), Qt.MouseButton.LeftButton)
    assert {box(dialog, row).currentText() for row in range(4)} == {way.split()[1]}
    keep(dialog)
    assert told[0].annotation == wanted


def test_a_choice_for_one_shape_after_one_side_altogether():
    dialog, told = opened()
    QTest.mouseClick(button(dialog, "All mine"), Qt.MouseButton.LeftButton)
    QTest.keyClick(box(dialog, 3), Qt.Key.Key_Down)
    assert button(dialog, "Shape by shape").isChecked()
    keep(dialog)
    assert [one.label for one in told[0].annotation.shapes] == ["L2", "L2", "L3", "T12"]


@pytest.mark.parametrize("way", ["Not now", "escape"])
def test_not_now_tells_nothing(way):
    dialog, told = opened()
    if way == "escape":
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        QTest.mouseClick(button(dialog, way), Qt.MouseButton.LeftButton)
    assert told == []
    assert not dialog.isVisible()


def test_flags_that_alone_differ_can_be_joined():
    mine = replace(BASE, flags={"reviewed": True})
    theirs = replace(BASE, flags={"checked": True})
    dialog, told = opened(mine, theirs)
    assert rows(dialog) == []
    keep(dialog)
    assert dict(told[0].annotation.flags) == {"reviewed": True, "checked": True}


def coloured(view, colour):
    image = view.grab().toImage()
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, :, 2::-1].astype(int)
    return int((np.abs(data - wanted).max(axis=2) < 40).sum())


def test_both_outlines_are_drawn_mine_solid_and_theirs_dashed():
    view = OutlinesView((800, 600))
    view.resize(400, 300)
    view.show_shapes(MOVED, None, None)
    solid = coloured(view, MINE_COLOUR)
    view.show_shapes(None, MOVED, None)
    dashed = coloured(view, THEIRS_COLOUR)
    assert solid > 1.2 * dashed > 100
    view.show_shapes(MOVED, OTHER, MOVED)
    assert coloured(view, MINE_COLOUR) > 100
    assert coloured(view, THEIRS_COLOUR) > 100


def test_the_marked_row_is_the_one_that_is_drawn():
    dialog, _ = opened()
    view, table = dialog.findChild(OutlinesView), dialog.findChild(QTableWidget)
    table.setFocus()
    before = view.grab().toImage()
    for _ in range(3):
        QTest.keyClick(table, Qt.Key.Key_Down)
    assert table.currentRow() == 3
    assert view.grab().toImage() != before
    assert coloured(view, THEIRS_COLOUR) > 100


def test_words_for_what_became_of_a_shape():
    assert change_words(L1, replace(L1, flags={"a": True})) == "notes changed"
    assert change_words(L1, replace(MOVED, id="L1", label="L5")) == "L1 is now L5, outline changed"
    assert change_words(L1, None) == "deleted"
    assert change_words(None, L1) == "added"


def test_every_control_has_a_name_and_a_stop_of_the_tab_key():
    dialog = ConflictDialog("film.png", BASE, MINE, THEIRS)
    assert check_controls(dialog) >= 7
    assert len(dialog.findChildren(QComboBox)) == 4
