"""The program vcfviewer: the review window; without a screen the same job headless, films in, findings out."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from engine.resources import samples_dir
from vcfviewer.children import ENGINE_SWITCH


def main(argv: list[str] | None = None) -> int:
    """Open the window on the films named in `argv`, or the sample films; return the exit code."""
    given = sys.argv[1:] if argv is None else argv
    if given[:1] == [ENGINE_SWITCH]:
        from engine.__main__ import main as run_engine

        return run_engine(given[1:])
    arguments = _parser().parse_args(given)
    if arguments.headless or arguments.out is not None:
        return predict(arguments.films, arguments.out)
    if not has_screen(os.environ, sys.platform):
        print("There is no screen for the window: the films are predicted without it.", flush=True)
        return predict(arguments.films, arguments.out)
    # Nearly all that a start makes stays: looking it through for rubbish meanwhile takes a twentieth of the time.
    gc.disable()

    # Here, not above: --help and the headless job need no Qt.
    from vcfviewer.application import run

    return run(arguments.films)


def predict(films: list[Path], out: Path | None) -> int:
    """Predict the films, or the sample films, into a folder; return the exit code of `vcf-engine predict`."""
    folder = out or Path.home() / "vcfviewer-results" / f"{datetime.now():%Y-%m-%d_%H-%M-%S}"

    # Here, not above: it brings PyTorch, which the window leaves to a child process.
    from engine.__main__ import main as run_engine

    return run_engine(["predict", *(str(film) for film in films or [samples_dir()]), "--out", str(folder)])


def has_screen(environ: Mapping[str, str], platform: str) -> bool:
    """Tell whether a window can open: Linux needs X11 or Wayland, or a Qt platform that was chosen by hand."""
    if not platform.startswith("linux"):
        return True
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return True
    return environ.get("QT_QPA_PLATFORM", "offscreen") not in ("", "offscreen", "minimal")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vcfviewer", description="Review vertebral compression fractures beside a model. Research use only."
    )
    parser.add_argument("films", nargs="*", type=Path, help="films, labelme files, folders; default: the sample films")
    parser.add_argument("--headless", action="store_true", help="no window: predict, and write the results")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER",
        help="headless, with results in this folder; default: ~/vcfviewer-results/<date and time>",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main())
