"""Exported networks beside their card: which file belongs to a card, and what it holds.

The graph is an ONNX file without weights: it names places in the card's safetensors shards, in the same folder, and is
about a hundredth of their size. Inputs: `image` (H, W), 0..1, and `floor` (), both float32. Outputs: `boxes`, `labels`,
`scores` and `masks` as in `RawFindings`, float32.

Everything that the graph depends on stands, hashed, in its file name. A card whose options or weights changed has
another name, so an old graph is never taken for its own.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.backends._contract import Backend, RawFindings, Runner
from engine.domain.case import ModelCard
from engine.errors import ConfigError, WeightsError
from engine.weights import check_shards

FORMAT = 2
"""Counts up when graphs are made in another way, so that old ones are made anew."""
EIGHT_BITS = ".int8.onnx"
"""Suffix of the graph some of whose layers multiply in eight bits, beside that in float32."""
OUTPUTS = ("boxes", "labels", "scores", "masks")


def fingerprint(card: ModelCard) -> str:
    """Return twelve characters that stand for the network, its weights, and its settings."""
    return hashlib.sha256(f"{FORMAT} {card.sha256} {card.settings_key}".encode()).hexdigest()[:12]


def own_name(tensor: str) -> str:
    """Return what a tensor of an exported graph is called in the weights."""
    return tensor.removeprefix("network.")


def graph_path(card_path: Path, card: ModelCard, suffix: str = ".onnx") -> Path:
    """Return where the exported network of a card lies, or would lie."""
    return card_path.with_name(f"{card_path.name.removesuffix('.card.json')}-{fingerprint(card)}{suffix}")


def exported(card_path: Path, card: ModelCard, suffixes: Iterable[str]) -> Path | None:
    """Return the exported network of a card in the first of these formats that is there."""
    return next((path for one in suffixes if (path := graph_path(card_path, card, one)).is_file()), None)


def graph_backend(
    name: str, title: str, suffixes: tuple[str, ...], start: Callable[[Path, int], Runner], fault: type[Exception]
) -> Backend:
    """Return the registry's row of a package, called like the backend, that runs exported networks on the processor.

    `start` runs a graph on so many threads, and raises `fault` for one that it can't read.
    """

    def load(card_path: Path, card: ModelCard, threads: int, device: str) -> Runner:
        if device not in ("", "cpu"):
            raise ConfigError(f"backend {name}:{device}: it runs on the processor only; use {name} or {name}:cpu")
        path = exported(card_path, card, suffixes)
        if path is None:
            raise WeightsError(card_path, "the model was not exported; run vcf-engine export-model on its card")
        check_shards(card_path, card)
        try:
            return start(path, threads)
        except fault as error:
            said = " ".join(str(error).split())
            raise WeightsError(path, f"{title} can't read the network: {said}; reinstall the model") from error

    return Backend(
        name=name,
        title=title,
        installed=lambda: importlib.util.find_spec(name) is not None,
        graph=lambda path, card: exported(path, card, suffixes),
        load=load,
    )


def as_findings(answers: Iterable[NDArray[np.float32]]) -> RawFindings:
    """Turn a graph's outputs, in the order of `OUTPUTS`, into findings."""
    boxes, labels, scores, masks = (np.array(one) for one in answers)
    return RawFindings(
        boxes.astype(np.float64), labels.astype(np.int64), scores.astype(np.float64), masks.astype(np.float32)
    )
