"""Compiled networks are kept, and read again; what can't be used is made anew."""

import os
from pathlib import Path

import numpy as np
import pytest
from tiny_model import make_quick_card

from engine.backends._compiled import KEPT, compiled
from engine.backends._graph import graph_path
from engine.backends.openvino import OpenVinoRunner, import_openvino
from engine.exporting import write_graph
from engine.store import user_cache_folder
from engine.weights import read_card

openvino = import_openvino()
IMAGE = np.random.default_rng(3).random((128, 64), np.float32)


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    path = make_quick_card(tmp_path_factory.mktemp("card"))
    write_graph(path)
    return graph_path(path, read_card(path))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where compiled networks lie in this test."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):  # Linux, Windows, macOS
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    return user_cache_folder() / "compiled"


@pytest.fixture
def read_graphs(monkeypatch):
    """The graphs that were read, and so compiled, in this test."""
    seen = []
    read = openvino.Core.read_model

    def read_model(core, path, *more):
        seen.append(Path(path).name)
        return read(core, path, *more)

    monkeypatch.setattr(openvino.Core, "read_model", read_model)
    return seen


def findings(graph, threads=1, precision="f32", worth_it=0.0):
    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision, "ENABLE_CPU_PINNING": False}
    return OpenVinoRunner(compiled(openvino, graph, settings, worth_it), "tiny").find(IMAGE)


def assert_same(one, other):
    assert len(one.scores) > 0
    for name in ("boxes", "labels", "scores", "masks"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_a_network_is_compiled_once_and_finds_the_same(graph, folder, read_graphs):
    first = findings(graph)
    assert_same(findings(graph), first)
    assert findings(graph, threads=2).scores == pytest.approx(first.scores, abs=1e-5)
    assert read_graphs == [graph.name]
    assert len(list(folder.iterdir())) == 1


def test_another_precision_or_graph_is_another_network(graph, folder, tmp_path, read_graphs):
    findings(graph)
    findings(graph, precision="bf16")
    other = graph.with_name(f"other-{graph.name}")
    other.write_bytes(graph.read_bytes())
    findings(other)
    assert read_graphs == [graph.name, graph.name, other.name]
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("harm", [
    lambda data: b"", lambda data: data[:20], lambda data: data[:-1], lambda data: data[:-1] + b"!",
    lambda data: data[:40] + bytes(400) + data[440:],
])  # fmt: skip
def test_a_damaged_file_is_made_anew(graph, folder, read_graphs, harm):
    first = findings(graph)
    (kept,) = folder.iterdir()
    kept.write_bytes(harm(kept.read_bytes()))
    assert_same(findings(graph), first)
    assert len(read_graphs) == 2
    assert_same(findings(graph), first)
    assert len(read_graphs) == 2


def test_a_file_that_openvino_refuses_is_made_anew(graph, folder, read_graphs, monkeypatch):
    first = findings(graph)

    def refuse(*_given):
        raise RuntimeError("made by another version")

    with monkeypatch.context() as patch:
        patch.setattr(openvino.Core, "import_model", refuse)
        assert_same(findings(graph), first)
    assert len(read_graphs) == 2


def test_those_used_last_are_kept(graph, folder):
    findings(graph)
    (own,) = folder.iterdir()
    for age in range(1, KEPT + 2):
        old = folder / f"{age}.blob"
        old.write_bytes(b"old")
        os.utime(old, (1e9 - age, 1e9 - age))
    os.utime(own, (1e9 - 100, 1e9 - 100))
    findings(graph)  # Read, and so used: no longer the oldest.
    findings(graph, precision="bf16")
    assert own.exists()
    assert {one.name for one in folder.iterdir()} > {"1.blob"}
    assert len(list(folder.iterdir())) == KEPT


def test_what_is_compiled_at_once_is_not_kept(graph, folder):
    findings(graph, worth_it=1e6)
    assert not folder.exists()


def test_without_a_place_to_keep_it_a_network_runs_all_the_same(graph, folder, tmp_path, read_graphs):
    (tmp_path / "cache").write_text("a file where a folder was to be")
    assert_same(findings(graph), findings(graph))
    assert len(read_graphs) == 2


def test_a_graph_that_is_none_is_refused(folder, tmp_path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"nothing")
    with pytest.raises(RuntimeError):
        findings(broken)
