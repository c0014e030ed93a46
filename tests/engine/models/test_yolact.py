import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from engine.errors import ConfigError
from engine.models import load_family
from engine.models._anchors import decode, encode, fast_nms, fast_nms_across, make_anchors, match_anchors
from engine.models._public_keys import from_yolact
from engine.models._yolact_loss import Answers, SquareTarget, inside, yolact_losses
from engine.models.yolact import ANCHOR_SIDES, DEFAULTS, RELEASED, YolactDetector, mix
from engine.starting import initialise
from engine.train import TrainConfig
from engine.weights import save_weights

SMALL = {"depth": 18, "size": 96}
CPU = torch.device("cpu")
RATIOS = DEFAULTS["ratios"]


@pytest.mark.parametrize(
    ("depth", "labels", "count"),
    [(50, 80, 31_164_943), (50, 6, 30_634_215), (101, 80, 50_157_071), (101, 6, 49_626_343)],
)
def test_parameter_counts_are_those_published(depth, labels, count):
    with torch.device("meta"):
        network = YolactDetector(labels, {"depth": depth}).network
    assert sum(value.numel() for value in network.parameters()) == count


def test_unknown_options_are_refused():
    with pytest.raises(ConfigError, match="no option"):
        YolactDetector(6, {"sise": 550})
    with pytest.raises(ConfigError, match="3 anchors a cell"):
        YolactDetector(6, {"ratios": (1.0, 2.0)})


def test_a_film_of_550_px_has_19248_anchors_and_prototypes_of_138_cells():
    with torch.device("meta"):
        network = YolactDetector(6, {"depth": 50}).network
        answers = network(torch.zeros(1, 3, 550, 550))
    assert answers.offsets.shape == (1, 19_248, 4)
    assert answers.scores.shape == (1, 19_248, 7)
    assert answers.coefficients.shape == (1, 19_248, 32)
    assert answers.anchors.shape == (19_248, 4)
    assert answers.prototypes.shape == (1, 32, 138, 138)
    assert answers.semantic.shape == (1, 6, 69, 69)


def test_anchors_have_the_sides_and_ratios_of_the_paper_and_squares_where_asked():
    anchors = make_anchors([(2, 3), (1, 1)], (0.1, 0.4), RATIOS, False, CPU)
    assert anchors.shape == (21, 4)
    assert anchors[:3, :2].tolist() == [pytest.approx([1 / 6, 1 / 4])] * 3
    assert anchors[3, :2].tolist() == pytest.approx([3 / 6, 1 / 4])
    assert anchors[9, :2].tolist() == pytest.approx([1 / 6, 3 / 4])
    sizes = anchors[:3, 2:]
    assert sizes.prod(dim=1).tolist() == pytest.approx([0.01] * 3)
    assert (sizes[:, 0] / sizes[:, 1]).tolist() == pytest.approx([1, 0.5, 2])
    square = make_anchors([(1, 1)], (0.1,), RATIOS, True, CPU)[:, 2:]
    assert square.tolist() == [pytest.approx([0.1 * math.sqrt(ratio)] * 2) for ratio in RATIOS]
    assert [side * 550 for side in ANCHOR_SIDES] == pytest.approx([24, 48, 96, 192, 384])


def test_offsets_lead_from_anchors_to_boxes_and_back():
    anchors = torch.tensor([[0.5, 0.5, 0.2, 0.1], [0.2, 0.3, 0.1, 0.4]])
    boxes = torch.tensor([[0.45, 0.4, 0.6, 0.55], [0.1, 0.2, 0.3, 0.5]])
    offsets = encode(boxes, anchors)
    assert offsets[0].tolist() == pytest.approx(
        [0.025 / 0.02, -0.025 / 0.01, math.log(0.75) / 0.2, math.log(1.5) / 0.2], rel=1e-4
    )
    assert torch.allclose(decode(offsets, anchors), boxes, atol=1e-6)


