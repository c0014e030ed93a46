"""Which backend runs a model, and what is said where none can."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from tiny_model import make_tiny_card, with_input_size

from engine.backends import PREFERRED, backend_names, load_backend, open_runner
from engine.backends._graph import exported, graph_path
from engine.errors import ConfigError, WeightsError
from engine.exporting import write_graph
from engine.weights import read_card, write_card

RUNS = """
import sys, threading
from pathlib import Path
from engine.backends import open_runner
from engine.weights import read_card
path = Path(sys.argv[1])
open_runner(path, read_card(path), "openvino")
told = [name for name, module in sys.modules.items() if name.startswith("openvino_telemetry") and module is not None]
print(len(threading.enumerate()), told)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A card with its graph."""
    path = make_tiny_card(tmp_path_factory.mktemp("card"))
    write_graph(path)
    return path


def title(path, wanted="auto", threads=1):
    return open_runner(path, read_card(path), wanted, threads).title


def absent(monkeypatch, *names):
    """Let backends be not installed, as far as the choice can see."""
    for name in names:
        backend = load_backend(name)
        monkeypatch.setattr(f"engine.backends.{name}.BACKEND", replace(backend, installed=lambda: False))


def test_every_backend_of_the_folder_is_known():
    assert set(backend_names()) == set(PREFERRED) == {"openvino", "onnxruntime", "torch"}
    assert all(load_backend(name).installed() for name in backend_names())


def test_auto_takes_the_quickest_that_is_there(made, monkeypatch):
    assert title(made).startswith("OpenVINO")
    assert title(made, threads=2).endswith("2 threads")
    absent(monkeypatch, "openvino")
    assert title(made).startswith("ONNX Runtime")
    absent(monkeypatch, "onnxruntime")
    assert title(made).startswith("PyTorch")
    absent(monkeypatch, "torch")
    with pytest.raises(WeightsError, match="export-model"):
        title(made)


def test_a_graphics_card_is_pytorchs(made, monkeypatch):
    monkeypatch.setattr("engine.backends._graphics_card", lambda: True)
    assert title(made).startswith("PyTorch")


def test_a_card_that_was_not_exported_runs_by_pytorch_or_says_what_to_do(tmp_path):
    path = make_tiny_card(tmp_path)
    assert title(path).startswith("PyTorch")
    for name in ("openvino", "onnxruntime"):
        with pytest.raises(WeightsError, match=r"tiny.card.json: the model was not exported.*export-model"):
            title(path, name)


def test_a_graph_belongs_to_one_network_with_its_settings(made):
    card = read_card(made)
    assert exported(made, card, (".onnx",)) is not None
    for other in (replace(card, input_size=(64, 96)), replace(card, sha256="0" * 64),
                  replace(card, options={**card.options, "detections": 7})):  # fmt: skip
        assert graph_path(made, other) != graph_path(made, card)
        assert exported(made, other, (".onnx",)) is None
    assert graph_path(made, replace(card, score_threshold=0.9, metrics={"a": 1})) == graph_path(made, card)
    larger = with_input_size(made, "larger", (128, 160))
    assert title(larger).startswith("PyTorch")


def test_what_cannot_run_is_told(made, monkeypatch):
    card = read_card(made)
    with pytest.raises(ConfigError, match="no backend 'tensorrt'; known: auto, onnxruntime, openvino, torch"):
        open_runner(made, card, "tensorrt")
    for name in ("openvino", "onnxruntime"):
        with pytest.raises(ConfigError, match="processor only"):
            open_runner(made, card, f"{name}:cuda")
    with pytest.raises(ConfigError, match=r"torch:mps.*use torch:cpu"):
        open_runner(made, card, "torch:mps")
    with pytest.raises(ConfigError, match="expected torch:cpu, torch:cuda or torch:mps"):
        open_runner(made, card, "torch:fridge")
    absent(monkeypatch, "openvino")
    with pytest.raises(ConfigError, match="OpenVINO isn't installed"):
        open_runner(made, card, "openvino")


def test_a_model_that_runs_tells_nobody(made, tmp_path):
    """OpenVINO's tools would send word of every start, and keep the number they know a computer by in its home."""
    command = [sys.executable, "-c", RUNS, str(made)]
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split(maxsplit=1) == ["1", "[]\n"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["openvino", "onnxruntime"])
def test_damaged_weights_and_graphs_are_refused_by_name(tmp_path, name):
    path = make_tiny_card(tmp_path)
    graph = write_graph(path)
    whole = graph.read_bytes()
    graph.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match=r"tiny-.*\.onnx: .*reinstall the model"):
        title(path, name)
    graph.write_bytes(whole)
    assert title(path, name)
    shard = tmp_path / read_card(path).shards[0]
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(bytes(data))
    with pytest.raises(WeightsError, match="sha256"):
        title(path, name)
    write_card(path, read_card(path))
    shard.unlink()
    with pytest.raises(WeightsError, match="can't be read"):
        title(path, name)
