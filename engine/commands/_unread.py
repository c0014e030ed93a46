"""Labels that no command can read: told, so that nobody takes their films for normal ones unknowingly."""

from __future__ import annotations

from collections.abc import Sequence

from engine.commands._output import Output
from engine.data.dataset import Example


def tell_unread_labels(examples: Sequence[Example], output: Output) -> None:
    """Say in one line how many films hold outlines of labels that mean no vertebra, and which; else say nothing."""
    films = [one for one in examples if one.unread]
    if not films:
        return
    labels = sorted({label for one in films for label in one.unread})
    shown = f"{', '.join(map(repr, labels[:5]))}{f' and {len(labels) - 5} more' if len(labels) > 5 else ''}"
    output.say(f"{len(films)} of {len(examples)} films hold shapes of labels that mean no vertebra and count for "
               f"nothing: {shown}; write a fracture as L1, an intact body as L1 normal")  # fmt: skip
    output.record("unread_labels", films=len(films), labels=labels)
