"""`vcf-engine export-model`: a trained network as a graph that needs no PyTorch, checked against it first."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.commands import COMMANDS
from engine.commands._output import Output
from engine.commands.predict import bundled_card
from engine.exporting import FORMATS, export_model
from engine.films import find_films, read_film
from engine.resources import samples_dir

CHECKED_FILMS = 10


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "export-model", help=COMMANDS["export-model"],
        description="Write a trained network beside its card in a form that OpenVINO and ONNX Runtime run, also "
        "where PyTorch isn't installed. It is offered only if it finds "
        f"the same as PyTorch on {CHECKED_FILMS} films.",
        epilog="example: vcf-engine export-model --model runs/first/first.card.json --to openvino",
    )  # fmt: skip
    parser.add_argument("--model", type=Path, help="model card (.card.json); default: the bundled model")
    parser.add_argument("--to", choices=tuple(FORMATS), default="onnx",
                        help="onnx (default): a small file that uses the card's own weights, for both; "
                        "openvino: with a copy of the weights")  # fmt: skip
    parser.add_argument("--films", type=Path, metavar="FOLDER",
                        help=f"its first {CHECKED_FILMS} films are compared; default: the sample films")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Export, compare, and say where the result is."""
    films = [read_film(path) for path in find_films([arguments.films or samples_dir()])[:CHECKED_FILMS]]
    path, agreement = export_model(arguments.model or bundled_card(), arguments.to, films)
    output.say(
        f"{path}: {agreement.findings} findings on {agreement.films} films are PyTorch's own (IoU at least "
        f"{agreement.worst_iou:.4f}, scores at most {agreement.worst_score:.4f} apart)."
    )
    if agreement.eight_bits:
        output.say(f"OpenVINO multiplies in 8 bits in {agreement.eight_bits} of its layers; ONNX Runtime in none.")
    elif agreement.refused:
        output.say(f"No layer multiplies in 8 bits: {agreement.refused}.")
    output.record("done", path=str(path), films=agreement.films, findings=agreement.findings,
                  worst_iou=agreement.worst_iou, worst_score=agreement.worst_score,
                  eight_bits=agreement.eight_bits, refused=agreement.refused)  # fmt: skip
    return 0
