import json
import math
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
import torch

from engine.backends._detector import load_detector
from engine.control import Cancelled, CancelToken
from engine.data.augment import Augmentation
from engine.data.dataset import find_examples
from engine.domain.labels import ALL_VERTEBRAE
from engine.errors import ConfigError, DataError, TrainingError
from engine.films import read_film
from engine.models import load_family
from engine.predict import load_model, predict
from engine.starting import initialise
from engine.train import TrainConfig, choose_device, choose_examples, train
from engine.weights import load_weights, read_card

SMALL = MappingProxyType({"depth": 18, "rois_per_image": 16, "proposals_train": 40, "proposals_test": 40})
TINY = TrainConfig(options=SMALL, input_size=(64, 96), epochs=1, batch_size=2, warmup_steps=2, checkpoint_every=1)
TRUNK = replace(TINY, model="trunk", options=MappingProxyType({"depth": 18}), labels=ALL_VERTEBRAE, batch_size=4)
SETTINGS = (
    'options={"depth": 18, "rois_per_image": 16, "proposals_train": 40, "proposals_test": 40}', "input_size=[64, 96]",
    "epochs=2", "batch_size=2", "warmup_steps=2", "checkpoint_every=1",
)  # fmt: skip


def run_quietly(config, films, folder, **more):
    seen = []
    card = train(config, find_examples(films), folder, seen.append, **more)
    return card, seen


def command(films: Path, out: Path, *settings: str) -> list[str]:
    return [sys.executable, "-m", "engine", "train", str(films), "--out", str(out), "--json", "--set", *settings]


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def begin(words: list[str]) -> subprocess.Popen[str]:
    """Start a training that goes on beside others: each has one thread."""
    return subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(child: subprocess.Popen[str]) -> str:
    """Wait for a training, and return what it said."""
    said, complaint = child.communicate()
    assert child.returncode == 0, complaint[-2000:]
    return said


def losses_of(lines: str) -> list[float]:
    records = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    return [record["loss"] for record in records if record["event"] == "step"]


def test_a_run_reports_each_step_and_leaves_weights_a_card_and_a_record(coarse_films, tmp_path):
    card_path, seen = run_quietly(TINY, coarse_films, tmp_path / "run")
    assert [report.step for report in seen] == [1, 2, 3, 4]
    assert {report.steps for report in seen} == {4}
    assert set(seen[0].losses) >= {"loss_classifier", "loss_mask", "loss_objectness"}
    assert seen[-1].eta == 0
    card = read_card(card_path)
    assert card.labels == TINY.labels
    assert card.data["films"] == 8
    assert "not for diagnosis" in card.intended_use
    assert load_weights(card_path, card)
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["config"]["seed"] == 0
    assert record["data_sha256"] == card.data["sha256"]
    assert record["torch"] == torch.__version__
    assert len(record["git"].rstrip("+")) in (7, 40)


def test_a_run_that_is_killed_goes_on_and_ends_with_the_same_weights(coarse_films, tmp_path):
    whole = begin(command(coarse_films, tmp_path / "whole", *SETTINGS))
    again = command(coarse_films, tmp_path / "killed", *SETTINGS)
    with subprocess.Popen(again, env=environment(), stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if json.loads(line).get("step") == 3:
                child.send_signal(signal.SIGKILL)
                break
    assert child.wait() == -signal.SIGKILL
    rest = losses_of(subprocess.run(again, env=environment(), capture_output=True, text=True, check=True).stdout)
    expected = losses_of(end(whole))
    assert 4 <= len(rest) <= 6
    assert rest == pytest.approx(expected[-len(rest) :], rel=1e-5)
    cards = [tmp_path / name / f"{name}.card.json" for name in ("whole", "killed")]
    one, two = (load_weights(card, read_card(card)) for card in cards)
    assert all(torch.allclose(one[key], two[key], atol=1e-4) for key in one)


def test_two_processes_have_the_losses_of_one(coarse_films, tmp_path):
    settings = ("model=trunk", 'options={"depth": 18}', "input_size=[64, 96]", "epochs=1", "warmup_steps=1",
                "learning_rate=0.001")  # fmt: skip
    single = begin(command(coarse_films, tmp_path / "one", *settings, "batch_size=2"))
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "engine"]
    double = [*torchrun, *command(coarse_films, tmp_path / "two", *settings, "batch_size=1")[3:]]
    done = subprocess.run(double, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    together, alone = losses_of(done.stdout), losses_of(end(single))
    assert len(alone) == 4
    assert together == pytest.approx(alone, rel=1e-4)
    assert (tmp_path / "two" / "two.card.json").exists()


def test_a_fracture_no_film_shows_is_named(coarse_films):
    examples = [one for one in find_examples(coarse_films) if "L3" not in one.fractures]
    with pytest.raises(DataError, match="L3"):
        choose_examples(TINY, examples)


def test_the_papers_mode_builds_the_network_as_the_frameworks_of_its_time_did(coarse_films, tmp_path):
    examples = find_examples(coarse_films)
    config = replace(TINY, mode="paper", normals=None)
    card = read_card(train(config, examples, tmp_path / "run", lambda _step: None))
    assert (card.options["norm"], card.options["class_agnostic_nms"], card.options["score_floor"]) == (
        "frozen", False, 0.05,
    )  # fmt: skip
    network = load_detector(tmp_path / "run" / "run.card.json", card).network
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules())


