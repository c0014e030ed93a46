"""What runs a model: OpenVINO, ONNX Runtime or PyTorch. One file each; the folder is the registry.

Decision: a whole detector, suppression and masks included, is exported as one graph. Rejected: graphs of the parts with
numpy between them, which would be every family's post-processing a second time. Consequence: a detector's `detect` must
be traceable, and a backend knows nothing of families.
"""

from __future__ import annotations

import ctypes.util
import importlib
import os
import pkgutil
import sys
from pathlib import Path

from engine.backends._contract import Backend, Runner
from engine.domain.case import ModelCard
from engine.errors import ConfigError, WeightsError

PREFERRED = ("openvino", "onnxruntime", "torch")
"""On a processor, the quickest first."""


def backend_names() -> tuple[str, ...]:
    """Return the backends of this folder, by name."""
    return tuple(sorted(one.name for one in pkgutil.iter_modules(__path__) if not one.name.startswith("_")))


def load_backend(name: str) -> Backend:
    """Import one row of the registry, not what it stands for; raises ConfigError that lists the known ones."""
    if name not in backend_names():
        raise ConfigError(f"there is no backend {name!r}; known: auto, {', '.join(backend_names())}")
    backend: Backend = importlib.import_module(f"engine.backends.{name}").BACKEND
    return backend


def open_runner(card_path: Path, card: ModelCard, wanted: str = "auto", threads: int | None = None) -> Runner:
    """Load a model for prediction.

    `wanted` is a backend's name, with a device behind a colon where it knows several, or `auto`: a graphics card by
    PyTorch, else the quickest of `PREFERRED` that is installed and has the card's network. `threads` that compute: by
    default all cores. Raises ConfigError, WeightsError.
    """
    name, _colon, device = wanted.partition(":")
    backend = _best(card_path, card) if wanted == "auto" else load_backend(name)
    if not backend.installed():
        raise ConfigError(f"backend {name}: {backend.title} isn't installed; install it, or use another backend")
    return backend.load(card_path, card, threads or os.cpu_count() or 1, device)


def _best(card_path: Path, card: ModelCard) -> Backend:
    able = {one.name: one for one in map(load_backend, PREFERRED) if one.installed()}
    if "torch" in able and _graphics_card():
        return able["torch"]
    for backend in able.values():
        if backend.graph(card_path, card) is not None:
            return backend
    raise WeightsError(
        card_path, "the model was not exported for OpenVINO or ONNX Runtime, and PyTorch isn't installed; "
        "run vcf-engine export-model on its card where PyTorch is",
    )  # fmt: skip


def _graphics_card() -> bool:
    """Whether the driver of an NVIDIA card is there, told without importing torch."""
    if sys.platform == "win32":
        return ctypes.util.find_library("nvcuda") is not None
    return Path("/proc/driver/nvidia/version").exists()
