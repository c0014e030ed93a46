"""What is measured: one film with what stands on it and what was said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.annotation import Shape
from engine.errors import DataError

if TYPE_CHECKING:
    from engine.data.dataset import Example


@dataclass(frozen=True, slots=True)
class FilmRecord:
    """One film: its name, patient hash (None: somebody of their own), size (height, width) px, and both sides' shapes.

    Only findings count: normal and not assessable vertebrae take no part.
    """

    film: str
    patient: str | None
    image_size: tuple[int, int]
    annotated: tuple[Shape, ...]
    predicted: tuple[Shape, ...]

    @staticmethod
    def of(example: Example, predicted: tuple[Shape, ...], size: tuple[int, int] = (0, 0)) -> FilmRecord:
        """Return the record of an annotated film and what was said of it.

        `size` (height, width) px is the film's own, (0, 0) where it isn't known. Raises DataError where the label was
        made for another size: its outlines lie elsewhere on the film.
        """
        known = [one for one in (example.size, size) if one != (0, 0)]
        if len(set(known)) > 1:
            (tall, wide), (height, width) = known
            raise DataError(
                f"{example.annotation}: made for a film of {tall} x {wide} px (height x width), but "
                f"{example.film.name} has {height} x {width}; put the film back that it was made for, or annotate this "
                "one anew"
            )
        return FilmRecord(example.name, example.patient, known[0] if known else (0, 0), example.shapes, predicted)

    @property
    def truth(self) -> tuple[Shape, ...]:
        """Return the annotated findings."""
        return tuple(shape for shape in self.annotated if shape.is_fracture)

    @property
    def found(self) -> tuple[Shape, ...]:
        """Return the predicted findings, best first."""
        shapes = [shape for shape in self.predicted if shape.is_fracture]
        return tuple(sorted(shapes, key=lambda shape: -(1.0 if shape.score is None else shape.score)))

    def found_above(self, threshold: float) -> tuple[Shape, ...]:
        """Return the predicted findings of at least `threshold` score, best first."""
        return tuple(shape for shape in self.found if (1.0 if shape.score is None else shape.score) >= threshold)

    @property
    def top_score(self) -> float:
        """Return the highest score of a finding, 0 for a film without any."""
        return max((1.0 if shape.score is None else shape.score for shape in self.found), default=0.0)

    @property
    def group(self) -> str:
        """Return who is resampled together in a bootstrap."""
        return self.patient or f"film:{self.film}"
