"""The film on the screen: its annotation, what the model says of it, and how the two compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from engine.control import CancelToken
from engine.domain.annotation import Annotation, Shape
from engine.domain.case import Prediction
from engine.domain.decisions import calibration, facing, film_review
from engine.domain.matching import MatchKind
from engine.domain.morphometry import Facing, VertebraMeasurement
from engine.films import Film, SpacingState
from engine.review import FilmFacts, FilmSummary, FindingRow, finding_rows, measure_findings, summarise
from engine.review.opening import OpenedCase
from vcfviewer.document import Document
from vcfviewer.jobs import Jobs, Lane


@dataclass(frozen=True, slots=True)
class Scale:
    """Millimetres a pixel (row, column) and which millimetres those are; None where the film allows none."""

    spacing: tuple[float, float] | None
    caption: str


MEASURED_AFTER_MS = 100
"""How long heights wait for the window to show what changed."""


class CaseSession(QObject):
    """Derives rows and summary from annotation, prediction and threshold, anew wherever one of them changed."""

    changed = Signal()
    chosen = Signal(str)  # the key of the finding in question, "" for none

    def __init__(self, document: Document, jobs: Jobs, parent: QObject | None = None) -> None:
        """Start without a film."""
        super().__init__(parent)
        self._document, self._jobs = document, jobs
        self.key = ""
        self.case: OpenedCase | None = None
        self.prediction: Prediction | None = None
        self.threshold = 0.5
        self.iou_threshold = 0.5
        self.blind = False
        self.assumed_facing: Facing | None = None
        self.rows: tuple[FindingRow, ...] = ()
        self.current = ""
        self._measured: Mapping[str, VertebraMeasurement] = {}
        self._measured_for: tuple[object, ...] = ()
        self._summary: FilmSummary | None = None
        self._summary_of: tuple[object, ...] = ()
        self._spacing: tuple[float, float] | None = None
        document.changed.connect(self.refresh)

    @property
    def film(self) -> Film | None:
        """Return the film on the screen."""
        return None if self.case is None else self.case.film

    @property
    def digest(self) -> str:
        """Return the sha256 of the film's bytes as it was opened, "" without a film."""
        return "" if self.case is None else self.case.film_sha256

    @property
    def annotation(self) -> Annotation | None:
        """Return the annotation as it stands."""
        return self._document.annotation

    @property
    def hidden(self) -> bool:
        """Whether predictions stay hidden: the reader hasn't committed the first read yet."""
        annotation = self.annotation
        return self.blind and annotation is not None and not film_review(annotation).blind

    @property
    def compared(self) -> tuple[FindingRow, ...]:
        """Return the rows once there is something to compare: before that each expert's finding would seem missed."""
        return () if self.hidden or self.prediction is None else self.rows

    @property
    def predicted(self) -> tuple[Shape, ...]:
        """Return the findings shown of the model: none while they stay hidden."""
        if self.prediction is None or self.hidden:
            return ()
        return self.prediction.above(self.threshold)

    def open(self, key: str, case: OpenedCase) -> None:
        """Put a film on the screen."""
        self.key, self.case, self.prediction, self.current = key, case, None, ""
        self._document.open(
            case.annotation, case.original, case.steps, case.position, read_only=case.holder is not None
        )

    def close(self) -> None:
        """Take the film from the screen."""
        self.key, self.case, self.prediction, self.current = "", None, None, ""
        self._document.close()

    def set_prediction(self, prediction: Prediction | None) -> None:
        """Show what a model says."""
        self.prediction = prediction
        self.refresh()

    def set_threshold(self, threshold: float) -> None:
        """Show the predicted findings from this score on (0..1)."""
        self.threshold = threshold
        self.refresh()

    def set_rules(self, iou_threshold: float, blind: bool, assumed_facing: Facing | None) -> None:
        """Take over what the settings say of matching, of the first read, and of films that tell no facing."""
        self.iou_threshold, self.blind, self.assumed_facing = iou_threshold, blind, assumed_facing
        self.refresh()

    def choose(self, key: str) -> None:
        """Make a finding the one in question."""
        if key != self.current:
            self.current = key
            self.chosen.emit(key)

    def row(self, key: str = "") -> FindingRow | None:
        """Return a finding's row, the one in question by default; a shape's id on either side will do."""
        wanted = key or self.current
        return next((row for row in self.rows if wanted and wanted in row_ids(row)), None)

    def facts(self) -> FilmFacts:
        """Return facing, spacing and weights."""
        weights = "" if self.prediction is None else self.prediction.card.sha256
        return FilmFacts(self.facing()[0], self.scale().spacing, weights)

    def facing(self) -> tuple[Facing | None, str]:
        """Return which way the patient looks, and who says so: reader, film, annotation, settings, or nobody ("")."""
        if self.annotation is None or self.film is None:
            return (None, "")
        by_reader = facing(self.annotation)
        if by_reader is not None:
            return (by_reader, self.tr("set by the reader"))
        if self.film.facing is not None:
            return (self.film.facing, self.tr("from the film's file"))
        own = self.annotation.extra.get("vcfviewer")
        said = str(own.get("facing", "")).lower() if isinstance(own, Mapping) else ""
        found = next((one for one in Facing if one.value == said), None)
        if found is not None:
            return (found, self.tr("from the annotation"))
        return (self.assumed_facing, "" if self.assumed_facing is None else self.tr("assumed: see the settings"))

    def scale(self) -> Scale:
        """Return the millimetres that may be shown, with their name."""
        if self.annotation is None or self.film is None:
            return Scale(None, "")
        known = calibration(self.annotation)
        if known is not None:
            return Scale((known, known), self.tr("mm (calibrated by the reader)"))
        spacing = self.film.spacing
        names = {
            SpacingState.CALIBRATED: self.tr("mm (calibrated)"),
            SpacingState.MAGNIFICATION_CORRECTED: self.tr("mm (corrected for magnification)"),
            SpacingState.DETECTOR: self.tr("mm (detector plane)"),
        }
        if spacing.state not in names or spacing.row_mm is None or spacing.column_mm is None:
            return Scale(None, "")
        return Scale((spacing.row_mm, spacing.column_mm), names[spacing.state])

    def summary(self) -> FilmSummary | None:
        """Return what the worklist shows of this film; None without a film."""
        annotation, original = self._document.annotation, self._document.original
        if annotation is None or original is None or self.case is None:
            return None
        annotated = self.case.annotated
        state = (original, annotation, self.prediction, self.threshold, self.iou_threshold, annotated, self.blind)
        if self._summary is None or self._summary_of != state:
            self._summary_of = state
            self._summary = summarise(
                original, annotation, self.prediction, self.threshold, self.iou_threshold, annotated=annotated,
                blind=self.blind, rows=self.rows,
            )  # fmt: skip
        return self._summary

    def refresh(self) -> None:
        """Compare anew, and measure off the GUI thread where something to be measured changed."""
        annotation, original = self._document.annotation, self._document.original
        if annotation is None or original is None:
            self.rows, self._measured, self._measured_for = (), {}, ()
            self.changed.emit()
            return
        facts = self.facts()
        previous = self.rows if facts.spacing == self._spacing else ()
        self._spacing = facts.spacing
        self.rows = finding_rows(
            original, annotation, self.predicted, facts, self.iou_threshold, self._measured, previous
        )
        if self.current and self.row() is None:
            self.choose("")
        self.changed.emit()
        # Once all this is painted: measuring takes Python's lock as well, and what changed is to be seen first.
        QTimer.singleShot(MEASURED_AFTER_MS, self, self._measure)

    def _measure(self) -> None:
        annotation = self._document.annotation
        if annotation is None:
            return
        predicted, facts = self.predicted, self.facts()
        state = (annotation, predicted, facts)
        if self._measured_for == state:
            return
        self._measured_for = state

        def work(_cancel: CancelToken) -> Mapping[str, VertebraMeasurement]:
            return measure_findings(annotation, predicted, facts)

        def done(measured: Mapping[str, VertebraMeasurement]) -> None:
            if self._measured_for == state:
                self._measured = measured
                self.rows = tuple(replace(row, measurement=_measurement(row, measured)) for row in self.rows)
                self.changed.emit()

        self._jobs.submit(Lane.READING, self.tr("Measuring heights"), work, done, keep=True)


def row_ids(row: FindingRow) -> frozenset[str]:
    """Return the ids of all shapes that belong to a finding, on either side."""
    match = row.match
    shapes = (row.expert, row.predicted, None if match is None else match.annotated)
    return frozenset((row.key, *(shape.id for shape in shapes if shape is not None)))


def is_disagreement(row: FindingRow) -> bool:
    """Whether a reader has to look: the sides differ, and nobody decided yet."""
    return row.is_open and row.kind is not MatchKind.AGREES


def _measurement(row: FindingRow, measured: Mapping[str, VertebraMeasurement]) -> VertebraMeasurement | None:
    shown = row.expert or row.predicted
    return None if shown is None else measured.get(shown.id)
