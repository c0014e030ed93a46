import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from engine.__main__ import main
from engine.data.dataset import find_examples
from engine.data.split import Split, write_split
from engine.errors import DataError
from engine.train import TrainConfig, choose_examples
from engine.weights import load_weights, read_card

SETTINGS = (
    'options={"depth": 18, "rois_per_image": 16, "proposals_train": 40, "proposals_test": 40}', "input_size=[64, 96]",
    "batch_size=2", "warmup_steps=2", "checkpoint_every=1000",
)  # fmt: skip


def train(films, out, *more, settings=("epochs=1",)):
    return ["train", str(films), "--out", str(out), "--json", *more, "--set", *SETTINGS, *settings]


def told(text, event):
    return [one for one in map(json.loads, text.splitlines()) if one["event"] == event]


@pytest.fixture
def split(coarse_films, tmp_path):
    names = sorted(path.name for path in coarse_films.iterdir() if path.suffix != ".json")
    path = tmp_path / "split.json"
    write_split(path, Split(tuple(names[1:7]), (names[0], names[7]), ()), 0)
    return path


def test_sigterm_keeps_what_was_learned_and_the_same_command_goes_on(coarse_films, tmp_path):
    command = [sys.executable, "-m", "engine", *train(coarse_films, tmp_path / "run", settings=("epochs=40",))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        said = []
        for line in child.stdout:
            said.append(line)
            if json.loads(line).get("step") == 3:
                child.send_signal(signal.SIGTERM)
    assert child.returncode == 130
    assert json.loads(said[-1])["code"] == 130
    assert "run the same command again" in json.loads(said[-1])["message"]
    reached = told("".join(said), "step")[-1]["step"]
    assert 3 <= reached < 160
    stop = tmp_path / "stop"
    stop.touch()
    again = [*command[: -len(SETTINGS) - 2], "--stop-file", str(stop), *command[-len(SETTINGS) - 2 :]]
    rest = subprocess.run(again, capture_output=True, text=True, check=False)
    assert [one["step"] for one in told(rest.stdout, "step")] == [reached + 1]
    assert rest.returncode == 130


def test_random_filters_that_would_stay_random_are_told(coarse_films, tiny_card, tmp_path, capsys):
    stop = tmp_path / "stop"
    stop.touch()
    said = []
    for more in ((), (f"init={tiny_card}",), ('options={"depth": 18, "trainable_stages": 5}',)):
        words = train(
            coarse_films, tmp_path / f"run{len(said)}", "--stop-file", str(stop), settings=("epochs=1", *more)
        )
        assert main(words) == 130
        said.append([one["message"] for one in told(capsys.readouterr().out, "warning")])
    assert said[1:] == [[], []]
    (text,) = said[0]
    assert "mask_rcnn starts from random filters; the first 2 of its 5 stages stay random" in text
    assert "--set init=<card or ImageNet weights>" in text


def test_a_stop_file_ends_a_run_with_a_checkpoint(coarse_films, tmp_path, capsys):
    stop = tmp_path / "stop"
    stop.touch()
    before = signal.getsignal(signal.SIGTERM)
    assert main(train(coarse_films, tmp_path / "run", "--stop-file", str(stop))) == 130
    assert [one["step"] for one in told(capsys.readouterr().out, "step")] == [1]
    assert (tmp_path / "run" / "checkpoint.pt").exists()
    assert signal.getsignal(signal.SIGTERM) is before


def test_validation_is_told_and_changes_nothing_that_is_learned(coarse_films, tiny_card, split, tmp_path, capsys):
    settings = ("epochs=1", f"init={tiny_card}")
    words = ("--split", str(split))
    assert main(train(coarse_films, tmp_path / "quiet", *words, settings=settings)) == 0
    quiet = told(capsys.readouterr().out, "step")
    words = (*words, "--validate-every", "2")
    assert main(train(coarse_films, tmp_path / "looked", *words, settings=settings)) == 0
    said = capsys.readouterr().out
    assert [one["loss"] for one in told(said, "step")] == [one["loss"] for one in quiet]
    looks = told(said, "validation")
    assert [(one["step"], one["films"], one["fractures"]) for one in looks] == [(2, 2, 1), (3, 2, 1)]
    assert all(0 <= one["mask_ap50"] <= 1 for one in looks)
    assert {name for name, value in looks[0]["by_level"].items() if value is not None} == {"T11", "all"}
    one, two = (load_weights(path, read_card(path)) for path in sorted(tmp_path.glob("*/*.card.json"), reverse=True))
    assert all((one[key] == two[key]).all() for key in one)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--validate-every", "2"], "--validate-every needs --split"),
        (["--validate-every", "0", "--split", "{split}"], "at least 1"),
        (["--validate-every", "2", "--split", "{none}"], "valid part, it has none"),
    ],
)
def test_validation_that_cannot_be_done_is_refused(more, said, coarse_films, split, tmp_path, capsys):
    none = tmp_path / "none.json"
    write_split(none, Split(("film0.png",), (), ()), 0)
    words = [word.format(split=split, none=none) for word in more]
    assert main(train(coarse_films, tmp_path / "run", *words)) == 2
    assert said in capsys.readouterr().err


def test_a_trunk_has_nothing_to_validate(coarse_films, split, tmp_path, capsys):
    words = ["--validate-every", "2", "--split", str(split)]
    command = ["train", str(coarse_films), "--out", str(tmp_path / "run"), *words, "--set", "model=trunk"]
    assert main(command) == 2
    assert "a trunk finds nothing" in capsys.readouterr().err


def test_levels_that_the_starting_weights_know_need_no_film(coarse_films, tiny_card):
    card = read_card(tiny_card)
    config = TrainConfig(options=card.options, input_size=card.input_size, init=str(tiny_card))
    few = [one for one in find_examples(coarse_films) if one.fractures in (("L1",), ())]
    assert len(choose_examples(config, few)) == 3
    assert len(choose_examples(replace(config, repeat_rare=True), few)) == 3
    with pytest.raises(DataError, match="T11"):
        choose_examples(replace(config, init=""), few)
    with pytest.raises(DataError, match="T11"):
        choose_examples(replace(config, model="trunk"), few)


def test_help_names_every_command_without_bringing_torch():
    started = time.monotonic()
    code = """
import sys
from engine.__main__ import build_parser
text = build_parser("").format_help()
assert "torch" not in sys.modules and "scipy" not in sys.modules
sys.stdout.write(text)
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert all(name in shown for name in ("simulate", "train", "serve", "decode"))
    assert time.monotonic() - started < 60
