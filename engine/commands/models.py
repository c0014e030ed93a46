"""`vcf-engine models`: the families, their parameter counts, and the figures of trained ones."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from engine.commands import COMMANDS
from engine.commands._output import Output, plain
from engine.errors import ConfigError
from engine.models import family_names, load_family
from engine.weights import list_cards


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "models", help=COMMANDS["models"],
        description="List network families with their parameter counts, and trained models with their figures.",
        epilog="example: vcf-engine models --json",
    )  # fmt: skip
    parser.add_argument("--folder", type=Path, help="folder of model cards; default: the bundled ones")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List families, then model cards."""
    if arguments.folder is not None and not arguments.folder.is_dir():
        raise ConfigError(f"--folder {arguments.folder}: no such folder; name one that holds model cards (.card.json)")
    rows = []
    for name in family_names():
        family = load_family(name)
        counts = {labels: _parameters(name, labels) for labels in (6, 80)}
        rows.append((name, family.title, f"{counts[6]:,}", f"{counts[80]:,}", family.source))
        output.record("family", name=name, title=family.title, source=family.source, options=plain(family.options),
                      parameters_6_labels=counts[6], parameters_80_labels=counts[80])  # fmt: skip
    columns = ("family", "network", "parameters, 6 labels", "parameters, 80 labels", "source")
    output.table("Network families", columns, rows)
    cards = list_cards(arguments.folder)
    for path, card in cards:
        output.record("model", card=str(path), name=card.name, model=card.model, labels=list(card.labels),
                      score_threshold=card.score_threshold, metrics=plain(card.metrics), data=plain(card.data),
                      intended_use=card.intended_use)  # fmt: skip
    shown = [(card.name, card.model, card.score_threshold, card.data.get("note"), card.intended_use)
             for _path, card in cards]  # fmt: skip
    output.table("Trained models", ("name", "family", "score threshold", "data", "intended use"), shown)
    return 0


def _parameters(name: str, labels: int) -> int:
    # On no device at all: counting needs shapes, not half a gigabyte of numbers.
    with torch.device("meta"):
        detector = load_family(name).build(labels, {})
    return sum(value.numel() for value in detector.network.parameters())
