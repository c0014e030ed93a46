"""The review where PyTorch isn't installed, as in a desktop bundle: the same journeys, by processes without it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
NEED_TORCH = ("test_retrain_journey.py", "test_two_models.py", Path(__file__).name)
"""Training is PyTorch's, and so are the made-up models of two families."""


def without_torch(*command):
    path = os.pathsep.join([str(TESTS / "without_torch"), str(TESTS.parent), str(TESTS)])
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, env=environment, check=False)


def play(*paths):
    done = without_torch("-m", "pytest", "-q", "-p", "no:cacheprovider", *(str(path) for path in paths))
    assert done.returncode == 0, done.stdout[-5000:]
    return done.stdout


def test_a_review_by_keyboard_and_mouse():
    assert " passed" in play(TESTS / "journeys" / "test_review.py")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_journey_that_trains_nothing():
    play(*(path for path in sorted((TESTS / "journeys").glob("test_*.py")) if path.name not in NEED_TORCH))


def test_films_are_predicted_and_a_training_says_what_it_lacks(films, tmp_path):
    done = without_torch("-m", "engine", "predict", str(films / "sample_01.png"), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "1 films predicted, 0 skipped" in done.stdout
    hidden = without_torch("-c", "import torch")
    assert "ModuleNotFoundError" in hidden.stderr
    done = without_torch("-m", "engine", "train", str(films), "--out", str(tmp_path / "run"))
    assert done.returncode == 2
    assert "train needs PyTorch" in done.stderr
    assert "Traceback" not in done.stderr
