"""The theme: contrasts by WCAG 2.1, kinds apart for colour-blind eyes, icons sharp, tinted and complete."""

import itertools
from dataclasses import fields

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QCheckBox, QLabel, QRadioButton

from engine.domain.matching import MatchKind
from engine.resources import resources_dir
from vcfviewer import theme
from vcfviewer.settings import Theme

ICONS = sorted((resources_dir() / "icons").glob("*.svg"))
ACTIONS = (
    "open", "predict", "predict_folder", "pause", "cancel", "previous",
    "next", "next_disagreement", "accept", "accept_all", "reject", "undo",
    "redo", "select", "pan", "window", "polygon", "brush_add",
    "brush_subtract", "cut", "merge", "smooth", "simplify", "duplicate",
    "delete", "length", "angle", "cobb", "calibrate", "six_points",
    "zoom_in", "zoom_out", "fit", "one_to_one", "rotate", "flip",
    "invert", "reset", "overlay", "side_by_side", "export", "retrain",
    "settings", "help", "keys", "flag", "comment", "no_fracture",
    "unusable", "reviewed", "model_card", "labelme", "status_unread", "status_in_progress",
    "status_reviewed", "status_no_fracture", "status_unusable", "status_problem", "status_flagged",
)  # fmt: skip

# Machado, Oliveira and Fernandes 2009, severity 1.0; they act on linear RGB.
COLOUR_BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
    "none": np.eye(3).tolist(),
}


def linear(colour):
    values = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour))


def contrast(first, second):
    low, high = sorted((luminance(QColor(first)), luminance(QColor(second))))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    )
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def pixels(pixmap):
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return data[:, : image.width()].copy()


