"""Colours, pens, hatches and icons of the window.

The kinds of a match take their colours from Okabe and Ito's palette (jfly.uni-koeln.de/color, 2008), four that stay
apart in protanopia, deuteranopia and tritanopia; each has a hatch and a line of its own as well, for no difference
is told by colour alone. The expert's lines are solid, the model's dashed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QGuiApplication, QIcon, QPainter, QPalette, QPen, QPixmap, QTransform
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from engine.domain.matching import MatchKind
from engine.resources import resources_dir
from vcfviewer.settings import Theme

ICON_SIZES = (24, 48)
"""Pixels of the pixmaps of an icon, for plain and for dense screens; drawing five took a sixth of the start."""

NEUTRAL = "#B4B4B4"
"""Outlines that are no finding of either side: normals, unknown labels, shapes of other programs."""


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme's colours; every text colour is readable on `window`, `base` and `raised` alike."""

    window: str
    base: str
    raised: str
    border: str
    text: str
    muted: str
    disabled: str
    accent: str
    accent_text: str
    link: str
    warning: str
    danger: str
    good: str


DARK = Colours(
    window="#161616", base="#0E0E0E", raised="#242424", border="#7E7E7E", text="#CCCCCC", muted="#A0A0A0",
    disabled="#757575", accent="#386C91", accent_text="#ECECEC", link="#7FB8DE", warning="#E6A93A", danger="#F08A6B",
    good="#5FBF9B",
)  # fmt: skip
"""A reading room: near-black neutral greys and no pure white, so that the film is the brightest thing on the screen."""

LIGHT = Colours(
    window="#EFEFEF", base="#FAFAFA", raised="#E2E2E2", border="#6E6E6E", text="#1C1C1C", muted="#4E4E4E",
    disabled="#8A8A8A", accent="#1F5E8C", accent_text="#FFFFFF", link="#0B5A8F", warning="#7A4B00", danger="#A12E0B",
    good="#0B5F45",
)  # fmt: skip

_KIND_COLOURS: Mapping[MatchKind, str] = MappingProxyType({
    MatchKind.AGREES: "#56B4E9",
    MatchKind.LABEL_DIFFERS: "#F0E442",
    MatchKind.MISSED: "#D55E00",
    MatchKind.EXTRA: "#CC79A7",
})  # fmt: skip
_KIND_HATCHES: Mapping[MatchKind, str] = MappingProxyType({
    MatchKind.AGREES: "dots",
    MatchKind.LABEL_DIFFERS: "/\\",
    MatchKind.MISSED: "/",
    MatchKind.EXTRA: "\\",
})  # fmt: skip
HATCH_SPACING = 8
"""Screen pixels from one line or dot of a hatch to the next: wide enough to see an endplate through it."""


def colours(palette: QPalette | None = None) -> Colours:
    """Return the colours of the theme that a palette shows; the application's palette where none is given."""
    shown = palette if palette is not None else QGuiApplication.palette()
    return DARK if shown.color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dress the whole application; `Theme.SYSTEM` takes dark or light from the system as it stands now.

    Whoever shows `Theme.SYSTEM` calls `dress` when the system changes: `QStyleHints.colorSchemeChanged` tells.
    """
    scheme = Qt.ColorScheme
    asked = {Theme.DARK: scheme.Dark, Theme.LIGHT: scheme.Light, Theme.SYSTEM: scheme.Unknown}[theme]
    app.setStyle("Fusion")
    # Title bars and native dialogs follow this; our own colours come from the palette below.
    app.styleHints().setColorScheme(asked)
    dress(app, dark=theme is Theme.DARK or (theme is Theme.SYSTEM and app.styleHints().colorScheme() is scheme.Dark))


def dress(app: QApplication, *, dark: bool) -> None:
    """Give all windows, those that are open too, the dark or the light colours."""
    chosen = DARK if dark else LIGHT
    app.setPalette(palette_of(chosen))
    app.setStyleSheet(_style_sheet(chosen))


def palette_of(chosen: Colours) -> QPalette:
    """Return the Qt palette of a theme's colours."""
    role = QPalette.ColorRole
    roles = {
        role.Window: chosen.window, role.WindowText: chosen.text, role.Base: chosen.base,
        role.AlternateBase: chosen.window, role.Text: chosen.text, role.Button: chosen.raised,
        role.ButtonText: chosen.text, role.BrightText: chosen.danger, role.ToolTipBase: chosen.raised,
        role.ToolTipText: chosen.text, role.PlaceholderText: chosen.muted, role.Highlight: chosen.accent,
        role.HighlightedText: chosen.accent_text, role.Link: chosen.link, role.LinkVisited: chosen.link,
        role.Accent: chosen.accent, role.Light: chosen.raised, role.Midlight: chosen.raised, role.Mid: chosen.border,
        role.Dark: chosen.border, role.Shadow: chosen.base,
    }  # fmt: skip
    palette = QPalette()
    for one, value in roles.items():
        palette.setColor(one, QColor(value))
    for one in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(chosen.disabled))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(chosen.raised))
    return palette


def kind_colour(kind: MatchKind) -> QColor:
    """Return a kind's colour, for lines and hatches on a film or on any theme's `base`."""
    return QColor(_KIND_COLOURS[kind])


