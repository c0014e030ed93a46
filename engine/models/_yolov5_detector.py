"""YOLOv5-seg v7.0 behind the detector contract: letterbox, losses, suppression, masks on their boxes.

BatchNorm trains as published, on the statistics of each batch (`statistics: batch`): a cell of the coarsest scale is
32 px, so two films of 448 x 576 px still give it some 500 values a channel, and the running mean moves by 0.03 a step.
`running` keeps the statistics as they came, for a few films on top of trained weights.

Other than v7.0 does: boxes are cut off at the film's border before suppression, not after; masks are learned as shares
of a pixel, not as 0 or 1; the loss of objectness weighs the same at every size of input; weights aren't averaged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import boxes as box_ops
from torchvision.ops import roi_align

from engine.errors import ConfigError
from engine.models._contract import Detector, DetectorGraph, Family, Floor, RawDetections, Target
from engine.models._growth import learned
from engine.models._letterbox import GREY, Place, boxes_to_canvas, boxes_to_image, clip_to_image, on_canvas
from engine.models._letterbox import place_images as place
from engine.models._ranking import best_first
from engine.models._torchvision import chosen_options, train_with_fixed_statistics
from engine.models._yolov5_growth import grow_yolov5
from engine.models._yolov5_losses import CanvasTruth, Gains, segmentation_losses
from engine.models._yolov5_network import (
    BOX_TERMS,
    PROTOTYPE_STRIDE,
    PROTOTYPES,
    SIZES,
    STRIDES,
    YoloV5Seg,
    decode_boxes,
)
from engine.models._yolov5_public import from_public

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "short_side": 640,  # letterbox 640: the longer side of the film
        "long_side": 640,
        "statistics": "batch",  # of BatchNorm in training; running: they stay as they came
        "class_agnostic_nms": True,  # corrected mode; published within each class only
        "intact": False,  # True: intact bodies are learned by name too, and not reported, as in mask_rcnn
        "nms_iou": 0.5,
        "score_floor": 0.001,  # corrected mode, and the family's own
        "detections": 100,  # of 300 published; one evaluator sees 100 of every family
        "mask_cells": 28,  # a side of the grid a mask is handed over on, as Mask R-CNN's
        "box_gain": 0.05,
        "objectness_gain": 1.0,
        "class_gain": 0.5,  # for 80 labels; fewer have their share of it
        "mask_gain": 0.05,
    }
)
PAPER: Mapping[str, Any] = MappingProxyType({"class_agnostic_nms": False, "nms_iou": 0.6})
"""What the paper's mode sets otherwise: the family's own evaluation."""

LOSS_SCALE = 8.0
"""The family steps by 0.01 along the sum over 64 images, the training loop by 0.02 along the mean over 16 by default:
losses times 8 make that step as long for each image, so that one rate serves all families."""
CANDIDATES = 2000
"""So many of the best go into suppression; beyond them scores are noise, and the time is quadratic."""


class YoloV5Detector:
    """The detector: `losses` and `detect` over one network."""

    def __init__(self, size: str, labels: int, options: Mapping[str, Any]) -> None:
        """Build size n, s, m, l or x; `options` override `DEFAULTS`; ConfigError for unknown keys and statistics."""
        self.options = chosen_options(f"yolov5_seg_{size}", DEFAULTS, options)
        if self.options["statistics"] not in ("batch", "running"):
            raise ConfigError(f"statistics must be 'batch' or 'running', got {self.options['statistics']!r}")
        self._reported, known = labels, learned(labels, self.options)
        self.network = YoloV5Seg(SIZES[size], known)
        box, objectness, label, mask = (
            LOSS_SCALE * self.options[f"{name}_gain"] for name in ("box", "objectness", "class", "mask")
        )
        self._gains = Gains(box, objectness, label * known / 80, mask)

    def losses(self, images: Sequence[Tensor], targets: Sequence[Target]) -> dict[str, Tensor]:
        """Return the losses of boxes, objectness, labels and masks, in float32 whatever the network computes in."""
        if self.options["statistics"] == "running":
            train_with_fixed_statistics(self.network)
        else:
            self.network.train()
        places = self._places(images, shared=True)
        scales, prototypes = self.network(self._batch(images, places))
        truth = [_truth(target, where) for target, where in zip(targets, places, strict=True)]
        with torch.autocast(images[0].device.type, enabled=False):
            return segmentation_losses(
                [scale.float() for scale in scales], prototypes.float(), truth, self._anchors(), self._gains
            )

    @torch.no_grad()
    def detect(self, images: Sequence[Tensor], floor: Floor = 0.0) -> list[RawDetections]:
        """Return detections with masks on `mask_cells` x `mask_cells`; boxes in pixels of the image given.

        Images share a batch only where their canvases have one size, so that none sees another's padding.
        """
        self.network.eval()
        places = self._places(images, shared=False)
        alike: dict[tuple[int, int], list[int]] = {}
        for index, where in enumerate(places):
            alike.setdefault(where.canvas, []).append(index)
        found: dict[int, RawDetections] = {}
        for chosen in alike.values():
            batch = self._batch([images[index] for index in chosen], [places[index] for index in chosen])
            scales, prototypes = self.network(batch)
            with torch.autocast(batch.device.type, enabled=False):
                for row, index in enumerate(chosen):
                    own = [scale[row].float() for scale in scales]
                    found[index] = self.read(own, prototypes[row].float(), places[index], floor)
        return [found[index] for index in range(len(images))]

    def _places(self, images: Sequence[Tensor], *, shared: bool) -> list[Place]:
        sizes = [(image.shape[1], image.shape[2]) for image in images]
        return place(sizes, self.options["short_side"], self.options["long_side"], STRIDES[-1], shared=shared)

    def _batch(self, images: Sequence[Tensor], places: Sequence[Place]) -> Tensor:
        kind = next(self.network.parameters()).dtype
        return torch.stack([on_canvas(image, where, GREY) for image, where in zip(images, places, strict=True)]).to(
            kind
        )

    def _anchors(self) -> Tensor:
        return self.network.head.get_buffer("anchors").float()

    def read(self, scales: Sequence[Tensor], prototypes: Tensor, where: Place, floor: Floor) -> RawDetections:
        """Turn one image's logits (3, h, w, terms) a scale into its detections."""
        boxes, scores, labels, mixture = _candidates(scales, self._anchors(), self._reported, self.options)
        boxes = clip_to_image(boxes, where)
        seen = box_ops.remove_small_boxes(boxes, 1e-2)
        boxes, scores, labels, mixture = boxes[seen], scores[seen], labels[seen], mixture[seen]
        if self.options["class_agnostic_nms"]:
            kept = box_ops.nms(boxes, scores, self.options["nms_iou"])
        else:
            kept = box_ops.batched_nms(boxes, scores, labels, self.options["nms_iou"])
        kept = kept[: self.options["detections"]]
        kept = kept[scores[kept] >= floor]
        masks = masks_on_boxes(prototypes, mixture[kept], boxes[kept], self.options["mask_cells"])
        return RawDetections(boxes_to_image(boxes[kept], where), labels[kept] + 1, scores[kept], masks)


