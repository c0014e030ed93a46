"""Films are judged twice, as they are and mirrored, and each box by the mean of both judgements, or the lower one.

A fracture is one whichever way the patient faces; networks learn that only roughly from mirrored films in training.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import maskrcnn_inference
from torchvision.models.detection.rpn import RegionProposalNetwork, concat_box_prediction_layers
from torchvision.ops import boxes as box_ops

from engine.models._contract import Floor
from engine.models._two_stage import Keeping


class Views:
    """A batch, and after it the same images mirrored: features of all, and what the heads say of boxes on them."""

    def __init__(self, network: MaskRCNN, images: Sequence[Tensor]) -> None:
        """Look at images (3, H, W); `proposals` are the boxes (N, 4) that either view proposes, on each image."""
        self._heads = network.roi_heads
        self._batch: ImageList = network.transform([*images, *(image.flip(-1) for image in images)])[0]
        self._features = network.backbone(self._batch.tensors)
        self.sizes: list[tuple[int, int]] = self._batch.image_sizes[: len(images)]
        proposed = list(zip(*_propose(network.rpn, self._batch, self._features), strict=True))
        self.proposals = [
            _as_one(network.rpn, one, (_mirror(other[0], size), other[1]))
            for one, other, size in zip(proposed, proposed[len(images) :], self.sizes, strict=False)
        ]

    def _both(self, boxes: Sequence[Tensor]) -> list[Tensor]:
        return [*boxes, *(_mirror(one, size) for one, size in zip(boxes, self.sizes, strict=True))]

    def judge(self, boxes: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
        """Return each image's mean probabilities (N, labels) and moved boxes (N, labels, 4), background left out."""
        said, moved = self._say(self._both(boxes))
        count = len(boxes)
        return [
            ((said[at] + said[count + at])[:, 1:] / 2, (moved[at] + _mirror(moved[count + at], size))[:, 1:] / 2)
            for at, size in enumerate(self.sizes)
        ]

    def doubt(self, boxes: Sequence[Tensor], labels: Sequence[Tensor], keeping: Keeping) -> list[Tensor]:
        """Return each image's scores (N,) of boxes that were chosen: of both views, that of the one that doubts more.

        They are judged where they were moved to, which is nearer to the body's outline than what was proposed.
        """
        # Always as many boxes: OpenVINO 2026.4 fails here on a number that it can't know beforehand.
        filled = [torch.cat([one, one.new_zeros(keeping.most, 4)])[: keeping.most] for one in boxes]
        said, _moved = self._say(self._both(filled))
        scores = [
            keeping.score(one[: own.shape[0], 1:], own) for one, own in zip(said, [*labels, *labels], strict=True)
        ]
        return [torch.minimum(one, other) for one, other in zip(scores, scores[len(boxes) :], strict=False)]

    def _say(self, both: list[Tensor]) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        """Return what the heads say of boxes on all views: probabilities (N, 1 + labels), where the boxes move to."""
        heads = self._heads
        pooled = heads.box_roi_pool(self._features, both, self._batch.image_sizes)
        scores, offsets = heads.box_predictor(heads.box_head(pooled))
        parts = [one.shape[0] for one in both]
        said = torch.split(functional.softmax(scores.float(), -1), parts)
        return said, torch.split(heads.box_coder.decode(offsets.float(), both), parts)

    def masks(self, boxes: Sequence[Tensor], labels: Sequence[Tensor]) -> list[Tensor]:
        """Return each image's mean masks (N, 1, 28, 28), probabilities of the box's own label."""
        heads, both = self._heads, self._both(boxes)
        pooled = heads.mask_roi_pool(self._features, both, self._batch.image_sizes)
        logits = heads.mask_predictor(heads.mask_head(pooled)).float()
        seen = maskrcnn_inference(logits, [*labels, *labels])
        return [(one + other.flip(-1)) / 2 for one, other in zip(seen, seen[len(boxes) :], strict=False)]


def find_in_two_views(
    network: MaskRCNN, images: Sequence[Tensor], keeping: Keeping, floor: Floor, second_look: bool
) -> tuple[list[dict[str, Tensor]], list[tuple[int, int]]]:
    """Return each image's `boxes`, `scores`, `labels` and `masks` as torchvision's heads do, and its size inside.

    The boxes proposed in either view are judged in both; those that score less than `floor` are left out. With a
    `second_look` what was chosen is judged again, and scores what the view says that doubts it more. Sizes are
    (height, width) px, which the boxes refer to.
    """
    views = Views(network, images)
    chosen = [
        keeping.choose(moved, said, size)
        for (said, moved), size in zip(views.judge(views.proposals), views.sizes, strict=True)
    ]
    scores = [one[1] for one in chosen]
    if second_look:
        scores = views.doubt([one[0] for one in chosen], [one[2] for one in chosen], keeping)
    kept = [_at_least(floor, one[0], score, one[2]) for one, score in zip(chosen, scores, strict=True)]
    masks = views.masks([one[0] for one in kept], [one[2] for one in kept])
    return [{"boxes": one[0], "scores": one[1], "labels": one[2], "masks": mask}
            for one, mask in zip(kept, masks, strict=True)], views.sizes  # fmt: skip


def _propose(
    rpn: RegionProposalNetwork, batch: ImageList, features: dict[str, Tensor]
) -> tuple[list[Tensor], list[Tensor]]:
    """Return each image's proposed boxes (N, 4) and their scores (N,), which the network's own call leaves out."""
    levels = list(features.values())
    objectness, offsets = rpn.head(levels)
    anchors = rpn.anchor_generator(batch, levels)
    counts = [level[0].numel() for level in objectness]
    objectness, offsets = concat_box_prediction_layers(objectness, offsets)
    boxes = rpn.box_coder.decode(offsets, anchors).view(len(anchors), -1, 4)
    proposed: tuple[list[Tensor], list[Tensor]] = rpn.filter_proposals(boxes, objectness, batch.image_sizes, counts)
    return proposed


def _as_one(rpn: RegionProposalNetwork, *views: tuple[Tensor, Tensor]) -> Tensor:
    """Return as many boxes of all views as one view has: what both propose is judged once."""
    boxes, scores = (torch.cat(parts) for parts in zip(*views, strict=True))
    return boxes[box_ops.nms(boxes, scores, rpn.nms_thresh)[: rpn.post_nms_top_n()]]


def _at_least(floor: Floor, boxes: Tensor, scores: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    strong = scores >= floor
    return boxes[strong], scores[strong], labels[strong]


def _mirror(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Return boxes (..., 4) as they lie on the mirrored image of (height, width) `size` px."""
    x0, y0, x1, y1 = boxes.unbind(-1)
    return torch.stack([size[1] - x1, y0, size[1] - x0, y1], -1)
