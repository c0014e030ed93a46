"""YOLACT with a ResNet backbone (Bolya et al., ICCV 2019): masks as mixtures of 32 prototypes, in one stage.

49,626,343 parameters for six labels with ResNet-101, 30,634,215 with ResNet-50, BatchNorm's affine terms counted.
A film is warped to a square, its shape isn't kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import resnet
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.ops import FrozenBatchNorm2d, roi_align

from engine.errors import ConfigError
from engine.models._anchors import decode, fast_nms, fast_nms_across, make_anchors
from engine.models._contract import IMAGENET_MEAN, IMAGENET_STD, Family, Floor, RawDetections, Target
from engine.models._growth import learned
from engine.models._public_keys import from_yolact
from engine.models._torchvision import chosen_options, train_with_fixed_statistics
from engine.models._yolact_loss import Answers, SquareTarget, yolact_losses

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "depth": 101,  # the paper's base network
        "norm": "affine",  # affine: trainable scale and shift over fixed statistics; frozen: nothing trains
        "trainable_stages": 5,  # all, as published
        "size": 550,  # side of the square that a film is warped to, px
        "short_side": 800,  # how large a film comes in, at most; the square takes from it what it needs
        "long_side": 1333,
        "mean": IMAGENET_MEAN,
        "std": IMAGENET_STD,
        "ratios": (1.0, 0.5, 2.0),  # three, width over height; a vertebra on the square is about 2.5 times as wide
        "square_anchors": False,
        "class_agnostic_nms": True,  # corrected mode; published: within each class only
        "intact": False,  # True: intact bodies are learned by name too, and not reported, as in mask_rcnn
        "score_floor": 0.001,  # corrected mode: AP must not be cut off at different scores
        "detections": 100,
        "candidates": 200,  # of each class, before the overlapping ones go
        "positives_of_none": 3,  # a film without findings teaches background as if so many anchors were on one
        "mask_cells": 56,  # side of a mask that is handed out; a vertebra is up to about 50 prototype cells wide
    }
)
PAPER: Mapping[str, Any] = MappingProxyType({"class_agnostic_nms": False, "score_floor": 0.05, "positives_of_none": 0})
"""What the paper's mode sets otherwise: the defaults of the authors."""

RELEASED: Mapping[str, Any] = MappingProxyType(
    {
        **PAPER,
        "square_anchors": True,
        "mean": (123.68 / 255, 116.78 / 255, 103.94 / 255),
        "std": (58.40 / 255, 57.12 / 255, 57.38 / 255),
    }
)
"""What the weights that the authors released expect."""

ANCHOR_SIDES = (24 / 550, 48 / 550, 96 / 550, 192 / 550, 384 / 550)
RATIOS = 3
"""Anchors a cell; which ones, `ratios` says."""

PROTOTYPES = 32


class Pyramid(nn.Module):
    """Feature pyramid on the last three stages, and two coarser levels by strided filters.

    Keys are those of torchvision's pyramid, whose block 0 belongs to a stage that isn't used here: a trunk fits.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        """Take stages of these numbers of channels, finest first."""
        super().__init__()
        self.inner_blocks = nn.ModuleDict(
            {str(at): nn.Sequential(nn.Conv2d(count, 256, 1)) for at, count in enumerate(channels, 1)}
        )
        self.layer_blocks = nn.ModuleDict(
            {str(at): nn.Sequential(nn.Conv2d(256, 256, 3, padding=1)) for at, _count in enumerate(channels, 1)}
        )
        self.downsample = nn.ModuleList(nn.Conv2d(256, 256, 3, stride=2, padding=1) for _ in range(2))

    def forward(self, stages: Sequence[Tensor]) -> list[Tensor]:
        """Return P3 to P7 of C3 to C5."""
        merged: Tensor | None = None
        levels: list[Tensor] = []
        for at in range(len(stages), 0, -1):
            side: Tensor = self.inner_blocks[str(at)](stages[at - 1])
            if merged is not None:
                side = side + functional.interpolate(merged, size=side.shape[-2:], mode="bilinear")
            merged = side
            levels.insert(0, functional.relu(self.layer_blocks[str(at)](merged)))
        for coarser in self.downsample:
            levels.append(coarser(levels[-1]))
        return levels


class Backbone(nn.Module):
    """ResNet and pyramid, under torchvision's names `body` and `fpn`."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Build with the family's `depth`, `norm` and `trainable_stages`."""
        super().__init__()
        norm = {"frozen": FrozenBatchNorm2d, "affine": nn.BatchNorm2d}[options["norm"]]
        body = resnet.__dict__[f"resnet{options['depth']}"](weights=None, norm_layer=norm)
        learning = ("layer4", "layer3", "layer2", "layer1", "conv1")[: options["trainable_stages"]]
        for name, value in body.named_parameters():
            value.requires_grad_(name.startswith(learning) or (name.startswith("bn1") and "conv1" in learning))
        deepest = body.inplanes
        self.body = IntermediateLayerGetter(body, {"layer2": "0", "layer3": "1", "layer4": "2"})
        self.fpn = Pyramid([deepest // 4, deepest // 2, deepest])

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return P3 to P7 of images (B, 3, S, S)."""
        levels: list[Tensor] = self.fpn(list(self.body(images).values()))
        return levels


