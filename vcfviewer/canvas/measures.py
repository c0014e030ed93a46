"""Lengths and angles on the film.

Millimetres only where a spacing is known and named; rows and columns may be apart by different lengths. An angle is
taken between directions in millimetres where a spacing is known, for unequal spacing bends angles; without one, pixels
count as square.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.domain.polygon import FloatArray
from engine.domain.six_points import Spacing, scaled
from vcfviewer.canvas.palette import Ink
from vcfviewer.canvas.sketch import Dot, Line, Note, Point, Sketch

translate = QCoreApplication.translate


class MeasureKind(Enum):
    """What is measured; the value counts its points."""

    LENGTH = 2
    ANGLE = 3
    COBB = 4


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure by its points on the film: two ends; an arm, the vertex, the other arm; or two ends of two lines.

    Raises ValueError for another number of points.
    """

    kind: MeasureKind
    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        """Count the points."""
        if len(self.points) != self.kind.value:
            raise ValueError(f"{self.kind.name} takes {self.kind.value} points, got {len(self.points)}")

    def text(self, spacing: Spacing | None, caption: str) -> str:
        """Return the measure with its unit; `caption` names the millimetres, without it they aren't shown."""
        if self.kind is MeasureKind.LENGTH:
            return length_text(self.points[0], self.points[1], spacing, caption)
        degrees = measured_angle(self.kind, self.points, spacing)
        words = translate("Measures", "Cobb %1°") if self.kind is MeasureKind.COBB else translate("Measures", "%1°")
        return words.replace("%1", f"{degrees:.1f}")

    def sketch(self, text: str) -> Sketch:
        """Return what is drawn: the lines, their ends and the text."""
        return measure_sketch(self.kind, self.points, text)


def measured_length(start: Point, end: Point, spacing: Spacing | None) -> float:
    """Return the distance of two points of the film, in mm with a spacing (row, column), else in pixels."""
    return float(np.linalg.norm(scaled(np.subtract(end, start), spacing)))


def length_text(start: Point, end: Point, spacing: Spacing | None, caption: str) -> str:
    """Return a length with its unit, in millimetres where these are known and named, else in pixels."""
    if spacing is not None and caption:
        return f"{measured_length(start, end, spacing):.1f} {caption}"
    return f"{measured_length(start, end, None):.1f} px"


def measured_angle(kind: MeasureKind, points: tuple[Point, ...], spacing: Spacing | None) -> float:
    """Return the angle at the middle one of three points, 0 to 180, or between two undirected lines, 0 to 90 degrees.

    Which way a line was drawn says nothing about a Cobb angle, so that it is the acute one. 0 where an arm is no longer
    than a point.
    """
    places = scaled(np.array(points, dtype=np.float64), spacing)
    if kind is MeasureKind.ANGLE:
        return _between(places[0] - places[1], places[2] - places[1])
    degrees = _between(places[1] - places[0], places[3] - places[2])
    return min(degrees, 180.0 - degrees)


def measure_sketch(kind: MeasureKind, points: tuple[Point, ...], text: str) -> Sketch:
    """Draw a measure, finished or not: as many of its points as there are."""
    dots = tuple(Dot(point, Ink.MEASURE, 6.0) for point in points)
    if kind is not MeasureKind.COBB:
        arms = (Line(points, Ink.MEASURE),) if len(points) > 1 else ()
        at = points[1] if kind is MeasureKind.ANGLE and len(points) > 1 else points[-1]
        return Sketch(lines=arms, dots=dots, notes=(Note(at, text),) if text else ())
    pairs = [points[start : start + 2] for start in (0, 2) if len(points) > start + 1]
    lines = tuple(Line(pair, Ink.MEASURE) for pair in pairs)
    if len(pairs) < 2:
        return Sketch(lines=lines, dots=dots)
    first, second = (_middle(*pair) for pair in pairs)
    lines = (*lines, Line((first, second), Ink.MEASURE, dashed=True))
    return Sketch(lines=lines, dots=dots, notes=(Note(_middle(first, second), text),) if text else ())


def _between(first: FloatArray, second: FloatArray) -> float:
    turn = abs(float(first[0] * second[1] - first[1] * second[0]))
    return math.degrees(math.atan2(turn, float(first @ second)))


def _middle(first: Point, second: Point) -> Point:
    return ((first[0] + second[0]) / 2, (first[1] + second[1]) / 2)
