"""The layers of YOLOv5-seg v7.0: a CSP backbone, a path-aggregation neck, three predicting scales and prototypes.

Written from the layer facts in the project's science notes and the papers they go back to: CSPNet (Wang et al. 2020),
PANet (Liu et al. 2018), SPP (He et al. 2014), prototypes (Bolya et al., YOLACT, 2019).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

STRIDES = (8, 16, 32)
"""Canvas pixels a cell, of the three scales; a canvas is a multiple of the last."""
ANCHORS = (
    ((10, 13), (16, 30), (33, 23)),
    ((30, 61), (62, 45), (59, 119)),
    ((116, 90), (156, 198), (373, 326)),
)
"""Three boxes (width, height) px a scale, as released with v7.0."""
BOX_TERMS = 5
"""Each anchor predicts x, y, width, height and objectness before its labels."""
PROTOTYPES = 32
PROTOTYPE_STRIDE = 4


@dataclass(frozen=True, slots=True)
class Size:
    """Factors on the number of bottlenecks and on the channels."""

    depth: float
    width: float


SIZES: Mapping[str, Size] = MappingProxyType(
    {"n": Size(0.33, 0.25), "s": Size(0.33, 0.50), "m": Size(0.67, 0.75), "l": Size(1.0, 1.0), "x": Size(1.33, 1.25)}
)


class ConvUnit(nn.Module):
    """Convolution, BatchNorm (eps 1e-3, momentum 0.03), SiLU; an odd kernel keeps the size."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, padding: int | None = None) -> None:
        super().__init__()
        around = kernel // 2 if padding is None else padding
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, around, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)

    def forward(self, values: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        return functional.silu(self.norm(self.conv(values)))


class Bottleneck(nn.Module):
    """1 x 1, then 3 x 3; in the backbone what came in is added."""

    def __init__(self, channels: int, shortcut: bool) -> None:
        super().__init__()
        self.first = ConvUnit(channels, channels)
        self.second = ConvUnit(channels, channels, 3)
        self._shortcut = shortcut

    def forward(self, values: Tensor) -> Tensor:
        """Keep the shape."""
        changed: Tensor = self.second(self.first(values))
        return values + changed if self._shortcut else changed


class C3(nn.Module):
    """Cross-stage partial block of three 1 x 1 convolutions: half the channels pass the bottlenecks, half don't."""

    def __init__(self, inputs: int, outputs: int, repeats: int, shortcut: bool) -> None:
        super().__init__()
        half = outputs // 2
        self.first = ConvUnit(inputs, half)
        self.second = ConvUnit(inputs, half)
        self.third = ConvUnit(2 * half, outputs)
        self.inner = nn.Sequential(*(Bottleneck(half, shortcut) for _ in range(repeats)))

    def forward(self, values: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        joined: Tensor = self.third(torch.cat([self.inner(self.first(values)), self.second(values)], 1))
        return joined


class PyramidPooling(nn.Module):
    """The largest of 5, 9 and 13 px around each cell, beside the cell: three 5-px maxima in a row (SPPF)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvUnit(channels, channels // 2)
        self.second = ConvUnit(channels // 2 * 4, channels)

    def forward(self, values: Tensor) -> Tensor:
        """Keep the shape."""
        pooled = [self.first(values)]
        for _ in range(3):
            pooled.append(functional.max_pool2d(pooled[-1], 5, stride=1, padding=2))
        joined: Tensor = self.second(torch.cat(pooled, 1))
        return joined


class Backbone(nn.Module):
    """Stem and four stages, each halving the picture, then the pyramid pooling."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        stem, *widths = [_channels(number, size) for number in (64, 128, 256, 512, 1024)]
        repeats = [_repeats(number, size) for number in (3, 6, 9, 3)]
        self.stem = ConvUnit(3, stem, 6, 2, padding=2)
        self.stages = nn.ModuleList(
            nn.Sequential(ConvUnit(before, after, 3, 2), C3(after, after, count, shortcut=True))
            for before, after, count in zip([stem, *widths], widths, repeats, strict=False)
        )
        self.pool = PyramidPooling(widths[-1])

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) -> features at strides 8, 16 and 32."""
        values = self.stem(images)
        found = []
        for stage in self.stages:
            values = stage(values)
            found.append(values)
        return found[1], found[2], self.pool(found[3])


class Neck(nn.Module):
    """Carries what the coarse scales know to the fine ones, and back (PANet)."""

    def __init__(self, widths: tuple[int, int, int], repeats: int) -> None:
        super().__init__()
        fine, middle, coarse = widths
        self.reduce = nn.ModuleList([ConvUnit(coarse, middle), ConvUnit(middle, fine)])
        self.rising = nn.ModuleList(
            [C3(2 * middle, middle, repeats, shortcut=False), C3(2 * fine, fine, repeats, shortcut=False)]
        )
        self.lower = nn.ModuleList([ConvUnit(fine, fine, 3, 2), ConvUnit(middle, middle, 3, 2)])
        self.falling = nn.ModuleList(
            [C3(2 * fine, middle, repeats, shortcut=False), C3(2 * middle, coarse, repeats, shortcut=False)]
        )

    def forward(self, fine: Tensor, middle: Tensor, coarse: Tensor) -> list[Tensor]:
        """Features at strides 8, 16 and 32, in and out."""
        top = self.reduce[0](coarse)
        side = self.reduce[1](self.rising[0](torch.cat([_doubled(top), middle], 1)))
        fine = self.rising[1](torch.cat([_doubled(side), fine], 1))
        middle = self.falling[0](torch.cat([self.lower[0](fine), side], 1))
        coarse = self.falling[1](torch.cat([self.lower[1](middle), top], 1))
        return [fine, middle, coarse]


class PrototypeBranch(nn.Module):
    """The masks that all findings are mixed from, at a quarter of the canvas."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.first = ConvUnit(inputs, hidden, 3)
        self.second = ConvUnit(hidden, hidden, 3)
        self.third = ConvUnit(hidden, PROTOTYPES)

    def forward(self, values: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, 32, 2 H, 2 W)."""
        prototypes: Tensor = self.third(self.second(_doubled(self.first(values))))
        return prototypes


class Head(nn.Module):
    """One 1 x 1 convolution a scale, and the prototypes from the finest."""

    def __init__(self, widths: tuple[int, int, int], labels: int, hidden: int) -> None:
        super().__init__()
        self.terms = BOX_TERMS + labels + PROTOTYPES
        self.predict = nn.ModuleList(nn.Conv2d(width, 3 * self.terms, 1) for width in widths)
        self.prototypes = PrototypeBranch(widths[0], hidden)
        # With the weights: whoever trains with other anchors can't be read with these.
        self.register_buffer("anchors", torch.tensor(ANCHORS, dtype=torch.float32))
        self._begin_rare(labels)

    def forward(self, features: list[Tensor]) -> tuple[list[Tensor], Tensor]:
        """Return (B, 3, h, w, terms) of each scale, logits, and the prototypes (B, 32, H / 4, W / 4)."""
        scales = []
        for predict, values in zip(self.predict, features, strict=True):
            raw = predict(values)
            scales.append(raw.reshape(len(raw), 3, self.terms, *raw.shape[-2:]).permute(0, 1, 3, 4, 2))
        return scales, self.prototypes(features[0])

    @torch.no_grad()
    def _begin_rare(self, labels: int) -> None:
        """Let 8 objects in 640 px and few of each label be expected at first, else background drowns the start."""
        for predict, stride in zip(self.predict, STRIDES, strict=True):
            bias = predict.get_parameter("bias").view(3, self.terms)
            bias[:, BOX_TERMS - 1] = math.log(8 / (640 / stride) ** 2)
            bias[:, BOX_TERMS : BOX_TERMS + labels] = math.log(0.6 / (labels - 0.99999))


class YoloV5Seg(nn.Module):
    """The whole network of one size for `labels` foreground labels."""

    def __init__(self, size: Size, labels: int) -> None:
        super().__init__()
        fine, middle, coarse = (_channels(number, size) for number in (256, 512, 1024))
        self.backbone = Backbone(size)
        self.neck = Neck((fine, middle, coarse), _repeats(3, size))
        self.head = Head((fine, middle, coarse), labels, _channels(256, size))

    def forward(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """(B, 3, H, W) in 0..1, sides multiples of 32 px -> what `Head.forward` returns."""
        raw: tuple[list[Tensor], Tensor] = self.head(self.neck(*self.backbone(images)))
        return raw


def decode_boxes(terms: Tensor, cells: Tensor, anchors: Tensor, stride: int) -> Tensor:
    """Return boxes (N, 4) x0 y0 x1 y1 canvas px of logits (N, 4+) in `cells` (N, 2) x y, with `anchors` (N, 2) px.

    The centre is 2 sigma - 0.5 from the cell's corner, the side (2 sigma)^2 of the anchor's.
    """
    share = terms[:, :4].sigmoid() * 2
    centre = (share[:, :2] - 0.5 + cells) * stride
    half = share[:, 2:].square() * anchors / 2
    return torch.cat([centre - half, centre + half], 1)


def fold_norms(network: YoloV5Seg) -> YoloV5Seg:
    """Return a copy for prediction whose convolutions do their BatchNorm's work: what the field counts as `fused`."""
    folded = copy.deepcopy(network).eval()
    for unit in folded.modules():
        if isinstance(unit, ConvUnit) and isinstance(unit.norm, nn.BatchNorm2d):
            unit.conv = fuse_conv_bn_eval(unit.conv, unit.norm)
            unit.norm = nn.Identity()
    return folded


def _doubled(values: Tensor) -> Tensor:
    return functional.interpolate(values, scale_factor=2.0, mode="nearest")


def _channels(number: int, size: Size) -> int:
    return math.ceil(number * size.width / 8) * 8


def _repeats(number: int, size: Size) -> int:
    return max(1, round(number * size.depth))
