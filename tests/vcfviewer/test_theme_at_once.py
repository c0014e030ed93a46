"""A change of theme reaches every window that is open at once; "as the system" follows the system while it runs."""

import pytest
from opened_window import opened_window
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QDialog
from qt import settle
from tiny_model import make_film

from vcfviewer import theme
from vcfviewer.panels.dialogs.errors import ErrorText
from vcfviewer.settings import Theme

DARK, LIGHT = Qt.ColorScheme.Dark, Qt.ColorScheme.Light


@pytest.fixture
def films(tmp_path):
    make_film(tmp_path / "films" / "a.png")
    return tmp_path / "films"


def ground(widget):
    return widget.palette().color(QPalette.ColorRole.Window).name()


def ink(icon):
    """The colour that an icon is drawn in."""
    image = (icon.pixmap(QSize(48, 48)) if isinstance(icon, QIcon) else icon).toImage()
    drawn = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return next(colour.name() for colour in drawn if colour.alpha() > 250)


def looks(window):
    """What the window, a dialog of it, an action and the icons of two panels are drawn in."""
    return (
        ground(window),
        ground(window.findChild(QDialog)),
        ink(window.bar.action("invert").icon()),
        ink(window.decisions.film._flag.icon()),
        ink(window.errors._sign.pixmap()),
    )


def looks_of(colours):
    ground_colour, text = QColor(colours.window).name(), QColor(colours.text).name()
    return (ground_colour, ground_colour, text, text, text)


@pytest.fixture
def window(tmp_path, films, qt_app):
    theme.apply_theme(qt_app, Theme.DARK)
    with opened_window(tmp_path, films) as window:
        window.bar.action("keys").trigger()
        window.errors.show_error(ErrorText("It went wrong.", "Go on."))
        settle()
        yield window
        window.findChild(QDialog).reject()
        settle()


def test_a_theme_that_is_chosen_is_in_every_open_window_at_once(window):
    assert looks(window) == looks_of(theme.DARK)
    for chosen, colours in ((Theme.LIGHT, theme.LIGHT), (Theme.DARK, theme.DARK)):
        window.desk.settings.replace(theme=chosen)
        settle()
        assert looks(window) == looks_of(colours)


def test_as_the_system_follows_the_system_while_the_program_runs(window, qt_app):
    window.desk.settings.replace(theme=Theme.SYSTEM)
    for scheme, colours in ((DARK, theme.DARK), (LIGHT, theme.LIGHT), (DARK, theme.DARK)):
        qt_app.styleHints().colorSchemeChanged.emit(scheme)
        settle()
        assert looks(window) == looks_of(colours)


def test_a_theme_of_the_readers_own_stays_whatever_the_system_does(window, qt_app):
    qt_app.styleHints().colorSchemeChanged.emit(LIGHT)
    settle()
    assert looks(window) == looks_of(theme.DARK)
