"""The worklist as a reader uses it: typing, clicking headings, walking with the arrow keys."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QTableView
from qt import settle

from engine.data.worklist import WorkItem
from engine.domain.case import ReviewStatus
from engine.review import FilmSummary
from vcfviewer.panels.words import DASH
from vcfviewer.panels.worklist import WorklistPanel
from vcfviewer.panels.worklist_model import Column, WorkFilter, WorkRow
from vcfviewer.panels.worklist_table import SortButton, WorkTable
from vcfviewer.theme import colours


def summary(**values):
    plain = FilmSummary(0.8, 0.8, 0.7, 1, 0, 0, 0, 0, 0.1, ReviewStatus.UNREAD, False)
    return replace(plain, **values)


def row(name, known=None, reason=""):
    return WorkRow(name.removesuffix(".png"), name, WorkItem(Path(name), reason=reason), reason, known)


ROWS = (
    row("film2.png", summary(film_iou=0.5, worst_iou=0.5, missed=2, undecided=2, nearest=0.2)),
    row("film10.png", summary(film_iou=0.9, worst_iou=0.9, extra=1, undecided=1, nearest=0.01)),
    row("film1.png"),
    row("broken.png", reason="shapes[3]: label must be text, got 3"),
    row("film3.png", summary(film_iou=None, worst_iou=None, status=ReviewStatus.NO_FRACTURE)),
    row("twin.png", summary(film_iou=0.7, flagged=True, status=ReviewStatus.REVIEWED), "two films of this stem"),
    row("dark.png", summary(film_iou=0.1, label_differs=1, status=ReviewStatus.UNUSABLE)),
)


@pytest.fixture
def panel(qt_app):
    panel = WorklistPanel()
    panel.resize(620, 420)
    panel.set_rows(ROWS)
    panel.show()
    settle()
    return panel


def table(panel):
    return panel.findChild(QTableView)


def shown(panel):
    return [panel.model.shown_row(place).key for place in range(panel.model.rowCount())]


def click_heading(panel, column):
    header = table(panel).horizontalHeader()
    at = QPoint(header.sectionViewportPosition(column) + header.sectionSize(column) // 2, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)


def choose_filter(panel, chosen):
    combo = panel.findChild(QComboBox)
    combo.setFocus()
    combo.setCurrentIndex(tuple(WorkFilter).index(chosen))
    combo.activated.emit(combo.currentIndex())


def text(panel, key, column):
    return panel.model.index(panel.model.place_of(key), column).data()


def test_rows_stand_in_the_order_given(panel):
    assert shown(panel) == ["film2", "film10", "film1", "broken", "film3", "twin", "dark"]


def test_what_is_not_known_is_a_dash_and_never_a_number(panel):
    numbers = [column for column in Column if column >= Column.OPEN]
    assert [text(panel, "film1", column) for column in numbers] == [DASH] * 6
    assert text(panel, "film3", Column.FILM_IOU) == DASH
    panel.update_row("film1", summary(film_iou=None, worst_iou=None, agrees=0, nearest=None, predicted=False))
    assert [text(panel, "film1", column) for column in numbers] == [DASH] * 6
    assert text(panel, "film2", Column.FILM_IOU) == "0.50"
    assert text(panel, "film2", Column.MISSED) == "2"


@pytest.mark.parametrize("typed", ["film1", "FILM1", "png film1", "1 film"])
def test_the_list_is_searched_as_one_types(panel, typed):
    field = panel.findChild(QLineEdit)
    QTest.keyClicks(field, typed)
    assert shown(panel) == ["film10", "film1"]


def test_reasons_are_searched_too_and_escape_shows_all_again(panel):
    field = panel.findChild(QLineEdit)
    QTest.keyClicks(field, "label must")
    assert shown(panel) == ["broken"]
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert len(shown(panel)) == 7


def test_return_leads_from_the_search_to_the_first_film_found(panel):
    panel.focus_search()
    assert panel.findChild(QLineEdit).hasFocus()
    spy = QSignalSpy(panel.film_chosen)
    QTest.keyClicks(panel.findChild(QLineEdit), "twin")
    QTest.keyClick(panel.findChild(QLineEdit), Qt.Key.Key_Return)
    assert [spy.at(place)[0] for place in range(spy.count())] == ["twin"]
    assert table(panel).hasFocus()


@pytest.mark.parametrize(
    ("chosen", "keys"),
    [
        (WorkFilter.UNREAD, ["film2", "film10", "film1"]),
        (WorkFilter.UNDECIDED, ["film2", "film10"]),
        (WorkFilter.DISAGREEMENTS, ["film2", "film10", "dark"]),
        (WorkFilter.MISSED, ["film2"]),
        (WorkFilter.EXTRA, ["film10"]),
        (WorkFilter.FLAGGED, ["twin"]),
        (WorkFilter.REVIEWED, ["film3", "twin"]),
        (WorkFilter.NO_FRACTURE, ["film3"]),
        (WorkFilter.UNUSABLE, ["dark"]),
        (WorkFilter.PROBLEMS, ["broken", "twin"]),
    ],
)
def test_filters(panel, chosen, keys):
    choose_filter(panel, chosen)
    assert shown(panel) == keys


@pytest.mark.parametrize(
    ("column", "first", "second", "empty"),
    [
        (Column.FILM, ["broken", "dark", "film1", "film2", "film3", "film10", "twin"], None, []),
        (Column.FILM_IOU, ["dark", "film2", "twin", "film10"], None, ["film1", "broken", "film3"]),
        (Column.WORST, ["film2", "twin", "dark", "film10"], ["film10", "twin", "dark", "film2"], None),
        (Column.MISSED, ["film2", "film10", "film3", "twin", "dark"], None, ["film1", "broken"]),
        (Column.EXTRA, ["film10", "film2", "film3", "twin", "dark"], None, ["film1", "broken"]),
        (Column.NEAREST, ["film10", "film3", "twin", "dark", "film2"], None, ["film1", "broken"]),
        (Column.OPEN, ["film2", "film10", "film3", "twin", "dark"], None, ["film1", "broken"]),
        (Column.STATUS, ["film2", "film10", "film1", "twin", "film3", "dark"], None, ["broken"]),
    ],
)
def test_a_heading_sorts_both_ways_with_empty_values_last(panel, column, first, second, empty):
    click_heading(panel, column)
    assert shown(panel)[: len(first)] == first
    click_heading(panel, column)
    assert shown(panel) != first
    if second is not None:
        assert shown(panel)[: len(second)] == second
    if empty is not None:
        assert shown(panel)[len(first) :] == empty
    click_heading(panel, column)
    assert shown(panel) == [one.key for one in ROWS]


def test_the_sorting_menu_does_the_same_without_a_mouse(panel):
    menu = panel.findChild(SortButton).menu()
    action = next(action for action in menu.actions() if action.text() == "Film IoU")
    action.trigger()
    assert shown(panel)[0] == "dark"
    assert action.isChecked()
    menu.actions()[0].trigger()
    assert shown(panel) == [one.key for one in ROWS]


def test_what_is_left_to_decide_is_in_sight_in_a_narrow_list_too(panel):
    films = WorkTable(panel.model)
    columns = [Column.FILM, Column.STATUS, Column.OPEN]

    def widths(of_table):
        films.resize(of_table, 300)
        settle()
        return [films.columnWidth(column) for column in columns]

    films.show()
    wide, narrower, narrowest = widths(620), widths(260), widths(200)
    assert narrowest[0] < narrower[0] == wide[0]
    assert narrowest[1] == narrower[1] < wide[1]
    assert sum(narrowest) <= films.viewport().width() < sum(wide)
    assert widths(620) == wide


def test_a_column_that_the_reader_made_wider_stays_so_in_a_list_of_any_width(panel):
    films = WorkTable(panel.model)
    films.resize(620, 300)
    films.show()
    settle()
    header = films.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(Column.STATUS) - 1, header.height() // 2)
    fitted = films.columnWidth(Column.FILM)
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(header.viewport(), place + QPoint(50, 0))
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=place + QPoint(50, 0))
    dragged = films.columnWidth(Column.FILM)
    assert dragged == fitted + 50
    films.resize(200, 300)
    settle()
    narrow = films.columnWidth(Column.STATUS)
    films.resize(620, 300)
    settle()
    assert films.columnWidth(Column.FILM) == dragged
    assert films.columnWidth(Column.STATUS) > narrow, "the others are fitted as before"


def test_a_column_can_be_put_away(panel):
    columns = panel.findChild(SortButton).menu().actions()[-1].menu()
    next(action for action in columns.actions() if action.text() == "Extra").trigger()
    assert table(panel).isColumnHidden(Column.EXTRA)


def test_arrow_keys_choose_films(panel):
    panel.set_current("film2")
    spy = QSignalSpy(panel.film_chosen)
    QTest.keyClick(table(panel), Qt.Key.Key_Down)
    QTest.keyClick(table(panel), Qt.Key.Key_Down)
    QTest.keyClick(table(panel), Qt.Key.Key_Up)
    assert [spy.at(place)[0] for place in range(spy.count())] == ["film10", "film1", "film10"]
    assert panel.current == "film10"


def test_setting_the_current_film_tells_nobody(panel):
    spy = QSignalSpy(panel.film_chosen)
    panel.set_current("dark")
    panel.set_rows(ROWS)
    panel.sort_by(Column.FILM_IOU)
    panel.update_row("film1", summary())
    assert spy.count() == 0
    assert table(panel).currentIndex().row() == panel.model.place_of("dark")


def test_step_follows_the_shown_order(panel):
    panel.sort_by(Column.FILM_IOU)
    assert panel.step(1, "dark") == "film2"
    assert panel.step(-1, "film2") == "dark"
    assert panel.step(-1, "dark") is None
    assert panel.step(1, None) == "dark"
    assert panel.step(-1, None) == shown(panel)[-1]


def test_step_from_a_film_that_is_filtered_out(panel):
    choose_filter(panel, WorkFilter.REVIEWED)
    assert panel.step(1, "film1") == "film3"
    assert panel.step(-1, "dark") == "twin"


def test_next_where_goes_round_once(panel):
    def undecided(one):
        return one.summary is not None and one.summary.undecided > 0

    assert panel.next_where(undecided, "film2") == "film10"
    assert panel.next_where(undecided, "film10") == "film2"
    assert panel.next_where(undecided, "film10", wrap=False) is None
    assert panel.next_where(undecided, "film1", -1) == "film10"
    assert panel.next_where(lambda one: one.key == "dark", "dark") == "dark"
    assert panel.next_where(lambda one: False, "dark") is None


def test_a_row_that_changes_keeps_its_place(panel):
    panel.sort_by(Column.STATUS)
    choose_filter(panel, WorkFilter.UNREAD)
    before = shown(panel)
    panel.update_row("film2", summary(status=ReviewStatus.REVIEWED))
    assert shown(panel) == before
    assert text(panel, "film2", Column.STATUS) == "reviewed"
    choose_filter(panel, WorkFilter.UNREAD)
    assert shown(panel) == ["film10", "film1"]


def test_a_first_value_takes_its_place_at_once(panel):
    panel.sort_by(Column.FILM_IOU)
    panel.update_row("film1", summary(film_iou=0.6))
    assert shown(panel)[:4] == ["dark", "film2", "film1", "twin"]


def test_a_film_that_begins_to_pass_the_filter_comes_in(panel):
    choose_filter(panel, WorkFilter.MISSED)
    panel.update_rows({"film1": summary(missed=1), "nobody": summary()})
    assert shown(panel) == ["film2", "film1"]


def test_a_reason_stands_in_the_row_and_below(panel):
    panel.set_current("broken")
    reason = "shapes[3]: label must be text, got 3"
    said = panel.model.index(panel.model.place_of("broken"), Column.STATUS)
    assert said.data() == "can't be read"
    assert reason in said.data(Qt.ItemDataRole.AccessibleTextRole)
    assert reason in said.data(Qt.ItemDataRole.ToolTipRole)
    assert panel.findChild(QLineEdit) is not None
    assert any(label.text() == reason and label.isVisible() for label in labels(panel))
    panel.set_current("film2")
    assert not any(label.text() == reason for label in labels(panel))


def labels(panel):
    return panel.findChildren(QLabel)


def ink(panel, key, colour):
    """How many pixels of a row have about this colour."""
    view = table(panel)
    place = panel.model.place_of(key)
    picture = view.viewport().grab().toImage()
    top, height = view.rowViewportPosition(place), view.rowHeight(place)
    return sum(
        abs(picture.pixelColor(x, y).hue() - colour.hue()) < 12 and picture.pixelColor(x, y).saturation() > 60
        for x in range(picture.width())
        for y in range(top, top + height)
    )


def test_the_reason_is_drawn_across_the_row(panel):
    warning = QColor(colours(panel.palette()).warning)
    assert ink(panel, "broken", warning) > 100
    assert ink(panel, "twin", warning) > 100
    assert ink(panel, "film1", warning) == 0
    # A film that can be read has its reason on a second line, and its figures as well.
    assert table(panel).rowHeight(panel.model.place_of("twin")) > table(panel).rowHeight(0)
    assert text(panel, "twin", Column.FILM_IOU) == "0.70"


def test_heights_follow_their_rows(panel):
    panel.sort_by(Column.FILM)
    tall = [place for place in range(7) if table(panel).rowHeight(place) > table(panel).rowHeight(0)]
    assert [panel.model.shown_row(place).key for place in tall] == ["twin"]
    panel.update_rows({}, {"twin": ""})
    assert len({table(panel).rowHeight(place) for place in range(7)}) == 1


def many(count):
    return [row(f"film{number}.png", summary(film_iou=number % 97 / 97)) for number in range(count)]


def is_in_sight(panel, key):
    view = table(panel)
    top = view.rowViewportPosition(panel.model.place_of(key))
    return top >= 0 and top + view.rowHeight(panel.model.place_of(key)) <= view.viewport().height()


def test_the_current_row_stays_in_sight(panel):
    panel.set_rows(many(2000))
    panel.set_current("film1500")
    assert is_in_sight(panel, "film1500")
    panel.sort_by(Column.FILM_IOU)
    assert is_in_sight(panel, "film1500")
    QTest.keyClicks(panel.findChild(QLineEdit), "15")
    assert is_in_sight(panel, "film1500")


def test_the_list_does_not_jump_while_summaries_come_in(panel):
    panel.set_rows([row(f"film{number}.png") for number in range(2000)])
    panel.sort_by(Column.FILM_IOU)
    panel.set_current("film1500")
    settle()
    before = table(panel).rowViewportPosition(panel.model.place_of("film1500"))
    for number in range(200):
        panel.update_row(f"film{number}", summary(film_iou=0.5))
    settle()
    assert panel.model.place_of("film1500") == 1500
    panel.update_rows({f"film{number}": summary(film_iou=0.2) for number in range(1900, 2000)})
    settle()
    assert panel.model.place_of("film1500") == 1600
    assert table(panel).rowViewportPosition(panel.model.place_of("film1500")) == before


def test_films_that_are_found_later_come_behind(panel):
    panel.add_rows([row("new.png"), row("film1.png", reason="its film is gone")])
    assert shown(panel)[-1] == "new"
    assert panel.model.row_of("film1").reason == "its film is gone"
    assert panel.model.total == 8


def test_the_count_tells_how_many_are_shown(panel):
    assert any(label.text() == "7 films" for label in labels(panel))
    QTest.keyClicks(panel.findChild(QLineEdit), "film1")
    assert any(label.text() == "2 of 7 films" for label in labels(panel))


def test_status_is_a_word_and_a_drawing(panel):
    assert text(panel, "twin", Column.STATUS) == "reviewed, flagged"
    assert text(panel, "film1", Column.STATUS) == "unread"
    assert panel.model.index(0, Column.STATUS).data(Qt.ItemDataRole.AccessibleTextRole) == "Status: unread"
