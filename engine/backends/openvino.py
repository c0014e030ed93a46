"""OpenVINO on the processor: the quickest on a desk without a graphics card."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from engine.backends._contract import Backend, RawFindings, threads_text
from engine.backends._graph import OUTPUTS, as_findings, exported, only_processor, open_graph, unreadable
from engine.domain.case import ModelCard

if TYPE_CHECKING:
    from openvino import CompiledModel

SUFFIXES = (".xml", ".onnx")
"""Its own format first, which is read a little sooner."""


def import_openvino() -> ModuleType:
    """Import OpenVINO without the part that tells its maker of every start, over the network, unless it is stopped."""
    # Importing that part fails now, as if it weren't installed.
    sys.modules.setdefault("openvino_telemetry", cast("ModuleType", None))
    return importlib.import_module("openvino")


class OpenVinoRunner:
    """A network compiled for this processor."""

    def __init__(self, compiled: CompiledModel, version: str, threads: int) -> None:
        """Take a compiled model that has the graph's outputs, and OpenVINO's version."""
        self._compiled = compiled
        self._outputs = [compiled.output(name) for name in OUTPUTS]
        self.title = f"OpenVINO {version.partition('-')[0]}, CPU, {threads_text(threads)}"

    def find(self, image: NDArray[np.float32], floor: float = 0.0) -> RawFindings:
        """Return what the network finds in a grey image (H, W), 0..1, from the score `floor` on."""
        answers = self._compiled({"image": image, "floor": np.array(floor, np.float32)})
        return as_findings(answers[one] for one in self._outputs)


def _load(card_path: Path, card: ModelCard, threads: int, device: str) -> OpenVinoRunner:
    only_processor("openvino", device)
    openvino = import_openvino()
    graph = open_graph(card_path, card, SUFFIXES)
    core = openvino.Core()
    # Float32 wherever the processor would take fewer bits: findings are compared with torch's, and those are it.
    settings = {
        "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32",
        # A thread that is bound to one core holds up whoever else waits for that core, such as the window.
        "ENABLE_CPU_PINNING": False,
    }  # fmt: skip
    try:
        compiled = core.compile_model(core.read_model(graph), "CPU", settings)
    except RuntimeError as error:
        raise unreadable(graph, "OpenVINO", error) from error
    return OpenVinoRunner(compiled, openvino.__version__, threads)


BACKEND = Backend(
    name="openvino",
    title="OpenVINO",
    installed=lambda: importlib.util.find_spec("openvino") is not None,
    graph=lambda path, card: exported(path, card, SUFFIXES),
    load=_load,
)
