"""Corrected films and labels for retraining, in one folder that says what it holds.

```
manifest.json    every file with its sha256, who decided what, by which model; there only once all else is
holdout.json     films put aside for testing, if any were asked for (not in de-identified tables without films)
findings.csv     a row a vertebra          decisions.csv    a row a predicted finding
train/, holdout/ images/ (films that labelme opens, each with its .json)   originals/ (DICOM, 16 bit)
                 coco.json, labels/ and data.yaml (YOLO)
```

Decision: labels lie beside an 8-bit picture of the film as it is shown, the original apart. Rejected: labels beside
the DICOM file, which labelme can't open. Consequence: a network trains on the greys that the reader saw.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.control import CancelToken, Progress, no_progress
from engine.data.held_out import pixels_sha256
from engine.domain import notes
from engine.domain.annotation import Annotation, Shape
from engine.domain.case import ReviewStatus
from engine.domain.decisions import film_review
from engine.domain.edits import NAMESPACE
from engine.domain.labels import Status
from engine.errors import AnnotationWriteError, FilmReadError
from engine.films.patients import read_patients
from engine.formats.labelme import write_labelme
from engine.review.deidentify import Pseudonyms, cleaned_annotation, upright_polarity
from engine.review.export_burned_in import find_lettering, header_hints
from engine.review.export_films import (
    IMAGES,
    FilmFiles,
    Source,
    clean_picture,
    copy_film,
    leave_film,
    read_source,
    write_clean_film,
)
from engine.review.export_finish import Ending, Entry, finish
from engine.review.export_folder import FileNames, begin_export
from engine.review.export_labels import geometry_of, training_truth, with_film_facts
from engine.review.export_tables import count_decisions, decision_rows, finding_rows, predicted_findings
from engine.review.export_values import (
    LABELME,
    TABLES,
    ExportItem,
    ExportOptions,
    ExportReport,
    FilmCopy,
    SkippedFilm,
    export_formats,
)
from engine.review.holdout import FilmIdentity, HoldoutPlan, earlier_exports

__all__ = (
    "ExportItem", "ExportOptions", "ExportReport", "FilmCopy", "SkippedFilm", "export_bundle", "export_formats",
)  # fmt: skip


def export_bundle(
    items: Iterable[ExportItem | SkippedFilm],
    options: ExportOptions,
    progress: Progress = no_progress,
    cancel: CancelToken | None = None,
    total: int = 0,
) -> ExportReport:
    """Write films and labels to a folder; one film after the other is read, so that `items` may open them lazily.

    `total` is how many there are, for the progress, where `items` can't say it. A film that can't be read, that nothing
    was said about, or that is unusable is skipped with its reason. Raises ConfigError for a folder with other files in
    it, AnnotationWriteError (full disk, no rights) and Cancelled; what was written until then stays, in a folder that
    says it is incomplete.
    """
    token = cancel or CancelToken()
    earlier = earlier_exports(options.folder)
    folder = begin_export(options.folder)
    export = _Export(options, folder, HoldoutPlan(options.holdout_share, earlier))
    total = len(items) if isinstance(items, Sized) else total
    try:
        for done, item in enumerate(items):
            token.check()
            progress(done, total, item.film if isinstance(item, SkippedFilm) else item.name)
            export.take(item)
        token.check()
        progress(total, total, "")
        return finish(export.entries, export.ending(), token)
    except (OSError, AnnotationWriteError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else error.reason
        raise AnnotationWriteError(
            folder,
            f"the export could not be finished: {reason}; what is there is marked as incomplete. Make room or choose "
            "another folder, delete this one, and export again",
        ) from error


@dataclass(frozen=True, slots=True)
class _Names:
    """The names one film has in the export."""

    film: str
    patient: str | None
    key: str | None


class _Export:
    """An export that is under way."""

    def __init__(self, options: ExportOptions, folder: Path, plan: HoldoutPlan) -> None:
        self.entries: list[Entry] = []
        self.skipped: list[SkippedFilm] = []
        self.warnings: list[str] = []
        self._options = options
        self._folder = folder
        self._plan = plan
        self._stems = FileNames()
        self._hidden = Pseudonyms() if options.deidentify else None
        self._sources: set[Path] = set()
        self._unfinished: list[str] = []
        self._tables: dict[Path, dict[str, str]] = {}

    def ending(self) -> Ending:
        """Return what the end of the export needs."""
        now = datetime.now(UTC)
        created = now.isoformat(timespec="seconds") if self._hidden is None else now.date().isoformat()
        reader = self._options.reader if self._hidden is None else self._hidden.reader(self._options.reader)
        warnings = (*self.warnings, *self._general_warnings())
        return Ending(self._options, self._folder, reader, created, tuple(self.skipped), warnings)

    def take(self, item: ExportItem | SkippedFilm) -> None:
        """Write one film, or note why not."""
        if isinstance(item, SkippedFilm):
            self.skipped.append(item)
            return
        reason = _unfit(item)
        if reason:
            self.skipped.append(SkippedFilm(item.name, reason))
            return
        try:
            source = read_source(item.film_path, item.embedded)
            reason = self._film(item, source)
        except FilmReadError as error:
            reason = error.reason
        if reason:
            self.skipped.append(SkippedFilm(item.name, reason))

    def _film(self, item: ExportItem, source: Source) -> str:
        """Write a film with all that belongs to it; returns why it had to be left out."""
        if item.annotation.image_size not in ((0, 0), source.film.size):
            return f"its annotation was made for {item.annotation.image_size} px, the film has {source.film.size} px"
        known = self._patient(item) or source.film.patient or _noted_patient(item.annotation)
        identity = FilmIdentity(source.sha256, pixels_sha256(source.film), known)
        part = self._plan.part(identity)
        if part is None:
            return "its picture or its patient lies both among the training films and in the hold-out; see to patients"
        self._sources.add(item.film_path.parent.resolve())
        names = self._names(item, known)
        annotation = item.annotation if self._hidden is None else cleaned_annotation(item.annotation, self._hidden)
        truth, told = training_truth(annotation, source.film)
        self.warnings += [f"{item.name}: {text}" for text in told]
        files = self._write_film(source, self._folder / part, names.film)
        record = self._record(item, source, annotation, names, identity)
        record["findings"] = len(truth.findings)
        record["normals"] = sum(shape.status is Status.NORMAL for shape in truth.shapes)
        if self._hidden is not None:
            record["text_suspected"] = self._look_for_text(item, source, names.film)
        geometry = geometry_of(item.annotation, source.film, self._options.assumed_facing)
        facts = {"patient": names.patient, "key": names.key, "original": files.original and f"../{files.original}"}
        truth = with_film_facts(truth, geometry, {key: value for key, value in facts.items() if value is not None})
        label = self._write_label(truth, files, self._folder / part, names.film)
        findings = predicted_findings(annotation, item.prediction)
        tables = TABLES in self._options.formats
        self.entries.append(Entry(
            identity, part, names.film, replace(files, data=b""), label, self._slim(truth), record,
            tuple(finding_rows(truth, geometry)) if tables else (),
            tuple(decision_rows(findings, item.original)) if tables else (),
            count_decisions(findings, truth), tuple({(one.model, one.weights_sha256) for one in findings}),
        ))  # fmt: skip
        return ""

    def _slim(self, truth: Annotation) -> Annotation:
        """Return what other formats need of a film's truth: all of it is kept until the end, the pictures aren't."""
        if set(self._options.formats) <= {LABELME, TABLES}:
            return Annotation("", truth.image_size)
        shapes = tuple(Shape(one.id, one.label, one.polygon, meaning=one.meaning) for one in truth.shapes)
        return Annotation("", truth.image_size, shapes)

    def _patient(self, item: ExportItem) -> str | None:
        """Return the patient as the caller says, or a `patients.csv` beside the film."""
        folder = item.film_path.parent
        if folder not in self._tables:
            self._tables[folder] = read_patients([item.film_path])
        return item.patient or self._tables[folder].get(item.film_path.name)

    def _names(self, item: ExportItem, patient: str | None) -> _Names:
        if self._hidden is None:
            return _Names(self._stems.stem(item.name), patient, item.name)
        return _Names(self._stems.stem(self._hidden.film(str(item.film_path))), self._hidden.patient(patient), None)

    def _write_film(self, source: Source, part: Path, name: str) -> FilmFiles:
        if not self._options.has_labels:
            return FilmFiles("", "" if self._options.tells_no_film else source.sha256, b"", by_path=True)
        if self._hidden is not None:
            return write_clean_film(source, part, name)
        if self._options.films is FilmCopy.COPY:
            return copy_film(source, part, name, keep_original=True)
        outside = source.film.path.is_file() and source.film.path.suffix.lower() != ".json"
        if source.film.opens_in_labelme and outside:
            return leave_film(source, part)
        return copy_film(source, part, name, keep_original=False)

    def _write_label(self, truth: Annotation, files: FilmFiles, part: Path, name: str) -> str | None:
        if LABELME not in self._options.formats:
            return None
        place = part / IMAGES
        place.mkdir(parents=True, exist_ok=True)
        image = files.image if files.by_path else Path(files.image).name
        if files.by_path and not Path(image).is_absolute():
            image = Path(os.path.relpath(self._folder / image, place)).as_posix()
        data = files.base64 if self._options.image_data else None
        write_labelme(place / f"{name}.json", replace(truth, image_name=image, image_data=data))
        return f"{IMAGES}/{name}.json"

    def _record(
        self, item: ExportItem, source: Source, annotation: Annotation, names: _Names, identity: FilmIdentity
    ) -> dict[str, Any]:
        """Return what the manifest says of a film, but for its files."""
        review = film_review(annotation)
        card = None if item.prediction is None else item.prediction.card
        if not review.status.is_final:
            self._unfinished.append(item.name)
        return {
            "key": names.key, "source_sha256": None if self._hidden is not None else source.sha256,
            "pixels_sha256": None if self._options.tells_no_film else identity.pixels_sha256,
            "size": list(source.film.size), "patient": names.patient,
            "status": review.status.value, "flagged": review.flagged, "reader": review.reader,
            "reviewed_at": review.at, "blind_read": review.blind,
            "pinned": self._plan.was_dealt_before(identity),
            "model": None if card is None else {"name": card.name or card.model, "sha256": card.sha256},
        }  # fmt: skip

    def _general_warnings(self) -> Iterator[str]:
        if self._unfinished:
            more = " and others" if len(self._unfinished) > 3 else ""
            names = ", ".join(self._unfinished[:3]) + more
            yield f"{len(self._unfinished)} films were exported though their review is not finished: {names}"
        folder = self._folder.resolve()
        if any(folder.is_relative_to(source) for source in self._sources):
            yield "the export lies within the folder of the films: its copies will be listed there as films too"

    def _look_for_text(self, item: ExportItem, source: Source, name: str) -> list[str]:
        hints = list(header_hints(item.film_path))
        shown = find_lettering(clean_picture(upright_polarity(source.film)))
        if shown:
            places = ", ".join(f"{x0} to {x1}, {y0} to {y1}" for x0, y0, x1, y1 in shown[:3])
            hints.append(f"something like lettering at x, y = {places} px")
        if hints:
            self.warnings.append(
                f"{item.name} (exported as {name}): text may be burned into the picture: {'; '.join(hints)}. Look at "
                "it before you hand it on"
            )
        return hints


def _unfit(item: ExportItem) -> str:
    """Return why a film is no truth to train on, empty if it is."""
    review = film_review(item.annotation)
    if review.status is ReviewStatus.UNUSABLE:
        return "the reader calls it unusable"
    drawn = any(shape.score is None for shape in item.annotation.shapes)
    if not drawn and review.status not in (ReviewStatus.NO_FRACTURE, ReviewStatus.REVIEWED):
        return "nothing is drawn on it and nobody confirmed that nothing is there; review it first"
    return ""


def _noted_patient(annotation: Annotation) -> str | None:
    own = annotation.extra.get(NAMESPACE)
    return notes.text(own, "patient") or None if isinstance(own, Mapping) else None