class Head(nn.Module):
    """One head for all levels: boxes, classes and coefficients of three anchors a cell."""

    def __init__(self, labels: int) -> None:
        """Build for `labels` foreground labels."""
        super().__init__()
        self.tower = nn.Conv2d(256, 256, 3, padding=1)
        self.boxes = nn.Conv2d(256, RATIOS * 4, 3, padding=1)
        self.classes = nn.Conv2d(256, RATIOS * (labels + 1), 3, padding=1)
        self.coefficients = nn.Conv2d(256, RATIOS * PROTOTYPES, 3, padding=1)

    def forward(self, levels: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Return offsets (B, A, 4), scores (B, A, 1 + labels) and coefficients (B, A, 32) of all levels' anchors."""
        towers = [functional.relu(self.tower(level)) for level in levels]
        each = [torch.cat([_by_anchor(layer(tower)) for tower in towers], dim=1)
                for layer in (self.boxes, self.classes, self.coefficients)]  # fmt: skip
        return each[0].float(), each[1].float(), torch.tanh(each[2].float())


def _by_anchor(answer: Tensor) -> Tensor:
    batch, channels = answer.shape[:2]
    return answer.permute(0, 2, 3, 1).reshape(batch, -1, channels // RATIOS)


class Yolact(nn.Module):
    """The network; `semantic` serves training only."""

    def __init__(self, labels: int, options: Mapping[str, Any]) -> None:
        """Build for `labels` foreground labels."""
        super().__init__()
        self.backbone = Backbone(options)
        # Numbered as in the authors' own files.
        self.protonet = nn.Sequential(
            *(layer for _ in range(3) for layer in (nn.Conv2d(256, 256, 3, padding=1), nn.ReLU())),
            nn.Upsample(scale_factor=2, mode="bilinear"), nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
            nn.Conv2d(256, PROTOTYPES, 1), nn.ReLU(),
        )  # fmt: skip
        self.head = Head(labels)
        self.semantic = nn.Conv2d(256, labels, 1)
        self._ratios, self._square = tuple(options["ratios"]), bool(options["square_anchors"])
        for part in (self.backbone.fpn, self.protonet, self.head, self.semantic):
            for module in part.modules():
                if isinstance(module, nn.Conv2d) and module.bias is not None:
                    nn.init.xavier_uniform_(module.weight)
                    nn.init.zeros_(module.bias)

    def forward(self, images: Tensor) -> Answers:
        """Return what the network says of normalised images (B, 3, S, S)."""
        levels = self.backbone(images)
        offsets, scores, coefficients = self.head(levels)
        grids = [(int(level.shape[2]), int(level.shape[3])) for level in levels]
        anchors = make_anchors(grids, ANCHOR_SIDES, self._ratios, self._square, images.device)
        prototypes, semantic = self.protonet(levels[0]).float(), self.semantic(levels[0]).float()
        return Answers(offsets, scores, coefficients, prototypes, semantic, anchors)


class YolactDetector:
    """The detector: warps to the square, and back."""

    network: Yolact

    def __init__(self, labels: int, options: Mapping[str, Any]) -> None:
        """Build for `labels` foreground labels; `options` override `DEFAULTS`; unknown keys raise ConfigError."""
        self.options = chosen_options("yolact", DEFAULTS, options)
        if len(self.options["ratios"]) != RATIOS:
            raise ConfigError(f"yolact has {RATIOS} anchors a cell, got ratios {self.options['ratios']}")
        self._reported = labels
        self.network = Yolact(learned(labels, self.options), self.options)

    def losses(self, images: Sequence[Tensor], targets: Sequence[Target]) -> dict[str, Tensor]:
        """Return the losses of classes, boxes, masks and the semantic map; BatchNorm statistics stay as they are."""
        train_with_fixed_statistics(self.network)
        square = [_on_square(target, image) for target, image in zip(targets, images, strict=True)]
        return yolact_losses(self.network(self._warped(images)), square, self.options["positives_of_none"])

    @torch.no_grad()
    def detect(self, images: Sequence[Tensor], floor: Floor = 0.0) -> list[RawDetections]:
        """Return detections with `mask_cells` x `mask_cells` masks; boxes in pixels of the image given."""
        self.network.eval()
        answers = self.network(self._warped(images))
        return [self._find(answers, index, image, floor) for index, image in enumerate(images)]

    def _warped(self, images: Sequence[Tensor]) -> Tensor:
        square = [_warp(one, self.options["size"])[None] for one in images]
        mean, std = (
            torch.tensor(list(self.options[name]), device=images[0].device).reshape(1, 3, 1, 1)
            for name in ("mean", "std")
        )
        return (torch.cat(square) - mean) / std

    def _find(self, answers: Answers, index: int, image: Tensor, floor: Floor) -> RawDetections:
        options = self.options
        scores = functional.softmax(answers.scores[index], dim=1)[:, 1 : 1 + self._reported]
        boxes = decode(answers.offsets[index], answers.anchors)
        keep = fast_nms_across if options["class_agnostic_nms"] else fast_nms
        kept, labels = keep(boxes, scores, options["score_floor"], 0.5, options["candidates"])
        clipped = boxes[kept].clamp(0, 1)
        wide = torch.nonzero((clipped[:, 2:] - clipped[:, :2]).amin(dim=1) * options["size"] > 0.5).squeeze(1)
        best = wide[: options["detections"]]
        best = best[scores[kept[best], labels[best] - 1] >= floor]
        kept, labels, clipped = kept[best], labels[best], clipped[best]
        masks = mix(answers.prototypes[index], answers.coefficients[index, kept], clipped, options["mask_cells"])
        height, width = image.shape[1:]
        # Not times a tensor of the four sides: tracing would keep the sides of the film that it sees.
        x0, y0, x1, y1 = clipped.unbind(1)
        scaled = torch.stack([x0 * width, y0 * height, x1 * width, y1 * height], 1)
        return RawDetections(scaled, labels, scores[kept, labels - 1], masks)


def _warp(image: Tensor, side: int) -> Tensor:
    """Return an image (3, H, W) as (3, side, side), filtered where it shrinks."""
    if not torch.onnx.is_in_onnx_export():
        return functional.interpolate(image[None], size=(side, side), mode="bilinear", antialias=True)[0]
    # The exported graph knows no such filter; as two products of matrices it is the same.
    return _filter(image.shape[1], side) @ image @ _filter(image.shape[2], side).T


def _filter(pixels: int, side: int) -> Tensor:
    """Return (side, pixels) weights of a triangle as wide as a new pixel, or an old one where that is wider."""
    step = torch.as_tensor(pixels, dtype=torch.float32) / side
    centres = (torch.arange(side, dtype=torch.float32) + 0.5) * step - 0.5
    away = (torch.arange(pixels, dtype=torch.float32) - centres[:, None]) / step.clamp(min=1)
    weights = (1 - away.abs()).clamp(min=0)
    return weights / weights.sum(1, keepdim=True)


def mix(prototypes: Tensor, coefficients: Tensor, boxes: Tensor, cells: int) -> Tensor:
    """Return masks (N, cells, cells) of probabilities that cover `boxes` (N, 4; 0..1) evenly.

    Prototypes (32, h, w) are mixed by coefficients (N, 32), and the probabilities read between cells at the middle of
    each new one.
    """
    full = torch.sigmoid(torch.einsum("nc,chw->nhw", coefficients, prototypes))
    height, width = full.shape[1:]
    scale = torch.tensor([width, height, width, height], device=boxes.device)
    numbers = torch.arange(boxes.shape[0], device=boxes.device, dtype=boxes.dtype)
    rois = torch.cat([numbers[:, None], boxes * scale], dim=1)
    masks: Tensor = roi_align(full[:, None], rois, cells, 1.0, sampling_ratio=1, aligned=True)[:, 0]
    return masks


def _on_square(target: Target, image: Tensor) -> SquareTarget:
    height, width = image.shape[1:]
    scale = torch.tensor([width, height, width, height], device=target.boxes.device)
    return SquareTarget(target.boxes / scale, target.labels, target.masks)


FAMILY = Family(
    name="yolact",
    title="YOLACT, ResNet-101, 550 px",
    source="Bolya et al., ICCV 2019",
    options=DEFAULTS,
    paper=PAPER,
    build=YolactDetector,
    translate=from_yolact,
)
