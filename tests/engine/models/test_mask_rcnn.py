import pytest
import torch
from torchvision.ops import box_iou

from engine.domain.labels import INTACT_BODIES
from engine.errors import ConfigError
from engine.models import family_names, load_family
from engine.models._contract import Target
from engine.models._growth import grow_backbone, network_labels, select_labels
from engine.models._two_stage import Keeping
from engine.models._two_views import Views
from engine.models.mask_rcnn import MaskRCNNDetector

SMALL = {"depth": 50, "short_side": 96, "long_side": 128, "proposals_train": 50, "proposals_test": 20, "detections": 5}


def parameters(network):
    return sum(value.numel() for value in network.parameters())


@pytest.mark.parametrize(
    ("options", "labels", "count"),
    [
        ({"norm": "frozen"}, 6, 62_889_209),
        ({"norm": "affine"}, 6, 62_994_553),
        ({"norm": "frozen"}, 90, 63_341_297),
        ({"norm": "affine"}, 90, 63_446_641),
        ({"norm": "frozen", "depth": 50}, 90, 44_401_393),
    ],
)
def test_parameter_counts_are_those_published(options, labels, count):
    assert parameters(MaskRCNNDetector(labels, options).network) == count


def test_unknown_options_are_refused():
    with pytest.raises(ConfigError, match="no option"):
        MaskRCNNDetector(6, {"deepth": 50})


def test_the_folder_is_the_registry():
    assert "mask_rcnn" in family_names()
    with pytest.raises(ConfigError, match="known: "):
        load_family("nothing")


@pytest.fixture(scope="module")
def detector():
    torch.manual_seed(0)
    return MaskRCNNDetector(6, SMALL)


def image_and_target():
    image = torch.zeros(3, 128, 96)
    image[:, 40:70, 30:70] = 1
    mask = torch.zeros(1, 128, 96, dtype=torch.uint8)
    mask[0, 40:70, 30:70] = 1
    return image, Target(torch.tensor([[30.0, 40.0, 70.0, 70.0]]), torch.tensor([1]), mask)


def test_losses_fall_when_one_film_is_learned(detector):
    image, target = image_and_target()
    optimiser = torch.optim.SGD([p for p in detector.network.parameters() if p.requires_grad], lr=0.005, momentum=0.9)
    totals = []
    for step in range(8):
        torch.manual_seed(step)
        total = sum(detector.losses([image], [target]).values())
        optimiser.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(detector.network.parameters(), 5.0)
        optimiser.step()
        totals.append(float(total.detach()))
    assert sum(totals[-3:]) < 0.8 * sum(totals[:3])


def test_a_film_without_findings_trains(detector):
    image, _target = image_and_target()
    empty = Target(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), torch.zeros(0, 128, 96, dtype=torch.uint8))
    losses = detector.losses([image], [empty])
    assert set(losses) == {"loss_classifier", "loss_box_reg", "loss_mask", "loss_objectness", "loss_rpn_box_reg"}
    assert all(torch.isfinite(value) for value in losses.values())


def test_detections_lie_on_the_image_whatever_its_size(detector):
    for height, width in ((128, 96), (301, 150), (64, 64)):
        found = detector.detect([torch.rand(3, height, width)])[0]
        assert found.boxes.shape == (len(found.scores), 4)
        assert found.masks.shape == (len(found.scores), 28, 28)
        assert (found.boxes >= -1e-3).all()
        assert (found.boxes[:, 2] <= width + 1e-3).all()
        assert (found.boxes[:, 3] <= height + 1e-3).all()


def test_one_place_has_one_level():
    torch.manual_seed(0)
    agnostic = MaskRCNNDetector(6, {**SMALL, "score_floor": 0.0, "detections": 50})
    boxes = agnostic.detect([torch.rand(3, 128, 96)])[0].boxes
    overlap = box_iou(boxes, boxes).fill_diagonal_(0)
    assert len(boxes) > 1
    assert float(overlap.max()) <= 0.5 + 1e-6


@torch.no_grad()
def test_proposals_are_as_exact_in_bfloat16_as_in_float32(detector):
    network = detector.network.eval()
    batch, _none = network.transform([torch.rand(3, 128, 96)])
    with torch.autocast("cpu", torch.bfloat16):
        proposals = network.rpn(batch, network.backbone(batch.tensors))[0][0]
    assert proposals.dtype == torch.float32
    assert not torch.equal(proposals, proposals.bfloat16().float())


def test_a_grown_backbone_gives_the_same_features():
    torch.manual_seed(0)
    shallow = MaskRCNNDetector(6, SMALL).network
    deep = MaskRCNNDetector(6, {**SMALL, "depth": 101}).network
    deep.load_state_dict(grow_backbone(shallow.state_dict(), deep))
    shallow.eval()
    deep.eval()
    image = torch.rand(1, 3, 96, 64)
    with torch.no_grad():
        for one, two in zip(shallow.backbone(image).values(), deep.backbone(image).values(), strict=True):
            assert torch.equal(one, two)


