"""Where film pixels lie in a view: pure functions on ViewState, without widgets.

Sizes here are (width, height), as widgets give them; a film's size is (height, width) everywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from vcfviewer.canvas.values import ViewState

Bounds = tuple[float, float, float, float]
"""(left, top, right, bottom) in film pixels."""

LARGEST_SCALE = 64.0
"""View pixels a film pixel: there a vertebra's edge fills the view."""

SMALLEST_FIT = 0.25
"""How far one may zoom out, as a part of what fits the view."""

FRAMED = 3.0
"""How many findings of that size a framed view holds: the one in the middle, and a neighbour on each side."""

FRAMED_ACROSS = 2.2
"""How many times a finding's own width stands across: its neighbours are above and below it."""

FRAMED_SCALE = 6.0
"""Framing zooms in no further than this, in view pixels a film pixel."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Film pixels to view pixels: flip left to right, turn clockwise by quarters, scale, shift by (dx, dy)."""

    scale: float
    quarter_turns: int
    flipped: bool
    dx: float
    dy: float

    @property
    def matrix(self) -> tuple[float, float, float, float]:
        """Return (xx, xy, yx, yy): view x = xx * x + xy * y + dx, view y = yx * x + yy * y + dy."""
        a, b, c, d = _axes(self.quarter_turns, self.flipped)
        return (a * self.scale, b * self.scale, c * self.scale, d * self.scale)

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the film lies in the view."""
        xx, xy, yx, yy = self.matrix
        return (xx * x + xy * y + self.dx, yx * x + yy * y + self.dy)

    def to_film(self, x: float, y: float) -> tuple[float, float]:
        """Return the point of the film at a point of the view."""
        a, b, c, d = _axes(self.quarter_turns, self.flipped)
        x, y = (x - self.dx) / self.scale, (y - self.dy) / self.scale
        # The axes are orthogonal and of length 1: the inverse is the transpose.
        return (a * x + c * y, b * x + d * y)

    def enlarged(self, factor: float) -> Placement:
        """Return the placement in pixels `factor` times as fine, such as those of the device."""
        return replace(self, scale=self.scale * factor, dx=self.dx * factor, dy=self.dy * factor)


def place(state: ViewState, view: tuple[int, int], pixel_ratio: float | None = None) -> Placement:
    """Return where the film lies in a view of this size.

    With `pixel_ratio` (device pixels a view pixel) the shift is rounded to whole device pixels, so that at 1:1 each
    film pixel is one device pixel; without, it is exact.
    """
    a, b, c, d = _axes(state.quarter_turns, state.flipped)
    x, y = state.center
    dx = view[0] / 2 - state.scale * (a * x + b * y)
    dy = view[1] / 2 - state.scale * (c * x + d * y)
    if pixel_ratio is not None:
        dx, dy = round(dx * pixel_ratio) / pixel_ratio, round(dy * pixel_ratio) / pixel_ratio
    return Placement(state.scale, state.quarter_turns % 4, state.flipped, dx, dy)


def fit_scale(film: tuple[int, int], view: tuple[int, int], quarter_turns: int = 0, width_only: bool = False) -> float:
    """Return the scale at which a film of (width, height) fits the view, or only its width does."""
    width, height = film if quarter_turns % 2 == 0 else film[::-1]
    across = view[0] / max(width, 1)
    fitting = across if width_only else min(across, view[1] / max(height, 1))
    return min(max(fitting, 1e-4), LARGEST_SCALE)


def scale_limits(film: tuple[int, int], view: tuple[int, int]) -> tuple[float, float]:
    """Return the least and the greatest scale that zooming may reach."""
    return (min(fit_scale(film, view, turns) for turns in (0, 1)) * SMALLEST_FIT, LARGEST_SCALE)


def fitted(state: ViewState, film: tuple[int, int], view: tuple[int, int], width_only: bool = False) -> ViewState:
    """Return the state that shows the whole film (width, height), or all of its width around the row in the middle."""
    middle = (film[0] / 2, film[1] / 2)
    if width_only:
        middle = (middle[0], state.center[1]) if state.quarter_turns % 2 == 0 else (state.center[0], middle[1])
    return replace(state, center=middle, scale=fit_scale(film, view, state.quarter_turns, width_only))


def zoomed(state: ViewState, view: tuple[int, int], factor: float, at: tuple[float, float] | None = None) -> ViewState:
    """Return the state after a zoom: the point of the film at `at`, in view pixels, stays there; None: the middle."""
    if at is None:
        return replace(state, scale=state.scale * factor)
    x, y = place(state, view).to_film(*at)
    center = (x + (state.center[0] - x) / factor, y + (state.center[1] - y) / factor)
    return replace(state, center=center, scale=state.scale * factor)


def panned(state: ViewState, dx: float, dy: float) -> ViewState:
    """Return the state after the film was dragged by (dx, dy) view pixels."""
    x, y = as_film(state, dx / state.scale, dy / state.scale)
    return replace(state, center=(state.center[0] - x, state.center[1] - y))


def framed(state: ViewState, bounds: Bounds, view: tuple[int, int]) -> ViewState:
    """Return the state with a finding in the middle, with about a neighbour of its size on each side."""
    left, top, right, bottom = bounds
    across, along = max(right - left, 1.0) * FRAMED_ACROSS, max(bottom - top, 1.0) * FRAMED
    width, height = view if state.quarter_turns % 2 == 0 else view[::-1]
    scale = min(width / across, height / along, FRAMED_SCALE)
    return replace(state, center=((left + right) / 2, (top + bottom) / 2), scale=scale)


def turned(state: ViewState, quarters: int = 1) -> ViewState:
    """Return the state turned clockwise by quarters, as seen."""
    return replace(state, quarter_turns=(state.quarter_turns + quarters) % 4)


def flipped(state: ViewState) -> ViewState:
    """Return the state with left and right exchanged, as seen."""
    # Flipping comes before turning: as seen, a turned film is flipped by flipping it and turning it the other way.
    return replace(state, quarter_turns=-state.quarter_turns % 4, flipped=not state.flipped)


def limited(state: ViewState, film: tuple[int, int]) -> ViewState:
    """Return the state with a point of the film (width, height) in the middle, so that it can't be lost from view."""
    x, y = (min(max(value, 0.0), float(size)) for value, size in zip(state.center, film, strict=True))
    return replace(state, center=(x, y))


def as_seen(state: ViewState, x: float, y: float) -> tuple[float, float]:
    """Return a direction in the film as the display is turned and flipped."""
    a, b, c, d = _axes(state.quarter_turns, state.flipped)
    return (a * x + b * y, c * x + d * y)


def as_film(state: ViewState, x: float, y: float) -> tuple[float, float]:
    """Return the direction in the film of a direction as seen."""
    a, b, c, d = _axes(state.quarter_turns, state.flipped)
    return (a * x + c * y, b * x + d * y)


def _axes(quarter_turns: int, flip: bool) -> tuple[int, int, int, int]:
    a, b, c, d = ((1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0))[quarter_turns % 4]
    return (-a, b, -c, d) if flip else (a, b, c, d)
