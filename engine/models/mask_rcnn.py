"""Mask R-CNN with a ResNet-FPN backbone, on torchvision's own modules (He et al. 2017; Paik et al. 2024).

62,889,209 parameters for six labels with frozen BatchNorm, 62,994,553 with trainable affine terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.ops import FrozenBatchNorm2d

from engine.models._contract import Family
from engine.models._torchvision import chosen_options
from engine.models._two_stage import Keeping, TwoStageDetector, propose_exactly

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "depth": 101,  # Paik et al. 2024, Methods: ResNet-101 with FPN
        "norm": "affine",  # affine: trainable scale and shift over fixed statistics; frozen: nothing trains
        "trainable_stages": 3,  # of five; the stem and the first stage keep their ImageNet filters
        "short_side": 800,  # the two-stage default in all public model zoos
        "long_side": 1333,
        "class_agnostic_nms": True,  # corrected mode; the paper's framework suppressed within each class only
        "score_floor": 0.001,  # corrected mode: AP must not be cut off at different scores
        "detections": 100,
        "rois_per_image": 512,
        "proposals_train": 2000,
        "proposals_test": 1000,
    }
)
PAPER: Mapping[str, Any] = MappingProxyType({"norm": "frozen", "class_agnostic_nms": False, "score_floor": 0.05})
"""What the paper's mode sets otherwise: defaults of the frameworks of its time."""


def suppress_across_classes(
    heads: RoIHeads,
    class_logits: Tensor,
    box_regression: Tensor,
    proposals: list[Tensor],
    image_shapes: list[tuple[int, int]],
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Stand in for `RoIHeads.postprocess_detections`: one vertebra has one level, so the best of any class stays."""
    keeping = Keeping(heads.score_thresh, heads.nms_thresh, heads.detections_per_img, across_labels=True)
    per_image = [len(boxes) for boxes in proposals]
    decoded = torch.split(heads.box_coder.decode(box_regression, proposals), per_image)
    scored = torch.split(functional.softmax(class_logits, -1), per_image)
    kept = [keeping.choose(boxes[:, 1:], scores[:, 1:], shape)
            for boxes, scores, shape in zip(decoded, scored, image_shapes, strict=True)]  # fmt: skip
    return [one[0] for one in kept], [one[1] for one in kept], [one[2] for one in kept]


class MaskRCNNDetector(TwoStageDetector):
    """The detector: `losses` and `detect` over one torchvision network."""

    def __init__(self, labels: int, options: Mapping[str, Any]) -> None:
        """Build for `labels` foreground labels; `options` override `DEFAULTS`; unknown keys raise ConfigError."""
        self.options = chosen_options("mask_rcnn", DEFAULTS, options)
        self.network = _build(labels, self.options)


def _build(labels: int, options: Mapping[str, Any]) -> MaskRCNN:
    norm = {"frozen": FrozenBatchNorm2d, "affine": nn.BatchNorm2d}[options["norm"]]
    backbone = resnet_fpn_backbone(
        backbone_name=f"resnet{options['depth']}", weights=None, norm_layer=norm,
        trainable_layers=options["trainable_stages"],
    )  # fmt: skip
    network = MaskRCNN(
        backbone, labels + 1, min_size=options["short_side"], max_size=options["long_side"],
        box_score_thresh=options["score_floor"], box_nms_thresh=0.5, box_detections_per_img=options["detections"],
        box_batch_size_per_image=options["rois_per_image"],
        rpn_post_nms_top_n_train=options["proposals_train"], rpn_post_nms_top_n_test=options["proposals_test"],
    )  # fmt: skip
    propose_exactly(network)
    if options["class_agnostic_nms"]:
        heads = network.roi_heads
        heads.postprocess_detections = partial(suppress_across_classes, heads)
    return network


FAMILY = Family(
    name="mask_rcnn",
    title="Mask R-CNN, ResNet-101-FPN",
    source="He et al., ICCV 2017; Paik et al., Sci Rep 2024;14:16308",
    options=DEFAULTS,
    paper=PAPER,
    build=MaskRCNNDetector,
)
