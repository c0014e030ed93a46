"""The program's own start: what it imports, how it tells a screen, and what it does without one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vcfviewer import samples
from vcfviewer.__main__ import has_screen


def test_the_window_does_without_torch():
    code = "import sys, json, vcfviewer.application; print(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    modules = set(json.loads(ended.stdout))
    assert "vcfviewer.window" in modules
    assert not modules & {"torch", "torchvision", "scipy", "matplotlib", "labelme"}


@pytest.mark.parametrize(
    ("environ", "platform", "there"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", False),
        ({"QT_QPA_PLATFORM": "vnc"}, "linux", True),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_a_screen_is_told_from_none(environ, platform, there):
    assert has_screen(environ, platform) is there


def test_without_a_screen_the_job_is_done_headless_and_said(tmp_path, shared_sample):
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment["QT_QPA_PLATFORM"] = "offscreen"
    environment["HOME"] = str(tmp_path)
    command = [sys.executable, "-m", "vcfviewer", str(shared_sample)]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=240)
    assert ended.returncode == 0, ended.stderr
    assert "no screen" in ended.stdout
    assert "Results: " in ended.stdout
    assert list(Path(tmp_path).glob("vcfviewer-results/*/summary.csv"))


@pytest.fixture
def shared_sample(tmp_path):
    from engine.resources import samples_dir

    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "film.png").write_bytes((samples_dir() / "sample_08.png").read_bytes())
    return folder


def test_a_journal_among_the_originals_does_not_keep_the_samples_from_opening(tmp_path, monkeypatch):
    originals = tmp_path / "resources"
    (originals / ".vcfviewer").mkdir(parents=True)
    (originals / "sample_01.png").write_bytes(b"a film")
    monkeypatch.setattr(samples, "samples_dir", lambda: originals)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place = samples.sample_folder()
    assert [path.name for path in place.iterdir()] == ["sample_01.png"]
    assert (place / "sample_01.png").read_bytes() == b"a film"
