"""Arms that were finished before, and predictions that were kept: taken only where they are what is asked for."""

import json
import shutil
from dataclasses import asdict, replace

import pytest
from tiny_model import make_annotated, make_quick_card

from engine.compare.arms import Arm
from engine.compare.finished import Budget, read_budget, spent_before, write_budget
from engine.compare.running import predict_films, train_arm
from engine.control import no_progress
from engine.data.dataset import find_examples
from engine.errors import ConfigError, DataError
from engine.resources import resources_dir
from engine.train import TrainConfig

ARM = Arm("tiny", "mask_rcnn", "own")
BUDGET = Budget(4, 8, 8, (96, 128), 0.5, "x86_64, 1 thread", "", True)


@pytest.fixture
def finished(tiny_card, tmp_path):
    """An arm that was trained, with weights, record and budget."""
    folder = tmp_path / "tiny"
    shutil.copytree(tiny_card.parent, folder)
    write_budget(folder / "budget.json", BUDGET)
    return folder


@pytest.fixture
def config(finished):
    """The settings that the arm was trained with."""
    options = json.loads((finished / "run.json").read_text())["config"]["options"]
    return TrainConfig(options=options, input_size=(96, 128), epochs=1, batch_size=2)


def take(config, films, folder):
    return train_arm(ARM, config, find_examples(films), folder, lambda _step: None)


def test_a_finished_arm_is_taken_for_its_own_settings_and_films_alone(finished, config, coarse_films, tmp_path):
    assert take(config, coarse_films, finished) == (finished / "tiny.card.json", BUDGET)
    with pytest.raises(ConfigError, match=r"tiny: this arm was trained with other settings \(epochs was 1, now 2\)"):
        take(replace(config, epochs=2), coarse_films, finished)
    films = tmp_path / "films"
    shutil.copytree(coarse_films, films)
    label = films / "film0.json"
    label.write_text(label.read_text() + "\n")
    with pytest.raises(ConfigError, match=r"tiny: this arm was trained with other films \(8 then, 8 now"):
        take(config, films, finished)


def test_a_setting_newer_than_the_record_is_taken_at_its_usual_value(finished, config, coarse_films):
    path = finished / "run.json"
    record = json.loads(path.read_text())
    del record["config"]["max_steps"]
    path.write_text(json.dumps(record))
    assert take(config, coarse_films, finished)[1] == BUDGET
    with pytest.raises(ConfigError, match="max_steps was None, now 3"):
        take(replace(config, max_steps=3), coarse_films, finished)


def test_a_finished_arm_that_does_not_tell_or_has_no_weights_left_is_taken_as_it_is(finished, config, coarse_films):
    other = replace(config, epochs=2)
    (finished / "run.json").rename(finished / "aside.json")
    assert take(other, coarse_films, finished)[1] == BUDGET
    (finished / "aside.json").rename(finished / "run.json")
    for shard in finished.glob("*.safetensors"):
        shard.unlink()
    assert take(other, coarse_films, finished)[1] == BUDGET


def test_arms_of_the_kept_comparison_are_taken_without_their_films_and_settings():
    folders = [path.parent for path in (resources_dir() / "comparison").glob("*/budget.json")]
    assert folders
    for folder in folders:
        config = TrainConfig(model=folder.name.removesuffix("_own"))
        card, budget = train_arm(replace(ARM, name=folder.name), config, (), folder, lambda _step: None)
        assert card.exists()
        assert budget.finished


@pytest.mark.parametrize("text", ["{", "[]", '{"rent": 700}', json.dumps({**asdict(BUDGET), "minutes": "long"})])
def test_a_budget_of_something_else_is_refused_by_name_and_beside_starting_weights_passed_over(text, tmp_path):
    path = tmp_path / "budget.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"budget\.json: expected what a training of this comparison cost"):
        read_budget(path)
    assert spent_before(str(tmp_path / "model.card.json")) == (0, 0.0)
    write_budget(path, BUDGET)
    assert spent_before(str(tmp_path / "model.card.json")) == (8, 0.5)


def test_budgets_that_tell_nothing_of_what_was_before_are_read(tmp_path):
    old = {key: value for key, value in asdict(BUDGET).items() if not key.startswith("earlier")}
    (tmp_path / "budget.json").write_text(json.dumps(old))
    assert read_budget(tmp_path / "budget.json") == BUDGET


@pytest.fixture(scope="module")
def predicted(tmp_path_factory):
    """Three films, a model, and what it said of them; each line is marked by an impossible time."""
    folder = tmp_path_factory.mktemp("predicted")
    for name in "abc":
        make_annotated(folder / "films" / f"{name}.png")
    card = make_quick_card(folder / "model")
    path = folder / "predictions.jsonl"
    predict_films(card, find_examples(folder / "films"), path, no_progress)
    head, *lines = path.read_text().splitlines()
    marked = [json.dumps({**json.loads(line), "seconds": 1000.0}) for line in lines]
    path.write_text("\n".join([head, *marked]) + "\n")
    return folder


def test_a_film_that_changed_is_predicted_anew_and_older_lines_are_taken(predicted, tmp_path):
    folder = tmp_path / "again"
    shutil.copytree(predicted, folder)
    path, films = folder / "predictions.jsonl", folder / "films"
    head, *lines = map(json.loads, path.read_text().splitlines())
    assert {tuple(line["size"]) for line in lines} == {(320, 240)}
    old = {key: value for key, value in lines[2].items() if key not in ("film_sha256", "size")}
    path.write_text("".join(json.dumps(line) + "\n" for line in (head, *lines[:2], old)))
    for name in "bc":
        make_annotated(films / f"{name}.png", size=(330, 240))
    said = predict_films(folder / "model" / "quick.card.json", find_examples(films), path, no_progress)
    assert [seconds == 1000.0 for seconds in said.seconds] == [True, False, True]
    assert [one.image_size for one in said.records] == [(320, 240), (330, 240), (330, 240)]
    assert len(path.read_text().splitlines()) == 4


@pytest.mark.parametrize("key", ["weights_sha256", "card"])
def test_predictions_of_other_weights_or_settings_are_not_taken_for_these(key, predicted, tmp_path):
    folder = tmp_path / "again"
    shutil.copytree(predicted, folder)
    path, films = folder / "predictions.jsonl", find_examples(folder / "films", ["a.png"])
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([head.replace(f'"{key}": "', f'"{key}": "0'), *lines]) + "\n")
    said = predict_films(folder / "model" / "quick.card.json", films, path, no_progress)
    assert said.seconds[0] < 1000.0
    fresh = path.read_text().splitlines()
    assert fresh[0] == head
    assert len(fresh) == 2


def test_a_label_of_another_size_than_its_film_is_refused(predicted, tmp_path):
    folder = tmp_path / "again"
    shutil.copytree(predicted, folder)
    label = folder / "films" / "b.json"
    record = json.loads(label.read_text())
    label.write_text(json.dumps({**record, "imageHeight": 160, "imageWidth": 120}))
    card, path = folder / "model" / "quick.card.json", folder / "predictions.jsonl"
    with pytest.raises(DataError, match=r"b\.json: made for a film of 160 x 120 px .*b\.png has 320 x 240"):
        predict_films(card, find_examples(folder / "films"), path, no_progress)
    label.write_text(json.dumps({key: value for key, value in record.items() if not key.startswith("imageH")}))
    said = predict_films(card, find_examples(folder / "films"), path, no_progress)
    assert {one.image_size for one in said.records} == {(320, 240)}
