"""The first start: three steps laid over the window, each with a hole where to look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vcfviewer.panels.dialogs._parts import name_button, say, text_label
from vcfviewer.panels.dialogs.keys_sheet import shown_key
from vcfviewer.panels.words import notice_text
from vcfviewer.theme import colours
from vcfviewer.translation import translate

_MARGIN = 12
_CARD_WIDTH = 380
_ARROWS = MappingProxyType({
    Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class HintStep:
    """One step: what to know, and the widget to look at (None: the whole window)."""

    title: str
    text: str
    target: QWidget | None = None


def first_steps(
    worklist: QWidget, films: QWidget, findings: QWidget, keys: Mapping[str, str]
) -> tuple[HintStep, HintStep, HintStep]:
    """Return the three steps of the first start.

    `keys` has the portable keys of the actions `next_disagreement`, `accept`, `reject`, `undo` and `keys`.
    """
    shown = {name: shown_key(key) for name, key in keys.items()}
    return (
        HintStep(
            translate("Hint", "1 of 3: films"),
            translate(
                "Hint",
                "These twelve films are simulated, no patient's. Open your own folder, or drag it into the window. "
                "{next_disagreement} goes to the next place where expert and model disagree.",
            ).format(**shown),
            worklist,
        ),
        HintStep(
            translate("Hint", "2 of 3: expert and model"),
            translate(
                "Hint",
                "The expert's outlines are solid, on the left; the model's are dashed, on the right. Colour and hatch "
                "tell: agrees, label differs, missed by the model, extra. Hold H to see the bare film.",
            ),
            films,
        ),
        HintStep(
            translate("Hint", "3 of 3: decide"),
            translate(
                "Hint",
                "{accept} accepts the finding, {reject} rejects it with a reason, {undo} takes anything back. Every "
                "edit is saved at once; the expert's file is kept as it was. {keys} shows all keys.",
            ).format(**shown),
            findings,
        ),
    )


class HintOverlay(QWidget):
    """Lies over its parent until the last step or Esc. The arrows go back and forth, Return presses a button."""

    finished = Signal()
    """The reader has seen the steps or wants none."""

    def __init__(self, parent: QWidget, steps: Sequence[HintStep]) -> None:
        """Cover `parent` and show the first step; raises ValueError without steps."""
        super().__init__(parent)
        if not steps:
            raise ValueError("a hint needs at least one step")
        self._steps = tuple(steps)
        self._at = 0
        self._card = QFrame(self)
        self._card.setAutoFillBackground(True)
        self._card.setFrameShape(QFrame.Shape.StyledPanel)
        self._title = text_label("", "heading")
        self._text = text_label("")
        self._back = QPushButton(self.tr("&Back"))
        self._next = QPushButton()
        self._skip = QPushButton(self.tr("&Skip"))
        buttons = QHBoxLayout()
        for button in (self._skip, self._back, self._next):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        self._column = QVBoxLayout(self._card)
        self._column.addWidget(self._title)
        self._column.addWidget(self._text)
        self._column.addWidget(text_label(notice_text(), "notice"))
        self._column.addLayout(buttons)
        self._back.clicked.connect(lambda: self._go(-1))
        self._next.clicked.connect(lambda: self._go(1))
        self._skip.clicked.connect(self._end)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # The film that is opened behind takes the focus, and a shortcut acts whoever has it.
        self._listen(True)
        self._go(0)
        self.show()
        self.raise_()
        self._next.setFocus()

    @property
    def step(self) -> HintStep:
        """The step that is shown."""
        return self._steps[self._at]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the size of the parent, and keys from the window below, whoever has the focus there."""
        if watched is self.parent() and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        elif isinstance(event, QKeyEvent) and isinstance(watched, QWidget) and watched.window() is self.window():
            return self._takes(watched, event)
        return super().eventFilter(watched, event)

    def _listen(self, on: bool) -> None:
        app = QCoreApplication.instance()
        if app is not None:
            (app.installEventFilter if on else app.removeEventFilter)(self)

    def _takes(self, watched: QWidget, event: QKeyEvent) -> bool:
        pressed = QKeySequence(event.keyCombination())
        if pressed in [QKeySequence.mnemonic(one.text()) for one in (self._skip, self._back, self._next)]:
            return False  # Alt and a letter: it presses a button of the card.
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() in _ARROWS:
            self._go(_ARROWS[Qt.Key(event.key())])
            return True
        if self.isAncestorOf(watched) or watched is self:
            return False
        self.keyPressEvent(event)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, go back, or end; no key reaches the window below."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self._end()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            (focused if isinstance(focused, QPushButton) else self._next).click()
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Keep Tab among the buttons of the card."""
        buttons = [one for one in (self._skip, self._back, self._next) if one.isEnabled()]
        focused = self.focusWidget()
        at = next((place for place, one in enumerate(buttons) if one is focused), 0)
        buttons[(at + (1 if forward else -1)) % len(buttons)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Darken all but the target, and frame that."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QPainterPath()
        veil.setFillRule(Qt.FillRule.OddEvenFill)
        veil.addRect(self.rect())
        hole = self._hole()
        if not hole.isEmpty():
            veil.addRoundedRect(hole, 6, 6)
        painter.fillPath(veil, QColor(0, 0, 0, 175))
        if not hole.isEmpty():
            painter.setPen(QPen(QColor(colours(self.palette()).link), 2))
            painter.drawRoundedRect(hole, 6, 6)

    def _go(self, by: int) -> None:
        if self._at + by >= len(self._steps):
            self._end()
            return
        self._at = max(0, self._at + by)
        last = self._at == len(self._steps) - 1
        say(self._title, self.step.title)
        say(self._text, self.step.text)
        self._next.setText(self.tr("S&tart") if last else self.tr("&Next"))
        self._back.setEnabled(self._at > 0)
        for button in (self._back, self._next, self._skip):
            name_button(button)
        self.setAccessibleName(self.step.title)
        self.setAccessibleDescription(self.step.text)
        self._place()

    def _end(self) -> None:
        self._listen(False)
        self.hide()
        self.finished.emit()

    def _hole(self) -> QRect:
        target = self.step.target
        parent = self.parentWidget()
        if target is None or parent is None or not parent.isAncestorOf(target) or not target.isVisible():
            return QRect()
        corner = target.mapTo(parent, QPoint(0, 0))
        return QRect(corner, target.size()).adjusted(-3, -3, 3, 3).intersected(self.rect())

    def _place(self) -> None:
        """Cover the parent, and put the card beside the hole where there is room, else into its middle."""
        parent = self.parentWidget()
        if parent is None:
            return
        self.setGeometry(parent.rect())
        self._card.setFixedWidth(min(_CARD_WIDTH, max(200, self.width() - 2 * _MARGIN)))
        self._card.setFixedHeight(max(self._column.heightForWidth(self._card.width()), self._card.sizeHint().height()))
        hole, card = self._hole(), self._card.size()
        middle_y = hole.center().y() - card.height() // 2
        if hole.isEmpty():
            at = self.rect().center() - QPoint(card.width() // 2, card.height() // 2)
        elif hole.right() + card.width() + 2 * _MARGIN < self.width():
            at = QPoint(hole.right() + _MARGIN, middle_y)
        elif hole.left() > card.width() + 2 * _MARGIN:
            at = QPoint(hole.left() - card.width() - _MARGIN, middle_y)
        else:
            at = hole.center() - QPoint(card.width() // 2, card.height() // 2)
        right, bottom = self.width() - card.width() - _MARGIN, self.height() - card.height() - _MARGIN
        self._card.move(max(_MARGIN, min(at.x(), right)), max(_MARGIN, min(at.y(), bottom)))
        self.update()
