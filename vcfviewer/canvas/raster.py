"""The visible part of a film, resampled from a pyramid, and its grey values looked up: no Qt.

Grey values are resampled first and windowed afterwards, so that a window drag needs the lookup only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.films import Display
from engine.films.display import lookup
from vcfviewer.canvas.geometry import Placement

Grey = NDArray[np.uint8] | NDArray[np.uint16]
Rgb = NDArray[np.uint32]
"""(H, W) of 0xFFRRGGBB, as QImage.Format_RGB32 holds it."""

SMALLEST_LEVEL = 256
"""No level is made once both sides are at most this."""

BLOCKS_FROM = 8.0
"""Device pixels a film pixel from which film pixels are shown as squares; below, they are interpolated."""


@dataclass(frozen=True, slots=True, eq=False)
class Pyramid:
    """A film's pixels and their means over 2 x 2, 4 x 4 and so on; `levels[0]` is the film itself, not a copy.

    All levels together are at most 4/3 of the film.
    """

    levels: tuple[Grey, ...]

    @classmethod
    def of(cls, pixels: Grey) -> Pyramid:
        """Make the levels of (H, W) pixels: some milliseconds for 12 megapixels."""
        levels = [pixels]
        while max(levels[-1].shape) > SMALLEST_LEVEL and min(levels[-1].shape) >= 2:
            height, width = (side // 2 for side in levels[-1].shape)
            even = levels[-1][: 2 * height, : 2 * width]
            levels.append(_grey(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)))
        return cls(tuple(levels))

    @property
    def extra_bytes(self) -> int:
        """Return what the levels take beside the film."""
        return sum(level.nbytes for level in self.levels[1:])


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The visible part of a film: (H, W) grey values, one a device pixel, the first at (left, top) of the view."""

    pixels: Grey
    left: int
    top: int


def resample(pyramid: Pyramid, placement: Placement, width: int, height: int) -> Patch | None:
    """Return the part of a film that a view of `width` x `height` device pixels shows; None: it shows none.

    `placement` is in device pixels with whole shifts. Where one film pixel, or 2 x 2, 4 x 4 of them, fall on one device
    pixel, the values are exact; else they are interpolated from the next finer level, and shown as squares from
    BLOCKS_FROM on.
    """
    turns = placement.quarter_turns % 4
    upright = (width, height) if turns % 2 == 0 else (height, width)
    origin = _upright_origin(placement, width, height)
    rows, columns = pyramid.levels[0].shape
    left, right = _covered(origin[0], placement.scale * columns, upright[0])
    top, bottom = _covered(origin[1], placement.scale * rows, upright[1])
    if left >= right or top >= bottom:
        return None
    index = _level_for(placement.scale, len(pyramid.levels))
    scale = placement.scale * 2**index
    across, down = _Axis(left, right, origin[0], scale), _Axis(top, bottom, origin[1], scale)
    pixels = _sampled(pyramid.levels[index], across, down)
    if placement.flipped:
        left, right = upright[0] - right, upright[0] - left
        pixels = pixels[:, ::-1]
    return Patch(_turned(pixels, turns), *_turned_corner(turns, (left, top, right, bottom), upright))


def colours(display: Display, dtype: np.dtype[np.generic]) -> Rgb:
    """Return what each grey value of 8-bit or 16-bit pixels is shown as: (256,) or (65536,) of 0xFFRRGGBB."""
    greys = lookup(display, 256 if dtype == np.uint8 else 65536).astype(np.uint32)
    table: Rgb = greys * np.uint32(0x010101) | np.uint32(0xFF000000)
    return table


def shown(pixels: Grey, table: Rgb, out: Rgb | None = None) -> Rgb:
    """Return the colours of (H, W) grey values, written to `out` where it has their shape."""
    if out is None or out.shape != pixels.shape:
        out = np.empty(pixels.shape, np.uint32)
    # Clipping changes nothing (the table has an entry for every value), but spares numpy a check and a copy.
    return np.take(table, pixels, out=out, mode="clip")


@dataclass(frozen=True, slots=True)
class _Axis:
    """Device pixels `start` to `end` along one axis of a level whose first pixel begins at `origin`."""

    start: int
    end: int
    origin: float
    scale: float

    @property
    def is_exact(self) -> bool:
        return abs(self.scale - 1) < 1e-9 and abs(self.origin - round(self.origin)) < 1e-6

    @property
    def first(self) -> float:
        """Return where the centre of the first device pixel lies, in level pixels from the centre of the first."""
        return (self.start + 0.5 - self.origin) / self.scale - 0.5

    def nearest(self, size: int) -> NDArray[np.intp]:
        places = (np.arange(self.start, self.end) + 0.5 - self.origin) / self.scale
        return np.asarray(np.clip(np.floor(places), 0, size - 1), np.intp)

    def crop(self, size: int) -> slice:
        """Return which of the level's pixels interpolation looks at."""
        last = self.first + (self.end - 1 - self.start) / self.scale
        begin = min(max(math.floor(self.first) - 1, 0), size - 1)
        return slice(begin, max(min(math.ceil(last) + 2, size), begin + 1))


def _sampled(level: Grey, across: _Axis, down: _Axis) -> Grey:
    rows, columns = level.shape
    if across.is_exact and down.is_exact:
        top, left = round(down.first), round(across.first)
        return level[top : top + down.end - down.start, left : left + across.end - across.start]
    if across.scale >= BLOCKS_FROM:
        return _grey(level[down.nearest(rows)][:, across.nearest(columns)])
    visible = (down.crop(rows), across.crop(columns))
    shift = (across.first - visible[1].start, down.first - visible[0].start)
    step = 1 / across.scale
    matrix = np.array(((step, 0, shift[0]), (0, step, shift[1])), np.float64)
    size = (across.end - across.start, down.end - down.start)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return _grey(cv2.warpAffine(level[visible], matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE))


def _level_for(scale: float, levels: int) -> int:
    """Return the coarsest level with at least one pixel a device pixel, but for rounding."""
    return min(max(math.floor(-math.log2(scale) + 1e-9), 0), levels - 1)


def _covered(origin: float, extent: float, size: int) -> tuple[int, int]:
    """Return the device pixels, first and one past the last, whose centres lie in the film along one axis."""
    start, end = math.ceil(origin - 0.5), math.ceil(origin + extent - 0.5)
    return (max(start, 0), min(end, size))


def _upright_origin(placement: Placement, width: int, height: int) -> tuple[float, float]:
    """Return where the film's first corner lies once the view is turned back and flipped back."""
    x, y = placement.dx, placement.dy
    x, y = ((x, y), (y, width - x), (width - x, height - y), (height - y, x))[placement.quarter_turns % 4]
    if placement.flipped:
        x = (width if placement.quarter_turns % 2 == 0 else height) - x
    return (x, y)


def _turned_corner(turns: int, box: tuple[int, int, int, int], upright: tuple[int, int]) -> tuple[int, int]:
    """Return the top left corner, in the turned view, of a box in the upright one."""
    left, top, right, bottom = box
    width, height = upright
    return ((left, top), (height - bottom, left), (width - right, height - bottom), (top, width - right))[turns]


def _turned(pixels: Grey, turns: int) -> Grey:
    return _grey(np.ascontiguousarray(np.rot90(pixels, -turns)))


def _grey(pixels: cv2.typing.MatLike) -> Grey:
    """Name the type of what OpenCV returns; it keeps 8-bit and 16-bit pixels what they are."""
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    return np.asarray(pixels, np.uint16)
