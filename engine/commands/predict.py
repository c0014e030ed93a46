"""`vcf-engine predict`: films in, labelme JSON and a summary out; the input is never touched."""

from __future__ import annotations

import argparse
import importlib.util
import os
import secrets
from collections import Counter
from collections.abc import Container, Generator, Sequence
from contextlib import closing
from pathlib import Path

from engine.commands import COMMANDS
from engine.commands._backend import add_backend
from engine.commands._one_film import COLUMNS, FilmJob, Row, Settings, load, predict_film, written
from engine.commands._output import Output
from engine.commands._ranges import check_positive, check_share
from engine.data.manifest import find_inputs
from engine.data.worklist import WorkItem
from engine.domain.case import NOTICE
from engine.errors import ConfigError
from engine.formats import exporter
from engine.formats.csv_report import write_rows
from engine.resources import weights_dir
from engine.weights import read_card

LOCAL_RAY = "local"

Finished = Generator[tuple[int, Row], None, None]
"""Numbers of jobs with their rows, as they are finished."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "predict", help=COMMANDS["predict"],
        description=f"Find fractures on films, folders and labelme files. A run that was cut off goes on when it is "
                    f"started again: films that are finished aren't predicted twice. {NOTICE}",
        epilog="example: vcf-engine predict films/ more/a.dcm list.csv --out results/ --ray",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", type=Path,
                        help="films, folders, DICOM or labelme files, and lists of films: a .txt file with a path a "
                             "line, a .csv file with a column `film`")  # fmt: skip
    parser.add_argument("--out", required=True, type=Path, help="folder for the results; made if need be")
    parser.add_argument("--model", type=Path, help="model card (.card.json); default: the bundled model")
    parser.add_argument("--threshold", type=float, help="score from which a finding is written; default: the card's")
    parser.add_argument("--also", nargs="*", default=[], metavar="EXPORT",
                        help="write all findings in other formats too: coco, coco_rle, csv, yolo")  # fmt: skip
    parser.add_argument("--max-megapixels", type=float, default=200.0, help="refuse larger films (default: 200)")
    add_backend(parser)
    parser.add_argument("--ray", nargs="?", const=LOCAL_RAY, metavar="ADDRESS",
                        help="spread the films over a Ray cluster (`auto`, host:6379), where every computer has this "
                             "program and sees the same folders; without an address, over this computer's cores. "
                             "Give it after the films. Needs: pip install \"vcfviewer[ray]\"")  # fmt: skip
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="with --ray: processes that predict, each with its own model (default: one a CPU)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Predict every film; returns 0, also where single films were skipped with a reason."""
    check_positive("--max-megapixels", arguments.max_megapixels)
    card = arguments.model or bundled_card()
    threshold = read_card(card).score_threshold if arguments.threshold is None else arguments.threshold
    check_share("--threshold", threshold)
    settings = Settings(card, threshold, arguments.max_megapixels, arguments.backend)
    work, roots = find_inputs(arguments.inputs)
    if not work:
        raise ConfigError(f"no films in {', '.join(str(path) for path in arguments.inputs)}")
    also = [exporter(name) for name in arguments.also]
    _refuse_mixing(arguments.inputs, work, arguments.out)
    targets = target_paths([item.film for item in work], roots, arguments.out)
    jobs = [FilmJob(item, targets[item.film], item.film) for item in work]
    finished = _one_by_one(jobs, settings) if arguments.ray is None else _on_ray(jobs, settings, arguments)
    arguments.out.mkdir(parents=True, exist_ok=True)
    found: dict[int, Row] = {}
    with output.progress("predicting") as report, closing(finished):
        for number, row in finished:
            found[number] = row
            report(len(found), len(jobs), jobs[number].name.name)
            output.record("film", **dict(zip(COLUMNS, row.values, strict=True)))
    rows = [found[number] for number in range(len(jobs))]
    write_rows(arguments.out / "summary.csv", COLUMNS, [row.values for row in rows])
    if also:
        names = export_names([item.film for item in work], roots)
        findings = [written(job, names[job.item.film]) for job, row in zip(jobs, rows, strict=True) if row.predicted]
        for one in also:
            one.write(arguments.out, findings)
    _show(rows, arguments.out, output)
    return 0


def bundled_card() -> Path:
    """Return the bundled model's card; raises ConfigError where none is installed."""
    cards = sorted(weights_dir().glob("*.card.json"))
    if not cards:
        raise ConfigError(f"no model card in {weights_dir()}; name one with --model, or reinstall vcfviewer")
    return cards[0]


