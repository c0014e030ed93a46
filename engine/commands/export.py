"""`vcf-engine export`: the reviewed films of a folder, their labels and tables, for training or to hand on."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from engine.commands import COMMANDS
from engine.commands._output import Output
from engine.data.worklist import WorkItem, find_work
from engine.domain.annotation import Annotation
from engine.domain.case import NOTICE, ModelCard, Prediction, ReviewStatus
from engine.domain.decisions import film_review
from engine.domain.morphometry import Facing
from engine.errors import ConfigError, EngineError, FilmReadError
from engine.formats.labelme import read_labelme
from engine.resources import weights_dir
from engine.review.export import (
    ExportItem,
    ExportOptions,
    ExportReport,
    FilmCopy,
    SkippedFilm,
    export_bundle,
    export_formats,
)
from engine.review.opening import picture_sha256, read_review
from engine.review.saving import original_path
from engine.store import FolderStore, has_store
from engine.weights import list_cards, read_card

DONE = (ReviewStatus.REVIEWED, ReviewStatus.NO_FRACTURE)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "export", help=COMMANDS["export"],
        description="Export the reviewed films of a folder: labelme files for training, tables, other formats, with a "
        f"manifest, and films put aside for testing. Nothing is overwritten. {NOTICE}",
        epilog="example: vcf-engine export films/ --out export/ --formats labelme csv coco --holdout-share 0.2",
    )  # fmt: skip
    parser.add_argument("folder", type=Path, help="folder of films, as it was opened for the review")
    parser.add_argument("--out", required=True, type=Path, help="new or empty folder, or one of an earlier export")
    parser.add_argument("--annotations", type=Path, help="folder of the labelme files, if not beside the films")
    parser.add_argument("--formats", nargs="+", default=["labelme", "csv"], metavar="FORMAT",
                        help=f"any of {', '.join(export_formats())} (default: labelme csv)")  # fmt: skip
    parser.add_argument("--films", choices=[one.value for one in FilmCopy], default="copy",
                        help="copy: films go along; path: labels name them where they are (default: copy)")  # fmt: skip
    parser.add_argument("--image-data", action="store_true", help="labels carry a copy of the film")
    parser.add_argument("--deidentify", action="store_true",
                        help="hash names, strip headers; text in the picture is only warned of")  # fmt: skip
    parser.add_argument("--holdout-share", type=float, default=0.0, metavar="SHARE",
                        help="share of the patients to put aside for testing, 0 to below 1 (default: 0)")  # fmt: skip
    parser.add_argument("--reader", default="", help="who exports; stands in the manifest")
    parser.add_argument("--facing", choices=[one.value for one in Facing],
                        help="facing of films that don't tell it; else their heights aren't measured")  # fmt: skip
    parser.add_argument("--all", action="store_true", help="films whose review isn't finished too")
    parser.add_argument("--model", type=Path, help="model card whose kept predictions count; default: the bundled one")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Export, and show what was left out and what to look at."""
    if not arguments.folder.is_dir():
        raise ConfigError(f"{arguments.folder} is no folder; name the folder that was reviewed")
    options = ExportOptions(
        arguments.out, tuple(dict.fromkeys(arguments.formats)), FilmCopy(arguments.films), arguments.image_data,
        arguments.deidentify, arguments.holdout_share, arguments.reader,
        Facing(arguments.facing) if arguments.facing else None,
    )  # fmt: skip
    work = find_work([arguments.folder], arguments.annotations)
    card = _card(arguments.model)
    with ExitStack() as stack, output.progress("exporting") as report:
        store = None
        if has_store(arguments.folder):
            store = FolderStore.open(arguments.folder, arguments.reader)
            stack.callback(store.close)
        items = _items(work, arguments.folder, store, card, arguments.all)
        done = export_bundle(items, options, report, total=len(work))
    _show(done, output)
    return 0


def _card(chosen: Path | None) -> ModelCard | None:
    if chosen is not None:
        return read_card(chosen)
    bundled = list_cards(weights_dir())
    return bundled[0][1] if bundled else None


def _items(
    work: Sequence[WorkItem], folder: Path, store: FolderStore | None, card: ModelCard | None, unfinished: bool
) -> Iterator[ExportItem | SkippedFilm]:
    """Yield one film after the other, as the journal has it where there is one."""
    for item in work:
        key = item.film.relative_to(folder).as_posix() if item.film.is_relative_to(folder) else item.film.name
        try:
            if item.reason:
                raise FilmReadError(item.film, item.reason)
            prediction = _prediction(item, store, card)
            annotation, original = _said(item, store, prediction)
        except (EngineError, OSError) as error:
            yield SkippedFilm(key, str(error))
            continue
        status = film_review(annotation).status
        if unfinished or status in DONE:
            yield ExportItem(item.film, annotation, original, prediction, key, embedded=item.embedded)
        else:
            yield SkippedFilm(key, f"its review is not finished ({status.value})")


def _prediction(item: WorkItem, store: FolderStore | None, card: ModelCard | None) -> Prediction | None:
    if store is None or card is None:
        return None
    return store.get_prediction(picture_sha256(item, store), card)


def _said(
    item: WorkItem, store: FolderStore | None, prediction: Prediction | None
) -> tuple[Annotation, Annotation | None]:
    """Return the annotation as it stands, and as it was first opened (None where nobody knows)."""
    if store is not None:
        said = read_review(item, store, (0, 0) if prediction is None else prediction.image_size)
        return said.annotation, said.original
    if item.annotation is None:
        return Annotation(item.film.name, (0, 0)), None
    first = original_path(item.annotation)
    return read_labelme(item.annotation), read_labelme(first) if first.is_file() else None


def _show(report: ExportReport, output: Output) -> None:
    films = report.training_films + report.held_out_films
    output.table("Left out", ("film", "reason"), [(one.film, one.reason) for one in report.skipped])
    for text in report.warnings:
        output.say(f"Warning: {text}")
    output.say(f"{films} films exported ({report.held_out_films} of them put aside for testing), "
               f"{len(report.skipped)} left out. Folder: {report.folder}")  # fmt: skip
    output.say(NOTICE)
    output.record(
        "done", folder=str(report.folder), train=report.training_films, holdout=report.held_out_films,
        skipped=[{"film": one.film, "reason": one.reason} for one in report.skipped],
        warnings=list(report.warnings), files=len(report.written),
    )  # fmt: skip
