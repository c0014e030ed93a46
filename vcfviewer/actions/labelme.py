"""Edit the film at hand in labelme, a program of its own, and take back what it saved."""

from __future__ import annotations

from vcfviewer.actions.desk import Desk, say


def edit_in_labelme(desk: Desk) -> None:
    """Open."""
    desk.tell(say("labelme"))
