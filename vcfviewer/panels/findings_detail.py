"""Everything that is known of one finding, in words and figures with their units."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.domain.matching import MatchKind
from engine.domain.morphometry import LengthUnit, VertebraMeasurement
from engine.review import FindingRow
from vcfviewer.panels.findings_model import Live, level_text, quality_lines
from vcfviewer.panels.words import (
    DASH,
    band_text,
    deformity_word,
    grade_word,
    kind_word,
    number,
    percent,
    reason_word,
    verdict_word,
)
from vcfviewer.theme import kind_icon
from vcfviewer.translation import Texts

_SWATCH = 18


class FindingDetail(QWidget):
    """The selected finding: how the sides agree, as first opened and now; its heights; what was decided."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._swatch = QLabel(self)
        self._title = self._label("heading")
        self._sides = self._label("muted")
        self._agreement = {name: (QLabel(DASH, self), QLabel(DASH, self)) for name in ("iou", "dice", "boundary")}
        self._height = QLabel(self)
        self._heights = tuple(QLabel(DASH, self) for _ in range(3))
        self._losses = tuple(QLabel(DASH, self) for _ in range(3))
        self._unit = self._label("muted")
        self._basis = self._label("muted")
        self._suggestion = self._label()
        self._own = self._label()
        self._quality = self._label("warning")
        self._decision = self._label()
        self._row: FindingRow | None = None
        self._mm = self._model = ""
        self._texts = Texts(self)
        self._build()

    def show_model(self, name: str) -> None:
        """Take the name of the model that is spoken of."""
        self._model = name
        if self._row is not None:
            self._sides.setText(self._sides_text(self._row))

    def show_row(self, row: FindingRow | None, mm_caption: str) -> None:
        """Take a finding, or none; `mm_caption` says which millimetres these are, such as `mm (detector plane)`."""
        self._row, self._mm = row, mm_caption
        if row is None:
            return
        self._swatch.setPixmap(kind_icon(row.kind, _SWATCH).pixmap(_SWATCH, _SWATCH))
        self._title.setText(f"{level_text(row)}  {kind_word(row.kind)}")
        self._sides.setText(self._sides_text(row))
        self._show_agreement(row)
        self._show_measurement(row)
        self._decision.setText(self._decision_text(row))

    def show_live(self, live: Live | None) -> None:
        """Show the present figures of the pair that is being dragged; None: those of the row again."""
        if self._row is None:
            return
        if live is None or live.key != self._row.key:
            self._show_agreement(self._row)
            return
        self._agreement["iou"][1].setText(number(live.iou, 3))
        self._agreement["dice"][1].setText(number(live.dice, 3))
        self._agreement["boundary"][1].setText(_distance(live.boundary, live.boundary_mm))

    def _label(self, role: str = "") -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        if role:
            label.setProperty("role", role)
        return label

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._swatch)
        head.addWidget(self._title, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(head)
        layout.addWidget(self._sides)
        layout.addLayout(self._build_agreement())
        layout.addLayout(self._build_heights())
        for label in (self._unit, self._basis, self._quality):
            layout.addWidget(label)
        layout.addSpacing(4)
        for label in (self._own, self._suggestion, self._decision):
            layout.addWidget(label)
        layout.addStretch(1)

    def _build_agreement(self) -> QGridLayout:
        heads, names = self._labels(2, "muted"), self._labels(3)
        self._texts(lambda: _put(heads, self.tr("As first opened"), self.tr("Now")))
        self._texts(lambda: _put(names, self.tr("IoU"), self.tr("Dice"), self.tr("Boundary distance")))
        grid = self._grid(heads)
        for line, (name, labels) in enumerate(zip(names, self._agreement.values(), strict=True), 1):
            grid.addWidget(name, line, 0)
            for column, label in enumerate(labels, 1):
                grid.addWidget(label, line, column, Qt.AlignmentFlag.AlignRight)
        return grid

    def _build_heights(self) -> QGridLayout:
        heads, (loss,) = self._labels(3, "muted"), self._labels(1)
        self._texts(lambda: _put(heads, self.tr("Anterior"), self.tr("Middle"), self.tr("Posterior")))
        self._texts(lambda: loss.setText(self.tr("Height loss")))
        self._texts(self._speak_height)
        grid = self._grid(heads)
        lines = ((self._height, self._heights), (loss, self._losses))
        for line, (name, labels) in enumerate(lines, 1):
            grid.addWidget(name, line, 0)
            for column, label in enumerate(labels, 1):
                grid.addWidget(label, line, column, Qt.AlignmentFlag.AlignRight)
        return grid

    def _speak_height(self) -> None:
        """Name the unit beside the heights: the line that says which millimetres these are may be scrolled away."""
        body = None if self._row is None or self._row.measurement is None else self._row.measurement.body
        if body is None:
            self._height.setText(self.tr("Height"))
        else:
            unit = "mm" if body.unit is LengthUnit.MILLIMETRES else "px"
            self._height.setText(self.tr("Height in {unit}").format(unit=unit))

    def _labels(self, count: int, role: str = "") -> tuple[QLabel, ...]:
        """Return labels that keep to one line."""
        labels = tuple(self._label(role) for _ in range(count))
        for label in labels:
            label.setWordWrap(False)
        return labels

    def _grid(self, heads: Sequence[QLabel]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(2)
        width = self.fontMetrics().horizontalAdvance
        self._texts(lambda: grid.setColumnMinimumWidth(0, width(self.tr("Boundary distance")) + 6))
        grid.setColumnStretch(len(heads) + 1, 1)
        for column, label in enumerate(heads, 1):
            grid.addWidget(label, 0, column, Qt.AlignmentFlag.AlignRight)
        return grid

    def _sides_text(self, row: FindingRow) -> str:
        match = row.match
        expert = None if match is None else match.annotated
        score = number(row.score)
        if row.kind is MatchKind.EXTRA:
            return self.tr("Only the model has it, score {score}.").format(score=score) + self._by()
        if row.kind is MatchKind.MISSED:
            return self.tr("Only the expert has it; the model has nothing here above the threshold.") + self._by()
        if match is None or match.predicted is None or expert is None:
            return self.tr("Drawn by you; the model scores it {score}.").format(score=score) + self._by()
        text = self.tr("Expert: {expert}. Model: {model}, score {score}.")
        return text.format(expert=expert.label, model=match.predicted.label, score=score) + self._by()

    def _by(self) -> str:
        return " " + self.tr("Model: {model}.").format(model=self._model) if self._model else ""

    def _show_agreement(self, row: FindingRow) -> None:
        first = (number(row.iou, 3), number(row.dice, 3), _distance(row.boundary_distance, row.boundary_mm))
        now = (DASH, DASH, DASH)
        if row.now is not None:
            away = _distance(row.now.boundary_distance, row.now.boundary_mm)
            now = (number(row.now.iou, 3), number(row.now.dice, 3), away)
        for labels, before, after in zip(self._agreement.values(), first, now, strict=True):
            labels[0].setText(before)
            labels[1].setText(after)

    def _show_measurement(self, row: FindingRow) -> None:
        measurement = row.measurement
        body = None if measurement is None else measurement.body
        losses = None if measurement is None else measurement.losses
        heights = (None, None, None) if body is None else body.heights.values
        lost = (None, None, None) if losses is None else (losses.anterior, losses.middle, losses.posterior)
        for label, height in zip(self._heights, heights, strict=True):
            label.setText(number(height, 1))
        for label, share in zip(self._losses, lost, strict=True):
            label.setText(percent(share))
        self._speak_height()
        self._unit.setText(self._unit_text(row, measurement))
        self._basis.setText(self._basis_text(measurement))
        self._basis.setVisible(bool(self._basis.text()))
        self._quality.setText("\n".join(quality_lines(row)))
        self._quality.setVisible(bool(self._quality.text()))
        self._suggestion.setText(self._suggestion_text(measurement))
        grade = row.attributes.grade
        own = self.tr("not given yet") if grade is None else grade_word(grade)
        self._own.setText(self.tr("Your Genant grade: {grade}").format(grade=own))

    def _unit_text(self, row: FindingRow, measurement: VertebraMeasurement | None) -> str:
        if measurement is None:
            return self.tr("Heights aren't measured. Set which way the patient faces.")
        if measurement.body is None:
            return ""
        unit = self._mm if measurement.body.unit is LengthUnit.MILLIMETRES else self.tr("px (millimetres not known)")
        by_hand = self.tr("six points set by hand")
        of_model = row.expert is None or measurement.shape_id != row.expert.id
        outline = self.tr("measured on the model's outline") if of_model else self.tr("measured on your outline")
        return self.tr("Heights in {unit}, {whose}.").format(
            unit=unit, whose=by_hand if measurement.body.manual else outline
        )

    def _basis_text(self, measurement: VertebraMeasurement | None) -> str:
        if measurement is None or measurement.losses is None:
            return ""
        if measurement.is_single_vertebra_estimate:
            return self.tr("Loss against this body's own posterior height: a single-vertebra estimate.")
        levels = ", ".join(level.value for level in measurement.references)
        return self.tr("Loss against the normal neighbours {levels}.").format(levels=levels)

    def _suggestion_text(self, measurement: VertebraMeasurement | None) -> str:
        grade = None if measurement is None else measurement.grade
        if measurement is None or grade is None:
            return self.tr("Genant suggestion: {dash}").format(dash=DASH)
        text = self.tr("Genant suggestion: {grade}")
        if grade.borderline is not None:
            text = self.tr("Genant suggestion: {grade}, borderline")
        name = band_text(grade) if grade.borderline is not None else grade_word(grade.grade)
        kind = "" if measurement.deformity is None else f" ({deformity_word(measurement.deformity)})"
        return text.format(grade=name) + kind

    def _decision_text(self, row: FindingRow) -> str:
        decision = row.decision
        if decision is None:
            return self.tr("Not decided yet.") if row.is_open else self.tr("Nothing to decide.")
        word = verdict_word(decision.verdict)
        if decision.reason is not None:
            word = f"{word} ({reason_word(decision.reason)})"
        when = decision.at.replace("T", " ")[:16]
        return self.tr("Decision: {word}, {reader}, {when} UTC").format(
            word=word, reader=decision.reader or self.tr("reader not named"), when=when
        )


def _put(labels: Sequence[QLabel], *texts: str) -> None:
    for label, text in zip(labels, texts, strict=True):
        label.setText(text)


def _distance(pixels: float | None, millimetres: float | None) -> str:
    if pixels is None:
        return DASH
    return f"{pixels:.1f} px" if millimetres is None else f"{pixels:.1f} px = {millimetres:.1f} mm"
