import json
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from qt import wait_until
from tiny_model import OPTIONS, make_annotated, make_tiny_card

from engine.data.split import Split, write_split
from engine.errors import TrainingError
from engine.weights import load_weights, read_card
from vcfviewer import training
from vcfviewer.training import (
    ERRORS,
    LOG,
    RECORD,
    Curves,
    Ended,
    RunState,
    StepDone,
    TrainingPlan,
    Validated,
    found_runs,
    open_run,
    settings_from_card,
    start_training,
)

pytestmark = pytest.mark.timeout(900)
PATIENCE = 400
"""Seconds for a training to start and take its first steps: a few on a free computer, minutes on a busy one."""

WINDOW = """
import json, os, sys
from pathlib import Path
from vcfviewer import training
from vcfviewer.training import TrainingPlan, start_training
assert "torch" not in sys.modules
plan = json.loads(sys.argv[1])
training.NICENESS = plan["niceness"]
run = start_training(TrainingPlan(Path(plan["data"]), Path(plan["out"]), settings=plan["settings"]))
os.kill(os.getpid(), 9)
"""


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    return make_tiny_card(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Six films with one fracture each; far fewer levels than the model knows."""
    folder = tmp_path_factory.mktemp("corrected")
    for number in range(6):
        make_annotated(folder / f"film{number}.png", "L1" if number % 2 else "T12")
    names = [f"film{number}.png" for number in range(6)]
    write_split(folder / "split.json", Split(tuple(names[:4]), tuple(names[4:]), ()), 0)
    return folder


@pytest.fixture(autouse=True)
def in_time(monkeypatch):
    """A training gives way to whatever else runs, which on a busy computer would be the end of these tests."""
    monkeypatch.setattr(training, "NICENESS", 0)


@pytest.fixture
def ended():
    """Ends the runs that a test may leave."""
    runs = []
    yield runs.append
    for run in runs:
        run.stop(seconds=0)


def settings(card, **more):
    return {**settings_from_card(card), "batch_size": 2, "epochs": 1000, "checkpoint_every": 100_000, **more}


def steps_of(run, events):
    events.extend(run.follow())
    return [event.step for event in events if isinstance(event, StepDone)]


def test_a_training_outlives_the_window_and_is_found_paused_stopped_and_resumed(films, card, tmp_path, ended):
    plan = {"data": str(films), "out": str(tmp_path / "runs" / "first"), "settings": settings(card),
            "niceness": training.NICENESS}  # fmt: skip
    window = subprocess.run([sys.executable, "-c", WINDOW, json.dumps(plan)], check=False)
    assert window.returncode == -signal.SIGKILL
    (run,), wrong = found_runs(tmp_path / "runs")
    ended(run)
    assert not wrong
    events = []
    wait_until(lambda: len(steps_of(run, events)) >= 3, PATIENCE, "three steps")
    assert run.status().state is RunState.RUNNING
    with pytest.raises(TrainingError, match="is running in this folder"):
        start_training(TrainingPlan(films, run.folder))
    with pytest.raises(TrainingError, match="nothing to resume"):
        run.resume()

    run.pause()
    wait_until(lambda: run.status().state is RunState.PAUSED)
    halted = len(steps_of(run, events))
    time.sleep(0.5)
    assert len(steps_of(run, events)) == halted
    run.resume()
    wait_until(lambda: len(steps_of(run, events)) > halted, 60, "a step after the pause")

    run.pause()
    status = run.stop(120)
    assert status.state is RunState.STOPPED
    assert (run.folder / "checkpoint.pt").exists()
    reached = max(steps_of(run, events))
    assert found_runs(tmp_path / "runs")[0][0].status() == status
    with pytest.raises(TrainingError, match="can't be paused"):
        run.pause()

    run.resume()
    wait_until(
        lambda: len(steps_of(run, events)) and steps_of(run, events)[-1] > reached, PATIENCE, "a step after the stop"
    )
    assert steps_of(run, events) == list(range(1, max(steps_of(run, events)) + 1))

    os.kill(run.record.pid, signal.SIGKILL)
    wait_until(lambda: run.status().state is RunState.FAILED)
    assert "ended without a result; resume it to go on" in run.status().message


@pytest.mark.slow
def test_a_training_ends_with_curves_and_a_card(films, card, tmp_path, ended):
    plan = TrainingPlan(films, tmp_path / "run", films / "split.json", settings(card, epochs=2), validate_every=2)
    run = start_training(plan)
    ended(run)
    wait_until(lambda: run.status().state is RunState.FINISHED, PATIENCE, "the end of the training")
    events, curves = [], Curves()
    while told := run.follow():
        events += told
        curves.add(told)
    assert [event.step for event in events if isinstance(event, Validated)] == [2, 4]
    assert {(event.films, event.fractures) for event in events if isinstance(event, Validated)} == {(2, 2)}
    assert [step for step, _loss in curves.losses] == [1, 2, 3, 4]
    assert [step for step, _ap in curves.precisions] == [2, 4]
    assert all(0 <= ap <= 1 for _step, ap in curves.precisions)
    assert curves.last.steps == 4
    new = run.status().card
    assert events[-1] == Ended(new)
    assert load_weights(new, read_card(new))
    assert read_card(new).labels == read_card(card).labels


def test_a_training_that_cannot_begin_says_why(tmp_path, card, ended):
    run = start_training(TrainingPlan(tmp_path / "nowhere", tmp_path / "run", settings=settings(card)))
    ended(run)
    wait_until(lambda: run.status().state is RunState.FAILED, PATIENCE)
    assert "nowhere: no such file or folder" in run.status().message
    assert run.follow()[-1] == Ended(None, run.status().message)


def write_run(folder, pid, mark="", host="", log="", errors=""):
    folder.mkdir(parents=True)
    record = {"pid": pid, "mark": mark, "host": host or platform.node(), "command": ["train"],
              "started": "2026-01-01T10:00:00+00:00"}  # fmt: skip
    (folder / RECORD).write_text(json.dumps(record))
    (folder / LOG).write_text(log)
    (folder / ERRORS).write_text(errors)
    return folder


def test_a_number_that_belongs_to_somebody_else_by_now_is_left_alone(tmp_path):
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        run = open_run(write_run(tmp_path / "run", stranger.pid, "another start", errors="Killed\n"))
        assert run.status().state is RunState.FAILED
        assert "(Killed)" in run.status().message
        assert run.stop().state is RunState.FAILED
        with pytest.raises(TrainingError):
            run.pause()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_training_on_another_computer_is_neither_running_nor_gone(tmp_path):
    run = open_run(write_run(tmp_path / "run", os.getpid(), host="reading-room-7"))
    assert run.status().state is RunState.ELSEWHERE
    with pytest.raises(TrainingError, match="on another computer"):
        start_training(TrainingPlan(tmp_path, run.folder))


def test_runs_are_found_newest_first_and_broken_records_are_named(tmp_path):
    for number in range(3):
        folder = write_run(tmp_path / f"run{number}", 1)
        record = json.loads((folder / RECORD).read_text())
        (folder / RECORD).write_text(json.dumps({**record, "started": f"2026-01-0{number + 1}"}))
    write_run(tmp_path / "broken", 1)
    (tmp_path / "broken" / RECORD).write_text('{"pid": 1')
    runs, wrong = found_runs(tmp_path)
    assert [run.folder.name for run in runs] == ["run2", "run1", "run0"]
    assert len(wrong) == 1
    assert "broken" in str(wrong[0])


def test_the_log_is_read_bit_by_bit_and_cut_lines_wait_for_their_rest(tmp_path):
    def step(number):
        record = {"event": "step", "step": number, "steps": 9, "loss": 1.0, "losses": {"loss_mask": 1.0},
                  "learning_rate": 0.1, "eta_seconds": 5}  # fmt: skip
        return json.dumps(record)

    run = open_run(write_run(tmp_path / "run", 1, log=step(1) + "\nTraceback: no JSON\n" + step(2)[:20]))
    log = run.folder / LOG
    assert [event.step for event in run.follow()] == [1]
    assert run.follow() == ()
    with log.open("a") as file:
        file.write(step(2)[20:] + "\n" + "".join(step(number) + "\n" for number in range(3, 4000)))
    seen = []
    while told := run.follow():
        assert len(told) < 2500
        seen += [event.step for event in told]
    assert seen == list(range(2, 4000))


def test_steps_done_again_after_a_kill_replace_what_was_drawn():
    def step(number, loss):
        return StepDone(number, 9, loss, {}, 0.1, 1.0)

    def measured(number, precision):
        return Validated(number, precision, {}, 2, 2)

    curves = Curves()
    curves.add([step(1, 5.0), step(2, 4.0), measured(2, 0.1), step(3, 3.0), step(4, 2.0), measured(4, None)])
    curves.add([step(2, 4.5), measured(2, 0.2), step(3, 3.5)])
    assert curves.losses == [(1, 5.0), (2, 4.5), (3, 3.5)]
    assert curves.precisions == [(2, 0.2)]


def test_a_plan_is_the_same_command_each_time(tmp_path, card):
    plan = TrainingPlan(Path("films"), tmp_path, Path("split.json"), settings(card), 50)
    words = plan.command()
    assert words == TrainingPlan(Path("films"), tmp_path, Path("split.json"), settings(card), 50).command()
    assert words[:2] == ("train", str(Path("films").absolute()))
    assert json.loads(next(word for word in words if word.startswith("options="))[8:]) == OPTIONS
    assert words[words.index("--validate-every") + 1] == "50"
