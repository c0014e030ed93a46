"""The heads of a Cascade Mask R-CNN: three box stages, each refining the boxes of the one before, and one mask head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection._utils import BalancedPositiveNegativeSampler, BoxCoder, Matcher
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.roi_heads import maskrcnn_inference
from torchvision.ops import boxes as box_ops
from torchvision.ops import roi_align

from engine.models._growth import learned
from engine.models._two_stage import Keeping

STAGES = (
    (0.5, (10.0, 10.0, 5.0, 5.0)),
    (0.6, (20.0, 20.0, 10.0, 10.0)),
    (0.7, (30.0, 30.0, 15.0, 15.0)),
)
"""IoU that a box must reach to be a vertebra, and the weights of its regression (Cai and Vasconcelos, CVPR 2018)."""

STRIDES = (4, 8, 16, 32)
Shapes = Sequence[tuple[int, int]]
"""(height, width) px of each image of a batch, as the network sees it."""


class PyramidAlign(nn.Module):
    """Pools boxes from the pyramid's level that fits their size, half a pixel's shift corrected (ROIAlign v2)."""

    def __init__(self, size: int, sampling: int) -> None:
        """Pool to `size` x `size` cells of `sampling` x `sampling` points; 0 points: as many as there are pixels."""
        super().__init__()
        self.size, self.sampling = size, sampling

    def forward(self, features: Mapping[str, Tensor], boxes: Sequence[Tensor]) -> Tensor:
        """Return (N, C, size, size) of all boxes (px, one tensor an image), in order; levels as in Lin et al. 2017."""
        rois = with_image_numbers(boxes)
        side = torch.sqrt(box_ops.box_area(rois[:, 1:]).clamp(min=0))
        levels = torch.floor(4 + torch.log2(side / 224 + 1e-8)).clamp(2, 5).long() - 2
        finest = features["0"]
        pooled = finest.new_zeros(rois.shape[0], finest.shape[1], self.size, self.size)
        for level, stride in enumerate(STRIDES):
            here = torch.nonzero(levels == level).squeeze(1)
            cells = roi_align(
                features[str(level)], rois[here], self.size, 1 / stride, sampling_ratio=self.sampling, aligned=True
            )
            pooled[here] = cells.to(pooled.dtype)
        return pooled


class BoxStage(nn.Module):
    """One stage: labels boxes, and moves them by one offset for all labels."""

    def __init__(self, labels: int, overlap: float, weights: tuple[float, float, float, float]) -> None:
        """Take a box of at least IoU `overlap` as foreground; `weights` scale the offsets."""
        super().__init__()
        self.box_head = TwoMLPHead(256 * 7 * 7, 1024)
        self.box_predictor = FastRCNNPredictor(1024, labels + 1)
        self.box_predictor.bbox_pred = nn.Linear(1024, 4)
        for layer, spread in ((self.box_predictor.cls_score, 0.01), (self.box_predictor.bbox_pred, 0.001)):
            nn.init.normal_(layer.weight, std=spread)
            nn.init.zeros_(layer.bias)
        self.coder = BoxCoder(weights)
        self.matcher = Matcher(overlap, overlap, allow_low_quality_matches=False)

    def forward(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores (N, 1 + labels) before softmax, background first, and offsets (N, 4), both float32."""
        scores, offsets = self.box_predictor(self.box_head(pooled))
        return scores.float(), offsets.float()

    def move(self, offsets: Tensor, boxes: Sequence[Tensor], shapes: Shapes) -> list[Tensor]:
        """Return each image's boxes (N, 4) moved by their offsets and clipped to the image, without gradients."""
        moved = self.coder.decode(offsets.detach(), list(boxes)).reshape(-1, 4)
        parts = moved.split([one.shape[0] for one in boxes])
        return [box_ops.clip_boxes_to_image(one, shape) for one, shape in zip(parts, shapes, strict=True)]

    def match(self, boxes: Tensor, truth: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Return each box's label (0: background) and the number of its true box (0 where there is none)."""
        if not len(truth["boxes"]):
            nothing = torch.zeros(len(boxes), dtype=torch.int64, device=boxes.device)
            return nothing, nothing
        owners = self.matcher(box_ops.box_iou(truth["boxes"].to(boxes.dtype), boxes))
        labels = torch.where(owners >= 0, truth["labels"][owners.clamp(min=0)], 0)
        return labels, owners.clamp(min=0)


class CascadeHeads(nn.Module):
    """Stands where torchvision's `RoIHeads` stand, and answers as they do."""

    def __init__(self, labels: int, options: Mapping[str, Any]) -> None:
        """Build the heads that report `labels` foreground labels; `options` are those of the family."""
        super().__init__()
        known = learned(labels, options)
        self.box_pool = PyramidAlign(7, options["sampling"])
        self.stages = nn.ModuleList(BoxStage(known, overlap, weights) for overlap, weights in STAGES)
        self.mask_pool = PyramidAlign(14, options["sampling"])
        self.mask_head = MaskRCNNHeads(256, (256, 256, 256, 256), 1)
        # Not named as in torchvision, whose predictor has a row for the background too: cards of the one don't fit
        # the other row by row.
        self.mask_per_label = MaskRCNNPredictor(256, 256, known)
        self.sampler = BalancedPositiveNegativeSampler(options["rois_per_image"], 0.25)
        self.keeping = Keeping(options["score_floor"], 0.5, options["detections"], options["class_agnostic_nms"],
                               reported=labels if options["intact"] else None)  # fmt: skip

    @property
    def _stages(self) -> list[BoxStage]:
        return [one for one in self.stages if isinstance(one, BoxStage)]

    def forward(
        self, features: Mapping[str, Tensor], proposals: list[Tensor], shapes: Shapes,
        targets: Sequence[Mapping[str, Tensor]] | None = None,
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:  # fmt: skip
        """Return findings of each image and no losses, or with `targets` no findings and the losses."""
        if targets is not None:
            return [], self._losses(features, proposals, shapes, targets)
        return self._find(features, proposals, shapes), {}

    def _losses(
        self, features: Mapping[str, Tensor], proposals: list[Tensor], shapes: Shapes,
        targets: Sequence[Mapping[str, Tensor]],
    ) -> dict[str, Tensor]:  # fmt: skip
        boxes = sampled = [self._sample(*one) for one in zip(proposals, targets, strict=True)]
        losses = {}
        for number, stage in enumerate(self._stages, 1):
            pooled = self.box_pool(features, boxes)
            if pooled.requires_grad:
                # The stages' losses are added; the features below learn from their mean.
                pooled.register_hook(_a_stages_share)
            scores, offsets = stage(pooled)
            matched = [stage.match(*one) for one in zip(boxes, targets, strict=True)]
            labels = torch.cat([one[0] for one in matched])
            wanted = torch.cat([_true_boxes(truth, one[1]) for truth, one in zip(targets, matched, strict=True)])
            here = torch.nonzero(labels > 0).squeeze(1)
            codes = stage.coder.encode_single(wanted[here].float(), torch.cat(boxes)[here].float())
            count = max(1, len(labels))
            losses[f"loss_classifier_{number}"] = functional.cross_entropy(scores, labels, reduction="sum") / count
            losses[f"loss_box_reg_{number}"] = (offsets[here] - codes).abs().sum() / count
            boxes = stage.move(offsets, boxes, shapes)
        return {**losses, "loss_mask": self._mask_loss(features, sampled, targets)}

    @torch.no_grad()
    def _sample(self, proposals: Tensor, truth: Mapping[str, Tensor]) -> Tensor:
        boxes = torch.cat([proposals.float(), truth["boxes"].float()])
        labels, _owners = self._stages[0].match(boxes, truth)
        chosen, rest = self.sampler([labels])
        return boxes[torch.nonzero(chosen[0] | rest[0]).squeeze(1)]

    def _mask_loss(
        self, features: Mapping[str, Tensor], boxes: Sequence[Tensor], targets: Sequence[Mapping[str, Tensor]]
    ) -> Tensor:
        found, labels, wanted = [], [], []
        for one, truth in zip(boxes, targets, strict=True):
            numbers, owners = self._stages[0].match(one, truth)
            here = torch.nonzero(numbers > 0).squeeze(1)
            found.append(one[here])
            labels.append(numbers[here] - 1)
            rois = torch.cat([owners[here, None].to(one.dtype), one[here]], dim=1)
            masks = truth["masks"][:, None].to(one.dtype)
            wanted.append(
                roi_align(masks, rois, 28, 1.0, aligned=True)[:, 0] if len(here) else one.new_zeros(0, 28, 28)
            )
        logits = self._mask_logits(features, found)
        if not len(logits):
            return logits.sum() * 0
        own = logits[torch.arange(len(logits), device=logits.device), torch.cat(labels)]
        return functional.binary_cross_entropy_with_logits(own, torch.cat(wanted))

    def _mask_logits(self, features: Mapping[str, Tensor], boxes: Sequence[Tensor]) -> Tensor:
        logits: Tensor = self.mask_per_label(self.mask_head(self.mask_pool(features, boxes))).float()
        return logits

    def _find(self, features: Mapping[str, Tensor], boxes: list[Tensor], shapes: Shapes) -> list[dict[str, Tensor]]:
        parts = [one.shape[0] for one in boxes]
        total: Tensor | float = 0.0
        for stage in self._stages:
            scores, offsets = stage(self.box_pool(features, boxes))
            boxes = stage.move(offsets, boxes, shapes)
            total = total + functional.softmax(scores, -1)
        mean = torch.split(torch.as_tensor(total / len(self.stages)), parts)
        kept = []
        for one, own, shape in zip(boxes, mean, shapes, strict=True):
            each = one[:, None].expand(-1, own.shape[1] - 1, -1)
            kept.append(self.keeping.choose(each, own[:, 1:], shape))
        logits = self._mask_logits(features, [one[0] for one in kept])
        masks = maskrcnn_inference(logits, [one[2] - 1 for one in kept])
        return [{"boxes": one[0], "scores": one[1], "labels": one[2], "masks": mask}
                for one, mask in zip(kept, masks, strict=True)]  # fmt: skip


def with_image_numbers(boxes: Sequence[Tensor]) -> Tensor:
    """Return boxes of all images (N, 5): the number of the image, x0 y0 x1 y1."""
    numbers = [torch.full_like(one[:, :1], number) for number, one in enumerate(boxes)]
    return torch.cat([torch.cat(numbers), torch.cat(list(boxes))], dim=1)


def _a_stages_share(gradient: Tensor) -> Tensor:
    return gradient / len(STAGES)


def _true_boxes(truth: Mapping[str, Tensor], owners: Tensor) -> Tensor:
    return truth["boxes"][owners] if len(truth["boxes"]) else truth["boxes"].new_zeros(len(owners), 4)
