"""Where weights come from when they fit only in part: a shallower backbone, or another list of labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

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


def select_labels(state: Mapping[str, Tensor], had: Sequence[str], wants: Sequence[str]) -> dict[str, Tensor]:
    """Return `state` with the rows of its predictors reordered from the labels it `had` to those it `wants`.

    The background row stays. Labels it never had are left out of the state, all predictors with them, so that the
    network's own fresh ones remain.
    """
    if tuple(had) == tuple(wants):
        return dict(state)
    predictors = {
        "roi_heads.box_predictor.cls_score": 1,
        "roi_heads.box_predictor.bbox_pred": 4,
        "roi_heads.mask_predictor.mask_fcn_logits": 1,
    }
    if any(label not in had for label in wants):
        return {key: value for key, value in state.items() if key.rsplit(".", 1)[0] not in predictors}
    rows = torch.tensor([0, *(list(had).index(label) + 1 for label in wants)])
    chosen = dict(state)
    for name, width in predictors.items():
        for part in ("weight", "bias") if f"{name}.weight" in state else ():
            value = state[f"{name}.{part}"]
            table = value.reshape(len(had) + 1, width, *value.shape[1:])
            chosen[f"{name}.{part}"] = table[rows].reshape(len(rows) * width, *value.shape[1:])
    return chosen
