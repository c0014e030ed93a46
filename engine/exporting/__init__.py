"""Trained networks as graphs that run without PyTorch, checked against it before they are offered.

The ONNX graph is traced with one film; it holds no weights, but names their places in the card's shards, where they lie
as float16. Beside it stands one some of whose layers multiply in eight bits, for OpenVINO, where that finds the same.
OpenVINO's own format is made of the quicker one, and holds a copy of the weights.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnx
import torch

from engine.backends._detector import load_detector
from engine.backends._graph import EIGHT_BITS, OUTPUTS, graph_path, own_name
from engine.backends.openvino import import_openvino
from engine.domain.annotation import Shape
from engine.domain.case import NOTICE, ModelCard, Prediction
from engine.domain.polygon import polygon_iou
from engine.errors import ConfigError, ModelError, WeightsError
from engine.exporting._eight_bits import write_eight_bits
from engine.films import Film
from engine.films.display import film_to_grey
from engine.formats._atomic import write_atomic
from engine.models import load_family
from engine.predict import load_model, network_image, predict
from engine.weights import read_card

OPSET = 18
FORMATS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "onnx": ((".onnx", EIGHT_BITS), ("onnxruntime", "openvino")),
        "openvino": ((".xml", ".bin"), ("openvino",)),
    }
)
"""What can be written: the suffixes of its files, and the backends that run it, with which it is checked."""
MOST_PROBED = 12
"""Films that are run to see how far values range."""
SAME_OUTLINE, SAME_SCORE = 0.98, 0.02
"""IoU at least, and difference of the score at most, by which a finding is the same one."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How an exported network compares with PyTorch's: films, findings of all backends, worst IoU and score apart.

    `eight_bits` of its layers multiply so, or `refused` says why none does.
    """

    films: int
    findings: int
    worst_iou: float
    worst_score: float
    eight_bits: int = 0
    refused: str = ""


def export_model(card_path: Path, to: str, films: Sequence[Film], floor: float = 0.05) -> tuple[Path, Agreement]:
    """Write the network of a card as `onnx` or `openvino` beside it, once it finds the same on `films` as PyTorch.

    Findings of at least `floor` score are compared: as many, of the same labels, outlines of IoU 0.98 or more, scores
    within 0.02. Where layers in eight bits pass that check too, OpenVINO uses them. Raises ConfigError for a format
    that isn't known and for no films, WeightsError, and ModelError where findings differ; then nothing is written.
    """
    if to not in FORMATS:
        raise ConfigError(f"a model is exported to {' or '.join(FORMATS)}, got {to!r}")
    if not films:
        raise ConfigError("an export is checked on films, and there are none; name a folder of films")
    suffixes, backends = FORMATS[to]
    card = read_card(card_path)
    with _aside(card_path, card) as trial:
        write_graph(trial)
        expected = _by_torch(trial, films, floor)
        try:
            agreement = _compare(trial, backends, films, expected, floor)
            agreement = _with_eight_bits(trial, card, films, expected, floor, agreement)
            if to == "openvino":
                _write_openvino(trial, card, EIGHT_BITS if agreement.eight_bits else ".onnx")
                written = _compare(trial, backends, films, expected, floor)
                agreement = replace(written, eight_bits=agreement.eight_bits, refused=agreement.refused)
        except ModelError as error:
            raise ModelError(f"{error}; the model isn't exported") from error
        return _offer(trial, card_path, card, suffixes), agreement


def _with_eight_bits(
    trial: Path, card: ModelCard, films: Sequence[Film], expected: Sequence[Prediction], floor: float, plain: Agreement
) -> Agreement:
    """Write the graph in eight bits where it finds the same; return how both graphs compare with PyTorch."""
    # What fixes the rounding is not all that it is checked on.
    images = [network_image(film_to_grey(film), card.input_size)[0] for film in films[::2][:MOST_PROBED]]
    layers = write_eight_bits(trial, card, images)
    if not layers:
        return plain
    try:
        rounded = _compare(trial, ("openvino",), films, expected, floor)
    except ModelError as error:
        graph_path(trial, card, EIGHT_BITS).unlink()
        return replace(plain, refused=str(error))
    return Agreement(
        plain.films, plain.findings + rounded.findings, min(plain.worst_iou, rounded.worst_iou),
        max(plain.worst_score, rounded.worst_score), layers,
    )  # fmt: skip


def _offer(trial: Path, card_path: Path, card: ModelCard, suffixes: Sequence[str]) -> Path:
    """Put the files that were made beside the card, in place of those of an earlier export; return the first."""
    for suffix in reversed(suffixes):  # Who finds the first has all.
        made, target = graph_path(trial, card, suffix), graph_path(card_path, card, suffix)
        if made.exists():
            os.replace(made, target)
        else:
            target.unlink(missing_ok=True)
    return graph_path(card_path, card, suffixes[0])


def compare_with_torch(card_path: Path, backends: Sequence[str], films: Sequence[Film], floor: float) -> Agreement:
    """Predict films by PyTorch and by other backends; raises ModelError that names the film where findings differ."""
    return _compare(card_path, backends, films, _by_torch(card_path, films, floor), floor)


def _by_torch(card_path: Path, films: Sequence[Film], floor: float) -> list[Prediction]:
    plain = load_model(card_path, "torch:cpu")
    return [predict(film, plain, floor=floor) for film in films]


def _compare(
    card_path: Path, backends: Sequence[str], films: Sequence[Film], predictions: Sequence[Prediction], floor: float
) -> Agreement:
    """Predict films by other backends than PyTorch, whose `predictions` they are compared with."""
    others = {name: load_model(card_path, name) for name in backends}
    worst_iou, worst_score, findings = 1.0, 0.0, 0
    for film, expected in zip(films, predictions, strict=True):
        for backend, other in others.items():
            for one, two in _pairs(film, expected, predict(film, other, floor=floor), backend):
                worst_iou = min(worst_iou, polygon_iou(one.polygon, two.polygon))
                worst_score = max(worst_score, abs((one.score or 0.0) - (two.score or 0.0)))
                findings += 1
            if worst_iou < SAME_OUTLINE or worst_score > SAME_SCORE:
                raise ModelError(
                    f"{film.path.name}: {backend} finds other outlines or scores than PyTorch (IoU {worst_iou:.3f}, "
                    f"scores {worst_score:.3f} apart; allowed: {SAME_OUTLINE}, {SAME_SCORE})"
                )
    return Agreement(len(films), findings, worst_iou, worst_score)


def _pairs(film: Film, expected: Prediction, got: Prediction, backend: str) -> Iterator[tuple[Shape, Shape]]:
    """Pair findings of one label by their overlap, which an equal score, in any order, would not tell."""
    left = list(got.shapes)
    for one in expected.shapes:
        same = [two for two in left if two.label == one.label]
        if not same:
            break
        two = max(same, key=lambda other: polygon_iou(one.polygon, other.polygon))
        left.remove(two)
        yield one, two
    if len(expected.shapes) != len(got.shapes) or left:
        told = ["; ".join(f"{shape.label} {shape.score:.3f}" for shape in each.shapes) for each in (expected, got)]
        raise ModelError(f"{film.path.name}: PyTorch finds [{told[0]}], {backend} finds [{told[1]}]")


def write_graph(card_path: Path) -> Path:
    """Trace the network of a card, and write it as ONNX beside the card, its weights left in the shards."""
    card = read_card(card_path)
    detector = load_detector(card_path, card)
    height, width = _traced_size(card.input_size)
    # A ramp: on a blank film there might be no finding at all, and the way through the mask head isn't traced.
    image = torch.linspace(0, 1, height * width).reshape(height, width).sin()
    graph = load_family(card.model).graph(detector).eval()
    path = graph_path(card_path, card)
    part = path.with_name(f"{path.name}.part")
    with warnings.catch_warnings():
        # What is fixed by tracing, and that this way of export is the older one: the check tells whether it matters.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph, (image, torch.tensor(0.0)), part, dynamo=False, opset_version=OPSET, input_names=["image", "floor"],
            output_names=list(OUTPUTS), training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
            dynamic_axes={"image": {0: "height", 1: "width"}, **{name: {0: "findings"} for name in OUTPUTS}},
        )  # fmt: skip
    made = onnx.load(part)
    part.unlink()
    _leave_weights(made, weight_places(card_path, card))
    made.producer_name, made.doc_string = "vcfviewer", f"{card.name}. {NOTICE}"
    write_atomic(path, made.SerializeToString())
    return path


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor's numbers lie: file, bytes from its start, length in bytes, dtype, shape."""

    file: str
    offset: int
    length: int
    dtype: str
    shape: tuple[int, ...]


