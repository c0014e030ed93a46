"""A larger YOLOv5-seg that starts with what a smaller one knows (net-preserving growth, Chen et al., Net2Net, 2016).

Channels are repeated, and what reads them takes its share of each copy; the shares are drawn, so that copies learn
apart. Bottlenecks are added that hand on what comes in. The grown network predicts what the smaller one did, to a few
thousandths of a logit; while it trains, and BatchNorm takes the batch's own statistics, to a few hundredths.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

STEM = "backbone.stem.conv.weight"
_INNER = re.compile(r"^(?P<block>.+)\.inner\.(?P<index>\d+)\.")
_JOINED = (
    (re.compile(r"^(backbone|neck)\..*(?<!\.inner)\.third\.conv\.weight$"), 2),
    (re.compile(r"^neck\.(rising|falling)\.\d+\.(first|second)\.conv\.weight$"), 2),
    (re.compile(r"^backbone\.pool\.second\.conv\.weight$"), 4),
)
"""The convolutions that read several tensors of equally many channels side by side, and how many."""

NEARLY_LINEAR = 10.0
"""SiLU of this much and more is its argument to 5e-4: there a bottleneck without a shortcut can hand values on."""


def grow_yolov5(state: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Return `state` as wide and as deep as `network`; unchanged where it is no smaller YOLOv5-seg."""
    own = network.state_dict()
    if STEM not in state or STEM not in own or not _is_smaller(state, own):
        return dict(state)
    drawn = torch.Generator().manual_seed(0)
    grown = {key: _widened(key, value.float(), own[key].shape, drawn) if key in own else value
             for key, value in state.items()}  # fmt: skip
    added: dict[str, set[int]] = {}
    for key in own:
        match = _INNER.match(key)
        if match is not None and key not in state:
            added.setdefault(match["block"], set()).add(int(match["index"]))
    for block, places in added.items():
        for place in sorted(places):
            name = f"{block}.inner.{place}"
            grown |= {key: value.clone() for key, value in own.items() if key.startswith(f"{name}.")}
            if block.startswith("backbone."):
                # Its shortcut hands on what comes in; what the bottleneck adds to it is nothing at first.
                grown |= {f"{name}.second.norm.{part}": torch.zeros_like(own[f"{name}.second.norm.{part}"])
                          for part in ("weight", "bias")}  # fmt: skip
            else:
                _hand_on(grown, name, f"{block}.inner.{place - 1}", risen=place > min(places))
        if not block.startswith("backbone."):
            _take_back(grown, block)
    return grown


def _is_smaller(state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> bool:
    """Whether each layer of a state has at most as many channels as the network's own, which has it too."""
    pairs = [(value.shape, own[key].shape) for key, value in state.items() if key in own and not _is_predictor(key)]
    fits = all(len(ours) == len(theirs) and all(map(int.__le__, ours, theirs)) for ours, theirs in pairs)
    return fits and set(own) >= {key for key in state if _INNER.match(key)}


def _is_predictor(key: str) -> bool:
    return key.startswith("head.predict.")


def _widened(key: str, value: Tensor, shape: torch.Size, drawn: torch.Generator) -> Tensor:
    """Return a tensor with its channels repeated; a predictor of other labels than the network's stays as it is."""
    if value.shape == shape or not value.dim() or (_is_predictor(key) and value.shape[0] != shape[0]):
        return value
    wide = value[_repeated(value.shape[0], shape[0], 1)]
    if value.dim() < 4 or value.shape[1] == shape[1]:
        return wide
    joined = next((count for pattern, count in _JOINED if pattern.match(key)), 1)
    copies = _repeated(value.shape[1], shape[1], joined)
    shares = torch.rand(shape[:2], generator=drawn) + 0.5
    whole = torch.zeros(shape[0], value.shape[1]).index_add_(1, copies, shares)
    return wide[:, copies] * (shares / whole[:, copies])[:, :, None, None]


def _repeated(had: int, wants: int, joined: int) -> Tensor:
    """Return which of the `had` channels each of `wants` repeats, in each of `joined` equal parts."""
    part, wide = had // joined, wants // joined
    return torch.cat([torch.arange(wide) % part + at * part for at in range(joined)])


def _hand_on(grown: dict[str, Tensor], name: str, before: str, *, risen: bool) -> None:
    """Let a bottleneck without a shortcut hand on what the one before it gives, raised by NEARLY_LINEAR once.

    What comes in is SiLU of a normal variable (BatchNorm's), so its mean and variance are known without a film.
    """
    mean, variance = _moments(grown[f"{before}.second.norm.weight"], grown[f"{before}.second.norm.bias"])
    for at, part in enumerate(("first", "second")):
        filters = torch.zeros_like(grown[f"{name}.{part}.conv.weight"])
        middle = filters.shape[-1] // 2
        filters[:, :, middle, middle] = torch.eye(filters.shape[0])
        raised = 0.0 if risen or at else NEARLY_LINEAR
        grown[f"{name}.{part}.conv.weight"] = filters
        grown[f"{name}.{part}.norm.running_mean"] = mean
        grown[f"{name}.{part}.norm.running_var"] = variance
        grown[f"{name}.{part}.norm.weight"] = (variance + 1e-3).sqrt()
        grown[f"{name}.{part}.norm.bias"] = mean + raised
        mean = mean + raised


def _take_back(grown: dict[str, Tensor], block: str) -> None:
    """Let the block's last convolution expect what the added bottlenecks raised."""
    filters = grown[f"{block}.third.conv.weight"]
    raised = filters[:, : filters.shape[1] // 2].sum(dim=(1, 2, 3)) * NEARLY_LINEAR
    grown[f"{block}.third.norm.running_mean"] = grown[f"{block}.third.norm.running_mean"] + raised


def _moments(weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and variance of SiLU(bias + weight z) of normal z, a channel (Gauss-Hermite, 64 points)."""
    points, shares = (torch.from_numpy(one).float() for one in np.polynomial.hermite_e.hermegauss(64))
    values = functional.silu(bias[:, None] + weight[:, None] * points)
    shares = shares / shares.sum()
    mean = (values * shares).sum(1)
    return mean, ((values - mean[:, None]).square() * shares).sum(1)
