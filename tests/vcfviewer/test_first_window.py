"""The first start: nothing is kept of an earlier window, and the window fills the screen all the same."""

from opened_window import opened_window


def test_the_first_window_fills_the_screen_with_or_without_a_window_manager(tmp_path):
    with opened_window(tmp_path, size=None) as window:
        screen = window.screen().availableGeometry()
        assert window.isMaximized()
        assert window.frameGeometry().contains(screen)
        # Its size as long as it isn't maximised is all it has where no window manager runs.
        fills = screen.size().expandedTo(window.minimumSizeHint())
        assert window.normalGeometry().size() == fills


def test_the_second_window_is_as_the_first_was_left(tmp_path):
    with opened_window(tmp_path, size=None) as window:
        window.showNormal()
    with opened_window(tmp_path, size=None) as window:
        assert not window.isMaximized()