def test_anchors_stand_for_a_vertebra_for_nothing_or_for_neither():
    truth = torch.tensor([[0.0, 0.0, 0.4, 0.4]])
    widths = torch.tensor([0.4, 0.22, 0.18, 0.1])
    anchors = torch.stack([widths / 2, torch.full((4,), 0.2), widths, torch.full((4,), 0.4)], dim=1)
    matched = match_anchors(truth, torch.tensor([5]), anchors)
    assert matched.labels.tolist() == [5, 5, -1, 0]


def test_every_vertebra_gets_an_anchor_of_its_own():
    anchors = torch.tensor([[0.5, 0.5, 0.2, 0.2], [0.9, 0.9, 0.1, 0.1]])
    small = torch.tensor([[0.45, 0.45, 0.5, 0.5], [0.5, 0.5, 0.56, 0.56]])
    matched = match_anchors(small, torch.tensor([2, 3]), anchors)
    assert matched.labels.tolist() == [2, 3] or matched.labels.tolist() == [3, 2]
    assert match_anchors(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), anchors).labels.tolist() == [0, 0]


def test_fast_nms_drops_what_a_dropped_box_overlaps_too():
    boxes = torch.tensor([[0.0, 0, 0.4, 0.4], [0.1, 0, 0.5, 0.4], [0.2, 0, 0.6, 0.4], [0.7, 0.7, 0.9, 0.9]])
    scores = torch.tensor([[0.9, 0.0], [0.8, 0.0], [0.7, 0.0], [0.2, 0.6]])
    kept, labels = fast_nms(boxes, scores, 0.05, 0.5, 200)
    assert list(zip(kept.tolist(), labels.tolist(), strict=True)) == [(0, 1), (3, 2), (3, 1)]
    kept, labels = fast_nms_across(boxes, scores, 0.05, 0.5, 200)
    assert list(zip(kept.tolist(), labels.tolist(), strict=True)) == [(0, 1), (3, 2)]
    assert fast_nms(boxes, scores, 0.95, 0.5, 200)[0].tolist() == []
    assert fast_nms(boxes, scores, 0.05, 0.5, 1)[0].tolist() == [0, 3]


def test_one_place_has_one_level():
    torch.manual_seed(0)
    detector = YolactDetector(6, SMALL)
    found = detector.detect([torch.rand(3, 128, 96)])[0].boxes
    x0 = torch.maximum(found[:, None, :2], found[None, :, :2])
    x1 = torch.minimum(found[:, None, 2:], found[None, :, 2:])
    shared = (x1 - x0).clamp(min=0).prod(dim=2)
    area = (found[:, 2:] - found[:, :2]).prod(dim=1)
    overlap = (shared / (area[:, None] + area[None] - shared)).fill_diagonal_(0)
    inner = (found[:, :2] > 0).all(dim=1) & (found[:, 2:] < torch.tensor([96.0, 128.0])).all(dim=1)
    assert int(inner.sum()) > 3
    assert float(overlap[inner][:, inner].max()) <= 0.5 + 1e-5


def test_masks_cover_their_boxes_evenly():
    y, x = torch.meshgrid((torch.arange(64) + 0.5) / 64, (torch.arange(64) + 0.5) / 64, indexing="ij")
    prototypes = torch.zeros(32, 64, 64)
    prototypes[3], prototypes[5] = x, y
    coefficients = torch.zeros(2, 32)
    coefficients[0, 3], coefficients[1, 5] = 0.8, -0.4
    boxes = torch.tensor([[0.25, 0.25, 0.75, 0.5], [0.1, 0.2, 0.9, 0.8]])
    masks = mix(prototypes, coefficients, boxes, 20)
    assert masks.shape == (2, 20, 20)
    middle = (torch.arange(20) + 0.5) / 20
    assert torch.allclose(masks[0, 7], torch.sigmoid(0.8 * (0.25 + 0.5 * middle)), atol=1e-3)
    assert torch.allclose(masks[1, :, 4], torch.sigmoid(-0.4 * (0.2 + 0.6 * middle)), atol=1e-3)


