"""The losses of YOLACT (Bolya et al., ICCV 2019, sections 3 and 5; weights of the released configuration)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from engine.models._anchors import BACKGROUND, Matched, encode, match_anchors

BOX_WEIGHT, MASK_WEIGHT, SEMANTIC_WEIGHT = 1.5, 6.125, 1.0
NEGATIVES = 3
"""Background anchors that learn for each one that stands for a vertebra: the hardest ones."""
MOST_MASKS = 100
"""Masks learned an image; of more, as many are drawn, and count for all."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the network says of a batch, in float32: A anchors, K labels, prototypes of h x w.

    `offsets` (B, A, 4), `scores` (B, A, 1 + K) before softmax, `coefficients` (B, A, 32), `prototypes` (B, 32, h, w),
    `semantic` (B, K, h / 2, w / 2) before sigmoid, and the `anchors` (A, 4) themselves.
    """

    offsets: Tensor
    scores: Tensor
    coefficients: Tensor
    prototypes: Tensor
    semantic: Tensor
    anchors: Tensor


@dataclass(frozen=True, slots=True)
class SquareTarget:
    """Truth for one image on the square input: `boxes` (N, 4) 0..1, `labels` (N,) 1-based, `masks` (N, H, W) 0..1."""

    boxes: Tensor
    labels: Tensor
    masks: Tensor


def yolact_losses(answers: Answers, targets: Sequence[SquareTarget], in_place: int) -> dict[str, Tensor]:
    """Return the four losses of a batch.

    `in_place`: a film without findings teaches background as if so many anchors stood for a vertebra; with 0, as
    published, it would teach nothing but its semantic map.
    """
    matched = [match_anchors(one.boxes, one.labels, answers.anchors) for one in targets]
    labels = torch.stack([one.labels for one in matched])
    found = max(1, int((labels > 0).sum()))
    sums = [_of_one(answers, index, target, matched[index]) for index, target in enumerate(targets)]
    semantic = [_semantic_loss(answers.semantic[index], target) for index, target in enumerate(targets)]
    return {
        "loss_class": _class_loss(answers.scores, labels, in_place),
        "loss_box": BOX_WEIGHT * torch.stack([box for box, _mask in sums]).sum() / found,
        "loss_mask": MASK_WEIGHT * torch.stack([mask for _box, mask in sums]).sum() / found,
        "loss_semantic": SEMANTIC_WEIGHT * torch.stack(semantic).mean(),
    }


def _class_loss(scores: Tensor, labels: Tensor, in_place: int) -> Tensor:
    """Return the cross entropy of all positives and the hardest negatives, a positive."""
    total, counted = scores.sum() * 0, 0
    for own, names in zip(scores, labels, strict=True):
        count = int((names > 0).sum()) or in_place
        hardness = torch.where(names == BACKGROUND, own.detach().logsumexp(dim=1) - own.detach()[:, 0], -1.0)
        hard = hardness.topk(min(NEGATIVES * count, int((names == BACKGROUND).sum()))).indices
        learned = torch.cat([torch.nonzero(names > 0).squeeze(1), hard])
        total = total + functional.cross_entropy(own[learned], names[learned], reduction="sum")
        counted += count
    return total / max(1, counted)


def _of_one(answers: Answers, index: int, target: SquareTarget, matched: Matched) -> tuple[Tensor, Tensor]:
    """Return the sums over one image's positives: smooth L1 of their boxes, and their masks' losses."""
    here = torch.nonzero(matched.labels > 0).squeeze(1)
    owners = matched.owners[here]
    offsets, coefficients = answers.offsets[index, here], answers.coefficients[index, here]
    if not len(here):
        return offsets.sum(), coefficients.sum() + answers.prototypes[index].sum() * 0
    box = functional.smooth_l1_loss(offsets, encode(target.boxes[owners], answers.anchors[here]), reduction="sum")
    drawn = torch.randperm(len(here), device=here.device)[:MOST_MASKS]
    mask = _mask_loss(answers.prototypes[index], coefficients[drawn], target, owners[drawn])
    return box, mask * (len(here) / len(drawn))


def _mask_loss(prototypes: Tensor, coefficients: Tensor, target: SquareTarget, owners: Tensor) -> Tensor:
    """Return the cross entropy of masks inside their true boxes, each divided by its box's area in cells."""
    height, width = prototypes.shape[1:]
    wanted = shrunk(target.masks, (height, width))[owners]
    logits = torch.einsum("nc,chw->nhw", coefficients, prototypes).float()
    boxes = target.boxes[owners] * torch.tensor([width, height, width, height], device=owners.device)
    cost = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return ((cost * inside(boxes, (height, width))).sum(dim=(1, 2)) / area).sum()


def _semantic_loss(logits: Tensor, target: SquareTarget) -> Tensor:
    """Return the cross entropy of each label's map, a cell."""
    size = (int(logits.shape[1]), int(logits.shape[2]))
    wanted = torch.zeros_like(logits)
    for mask, label in zip(shrunk(target.masks, size), target.labels.tolist(), strict=True):
        wanted[label - 1] = torch.maximum(wanted[label - 1], mask)
    return functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum") / (size[0] * size[1])


def inside(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Return 1 for the cells (N, height, width) that boxes (N, 4) in cells touch, 0 for the others."""
    rows = torch.arange(size[0], device=boxes.device)[None]
    columns = torch.arange(size[1], device=boxes.device)[None]
    tall = (rows + 1 > boxes[:, 1:2]) & (rows < boxes[:, 3:4])
    wide = (columns + 1 > boxes[:, 0:1]) & (columns < boxes[:, 2:3])
    return (tall[:, :, None] & wide[:, None]).float()


def shrunk(masks: Tensor, size: tuple[int, int]) -> Tensor:
    """Return masks (N, H, W) as 0 and 1 on a grid of `size`: the cells more than half covered."""
    if not len(masks):
        return masks.new_zeros((0, *size), dtype=torch.float32)
    small = functional.interpolate(masks[None].float(), size=size, mode="bilinear", antialias=True)[0]
    return (small > 0.5).float()
