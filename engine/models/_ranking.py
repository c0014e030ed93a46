"""The order of scores, the same whether it is computed or exported."""

from __future__ import annotations

import torch
from torch import Tensor


def best_first(scores: Tensor, most: int | None = None) -> Tensor:
    """Return the places of the `most` highest scores (N,), of equal ones the first first; all where None."""
    if torch.onnx.is_in_onnx_export():
        # The exporter knows no stable sort; its top-k is one.
        return scores.topk(scores.shape[0]).indices[:most]
    return scores.argsort(descending=True, stable=True)[:most]
