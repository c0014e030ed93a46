"""Another program changed a film's file while it was open here: theirs, mine, or shape by shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QRadioButton,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from engine.domain.annotation import Annotation, Shape
from engine.review.merging import Pick, ShapeChoice, merge_choices, merged
from vcfviewer.panels.dialogs._parts import name_button, name_buttons, read_only_table, say, text_label
from vcfviewer.panels.dialogs.outlines_view import OutlinesView
from vcfviewer.panels.words import DASH
from vcfviewer.translation import translate

_BY_SHAPE, _MINE, _THEIRS = range(3)


@dataclass(frozen=True, slots=True)
class ConflictAnswer:
    """What the reader made of two versions: the annotation to keep, and what was chosen, in words for the journal."""

    annotation: Annotation
    text: str


def change_words(base: Shape | None, side: Shape | None) -> str:
    """Return what became of a shape on one side: added, deleted, relabelled, moved, or as it was."""
    if base is None:
        return translate("ConflictDialog", "added") if side is not None else DASH
    if side is None:
        return translate("ConflictDialog", "deleted")
    said = []
    if side.label != base.label:
        said.append(translate("ConflictDialog", "{old} is now {new}").format(old=base.label, new=side.label))
    if side.polygon != base.polygon:
        said.append(translate("ConflictDialog", "outline changed"))
    if side != base and not said:
        said.append(translate("ConflictDialog", "notes changed"))
    return ", ".join(said) or translate("ConflictDialog", "as it was")


def label_of(choice: ShapeChoice) -> str:
    """Return the label by which a reader knows a shape."""
    shape = choice.base or choice.mine or choice.theirs
    return shape.label if shape is not None else DASH


class ConflictDialog(QDialog):
    """Both versions of each shape that differs; nothing is written before the reader takes one.

    Where only one side changed a shape, that side is chosen beforehand; where both did, the reader must choose.
    """

    chosen = Signal(object)
    """A `ConflictAnswer`."""

    def __init__(
        self,
        film: str,
        base: Annotation,
        mine: Annotation,
        theirs: Annotation,
        picture: QImage | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Show what differs between two versions that began from `base`; `picture` is the film, to draw on."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("The file was changed by another program"))
        self._base, self._mine, self._theirs = base, mine, theirs
        self._choices = merge_choices(base, mine, theirs)
        self._picks: dict[str, Pick] = {one.shape_id: one.suggested for one in self._choices if not one.both_changed}
        self._ways = QButtonGroup(self)
        self._boxes: tuple[QComboBox, ...] = ()
        self._table = self._filled_table()
        self._outlines = OutlinesView(mine.image_size, picture)
        self._result = text_label("", "")
        self._missing = text_label("", "warning")
        self._buttons = QDialogButtonBox()
        self._take = self._buttons.addButton(self.tr("&Keep this"), QDialogButtonBox.ButtonRole.AcceptRole)
        later = self._buttons.addButton(self.tr("&Not now"), QDialogButtonBox.ButtonRole.RejectRole)
        later.setToolTip(self.tr("Nothing is written; your edits stay in the journal."))
        name_buttons(self._buttons)
        self._arrange(film)
        self._ways.idClicked.connect(self._choose_way)
        self._table.currentCellChanged.connect(lambda row, *_: self._show_row(row))
        self._buttons.accepted.connect(self._answer)
        self._buttons.rejected.connect(self.reject)
        self._table.setCurrentCell(0, 0)
        self._show_result()
        self.resize(980, 560)

    @property
    def picks(self) -> Mapping[str, Pick]:
        """The side chosen for each shape so far, by shape id."""
        return MappingProxyType(self._picks)

    def _arrange(self, film: str) -> None:
        way_row = QHBoxLayout()
        ways = (self.tr("&Shape by shape"), self.tr("All &mine"), self.tr("All &theirs"))
        for number, text in enumerate(ways):
            button = QRadioButton(text)
            name_button(button)
            button.setChecked(number == _BY_SHAPE)
            self._ways.addButton(button, number)
            way_row.addWidget(button)
        way_row.addStretch(1)
        drawn = QVBoxLayout()
        drawn.addWidget(self._outlines, 1)
        legend = self.tr("Mine: solid, orange. Theirs: dashed, blue. What you keep is filled.")
        drawn.addWidget(text_label(legend, "muted"))
        both = QHBoxLayout()
        both.addWidget(self._table, 3)
        both.addLayout(drawn, 2)
        column = QVBoxLayout(self)
        column.addWidget(text_label(film, "heading"))
        column.addWidget(
            text_label(
                self.tr(
                    "While this film was open here, another program wrote its file. “Mine” is what stands here, "
                    "“theirs” is what lies on the disk. What you don't keep stays in the journal and can be undone."
                )
            )
        )
        column.addLayout(way_row)
        column.addLayout(both, 1)
        column.addWidget(self._result)
        column.addWidget(self._missing)
        column.addWidget(self._buttons)

    def _filled_table(self) -> QTableWidget:
        headers = (self.tr("Shape"), self.tr("Mine"), self.tr("Theirs"), self.tr("Keep"))
        rows = [
            (label_of(one), change_words(one.base, one.mine), change_words(one.base, one.theirs), "")
            for one in self._choices
        ]
        table = read_only_table(headers, rows, self.tr("Shapes that differ"))
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        boxes = []
        for row, one in enumerate(self._choices):
            box = QComboBox()
            name = self.tr("Keep of {shape}").format(shape=label_of(one))
            box.setAccessibleName(name)
            if one.both_changed:
                box.addItem(self.tr("choose…"), None)
            box.addItem(self.tr("mine"), Pick.MINE)
            box.addItem(self.tr("theirs"), Pick.THEIRS)
            box.setCurrentIndex(box.findData(self._picks.get(one.shape_id)) if not one.both_changed else 0)
            box.currentIndexChanged.connect(lambda _at, row=row: self._pick(row))
            table.setCellWidget(row, 3, box)
            table.setRowHeight(row, box.sizeHint().height() + 2)
            boxes.append(box)
        self._boxes = tuple(boxes)
        return table

    def _pick(self, row: int) -> None:
        pick = self._boxes[row].currentData()
        shape_id = self._choices[row].shape_id
        if pick is None:
            self._picks.pop(shape_id, None)
        else:
            self._picks[shape_id] = Pick(pick)
        self._table.setCurrentCell(row, 0)
        self._ways.button(_BY_SHAPE).setChecked(True)
        self._show_row(row)
        self._show_result()

    def _choose_way(self, way: int) -> None:
        if way != _BY_SHAPE:
            pick = Pick.MINE if way == _MINE else Pick.THEIRS
            for one, box in zip(self._choices, self._boxes, strict=True):
                self._picks[one.shape_id] = pick
                box.blockSignals(True)
                box.setCurrentIndex(box.findData(pick))
                box.blockSignals(False)
        self._show_row(self._table.currentRow())
        self._show_result()

    def _way(self) -> int:
        return self._ways.checkedId()

    def _outcome(self) -> Annotation:
        if self._way() == _MINE:
            return self._mine
        if self._way() == _THEIRS:
            return self._theirs
        return merged(self._base, self._mine, self._theirs, self._picks)

    def _show_row(self, row: int) -> None:
        if not 0 <= row < len(self._choices):
            self._outlines.show_shapes(None, None, None, self._mine.shapes)
            return
        one = self._choices[row]
        pick = self._picks.get(one.shape_id)
        kept = {Pick.MINE: one.mine, Pick.THEIRS: one.theirs}.get(pick) if pick is not None else None
        others = [shape for shape in self._mine.shapes if shape.id != one.shape_id]
        self._outlines.show_shapes(one.mine, one.theirs, kept, others)

    def _show_result(self) -> None:
        open_ones = [label_of(one) for one in self._choices if one.shape_id not in self._picks]
        missing = self.tr("Both changed: {shapes}. Choose mine or theirs for each.").format(shapes=", ".join(open_ones))
        say(self._missing, missing if open_ones else "")
        self._take.setEnabled(not open_ones)
        findings = self._outcome().findings
        labels = ", ".join(shape.label for shape in findings) or DASH
        text = self.tr("The film would have {count} fractures: {labels}")
        say(self._result, text.format(count=len(findings), labels=labels))

    def _answer(self) -> None:
        texts = {
            _MINE: self.tr("Keep mine over another program's change"),
            _THEIRS: self.tr("Take another program's change"),
            _BY_SHAPE: self.tr("Join with another program's change"),
        }
        outcome = ConflictAnswer(self._outcome(), texts[self._way()])
        self.accept()
        self.chosen.emit(outcome)