# Losses, on answers written by hand: four anchors, two labels, prototypes of 8 x 8.

ANCHORS = torch.tensor([[0.25, 0.25, 0.5, 0.5], [0.75, 0.75, 0.5, 0.5], [0.75, 0.25, 0.5, 0.5], [0.25, 0.75, 0.5, 0.5]])
CORNER = SquareTarget(
    torch.tensor([[0.0, 0.0, 0.5, 0.5]]), torch.tensor([2]),
    functional.pad(torch.ones(1, 16, 16, dtype=torch.uint8), (0, 16, 0, 16)),
)  # fmt: skip
NOTHING = SquareTarget(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), torch.zeros(0, 32, 32))


def answers_of(images=1):
    return Answers(
        torch.zeros(images, 4, 4, requires_grad=True), torch.zeros(images, 4, 3, requires_grad=True),
        torch.zeros(images, 4, 32, requires_grad=True), torch.ones(images, 32, 8, 8, requires_grad=True),
        torch.zeros(images, 2, 4, 4, requires_grad=True), ANCHORS,
    )  # fmt: skip


def values_of(answers, targets, in_place=0):
    return {key: value.detach() for key, value in yolact_losses(answers, targets, in_place).items()}


def test_losses_are_those_of_the_paper_by_hand():
    losses = values_of(answers_of(), [CORNER])
    assert float(losses["loss_class"]) == pytest.approx(4 * math.log(3), rel=1e-5)
    assert float(losses["loss_box"]) == 0
    assert float(losses["loss_mask"]) == pytest.approx(6.125 * math.log(2), rel=1e-5)
    assert float(losses["loss_semantic"]) == pytest.approx(2 * math.log(2), rel=1e-5)


def test_boxes_weigh_one_and_a_half_and_are_counted_a_positive():
    answers = answers_of(2)
    moved = torch.zeros(2, 4, 4)
    moved[0, 0] = torch.tensor([3.0, 0.5, 0.0, 0.0])
    moved[0, 1] = 9.0
    answers = replace(answers, offsets=moved)
    losses = values_of(answers, [CORNER, CORNER])
    assert float(losses["loss_box"]) == pytest.approx(1.5 * (2.5 + 0.125) / 2)


def test_a_mask_is_learned_inside_its_box_only():
    answers = answers_of()
    losses = yolact_losses(answers, [CORNER], 0)
    (below,) = torch.autograd.grad(losses["loss_mask"], [answers.coefficients])
    assert float(below[0, 0].abs().sum()) > 0
    assert float(below[0, 1:].abs().sum()) == 0
    cells = inside(torch.tensor([[0.5, 2.0, 3.2, 4.0]]), (5, 6))[0]
    assert cells.nonzero().tolist() == [[row, column] for row in (2, 3) for column in (0, 1, 2, 3)]


def test_three_hardest_backgrounds_learn_for_each_positive():
    anchors = torch.cat([ANCHORS, torch.tensor([[0.7, 0.7, 0.1, 0.1]] * 6)])
    torch.manual_seed(0)
    scores = torch.randn(1, 10, 3).requires_grad_()
    answers = Answers(torch.zeros(1, 10, 4), scores, torch.zeros(1, 10, 32), torch.ones(1, 32, 8, 8),
                      torch.zeros(1, 2, 4, 4), anchors)  # fmt: skip
    (learned,) = torch.autograd.grad(yolact_losses(answers, [CORNER], 0)["loss_class"], [scores])
    touched = torch.nonzero(learned[0].abs().sum(dim=1)).squeeze(1).tolist()
    background = torch.softmax(scores[0], dim=1)[1:, 0]
    assert touched == sorted([0, *(background.argsort()[:3] + 1).tolist()])


