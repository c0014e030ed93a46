"""The rows of a comparison: a family with the recipe it is trained by, or a trained model that is taken as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.errors import ConfigError
from engine.models import load_family
from engine.weights import read_card

EQUAL, NATIVE, OWN, TRAINED = "equal", "native", "own", "trained"
"""Recipes: the paper's one optimiser for all families; that of a family's authors; settings of one's own; none, the
weights are given."""

YOLOV5 = "yolov5_seg"

NATIVE_SETTINGS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "yolact": MappingProxyType({"weight_decay": 5e-4}),  # Bolya et al. 2019, §5
        YOLOV5: MappingProxyType({"momentum": 0.937, "weight_decay": 5e-4}),  # v7.0's defaults
    }
)
"""What a family's authors train with; the two-stage networks' own optimiser is the paper's."""

NATIVE_RATES: Mapping[str, float] = MappingProxyType({"yolact": 1e-3 / 8})
"""Learning rate a film of the batch, where it isn't the shared rule's; YOLOv5's losses are scaled to that rule."""

PAPER_THRESHOLDS: Mapping[str, float] = MappingProxyType({"yolact": 0.15, YOLOV5: 0.25})
"""Scores from which the frameworks of each family show a finding; 0.5 for the others. The paper names none."""

PRINTED_AS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "mask_rcnn": ("Mask R-CNN", "Mask R-CNN"),
        "cascade_mask_rcnn": ("Cascade R-CNN", "Cascade Mask R-CNN"),
        "yolact": ("YOLACT", "YOLACT"),
        "yolov5_seg_s": ("", "YOLOv5-s"),
        "yolov5_seg_m": ("YOLOv5-m", "YOLOv5-m"),
        "yolov5_seg_l": ("YOLOv5-l", "YOLOv5-l"),
        "yolov5_seg_x": ("", "YOLOv5-x"),
    }
)
"""A family's names in Tables 2 and 3 of the paper; empty where it has no row."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One row: `name` is its folder's too; `card` is the trained model of the recipe `trained`."""

    name: str
    family: str
    recipe: str
    card: Path | None = None

    @property
    def native_settings(self) -> Mapping[str, Any]:
        """Return the training settings that are this arm's own."""
        return NATIVE_SETTINGS.get(kind_of(self.family), {}) if self.recipe == NATIVE else {}

    def native_rate(self, batch_size: int) -> float | None:
        """Return the learning rate of this arm's own recipe; None where the shared rule holds."""
        rate = NATIVE_RATES.get(kind_of(self.family)) if self.recipe == NATIVE else None
        return None if rate is None else rate * batch_size

    @property
    def paper_threshold(self) -> float:
        """Return the score threshold of paper mode."""
        return PAPER_THRESHOLDS.get(kind_of(self.family), 0.5)

    @property
    def title(self) -> str:
        """Return what the tables call this row."""
        return f"{self.family} ({self.recipe} recipe)" if self.recipe != TRAINED else f"{self.name} ({self.family})"


def kind_of(family: str) -> str:
    """Return the family without its size: every YOLOv5-seg is one kind."""
    return YOLOV5 if family.startswith(YOLOV5) else family


def parse_arms(words: Sequence[str]) -> tuple[Arm, ...]:
    """Read `FAMILY`, `FAMILY:native`, `FAMILY:own` and paths of model cards; raises ConfigError that names the word.

    Raises WeightsError for a card that can't be read.
    """
    arms = [_arm(word) for word in words if word]
    if len(arms) < 1:
        raise ConfigError("a comparison needs at least one model: a family, FAMILY:native, FAMILY:own, or a model card")
    names = [arm.name for arm in arms]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"models to compare must differ; twice: {', '.join(twice)}")
    return tuple(arms)


def _arm(word: str) -> Arm:
    if word.endswith(".card.json"):
        path = Path(word)
        card = read_card(path)
        return Arm(path.name.removesuffix(".card.json"), card.model, TRAINED, path)
    family, _mark, recipe = word.partition(":")
    recipe = recipe or EQUAL
    if recipe not in (EQUAL, NATIVE, OWN):
        raise ConfigError(f"{word}: a recipe is {EQUAL}, {NATIVE} or {OWN}, got {recipe!r}")
    load_family(family)
    return Arm(family if recipe == EQUAL else f"{family}_{recipe}", family, recipe)
