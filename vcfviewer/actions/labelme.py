"""Edit the film at hand in labelme, a program of its own, and take back what it saved."""

from __future__ import annotations

from engine.control import CancelToken
from engine.domain.annotation import Annotation
from engine.errors import EngineError
from engine.review.opening import OpenedCase
from vcfviewer.actions import conflicts
from vcfviewer.actions.desk import Desk, Place
from vcfviewer.jobs import Lane
from vcfviewer.labelme_child import LabelmeEdit, edit_in_labelme
from vcfviewer.panels.dialogs.errors import describe_error
from vcfviewer.translation import translate


def edit(desk: Desk) -> None:
    """Open the film at hand in labelme, and go on reading; what is saved there comes back when it is closed."""
    place, film, base = desk.place, desk.session.case.film, desk.session.document.annotation
    display, labels = desk.comparison.display, desk.session.labels
    if film is None or base is None:
        return
    if desk.in_labelme:
        text = translate("desk", "labelme still has {film} open; close it there first, to take its result back.")
        desk.tell(text.format(film=desk.in_labelme))
        return

    def work(cancel: CancelToken) -> LabelmeEdit:
        return edit_in_labelme(film, base, cancel, display, labels)

    def done(came: LabelmeEdit) -> None:
        desk.in_labelme = ""
        if not came.changed:
            desk.tell(translate("desk", "Nothing was changed in labelme."))
        elif desk.place == place:
            take(desk, base, came.annotation)
        else:
            desk.when_free(lambda: take_when_shown(desk, place, base, came.annotation))

    def failed(error: Exception) -> None:
        desk.in_labelme = ""
        if not isinstance(error, (EngineError, OSError)):
            raise error
        desk.errors.show_error(describe_error(translate("desk", "Editing in labelme"), error))

    desk.jobs.submit(Lane.PROGRAM, translate("desk", "labelme has the film"), work, done, failed)
    desk.in_labelme = place.key
    desk.tell(translate("desk", "The film is open in labelme; close it there to take the result back."))


def take(desk: Desk, base: Annotation, came: Annotation) -> None:
    """Take a result over as one step; where the film was edited here meanwhile, the reader chooses."""
    mine = desk.session.document.annotation
    if mine is None or mine == base:
        desk.session.deciding.apply(translate("desk", "Edit in labelme"), lambda _annotation: came)
    else:
        place = desk.place
        conflicts.show_versions(
            desk,
            base,
            came,
            lambda answer: desk.session.deciding.apply(answer.text, lambda _annotation: answer.annotation),
            lambda: take_when_shown(desk, place, base, came),
        )


def take_when_shown(desk: Desk, place: Place, base: Annotation, came: Annotation) -> None:
    """Open the film anew, and take the result over once it is there; say so where its folder was left."""
    if desk.session.folder.store is not place.store:
        text = translate("desk", "What was changed in labelme on {film} is lost: other films were opened meanwhile.")
        desk.tell(text.format(film=place.key))
        return

    if desk.place == place and not desk.session.deciding.awaited:
        take(desk, base, came)
        return

    def shown(_key: str, _case: OpenedCase) -> None:
        if desk.place == place:
            desk.session.shown.disconnect(shown)
            take(desk, base, came)

    desk.session.shown.connect(shown)
    desk.open_film(place.key)
