"""LinkedViews: the expert's view and the model's, side by side, which show the same part of the film."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.domain.morphometry import Facing
from engine.films import Display, Film
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.geometry import Bounds
from vcfviewer.canvas.marks import Marks
from vcfviewer.canvas.values import Pointer, Side, ViewMode, ViewState
from vcfviewer.canvas.view import FilmView
from vcfviewer.translation import Texts, translate

GAP = 2
"""Between the views, in view pixels."""


class SteeredViews(QWidget):
    """What is done to the expert's view; the other one follows it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views = {side: FilmView(side, self) for side in Side}

    def view(self, side: Side) -> FilmView:
        """Return one of the views."""
        return self._views[side]

    def fit(self) -> None:
        """Show the whole film, also after the window was resized."""
        self.view(Side.EXPERT).fit()

    def fit_width(self) -> None:
        """Show all of the film's width, also after the window was resized."""
        self.view(Side.EXPERT).fit_width()

    def one_to_one(self) -> None:
        """Show one film pixel as one pixel of the screen."""
        self.view(Side.EXPERT).one_to_one()

    def zoom(self, factor: float) -> None:
        """Enlarge around the middle by a factor."""
        self.view(Side.EXPERT).zoom(factor)

    def frame(self, bounds: Bounds) -> None:
        """Show a finding, bounds (left, top, right, bottom) in film pixels, with its neighbourhood, in both views."""
        self.view(Side.EXPERT).frame(bounds)

    def rotate(self, quarters: int = 1) -> None:
        """Turn the display clockwise by quarters; the film stays as it is."""
        self.view(Side.EXPERT).turn(quarters)

    def flip(self) -> None:
        """Exchange left and right of the display; the film stays as it is."""
        self.view(Side.EXPERT).flip()


class LinkedViews(SteeredViews):
    """Two FilmViews of one film: what is done to one is done to both. In OVERLAY the model's is hidden.

    `pointer` carries a Pointer, or None; `menu_asked` the place on the screen (QPoint) of a right click;
    `view_changed` the ViewState.
    """

    pointer = Signal(object)
    menu_asked = Signal(object)
    view_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: ShownFilm | None = None
        self._mode = ViewMode.SIDE_BY_SIDE
        self._facing: Facing | None = None
        self._magnifies = False
        self._predictions_in = frozenset((Side.MODEL,))
        self._model_name = ""
        self._two_models: tuple[str, str] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        self._views = {side: FilmView(side, self) for side in Side}
        for view in self._views.values():
            row.addWidget(view, 1)
            view.view_changed.connect(self._follow_view)
            view.pointer_moved.connect(self._follow_pointer)
            view.menu_asked.connect(self.menu_asked)
        self.setFocusProxy(self._views[Side.EXPERT])
        self._texts = Texts(self)
        self._texts(self._name_views)
        self._texts(self._write_marks)

    @property
    def film(self) -> Film | None:
        """Return the film that is shown."""
        return None if self._shown is None else self._shown.film

    @property
    def shown_film(self) -> ShownFilm | None:
        """Return the film that is shown, as it was prepared."""
        return self._shown

    @property
    def mode(self) -> ViewMode:
        """Return whether two views are shown or one."""
        return self._mode

    @property
    def view_state(self) -> ViewState:
        """Return what part of the film is shown: to be given back to `set_view_state` when the film is shown again."""
        return self._views[Side.EXPERT].state

    def view(self, side: Side) -> FilmView:
        """Return the view of a side."""
        return self._views[side]

    def set_view_state(self, state: ViewState) -> None:
        """Show this part of the film in both views."""
        for view in self._views.values():
            view.set_view_state(state)

    def magnify(self, on: bool) -> None:
        """Hold a magnifier over the pointer, and over the same place in the other view, until told otherwise."""
        self._magnifies = on
        places = [pointer for view in self._views.values() if (pointer := view.pointer) is not None]
        self._hold_loupes(places[0] if places else None)

    def set_facing(self, facing: Facing | None) -> None:
        """Mark where anterior is; None: it isn't known, and nothing is marked."""
        self._facing = facing
        self._write_marks()

    def set_mode(self, mode: ViewMode) -> None:
        """Show two views, or one."""
        self._mode = mode
        self._views[Side.MODEL].setVisible(mode is ViewMode.SIDE_BY_SIDE)
        self._write_marks()

    def put_film(self, shown_film: ShownFilm | None, display: Display | None) -> None:
        """Show a film in both views, whole and upright."""
        self._shown = shown_film
        for view in self._views.values():
            view.show_film(shown_film, display)
        self._views[Side.MODEL].set_view_state(self.view_state)

    def mark_predictions(self, sides: frozenset[Side]) -> None:
        """Write the notice on the views that show predictions now."""
        self._predictions_in = sides
        self._write_marks()

    def name_model(self, name: str) -> None:
        """Say on the views which model the predictions come from."""
        if name != self._model_name:
            self._model_name = name
            self._write_marks()

    def name_two_models(self, names: tuple[str, str] | None) -> None:
        """Say that both sides show predictions, and whose: A's in the expert's place, B's in the model's. None: not."""
        if names != self._two_models:
            self._two_models = names
            self._name_views()
            self._write_marks()

    def _name_views(self) -> None:
        if self._two_models is not None:
            self._views[Side.EXPERT].setAccessibleName(self.tr("Film with the findings of model A"))
            self._views[Side.MODEL].setAccessibleName(self.tr("Film with the findings of model B"))
            return
        self._views[Side.EXPERT].setAccessibleName(self.tr("Film with the expert's findings"))
        self._views[Side.MODEL].setAccessibleName(self.tr("Film with the model's findings"))

    def _write_marks(self) -> None:
        notice = self.tr("Research use only, not for diagnosis.")
        common = Marks(facing=self._facing, anterior=self.tr("A"), posterior=self.tr("P"))
        for side, view in self._views.items():
            predictions = side in self._predictions_in
            caption = model_caption(self._model_name) if predictions else self.tr("Expert")
            if self._two_models is not None:
                caption, predictions = caption_of_two(self._two_models, predictions, self._mode), True
            elif self._mode is ViewMode.OVERLAY and not predictions:
                caption, predictions = self.tr("Expert and model"), True
            view.set_marks(replace(common, caption=caption, notice=notice if predictions else ""))

    def _follow_view(self, state: ViewState) -> None:
        for view in self._views.values():
            if view.state != state:
                view.set_view_state(state)
        self.view_changed.emit(state)
        # The film moved away from under the pointer.
        for view in self._views.values():
            if view.pointer is not None:
                self._follow_pointer(view.pointer)

    def _follow_pointer(self, pointer: Pointer | None) -> None:
        if self._magnifies:
            self._hold_loupes(pointer)
        self.pointer.emit(pointer)

    def _hold_loupes(self, pointer: Pointer | None) -> None:
        at = (pointer.x, pointer.y) if pointer is not None and self._magnifies else None
        for view in self._views.values():
            view.set_loupe(at if view.isVisible() else None)


def model_caption(name: str) -> str:
    """Return what stands over a model's findings."""
    return translate("LinkedViews", "Model: {name}").format(name=name) if name else translate("LinkedViews", "Model")


def caption_of_two(names: tuple[str, str], second: bool, mode: ViewMode) -> str:
    """Return what stands over the findings of A or, where `second`, of B; over both where there is one view."""
    if mode is ViewMode.OVERLAY and not second:
        both = translate("LinkedViews", "A (solid): {first} · B (dashed): {second}")
        return both.format(first=names[0], second=names[1])
    return f"B: {names[1]}" if second else f"A: {names[0]}"
