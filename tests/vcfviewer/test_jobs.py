import subprocess
import sys
import threading
import time
import weakref

import pytest
from qt import settle, wait_until
from stalls import StallWatch

from engine.control import Cancelled
from engine.errors import FilmReadError
from vcfviewer import jobs as jobs_module
from vcfviewer.jobs import Jobs, Lane

WINDOW_SIDE = """
import sys
import vcfviewer.jobs, vcfviewer.model_process, vcfviewer.training, vcfviewer.model_comparison
import engine.data.worklist, engine.formats.labelme, engine.films
from engine.resources import weights_dir
from engine.weights import list_cards
assert list_cards()[0][1].labels
heavy = sorted({"torch", "torchvision", "matplotlib"} & set(sys.modules))
assert not heavy, heavy
"""


class Film:
    """Something large that must not be held for longer than it is looked at."""


@pytest.fixture
def jobs(qt_app):
    made = Jobs()
    yield made
    made.close()


def until_cancelled(token):
    while True:
        token.check()
        time.sleep(0.001)


def refuse(_value):
    raise AssertionError("nobody wanted this result")


def test_work_is_done_elsewhere_and_its_result_comes_home(jobs):
    seen = {}

    def work(_cancel):
        seen["worker"] = threading.current_thread().name
        return 7

    def done(value):
        seen["home"] = (threading.current_thread(), value)

    jobs.submit(Lane.READING, "reading a film", work, done)
    assert "home" not in seen
    wait_until(lambda: "home" in seen)
    assert seen["worker"] == "reading lane"
    assert seen["home"] == (threading.main_thread(), 7)


def test_lanes_work_beside_each_other(jobs):
    meeting = threading.Barrier(len(Lane), timeout=10)
    met = []
    for lane in Lane:
        jobs.submit(lane, lane.value, lambda _cancel: meeting.wait(), met.append)
    wait_until(lambda: len(met) == len(Lane))


@pytest.mark.parametrize("lane", [Lane.READING, Lane.INFERENCE])
def test_the_newest_request_wins(jobs, lane):
    started, order = threading.Event(), []

    def first(cancel):
        started.set()
        until_cancelled(cancel)

    tokens = [jobs.submit(lane, "one", first, refuse, refuse)]
    assert started.wait(5)
    tokens.append(jobs.submit(lane, "two", lambda _cancel: order.append("two"), refuse))
    tokens.append(jobs.submit(lane, "three", lambda _cancel: "three", order.append))
    wait_until(lambda: order)
    settle()
    assert order == ["three"]
    assert [token.cancelled for token in tokens] == [True, True, False]


def test_a_result_that_comes_too_late_is_dropped(jobs):
    go, order = threading.Event(), []
    jobs.submit(Lane.READING, "one", lambda _cancel: go.wait(5), refuse)
    jobs.submit(Lane.READING, "two", lambda _cancel: 2, order.append)
    go.set()
    wait_until(lambda: order)
    settle()
    assert order == [2]


def test_what_is_kept_queues_up_behind_the_newest_and_is_never_pushed_out(jobs):
    started, go, order = threading.Event(), threading.Event(), []

    def hold(_cancel):
        started.set()
        go.wait(5)
        return "kept 0"

    jobs.submit(Lane.INFERENCE, "kept 0", hold, order.append, keep=True)
    assert started.wait(5)
    for name in ("kept 1", "kept 2"):
        jobs.submit(Lane.INFERENCE, name, lambda _cancel, name=name: name, order.append, keep=True)
    jobs.submit(Lane.INFERENCE, "old", lambda _cancel: "old", order.append)
    jobs.submit(Lane.INFERENCE, "new", lambda _cancel: "new", order.append)
    go.set()
    wait_until(lambda: len(order) == 4)
    assert order == ["kept 0", "new", "kept 1", "kept 2"]


def test_writing_keeps_its_order_and_drops_nothing(jobs):
    written, told = [], []
    for number in range(50):
        token = jobs.submit(
            Lane.WRITING, "saving", lambda _cancel, number=number: written.append(number) or number, told.append
        )
        if number % 3 == 0:
            token.cancel()
    wait_until(lambda: len(told) == 50)
    assert written == told == list(range(50))


def test_a_job_cancelled_before_it_begins_is_never_done(jobs):
    go, done = threading.Event(), []
    jobs.submit(Lane.BACKGROUND, "first", lambda _cancel: go.wait(5), done.append)
    token = jobs.submit(Lane.BACKGROUND, "second", lambda _cancel: done.append("worked"), refuse)
    jobs.submit(Lane.BACKGROUND, "third", lambda _cancel: "third", done.append)
    token.cancel()
    go.set()
    wait_until(lambda: len(done) == 2)
    assert done == [True, "third"]


def test_an_error_reaches_its_own_callback_or_else_the_presenter(jobs):
    presented, own = [], []
    jobs.failed.connect(lambda what, error: presented.append((what, error)))

    def fail(_cancel):
        raise FilmReadError("a.png", "damaged")

    jobs.submit(Lane.READING, "opening a.png", fail, refuse, own.append)
    wait_until(lambda: own)
    jobs.submit(Lane.READING, "opening a.png", fail, refuse)
    wait_until(lambda: presented)
    assert str(own[0]) == "a.png: damaged"
    assert [(what, str(error)) for what, error in presented] == [("opening a.png", "a.png: damaged")]


