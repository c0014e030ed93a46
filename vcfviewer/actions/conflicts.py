"""A labelme file that another program changed: the reader chooses theirs, mine, or shape by shape."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMessageBox

from engine.domain.annotation import Annotation
from engine.films.display import film_to_grey
from engine.review.opening import OpenedCase
from vcfviewer.actions.desk import Desk
from vcfviewer.actions.opening import present
from vcfviewer.panels.dialogs.conflict_dialog import ConflictAnswer, ConflictDialog
from vcfviewer.session.saving import Pending
from vcfviewer.translation import translate


def ask(desk: Desk, pending: Pending) -> None:
    """Ask about a film that could not be saved, because its file isn't the one that was read."""
    outside, mine = pending.outside, desk.session.document.annotation
    if outside is None:
        return
    if pending.key != desk.session.case.key or mine is None:
        # Opened anew, it brings its own question.
        desk.when_free(lambda: desk.open_film(pending.key))
        return
    base = desk.session.saving.base(pending.key)
    if outside.theirs is not None and base is not None:
        show(desk, base, outside.theirs, outside.sha256)
    elif outside.is_gone:
        ask_anew(desk, pending)
    else:
        text = translate(
            "desk", "{reason}\n\nIt is not written over. Your edits are kept in the journal. Repair or remove the file."
        )
        title = translate("desk", "The file can't be read")
        QMessageBox.warning(desk.window, title, text.format(reason=outside))


def ask_opened(desk: Desk, case: OpenedCase) -> None:
    """Ask about a film that was opened with edits of its own, and a file that another program changed."""
    if case.conflict is not None:
        show(desk, case.base, case.conflict, case.file_sha256)


def show(desk: Desk, base: Annotation, theirs: Annotation, sha256: str | None) -> None:
    """Show the file's version and the reader's; the answer is one step that can be undone, and saved over the file."""
    show_versions(
        desk,
        base,
        theirs,
        lambda answer: desk.session.settle(theirs, answer.annotation, answer.text, sha256),
    )


def show_versions(
    desk: Desk,
    base: Annotation,
    theirs: Annotation,
    take: Callable[[ConflictAnswer], object],
    late: Callable[[], object] | None = None,
) -> None:
    """Show another program's version beside the reader's, and hand on what is chosen; one question at a time.

    A film that was on its way may arrive behind the question. The answer isn't that film's: `late` is called instead,
    by default to open the film of the question again, which brings its question with it.
    """
    mine, film = desk.session.document.annotation, desk.session.case.film
    if mine is None or film is None or desk.window.findChild(ConflictDialog) is not None:
        return
    grey = film_to_grey(film)
    height, width = grey.shape
    picture = QImage(grey.tobytes(), width, height, width, QImage.Format.Format_Grayscale8).copy()
    place = desk.place
    dialog = ConflictDialog(place.key, base, mine, theirs, picture, desk.window)

    def answered(answer: ConflictAnswer) -> None:
        if desk.place == place:
            take(answer)
        elif late is not None:
            late()
        elif desk.place.store is place.store:
            text = translate("desk", "{film} was left meanwhile: nothing was changed, and it is opened again.")
            desk.tell(text.format(film=place.key))
            desk.open_film(place.key)

    dialog.chosen.connect(answered)
    present(dialog)


def ask_anew(desk: Desk, pending: Pending) -> None:
    """Ask whether to write a file anew that somebody removed."""
    answer = QMessageBox.question(
        desk.window,
        translate("desk", "The file is gone"),
        translate("desk", "{film}: its labelme file was removed or moved by another program. Write it anew?").format(
            film=pending.key
        ),
    )
    if answer == QMessageBox.StandardButton.Yes:
        desk.session.saving.settle(pending.key, None)
