"""Where the reader decides: on the selected finding, and on the film as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from engine.domain.case import ReviewStatus
from engine.domain.decisions import Acuity, Attributes, FilmReview, RejectReason, Verdict
from engine.domain.grading import GenantGrade
from engine.review import FindingRow
from vcfviewer.panels.choice_button import ChoiceButton
from vcfviewer.panels.findings_model import level_text, suggestion_text
from vcfviewer.panels.status_icons import StatusIcons
from vcfviewer.panels.words import DASH, acuity_word, grade_word, kind_word, reason_word, status_word
from vcfviewer.theme import icon
from vcfviewer.translation import Texts

_APART = 14
_IDLE_MS = 1000
"""After this long without a key the comment is handed on, so that none is lost on the way to the next film."""


Value = TypeVar("Value")


def _when_clicked(button: QAbstractButton, ask: Callable[[Value], None], value: Value) -> None:
    """Ask for `value` on a click. No button group where several may be down: the Tab key stops in a group only once."""
    button.clicked.connect(lambda: ask(value))


class FindingDecision(QGroupBox):
    """Decides on one finding. Every signal is about the finding that is shown.

    Pressing the decision that stands takes it back. A button shows what was decided, not that it was pressed: what is
    asked may be refused.
    `attribute_asked` carries the name and the new value of one of `Attributes`' fields; a grade of None takes it back.
    """

    accept_asked = Signal()
    accept_and_edit_asked = Signal()
    reject_asked = Signal(object)
    withdraw_asked = Signal()
    attribute_asked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._accept = ChoiceButton(self)
        self._edit = QPushButton(self)
        self._withdraw = QPushButton(self)
        self._reasons = {reason: ChoiceButton(self) for reason in RejectReason}
        self._acuities = {acuity: QRadioButton(self) for acuity in Acuity}
        self._acuity = QButtonGroup(self)
        self._checks = {name: QCheckBox(self) for name in ("pathological", "implant", "level_certain")}
        self._grade = QComboBox(self)
        self._suggestion = QLabel(self)
        self._hint = QLabel(self)
        self._row: FindingRow | None = None
        self._read_only = False
        self._texts = Texts(self)
        self._build()
        self._take_icons()
        self._texts(lambda: self.show_finding(self._row, self._read_only))

    def show_finding(self, row: FindingRow | None, read_only: bool = False) -> None:
        """Show what was decided on a finding; None for none selected."""
        self._row, self._read_only = row, read_only
        self.setTitle(self.tr("No finding selected") if row is None else f"{level_text(row)} · {kind_word(row.kind)}")
        of_model = row is not None and row.predicted is not None
        open_here = row is not None and not read_only
        self._accept.setEnabled(open_here)
        for button in (self._edit, *self._reasons.values()):
            button.setEnabled(open_here and of_model)
        self._withdraw.setEnabled(open_here and row is not None and row.decision is not None)
        self._show_state()
        has_shape = row is not None and row.expert is not None
        for control in (*self._acuities.values(), *self._checks.values(), self._grade):
            control.setEnabled(open_here and has_shape)
        suggested = DASH if row is None else suggestion_text(row)
        self._suggestion.setText(self.tr("suggestion {grade}").format(grade=suggested))
        rejected = row is not None and row.decision is not None and row.decision.verdict is Verdict.REJECTED
        self._hint.setVisible(open_here and not has_shape and not rejected)

    def changeEvent(self, event: QEvent) -> None:
        """Take the icons of another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._take_icons()

    def _take_icons(self) -> None:
        for button, name in ((self._accept, "accept"), (self._edit, "polygon"), (self._withdraw, "undo")):
            button.setIcon(icon(name))

    def _build(self) -> None:
        self._accept.setCheckable(True)
        self._accept.clicked.connect(self._ask_accept)
        self._edit.clicked.connect(self.accept_and_edit_asked)
        self._withdraw.clicked.connect(self.withdraw_asked)
        self._texts(self._speak)
        first = QHBoxLayout()
        for button in (self._accept, self._edit, self._withdraw):
            first.addWidget(button, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(5)
        layout.addLayout(first)
        layout.addLayout(self._build_reasons())
        layout.addLayout(self._build_acuity())
        checks = QHBoxLayout()
        checks.setSpacing(_APART)
        for name, box in self._checks.items():
            _when_clicked(box, self._ask_check, name)
            checks.addWidget(box)
        checks.addStretch(1)
        layout.addLayout(checks)
        layout.addLayout(self._build_grade())
        self._hint.setWordWrap(True)
        self._hint.setProperty("role", "muted")
        layout.addWidget(self._hint)

    def _speak(self) -> None:
        """Say what stands on the buttons, whatever the finding."""
        self._edit.setText(self.tr("Accept and edit"))
        self._edit.setToolTip(self.tr("Take the model's outline as yours and go on shaping it"))
        self._withdraw.setText(self.tr("Take back"))
        self._withdraw.setToolTip(self.tr("Take the decision on this finding back"))
        for number, (reason, button) in enumerate(self._reasons.items(), 1):
            button.setText(f"{number}  {reason_word(reason)}")
            button.setAccessibleName(self.tr("Reject: {reason}").format(reason=reason_word(reason)))
        for acuity, choice in self._acuities.items():
            choice.setText(acuity_word(acuity))
            choice.setAccessibleName(self.tr("Acuity: {acuity}").format(acuity=acuity_word(acuity)))
        self._checks["pathological"].setText(self.tr("Pathological"))
        self._checks["implant"].setText(self.tr("Implant or cement"))
        self._checks["level_certain"].setText(self.tr("Level is certain"))
        self._hint.setText(self.tr("Attributes belong to an outline of yours: accept the finding first."))

    def _build_reasons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        because = QLabel(self)
        because.setProperty("role", "muted")
        self._texts(lambda: because.setText(self.tr("Reject because of")))
        grid.addWidget(because, 0, 0)
        for number, (reason, button) in enumerate(self._reasons.items(), 1):
            button.setStyleSheet("text-align: left; padding: 3px 6px;")
            button.setCheckable(True)
            _when_clicked(button, self._ask_reject, reason)
            grid.addWidget(button, number // 2, number % 2)
        return grid

    def _build_acuity(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(_APART)
        title = QLabel(self)
        self._texts(lambda: title.setText(self.tr("Acuity")))
        line.addWidget(title)
        for number, button in enumerate(self._acuities.values()):
            self._acuity.addButton(button, number)
            line.addWidget(button)
        self._acuity.idClicked.connect(lambda number: self._ask_attribute("acuity", tuple(Acuity)[number]))
        line.addStretch(1)
        return line

    def _build_grade(self) -> QHBoxLayout:
        title = QLabel(self)
        title.setBuddy(self._grade)
        self._grade.addItem("", None)
        for grade in GenantGrade:
            self._grade.addItem("", grade)
        self._texts(lambda: title.setText(self.tr("Your Genant &grade")))
        self._texts(lambda: self._grade.setAccessibleName(self.tr("Your Genant grade")))
        self._texts(self._speak_grades)
        self._grade.activated.connect(lambda: self._ask_attribute("grade", self._grade.currentData()))
        self._suggestion.setProperty("role", "muted")
        line = QHBoxLayout()
        for widget in (title, self._grade, self._suggestion):
            line.addWidget(widget)
        line.addStretch(1)
        return line

    def _speak_grades(self) -> None:
        for place, text in enumerate((self.tr("not given"), *(grade_word(grade) for grade in GenantGrade))):
            self._grade.setItemText(place, text)

    def _ask_accept(self) -> None:
        self._show_state()
        decision = None if self._row is None else self._row.decision
        stands = decision is not None and decision.verdict is not Verdict.REJECTED
        (self.withdraw_asked if stands else self.accept_asked).emit()

    def _ask_reject(self, reason: RejectReason) -> None:
        self._show_state()
        decision = None if self._row is None else self._row.decision
        if decision is not None and decision.reason is reason:
            self.withdraw_asked.emit()
        else:
            self.reject_asked.emit(reason)

    def _ask_check(self, name: str) -> None:
        self._ask_attribute(name, self._checks[name].isChecked())

    def _ask_attribute(self, name: str, value: object) -> None:
        self._show_state()
        self.attribute_asked.emit(name, value)

    def _show_state(self) -> None:
        row = self._row
        decision = None if row is None else row.decision
        reason = None if decision is None or decision.verdict is not Verdict.REJECTED else decision.reason
        for one, button in self._reasons.items():
            button.setChecked(one is reason)
        self._accept.setChecked(decision is not None and decision.verdict is not Verdict.REJECTED)
        self._accept.setText(self._accept_text(row))
        self._show_attributes(Attributes() if row is None else row.attributes)

    def _accept_text(self, row: FindingRow | None) -> str:
        decision = None if row is None else row.decision
        if row is not None and row.predicted is None:
            return self.tr("Kept") if decision is not None else self.tr("Keep mine")
        accepted = decision is not None and decision.verdict is not Verdict.REJECTED
        return self.tr("Accepted") if accepted else self.tr("Accept")

    def _show_attributes(self, attributes: Attributes) -> None:
        self._acuities[attributes.acuity].setChecked(True)
        for name, box in self._checks.items():
            box.setChecked(bool(getattr(attributes, name)))
        with QSignalBlocker(self._grade):
            self._grade.setCurrentIndex(0 if attributes.grade is None else int(attributes.grade) + 1)


class FilmDecision(QGroupBox):
    """Decides on the film. `status_asked` carries a `ReviewStatus`; pressing what stands asks for IN_PROGRESS."""

    status_asked = Signal(object)
    flag_asked = Signal(bool)
    comment_asked = Signal(str)
    accept_all_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._statuses = {status: ChoiceButton(self) for status in ReviewStatus if status.is_final}
        self._accept_all = QPushButton(self)
        self._flag = ChoiceButton(self)
        self._comment = QLineEdit(self)
        self._said = QLabel(self)
        self._review: FilmReview | None = None
        self._film = ""
        self._idle = QTimer(self)
        self._build()
        self._take_icons()
        self.show_review(None)
        Texts(self)(self._speak)

    def show_review(
        self, review: FilmReview | None, findings: int = 0, read_only: bool = False, film: str = ""
    ) -> None:
        """Show where the review of a film stands, None without a film.

        While `findings` stand in the reader's annotation it can't be called without fracture. What is being typed of a
        comment stays as long as the `film` is the same.
        """
        self.setTitle(
            self.tr("No film")
            if review is None
            else self.tr("Film: {status}").format(status=status_word(review.status))
        )
        shown = review or FilmReview()
        open_here = review is not None and not read_only
        for status, button in self._statuses.items():
            button.setChecked(review is not None and shown.status is status)
            button.setEnabled(open_here)
        negative = self._statuses[ReviewStatus.NO_FRACTURE]
        negative.setEnabled(open_here and findings == 0)
        hint = self.tr("Say that you looked and found no fracture. That isn't the same as an empty file.")
        blocked = self.tr("{count} findings stand on this film. Delete them first, if there is no fracture.")
        negative.setToolTip(blocked.format(count=findings) if findings else hint)
        for control in (self._flag, self._accept_all, self._comment):
            control.setEnabled(open_here)
        self._flag.setChecked(shown.flagged)
        self._flag.setText(self.tr("Flagged") if shown.flagged else self.tr("Flag"))
        known = (
            () if self._review is None or film != self._film else (self._review.comment, self._comment.text().strip())
        )
        if shown.comment not in known:
            self._idle.stop()
            self._comment.setText(shown.comment)
        self._review, self._film = review, film
        self._show_who(shown)

    def commit_comment(self) -> None:
        """Hand on a comment that is still being typed; to be called before another film is shown."""
        self._idle.stop()
        text = self._comment.text().strip()
        if self._review is not None and self._comment.isEnabled() and text != self._review.comment:
            self.comment_asked.emit(text)

    def focus_comment(self) -> None:
        """Let the reader type a comment."""
        self._comment.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        """Take the icons of another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._take_icons()

    def _take_icons(self) -> None:
        icons = StatusIcons(self.palette())
        for status, button in self._statuses.items():
            button.setIcon(icons.of(status))
        self._accept_all.setIcon(icon("accept_all"))
        self._flag.setIcon(icon("flag"))

    def _build(self) -> None:
        first = QHBoxLayout()
        for status, button in self._statuses.items():
            button.setCheckable(True)
            _when_clicked(button, self._ask_status, status)
            first.addWidget(button, 1)
        self._flag.setCheckable(True)
        self._flag.clicked.connect(self._ask_flag)
        self._accept_all.clicked.connect(self.accept_all_asked)
        self._idle.setSingleShot(True)
        self._idle.setInterval(_IDLE_MS)
        self._idle.timeout.connect(self.commit_comment)
        self._comment.textEdited.connect(lambda: self._idle.start())
        self._comment.editingFinished.connect(self.commit_comment)
        second = QHBoxLayout()
        second.addWidget(self._accept_all, 2)
        second.addWidget(self._flag, 1)
        self._said.setProperty("role", "muted")
        self._said.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setSpacing(5)
        layout.addLayout(first)
        layout.addLayout(second)
        layout.addWidget(self._comment)
        layout.addWidget(self._said)

    def _speak(self) -> None:
        """Say what stands on the controls, whatever the film."""
        self._statuses[ReviewStatus.REVIEWED].setText(self.tr("Reviewed"))
        self._statuses[ReviewStatus.NO_FRACTURE].setText(self.tr("No fracture here"))
        self._statuses[ReviewStatus.UNUSABLE].setText(self.tr("Unusable"))
        self._accept_all.setText(self.tr("Accept all of this film"))
        self._flag.setToolTip(self.tr("Mark the film, to come back to it or to ask a colleague"))
        self._comment.setPlaceholderText(self.tr("Comment on this film"))
        self._comment.setAccessibleName(self.tr("Comment on this film"))

    def _ask_status(self, status: ReviewStatus) -> None:
        stands = self._review is not None and self._review.status is status
        self._statuses[status].setChecked(stands)
        self.status_asked.emit(ReviewStatus.IN_PROGRESS if stands else status)

    def _ask_flag(self, checked: bool) -> None:
        self._flag.setChecked(not checked)
        self.flag_asked.emit(checked)

    def _show_who(self, review: FilmReview) -> None:
        parts = []
        if review.at:
            when = review.at.replace("T", " ")[:16]
            who = review.reader or self.tr("reader not named")
            parts.append(self.tr("Last by {reader}, {when} UTC.").format(reader=who, when=when))
        if review.blind:
            parts.append(self.tr("A blind first read was committed."))
        self._said.setText(" ".join(parts))
        self._said.setVisible(bool(parts))


class DecisionPanel(QWidget):
    """Both decisions, one above the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = FindingDecision(self)
        self.film = FilmDecision(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.finding)
        layout.addWidget(self.film)
        layout.addStretch(1)
