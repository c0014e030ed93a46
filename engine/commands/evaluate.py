"""`vcf-engine evaluate`: a trained model, or labelme predictions, against annotated films."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.commands import COMMANDS
from engine.commands._backend import add_backend
from engine.commands._output import Output
from engine.commands._ranges import check_least, check_share
from engine.commands._unread import tell_unread_labels
from engine.commands.predict import bundled_card, target_paths
from engine.data.dataset import Example, find_examples
from engine.data.split import read_split
from engine.data.worklist import find_work
from engine.domain.case import NOTICE
from engine.errors import ConfigError, DataError
from engine.evaluation import Evaluation, evaluate
from engine.evaluation.operating_point import choose_threshold
from engine.evaluation.records import FilmRecord
from engine.evaluation.report import write_report
from engine.films import read_film
from engine.formats.labelme import read_labelme
from engine.predict import load_model, predict
from engine.weights import read_card, write_card

SIMULATED_NOTE = "Simulated films: verification of software, never clinical performance."


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "evaluate", help=COMMANDS["evaluate"],
        description=f"Measure a model against annotated films: AP, FROC, film and fracture figures. {NOTICE}",
        epilog="example: vcf-engine evaluate films/ --split split.json --part test --out report/",
    )  # fmt: skip
    parser.add_argument("data", type=Path, help="folder of films with labelme files")
    parser.add_argument("--out", required=True, type=Path, help="folder for numbers, figures and the report")
    parser.add_argument("--split", type=Path, help="split.json; default: all films")
    parser.add_argument("--part", default="test", help="part of the split (default: test)")
    parser.add_argument("--model", type=Path, help="model card; default: the bundled model")
    parser.add_argument("--predictions", type=Path, help="folder of labelme predictions instead of a model")
    parser.add_argument("--threshold", type=float, help="score threshold; default: the card's, fixed on validation")
    parser.add_argument("--fix-threshold", type=float, metavar="SPECIFICITY",
                        help="on validation films: take the lowest threshold with this film specificity")  # fmt: skip
    parser.add_argument("--update-card", action="store_true", help="write threshold and figures into the model card")
    parser.add_argument("--mode", choices=("corrected", "paper"), default="corrected")
    parser.add_argument("--bootstrap", type=int, default=2000, help="patient bootstrap replicates (default: 2000)")
    add_backend(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Predict, measure, and write the report."""
    check_least("--bootstrap", arguments.bootstrap, 0)
    check_share("--threshold", arguments.threshold)
    check_share("--fix-threshold", arguments.fix_threshold, above=True)
    names = read_split(arguments.split).part(arguments.part) if arguments.split else None
    examples = find_examples(arguments.data, names)
    tell_unread_labels(examples, output)
    records, threshold = _records(arguments, examples, output)
    if arguments.fix_threshold is not None:
        threshold = choose_threshold(records, arguments.fix_threshold)
    simulated = any(one.simulated for one in examples)
    result = evaluate(records, score_threshold=threshold, mode=arguments.mode,
                      bootstrap_replicates=arguments.bootstrap, note=SIMULATED_NOTE if simulated else "")  # fmt: skip
    arguments.out.mkdir(parents=True, exist_ok=True)
    numbers = result.to_json()
    (arguments.out / "figures.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    page = write_report(arguments.out, result, records)
    for title, columns, rows in result.tables():
        output.table(title, columns, rows)
    if arguments.update_card:
        _update_card(arguments.model or bundled_card(), result, fixed=arguments.fix_threshold)
    output.say(f"Report: {page}")
    output.say(NOTICE)
    output.record("done", report=str(page), numbers=numbers)
    return 0


def _update_card(path: Path, result: Evaluation, fixed: float | None) -> None:
    """Write a threshold that was fixed on validation films, or else the figures of a test, into the card."""
    card = read_card(path)
    if fixed is not None:
        data = {**card.data, "validation": {"films": result.films, "fractures": result.fractures,
                                            "specificity_held": fixed}}  # fmt: skip
        write_card(path, replace(card, score_threshold=result.score_threshold, data=data))
    else:
        write_card(path, replace(card, metrics=result.summary()))


def _records(
    arguments: argparse.Namespace, examples: Sequence[Example], output: Output
) -> tuple[list[FilmRecord], float]:
    """Return what stands on each film and what is said of it, with the threshold to judge at."""
    if arguments.predictions is not None and arguments.update_card:
        raise ConfigError("--update-card needs a model; predictions from a folder have no card")
    if arguments.predictions is not None:
        threshold = 0.5 if arguments.threshold is None else arguments.threshold
        files = predicted_files(arguments.predictions, arguments.data, examples)
        lacking = [one.name for one in examples if one.name not in files]
        if lacking:
            output.say(f"{len(lacking)} of {len(examples)} films have no file in {arguments.predictions} and count as "
                       f"predicted normal: {', '.join(lacking[:5])}{', ...' if len(lacking) > 5 else ''}")  # fmt: skip
        return [_read_prediction(one, files.get(one.name)) for one in examples], threshold
    model = load_model(arguments.model or bundled_card(), arguments.backend)
    threshold = model.card.score_threshold if arguments.threshold is None else arguments.threshold
    records = []
    with output.progress("predicting") as report:
        for done, one in enumerate(examples):
            report(done, len(examples), one.name)
            said = predict(read_film(one.film), model, floor=0.001)
            records.append(FilmRecord.of(one, said.shapes, said.image_size))
    return records, threshold


def predicted_files(folder: Path, data: Path, examples: Sequence[Example]) -> Mapping[str, Path]:
    """Return the labelme file in `folder` that tells what was predicted of a film, by the example's name.

    It lies where `predict` puts it for the films of `data`, else directly in `folder` under the film's stem, if that is
    no other film's too. Raises ConfigError where there is no such folder, DataError where no film has a file.
    """
    if not folder.is_dir():
        raise ConfigError(f"--predictions {folder}: no such folder; name the one that `predict` wrote with --out")
    films = dict.fromkeys((*(item.film for item in find_work([data])), *(one.film for one in examples)))
    places = target_paths(list(films), [data], folder)
    stems, names = Counter(one.film.stem for one in examples), Counter(path.name for path in places.values())
    found = {}
    for one in examples:
        place, flat = places[one.film], folder / f"{one.film.stem}.json"
        candidates = [place]
        candidates += [folder / place.name] if names[place.name] == 1 else []
        candidates += [flat] if stems[one.film.stem] == 1 else []
        there = next((path for path in candidates if path.is_file()), None)
        if there is not None:
            found[one.name] = there
    if not found:
        raise DataError(
            f"--predictions {folder}: expected labelme files such as {places[examples[0].film]}, found none for any of "
            f"the {len(examples)} films; name the folder that `predict {data}` wrote"
        )
    return found


def _read_prediction(example: Example, path: Path | None) -> FilmRecord:
    """Read what was predicted; a film without a file counts as predicted normal."""
    if path is None:
        return FilmRecord.of(example, ())
    said = read_labelme(path)
    if (0, 0) not in (said.image_size, example.size) and said.image_size != example.size:
        raise DataError(
            f"{path}: predicted on a film of {said.image_size} px (height, width), but {example.annotation} is for one "
            f"of {example.size} px; predict the film as it is now"
        )
    return FilmRecord.of(example, said.shapes, said.image_size)
