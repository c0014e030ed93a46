"""What every family of the folder promises, tried on far too small networks."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pytest
import torch

from engine.backends._detector import TorchRunner, load_detector
from engine.control import Cancelled, CancelToken
from engine.data.augment import Augmentation
from engine.data.dataset import find_examples
from engine.domain.case import ModelCard
from engine.domain.labels import INTACT_BODIES, PAPER_CLASSES
from engine.domain.polygon import Polygon, polygon_iou
from engine.evaluation import evaluate
from engine.evaluation.records import FilmRecord
from engine.films import find_films, read_film
from engine.films.display import film_to_grey
from engine.models import family_names, load_family
from engine.models._contract import RawDetections, Target
from engine.models._growth import select_labels
from engine.predict import LoadedModel, load_model, network_image, predict
from engine.resources import weights_dir
from engine.starting import initialise
from engine.train import TrainConfig, train
from engine.weights import load_weights, read_card, save_weights

TWO_STAGE = {"depth": 18, "rois_per_image": 32, "proposals_train": 50, "proposals_test": 20, "detections": 5,
             "trainable_stages": 5}  # fmt: skip
SMALL = MappingProxyType({
    "mask_rcnn": TWO_STAGE,
    "cascade_mask_rcnn": TWO_STAGE,
    "yolact": {"depth": 18, "size": 96, "detections": 5},
    **{f"yolov5_seg_{size}": {"detections": 5} for size in "nsmlx"},
})  # fmt: skip
HEAVY = ("yolov5_seg_s", "yolov5_seg_m", "yolov5_seg_l", "yolov5_seg_x")
"""The code of size n, which is tested by default, with up to seconds a step."""
RESNETS = tuple(name for name in family_names() if "depth" in load_family(name).options)
SIZE = (96, 128)
DEVICES = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
EMPTY = Target(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), torch.zeros(0, 128, 96, dtype=torch.uint8))


@dataclass(frozen=True)
class Told:
    """Says what it was told to say."""

    network: torch.nn.Module
    found: RawDetections

    def detect(self, _images, _floor):
        return [self.found]


def build(name, labels=6):
    torch.manual_seed(0)
    options = {"short_side": SIZE[0], "long_side": SIZE[1], **SMALL[name]}
    built = load_family(name).build(labels, options)
    if built.options.get("statistics") == "batch":
        learn_statistics(built)
    return built


def learn_statistics(detector):
    """Let BatchNorm know the statistics of noise: on those it starts with, an untrained network sees nothing."""
    norms = [one for one in detector.network.modules() if isinstance(one, torch.nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad():
        detector.losses([torch.rand(3, 128, 96) for _ in range(2)], [EMPTY] * 2)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def card_of(name):
    family = load_family(name)
    return ModelCard(
        name, PAPER_CLASSES, SIZE, family.mean, family.std, 0.5, "", name="tiny", options=SMALL[name]
    )  # fmt: skip


@pytest.fixture(
    scope="module",
    params=[pytest.param(one, marks=pytest.mark.slow) if one in HEAVY else one for one in family_names()],
)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def detector(name):
    return build(name)


def image_and_target(at=0):
    image = torch.full((3, 128, 96), 0.3)
    image[:, 40 + at : 70 + at, 30:70] = 1
    mask = torch.zeros(1, 128, 96, dtype=torch.uint8)
    mask[0, 40 + at : 70 + at, 30:70] = 1
    return image, Target(torch.tensor([[30.0, 40.0 + at, 70.0, 70.0 + at]]), torch.tensor([1]), mask)


def total_of(detector, images, targets):
    torch.manual_seed(0)
    return torch.stack(list(detector.losses(images, targets).values())).sum()


def same(one, two, tolerance=1e-3):
    assert torch.equal(one.labels, two.labels)
    assert torch.allclose(one.scores, two.scores, atol=tolerance)
    assert torch.allclose(one.boxes, two.boxes, atol=100 * tolerance)
    # Masks fill their boxes: one that lies a hair further right has its mask there.
    # A box that fills the image is cut, and seems not to have moved: for it the farthest of all counts.
    shift = (one.boxes - two.boxes).abs().amax(1)
    shift = torch.where(shift == 0, shift.max(), shift)
    side = (one.boxes[:, 2:] - one.boxes[:, :2]).amin(1).clamp(min=1e-6)
    apart = (one.masks - two.masks).abs().amax((1, 2))
    assert (apart <= tolerance + one.masks.shape[-1] * shift / side).all()


def test_losses_fall_on_two_images_and_one_of_them_without_a_finding(name):
    detector = build(name)
    image, target = image_and_target()
    rate = 0.008 if name == "yolov5_seg_x" else 0.004  # The deepest of all needs larger steps to fall as far in thirty.
    optimiser = torch.optim.SGD([p for p in detector.network.parameters() if p.requires_grad], lr=rate, momentum=0.9)
    totals = []
    for _step in range(30 if name.startswith("yolov5_seg") else 7):  # all of their layers learn
        total = total_of(detector, [image, torch.rand(3, 128, 96) * 0.2], [target, EMPTY])
        optimiser.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(detector.network.parameters(), 5.0)
        optimiser.step()
        totals.append(float(total.detach()))
    assert sum(totals[-2:]) < 0.8 * sum(totals[:2])


def test_films_without_findings_teach_what_background_is(detector):
    losses = detector.losses([image_and_target()[0]], [EMPTY])
    assert all(torch.isfinite(value) for value in losses.values())
    detector.network.zero_grad()
    torch.stack(list(losses.values())).sum().backward()
    moved = [key for key, value in detector.network.named_parameters()
             if value.grad is not None and float(value.grad.abs().sum()) > 0]  # fmt: skip
    assert any(key.startswith("backbone.") for key in moved)
    assert any(not key.startswith("backbone.") for key in moved)
    detector.network.zero_grad()


def test_films_of_several_sizes_train_together(detector):
    image, target = image_and_target()
    wide = replace(EMPTY, masks=torch.zeros(0, 50, 200, dtype=torch.uint8))
    with torch.no_grad():
        losses = detector.losses([image, torch.rand(3, 50, 200)], [target, wide])
    assert all(torch.isfinite(value) for value in losses.values())


@pytest.mark.parametrize("device", DEVICES)
def test_bfloat16_has_the_losses_of_float32(name, device):
    detector = build(name)
    detector.network.to(device)
    image, target = image_and_target()
    image, target = image.to(device), Target(*(getattr(target, part).to(device) for part in target.__slots__))
    exact = float(total_of(detector, [image], [target]).detach())
    with torch.autocast(device, torch.bfloat16):
        rough = total_of(detector, [image], [target])
    rough.backward()
    # 8 bits a number, through up to a hundred layers of random weights.
    assert float(rough.detach()) == pytest.approx(exact, rel=0.15)
    assert detector.detect([image])[0].masks.device.type == device


def test_an_image_is_told_the_same_alone_and_in_a_batch(detector):
    torch.manual_seed(1)
    images = [torch.rand(3, 128, 96), image_and_target()[0]]
    together = detector.detect(images)
    for one, image in zip(together, images, strict=True):
        assert len(one.scores)
        same(one, detector.detect([image])[0])


def test_bfloat16_finds_what_can_be_read(detector):
    with torch.autocast("cpu", torch.bfloat16):
        found = detector.detect([torch.rand(3, 128, 96)])[0]
    assert len(found.scores)
    assert all(torch.isfinite(one.float()).all() for one in (found.boxes, found.scores, found.masks))


@pytest.mark.parametrize("size", [(128, 96), (301, 150), (64, 64), (40, 333)])
def test_detections_lie_on_the_image_whatever_its_size(detector, size):
    found = detector.detect([torch.rand(3, *size)])[0]
    count = len(found.scores)
    assert count
    assert found.boxes.shape == (count, 4)
    assert found.masks.shape[0] == count
    assert found.masks.shape[1] == found.masks.shape[2] >= 28
    assert float(found.masks.min()) >= 0
    assert float(found.masks.max()) <= 1
    assert (found.boxes >= -1e-3).all()
    assert (found.boxes[:, 2:] <= torch.tensor([size[1], size[0]]) + 1e-3).all()
    assert (found.labels >= 1).all()
    assert (found.labels <= 6).all()
    assert (found.scores.diff() <= 0).all()


def test_masks_come_back_in_film_pixels(coarse_films, name, detector):
    film = read_film(find_films([coarse_films])[0])
    image, scale = network_image(film_to_grey(film), SIZE)
    raw = detector.detect([torch.from_numpy(image)[None].expand(3, -1, -1)])[0]
    # A mask of ones is its box, so that the outline has to be the box in film pixels.
    solid = replace(raw, masks=torch.ones_like(raw.masks))
    shapes = predict(film, LoadedModel(card_of(name), TorchRunner(Told(detector.network, solid))), floor=0.0).shapes
    assert len(shapes) == len(raw.scores)
    boxes = raw.boxes.double().numpy() * np.array([*scale, *scale])
    for shape, (x0, y0, x1, y1) in zip(shapes, boxes, strict=True):
        expected = Polygon(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
        assert polygon_iou(shape.polygon, expected) > 0.9


def test_a_card_brings_back_the_same_detector(name, detector, tmp_path):
    card = save_weights(tmp_path, card_of(name), detector.network.state_dict())
    again = load_detector(card, read_card(card))
    rounded = build(name)
    rounded.network.load_state_dict(load_weights(card, read_card(card)))
    image = image_and_target()[0]
    same(again.detect([image])[0], rounded.detect([image])[0], 1e-6)
    fresh = build(name)
    initialise(fresh, TrainConfig(model=name, init=str(card)))
    same(again.detect([image])[0], fresh.detect([image])[0], 1e-6)


def test_labels_are_selected_by_name_from_a_card(name, detector, tmp_path):
    card = save_weights(tmp_path, card_of(name), detector.network.state_dict())
    fewer = build(name, labels=2)
    initialise(fewer, TrainConfig(model=name, init=str(card), labels=("L1", "T12")))
    image = image_and_target()[0]
    had, has = load_detector(card, read_card(card)).network, fewer.network
    had.eval()
    has.eval()
    old, new = (dict(network.named_parameters()) for network in (had, has))
    changed = {key for key in new if new[key].shape != old[key].shape}
    assert changed
    same_rows = [key for key in new if key not in changed]
    assert all(torch.equal(old[key], new[key]) for key in same_rows)
    assert len(fewer.detect([image])[0].labels.unique()) <= 2
    assert all(bool(torch.isin(new[key], old[key]).all()) for key in changed)


def test_intact_bodies_are_learned_by_name_and_not_reported(name):
    torch.manual_seed(0)
    options = {"short_side": SIZE[0], "long_side": SIZE[1], **SMALL[name]}
    plain, both = (load_family(name).build(2, {**options, "intact": intact}) for intact in (False, True))
    had, has = (one.network.state_dict() for one in (plain, both))
    rows = {key: len(has[key]) - len(had[key]) for key in had if has[key].shape != had[key].shape}
    assert rows
    assert all(more % len(INTACT_BODIES) == 0 for more in rows.values())
    image, target = image_and_target()
    last = replace(target, labels=torch.tensor([2 + len(INTACT_BODIES)]))
    assert np.isfinite(float(total_of(both, [image] * 2, [target, last]).detach()))
    both.network.load_state_dict(select_labels(had, ("L1", "L2"), ("L1", "L2", *INTACT_BODIES), has))
    for network in (plain.network, both.network):
        network.eval()
    found = both.detect([image])[0]
    assert len(found.boxes)
    assert set(found.labels.tolist()) <= {1, 2}


@pytest.mark.parametrize("name", RESNETS, indirect=True)
def test_an_imagenet_resnet_fills_the_backbone(name, tmp_path):
    from safetensors.torch import save_file
    from torchvision.models import resnet18

    state = resnet18(weights=None).state_dict()
    save_file(state, tmp_path / "resnet18.safetensors")
    detector = build(name)
    initialise(detector, TrainConfig(model=name, init=str(tmp_path / "resnet18.safetensors")))
    own = detector.network.state_dict()
    filled = [key for key in state if not key.startswith("fc.") and f"backbone.body.{key}" in own]
    assert len(filled) == len(state) - 2
    assert all(torch.equal(own[f"backbone.body.{key}"], state[key]) for key in filled)


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(coarse_films, name, tmp_path):
    config = TrainConfig(model=name, options=SMALL[name], input_size=(64, 96), epochs=1, warmup_steps=2,
                         checkpoint_every=99, normals=False)  # fmt: skip
    examples = find_examples(coarse_films)
    expected = []
    whole = train(config, examples, tmp_path / "whole", lambda report: expected.append(report.losses))
    token, told = CancelToken(), []

    def stop_after_one(report):
        told.append(report.losses)
        token.cancel()

    with pytest.raises(Cancelled):
        train(config, examples, tmp_path / "stopped", stop_after_one, token)
    stopped = train(config, examples, tmp_path / "stopped", lambda report: told.append(report.losses))
    assert len(expected) == 3
    for one, two in zip(expected, told, strict=True):
        assert two == pytest.approx(one, rel=1e-4, abs=1e-6)
    one, two = (load_weights(card, read_card(card)) for card in (whole, stopped))
    assert all(torch.allclose(one[key], two[key], atol=1e-3) for key in one)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_processes_train_one_network(coarse_films, name, tmp_path):
    out = tmp_path / "two"
    options = json.dumps(dict(SMALL[name]))
    settings = (f"model={name}", f"options={options}", "input_size=[64, 96]", "epochs=1", "batch_size=2")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "engine",
               "train", str(coarse_films), "--out", str(out), "--json", "--set", *settings]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    steps = [one for one in map(json.loads, filter(None, done.stdout.splitlines())) if one["event"] == "step"]
    assert len(steps) == 2
    assert load_weights(out / "two.card.json", read_card(out / "two.card.json"))


BY_HEART = MappingProxyType({
    "cascade_mask_rcnn": {"epochs": 20, "learning_rate": 2e-4, "options": {
        "depth": 50, "proposals_train": 200, "rois_per_image": 64, "proposals_test": 200}},
    "yolact": {"epochs": 32, "learning_rate": 3e-4, "options": {"depth": 50, "size": 256}},
    "yolov5_seg_n": {"init": "", "epochs": 120, "learning_rate": 2e-3, "input_size": (192, 256), "batch_size": 4,
                     "precision": "float32"},
})  # fmt: skip
"""How a family is trained until it knows eight films."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", sorted(BY_HEART))
def test_eight_films_are_learned_by_heart(coarse_films, name, tmp_path):
    bundled = weights_dir() / "mask_rcnn_r101.card.json"
    still = Augmentation(flip=0.0, rotation=0.0, rotation_share=0.0)
    common = {"init": str(bundled), "input_size": (160, 256), "batch_size": 2, "optimiser": "adamw",
              "schedule": "cosine", "warmup_steps": 5, "precision": "bfloat16", "augmentation": still}  # fmt: skip
    config = TrainConfig(model=name, **{**common, **BY_HEART[name]})
    examples = find_examples(coarse_films)
    model = load_model(train(config, examples, tmp_path / name, lambda _report: None))
    records = [FilmRecord(one.film.name, one.patient, one.size, one.shapes,
                          predict(read_film(one.film), model, floor=0.001).shapes) for one in examples]  # fmt: skip
    found = evaluate(records, score_threshold=0.5, bootstrap_replicates=20)
    assert found.fractures == 6
    assert found.ap["mask AP50"]["all"].value >= 0.95
