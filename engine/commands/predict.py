"""`vcf-engine predict`: films in, labelme JSON and a summary out; the input is never touched."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import cv2

from engine import __version__
from engine.commands import COMMANDS
from engine.commands._backend import add_backend
from engine.commands._output import Output
from engine.data.worklist import WorkItem, embedded_picture, find_work
from engine.domain.annotation import Annotation, Shape
from engine.domain.case import NOTICE, Prediction
from engine.domain.matching import MatchKind, film_iou, match_shapes
from engine.errors import AnnotationReadError, ConfigError, FilmReadError
from engine.films import Film, read_film, read_picture
from engine.films.display import film_to_grey
from engine.films.patients import read_patients
from engine.formats import exporter
from engine.formats.csv_report import write_rows
from engine.formats.labelme import read_labelme, write_labelme
from engine.predict import LoadedModel, load_model, predict
from engine.resources import weights_dir

COLUMNS = (
    "film", "status", "reason", "height_px", "width_px", "predicted_fractures", "annotated_fractures", "agrees",
    "label_differs", "missed", "extra", "film_iou", "seconds", "notice",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """One film's row: what was predicted, or the reason why nothing was."""

    film: Path
    reason: str
    prediction: Prediction | None = None
    shapes: tuple[Shape, ...] = ()
    annotation: Annotation | None = None
    note: str = ""

    @property
    def iou(self) -> float | None:
        """Return the film's IoU against its annotation; None where there is none, or nothing on either side."""
        if self.annotation is None or self.prediction is None:
            return None
        return film_iou(self.annotation.shapes, self.shapes)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "predict", help=COMMANDS["predict"],
        description=f"Find fractures on films, folders and labelme files. {NOTICE}",
        epilog="example: vcf-engine predict films/ more/a.dcm --out results/",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", type=Path, help="films, folders, DICOM or labelme files")
    parser.add_argument("--out", required=True, type=Path, help="folder for the results; made if need be")
    parser.add_argument("--model", type=Path, help="model card (.card.json); default: the bundled model")
    parser.add_argument("--threshold", type=float, help="score from which a finding is written; default: the card's")
    parser.add_argument("--also", nargs="*", default=[], metavar="EXPORT",
                        help="write all findings in other formats too: coco, coco_rle, csv, yolo")  # fmt: skip
    parser.add_argument("--max-megapixels", type=float, default=200.0, help="refuse larger films (default: 200)")
    add_backend(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Predict every film; returns 0, also where single films were skipped with a reason."""
    card = arguments.model or bundled_card()
    model = load_model(card, arguments.backend)
    threshold = model.card.score_threshold if arguments.threshold is None else arguments.threshold
    if not 0 <= threshold <= 1:
        raise ConfigError(f"--threshold must lie between 0 and 1, got {threshold}")
    work = find_work(arguments.inputs)
    if not work:
        raise ConfigError(f"no films in {', '.join(str(path) for path in arguments.inputs)}")
    also = [exporter(name) for name in arguments.also]
    _refuse_overwriting(arguments.inputs, arguments.out)
    arguments.out.mkdir(parents=True, exist_ok=True)
    targets = target_paths([item.film for item in work], arguments.inputs, arguments.out)
    patients = read_patients([item.film for item in work])
    outcomes = []
    with output.progress("predicting") as report:
        for done, item in enumerate(work):
            report(done, len(work), item.film.name)
            outcomes.append(_one(item, targets[item.film], model, threshold, arguments.max_megapixels, patients))
            output.record("film", **_row(outcomes[-1]))
    write_rows(arguments.out / "summary.csv", COLUMNS, [tuple(_row(outcome).values()) for outcome in outcomes])
    found = [Annotation(str(one.film.name), one.prediction.image_size, one.shapes)
             for one in outcomes if one.prediction is not None]  # fmt: skip
    for one in also:
        one.write(arguments.out, found)
    _show(outcomes, arguments.out, output)
    return 0


def bundled_card() -> Path:
    """Return the bundled model's card; raises ConfigError where none is installed."""
    cards = sorted(weights_dir().glob("*.card.json"))
    if not cards:
        raise ConfigError(f"no model card in {weights_dir()}; name one with --model, or reinstall vcfviewer")
    return cards[0]


def target_paths(films: Sequence[Path], inputs: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Return each film's JSON path: its place below the input folder is kept; two films of one stem stay apart."""
    wanted: dict[Path, Path] = {}
    several = len([path for path in inputs if path.is_dir()]) > 1
    for film in films:
        root = next((path for path in inputs if path.is_dir() and film.is_relative_to(path)), film.parent)
        place = (Path(root.resolve().name) if several else Path()) / film.relative_to(root)
        wanted[film] = out / place.with_suffix(".json")
    taken: dict[Path, list[Path]] = {}
    for film, path in wanted.items():
        taken.setdefault(path, []).append(film)
    for path, sharing in taken.items():
        for number, film in enumerate(sharing if len(sharing) > 1 else ()):
            extra = film.suffix.removeprefix(".") or "file"
            same = [one for one in sharing if one.suffix == film.suffix]
            tail = f"_{extra}" if len(same) == 1 else f"_{extra}_{number + 1}"
            wanted[film] = path.with_name(f"{path.stem}{tail}.json")
    return wanted


def _one(
    item: WorkItem, target: Path, model: LoadedModel, threshold: float, megapixels: float, patients: dict[str, str]
) -> Outcome:
    path = item.film
    if item.reason:
        return Outcome(path, item.reason)
    try:
        if item.embedded:
            film = read_picture(
                path, embedded_picture(path), max_megapixels=megapixels, patient=patients.get(path.name)
            )
        else:
            film = read_film(path, max_megapixels=megapixels, patients=patients)
    except FilmReadError as error:
        return Outcome(path, error.reason)
    annotation, note = None, ""
    if item.annotation is not None:
        try:
            annotation = read_labelme(item.annotation)
        except AnnotationReadError as error:
            note = f"annotation not used: {error.reason}"
    if annotation is not None and annotation.image_size not in ((0, 0), film.size):
        note = f"annotation not used: made for {annotation.image_size} px, the film has {film.size} px"
        annotation = None
    prediction = predict(film, model)
    shapes = prediction.above(threshold)
    outcome = Outcome(path, "", prediction, shapes, annotation, note)
    _write(outcome, film, target, model, threshold, copied=item.embedded or not film.opens_in_labelme)
    return outcome


def _write(outcome: Outcome, film: Film, target: Path, model: LoadedModel, threshold: float, copied: bool) -> None:
    """Write the JSON; with `copied`, an 8-bit PNG of the film beside it, for labelme opens no other kind."""
    target.parent.mkdir(parents=True, exist_ok=True)
    image = Path(os.path.relpath(film.path.resolve(), target.parent.resolve()))
    if copied:
        image = Path(target.with_suffix(".png").name)
        done, data = cv2.imencode(".png", film_to_grey(film))
        if not done:
            raise FilmReadError(film.path, "the 8-bit copy for labelme could not be encoded")
        target.with_suffix(".png").write_bytes(data.tobytes())
    record = {
        "version": __version__, "model": model.card.name, "weights_sha256": model.card.sha256,
        "backend": model.runner.title, "score_threshold": threshold, "film_iou": outcome.iou, "notice": NOTICE,
    }  # fmt: skip
    annotation = Annotation(
        image.as_posix(), film.size, tuple(replace(shape, source=None) for shape in outcome.shapes),
        extra=MappingProxyType({"vcfviewer": record}),
    )  # fmt: skip
    write_labelme(target, annotation)


def _row(outcome: Outcome) -> dict[str, object]:
    prediction = outcome.prediction
    if prediction is None:
        return dict(zip(COLUMNS, (outcome.film, "skipped", outcome.reason, *([None] * 10), NOTICE), strict=True))
    counts: list[int | None] = [None] * 4
    if outcome.annotation is not None:
        kinds = [match.kind for match in match_shapes(outcome.annotation.shapes, outcome.shapes)]
        counts = [kinds.count(kind) for kind in
                  (MatchKind.AGREES, MatchKind.LABEL_DIFFERS, MatchKind.MISSED, MatchKind.EXTRA)]  # fmt: skip
    annotated = None if outcome.annotation is None else len(outcome.annotation.findings)
    iou = None if outcome.iou is None else round(outcome.iou, 4)
    values = (
        outcome.film, "predicted", outcome.note, *prediction.image_size, len(outcome.shapes), annotated, *counts, iou,
        round(prediction.seconds, 3), NOTICE,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _show(outcomes: Sequence[Outcome], out: Path, output: Output) -> None:
    rows = []
    for outcome in outcomes:
        found = ", ".join(f"{shape.label} {shape.score:.2f}" for shape in outcome.shapes) or "no fracture found"
        iou = None if outcome.iou is None else f"{outcome.iou:.2f}"
        known = outcome.annotation
        expert = None if known is None else ", ".join(shape.label for shape in known.findings) or "no fracture"
        skipped = f"skipped: {outcome.reason}"
        rows.append((outcome.film.name, found if outcome.prediction else skipped, expert, iou))
    output.table("Findings", ("film", "model (label, score)", "annotated", "film IoU"), rows)
    skipped_count = sum(outcome.prediction is None for outcome in outcomes)
    output.say(f"{len(outcomes) - skipped_count} films predicted, {skipped_count} skipped. Results: {out}")
    output.say(NOTICE)
    output.record("done", predicted=len(outcomes) - skipped_count, skipped=skipped_count, out=str(out))


def _refuse_overwriting(inputs: Sequence[Path], out: Path) -> None:
    for path in inputs:
        folder = path if path.is_dir() else path.parent
        if out.resolve() == folder.resolve():
            raise ConfigError(f"--out {out} is an input folder; results would overwrite its files, choose another")