def test_the_blocks_that_were_grown_learn():
    torch.manual_seed(0)
    shallow = MaskRCNNDetector(6, SMALL).network
    deep = MaskRCNNDetector(6, {**SMALL, "depth": 101})
    deep.network.load_state_dict(grow_backbone(shallow.state_dict(), deep.network))
    image, target = image_and_target()
    sum(deep.losses([image], [target]).values()).backward()
    assert float(deep.network.backbone.body.layer3[10].bn3.weight.grad.abs().sum()) > 0


def test_labels_are_selected_by_name():
    had, wants = ("L1 normal", "L1", "T12"), ("T12", "L1")
    state = MaskRCNNDetector(3, SMALL).network.state_dict()
    chosen = select_labels(state, had, wants)
    score = "roi_heads.box_predictor.cls_score.weight"
    box = "roi_heads.box_predictor.bbox_pred.bias"
    mask = "roi_heads.mask_predictor.mask_fcn_logits.weight"
    assert torch.equal(chosen[score], state[score][[0, 3, 2]])
    assert torch.equal(chosen[box].reshape(3, 4), state[box].reshape(4, 4)[[0, 3, 2]])
    assert torch.equal(chosen[mask], state[mask][[0, 3, 2]])
    MaskRCNNDetector(2, SMALL).network.load_state_dict(chosen)


def test_labels_it_never_had_leave_the_predictors_fresh():
    state = MaskRCNNDetector(3, SMALL).network.state_dict()
    chosen = select_labels(state, ("L1", "L2", "L3"), ("L1", "T12"))
    assert not any("predictor.cls_score" in key for key in chosen)
    assert "roi_heads.box_head.fc6.weight" in chosen


def test_labels_it_never_had_get_the_rows_of_a_fresh_network_beside_those_it_had():
    state, own = (MaskRCNNDetector(labels, SMALL).network.state_dict() for labels in (2, 3))
    chosen = select_labels(state, ("L1", "L2"), ("L2", "T12", "L1"), own)
    for key, rows in (
        ("roi_heads.box_predictor.cls_score.weight", 1), ("roi_heads.box_predictor.bbox_pred.weight", 4),
        ("roi_heads.mask_predictor.mask_fcn_logits.bias", 1),
    ):  # fmt: skip
        old, new, mixed = (one[key].unflatten(0, (-1, rows)) for one in (state, own, chosen))
        assert torch.equal(mixed[[0, 1, 3]], old[[0, 2, 1]])
        assert torch.equal(mixed[2], new[2])


def test_intact_bodies_are_told_apart_and_not_reported():
    torch.manual_seed(0)
    detector = MaskRCNNDetector(2, {**SMALL, "intact": True})
    predictor = detector.network.roi_heads.box_predictor
    assert predictor.cls_score.out_features == 1 + 2 + 9
    with torch.no_grad():
        predictor.cls_score.weight.zero_()
        predictor.cls_score.bias[3:] = 8.0
        predictor.cls_score.bias[1] = 6.0  # The likeliest fracture, and less likely than any intact body.
    found = detector.detect([torch.rand(3, 128, 96)])[0]
    assert len(found.boxes) > 0
    assert set(found.labels.tolist()) <= {1, 2}
    assert 0 < float(found.scores.max()) < 0.1


@pytest.mark.parametrize("views", [1, 2])
def test_an_intact_body_is_no_finding_in_one_view_or_two(views):
    torch.manual_seed(0)
    detector = MaskRCNNDetector(2, {**SMALL, "intact": True, "level_weight": 0.0, "views": views})
    with torch.no_grad():
        detector.network.roi_heads.box_predictor.cls_score.bias[3] = 50.0
    assert len(detector.detect([torch.rand(3, 128, 96)], 0.01)[0].boxes) == 0


def test_a_network_of_intact_bodies_knows_their_names():
    assert network_labels(("L1", "T12"), {}) == ("L1", "T12")
    assert network_labels(("L1", "T12"), {"intact": True})[2:] == INTACT_BODIES
    with pytest.raises(ConfigError, match="leave L1 normal out of the labels"):
        network_labels(("L1", "L1 normal"), {"intact": True})


def keeping(weight):
    return Keeping(floor=0.001, overlap=0.5, most=10, across_labels=True, level_weight=weight)


def test_a_sure_fracture_of_a_doubtful_level_outranks_a_doubtful_one():
    boxes = torch.tensor([[10.0, 10, 50, 40], [10.0, 60, 50, 90]])[:, None].expand(-1, 2, -1)
    scores = torch.tensor([[0.48, 0.5], [0.7, 0.02]])
    by_level = keeping(1.0).choose(boxes, scores, (100, 100))
    by_fracture = keeping(0.0).choose(boxes, scores, (100, 100))
    between = keeping(0.5).choose(boxes, scores, (100, 100))
    assert by_level[1].tolist() == pytest.approx([0.7, 0.5])
    assert by_level[2].tolist() == [1, 2]
    assert by_fracture[1].tolist() == pytest.approx([0.98, 0.72])
    assert by_fracture[2].tolist() == [2, 1]
    assert between[1].tolist() == pytest.approx([(0.7 * 0.72) ** 0.5, (0.5 * 0.98) ** 0.5])


