"""What the two-stage networks share: the detector around them, exact proposals, and which boxes are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from torchvision.ops import boxes as box_ops

from engine.errors import ConfigError
from engine.models._contract import Floor, RawDetections, Target
from engine.models._torchvision import as_truth, train_with_fixed_statistics


def propose_exactly(network: GeneralizedRCNN) -> None:
    """Let proposals be computed in float32 under autocast too.

    bfloat16 has 8 bits: a box at 500 px would move by 2 px, and with it the truth that it is compared with.
    """
    network.rpn.head.register_forward_hook(_in_float32)


def _in_float32(_head: nn.Module, _features: object, answer: tuple[list[Tensor], ...]) -> tuple[list[Tensor], ...]:
    return tuple([level.float() for level in part] for part in answer)


@dataclass(frozen=True, slots=True)
class Keeping:
    """Which boxes are kept: scores above `floor`, at most `most`, none overlapping a better one by IoU `overlap`.

    `across_labels`: one vertebra has one level, so the best of any label stays; otherwise the best of each label.
    `level_weight` below 1: a box counts once, by its likeliest label, and its score is P(label) to that power times
    P(any label) to the rest. With P(label) alone a sure fracture whose level is in doubt, half L1 and half T12, scores
    0.5, less than a doubtful one whose level is sure. `reported`: only so many labels, the first, are kept at all.
    """

    floor: float
    overlap: float
    most: int
    across_labels: bool
    level_weight: float = 1.0
    reported: int | None = None

    def __post_init__(self) -> None:
        """Refuse a weight that is none, and one score over all labels, or labels that aren't reported, kept apart."""
        if not 0 <= self.level_weight <= 1:
            raise ConfigError(f"level_weight must lie between 0 and 1, got {self.level_weight}")
        if self.level_weight < 1 and not self.across_labels:
            raise ConfigError(f"level_weight={self.level_weight} needs class_agnostic_nms=true: a box has one score")
        if self.reported is not None and not self.across_labels:
            raise ConfigError("intact=true needs class_agnostic_nms=true: what isn't reported is left out there")

    def choose(self, boxes: Tensor, scores: Tensor, shape: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        """Return the boxes, scores and 1-based labels kept, best first.

        `boxes` (N, L, 4) px and `scores` (N, L) of L labels, background left out; `shape` (height, width) px.
        """
        boxes, scores = boxes[:, : self.reported], scores[:, : self.reported]
        labels = torch.arange(1, scores.shape[1] + 1, device=scores.device).expand_as(scores)
        if self.level_weight < 1:
            boxes, scores, labels = _one_label_each(boxes, scores, self.level_weight)
        labels = labels.reshape(-1)
        boxes = box_ops.clip_boxes_to_image(boxes, shape).reshape(-1, 4)
        scores = scores.reshape(-1)
        strong = torch.nonzero(scores > self.floor).squeeze(1)
        boxes, scores, labels = boxes[strong], scores[strong], labels[strong]
        wide = box_ops.remove_small_boxes(boxes, min_size=1e-2)
        boxes, scores, labels = boxes[wide], scores[wide], labels[wide]
        if self.across_labels:
            best = box_ops.nms(boxes, scores, self.overlap)[: self.most]
        else:
            best = box_ops.batched_nms(boxes, scores, labels, self.overlap)[: self.most]
        return boxes[best], scores[best], labels[best]

    def score(self, scores: Tensor, labels: Tensor) -> Tensor:
        """Return the score (N,) of boxes that were chosen with these 1-based `labels` (N,), of `scores` (N, L)."""
        scores = scores[:, : self.reported]
        return _weighed(scores.gather(1, labels[:, None] - 1), scores, self.level_weight)[:, 0]


def _one_label_each(boxes: Tensor, scores: Tensor, weight: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return the boxes (N, 1, 4), scores and 1-based labels (N, 1) of each box's likeliest label."""
    best, place = scores.max(1, keepdim=True)
    own = boxes.gather(1, place[..., None].expand(-1, -1, 4))
    return own, _weighed(best, scores, weight), place + 1


def _weighed(own: Tensor, scores: Tensor, weight: float) -> Tensor:
    """Return P(label) (N, 1) to the power `weight` times P(any label), of `scores` (N, L), to the rest."""
    return own**weight * scores.sum(1, keepdim=True) ** (1 - weight)


class TwoStageDetector:
    """The detector around one torchvision network: `losses` and `detect`."""

    network: GeneralizedRCNN
    options: dict[str, Any]

    def losses(self, images: Sequence[Tensor], targets: Sequence[Target]) -> dict[str, Tensor]:
        """Return the losses of proposals, boxes and masks; BatchNorm statistics stay as they are."""
        train_with_fixed_statistics(self.network)
        result: dict[str, Tensor] = self.network(list(images), as_truth(targets))
        return result

    @torch.no_grad()
    def detect(self, images: Sequence[Tensor], floor: Floor = 0.0) -> list[RawDetections]:
        """Return detections with 28 x 28 masks; boxes in pixels of the image given."""
        self.network.eval()
        return [_raw(*one, floor) for one in zip(*self._find(images, floor), images, strict=True)]

    def _find(self, images: Sequence[Tensor], floor: Floor) -> tuple[list[dict[str, Tensor]], list[tuple[int, int]]]:
        """Return each image's findings, as torchvision's heads do, and the (height, width) px they refer to.

        torchvision's heads make the masks of all that they keep, whatever the `floor`.
        """
        network = self.network
        batch, _none = network.transform(list(images))
        features = network.backbone(batch.tensors)
        proposals, _losses = network.rpn(batch, features)
        found, _losses = network.roi_heads(features, proposals, batch.image_sizes)
        return found, batch.image_sizes


def _raw(found: Mapping[str, Tensor], inner: tuple[int, int], image: Tensor, floor: Floor) -> RawDetections:
    # Not times a tensor of the four factors: tracing would keep those of the film that it sees.
    across, down = image.shape[2] / inner[1], image.shape[1] / inner[0]
    strong = found["scores"] >= floor
    x0, y0, x1, y1 = found["boxes"][strong].unbind(1)
    boxes = torch.stack([x0 * across, y0 * down, x1 * across, y1 * down], 1)
    return RawDetections(boxes, found["labels"][strong], found["scores"][strong], found["masks"][strong, 0])
