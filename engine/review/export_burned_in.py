"""Where text may be burned into a film's pixels: what its header admits, and what looks like a line of letters.

Removing header and file name doesn't touch the pixels (DICOM PS3.15 E.3.1), and whether text names a person is for a
person to decide: this only says where to look. Measured on 36 real films and on text drawn into them, see the tests.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.films.sniff import looks_like_dicom

LONG_SIDE = 1600
"""Films are shrunk to this before letters are looked for, px."""

_TAGS = ("BurnedInAnnotation", "ImageType", "Modality", "ConversionType", "RecognizableVisualFeatures")
_SMALLEST, _TALLEST = 7, 0.05
"""Heights of letters: at least px, at most this share of the long side."""

_CONTRAST = 70
"""Grey levels by which a letter must stand out from what surrounds it."""

_SHARPNESS = 3.0
"""A letter's contrast against that just beside it: 4 and more in real lettering, below 2.5 in noise and bone."""

Box = tuple[int, int, int, int]
"""(x0, y0, x1, y1) px."""


@dataclass(frozen=True, slots=True)
class _Glyph:
    x: int
    y: int
    width: int
    height: int
    fill: float

    @property
    def is_letter(self) -> bool:
        """Whether it is wider than a stroke and no solid block, as the gaps between a ruler's ticks are."""
        return self.width > 0.3 * self.height and self.fill < 0.95

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def header_hints(path: Path) -> tuple[str, ...]:
    """Return what a DICOM header says that makes burned-in text likely; nothing for other files."""
    try:
        with path.open("rb") as file:
            if not looks_like_dicom(file.read(256)):
                return ()
        # Here, not above: the window, which imports this, starts without pydicom.
        import pydicom

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            record = pydicom.dcmread(path, force=True, specific_tags=list(_TAGS))
            kinds = [str(kind).upper() for kind in record.get("ImageType", []) or []]
            modality = str(record.get("Modality", "") or "").upper()
            conversion = str(record.get("ConversionType", "") or "").upper()
            burned = str(record.get("BurnedInAnnotation", "") or "").upper()
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        # What is wrong with the file is told where it is read as a film.
        return ()
    hints = {
        "its header says that text is burned in": burned == "YES",
        "its header calls it a secondary picture": "SECONDARY" in kinds,
        f"its modality is {modality}": modality in ("SC", "OT", "RG"),
        "it is a digitised film or a scan": conversion in ("DF", "DV", "SD", "SI"),
    }
    return tuple(text for text, holds in hints.items() if holds)


def find_lettering(grey: NDArray[np.uint8]) -> tuple[Box, ...]:
    """Return boxes around what looks like three letters or more in a line, level or upright; `grey` (H, W) as shown.

    Brighter or darker than what surrounds it; slanted lines and single side markers aren't found.
    """
    scale = min(1.0, LONG_SIDE / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA) if scale < 1 else grey, np.uint8)
    found: list[Box] = []
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        side = int(max(9, round(0.035 * max(small.shape)))) | 1
        hat = np.asarray(cv2.morphologyEx(small, operation, np.ones((side, side), np.uint8)), np.uint8)
        found += [_box(line) for line in _lines(_glyphs(hat))]
        upright = (_box(line) for line in _lines(_glyphs(np.ascontiguousarray(hat.T))))
        found += [(y0, x0, y1, x1) for x0, y0, x1, y1 in upright]
    return tuple((round(x0 / scale), round(y0 / scale), round(x1 / scale), round(y1 / scale))
                 for x0, y0, x1, y1 in found)  # fmt: skip


def _glyphs(hat: NDArray[np.uint8]) -> list[_Glyph]:
    """Return the parts of a top-hat picture that have a letter's size, fill and sharp edges."""
    mask = (hat >= _CONTRAST).astype(np.uint8)
    _count, labels, table, _centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    tallest = _TALLEST * max(hat.shape)
    glyphs = []
    for number, (x, y, width, height, area) in enumerate(table.tolist()):
        fits = _SMALLEST <= height <= tallest and 2 <= width <= 2 * height
        if number == 0 or not fits or area < max(12, 0.12 * width * height):
            continue
        inside = labels[y : y + height, x : x + width] == number
        peak = float(np.percentile(hat[y : y + height, x : x + width][inside], 95))
        around = (slice(max(0, y - 3), y + height + 3), slice(max(0, x - 3), x + width + 3))
        beside = hat[around][mask[around] == 0]
        if beside.size and peak >= _SHARPNESS * max(1.0, float(np.percentile(beside, 75))):
            glyphs.append(_Glyph(x, y, width, height, area / (width * height)))
    return glyphs


def _lines(glyphs: Sequence[_Glyph]) -> list[list[_Glyph]]:
    """Join neighbours of one height and one level into lines; three are a line, ticks of a ruler aren't."""
    if len(glyphs) < 3:
        return []
    ordered = sorted(glyphs, key=lambda one: one.x)
    owner = list(range(len(ordered)))
    for at, one in enumerate(ordered):
        for other in range(at + 1, len(ordered)):
            if ordered[other].x > one.x + one.width + 2 * one.height:
                break
            if _neighbours(one, ordered[other]):
                keep, gone = owner[at], owner[other]
                owner = [keep if value == gone else value for value in owner]
    lines = [[one for one, value in zip(ordered, owner, strict=True) if value == line] for line in set(owner)]
    return [line for line in lines if len(line) >= 3 and sum(one.is_letter for one in line) >= 2]


def _neighbours(one: _Glyph, other: _Glyph) -> bool:
    tall, low = max(one.height, other.height), min(one.height, other.height)
    gap = max(one.x, other.x) - min(one.x + one.width, other.x + other.width)
    return low >= 0.65 * tall and abs(one.middle - other.middle) <= 0.3 * tall and -0.1 * tall <= gap <= 0.9 * tall


def _box(line: Sequence[_Glyph]) -> Box:
    return (
        min(one.x for one in line), min(one.y for one in line),
        max(one.x + one.width for one in line), max(one.y + one.height for one in line),
    )  # fmt: skip
