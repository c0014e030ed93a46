"""`vcf-engine compare`: several families, trained and judged by one protocol, beside the paper's tables."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from engine.commands import COMMANDS
from engine.commands._output import Output
from engine.commands._ranges import check_least, check_share
from engine.commands._unread import tell_unread_labels
from engine.commands.evaluate import SIMULATED_NOTE
from engine.commands.train import read_config
from engine.compare import ArmResult, Parts, Protocol, run_arm
from engine.compare.arms import Arm, parse_arms
from engine.compare.report import write_comparison
from engine.compare.tables import comparison_tables, pair_tests
from engine.data.dataset import Example, find_examples
from engine.data.held_out import among, refuse_held_out
from engine.data.split import read_split
from engine.domain.case import NOTICE
from engine.errors import ConfigError, DataError
from engine.train import TrainConfig


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "compare", help=COMMANDS["compare"],
        description="Train several families on the same films, fix thresholds on the valid part, judge all of them by "
        f"one evaluator, and print the paper's Tables 2 and 3 for these films. The same command goes on. {NOTICE}",
        epilog="example: vcf-engine compare --data films/ --split films/split.json --models mask_rcnn,yolact:native "
        "--recipe corrected --out comparison/ --set epochs=12 yolact.input_size=[550,550]",
    )  # fmt: skip
    parser.add_argument("--data", required=True, type=Path, help="folder of films with labelme files")
    parser.add_argument("--split", required=True, type=Path, help="split.json: train, valid and test")
    parser.add_argument("--also-train", action="append", default=[], type=Path, metavar="FOLDER",
                        help="train on all labelled films of this folder too; may be given again")  # fmt: skip
    parser.add_argument("--models", required=True, metavar="NAME,NAME,...",
                        help="families (the paper's one optimiser), FAMILY:native (its authors'), FAMILY:own (set by "
                        "--set), model cards (as they are)")  # fmt: skip
    parser.add_argument("--out", required=True, type=Path, help="folder for runs, predictions and the report")
    parser.add_argument("--recipe", choices=("corrected", "paper"), default="corrected",
                        help="how films are trained on and counted (default: corrected)")  # fmt: skip
    parser.add_argument("--specificity", type=float, default=0.93,
                        help="of films, held on normal validation films in corrected mode (default: 0.93)")  # fmt: skip
    parser.add_argument("--bootstrap", type=int, default=2000, help="patient bootstrap replicates (default: 2000)")
    parser.add_argument("--set", nargs="*", default=[], metavar="[MODEL.]KEY=VALUE",
                        help="keys of TrainConfig for all models, or for one (yolact.batch_size=4)")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Run every arm, then print and write the comparison."""
    check_least("--bootstrap", arguments.bootstrap, 0)
    check_share("--specificity", arguments.specificity, above=True)
    arms = parse_arms(arguments.models.split(","))
    configs = {arm.name: arm_config(arm, arms, arguments.recipe, arguments.set) for arm in arms if arm.card is None}
    split = read_split(arguments.split)
    if not split.test or (configs and not split.train):
        raise DataError(f"{arguments.split}: a comparison needs films to train on and films to test on")
    parts = Parts(*(find_examples(arguments.data, names) if names else () for names in
                    (split.train if configs else (), split.valid, split.test)))  # fmt: skip
    if configs:
        parts = replace(parts, train=(*parts.train, *_more_films(arguments.also_train, parts)))
    tell_unread_labels((*parts.train, *parts.valid, *parts.test), output)
    simulated = any(one.simulated for one in parts.test)
    protocol = Protocol(arguments.recipe, arguments.specificity, replicates=arguments.bootstrap,
                        note=SIMULATED_NOTE if simulated else "")  # fmt: skip
    results = [_run_arm(arm, configs, parts, protocol, arguments.out, output) for arm in arms]
    page = write_comparison(arguments.out, results, protocol, {one.name: one.film for one in parts.test})
    numbers = _numbers(results, protocol)
    (arguments.out / "comparison.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    for title, columns, rows in comparison_tables(results, protocol):
        output.table(title, columns, rows)
    output.say(protocol.note)
    output.say(f"Report: {page}")
    output.say(NOTICE)
    output.record("done", report=str(page), numbers=numbers)
    return 0


def _more_films(folders: Sequence[Path], parts: Parts) -> tuple[Example, ...]:
    """Return the further films to train on; raises DataError where a film judged by, or its patient, is among them."""
    more: list[Example] = []
    for folder in folders:
        found = find_examples(folder)
        refuse_held_out(found, folder)
        more.extend(found)
    leaked = [str(one.film) for one in among(more, (*parts.valid, *parts.test))]
    if leaked:
        raise DataError("--also-train: films of the split's valid or test part, or others of their patients, are among "
                        f"the further ones ({len(leaked)}); take them out of their folder: {leaked[:5]}")  # fmt: skip
    return tuple(more)


def arm_config(arm: Arm, arms: Sequence[Arm], recipe: str, settings: Sequence[str]) -> TrainConfig:
    """Return the training settings of one arm: the recipe's, then its own native ones, then what was set by hand.

    Raises ConfigError for a setting of a model that isn't compared.
    """
    names = {name for one in arms for name in (one.name, one.family)}
    own = [f"model={arm.family}", f"mode={recipe}"]
    own += [f"{key}={json.dumps(value)}" for key, value in arm.native_settings.items()]
    for setting in settings:
        key, mark, value = setting.partition("=")
        owner, dot, rest = key.rpartition(".")
        if dot and owner not in names:
            raise ConfigError(f"--set {setting}: {owner!r} is none of the models compared: {', '.join(sorted(names))}")
        if not dot or owner in (arm.name, arm.family):
            own.append(f"{rest}{mark}{value}")
    config = read_config(None, own, all_vertebrae=False)
    rate = arm.native_rate(config.batch_size)
    by_hand = any(setting.startswith("learning_rate=") for setting in own)
    return config if rate is None or by_hand else replace(config, learning_rate=rate)


def _run_arm(
    arm: Arm, configs: Mapping[str, TrainConfig], parts: Parts, protocol: Protocol, out: Path, output: Output
) -> ArmResult:
    config = configs.get(arm.name) or TrainConfig(model=arm.family, mode=protocol.mode)
    with output.progress(arm.name) as progress:
        result = run_arm(arm, config, parts, protocol, out / arm.name,
                         lambda what, done, total, text: progress(done, total, f"{what} {text}".strip()))  # fmt: skip
    output.record("arm", name=arm.name, family=arm.family, recipe=arm.recipe, card=str(result.card))
    return result


def _numbers(results: Sequence[ArmResult], protocol: Protocol) -> dict[str, object]:
    rows = [
        {"name": one.arm.name, "family": one.arm.family, "recipe": one.arm.recipe, "card": str(one.card),
         "threshold_from": one.threshold_from, "budget": None if one.budget is None else asdict(one.budget),
         "seconds_a_film": one.seconds, "peak_bytes": one.peak_bytes, "figures": one.evaluation.to_json()}
        for one in results
    ]  # fmt: skip
    tests = [asdict(one) for one in pair_tests(results, protocol)] if len(results) > 1 else []
    return {"mode": protocol.mode, "note": protocol.note, "arms": rows, "paired_tests": tests}