def test_work_that_was_cancelled_ends_without_a_word(jobs):
    told = []
    jobs.failed.connect(lambda *said: told.append(said))

    def give_up(_cancel):
        raise Cancelled

    jobs.submit(Lane.WRITING, "saving", give_up, refuse, refuse)
    jobs.submit(Lane.WRITING, "saving", lambda _cancel: 1, told.append)
    wait_until(lambda: told)
    assert told == [1]


def test_a_lane_outlives_what_is_no_ordinary_error(jobs):
    class Panic(BaseException):
        pass

    said = []

    def panic(_cancel):
        raise Panic("index out of bounds")

    jobs.submit(Lane.READING, "reading", panic, refuse, said.append)
    wait_until(lambda: said)
    jobs.submit(Lane.READING, "reading", lambda _cancel: "next", said.append)
    wait_until(lambda: len(said) == 2)
    assert "Panic: index out of bounds" in str(said[0])
    assert said[1] == "next"


def test_activity_names_the_lanes_that_have_work(jobs):
    seen, go = [], threading.Event()
    jobs.activity.connect(seen.append)
    jobs.submit(Lane.READING, "one", lambda _cancel: go.wait(5), refuse)
    jobs.submit(Lane.INFERENCE, "two", lambda _cancel: go.wait(5), lambda _value: None)
    jobs.submit(Lane.READING, "three", lambda _cancel: 1, lambda _value: None)
    go.set()
    wait_until(lambda: seen and not seen[-1])
    assert seen[0] == {Lane.READING}
    assert seen[1] == {Lane.READING, Lane.INFERENCE}
    assert len(seen) == 4


def test_work_is_submitted_on_the_gui_thread_only(jobs):
    said = []

    def elsewhere(_cancel):
        return jobs.submit(Lane.READING, "from a lane", lambda _cancel: None, refuse)

    jobs.submit(Lane.BACKGROUND, "background", elsewhere, refuse, said.append)
    wait_until(lambda: said)
    assert "GUI thread" in str(said[0])


def test_a_lane_lets_go_of_what_it_made(jobs):
    seen = []
    jobs.submit(Lane.READING, "reading", lambda _cancel: Film(), lambda film: seen.append(weakref.ref(film)))
    wait_until(lambda: seen)
    wait_until(lambda: seen[0]() is None)


def test_closing_writes_everything_tells_it_and_drops_the_rest(qt_app):
    jobs, written, told = Jobs(), [], []
    started = threading.Event()

    def read(cancel):
        started.set()
        until_cancelled(cancel)

    def save(number):
        time.sleep(0.01)
        written.append(number)
        return number

    jobs.submit(Lane.INFERENCE, "predicting", read, refuse, refuse)
    jobs.submit(Lane.BACKGROUND, "measuring", lambda _cancel: time.sleep(0.05), refuse, refuse)
    for number in range(20):
        jobs.submit(Lane.WRITING, "saving", lambda _cancel, number=number: save(number), told.append)
    assert started.wait(5)
    jobs.close()
    assert written == told == list(range(20))
    settle()
    assert told == list(range(20))


def test_a_save_that_fails_while_closing_is_told_and_may_ask_for_another(qt_app, monkeypatch):
    jobs, said = Jobs(), []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: said.append(str(error)))

    def full(_cancel):
        raise OSError("no space left on device")

    def again(error):
        jobs.submit(Lane.WRITING, "saving elsewhere", lambda _cancel: str(error), said.append)
        raise ValueError("the presenter stumbled")

    jobs.submit(Lane.WRITING, "saving", full, refuse, again)
    jobs.close()
    assert said == ["the presenter stumbled", "no space left on device"]
    late = jobs.submit(Lane.READING, "reading", lambda _cancel: 1, refuse)
    assert late.cancelled
    with pytest.raises(RuntimeError, match="nothing can be written any more"):
        jobs.submit(Lane.WRITING, "saving", lambda _cancel: 1, refuse)
    jobs.close()


def test_a_read_that_hangs_does_not_keep_the_program_open(qt_app, monkeypatch):
    monkeypatch.setattr(jobs_module, "GRACE_SECONDS", 0.1)
    jobs, gone = Jobs(), threading.Event()
    jobs.submit(Lane.READING, "reading from a drive that is gone", lambda _cancel: gone.wait(30), refuse)
    started = time.monotonic()
    jobs.close()
    assert time.monotonic() - started < 5
    gone.set()
    settle()


def test_the_gui_goes_on_while_lanes_compute_in_python(jobs):
    def compute(cancel):
        total = 0
        last = time.monotonic() + 1.0
        while time.monotonic() < last:
            total += sum(range(1000))
        return total

    done = []
    for lane in (Lane.READING, Lane.INFERENCE, Lane.BACKGROUND):
        jobs.submit(lane, "computing", compute, done.append)
    assert StallWatch().run(lambda: len(done) == 3, 60) < 0.05


def test_the_windows_process_never_imports_torch():
    subprocess.run([sys.executable, "-c", WINDOW_SIDE], check=True, timeout=120)