def test_the_papers_mode_trains_on_no_normal_film(coarse_films):
    examples = find_examples(coarse_films)
    assert len(choose_examples(replace(TINY, mode="paper", normals=None), examples)) == 6
    assert len(choose_examples(TINY, examples)) == 8


def test_nothing_to_train_on_is_told(coarse_films, tmp_path):
    normal = [one for one in find_examples(coarse_films) if not one.fractures]
    with pytest.raises(DataError, match="no film to train on; 2 without a fracture are left out by normals=false"):
        choose_examples(replace(TINY, normals=False), normal)
    with pytest.raises(DataError, match="no film to train on; add films"):
        choose_examples(TINY, [])


def test_a_full_disk_is_told_and_leaves_the_checkpoint_before(coarse_films, tmp_path, monkeypatch):
    folder = tmp_path / "run"

    def stop(step):
        if step.step == 2:
            monkeypatch.setattr(torch, "save", lambda state, file: file.write(b"0") and fail())

    def fail():
        raise RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0\nmore")

    with pytest.raises(TrainingError, match=r"checkpoint\.pt: the checkpoint of step 2 can't be written .*make room"):
        train(replace(TINY, epochs=2), find_examples(coarse_films), folder, stop)
    monkeypatch.undo()
    assert torch.load(folder / "checkpoint.pt", weights_only=True)["step"] == 1
    assert not (folder / "checkpoint.pt.part").exists()


def test_rare_levels_are_repeated_where_asked(coarse_films):
    examples = find_examples(coarse_films)
    often = [one for one in examples if "L1" in one.fractures] * 9 + list(examples)
    chosen = choose_examples(replace(TINY, repeat_rare=True), often)
    rare = sum("T11" in one.fractures for one in chosen)
    assert rare == round((10 / 1) ** 0.5)


def test_a_run_ends_with_its_steps_and_so_does_its_schedule(coarse_films, tmp_path):
    short = replace(TINY, epochs=50, max_steps=3, warmup_steps=1, schedule="cosine", learning_rate=0.001)
    _card, seen = run_quietly(short, coarse_films, tmp_path)
    assert [(report.step, report.steps) for report in seen] == [(1, 3), (2, 3), (3, 3)]
    # The rate that is told is the next step's: half a cosine, from 1 to 0, over three steps.
    assert [report.rate for report in seen] == pytest.approx([0.00075, 0.00025, 0.0], abs=1e-9)


def test_losses_that_are_no_numbers_stop_the_run_with_advice(coarse_films, tmp_path):
    wild = replace(TINY, learning_rate=1e30, warmup_steps=1, epochs=3, clip_norm=1e30)
    with pytest.raises(TrainingError, match="learning_rate"):
        run_quietly(wild, coarse_films, tmp_path)


def test_memory_that_runs_out_is_told_as_such(coarse_films, tmp_path):
    huge = replace(TINY, input_size=(900_000, 900_000))
    with pytest.raises(TrainingError, match="out of memory; lower batch_size or input_size"):
        run_quietly(huge, coarse_films, tmp_path)


def test_a_cancelled_run_keeps_what_it_learned(coarse_films, tmp_path):
    token = CancelToken()

    def stop_after_two(report):
        if report.step == 2:
            token.cancel()

    with pytest.raises(Cancelled):
        train(TINY, find_examples(coarse_films), tmp_path, stop_after_two, token)
    _card, seen = run_quietly(TINY, coarse_films, tmp_path)
    assert [report.step for report in seen] == [3, 4]


def test_a_checkpoint_of_other_settings_is_refused(coarse_films, tmp_path):
    run_quietly(TRUNK, coarse_films, tmp_path)
    with pytest.raises(ConfigError, match="other settings"):
        run_quietly(replace(TRUNK, seed=1), coarse_films, tmp_path)


def test_a_checkpoint_of_other_films_is_refused_and_its_record_stays(coarse_films, tmp_path):
    films, run = tmp_path / "films", tmp_path / "run"
    shutil.copytree(coarse_films, films)
    run_quietly(TRUNK, films, run)
    record = (run / "run.json").read_bytes()
    label = films / "film0.json"
    label.write_text(label.read_text() + "\n")
    with pytest.raises(ConfigError, match=r"checkpoint\.pt: made with other films; use another folder, or delete it"):
        run_quietly(TRUNK, films, run)
    assert (run / "run.json").read_bytes() == record


