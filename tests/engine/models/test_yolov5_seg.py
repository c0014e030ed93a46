"""What YOLOv5-seg learns from, and how its output is read: numbers known beforehand."""

import math

import numpy as np
import pytest
import torch
from torchvision.ops import box_iou

from engine.errors import ConfigError
from engine.models import load_family
from engine.models._contract import Target
from engine.models._letterbox import boxes_to_canvas, boxes_to_image, on_canvas, place_images
from engine.models._yolov5_detector import LOSS_SCALE, PAPER, masks_on_boxes
from engine.models._yolov5_losses import CanvasTruth, Gains, assign, complete_iou, segmentation_losses
from engine.models._yolov5_network import ANCHORS, STRIDES
from engine.predict import mask_outline

GAINS = Gains(0.05, 1.0, 0.5, 0.05)
ANCHOR_SIDES = torch.tensor(ANCHORS).float()


def as_sets(answers):
    rows = torch.cat([answers.finding[:, None], answers.anchor[:, None], answers.cells], 1)
    return {tuple(row) for row in rows.tolist()}


def test_the_cell_of_a_finding_and_the_two_nearest_answer():
    # Centre (43.2, 20) px: cell (5, 2) of 8 px, 0.4 and 0.5 of the way through it: neighbours left and below.
    box = torch.tensor([[38.2, 13.5, 48.2, 26.5]])
    found = as_sets(assign(box, ANCHOR_SIDES[0], 8, (8, 8)))
    # 10 x 13 px is within 4 of all three anchors (33 / 10 = 3.3).
    assert found == {(0, anchor, *cell) for anchor in range(3) for cell in ((5, 2), (4, 2), (5, 3))}


def test_anchors_four_times_off_do_not_answer():
    # 40 px is four times 10 and 2.5 times 16: the first anchor stays out.
    box = torch.tensor([[0.0, 0.0, 40.0, 40.0]])
    assert {anchor for _finding, anchor, _x, _y in as_sets(assign(box, ANCHOR_SIDES[0], 8, (8, 8)))} == {1, 2}
    assert len(assign(torch.tensor([[0.0, 0.0, 3000.0, 3000.0]]), ANCHOR_SIDES[2], 32, (8, 8)).finding) == 0


def test_no_cell_beyond_the_canvas_answers():
    box = torch.tensor([[0.0, 0.0, 6.0, 6.0]])
    assert {(x, y) for _finding, _anchor, x, y in as_sets(assign(box, ANCHOR_SIDES[0], 8, (8, 8)))} == {(0, 0)}


