"""Layers in eight bits: how they are rounded, that they are used, and that they go where findings would change."""

import re
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from tiny_model import make_family_card, make_film, make_tiny_card

from engine.backends import open_runner
from engine.backends._graph import EIGHT_BITS, graph_path
from engine.domain.polygon import polygon_iou
from engine.exporting import export_model, write_graph
from engine.exporting._eight_bits import write_eight_bits
from engine.films import read_film
from engine.models import load_family
from engine.models.mask_rcnn import FAMILY
from engine.predict import load_model, predict
from engine.resources import samples_dir, weights_dir
from engine.weights import load_weights, read_card

LAST_STAGE = r"backbone\.body\.layer4\..*\.weight"


@pytest.fixture
def allowed(monkeypatch):
    """Let a family have the layers that match a pattern in eight bits; the tiny networks have no deep stage."""

    def allow(pattern):
        monkeypatch.setattr(
            "engine.exporting._eight_bits.load_family", lambda name: replace(load_family(name), eight_bits=pattern)
        )

    return allow


def films_of(folder, count=3):
    return [read_film(make_film(folder / f"{at}.png", (320, 200 + 40 * at))) for at in range(count)]


def pictures(count=3):
    rng = np.random.default_rng(8)
    return [rng.random((128, 64 + 8 * at), np.float32) for at in range(count)]


def inner(folder, made, tensors, image):
    """The values of tensors inside a graph."""
    probed = onnx.ModelProto()
    probed.CopyFrom(made)
    for name in tensors:
        probed.graph.node.append(helper.make_node("Identity", [name], [f"{name}.seen"]))
        probed.graph.output.append(helper.make_tensor_value_info(f"{name}.seen", TensorProto.FLOAT, None))
    path = folder / "probed.onnx"
    path.write_bytes(probed.SerializeToString())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run([f"{name}.seen" for name in tensors], {"image": image, "floor": np.array(0, np.float32)})


def test_filters_have_seven_bits_and_values_eight(tmp_path, allowed):
    allowed(LAST_STAGE)
    path = make_tiny_card(tmp_path)
    card, state = read_card(path), load_weights(path, read_card(path))
    write_graph(path)
    images = pictures()
    layers = write_eight_bits(path, card, images)
    made = onnx.load(graph_path(path, card, EIGHT_BITS), load_external_data=False)
    convolutions = [node for node in made.graph.node if node.op_type == "Conv" and "layer4" in node.input[1]]
    assert layers == len(convolutions) == 5
    for node in convolutions:
        value, filters = node.input[:2]
        assert value.endswith(".rounded")
        before, after, weights = inner(tmp_path, made, [value.removesuffix(".rounded"), value, filters], images[0])
        step = (max(0.0, before.max()) - min(0.0, before.min())) / 255
        # What is seen on one film is a part of what is seen on all.
        assert np.abs(after - before).max() <= 0.51 * step * 1.5
        assert len(np.unique(after)) <= 256
        assert 0 in after or before.min() > 0
        own = state[filters.removeprefix("network.").removesuffix(".rounded")].numpy()
        for one, rounded in zip(own, weights, strict=True):
            largest = np.abs(one).max()
            assert np.abs(rounded - one).max() <= 0.501 * largest / 63
            assert len(np.unique(rounded)) <= 127
            assert np.abs(rounded).max() == pytest.approx(largest, rel=1e-5)


def test_openvino_takes_them_and_says_so_and_onnx_runtime_does_not(tmp_path, allowed):
    allowed(LAST_STAGE)
    path = make_tiny_card(tmp_path)
    made, agreement = export_model(path, "onnx", films_of(tmp_path / "films", 1), floor=0.99)
    assert made == graph_path(path, read_card(path))
    assert agreement.eight_bits == 5
    assert agreement.refused == ""
    titles = [open_runner(path, read_card(path), name, 1).title for name in ("openvino", "onnxruntime")]
    assert titles[0].endswith("partly in 8 bits")
    assert "8 bits" not in titles[1]
    assert graph_path(path, read_card(path), EIGHT_BITS).stat().st_size < 1.3 * made.stat().st_size


def test_they_go_where_findings_would_change(tmp_path, allowed):
    path = make_family_card(tmp_path, "yolact")
    stale = graph_path(path, read_card(path), EIGHT_BITS)
    stale.write_bytes(b"of an earlier export")
    allowed(r".*")
    made, agreement = export_model(path, "onnx", films_of(tmp_path / "films"), floor=0.0)
    assert made.is_file()
    assert agreement.eight_bits == 0
    assert "openvino finds" in agreement.refused
    assert not stale.exists()
    assert "8 bits" not in open_runner(path, read_card(path), "openvino", 1).title


def test_a_family_without_such_layers_has_one_graph(tmp_path):
    path = make_family_card(tmp_path, "yolact")
    _made, agreement = export_model(path, "onnx", films_of(tmp_path / "films", 1), floor=0.0)
    assert (agreement.eight_bits, agreement.refused) == (0, "")
    assert not graph_path(path, read_card(path), EIGHT_BITS).exists()


def test_mask_heads_and_the_blocks_beyond_a_resnet_50_may():
    names = {depth: FAMILY.build(6, {"depth": depth}).network.state_dict() for depth in (50, 101)}
    match = {depth: {one for one in state if re.fullmatch(FAMILY.eight_bits, one)} for depth, state in names.items()}
    assert match[50] == {f"roi_heads.mask_head.{at}.0.weight" for at in range(4)}
    assert match[101] - match[50] == {one for one in set(names[101]) - set(names[50]) if "conv" in one}
    assert len(match[101]) == 3 * 17 + 4


def test_the_bundled_model_finds_the_same():
    card = next(weights_dir().glob("*.card.json"))
    model = load_model(card, "openvino")
    assert "8 bits" in model.runner.title
    plain = load_model(card, "onnxruntime")
    film = read_film(samples_dir() / "sample_11.png")
    for one, two in zip(predict(film, plain).shapes, predict(film, model).shapes, strict=True):
        assert one.label == two.label
        assert one.score == pytest.approx(two.score, abs=0.002)
        assert polygon_iou(one.polygon, two.polygon) >= 0.99
