"""Layers, counts and names of YOLOv5-seg, against published numbers and values computed by hand."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from engine.errors import WeightsError
from engine.models import load_family
from engine.models._growth import select_labels
from engine.models._yolov5_network import (
    ANCHORS,
    C3,
    SIZES,
    STRIDES,
    Bottleneck,
    ConvUnit,
    PrototypeBranch,
    PyramidPooling,
    YoloV5Seg,
    decode_boxes,
    fold_norms,
)
from engine.models._yolov5_public import from_public
from engine.starting import initialise
from engine.train import TrainConfig
from engine.weights import load_tensors

# Size, labels, parameters, parameters with BatchNorm folded, 2 x MAC of convolutions at 640 x 640, in 1e9.
PUBLISHED = (
    ("n", 80, 1_991_549, 1_986_637, 7.07),
    ("n", 6, 1_891_427, 1_886_515, 6.75),
    ("s", 80, 7_621_277, 7_611_485, 26.36),
    ("s", 6, 7_421_699, 7_411_907, 25.72),
    ("m", 80, 21_990_397, 21_971_597, 70.83),
    ("m", 6, 21_691_363, 21_672_563, 69.88),
    ("l", 80, 47_924_957, 47_894_397, 147.71),
    ("l", 6, 47_526_467, 47_495_907, 146.44),
    ("x", 80, 88_819_517, 88_774_445, 265.64),
    ("x", 6, 88_321_571, 88_276_499, 264.05),
)
# Size n for 80 labels by public layer number: a convolution (outputs, inputs, kernel), or a block and its numbers.
CONVOLUTIONS = {
    "0": (16, 3, 6), "1": (32, 16, 3), "3": (64, 32, 3), "5": (128, 64, 3), "7": (256, 128, 3),
    "9.cv1": (128, 256, 1), "9.cv2": (256, 512, 1), "10": (128, 256, 1), "14": (64, 128, 1), "18": (64, 64, 3),
    "21": (128, 128, 3), "24.proto.cv1": (64, 64, 3), "24.proto.cv2": (64, 64, 3), "24.proto.cv3": (32, 64, 1),
}  # fmt: skip
C3_BLOCKS = {"2": (32, 32, 1), "4": (64, 64, 2), "6": (128, 128, 3), "8": (256, 256, 1), "13": (256, 128, 1),
             "17": (128, 64, 1), "20": (128, 128, 1), "23": (256, 256, 1)}  # fmt: skip


def parameters(network):
    return sum(value.numel() for value in network.parameters())


@pytest.mark.parametrize(("size", "labels", "count", "folded_count", "giga"), PUBLISHED)
def test_parameters_and_operations_are_those_published(size, labels, count, folded_count, giga):
    with torch.device("meta"):
        network = load_family(f"yolov5_seg_{size}").build(labels, {}).network
        folded = fold_norms(network)
        with FlopCounterMode(display=False) as counter:
            folded(torch.zeros(1, 3, 640, 640))
    assert parameters(network) == count
    assert parameters(folded) == folded_count
    assert counter.get_total_flops() / 1e9 == pytest.approx(giga, rel=0.005)


@pytest.mark.parametrize(("size", "norms"), [("n", 60), ("s", 60), ("m", 82), ("l", 104), ("x", 126)])
def test_each_norm_has_the_familys_own_terms(size, norms):
    with torch.device("meta"):
        network = YoloV5Seg(SIZES[size], 6)
    found = [one for one in network.modules() if isinstance(one, torch.nn.BatchNorm2d)]
    assert len(found) == norms
    assert {(one.eps, one.momentum) for one in found} == {(1e-3, 0.03)}


def test_640_px_give_25200_predictions_and_prototypes_of_160():
    with torch.device("meta"):
        scales, prototypes = YoloV5Seg(SIZES["n"], 6)(torch.zeros(1, 3, 640, 640))
    assert sum(scale[0, ..., 0].numel() for scale in scales) == 25_200
    assert prototypes.shape == (1, 32, 160, 160)


def test_few_objects_are_expected_at_first():
    head = YoloV5Seg(SIZES["n"], 6).head
    for predict, stride in zip(head.predict, STRIDES, strict=True):
        bias = predict.bias.detach().view(3, 5 + 6 + 32)
        cells = (640 / stride) ** 2
        assert bias[:, 4].exp().numpy() == pytest.approx(8 / cells, rel=1e-5)
        assert bias[:, 5:11].exp().numpy() == pytest.approx(0.6 / 5.00001, rel=1e-5)


# What a layer does, computed by plain loops over numpy arrays from the public state dict.


def by_hand(state, name, x, stride=1, padding=None):
    weight = state[f"{name}.conv.weight"].double().numpy()
    outputs, _inputs, kernel, _kernel = weight.shape
    around = kernel // 2 if padding is None else padding
    padded = np.pad(x, ((0, 0), (around, around), (around, around)))
    rows, columns = (1 + (side + 2 * around - kernel) // stride for side in x.shape[1:])
    y = np.zeros((outputs, rows, columns))
    for row in range(rows):
        for column in range(columns):
            seen = padded[:, row * stride : row * stride + kernel, column * stride : column * stride + kernel]
            y[:, row, column] = (weight * seen).sum((1, 2, 3))
    mean, variance, scale, shift = (
        state[f"{name}.bn.{part}"].double().numpy()[:, None, None]
        for part in ("running_mean", "running_var", "weight", "bias")
    )
    z = (y - mean) / np.sqrt(variance + 0.001) * scale + shift
    return z / (1 + np.exp(-z))


def unit(name, outputs, inputs, kernel):
    return {
        f"model.{name}.conv.weight": torch.randn(outputs, inputs, kernel, kernel) / (inputs * kernel**2) ** 0.5,
        f"model.{name}.bn.weight": torch.rand(outputs) + 0.5,
        f"model.{name}.bn.bias": torch.randn(outputs) / 4,
        f"model.{name}.bn.running_mean": torch.randn(outputs) / 4,
        f"model.{name}.bn.running_var": torch.rand(outputs) + 0.5,
        f"model.{name}.bn.num_batches_tracked": torch.tensor(7),
    }


def c3(name, inputs, outputs, repeats):
    half = outputs // 2
    state = {**unit(f"{name}.cv1", half, inputs, 1), **unit(f"{name}.cv2", half, inputs, 1),
             **unit(f"{name}.cv3", outputs, 2 * half, 1)}  # fmt: skip
    for index in range(repeats):
        state |= unit(f"{name}.m.{index}.cv1", half, half, 1) | unit(f"{name}.m.{index}.cv2", half, half, 3)
    return state


def loaded(block, state, prefix):
    own = {key.removeprefix(f"{prefix}."): value for key, value in from_public(state).items()}
    block.load_state_dict(own, strict=True)
    return block.eval()


def assert_same(block, x, expected):
    with torch.no_grad():
        found = block(torch.from_numpy(x).float()[None])[0].numpy()
    assert found.shape == expected.shape
    assert found == pytest.approx(expected, abs=1e-5)


@pytest.fixture
def picture():
    torch.manual_seed(3)
    return np.random.default_rng(3).normal(size=(4, 6, 5))


def test_a_convolution_unit_by_hand(picture):
    state = unit("0", 2, 4, 6)
    assert_same(loaded(ConvUnit(4, 2, 6, 2, padding=2), state, "backbone.stem"), picture,
                by_hand(state, "model.0", picture, 2, 2))  # fmt: skip
    state = unit("1", 2, 4, 3)
    expected = by_hand(state, "model.1", picture, 2)
    assert_same(loaded(ConvUnit(4, 2, 3, 2), state, "backbone.stages.0.0"), picture, expected)


def test_one_value_through_a_unit_on_paper():
    state = {f"model.0.{key}": torch.tensor([value]) for key, value in
             (("bn.weight", 3.0), ("bn.bias", 1.0), ("bn.running_mean", 0.5), ("bn.running_var", 0.249))}  # fmt: skip
    state |= {"model.0.conv.weight": torch.full((1, 1, 1, 1), 2.0), "model.0.bn.num_batches_tracked": torch.tensor(0)}
    # 2 * 0.25 = 0.5; (0.5 - 0.5) / sqrt(0.25) * 3 + 1 = 1; silu(1) = 1 / (1 + 1 / e)
    block = loaded(ConvUnit(1, 1), state, "backbone.stem")
    assert block(torch.full((1, 1, 1, 1), 0.25)).item() == pytest.approx(0.7310586, abs=1e-6)


@pytest.mark.parametrize("shortcut", [True, False])
def test_a_bottleneck_by_hand(picture, shortcut):
    state = unit("2.m.0.cv1", 4, 4, 1) | unit("2.m.0.cv2", 4, 4, 3)
    expected = by_hand(state, "model.2.m.0.cv2", by_hand(state, "model.2.m.0.cv1", picture))
    block = loaded(Bottleneck(4, shortcut), state, "backbone.stages.0.1.inner.0")
    assert_same(block, picture, expected + picture if shortcut else expected)


def test_a_cross_stage_block_by_hand(picture):
    state = c3("13", 4, 4, 1)
    inner = by_hand(state, "model.13.m.0.cv1", by_hand(state, "model.13.cv1", picture))
    inner = by_hand(state, "model.13.m.0.cv2", inner)
    joined = np.concatenate([inner, by_hand(state, "model.13.cv2", picture)])
    expected = by_hand(state, "model.13.cv3", joined)
    assert_same(loaded(C3(4, 4, 1, shortcut=False), state, "neck.rising.0"), picture, expected)


def test_the_pyramid_pooling_by_hand(picture):
    state = unit("9.cv1", 2, 4, 1) | unit("9.cv2", 4, 8, 1)
    x = by_hand(state, "model.9.cv1", picture)
    pooled = [x]
    for reach in (2, 4, 6):
        largest = np.empty_like(x)
        for row in range(x.shape[1]):
            for column in range(x.shape[2]):
                seen = x[:, max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1]
                largest[:, row, column] = seen.max((1, 2))
        pooled.append(largest)
    expected = by_hand(state, "model.9.cv2", np.concatenate(pooled))
    assert_same(loaded(PyramidPooling(4), state, "backbone.pool"), picture, expected)


def test_the_prototypes_by_hand(picture):
    state = unit("24.proto.cv1", 2, 4, 3) | unit("24.proto.cv2", 2, 2, 3) | unit("24.proto.cv3", 32, 2, 1)
    doubled = by_hand(state, "model.24.proto.cv1", picture).repeat(2, axis=1).repeat(2, axis=2)
    expected = by_hand(state, "model.24.proto.cv3", by_hand(state, "model.24.proto.cv2", doubled))
    assert_same(loaded(PrototypeBranch(4, 2), state, "head.prototypes"), picture, expected)


def test_a_box_is_decoded_as_on_paper():
    # Logits 0: sigma 0.5, so the centre is half a cell in, the sides are the anchor's.
    box = decode_boxes(torch.zeros(1, 4), torch.tensor([[2, 3]]), torch.tensor([[10.0, 13.0]]), 8)
    assert box[0].tolist() == pytest.approx([20 - 5, 28 - 6.5, 20 + 5, 28 + 6.5])
    # sigma(ln 3) = 0.75: 1.5 - 0.5 = 1 cell on, 1.5^2 = 2.25 anchors wide.
    box = decode_boxes(torch.full((1, 4), 3.0).log(), torch.tensor([[2, 3]]), torch.tensor([[10.0, 13.0]]), 8)
    assert box[0].tolist() == pytest.approx([24 - 11.25, 32 - 14.625, 24 + 11.25, 32 + 14.625])


def public_state():
    """A public state dict of size n for 80 labels, random, BatchNorm statistics included."""
    state = {}
    for name, shape in CONVOLUTIONS.items():
        state |= unit(name, *shape)
    for name, shape in C3_BLOCKS.items():
        state |= c3(name, *shape)
    for index, width in enumerate((64, 128, 256)):
        state[f"model.24.m.{index}.weight"] = torch.randn(351, width, 1, 1) / width**0.5
        state[f"model.24.m.{index}.bias"] = torch.randn(351)
    state["model.24.anchors"] = torch.tensor(ANCHORS) / torch.tensor([8.0, 16.0, 32.0])[:, None, None]
    return state


def run_by_number(state, images):
    """The network as its public layer list reads, on the public state dict itself."""

    def conv(name, x, stride=1, padding=None):
        weight = state[f"model.{name}.conv.weight"]
        x = functional.conv2d(x, weight, None, stride, weight.shape[-1] // 2 if padding is None else padding)
        bn = [state[f"model.{name}.bn.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return functional.silu(functional.batch_norm(x, *bn, eps=1e-3))

    def block(name, x, shortcut):
        y = conv(f"{name}.cv1", x)
        for index in range(C3_BLOCKS[name][2]):
            z = conv(f"{name}.m.{index}.cv2", conv(f"{name}.m.{index}.cv1", y))
            y = y + z if shortcut else z
        return conv(f"{name}.cv3", torch.cat([y, conv(f"{name}.cv2", x)], 1))

    def up(x):
        return x.repeat_interleave(2, 2).repeat_interleave(2, 3)

    x2 = block("2", conv("1", conv("0", images, 2, 2), 2), True)
    x4 = block("4", conv("3", x2, 2), True)
    x6 = block("6", conv("5", x4, 2), True)
    y = conv("9.cv1", block("8", conv("7", x6, 2), True))
    x9 = conv("9.cv2", torch.cat([y, *(functional.max_pool2d(y, side, 1, side // 2) for side in (5, 9, 13))], 1))
    x10 = conv("10", x9)
    x14 = conv("14", block("13", torch.cat([up(x10), x6], 1), False))
    x17 = block("17", torch.cat([up(x14), x4], 1), False)
    x20 = block("20", torch.cat([conv("18", x17, 2), x14], 1), False)
    x23 = block("23", torch.cat([conv("21", x20, 2), x10], 1), False)
    raw = [
        functional.conv2d(x, state[f"model.24.m.{index}.weight"], state[f"model.24.m.{index}.bias"])
        for index, x in enumerate((x17, x20, x23))
    ]
    return raw, conv("24.proto.cv3", conv("24.proto.cv2", up(conv("24.proto.cv1", x17))))


def test_a_public_state_dict_fills_every_layer_and_gives_its_values():
    torch.manual_seed(0)
    state = public_state()
    network = YoloV5Seg(SIZES["n"], 80).eval()
    network.load_state_dict(from_public(state), strict=True)
    assert torch.equal(network.head.anchors, torch.tensor(ANCHORS).float())
    images = torch.rand(2, 3, 64, 96)
    with torch.no_grad():
        scales, prototypes = network(images)
        folded_scales, folded_prototypes = fold_norms(network)(images)
        raw, expected = run_by_number(state, images)
    torch.testing.assert_close(prototypes, expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(folded_prototypes, expected, atol=1e-4, rtol=1e-4)
    for scale, folded, flat in zip(scales, folded_scales, raw, strict=True):
        # Channel 117 a + t of the public convolution is term t of anchor a.
        for anchor in range(3):
            wanted = flat[:, 117 * anchor : 117 * (anchor + 1)].permute(0, 2, 3, 1)
            torch.testing.assert_close(scale[:, anchor], wanted, atol=1e-4, rtol=1e-4)
            torch.testing.assert_close(folded[:, anchor], wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", ["public.safetensors", "public.pt"])
def test_training_starts_from_public_weights_and_keeps_its_own_predictors(tmp_path, name):
    torch.manual_seed(0)
    state = {key: value.contiguous() for key, value in public_state().items()}
    if name.endswith(".pt"):
        torch.save(state, tmp_path / name)
    else:
        save_file(state, tmp_path / name)
    detector = load_family("yolov5_seg_n").build(6, {})
    fresh = detector.network.head.predict[0].weight.detach().clone()
    initialise(detector, TrainConfig(model="yolov5_seg_n", init=str(tmp_path / name)))
    own = detector.network.state_dict()
    assert torch.equal(own["backbone.stem.conv.weight"], state["model.0.conv.weight"])
    assert torch.equal(own["neck.falling.1.third.norm.running_var"], state["model.23.cv3.bn.running_var"])
    assert torch.equal(own["head.predict.0.weight"], fresh)


def test_a_file_of_pickled_objects_is_refused(tmp_path):
    torch.save({"model": torch.nn.Conv2d(1, 1, 1)}, tmp_path / "whole.pt")
    with pytest.raises(WeightsError, match="tensors only"):
        load_tensors(tmp_path / "whole.pt")
    torch.save({"epoch": 3}, tmp_path / "numbers.pt")
    with pytest.raises(WeightsError, match="no tensors by name"):
        load_tensors(tmp_path / "numbers.pt")


def test_labels_are_selected_by_name():
    state = YoloV5Seg(SIZES["n"], 3).state_dict()
    chosen = select_labels(state, ("L1 normal", "L1", "T12"), ("T12", "L1"))
    before = state["head.predict.1.weight"].view(3, 40, -1)
    after = chosen["head.predict.1.weight"].view(3, 39, -1)
    assert torch.equal(after[:, :5], before[:, :5])
    assert torch.equal(after[:, 5], before[:, 7])
    assert torch.equal(after[:, 6], before[:, 6])
    assert torch.equal(after[:, 7:], before[:, 8:])
    YoloV5Seg(SIZES["n"], 2).load_state_dict(chosen)


def test_labels_it_never_had_leave_the_predictors_fresh():
    state = YoloV5Seg(SIZES["n"], 3).state_dict()
    chosen = select_labels(state, ("L1", "L2", "L3"), ("L1", "T12"))
    assert not any(key.startswith("head.predict.") for key in chosen)
    assert "head.prototypes.third.conv.weight" in chosen
