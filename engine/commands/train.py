"""`vcf-engine train`: train one network; a run that was cut off goes on where it stood."""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import distributed

from engine.commands import COMMANDS
from engine.commands._output import Output
from engine.commands._stopping import on_sigterm
from engine.commands._unread import tell_unread_labels
from engine.control import Cancelled, CancelToken
from engine.data.augment import Augmentation
from engine.data.dataset import Example, find_examples
from engine.data.held_out import refuse_held_out, without_held_out
from engine.data.split import read_split
from engine.domain.labels import ALL_VERTEBRAE
from engine.errors import ConfigError
from engine.evaluation.detection import mean_ap
from engine.evaluation.records import FilmRecord
from engine.films import read_film
from engine.models import TRUNK, load_family
from engine.predict import LoadedModel, predict
from engine.train import StepReport, TrainConfig, Validation, choose_device, train

EXAMPLE_CARD = "resources/weights/mask_rcnn_r101.card.json"
"""The bundled network, as `--help` and the README name it."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "train", help=COMMANDS["train"],
        description="Train a network. The same command goes on after an interruption. With torchrun, on several "
        "processes or machines.",
        epilog="example: vcf-engine train films/ --split split.json --out runs/first --set epochs=20 batch_size=4 "
        f"init={EXAMPLE_CARD}",
    )  # fmt: skip
    parser.add_argument("data", type=Path, help="folder of films with labelme files")
    parser.add_argument("--out", required=True, type=Path, help="folder for checkpoint, run record and weights")
    parser.add_argument("--split", type=Path, help="split.json; its train part is used. Default: all films")
    parser.add_argument("--config", type=Path, help="JSON with keys of TrainConfig")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="keys of TrainConfig, values in JSON")
    parser.add_argument("--all-vertebrae", action="store_true", help="learn intact bodies as well (15 labels)")
    parser.add_argument("--validate-every", type=int, metavar="STEPS",
                        help="every so many steps, and last: mask AP50 on the split's valid part")  # fmt: skip
    parser.add_argument("--stop-file", type=Path, metavar="FILE",
                        help="stop, with a checkpoint, once this file exists; SIGTERM does the same")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Train, and say where the weights are."""
    config = read_config(arguments.config, arguments.set, arguments.all_vertebrae)
    names = read_split(arguments.split).train if arguments.split else None
    examples = find_examples(arguments.data, names)
    if names is not None:
        refuse_held_out(examples, arguments.data)
    elif len(kept := without_held_out(examples, arguments.data)) < len(examples):
        output.say(f"{len(examples) - len(kept)} films that an export held out for testing are left out")
        examples = kept
    valid = _validation_films(arguments, config)
    tell_unread_labels((*examples, *valid), output)
    _warn_of_random_filters(config, output)
    grouped = int(os.environ.get("WORLD_SIZE", "1")) > 1
    if grouped:
        distributed.init_process_group("nccl" if choose_device(config.device).type == "cuda" else "gloo")
    try:
        # A group isn't stopped between two steps: the others would wait for the one that left.
        with output.progress("training") as progress, _stoppable(not grouped) as cancel:

            def report(step: StepReport) -> None:
                total = sum(step.losses.values())
                progress(step.step, step.steps, f"loss {total:.3f}")
                output.record("step", step=step.step, steps=step.steps, loss=total, losses=dict(step.losses),
                              learning_rate=step.rate, eta_seconds=round(step.eta))  # fmt: skip
                if arguments.stop_file is not None and arguments.stop_file.exists():
                    cancel.cancel()

            look = _Look(valid, cancel, output)
            validation = Validation(arguments.validate_every, look) if valid else None
            card = train(config, examples, arguments.out, report, cancel, validation)
    finally:
        if grouped:
            distributed.destroy_process_group()
    output.say(f"Trained on {len(examples)} films; model card: {card}")
    output.record("done", card=str(card), films=len(examples))
    return 0


