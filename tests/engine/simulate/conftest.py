"""One set of simulated films, far coarser than real ones, for all tests that ask what many films have in common."""

from dataclasses import replace

import pytest

from engine.simulate.film import simulate_film
from engine.simulate.recipe import balanced

VERY_COARSE = (1.8, 2.4)


@pytest.fixture(scope="session")
def many_films():
    """240 films of about 200 by 150 px, first 120 with fractures, then 120 without."""
    return tuple(simulate_film(replace(planned.plan, pitch=VERY_COARSE)) for planned in balanced(120, 120, seed=11))
