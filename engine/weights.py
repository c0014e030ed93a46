"""Weights on disk: safetensors shards beside a model card in JSON. Nothing is unpickled; listing needs no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.domain.case import ModelCard
from engine.errors import WeightsError
from engine.formats._atomic import write_atomic
from engine.resources import weights_dir

if TYPE_CHECKING:
    from torch import Tensor

SHARD_BYTES = 90_000_000
"""Shards stay under 95 MB, so that they can be kept in git."""


def list_cards(folder: Path | None = None) -> tuple[tuple[Path, ModelCard], ...]:
    """Return the model cards of a folder (the bundled ones by default), by file name."""
    where = folder if folder is not None else weights_dir()
    return tuple((path, read_card(path)) for path in sorted(where.glob("*.card.json")))


def read_card(path: Path) -> ModelCard:
    """Read a model card; raises WeightsError that names the missing or wrong key."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(path, f"expected a model card in JSON, got {error}") from error
    if not isinstance(record, dict):
        raise WeightsError(path, f"expected a JSON object, got {type(record).__name__}")
    known = {field.name for field in fields(ModelCard)}
    unknown = sorted(set(record) - known)
    if unknown:
        raise WeightsError(path, f"a model card has no key {unknown}; this file is of another version")
    try:
        values: dict[str, Any] = {key: tuple(item) if isinstance(item, list) else item for key, item in record.items()}
        return ModelCard(**values)
    except TypeError as error:
        raise WeightsError(path, f"the model card lacks keys: {error}") from error


def write_card(path: Path, card: ModelCard) -> None:
    """Write a model card, atomically."""
    record = {field.name: _plain(getattr(card, field.name)) for field in fields(card)}
    write_atomic(path, (json.dumps(record, indent=1, sort_keys=True) + "\n").encode())


def save_weights(folder: Path, card: ModelCard, state: Mapping[str, Tensor]) -> Path:
    """Write float16 shards and the card that names them; returns the card's path.

    The card's `sha256` is that of all shards in order.
    """
    from safetensors.torch import save

    folder.mkdir(parents=True, exist_ok=True)
    shards = _shards({key: _half(value) for key, value in state.items()})
    digest = hashlib.sha256()
    names = []
    for index, shard in enumerate(shards):
        data = save(shard)
        digest.update(data)
        names.append(f"{card.name}-{index + 1}-of-{len(shards)}.safetensors")
        write_atomic(folder / names[-1], data)
    path = folder / f"{card.name}.card.json"
    write_card(path, replace(card, shards=tuple(names), sha256=digest.hexdigest()))
    return path


def load_weights(card_path: Path, card: ModelCard) -> dict[str, Tensor]:
    """Return the float32 state dict of a card; raises WeightsError where a shard is missing, damaged or swapped."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    state: dict[str, Tensor] = {}
    for path, data in _checked_shards(card_path, card):
        try:
            state.update(_single(load(data)))
        except SafetensorError as error:
            raise WeightsError(path, f"expected a safetensors file, got {error}; reinstall the model") from error
    return state


def check_shards(card_path: Path, card: ModelCard) -> None:
    """Raise WeightsError where a shard is missing, damaged or swapped."""
    for _path, _data in _checked_shards(card_path, card):
        pass


def _checked_shards(card_path: Path, card: ModelCard) -> Iterator[tuple[Path, bytes]]:
    """Yield each shard's path and bytes; raises WeightsError after the last one where they aren't the card's."""
    digest = hashlib.sha256()
    for name in card.shards:
        path = card_path.parent / name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise WeightsError(path, f"weights shard can't be read: {error}; reinstall the model") from error
        digest.update(data)
        yield path, data
    if digest.hexdigest() != card.sha256:
        raise WeightsError(card_path, f"the shards' sha256 is {digest.hexdigest()}, the card says {card.sha256}")


def load_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of one file or of a model card's shards, as float32.

    The file is safetensors, or a PyTorch file (.pt, .pth) that holds tensors only, which is read without unpickling
    anything else. Raises WeightsError.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    if path.name.endswith(".card.json"):
        return load_weights(path, read_card(path))
    if path.suffix in (".pt", ".pth"):
        return _load_pytorch(path)
    try:
        part = load(path.read_bytes())
    except (OSError, SafetensorError) as error:
        raise WeightsError(path, f"expected a safetensors file, got {error}") from error
    return _single(part)


def _load_pytorch(path: Path) -> dict[str, Tensor]:
    import pickle

    import torch

    try:
        held = torch.load(path, weights_only=True, map_location="cpu")
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        cause = str(error).partition("\n")[0]
        raise WeightsError(path, f"expected a PyTorch file of tensors only, got {cause}") from error
    for name in ("model", "state_dict"):
        held = held.get(name, held) if isinstance(held, dict) else held
    if not isinstance(held, dict) or not any(isinstance(value, torch.Tensor) for value in held.values()):
        raise WeightsError(path, "expected a state dict, found no tensors by name")
    return _single({str(key): value for key, value in held.items() if isinstance(value, torch.Tensor)})


def _single(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors by name as float32; whole numbers stay what they are."""
    return {key: value.float() if value.is_floating_point() else value for key, value in tensors.items()}


def _half(value: Tensor) -> Tensor:
    return value.detach().cpu().half().contiguous() if value.is_floating_point() else value.cpu()


def _shards(state: Mapping[str, Tensor]) -> list[dict[str, Tensor]]:
    shards: list[dict[str, Tensor]] = [{}]
    held = 0
    for key, value in state.items():
        size = value.numel() * value.element_size()
        if held + size > SHARD_BYTES and shards[-1]:
            shards.append({})
            held = 0
        shards[-1][key] = value
        held += size
    return shards


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
