"""`vcf-engine compare` from nothing to the report, and on after a kill."""

import json
import os
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
from tiny_model import OPTIONS, make_annotated, make_film, make_tiny_card

from engine.__main__ import main
from engine.commands.compare import arm_config
from engine.compare.arms import parse_arms
from engine.compare.running import compact_outline
from engine.data.split import Split, write_split
from engine.domain.polygon import Polygon
from engine.errors import ConfigError
from engine.formats.labelme import read_labelme, write_labelme

TINY = ["input_size=[96,128]", "epochs=1", "batch_size=2", "warmup_steps=1", "checkpoint_every=1",
        f"options={json.dumps(OPTIONS)}"]  # fmt: skip
LEVELS = ("L1", "L2", "L3", "L4", "T11", "T12")


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Six films of a fracture each to train on, two to validate and three to test on, one of each part normal."""
    folder = tmp_path_factory.mktemp("films")
    parts = {"train": [], "valid": [], "test": []}
    for part, count in (("train", 6), ("valid", 2), ("test", 2)):
        for number in range(count):
            parts[part].append(make_annotated(folder / f"{part}{number}.png", LEVELS[number]).name)
    for part in ("valid", "test"):
        path = make_annotated(folder / f"{part}_normal.png")
        make_film(path)
        annotation = read_labelme(path.with_suffix(".json"))
        write_labelme(path.with_suffix(".json"), type(annotation)(path.name, annotation.image_size, ()))
        parts[part].append(path.name)
    write_split(folder / "split.json", Split(*(tuple(names) for names in parts.values())), 0)
    return folder


def command(films, out, models, *settings):
    return ["compare", "--data", str(films), "--split", str(films / "split.json"), "--models", models,
            "--out", str(out), "--bootstrap", "50", "--json", "--set", *TINY, *settings]  # fmt: skip


def test_it_runs_from_nothing_to_the_report(films, tmp_path, capsys):
    card = make_tiny_card(tmp_path / "given")
    assert main(command(films, tmp_path / "out", f"mask_rcnn,{card}")) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["name"] for one in said if one["event"] == "arm"] == ["mask_rcnn", "tiny"]
    numbers = json.loads((tmp_path / "out" / "comparison.json").read_text())
    trained, given = numbers["arms"]
    assert trained["budget"]["finished"]
    assert (trained["budget"]["steps"], trained["budget"]["films_seen"]) == (3, 6)
    assert trained["budget"]["minutes"] > 0
    assert given["budget"] is None
    assert trained["figures"]["films"] == 3
    assert len(numbers["paired_tests"]) == 1
    assert trained["threshold_from"] == "film specificity 0.93 on 1 normal validation films"
    page = (tmp_path / "out" / "comparison.html").read_text()
    assert "Table 2 as printed by Paik et al. 2024 (other films" in page
    assert "Research use only" in page
    tables = (tmp_path / "out" / "comparison.md").read_text()
    assert "\n| model | L1 (n = 1) | L2 (n = 1) |" in tables
    assert tables.count("\n| mask_rcnn (equal recipe) |") >= 4
    assert "score thresholds: film specificity 0.93 on 1 normal validation films\n" in tables
    assert "Research use only" in tables
    for name in ("mask_rcnn", "tiny"):
        assert "data:image/png" in (tmp_path / "out" / f"worst_{name}.html").read_text()


def test_after_a_kill_the_same_command_goes_on_and_does_nothing_twice(films, tmp_path):
    out = tmp_path / "out"
    words = command(films, out, "mask_rcnn,mask_rcnn:native")
    first = subprocess.Popen([sys.executable, "-m", "engine", *words], stdout=subprocess.DEVNULL)
    kept = out / "mask_rcnn" / "predictions.jsonl"
    checkpoint = out / "mask_rcnn_native" / "checkpoint.pt"
    last = time.monotonic() + 200
    while not checkpoint.exists():
        assert first.poll() is None
        assert time.monotonic() < last
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    with kept.open("a") as file:
        file.write('{"film": "half a li')
    before = kept.stat().st_mtime_ns, (out / "mask_rcnn" / "mask_rcnn.card.json").stat().st_mtime_ns
    assert not (out / "comparison.html").exists()
    again = subprocess.run([sys.executable, "-m", "engine", *words], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert (kept.stat().st_mtime_ns, (out / "mask_rcnn" / "mask_rcnn.card.json").stat().st_mtime_ns) == before
    assert json.loads((out / "comparison.json").read_text())["arms"][1]["budget"]["finished"]


def test_films_of_further_folders_are_trained_on_too(films, tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    make_annotated(more / "further.png", "L1", (322, 240))
    make_annotated(more / "test0.png", "L1", (324, 240))  # One of the films judged by name alone.
    card = make_tiny_card(tmp_path / "given")
    words = [*command(films, tmp_path / "out", "mask_rcnn", f"init={card}"), "--also-train", str(more)]
    assert main(words) == 0
    (arm,) = json.loads((tmp_path / "out" / "comparison.json").read_text())["arms"]
    assert (arm["budget"]["films"], arm["budget"]["films_seen"]) == (8, 8)
    assert (arm["budget"]["started_from"], arm["budget"]["earlier_films"]) == (card.name, 0)
    assert arm["figures"]["films"] == 3


@pytest.mark.slow
def test_a_training_that_goes_on_from_another_tells_what_went_into_it(films, tmp_path):
    assert main(command(films, tmp_path / "out", "mask_rcnn")) == 0
    (arm,) = json.loads((tmp_path / "out" / "comparison.json").read_text())["arms"]
    made = tmp_path / "out" / "mask_rcnn" / "mask_rcnn.card.json"
    assert main(command(films, tmp_path / "on", "mask_rcnn", f"init={made}")) == 0
    (on,) = json.loads((tmp_path / "on" / "comparison.json").read_text())["arms"]
    assert (on["budget"]["films_seen"], on["budget"]["earlier_films"]) == (6, 6)
    assert on["budget"]["earlier_minutes"] == pytest.approx(arm["budget"]["minutes"])
    told = f"mask_rcnn.card.json, made of 6 films seen in {arm['budget']['minutes']:.1f} minutes"
    assert told in (tmp_path / "on" / "comparison.md").read_text()


def test_a_further_folder_with_a_film_that_is_judged_by_is_refused(films, tmp_path, capsys):
    more = tmp_path / "more"
    more.mkdir()
    make_annotated(more / "further.png", "L1", (322, 240))
    # The same picture under another name, packed in another way.
    again = make_annotated(more / "again.bmp", "L1")
    again.write_bytes(cv2.imencode(".bmp", cv2.imread(str(films / "test0.png"), cv2.IMREAD_UNCHANGED))[1].tobytes())
    assert main([*command(films, tmp_path / "out", "mask_rcnn"), "--also-train", str(more)]) == 1
    told = capsys.readouterr()
    said = told.out + told.err
    assert (
        "films of the split's valid or test part, or others of their patients, are among the further ones (1)" in said
    )
    assert "again.bmp" in said
    assert "further.png" not in said


def test_outlines_are_kept_to_a_tenth_of_a_pixel_unless_that_would_spoil_them():
    plain = Polygon(np.array([[0.04, 0], [10.26, 0], [10, 9.99]]))
    assert compact_outline(plain) == [[0.0, 0.0], [10.3, 0.0], [10.0, 10.0]]
    narrow = Polygon(np.array([[0.0, 0], [10, 0], [10, 10], [5, 0.04], [0, 10]]))
    assert compact_outline(narrow) == narrow.points.tolist()


def test_a_setting_may_belong_to_one_model():
    arms = parse_arms(["mask_rcnn", "mask_rcnn:native"])
    settings = ["epochs=3", "mask_rcnn_native.epochs=5", "mask_rcnn.batch_size=1"]
    equal, native = (arm_config(arm, arms, "paper", settings) for arm in arms)
    assert (equal.epochs, equal.batch_size, equal.mode) == (3, 1, "paper")
    assert (equal.options["norm"], equal.options["class_agnostic_nms"]) == ("frozen", False)
    assert (native.epochs, native.batch_size) == (5, 1)
    with pytest.raises(ConfigError, match="none of the models compared: mask_rcnn, mask_rcnn_native"):
        arm_config(arms[0], arms, "paper", ["yolact.epochs=3"])


def test_a_native_recipe_has_its_authors_optimiser():
    arms = parse_arms(["yolact", "yolact:native", "yolov5_seg_s:native"])
    equal, native, yolov5 = (arm_config(arm, arms, "corrected", ["batch_size=4"]) for arm in arms)
    assert (equal.learning_rate, equal.weight_decay) == (0.02 * 4 / 16, 1e-4)
    assert (native.learning_rate, native.weight_decay) == (1e-3 * 4 / 8, 5e-4)
    assert (yolov5.learning_rate, yolov5.momentum, yolov5.weight_decay) == (0.02 * 4 / 16, 0.937, 5e-4)
    by_hand = arm_config(arms[1], arms, "corrected", ["yolact.learning_rate=0.01"])
    assert by_hand.learning_rate == 0.01
