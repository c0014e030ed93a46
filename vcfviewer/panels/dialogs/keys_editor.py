"""Changing keys: one row an action, conflicts found before a key is given away, defaults brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QVBoxLayout,
    QWidget,
)

from vcfviewer.panels.dialogs._parts import name_button, say, text_label
from vcfviewer.panels.dialogs.keys_sheet import shown_key
from vcfviewer.panels.words import DASH

_NAME = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class ActionKey:
    """An action whose key can be changed; `default` is portable text, several keys parted by "; ", "" for none."""

    name: str
    group: str
    text: str
    default: str = ""


def single_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a portable text one by one, in Qt's own spelling."""
    sequences = QKeySequence.listFromString(text, QKeySequence.SequenceFormat.PortableText)
    spelled = (one.toString(QKeySequence.SequenceFormat.PortableText) for one in sequences)
    return tuple(one for one in spelled if one)


def keys_in_use(actions: Sequence[ActionKey], changed: Mapping[str, str]) -> Mapping[str, str]:
    """Return each action's key as it stands: the changed one, else the default."""
    return MappingProxyType({one.name: changed.get(one.name, one.default) for one in actions})


def conflicts(actions: Sequence[ActionKey], changed: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Return the keys that more than one action has, with the names of those actions."""
    holders: dict[str, list[str]] = {}
    for name, text in keys_in_use(actions, changed).items():
        for key in single_keys(text):
            holders.setdefault(key, []).append(name)
    return MappingProxyType({key: tuple(names) for key, names in holders.items() if len(names) > 1})


def without_key(text: str, key: str) -> str:
    """Return the keys of `text` but for `key`."""
    return "; ".join(one for one in single_keys(text) if one != key)


class KeysEditor(QWidget):
    """All actions with their keys; press the new key for the marked action in the field below."""

    changed = Signal()
    """Some key is another one now; `keys` has them all."""

    def __init__(self, actions: Sequence[ActionKey], keys: Mapping[str, str], parent: QWidget | None = None) -> None:
        """Show the actions; `keys` are those that differ from the defaults, as in `Settings.keys`."""
        super().__init__(parent)
        self._actions = {one.name: one for one in actions}
        self._keys = {name: key for name, key in keys.items() if name in self._actions}
        self._foreign = {name: key for name, key in keys.items() if name not in self._actions}
        self._wanted = ""
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Search: an action or a key"))
        self._search.setClearButtonEnabled(True)
        self._search.setAccessibleName(self.tr("Search the actions"))
        self._tree = QTreeWidget()
        self._tree.setHeaderLabels([self.tr("Action"), self.tr("Key"), self.tr("Default")])
        self._tree.setRootIsDecorated(False)
        self._tree.setAccessibleName(self.tr("Actions and their keys"))
        self._field = QKeySequenceEdit()
        self._field.setMaximumSequenceLength(1)
        self._field.setAccessibleName(self.tr("New key for the marked action"))
        self._clear = QPushButton(self.tr("&No key"))
        self._default = QPushButton(self.tr("&Default key"))
        self._all_defaults = QPushButton(self.tr("Defaults for &all"))
        self._take = QPushButton(self.tr("&Take it from there"))
        self._said = text_label("", "muted")
        self._arrange()
        self._connect()
        self._fill()
        self._show_marked()

    @property
    def keys(self) -> Mapping[str, str]:
        """The keys that differ from the defaults, to be kept in `Settings.keys`."""
        return MappingProxyType({**self._foreign, **self._keys})

    def mark(self, name: str) -> None:
        """Mark an action, to change its key."""
        item = self._items().get(name)
        if item is not None:
            self._tree.setCurrentItem(item)

    def _arrange(self) -> None:
        header = self._tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        row = QHBoxLayout()
        row.addWidget(self._field, 1)
        for button in (self._take, self._clear, self._default, self._all_defaults):
            button.setAutoDefault(False)
            name_button(button)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.addWidget(self._search)
        column.addWidget(self._tree, 1)
        column.addWidget(self._said)
        column.addLayout(row)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._hide_unsought)
        self._tree.currentItemChanged.connect(self._show_marked)
        self._field.editingFinished.connect(self._try_key)
        self._clear.clicked.connect(self._take_away)
        self._default.clicked.connect(self._bring_default)
        self._all_defaults.clicked.connect(self._bring_all_defaults)
        self._take.clicked.connect(self._take_over)

    def _fill(self) -> None:
        groups: dict[str, QTreeWidgetItem] = {}
        for one in self._actions.values():
            if one.group not in groups:
                head = QTreeWidgetItem([one.group, "", ""])
                head.setFlags(Qt.ItemFlag.ItemIsEnabled)
                font = head.font(0)
                font.setBold(True)
                head.setFont(0, font)
                groups[one.group] = head
                self._tree.addTopLevelItem(head)
            item = QTreeWidgetItem([one.text, "", shown_key(one.default) or DASH])
            item.setData(0, _NAME, one.name)
            groups[one.group].addChild(item)
        self._tree.expandAll()
        self._show_keys()
        first = next(iter(self._items().values()), None)
        if first is not None:
            self._tree.setCurrentItem(first)

    def _items(self) -> dict[str, QTreeWidgetItem]:
        found = {}
        walk = QTreeWidgetItemIterator(self._tree)
        while (item := walk.value()) is not None:
            if item.data(0, _NAME) is not None:
                found[str(item.data(0, _NAME))] = item
            walk += 1
        return found

    def _show_keys(self) -> None:
        in_use = keys_in_use(tuple(self._actions.values()), self._keys)
        shared = conflicts(tuple(self._actions.values()), self._keys)
        doubled = {name for names in shared.values() for name in names}
        for name, item in self._items().items():
            shown = shown_key(in_use[name]) or DASH
            item.setText(1, self.tr("{key}  (twice)").format(key=shown) if name in doubled else shown)
            font = item.font(1)
            font.setBold(name in self._keys)
            item.setFont(1, font)

    def _marked(self) -> ActionKey | None:
        item = self._tree.currentItem()
        return self._actions.get(str(item.data(0, _NAME))) if item is not None else None

    def _show_marked(self) -> None:
        self._wanted = ""
        self._take.hide()
        marked = self._marked()
        for widget in (self._field, self._clear, self._default):
            widget.setEnabled(marked is not None)
        self._field.clear()
        if marked is None:
            say(self._said, self.tr("Mark an action, then press its new key in the field below."), "muted")
            return
        key = shown_key(keys_in_use([marked], self._keys)[marked.name])
        has = self.tr("“{action}” has the key {key}. Press another one in the field below.")
        has_none = self.tr("“{action}” has no key. Press one in the field below.")
        say(self._said, (has if key else has_none).format(action=marked.text, key=key), "muted")

    def _try_key(self) -> None:
        marked = self._marked()
        key = self._field.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if marked is None or not key:
            return
        in_use = keys_in_use(tuple(self._actions.values()), self._keys)
        others = [name for name, text in in_use.items() if name != marked.name and key in single_keys(text)]
        if not others:
            self._set(marked, key)
            return
        self._wanted = key
        taken = self.tr("{key} is the key of “{action}”. Take it from there, or press another key.")
        say(self._said, taken.format(key=shown_key(key), action=self._actions[others[0]].text), "warning")
        self._take.show()

    def _take_over(self) -> None:
        marked, key = self._marked(), self._wanted
        if marked is None or not key:
            return
        for name, text in keys_in_use(tuple(self._actions.values()), self._keys).items():
            if name != marked.name and key in single_keys(text):
                self._keys[name] = without_key(text, key)
        self._set(marked, key)

    def _set(self, action: ActionKey, key: str) -> None:
        if single_keys(key) == single_keys(action.default):
            self._keys.pop(action.name, None)
        else:
            self._keys[action.name] = key
        self._show_keys()
        self._show_marked()
        self.changed.emit()

    def _take_away(self) -> None:
        marked = self._marked()
        if marked is not None:
            self._set(marked, "")

    def _bring_default(self) -> None:
        marked = self._marked()
        if marked is None:
            return
        for key in single_keys(marked.default):
            in_use = keys_in_use(tuple(self._actions.values()), self._keys)
            for name, text in in_use.items():
                if name != marked.name and key in single_keys(text):
                    self._keys[name] = without_key(text, key)
        self._set(marked, marked.default)

    def _bring_all_defaults(self) -> None:
        self._keys.clear()
        self._show_keys()
        self._show_marked()
        self.changed.emit()

    def _hide_unsought(self, wanted: str) -> None:
        words = wanted.casefold().split()
        for item in self._items().values():
            text = f"{item.text(0)} {item.text(1)}".casefold()
            item.setHidden(not all(word in text for word in words))
        shown = {self._actions[name].group for name, item in self._items().items() if not item.isHidden()}
        for at in range(self._tree.topLevelItemCount()):
            head = self._tree.topLevelItem(at)
            if head is not None:
                head.setHidden(head.text(0) not in shown)
