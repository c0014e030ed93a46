"""A model far too small to find anything right, and films for it: quick to make, quick to run."""

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
import torch

from engine.domain.case import ModelCard
from engine.domain.labels import PAPER_CLASSES
from engine.models import load_family
from engine.weights import read_card, save_weights, write_card

OPTIONS = {"depth": 18, "rois_per_image": 16, "proposals_train": 40, "proposals_test": 40}


def make_tiny_card(folder: Path, size: tuple[int, int] = (96, 128)) -> Path:
    """The card of an untrained network: its findings are noise, all of a score of about a seventh."""
    torch.manual_seed(5)
    detector = load_family("mask_rcnn").build(len(PAPER_CLASSES), OPTIONS)
    card = ModelCard(
        "mask_rcnn", PAPER_CLASSES, size, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 0.5, "", name="tiny",
        options=OPTIONS,
    )  # fmt: skip
    return save_weights(folder, card, detector.network.state_dict())


FAMILIES = MappingProxyType({
    "mask_rcnn": OPTIONS,
    "cascade_mask_rcnn": OPTIONS,
    "yolact": {"depth": 18, "size": 96},
    "yolov5_seg_n": {},
})  # fmt: skip
"""One family of each kind, and how it is built small."""


def make_family_card(folder: Path, family: str, threshold: float = 0.5, size: tuple[int, int] = (96, 128)) -> Path:
    """The card of an untrained network of a family, called `tiny FAMILY`, with real weights beside it."""
    torch.manual_seed(5)
    options = dict(FAMILIES[family])
    made = load_family(family)
    detector = made.build(len(PAPER_CLASSES), {**options, "short_side": size[0], "long_side": size[1]})
    card = ModelCard(
        family, PAPER_CLASSES, size, made.mean, made.std, threshold, "", name=f"tiny {family}", options=options
    )
    return save_weights(folder, card, detector.network.state_dict())


def make_quick_card(folder: Path) -> Path:
    """The card of the quickest network, untrained, with biases that let some findings of a score of a tenth through."""
    torch.manual_seed(5)
    made, size = load_family("yolov5_seg_n"), (96, 128)
    state = made.build(len(PAPER_CLASSES), {"short_side": size[0], "long_side": size[1]}).network.state_dict()
    for name in ("head.predict.0.bias", "head.predict.1.bias", "head.predict.2.bias"):
        anchors = state[name].view(3, -1)
        anchors[:, 4 : 5 + len(PAPER_CLASSES)] += 2.5
        anchors[:, 5 + len(PAPER_CLASSES) :] += 1  # Masks that fill their boxes.
    card = ModelCard("yolov5_seg_n", PAPER_CLASSES, size, made.mean, made.std, 0.0, "", name="quick")
    return save_weights(folder, card, state)


def with_input_size(card: Path, name: str, size: tuple[int, int]) -> Path:
    """Another card of the same weights, which shows the network its films larger or smaller."""
    path = card.with_name(f"{name}.card.json")
    write_card(path, replace(read_card(card), name=name, input_size=size))
    return path


def damaged(card: Path, folder: Path) -> Path:
    """A copy of a card whose weights have one wrong byte."""
    folder.mkdir()
    path = folder / card.name
    path.write_bytes(card.read_bytes())
    for name in read_card(card).shards:
        data = bytearray((card.parent / name).read_bytes())
        data[-1] ^= 1
        (folder / name).write_bytes(bytes(data))
    return path


def make_film(path: Path, size: tuple[int, int] = (320, 240)) -> Path:
    """A grey film with a bright block, 8 bit."""
    pixels = np.tile(np.linspace(20, 120, size[1]), (size[0], 1)).astype(np.uint8)
    cv2.rectangle(pixels, (60, 80), (150, 200), 220, -1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return path


def make_annotated(path: Path, level: str = "L1", size: tuple[int, int] = (320, 240)) -> Path:
    """A film with a labelme file beside it, in which the bright block is a fracture."""
    make_film(path, size)
    points = [[60.5, 80.5], [105.0, 79.0], [150.5, 80.5], [150.5, 200.5], [105.0, 199.0], [60.5, 200.5]]
    shape = {"label": level, "points": points, "group_id": None, "shape_type": "polygon", "flags": {}}
    record = {"version": "5.0.1", "flags": {}, "shapes": [shape], "imagePath": path.name, "imageData": None,
              "imageHeight": size[0], "imageWidth": size[1]}  # fmt: skip
    path.with_suffix(".json").write_text(json.dumps(record))
    return path
