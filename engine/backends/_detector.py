"""A network that PyTorch builds and runs. Importing this takes as long as importing torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import init
from torch.overrides import TorchFunctionMode

from engine.backends._contract import RawFindings, threads_text
from engine.domain.case import ModelCard
from engine.errors import ConfigError, WeightsError
from engine.models import load_family
from engine.models._contract import Detector
from engine.weights import load_weights


class TorchRunner:
    """A detector, on the device that its network is on."""

    def __init__(self, detector: Detector) -> None:
        """Take a detector as it is."""
        self.detector = detector
        self._device = next(detector.network.parameters()).device

    @property
    def title(self) -> str:
        """Return what runs it, and on what."""
        on_processor = self._device.type == "cpu"
        where = f"CPU, {threads_text(torch.get_num_threads())}" if on_processor else str(self._device)
        return f"PyTorch {torch.__version__}, {where}"

    def find(self, image: NDArray[np.float32], floor: float = 0.0) -> RawFindings:
        """Return what the network finds in a grey image (H, W), 0..1, from the score `floor` on."""
        raw = self.detector.detect([torch.from_numpy(image)[None].expand(3, -1, -1).to(self._device)], floor)[0]
        boxes, scores = raw.boxes.cpu().double().numpy(), raw.scores.cpu().double().numpy()
        return RawFindings(boxes, raw.labels.cpu().numpy(), scores, raw.masks.cpu().float().numpy())


class _Unfilled(TorchFunctionMode):
    """Parameters of networks built inside aren't filled with random numbers, which takes longer than reading them."""

    def __torch_function__(
        self, function: Callable[..., object], _types: object, args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:  # fmt: skip
        """Leave what an initialiser was to fill as it is; everything else goes its way."""
        if function in (Tensor.normal_, Tensor.uniform_) or getattr(function, "__module__", "") == init.__name__:
            return args[0] if args else (kwargs or {})["tensor"]
        return function(*args, **(kwargs or {}))


def load_detector(card_path: Path, card: ModelCard) -> Detector:
    """Build the network of a card and fill it; raises WeightsError where weights and network don't fit."""
    with _Unfilled():
        detector = load_family(card.model).build(
            len(card.labels), {**card.options, "short_side": card.input_size[0], "long_side": card.input_size[1]}
        )
    state = load_weights(card_path, card)
    try:
        detector.network.load_state_dict(state)
    except RuntimeError as error:
        raise WeightsError(card_path, f"the weights don't fit {card.model}: {error}; reinstall the model") from error
    detector.network.eval()
    return detector


def load_runner(card_path: Path, card: ModelCard, threads: int, device: str = "") -> TorchRunner:
    """Load a card's network onto `device`, by default a graphics card where there is one, else the processor."""
    # More threads than cores that are free wait for each other: two took five times as long as one.
    torch.set_num_threads(threads)
    name = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if (name.startswith("cuda") and not torch.cuda.is_available()) or (
        name == "mps" and not torch.backends.mps.is_available()
    ):
        raise ConfigError(f"backend torch:{name}: this PyTorch finds no such device; use torch:cpu")
    detector = load_detector(card_path, card)
    try:
        detector.network.to(torch.device(name))
    except RuntimeError as error:
        raise ConfigError(f"backend torch:{name}: expected torch:cpu, torch:cuda or torch:mps ({error})") from error
    return TorchRunner(detector)
