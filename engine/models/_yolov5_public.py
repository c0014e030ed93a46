"""Weights from elsewhere: the public implementation's names for the same layers.

The public state dict (v7.0) numbers its layers; `LAYERS` says which of ours each is, `PARTS` what parts of blocks are
called. A file must hold a state dict (safetensors, or a .pt read weights-only), as `model.state_dict()` gives it;
the released .pt files hold pickled objects, which nothing here opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from engine.models._yolov5_network import STRIDES

LAYERS: Mapping[str, str] = MappingProxyType(
    {
        "model.0": "backbone.stem",
        "model.1": "backbone.stages.0.0",
        "model.2": "backbone.stages.0.1",
        "model.3": "backbone.stages.1.0",
        "model.4": "backbone.stages.1.1",
        "model.5": "backbone.stages.2.0",
        "model.6": "backbone.stages.2.1",
        "model.7": "backbone.stages.3.0",
        "model.8": "backbone.stages.3.1",
        "model.9": "backbone.pool",
        "model.10": "neck.reduce.0",  # 11 doubles, 12 joins: no weights
        "model.13": "neck.rising.0",
        "model.14": "neck.reduce.1",
        "model.17": "neck.rising.1",
        "model.18": "neck.lower.0",
        "model.20": "neck.falling.0",
        "model.21": "neck.lower.1",
        "model.23": "neck.falling.1",
        "model.24.m": "head.predict",
        "model.24.proto": "head.prototypes",
        "model.24": "head",
    }
)
PARTS: Mapping[str, str] = MappingProxyType(
    {"cv1": "first", "cv2": "second", "cv3": "third", "m": "inner", "bn": "norm"}
)
_ANCHORS = "model.24.anchors"


def from_public(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a public state dict under our names; one of ours passes as it is.

    The public anchors are in cells of their scale, ours in canvas pixels.
    """
    if not any(key.startswith("model.") for key in state):
        return dict(state)
    renamed = {_our_name(key): value for key, value in state.items()}
    if _ANCHORS in state:
        strides = torch.tensor(STRIDES, dtype=torch.float32)[:, None, None]
        renamed[_our_name(_ANCHORS)] = state[_ANCHORS].float() * strides
    return renamed


def _our_name(key: str) -> str:
    pieces = key.split(".")
    for length in (3, 2):
        ours = LAYERS.get(".".join(pieces[:length]))
        if ours is not None:
            return ".".join([ours, *(PARTS.get(piece, piece) for piece in pieces[length:])])
    return key
