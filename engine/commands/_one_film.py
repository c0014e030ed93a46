"""One film of `vcf-engine predict`: a film in, its labelme JSON on the disk and its row of the summary out.

The JSON's own record says what it was made of: the sha256 of film, annotation and weights, the card's other settings,
the score threshold, the versions of the program and of what ran the model. A film whose JSON says what this run would
say isn't predicted again, which is how a run that was cut off goes on, and how a film that comes to a second worker is
done once. How many threads or which computer made it isn't asked, though the last digits of outlines and scores hang on
that.

Decision: the record lies in the file that it speaks of, which is put in place whole. Rejected: a journal in the folder
of results, or `engine.store`, since several computers can't write SQLite on a network share. Consequence: a file that
somebody edited since is told by the digest of its findings, and is written anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import cv2

from engine import __version__
from engine.data.worklist import WorkItem, read_film_or_copy
from engine.domain.annotation import Annotation, Shape
from engine.domain.case import NOTICE
from engine.domain.matching import MatchKind, film_iou, match_shapes
from engine.errors import AnnotationReadError, AnnotationWriteError, FilmReadError
from engine.files import is_special
from engine.films import Film
from engine.films.display import film_to_grey
from engine.formats._atomic import write_atomic
from engine.formats.labelme import NAMESPACE, read_labelme, write_labelme
from engine.predict import LoadedModel, load_model, predict

COLUMNS = (
    "film", "status", "reason", "height_px", "width_px", "predicted_fractures", "annotated_fractures", "agrees",
    "label_differs", "missed", "extra", "film_iou", "seconds", "notice",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """What the films of one run share: the model's card, the score from which a finding counts, the largest film.

    `backend` and `threads` (of a process; None: all cores) are what the model runs on.
    """

    card: Path
    threshold: float
    max_megapixels: float
    backend: str = "auto"
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class FilmJob:
    """One film to predict, the JSON that it goes to, and the path by which the summary calls it."""

    item: WorkItem
    target: Path
    name: Path


@dataclass(frozen=True, slots=True)
class Row:
    """What a run keeps of a film: `values` are the summary's, as in COLUMNS; `told` is what people are shown."""

    values: tuple[object, ...]
    told: tuple[str | None, ...]

    @property
    def predicted(self) -> bool:
        """Whether the film was predicted, and so has a JSON."""
        return self.values[1] == "predicted"


@dataclass(frozen=True, slots=True)
class _Found:
    """What the model found from the threshold on: `size` is (height, width) px of the film."""

    size: tuple[int, int]
    shapes: tuple[Shape, ...]
    seconds: float


def load(settings: Settings) -> LoadedModel:
    """Load the model of a run, once a process; raises WeightsError."""
    return load_model(settings.card, settings.backend, settings.threads)


def predict_film(job: FilmJob, model: LoadedModel, settings: Settings) -> Row:
    """Predict one film and write its JSON, unless that stands there already; a film that fails gets its reason.

    Raises AnnotationWriteError: where one file can't be written, the next can't either.
    """
    try:
        return _predict_film(job, model, settings)
    except FilmReadError as error:
        return skipped(job, error.reason)
    except AnnotationWriteError:
        raise
    except Exception as error:
        # Thousands of films needn't end with the one that no one foresaw.
        traceback.print_exc()
        return skipped(job, f"could not be predicted: {type(error).__name__}: {error}")


def skipped(job: FilmJob, reason: str) -> Row:
    """Return the row of a film that wasn't predicted."""
    values = (job.name, "skipped", reason, *([None] * 10), NOTICE)
    return Row(values, (job.name.name, f"skipped: {reason}", None, None))


def written(job: FilmJob, name: str) -> Annotation:
    """Return what was written of a predicted film, by the `name` it goes by in exports; raises AnnotationReadError."""
    return replace(read_labelme(job.target), image_name=name)


def _predict_film(job: FilmJob, model: LoadedModel, settings: Settings) -> Row:
    if job.item.reason:
        raise FilmReadError(job.item.film, job.item.reason)
    made_of = _made_of(job.item, model, settings)
    found = _kept(job, made_of)
    film = None
    if found is None:
        film = read_film_or_copy(job.item.film, job.item.embedded, settings.max_megapixels)
        prediction = predict(film, model)
        found = _Found(film.size, prediction.above(settings.threshold), round(prediction.seconds, 3))
    annotation, note = _expert(job.item, found.size)
    iou = None if annotation is None else film_iou(annotation.shapes, found.shapes)
    if film is not None:
        own = {"film_iou": iou, "seconds": found.seconds, "findings_sha256": _digest(found.shapes), "notice": NOTICE}
        _write(job, film, found, {"model": model.card.name, **made_of, **own})
    return _row(job, found, annotation, note, iou)


