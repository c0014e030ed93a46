"""Captions beside the findings: text with a halo, of one size at any zoom.

A caption never lies over its own finding while there is room beside it, and keeps clear of other captions and findings
where that can be had. One of an intact body lies inside it where there is no room beside it: between two bodies it
could name either.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QCoreApplication, QRectF, QSizeF
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication

from vcfviewer.canvas.palette import Palette
from vcfviewer.canvas.projection import Projection
from vcfviewer.canvas.values import DrawnShape, Side

translate = QCoreApplication.translate

GAP = 6.0
"""View pixels between a finding and its caption."""

HALO = 3.0
"""View pixels of the dark line around letters, both sides together."""


class Mark(Enum):
    """The sign before the caption of a finding that was decided."""

    NONE = ""
    TICK = "tick"
    CROSS = "cross"


@dataclass(frozen=True, slots=True)
class Caption:
    """What is written beside a shape, with the rectangle of the film that the shape fills."""

    text: str
    mark: Mark
    colour: str
    side: Side
    selected: bool
    finding: bool
    faint: bool
    bounds: tuple[float, float, float, float]

    @property
    def rect(self) -> QRectF:
        """Return the shape's rectangle in film pixels."""
        return QRectF(*self.bounds)


@dataclass(frozen=True, slots=True)
class PlacedCaption:
    """A caption and where it stands in the view: (x, y, width, height) in view pixels."""

    caption: Caption
    box: tuple[float, float, float, float]

    @property
    def rect(self) -> QRectF:
        """Return where the caption stands."""
        return QRectF(*self.box)


def caption_of(drawn: DrawnShape, selected: bool, bounds: QRectF, palette: Palette) -> Caption | None:
    """Return the caption of a shape that fills `bounds` of the film; None where it has nothing to say."""
    words = decision_words(drawn.decided)
    text = " · ".join(part for part in (drawn.caption, words) if part)
    if not text:
        return None
    marks = {"accepted": Mark.TICK, "edited": Mark.TICK, "rejected": Mark.CROSS}
    return Caption(
        text=text,
        mark=marks.get(drawn.decided, Mark.NONE),
        colour=palette.colour(drawn.kind).name(),
        side=drawn.side,
        selected=selected,
        finding=drawn.kind is not None,
        faint=bool(drawn.decided) and not selected,
        bounds=(bounds.x(), bounds.y(), bounds.width(), bounds.height()),
    )


def decision_words(decided: str) -> str:
    """Return a decision in the reader's language; words of other decisions are shown as they are."""
    known = {
        "accepted": translate("Captions", "accepted"),
        "edited": translate("Captions", "accepted with edit"),
        "rejected": translate("Captions", "rejected"),
    }
    return known.get(decided, decided)


def place_captions(
    captions: Sequence[Caption],
    obstacles: Sequence[QRectF],
    projection: Projection,
    window: QRectF,
    size_of: Callable[[Caption], QSizeF],
) -> tuple[PlacedCaption, ...]:
    """Place the captions of the shapes that are seen in `window` (view pixels); `obstacles` are film rectangles.

    The selected ones choose first, then findings, then the rest; the expert's prefer the left, the model's the right.
    """
    blocks = [projection.rect(one) for one in obstacles]
    placed: list[PlacedCaption] = []
    taken: list[QRectF] = []
    for caption in sorted(captions, key=lambda one: (not one.selected, not one.finding)):
        own = projection.rect(caption.rect)
        if not own.intersects(window):
            continue
        best = _best(_places(caption, own, size_of(caption), window), own, taken, blocks, window)
        taken.append(best)
        placed.append(PlacedCaption(caption, (best.x(), best.y(), best.width(), best.height())))
    return tuple(placed)


def caption_font(selected: bool) -> QFont:
    """Return the font of captions: the program's own, at least 9 points, bold where the shape is selected."""
    font = QGuiApplication.font()
    font.setPointSizeF(max(9.0, font.pointSizeF()))
    font.setBold(selected)
    return font


def caption_size(caption: Caption) -> QSizeF:
    """Return the view pixels that a caption takes, halo included."""
    metrics = QFontMetricsF(caption_font(caption.selected))
    sign = metrics.height() if caption.mark is not Mark.NONE else 0.0
    return QSizeF(metrics.horizontalAdvance(caption.text) + sign + 2 * HALO, metrics.height() + HALO)


def _places(caption: Caption, own: QRectF, size: QSizeF, window: QRectF) -> Iterator[QRectF]:
    """Yield rectangles around a shape, the best first; beside it, they slide along it to stay in the window."""
    width, height = size.width(), size.height()
    seen = own.intersected(window)
    middle = seen.center().y() - height / 2
    left, right = own.left() - GAP - width, own.right() + GAP
    for x in (left, right) if caption.side is Side.EXPERT else (right, left):
        for shift in (0.0, -height, height):
            yield QRectF(x, middle + shift, width, height)
    centre = seen.center().x() - width / 2
    if not caption.finding and seen.width() > width and seen.height() > height:
        for shift in (0.0, -height, height):
            yield QRectF(centre, middle + shift, width, height)
    yield QRectF(centre, own.top() - GAP - height, width, height)
    yield QRectF(centre, own.bottom() + GAP, width, height)


def _best(
    places: Iterable[QRectF], own: QRectF, taken: Sequence[QRectF], blocks: Sequence[QRectF], window: QRectF
) -> QRectF:
    """Return the first place that is free, else the one that hides least."""
    best, least = QRectF(), math.inf
    for place in places:
        cost = _cost(place, own, taken, blocks, window)
        if cost < least:
            best, least = place, cost
        if cost == 0:
            break
    return _pushed_into(best, window)


def _cost(place: QRectF, own: QRectF, taken: Sequence[QRectF], blocks: Sequence[QRectF], window: QRectF) -> float:
    if not window.contains(place):
        return 1e6 + _covered(_pushed_into(place, window), own)
    return 100.0 * sum(place.intersects(one) for one in taken) + sum(place.intersects(one) for one in blocks)


def _covered(place: QRectF, own: QRectF) -> float:
    both = place.intersected(own)
    return both.width() * both.height()


def _pushed_into(place: QRectF, window: QRectF) -> QRectF:
    x = min(max(place.left(), window.left()), max(window.right() - place.width(), window.left()))
    y = min(max(place.top(), window.top()), max(window.bottom() - place.height(), window.top()))
    return QRectF(x, y, place.width(), place.height())