class YoloV5Graph(DetectorGraph):
    """The exported detector. The image comes in fitted, so it is only padded, by as much as its own size says."""

    def __init__(self, detector: YoloV5Detector) -> None:
        """Take a detector."""
        super().__init__(detector)
        self._read = detector.read

    def forward(self, image: Tensor, floor: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return boxes, labels, scores and masks, best first."""
        height, width = image.shape
        missing = [-side % STRIDES[-1] for side in (height, width)]
        top, left = (side // 2 for side in missing)
        padding = (left, missing[1] - left, top, missing[0] - top)
        canvas = functional.pad(image[None, None].expand(1, 3, -1, -1), padding, value=GREY)
        scales, prototypes = self.network(canvas)
        where = Place((height, width), (left, top), (1.0, 1.0), (canvas.shape[2], canvas.shape[3]))
        raw = self._read([scale[0] for scale in scales], prototypes[0], where, floor)
        return raw.boxes, raw.labels, raw.scores, raw.masks


def _candidates(
    scales: Sequence[Tensor], anchors: Tensor, reported: int, options: Mapping[str, Any]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the best boxes (N, 4) canvas px, scores (N,), labels (N,) 0-based, mask mixtures (N, 32), best first.

    Of the labels that the network tells apart the first, `reported`, are asked about.

    A score is objectness times the label's probability. Across classes a box speaks for its best label only, as the
    others would be suppressed by it; within classes it speaks for each.
    """
    terms = torch.cat([scale.flatten(0, 2) for scale in scales])
    product = terms[:, BOX_TERMS : BOX_TERMS + reported].sigmoid() * terms[:, BOX_TERMS - 1 : BOX_TERMS].sigmoid()
    if options["class_agnostic_nms"]:
        best, best_labels = product.max(1)
        rows = torch.nonzero(best > options["score_floor"]).squeeze(1)
        labels, scores = best_labels[rows], best[rows]
    else:
        rows, labels = torch.nonzero(product > options["score_floor"], as_tuple=True)
        scores = product[rows, labels]
    order = best_first(scores, CANDIDATES)
    rows, labels, scores = rows[order], labels[order], scores[order]
    boxes = torch.cat([_scale_boxes(*one) for one in zip(scales, anchors, STRIDES, strict=True)])
    return boxes[rows], scores, labels, terms[rows, -PROTOTYPES:]


def _scale_boxes(scale: Tensor, anchors: Tensor, stride: int) -> Tensor:
    """Return the boxes of all cells of one scale (3, h, w, terms), in the order of its flattened cells."""
    count, rows, columns, _terms = scale.shape
    y, x = torch.meshgrid(
        torch.arange(rows, device=scale.device), torch.arange(columns, device=scale.device), indexing="ij"
    )
    cells = torch.stack([x, y], 2).expand(count, rows, columns, 2).reshape(-1, 2)
    own = anchors[:, None, None].expand(count, rows, columns, 2).reshape(-1, 2)
    return decode_boxes(scale.flatten(0, 2), cells, own, stride)


def masks_on_boxes(prototypes: Tensor, mixture: Tensor, boxes: Tensor, cells: int) -> Tensor:
    """Return (N, cells, cells) probabilities that cover boxes (N, 4) canvas px evenly, borders included.

    `prototypes` (32, h, w) at a quarter of the canvas are mixed by `mixture` (N, 32). Probabilities are interpolated,
    not logits: they were learned as the share of a pixel that is covered. Many pixels a cell are averaged.
    """
    shown = torch.einsum("np,phw->nhw", mixture, prototypes).sigmoid()
    rows = torch.arange(boxes.shape[0], device=boxes.device, dtype=boxes.dtype)
    regions = torch.cat([rows[:, None], boxes / PROTOTYPE_STRIDE], 1)
    sampled: Tensor = roi_align(shown[:, None], regions, cells, sampling_ratio=-1, aligned=True)
    return sampled[:, 0].clamp(0, 1)


def _truth(target: Target, where: Place) -> CanvasTruth:
    """Move one image's truth to its canvas; a prototype's pixel is worth the share of it that a mask covers."""
    if len(target.masks):
        masks = on_canvas(target.masks.float(), where, 0.0)
        covered = functional.avg_pool2d(masks[:, None], PROTOTYPE_STRIDE)[:, 0].clamp(0, 1)
    else:
        covered = target.masks.new_zeros((0, *(side // PROTOTYPE_STRIDE for side in where.canvas))).float()
    return CanvasTruth(boxes_to_canvas(target.boxes, where), target.labels - 1, covered)


def _graph_of(detector: Detector) -> DetectorGraph:
    if not isinstance(detector, YoloV5Detector):
        raise TypeError(f"expected a YOLOv5 detector, got {type(detector).__name__}")
    return YoloV5Graph(detector)


def yolov5_family(size: str) -> Family:
    """Return the registry's row for size n, s, m, l or x."""
    return Family(
        name=f"yolov5_seg_{size}",
        title=f"YOLOv5-seg {size}, v7.0",
        source="Jocher et al., YOLOv5 v7.0, 2022 (layer facts only); masks after Bolya et al., ICCV 2019",
        options=DEFAULTS,
        paper=PAPER,
        build=partial(YoloV5Detector, size),
        translate=from_public,
        grow=grow_yolov5,
        graph=_graph_of,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
    )
