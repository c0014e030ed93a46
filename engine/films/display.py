"""How grey values become what is seen, by one lookup table; the film itself never changes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.films._film import Display, Film, Grey

BAND = 2**17  # Pixels looked up at a time: their indices (8 bytes each) stay in a processor's cache.


def film_to_grey(film: Film, display: Display | None = None) -> NDArray[np.uint8]:
    """Return the film as shown, (H, W) uint8, black for little attenuation: what readers and networks look at."""
    return render(film.pixels, display or (film.displays[0] if film.displays else default_display(film)))


def render(pixels: Grey, display: Display) -> NDArray[np.uint8]:
    """Apply a display to grey values (H, W), giving uint8 (H, W)."""
    table = lookup(display, 256 if pixels.dtype == np.uint8 else 65536)
    if pixels.dtype == np.uint8:
        return np.asarray(cv2.LUT(pixels, table), np.uint8)
    shown = np.empty(pixels.shape, np.uint8)
    rows = max(1, BAND // max(1, pixels.shape[1]))
    for top in range(0, len(pixels), rows):  # The table has an entry for each value: "wrap" only saves the check.
        np.take(table, pixels[top : top + rows], out=shown[top : top + rows], mode="wrap")
    return shown


def lookup(display: Display, entries: int) -> NDArray[np.uint8]:
    """Return the 8-bit grey shown for each of `entries` grey values (DICOM PS3.3 C.11.2.1.2 and C.11.2.1.3)."""
    values = np.arange(entries, dtype=np.float64)
    if display.table:
        table = np.asarray(display.table, np.float64) / (2**display.table_bits - 1)
        shown = table[np.clip(np.arange(entries) - display.table_start, 0, len(table) - 1)]
    elif display.function == "SIGMOID":
        shown = 1 / (1 + np.exp(np.clip(-4 * (values - display.center) / display.width, -60, 60)))
    elif display.function == "LINEAR_EXACT":
        shown = (values - display.center) / display.width + 0.5
    elif display.width <= 1:
        shown = (values > display.center - 0.5).astype(np.float64)
    else:
        shown = (values - (display.center - 0.5)) / (display.width - 1) + 0.5
    shown = np.clip(shown, 0, 1)
    if display.inverted:
        shown = 1 - shown
    return np.asarray(np.round(shown * 255), np.uint8)


def default_display(film: Film) -> Display:
    """Return a window for a file that names none: percentiles 0.5 and 99.5 of what the beam met.

    Padding and shutter are left out, and so is a collimator's border: rows and columns of one grey value at the edge.
    8-bit films were windowed by whoever exported them, and stay as they are unless they use less than half the range.
    """
    counts = _counted(film)
    low, high = (_percentile(counts, share) for share in (0.005, 0.995))
    full = len(counts) - 1
    if full == 255 and high - low > 127:
        low, high = 0.0, float(full)
    if high <= low:
        met = np.flatnonzero(counts)
        low, high = float(met[0]), max(float(met[-1]), float(met[0]) + 1)
    width = high - low + 1
    return Display("automatic", low + (high - low) / 2 + 0.5, width, inverted=film.inverted)


def _counted(film: Film) -> NDArray[np.int64]:
    """Return how often the beam met each of the 256 or 65,536 grey values, on about a million pixels."""
    step = max(1, int((film.pixels.size / 1e6) ** 0.5))
    small = film.pixels[::step, ::step]
    values = 256 if film.pixels.dtype == np.uint8 else 65536
    rows = small.max(axis=1).astype(np.int64) - small.min(axis=1) > 2
    columns = small.max(axis=0).astype(np.int64) - small.min(axis=0) > 2
    inside = small if rows.all() and columns.all() else small[rows][:, columns]
    if film.excluded is not None:
        inside = inside[~film.excluded[::step, ::step][rows][:, columns]]
    counts = np.bincount(inside.ravel(), minlength=values)
    for edge in (0, values - 1):
        border = np.count_nonzero(small == edge) / small.size
        if 0.02 < border < 0.7:
            counts[edge] = 0
    return counts if counts.sum() > 100 else np.bincount(small.ravel(), minlength=values)


def _percentile(counts: NDArray[np.int64], share: float) -> float:
    """Return the value below which a share of the counted values lies, between two of them as numpy's percentile."""
    ranks = np.cumsum(counts)
    place = share * float(ranks[-1] - 1)
    low, high = np.searchsorted(ranks, (int(place), min(int(place) + 1, int(ranks[-1]) - 1)), side="right").tolist()
    return float(low + (place - int(place)) * (high - low))
