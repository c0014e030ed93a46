"""What a reader can decide on a finding and on a film, by mouse and by keyboard."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QRadioButton
from qt import settle, wait_until

from engine.domain.case import ReviewStatus
from engine.domain.decisions import Acuity, FilmReview, RejectReason, confirm, decision_of, film_review, set_film_review
from engine.domain.grading import GenantGrade
from vcfviewer.panels.decision_panel import DecisionPanel
from vcfviewer.panels.words import reason_word

AT = "2026-11-24T21:00:00Z"


@pytest.fixture
def panel(qt_app, reviewed_film):
    panel = DecisionPanel()
    panel.resize(420, 480)
    panel.finding.show_finding(reviewed_film.fresh[0])
    panel.film.show_review(film_review(reviewed_film.original), findings=2)
    panel.show()
    settle()
    return panel


def button(widget, text):
    return next(one for one in widget.findChildren(QPushButton) if one.text().endswith(text))


def click(widget, text):
    QTest.mouseClick(button(widget, text), Qt.MouseButton.LeftButton)


def spied(spy):
    return [spy.at(place) for place in range(spy.count())]


def test_accept_and_accept_with_edit(panel):
    accepted, edited = QSignalSpy(panel.finding.accept_asked), QSignalSpy(panel.finding.accept_and_edit_asked)
    click(panel, "Accept")
    click(panel, "Accept and edit")
    assert (accepted.count(), edited.count()) == (1, 1)
    # Nothing looks decided before it is: the request may be refused.
    assert not button(panel, "Accept").isChecked()


@pytest.mark.parametrize("reason", RejectReason)
def test_reject_with_each_reason(panel, reason):
    spy = QSignalSpy(panel.finding.reject_asked)
    click(panel, reason_word(reason))
    assert spied(spy) == [[reason]]
    assert not button(panel, reason_word(reason)).isChecked()


def test_reasons_carry_their_keys(panel):
    texts = [button(panel, reason_word(reason)).text() for reason in RejectReason]
    assert [text[0] for text in texts] == ["1", "2", "3", "4", "5"]


def test_what_was_decided_stands_and_pressing_it_takes_it_back(panel, reviewed_film):
    withdrawn, accepted = QSignalSpy(panel.finding.withdraw_asked), QSignalSpy(panel.finding.accept_asked)
    panel.finding.show_finding(reviewed_film.decided[0])
    assert button(panel, "Accepted").isChecked()
    click(panel, "Accepted")
    panel.finding.show_finding(reviewed_film.decided[2])
    assert button(panel, "Schmorl's node").isChecked()
    click(panel, "Schmorl's node")
    click(panel, "Take back")
    assert withdrawn.count() == 3
    assert accepted.count() == 0


def test_another_reason_replaces_the_one_that_stands(panel, reviewed_film):
    spy = QSignalSpy(panel.finding.reject_asked)
    panel.finding.show_finding(reviewed_film.decided[2])
    click(panel, "Other")
    assert spied(spy) == [[RejectReason.OTHER]]
    assert button(panel, "Schmorl's node").isChecked()


def test_a_missed_finding_is_kept_and_not_rejected(panel, reviewed_film):
    missed = reviewed_film.fresh[1]
    panel.finding.show_finding(missed)
    assert button(panel, "Keep mine").isEnabled()
    assert not button(panel, "Schmorl's node").isEnabled()
    assert not button(panel, "Accept and edit").isEnabled()
    kept = confirm(reviewed_film.original, missed.key, "kim", AT)
    panel.finding.show_finding(replace(missed, decision=decision_of(kept.shape(missed.key))))
    assert button(panel, "Kept").isChecked()


def test_attributes(panel):
    spy = QSignalSpy(panel.finding.attribute_asked)
    radios = {one.text(): one for one in panel.findChildren(QRadioButton)}
    checks = {one.text(): one for one in panel.findChildren(QCheckBox)}
    QTest.mouseClick(radios["fresh"], Qt.MouseButton.LeftButton)
    radios["unknown"].setFocus()
    QTest.keyClick(radios["unknown"], Qt.Key.Key_Right)
    QTest.keyClick(checks["Pathological"], Qt.Key.Key_Space)
    QTest.keyClick(checks["Implant or cement"], Qt.Key.Key_Space)
    QTest.keyClick(checks["Level is certain"], Qt.Key.Key_Space)
    assert spied(spy) == [
        ["acuity", Acuity.FRESH],
        ["acuity", Acuity.FRESH],
        ["pathological", True],
        ["implant", True],
        ["level_certain", False],
    ]
    # Shown again as they stand until they were changed.
    assert radios["unknown"].isChecked()
    assert checks["Level is certain"].isChecked()


def test_the_readers_own_grade_stands_beside_the_suggestion(panel, reviewed_film):
    panel.finding.show_finding(reviewed_film.decided[0])
    combo = panel.findChild(QComboBox)
    assert combo.currentText() == "2 moderate"
    assert any(label.text().startswith("suggestion ") for label in panel.findChildren(QLabel))
    spy = QSignalSpy(panel.finding.attribute_asked)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Home):
        QTest.keyClick(combo, key)
    assert spied(spy) == [["grade", GenantGrade.SEVERE], ["grade", None]]


def test_attributes_need_an_outline_of_the_readers(panel, reviewed_film):
    panel.finding.show_finding(reviewed_film.fresh[2])
    assert not any(one.isEnabled() for one in panel.findChildren(QCheckBox))
    assert any("accept the finding first" in label.text() and label.isVisible() for label in panel.findChildren(QLabel))


def test_without_a_finding_or_read_only_nothing_can_be_decided(panel, reviewed_film):
    for row, read_only in ((None, False), (reviewed_film.decided[0], True)):
        panel.finding.show_finding(row, read_only)
        assert not any(one.isEnabled() for one in panel.finding.findChildren(QPushButton))
        assert not any(one.isEnabled() for one in panel.finding.findChildren(QCheckBox))
    panel.film.show_review(None)
    assert not any(one.isEnabled() for one in panel.film.findChildren(QPushButton))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Reviewed", ReviewStatus.REVIEWED),
        ("No fracture here", ReviewStatus.NO_FRACTURE),
        ("Unusable", ReviewStatus.UNUSABLE),
    ],
)
def test_the_status_of_the_film(panel, text, status):
    spy = QSignalSpy(panel.film.status_asked)
    panel.film.show_review(FilmReview())
    click(panel.film, text)
    assert not button(panel.film, text).isChecked()
    panel.film.show_review(FilmReview(status))
    assert button(panel.film, text).isChecked()
    click(panel.film, text)
    assert spied(spy) == [[status], [ReviewStatus.IN_PROGRESS]]


def test_no_fracture_is_refused_while_findings_stand(panel, reviewed_film):
    panel.film.show_review(film_review(reviewed_film.original), findings=len(reviewed_film.original.findings))
    negative = button(panel.film, "No fracture here")
    assert not negative.isEnabled()
    assert "2 findings stand" in negative.toolTip()


def test_flag_and_accept_all(panel):
    flags, all_of_them = QSignalSpy(panel.film.flag_asked), QSignalSpy(panel.film.accept_all_asked)
    click(panel.film, "Flag")
    panel.film.show_review(FilmReview(flagged=True))
    click(panel.film, "Flagged")
    click(panel.film, "Accept all of this film")
    assert spied(flags) == [[True], [False]]
    assert all_of_them.count() == 1


def test_a_comment_is_handed_on_by_return_by_waiting_and_on_leaving(panel):
    spy = QSignalSpy(panel.film.comment_asked)
    panel.film.show_review(FilmReview())
    field = panel.findChild(QLineEdit)
    panel.film.focus_comment()
    QTest.keyClicks(field, "old?")
    QTest.keyClick(field, Qt.Key.Key_Return)
    panel.film.show_review(FilmReview(comment="old?"))
    QTest.keyClicks(field, " ask")
    wait_until(lambda: spy.count() == 2, 5, "the comment to be handed on")
    panel.film.show_review(FilmReview(comment="old? ask"))
    QTest.keyClicks(field, " Lee")
    panel.film.commit_comment()
    panel.film.show_review(FilmReview(comment="old? ask Lee"))
    panel.film.commit_comment()
    assert spied(spy) == [["old?"], ["old? ask"], ["old? ask Lee"]]


def test_a_comment_in_the_making_is_not_overwritten_by_the_film_it_belongs_to(panel):
    panel.film.show_review(FilmReview(comment="ask"))
    field = panel.findChild(QLineEdit)
    QTest.keyClicks(field, " Lee ")
    panel.film.commit_comment()
    panel.film.show_review(FilmReview(comment="ask Lee"))
    assert field.text() == "ask Lee "
    panel.film.show_review(FilmReview(comment="another film"))
    assert field.text() == "another film"


def test_who_said_so_and_when(panel, reviewed_film):
    reviewed = set_film_review(reviewed_film.original, ReviewStatus.REVIEWED, reader="kim", at=AT)
    panel.film.show_review(film_review(reviewed))
    assert panel.film.title() == "Film: reviewed"
    assert any("Last by kim, 2026-11-24 21:00 UTC." in label.text() for label in panel.findChildren(QLabel))


def test_no_text_is_cut_off_at_the_docks_width(panel):
    panel.resize(420, panel.sizeHint().height())
    settle()
    assert panel.minimumSizeHint().width() <= 420
    for one in panel.findChildren(QPushButton):
        assert one.width() >= one.fontMetrics().horizontalAdvance(one.text()) + 8, one.text()