def test_a_film_without_findings_teaches_background_where_asked():
    assert values_of(answers_of(), [CORNER], 8) == values_of(answers_of(), [CORNER], 0)
    assert float(values_of(answers_of(), [NOTHING])["loss_class"]) == 0
    losses = values_of(answers_of(2), [CORNER, NOTHING], 1)
    assert float(losses["loss_class"]) == pytest.approx((4 + 3) * math.log(3) / 2, rel=1e-5)
    alone = yolact_losses(answers_of(), [NOTHING], 8)
    assert float(alone["loss_class"].detach()) == pytest.approx(4 * math.log(3) / 8, rel=1e-5)
    torch.stack(list(alone.values())).sum().backward()


def test_a_mask_rcnn_card_gives_its_backbone_and_the_pyramids_lower_filters(tmp_path):
    from tiny_model import make_tiny_card

    from engine.weights import load_weights, read_card

    card = make_tiny_card(tmp_path)
    had = load_weights(card, read_card(card))
    detector = YolactDetector(6, SMALL)
    initialise(detector, TrainConfig(model="yolact", init=str(card)))
    own = detector.network.state_dict()
    for key in ("backbone.body.layer4.1.conv2.weight", "backbone.fpn.inner_blocks.1.0.weight",
                "backbone.fpn.layer_blocks.3.0.bias"):  # fmt: skip
        assert torch.equal(own[key], had[key])
    assert save_weights(tmp_path / "again", read_card(card), own).exists()


# The public state dict: names and shapes as the authors write them, and what its layers compute, by hand.


def layer_of(state, name, *shape, bias=True):
    state[f"{name}.weight"] = torch.randn(*shape) / math.sqrt(math.prod(shape[1:]))
    if bias:
        state[f"{name}.bias"] = torch.randn(shape[0]) * 0.1


def norm_of(state, name, channels):
    state[f"{name}.weight"], state[f"{name}.bias"] = torch.rand(channels) + 0.5, torch.randn(channels) * 0.1
    state[f"{name}.running_mean"], state[f"{name}.running_var"] = (
        torch.randn(channels) * 0.1,
        torch.rand(channels) + 0.5,
    )
    state[f"{name}.num_batches_tracked"] = torch.tensor(1)


@pytest.fixture(scope="module")
def public():
    torch.manual_seed(0)
    state = {}
    layer_of(state, "backbone.conv1", 64, 3, 7, 7, bias=False)
    norm_of(state, "backbone.bn1", 64)
    last = 64
    for stage, (blocks, inner) in enumerate(zip((3, 4, 6, 3), (64, 128, 256, 512), strict=True)):
        for block in range(blocks):
            name = f"backbone.layers.{stage}.{block}"
            shapes = ((inner, last, 1), (inner, inner, 3), (4 * inner, inner, 1))
            for number, (out, into, size) in enumerate(shapes, 1):
                layer_of(state, f"{name}.conv{number}", out, into, size, size, bias=False)
                norm_of(state, f"{name}.bn{number}", out)
            if block == 0:
                layer_of(state, f"{name}.downsample.0", 4 * inner, last, 1, 1, bias=False)
                norm_of(state, f"{name}.downsample.1", 4 * inner)
            last = 4 * inner
    for number, channels in enumerate((2048, 1024, 512)):
        layer_of(state, f"fpn.lat_layers.{number}", 256, channels, 1, 1)
        layer_of(state, f"fpn.pred_layers.{number}", 256, 256, 3, 3)
    for number in range(2):
        layer_of(state, f"fpn.downsample_layers.{number}", 256, 256, 3, 3)
    for number in (0, 2, 4, 8):
        layer_of(state, f"proto_net.{number}", 256, 256, 3, 3)
    layer_of(state, "proto_net.10", 32, 256, 1, 1)
    layer_of(state, "prediction_layers.0.upfeature.0", 256, 256, 3, 3)
    for name, rows in (("bbox", 4), ("conf", 81), ("mask", 32)):
        layer_of(state, f"prediction_layers.0.{name}_layer", 3 * rows, 256, 3, 3)
    layer_of(state, "semantic_seg_conv", 80, 256, 1, 1)
    return {**state, "backbone.layer1.0.conv1.weight": torch.zeros(1)}  # a double, as older files have


