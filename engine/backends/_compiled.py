"""Networks as OpenVINO compiled them, kept in the user's cache folder: read again in a sixth of the time.

A file is its own sha256 and then what OpenVINO exports, some 190 MB for a ResNet-101. Its name is a hash of all that it
depends on: the graph, the package, the processor, the settings. The three that were used last are kept.

Decision: our own files. Rejected: OpenVINO's CACHE_DIR, which writes them in place, so that a process that starts
meanwhile reads half a file, and never deletes one. Consequence: a file that can't be used is made anew, and one that
can't be written isn't kept; neither is told, for nothing but time is lost.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from engine.formats._atomic import write_atomic
from engine.store import user_cache_folder

if TYPE_CHECKING:
    from openvino import CompiledModel, Core

FORMAT = 1
KEPT = 3
WORTH_IT = 0.5
"""What compiled in fewer seconds isn't kept."""

_SETTINGS_OF_A_RUN = ("INFERENCE_NUM_THREADS", "ENABLE_CPU_PINNING", "PERFORMANCE_HINT")
_DIGEST = 32


def compiled(
    openvino: ModuleType, graph: Path, settings: Mapping[str, object], worth_it: float = WORTH_IT
) -> CompiledModel:
    """Return a graph compiled for the processor; raises RuntimeError for one that OpenVINO can't read.

    What took `worth_it` seconds or more is kept for the next time.
    """
    core = openvino.Core()
    path = user_cache_folder() / "compiled" / f"{_key(openvino, core, graph, settings)}.blob"
    known = _read(openvino, core, path, settings)
    if known is not None:
        return known
    started = time.perf_counter()
    made: CompiledModel = core.compile_model(core.read_model(graph), "CPU", dict(settings))
    if time.perf_counter() - started >= worth_it:
        _keep(path, made)
    return made


def _key(openvino: ModuleType, core: Core, graph: Path, settings: Mapping[str, object]) -> str:
    """Return what a compiled network depends on; the graph's name stands for the weights that it takes from shards."""
    weights = graph.with_suffix(".bin")  # Beside OpenVINO's own format.
    parts = {
        "format": FORMAT,
        "graph": [graph.name, hashlib.sha256(graph.read_bytes()).hexdigest()],
        "weights": [weights.stat().st_size, weights.stat().st_mtime_ns] if weights.is_file() else [],
        "package": openvino.__version__,
        "processor": [core.get_property("CPU", one) for one in ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES")],
        "settings": {name: value for name, value in settings.items() if name not in _SETTINGS_OF_A_RUN},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _read(openvino: ModuleType, core: Core, path: Path, settings: Mapping[str, object]) -> CompiledModel | None:
    try:
        held = np.fromfile(path, np.uint8)
        path.touch()  # The one used last.
    except OSError:
        return None
    if hashlib.sha256(held[_DIGEST:].data).digest() != held[:_DIGEST].tobytes():
        return None
    try:
        network: CompiledModel = core.import_model(openvino.Tensor(held[_DIGEST:]), "CPU", dict(settings))
    except RuntimeError:
        return None
    return network


def _keep(path: Path, made: CompiledModel) -> None:
    data = made.export_model().getbuffer()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, b"".join((hashlib.sha256(data).digest(), data)))
        for old in _unwanted(path.parent):
            old.unlink(missing_ok=True)
    except OSError:
        return


def _unwanted(folder: Path) -> Iterator[Path]:
    """Yield all files but those used last; what a process that was killed left half-written goes with the old ones."""
    by_age = sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
    yield from by_age[KEPT:]