def weight_places(card_path: Path, card: ModelCard) -> dict[str, Place]:
    """Return where each tensor of a card lies in its shards; raises WeightsError."""
    places = {}
    for name in card.shards:
        with (card_path.parent / name).open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            try:
                header = json.loads(file.read(size))
            except ValueError as error:
                raise WeightsError(card_path.parent / name, f"expected a safetensors file, got {error}") from error
        for key, told in header.items():
            if key != "__metadata__":
                start, end = told["data_offsets"]
                places[key] = Place(name, 8 + size + start, end - start, told["dtype"], tuple(told["shape"]))
    return places


def _leave_weights(made: onnx.ModelProto, places: Mapping[str, Place]) -> None:
    """Put in place of each tensor that stands in a shard its place there, and the step from float16."""
    casts = []
    for tensor in made.graph.initializer:
        place = places.get(own_name(tensor.name))
        if place is None or place.dtype != "F16" or tuple(tensor.dims) != place.shape:
            continue
        half = f"{tensor.name}.float16"
        casts.append(onnx.helper.make_node("Cast", [half], [tensor.name], to=onnx.TensorProto.FLOAT))
        tensor.ClearField("raw_data")
        tensor.ClearField("float_data")
        tensor.name, tensor.data_type = half, onnx.TensorProto.FLOAT16
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", place.file), ("offset", place.offset), ("length", place.length)):
            tensor.external_data.add(key=key, value=str(value))
    nodes = [*casts, *made.graph.node]
    del made.graph.node[:]
    made.graph.node.extend(nodes)


