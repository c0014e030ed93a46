"""The one presenter of errors: what happened, what to do, details on demand; nobody is interrupted."""

import pytest
from controls import check_controls, shown
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.errors import AnnotationReadError, AnnotationWriteError, FilmReadError, TrainingError, WeightsError
from vcfviewer.panels.dialogs.errors import ErrorBanner, ErrorText, describe_error


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.fixture
def desk():
    window = QWidget()
    column = QVBoxLayout(window)
    banner, field = ErrorBanner(), QLineEdit()
    field.setAccessibleName("a field of the window")
    column.addWidget(banner)
    column.addWidget(field)
    shown(window)
    field.setFocus()
    return window, banner, field


def visible_texts(banner):
    return [label.text() for label in banner.findChildren(QLabel) if label.isVisible() and label.text()]


def button(banner, text):
    both = [*banner.findChildren(QPushButton), *banner.findChildren(QToolButton)]
    return next(one for one in both if text in one.text().replace("&", ""))


def click(banner, text):
    QTest.mouseClick(button(banner, text), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (FilmReadError("a.dcm", "ends too soon"), "other films"),
        (AnnotationReadError("a.json", "line 3"), "left just as it is"),
        (AnnotationWriteError("a.json", "disk full"), "safe in the journal"),
        (WeightsError("a.card.json", "damaged"), "another model"),
        (TrainingError("no numbers"), "last checkpoint"),
        (PermissionError(13, "not allowed", "a"), "right to use"),
        (FileNotFoundError(2, "gone", "a"), "still there"),
        (OSError(28, "no space"), "disk or the network"),
        (MemoryError(), "Close other programs"),
        (ZeroDivisionError("division by zero"), "fault of the program"),
    ],
)
def test_each_error_says_what_happened_and_what_to_do(error, advice):
    told = describe_error("Reading a film", raised(error))
    assert told.what.startswith("Reading a film: ")
    assert (str(error) or type(error).__name__) in told.what
    assert advice in told.advice
    assert "raised" in told.details, "the traceback is there"


def test_an_error_takes_no_focus_and_says_all(desk):
    _, banner, field = desk
    assert not banner.isVisible()
    banner.show_error(describe_error("Saving", raised(AnnotationWriteError("a.json", "disk full"))))
    assert banner.isVisible()
    assert field.hasFocus()
    texts = visible_texts(banner)
    assert texts[0] == "Saving: a.json: disk full"
    assert "safe in the journal" in texts[1]
    assert "a.json" in banner.accessibleDescription()


def test_details_open_and_close_and_the_text_is_copied(desk):
    _, banner, _ = desk
    error = describe_error("Predicting", raised(ZeroDivisionError("division by zero")))
    banner.show_error(error)
    details = banner.findChild(QPlainTextEdit)
    assert not details.isVisible()
    click(banner, "Details")
    assert details.isVisible()
    assert "ZeroDivisionError" in details.toPlainText()
    click(banner, "Copy text")
    assert QGuiApplication.clipboard().text() == error.as_text()
    click(banner, "Details")
    assert not details.isVisible()


def test_errors_queue_the_newest_first_and_are_closed_one_by_one(desk):
    _, banner, _ = desk
    dismissed = []
    banner.dismissed.connect(dismissed.append)
    for number in range(3):
        banner.show_error(ErrorText(f"error {number}", "do this", key=str(number)))
    assert visible_texts(banner)[0] == "error 2"
    assert "Errors behind this one: 2" in visible_texts(banner)
    click(banner, "Close")
    assert visible_texts(banner)[0] == "error 1"
    click(banner, "Close")
    click(banner, "Close")
    assert not banner.isVisible()
    assert dismissed == ["2", "1", "0"]


def test_a_trouble_that_comes_back_is_no_flood_and_goes_when_its_cause_is_gone(desk):
    _, banner, _ = desk
    for number in range(50):
        banner.show_error(ErrorText(f"disk full, try {number}", "", key="save"))
    banner.show_error(ErrorText("another", "", key="other"))
    assert len(banner.errors) == 2
    banner.clear("other")
    assert visible_texts(banner)[0] == "disk full, try 49"
    banner.clear("save")
    assert not banner.isVisible()


def test_escape_closes_only_from_within_the_banner(desk):
    _, banner, field = desk
    banner.show_error(ErrorText("error", "do this", key="a"))
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert banner.isVisible()
    QTest.keyClick(button(banner, "Copy text"), Qt.Key.Key_Escape)
    assert not banner.isVisible()


def test_every_control_has_a_name_and_a_stop_of_the_tab_key(desk):
    window, banner, _ = desk
    banner.show_error(ErrorText("error", "do this", "details", key="a"))
    click(banner, "Details")
    assert check_controls(window) >= 5
