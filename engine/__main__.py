"""`vcf-engine`: the engine's command line. Exit codes: 0 done, 1 can't be done, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType, ModuleType

from engine import __version__
from engine.commands import COMMANDS
from engine.commands._output import Output
from engine.control import Cancelled
from engine.domain.case import NOTICE
from engine.errors import ConfigError, EngineError

_NO_RIGHTS = "choose a place that you may read and write, or ask for the right to"
_ADVICE: Mapping[int, str] = MappingProxyType(
    {
        errno.ENOENT: "make its folder, or name one that is there",
        errno.ENOTDIR: "a file stands where a folder should be; name another place",
        errno.EISDIR: "name a file, not a folder",
        errno.ENOSPC: "make room or choose another folder, and run the same command again",
        errno.EACCES: _NO_RIGHTS,
        errno.EPERM: _NO_RIGHTS,
        errno.EROFS: _NO_RIGHTS,
    }
)
"""What to do about errors of the file system."""


def build_parser(asked: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of all commands; where one is `asked` for, the others are only named.

    Importing them all takes seconds, which `--help` and a child process that predicts needn't wait for.
    """
    parser = argparse.ArgumentParser(prog="vcf-engine", description=f"Vertebral fractures on radiographs. {NOTICE}")
    parser.add_argument("--version", action="version", version=f"vcf-engine {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, what in COMMANDS.items():
        if asked is None or name == asked:
            _import(name).add(subparsers)
        else:
            subparsers.add_parser(name, help=what)
    for subparser in subparsers.choices.values():
        subparser.add_argument("--json", action="store_true", help="one JSON object a line, for machines")
    return parser


def _import(command: str) -> ModuleType:
    """Import a command's module; raises ConfigError where it needs PyTorch, and there is none."""
    try:
        return importlib.import_module(f"engine.commands.{command.replace('-', '_')}")
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "torchvision"):
            raise
        raise ConfigError(
            f"{command} needs PyTorch, which isn't installed here; install it: pip install torch torchvision"
        ) from error


def main(argv: list[str] | None = None) -> int:
    """Run one command; errors go to standard error in one line."""
    words = sys.argv[1:] if argv is None else argv
    # No option before the command takes a value, so the first word that is no option is the command.
    asked = next((word for word in words if not word.startswith("-")), "")
    output = Output("--json" in words)
    try:
        arguments = build_parser(asked).parse_args(words)
        return int(arguments.run(arguments, output))
    except ConfigError as error:
        return _fail(output, str(error), 2)
    except EngineError as error:
        return _fail(output, str(error), 1)
    except OSError as error:
        return _fail(output, _told(error), 1)
    except (KeyboardInterrupt, Cancelled):
        return _fail(output, "interrupted; run the same command again to go on", 130)


def _told(error: OSError) -> str:
    """Return what a file or folder that can't be read or written is called, why, and what to do."""
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes)) else ""
    advice = _ADVICE.get(error.errno or 0, "see to that, and run the same command again")
    return f"{where}{error.strerror or error or type(error).__name__}; {advice}"


def _fail(output: Output, text: str, code: int) -> int:
    with suppress(OSError):  # Standard output may be what failed: a full disk, a pipe whose reader is gone.
        output.record("error", message=text, code=code)
    sys.stderr.write(f"vcf-engine: {text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
