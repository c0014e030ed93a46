"""`vcf-engine split`: a stratified, patient-grouped split of annotated films."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from engine.commands import COMMANDS
from engine.commands._output import Output
from engine.commands._ranges import check_least
from engine.commands._unread import tell_unread_labels
from engine.data.dataset import Example, find_examples
from engine.data.held_out import pixels_sha256, without_held_out
from engine.data.split import PARTS, SplitItem, check_shares, make_split, write_split
from engine.films import read_film


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "split", help=COMMANDS["split"],
        description="Divide annotated films by patient, stratified by fractured level; no patient lies in two parts.",
        epilog="example: vcf-engine split films/ --out split.json --seed 1",
    )  # fmt: skip
    parser.add_argument("data", type=Path, help="folder of films with labelme files")
    parser.add_argument("--out", required=True, type=Path, help="the split, JSON")
    parser.add_argument("--shares", type=float, nargs=3, default=(0.71, 0.146, 0.144),
                        metavar=("TRAIN", "VALID", "TEST"))  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--mode", choices=("corrected", "paper"), default="corrected",
                        help="paper: normal films only in test")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Make and write the split, and show its strata."""
    train, valid, test = arguments.shares
    check_shares((train, valid, test))
    check_least("--seed", arguments.seed, 0)
    found = find_examples(arguments.data)
    examples = without_held_out(found, arguments.data)
    if len(examples) < len(found):
        output.say(f"{len(found) - len(examples)} films that an export held out for testing are left out")
    tell_unread_labels(examples, output)
    items = []
    with output.progress("comparing films") as report:
        for done, example in enumerate(examples):
            report(done, len(examples), example.name)
            items.append(_item(example))
    split = make_split(items, (train, valid, test), arguments.seed, arguments.mode == "paper")
    write_split(arguments.out, split, arguments.seed)
    for part, share in zip(PARTS, arguments.shares, strict=True):
        if share > 0 and not split.part(part):
            _warn_of_empty(part, share, len(items), output)
    strata = {item.name: item.stratum for item in items}
    counts = {part: Counter(strata[name] for name in split.part(part)) for part in PARTS}
    names = sorted({item.stratum for item in items})
    rows = [(part, *(counts[part][name] for name in names), sum(counts[part].values())) for part in PARTS]
    output.table(f"Split in {arguments.out} (films)", ("part", *names, "all"), rows)
    output.record("done", out=str(arguments.out), **{part: len(split.part(part)) for part in PARTS})
    return 0


def _warn_of_empty(part: str, share: float, films: int, output: Output) -> None:
    text = (
        f"warning: the {part} part is empty, for all its share of {share:g}: {films} films are too few, or too many of "
        "them are of one patient; add films, or give the part a larger share"
    )
    output.say(text)
    output.record("warning", message=text)


def _item(example: Example) -> SplitItem:
    # Its pixels, not its file: the same film packed in another way must not lie in two parts.
    digest = pixels_sha256(read_film(example.film))
    return SplitItem(example.name, example.patient, tuple(sorted(set(example.fractures))), digest)
