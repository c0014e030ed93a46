"""Changes of a display: by dragging, by presets, inverted. A display is a value; the film never changes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from engine.films import Display, Film
from engine.films.display import default_display, lookup

BY_HAND = str(QT_TRANSLATE_NOOP("Display", "by hand"))
FULL_RANGE = str(QT_TRANSLATE_NOOP("Display", "full range"))
MORE_CONTRAST = str(QT_TRANSLATE_NOOP("Display", "more contrast"))
LESS_CONTRAST = str(QT_TRANSLATE_NOOP("Display", "less contrast"))
THIS_PART = str(QT_TRANSLATE_NOOP("Display", "this part"))
AUTOMATIC = str(QT_TRANSLATE_NOOP("Display", "automatic"))

PIXELS_A_FACTOR_E = 250.0
"""View pixels of a drag to the right that widen a window 2.7 times."""

PIXELS_A_WIDTH = 500.0
"""View pixels of a drag upwards that brighten by a whole window width."""


def first_display(film: Film) -> Display:
    """Return what a film is shown with at first: what its file offers first, else the automatic one."""
    return film.displays[0] if film.displays else default_display(film)


def presets(film: Film) -> tuple[Display, ...]:
    """Return what a reader may choose from: the file's displays, then the automatic one and others made from it."""
    automatic = default_display(film)
    entries = entries_of(film)
    full = replace(automatic, name=FULL_RANGE, center=entries / 2, width=float(entries))
    sharp = replace(automatic, name=MORE_CONTRAST, width=_allowed_width(automatic.width / 2, entries))
    flat = replace(automatic, name=LESS_CONTRAST, width=_allowed_width(automatic.width * 2, entries))
    return (*film.displays, automatic, sharp, flat, full)


def caption(display: Display) -> str:
    """Return a display's name for the reader: what the file calls it, or ours, translated."""
    return QCoreApplication.translate("Display", display.name)


def entries_of(film: Film) -> int:
    """Return how many grey values a film's pixels can have."""
    return 256 if film.pixels.dtype == np.uint8 else 65536


def dragged(display: Display, dx: float, dy: float, entries: int) -> Display:
    """Return the display after a drag of (dx, dy) view pixels, right and down being positive.

    To the right the window widens (less contrast), upwards the film grows brighter, inverted or not. A table becomes
    a window first, one that spans what the table spans.
    """
    start = as_window(display, entries)
    width = _allowed_width(start.width * math.exp(dx / PIXELS_A_FACTOR_E), entries)
    step = dy / PIXELS_A_WIDTH * width * (-1 if start.inverted else 1)
    center = min(max(start.center + step, -float(entries)), 2.0 * entries)
    return replace(start, name=BY_HAND, center=center, width=width)


def as_window(display: Display, entries: int) -> Display:
    """Return a display as center and width; a table's are those where it leaves black and reaches white."""
    if not display.table:
        return display
    greys = lookup(replace(display, inverted=False), entries).astype(np.int64)
    span = np.flatnonzero((greys > greys.min()) & (greys < greys.max()))
    falls = bool(greys[0] > greys[-1])
    low, high = (int(span[0]), int(span[-1])) if len(span) else (0, entries - 1)
    width = _allowed_width(high - low + 1.0, entries)
    inverted = display.inverted != falls
    return Display(display.name, center=(low + high + 1) / 2, width=width, inverted=inverted)


def around(values: NDArray[np.integer], display: Display) -> Display:
    """Return a window from percentile 0.5 to 99.5 of these grey values, inverted as `display` is."""
    low, high = (float(value) for value in np.percentile(values, (0.5, 99.5)))
    width = max(high - low + 1, 2.0)
    return Display(THIS_PART, low + (high - low) / 2 + 0.5, width, inverted=display.inverted)


def inverted(display: Display) -> Display:
    """Return the display with black and white exchanged."""
    return replace(display, inverted=not display.inverted)


def _allowed_width(width: float, entries: int) -> float:
    return min(max(width, 2.0), 4.0 * entries)
