import math

import pytest
import torch
from torch.nn import functional

from engine.errors import ConfigError
from engine.models import load_family
from engine.models._cascade import BoxStage, CascadeHeads, PyramidAlign
from engine.models._public_keys import from_detectron2
from engine.models.cascade_mask_rcnn import DEFAULTS, DETECTRON2, CascadeMaskRCNNDetector
from engine.starting import initialise
from engine.train import TrainConfig

SMALL = {"depth": 18, "short_side": 96, "long_side": 128, "rois_per_image": 32, "proposals_train": 50,
         "proposals_test": 20, "detections": 20}  # fmt: skip


@pytest.mark.parametrize(
    ("options", "labels", "count"),
    [
        ({"norm": "frozen", "depth": 50}, 80, 71_984_926),
        ({"norm": "frozen", "depth": 50}, 6, 71_738_358),
        ({"norm": "frozen"}, 80, 90_924_830),
        ({"norm": "frozen"}, 6, 90_678_262),
        ({}, 6, 90_678_262 + 105_344),
    ],
)
def test_parameter_counts_are_those_of_detectron2(options, labels, count):
    with torch.device("meta"):
        network = CascadeMaskRCNNDetector(labels, options).network
    assert sum(value.numel() for value in network.parameters()) == count


def test_unknown_options_are_refused():
    with pytest.raises(ConfigError, match="no option"):
        CascadeMaskRCNNDetector(6, {"stages": 4})


