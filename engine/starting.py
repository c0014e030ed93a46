"""What a training starts from: a model card, a smaller network of its kind, or an ImageNet ResNet."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ConfigError
from engine.models import load_family
from engine.models._contract import Detector
from engine.models._growth import network_labels, select_labels
from engine.weights import load_tensors, read_card

if TYPE_CHECKING:
    from engine.train import TrainConfig


def check_numbers(config: TrainConfig) -> None:
    """Raise ConfigError for a seed, learning rate or drops that make no sense; the value is told."""
    seed, rate, drops = config.seed, config.learning_rate, config.drops
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise ConfigError(f"seed must be a whole number of at least 0, got {seed!r}")
    if rate is not None and not (_is_number(rate) and 0 < rate < math.inf):
        raise ConfigError(f"learning_rate must be a number above 0, or null for the usual one, got {rate!r}")
    if not isinstance(drops, (tuple, list)) or not all(_is_number(one) and 0 <= one <= 1 for one in drops):
        raise ConfigError(f"drops must be shares of the run, numbers from 0 to 1 such as [0.6, 0.9], got {drops!r}")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def known_labels(config: TrainConfig) -> set[str]:
    """Return the labels whose predictors come with the starting weights: ten corrected films needn't show them all."""
    if not config.init.endswith(".card.json"):
        return set()
    card = read_card(Path(config.init))
    whole = card.model == config.model and set(card.labels) >= set(config.labels)
    return set(card.labels) if whole else set()


def initialise(detector: Detector, config: TrainConfig) -> None:
    """Fill the network from `config.init`: a model card, or tensors of a detector or an ImageNet ResNet.

    A smaller network of the same kind is grown; of any other, the tensors that fit are taken.
    """
    path = Path(config.init)
    family = load_family(config.model)
    state = family.translate(load_tensors(path))
    if not any(key.startswith("backbone.") for key in state):
        state = {f"backbone.body.{key}": value for key, value in state.items() if not key.startswith("fc.")}
    network = detector.network
    own = network.state_dict()
    if path.name.endswith(".card.json"):
        card = read_card(path)
        had, wants = network_labels(card.labels, card.options), network_labels(config.labels, config.options)
        state = select_labels(state, had, wants, own if card.model == config.model else {})
    grown = family.grow(state, network)
    fitting = {key: value for key, value in grown.items() if key in own and own[key].shape == value.shape}
    if not any(key.startswith("backbone.") and key in state for key in fitting):
        raise ConfigError(f"{path}: none of its tensors fits the {config.model} backbone")
    network.load_state_dict({**own, **fitting})
