"""`predict --ray` on a cluster of two workers, some of which are killed. As users do, in a process of its own."""

import csv
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pytest
import torch
from tiny_model import damaged, make_annotated, make_film, make_quick_card

from engine.__main__ import main


@pytest.fixture
def ray_folder():
    """Where Ray keeps its logs; its sockets want a short path."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip('Ray is not installed: pip install "vcfviewer[ray]"')
    with tempfile.TemporaryDirectory() as folder:
        yield folder


@pytest.fixture
def films(coarse_films, tmp_path):
    """Eighteen films: one annotated, one DICOM, one broken, and two that take long enough to be caught."""
    folder = tmp_path / "films"
    for number in range(14):
        make_film(folder / f"film{number}.png", (320 + number, 240))
    make_annotated(folder / "annotated.png")
    for name in ("large0.png", "large1.png"):
        make_film(folder / "2024" / name, (3600, 2400))
    shutil.copy(coarse_films / "film7.dcm", folder / "film.dcm")
    (folder / "broken.png").write_bytes(b"no film")
    return folder


@pytest.fixture
def card(tmp_path):
    return make_quick_card(tmp_path / "card")


@pytest.fixture
def one_thread():
    """A worker of Ray has one thread; with more, the last digits differ."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def arguments(films, card, out):
    return ["predict", str(films), "--model", str(card), "--out", str(out), "--threshold", "0"]


def predicted_on_ray(films, card, out, ray_folder, victims):
    """Predict with two workers, and kill those that are at the films of `victims`, each as often as it says."""
    marks = {out / ".predicting" / hashlib.sha256(os.fsencode(out / name)).hexdigest(): times
             for name, times in victims.items()}  # fmt: skip
    command = [sys.executable, "-m", "engine", *arguments(films, card, out), "--json", "--ray", "--workers", "2"]
    environment = {**os.environ, "RAY_TMPDIR": ray_folder}
    killed = dict.fromkeys(marks, 0)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as child:
        while child.poll() is None:
            for mark, times in marks.items():
                lines = mark.read_text().splitlines() if killed[mark] < times and mark.exists() else ()
                if len(lines) > killed[mark]:
                    os.kill(int(lines[-1].split()[1]), signal.SIGKILL)
                    killed[mark] += 1
            time.sleep(0.002)
        said, complaint = child.communicate()
    assert list(killed.values()) == list(marks.values())
    return child.returncode, [json.loads(line) for line in said.splitlines()], complaint.decode()


def rows_of(out):
    rows = list(csv.DictReader((out / "summary.csv").read_text(encoding="utf-8").splitlines()))
    return [{**row, "seconds": ""} for row in rows]


def contents(out):
    """All files but the summary, without what differs from run to run: seconds and the ids of shapes."""
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    varying = re.compile(rb'"(seconds|id)": ("[0-9a-f]{32}"|[0-9.]+)')
    return {name: varying.sub(rb"", data) for name, data in files.items() if name != "summary.csv"}


@pytest.mark.usefixtures("one_thread")
def test_a_killed_worker_loses_no_film(films, card, tmp_path, ray_folder):
    out, local = tmp_path / "out", tmp_path / "local"
    code, told, complaint = predicted_on_ray(films, card, out, ray_folder, {"2024/large0.json": 1})
    assert (code, "Traceback" in complaint) == (0, False)
    assert main(arguments(films, card, local)) == 0
    assert rows_of(out) == rows_of(local)
    assert contents(out) == contents(local)
    assert sorted(one["film"] for one in told if one["event"] == "film") == sorted(row["film"] for row in rows_of(out))
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.json")}
    assert main(arguments(films, card, out)) == 0
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.json")} == before


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_a_film_that_kills_its_workers_is_told_and_the_others_go_on(films, card, tmp_path, ray_folder):
    out, local = tmp_path / "out", tmp_path / "local"
    code, _, complaint = predicted_on_ray(films, card, out, ray_folder, {"2024/large0.json": 1, "2024/large1.json": 3})
    assert (code, "Traceback" in complaint) == (0, False)
    assert main(arguments(films, card, local)) == 0
    (lost,) = (row for row in rows_of(out) if row not in rows_of(local))
    assert (os.path.basename(lost["film"]), lost["status"]) == ("large1.png", "skipped")
    assert "died 3 times" in lost["reason"]
    assert len(rows_of(out)) == len(rows_of(local))
    assert main(arguments(films, card, out)) == 0
    assert rows_of(out) == rows_of(local)
    assert contents(out) == contents(local)


@pytest.mark.slow
def test_weights_that_cannot_be_used_end_the_run_with_their_own_words(films, card, tmp_path, ray_folder):
    code, told, complaint = predicted_on_ray(films, damaged(card, tmp_path / "bad"), tmp_path / "out", ray_folder, {})
    assert (code, len(told) > 0) == (1, True), complaint
    assert "quick.card.json: the shards' sha256 is" in told[-1]["message"]
    assert "Traceback" not in complaint


def test_without_ray_it_says_what_to_install(films, card, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main([*arguments(films, card, tmp_path / "out"), "--ray"]) == 2
    assert 'needs ray: pip install "vcfviewer[ray]"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "said"), [(["--ray", "{films}"], "put --ray last"), (["--ray", "--workers", "0"], "at least 1, got 0")]
)
def test_wrong_calls_say_what_is_wrong(given, said, films, card, tmp_path, capsys):
    given = [one.replace("{films}", str(films)) for one in given]
    assert main([*arguments(films, card, tmp_path / "out"), *given]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("ray_folder")
def test_a_cluster_that_does_not_start_is_told(films, card, tmp_path, monkeypatch, capsys):
    """What Ray raises where a busy computer takes longer than half a minute can't be had at will."""

    def too_slow(*_given, **_named):
        raise Exception("The current node timed out during startup.")

    monkeypatch.setattr("ray.init", too_slow)
    assert main([*arguments(films, card, tmp_path / "out"), "--ray"]) == 2
    said = capsys.readouterr().err
    assert "Ray doesn't start on this computer: The current node timed out" in said
    assert "leave --ray out" in said
