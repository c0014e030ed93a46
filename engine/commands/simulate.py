"""`vcf-engine simulate`: simulated films with labelme files that hold the whole truth."""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

from engine.commands import COMMANDS
from engine.commands._output import Output
from engine.commands._ranges import check_least
from engine.commands._stopping import interrupt, on_sigterm
from engine.data.split import Split, write_split
from engine.errors import ConfigError
from engine.simulate.recipe import PlannedFilm, plan_recipe
from engine.simulate.writing import write_film


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "simulate", help=COMMANDS["simulate"],
        description="Make simulated lateral radiographs with labelme files. Figures on them verify software; they are "
        "never clinical performance.",
        epilog="example: vcf-engine simulate --out films/ --count 100 --seed 1",
    )  # fmt: skip
    parser.add_argument("--out", required=True, type=Path, help="folder for films, labelme files and split.json")
    parser.add_argument("--recipe", default="balanced", help="balanced or paper (346/71/211 films)")
    parser.add_argument("--count", type=int, default=100, help="films of the balanced recipe (default: 100)")
    parser.add_argument("--normals", type=int, help="how many of them without a fracture (default: a quarter)")
    parser.add_argument("--exclusions", type=float, default=0.0, metavar="SHARE",
                        help="share of films with bone cement or screws, 0 to 1 (default: 0)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same films")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Simulate, and write the split; films that are there already are not made again."""
    if arguments.count < 1 or arguments.workers < 1:
        raise ConfigError("--count and --workers must be at least 1")
    check_least("--seed", arguments.seed, 0)
    planned = plan_recipe(arguments.recipe, arguments.count, arguments.seed, arguments.normals, arguments.exclusions)
    arguments.out.mkdir(parents=True, exist_ok=True)
    todo = [film for film in planned if not (arguments.out / f"{film.name}.json").exists()]
    made = _make(todo, arguments.out, arguments.workers)
    with output.progress("simulating") as report, on_sigterm(interrupt), closing(made):
        for done, name in enumerate(made, 1):
            report(done, len(todo), name)
    parts = ("train", "valid", "test")
    split = Split(*(tuple(film.file_name for film in planned if film.part == part) for part in parts))
    write_split(arguments.out / "split.json", split, arguments.seed)
    output.say(f"{len(planned)} simulated films in {arguments.out} ({len(planned) - len(todo)} were there already).")
    output.record("done", films=len(planned), made=len(todo), out=str(arguments.out))
    return 0


def _make(todo: Sequence[PlannedFilm], out: Path, workers: int) -> Generator[str, None, None]:
    """Make films and yield their names; closed or failing, it leaves no worker and no unfinished file behind."""
    if workers == 1 or len(todo) < 2:
        for film in todo:
            yield write_film(film, out)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(todo)), mp_context=context) as pool:
        # Not pool.map, which cancels what is left when it is stopped: the pool stumbles over that as its workers end.
        waiting = [pool.submit(write_film, film, out) for film in todo]
        try:
            for one in waiting:
                yield one.result()
        except BaseException:
            # Else the pool's end waits for all films that are being made; one without its JSON is made again.
            for process in multiprocessing.active_children():
                process.terminate()
            pool.shutdown()
            begun = {f".{one.name}" for one in todo}
            for part in out.glob(".*.json.*.part"):
                if part.name.partition(".json.")[0] in begun:
                    part.unlink(missing_ok=True)
            raise
