"""`vcf-engine train`: train one network; a run that was cut off goes on where it stood."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from torch import distributed

from engine.commands._output import Output
from engine.data.augment import Augmentation
from engine.data.dataset import ALL_VERTEBRAE, find_examples
from engine.data.split import read_split
from engine.errors import ConfigError
from engine.train import StepReport, TrainConfig, choose_device, train


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "train", help="train a network on annotated films",
        description="Train a network. The same command goes on after an interruption. With torchrun, on several "
        "processes or machines.",
        epilog="example: vcf-engine train films/ --split split.json --out runs/first --set epochs=20 batch_size=4",
    )  # fmt: skip
    parser.add_argument("data", type=Path, help="folder of films with labelme files")
    parser.add_argument("--out", required=True, type=Path, help="folder for checkpoint, run record and weights")
    parser.add_argument("--split", type=Path, help="split.json; its train part is used. Default: all films")
    parser.add_argument("--config", type=Path, help="JSON with keys of TrainConfig")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="keys of TrainConfig, values in JSON")
    parser.add_argument("--all-vertebrae", action="store_true", help="learn intact bodies as well (15 labels)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Train, and say where the weights are."""
    config = read_config(arguments.config, arguments.set, arguments.all_vertebrae)
    names = read_split(arguments.split).train if arguments.split else None
    examples = find_examples(arguments.data, names)
    grouped = int(os.environ.get("WORLD_SIZE", "1")) > 1
    if grouped:
        distributed.init_process_group("nccl" if choose_device(config.device).type == "cuda" else "gloo")
    try:
        with output.progress("training") as progress:

            def report(step: StepReport) -> None:
                total = sum(step.losses.values())
                progress(step.step, step.steps, f"loss {total:.3f}")
                output.record("step", step=step.step, steps=step.steps, loss=total, losses=dict(step.losses),
                              learning_rate=step.rate, eta_seconds=round(step.eta))  # fmt: skip

            card = train(config, examples, arguments.out, report)
    finally:
        if grouped:
            distributed.destroy_process_group()
    output.say(f"Trained on {len(examples)} films; model card: {card}")
    output.record("done", card=str(card), films=len(examples))
    return 0


def read_config(path: Path | None, settings: list[str], all_vertebrae: bool) -> TrainConfig:
    """Build the configuration from a file, then `KEY=VALUE` settings; raises ConfigError that names the key."""
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values.update(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise ConfigError(f"{path}: expected a JSON object with keys of TrainConfig, got {error}") from error
    for setting in settings:
        key, mark, text = setting.partition("=")
        if not mark:
            raise ConfigError(f"--set needs KEY=VALUE, got {setting!r}")
        try:
            values[key] = json.loads(text)
        except ValueError:
            values[key] = text
    if all_vertebrae:
        values["labels"] = ALL_VERTEBRAE
    if isinstance(values.get("augmentation"), dict):
        values["augmentation"] = Augmentation(**_tuples(values["augmentation"]))
    try:
        return TrainConfig(**_tuples(values))
    except TypeError as error:
        raise ConfigError(f"training settings: {error}; known keys: {', '.join(TrainConfig.__slots__)}") from error


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
