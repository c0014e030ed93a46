"""What tests of dialogs share: a control by its name, a button by its text, a click, all words that are to be seen."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from qt import settle


def named(root, kind, name):
    return next(one for one in root.findChildren(kind) if one.accessibleName() == name)


def button(root, text):
    return next(one for one in root.findChildren(QPushButton) if text in one.text().replace("&", ""))


def click(root, text):
    QTest.mouseClick(button(root, text), Qt.MouseButton.LeftButton)
    settle()


def texts(root):
    return " ".join(label.text() for label in root.findChildren(QLabel) if label.isVisible())
