"""The findings table and its detail, on a film of the samples that a reader decided on."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QScrollArea, QTableView
from qt import settle

from engine.domain.case import NOTICE
from engine.domain.decisions import RejectReason
from engine.domain.grading import Grade
from engine.domain.matching import MatchKind
from engine.domain.morphometry import LengthUnit, Quality
from vcfviewer.panels.findings import FindingsPanel
from vcfviewer.panels.findings_model import FindingColumn
from vcfviewer.panels.words import DASH, band_text, notice_text, quality_text

WIDTH = 420


@pytest.fixture
def panel(qt_app, reviewed_film):
    panel = FindingsPanel()
    panel.resize(WIDTH, 700)
    panel.show_rows(reviewed_film.decided, "mm (detector plane)")
    panel.show_summary(reviewed_film.summary)
    panel.show()
    settle()
    return panel


def table(panel):
    return panel.findChild(QTableView)


def cell(panel, place, column):
    return panel.model.index(place, column).data()


def row_texts(panel, place):
    return {column: cell(panel, place, column) for column in FindingColumn}


def said(panel):
    """Everything that stands in visible labels."""
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def test_a_pair_shows_its_first_agreement_and_the_present_one(panel, reviewed_film):
    texts = row_texts(panel, 0)
    first = reviewed_film.fresh[0]
    assert texts[FindingColumn.LEVEL] == "T12?"
    assert texts[FindingColumn.KIND] == "agrees"
    assert texts[FindingColumn.SCORE] == "0.93"
    # Accepting doesn't make the IoU 1: what was, stands before the arrow.
    assert texts[FindingColumn.IOU] == f"{first.iou:.2f} → 1.00"
    assert texts[FindingColumn.DICE] == f"{first.dice:.2f} → 1.00"
    assert texts[FindingColumn.BOUNDARY] == f"{first.boundary_mm:.1f} mm"
    assert texts[FindingColumn.OWN_GRADE] == "2"
    assert texts[FindingColumn.DECISION] == "accepted"


def test_before_any_decision_there_is_one_figure(panel, reviewed_film):
    panel.show_rows(reviewed_film.fresh, "mm (detector plane)")
    assert cell(panel, 0, FindingColumn.IOU) == f"{reviewed_film.fresh[0].iou:.2f}"
    assert cell(panel, 0, FindingColumn.DECISION) == DASH
    assert cell(panel, 0, FindingColumn.OWN_GRADE) == DASH


@pytest.mark.parametrize(("place", "kind"), [(1, MatchKind.MISSED), (2, MatchKind.EXTRA)])
def test_what_has_no_partner_has_dashes_never_0_or_1(panel, place, kind):
    assert panel.model.rows[place].kind is kind
    assert cell(panel, place, FindingColumn.KIND) == kind.value
    for column in (FindingColumn.IOU, FindingColumn.DICE, FindingColumn.BOUNDARY):
        assert cell(panel, place, column) == DASH
    assert (cell(panel, place, FindingColumn.SCORE) == DASH) is (kind is MatchKind.MISSED)


def test_kinds_have_a_word_and_a_swatch_of_their_own(panel):
    pictures = []
    for place in range(3):
        index = panel.model.index(place, FindingColumn.KIND)
        assert index.data()
        pictures.append(index.data(Qt.ItemDataRole.DecorationRole).pixmap(16, 16).toImage())
    assert pictures[0] != pictures[1] != pictures[2]


def test_distances_are_in_pixels_where_mm_are_not_known(panel, reviewed_film):
    row = replace(reviewed_film.fresh[0], boundary_mm=None)
    panel.show_rows((row,), "")
    assert cell(panel, 0, FindingColumn.BOUNDARY) == f"{row.boundary_distance:.1f} px"


def test_heights_and_loss_come_with_their_units(panel):
    body = panel.model.rows[0].measurement.body
    heights = " / ".join(f"{height:.1f}" for height in body.heights.values)
    assert cell(panel, 0, FindingColumn.HEIGHTS) == f"{heights} mm"
    assert cell(panel, 0, FindingColumn.LOSS).endswith(" %")
    panel.set_current(panel.model.rows[0].key)
    assert "mm (detector plane)" in said(panel)
    assert "Height in mm" in said(panel)
    row = panel.model.rows[0]
    in_pixels = replace(row.measurement, body=replace(body, unit=LengthUnit.PIXELS))
    panel.show_rows((replace(row, measurement=in_pixels),), "")
    assert "Height in px" in said(panel)


def test_the_grade_is_a_suggestion_with_its_borderline_beside_the_readers_own(panel):
    row = panel.model.rows[0]
    grade = row.measurement.grade
    assert cell(panel, 0, FindingColumn.SUGGESTION) == band_text(grade)
    panel.set_current(row.key)
    text = said(panel)
    assert "Genant suggestion: " in text
    assert "Your Genant grade: 2 moderate" in text


@pytest.mark.parametrize(
    ("grade", "text"),
    [(Grade(2), "2"), (Grade(2, 1), f"1{DASH}2"), (Grade(1, 2), f"1{DASH}2"), (Grade(0), "0")],
)
def test_a_borderline_grade_names_both(grade, text):
    assert band_text(grade) == text


def test_what_makes_a_measure_doubtful_is_said(panel, reviewed_film):
    row = reviewed_film.fresh[0]
    body = replace(row.measurement.body, quality=(Quality.COARSE, Quality.RAGGED))
    panel.show_rows((replace(row, measurement=replace(row.measurement, body=body)),), "mm")
    panel.set_current(row.key)
    tip = panel.model.index(0, FindingColumn.HEIGHTS).data(Qt.ItemDataRole.ToolTipRole)
    for quality in (Quality.COARSE, Quality.RAGGED):
        assert quality_text(quality) in tip
        assert quality_text(quality) in said(panel)


def test_a_body_that_cannot_be_measured_says_why(panel, reviewed_film):
    row = reviewed_film.fresh[0]
    refused = replace(row.measurement, body=None, losses=None, grade=None, refusal="an outline needs 12 vertices")
    panel.show_rows((replace(row, measurement=refused),), "mm")
    panel.set_current(row.key)
    assert "an outline needs 12 vertices" in said(panel)
    assert cell(panel, 0, FindingColumn.HEIGHTS) == DASH
    assert cell(panel, 0, FindingColumn.LOSS) == DASH


def test_without_facing_the_reader_is_told_what_to_set(panel, reviewed_film):
    panel.show_rows((replace(reviewed_film.fresh[0], measurement=None),), "")
    panel.set_current(reviewed_film.fresh[0].key)
    assert "Set which way the patient faces" in said(panel)


def test_a_rejection_is_shown_with_reason_reader_and_time(panel):
    panel.set_current("extra")
    assert "Decision: rejected (Schmorl's node), kim, 2026-11-24 21:00 UTC" in said(panel)


def test_the_film_line_counts_and_the_notice_stands(panel, reviewed_film):
    text = said(panel)
    summary = reviewed_film.summary
    assert f"Film IoU {summary.film_iou:.2f}, now {summary.film_iou_now:.2f}" in text
    assert "Agrees 1 · label differs 0 · missed 1 · extra 1" in text
    assert NOTICE in text
    panel.show_summary(replace(summary, film_iou=None, film_iou_now=None))
    assert f"Film IoU {DASH}\n" in said(panel)
    panel.show_summary(None)
    assert f"Film IoU {DASH}" in said(panel)


def test_the_notice_has_the_engines_words():
    assert notice_text() == NOTICE


def test_arrow_keys_choose_findings(panel):
    panel.set_current(panel.model.rows[0].key)
    spy = QSignalSpy(panel.finding_chosen)
    panel.focus_table()
    QTest.keyClick(table(panel), Qt.Key.Key_Down)
    QTest.keyClick(table(panel), Qt.Key.Key_Down)
    assert [spy.at(place)[0] for place in range(spy.count())] == [panel.model.rows[1].key, "extra"]
    assert panel.current == "extra"


def test_selecting_by_the_program_tells_nobody(panel, reviewed_film):
    spy = QSignalSpy(panel.finding_chosen)
    panel.set_current("extra")
    panel.show_rows(reviewed_film.fresh, "mm")
    assert panel.current == "extra"
    assert table(panel).currentIndex().row() == 2
    panel.show_rows((), "")
    assert panel.current == ""
    panel.set_current("nobody")
    assert panel.current == ""
    assert spy.count() == 0


def test_no_findings_say_so(panel):
    panel.show_rows((), "")
    assert not table(panel).isVisible()
    assert "No findings on this film" in said(panel)
    panel.show_rows((), "", "The model's findings are hidden until you commit your read.")
    assert "hidden until you commit" in said(panel)


def test_figures_are_live_during_a_drag(panel, reviewed_film):
    row = reviewed_film.decided[0]
    panel.set_current(row.key)
    panel.show_live(row.key, 0.5, 0.667, 7.25, 2.5)
    assert cell(panel, 0, FindingColumn.IOU) == f"{row.iou:.2f} → 0.50"
    assert "0.500" in said(panel)
    assert "7.2 px = 2.5 mm" in said(panel)
    panel.show_live(row.key, None, None, None)
    assert cell(panel, 0, FindingColumn.IOU) == f"{row.iou:.2f} → 1.00"
    assert "0.500" not in said(panel)


def test_a_drag_of_another_pair_leaves_the_detail_alone(panel, reviewed_film):
    panel.set_current("extra")
    before = said(panel)
    panel.show_live(reviewed_film.decided[0].key, 0.5, 0.667, 7.25)
    assert said(panel) == before


def test_new_figures_keep_selection_and_focus(panel, reviewed_film):
    panel.set_current("extra")
    panel.focus_table()
    panel.show_rows(reviewed_film.fresh, "mm")
    assert table(panel).currentIndex().row() == 2
    assert table(panel).hasFocus()


def test_the_menu_decides(panel, reviewed_film):
    extra = reviewed_film.decided[2]
    menu = panel.menu_for(extra)
    accepts, rejects, withdraws = (
        QSignalSpy(signal) for signal in (panel.accept_asked, panel.reject_asked, panel.withdraw_asked)
    )
    menu.actions()[0].trigger()
    reasons = menu.actions()[1].menu().actions()
    assert len(reasons) == 5
    reasons[1].trigger()
    menu.actions()[2].trigger()
    assert [accepts.at(0), withdraws.at(0)] == [["extra"], ["extra"]]
    assert rejects.at(0) == ["extra", RejectReason.SCHMORL]


def test_a_missed_finding_can_only_be_kept(panel, reviewed_film):
    actions = panel.menu_for(reviewed_film.decided[1]).actions()
    assert actions[0].text() == "Keep the expert's finding"
    assert not actions[1].menu().isEnabled()
    assert not actions[2].isEnabled()


def test_the_narrow_table_cuts_nothing_off(panel):
    view = table(panel)
    columns = [column for column in FindingColumn if not view.isColumnHidden(column)]
    wanted = {FindingColumn.LEVEL, FindingColumn.KIND, FindingColumn.SCORE, FindingColumn.IOU, FindingColumn.DECISION}
    assert wanted <= set(columns)
    assert view.horizontalScrollBar().maximum() == 0
    for place in range(3):
        for column in columns:
            needed = view.sizeHintForIndex(panel.model.index(place, column)).width()
            assert view.columnWidth(column) >= needed, (column, cell(panel, place, column))


def test_a_wide_table_shows_every_column(panel):
    panel.resize(1100, 700)
    settle()
    assert not any(table(panel).isColumnHidden(column) for column in FindingColumn)
    assert table(panel).horizontalScrollBar().maximum() == 0


def test_a_low_panel_shows_all_of_a_few_findings(panel):
    panel.resize(WIDTH, panel.minimumSizeHint().height())
    settle()
    view = table(panel)
    last = view.visualRect(panel.model.index(panel.model.rowCount() - 1, FindingColumn.LEVEL))
    assert panel.model.rowCount() == 3
    assert view.viewport().rect().contains(last)


def test_before_any_film_there_is_no_detail(qt_app):
    panel = FindingsPanel()
    panel.resize(WIDTH, 200)
    panel.show()
    settle()
    details = panel.findChild(QScrollArea)
    assert not details.widget().isVisible()
    assert not details.verticalScrollBar().isVisible()


def test_only_a_detail_that_is_there_can_be_scrolled(panel, reviewed_film):
    panel.resize(WIDTH, panel.minimumSizeHint().height())
    bar = panel.findChild(QScrollArea).verticalScrollBar()
    for key, scrolled in (("", False), (reviewed_film.decided[0].key, True), ("", False)):
        panel.set_current(key)
        settle()
        assert bar.isVisible() is scrolled
