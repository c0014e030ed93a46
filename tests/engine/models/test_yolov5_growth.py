"""A larger YOLOv5-seg grown from a smaller one: it says the same, its copied channels learn apart, its new ones too."""

import copy
from dataclasses import replace

import pytest
import torch
from tiny_model import make_tiny_card
from torch import nn

from engine.domain.case import ModelCard
from engine.models import load_family
from engine.models._yolov5_growth import grow_yolov5
from engine.models._yolov5_network import SIZES, YoloV5Seg
from engine.starting import initialise
from engine.train import TrainConfig
from engine.weights import read_card, save_weights

LABELS = ("L1", "L2", "L3", "L4", "T11", "T12")


@pytest.fixture(scope="module")
def images():
    return torch.rand(4, 3, 96, 128, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def small(images):
    """Size n, with BatchNorms that do something, whose statistics are those of the images."""
    torch.manual_seed(0)
    network = YoloV5Seg(SIZES["n"], len(LABELS))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    with torch.no_grad():
        for _ in range(120):
            network(images)
    return network.eval()


def grown(small, size):
    network = YoloV5Seg(SIZES[size], len(LABELS))
    state = grow_yolov5(small.state_dict(), network)
    network.load_state_dict(state)
    return network.eval()


def answers(network, images):
    with torch.no_grad():
        scales, prototypes = copy.deepcopy(network)(images)
    return [*scales, prototypes]


@pytest.mark.parametrize("size", ["s", "m", "l", "x"])
def test_it_predicts_what_the_smaller_one_did(small, images, size):
    for before, after in zip(answers(small, images), answers(grown(small, size), images), strict=True):
        assert (before - after).abs().max() < 0.1 * before.std()


def test_it_starts_its_training_from_there(small, images):
    large = grown(small, "m").train()
    for before, after in zip(answers(copy.deepcopy(small).train(), images), answers(large, images), strict=True):
        assert (before - after).std() < 0.2 * before.std()


def test_it_grows_again(small, images):
    again = grown(grown(small, "m"), "l")
    for before, after in zip(answers(small, images), answers(again, images), strict=True):
        assert (before - after).abs().max() < 0.1 * before.std()


def test_copies_learn_apart_and_what_was_added_learns(small, images):
    large = grown(small, "m").train()
    before = copy.deepcopy(large.state_dict())
    scales, prototypes = large(images)
    (sum(one.square().mean() for one in scales) + prototypes.square().mean()).backward()
    with torch.no_grad():
        for value in large.parameters():
            value -= 0.01 * value.grad
    stem = large.state_dict()["backbone.stem.conv.weight"]
    half = len(stem) // 3
    assert torch.equal(before["backbone.stem.conv.weight"][:half], before["backbone.stem.conv.weight"][2 * half :])
    assert not torch.allclose(stem[:half], stem[2 * half :], atol=1e-7)
    added = [key for key in before if key not in small.state_dict() and key.endswith("norm.weight")]
    # Seven more bottlenecks in the backbone, four in the neck, two layers each.
    assert len(added) == 22
    # One with a shortcut has its first layer behind one that gives nothing yet; that learns a step later.
    late = {key for key in added if key.startswith("backbone.") and ".first." in key}
    assert len(late) == 7
    for key in set(added) - late:
        assert not torch.equal(before[key], large.state_dict()[key]), key


def test_a_card_of_a_smaller_size_starts_a_training_and_one_of_a_larger_size_gives_nothing(small, images, tmp_path):
    like = read_card(make_tiny_card(tmp_path / "like"))
    card: ModelCard = replace(like, model="yolov5_seg_n", labels=LABELS, options={}, name="n")
    path = save_weights(tmp_path / "n", card, small.state_dict())
    config = TrainConfig(model="yolov5_seg_s", labels=LABELS, init=str(path))
    detector = load_family("yolov5_seg_s").build(len(LABELS), {})
    initialise(detector, config)
    # The card holds float16.
    for before, after in zip(answers(small, images), answers(detector.network.eval(), images), strict=True):
        assert (before - after).abs().max() < 0.1 * before.std()
    shrunk = YoloV5Seg(SIZES["n"], len(LABELS))
    state = detector.network.state_dict()
    assert grow_yolov5(state, shrunk).keys() == state.keys()
    assert all(torch.equal(value, state[key]) for key, value in grow_yolov5(state, shrunk).items())
