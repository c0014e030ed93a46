"""Where weights come from when they fit only in part: a shallower backbone, or another list of labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn

_BLOCK = re.compile(r"^(?P<stage>(?:backbone\.body\.)?layer[1-4])\.(?P<index>\d+)\.(?P<rest>.+)$")


def grow_backbone(state: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Return `state` with the residual blocks `network` has beyond it, made so that they change nothing at first.

    A new block keeps the network's own random filters, its last BatchNorm has weight 0 and bias 0: its branch adds
    zero, and learns from there (net-preserving growth after Chen et al., Net2Net, 2016).
    """
    own = network.state_dict()
    grown = dict(state)
    blocks = {(match["stage"], int(match["index"])) for match in map(_BLOCK.match, state) if match is not None}
    for key, value in own.items():
        match = _BLOCK.match(key)
        if key in state or match is None or (match["stage"], int(match["index"])) in blocks:
            continue
        grown[key] = torch.zeros_like(value) if match["rest"] in ("bn3.weight", "bn3.bias") else value.clone()
    return grown


@dataclass(frozen=True, slots=True)
class _Rows:
    """How the rows of a predictor lie: `groups` times `before` rows, then `width` rows a label, then `after` rows."""

    groups: int = 1
    before: int = 0
    width: int = 1
    after: int = 0


_PREDICTORS: Mapping[str, _Rows] = MappingProxyType(
    {
        "roi_heads.box_predictor.cls_score": _Rows(before=1),
        "roi_heads.box_predictor.bbox_pred": _Rows(before=4, width=4),
        "roi_heads.mask_predictor.mask_fcn_logits": _Rows(before=1),
        **{f"roi_heads.stages.{stage}.box_predictor.cls_score": _Rows(before=1) for stage in range(3)},
        "roi_heads.mask_per_label.mask_fcn_logits": _Rows(),
        "head.classes": _Rows(groups=3, before=1),
        "semantic": _Rows(),
        **{f"head.predict.{scale}": _Rows(groups=3, before=5, after=32) for scale in range(3)},
    }
)
"""The layers with rows of each label, by name: mask_rcnn's, cascade_mask_rcnn's, yolact's, yolov5_seg's."""


def select_labels(state: Mapping[str, Tensor], had: Sequence[str], wants: Sequence[str]) -> dict[str, Tensor]:
    """Return `state` with the rows of its predictors reordered from the labels it `had` to those it `wants`.

    The background row stays. Labels it never had are left out of the state, all predictors with them, so that the
    network's own fresh ones remain.
    """
    if tuple(had) == tuple(wants):
        return dict(state)
    if any(label not in had for label in wants):
        return {key: value for key, value in state.items() if key.rsplit(".", 1)[0] not in _PREDICTORS}
    places = [list(had).index(label) for label in wants]
    chosen = dict(state)
    for key, value in state.items():
        rows = _PREDICTORS.get(key.rpartition(".")[0])
        if rows is not None:
            chosen[key] = _reordered(value, rows, len(had), places)
    return chosen


def _reordered(value: Tensor, rows: _Rows, labels: int, places: Sequence[int]) -> Tensor:
    groups = value.reshape(rows.groups, -1, *value.shape[1:])
    end = rows.before + labels * rows.width
    each = groups[:, rows.before : end].reshape(rows.groups, labels, rows.width, *value.shape[1:])
    own = each[:, torch.tensor(places)].flatten(1, 2)
    return torch.cat([groups[:, : rows.before], own, groups[:, end : end + rows.after]], dim=1).flatten(0, 1)
