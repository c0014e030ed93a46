"""`vcf-engine evaluate`: a trained model, or labelme predictions, against annotated films."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.commands import COMMANDS
from engine.commands._backend import add_backend
from engine.commands._output import Output
from engine.commands.predict import bundled_card
from engine.data.dataset import Example, find_examples
from engine.data.split import read_split
from engine.domain.case import NOTICE
from engine.errors import ConfigError
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
    names = read_split(arguments.split).part(arguments.part) if arguments.split else None
    examples = find_examples(arguments.data, names)
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
        return [_read_prediction(one, arguments.predictions) for one in examples], threshold
    model = load_model(arguments.model or bundled_card(), arguments.backend)
    threshold = model.card.score_threshold if arguments.threshold is None else arguments.threshold
    records = []
    with output.progress("predicting") as report:
        for done, one in enumerate(examples):
            report(done, len(examples), one.film.name)
            shapes = predict(read_film(one.film), model, floor=0.001).shapes
            records.append(FilmRecord.of(one, shapes))
    return records, threshold


def _read_prediction(example: Example, folder: Path) -> FilmRecord:
    """Read what was predicted; a film without a file in `folder` counts as predicted normal."""
    path = folder / f"{example.film.stem}.json"
    shapes = read_labelme(path).shapes if path.exists() else ()
    return FilmRecord.of(example, shapes)
