"""The colours on a film. The theme gives those of the kinds; a film is dark whatever the theme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from engine.domain.matching import MatchKind
from vcfviewer import theme
from vcfviewer.canvas.values import Side

FAINT = 0.45
"""Opacity of a finding that was decided."""


class Ink(Enum):
    """What a line that is no shape says; its value is the colour, chosen for black film and light bone alike."""

    GUIDE = "#FFD24A"
    MEASURE = "#7DF0C8"
    SIX_POINTS = "#FFB35C"
    ADDED = "#7BE37B"
    TAKEN = "#FF8A80"
    INVALID = "#FF3B30"
    SNAPPED = "#FF5CF4"

    @property
    def colour(self) -> QColor:
        """Return the colour."""
        return QColor(self.value)


@dataclass(frozen=True)
class Palette:
    """Where a scene takes its colours from; hatches are made once a kind."""

    kind_colour: Callable[[MatchKind], QColor] = theme.kind_colour
    kind_brush: Callable[[MatchKind], QBrush] = theme.kind_brush
    neutral: str = theme.NEUTRAL
    selected: str = "#FFFFFF"
    halo: str = "#000000"
    _brushes: dict[MatchKind, QBrush] = field(default_factory=dict, compare=False, repr=False)

    def colour(self, kind: MatchKind | None) -> QColor:
        """Return the colour of a kind; None: no finding."""
        return QColor(self.neutral) if kind is None else self.kind_colour(kind)

    def hatch(self, kind: MatchKind | None) -> QBrush:
        """Return the hatch of a kind; None: no finding, an outline only."""
        if kind is None:
            return QBrush(Qt.BrushStyle.NoBrush)
        if kind not in self._brushes:
            self._brushes[kind] = self.kind_brush(kind)
        return self._brushes[kind]

    def outline(self, kind: MatchKind | None, side: Side) -> QPen:
        """Return the pen of an outline: the expert's solid, the model's dashed, thin where it is no finding."""
        style = Qt.PenStyle.SolidLine if side is Side.EXPERT else Qt.PenStyle.DashLine
        return line_pen(self.colour(kind), 1.0 if kind is None else 2.0, style)


def line_pen(colour: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen of `width` view pixels with round joins; round ends would fill the gaps of dashes."""
    ends = Qt.PenCapStyle.RoundCap if style is Qt.PenStyle.SolidLine else Qt.PenCapStyle.FlatCap
    return QPen(colour, width, style, ends, Qt.PenJoinStyle.RoundJoin)
