"""Comparison: what the window shows a film in. Expert left and model right, or both on one film.

Decision: four layers of one widget, each a module: LinkedViews (the same part of the film), WindowedViews (the same
display), TooledViews (the same tool), Comparison (whose shapes are where). Rejected: one widget with fifty methods.
Consequence: the window calls one object; a change of one matter touches one file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QWidget

from engine.domain.annotation import ForeignShape
from engine.domain.six_points import SixPoints
from engine.films import Display
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.palette import Palette
from vcfviewer.canvas.tooled import TooledViews
from vcfviewer.canvas.values import DrawnShape, Side, ViewMode


class Comparison(TooledViews):
    """Two linked views and the shapes in them. Calls go down, signals up: those of the layers below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shapes: dict[Side, tuple[DrawnShape, ...]] = {side: () for side in Side}
        self._foreign: tuple[ForeignShape, ...] = ()
        self._behind: tuple[DrawnShape, ...] = ()
        self._shows_other_side = False
        self._hides_shapes = False

    def put_film(self, shown_film: ShownFilm | None, display: Display | None) -> None:
        """Show another film, without shapes: those of the last one, and what was being drawn on it, go with it."""
        self.cancel_drawing()
        self.select(frozenset())
        self.show_shapes((), ())
        self.show_six_points({})
        for side in Side:
            self.scene(side).clear_measures()
        super().put_film(shown_film, display)

    def show_shapes(
        self,
        expert: Sequence[DrawnShape],
        model: Sequence[DrawnShape],
        foreign: Sequence[ForeignShape] = (),
        behind: Sequence[DrawnShape] = (),
    ) -> None:
        """Draw these shapes; what labelme drew and this program doesn't edit goes with the expert's.

        `behind` is drawn in every view: what both sides are held against.
        """
        self._shapes = {Side.EXPERT: tuple(expert), Side.MODEL: tuple(model)}
        self._foreign, self._behind = tuple(foreign), tuple(behind)
        self._draw()

    def show_six_points(self, points: Mapping[str, SixPoints]) -> None:
        """Draw the six points of shapes, by shape id."""
        for side in Side:
            self.scene(side).show_six_points(points)

    def set_mode(self, mode: ViewMode) -> None:
        """Show two views, or one with the shapes of both sides."""
        super().set_mode(mode)
        self._draw()

    def hide_shapes(self, hidden: bool) -> None:
        """Show the film alone while `hidden`."""
        self._hides_shapes = hidden
        self.hold_shapes_hidden(False)

    def hold_shapes_hidden(self, held: bool) -> None:
        """Show the film alone while a key is held; afterwards the shapes are hidden or not, as they were before."""
        for side in Side:
            self.scene(side).hide_shapes(held or self._hides_shapes)

    def show_other_side(self, on: bool) -> None:
        """Exchange the shapes of the two views while `on`; where there is one view, show the model's alone."""
        self._shows_other_side = on
        self._draw()

    def use_palette(self, palette: Palette) -> None:
        """Draw shapes in these colours."""
        for side in Side:
            self.scene(side).use_palette(palette)

    def _draw(self) -> None:
        behind, expert, model = self._behind, self._shapes[Side.EXPERT], self._shapes[Side.MODEL]
        left, right = self.scene(Side.EXPERT), self.scene(Side.MODEL)
        other = self._shows_other_side
        if self.mode is ViewMode.OVERLAY:
            left.show_shapes((*behind, *model) if other else (*behind, *expert, *model), () if other else self._foreign)
            right.show_shapes(())
        else:
            left.show_shapes((*behind, *(model if other else expert)), () if other else self._foreign)
            right.show_shapes((*behind, *(expert if other else model)), self._foreign if other else ())
        self.mark_predictions(frozenset((Side.EXPERT,) if other else (Side.MODEL,)))
