"""The only place that finds `resources/`: in a source tree, an editable install, a wheel, and a frozen bundle."""

from __future__ import annotations

import sys
from pathlib import Path


def resources_dir() -> Path:
    """Return the folder with weights, samples and icons; raises FileNotFoundError that names the places searched."""
    here = Path(__file__).resolve().parent
    candidates = [here.parent / "resources", here.parent / "vcfviewer" / "resources"]
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        candidates.insert(0, Path(bundle) / "resources")
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    searched = ", ".join(str(candidate) for candidate in candidates)
    raise FileNotFoundError(f"resources not found; searched {searched}. Reinstall vcfviewer.")


def weights_dir() -> Path:
    """Return the folder of bundled weights and their model cards."""
    return resources_dir() / "weights"


def samples_dir() -> Path:
    """Return the folder of simulated sample films."""
    return resources_dir() / "samples"
