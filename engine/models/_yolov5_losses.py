"""What YOLOv5-seg v7.0 learns from: which anchors answer for a finding, and the four losses.

From the family's published description: anchors within a factor of 4, the finding's cell and the two nearest beside it,
CIoU (Zheng et al. 2020) as box loss and as objectness to be predicted, masks after YOLACT (Bolya et al. 2019).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from engine.models._yolov5_network import BOX_TERMS, PROTOTYPE_STRIDE, PROTOTYPES, STRIDES, decode_boxes

WIDEST_RATIO = 4.0
"""An anchor answers for a finding whose sides are at most so many times its own, or its own theirs."""
THINNEST = 1e-3
"""Canvas pixels."""
BALANCE = (4.0, 1.0, 0.4)
"""Weights of the objectness of the three scales: the finest has most cells, and the rarest findings."""


@dataclass(frozen=True, slots=True)
class CanvasTruth:
    """One image's truth on its canvas: `boxes` (N, 4) px, `labels` (N,) 0-based, `masks` (N, H / 4, W / 4) 0..1."""

    boxes: Tensor
    labels: Tensor
    masks: Tensor


@dataclass(frozen=True, slots=True)
class Gains:
    """Weights of the four losses."""

    box: float
    objectness: float
    label: float
    mask: float


@dataclass(frozen=True, slots=True)
class Assigned:
    """Which predictions answer, one row each: `finding` (N,), `anchor` (N,) 0..2, `cells` (N, 2) x y."""

    finding: Tensor
    anchor: Tensor
    cells: Tensor


def assign(boxes: Tensor, anchors: Tensor, stride: int, grid: tuple[int, int]) -> Assigned:
    """Say which anchors (3, 2) px of which cells of a `grid` (rows, columns) answer for boxes (N, 4) canvas px."""
    sides = boxes[:, 2:] - boxes[:, :2]
    ratio = sides[:, None] / anchors
    near = torch.maximum(ratio, 1 / ratio).amax(2) < WIDEST_RATIO
    finding, anchor = torch.nonzero(near, as_tuple=True)
    centres = (boxes[:, :2] + boxes[:, 2:])[finding] / (2 * stride)
    own = centres.floor()
    towards = torch.where(centres - own < 0.5, -1.0, 1.0)
    sideways = own + towards * towards.new_tensor((1, 0))
    upright = own + towards * towards.new_tensor((0, 1))
    cells = torch.cat([own, sideways, upright]).long()
    rows, columns = grid
    inside = (cells >= 0).all(1) & (cells[:, 0] < columns) & (cells[:, 1] < rows)
    return Assigned(finding.repeat(3)[inside], anchor.repeat(3)[inside], cells[inside])


def segmentation_losses(
    scales: Sequence[Tensor], prototypes: Tensor, truth: Sequence[CanvasTruth], anchors: Tensor, gains: Gains
) -> dict[str, Tensor]:
    """Return the four losses of a batch, each a mean over its answers or cells, summed over the three scales.

    `scales` and `prototypes` are what the network returns. Without findings all but objectness are 0.
    """
    boxes = torch.cat([one.boxes for one in truth])
    labels = torch.cat([one.labels for one in truth])
    image = torch.cat([torch.full_like(one.labels, index) for index, one in enumerate(truth)])
    nothing = sum((scale.sum() for scale in scales), prototypes.sum()) * 0
    box_loss, label_loss, mask_loss, objectness_loss = nothing, nothing, nothing, nothing
    for raw, stride, own, weight in zip(scales, STRIDES, anchors, BALANCE, strict=True):
        answers = assign(boxes, own, stride, (raw.shape[2], raw.shape[3]))
        owner = image[answers.finding]
        place = (owner, answers.anchor, answers.cells[:, 1], answers.cells[:, 0])
        wanted = torch.zeros_like(raw[..., BOX_TERMS - 1])
        if len(owner):
            terms = raw[place]
            found = decode_boxes(terms, answers.cells, own[answers.anchor], stride)
            overlap = complete_iou(found, boxes[answers.finding])
            box_loss = box_loss + (1 - overlap).mean()
            wanted = _best_of_each_cell(wanted, place, overlap.detach().clamp(min=0))
            chosen = functional.one_hot(labels[answers.finding], terms.shape[1] - BOX_TERMS - PROTOTYPES)
            logits = terms[:, BOX_TERMS:-PROTOTYPES]
            label_loss = label_loss + functional.binary_cross_entropy_with_logits(logits, chosen.to(logits.dtype))
            mask_loss = mask_loss + _mask_loss(terms[:, -PROTOTYPES:], prototypes, truth, owner, answers.finding)
        cost = functional.binary_cross_entropy_with_logits(raw[..., BOX_TERMS - 1], wanted)
        objectness_loss = objectness_loss + weight * cost
    return {
        "loss_box": gains.box * box_loss,
        "loss_objectness": gains.objectness * objectness_loss,
        "loss_class": gains.label * label_loss,
        "loss_mask": gains.mask * mask_loss,
    }


