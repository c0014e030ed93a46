"""Key maps: state dicts of public implementations, under the names that tensors have here.

Each map is a table of patterns; a state dict of something else comes back as it is. Bring the weights as safetensors,
or as a PyTorch file that holds tensors only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from engine.models._contract import IMAGENET_STD

_DETECTRON2 = (
    (r"backbone\.bottom_up\.stem\.conv1\.norm\.(\w+)", r"backbone.body.bn1.\1"),
    (r"backbone\.bottom_up\.stem\.conv1\.weight", r"backbone.body.conv1.weight"),
    (r"backbone\.bottom_up\.res([2-5])\.(\d+)\.shortcut\.norm\.(\w+)", r"backbone.body.layer\1.\2.downsample.1.\3"),
    (r"backbone\.bottom_up\.res([2-5])\.(\d+)\.shortcut\.weight", r"backbone.body.layer\1.\2.downsample.0.weight"),
    (r"backbone\.bottom_up\.res([2-5])\.(\d+)\.conv(\d)\.norm\.(\w+)", r"backbone.body.layer\1.\2.bn\3.\4"),
    (r"backbone\.bottom_up\.res([2-5])\.(\d+)\.conv(\d)\.weight", r"backbone.body.layer\1.\2.conv\3.weight"),
    (r"backbone\.fpn_lateral([2-5])\.(\w+)", r"backbone.fpn.inner_blocks.\1.0.\2"),
    (r"backbone\.fpn_output([2-5])\.(\w+)", r"backbone.fpn.layer_blocks.\1.0.\2"),
    (r"proposal_generator\.rpn_head\.conv\.(\w+)", r"rpn.head.conv.0.0.\1"),
    (r"proposal_generator\.rpn_head\.objectness_logits\.(\w+)", r"rpn.head.cls_logits.\1"),
    (r"proposal_generator\.rpn_head\.anchor_deltas\.(\w+)", r"rpn.head.bbox_pred.\1"),
    (r"roi_heads\.box_head\.(\d)\.fc1\.(\w+)", r"roi_heads.stages.\1.box_head.fc6.\2"),
    (r"roi_heads\.box_head\.(\d)\.fc2\.(\w+)", r"roi_heads.stages.\1.box_head.fc7.\2"),
    (r"roi_heads\.box_predictor\.(\d)\.(cls_score|bbox_pred)\.(\w+)", r"roi_heads.stages.\1.box_predictor.\2.\3"),
    (r"roi_heads\.mask_head\.mask_fcn([1-4])\.(\w+)", r"roi_heads.mask_head.\1.0.\2"),
    (r"roi_heads\.mask_head\.deconv\.(\w+)", r"roi_heads.mask_per_label.conv5_mask.\1"),
    (r"roi_heads\.mask_head\.predictor\.(\w+)", r"roi_heads.mask_per_label.mask_fcn_logits.\1"),
)
_COUNTED_FROM = ((r"(body\.layer)(\d)", 1), (r"((?:inner|layer)_blocks\.)(\d)", 2), (r"(mask_head\.)(\d)", 1))
"""Numbers that are counted from another start there: stage 2 there is layer 1 here, level 2 there is block 0."""

_YOLACT = (
    (r"backbone\.((?:conv1|bn1)\.\w+)", r"backbone.body.\1"),
    (r"backbone\.layers\.0\.(.+)", r"backbone.body.layer1.\1"),
    (r"backbone\.layers\.1\.(.+)", r"backbone.body.layer2.\1"),
    (r"backbone\.layers\.2\.(.+)", r"backbone.body.layer3.\1"),
    (r"backbone\.layers\.3\.(.+)", r"backbone.body.layer4.\1"),
    (r"fpn\.lat_layers\.0\.(\w+)", r"backbone.fpn.inner_blocks.3.0.\1"),  # the deepest comes first there
    (r"fpn\.lat_layers\.1\.(\w+)", r"backbone.fpn.inner_blocks.2.0.\1"),
    (r"fpn\.lat_layers\.2\.(\w+)", r"backbone.fpn.inner_blocks.1.0.\1"),
    (r"fpn\.pred_layers\.0\.(\w+)", r"backbone.fpn.layer_blocks.3.0.\1"),
    (r"fpn\.pred_layers\.1\.(\w+)", r"backbone.fpn.layer_blocks.2.0.\1"),
    (r"fpn\.pred_layers\.2\.(\w+)", r"backbone.fpn.layer_blocks.1.0.\1"),
    (r"fpn\.downsample_layers\.([01])\.(\w+)", r"backbone.fpn.downsample.\1.\2"),
    (r"proto_net\.(\d+)\.(\w+)", r"protonet.\1.\2"),
    (r"prediction_layers\.0\.upfeature\.0\.(\w+)", r"head.tower.\1"),
    (r"prediction_layers\.0\.bbox_layer\.(\w+)", r"head.boxes.\1"),
    (r"prediction_layers\.0\.conf_layer\.(\w+)", r"head.classes.\1"),
    (r"prediction_layers\.0\.mask_layer\.(\w+)", r"head.coefficients.\1"),
    (r"semantic_seg_conv\.(\w+)", r"semantic.\1"),
)


def from_detectron2(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a Cascade Mask R-CNN of Detectron2 (`CascadeROIHeads`, one mask head) under the names used here.

    Two things differ beyond names. Its background is the last class, here it is the first. Its first filters take blue,
    green, red in 0..255 with the mean taken off; here they take red, green, blue divided by ImageNet's spread as well,
    so that the filters are turned round and multiplied by 255 spreads. Build with `DETECTRON2`'s options.
    """
    if not any(key.startswith("backbone.bottom_up.") for key in state):
        return dict(state)
    renamed = {_recounted(key): value for key, value in _renamed(state, _DETECTRON2).items()}
    first = "backbone.body.conv1.weight"
    renamed[first] = renamed[first].flip(1) * (255 * torch.tensor(IMAGENET_STD)).reshape(1, 3, 1, 1)
    for key in [one for one in renamed if ".cls_score." in one]:
        renamed[key] = renamed[key].roll(1, 0)
    return renamed


def _recounted(key: str) -> str:
    for pattern, start in _COUNTED_FROM:
        match = re.search(pattern, key)
        if match is not None:
            return f"{key[: match.start(2)]}{int(match[2]) - start}{key[match.end(2) :]}"
    return key


def from_yolact(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a YOLACT of its authors (`yolact_base`, `yolact_resnet50`) under the names used here.

    Only names differ; anchors, colours and the order of the labels are the same. Build with `RELEASED`'s options.
    """
    if not any(key.startswith("backbone.layers.") for key in state):
        return dict(state)
    return _renamed(state, _YOLACT)


def _renamed(state: Mapping[str, Tensor], table: tuple[tuple[str, str], ...]) -> dict[str, Tensor]:
    """Return the tensors that `table` knows, renamed; means, anchors and doubles of older files are left out."""
    result = {}
    for key, value in state.items():
        for pattern, name in table:
            match = re.fullmatch(pattern, key)
            if match is not None:
                result[match.expand(name)] = value
                break
    return result