def _made_of(item: WorkItem, model: LoadedModel, settings: Settings) -> dict[str, object]:
    """Return all that a film's JSON hangs on; a run that would say the same needn't write it again."""
    card = model.card
    return {
        "version": __version__, "weights_sha256": card.sha256, "card": card.settings_key,
        "backend": model.runner.title.partition(",")[0],
        "score_threshold": settings.threshold, "max_megapixels": settings.max_megapixels,
        "film_sha256": _sha256(item.film), "annotation_sha256": item.annotation and _sha256(item.annotation),
    }  # fmt: skip


def _kept(job: FilmJob, made_of: Mapping[str, object]) -> _Found | None:
    """Return what a film's JSON says, if it was made of the same and stands as it was written."""
    if not job.target.is_file():
        return None
    try:
        annotation = read_labelme(job.target)
    except AnnotationReadError:
        return None  # Whatever it is, it wasn't written by a run like this one.
    record = annotation.extra.get(NAMESPACE)
    if not isinstance(record, dict) or any(record.get(key) != value for key, value in made_of.items()):
        return None
    if annotation.image_name not in (_beside(job).name, _relative(job)):
        return None
    if not (job.target.parent / annotation.image_name).is_file():
        return None
    seconds = record.get("seconds")
    if not isinstance(seconds, float) or record.get("findings_sha256") != _digest(annotation.shapes):
        return None
    return _Found(annotation.image_size, annotation.shapes, seconds)


def _expert(item: WorkItem, size: tuple[int, int]) -> tuple[Annotation | None, str]:
    """Return the annotation of a film of (height, width) px, or why there is none to compare with."""
    if item.annotation is None:
        return None, ""
    try:
        annotation = read_labelme(item.annotation)
    except AnnotationReadError as error:
        return None, f"annotation not used: {error.reason}"
    if annotation.image_size not in ((0, 0), size):
        return None, f"annotation not used: made for {annotation.image_size} px, the film has {size} px"
    return annotation, ""


def _write(job: FilmJob, film: Film, found: _Found, record: Mapping[str, object]) -> None:
    """Write the JSON; beside it, where labelme can't open the film, an 8-bit PNG of it, and that one first."""
    image = _relative(job)
    try:
        job.target.parent.mkdir(parents=True, exist_ok=True)
        if job.item.embedded or not film.opens_in_labelme:
            done, data = cv2.imencode(".png", film_to_grey(film))
            if not done:
                raise FilmReadError(film.path, "the 8-bit copy for labelme could not be encoded")
            write_atomic(_beside(job), data.tobytes())
            image = _beside(job).name
    except OSError as error:
        raise AnnotationWriteError(job.target, f"could not be written: {error.strerror or error}") from error
    annotation = Annotation(
        image, film.size, tuple(replace(shape, source=None) for shape in found.shapes),
        extra=MappingProxyType({NAMESPACE: record}),
    )  # fmt: skip
    write_labelme(job.target, annotation)


def _row(job: FilmJob, found: _Found, annotation: Annotation | None, note: str, iou: float | None) -> Row:
    counts: list[int | None] = [None] * 5
    expert = None
    if annotation is not None:
        kinds = [match.kind for match in match_shapes(annotation.shapes, found.shapes)]
        counts = [len(annotation.findings), *(kinds.count(kind) for kind in
                  (MatchKind.AGREES, MatchKind.LABEL_DIFFERS, MatchKind.MISSED, MatchKind.EXTRA))]  # fmt: skip
        expert = ", ".join(shape.label for shape in annotation.findings) or "no fracture"
    values = (
        job.name, "predicted", note, *found.size, len(found.shapes), *counts, None if iou is None else round(iou, 4),
        found.seconds, NOTICE,
    )  # fmt: skip
    findings = ", ".join(f"{shape.label} {shape.score:.2f}" for shape in found.shapes) or "no fracture found"
    return Row(values, (job.name.name, findings, expert, None if iou is None else f"{iou:.2f}"))


def _beside(job: FilmJob) -> Path:
    return job.target.with_suffix(".png")


def _relative(job: FilmJob) -> str:
    """Return the film's path as seen from its JSON, with slashes."""
    return Path(os.path.relpath(job.item.film.resolve(), job.target.parent.resolve())).as_posix()


def _sha256(path: Path) -> str:
    """Return the digest of a file, empty where it can't be read: reading it will tell why."""
    try:
        if is_special(path):
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _digest(shapes: Sequence[Shape]) -> str:
    """Return the digest of labels, outlines and scores; ids are made up anew each time."""
    said = [(shape.label, shape.polygon.points.tolist(), shape.score) for shape in shapes]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
