"""The model that ships with the program, on the films that ship with it."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.backends._graph import EIGHT_BITS, exported, graph_path
from engine.exporting import compare_with_torch
from engine.films import read_film
from engine.formats.labelme import read_labelme
from engine.models import load_family
from engine.resources import resources_dir, samples_dir, weights_dir
from engine.weights import load_weights, read_card
from vcfviewer.__main__ import main

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def card_path():
    (path,) = weights_dir().glob("*.card.json")
    return path


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What the program writes of its sample films, and what it took: seconds a film, and megabytes at most."""
    out = tmp_path_factory.mktemp("results") / "out"
    script = (
        "import sys; from engine.memory import peak_bytes; from vcfviewer.__main__ import main; "
        "code = main(['--out', sys.argv[1]]); print('PEAK', peak_bytes() or 0); sys.exit(code)"
    )
    command = [sys.executable, "-c", script, str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "160"})
    return out, done.stdout


def rows_of(out):
    return list(csv.DictReader((out / "summary.csv").read_text(encoding="utf-8").splitlines()))


def test_its_card_says_what_it_is_and_is_not(card_path):
    card = read_card(card_path)
    assert card.labels == ("L1", "L2", "L3", "L4", "T11", "T12")
    assert card.options["depth"] == 101
    assert "not for diagnosis" in card.intended_use
    assert "simulated" in card.data["note"].lower()
    assert "never clinical performance" in card.metrics["note"]
    assert card.known_failures
    assert 0 < card.score_threshold < 1


def test_it_is_the_papers_network(card_path):
    card = read_card(card_path)
    network = load_family(card.model).build(len(card.labels), card.options).network
    network.load_state_dict(load_weights(card_path, card))
    assert sum(value.numel() for value in network.parameters()) == 62_994_553


def test_shards_are_small_enough_to_be_kept():
    sizes = [path.stat().st_size for path in resources_dir().rglob("*.safetensors")]
    assert sizes
    assert max(sizes) < 95_000_000


def test_the_sample_films_are_predicted_with_their_iou(results):
    out, shown = results
    rows = rows_of(out)
    assert len(rows) == 12
    assert {row["status"] for row in rows} == {"predicted"}
    annotated = [row for row in rows if row["annotated_fractures"] not in ("", "0")]
    assert len(annotated) == 7
    assert sum(float(row["film_iou"]) > 0.5 for row in annotated) >= 4
    assert "film IoU" in shown
    assert "not for diagnosis" in shown
    written = [read_labelme(path) for path in out.glob("*.json")]
    assert len(written) == 12
    assert all(shape.score is not None for one in written for shape in one.shapes)


def test_it_reads_thirty_films_a_minute_in_one_and_a_half_gigabytes(results):
    out, shown = results
    seconds = sorted(float(row["seconds"]) for row in rows_of(out))
    assert seconds[len(seconds) // 2] < 2.0
    peak = int(re.search(r"PEAK (\d+)", shown)[1]) / 1e9
    assert peak < 1.5


@pytest.mark.parametrize("backend", ["openvino", pytest.param("onnxruntime", marks=pytest.mark.slow)])
def test_it_is_exported_and_finds_what_it_finds_by_pytorch(card_path, backend):
    assert exported(card_path, read_card(card_path), (".onnx",)) is not None
    films = [read_film(samples_dir() / f"sample_{at}.png") for at in ("06", "11")]
    agreement = compare_with_torch(card_path, [backend], films, 0.05)
    assert agreement.films == 2
    assert agreement.findings >= 6
    assert agreement.worst_iou >= 0.99
    assert agreement.worst_score <= 0.005


def test_no_graph_lies_there_that_belongs_to_no_card(card_path):
    graphs = {path for path in weights_dir().iterdir() if path.suffix == ".onnx"}
    assert graphs == {graph_path(card_path, read_card(card_path), suffix) for suffix in (".onnx", EIGHT_BITS)}


def test_the_readme_prints_the_cards_figures(card_path):
    metrics = read_card(card_path).metrics
    told = re.search(r"<!-- figures: begin -->(.*)<!-- figures: end -->", README.read_text(encoding="utf-8"), re.S)[1]
    precision = metrics["ap"]["mask AP50"]
    for label in ("T11", "T12", "L1", "L2", "L3", "L4"):
        one = precision[label]
        assert f"| {label} | {one['n']} | {one['value']:.2f} ({one['low']:.2f} to {one['high']:.2f}) |" in told
    every, film = precision["all"], metrics["film"]
    assert f"{every['value']:.2f} ({every['low']:.2f} to {every['high']:.2f})" in told
    for one in (metrics["fracture"]["any level"]["sensitivity"], film["specificity"]):
        assert f"{one['value']:.2f} ({one['low']:.2f} to {one['high']:.2f}; n = {one['n']})" in told


def test_there_are_twelve_samples_and_eight_are_annotated():
    films = [path for path in samples_dir().iterdir() if path.suffix in (".png", ".dcm")]
    annotated = [path for path in films if path.with_suffix(".json").exists()]
    assert (len(films), len(annotated)) == (12, 8)
    assert all(json.loads(path.with_suffix(".json").read_text())["vcfviewer"]["simulated"] for path in annotated)


def test_help_comes_without_loading_the_networks(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    assert "Research use only" in " ".join(capsys.readouterr().out.split())
