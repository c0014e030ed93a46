"""Predicting again into the same folder: what is finished stays, what would come out otherwise is made anew."""

import csv
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch
from tiny_model import make_annotated, make_film, make_quick_card, with_input_size

from engine.__main__ import main
from engine.errors import AnnotationReadError, FilmReadError


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """A network this small is quicker on one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """Three films, one with an annotation, a model, and what it wrote, `findings.csv` too."""
    folder = tmp_path_factory.mktemp("first")
    for number in range(2):
        make_film(folder / "films" / f"film{number}.png", (320 + number, 240))
    make_annotated(folder / "films" / "film2.png")
    predict(folder / "films", make_quick_card(folder / "card"), folder / "out", "--also", "csv")
    return folder


@pytest.fixture
def films(first_run, tmp_path):
    """A copy of all of it; returns the folder of films."""
    shutil.copytree(first_run, tmp_path, dirs_exist_ok=True)
    return tmp_path / "films"


@pytest.fixture
def card(films):
    return films.parent / "card" / "quick.card.json"


def predict(films, card, out, *more):
    assert main(["predict", str(films), "--model", str(card), "--out", str(out), "--threshold", "0", *more]) == 0
    return list(csv.DictReader((out / "summary.csv").read_text(encoding="utf-8").splitlines()))


def times(out):
    return {path.name: path.stat().st_mtime_ns for path in out.glob("*.json")}


def test_what_is_finished_is_not_computed_again(films, card, tmp_path):
    out = tmp_path / "out"
    before, summary, findings = times(out), (out / "summary.csv").read_bytes(), (out / "findings.csv").read_bytes()
    predict(films, card, out, "--also", "csv")
    assert times(out) == before
    assert (out / "findings.csv").read_bytes() == findings
    # The folder that the films lie in is another one.
    assert (out / "summary.csv").read_bytes().count(b"predicted") == summary.count(b"predicted")


@pytest.mark.parametrize("what", ["threshold", "megapixels", "card", "film", "annotation", "edited", "damaged", "gone"])
def test_what_would_come_out_otherwise_is_made_anew(what, films, card, tmp_path):
    out, more, anew = tmp_path / "out", (), {"film2.json"}
    if what == "threshold":
        more, anew = ("--threshold", "0.01"), set(times(out))
    elif what == "megapixels":
        more, anew = ("--max-megapixels", "10"), set(times(out))
    elif what == "card":
        card, anew = with_input_size(card, "larger", (120, 160)), set(times(out))
    elif what == "film":
        make_film(films / "film2.png", (320, 241))
    elif what == "annotation":
        make_annotated(films / "film2.png", "L2")
    elif what == "edited":
        record = json.loads((out / "film2.json").read_text())
        record["shapes"][0]["points"][0][0] += 1
        (out / "film2.json").write_text(json.dumps(record))
    elif what == "damaged":
        (out / "film2.json").write_text("{")
    else:
        (out / "film2.json").unlink()
    before = times(out)
    predict(films, card, out, *more)
    assert {name for name, time in times(out).items() if before.get(name) != time} == anew


def test_a_copy_for_labelme_that_is_gone_is_made_anew(coarse_films, card, tmp_path):
    out = tmp_path / "copied"
    predict(coarse_films / "film7.dcm", card, out)
    (out / "film7.png").unlink()
    predict(coarse_films / "film7.dcm", card, out)
    assert (out / "film7.png").exists()


def test_a_run_that_was_killed_goes_on(films, card, tmp_path):
    out = tmp_path / "again"
    for number in range(20):
        make_film(films / f"more{number}.png")
    command = [sys.executable, "-m", "engine", "predict", str(films), "--model", str(card), "--out", str(out),
               "--threshold", "0"]  # fmt: skip
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while len(times(out)) < 2 and child.poll() is None:
        time.sleep(0.002)
    child.kill()
    assert child.wait() == -signal.SIGKILL
    before = times(out)
    assert len(before) < 23
    assert len(predict(films, card, out)) == 23
    after = times(out)
    assert {name: after[name] for name in before} == before
    assert len(after) == 23


def test_a_list_of_films_is_predicted(films, card, tmp_path):
    listed = tmp_path / "list.csv"
    listed.write_text(f"film,ward\nfilms/film1.png,a\n{films / 'film0.png'},b\nfilms/gone.png,c\n")
    rows = predict(listed, card, tmp_path / "listed")
    told = [(os.path.basename(row["film"]), row["status"], row["reason"]) for row in rows]
    assert sorted(told) == [
        ("film0.png", "predicted", ""), ("film1.png", "predicted", ""),
        ("gone.png", "skipped", "no such file or folder"),
    ]  # fmt: skip


def test_results_among_the_films_are_refused(films, card, capsys):
    assert main(["predict", str(films), "--model", str(card), "--out", str(films / "within")]) == 2
    assert "lies in the input folder" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [FilmReadError, AnnotationReadError])
def test_errors_of_files_pass_between_processes(kind):
    error = pickle.loads(pickle.dumps(kind("a.png", "is damaged")))
    assert (type(error), str(error), error.reason) == (kind, "a.png: is damaged", "is damaged")