def kind_brush(kind: MatchKind, alpha: float = 0.5, spacing: int = HATCH_SPACING) -> QBrush:
    """Return a kind's own hatch, translucent (`alpha` 0 to 1): dots, crossed lines, lines up, lines down.

    `spacing` is in pixels of the painter; on a zoomed view the brush needs the view's inverse as its transform.
    """
    colour = kind_colour(kind)
    colour.setAlphaF(alpha)
    tile = QPixmap(spacing, spacing)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, spacing / 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    hatch = _KIND_HATCHES[kind]
    if hatch == "dots":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(spacing * 0.35, spacing * 0.35, spacing * 0.3, spacing * 0.3))
    for shift in (-spacing, 0, spacing):  # the neighbours' lines reach into the tile's corners
        if "/" in hatch:
            painter.drawLine(shift - spacing, spacing * 2, shift + spacing * 2, -spacing)
        if "\\" in hatch:
            painter.drawLine(shift - spacing, -spacing, shift + spacing * 2, spacing * 2)
    painter.end()
    return QBrush(tile)


def expert_pen(kind: MatchKind | None, width: float = 2.0) -> QPen:
    """Return the solid pen of an expert's outline, `width` screen pixels at any zoom; None: no finding."""
    return _outline(kind, width, Qt.PenStyle.SolidLine)


def model_pen(kind: MatchKind | None, width: float = 2.0) -> QPen:
    """Return the dashed pen of a model's outline, `width` screen pixels at any zoom; None: no finding."""
    return _outline(kind, width, Qt.PenStyle.DashLine)


def kind_icon(kind: MatchKind, size: int = 16) -> QIcon:
    """Return a swatch of a kind as films show it, hatched on black, for tables, menus and legends."""
    ratio = 3
    pixmap = QPixmap(size * ratio, size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor("#000000"))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(expert_pen(kind, 1.5 * ratio))
    brush = kind_brush(kind, 1.0, size * ratio // 3)
    brush.setTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
    painter.setBrush(brush)
    painter.drawRect(QRectF(1, 1, size - 2, size - 2))
    painter.end()
    return QIcon(pixmap)


def icon(name: str, colour: QColor | None = None) -> QIcon:
    """Return the drawing `resources/icons/<name>.svg` in the theme's text colour, or in `colour`.

    Drawn anew at each of `ICON_SIZES`, so that it stays sharp on dense screens. A change of theme needs new icons.
    Raises FileNotFoundError that names the missing file.
    """
    path = resources_dir() / "icons" / f"{name}.svg"
    if not path.is_file():
        raise FileNotFoundError(f"icon {path} not found. Reinstall vcfviewer.")
    renderer = QSvgRenderer(str(path))
    palette = QGuiApplication.palette()
    shown = colours(palette)
    made = QIcon()
    for size in ICON_SIZES:
        drawn = QPixmap(QSize(size, size))
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        renderer.render(painter)
        painter.end()
        made.addPixmap(_tinted(drawn, colour or QColor(shown.text)), QIcon.Mode.Normal)
        made.addPixmap(_tinted(drawn, QColor(shown.disabled)), QIcon.Mode.Disabled)
        made.addPixmap(_tinted(drawn, colour or QColor(shown.accent_text)), QIcon.Mode.Selected)
    return made


def app_icon() -> QIcon:
    """Return the program's own icon, in its own colours."""
    renderer = QSvgRenderer(str(resources_dir() / "icons" / "vcfviewer.svg"))
    made = QIcon()
    for size in (*ICON_SIZES, 128, 256):
        drawn = QPixmap(QSize(size, size))
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        renderer.render(painter)
        painter.end()
        made.addPixmap(drawn)
    return made


def _outline(kind: MatchKind | None, width: float, style: Qt.PenStyle) -> QPen:
    pen = QPen(QColor(NEUTRAL) if kind is None else kind_colour(kind), width, style)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _tinted(drawn: QPixmap, colour: QColor) -> QPixmap:
    tinted = QPixmap(drawn)
    painter = QPainter(tinted)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(tinted.rect(), colour)
    painter.end()
    return tinted


def _style_sheet(chosen: Colours) -> str:
    """Return what Fusion doesn't take from the palette: edges that are seen on near-black, and labels with a `role`.

    Fusion draws its edges a shade darker than the window, which nobody sees where the window is nearly black.
    """
    drawings = (resources_dir() / "icons").as_posix()
    shade = "dark" if chosen is DARK else "light"
    boxes = "QCheckBox::indicator{state}, QAbstractItemView::indicator{state}, QGroupBox::indicator{state}"
    return f"""
QToolTip {{ color: {chosen.text}; background: {chosen.raised}; border: 1px solid {chosen.border}; padding: 3px; }}
QLabel[role="heading"] {{ font-size: 13pt; font-weight: 600; }}
QLabel[role="muted"] {{ color: {chosen.muted}; }}
QLabel[role="warning"] {{ color: {chosen.warning}; }}
QLabel[role="danger"] {{ color: {chosen.danger}; }}
QLabel[role="notice"] {{ color: {chosen.warning}; font-weight: 600; }}
QLineEdit {{ border: 1px solid {chosen.border}; border-radius: 2px; padding: 2px; background: {chosen.base}; }}
QLineEdit:focus {{ border-color: {chosen.link}; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: none; padding: 0; }}
{boxes.format(state="")}
{{ width: 13px; height: 13px; border: 1px solid {chosen.border}; border-radius: 2px; background: {chosen.base}; }}
{boxes.format(state=":checked")} {{ image: url("{drawings}/check_{shade}.svg"); }}
QRadioButton::indicator
{{ width: 13px; height: 13px; border: 1px solid {chosen.border}; border-radius: 7px; background: {chosen.base}; }}
QRadioButton::indicator:checked {{ image: url("{drawings}/dot_{shade}.svg"); }}
QCheckBox:focus, QRadioButton:focus {{ color: {chosen.link}; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border-color: {chosen.link}; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {chosen.disabled}; }}
"""
