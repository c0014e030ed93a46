"""What the networks built on torchvision share: their options, their truth, and BatchNorm that stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from engine.errors import ConfigError
from engine.models._contract import Target


def chosen_options(name: str, defaults: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return `defaults` overridden by `options`; raises ConfigError for a key `defaults` doesn't have."""
    unknown = set(options) - set(defaults)
    if unknown:
        raise ConfigError(f"{name} has no option {sorted(unknown)}; it knows {sorted(defaults)}")
    return {**defaults, **options}


def as_truth(targets: Sequence[Target]) -> list[dict[str, Tensor]]:
    """Return targets in the form that torchvision's detectors and transforms take."""
    return [{"boxes": one.boxes, "labels": one.labels, "masks": one.masks} for one in targets]


def train_with_fixed_statistics(network: nn.Module) -> None:
    """Put a network into training mode, BatchNorm excepted: batches are too small for statistics of their own."""
    network.train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
