"""`vcf-engine published`: the paper's tables as printed beside recomputed, each contradiction marked."""

from __future__ import annotations

import argparse

from engine.commands import COMMANDS
from engine.commands._output import Output
from engine.evaluation.published import contradictions, published_tables


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "published", help=COMMANDS["published"],
        description="Tables 1 to 3 of Paik et al., Sci Rep 2024;14:16308, as printed beside recomputed.",
        epilog="example: vcf-engine published",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace, output: Output) -> int:
    """Print the tables and what contradicts itself in them."""
    for title, columns, rows in published_tables():
        output.table(title, columns, rows)
    for line in contradictions():
        output.say(f"contradiction: {line}")
        output.record("contradiction", text=line)
    return 0
