import base64
import hashlib
import io
import json
import shutil
import subprocess
import sys
import threading

import pytest

from engine.__main__ import main
from engine.commands._requests import answer_requests
from engine.commands.serve import Bench
from engine.control import CancelToken
from engine.errors import FilmReadError, WeightsError
from engine.films import read_film
from engine.films.packed import read_packed
from engine.predict import load_model, predict
from engine.weights import read_card


def spoken(monkeypatch, capsys, command, *requests):
    """What a command answers to these requests, the line that it is ready left out."""
    lines = "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in requests)
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    assert main([command, "--json"]) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said[0]["event"] == "ready"
    return said[1:]


def test_each_request_gets_its_answer_in_turn(coarse_films, tiny_card, monkeypatch, capsys):
    film, card = str(coarse_films / "film0.png"), str(tiny_card)
    warm, one, two = spoken(
        monkeypatch, capsys, "serve", {"op": "warm", "card": card}, "",
        {"id": 1, "film": film, "card": card, "floor": 0.0}, {"id": "b", "film": film, "card": card, "floor": 0.9},
    )  # fmt: skip
    expected = predict(read_film(coarse_films / "film0.png"), load_model(tiny_card), floor=0.0)
    assert warm == {"event": "warm", "card": card, "id": None}
    assert (one["event"], one["id"], one["image_size"]) == ("prediction", 1, list(expected.image_size))
    assert one["sha256"] == read_card(tiny_card).sha256
    assert [shape["label"] for shape in one["shapes"]] == [shape.label for shape in expected.shapes]
    assert [shape["score"] for shape in one["shapes"]] == pytest.approx([shape.score for shape in expected.shapes])
    assert one["shapes"][0]["points"] == pytest.approx(expected.shapes[0].polygon.points, abs=0.01)
    assert (two["id"], two["shapes"]) == ("b", [])


def test_what_cannot_be_done_is_an_answer_too(coarse_films, tiny_card, tmp_path, monkeypatch, capsys):
    film, card = str(coarse_films / "film0.png"), str(tiny_card)
    notes = tmp_path / "notes.txt"
    notes.write_text("no film")
    told = spoken(
        monkeypatch, capsys, "serve", {"id": 1, "film": str(notes), "card": card}, "no JSON", "[1]",
        {"id": 2, "film": film}, {"id": 3, "film": film, "card": str(tmp_path / "no.card.json")},
        {"id": 4, "film": film, "card": card},
    )  # fmt: skip
    assert [one.get("error") for one in told] == ["film", "engine", "engine", "engine", "weights", None]
    assert [one["id"] for one in told] == [1, None, None, 2, 3, 4]
    assert told[0]["path"] == str(notes)
    assert "expected DICOM, PNG" in told[0]["reason"]
    assert "a request needs 'card'" in told[1]["message"]
    assert told[5]["event"] == "prediction"


def test_a_film_inside_a_labelme_file_is_read_from_there(coarse_films, tiny_card, tmp_path, monkeypatch, capsys):
    path = tmp_path / "film.json"
    record = json.loads((coarse_films / "film0.json").read_text())
    record["imageData"] = base64.b64encode((coarse_films / "film0.png").read_bytes()).decode()
    path.write_text(json.dumps(record))
    (told,) = spoken(
        monkeypatch, capsys, "serve", {"id": 1, "film": str(path), "card": str(tiny_card), "embedded": True}
    )
    assert told["image_size"] == [record["imageHeight"], record["imageWidth"]]


def test_the_model_stays_until_another_card_or_other_weights_come(tiny_card, tmp_path):
    bench = Bench()
    first = bench.model(tiny_card)
    assert bench.model(tiny_card) is first
    other = tmp_path / tiny_card.name
    for name in (tiny_card.name, *read_card(tiny_card).shards):
        shutil.copy(tiny_card.parent / name, tmp_path / name)
    second = bench.model(other)
    assert second is not first
    other.write_text(json.dumps({**json.loads(other.read_text()), "score_threshold": 0.123}))
    assert bench.model(other).card.score_threshold == 0.123


