"""One row an action: menus, toolbar, keys, their editor and their sheet all come from the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vcfviewer.actions.desk import Desk

Do = Callable[[Desk], object]
Test = Callable[[Desk], bool]


def always(_desk: Desk) -> bool:
    """Let an action be possible at any time."""
    return True


def has_film(desk: Desk) -> bool:
    """Whether a film is on the screen."""
    return desk.has_film


def can_edit(desk: Desk) -> bool:
    """Whether the film on the screen may be edited."""
    return desk.can_edit


def has_folder(desk: Desk) -> bool:
    """Whether a folder is open."""
    return desk.session.folder.listing is not None


def has_finding(desk: Desk) -> bool:
    """Whether a finding is in question, on a film that may be edited."""
    return desk.can_edit and desk.session.case.row() is not None


def has_selection(desk: Desk) -> bool:
    """Whether shapes of the reader's are selected, on a film that may be edited."""
    return desk.can_edit and bool(desk.own_selection)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a reader can do.

    `text` and `group` are English source texts, translated where they are shown; `key` is Qt's portable text, several
    keys parted by "; ". `checked` makes it a toggle; `toolbar` puts it there too.
    """

    name: str
    group: str
    text: str
    do: Do
    key: str = ""
    when: Test = has_film
    icon: str = ""
    checked: Test | None = None
    toolbar: bool = False
    separated: bool = False
    hint: str = ""