def test_a_checkpoint_that_does_not_tell_its_films_is_refused(coarse_films, tmp_path):
    run_quietly(TRUNK, coarse_films, tmp_path)
    path = tmp_path / "checkpoint.pt"
    state = torch.load(path, weights_only=True)
    del state["data_sha256"]
    torch.save(state, path)
    with pytest.raises(ConfigError, match=r"checkpoint\.pt: doesn't say which films"):
        run_quietly(TRUNK, coarse_films, tmp_path)


def test_a_damaged_checkpoint_is_refused_by_name(coarse_films, tmp_path):
    (tmp_path / "checkpoint.pt").write_bytes(b"no checkpoint")
    with pytest.raises(TrainingError, match=r"checkpoint\.pt.*delete it"):
        run_quietly(TRUNK, coarse_films, tmp_path)


def test_a_detector_starts_from_a_trunk(coarse_films, tmp_path):
    card, _seen = run_quietly(TRUNK, coarse_films, tmp_path / "trunk")
    detector = load_family("mask_rcnn").build(6, SMALL)
    initialise(detector, replace(TINY, init=str(card)))
    trunk = load_weights(card, read_card(card))
    own = detector.network.state_dict()
    shared = [key for key in trunk if key.startswith("backbone.")]
    assert len(shared) > 100
    assert all(torch.equal(own[key], trunk[key]) for key in shared)


def test_a_detector_that_learns_intact_bodies_too_keeps_what_it_knew_of_fractures(coarse_films, tmp_path):
    card, _seen = run_quietly(TINY, coarse_films, tmp_path / "six")
    config = replace(TINY, init=str(card), options={**SMALL, "intact": True})
    detector = load_family("mask_rcnn").build(6, config.options)
    initialise(detector, config)
    old, own = load_weights(card, read_card(card)), detector.network.state_dict()
    score = "roi_heads.box_predictor.cls_score.weight"
    assert len(own[score]) == 16
    assert torch.equal(own[score][:7], old[score])
    further, seen = run_quietly(config, coarse_films, tmp_path / "fifteen")
    assert read_card(further).labels == TINY.labels
    assert all(math.isfinite(sum(step.losses.values())) for step in seen)
    film = next(coarse_films.glob("*.png"))
    found = predict(read_film(film), load_model(further), floor=0.0)
    assert {shape.label for shape in found.shapes} <= set(TINY.labels)
    # The way back: fractures alone, with the rows that were learned beside intact bodies.
    back = load_family("mask_rcnn").build(6, SMALL)
    initialise(back, replace(TINY, init=str(further)))
    assert torch.equal(back.network.state_dict()[score], load_weights(further, read_card(further))[score][:7])


def test_weights_of_something_else_are_refused(tmp_path):
    from safetensors.torch import save_file

    save_file({"head.weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    detector = load_family("mask_rcnn").build(6, SMALL)
    with pytest.raises(ConfigError, match="fits"):
        initialise(detector, replace(TINY, init=str(tmp_path / "other.safetensors")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "best"},
        {"precision": "float8"},
        {"epochs": 0},
        {"max_steps": 0},
        {"optimiser": "lion"},
        {"schedule": "linear"},
        {"seed": -1},
        {"seed": 0.5},
        {"seed": "one"},
        {"learning_rate": -0.1},
        {"learning_rate": math.nan},
        {"learning_rate": "fast"},
        {"drops": (0.5, 2)},
        {"drops": ("late",)},
        {"drops": 0.5},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        TrainConfig(**wrong)


def test_a_number_that_makes_no_sense_is_told():
    with pytest.raises(ConfigError, match=r"seed must be a whole number of at least 0, got -1"):
        TrainConfig(seed=-1)
    with pytest.raises(ConfigError, match=r"drops must be .* got \(0\.5, 2\)"):
        TrainConfig(drops=(0.5, 2))
    with pytest.raises(ConfigError, match=r"learning_rate must be .* got 0"):
        TrainConfig(learning_rate=0)
    assert TrainConfig(drops=(0, 1), learning_rate=1).learning_rate == 1


def test_each_mode_has_its_own_augmentation():
    assert TrainConfig(mode="paper").augmentation == Augmentation(rotation_share=1.0)
    assert TrainConfig().augmentation != TrainConfig(mode="paper").augmentation
    assert TrainConfig(batch_size=4).learning_rate == pytest.approx(0.005)


def test_a_device_that_is_not_there_is_refused():
    assert choose_device("cpu").type == "cpu"
    with pytest.raises(ConfigError, match="device must be"):
        choose_device("abacus")
    if not torch.cuda.is_available():
        assert choose_device("auto").type == "cpu"
        with pytest.raises(ConfigError, match="no graphics card"):
            choose_device("cuda:0")
