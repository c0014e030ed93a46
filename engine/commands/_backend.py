"""The option that chooses what runs a model."""

from __future__ import annotations

import argparse

from engine.backends import backend_names


def add_backend(parser: argparse.ArgumentParser) -> None:
    """Add `--backend` to a command that predicts."""
    parser.add_argument(
        "--backend", default="auto", metavar="NAME",
        help=f"auto (default: the quickest here), {', '.join(backend_names())}; torch:cpu, torch:cuda, torch:mps",
    )  # fmt: skip
