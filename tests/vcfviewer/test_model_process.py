import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from qt import wait_until
from tiny_model import damaged, make_film, make_tiny_card, with_input_size

from engine.control import Cancelled, CancelToken
from engine.errors import FilmReadError, ModelError, WeightsError
from engine.films import read_film
from engine.predict import load_model, predict
from vcfviewer.children import Life, life_of, mark_of
from vcfviewer.model_process import FLOOR, ModelProcess

SLOW = (1500, 2000)
"""An input at which even the tiny network computes for seconds."""
LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_AS, (6_000_000_000, 6_000_000_000))
sys.argv = ["vcf-engine", "serve", "--json"]
print("a library says hello")
print('[1, 2]', flush=True)
runpy.run_module("engine", run_name="__main__")
"""
"""What libraries print on standard output is no answer."""
NEVER_ANSWERS = """
import sys
print('{"event": "ready"}', flush=True)
for line in sys.stdin: pass
"""
PARENT = """
import sys, time
from pathlib import Path
from vcfviewer.model_process import ModelProcess
model = ModelProcess()
model.start(Path(sys.argv[1]))
print(model.pid, flush=True)
time.sleep(60)
"""


def python(code):
    return [sys.executable, "-c", code]


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    return make_tiny_card(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return make_film(tmp_path_factory.mktemp("films") / "film.png")


@pytest.fixture(scope="module")
def shared(card):
    """One child for all tests that leave it alive."""
    model = ModelProcess()
    model.start(card)
    yield model
    model.close()


@pytest.fixture
def own():
    """Make a child that the test may kill."""
    made = []

    def make(*arguments, **more):
        made.append(ModelProcess(*arguments, **more))
        return made[-1]

    yield make
    for model in made:
        model.close()


class Asked:
    """A prediction under way on another thread."""

    def __init__(self, model, film, card):
        self.cancel = CancelToken()
        self.result = self.error = None
        self._thread = threading.Thread(target=self._ask, args=(model, film, card))
        self._thread.start()

    def _ask(self, model, film, card):
        try:
            self.result = model.predict(film, card, self.cancel)
        except Exception as error:
            self.error = error

    def join(self, seconds=60):
        self._thread.join(seconds)
        assert not self._thread.is_alive()
        return self.error


def gone(pid, mark, seconds=20):
    last = time.monotonic() + seconds
    while life_of(pid, mark) is not Life.GONE and time.monotonic() < last:
        time.sleep(0.02)
    return life_of(pid, mark) is Life.GONE


def test_the_child_says_what_the_model_says(shared, film, card):
    told = shared.predict(film, card, CancelToken())
    expected = predict(read_film(film), load_model(card), floor=FLOOR)
    assert told.shapes
    assert told.image_size == expected.image_size == (320, 240)
    assert told.card == expected.card
    assert [shape.label for shape in told.shapes] == [shape.label for shape in expected.shapes]
    assert [shape.score for shape in told.shapes] == pytest.approx([shape.score for shape in expected.shapes])
    assert told.shapes[0].polygon.points == pytest.approx(expected.shapes[0].polygon.points, abs=0.01)
    assert told.seconds > 0


def test_a_film_inside_a_labelme_file_is_read_from_there(shared, film, card, tmp_path):
    path = tmp_path / "film.json"
    picture = base64.b64encode(film.read_bytes()).decode()
    path.write_text(json.dumps({"shapes": [], "imagePath": "gone.png", "imageData": picture}))
    assert shared.predict(path, card, CancelToken(), embedded=True).image_size == (320, 240)


def test_a_film_that_is_none_and_weights_that_are_damaged_say_so_and_the_next_request_works(
    shared, film, card, tmp_path
):
    notes = tmp_path / "notes.docx"
    notes.write_bytes(b"PK\x03\x04 not a film")
    with pytest.raises(FilmReadError, match=r"notes\.docx: expected DICOM, PNG") as wrong:
        shared.predict(notes, card, CancelToken())
    assert (wrong.value.path, wrong.value.reason[:8]) == (notes, "expected")
    with pytest.raises(FilmReadError, match=r"gone\.png"):
        shared.predict(tmp_path / "gone.png", card, CancelToken())
    pid = shared.pid
    with pytest.raises(WeightsError, match="sha256"):
        shared.predict(film, damaged(card, tmp_path / "damaged"), CancelToken())
    with pytest.raises(WeightsError, match=r"no\.card\.json"):
        shared.predict(film, tmp_path / "no.card.json", CancelToken())
    assert shared.predict(film, card, CancelToken()).shapes
    assert shared.pid == pid


def test_a_cancelled_request_is_given_up_at_once_and_one_that_waits_is_never_computed(shared, film, card):
    slow = with_input_size(card, "slow", SLOW)
    asked = [Asked(shared, film, slow) for _ in range(8)]
    time.sleep(0.3)
    started = time.monotonic()
    for one in asked:
        one.cancel.cancel()
    for one in asked:
        assert isinstance(one.join(), Cancelled)
    assert time.monotonic() - started < 1
    whole = shared.predict(film, slow, CancelToken()).seconds
    # At most the one that was being computed was before it, not all eight.
    assert time.monotonic() - started < 4 * whole + 5
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        shared.predict(film, card, token)


def test_a_child_killed_in_the_middle_of_a_film_says_so_and_one_killed_between_films_is_replaced(own, film, card):
    model, slow = own(), with_input_size(card, "slow", SLOW)
    assert model.predict(film, card, CancelToken()).shapes
    pid, asked = model.pid, Asked(model, film, slow)
    time.sleep(0.3)
    assert asked.error is None
    os.kill(pid, signal.SIGKILL)
    error = asked.join()
    assert isinstance(error, ModelError)
    assert "film.png: the model's process was killed, most likely because memory ran out; close other" in str(error)
    assert model.predict(film, card, CancelToken()).shapes
    assert model.pid != pid
    os.kill(model.pid, signal.SIGTERM)
    wait_until(lambda: model.pid is None)
    assert model.predict(film, card, CancelToken()).shapes


def test_memory_that_runs_out_is_told_and_the_next_film_is_predicted(own, film, card):
    model = own(python(LIMITED))
    assert model.predict(film, card, CancelToken()).shapes
    pid = model.pid
    huge = with_input_size(card, "huge", (40_000, 53_000))
    with pytest.raises(ModelError, match=r"film\.png: memory ran out; close other programs or choose a smaller model"):
        model.predict(film, huge, CancelToken())
    assert model.predict(film, card, CancelToken()).shapes
    assert model.pid == pid


def test_a_child_that_is_stuck_is_ended(own, film, card):
    model = own(python(NEVER_ANSWERS), patience=0.5)
    with pytest.raises(ModelError, match="gave no answer"):
        model.predict(film, card, CancelToken())
    assert model.pid is None


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["no-such-program-anywhere"], "can't be started.*reinstall"),
        (python("import no_such_module_anywhere"), "before it was ready.*no_such_module_anywhere.*reinstall"),
    ],
)
def test_a_child_that_cannot_start_says_why(own, film, card, command, said):
    with pytest.raises(ModelError, match=said):
        own(command).predict(film, card, CancelToken())


def test_closing_ends_the_child_and_who_waits_for_it(own, film, card):
    model = own()
    asked = Asked(model, film, card)
    wait_until(lambda: model.pid is not None)
    pid, mark = model.pid, mark_of(model.pid)
    model.close()
    assert isinstance(asked.join(), Cancelled)
    assert gone(pid, mark, 0)
    with pytest.raises(Cancelled):
        model.predict(film, card, CancelToken())


def test_a_child_ends_with_a_window_that_was_killed(card):
    with subprocess.Popen([*python(PARENT), str(card)], stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        mark = mark_of(pid)
        parent.kill()
    assert mark is not None
    assert gone(pid, mark, 60)