def raw_output(labels=2, side=64):
    scales = [torch.zeros(1, 3, side // stride, side // stride, 37 + labels) for stride in STRIDES]
    return scales, torch.zeros(1, 32, side // 4, side // 4)


def no_truth(side=64):
    return CanvasTruth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), torch.zeros(0, side // 4, side // 4))


def test_a_canvas_without_findings_costs_objectness_alone():
    scales, prototypes = raw_output()
    losses = segmentation_losses(scales, prototypes, [no_truth()], ANCHOR_SIDES, GAINS)
    # Logit 0 where 0 is right costs ln 2; the scales weigh 4, 1 and 0.4.
    assert losses["loss_objectness"].item() == pytest.approx(5.4 * math.log(2), rel=1e-5)
    assert [losses[f"loss_{name}"].item() for name in ("box", "class", "mask")] == [0, 0, 0]


def test_the_losses_of_one_finding_on_paper():
    scales, prototypes = raw_output()
    # Anchor 1 of the finest scale, 16 x 30 px, centred on a cell: logits 0 hit it exactly. The coarse scales:
    # 16 / 30 is within 4 of 30 x 61 and 62 x 45 (3.875), not of 59 x 119; and of none of 116 x 90 and beyond.
    box = torch.tensor([[20.0, 13.0, 36.0, 43.0]])
    half = torch.zeros(1, 16, 16)
    half[0, 3:11, 5:9] = 0.5
    truth = CanvasTruth(box, torch.tensor([1]), half)
    losses = segmentation_losses(scales, prototypes, [truth], ANCHOR_SIDES, GAINS)
    # Logit 0 costs ln 2 a label and a mask pixel, whatever is right; two scales have answers.
    assert losses["loss_class"].item() == pytest.approx(0.5 * 2 * math.log(2), rel=1e-5)
    assert losses["loss_mask"].item() == pytest.approx(0.05 * 2 * math.log(2), rel=1e-5)
    answers = assign(box, ANCHOR_SIDES[0], 8, (8, 8))
    assert (0, 1, 3, 3) in as_sets(answers)
    # The box itself costs nothing there: with all other answers moved away, the loss is theirs alone.
    expected = []
    for level, stride in ((0, 8), (1, 16)):
        answers = assign(box, ANCHOR_SIDES[level], stride, (64 // stride, 64 // stride))
        costs = []
        for anchor, cell in zip(answers.anchor.tolist(), answers.cells.tolist(), strict=True):
            centre = [(place + 0.5) * stride for place in cell]
            sides = ANCHOR_SIDES[level, anchor].tolist()
            costs.append(1 - iou_on_paper((*centre, *sides), (28.0, 28.0, 16.0, 30.0)))
        expected.append(sum(costs) / len(costs))
    assert losses["loss_box"].item() == pytest.approx(0.05 * sum(expected), rel=1e-4)


def iou_on_paper(one, two):
    """CIoU of (centre x, centre y, width, height), as Zheng et al. (2020) write it."""
    wide = min(one[0] + one[2] / 2, two[0] + two[2] / 2) - max(one[0] - one[2] / 2, two[0] - two[2] / 2)
    high = min(one[1] + one[3] / 2, two[1] + two[3] / 2) - max(one[1] - one[3] / 2, two[1] - two[3] / 2)
    shared = max(0.0, wide) * max(0.0, high)
    iou = shared / (one[2] * one[3] + two[2] * two[3] - shared)
    across = max(one[0] + one[2] / 2, two[0] + two[2] / 2) - min(one[0] - one[2] / 2, two[0] - two[2] / 2)
    down = max(one[1] + one[3] / 2, two[1] + two[3] / 2) - min(one[1] - one[3] / 2, two[1] - two[3] / 2)
    apart = ((one[0] - two[0]) ** 2 + (one[1] - two[1]) ** 2) / (across**2 + down**2)
    shape = 4 / math.pi**2 * (math.atan(one[2] / one[3]) - math.atan(two[2] / two[3])) ** 2
    return iou - apart - (shape * shape / (1 - iou + shape) if shape else 0.0)


def test_a_box_that_has_vanished_can_still_learn():
    found = torch.tensor([[20.0, 20.0, 20.0, 20.0], [5.0, 5.0, 5.0 + 1e-7, 9.0]], requires_grad=True)
    wanted = torch.tensor([[10.0, 10.0, 30.0, 40.0]]).expand(2, 4)
    overlap = complete_iou(found, wanted)
    overlap.sum().backward()
    assert torch.isfinite(overlap).all()
    assert torch.isfinite(found.grad).all()
    assert (found.grad.abs().sum(1) > 0).all()


def test_objectness_learns_the_overlap():
    scales, prototypes = raw_output()
    for scale in scales:
        scale.requires_grad_()
    truth = CanvasTruth(torch.tensor([[20.0, 13.0, 36.0, 43.0]]), torch.tensor([1]), torch.ones(1, 16, 16))
    segmentation_losses(scales, prototypes, [truth], ANCHOR_SIDES, GAINS)["loss_objectness"].backward()
    slope = scales[0].grad[0, :, :, :, 4] * scales[0][..., 4].numel() / 4.0
    # The slope of the cost is sigmoid(0) - wanted: -0.5 where the box is hit exactly, +0.5 where nothing is.
    assert slope[1, 3, 3].item() == pytest.approx(-0.5, abs=1e-4)
    assert slope[1, 7, 7].item() == pytest.approx(0.5, abs=1e-6)


def test_two_findings_may_share_a_cell():
    scales, prototypes = raw_output()
    boxes = torch.tensor([[20.0, 13.0, 36.0, 43.0], [21.0, 13.0, 37.0, 43.0]])
    truth = CanvasTruth(boxes, torch.tensor([0, 1]), torch.ones(2, 16, 16))
    losses = segmentation_losses(scales, prototypes, [truth], ANCHOR_SIDES, GAINS)
    assert all(torch.isfinite(value) for value in losses.values())


@pytest.mark.parametrize("size", [(320, 240), (240, 320), (57, 901), (640, 512), (1, 1)])
def test_a_letterbox_and_back(size):
    (where,) = place_images([size], 640, 640, 32, shared=False)
    assert max(where.size) == 640
    assert all(side % 32 == 0 and 0 <= side - inner < 32 for side, inner in zip(where.canvas, where.size, strict=True))
    box = torch.tensor([[0.0, 0.0, size[1], size[0]]])
    placed = boxes_to_canvas(box, where)
    x, y = where.corner
    assert placed[0].tolist() == pytest.approx([x, y, x + where.size[1], y + where.size[0]], rel=1e-5)
    assert torch.allclose(boxes_to_image(placed, where), box, atol=1e-3)
    canvas = on_canvas(torch.ones(3, *size), where, 0.0)
    assert canvas.shape == (3, *where.canvas)
    assert canvas.sum().item() == pytest.approx(3 * where.size[0] * where.size[1], rel=1e-4)


def test_films_trained_together_share_the_largest_canvas():
    places = place_images([(100, 60), (60, 100)], 96, 128, 32, shared=True)
    assert {place.canvas for place in places} == {(128, 128)}


def test_a_mask_comes_back_where_it_lies():
    # One prototype that is 1 left of canvas column 90 px, mixed strongly: half a pixel of it covered at 90 px.
    prototypes = torch.zeros(32, 40, 40)
    prototypes[0, :, :22], prototypes[0, :, 23:] = 1.0, -1.0
    mixture = torch.zeros(1, 32)
    mixture[0, 0] = 20.0
    box = torch.tensor([[60.0, 40.0, 116.0, 96.0]])
    mask = masks_on_boxes(prototypes, mixture, box, 28)[0]
    assert mask.shape == (28, 28)
    points = mask_outline(mask.numpy(), box[0].double().numpy(), (160, 160))
    assert points is not None
    assert points.min(axis=0) == pytest.approx([60, 40], abs=1.0)
    assert points.max(axis=0) == pytest.approx([90, 96], abs=1.0)


@pytest.mark.parametrize("cells", [14, 28, 56])
def test_a_mask_that_fills_its_box_reaches_its_borders(cells):
    mask = masks_on_boxes(torch.ones(32, 16, 16), torch.ones(1, 32), torch.tensor([[0.0, 0.0, 64.0, 64.0]]), cells)
    assert mask.shape == (1, cells, cells)
    assert mask.min() > 0.99


def noisy(options):
    """Random filters on the statistics of noise: it sees something everywhere, and means nothing."""
    torch.manual_seed(0)
    detector = load_family("yolov5_seg_n").build(6, {"short_side": 96, "long_side": 128, **options})
    for module in detector.network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        detector.network.train()(torch.rand(2, 3, 128, 96))
        for predict in detector.network.head.predict:
            predict.weight.normal_(std=0.2)
    return detector


def test_one_place_has_one_level_unless_the_paper_says_otherwise():
    torch.manual_seed(1)
    image = torch.rand(3, 128, 96)
    found = noisy({}).detect([image])[0]
    assert len(found.boxes) > 10
    overlap = box_iou(found.boxes, found.boxes).fill_diagonal_(0)
    assert float(overlap.max()) <= 0.5 + 1e-4
    each = noisy(PAPER).detect([image])[0]
    same = box_iou(each.boxes, each.boxes) > 0.99
    assert (same & (each.labels[:, None] != each.labels)).any()


def test_options_that_make_no_sense_are_refused():
    with pytest.raises(ConfigError, match="no option"):
        load_family("yolov5_seg_n").build(6, {"depth": 50})
    with pytest.raises(ConfigError, match="statistics"):
        load_family("yolov5_seg_n").build(6, {"statistics": "none"})


@pytest.mark.parametrize(("statistics", "moves"), [("batch", True), ("running", False)])
def test_batch_statistics_move_only_where_asked(statistics, moves):
    torch.manual_seed(0)
    detector = load_family("yolov5_seg_n").build(6, {"short_side": 64, "long_side": 64, "statistics": statistics})
    before = detector.network.backbone.stem.norm.running_mean.clone()
    image = torch.rand(3, 64, 64)
    empty = Target(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), torch.zeros(0, 64, 64, dtype=torch.uint8))
    detector.losses([image], [empty])
    assert torch.equal(before, detector.network.backbone.stem.norm.running_mean) is not moves


def test_the_truth_of_a_mask_is_the_share_it_covers():
    # A mask of 6 x 6 px from (4, 4): of the prototype's pixels of 4 px it covers one whole, two halves and a quarter.
    mask = np.zeros((1, 64, 64), np.uint8)
    mask[0, 4:10, 4:10] = 1
    torch.manual_seed(0)
    detector = load_family("yolov5_seg_n").build(6, {"short_side": 64, "long_side": 64, "mask_gain": 1 / LOSS_SCALE})
    with torch.no_grad():
        detector.network.head.prototypes.third.norm.weight.zero_()
        detector.network.head.prototypes.third.norm.bias.zero_()
    image = torch.rand(3, 64, 64)
    target = Target(torch.tensor([[4.0, 4.0, 10.0, 10.0]]), torch.tensor([1]), torch.from_numpy(mask))
    losses = detector.losses([image], [target])
    # Prototypes of 0 mix to logits of 0, which cost ln 2 a pixel; one scale answers for 6 px.
    assert losses["loss_mask"].item() == pytest.approx(math.log(2), rel=1e-5)
