"""Banners above the film: what went wrong or is out of the ordinary, and what to do; they stay until it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from vcfviewer.theme import colours, icon
from vcfviewer.translation import QT_TRANSLATE_NOOP, Texts, translate

_ICON = 20


class Severity(Enum):
    """How much a banner matters: told by its drawing and its first word, too."""

    INFO = "info"
    WARNING = "warning"
    DANGER = "error"


class BannerKind(Enum):
    """What a banner is about; there is at most one of each."""

    DISK_FULL = "disk full"
    SAVE_FAILED = "save failed"
    READ_ONLY = "read-only"
    FOLDER_GONE = "folder gone"
    SECOND_WINDOW = "second window"
    OUTSIDE_CHANGE = "outside change"
    RECOVERED = "recovered"
    BLIND_READ = "blind read"
    TWO_MODELS = "two models"


@dataclass(frozen=True, slots=True)
class BannerText:
    """What a banner says; `action` is its button, empty for none. `can_close`: the reader may put it away."""

    severity: Severity
    title: str
    text: str
    action: str = ""
    can_close: bool = True


_TEXTS: Mapping[BannerKind, BannerText] = MappingProxyType(
    {
        BannerKind.DISK_FULL: BannerText(
            Severity.DANGER,
            QT_TRANSLATE_NOOP("banners", "The disk is full."),
            QT_TRANSLATE_NOOP(
                "banners",
                "The file is as it was before. Your edits are kept in the journal as far as it can be written. "
                "Free some space, then try again.",
            ),
            QT_TRANSLATE_NOOP("banners", "Try again"),
        ),
        BannerKind.SAVE_FAILED: BannerText(
            Severity.DANGER,
            QT_TRANSLATE_NOOP("banners", "The film couldn't be saved."),
            QT_TRANSLATE_NOOP("banners", "The file is as it was before, and your edits are kept in the journal."),
            QT_TRANSLATE_NOOP("banners", "Try again"),
        ),
        BannerKind.READ_ONLY: BannerText(
            Severity.WARNING,
            QT_TRANSLATE_NOOP("banners", "This folder is read-only."),
            QT_TRANSLATE_NOOP(
                "banners",
                "Your edits are kept in the journal. Export them. Of films without a labelme file here a folder for "
                "annotations, chosen in the settings, takes the new one.",
            ),
        ),
        BannerKind.FOLDER_GONE: BannerText(
            Severity.DANGER,
            QT_TRANSLATE_NOOP("banners", "The folder can't be reached."),
            QT_TRANSLATE_NOOP(
                "banners", "Your edits are kept, and saved when it is back. Check the network or the drive."
            ),
            QT_TRANSLATE_NOOP("banners", "Try again"),
        ),
        BannerKind.SECOND_WINDOW: BannerText(
            Severity.WARNING,
            QT_TRANSLATE_NOOP("banners", "This film is open elsewhere."),
            QT_TRANSLATE_NOOP("banners", "It is shown read-only here, until it is closed there."),
            QT_TRANSLATE_NOOP("banners", "Check again"),
        ),
        BannerKind.OUTSIDE_CHANGE: BannerText(
            Severity.WARNING,
            QT_TRANSLATE_NOOP("banners", "Another program changed this film's file."),
            QT_TRANSLATE_NOOP("banners", "Nothing is saved until you choose: theirs, yours, or shape by shape."),
            QT_TRANSLATE_NOOP("banners", "Choose…"),
            can_close=False,
        ),
        BannerKind.RECOVERED: BannerText(
            Severity.INFO,
            QT_TRANSLATE_NOOP("banners", "Edits were recovered."),
            QT_TRANSLATE_NOOP(
                "banners", "The program ended before they were saved. They are in place again; undo takes them back."
            ),
        ),
        BannerKind.BLIND_READ: BannerText(
            Severity.INFO,
            QT_TRANSLATE_NOOP("banners", "Blind first read."),
            QT_TRANSLATE_NOOP("banners", "The model's findings stay hidden until you commit your own read."),
            QT_TRANSLATE_NOOP("banners", "Commit my read"),
            can_close=False,
        ),
        BannerKind.TWO_MODELS: BannerText(
            Severity.INFO,
            QT_TRANSLATE_NOOP("banners", "Two models are compared."),
            QT_TRANSLATE_NOOP("banners", "Only for looking: nothing is accepted or edited here."),
            QT_TRANSLATE_NOOP("banners", "End the comparison"),
            can_close=False,
        ),
    }
)


class Banner(QFrame):
    """One banner: a drawing, what it is, what to do, a button for it, a cross to put it away."""

    acted = Signal()
    closed = Signal()

    def __init__(self, said: BannerText, detail: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said, self._detail = said, detail
        self._sign = QLabel(self)
        self._text = QLabel(self)
        self._action = QPushButton(self)
        self._close = QToolButton(self)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._texts = Texts(self)
        self._build()
        self._texts(lambda: self.show_detail(self._detail))

    @property
    def message(self) -> str:
        """Everything that the banner says."""
        return self._text.text()

    def show_detail(self, detail: str) -> None:
        """Say more exactly what happened, between title and advice."""
        self._detail = detail
        parts = (_translated(self._said.title), detail.strip(), _translated(self._said.text))
        self._text.setText(" ".join(part for part in parts if part))
        self.setAccessibleName(self._text.text())

    def changeEvent(self, event: QEvent) -> None:
        """Take the icons of another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._take_icons()

    def _take_icons(self) -> None:
        theme = colours(self.palette())
        tint = {Severity.INFO: theme.link, Severity.WARNING: theme.warning, Severity.DANGER: theme.danger}
        colour = QColor(tint[self._said.severity])
        self._sign.setPixmap(icon(self._said.severity.value, colour).pixmap(QSize(_ICON, _ICON)))
        self._close.setIcon(icon("cancel"))

    def _build(self) -> None:
        # A button's ground is the theme's raised one: it follows a change of theme.
        self.setBackgroundRole(QPalette.ColorRole.Button)
        self.setAutoFillBackground(True)
        self._take_icons()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._texts(lambda: self._action.setText(_translated(self._said.action) if self._said.action else ""))
        self._action.setVisible(bool(self._said.action))
        self._action.clicked.connect(self.acted)
        self._close.setAutoRaise(True)
        self._close.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._texts(lambda: self._close.setAccessibleName(self.tr("Put this message away")))
        self._texts(lambda: self._close.setToolTip(self.tr("Put this message away")))
        self._close.setVisible(self._said.can_close)
        self._close.clicked.connect(self.closed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._action)
        layout.addWidget(self._close)