def _warn_of_random_filters(config: TrainConfig, output: Output) -> None:
    """Say so where filters that were never trained would stay as they are: nothing good can be learned on top."""
    stages = {**load_family(config.model).options, **config.options}.get("trainable_stages")
    if config.init or not isinstance(stages, int) or stages >= 5:
        return
    text = (
        f"warning: init is empty, so {config.model} starts from random filters; the first {5 - stages} of its 5 "
        "stages stay random, the statistics of its normalisation stay as they are, and it can't learn well. Start it "
        f"from trained ones: --set init=<card or ImageNet weights>, such as init={EXAMPLE_CARD}"
    )
    output.say(text)
    output.record("warning", message=text)


@contextmanager
def _stoppable(wanted: bool) -> Iterator[CancelToken]:
    """Yield a token that SIGTERM cancels while the block runs, so that a run that is ended keeps what it learned."""
    token = CancelToken()
    with on_sigterm(token.cancel) if wanted else nullcontext():
        yield token


def _validation_films(arguments: argparse.Namespace, config: TrainConfig) -> tuple[Example, ...]:
    """Return the films to measure on while training, none unless asked; raises ConfigError where it can't be done."""
    if arguments.validate_every is None:
        return ()
    if arguments.split is None:
        raise ConfigError("--validate-every needs --split: its valid part is what is measured")
    if config.model == TRUNK:
        raise ConfigError("--validate-every needs a detector; a trunk finds nothing that could be measured")
    names = read_split(arguments.split).valid
    if not names:
        raise ConfigError(f"{arguments.split}: --validate-every needs films in the split's valid part, it has none")
    return find_examples(arguments.data, names)


@dataclass(frozen=True, slots=True)
class _Look:
    """Measures a network on validation films and reports it; breaks off without a word once training is cancelled."""

    examples: tuple[Example, ...]
    cancel: CancelToken
    output: Output

    def __call__(self, model: LoadedModel, step: int) -> None:
        started = time.monotonic()
        try:
            values = validation_precision(model, self.examples, self.cancel)
        except Cancelled:
            return  # The loop sees the same token before its next step, and saves what was learned first.
        fractures = sum(len(one.fractures) for one in self.examples)
        self.output.say(f"step {step}: mask AP50 {values['all'] or 0:.3f} on {len(self.examples)} validation films")
        self.output.record("validation", step=step, films=len(self.examples), fractures=fractures,
                           mask_ap50=values["all"], by_level=values, seconds=time.monotonic() - started)  # fmt: skip


def validation_precision(
    model: LoadedModel, examples: Sequence[Example], cancel: CancelToken
) -> dict[str, float | None]:
    """Return mask AP50 a level, and under `all` their mean; None for a level without a finding to be found.

    Raises DataError for a label of another size than its film, and Cancelled.
    """
    records = []
    for one in examples:
        said = predict(read_film(one.film), model, cancel, floor=0.001)
        records.append(FilmRecord.of(one, said.shapes, said.image_size))
    return {name: None if math.isnan(value) else value for name, value in mean_ap(records).items()}


def read_config(path: Path | None, settings: list[str], all_vertebrae: bool) -> TrainConfig:
    """Build the configuration from a file, then `KEY=VALUE` settings; raises ConfigError that names the key."""
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values.update(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
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
    if values.get("augmentation") is not None:
        values["augmentation"] = _augmentation(values["augmentation"])
    try:
        return TrainConfig(**_tuples(values))
    except TypeError as error:
        raise ConfigError(f"training settings: {error}; known keys: {', '.join(TrainConfig.__slots__)}") from error


def _augmentation(values: object) -> Augmentation:
    try:
        if not isinstance(values, dict):
            raise TypeError(f"expected a JSON object, got {values!r}")
        return Augmentation(**_tuples(values))
    except TypeError as error:
        raise ConfigError(f"augmentation: {error}; known keys: {', '.join(Augmentation.__slots__)}") from error


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