def _write_openvino(card_path: Path, card: ModelCard, suffix: str) -> None:
    openvino = import_openvino()
    graph = openvino.Core().read_model(graph_path(card_path, card, suffix))
    openvino.save_model(graph, graph_path(card_path, card, ".xml"), compress_to_fp16=False)


@contextmanager
def _aside(card_path: Path, card: ModelCard) -> Iterator[Path]:
    """Yield a copy of a card in a folder beside it, with the same shards: what is tried there nobody finds."""
    try:
        trial = tempfile.TemporaryDirectory(dir=card_path.parent, prefix=".export-")
    except OSError as error:
        reason = f"can't be written to ({error.strerror}); export a copy of the card and its shards in another folder"
        raise WeightsError(card_path.parent, reason) from error
    with trial as name:
        folder = Path(name)
        for shard in card.shards:
            try:
                os.link(card_path.parent / shard, folder / shard)
            except OSError:  # Not on this disk, or not by this user.
                shutil.copyfile(card_path.parent / shard, folder / shard)
        shutil.copyfile(card_path, folder / card_path.name)
        yield folder / card_path.name


def _traced_size(input_size: tuple[int, int]) -> tuple[int, int]:
    """Return (height, width) px of a film half as wide as high that fits."""
    short, long = min(input_size), max(input_size)
    height = min(long, 2 * short)
    return height, int(np.ceil(height / 2))
