"""Which vertebra, and what is wrong with it: ten levels under ten digits, a typed filter, or a text of one's own."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from engine.domain.labels import LabelTable, Level, Status, normalise_label, write_label
from vcfviewer.panels.dialogs._parts import name_button, say, text_label
from vcfviewer.panels.words import vertebra_word
from vcfviewer.translation import Texts

LEVEL_DIGITS = "9078123456"
"""The digit of each level, T9 to S1: lumbar levels have their own number, so do T9 and T10 (0)."""

_STATUS_LETTERS = "FNA"


def label_choices() -> tuple[str, ...]:
    """Return every label this program writes: each level fractured, then normal, then not assessable."""
    return tuple(write_label(level, status) for status in Status for level in Level)


def matching_labels(typed: str, labels: tuple[str, ...], table: LabelTable | None = None) -> tuple[str, ...]:
    """Return the labels that `typed` may mean, the likeliest first: `l1n` finds `L1 normal`; `table` reads it."""
    wanted = normalise_label(typed).replace(" ", "")
    if not wanted:
        return labels
    plain = {label: normalise_label(label).replace(" ", "") for label in labels}
    meaning = (table or LabelTable()).read(typed)
    meant = write_label(meaning.level, meaning.status) if meaning.level and meaning.status else None
    starts = [label for label in labels if plain[label].startswith(wanted) and label != meant]
    inside = [label for label in labels if wanted in plain[label] and label not in starts and label != meant]
    return (*((meant,) if meant in labels else ()), *starts, *inside)


class RelabelPopup(QFrame):
    """A small window at the finding; it closes on a choice, on Esc and on a click beside it.

    With the field empty a digit takes a level at once; letters filter the list; Return takes what is marked. It
    remembers the last label, which stands first the next time.
    """

    chosen = Signal(str)
    """The label text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Build it once; `ask` shows it."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._texts = Texts(self)
        self._last = ""
        self._labels = label_choices()
        self._table = LabelTable()
        self._field = QLineEdit()
        self._list = QListWidget()
        self._list.setUniformItemSizes(True)
        self._states = QButtonGroup(self)
        self._levels: tuple[QPushButton, ...] = ()
        column = QVBoxLayout(self)
        column.addLayout(self._status_row())
        column.addLayout(self._level_grid())
        column.addWidget(self._field)
        column.addWidget(self._list, 1)
        self._hint = text_label("", "muted")
        column.addWidget(self._hint)
        self._texts(self._speak)
        self.setFixedWidth(370)
        self.resize(370, 360)
        self._field.installEventFilter(self)
        self._field.textChanged.connect(self._filter)
        self._list.itemActivated.connect(self._take_item)
        self._list.itemClicked.connect(self._take_item)

    @property
    def last_label(self) -> str:
        """The label that was chosen last, empty before the first."""
        return self._last

    def use_table(self, table: LabelTable) -> None:
        """Read what is typed by this table."""
        self._table = table

    def ask(self, at: QPoint, current: str = "") -> None:
        """Show the popup at a place on the screen; `current` is the label the finding has now, empty for a new one."""
        status = self._table.read(current or self._last).status or Status.FRACTURED
        self._states.button(tuple(Status).index(status)).setChecked(True)
        self._field.clear()
        self._filter("")
        labels = [self._list.item(row).text() for row in range(self._list.count())]
        if not self._last and current in labels:
            self._list.setCurrentRow(labels.index(current))
        self.move(self._inside_screen(at))
        self.show()
        self._field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the empty field take digits as levels, and the arrows walk the list from within the field."""
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._take_key(event)
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(key))
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if step is not None and self._list.count():
            self._list.setCurrentRow(min(max(self._list.currentRow() + step, 0), self._list.count() - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self._list.currentItem()
            if item is not None:
                self._take_item(item)
        elif plain and event.text() and event.text() in LEVEL_DIGITS and not self._field.text():
            self._take_level(tuple(Level)[LEVEL_DIGITS.index(event.text())])
        else:
            return False
        return True

    def _status_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for number, (status, letter) in enumerate(zip(Status, _STATUS_LETTERS, strict=True)):
            button = QRadioButton()
            QShortcut(QKeySequence(f"Alt+{letter}"), self, partial(self._set_status, number))
            self._texts(partial(_show_status, button, status, letter))
            self._states.addButton(button, number)
            row.addWidget(button)
        self._states.idClicked.connect(lambda _number: self._field.setFocus())
        return row

    def _set_status(self, number: int) -> None:
        self._states.button(number).setChecked(True)
        self._field.setFocus()

    def _level_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        buttons = []
        for at, (level, digit) in enumerate(zip(Level, LEVEL_DIGITS, strict=True)):
            button = QPushButton(f"{level.value}  [{digit}]")
            button.setAutoDefault(False)
            button.setMinimumWidth(40)
            button.clicked.connect(partial(self._take_level, level))
            grid.addWidget(button, at // 5, at % 5)
            buttons.append(button)
        self._levels = tuple(buttons)
        return grid

    def _speak(self) -> None:
        self.setAccessibleName(self.tr("Label of the finding"))
        self._field.setPlaceholderText(self.tr("Digit, or type: l1, t12 normal, any text"))
        self._field.setAccessibleName(self.tr("Label: type to filter"))
        self._list.setAccessibleName(self.tr("Labels that fit"))
        say(self._hint, self.tr("Return takes the marked label, Esc none."))
        for button, level, digit in zip(self._levels, Level, LEVEL_DIGITS, strict=True):
            button.setAccessibleName(self.tr("{level}, key {digit}").format(level=level.value, digit=digit))

    def _filter(self, typed: str) -> None:
        found = matching_labels(typed, self._labels, self._table)
        if self._last and not typed:
            found = (self._last, *(label for label in found if label != self._last))
        self._list.clear()
        for label in found:
            item = QListWidgetItem(label)
            item.setData(Qt.ItemDataRole.UserRole, label)
            self._list.addItem(item)
        own = " ".join(typed.split())
        if own and own not in found:
            item = QListWidgetItem(self.tr("“{text}”, as typed").format(text=own))
            item.setData(Qt.ItemDataRole.UserRole, own)
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _take_level(self, level: Level, _checked: bool = False) -> None:
        self._take(write_label(level, tuple(Status)[self._states.checkedId()]))

    def _take_item(self, item: QListWidgetItem) -> None:
        self._take(str(item.data(Qt.ItemDataRole.UserRole)))

    def _take(self, label: str) -> None:
        self._last = label
        self.hide()
        self.chosen.emit(label)

    def _inside_screen(self, at: QPoint) -> QPoint:
        screen = self.screen().availableGeometry()
        right, bottom = screen.right() - self.width(), screen.bottom() - self.height()
        return QPoint(max(screen.left(), min(at.x(), right)), max(screen.top(), min(at.y(), bottom)))


def _show_status(button: QRadioButton, status: Status, letter: str) -> None:
    word = vertebra_word(status)
    at = word.upper().find(letter)
    button.setText(f"{word[:at]}&{word[at:]}" if at >= 0 else f"{word} (&{letter})")
    # A button's own Alt key checks it a tenth of a second later, when the digit has long been typed.
    button.setShortcut(QKeySequence())
    name_button(button)
