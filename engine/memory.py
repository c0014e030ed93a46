"""How much memory a process takes."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_bytes() -> int | None:
    """Return the most memory this process ever held; None where the system doesn't tell (Windows)."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage, which counts on Linux what the process that started this one held at that moment.
        line = next(
            line for line in status.read_text(encoding="ascii", errors="replace").splitlines() if "VmHWM" in line
        )
        return 1024 * int(line.split()[1])
    if sys.platform == "win32":
        return None
    import resource

    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
