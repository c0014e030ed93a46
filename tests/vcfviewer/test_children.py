import os
import signal
import subprocess
import sys
import time

import pytest

from vcfviewer import children
from vcfviewer.children import Life, child_environment, engine_command, last_json, life_of, mark_of, step_back

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def sleeper():
    child = subprocess.Popen(SLEEP, start_new_session=True)
    yield child
    child.kill()
    child.wait()


def soon(pid, mark, life):
    last = time.monotonic() + 10
    while life_of(pid, mark) is not life and time.monotonic() < last:
        time.sleep(0.01)
    return life_of(pid, mark)


def test_a_process_is_running_paused_gone_and_never_another(sleeper):
    mark = mark_of(sleeper.pid)
    assert mark is not None
    assert mark != mark_of(os.getpid())
    assert life_of(sleeper.pid, mark) is Life.RUNNING
    assert life_of(sleeper.pid, "another start") is Life.GONE
    sleeper.send_signal(signal.SIGSTOP)
    assert soon(sleeper.pid, mark, Life.PAUSED) is Life.PAUSED
    sleeper.send_signal(signal.SIGCONT)
    assert soon(sleeper.pid, mark, Life.RUNNING) is Life.RUNNING
    sleeper.kill()
    # Ended and not waited for, it is gone all the same.
    assert soon(sleeper.pid, mark, Life.GONE) is Life.GONE
    sleeper.wait()
    assert mark_of(sleeper.pid) is None


def test_where_there_is_no_proc_ps_tells_the_same(sleeper, monkeypatch):
    monkeypatch.setattr(children.sys, "platform", "darwin")
    mark = mark_of(sleeper.pid)
    assert mark == mark_of(sleeper.pid)
    assert life_of(sleeper.pid, mark) is Life.RUNNING
    sleeper.send_signal(signal.SIGSTOP)
    assert soon(sleeper.pid, mark, Life.PAUSED) is Life.PAUSED
    sleeper.kill()
    assert soon(sleeper.pid, mark, Life.GONE) is Life.GONE


def test_a_child_yields_to_others(sleeper):
    step_back(sleeper.pid, 3)
    assert os.getpriority(os.PRIO_PROCESS, sleeper.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 3
    sleeper.kill()
    sleeper.wait()
    step_back(sleeper.pid, 3)


def test_the_engine_is_found_from_any_folder_and_in_a_bundle(tmp_path, monkeypatch):
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "__main__.py").write_text("raise SystemExit('this is a folder of films')")
    done = subprocess.run(engine_command("--version"), cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("vcf-engine ")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert engine_command("serve", "--json") == [sys.executable, "--engine", "serve", "--json"]


def test_a_child_does_not_inherit_where_this_programs_qt_lies(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", "somewhere")
    monkeypatch.setenv("VCFVIEWER_TEST_VALUE", "kept")
    environment = child_environment()
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in environment
    assert environment["VCFVIEWER_TEST_VALUE"] == "kept"


@pytest.mark.parametrize(
    ("text", "said"),
    [("", None), ('{"a": 1}\n{"a": 2}\n', {"a": 2}), ('{"a": 1}\n{"a": 2', {"a": 1}), ("no JSON\n", None)],
)
def test_the_last_word_of_a_log_is_its_last_whole_line(text, said, tmp_path):
    path = tmp_path / "log.jsonl"
    assert last_json(path) is None
    path.write_text(text)
    assert last_json(path) == said
