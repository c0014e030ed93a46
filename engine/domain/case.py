"""Case, Prediction and ModelCard."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.domain.annotation import Annotation, Shape


class ReviewStatus(Enum):
    """Where a film stands in the review."""

    UNREAD = "unread"
    IN_PROGRESS = "in progress"
    REVIEWED = "reviewed"
    NO_FRACTURE = "no fracture"
    UNUSABLE = "unusable"

    @property
    def is_final(self) -> bool:
        """Whether a reader has said that the review of the film is finished."""
        return self not in (ReviewStatus.UNREAD, ReviewStatus.IN_PROGRESS)


NOTICE = "Research use only, not for diagnosis."
"""Stands wherever a reader sees a prediction."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of trained weights; a JSON file beside them, so listing models needs no torch.

    `input_size` is (short side, long side) in pixels; `mean` and `std` refer to grey values scaled to 0..1.
    `score_threshold` was fixed on validation films.
    """

    model: str
    labels: tuple[str, ...]
    input_size: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    score_threshold: float
    sha256: str
    name: str = ""
    mode: str = "corrected"
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    shards: tuple[str, ...] = ()
    intended_use: str = ""
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    metrics: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    known_failures: tuple[str, ...] = ()
    created: str = ""

    @property
    def settings_key(self) -> str:
        """Return what a prediction hangs on besides the weights, hashed: they may stand in cards of two input sizes."""
        settings = (self.model, self.labels, self.input_size, self.mean, self.std, dict(self.options))
        return hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one model says of one film; never edited. `image_size` is (height, width) px; shapes carry scores.

    `backend` is what ran the model, for people; empty where that isn't known.
    """

    card: ModelCard
    image_size: tuple[int, int]
    shapes: tuple[Shape, ...]
    seconds: float
    backend: str = ""

    def __post_init__(self) -> None:
        """Refuse a shape without a score: only a person's shapes have none."""
        if any(shape.score is None for shape in self.shapes):
            raise ValueError("every predicted shape needs a score")

    def above(self, threshold: float) -> tuple[Shape, ...]:
        """Return the shapes that score at least `threshold` (0..1)."""
        return tuple(shape for shape in self.shapes if shape.score is not None and shape.score >= threshold)


@dataclass(frozen=True, slots=True)
class Case:
    """One film with what people and a model say of it; replaced, not mutated."""

    film_path: Path
    annotation: Annotation
    prediction: Prediction | None = None
    status: ReviewStatus = ReviewStatus.UNREAD
