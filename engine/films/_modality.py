"""The modality step of DICOM (PS3.3 C.11.1): stored values -> grey values of 16 bit, none of them negative.

Decision: the step is computed once for each value that occurs, then looked up block by block. Rejected: computing it
for every pixel, which took 27 bytes a pixel, 320 MB for 12 megapixels. Consequence: values beyond 16 bit, which no
detector gives, still go the long way.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut

from engine.films._film import Grey

_BLOCK = 1 << 20


def to_grey_values(stored: NDArray[np.generic], record: Dataset) -> tuple[Grey, int, float]:
    """Return (value + offset) * scale of stored pixels (H, W) after the modality step, with offset and scale.

    No grey value is negative; fractions and spans beyond 16 bit are scaled to it.
    """
    stepped = _has_step(record)
    if not stepped and stored.dtype in (np.uint8, np.uint16):
        return np.ascontiguousarray(stored), 0, 1.0
    if stored.dtype.kind not in "iu" or stored.dtype.itemsize > 2:
        return _as_unsigned(np.asarray(apply_modality_lut(stored, record)) if stepped else stored)
    native = np.ascontiguousarray(stored, stored.dtype.newbyteorder("="))
    places = native.view(np.uint8 if native.itemsize == 1 else np.uint16)
    seen = np.zeros(1 << (8 * native.itemsize), bool)
    for rows in _blocks(places):
        seen[places[rows]] = True
    found = np.flatnonzero(seen).astype(places.dtype)
    values = found.view(native.dtype)
    # As 64 bit: pydicom counts a table's places in the values' own type, and -3 to 125 are too many for int8.
    after = np.asarray(apply_modality_lut(values.astype(np.int64), record)) if stepped else values
    grey, offset, scale = _as_unsigned(after)
    table = np.zeros(seen.size, grey.dtype)
    table[found] = grey
    pixels = np.empty(native.shape, grey.dtype)
    for rows in _blocks(places):
        pixels[rows] = table[places[rows]]
    return pixels, offset, scale


def _blocks(pixels: NDArray[np.generic]) -> Iterator[slice]:
    """Yield slices of rows of about a million pixels: an index array takes eight bytes each."""
    step = max(1, _BLOCK // pixels.shape[1])
    return (slice(top, top + step) for top in range(0, pixels.shape[0], step))


def _has_step(record: Dataset) -> bool:
    if "ModalityLUTSequence" in record:
        return True
    slope, intercept = float(record.get("RescaleSlope", 1) or 1), float(record.get("RescaleIntercept", 0) or 0)
    return (slope, intercept) != (1.0, 0.0)


def _as_unsigned(values: NDArray[np.generic]) -> tuple[Grey, int, float]:
    if values.dtype in (np.uint8, np.uint16):
        return np.ascontiguousarray(values), 0, 1.0
    low = int(np.floor(values.min()))
    offset = -low if low < 0 else 0
    exact = values.dtype.kind in "iu"
    shifted = values.astype(np.int64 if exact else np.float64, copy=exact)
    shifted += offset
    high = float(shifted.max())
    if high <= 65535 and (exact or np.array_equal(shifted, np.rint(shifted))):
        return shifted.astype(np.uint16), offset, 1.0
    scale = 65535 / high
    return np.rint(shifted * scale).astype(np.uint16), offset, scale
