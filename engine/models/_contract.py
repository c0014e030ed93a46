"""What every network family offers: two methods, values in and values out, and how a family is registered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from torch import Tensor, nn

from engine.models._growth import grow_backbone

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Of grey values 0..1: what the filters all networks start from were trained with."""


Floor = float | Tensor
"""A score, 0..1; a tensor of no dimension while a graph is exported, whose input it is."""


@dataclass(frozen=True, slots=True)
class Target:
    """Truth for one image: `boxes` (N, 4) x0 y0 x1 y1 px, `labels` (N,) 1-based int64, `masks` (N, H, W) uint8."""

    boxes: Tensor
    labels: Tensor
    masks: Tensor


@dataclass(frozen=True, slots=True)
class RawDetections:
    """One image's detections, best first, in pixels of the image that came in.

    `boxes` (N, 4) x0 y0 x1 y1; `labels` (N,) 1-based; `scores` (N,) 0..1; `masks` (N, M, M) probabilities that
    cover each box evenly, borders included.
    """

    boxes: Tensor
    labels: Tensor
    scores: Tensor
    masks: Tensor


class Detector(Protocol):
    """A network with its criterion and its post-processing."""

    @property
    def network(self) -> nn.Module:
        """Return the module that holds all weights; its state dict is what is saved."""

    def losses(self, images: Sequence[Tensor], targets: Sequence[Target]) -> dict[str, Tensor]:
        """Return named losses of a batch; `images` are (3, H, W) in 0..1 of any sizes."""

    def detect(self, images: Sequence[Tensor], floor: Floor = 0.0) -> list[RawDetections]:
        """Return the detections of each image, (3, H, W) in 0..1 of any size.

        What scores less than `floor` isn't asked for: a detector may leave it out, and save its masks.
        """


class DetectorGraph(nn.Module):
    """A detector as it is exported, suppression and masks included.

    A grey image (H, W) that fits the input size, and the floor of scores, in; its `RawDetections` out.
    """

    def __init__(self, detector: Detector) -> None:
        """Take a detector whose `detect` can be traced with one image."""
        super().__init__()
        self.network = detector.network
        self._detector = detector

    def forward(self, image: Tensor, floor: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return boxes, labels, scores and masks, best first; `floor` has no dimension."""
        raw = self._detector.detect([image.expand(3, -1, -1)], floor)[0]
        return raw.boxes, raw.labels, raw.scores, raw.masks


@dataclass(frozen=True, slots=True)
class Family:
    """One row of the model registry: `build(labels, options)` makes the detector for that many foreground labels.

    `options` are the defaults; every silent choice of the paper is one of its keys, and `paper` is what a training in
    the paper's mode sets otherwise. `mean` and `std` are what the network takes from grey values 0..1, and divides
    them by. `translate` gives a state dict of the public implementation the names used here, and any other one back.
    `grow` returns a state dict of a smaller network of this kind as large as the network given, made so that it changes
    nothing of what is predicted at first.
    `graph` is what is exported of a detector; `eight_bits` matches the names of filters that may multiply in eight
    bits in it, as a whole, where findings stay the same; none by default.
    """

    name: str
    title: str
    source: str
    options: Mapping[str, Any]
    build: Callable[[int, Mapping[str, Any]], Detector]
    translate: Callable[[Mapping[str, Tensor]], dict[str, Tensor]] = dict
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    paper: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    graph: Callable[[Detector], nn.Module] = DetectorGraph
    eight_bits: str = ""
    grow: Callable[[Mapping[str, Tensor], nn.Module], dict[str, Tensor]] = grow_backbone
