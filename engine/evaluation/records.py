"""What is measured: one film with what stands on it and what was said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.annotation import Shape

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
    def of(example: Example, predicted: tuple[Shape, ...]) -> FilmRecord:
        """Return the record of an annotated film and what was said of it."""
        return FilmRecord(example.film.name, example.patient, example.size, example.shapes, predicted)

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
