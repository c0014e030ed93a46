"""The films of each training step, chosen, changed and made tensors one step ahead of the network that learns them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from engine.data.augment import Augmentation, augment
from engine.data.dataset import Example, SampleStore, to_tensors
from engine.models._contract import Target

Batch = tuple[list[torch.Tensor], list[Target]]
"""Images (3, H, W) and their targets, on the device that trains."""


@dataclass(frozen=True, slots=True)
class Batches:
    """One process' share of every step's batch; which films, and how changed, follows from seed and step alone.

    `size` films a process and step; `rank` of `world` processes.
    """

    examples: Sequence[Example]
    store: SampleStore
    plan: Augmentation
    size: int
    seed: int
    device: torch.device
    rank: int = 0
    world: int = 1

    def load(self, step: int) -> Batch:
        """Return the batch of a step; raises what reading a film raises."""
        images, targets = [], []
        for slot in range(self.size):
            at = (step * self.world + self.rank) * self.size + slot
            epoch, place = divmod(at, len(self.examples))
            order = np.random.default_rng((self.seed, epoch)).permutation(len(self.examples))
            sample = self.store.load(self.examples[int(order[place])])
            image, target = to_tensors(augment(sample, self.plan, np.random.default_rng((self.seed, 7, at))))
            images.append(image.to(self.device))
            targets.append(
                Target(target.boxes.to(self.device), target.labels.to(self.device), target.masks.to(self.device))
            )
        return images, targets

    def ahead(self, first: int, end: int) -> Generator[Batch]:
        """Yield the batches of steps `first` to before `end`; while one is learned, a thread loads the next."""
        if first >= end:
            return
        with ThreadPoolExecutor(1, "films") as lane:
            coming = lane.submit(self.load, first)
            for step in range(first, end):
                batch = coming.result()
                if step + 1 < end:
                    coming = lane.submit(self.load, step + 1)
                yield batch
