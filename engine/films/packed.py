"""A decoded Film in one file, for another process of this program: numpy's own format, in which nothing is pickled."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from engine.domain.morphometry import Facing
from engine.errors import FilmReadError
from engine.films._film import Display, Film, Spacing, SpacingState


def write_packed(path: Path, film: Film) -> None:
    """Write a film, its pixels as they are."""
    head = {
        "displays": [asdict(display) for display in film.displays], "inverted": film.inverted,
        "spacing": [film.spacing.state.value, film.spacing.row_mm, film.spacing.column_mm],
        "facing": None if film.facing is None else film.facing.value, "patient": film.patient, "offset": film.offset,
        "opens_in_labelme": film.opens_in_labelme, "facts": [list(fact) for fact in film.facts],
    }  # fmt: skip
    excluded = np.zeros((0, 0), np.bool_) if film.excluded is None else film.excluded
    text = np.frombuffer(json.dumps(head).encode("utf-8", "surrogatepass"), np.uint8)
    with path.open("wb") as file:
        np.savez(file, head=text, pixels=film.pixels, excluded=excluded)


def read_packed(packed: Path, film: Path) -> Film:
    """Return the film that `write_packed` wrote; `film` is the path of its own file. Raises FilmReadError."""
    try:
        with np.load(packed, allow_pickle=False) as arrays:
            head: dict[str, Any] = json.loads(arrays["head"].tobytes().decode("utf-8", "surrogatepass"))
            pixels, excluded = arrays["pixels"], arrays["excluded"]
        state, row_mm, column_mm = head["spacing"]
        return Film(
            path=film, pixels=pixels, displays=tuple(_display(one) for one in head["displays"]),
            inverted=head["inverted"], spacing=Spacing(SpacingState(state), row_mm, column_mm),
            facing=None if head["facing"] is None else Facing(head["facing"]), patient=head["patient"],
            excluded=excluded if excluded.size else None, offset=head["offset"],
            opens_in_labelme=head["opens_in_labelme"], facts=tuple((name, text) for name, text in head["facts"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FilmReadError(film, f"the decoded film can't be handed over ({error}); open it again") from error


def _display(record: dict[str, Any]) -> Display:
    return Display(**{**record, "table": tuple(record["table"])})
