"""Layers of an exported network that multiply in eight bits, which processors do up to four times as fast as float32.

Which layers may, their family says (`Family.eight_bits`). What comes into a layer has 256 steps over the range seen on
films. Filters have seven bits: older processors add two products in 16, which filters of eight could overflow. They are
rounded as the graph is loaded, from the card's shards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from engine.backends._graph import EIGHT_BITS, graph_path, own_name
from engine.domain.case import ModelCard
from engine.formats._atomic import write_atomic
from engine.models import load_family
from engine.weights import load_weights

STEPS, LARGEST_FILTER = 255, 63


def write_eight_bits(card_path: Path, card: ModelCard, images: Sequence[NDArray[np.float32]]) -> int:
    """Write the graph in eight bits beside a card's graph in float32; return its layers in eight bits, 0 for no file.

    `images` (H, W), 0..1, that fit the card's input size, are run to see how far values range.
    """
    made = onnx.load(graph_path(card_path, card), load_external_data=False)
    pattern = load_family(card.model).eight_bits
    chosen = [node for node in made.graph.node
              if node.op_type == "Conv" and re.fullmatch(pattern, own_name(node.input[1]))]  # fmt: skip
    if not chosen:
        return 0
    ranges = _ranges(card_path.parent, made, sorted({node.input[0] for node in chosen}), images)
    weights = load_weights(card_path, card)
    filters = {name: _filter_steps(weights[own_name(name)]) for name in sorted({node.input[1] for node in chosen})}
    ahead = {name: _rounded(made, name, *_value_steps(*ends)) for name, ends in ranges.items()}
    ahead |= {name: _rounded(made, name, steps, np.zeros(steps.shape, np.int8)) for name, steps in filters.items()}
    outputs = {node.output[0] for node in chosen}
    nodes: list[onnx.NodeProto] = []
    for node in made.graph.node:
        if node.output[0] in outputs:
            for place in (0, 1):
                nodes.extend(ahead.pop(node.input[place], ()))
                node.input[place] = f"{node.input[place]}.rounded"
        nodes.append(node)
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    write_atomic(graph_path(card_path, card, EIGHT_BITS), made.SerializeToString())
    return len(chosen)


def _ranges(
    folder: Path, made: onnx.ModelProto, tensors: Sequence[str], images: Sequence[NDArray[np.float32]]
) -> dict[str, tuple[float, float]]:
    """Return the least and the largest value of each tensor on any image; the graph's weights lie in `folder`."""
    probed = onnx.ModelProto()
    probed.CopyFrom(made)
    asked = []
    for tensor in tensors:
        for kind in ("ReduceMin", "ReduceMax"):
            asked.append(f"{tensor}.{kind}")
            probed.graph.node.append(helper.make_node(kind, [tensor], [asked[-1]], keepdims=0))
            probed.graph.output.append(helper.make_tensor_value_info(asked[-1], TensorProto.FLOAT, []))
    path = folder / "ranges.onnx"
    path.write_bytes(probed.SerializeToString())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    seen = np.array([session.run(asked, {"image": image, "floor": np.array(0, np.float32)}) for image in images])
    path.unlink()
    ends = zip(seen[:, ::2].min(axis=0).tolist(), seen[:, 1::2].max(axis=0).tolist(), strict=True)
    return dict(zip(tensors, ends, strict=True))


def _value_steps(least: float, largest: float) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return the step of values between these two, and which of the 256 is zero: zero stays exact."""
    least, largest = min(0.0, least), max(0.0, largest)
    step = (largest - least) / STEPS or 1.0
    return np.array(step, np.float32), np.array(round(-least / step), np.uint8)


def _filter_steps(weights: Tensor) -> NDArray[np.float32]:
    """Return the step of each filter of a layer, one for each channel that comes out."""
    largest = weights.abs().amax(dim=tuple(range(1, weights.ndim))).numpy()
    return np.where(largest > 0, largest / LARGEST_FILTER, 1).astype(np.float32)


def _rounded(
    made: onnx.ModelProto, tensor: str, steps: NDArray[np.float32], zero: NDArray[np.generic]
) -> list[onnx.NodeProto]:
    """Return the two nodes that round a tensor, as `<tensor>.rounded`; their constants are added to the graph."""
    constants = (f"{tensor}.step", f"{tensor}.zero")
    for name, values in zip(constants, (steps, zero), strict=True):
        made.graph.initializer.append(numpy_helper.from_array(values, name))
    return [
        helper.make_node("QuantizeLinear", [tensor, *constants], [f"{tensor}.steps"], axis=0),
        helper.make_node("DequantizeLinear", [f"{tensor}.steps", *constants], [f"{tensor}.rounded"], axis=0),
    ]
