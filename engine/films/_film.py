"""Film and the values it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.domain.morphometry import Facing

Grey = NDArray[np.uint8] | NDArray[np.uint16]


class SpacingState(Enum):
    """How far millimetres can be trusted (DICOM PS3.3 10.7; the states of cornerstone3D)."""

    CALIBRATED = "calibrated"
    MAGNIFICATION_CORRECTED = "corrected for magnification"
    DETECTOR = "detector plane"
    UNKNOWN = "unknown"
    NONE = "none"
    ERROR = "contradictory"


@dataclass(frozen=True, slots=True)
class Spacing:
    """Millimetres a pixel, rows (vertical) and columns (horizontal); None where the state allows no millimetres."""

    state: SpacingState = SpacingState.NONE
    row_mm: float | None = None
    column_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Display:
    """One way a file offers to show its grey values.

    Either a window (`center`, `width` in grey values, `function` LINEAR, LINEAR_EXACT or SIGMOID; DICOM PS3.3
    C.11.2.1) or a `table` whose first entry belongs to grey value `table_start`. `inverted` turns black and white
    afterwards.
    """

    name: str
    center: float = 0.0
    width: float = 0.0
    function: str = "LINEAR"
    table: tuple[int, ...] = ()
    table_start: int = 0
    table_bits: int = 16
    inverted: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """One radiograph: `pixels` (H, W) uint8 or uint16 after the modality step, read-only; displaying changes nothing.

    `offset` was added to the grey values so that none is negative; after that, a DICOM file's fractions and spans
    beyond 16 bit are scaled to 16 bit, and its displays with them. `displays` are what the file offers, the first in
    use; empty where it offers none. `facing` is None where nothing tells it. `excluded` (H, W) marks padding and
    shutter. `patient` is a hash.
    """

    path: Path
    pixels: Grey
    displays: tuple[Display, ...] = ()
    inverted: bool = False
    spacing: Spacing = Spacing()
    facing: Facing | None = None
    patient: str | None = None
    excluded: NDArray[np.bool_] | None = None
    offset: int = 0
    opens_in_labelme: bool = False
    facts: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Freeze the pixels."""
        self.pixels.setflags(write=False)

    @property
    def size(self) -> tuple[int, int]:
        """Return (height, width) in pixels."""
        height, width = self.pixels.shape
        return (int(height), int(width))
