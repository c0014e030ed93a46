"""PyTorch: any card, exported or not, on the processor (`torch:cpu`) or a graphics card (`torch:cuda`, `torch:mps`)."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from engine.backends._contract import Backend, Runner
from engine.domain.case import ModelCard


def _load(card_path: Path, card: ModelCard, threads: int, device: str) -> Runner:
    from engine.backends._detector import load_runner

    return load_runner(card_path, card, threads, device)


BACKEND = Backend(
    name="torch",
    title="PyTorch",
    installed=lambda: importlib.util.find_spec("torch") is not None,
    graph=lambda path, _card: path,
    load=_load,
)
