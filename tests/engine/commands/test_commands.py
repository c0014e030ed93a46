import json
import os
import shutil
import subprocess
import sys
import time

import cv2
import pytest
from tiny_model import make_annotated, make_film, make_quick_card

from engine.__main__ import COMMANDS, build_parser, main
from engine.commands.evaluate import predicted_files
from engine.data.dataset import find_examples
from engine.data.split import Split, read_split, write_split


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as stop:
        build_parser().parse_args([command, "--help"])
    assert stop.value.code == 0
    assert f"example: vcf-engine {command}" in capsys.readouterr().out


def test_simulated_films_are_made_once_by_several_processes(tmp_path, capsys):
    arguments = ["simulate", "--out", str(tmp_path), "--count", "4", "--seed", "3", "--workers", "2"]
    assert main(arguments) == 0
    first = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.name != "split.json"}
    assert len(first) == 8
    assert main([*arguments, "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["films"], last["made"]) == (4, 0)
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in first} == first
    assert len(read_split(tmp_path / "split.json").test) == 4


def is_there(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_sigterm_ends_a_simulation_with_its_workers(tmp_path):
    command = [sys.executable, "-m", "engine", "simulate", "--out", str(tmp_path), "--count", "40", "--workers", "2"]
    with subprocess.Popen(
        [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        assert json.loads(child.stdout.readline())["event"] == "progress"
        child.terminate()
        _rest, told = child.communicate(timeout=60)
    assert child.returncode == 130
    assert told == "vcf-engine: interrupted; run the same command again to go on\n"
    until = time.monotonic() + 20
    while (left := is_there(child.pid)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not left
    assert list(tmp_path.glob(".*")) == []
    assert 1 <= len(list(tmp_path.glob("*.json"))) < 40


def test_an_unknown_recipe_is_refused(tmp_path, capsys):
    assert main(["simulate", "--out", str(tmp_path), "--recipe", "real"]) == 2
    assert "known: paper, balanced" in capsys.readouterr().err


def test_a_split_keeps_each_patient_in_one_part(coarse_films, tmp_path, capsys):
    out = tmp_path / "split.json"
    assert main(["split", str(coarse_films), "--out", str(out), "--shares", "0.5", "0.25", "0.25"]) == 0
    split = read_split(out)
    names = [*split.train, *split.valid, *split.test]
    assert sorted(names) == sorted(path.name for path in coarse_films.iterdir() if path.suffix != ".json")
    assert "T11" in capsys.readouterr().out


def test_a_part_that_gets_no_film_is_told(tmp_path, capsys):
    for at in range(2):
        make_annotated(tmp_path / f"film{at}.png", size=(320 + at, 240))
    words = ["split", str(tmp_path), "--out", str(tmp_path / "split.json"), "--shares"]
    assert main([*words, "0.5", "0.5", "0"]) == 0
    assert "warning" not in capsys.readouterr().out
    assert main([*words, "0.6", "0.2", "0.2"]) == 0
    shown = capsys.readouterr().out
    empty = [part for part in ("train", "valid", "test") if not read_split(tmp_path / "split.json").part(part)]
    assert empty
    assert [part for part in ("train", "valid", "test") if f"warning: the {part} part is empty" in shown] == empty
    words = ["evaluate", str(tmp_path), "--out", str(tmp_path / "out"), "--split", str(tmp_path / "split.json")]
    assert main([*words, "--part", empty[0]]) == 1
    assert "this part of the split holds none" in capsys.readouterr().err


def test_films_with_labels_that_mean_no_vertebra_are_told(coarse_films, tmp_path, capsys):
    films = tmp_path / "films"
    for at, label in enumerate(("요추1 골절", "fracture_L1", "VCF L1", "D12", "x", "y", "L1", "L2")):
        make_annotated(films / f"film{at}.png", label, size=(320 + at, 240))
    split, out = ["split", "--out", str(tmp_path / "split.json")], ["--bootstrap", "5", "--out", str(tmp_path / "out")]
    judged = ["evaluate", *out, "--predictions", str(films)]
    line = (
        "6 of 8 films hold shapes of labels that mean no vertebra and count for nothing: 'D12', 'VCF L1', 'fracture_L1'"
    )
    for words in (split, judged):
        assert main([*words, str(films)]) == 0
        assert f"{line}, 'x', 'y' and 1 more; write a fracture as L1" in capsys.readouterr().out
    assert main([*split, str(coarse_films)]) == 0
    assert "mean no vertebra" not in capsys.readouterr().out


def test_training_and_comparison_tell_labels_that_mean_no_vertebra_first(tmp_path, capsys):
    names = [make_annotated(tmp_path / f"{part}.png", "fracture_L1").name for part in ("train", "valid", "test")]
    write_split(tmp_path / "split.json", Split(*((name,) for name in names)), 0)
    settings = ["--out", str(tmp_path / "out"), "--json", "--set", 'options={"depth": 18}', "input_size=[64, 96]"]
    split = ["--split", str(tmp_path / "split.json")]
    for words, films in (
        (["train", str(tmp_path), *split, "--validate-every", "5"], 2),
        (["compare", "--data", str(tmp_path), *split, "--models", "mask_rcnn"], 3),
    ):
        assert main([*words, *settings]) == 1  # For want of fractures.
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        found = [one for one in told if one["event"] == "unread_labels"]
        assert found == [{"event": "unread_labels", "films": films, "labels": ["fracture_L1"]}]


def test_models_are_listed_with_their_parameters_and_figures(tiny_card, capsys):
    assert main(["models", "--json", "--folder", str(tiny_card.parent)]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    family = next(record for record in records if record["event"] == "family" and record["name"] == "mask_rcnn")
    assert family["parameters_6_labels"] == 62_994_553
    assert family["parameters_80_labels"] > family["parameters_6_labels"]
    model = next(record for record in records if record["event"] == "model")
    assert model["name"] == "tiny"
    assert "not for diagnosis" in model["intended_use"]


def test_an_evaluation_leaves_numbers_figures_and_a_page(coarse_films, tiny_card, tmp_path, capsys):
    out = tmp_path / "report"
    arguments = ["evaluate", str(coarse_films), "--model", str(tiny_card), "--out", str(out), "--bootstrap", "20"]
    assert main(arguments) == 0
    numbers = json.loads((out / "figures.json").read_text())
    assert (numbers["films"], numbers["fractures"]) == (8, 6)
    assert "Simulated films" in numbers["note"]
    page = (out / "report.html").read_text()
    assert "not for diagnosis" in page
    assert "never clinical performance" in page
    assert {path.name for path in out.glob("*.svg")} == {"pr.svg", "froc.svg", "reliability.svg", "confusion.svg"}
    assert "mask AP50" in capsys.readouterr().out


def test_the_truth_as_prediction_scores_perfectly(coarse_films, tmp_path, capsys):
    truth = tmp_path / "truth"
    truth.mkdir()
    for path in coarse_films.glob("*.json"):
        shutil.copy(path, truth)
    out = tmp_path / "report"
    arguments = ["evaluate", str(coarse_films), "--predictions", str(truth), "--out", str(out), "--bootstrap", "20"]
    assert main([*arguments, "--json"]) == 0
    numbers = json.loads(capsys.readouterr().out.splitlines()[-1])["numbers"]
    assert numbers["ap"]["mask AP50:95"]["all"]["value"] == 1
    assert numbers["film"]["sensitivity"]["value"] == numbers["film"]["specificity"]["value"] == 1
    assert numbers["delineation"]["IoU of pairs"]["value"] == pytest.approx(1)


def test_what_predict_wrote_is_found_where_it_puts_it(tmp_path, capsys):
    films, out = tmp_path / "films", tmp_path / "out"
    for name in ("a.png", "sub/b.png", "sub/c.png"):
        make_annotated(films / name)
    # Two films of one stem: predict keeps them apart by their endings.
    shutil.copy(films / "sub" / "c.json", films / "sub" / "c.bmp.json")
    shutil.copy(films / "sub" / "c.png", films / "sub" / "c.bmp")
    card = make_quick_card(tmp_path / "model")
    assert main(["predict", str(films), "--out", str(out), "--model", str(card)]) == 0
    found = predicted_files(out, films, find_examples(films))
    assert {name: path.relative_to(out).as_posix() for name, path in found.items()} == {
        "a.png": "a.json", "b.png": "sub/b.json", "c.png": "sub/c_png.json", "c.bmp": "sub/c_bmp.json",
    }  # fmt: skip
    (out / "a.json").unlink()
    words = ["evaluate", str(films), "--predictions", str(out), "--out", str(tmp_path / "report"), "--bootstrap", "5"]
    capsys.readouterr()
    assert main(words) == 0
    assert f"1 of 4 films have no file in {out} and count as predicted normal: a.png" in capsys.readouterr().out


def test_a_folder_without_predictions_is_refused(tmp_path, capsys):
    make_annotated(tmp_path / "films" / "a.png")
    (tmp_path / "empty").mkdir()
    words = ["evaluate", str(tmp_path / "films"), "--out", str(tmp_path / "report"), "--predictions"]
    assert main([*words, str(tmp_path / "nowhere")]) == 2
    assert "nowhere: no such folder" in capsys.readouterr().err
    assert main([*words, str(tmp_path / "empty")]) == 1
    assert "found none for any of the 1 films" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


def test_predictions_of_a_film_of_another_size_are_refused(tmp_path, capsys):
    film = make_annotated(tmp_path / "films" / "a.png")
    other = make_annotated(tmp_path / "said" / "a.png", size=(640, 480)).with_suffix(".json")
    words = ["evaluate", str(film.parent), "--out", str(tmp_path / "report"), "--predictions", str(other.parent)]
    assert main(words) == 1
    assert f"{other}: predicted on a film of (640, 480) px" in capsys.readouterr().err


def test_a_label_of_another_size_than_its_film_is_refused(tiny_card, tmp_path, capsys):
    film = make_annotated(tmp_path / "films" / "a.png")
    make_film(film, (640, 480))
    words = ["evaluate", str(film.parent), "--out", str(tmp_path / "report"), "--model", str(tiny_card)]
    assert main(words) == 1
    told = capsys.readouterr().err
    assert f"{film.with_suffix('.json')}: made for a film of 320 x 240 px (height x width), but a.png has 640 x" in told


def test_paper_mode_prints_the_papers_columns(coarse_films, tiny_card, tmp_path, capsys):
    arguments = ["evaluate", str(coarse_films), "--model", str(tiny_card), "--out", str(tmp_path), "--bootstrap", "5"]
    assert main([*arguments, "--mode", "paper"]) == 0
    shown = capsys.readouterr().out
    assert "As Table 2" in shown
    assert "paper accuracy" in shown
    assert "As Table 3" in shown


def test_training_settings_are_named_where_they_are_wrong(coarse_films, tmp_path, capsys):
    arguments = ["train", str(coarse_films), "--out", str(tmp_path / "run"), "--set"]
    assert main([*arguments, "epoch=2"]) == 2
    assert "known keys" in capsys.readouterr().err
    assert main([*arguments, "epochs"]) == 2
    assert "KEY=VALUE" in capsys.readouterr().err
    assert main([*arguments, 'options={"dept": 18}']) == 2
    assert "dept" in capsys.readouterr().err
    assert main([*arguments, 'augmentation={"foo": 1}']) == 2
    told = capsys.readouterr().err
    assert "augmentation: " in told
    assert "'foo'; known keys: flip, rotation, " in told
    assert main([*arguments, "augmentation=[1]"]) == 2
    assert "augmentation: expected a JSON object, got [1]" in capsys.readouterr().err
    config = tmp_path / "config.json"
    config.write_text("[1]")
    assert main([*arguments[:-1], "--config", str(config)]) == 2
    assert f"{config}: expected a JSON object" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told_in_one_line(coarse_films, tmp_path, capsys):
    words = ["split", str(coarse_films), "--out", str(tmp_path / "nowhere" / "split.json"), "--json"]
    assert main(words) == 1
    said = capsys.readouterr()
    where = f"{tmp_path / 'nowhere' / 'split.json'}: No such file or directory; make its folder, or name one"
    assert said.err.startswith(f"vcf-engine: {where}")
    assert said.err.count("\n") == 1
    last = json.loads(said.out.splitlines()[-1])
    assert (last["event"], last["code"]) == ("error", 1)
    assert last["message"].startswith(where)
    (tmp_path / "file").touch()
    assert main(["split", str(coarse_films), "--out", str(tmp_path / "file" / "split.json")]) == 1
    assert "a file stands where a folder should be" in capsys.readouterr().err


def test_one_film_packed_in_two_ways_lies_in_one_part(tmp_path):
    films = tmp_path / "films"
    for at in range(8):
        film = make_annotated(films / f"film{at}.png", size=(320 + at, 240))
        again = films / f"again{at}.bmp"
        again.write_bytes(cv2.imencode(".bmp", cv2.imread(str(film), cv2.IMREAD_UNCHANGED))[1].tobytes())
        shutil.copy(film.with_suffix(".json"), again.with_suffix(".json"))
    assert main(["split", str(films), "--out", str(tmp_path / "split.json"), "--shares", "0.5", "0.25", "0.25"]) == 0
    split = read_split(tmp_path / "split.json")
    for names in (split.train, split.valid, split.test):
        numbers = [{name[-5] for name in names if name.startswith(kind)} for kind in ("film", "again")]
        assert numbers[0] == numbers[1]
        assert numbers[0]


def test_a_film_that_cannot_be_decoded_is_named_before_anything_is_split(tmp_path, capsys):
    make_annotated(tmp_path / "films" / "a.png")
    make_annotated(tmp_path / "films" / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n no film")
    assert main(["split", str(tmp_path / "films"), "--out", str(tmp_path / "split.json")]) == 1
    assert "b.png: " in capsys.readouterr().err
    assert not (tmp_path / "split.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("split nowhere --out x --seed -1", "--seed must be a whole number of at least 0, got -1"),
        ("split nowhere --out x --shares 0.7 0.1 nan", "must be at least 0 and add up to 1, got (0.7, 0.1, nan)"),
        ("split nowhere --out x --shares nan 0.5 0.5", "must be at least 0 and add up to 1, got (nan, 0.5, 0.5)"),
        ("simulate --out x --seed -1", "--seed must be a whole number of at least 0, got -1"),
        ("evaluate nowhere --out x --bootstrap -5", "--bootstrap must be a whole number of at least 0, got -5"),
        ("evaluate nowhere --out x --threshold nan", "--threshold must lie between 0 and 1, got nan"),
        ("evaluate nowhere --out x --threshold 7", "--threshold must lie between 0 and 1, got 7"),
        ("evaluate nowhere --out x --fix-threshold nan", "--fix-threshold must lie above 0 and at most at 1, got nan"),
        ("compare --data n --split n --models yolact --out x --bootstrap -1", "at least 0, got -1"),
        ("compare --data n --split n --models yolact --out x --specificity 0", "above 0 and at most at 1, got 0"),
        ("predict nowhere --out x --max-megapixels nan", "--max-megapixels must be a number above 0, got nan"),
        ("predict nowhere --out x --max-megapixels -1", "--max-megapixels must be a number above 0, got -1"),
        ("predict nowhere --out x --threshold nan", "--threshold must lie between 0 and 1, got nan"),
        ("models --folder nowhere", "--folder nowhere: no such folder; name one that holds model cards"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_before_any_work(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(words.split()) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
