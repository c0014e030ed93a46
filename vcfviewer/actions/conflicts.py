"""A labelme file that another program changed: the reader chooses theirs, mine, or shape by shape."""

from __future__ import annotations

from vcfviewer.actions.desk import Desk
from vcfviewer.session.saving import Pending


def ask(desk: Desk, pending: Pending) -> None:
    """Ask."""
    desk.tell(pending.key)
