"""The first start: nothing is kept of an earlier window, and the window fills the screen all the same."""

from opened_window import opened_window
from qt import settle


def test_the_first_window_fills_the_screen_with_or_without_a_window_manager(tmp_path):
    with opened_window(tmp_path, size=None) as window:
        screen = window.screen().availableGeometry()
        assert window.isMaximized()
        assert window.frameGeometry().contains(screen)
        # The size that it has of its own is all it gets where no window manager runs.
        window.showNormal()
        settle()
        assert window.frameSize().width() >= screen.width()
        assert window.frameSize().height() >= screen.height()


def test_the_second_window_is_as_the_first_was_left(tmp_path):
    with opened_window(tmp_path, size=None) as window:
        window.showNormal()
    with opened_window(tmp_path, size=None) as window:
        assert not window.isMaximized()
