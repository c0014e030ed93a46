"""Films are judged twice, as they are and mirrored, and each box by the mean of both judgements.

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

from engine.models._two_stage import Keeping


class _View:
    """A batch seen one way: its features, and what the heads say of boxes on it."""

    def __init__(self, network: MaskRCNN, images: Sequence[Tensor]) -> None:
        self._heads = network.roi_heads
        self.batch: ImageList = network.transform(list(images))[0]
        self._features = network.backbone(self.batch.tensors)
        self.proposals: list[Tensor] = network.rpn(self.batch, self._features)[0]

    def judge(self, boxes: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return each image's probabilities (N, 1 + labels), background first, and moved boxes (N, 1 + labels, 4)."""
        heads = self._heads
        pooled = heads.box_roi_pool(self._features, list(boxes), self.batch.image_sizes)
        scores, offsets = heads.box_predictor(heads.box_head(pooled))
        parts = [len(one) for one in boxes]
        moved = heads.box_coder.decode(offsets.float(), list(boxes))
        return list(torch.split(functional.softmax(scores.float(), -1), parts)), list(torch.split(moved, parts))

    def masks(self, boxes: Sequence[Tensor], labels: Sequence[Tensor]) -> list[Tensor]:
        """Return each image's masks (N, 1, 28, 28), probabilities of the box's own label."""
        heads = self._heads
        pooled = heads.mask_roi_pool(self._features, list(boxes), self.batch.image_sizes)
        logits = heads.mask_predictor(heads.mask_head(pooled)).float()
        return list(maskrcnn_inference(logits, list(labels)))


def find_in_two_views(
    network: MaskRCNN, images: Sequence[Tensor], keeping: Keeping
) -> tuple[list[dict[str, Tensor]], list[tuple[int, int]]]:
    """Return each image's `boxes`, `scores`, `labels` and `masks` as torchvision's heads do, and its size inside.

    The boxes proposed in either view are judged in both. Sizes are (height, width) px, which the boxes refer to.
    """
    plain, mirrored = _View(network, images), _View(network, [image.flip(-1) for image in images])
    sizes: list[tuple[int, int]] = plain.batch.image_sizes
    proposed = [
        torch.cat([one, _mirror(other, size)])
        for one, other, size in zip(plain.proposals, mirrored.proposals, sizes, strict=True)
    ]
    seen = plain.judge(proposed)
    reflected = mirrored.judge(_mirror_all(proposed, sizes))
    kept = [
        keeping.choose((here + _mirror(there, size))[:, 1:] / 2, (said + also)[:, 1:] / 2, size)
        for said, here, also, there, size in zip(*seen, *reflected, sizes, strict=True)
    ]
    boxes, labels = [one[0] for one in kept], [one[2] for one in kept]
    masks = [
        (one + other.flip(-1)) / 2
        for one, other in zip(
            plain.masks(boxes, labels), mirrored.masks(_mirror_all(boxes, sizes), labels), strict=True
        )
    ]
    return [{"boxes": one[0], "scores": one[1], "labels": one[2], "masks": mask}
            for one, mask in zip(kept, masks, strict=True)], sizes  # fmt: skip


def _mirror(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Return boxes (..., 4) as they lie on the mirrored image of (height, width) `size` px."""
    x0, y0, x1, y1 = boxes.unbind(-1)
    return torch.stack([size[1] - x1, y0, size[1] - x0, y1], -1)


def _mirror_all(boxes: Sequence[Tensor], sizes: Sequence[tuple[int, int]]) -> list[Tensor]:
    return [_mirror(one, size) for one, size in zip(boxes, sizes, strict=True)]
