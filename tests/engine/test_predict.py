from types import MappingProxyType

import numpy as np
import pytest
import torch

from engine.backends._contract import RawFindings
from engine.backends._detector import TorchRunner
from engine.control import Cancelled, CancelToken
from engine.domain.case import ModelCard
from engine.domain.labels import PAPER_CLASSES
from engine.domain.polygon import Polygon
from engine.errors import WeightsError
from engine.films import find_films, read_film
from engine.models import load_family
from engine.predict import LoadedModel, load_model, mask_outline, network_image, predict, thin_out, to_shapes
from engine.weights import read_card, save_weights, write_card

SMALL = MappingProxyType({"depth": 18, "proposals_test": 40, "short_side": 96, "long_side": 128})
CARD = ModelCard("mask_rcnn", PAPER_CLASSES, (96, 128), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 0.5, "",
                 name="tiny", options=SMALL)  # fmt: skip


@pytest.fixture
def untrained() -> LoadedModel:
    torch.manual_seed(0)
    return LoadedModel(CARD, TorchRunner(load_family("mask_rcnn").build(len(PAPER_CLASSES), SMALL)))


def disc_mask(cells: int = 28, radius: float = 0.4) -> np.ndarray:
    at = (np.arange(cells) + 0.5) / cells - 0.5
    distance = np.hypot(at[None], at[:, None]) - radius
    return np.asarray(1 / (1 + np.exp(distance * 60)), np.float32)


def test_an_outline_lies_where_the_mask_says_to_a_fraction_of_its_cells():
    box = np.array([100.0, 50.0, 380.0, 330.0])
    points = mask_outline(disc_mask(), box, (1000, 1000))
    assert points is not None
    polygon = Polygon(points)
    assert polygon.centroid == pytest.approx((240, 190), abs=0.5)
    assert polygon.area == pytest.approx(np.pi * 112**2, rel=0.01)
    assert len(polygon) >= 24


def test_an_outline_is_clipped_by_the_film():
    points = mask_outline(disc_mask(), np.array([-50.0, 10.0, 50.0, 110.0]), (200, 200))
    assert points is not None
    assert points[:, 0].min() == 0


def test_an_empty_mask_has_no_outline():
    assert mask_outline(np.zeros((28, 28), np.float32), np.array([0.0, 0.0, 9.0, 9.0]), (99, 99)) is None


def test_of_two_regions_the_larger_is_kept():
    mask = np.zeros((28, 28), np.float32)
    mask[2:20, 2:20] = 1
    mask[24:27, 24:27] = 1
    points = mask_outline(mask, np.array([0.0, 0.0, 280.0, 280.0]), (500, 500))
    assert points is not None
    assert points.max() < 220


def test_a_thinned_outline_stays_close_and_keeps_vertices_enough_to_measure():
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    ring = 100 + 50 * np.column_stack([np.cos(angle), np.sin(angle)])
    thin = thin_out(ring, 0.5)
    assert 24 <= len(thin) < 100
    assert Polygon(thin).area == pytest.approx(Polygon(ring).area, rel=0.02)


@pytest.mark.parametrize(
    ("film", "inner"), [((2000, 1000), (128, 64)), ((1000, 1000), (96, 96)), ((90, 60), (128, 85))]
)
def test_films_keep_their_shape_on_the_way_into_the_network(film, inner):
    image, scale = network_image(np.full(film, 128, np.uint8), (96, 128))
    assert image.shape == inner
    assert image.mean() == pytest.approx(128 / 255, abs=1e-3)
    assert (inner[1] * scale[0], inner[0] * scale[1]) == pytest.approx((film[1], film[0]))


def test_shapes_are_in_film_pixels_best_first_above_the_floor():
    raw = RawFindings(
        np.array([[10.0, 10, 30, 30], [40, 10, 60, 30], [40, 40, 60, 60]]), np.array([1, 6, 2]),
        np.array([0.3, 0.9, 0.01]), np.stack([disc_mask()] * 3),
    )  # fmt: skip
    shapes = to_shapes(raw, PAPER_CLASSES, (10.0, 5.0), (400, 800), 0.05)
    assert [(shape.label, round(shape.score or 0, 3)) for shape in shapes] == [("T12", 0.9), ("L1", 0.3)]
    assert shapes[1].polygon.centroid == pytest.approx((200, 100), abs=1)
    assert all(shape.is_fracture for shape in shapes)


def test_a_prediction_is_the_same_each_time_and_of_the_films_size(coarse_films, untrained):
    film = read_film(find_films([coarse_films])[0])
    one, two = (predict(film, untrained, floor=0.001) for _ in range(2))
    assert one.shapes
    assert [shape.score for shape in one.shapes] == [shape.score for shape in two.shapes]
    assert all(np.array_equal(a.polygon.points, b.polygon.points) for a, b in zip(one.shapes, two.shapes, strict=True))
    height, width = film.size
    assert one.image_size == film.size
    assert all(0 <= x0 <= x1 <= width and 0 <= y0 <= y1 <= height for x0, y0, x1, y1 in
               (shape.polygon.bounds for shape in one.shapes))  # fmt: skip
    assert one.seconds > 0


def test_a_cancelled_prediction_stops(coarse_films, untrained):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        predict(read_film(find_films([coarse_films])[0]), untrained, token)


def test_saved_weights_find_the_same(coarse_films, untrained, tmp_path):
    card = save_weights(tmp_path, CARD, untrained.runner.detector.network.state_dict())
    film = read_film(find_films([coarse_films])[0])
    model = load_model(card)
    first = predict(film, untrained, floor=0.001).shapes
    again = predict(film, model, floor=0.001).shapes
    assert [shape.score for shape in again[:3]] == pytest.approx([shape.score for shape in first[:3]], abs=0.01)


def test_swapped_damaged_and_unfit_weights_are_refused_by_name(untrained, tmp_path):
    state = untrained.runner.detector.network.state_dict()
    path = save_weights(tmp_path, CARD, state)
    card = read_card(path)
    write_card(path, ModelCard(**{**{name: getattr(card, name) for name in card.__slots__}, "labels": ("L1",)}))
    with pytest.raises(WeightsError, match="don't fit"):
        load_model(path)
    shard = tmp_path / card.shards[0]
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(bytes(data))
    with pytest.raises(WeightsError, match="sha256"):
        load_model(path)
    shard.write_bytes(bytes(data[:100]))
    with pytest.raises(WeightsError, match="safetensors"):
        load_model(path)
    shard.unlink()
    with pytest.raises(WeightsError, match="reinstall"):
        load_model(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"modell": 1}', "\x00"])
def test_broken_model_cards_are_refused_by_name(text, tmp_path):
    path = tmp_path / "broken.card.json"
    path.write_text(text)
    with pytest.raises(WeightsError, match=r"broken\.card\.json"):
        read_card(path)
