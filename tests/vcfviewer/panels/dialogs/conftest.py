"""Dialogs are tested as they are seen by default: in the dark theme, in English."""

import pytest

from vcfviewer import theme
from vcfviewer.settings import Theme


@pytest.fixture(autouse=True)
def reading_room(qt_app):
    if theme.colours() is not theme.DARK or not qt_app.styleSheet():
        theme.apply_theme(qt_app, Theme.DARK)
