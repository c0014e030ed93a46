"""A film handed over between processes comes back as it was."""

from dataclasses import fields

import numpy as np
import pytest

from engine.domain.morphometry import Facing
from engine.errors import FilmReadError
from engine.films import Display, Film, Spacing, SpacingState
from engine.films.packed import read_packed, write_packed

PIXELS = np.arange(60, dtype=np.uint16).reshape(6, 10) * 900
MASK = PIXELS > 20000
FILMS = (
    Film("a.dcm", PIXELS, (Display("W", 1.5, 3.0), Display("T", table=(0, 9, 255), table_start=4, inverted=True)), True,
         Spacing(SpacingState.DETECTOR, 0.14, 0.15), Facing.LEFT, "f00", MASK, 12, False, (("name", "\ud55c\uae00"),)),
    Film("b.png", PIXELS.astype(np.uint8), opens_in_labelme=True),
)  # fmt: skip


@pytest.mark.parametrize("film", FILMS)
def test_every_field_comes_back(film, tmp_path):
    write_packed(tmp_path / "film", film)
    back = read_packed(tmp_path / "film", film.path)
    for field in fields(Film):
        was, now = getattr(film, field.name), getattr(back, field.name)
        if isinstance(was, np.ndarray):
            assert was.dtype == now.dtype
            assert np.array_equal(was, now)
        else:
            assert was == now, field.name
    assert not back.pixels.flags.writeable


def test_a_broken_handover_names_the_film(tmp_path):
    (tmp_path / "film").write_bytes(b"PK nothing")
    with pytest.raises(FilmReadError, match=r"a\.dcm: the decoded film can't be handed over"):
        read_packed(tmp_path / "film", FILMS[0].path)
