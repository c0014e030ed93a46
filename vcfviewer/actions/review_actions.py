"""Actions of the review: accept, reject with a reason, what is said of the film."""

from __future__ import annotations

from functools import partial

from engine.domain.case import ReviewStatus
from engine.domain.decisions import RejectReason, film_review
from engine.domain.morphometry import Facing
from vcfviewer.actions import opening
from vcfviewer.actions.desk import Desk
from vcfviewer.actions.rows import Action, can_edit, has_finding
from vcfviewer.canvas.values import ToolName
from vcfviewer.translation import QT_TRANSLATE_NOOP

REVIEW = QT_TRANSLATE_NOOP("actions", "Review")
FILM = QT_TRANSLATE_NOOP("actions", "Film")


def accept(desk: Desk) -> None:
    """Finish the outline being drawn, else accept the finding in question, and mark what is the reader's now."""
    if desk.comparison.finish_drawing():
        return
    if desk.session.deciding.accept():
        desk.mark()


def accept_and_edit(desk: Desk) -> None:
    """Accept the finding in question, and select the reader's shape with its vertices."""
    if desk.session.deciding.accept():
        desk.comparison.set_tool(ToolName.SELECT)
        row = desk.session.case.row()
        if row is not None and row.expert is not None:
            desk.comparison.select(frozenset((row.expert.id,)))


def finish(desk: Desk, status: ReviewStatus) -> None:
    """Say where the review of the film stands, and open the next film that is left to be reviewed."""
    place = desk.place
    if desk.session.deciding.set_film(status=status):
        desk.finished = place
        desk.go_on()


def status_is(desk: Desk, status: ReviewStatus) -> bool:
    """Whether the review of the film stands so."""
    annotation = desk.session.document.annotation
    return annotation is not None and film_review(annotation).status is status


def flagged(desk: Desk) -> bool:
    """Whether the film is flagged."""
    annotation = desk.session.document.annotation
    return annotation is not None and film_review(annotation).flagged


def faces(desk: Desk, facing: Facing) -> bool:
    """Whether the patient looks this way."""
    return desk.session.case.facing()[0] is facing


ACTIONS = (
    Action("accept", REVIEW, QT_TRANSLATE_NOOP("actions", "Accept"),
           accept, "Return; Enter", can_edit, "accept", toolbar=True),
    Action("accept_and_edit", REVIEW, QT_TRANSLATE_NOOP("actions", "Accept and edit"),
           accept_and_edit, "Shift+Return", has_finding),
    Action("accept_all", REVIEW, QT_TRANSLATE_NOOP("actions", "Accept all findings of the film"),
           lambda desk: desk.session.deciding.accept_all(), "Ctrl+Return", can_edit, "accept_all"),
    Action("reject_1", REVIEW, QT_TRANSLATE_NOOP("actions", "Reject: parallax or scoliosis contour"),
           lambda desk: desk.session.deciding.reject(RejectReason.PARALLAX), "1", has_finding, "reject",
           separated=True),
    Action("reject_2", REVIEW, QT_TRANSLATE_NOOP("actions", "Reject: Schmorl's node"),
           lambda desk: desk.session.deciding.reject(RejectReason.SCHMORL), "2", has_finding),
    Action("reject_3", REVIEW, QT_TRANSLATE_NOOP("actions", "Reject: degenerative or Scheuermann"),
           lambda desk: desk.session.deciding.reject(RejectReason.DEGENERATIVE), "3", has_finding),
    Action("reject_4", REVIEW, QT_TRANSLATE_NOOP("actions", "Reject: artefact or implant"),
           lambda desk: desk.session.deciding.reject(RejectReason.ARTEFACT), "4", has_finding),
    Action("reject_5", REVIEW, QT_TRANSLATE_NOOP("actions", "Reject: other"),
           lambda desk: desk.session.deciding.reject(RejectReason.OTHER), "5", has_finding),
    Action("withdraw", REVIEW, QT_TRANSLATE_NOOP("actions", "Take the decision back"),
           lambda desk: desk.session.deciding.withdraw(), "0", has_finding),
    Action("commit_read", REVIEW, QT_TRANSLATE_NOOP("actions", "Commit the first read and show predictions"),
           lambda desk: desk.session.deciding.commit_read(), "Ctrl+B",
           lambda desk: desk.can_edit and desk.session.case.hidden, "commit_read", separated=True),
    Action("reviewed", FILM, QT_TRANSLATE_NOOP("actions", "Film reviewed, go on"),
           partial(finish, status=ReviewStatus.REVIEWED), "R; Ctrl+Alt+K", can_edit, "reviewed",
           partial(status_is, status=ReviewStatus.REVIEWED), toolbar=True),
    Action("no_fracture", FILM, QT_TRANSLATE_NOOP("actions", "No fracture on this film, go on"),
           partial(finish, status=ReviewStatus.NO_FRACTURE), "Shift+R", can_edit, "no_fracture",
           partial(status_is, status=ReviewStatus.NO_FRACTURE), toolbar=True),
    Action("unusable", FILM, QT_TRANSLATE_NOOP("actions", "Film unusable, go on"),
           partial(finish, status=ReviewStatus.UNUSABLE), "U", can_edit, "unusable",
           partial(status_is, status=ReviewStatus.UNUSABLE)),
    Action("unread", FILM, QT_TRANSLATE_NOOP("actions", "Film not reviewed yet"),
           lambda desk: desk.session.deciding.set_film(status=ReviewStatus.IN_PROGRESS), "Ctrl+Alt+U", can_edit),
    Action("flag", FILM, QT_TRANSLATE_NOOP("actions", "Flag the film"),
           lambda desk: desk.session.deciding.toggle_flag(), "K", can_edit, "flag", flagged, separated=True),
    Action("comment", FILM, QT_TRANSLATE_NOOP("actions", "Comment…"), opening.comment, "Ctrl+K", can_edit, "comment"),
    Action("facing_left", FILM, QT_TRANSLATE_NOOP("actions", "The patient faces left"),
           lambda desk: desk.session.deciding.set_facing(Facing.LEFT), "Ctrl+Alt+Left", can_edit, "facing_left",
           partial(faces, facing=Facing.LEFT), separated=True),
    Action("facing_right", FILM, QT_TRANSLATE_NOOP("actions", "The patient faces right"),
           lambda desk: desk.session.deciding.set_facing(Facing.RIGHT), "Ctrl+Alt+Right", can_edit, "facing_right",
           partial(faces, facing=Facing.RIGHT)),
)  # fmt: skip
