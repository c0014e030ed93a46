"""Cascade Mask R-CNN with a ResNet-FPN backbone (Cai and Vasconcelos, CVPR 2018; mask head He et al. 2017).

90,678,262 parameters for six labels with ResNet-101 and frozen BatchNorm, 105,344 more with trainable affine terms.
The variant is the one with class-agnostic boxes and a single mask head, which is trained on the first stage's boxes
and asked about the last stage's.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from torch import nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from torchvision.models.resnet import Bottleneck
from torchvision.ops import FrozenBatchNorm2d

from engine.models._cascade import CascadeHeads
from engine.models._contract import Family
from engine.models._public_keys import from_detectron2
from engine.models._torchvision import chosen_options
from engine.models._two_stage import TwoStageDetector, propose_exactly

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "depth": 101,  # as the Mask R-CNN beside it; Paik et al. 2024 name no depth for this row
        "norm": "affine",  # affine: trainable scale and shift over fixed statistics; frozen: nothing trains
        "trainable_stages": 3,  # of five, as in mask_rcnn
        "short_side": 800,
        "long_side": 1333,
        "stride_in_1x1": False,  # where a residual stage halves its image: the 3 x 3 filter, or the first 1 x 1
        "sampling": 0,  # points a pooled cell; 0: as many as there are pixels
        "class_agnostic_nms": True,  # corrected mode, as in mask_rcnn
        "intact": False,  # True: intact bodies are learned by name too, and not reported, as in mask_rcnn
        "score_floor": 0.001,
        "detections": 100,
        "rois_per_image": 512,
        "proposals_train": 2000,
        "proposals_test": 1000,
    }
)
PAPER: Mapping[str, Any] = MappingProxyType({"norm": "frozen", "class_agnostic_nms": False, "score_floor": 0.05})
"""What the paper's mode sets otherwise: defaults of the frameworks of its time."""

DETECTRON2: Mapping[str, Any] = MappingProxyType({**PAPER, "stride_in_1x1": True})
"""What weights of Detectron2's model zoo expect."""


class CascadeMaskRCNNDetector(TwoStageDetector):
    """The detector: `losses` and `detect` over torchvision's backbone and proposals and the cascade's heads."""

    def __init__(self, labels: int, options: Mapping[str, Any]) -> None:
        """Build for `labels` foreground labels; `options` override `DEFAULTS`; unknown keys raise ConfigError."""
        self.options = chosen_options("cascade_mask_rcnn", DEFAULTS, options)
        self.network = _build(labels, self.options)


def _build(labels: int, options: Mapping[str, Any]) -> GeneralizedRCNN:
    norm = {"frozen": FrozenBatchNorm2d, "affine": nn.BatchNorm2d}[options["norm"]]
    backbone = resnet_fpn_backbone(
        backbone_name=f"resnet{options['depth']}", weights=None, norm_layer=norm,
        trainable_layers=options["trainable_stages"],
    )  # fmt: skip
    if options["stride_in_1x1"]:
        _halve_in_first_filter(backbone.body)
    network = FasterRCNN(
        backbone, min_size=options["short_side"], max_size=options["long_side"],
        box_head=nn.Identity(), box_predictor=nn.Identity(),
        rpn_post_nms_top_n_train=options["proposals_train"], rpn_post_nms_top_n_test=options["proposals_test"],
    )  # fmt: skip
    propose_exactly(network)
    network.roi_heads = CascadeHeads(labels, options)
    return network


def _halve_in_first_filter(body: nn.Module) -> None:
    for block in body.modules():
        if isinstance(block, Bottleneck) and block.conv2.stride == (2, 2):
            block.conv1.stride, block.conv2.stride = (2, 2), (1, 1)


FAMILY = Family(
    name="cascade_mask_rcnn",
    title="Cascade Mask R-CNN, ResNet-101-FPN",
    source="Cai and Vasconcelos, CVPR 2018; He et al., ICCV 2017",
    options=DEFAULTS,
    paper=PAPER,
    build=CascadeMaskRCNNDetector,
    translate=from_detectron2,
)
