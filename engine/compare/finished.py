"""What an arm was trained with and what that cost, as its folder tells; whether it is what is asked for now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from engine.data.dataset import Example, data_hash
from engine.errors import ConfigError
from engine.formats._atomic import write_atomic
from engine.train import TrainConfig, config_text, select_examples
from engine.weights import read_card

RUN_RECORD = "run.json"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a training cost: optimiser steps, films shown (with repetition), (short, long) px, minutes, hardware.

    `films` are those shown, each counted once; `started_from` is the file of the weights it began with, if any.
    `earlier_films` were shown, and `earlier_minutes` spent, until those weights were made, where an arm of another
    comparison made them; how bundled weights were made, their card says.
    """

    steps: int
    films: int
    films_seen: int
    input_size: tuple[int, int]
    minutes: float
    hardware: str
    started_from: str
    finished: bool
    earlier_films: int = 0
    earlier_minutes: float = 0.0


def read_budget(path: Path) -> Budget | None:
    """Return what a training cost, None where no file says it; raises ConfigError for a file that is none of ours."""
    if not path.exists():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        short, long = record["input_size"]
        budget = Budget(**{**record, "input_size": (int(short), int(long))})
        _check_kinds(budget)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path}: expected what a training of this comparison cost, got something else ({error!r}); delete it, "
            "and the training is counted anew, or use another folder"
        ) from error
    return budget


def write_budget(path: Path, budget: Budget) -> None:
    """Write what a training cost so far, whole or not at all; raises OSError."""
    write_atomic(path, (json.dumps(asdict(budget), indent=1) + "\n").encode())


def spent_before(init: str) -> tuple[int, float]:
    """Return films shown and minutes spent until the weights were made that a training starts from.

    0 where no arm of a comparison made them: another program's `budget.json` may lie beside weights from elsewhere.
    """
    try:
        made = read_budget(Path(init).with_name("budget.json")) if init else None
    except ConfigError:
        made = None
    return (0, 0.0) if made is None else (made.earlier_films + made.films_seen, made.earlier_minutes + made.minutes)


def refuse_other_training(card: Path, config: TrainConfig, examples: Sequence[Example]) -> None:
    """Raise ConfigError where a finished training had other settings, or other films, than those given now.

    The `run.json` beside its card tells what it had; without one it is taken as it is. So is an arm whose weights were
    taken away, as those in `resources/comparison`: only its predictions are left, nothing could be trained or predicted
    from there, and who counts them again needn't have the films that it learned from.
    """
    there = all((card.parent / name).exists() for name in read_card(card).shards)
    record = _read_record(card.with_name(RUN_RECORD)) if there else {}
    told = _differences(record.get("config"), config)
    then = record.get("data_sha256")
    if not told and isinstance(then, str):
        chosen = select_examples(config, examples)
        if data_hash(chosen) != then:
            told = f"other films ({record.get('films')} then, {len(chosen)} now, or the same ones changed)"
    if told:
        raise ConfigError(
            f"{card.parent}: this arm was trained with {told}; give what it was trained with, use another folder, or "
            "delete this one to train anew"
        )


def _check_kinds(budget: Budget) -> None:
    kinds: Mapping[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,), "bool": (bool,)}
    for one in fields(budget):
        value = getattr(budget, one.name)
        if not isinstance(value, kinds.get(str(one.type), (tuple,))):
            raise TypeError(f"{one.name}: {value!r}")


def _read_record(path: Path) -> Mapping[str, Any]:
    """Return a training's record, empty where there is none that can be read."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _differences(then: object, now: TrainConfig) -> str:
    """Return in words which settings were others, empty where none was; what a record lacks is newer than it."""
    if not isinstance(then, Mapping):
        return ""
    asked, usual = json.loads(config_text(now)), json.loads(config_text(TrainConfig()))
    other = [key for key in asked if then.get(key, usual[key]) != asked[key]]
    shown = ", ".join(f"{key} was {then.get(key, usual[key])!r}, now {asked[key]!r}" for key in other[:3])
    more = f" and {len(other) - 3} more" if len(other) > 3 else ""
    return f"other settings ({shown}{more})" if other else ""