def filtered(state, name, value, norm="", **how):
    value = functional.conv2d(value, state[f"{name}.weight"], state.get(f"{name}.bias"), **how)
    if not norm:
        return value
    parts = ("running_mean", "running_var", "weight", "bias")
    return functional.batch_norm(value, *(state[f"{norm}.{part}"] for part in parts), eps=1e-5)


def levels_by_hand(state, value):
    value = functional.relu(filtered(state, "backbone.conv1", value, "backbone.bn1", stride=2, padding=3))
    value, stages = functional.max_pool2d(value, 3, stride=2, padding=1), []
    for stage, blocks in enumerate((3, 4, 6, 3)):
        for block in range(blocks):
            name, stride = f"backbone.layers.{stage}.{block}", 2 if block == 0 and stage else 1
            inner = functional.relu(filtered(state, f"{name}.conv1", value, f"{name}.bn1"))
            inner = functional.relu(filtered(state, f"{name}.conv2", inner, f"{name}.bn2", stride=stride, padding=1))
            inner = filtered(state, f"{name}.conv3", inner, f"{name}.bn3")
            first = f"{name}.downsample"
            side = filtered(state, f"{first}.0", value, f"{first}.1", stride=stride) if block == 0 else value
            value = functional.relu(inner + side)
        stages.append(value)
    levels, above = [], None
    for number, stage in enumerate((3, 2, 1)):  # lat_layers.0 belongs to the deepest stage
        side = filtered(state, f"fpn.lat_layers.{number}", stages[stage])
        if above is not None:
            side = side + functional.interpolate(above, side.shape[-2:], mode="bilinear", align_corners=False)
        above = side
        levels.insert(0, functional.relu(filtered(state, f"fpn.pred_layers.{number}", above, padding=1)))
    for number in range(2):
        levels.append(filtered(state, f"fpn.downsample_layers.{number}", levels[-1], stride=2, padding=1))
    return levels


@torch.no_grad()
def test_public_weights_compute_the_same_here(public):
    detector = load_family("yolact").build(80, {**RELEASED, "depth": 50, "size": 90})
    network = detector.network.eval()
    network.load_state_dict(from_yolact(public))
    image = torch.rand(3, 90, 90)
    mean, std = (torch.tensor(values).reshape(3, 1, 1) for values in ((123.68, 116.78, 103.94), (58.40, 57.12, 57.38)))
    given = (image * 255 - mean) / std
    assert torch.allclose(detector._warped([image])[0], given, atol=1e-4)
    answers, levels = network(given[None]), levels_by_hand(public, given[None])
    assert [level.shape[2] for level in levels] == [12, 6, 3, 2, 1]
    hidden = levels[0]
    for number in (0, 2, 4):
        hidden = functional.relu(filtered(public, f"proto_net.{number}", hidden, padding=1))
    hidden = functional.interpolate(hidden, scale_factor=2, mode="bilinear", align_corners=False)
    hidden = functional.relu(filtered(public, "proto_net.8", hidden, padding=1))
    expected = [functional.relu(filtered(public, "proto_net.10", hidden))]
    for name, rows in (("bbox", 4), ("conf", 81), ("mask", 32)):
        told = []
        for level in levels:
            tower = functional.relu(filtered(public, "prediction_layers.0.upfeature.0", level, padding=1))
            one = filtered(public, f"prediction_layers.0.{name}_layer", tower, padding=1)
            told.append(one.permute(0, 2, 3, 1).reshape(1, -1, rows))
        expected.append(torch.cat(told, dim=1))
    expected[3] = torch.tanh(expected[3])
    found = (answers.prototypes, answers.offsets, answers.scores, answers.coefficients)
    for one, two in zip(found, expected, strict=True):
        assert one.shape == two.shape
        assert torch.allclose(one, two, atol=1e-3 * max(1.0, float(two.abs().max())))
    semantic = filtered(public, "semantic_seg_conv", levels[0])
    assert torch.allclose(answers.semantic, semantic, atol=1e-3 * float(semantic.abs().max()))