def complete_iou(found: Tensor, wanted: Tensor) -> Tensor:
    """Return the CIoU (N,), at most 1, of boxes (N, 4) x0 y0 x1 y1 px: IoU less distance and difference in shape.

    Zheng et al. 2020, equations 7 to 11. Sides below `THINNEST` px count as such: the slope of a box that has vanished
    would be no number, as torchvision's is.
    """
    sides, wanted_sides = (
        (boxes[:, 2:] - boxes[:, :2]).clamp(min=THINNEST) for boxes in (found, wanted)
    )  # fmt: skip
    shared = torch.minimum(found[:, 2:], wanted[:, 2:]) - torch.maximum(found[:, :2], wanted[:, :2])
    both = shared.clamp(min=0).prod(1)
    iou = both / (sides.prod(1) + wanted_sides.prod(1) - both)
    around = torch.maximum(found[:, 2:], wanted[:, 2:]) - torch.minimum(found[:, :2], wanted[:, :2])
    away = (found[:, :2] + found[:, 2:] - wanted[:, :2] - wanted[:, 2:]) / 2
    distance = away.square().sum(1) / around.square().sum(1)
    turned = torch.atan2(wanted_sides[:, 0], wanted_sides[:, 1]) - torch.atan2(sides[:, 0], sides[:, 1])
    shape = 4 / math.pi**2 * turned.square()
    with torch.no_grad():
        weight = shape / (1 - iou + shape).clamp(min=1e-7)
    return iou - distance - weight * shape


def _best_of_each_cell(wanted: Tensor, place: tuple[Tensor, ...], values: Tensor) -> Tensor:
    """Return `wanted` with the largest of the `values` that fall to one place: two findings may share a cell."""
    flat = torch.zeros(len(values), dtype=torch.int64, device=values.device)
    for index, side in zip(place, wanted.shape, strict=True):
        flat = flat * side + index
    return wanted.reshape(-1).scatter_reduce(0, flat, values, "amax").reshape(wanted.shape)


def _mask_loss(
    mixture: Tensor, prototypes: Tensor, truth: Sequence[CanvasTruth], owner: Tensor, finding: Tensor
) -> Tensor:
    """Return the mean cost a pixel inside the finding's box, over the answers of an image, and over the images."""
    total = prototypes.sum() * 0
    before = 0
    for index, one in enumerate(truth):
        mine = owner == index
        own = finding[mine] - before
        before += len(one.labels)
        if not len(own):
            continue
        shown = torch.einsum("np,phw->nhw", mixture[mine], prototypes[index])
        cost = functional.binary_cross_entropy_with_logits(shown, one.masks[own], reduction="none")
        inside = _inside(one.boxes[own] / PROTOTYPE_STRIDE, shown.shape[1], shown.shape[2])
        total = total + ((cost * inside).sum((1, 2)) / inside.sum((1, 2)).clamp(min=1)).mean()
    return total / len(truth)


def _inside(boxes: Tensor, height: int, width: int) -> Tensor:
    """Return (N, height, width) 0 or 1: the centre of the pixel lies in the box (N, 4) of the same pixels."""
    x = torch.arange(width, device=boxes.device, dtype=boxes.dtype) + 0.5
    y = torch.arange(height, device=boxes.device, dtype=boxes.dtype) + 0.5
    left, top, right, below = (side[:, None] for side in boxes.unbind(1))
    across, down = (x >= left) & (x < right), (y >= top) & (y < below)
    return (down[:, :, None] & across[:, None, :]).to(boxes.dtype)
