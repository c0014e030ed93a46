"""The films an arm gets most wrong, truth and prediction side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.compare import ArmResult
from engine.domain.annotation import Shape
from engine.domain.matching import LevelRule, MatchKind, film_iou, match_shapes
from engine.evaluation.records import FilmRecord
from engine.films import read_film
from engine.films.display import film_to_grey

WORST = 12
HEIGHT = 560
"""Pixels to which a film is shrunk for the page."""
TRUTH, SAID = (60, 200, 80), (40, 140, 255)
"""Colours of the outlines, blue-green-red: annotated and predicted."""


@dataclass(frozen=True, slots=True)
class WorstFilm:
    """One film: counts of what is wrong on it at the arm's threshold, the film's IoU, and what was done in words."""

    record: FilmRecord
    missed: int
    extra: int
    misnamed: int
    iou: float | None

    @property
    def caption(self) -> str:
        """Return what is wrong in words."""
        words = [(self.missed, "missed"), (self.extra, "false"), (self.misnamed, "under another level's name")]
        told = ", ".join(f"{count} {word}" for count, word in words if count)
        return f"{self.record.film}: {told or 'nothing'}; film IoU {'-' if self.iou is None else f'{self.iou:.2f}'}"


def worst_films(result: ArmResult, iou_threshold: float, count: int = WORST) -> tuple[WorstFilm, ...]:
    """Return the films with most mistakes first, of equals that of the lower IoU; films without a mistake never."""
    threshold = result.evaluation.score_threshold
    films = [_judge(record, threshold, iou_threshold) for record in result.records]
    wrong = [one for one in films if one.missed or one.extra or one.misnamed]
    wrong.sort(key=lambda one: (-(one.missed + one.extra + one.misnamed), 0.0 if one.iou is None else one.iou))
    return tuple(wrong[:count])


def draw_worst(result: ArmResult, worst: WorstFilm, films: Mapping[str, Path]) -> bytes:
    """Return a PNG: the film with what is annotated, beside the film with what was predicted (scores in percent).

    Raises FilmReadError.
    """
    grey = film_to_grey(read_film(films[worst.record.film]))
    scale = HEIGHT / grey.shape[0]
    size = (max(1, round(grey.shape[1] * scale)), HEIGHT)
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    said = worst.record.found_above(result.evaluation.score_threshold)
    sides = (_drawn(small, worst.record.truth, scale, TRUTH), _drawn(small, said, scale, SAID))
    return bytes(cv2.imencode(".png", np.hstack([sides[0], np.zeros((HEIGHT, 4, 3), np.uint8), sides[1]]))[1])


def _judge(record: FilmRecord, threshold: float, iou_threshold: float) -> WorstFilm:
    said = record.found_above(threshold)
    kinds = [one.kind for one in match_shapes(record.truth, said, iou_threshold, LevelRule.CLASS_AGNOSTIC)]
    return WorstFilm(record, kinds.count(MatchKind.MISSED), kinds.count(MatchKind.EXTRA),
                     kinds.count(MatchKind.LABEL_DIFFERS), film_iou(record.truth, said))  # fmt: skip


def _drawn(
    grey: NDArray[np.uint8], shapes: Sequence[Shape], scale: float, colour: tuple[int, int, int]
) -> NDArray[np.uint8]:
    picture: NDArray[np.uint8] = np.repeat(grey[:, :, None], 3, axis=2).copy()
    for shape in shapes:
        # Sixteenths of a pixel; a pixel's centre lies at half a pixel here, and at a whole number for OpenCV.
        points = np.round((shape.polygon.points * scale - 0.5) * 16).astype(np.int32)
        cv2.polylines(picture, [points], isClosed=True, color=colour, thickness=1, lineType=cv2.LINE_AA, shift=4)
        text = shape.label if shape.score is None else f"{shape.label} {100 * shape.score:.0f}"
        at = (round(shape.polygon.bounds[2] * scale) + 3, round(shape.polygon.centroid[1] * scale) + 4)
        cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)
    return picture
