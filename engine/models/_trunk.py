"""The ground under a detector: backbone and feature pyramid learn which vertebra each pixel shows, broken or not.

One cheap loss over all pixels teaches the levels, which need the whole film, far faster than the few regions of a
detector do; a detector then starts from these weights (`TrainConfig.init`). It finds nothing by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from engine.errors import ConfigError
from engine.models._contract import IMAGENET_MEAN, IMAGENET_STD, Family, Floor, RawDetections, Target
from engine.models._torchvision import as_truth, chosen_options, train_with_fixed_statistics

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "depth": 50,
        "trainable_stages": 3,  # of five, as in mask_rcnn
        "short_side": 800,
        "long_side": 1333,
    }
)


class Trunk(nn.Module):
    """Backbone, and one linear layer that labels each cell of the pyramid's finest level (4 px)."""

    def __init__(self, labels: int, options: Mapping[str, Any]) -> None:
        super().__init__()
        self.backbone = resnet_fpn_backbone(
            backbone_name=f"resnet{options['depth']}", weights=None, norm_layer=nn.BatchNorm2d,
            trainable_layers=options["trainable_stages"],
        )  # fmt: skip
        self.labeller = nn.Conv2d(self.backbone.out_channels, labels + 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Return label scores (B, 1 + labels, H / 4, W / 4) of normalised images (B, 3, H, W)."""
        stages = list(self.backbone.body(images).values())
        pyramid = self.backbone.fpn
        merged = pyramid.inner_blocks[-1](stages[-1])
        for index in range(len(stages) - 2, -1, -1):
            side = pyramid.inner_blocks[index](stages[index])
            merged = side + functional.interpolate(merged, size=side.shape[-2:], mode="nearest")
        scores: Tensor = self.labeller(pyramid.layer_blocks[0](merged))
        return scores


class TrunkDetector:
    """Offers the trunk to the training loop."""

    def __init__(self, labels: int, options: Mapping[str, Any]) -> None:
        """Build for `labels` labels; unknown options raise ConfigError."""
        chosen = chosen_options("trunk", DEFAULTS, options)
        self.network = Trunk(labels, chosen)
        self._transform = GeneralizedRCNNTransform(
            chosen["short_side"], chosen["long_side"], list(IMAGENET_MEAN), list(IMAGENET_STD)
        )

    def losses(self, images: Sequence[Tensor], targets: Sequence[Target]) -> dict[str, Tensor]:
        """Return the mean cross entropy inside vertebrae and outside them; each vertebra weighs the same."""
        train_with_fixed_statistics(self.network)
        batch, moved = self._transform(list(images), as_truth(targets))
        scores = self.network(batch.tensors)
        inside, outside = [], []
        for index, one in enumerate(moved):
            height, width = one["masks"].shape[-2:] if len(one["masks"]) else batch.image_sizes[index]
            here = scores[index, :, : height // 4, : width // 4]
            cells = _cells(one["masks"], one["labels"], (height // 4, width // 4))
            cost = functional.cross_entropy(here[None], cells[0][None], reduction="none")[0]
            outside.append(cost[cells[0] == 0].mean())
            if cells[1].any():
                inside.append((cost * cells[1]).sum() / cells[1].sum())
        # Over all images, so that a batch dealt to several processes has the same loss.
        vertebrae = torch.stack(inside).sum() / len(images) if inside else scores.sum() * 0
        return {"vertebrae": vertebrae, "background": torch.stack(outside).mean()}

    def detect(self, images: Sequence[Tensor], floor: Floor = 0.0) -> list[RawDetections]:
        """Refuse: raises ConfigError."""
        raise ConfigError("a trunk finds nothing by itself: train a detector with init=<this card>")


def _cells(masks: Tensor, labels: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return each 4-px cell's label (0 background) and its weight, one over the cells of its vertebra."""
    owner = torch.zeros(size, dtype=torch.int64, device=masks.device)
    weight = torch.zeros(size, device=masks.device)
    for mask, label in zip(masks, labels, strict=True):
        own = functional.avg_pool2d(mask[None, None].float(), 4)[0, 0, : size[0], : size[1]] >= 0.5
        owner[own] = label
        weight[own] = 1.0 / own.sum().clamp(min=1)
    return owner, weight


FAMILY = Family(
    name="trunk",
    title="ResNet-50-FPN trunk, to start a detector from",
    source="feature pyramid: Lin et al., CVPR 2017; dense labels as a first task: Long et al., CVPR 2015",
    options=DEFAULTS,
    build=TrunkDetector,
)
