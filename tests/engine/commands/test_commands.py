import json
import shutil

import pytest

from engine.__main__ import COMMANDS, build_parser, main
from engine.data.split import read_split


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
