"""The program vcfviewer. It has no window yet: it does the main job, films in, findings out."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from engine.resources import samples_dir


def main(argv: list[str] | None = None) -> int:
    """Predict the films named in `argv`, or the sample films; return the exit code of `vcf-engine predict`."""
    arguments = _parser().parse_args(argv)
    out = arguments.out or Path.home() / "vcfviewer-results" / f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    films = arguments.films or [samples_dir()]

    # Here, not above: it brings PyTorch, and --help should not wait for that.
    from engine.__main__ import main as run_engine

    return run_engine(["predict", *(str(film) for film in films), "--out", str(out)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vcfviewer", description="Find vertebral compression fractures on lateral radiographs. Research use only."
    )
    parser.add_argument("films", nargs="*", type=Path, help="films, labelme files, folders; default: the sample films")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="results go here; default: ~/vcfviewer-results/<date and time>"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
