"""The line of jobs and saving, and the banners."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QTextEdit, QToolButton, QVBoxLayout, QWidget
from qt import settle

from vcfviewer.panels.banners import BannerKind, BannerStack
from vcfviewer.panels.job_bar import JobBar, SaveState


@pytest.fixture
def bar(qt_app):
    bar = JobBar()
    bar.resize(900, 32)
    bar.show()
    settle()
    return bar


@pytest.fixture
def window(qt_app):
    """A stack of banners above something that wants all room."""
    window = QWidget()
    layout = QVBoxLayout(window)
    stack = BannerStack(window)
    layout.addWidget(stack)
    layout.addWidget(QTextEdit(window), 1)
    window.resize(600, 500)
    window.show()
    settle()
    return window


@pytest.fixture
def stack(window):
    return window.findChild(BannerStack)


def said(widget):
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()]


def visible_button(bar, text):
    return next(one for one in bar.findChildren(QPushButton) if one.text() == text and one.isVisible())


def test_a_job_shows_how_far_it_is(bar):
    assert said(bar) == ["No changes"]
    assert not bar.findChild(QProgressBar).isVisible()
    bar.show_job("Predicting the folder", 312, 10000)
    progress = bar.findChild(QProgressBar)
    assert (progress.value(), progress.maximum(), progress.text()) == (312, 10000, "312 of 10000")
    assert "Predicting the folder" in said(bar)
    bar.end_job()
    assert not progress.isVisible()


def test_pause_go_on_and_cancel(bar):
    pauses, cancels = QSignalSpy(bar.pause_asked), QSignalSpy(bar.cancel_asked)
    bar.show_job("Predicting the folder", 1, 10)
    QTest.mouseClick(visible_button(bar, "Pause"), Qt.MouseButton.LeftButton)
    bar.show_job("Predicting the folder", 1, 10, paused=True)
    assert "Predicting the folder, paused" in said(bar)
    QTest.keyClick(visible_button(bar, "Go on"), Qt.Key.Key_Space)
    QTest.mouseClick(visible_button(bar, "Cancel"), Qt.MouseButton.LeftButton)
    assert [pauses.at(0)[0], pauses.at(1)[0], cancels.count()] == [True, False, 1]


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (SaveState.SAVING, "Saving…"),
        (SaveState.SAVED, "All saved"),
        (SaveState.WAITING, "Not in the file yet, kept in the journal"),
        (SaveState.READ_ONLY, "Read-only"),
    ],
)
def test_where_the_edits_are(bar, state, text):
    bar.show_save_state(state, "film.json")
    assert said(bar) == [text]
    assert any(label.toolTip() == "film.json" for label in bar.findChildren(QLabel))


def test_what_is_under_way_for_the_film(bar):
    bar.show_activity("The model is loading")
    assert "The model is loading" in said(bar)
    bar.show_activity("")
    assert "The model is loading" not in said(bar)


@pytest.mark.parametrize("kind", BannerKind)
def test_every_banner_says_what_happened_and_what_it_means(stack, kind):
    stack.show_banner(kind, "Dr. Lee on ward-pc-3.")
    message = stack.banner(kind).message
    assert message.count(".") >= 3
    assert "Dr. Lee on ward-pc-3." in message
    assert stack.banner(kind).accessibleName() == message
    assert stack.isVisible()


def test_a_banner_acts_and_is_put_away_by_keyboard(stack):
    stack.show_banner(BannerKind.DISK_FULL)
    acted, dismissed = QSignalSpy(stack.acted), QSignalSpy(stack.dismissed)
    banner = stack.banner(BannerKind.DISK_FULL)
    QTest.keyClick(banner.findChild(QPushButton), Qt.Key.Key_Space)
    assert stack.kinds == (BannerKind.DISK_FULL,)
    QTest.keyClick(banner.findChild(QToolButton), Qt.Key.Key_Space)
    settle()
    assert [acted.at(0)[0], dismissed.at(0)[0]] == [BannerKind.DISK_FULL, BannerKind.DISK_FULL]
    assert stack.kinds == ()
    assert not stack.isVisible()


def test_a_banner_may_come_again(stack):
    for _ in range(3):
        stack.show_banner(BannerKind.FOLDER_GONE)
        stack.take_away(BannerKind.FOLDER_GONE)
    stack.take_away(BannerKind.FOLDER_GONE)
    stack.show_banner(BannerKind.FOLDER_GONE)
    assert stack.kinds == (BannerKind.FOLDER_GONE,)


def test_the_same_banner_is_said_once_with_its_newest_detail(stack):
    stack.show_banner(BannerKind.RECOVERED, "2 edits.")
    first = stack.banner(BannerKind.RECOVERED)
    stack.show_banner(BannerKind.RECOVERED, "3 edits.")
    assert stack.banner(BannerKind.RECOVERED) is first
    assert "3 edits." in first.message
    assert "2 edits." not in first.message


def test_the_gravest_stands_first(stack):
    for kind in reversed(BannerKind):
        stack.show_banner(kind)
    settle()
    tops = [stack.banner(kind).y() for kind in BannerKind]
    assert tops == sorted(tops)
    assert stack.kinds == tuple(BannerKind)


@pytest.mark.parametrize("kind", [BannerKind.BLIND_READ, BannerKind.OUTSIDE_CHANGE])
def test_what_waits_for_an_answer_cannot_be_put_away(stack, kind):
    stack.show_banner(kind)
    assert not stack.banner(kind).findChild(QToolButton).isVisible()
    assert stack.banner(kind).findChild(QPushButton).isVisible()


@pytest.mark.parametrize("width", [320, 600, 1200])
def test_no_banner_is_cut_off(window, stack, width):
    window.resize(width, 700)
    for kind in (BannerKind.DISK_FULL, BannerKind.SECOND_WINDOW, BannerKind.BLIND_READ):
        stack.show_banner(kind, "Dr. Lee on ward-pc-3, since 09:12.")
    settle()
    for kind in stack.kinds:
        text = max(stack.banner(kind).findChildren(QLabel), key=lambda label: len(label.text()))
        assert text.height() >= text.heightForWidth(text.width())
