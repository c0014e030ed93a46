"""Anchors of a one-stage network on a square input, what they stand for, and which of their boxes are kept.

Boxes are x0 y0 x1 y1 in shares of the input's side, 0..1; anchors are centre x, centre y, width, height.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.ops import box_iou

from engine.models._ranking import best_first

VARIANCES = (0.1, 0.2)
"""Of centre and size: offsets are divided by them (Liu et al., SSD, ECCV 2016)."""
BACKGROUND, NEITHER = 0, -1


def make_anchors(grids: Sequence[tuple[int, int]], sides: Sequence[float], ratios: Sequence[float], square: bool,
                 device: torch.device) -> Tensor:  # fmt: skip
    """Return (A, 4) anchors of levels of `grids` (rows, columns), row by row, all ratios of a cell one after another.

    `sides` are the levels' anchor sides as shares of the input, `ratios` width over height at the same area. `square`
    takes the width for the height as well, as the released weights were trained by an old mistake.
    """
    levels = []
    for (rows, columns), side in zip(grids, sides, strict=True):
        y, x = torch.meshgrid(
            (torch.arange(rows, device=device) + 0.5) / rows, (torch.arange(columns, device=device) + 0.5) / columns,
            indexing="ij",
        )  # fmt: skip
        widths = side * torch.tensor(list(ratios), device=device).sqrt()
        heights = widths if square else side**2 / widths
        sizes = torch.stack([widths, heights], dim=1).expand(rows, columns, -1, -1)
        centres = torch.stack([x, y], dim=2)[:, :, None].expand_as(sizes)
        levels.append(torch.cat([centres, sizes], dim=3).reshape(-1, 4))
    return torch.cat(levels)


def corners(anchors: Tensor) -> Tensor:
    """Return the boxes of anchors."""
    half = anchors[..., 2:] / 2
    return torch.cat([anchors[..., :2] - half, anchors[..., :2] + half], dim=-1)


def encode(boxes: Tensor, anchors: Tensor) -> Tensor:
    """Return the offsets (N, 4) that lead from anchors to boxes."""
    centre = ((boxes[:, :2] + boxes[:, 2:]) / 2 - anchors[:, :2]) / (VARIANCES[0] * anchors[:, 2:])
    size = torch.log((boxes[:, 2:] - boxes[:, :2]) / anchors[:, 2:]) / VARIANCES[1]
    return torch.cat([centre, size], dim=1)


def decode(offsets: Tensor, anchors: Tensor) -> Tensor:
    """Return the boxes (N, 4) that offsets lead to from anchors."""
    centre = anchors[:, :2] + offsets[:, :2] * VARIANCES[0] * anchors[:, 2:]
    # e^8 times the anchor: no film needs more, and a box of infinite size would be no number once it is clipped.
    size = anchors[:, 2:] * torch.exp((offsets[:, 2:] * VARIANCES[1]).clamp(max=8.0))
    return corners(torch.cat([centre, size], dim=1))


@dataclass(frozen=True, slots=True)
class Matched:
    """What each anchor stands for: `labels` (A,) 1-based, 0 background, -1 neither; `owners` (A,) numbers of truths."""

    labels: Tensor
    owners: Tensor


@torch.no_grad()
def match_anchors(boxes: Tensor, labels: Tensor, anchors: Tensor, high: float = 0.5, low: float = 0.4) -> Matched:
    """Match anchors to true boxes (N, 4): a truth's from IoU `high`, background below `low`, neither between.

    Every truth gets an anchor, the best one that no other truth has better use for.
    """
    if not len(boxes):
        nothing = torch.zeros(len(anchors), dtype=torch.int64, device=anchors.device)
        return Matched(nothing, nothing)
    overlaps = box_iou(boxes, corners(anchors))
    best, owners = overlaps.max(dim=0)
    free = overlaps.clone()
    for _ in range(len(boxes)):
        truth, anchor = divmod(int(free.argmax()), len(anchors))
        owners[anchor], best[anchor] = truth, 2.0
        free[truth], free[:, anchor] = -1.0, -1.0
    standing = torch.where(best >= high, labels[owners], NEITHER)
    return Matched(torch.where(best < low, BACKGROUND, standing), owners)


def fast_nms(boxes: Tensor, scores: Tensor, floor: float, overlap: float, most: int) -> tuple[Tensor, Tensor]:
    """Return which anchors are kept and as which 1-based label, best first (Bolya et al., ICCV 2019, section 4.2).

    `boxes` (A, 4), `scores` (A, L). Of each label the best `most` above `floor` are looked at; one goes where any
    better one overlaps it by more than IoU `overlap`, even one that goes itself: so there is no loop.
    """
    kept, labels = [], []
    for label in range(scores.shape[1]):
        order = best_first(scores[:, label], most)
        order = order[scores[order, label] > floor]
        worst = box_iou(boxes[order], boxes[order]).triu(diagonal=1)
        best = order[worst.amax(dim=0) <= overlap] if len(order) else order
        kept.append(best)
        labels.append(torch.full_like(best, label + 1))
    chosen, names = torch.cat(kept), torch.cat(labels)
    ranked = best_first(scores[chosen, names - 1])
    return chosen[ranked], names[ranked]


def fast_nms_across(boxes: Tensor, scores: Tensor, floor: float, overlap: float, most: int) -> tuple[Tensor, Tensor]:
    """Return the same with one label an anchor, its best: one vertebra has one level."""
    best, labels = scores.max(dim=1)
    kept, _ones = fast_nms(boxes, best[:, None], floor, overlap, most)
    return kept, labels[kept] + 1
