"""One application for all tests of the window; Qt warnings, leaked threads and timers fail a test."""

from window_fixtures import clean_house as clean_house
from window_fixtures import qt_app as qt_app