@pytest.mark.parametrize("colours", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("name", ["text", "muted", "link", "warning", "danger", "good"])
def test_text_is_readable_on_every_ground(colours, name):
    for ground in (colours.window, colours.base, colours.raised):
        assert contrast(getattr(colours, name), ground) >= 4.5


@pytest.mark.parametrize("colours", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_selection_edges_and_focus_are_seen(colours):
    assert contrast(colours.accent_text, colours.accent) >= 4.5
    for ground in (colours.window, colours.base, colours.raised):
        assert contrast(colours.border, ground) >= 3.0
        assert contrast(colours.link, ground) >= 3.0
    assert contrast(colours.accent, colours.window) >= 3.0


def test_the_reading_room_is_dark_and_neutral():
    for one in fields(theme.DARK):
        colour = QColor(getattr(theme.DARK, one.name))
        assert max(colour.red(), colour.green(), colour.blue()) < 245, f"{one.name} is nearly white"
    for ground in (theme.DARK.window, theme.DARK.base, theme.DARK.raised):
        colour = QColor(ground)
        assert colour.red() == colour.green() == colour.blue() <= 0x30


def test_kinds_stay_apart_for_colour_blind_readers():
    for matrix in COLOUR_BLINDNESS.values():
        for first, second in itertools.combinations(MatchKind, 2):
            seen = [lab(np.array(matrix) @ linear(theme.kind_colour(kind))) for kind in (first, second)]
            assert np.linalg.norm(seen[0] - seen[1]) > 20, (first, second)


def test_kinds_are_seen_on_a_dark_film():
    for kind in MatchKind:
        assert contrast(theme.kind_colour(kind).name(), "#161616") >= 4.5


def painted(brush, size=64):
    image = QImage(size, size, QImage.Format.Format_RGBA8888)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.fillRect(image.rect(), brush)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(size, size, 4)[..., 3].copy()


def test_each_kind_has_a_hatch_of_its_own_that_lets_the_film_through():
    hatches = {kind: painted(theme.kind_brush(kind)) for kind in MatchKind}
    for kind, alpha in hatches.items():
        assert 0.02 < (alpha > 40).mean() < 0.6, f"{kind} covers too little or too much"
        assert alpha.max() <= 160
        assert np.array_equal(alpha[:-8, :-8], alpha[8:, 8:]), f"the tiles of {kind} don't fit together"
    for first, second in itertools.combinations(MatchKind, 2):
        different = (hatches[first] > 40) != (hatches[second] > 40)
        assert different.mean() > 0.1
    up, down = hatches[MatchKind.MISSED], hatches[MatchKind.EXTRA]
    assert np.abs(up.astype(int) - down[:, ::-1].astype(int)).max() < 60, "lines up and lines down are mirrored"


def test_expert_and_model_are_told_by_the_line_and_no_zoom_widens_it():
    for kind in (*MatchKind, None):
        expert, model = theme.expert_pen(kind), theme.model_pen(kind)
        assert expert.color() == model.color()
        assert expert.style() is Qt.PenStyle.SolidLine
        assert model.style() is Qt.PenStyle.DashLine
        assert expert.isCosmetic()
        assert model.isCosmetic()


@pytest.mark.parametrize("chosen", [Theme.DARK, Theme.LIGHT])
def test_a_theme_reaches_palette_and_widgets(qt_app, chosen):
    theme.apply_theme(qt_app, chosen)
    wanted = theme.DARK if chosen is Theme.DARK else theme.LIGHT
    assert theme.colours() is wanted
    label = QLabel("text")
    assert label.palette().color(QPalette.ColorRole.WindowText) == QColor(wanted.text)
    assert qt_app.styleHints().colorScheme() in (
        Qt.ColorScheme.Unknown,
        Qt.ColorScheme.Dark if chosen is Theme.DARK else Qt.ColorScheme.Light,
    )


def test_the_system_theme_is_one_of_ours(qt_app):
    theme.apply_theme(qt_app, Theme.SYSTEM)
    dark = qt_app.styleHints().colorScheme() is Qt.ColorScheme.Dark
    assert theme.colours() is (theme.DARK if dark else theme.LIGHT)


@pytest.mark.parametrize("make", [QCheckBox, QRadioButton])
@pytest.mark.parametrize("chosen", [Theme.DARK, Theme.LIGHT])
def test_an_unchecked_box_is_seen_and_differs_from_a_checked_one(qt_app, make, chosen):
    theme.apply_theme(qt_app, chosen)
    box = make()
    box.resize(24, 24)
    off = pixels(box.grab())
    box.setChecked(True)
    on = pixels(box.grab())
    ground = theme.colours().window
    seen = max(contrast(QColor(*map(int, one[:3])).name(), ground) for one in off.reshape(-1, 4))
    assert seen >= 3.0
    assert (np.abs(on.astype(int) - off.astype(int)).max(axis=2) > 60).sum() >= 12


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_has_an_icon(name):
    assert resources_dir() / "icons" / f"{name}.svg" in ICONS


@pytest.mark.parametrize("path", ICONS, ids=lambda path: path.stem)
def test_every_drawing_is_drawn_sharply_and_inside_its_frame(path):
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    assert renderer.defaultSize().width() == renderer.defaultSize().height()
    image = QImage(96, 96, QImage.Format.Format_RGBA8888)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    alpha = np.frombuffer(image.constBits(), np.uint8).reshape(96, 96, 4)[..., 3]
    assert 0.01 < (alpha > 128).mean() < 0.95
    border = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    assert border.max() < 40, "the drawing is cut off"


def test_no_two_actions_look_alike():
    drawings = {name: (resources_dir() / "icons" / f"{name}.svg").read_text() for name in ACTIONS}
    same = [pair for pair in itertools.combinations(ACTIONS, 2) if drawings[pair[0]] == drawings[pair[1]]]
    assert not same


@pytest.mark.parametrize("chosen", [Theme.DARK, Theme.LIGHT])
def test_an_icon_takes_the_theme_and_stays_sharp(qt_app, chosen):
    theme.apply_theme(qt_app, chosen)
    icon = theme.icon("accept")
    assert max(size.width() for size in icon.availableSizes()) == max(theme.ICON_SIZES)
    for size in theme.ICON_SIZES:
        drawn = pixels(icon.pixmap(QSize(size, size)))
        opaque = drawn[drawn[..., 3] > 250]
        assert len(opaque)
        assert {tuple(one[:3]) for one in opaque} == {QColor(theme.colours().text).toTuple()[:3]}
    off = pixels(icon.pixmap(QSize(48, 48), QIcon.Mode.Disabled))
    assert tuple(off[off[..., 3] > 250][0][:3]) == QColor(theme.colours().disabled).toTuple()[:3]


def test_an_icon_may_have_a_colour_of_its_own(qt_app):
    drawn = pixels(theme.icon("flag", QColor("#E69F00")).pixmap(QSize(48, 48)))
    assert tuple(drawn[drawn[..., 3] > 250][0][:3]) == QColor("#E69F00").toTuple()[:3]


def test_a_missing_icon_is_named(qt_app):
    with pytest.raises(FileNotFoundError, match=r"nothing\.svg"):
        theme.icon("nothing")


def test_the_programs_own_icon_keeps_its_colours(qt_app):
    drawn = pixels(theme.app_icon().pixmap(QSize(96, 96)))
    assert len({tuple(one[:3] // 64) for one in drawn[drawn[..., 3] > 250]}) > 4


def test_swatches_of_kinds_differ(qt_app):
    swatches = [pixels(theme.kind_icon(kind).pixmap(QSize(16, 16))) for kind in MatchKind]
    for first, second in itertools.combinations(swatches, 2):
        assert (np.abs(first.astype(int) - second.astype(int)).max(axis=2) > 40).mean() > 0.2