def test_a_box_scored_as_a_fracture_is_that_of_its_likeliest_level():
    boxes = torch.tensor([[[10.0, 10, 50, 40], [12.0, 10, 50, 40], [14.0, 10, 50, 40]]])
    chosen, scores, labels = keeping(0.0).choose(boxes, torch.tensor([[0.1, 0.2, 0.6]]), (100, 100))
    assert chosen.tolist() == [[14, 10, 50, 40]]
    assert scores.tolist() == pytest.approx([0.9])
    assert labels.tolist() == [3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level_weight": 1.2}, "between 0 and 1"),
        ({"level_weight": 0.5, "class_agnostic_nms": False}, "needs class_agnostic_nms=true"),
        ({"views": 3}, "views must be 1, or 2"),
        ({"second_look": True}, "second_look=true needs views=2"),
        ({"intact": True, "class_agnostic_nms": False}, "intact=true needs class_agnostic_nms=true"),
    ],
)
def test_scores_and_views_that_cannot_be_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        MaskRCNNDetector(6, {**SMALL, **options})


@pytest.fixture(scope="module")
def two_views():
    torch.manual_seed(0)
    return MaskRCNNDetector(6, {**SMALL, "views": 2, "level_weight": 0.1})


@pytest.fixture(scope="module")
def twice(two_views):
    looks_again = MaskRCNNDetector(6, {**SMALL, "views": 2, "level_weight": 0.1, "second_look": True})
    looks_again.network.load_state_dict(two_views.network.state_dict())
    return looks_again


def test_a_second_look_scores_each_finding_by_the_view_that_doubts_it_more(two_views, twice):
    torch.manual_seed(3)
    film = torch.rand(3, 128, 96)
    once, again = two_views.detect([film])[0], twice.detect([film])[0]
    assert len(once.boxes) > 0
    assert torch.equal(once.boxes, again.boxes)
    assert once.labels.tolist() == again.labels.tolist()
    heads = twice.network.roi_heads
    expected = []
    with torch.no_grad():
        for image, flipped in ((film, False), (film.flip(-1), True)):
            batch = twice.network.transform([image])[0]
            features = twice.network.backbone(batch.tensors)
            x0, y0, x1, y1 = once.boxes.unbind(1)
            boxes = torch.stack([96 - x1, y0, 96 - x0, y1], 1) if flipped else once.boxes
            said = heads.box_predictor(heads.box_head(heads.box_roi_pool(features, [boxes], batch.image_sizes)))[0]
            said = said.softmax(1)[:, 1:]
            own = said[torch.arange(len(said)), once.labels - 1]
            expected.append(own**0.1 * said.sum(1) ** 0.9)
    assert torch.allclose(again.scores, torch.minimum(*expected), atol=1e-5)
    assert not torch.allclose(expected[0], expected[1], atol=1e-4)


def test_what_a_second_look_lowers_below_the_floor_is_left_out(twice):
    torch.manual_seed(3)
    film = torch.rand(3, 128, 96)
    scores = twice.detect([film])[0].scores
    floor = scores.sort().values[1:3].mean().item()
    assert twice.detect([film], floor)[0].scores.tolist() == pytest.approx(scores[scores >= floor].tolist())
    assert 0 < (scores >= floor).sum() < len(scores)


@pytest.mark.parametrize("looks", ["two_views", "twice"])
def test_two_views_find_the_same_on_a_film_and_its_mirror_image(looks, request):
    two_views = request.getfixturevalue(looks)
    torch.manual_seed(3)
    films = [torch.rand(3, 128, 96), torch.rand(3, 150, 70)]
    for film, plain, mirrored in zip(
        films, two_views.detect(films), two_views.detect([one.flip(-1) for one in films]), strict=True
    ):
        width = film.shape[2]
        back = mirrored.boxes[:, [2, 1, 0, 3]] * torch.tensor([-1.0, 1, -1, 1]) + torch.tensor([width, 0.0, width, 0])
        assert len(plain.boxes) > 0
        assert torch.allclose(plain.boxes, back, atol=0.05)
        assert torch.allclose(plain.scores, mirrored.scores, atol=1e-4)
        assert torch.allclose(plain.masks, mirrored.masks.flip(-1), atol=1e-3)
        assert plain.labels.tolist() == mirrored.labels.tolist()


def test_what_both_views_propose_is_judged_once(two_views):
    two_views.network.eval()
    with torch.no_grad():
        proposals = Views(two_views.network, [torch.rand(3, 128, 96)]).proposals[0]
    assert 0 < len(proposals) <= SMALL["proposals_test"]
    apart = box_iou(proposals, proposals).fill_diagonal_(0)
    assert apart.max() <= two_views.network.rpn.nms_thresh


def test_a_film_without_any_finding_has_none_in_two_views(detector):
    other = MaskRCNNDetector(6, {**SMALL, "views": 2, "score_floor": 0.999})
    other.network.load_state_dict(detector.network.state_dict())
    found = other.detect([torch.zeros(3, 128, 96)])[0]
    assert found.boxes.shape == (0, 4)
    assert found.masks.shape[0] == 0
