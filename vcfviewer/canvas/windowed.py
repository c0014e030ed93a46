"""WindowedViews: LinkedViews whose films are shown through one display."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.films import Display, Film
from engine.films.display import default_display
from vcfviewer.canvas import windowing
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.canvas.linked import LinkedViews
from vcfviewer.canvas.values import Side


class WindowedViews(LinkedViews):
    """Two views of one film and one display.

    `display_changed` carries the Display after each change but those by `set_display` and `show_film`; whoever listens
    keeps it for the film.
    """

    display_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for side in Side:
            self.view(side).display_changed.connect(self.choose_display)

    @property
    def display(self) -> Display | None:
        """Return how grey values are shown, None without a film."""
        return self.view(Side.EXPERT).display

    def show_film(self, film: Film | None, display: Display | None = None, prepared: ShownFilm | None = None) -> None:
        """Show a film, whole and upright, or none.

        `display` None: what the file offers first, else the automatic one. `prepared` is ShownFilm.of(film), made off
        the GUI thread; without it that is done here, and takes some frames for 12 megapixels.
        """
        if film is None:
            self.put_film(None, None)
            return
        shown = prepared if prepared is not None and prepared.film is film else ShownFilm.of(film)
        self.put_film(shown, display or shown.display)

    def set_display(self, display: Display) -> None:
        """Show the film through this display."""
        for side in Side:
            self.view(side).set_display(display)

    def invert(self) -> None:
        """Exchange black and white."""
        if self.display is not None:
            self.choose_display(windowing.inverted(self.display))

    def reset_display(self) -> None:
        """Show the film as its file asks for; the automatic way where it asks for none."""
        if self.shown_film is not None:
            self.choose_display(self.shown_film.display)

    def auto_display(self) -> None:
        """Window the film by its own grey values."""
        if self.film is not None:
            self.choose_display(default_display(self.film))

    def auto_display_of_view(self) -> None:
        """Window the film by the grey values of the part that is in view."""
        patch = self.view(Side.EXPERT).visible_pixels
        if patch is not None and self.display is not None:
            self.choose_display(windowing.around(patch.pixels, self.display))

    def choose_display(self, display: Display) -> None:
        """Show the film through this display, and tell the window, which remembers it."""
        self.set_display(display)
        self.display_changed.emit(display)