def test_memory_that_runs_out_takes_the_model_with_it(coarse_films, tiny_card, monkeypatch):
    bench = Bench()
    kept = bench.model(tiny_card)
    huge = tiny_card.with_name("huge.card.json")
    huge.write_text(json.dumps({**json.loads(tiny_card.read_text()), "input_size": [900_000, 900_000]}))
    request = {"id": 1, "film": str(coarse_films / "film0.png"), "card": str(huge)}
    with pytest.raises(Exception, match=r"(?i)memory|alloc"):
        bench.answer(request, CancelToken())
    assert bench.model(tiny_card) is not kept


def test_a_request_is_taken_back_while_it_waits_and_while_it_is_answered(capsys):
    reached, go = threading.Event(), threading.Event()
    answered = []

    def answer(request, cancel):
        answered.append(request["id"])
        reached.set()
        assert go.wait(5)
        cancel.check()
        return {"event": "answer"}

    def lines():
        yield from ('{"id": 1}\n', '{"id": 2}\n', '{"id": 3}\n')
        assert reached.wait(5)
        yield from ('{"op": "cancel", "id": 1}\n', '{"op": "cancel", "id": 2}\n', '{"op": "cancel", "id": 9}\n')
        go.set()

    assert answer_requests(answer, lines()) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()][1:]
    assert [(one["id"], one.get("error")) for one in said] == [(1, "cancelled"), (2, "cancelled"), (3, None)]
    assert answered == [1, 3]


def test_an_error_nobody_foresaw_is_told_and_its_traceback_kept(capfd):
    def answer(request, cancel):
        raise ZeroDivisionError("division by zero")

    assert answer_requests(answer, ['{"id": 1}\n']) == 0
    said = capfd.readouterr()
    assert json.loads(said.out.splitlines()[-1])["message"] == "ZeroDivisionError: division by zero"
    assert "Traceback" in said.err


def test_it_ends_when_nobody_hears_it_any_more(coarse_films, tiny_card):
    command = [sys.executable, "-m", "engine", "serve", "--json"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert json.loads(child.stdout.readline())["event"] == "ready"
    child.stdout.close()
    request = {"id": 1, "film": str(coarse_films / "film0.png"), "card": str(tiny_card)}
    child.stdin.write((json.dumps(request) + "\n").encode())
    child.stdin.flush()
    child.wait(120)
    child.stdin.close()


def test_films_are_read_into_files(coarse_films, tmp_path, monkeypatch, capsys):
    out, lost = tmp_path / "a.film", tmp_path / "b.film"
    done, failed = spoken(
        monkeypatch, capsys, "decode", {"id": 1, "film": str(coarse_films / "film7.dcm"), "out": str(out)},
        {"id": 2, "film": str(tmp_path / "gone.png"), "out": str(lost)},
    )  # fmt: skip
    digest = hashlib.sha256((coarse_films / "film7.dcm").read_bytes()).hexdigest()
    assert done == {"event": "decoded", "id": 1, "out": str(out), "sha256": digest}
    read = read_packed(out, coarse_films / "film7.dcm")
    expected = read_film(coarse_films / "film7.dcm")
    assert (read.pixels == expected.pixels).all()
    assert (read.spacing, read.displays) == (expected.spacing, expected.displays)
    assert (failed["error"], failed["path"]) == ("film", str(tmp_path / "gone.png"))
    assert not lost.exists()


@pytest.mark.parametrize("kind", [FilmReadError, WeightsError])
def test_file_errors_survive_the_way_through_a_pipe(kind, capsys):
    def answer(request, cancel):
        raise kind("a/b.png", "it is damaged")

    answer_requests(answer, ['{"id": 1}\n'])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert str(kind(told["path"], told["reason"])) == told["message"] == "a/b.png: it is damaged"
