"""The action table: everything a reader can do, one row each, in the order of the menus."""

from __future__ import annotations

from vcfviewer.actions import edit_actions, film_actions, review_actions, view_actions
from vcfviewer.actions.desk import Desk
from vcfviewer.actions.rows import Action

__all__ = ("ACTIONS", "Action", "Desk")

ACTIONS: tuple[Action, ...] = (
    *film_actions.ACTIONS,
    *edit_actions.ACTIONS,
    *review_actions.ACTIONS,
    *view_actions.ACTIONS,
)
