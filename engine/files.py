"""What may be opened: regular files, also through links; a pipe or a device would be waited for without end."""

from __future__ import annotations

import stat
from pathlib import Path

SPECIAL = "a pipe, socket or device"
"""What `is_special` finds, for messages."""


def is_special(path: Path) -> bool:
    """Whether a path leads to what is neither a file nor a folder; raises OSError where it leads nowhere."""
    mode = path.stat().st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
