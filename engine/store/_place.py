"""Where a folder's store lies: in the folder, or in the user's data folder.

Decision: in the folder, so that it goes along with the films, unless that can't be written or lies on a network share,
where SQLite's write-ahead log isn't safe. A store that once lay in the user's data folder stays there. Rejected: moving
it back when the folder becomes writable, since two histories of one film can't be joined. Consequence: readers on two
computers don't see who holds a film on a share; there only the hash of a labelme file tells that another changed it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = ".vcfviewer"
NAME = "review.sqlite"

MOUNTS = Path("/proc/self/mountinfo")

NETWORK_SYSTEMS = frozenset(
    ("9p", "acfs", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.davfs2", "fuse.gvfsd-fuse",
     "fuse.rclone", "fuse.sshfs", "gfs2", "glusterfs", "fuse.glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
     "ocfs2", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs", "fuse.vmhgfs-fuse", "webdav")
)  # fmt: skip
"""File systems that are shared with other computers, a virtual machine's host included."""

_DRIVE_REMOTE = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where the store lies; `why_elsewhere` is empty where that is the folder itself."""

    path: Path
    why_elsewhere: str = ""


def find_place(folder: Path, home: Path | None = None, mounts: Path = MOUNTS) -> Place:
    """Choose where a folder's store lies, and make the folder that it lies in; raises OSError if nowhere can.

    `home` is the user's data folder of this program, by default the one of this system.
    """
    elsewhere = (home or user_data_folder()) / "stores" / _name(folder) / NAME
    why = "this folder lies on a network share" if on_network(folder, mounts) else _refusal(folder)
    own = folder / FOLDER / NAME
    if not why and elsewhere.exists():
        why = "the review of this folder was begun while it couldn't be written"
    if not why:
        return Place(own)
    elsewhere.parent.mkdir(parents=True, exist_ok=True)
    if not elsewhere.exists():
        _carry_over(own, elsewhere)
    return Place(elsewhere, why)


def has_store(folder: Path, home: Path | None = None) -> bool:
    """Whether a folder has a store already; makes nothing."""
    elsewhere = (home or user_data_folder()) / "stores" / _name(folder) / NAME
    return (folder / FOLDER / NAME).exists() or elsewhere.exists()


def user_data_folder(system: str = sys.platform) -> Path:
    """Return where this program keeps a user's data: the folder that each system has for it."""
    if system == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "vcfviewer"
    if system == "darwin":
        return Path.home() / "Library" / "Application Support" / "vcfviewer"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "vcfviewer"


def user_cache_folder(system: str = sys.platform) -> Path:
    """Return where this program keeps what it can make anew: the folder that each system has for it."""
    if system == "win32":
        return user_data_folder(system) / "cache"
    if system == "darwin":
        return Path.home() / "Library" / "Caches" / "vcfviewer"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vcfviewer"


def on_network(folder: Path, mounts: Path = MOUNTS) -> bool:
    """Whether a folder lies on a file system that is shared with other computers."""
    whole = folder.resolve()
    if sys.platform == "win32":
        return _windows_remote(whole)
    if mounts.exists():
        return _system_of(whole, _linux_mounts(mounts.read_text("utf-8", "surrogateescape"))) in NETWORK_SYSTEMS
    if sys.platform == "darwin":
        listed = subprocess.run(("/sbin/mount",), capture_output=True, text=True, errors="surrogateescape", check=False)
        return _system_of(whole, _mac_mounts(listed.stdout)) in NETWORK_SYSTEMS
    return False


def _system_of(folder: Path, mounts: list[tuple[Path, str]]) -> str:
    """Return the type of the file system that a folder lies on: that of the last, deepest mount above it."""
    above = [(len(point.parts), at, system) for at, (point, system) in enumerate(mounts)
             if folder.is_relative_to(point)]  # fmt: skip
    return max(above)[2] if above else ""


def _linux_mounts(text: str) -> list[tuple[Path, str]]:
    """Read /proc/self/mountinfo (proc(5)): the fifth field is the place, the type follows a lone hyphen."""
    found = []
    for line in text.splitlines():
        fields = line.split(" ")
        if "-" in fields[5:] and len(fields) > fields.index("-", 5) + 1:
            found.append((Path(_unescaped(fields[4])), fields[fields.index("-", 5) + 1]))
    return found


def _mac_mounts(text: str) -> list[tuple[Path, str]]:
    """Read lines such as `//anna@server/films on /Volumes/films (smbfs, nodev, nosuid)`."""
    found = []
    for line in text.splitlines():
        head, bracket, options = line.rpartition(" (")
        _, on, place = head.partition(" on ")
        if bracket and on:
            found.append((Path(place), options.rstrip(")").split(",")[0].strip()))
    return found


def _unescaped(text: str) -> str:
    """Undo the octal escapes of spaces and the like."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def _windows_remote(folder: Path) -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    if folder.drive.startswith("\\\\"):
        return True
    return int(ctypes.windll.kernel32.GetDriveTypeW(folder.anchor)) == _DRIVE_REMOTE


def _refusal(folder: Path) -> str:
    """Return why a store can't lie in a folder, empty where it can: tried, for rights alone don't tell."""
    try:
        (folder / FOLDER).mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder / FOLDER) as file:
            file.write(b"x")
    except OSError as error:
        # A full disk may have room again tomorrow, and a store that is there has room kept back.
        if not (error.errno == errno.ENOSPC and (folder / FOLDER / NAME).exists()):
            return f"this folder can't be written: {error.strerror or error}"
    for kept in (folder / FOLDER / NAME, folder / FOLDER / f"{NAME}-wal"):
        if kept.exists() and not os.access(kept, os.W_OK):
            return "the review of this folder can't be written"
    return ""


def _carry_over(own: Path, elsewhere: Path) -> None:
    """Begin with what the folder's own store says, its log included."""
    if not own.is_file():
        return
    # The store itself last: whoever finds it has all, and half a copy is begun anew.
    for name in (f"{NAME}-wal", NAME):
        source, target = own.with_name(name), elsewhere.with_name(name)
        if source.is_file():
            part = target.with_name(f"{name}.part")
            shutil.copyfile(source, part)
            part.replace(target)


def _name(folder: Path) -> str:
    whole = folder.resolve()
    return f"{whole.name[:40]}-{hashlib.sha256(os.fsencode(whole)).hexdigest()[:16]}"
