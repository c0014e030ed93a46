"""OpenVINO on the processor: the quickest on a desk without a graphics card."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from engine.backends._compiled import compiled
from engine.backends._contract import RawFindings, threads_text
from engine.backends._graph import EIGHT_BITS, OUTPUTS, as_findings, graph_backend

if TYPE_CHECKING:
    from openvino import CompiledModel


def import_openvino() -> ModuleType:
    """Import OpenVINO without the part that tells its maker of every start, over the network, unless it is stopped."""
    # Importing that part fails now, as if it weren't installed.
    sys.modules.setdefault("openvino_telemetry", cast("ModuleType", None))
    return importlib.import_module("openvino")


class OpenVinoRunner:
    """A network compiled for this processor."""

    def __init__(self, compiled: CompiledModel, title: str) -> None:
        """Take a compiled model that has the graph's outputs, and what to call it."""
        self._compiled = compiled
        self._outputs = [compiled.output(name) for name in OUTPUTS]
        self.title = title

    def find(self, image: NDArray[np.float32], floor: float = 0.0) -> RawFindings:
        """Return what the network finds in a grey image (H, W), 0..1, from the score `floor` on."""
        answers = self._compiled({"image": image, "floor": np.array(floor, np.float32)})
        return as_findings(answers[one] for one in self._outputs)


def _start(graph: Path, threads: int) -> OpenVinoRunner:
    openvino = import_openvino()
    # Float32 wherever the graph doesn't say otherwise, though the processor may be quicker in bfloat16: findings are
    # compared with torch's, and those are it.
    settings = {
        "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32",
        # A thread that is bound to one core holds up whoever else waits for that core, such as the window.
        "ENABLE_CPU_PINNING": False,
    }  # fmt: skip
    title = f"OpenVINO {openvino.__version__.partition('-')[0]}, CPU, {threads_text(threads)}"
    if any(layer in graph.read_bytes() for layer in (b"QuantizeLinear", b"FakeQuantize")):
        title += ", partly in 8 bits"
    return OpenVinoRunner(compiled(openvino, graph, settings), title)


BACKEND = graph_backend("openvino", "OpenVINO", (".xml", EIGHT_BITS, ".onnx"), _start, RuntimeError)
"""Its own format first: who asked for it has both."""
