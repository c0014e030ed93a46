"""Turns the table into QActions, menus, toolbar and keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from vcfviewer.actions.desk import Desk
from vcfviewer.actions.rows import Action
from vcfviewer.panels.dialogs.keys_editor import ActionKey
from vcfviewer.panels.dialogs.keys_sheet import KeyRow
from vcfviewer.theme import icon
from vcfviewer.translation import QT_TRANSLATE_NOOP, Texts, translate

LETTERS = MappingProxyType(
    {
        "File": "F", "Go": "O", "Model": "M", "Edit": "E", "Levels": "L", "Tools": "S", "Review": "R", "Film": "I",
        "View": "V", "Help": "H",
    }
)  # fmt: skip
"""Alt and this letter opens the menu; G and T are those of the Genant grade and the score threshold."""


class ActionBar:
    """The QActions of a window; `refresh` says which are possible now."""

    def __init__(self, window: QMainWindow, desk: Desk, table: Sequence[Action], keys: Mapping[str, str]) -> None:
        """Build menus and toolbar from the table, with the reader's own keys."""
        self._desk = desk
        self._rows = {row.name: row for row in table}
        self._actions: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        self._undrawn: set[str] = set()
        self.toolbar = QToolBar(window)
        self.toolbar.setObjectName("toolbar")
        self.toolbar.setIconSize(QSize(24, 24))
        self.toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        window.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.toolbar)
        for row in table:
            self._add(window, row)
        self.use_icons()
        self.use_keys(keys)
        self._texts = Texts(window)
        self._texts(self._speak)
        self.refresh()

    def action(self, name: str) -> QAction:
        """Return one QAction by its row's name."""
        return self._actions[name]

    def menu(self, group: str) -> QMenu:
        """Return the menu of a group."""
        return self._menus[group]

    def use_keys(self, keys: Mapping[str, str]) -> None:
        """Give every action its key: the reader's own where there is one."""
        for name, action in self._actions.items():
            text = keys.get(name, self._rows[name].key)
            given = QKeySequence.listFromString(text, QKeySequence.SequenceFormat.PortableText)
            action.setShortcuts([one for one in given if not one.isEmpty()])
            _tell_key(action)

    def _speak(self) -> None:
        self.toolbar.setWindowTitle(translate("actions", "Tools"))
        for group, menu in self._menus.items():
            menu.setTitle(with_letter(group))
        for name, action in self._actions.items():
            action.setText(shown(self._rows[name].text))
            _tell_key(action)

    def use_icons(self) -> None:
        """Draw the icons anew, in the colours of the theme: those of the toolbar now, the others with their menu."""
        self._undrawn = {name for name, row in self._rows.items() if row.icon}
        self._draw([name for name, row in self._rows.items() if row.toolbar])

    def refresh(self) -> None:
        """Enable what is possible now, and tick what holds."""
        for name, action in self._actions.items():
            row = self._rows[name]
            action.setEnabled(row.when(self._desk))
            if row.checked is not None:
                action.setChecked(row.checked(self._desk))

    def _add(self, window: QMainWindow, row: Action) -> None:
        menu = self._menus.get(row.group)
        if menu is None:
            menu = self._menus[row.group] = window.menuBar().addMenu("")
            inside = [name for name, one in self._rows.items() if one.group == row.group]
            menu.aboutToShow.connect(lambda: self._draw(inside))
        action = QAction(window)
        action.setObjectName(row.name)
        action.setCheckable(row.checked is not None)
        action.triggered.connect(lambda _checked=False: self._run(row))
        if row.separated:
            menu.addSeparator()
        menu.addAction(action)
        if row.toolbar:
            if row.separated or (self.toolbar.actions() and self._group_of_last() != row.group):
                self.toolbar.addSeparator()
            self.toolbar.addAction(action)
        self._actions[row.name] = action

    def _draw(self, names: Iterable[str]) -> None:
        for name in self._undrawn.intersection(names):
            self._actions[name].setIcon(icon(self._rows[name].icon))
            self._undrawn.discard(name)

    def _run(self, row: Action) -> None:
        row.do(self._desk)
        self.refresh()

    def _group_of_last(self) -> str:
        last = self.toolbar.actions()[-1].objectName()
        return self._rows[last].group if last in self._rows else ""


def _tell_key(action: QAction) -> None:
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{action.text()} ({key})" if key else action.text())


def action_keys(table: Sequence[Action]) -> tuple[ActionKey, ...]:
    """Return the rows of the keys' editor."""
    return tuple(ActionKey(row.name, shown(row.group), shown(row.text), row.key) for row in table)


def key_rows(table: Sequence[Action], keys: Mapping[str, str]) -> tuple[KeyRow, ...]:
    """Return the rows of the sheet of all keys, those that are held included."""
    held = (
        (shown(QT_TRANSLATE_NOOP("actions", "Hold: hide all shapes")), "H"),
        (shown(QT_TRANSLATE_NOOP("actions", "Hold: show the other side")), "V"),
        (shown(QT_TRANSLATE_NOOP("actions", "Hold: magnifier")), "L"),
        (shown(QT_TRANSLATE_NOOP("actions", "Hold and drag: pan")), "Space"),
    )
    canvas = (
        (shown(QT_TRANSLATE_NOOP("actions", "Next vertex of the selected shape")), "."),
        (shown(QT_TRANSLATE_NOOP("actions", "Previous vertex of the selected shape")), ","),
        (shown(QT_TRANSLATE_NOOP("actions", "Add a vertex behind the selected one")), "Ins"),
        (shown(QT_TRANSLATE_NOOP("actions", "Smaller brush")), "["),
        (shown(QT_TRANSLATE_NOOP("actions", "Larger brush")), "]"),
    )
    rows = [KeyRow(shown(row.group), shown(row.text), keys.get(row.name, row.key)) for row in table]
    view = shown(QT_TRANSLATE_NOOP("actions", "View"))
    edit = shown(QT_TRANSLATE_NOOP("actions", "Edit"))
    fixed = (*(KeyRow(view, text, key) for text, key in held), *(KeyRow(edit, text, key) for text, key in canvas))
    return (*(row for row in rows if row.key), *fixed)


def with_letter(group: str) -> str:
    """Return a menu's title with the letter that opens it with Alt, behind the title where that lacks the letter."""
    text, letter = shown(group), LETTERS.get(group, "")
    at = text.upper().find(letter)
    return f"{text}(&{letter})" if at < 0 else f"{text[:at]}&{text[at:]}"


def shown(text: str) -> str:
    """Translate a text of the action table."""
    return translate("actions", text)
