"""Making simulated films: one film at three sizes, and many in one process and in two, pixel by pixel the same."""

import time

import pytest
from measurements import peak_mib, rounds_ms

from engine.__main__ import main
from engine.domain.labels import Level
from engine.simulate.film import FilmPlan, simulate_film

TOPIC = "The simulator"
PITCHES = (1.0, 0.7, 0.5)
"""Detector pixels in mm: films of about 0.1 to 0.5 megapixels."""
FILMS = 40
SCALES = 0.7
"""Asked for of two processes on two cores: half the time but for starting them. Other programs at work take it away,
so that less time is demanded and no more."""


def plan(pitch):
    return FilmPlan(seed=7, fractures=((Level.L1, 2),), pitch=(pitch, pitch))


@pytest.mark.parametrize("pitch", PITCHES)
def test_one_film(pitch, measurement):
    megapixels = round(simulate_film(plan(pitch)).pixels.size / 1e6, 3)
    (took,) = rounds_ms(lambda: simulate_film(plan(pitch)), rounds=1)
    measurement("one film", "ms", took, size=megapixels, of="MP", headline=True)
    peak = peak_mib(lambda: simulate_film(plan(pitch)))
    told = measurement("one film, peak of memory", "MiB", [peak], size=megapixels, of="MP", bar=100 * megapixels + 20)
    assert told.is_met


@pytest.mark.slow
def test_two_processes_make_the_same_films_in_less_time(tmp_path, measurement):
    took = {}
    for workers in (1, 2):
        start = time.perf_counter()
        out = str(tmp_path / str(workers))
        assert main(["simulate", "--out", out, "--count", str(FILMS), "--seed", "3", "--workers", str(workers)]) == 0
        took[workers] = (time.perf_counter() - start) / FILMS
    names = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert len(names) == 2 * FILMS + 1
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name
    told = measurement("a film of many, two processes", "s", [took[2]], peer=[took[1]], peer_name="one process",
                       share=SCALES, headline=True)  # fmt: skip
    assert told.ratio < 1