def ramp(stride, size=256):
    """A feature map that says at each cell where its middle lies, in px: x and y."""
    at = (torch.arange(size // stride) + 0.5) * stride
    return torch.stack([at[None].expand(len(at), -1), at[:, None].expand(-1, len(at))])[None]


@pytest.mark.parametrize("box", [(40.0, 60.0, 110.0, 95.0), (20.0, 16.0, 236.0, 236.0)])
def test_pooled_cells_lie_evenly_over_the_box_to_a_fraction_of_a_pixel(box):
    features = {str(level): ramp(4 * 2**level) for level in range(4)}
    pooled = PyramidAlign(7, 2)(features, [torch.tensor([box])])[0]
    x0, y0, x1, y1 = box
    expected = [x0 + (x1 - x0) * (cell + 0.5) / 7 for cell in range(7)]
    assert pooled[0, 3].tolist() == pytest.approx(expected, abs=1e-3)
    expected = [y0 + (y1 - y0) * (cell + 0.5) / 7 for cell in range(7)]
    assert pooled[1, :, 2].tolist() == pytest.approx(expected, abs=1e-3)


def test_boxes_are_pooled_from_the_level_of_their_size():
    features = {str(level): torch.full((1, 1, 64 >> level, 64 >> level), float(level)) for level in range(4)}
    sides = torch.tensor([20.0, 111, 113, 223, 225, 250])
    boxes = torch.stack([torch.zeros(6), torch.zeros(6), sides, sides], dim=1)
    pooled = PyramidAlign(1, 2)(features, [boxes])[:, 0, 0, 0]
    assert pooled.tolist() == [0, 0, 1, 1, 2, 2]


def test_each_stage_asks_for_more_overlap_and_moves_boxes_by_less():
    heads = CascadeHeads(6, {**DEFAULTS, **SMALL})
    truth = {"boxes": torch.tensor([[0.0, 0.0, 100.0, 100.0]]), "labels": torch.tensor([4])}
    boxes = torch.tensor([[0.0, 0, 100, 45], [0, 0, 100, 55], [0, 0, 100, 65], [0, 0, 100, 75]])
    assert [stage.match(boxes, truth)[0].tolist() for stage in heads.stages] == [
        [0, 4, 4, 4], [0, 0, 4, 4], [0, 0, 0, 4],
    ]  # fmt: skip
    offsets, box = torch.tensor([[1.0, 1.0, 1.0, 1.0]]), torch.tensor([[100.0, 100.0, 200.0, 300.0]])
    moved = [stage.move(offsets, [box], [(1000, 1000)])[0][0].tolist() for stage in heads.stages]
    for weight, (x0, y0, x1, y1) in zip((10, 20, 30), moved, strict=True):
        assert (x0 + x1) / 2 == pytest.approx(150 + 100 / weight)
        assert (y0 + y1) / 2 == pytest.approx(200 + 200 / weight)
        assert x1 - x0 == pytest.approx(100 * math.exp(2 / weight), rel=1e-5)
        assert y1 - y0 == pytest.approx(200 * math.exp(2 / weight), rel=1e-5)


def test_offsets_that_are_learned_lead_to_the_truth():
    stage = BoxStage(6, 0.6, (20.0, 20.0, 10.0, 10.0))
    truth, box = torch.tensor([[90.0, 120.0, 210.0, 290.0]]), torch.tensor([[100.0, 100.0, 200.0, 300.0]])
    assert torch.allclose(stage.move(stage.coder.encode_single(truth, box), [box], [(999, 999)])[0], truth, atol=1e-3)


def fixed_heads(**options):
    """Heads whose stages say the same of any box, each its own, and leave the boxes where they are."""
    heads = CascadeHeads(2, {**DEFAULTS, **SMALL, **options}).eval()
    for stage, raw in zip(heads.stages, ([0.0, 1.0, 2.0], [3.0, 0.0, 1.0], [0.5, 0.0, 2.5]), strict=True):
        torch.nn.init.zeros_(stage.box_predictor.cls_score.weight)
        torch.nn.init.zeros_(stage.box_predictor.bbox_pred.weight)
        stage.box_predictor.cls_score.bias.data = torch.tensor(raw)
    return heads


@torch.no_grad()
def test_scores_are_the_mean_of_three_stages_and_boxes_the_last_ones():
    heads = fixed_heads()
    heads.stages[0].box_predictor.bbox_pred.bias.data = torch.tensor([1.0, 0.0, 0.0, 0.0])
    heads.stages[2].box_predictor.bbox_pred.bias.data = torch.tensor([0.0, 0.0, 0.0, 1.5])
    features = {str(level): torch.rand(1, 256, 32 >> level, 32 >> level) for level in range(4)}
    found = heads(features, [torch.tensor([[20.0, 30.0, 60.0, 70.0]])], [(128, 128)])[0][0]
    means = [sum(torch.softmax(torch.tensor(raw), 0)[label] for raw in
                 ([0.0, 1.0, 2.0], [3.0, 0.0, 1.0], [0.5, 0.0, 2.5])) / 3 for label in (1, 2)]  # fmt: skip
    assert means[1] > means[0]
    assert found["labels"].tolist() == [2]
    assert found["scores"].tolist() == pytest.approx([float(means[1])])
    taller = 40 * math.exp(1.5 / 15) / 2
    assert found["boxes"][0].tolist() == pytest.approx([24, 50 - taller, 64, 50 + taller], abs=1e-3)


@torch.no_grad()
def test_one_place_has_one_level_and_in_the_papers_mode_may_have_two():
    features = {str(level): torch.rand(1, 256, 32 >> level, 32 >> level) for level in range(4)}
    place = [torch.tensor([[20.0, 30.0, 60.0, 70.0]])]
    assert fixed_heads()(features, place, [(128, 128)])[0][0]["labels"].tolist() == [2]
    both = fixed_heads(class_agnostic_nms=False)(features, place, [(128, 128)])[0][0]
    assert both["labels"].tolist() == [2, 1]
    assert torch.equal(both["boxes"][0], both["boxes"][1])


def test_the_features_learn_from_the_mean_of_the_stages_and_the_stages_from_their_own_loss():
    heads = fixed_heads()
    for stage in heads.stages:
        torch.nn.init.normal_(stage.box_predictor.cls_score.weight, std=0.1)
    features = {str(level): torch.rand(1, 256, 32 >> level, 32 >> level, requires_grad=True) for level in range(4)}
    truth = {"boxes": torch.tensor([[20.0, 30.0, 60.0, 70.0]]), "labels": torch.tensor([1]),
             "masks": torch.ones(1, 128, 128, dtype=torch.uint8)}  # fmt: skip
    boxes = [torch.tensor([[20.0, 30.0, 60.0, 72.0]])]
    loss = heads(features, boxes, [(128, 128)], [truth])[1]["loss_classifier_1"]
    below, own = torch.autograd.grad(loss, [features["0"], heads.stages[0].box_predictor.cls_score.weight])
    given = torch.cat([boxes[0], truth["boxes"]])
    scores, _offsets = heads.stages[0](heads.box_pool(features, [given]))
    plain = functional.cross_entropy(scores, torch.tensor([1, 1]))
    whole, weight = torch.autograd.grad(plain, [features["0"], heads.stages[0].box_predictor.cls_score.weight])
    assert torch.allclose(own, weight, atol=1e-6)
    assert torch.allclose(below, whole / 3, atol=1e-7)
    assert float(below.abs().sum()) > 0


# The public state dict: names and shapes as Detectron2 writes them, and what its layers compute, by hand.


def norm_of(state, name, channels):
    state[f"{name}.weight"] = torch.rand(channels) + 0.5
    state[f"{name}.bias"] = torch.randn(channels) * 0.1
    state[f"{name}.running_mean"] = torch.randn(channels) * 0.1
    state[f"{name}.running_var"] = torch.rand(channels) + 0.5


def layer_of(state, name, *shape, bias=True):
    state[f"{name}.weight"] = torch.randn(*shape) / math.sqrt(math.prod(shape[1:]))
    if bias:
        state[f"{name}.bias"] = torch.randn(shape[0]) * 0.1


@pytest.fixture(scope="module")
def public():
    torch.manual_seed(0)
    state, body = {}, "backbone.bottom_up"
    layer_of(state, f"{body}.stem.conv1", 64, 3, 7, 7, bias=False)
    norm_of(state, f"{body}.stem.conv1.norm", 64)
    last = 64
    for stage, (blocks, inner) in enumerate(zip((3, 4, 6, 3), (64, 128, 256, 512), strict=True), 2):
        for block in range(blocks):
            name = f"{body}.res{stage}.{block}"
            shapes = {"conv1": (inner, last, 1), "conv2": (inner, inner, 3), "conv3": (4 * inner, inner, 1)}
            if block == 0:
                shapes["shortcut"] = (4 * inner, last, 1)
            for part, (out, into, size) in shapes.items():
                layer_of(state, f"{name}.{part}", out, into, size, size, bias=False)
                norm_of(state, f"{name}.{part}.norm", out)
            last = 4 * inner
        layer_of(state, f"backbone.fpn_lateral{stage}", 256, last, 1, 1)
        layer_of(state, f"backbone.fpn_output{stage}", 256, 256, 3, 3)
    layer_of(state, "proposal_generator.rpn_head.conv", 256, 256, 3, 3)
    layer_of(state, "proposal_generator.rpn_head.objectness_logits", 3, 256, 1, 1)
    layer_of(state, "proposal_generator.rpn_head.anchor_deltas", 12, 256, 1, 1)
    for stage in range(3):
        layer_of(state, f"roi_heads.box_head.{stage}.fc1", 1024, 256 * 49)
        layer_of(state, f"roi_heads.box_head.{stage}.fc2", 1024, 1024)
        layer_of(state, f"roi_heads.box_predictor.{stage}.cls_score", 81, 1024)
        layer_of(state, f"roi_heads.box_predictor.{stage}.bbox_pred", 4, 1024)
    for number in range(1, 5):
        layer_of(state, f"roi_heads.mask_head.mask_fcn{number}", 256, 256, 3, 3)
    layer_of(state, "roi_heads.mask_head.deconv", 256, 256, 2, 2)
    layer_of(state, "roi_heads.mask_head.predictor", 80, 256, 1, 1)
    return {**state, "pixel_mean": torch.zeros(3, 1, 1)}


@pytest.fixture(scope="module")
def loaded(public):
    network = load_family("cascade_mask_rcnn").build(80, {**DETECTRON2, "depth": 50}).network.eval()
    network.load_state_dict(from_detectron2(public))
    return network


def filtered(state, name, value, **how):
    """A filter of Detectron2, with its fixed BatchNorm where it has one."""
    value = functional.conv2d(value, state[f"{name}.weight"], state.get(f"{name}.bias"), **how)
    if f"{name}.norm.weight" not in state:
        return value
    mean, spread, weight, bias = (state[f"{name}.norm.{part}"].reshape(1, -1, 1, 1)
                                  for part in ("running_mean", "running_var", "weight", "bias"))  # fmt: skip
    return (value - mean) / torch.sqrt(spread + 1e-5) * weight + bias


def pyramid_by_hand(state, value):
    """Stem, residual stages that halve in their first filter, and the pyramid, as Detectron2 builds them."""
    body, stages = "backbone.bottom_up", []
    value = functional.relu(filtered(state, f"{body}.stem.conv1", value, stride=2, padding=3))
    value = functional.max_pool2d(value, 3, stride=2, padding=1)
    for stage, blocks in zip((2, 3, 4, 5), (3, 4, 6, 3), strict=True):
        for block in range(blocks):
            name, stride = f"{body}.res{stage}.{block}", 2 if block == 0 and stage > 2 else 1
            inner = functional.relu(filtered(state, f"{name}.conv1", value, stride=stride))
            inner = functional.relu(filtered(state, f"{name}.conv2", inner, padding=1))
            inner = filtered(state, f"{name}.conv3", inner)
            side = filtered(state, f"{name}.shortcut", value, stride=stride) if block == 0 else value
            value = functional.relu(inner + side)
        stages.append(value)
    levels, above = [], None
    for stage in (5, 4, 3, 2):
        side = filtered(state, f"backbone.fpn_lateral{stage}", stages[stage - 2])
        above = side if above is None else side + functional.interpolate(above, scale_factor=2, mode="nearest")
        levels.insert(0, filtered(state, f"backbone.fpn_output{stage}", above, padding=1))
    return [*levels, functional.max_pool2d(levels[-1], 1, stride=2)]


@torch.no_grad()
def test_a_public_backbone_and_its_proposals_compute_the_same_here(public, loaded):
    grey = torch.rand(1, 3, 64, 96)
    mean = torch.tensor([103.530, 116.280, 123.675]).reshape(1, 3, 1, 1)
    expected = pyramid_by_hand(public, grey.flip(1) * 255 - mean)
    batch = loaded.transform.normalize(grey[0])[None]
    features = list(loaded.backbone(batch).values())
    for one, two in zip(features, expected, strict=True):
        assert torch.allclose(one, two, atol=2e-3 * float(two.abs().max()))
    head = "proposal_generator.rpn_head"
    objectness, offsets = loaded.rpn.head(features)
    hidden = functional.relu(filtered(public, f"{head}.conv", features[1], padding=1))
    assert torch.allclose(objectness[1], filtered(public, f"{head}.objectness_logits", hidden), atol=1e-4)
    assert torch.allclose(offsets[1], filtered(public, f"{head}.anchor_deltas", hidden), atol=1e-4)


@torch.no_grad()
def test_public_heads_compute_the_same_here_with_the_background_first(public, loaded):
    pooled = torch.rand(2, 256, 7, 7)
    for number, stage in enumerate(loaded.roi_heads.stages):
        hidden = pooled.flatten(1)
        for part in ("fc1", "fc2"):
            name = f"roi_heads.box_head.{number}.{part}"
            hidden = functional.relu(functional.linear(hidden, public[f"{name}.weight"], public[f"{name}.bias"]))
        name = f"roi_heads.box_predictor.{number}"
        classes = functional.linear(hidden, public[f"{name}.cls_score.weight"], public[f"{name}.cls_score.bias"])
        boxes = functional.linear(hidden, public[f"{name}.bbox_pred.weight"], public[f"{name}.bbox_pred.bias"])
        scores, offsets = stage(pooled)
        assert torch.allclose(scores[:, 1:], classes[:, :80], atol=1e-4)
        assert torch.allclose(scores[:, 0], classes[:, 80], atol=1e-4)
        assert torch.allclose(offsets, boxes, atol=1e-4)
    name, value = "roi_heads.mask_head", torch.rand(2, 256, 14, 14)
    heads, hidden = loaded.roi_heads, value
    for number in range(1, 5):
        hidden = functional.relu(filtered(public, f"{name}.mask_fcn{number}", hidden, padding=1))
    hidden = functional.conv_transpose2d(hidden, public[f"{name}.deconv.weight"], public[f"{name}.deconv.bias"], 2)
    expected = filtered(public, f"{name}.predictor", functional.relu(hidden))
    assert expected.shape == (2, 80, 28, 28)
    assert torch.allclose(heads.mask_per_label(heads.mask_head(value)), expected, atol=1e-4)


def test_a_public_file_starts_a_training_and_leaves_the_label_rows_fresh(public, tmp_path):
    torch.save({"model": public, "iteration": 5}, tmp_path / "public.pth")
    detector = CascadeMaskRCNNDetector(6, {"depth": 50})
    initialise(detector, TrainConfig(model="cascade_mask_rcnn", init=str(tmp_path / "public.pth")))
    own = detector.network.state_dict()
    box = "roi_heads.box_head.2.fc1.weight"
    assert torch.equal(own["roi_heads.stages.2.box_head.fc6.weight"], public[box])
    assert own["roi_heads.stages.2.box_predictor.cls_score.weight"].shape == (7, 1024)
    given = "roi_heads.box_predictor.1.bbox_pred.weight"
    assert torch.equal(own["roi_heads.stages.1.box_predictor.bbox_pred.weight"], public[given])
