"""The comparison of all families that the README tells of, and the predictions it was made from."""

import json
import re
import shlex
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

from engine.__main__ import main
from engine.commands.compare import arm_config
from engine.compare.arms import parse_arms
from engine.domain.labels import PAPER_CLASSES
from engine.resources import resources_dir

README = Path(__file__).parent.parent / "README.md"
SEED = 16308


@pytest.fixture
def kept():
    return resources_dir() / "comparison"


def arms(kept):
    return json.loads((kept / "comparison.json").read_text(encoding="utf-8"))["arms"]


def told():
    region = r"<!-- comparison: begin -->(.*)<!-- comparison: end -->"
    return re.search(region, README.read_text(encoding="utf-8"), re.S)[1]


def test_the_readmes_tables_are_those_of_the_report(kept):
    written = (kept / "comparison.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in told().splitlines() if line.startswith("|")]
    assert len(rows) >= 2 * (2 + len(arms(kept)))
    assert not [row for row in rows if row not in written]


def test_every_row_has_its_figures_and_its_budget(kept):
    lines = told().splitlines()
    for arm in arms(kept):
        precision = arm["figures"]["ap"]["mask AP50, fracture films"]
        cells = " | ".join(f"{precision[label]['value']:.2f}" for label in PAPER_CLASSES)
        assert sum(cells in line for line in lines) == 1, arm["name"]
        assert arm["figures"]["films"] == 211
        if arm["budget"] is not None:
            assert arm["budget"]["finished"]
            assert sum(f" {arm['budget']['films_seen']} | {arm['budget']['steps']} |" in line for line in lines) == 1


def test_the_readmes_command_has_the_settings_that_each_row_was_trained_with(kept):
    command = re.search(r"^vcf-engine compare .*?^```", told(), re.S | re.M)[0].removesuffix("```")
    words = shlex.split(command.replace("\\\n", " "))
    given, settings = words[words.index("--models") + 1], words[words.index("--set") + 1 :]
    chosen = [arm for arm in parse_arms(given.split(",")) if arm.card is None]
    assert [arm.name for arm in chosen] == [one["name"] for one in arms(kept) if one["budget"] is not None]
    for arm in chosen:
        trained = json.loads((kept / arm.name / "run.json").read_text(encoding="utf-8"))["config"]
        told_of = json.loads(json.dumps(asdict(arm_config(arm, chosen, "corrected", settings))))
        assert {key: told_of[key] for key in trained} == trained


@pytest.mark.slow
def test_the_kept_predictions_give_these_tables_again(kept, tmp_path):
    films, out = tmp_path / "films", tmp_path / "out"
    assert main(["simulate", "--recipe", "paper", "--seed", str(SEED), "--out", str(films)]) == 0
    shutil.copytree(kept, out)
    (out / "comparison.md").unlink()
    models = [
        str(out / arm["name"] / f"{arm['name']}.card.json")
        if arm["recipe"] == "trained"
        else f"{arm['family']}:{arm['recipe']}"
        for arm in arms(kept)
    ]
    words = ["compare", "--data", str(films), "--split", str(films / "split.json"), "--models", ",".join(models)]
    assert main([*words, "--out", str(out)]) == 0
    assert (out / "comparison.md").read_text() == (kept / "comparison.md").read_text()
