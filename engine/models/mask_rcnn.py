"""Mask R-CNN with a ResNet-FPN backbone, on torchvision's own modules (He et al. 2017; Paik et al. 2024).

62,889,209 parameters for six labels with frozen BatchNorm, 62,994,553 with trainable affine terms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

from engine.errors import ConfigError
from engine.models._contract import Family, Floor
from engine.models._growth import learned
from engine.models._torchvision import chosen_options
from engine.models._two_stage import Keeping, TwoStageDetector, propose_exactly
from engine.models._two_views import find_in_two_views

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "depth": 101,  # Paik et al. 2024, Methods: ResNet-101 with FPN
        "norm": "affine",  # affine: trainable scale and shift over fixed statistics; frozen: nothing trains
        "trainable_stages": 3,  # of five; the stem and the first stage keep their ImageNet filters
        "short_side": 800,  # the two-stage default in all public model zoos
        "long_side": 1333,
        "class_agnostic_nms": True,  # corrected mode; the paper's framework suppressed within each class only
        "intact": False,  # True: intact bodies, T9 to L5, are learned by name too, so that levels are told apart better
        "level_weight": 1.0,  # 1: a finding's score is that of its level; 0: that of a fracture, whatever its level
        "views": 1,  # 2: the mirrored film is looked at too, at twice the time
        "second_look": False,  # True: findings of two views are judged again where they lie, by the view in more doubt
        "score_floor": 0.001,  # corrected mode: AP must not be cut off at different scores
        "detections": 100,
        "rois_per_image": 512,
        "proposals_train": 2000,
        "proposals_test": 1000,
    }
)
PAPER: Mapping[str, Any] = MappingProxyType({"norm": "frozen", "class_agnostic_nms": False, "score_floor": 0.05})
"""What the paper's mode sets otherwise: defaults of the frameworks of its time."""

ROUNDED_FILTERS = (
    r"backbone\.body\.layer3\.([6-9]|1\d|2[0-2])\.conv[123]\.weight"  # What a ResNet-101 has beyond a ResNet-50.
    r"|roi_heads\.mask_head\.[0-3]\.0\.weight"
)
"""Blocks that were grown add little, so rounding changes less; masks say yes or no, with few values in between."""


def suppress_across_classes(
    heads: RoIHeads,
    keeping: Keeping,
    class_logits: Tensor,
    box_regression: Tensor,
    proposals: list[Tensor],
    image_shapes: list[tuple[int, int]],
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Stand in for `RoIHeads.postprocess_detections`: one vertebra has one level, so the best of any class stays."""
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
        if self.options["views"] not in (1, 2):
            raise ConfigError(f"views must be 1, or 2 for the mirrored film too, got {self.options['views']!r}")
        if self.options["second_look"] and self.options["views"] == 1:
            raise ConfigError("second_look=true needs views=2: the lower score of two is taken")
        self._keeping = Keeping(
            self.options["score_floor"], 0.5, self.options["detections"], self.options["class_agnostic_nms"],
            self.options["level_weight"], labels if self.options["intact"] else None,
        )  # fmt: skip
        self.network = _build(learned(labels, self.options), self.options, self._keeping)

    def _find(self, images: Sequence[Tensor], floor: Floor) -> tuple[list[dict[str, Tensor]], list[tuple[int, int]]]:
        if self.options["views"] == 1:
            return super()._find(images, floor)
        return find_in_two_views(self.network, images, self._keeping, floor, self.options["second_look"])


def _build(labels: int, options: Mapping[str, Any], keeping: Keeping) -> MaskRCNN:
    norm = {"frozen": FrozenBatchNorm2d, "affine": nn.BatchNorm2d}[options["norm"]]
    backbone = resnet_fpn_backbone(
        backbone_name=f"resnet{options['depth']}", weights=None, norm_layer=norm,
        trainable_layers=options["trainable_stages"],
    )  # fmt: skip
    network = MaskRCNN(
        backbone, labels + 1, min_size=options["short_side"], max_size=options["long_side"],
        box_score_thresh=keeping.floor, box_nms_thresh=keeping.overlap, box_detections_per_img=keeping.most,
        box_batch_size_per_image=options["rois_per_image"],
        rpn_post_nms_top_n_train=options["proposals_train"], rpn_post_nms_top_n_test=options["proposals_test"],
    )  # fmt: skip
    propose_exactly(network)
    if keeping.across_labels:
        heads = network.roi_heads
        heads.postprocess_detections = partial(suppress_across_classes, heads, keeping)
    return network


FAMILY = Family(
    name="mask_rcnn",
    title="Mask R-CNN, ResNet-101-FPN",
    source="He et al., ICCV 2017; Paik et al., Sci Rep 2024;14:16308",
    options=DEFAULTS,
    paper=PAPER,
    build=MaskRCNNDetector,
    eight_bits=ROUNDED_FILTERS,
)