def target_paths(films: Sequence[Path], roots: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Return each film's JSON path: its place below the root is kept; two films of one stem stay apart."""
    wanted: dict[Path, Path] = {}
    for film in films:
        root = _root(film, roots)
        below = film.relative_to(root)
        # A list may name ../a.png, which has no place below --out.
        place = Path(below.name) if ".." in below.parts else below
        wanted[film] = out / (root.resolve().name if len(roots) > 1 else "") / place.with_suffix(".json")
    shared: dict[str, list[Path]] = {}
    for film, path in wanted.items():
        shared.setdefault(_folded(path), []).append(film)
    taken = {name for name, films_of in shared.items() if len(films_of) == 1}
    for sharing in shared.values():
        for number, film in enumerate(sharing if len(sharing) > 1 else ()):
            extra = film.suffix.removeprefix(".") or "file"
            same = [one for one in sharing if one.suffix == film.suffix]
            tail = f"_{extra}" if len(same) == 1 else f"_{extra}_{number + 1}"
            wanted[film] = _free(wanted[film].with_name(f"{wanted[film].stem}{tail}.json"), taken)
            taken.add(_folded(wanted[film]))
    return wanted


def export_names(films: Sequence[Path], roots: Sequence[Path]) -> dict[Path, str]:
    """Return what each film is called in exports: its name, or where several share it its path below the root.

    Below several roots that path begins with the root's name; where that isn't enough, it is the path as it was given.
    """
    below = {}
    for film in films:
        root = _root(film, roots)
        place = film.relative_to(root)
        below[film] = (place if len(roots) < 2 else root.resolve().name / place).as_posix()
    often, places = Counter(film.name for film in films), Counter(below.values())
    return {
        film: film.name if often[film.name] == 1 else below[film] if places[below[film]] == 1 else film.as_posix()
        for film in films
    }


def _root(film: Path, roots: Sequence[Path]) -> Path:
    """Return the first of the folders given that holds a film, else its own."""
    return next((path for path in roots if film.is_relative_to(path)), film.parent)


def _free(path: Path, taken: Container[str]) -> Path:
    """Return a path that isn't taken: `a_png.json`, else `a_png_2.json` and so on."""
    number, free = 2, path
    while _folded(free) in taken:
        number, free = number + 1, path.with_name(f"{path.stem}_{number}.json")
    return free


def _folded(path: Path) -> str:
    """Return what names a file where upper and lower case are one."""
    return str(path).casefold()


def _one_by_one(jobs: Sequence[FilmJob], settings: Settings) -> Finished:
    model = load(settings)
    for number, job in enumerate(jobs):
        yield number, predict_film(job, model, settings)


def _on_ray(jobs: Sequence[FilmJob], settings: Settings, arguments: argparse.Namespace) -> Finished:
    if arguments.workers is not None and arguments.workers < 1:
        raise ConfigError(f"--workers must be at least 1, got {arguments.workers}")
    if Path(arguments.ray).exists():
        raise ConfigError(f"--ray {arguments.ray}: expected a cluster's address, got a film or folder; put --ray last")
    missing = [name for name in ("ray", "pandas", "pyarrow") if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(f'--ray needs {", ".join(missing)}: pip install "vcfviewer[ray]"')
    # Ray looks at these when it is imported. The token keeps other users of this computer out of a Ray of one's own.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_DATA_LOG_LEVEL", "CRITICAL")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    if arguments.ray == LOCAL_RAY and "RAY_AUTH_MODE" not in os.environ:
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    from engine.commands._on_ray import predict_on_ray

    return predict_on_ray(jobs, settings, arguments.out, arguments.ray, arguments.workers)


def _show(rows: Sequence[Row], out: Path, output: Output) -> None:
    output.table("Findings", ("film", "model (label, score)", "annotated", "film IoU"), [row.told for row in rows])
    predicted = sum(row.predicted for row in rows)
    output.say(f"{predicted} films predicted, {len(rows) - predicted} skipped. Results: {out}")
    output.say(NOTICE)
    output.record("done", predicted=predicted, skipped=len(rows) - predicted, out=str(out))


def _refuse_mixing(inputs: Sequence[Path], work: Sequence[WorkItem], out: Path) -> None:
    """Refuse a folder of results that would write over films' files, or be taken for films by the next run."""
    whole = out.resolve()
    for folder in dict.fromkeys(item.film.parent for item in work):
        if whole == folder.resolve():
            raise ConfigError(f"--out {out} is an input folder; results would overwrite its files, choose another")
    for folder in inputs:
        if folder.is_dir() and whole.is_relative_to(folder.resolve()):
            raise ConfigError(
                f"--out {out} lies in the input folder {folder}; the next run would take results for films, choose "
                "a folder outside"
            )
