"""The bundled model on a film, from file to outlines: as it runs here, beside the same network in float32 PyTorch."""

import os
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from engine.domain.polygon import polygon_iou
from engine.films import read_film
from engine.films.display import film_to_grey
from engine.predict import load_model, predict
from engine.resources import samples_dir, weights_dir

TOPIC = "Inference"
PYTORCH = "torchvision's modules in PyTorch, float32"
FASTER = 1.6
"""How many times as fast as PyTorch a film is to be read on two cores; in float32 on both sides."""


PEAK_MIB = 1500
IN_A_CHILD = """
import sys, time
from pathlib import Path
start = time.perf_counter()
from engine.films import read_film
from engine.memory import peak_bytes
from engine.predict import load_model, predict
model = load_model(Path(sys.argv[1]), sys.argv[3], 2)
predict(read_film(Path(sys.argv[2])), model)
first = time.perf_counter() - start
for _ in range(2):
    predict(read_film(Path(sys.argv[2])), model)
print(first, peak_bytes() or 0)
"""


@pytest.fixture(scope="module")
def card():
    return next(weights_dir().glob("*.card.json"))


def film_of(folder, size):
    """A sample film, its pixels stretched to (height, width) px, 16 bit, as a PNG."""
    grey = film_to_grey(read_film(samples_dir() / "sample_11.png"))
    path = folder / f"{size[0]}x{size[1]}.png"
    large = cv2.resize(grey, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    path.write_bytes(cv2.imencode(".png", large.astype(np.uint16) * 257)[1].tobytes())
    return path


def seconds(model, path, clock):
    start = clock()
    found = predict(read_film(path), model)
    return clock() - start, found


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("size", "threads", "rounds"),
    [
        ((2000, 1000), 1, 2),
        *(pytest.param(one, 2, 9, marks=pytest.mark.slow) for one in ((1000, 500), (2000, 1000), (4000, 3000))),
    ],
)
def test_a_film_from_file_to_outlines(card, tmp_path, measurement, size, threads, rounds):
    """One thread by the processor's time, which other programs change little; two by the clock, as a reader waits."""
    clock = time.process_time if threads == 1 else time.perf_counter
    path = film_of(tmp_path, size)
    models = load_model(card, "auto", threads), load_model(card, "torch:cpu", threads)
    taken = [], []
    for _ in range(rounds + 1):
        for model, values in zip(models, taken, strict=True):
            value, found = seconds(model, path, clock)
            values.append((value, found))
    ours, theirs = ([value for value, _found in values[1:]] for values in taken)
    # On one thread both are as fast as the processor multiplies, so that only being slower is a fault.
    bar = {1: 1.0, 2: 1 / FASTER}[threads] if size == (2000, 1000) else None
    told = measurement(
        f"a film from file to outlines, {threads} thread{'s' * (threads > 1)}", "s", ours, peer=theirs,
        peer_name=PYTORCH, size=size[0] * size[1] / 1e6, of="MP", share=bar, headline=size == (2000, 1000),
    )  # fmt: skip
    for one, two in zip(taken[0][-1][1].shapes, taken[1][-1][1].shapes, strict=True):
        assert one.label == two.label
        assert one.score == pytest.approx(two.score, abs=0.02)
        assert polygon_iou(one.polygon, two.polygon) >= 0.98
    assert told.is_met


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_first_film_after_a_start_and_the_memory_it_takes(card, tmp_path, measurement):
    path = film_of(tmp_path, (2000, 1000))
    taken = {"auto": [], "torch:cpu": []}
    for _ in range(5):
        for backend, values in taken.items():
            command = [sys.executable, "-c", IN_A_CHILD, str(card), str(path), backend]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
            first, peak = done.stdout.split()
            values.append((float(first), int(peak) / 2**20))
    firsts, peaks = ([[pair[at] for pair in values] for values in taken.values()] for at in (0, 1))
    measurement("start to the first film's outlines", "s", firsts[0], peer=firsts[1], peer_name=PYTORCH, headline=True)
    memory = measurement("memory at most", "MiB", peaks[0], peer=peaks[1], peer_name=PYTORCH, bar=PEAK_MIB,
                         headline=True)  # fmt: skip
    assert memory.is_met
