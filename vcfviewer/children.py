"""Child processes of the program: how the engine is started, how it yields, whether it runs, what it wrote.

A process is known by its number and its start, since numbers are used again: after a restart of the computer the
number of a training that ended may belong to anybody.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

ENGINE_SWITCH = "--engine"
"""First word on the command line of a frozen bundle that makes it `vcf-engine`: there is no Python beside it."""

STRIPPED = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_PLUGIN_PATH", "QT_QPA_FONTDIR")
"""What names this program's own Qt: a PyQt5 program started with it aborts."""


class Life(Enum):
    """What a process does."""

    RUNNING = "running"
    PAUSED = "paused"
    GONE = "gone"


def engine_command(*arguments: str) -> list[str]:
    """Return the command that runs `vcf-engine` with these arguments, in a bundle and outside one."""
    if getattr(sys, "frozen", False):
        return [sys.executable, ENGINE_SWITCH, *arguments]
    # -P: a folder named engine among the reader's films must not be taken for this program's.
    return [sys.executable, "-P", "-m", "engine", *arguments]


def child_environment() -> dict[str, str]:
    """Return this process' environment without what would mislead a child."""
    return {key: value for key, value in os.environ.items() if key not in STRIPPED}


def quiet_flags() -> int:
    """Return the creation flags of a child that computes beside a window: on Windows low priority, no console."""
    if sys.platform == "win32":
        return subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
    return 0


def step_back(pid: int, by: int) -> None:
    """Let a child that was just started yield to others: `by` (1 to 19) is added to its niceness.

    On Linux a child with a session of its own is weighed as a group, and niceness counts only within it: the group is
    made nice as well. Windows has `quiet_flags` for this.
    """
    if sys.platform == "win32":
        return
    with suppress(ProcessLookupError, PermissionError):
        os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, 0) + by)
        if os.getsid(pid) == pid:
            with suppress(OSError):  # No such file where the kernel weighs no groups.
                Path(f"/proc/{pid}/autogroup").write_text(str(by), encoding="ascii")


def mark_of(pid: int) -> str | None:
    """Return what tells this process from all others that had or will have its number; None where none runs."""
    found = _look(pid)
    return found[0] if found is not None else None


def life_of(pid: int, mark: str) -> Life:
    """Return what the process of this number and mark does; a stranger under its number is not it."""
    found = _look(pid)
    if found is None or found[0] != mark:
        return Life.GONE
    return found[1]


def _look(pid: int) -> tuple[str, Life] | None:
    """Return mark and life of a process, None for one that isn't there, or ended and wasn't waited for."""
    if sys.platform == "win32":
        return _look_windows(pid)
    if sys.platform == "linux":
        return _look_linux(pid)
    return _look_posix(pid)


def _look_linux(pid: int) -> tuple[str, Life] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    # The name in brackets may hold anything, brackets too; state is the third field, start the twenty-second.
    fields = text.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return f"{boot}:{fields[19]}", Life.PAUSED if fields[0] in "Tt" else Life.RUNNING


def _look_posix(pid: int) -> tuple[str, Life] | None:
    told = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False,
        env={**os.environ, "LC_ALL": "C"},
    ).stdout.split(maxsplit=1)  # fmt: skip
    if len(told) < 2 or told[0].startswith("Z"):
        return None
    return told[1].strip(), Life.PAUSED if told[0].startswith("T") else Life.RUNNING


def _look_windows(pid: int) -> tuple[str, Life] | None:
    if sys.platform != "win32":
        raise OSError("only Windows can be asked this way")
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    query_limited, still_active = 0x1000, 259
    handle = kernel.OpenProcess(query_limited, False, pid)
    if not handle:
        return None
    try:
        code, times = ctypes.c_ulong(), [ctypes.c_ulonglong() for _ in range(4)]
        kernel.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code))
        kernel.GetProcessTimes(ctypes.c_void_p(handle), *(ctypes.byref(one) for one in times))
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))
    return (str(times[0].value), Life.RUNNING) if code.value == still_active else None


class JsonLines:
    """JSON objects, one a line, of a file that another process writes; each is given once."""

    def __init__(self, path: Path, most: int = 256 * 1024) -> None:
        """Begin at the file's first line; read at most `most` bytes at once, so that a long log stalls nobody."""
        self._path = path
        self._most = most
        self._at = 0

    def read(self) -> tuple[dict[str, Any], ...]:
        """Return the objects that were written since the last call; none where there is no file yet.

        A line that is half written waits for its rest; one that is no JSON object is passed over.
        """
        try:
            with self._path.open("rb") as file:
                file.seek(self._at)
                data = file.read(self._most)
                end = data.rfind(b"\n") + 1
                if not end and len(data) == self._most:
                    data += file.readline()
                    end = data.rfind(b"\n") + 1
        except FileNotFoundError:
            return ()
        self._at += end
        found = (_json_object(line) for line in data[:end].splitlines())
        return tuple(one for one in found if one is not None)


def last_json(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in a file's last whole line; None where there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 64 * 1024))
            lines = file.read().rpartition(b"\n")[0].splitlines()
    except FileNotFoundError:
        return None
    return _json_object(lines[-1]) if lines else None


def last_words(path: Path) -> str:
    """Return the last line that a process left on its standard error; empty where it left none."""
    try:
        lines = path.read_bytes()[-4096:].decode("utf-8", errors="replace").strip().splitlines()
    except FileNotFoundError:
        return ""
    return lines[-1].strip() if lines else ""


def _json_object(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
