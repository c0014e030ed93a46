"""Every family exported: OpenVINO and ONNX Runtime find what PyTorch finds, on films of shapes that weren't traced."""

from types import MappingProxyType

import numpy as np
import pytest
import tiny_model
from tiny_model import FAMILIES, make_family_card, make_film, make_tiny_card

from engine.backends import open_runner
from engine.backends._graph import graph_path
from engine.errors import ConfigError, ModelError, WeightsError
from engine.exporting import export_model, write_graph
from engine.films import read_film
from engine.weights import load_weights, read_card, save_weights

FILMS = ((90, 128), (117, 96))
"""(height, width) px of what comes in: fitted by its long side, and by its short one; traced is (128, 64)."""

OPTIONS = MappingProxyType({
    "mask_rcnn": {"views": 2, "detections": 6},
    "cascade_mask_rcnn": {"detections": 6},
    "yolact": {},
    "yolov5_seg_n": {"score_floor": 0.0, "detections": 20},
})  # fmt: skip


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def card_path(request, tmp_path_factory):
    """An exported card of each kind of family, whose scores lie apart: ties may be ordered either way."""
    name = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiny_model, "FAMILIES", {name: {**FAMILIES[name], **OPTIONS[name]}})
        path = make_family_card(tmp_path_factory.mktemp(name), name)
    card = read_card(path)
    state = {key: spread(name, key, value) for key, value in load_weights(path, card).items()}
    path = save_weights(path.parent, card, state)
    write_graph(path)
    return path


def spread(name, key, value):
    """Filters that pass on what comes in (YOLOv5's don't at first), and scores that tell boxes apart."""
    if name.startswith("yolov5"):
        return value * 3 if value.ndim == 4 else value
    return value * 20 if key.endswith("weight") and ("cls_score" in key or "rpn.head.c" in key) else value


def pictures():
    rng = np.random.default_rng(3)
    return [rng.random(size, np.float32) for size in FILMS]


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_it_finds_the_same_on_films_of_any_shape(card_path, backend):
    card = read_card(card_path)
    plain, other = (open_runner(card_path, card, one, 1) for one in ("torch:cpu", backend))
    for picture in pictures():
        expected, found = plain.find(picture), other.find(picture)
        assert len(found.scores) == len(expected.scores) > 0
        assert np.array_equal(found.labels, expected.labels)
        assert found.scores == pytest.approx(expected.scores, abs=1e-3)
        assert found.boxes == pytest.approx(expected.boxes, abs=0.02)
        assert found.masks.shape == expected.masks.shape
        assert np.abs(found.masks - expected.masks).max() < 0.01
        assert (found.boxes.dtype, found.labels.dtype, found.masks.dtype) == (np.float64, np.int64, np.float32)


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_what_scores_less_than_the_floor_is_left_out(card_path, backend):
    card = read_card(card_path)
    plain, other = (open_runner(card_path, card, one, 1) for one in ("torch:cpu", backend))
    picture = pictures()[0]
    scores = plain.find(picture).scores
    floor = float(scores[len(scores) // 2])
    for runner in (plain, other):
        assert set(np.round(scores[scores > floor + 1e-3], 3)) <= set(np.round(runner.find(picture, floor).scores, 3))
    nothing = other.find(picture, 1.5)
    assert nothing.masks.shape[0] == len(nothing.scores) == len(plain.find(picture, 1.5).scores)


def test_the_graph_leaves_the_weights_where_they_are(card_path):
    shards = sum((card_path.parent / name).stat().st_size for name in read_card(card_path).shards)
    graph = graph_path(card_path, read_card(card_path)).stat().st_size
    assert graph < 700_000
    assert graph < shards / 10


def test_a_card_is_offered_once_it_agrees_with_pytorch(tmp_path):
    card = make_family_card(tmp_path, "yolact")
    films = [read_film(make_film(tmp_path / "films" / f"{at}.png", (320, 200 + 60 * at))) for at in range(2)]
    for to, suffix in (("onnx", ".onnx"), ("openvino", ".xml")):
        path, agreement = export_model(card, to, films, floor=0.0)
        assert path == graph_path(card, read_card(card), suffix)
        assert agreement.films == 2
        assert agreement.findings > 2
        assert agreement.worst_iou > 0.98
        assert agreement.worst_score < 0.001
    assert path.with_suffix(".bin").stat().st_size > 1e6
    assert "openvino" in open_runner(card, read_card(card)).title.lower()
    assert not list(tmp_path.glob(".export-*"))


def test_a_card_that_finds_otherwise_is_not_offered(tmp_path, monkeypatch):
    card = make_family_card(tmp_path, "yolact")
    films = [read_film(make_film(tmp_path / "films" / "a.png"))]
    other = make_family_card(tmp_path / "other", "yolact")

    def another_networks_graph(path):
        """What a fault of the exporter would be: a network of other numbers."""
        made = write_graph(path)
        shard = path.parent / read_card(path).shards[0]
        data = bytearray(shard.read_bytes())
        half = len(data) // 2
        data[half:] = bytes(len(data) - half)
        shard.unlink()  # It is linked to the card's own.
        shard.write_bytes(bytes(data))
        return made

    monkeypatch.setattr("engine.exporting.write_graph", another_networks_graph)
    with pytest.raises((ModelError, WeightsError)):
        export_model(card, "onnx", films, floor=0.0)
    assert not list(tmp_path.glob("*.onnx"))
    assert not list(tmp_path.glob(".export-*"))
    assert read_card(other).sha256 == read_card(card).sha256


def test_what_cannot_be_exported_is_told(tmp_path, monkeypatch):
    card = make_tiny_card(tmp_path)
    with pytest.raises(ConfigError, match="onnx or openvino"):
        export_model(card, "tensorrt", [read_film(make_film(tmp_path / "a.png"))])
    with pytest.raises(ConfigError, match="name a folder of films"):
        export_model(card, "onnx", [])

    def refuse(**_where):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("engine.exporting.tempfile.TemporaryDirectory", refuse)
    with pytest.raises(WeightsError, match="can't be written to"):
        export_model(card, "onnx", [read_film(tmp_path / "a.png")])
