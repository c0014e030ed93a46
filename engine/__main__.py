"""`vcf-engine`: the engine's command line. Exit codes: 0 done, 1 can't be done, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import argparse
import importlib
import sys

from engine import __version__
from engine.commands._output import Output
from engine.control import Cancelled
from engine.domain.case import NOTICE
from engine.errors import ConfigError, EngineError

COMMANDS = ("simulate", "split", "train", "evaluate", "predict", "models", "published")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="vcf-engine", description=f"Vertebral fractures on radiographs. {NOTICE}")
    parser.add_argument("--version", action="version", version=f"vcf-engine {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        importlib.import_module(f"engine.commands.{name}").add(subparsers)
    for subparser in subparsers.choices.values():
        subparser.add_argument("--json", action="store_true", help="one JSON object a line, for machines")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command; errors go to standard error in one line."""
    arguments = build_parser().parse_args(argv)
    output = Output(arguments.json)
    try:
        return int(arguments.run(arguments, output))
    except ConfigError as error:
        return _fail(output, str(error), 2)
    except EngineError as error:
        return _fail(output, str(error), 1)
    except (KeyboardInterrupt, Cancelled):
        return _fail(output, "interrupted; run the same command again to go on", 130)


def _fail(output: Output, text: str, code: int) -> int:
    output.record("error", message=text)
    sys.stderr.write(f"vcf-engine: {text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
