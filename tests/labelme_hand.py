"""The real labelme with a hand of its own, which does one thing by labelme's own keys once the film is there."""

import sys
import tempfile
from collections.abc import Callable

import pytest

DRIVER = '''
"""labelme as it is, with a hand that does what the first argument says once the film is there."""
import sys
from pathlib import Path
from PyQt5 import QtCore, QtTest, QtWidgets

what = sys.argv.pop(1)
run = QtWidgets.QApplication.exec_


def widgets(kind):
    return [one for one in QtWidgets.QApplication.allWidgets() if type(one).__name__ == kind]


def choose(row):
    (shapes,) = widgets("LabelListWidget")
    shapes.setCurrentIndex(shapes.model().index(row, 0))
    shapes.selectionModel().select(shapes.model().index(row, 0), QtCore.QItemSelectionModel.ClearAndSelect)


def key(code, mods=QtCore.Qt.NoModifier):
    (canvas,) = widgets("Canvas")
    canvas.setFocus()
    QtTest.QTest.keyClick(canvas, code, mods)


def act():
    (window,) = widgets("MainWindow")
    (shapes,) = widgets("LabelListWidget")
    if shapes.model().rowCount() == 0:
        QtCore.QTimer.singleShot(50, act)
        return
    if "rows" in what:
        assert shapes.model().rowCount() == int(what[-1]), shapes.model().rowCount()
    if "move" in what:
        choose(0)
        key(QtCore.Qt.Key_Right)
        QtTest.QTest.keyRelease(widgets("Canvas")[0], QtCore.Qt.Key_Right)
    if "double" in what:
        choose(0)
        next(one for one in window.findChildren(QtWidgets.QAction) if one.text().startswith("Duplicate")).trigger()
    if "break" in what:
        next(Path.cwd().glob("*.json")).write_text("{")
    if "delete" in what:
        next(Path.cwd().glob("*.json")).unlink()
    if "stay" not in what:
        window.close()


def exec_(*_):
    QtCore.QTimer.singleShot(0, act)
    return run()


QtWidgets.QApplication.exec_ = exec_
from labelme.__main__ import main
main()
'''


@pytest.fixture
def hand(tmp_path, monkeypatch) -> Callable[[str], tuple[str, ...]]:
    """The command of a labelme that does something by itself; settings and work folders lie in the test's folder."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(tempfile, "tempdir", str(work))
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    return lambda what: (sys.executable, str(driver), what)