class BannerStack(QWidget):
    """All banners that hold at present, the gravest first. `acted` and `dismissed` carry the `BannerKind`."""

    acted = Signal(object)
    dismissed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._banners: dict[BannerKind, Banner] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setVisible(False)

    @property
    def kinds(self) -> tuple[BannerKind, ...]:
        """What holds at present, from the top."""
        return tuple(sorted(self._banners, key=tuple(BannerKind).index))

    def show_banner(self, kind: BannerKind, detail: str = "") -> None:
        """Show a banner, or say something else in the one that is there; screen readers are told."""
        banner = self._banners.get(kind)
        if banner is None:
            banner = Banner(_TEXTS[kind], detail, self)
            banner.acted.connect(lambda: self.acted.emit(kind))
            banner.closed.connect(lambda: self._put_away(kind))
            self._banners[kind] = banner
            self._layout.insertWidget(self.kinds.index(kind), banner)
        elif banner.message == _message(kind, detail):
            return
        else:
            banner.show_detail(detail)
        self.setVisible(True)
        event = QAccessibleAnnouncementEvent(banner, banner.message)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)

    def take_away(self, kind: BannerKind) -> None:
        """Remove a banner whose cause is over, without a signal."""
        banner = self._banners.pop(kind, None)
        if banner is not None:
            self._layout.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self.setVisible(bool(self._banners))

    def banner(self, kind: BannerKind) -> Banner | None:
        """Return the banner of a kind, None where it doesn't hold."""
        return self._banners.get(kind)

    def _put_away(self, kind: BannerKind) -> None:
        self.take_away(kind)
        self.dismissed.emit(kind)


def _translated(text: str) -> str:
    return translate("banners", text)


def _message(kind: BannerKind, detail: str) -> str:
    parts = (_translated(_TEXTS[kind].title), detail.strip(), _translated(_TEXTS[kind].text))
    return " ".join(part for part in parts if part)
