"""What every backend offers: a grey image in, findings out, in plain numpy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.domain.case import ModelCard


@dataclass(frozen=True, slots=True)
class RawFindings:
    """What a network finds in one image, best first, in pixels of the image that came in.

    `boxes` (N, 4) float64 x0 y0 x1 y1; `labels` (N,) int64, 1-based; `scores` (N,) float64, 0..1; `masks` (N, M, M)
    float32 probabilities that cover each box evenly, borders included.
    """

    boxes: NDArray[np.float64]
    labels: NDArray[np.int64]
    scores: NDArray[np.float64]
    masks: NDArray[np.float32]


class Runner(Protocol):
    """A model that is loaded and runs."""

    @property
    def title(self) -> str:
        """Return what runs it, and on what, for people: "OpenVINO 2026.1, CPU, 3 threads"."""

    def find(self, image: NDArray[np.float32], floor: float = 0.0) -> RawFindings:
        """Return what the network finds in a grey image (H, W), 0..1, that fits the card's input size.

        What scores less than `floor` isn't asked for: it may be left out, which saves its masks.
        """


@dataclass(frozen=True, slots=True)
class Backend:
    """One row of the registry.

    `installed` tells in an instant whether it could run here. `graph` returns the file it would run of a card, None
    where there is none; a backend that builds the network itself returns the card. `load` takes both, the number of
    threads, and the device's name ("": the best there is); WeightsError where weights and network don't fit.
    """

    name: str
    title: str
    installed: Callable[[], bool]
    graph: Callable[[Path, ModelCard], Path | None]
    load: Callable[[Path, ModelCard, int, str], Runner]


def threads_text(threads: int) -> str:
    """Return "1 thread", "3 threads"."""
    return f"{threads} thread{'s' * (threads != 1)}"
