"""ONNX Runtime on the processor: runs wherever there is no OpenVINO."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backends._contract import RawFindings, threads_text
from engine.backends._graph import OUTPUTS, as_findings, graph_backend

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


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


def _start(graph: Path, threads: int) -> OnnxRuntimeRunner:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # Its warnings are of nodes that it could have left out.
    # Threads that wait for work in a loop would take the processor from the window.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    return OnnxRuntimeRunner(session, threads)


# Its classes of errors have no common base but Exception.
BACKEND = graph_backend("onnxruntime", "ONNX Runtime", (".onnx",), _start, Exception)
