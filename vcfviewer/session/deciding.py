"""What a reader decides and edits, said to the document: every method is one undo step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.domain import decisions, edits
from engine.domain.annotation import Annotation, Shape
from engine.domain.case import ReviewStatus
from engine.domain.decisions import RejectReason
from engine.domain.labels import LabelTable, Level, Status, write_label
from engine.domain.morphometry import Facing
from engine.review import FindingRow
from vcfviewer.document import Document
from vcfviewer.session.case import CaseSession, is_disagreement
from vcfviewer.translation import translate


def on_its_way(film: str) -> str:
    """Return why nothing is edited while a film is being opened."""
    return translate("Deciding", "{film} is being opened. Go on once it is there.").format(film=film)


class Deciding(QObject):
    """Turns keys into edits of the document; `refused` says in one sentence why an edit can't be done."""

    refused = Signal(str)

    def __init__(self, document: Document, case: CaseSession, parent: QObject | None = None) -> None:
        """Edit `document`, for the findings of `case`."""
        super().__init__(parent)
        self._document, self._case = document, case
        self.reader = ""
        self.labels = LabelTable()
        self.awaited = ""
        """The key of the film that is on its way to the screen, "" for none; edits are refused until it is there."""

    def apply(self, text: str, change: Callable[[Annotation], Annotation], merge_key: str = "") -> bool:
        """Run one edit on the annotation as it stands; whether it changed anything."""
        annotation = self._document.annotation
        if annotation is None:
            return False
        if self.awaited:
            self.refused.emit(on_its_way(self.awaited))
            return False
        try:
            return self._document.edit(text, decisions.consistent(change(annotation)), merge_key)
        except ValueError as error:
            said = str(error)
            self.refused.emit(f"{said[:1].upper()}{said[1:]}.")
            return False

    def accept(self) -> bool:
        """Accept the finding in question: the model's outline becomes the reader's, an expert's own is confirmed."""
        row = self._case.row()
        if row is None:
            self.refused.emit(self.tr("Choose a finding first: N goes to the next disagreement."))
            return False
        text = self.tr("Accept {label}").format(label=row.label)
        return self.apply(text, lambda annotation: self._accepted(annotation, row))

    def accept_all(self) -> bool:
        """Accept everything that the model found on this film and nobody decided on."""
        rows = [row for row in self._case.rows if row.decision is None and row.predicted is not None]
        pairs = [(row.predicted, None if row.expert is None else row.expert.id) for row in rows if row.predicted]
        card = None if self._case.prediction is None else self._case.prediction.card
        if not pairs:
            self.refused.emit(self.tr("The model's findings on this film are all decided."))
            return False
        return self.apply(
            self.tr("Accept all findings"),
            lambda annotation: decisions.accept_all(annotation, pairs, card, self.reader, now()),
        )

    def reject(self, reason: RejectReason) -> bool:
        """Reject the model's finding in question, with a reason."""
        row = self._case.row()
        if row is None or row.predicted is None:
            self.refused.emit(
                self.tr("There is no finding of the model's to reject here. An expert's finding is deleted with Del.")
            )
            return False
        predicted = row.predicted
        card = None if self._case.prediction is None else self._case.prediction.card
        text = self.tr("Reject {label}").format(label=predicted.label)
        return self.apply(
            text, lambda annotation: decisions.reject(annotation, predicted, card, reason, self.reader, now())
        )

    def withdraw(self) -> bool:
        """Take the decision on the finding in question back."""
        row = self._case.row()
        finding = None if row is None else row.predicted or row.expert
        if finding is None:
            return False
        weights = self._case.facts().weights_sha256
        return self.apply(
            self.tr("Take the decision back"), lambda annotation: decisions.withdraw(annotation, finding, weights)
        )

    def copy_to_expert(self) -> bool:
        """Copy the model's outline in question into the annotation, beside what stands there."""
        row = self._case.row()
        if row is None or row.predicted is None:
            self.refused.emit(self.tr("Choose a finding of the model's to copy."))
            return False
        predicted = row.predicted
        card = None if self._case.prediction is None else self._case.prediction.card
        return self.apply(
            self.tr("Copy {label}").format(label=predicted.label),
            lambda annotation: edits.adopt_prediction(annotation, predicted, card),
        )

    def set_film(
        self, status: ReviewStatus | None = None, flagged: bool | None = None, comment: str | None = None
    ) -> bool:
        """Say where the review of the film stands; a blind reader commits the first read before it is done."""
        if status in (ReviewStatus.REVIEWED, ReviewStatus.NO_FRACTURE) and self.must_commit():
            return False
        text = self.tr("Comment") if status is None and flagged is None else self.tr("Review of the film")
        return self.apply(
            text,
            lambda annotation: decisions.set_film_review(
                annotation, status, flagged, comment, reader=self.reader, at=now()
            ),
        )

    def toggle_flag(self) -> bool:
        """Flag the film, or take the flag away."""
        annotation = self._document.annotation
        return annotation is not None and self.set_film(flagged=not decisions.film_review(annotation).flagged)

    def set_attributes(self, said: Mapping[str, Any]) -> bool:
        """Say acuity, pathological, implant, level_certain or grade of the expert's shape in question."""
        row = self._case.row()
        if row is None or row.expert is None:
            self.refused.emit(self.tr("Accept the finding first: attributes belong to the reader's own shape."))
            return False
        shape_id = row.expert.id
        if said.get("grade", 0) is None:
            return self.apply(self.tr("Grade"), lambda annotation: decisions.clear_grade(annotation, [shape_id]))
        return self.apply(
            self.tr("Attributes"), lambda annotation: decisions.set_attributes(annotation, [shape_id], **said)
        )

    def relabel(self, shape_ids: frozenset[str], label: str) -> bool:
        """Give the reader's shapes another label; a finding of the model's alone is accepted under it."""
        own = self._own(shape_ids)
        text = self.tr("Relabel to {label}").format(label=label)
        if own:
            return self.apply(text, lambda annotation: edits.relabel(annotation, own, label, self.labels))
        row = self._case.row(next(iter(shape_ids), ""))
        if row is None or row.predicted is None:
            self.refused.emit(self.tr("Select a shape to relabel first."))
            return False

        def accepted(annotation: Annotation) -> Annotation:
            after = self._accepted(annotation, row)
            fresh = [one for one in after.shapes if one not in annotation.shapes]
            return edits.relabel(after, [one.id for one in fresh], label, self.labels)

        return self.apply(text, accepted)

    def relabel_level(self, shape_ids: frozenset[str], level: Level) -> bool:
        """Give the shapes another level, and leave their status."""
        annotation = self._document.annotation
        own = self._own(shape_ids)
        if annotation is None or len(own) != 1:
            return self.relabel(shape_ids, write_label(level, Status.FRACTURED))
        status = annotation.shape(own[0]).status or Status.FRACTURED
        return self.relabel(shape_ids, write_label(level, status))

    def shift_levels(self, steps: int) -> bool:
        """Rename all levels of the film."""
        return self.apply(self.tr("Shift all levels"), lambda annotation: edits.shift_levels(annotation, steps))

    def set_facing(self, facing: Facing | None) -> bool:
        """Say which way the patient looks."""
        return self.apply(self.tr("Facing"), lambda annotation: decisions.set_facing(annotation, facing))

    def calibrate(self, pixels: float, millimetres: float) -> bool:
        """Set the spacing by a line of `pixels` that is `millimetres` long."""
        return self.apply(
            self.tr("Calibrate"), lambda annotation: decisions.set_calibration(annotation, millimetres / pixels)
        )

    def commit_read(self) -> bool:
        """Commit the first read: what stands now is kept, and predictions are shown from now on."""
        return self.apply(
            self.tr("Commit the first read"),
            lambda annotation: decisions.set_blind_read(annotation, annotation.shapes, self.reader, now()),
        )

    def must_commit(self) -> bool:
        """Whether the first read has to be committed before; then the reader is told so."""
        if self._case.hidden:
            self.refused.emit(
                self.tr("Commit your first read before that; the model's findings stay hidden till then.")
            )
        return self._case.hidden

    def next_open(self, step: int = 1) -> str:
        """Return the key of the next disagreement of this film after the one in question, "" where none is left."""
        order = sorted(self._case.compared, key=lambda row: row.bounds[1])
        keys = [row.key for row in order]
        start = keys.index(self._case.current) if self._case.current in keys else (-1 if step > 0 else len(keys))
        rest = order[start + 1 :] if step > 0 else list(reversed(order[: max(start, 0)]))
        return next((row.key for row in rest if is_disagreement(row)), "")

    def _accepted(self, annotation: Annotation, row: FindingRow) -> Annotation:
        if row.predicted is None:
            if row.expert is None:
                raise ValueError(self.tr("this finding was deleted: there is nothing to accept; undo brings it back"))
            return decisions.confirm(annotation, row.expert.id, self.reader, now())
        card = None if self._case.prediction is None else self._case.prediction.card
        partner = None if row.expert is None else row.expert.id
        return decisions.accept(annotation, row.predicted, card, partner, self.reader, now())

    def _own(self, shape_ids: frozenset[str]) -> list[str]:
        annotation = self._document.annotation
        shapes: tuple[Shape, ...] = () if annotation is None else annotation.shapes
        return [shape.id for shape in shapes if shape.id in shape_ids]


def now() -> str:
    """Return the time as decisions keep it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
