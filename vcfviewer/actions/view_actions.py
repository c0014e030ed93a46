"""Actions of looking: zoom, window, overlay, what is hidden; and help."""

from __future__ import annotations

from vcfviewer.actions import opening, two_models
from vcfviewer.actions.desk import Desk
from vcfviewer.actions.rows import Action, always, has_film
from vcfviewer.canvas.values import ViewMode
from vcfviewer.canvas.windowing import caption, presets
from vcfviewer.translation import QT_TRANSLATE_NOOP

VIEW = QT_TRANSLATE_NOOP("actions", "View")
HELP = QT_TRANSLATE_NOOP("actions", "Help")
STEP = 1.25


def toggle_overlay(desk: Desk) -> None:
    """Show both sides on one film, or side by side."""
    overlay = desk.comparison.mode is ViewMode.OVERLAY
    desk.comparison.set_mode(ViewMode.SIDE_BY_SIDE if overlay else ViewMode.OVERLAY)


def fit_finding(desk: Desk) -> None:
    """Frame the finding in question."""
    if desk.session.second.active:
        two_models.choose(desk, desk.session.second.current)
    else:
        desk.choose(desk.session.case.current)


def next_preset(desk: Desk) -> None:
    """Go on to the next window: those that the file offers, then the automatic one and others made from it."""
    film, display = desk.session.case.film, desk.comparison.display
    if film is None:
        return
    offered = presets(film)
    names = [one.name for one in offered]
    at = names.index(display.name) + 1 if display is not None and display.name in names else 0
    chosen = offered[at % len(names)]
    desk.comparison.choose_display(chosen)
    desk.tell(caption(chosen))


def toggle_hidden(desk: Desk) -> None:
    """Hide all shapes, or show them again."""
    opening.hide(desk, hidden=not desk.shapes_hidden)


ACTIONS = (
    Action("fit", VIEW, QT_TRANSLATE_NOOP("actions", "Fit the film to the window"),
           lambda desk: desk.comparison.fit(), "Ctrl+F", has_film, "fit", toolbar=True),
    Action("fit_width", VIEW, QT_TRANSLATE_NOOP("actions", "Fit the width"),
           lambda desk: desk.comparison.fit_width(), "Ctrl+Shift+F"),
    Action("one_to_one", VIEW, QT_TRANSLATE_NOOP("actions", "One film pixel a screen pixel"),
           lambda desk: desk.comparison.one_to_one(), "Ctrl+0", has_film, "one_to_one"),
    Action("fit_finding", VIEW, QT_TRANSLATE_NOOP("actions", "Fit the finding"),
           fit_finding, "F", has_film, "fit_finding"),
    Action("zoom_in", VIEW, QT_TRANSLATE_NOOP("actions", "Zoom in"),
           lambda desk: desk.comparison.zoom(STEP), "Ctrl++; Ctrl+=", has_film, "zoom_in"),
    Action("zoom_out", VIEW, QT_TRANSLATE_NOOP("actions", "Zoom out"),
           lambda desk: desk.comparison.zoom(1 / STEP), "Ctrl+-", has_film, "zoom_out"),
    Action("overlay", VIEW, QT_TRANSLATE_NOOP("actions", "Expert and model on one film"),
           toggle_overlay, "O", has_film, "overlay",
           lambda desk: desk.comparison.mode is ViewMode.OVERLAY, toolbar=True, separated=True),
    Action("toggle_shapes", VIEW, QT_TRANSLATE_NOOP("actions", "Hide or show all shapes"),
           toggle_hidden, "T", has_film, "hide", lambda desk: desk.shapes_hidden),
    Action("invert", VIEW, QT_TRANSLATE_NOOP("actions", "Invert black and white"),
           lambda desk: desk.comparison.invert(), "I", has_film, "invert", toolbar=True, separated=True),
    Action("auto_window", VIEW, QT_TRANSLATE_NOOP("actions", "Automatic window"),
           lambda desk: desk.comparison.auto_display(), "Ctrl+Alt+A", has_film, "auto_window"),
    Action("auto_window_here", VIEW, QT_TRANSLATE_NOOP("actions", "Automatic window for what is in view"),
           lambda desk: desk.comparison.auto_display_of_view(), "Ctrl+Alt+W"),
    Action("offered_window", VIEW, QT_TRANSLATE_NOOP("actions", "Next window preset"),
           next_preset, "Shift+W"),
    Action("reset_display", VIEW, QT_TRANSLATE_NOOP("actions", "Reset the window"),
           lambda desk: desk.comparison.reset_display(), "Ctrl+Alt+R", has_film, "reset"),
    Action("rotate", VIEW, QT_TRANSLATE_NOOP("actions", "Turn the display by 90°"),
           lambda desk: desk.comparison.rotate(), "Ctrl+R", has_film, "rotate", separated=True),
    Action("flip", VIEW, QT_TRANSLATE_NOOP("actions", "Flip the display"),
           lambda desk: desk.comparison.flip(), "Shift+F", has_film, "flip"),
    Action("keys", HELP, QT_TRANSLATE_NOOP("actions", "All keys"), opening.keys, "?; F1", always, "keys"),
    Action("model_card", HELP, QT_TRANSLATE_NOOP("actions", "The model's card"),
           opening.model_card, "", always, "model_card"),
    Action("hint", HELP, QT_TRANSLATE_NOOP("actions", "The first three steps"), opening.hint, "", always),
    Action("about", HELP, QT_TRANSLATE_NOOP("actions", "About vcfviewer: research use only"),
           opening.about, "", always, "info", separated=True),
)  # fmt: skip
