"""What run.py and test.py share: the program's own Python environment, `.venv` beside pyproject.toml.

Standard library only: this runs before anything is installed.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
_PROBE = "import sys, pip; print('%d.%d' % sys.version_info[:2])"


class SetupError(Exception):
    """The environment can't be made; the message says what happened and what to do."""


def say(text: str) -> None:
    """Print a line at once, so that it stands before what a child process prints next."""
    print(text, flush=True)


def venv_program(venv: Path, name: str) -> Path:
    """Return the path of a program inside a virtual environment, on any system."""
    if os.name == "nt":
        return venv / "Scripts" / f"{name}.exe"
    return venv / "bin" / name


def has_screen(environ: Mapping[str, str], platform: str) -> bool:
    """Tell whether a window can open: Linux needs an X11 or Wayland display, Windows and macOS always have one."""
    return not platform.startswith("linux") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def child_environment(environ: Mapping[str, str], platform: str) -> dict[str, str]:
    """Return the environment for our programs: no foreign Qt plugins, and Qt off screen where there is no screen."""
    # A Qt plugin path from another program (OpenCV's wheels with a window set one) makes ours abort at start.
    child = {name: value for name, value in environ.items() if name != "QT_QPA_PLATFORM_PLUGIN_PATH"}
    if not has_screen(environ, platform):
        child.setdefault("QT_QPA_PLATFORM", "offscreen")
    return child


def ensure_environment(root: Path, *, dev: bool) -> Path:
    """Make `root/.venv` ready, with the development tools if `dev`, and return it; at once where nothing changed.

    Raises SetupError if the environment can't be made or pip fails.
    """
    venv = root / ".venv"
    version = _python_version(venv)
    if version is None:
        _make_venv(venv)
        version = _python_version(venv)
        if version is None:
            raise SetupError(f"{venv} was made, but its Python doesn't start. Remove that folder and try again.")
    fingerprint = _fingerprint(root, version)
    stamp = venv / "vcfviewer-setup.json"
    if not _is_current(stamp, fingerprint, dev=dev):
        # A run that is cut off in the middle must not leave an old stamp that still fits.
        stamp.unlink(missing_ok=True)
        _install(root, venv, dev=dev)
        stamp.write_text(json.dumps({"fingerprint": fingerprint, "dev": dev}) + "\n", encoding="utf-8")
    return venv


def _python_version(venv: Path) -> str | None:
    """Return "3.11" and the like, or None where the environment is absent, broken, without pip or too old."""
    try:
        command = [str(venv_program(venv, "python")), "-c", _PROBE]
        probe = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    version = probe.stdout.strip()
    return version if tuple(int(part) for part in version.split(".")) >= OLDEST_PYTHON else None


def _fingerprint(root: Path, version: str) -> str:
    """Hash all that decides what is installed. The folder counts: a moved checkout has an environment that is dead."""
    facts = hashlib.sha256((root / "pyproject.toml").read_bytes())
    facts.update(f"\n{version}\n{root}".encode())
    return facts.hexdigest()


def _is_current(stamp: Path, fingerprint: str, *, dev: bool) -> bool:
    try:
        found = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(found, dict):
        return False
    return found.get("fingerprint") == fingerprint and (found.get("dev") is True or not dev)


def _make_venv(venv: Path) -> None:
    say(f"Making a Python environment in {venv}")
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            f"{sys.executable} lacks the modules venv and ensurepip, which Debian and Ubuntu keep in a package of their"
            f" own. Install it, then try again:\n"
            f"  sudo apt-get install python{sys.version_info.major}.{sys.version_info.minor}-venv"
        )
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=False)
    if made.returncode != 0:
        raise SetupError(
            f"The environment {venv} could not be made ({sys.executable} -m venv ended with {made.returncode}); the "
            "lines above say why. Check that the folder may be written and that its disk has room."
        )


def _install(root: Path, venv: Path, *, dev: bool) -> None:
    say(f"Installing vcfviewer into {venv}; the first time takes minutes, and about 7 GB on Linux")
    python = str(venv_program(venv, "python"))
    target = ".[dev]" if dev else "."
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--editable", target]
    installed = subprocess.run(command, cwd=root, check=False)
    if installed.returncode != 0:
        free = shutil.disk_usage(root).free / 1e9
        raise SetupError(
            f"pip could not install vcfviewer (it ended with {installed.returncode}); the lines above say why. Check"
            f"\n  the network, and a proxy if there is one: pip must reach its package index"
            f"\n  the disk: {free:.1f} GB are free here, and on Linux about 7 GB are needed (CUDA comes with PyTorch)"
            f"\n  Python: a very new one may have no PyTorch yet; remove .venv and use an older one, from 3.11 on"
            f"\nthen try again: what was downloaded is kept."
        )
