"""ONNX Runtime on the processor: runs wherever there is no OpenVINO."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backends._contract import Backend, RawFindings, threads_text
from engine.backends._graph import OUTPUTS, as_findings, exported, only_processor, open_graph, unreadable
from engine.domain.case import ModelCard

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SUFFIXES = (".onnx",)


class OnnxRuntimeRunner:
    """A session of ONNX Runtime."""

    def __init__(self, session: InferenceSession, threads: int) -> None:
        """Take a session that has the graph's outputs."""
        from onnxruntime import __version__

        self._session = session
        self.title = f"ONNX Runtime {__version__}, CPU, {threads_text(threads)}"

    def find(self, image: NDArray[np.float32], floor: float = 0.0) -> RawFindings:
        """Return what the network finds in a grey image (H, W), 0..1, from the score `floor` on."""
        given = {"image": image, "floor": np.array(floor, np.float32)}
        return as_findings(self._session.run(list(OUTPUTS), given))


def _load(card_path: Path, card: ModelCard, threads: int, device: str) -> OnnxRuntimeRunner:
    import onnxruntime

    only_processor("onnxruntime", device)
    graph = open_graph(card_path, card, SUFFIXES)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # Its warnings are of nodes that it could have left out.
    # Threads that wait for work in a loop would take the processor from the window.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # Its classes of errors have no common base but this one.
        raise unreadable(graph, "ONNX Runtime", error) from error
    return OnnxRuntimeRunner(session, threads)


BACKEND = Backend(
    name="onnxruntime",
    title="ONNX Runtime",
    installed=lambda: importlib.util.find_spec("onnxruntime") is not None,
    graph=lambda path, card: exported(path, card, SUFFIXES),
    load=_load,
)
