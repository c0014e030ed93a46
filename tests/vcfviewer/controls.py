"""What a reader without a mouse, or without sight, meets: the controls, their names, the way of the Tab key."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QRadioButton, QTabWidget, QWidget
from qt import settle, wait_until


def controls(root: QWidget) -> list[QWidget]:
    """Return the widgets that should have a stop of the Tab key now."""
    return [
        one
        for one in root.findChildren(QWidget)
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and one.isVisibleTo(root)
        and one.isEnabled()
        and one.focusProxy() is None
        and not one.objectName().startswith("qt_")
    ]


def spoken_name(widget: QWidget) -> str:
    """Return what a screen reader says of a widget."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()


def shown(widget: QWidget) -> QWidget:
    """Show a widget and wait until keys reach it."""
    widget.show()
    widget.activateWindow()
    wait_until(widget.isActiveWindow, what="an active window")
    settle()
    return widget


def press(key: Qt.Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the focus is; another window that closes late may have taken it for a moment."""
    for window in QApplication.topLevelWidgets():
        if QApplication.focusWidget() is None and window.isVisible():
            window.activateWindow()
    wait_until(QApplication.focusWidget, what="a widget with the focus")
    QTest.keyClick(QApplication.focusWidget(), key, modifier)


def stops(root: QWidget) -> set[QWidget]:
    """Press Tab until the focus has been everywhere it goes, and return where it was."""
    seen: set[QWidget] = set()
    for _ in range(200):
        focused = QApplication.focusWidget()
        if focused in seen:
            break
        if focused is not None:
            seen.add(focused)
        QTest.keyClick(focused or root, Qt.Key.Key_Tab)
    return seen


def check_controls(root: QWidget) -> int:
    """Fail for a control without a name or that Tab doesn't reach, on every page; return how many were looked at."""
    shown(root)
    pages = root.findChildren(QTabWidget)
    looked: set[QWidget] = set()
    for number in range(max((one.count() for one in pages), default=1)):
        for one in pages:
            one.setCurrentIndex(min(number, one.count() - 1))
        settle()
        wanted = controls(root)
        nameless = [f"{type(one).__name__} {one.objectName()}" for one in wanted if not spoken_name(one)]
        assert not nameless, f"controls without an accessible name: {nameless}"
        wanted[0].setFocus(Qt.FocusReason.TabFocusReason)
        reached = stops(root)
        # Tab stops once in a group of radio buttons; the arrows go through the group.
        radios = {one.parentWidget() for one in reached if isinstance(one, QRadioButton)}
        lost = [
            f"{type(one).__name__} {spoken_name(one)}"
            for one in wanted
            if one not in reached and not (isinstance(one, QRadioButton) and one.parentWidget() in radios)
        ]
        assert not lost, f"controls that Tab doesn't reach: {lost}"
        looked |= set(wanted)
    return len(looked)
