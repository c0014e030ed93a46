"""Two models on one film: how the comparison begins and ends, and the walk through what they differ on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt

from engine.domain.labels import Level
from engine.errors import WeightsError
from engine.resources import weights_dir
from vcfviewer.actions.desk import Desk, Former
from vcfviewer.canvas.values import ToolName
from vcfviewer.pair_screen import PairScreen
from vcfviewer.panels.dialogs.errors import describe_error
from vcfviewer.panels.dialogs.model_dialog import SecondModelDialog, find_cards
from vcfviewer.session.second import pair_ids
from vcfviewer.translation import translate


def compare(desk: Desk) -> None:
    """Ask for the second model; where two are compared already, end that."""
    if desk.session.second.on:
        end(desk)
        return
    current = desk.session.predicting.card_path
    if current is None:
        desk.tell(translate("desk", "No model is in use that another one could be compared with."))
        return
    folders = [weights_dir(), *(path for path in desk.runs_folder().glob("*") if path.is_dir())]
    entries, wrong = find_cards(folders, [current])
    dialog = SecondModelDialog(entries, current, wrong, desk.window)
    dialog.chosen.connect(lambda path: start(desk, Path(path)))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def may_compare(desk: Desk) -> bool:
    """Whether there is a film to compare two models on, or a comparison to end."""
    return desk.has_film or desk.session.second.on


def start(desk: Desk, card: Path) -> None:
    """Compare the model in use with this one, on the film on the screen and on those that follow."""
    session, canvas = desk.session, desk.comparison
    try:
        session.second.start(card)
    except WeightsError as error:
        desk.errors.show_error(describe_error(translate("desk", "Reading the model card"), error))
        return
    desk.former = Former(session.case.key, canvas.view_state, canvas.mode, canvas.tool, canvas.selection)
    canvas.set_tool(ToolName.SELECT)
    canvas.select(frozenset())
    ask_both(desk)


def ask_both(desk: Desk) -> None:
    """Ask both models about the film on the screen, the one in use only where it hasn't said anything."""
    session = desk.session
    film, store = session.folder.film(session.case.key), session.folder.store
    if film is not None:
        if session.case.prediction is None:
            session.predicting.predict(film, store, session.case.digest)
        session.second.predict(film, store, session.case.digest)
    session.second.changed.emit()


def end(desk: Desk) -> None:
    """Go back to the review as it was left; on another film than it was left on, with its own finding in question."""
    session, canvas, former = desk.session, desk.comparison, desk.former
    desk.former = None
    canvas.select(frozenset())
    session.second.stop()
    if former is None:
        return
    canvas.set_mode(former.mode)
    canvas.set_tool(former.tool)
    if session.case.key == former.key:
        canvas.set_view_state(former.view)
        canvas.select(former.selection)
    else:
        desk.mark()


def move_thresholds(desk: Desk, by: float) -> None:
    """Move the score thresholds of both models."""
    second = desk.session.second
    for which, threshold in enumerate(second.thresholds):
        second.set_threshold(bool(which), min(0.99, max(0.05, round(threshold + by, 2))))


def take_first(desk: Desk) -> None:
    """Go on with another model in use as A; where that is B, there is nothing to compare any more."""
    second = desk.session.second
    if second.card_path is None:
        return
    first = desk.session.predicting.card_path
    if first is not None and first.resolve() == second.card_path.resolve():
        end(desk)
        return
    start_over = second.card_path
    try:
        second.start(start_over)
    except WeightsError:
        end(desk)
        return
    film = desk.session.folder.film(desk.session.case.key)
    if film is not None:
        second.predict(film, desk.session.folder.store, desk.session.case.digest)


def choose(desk: Desk, key: str) -> None:
    """Go to a pair: its row, its outlines, and both views on it."""
    row = desk.session.second.row(key)
    if row is None:
        return
    desk.comparison.select(pair_ids(row))
    desk.session.second.choose(row.key)
    desk.comparison.frame(row.bounds)


def choose_level(desk: Desk, level: Level) -> None:
    """Go to what either model, or the expert, has of a level."""
    for row in desk.session.second.paired.rows:
        shapes = (row.first, row.second, *row.experts)
        if any(shape is not None and shape.level is level for shape in shapes):
            choose(desk, row.key)
            return


def next_disagreement(desk: Desk, step: int) -> None:
    """Go to the next finding to be looked at: by the expert's masks, or where two models are compared, by those."""
    desk.tell(desk.comparison.hint)  # No word of an earlier search that found nothing.
    second = desk.session.second
    if not second.active:
        desk.next_disagreement(step)
        return
    if not second.ready:
        desk.tell(translate("desk", "Wait until both models have looked at this film."))
        return
    key = second.next_difference(step)
    if key:
        choose(desk, key)
    else:
        _search_on(desk, step)


def arrived(desk: Desk) -> None:
    """Go to the first difference of a film that was opened for its sake."""
    if not desk.session.second.active:
        desk.arrived()
    elif desk.awaits_finding and desk.session.second.ready:
        desk.first_finding = ""
        choose(desk, desk.session.second.next_difference())


def _search_on(desk: Desk, step: int) -> None:
    session = desk.session
    store, worklist = session.folder.store, desk.worklist
    listed = (session.folder.film(row.key) for row in worklist.model.walk(worklist.current or None, step))
    films = [film for film in listed if film is not None]

    def found(key: str) -> None:
        if key:
            desk.open_film(key, for_finding=True)
            return
        session.second.choose("")
        desk.tell(translate("desk", "A and B differ on no further film of the list; N starts again on this film."))

    if store is not None:
        session.second.search(films, store, found)


def connect(desk: Desk, screen: PairScreen, changed: Callable[[], None], work_changed: Callable[[], None]) -> None:
    """Connect the second model with what shows it; `changed` shows the film anew, `work_changed` who is at work."""
    second = desk.session.second
    screen.pairs.pair_chosen.connect(lambda key: choose(desk, key))
    screen.thresholds.changed.connect(second.set_threshold)
    second.chosen.connect(screen.show_choice)
    second.working.connect(work_changed)
    second.changed.connect(changed)
