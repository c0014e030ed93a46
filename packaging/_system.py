"""The system's own libraries that Qt needs on Linux; pip can't bring them. Standard library only."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from _setup import say


class Library(NamedTuple):
    """A shared library, and the packages that bring it on Debian and its kin (apt) and on Fedora and its kin (dnf)."""

    name: str
    apt: str
    dnf: str


# What the Qt libraries and platform plugins of PySide6 6.11 and PyQt5 5.15 (labelme's) name as needed (readelf -d) and
# don't bring along.
QT_LIBRARIES = (
    Library("libEGL.so.1", "libegl1", "libglvnd-egl"),
    Library("libGL.so.1", "libgl1", "libglvnd-glx"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    Library("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    Library("libgssapi_krb5.so.2", "libgssapi-krb5-2", "krb5-libs"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    Library("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    Library("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    Library("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    Library("libxcb-xinerama.so.0", "libxcb-xinerama0", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
)
SCREEN_PROGRAMS = (
    Library("Xvfb", "xvfb", "xorg-x11-server-Xvfb"),
    Library("xdotool", "xdotool", "xdotool"),
)
"""What opens real windows, and presses real keys, where there is no screen; for the tests alone."""
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_FONT = Library("any scalable font", "fonts-dejavu-core", "dejavu-sans-fonts")
# The commands that install packages, by the program that must be there; the packages' names are put at the end.
_INSTALLERS: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "apt-get": (("apt-get", "update"), ("apt-get", "install", "--yes", "--no-install-recommends")),
        "dnf": (("dnf", "install", "--assumeyes"),),
    }
)


def missing_libraries(libraries: Iterable[Library] = QT_LIBRARIES) -> tuple[Library, ...]:
    """Return those libraries that can't be loaded here."""
    return tuple(library for library in libraries if not _loads(library.name))


def install_commands(manager: str, missing: Iterable[Library]) -> tuple[tuple[str, ...], ...]:
    """Return the commands that bring `missing`, for the manager apt-get or dnf."""
    packages = sorted({library.apt if manager == "apt-get" else library.dnf for library in missing})
    *first, last = _INSTALLERS[manager]
    return (*first, (*last, *packages))


def prepare_qt(*, with_screen: bool = False) -> None:
    """Install the libraries Qt lacks where we are root, else say how to; windows and labelme need them.

    Anywhere but on Linux, Qt's wheels bring all they need. `with_screen`: a virtual screen for tests, too.
    """
    missing = _missing_here(with_screen) if sys.platform.startswith("linux") else ()
    if not missing:
        return
    say("Qt needs system packages that are missing: " + ", ".join(library.name for library in missing))
    manager = next((name for name in _INSTALLERS if shutil.which(name)), None)
    if manager is None:
        say("Install them with your system's package manager.")
        return
    commands = install_commands(manager, missing)
    if os.geteuid() != 0:
        say("Install them with:")
        for command in commands:
            say("  sudo " + " ".join(command))
        return
    for command in commands:
        say("+ " + " ".join(command))
        subprocess.run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False)
    missing = _missing_here(with_screen)
    if missing:
        say("Still missing, and windows may not open: " + ", ".join(library.name for library in missing))


def _missing_here(with_screen: bool) -> tuple[Library, ...]:
    missing = missing_libraries()
    if with_screen:
        missing += tuple(program for program in SCREEN_PROGRAMS if shutil.which(program.name) is None)
    return missing if _has_font() else (*missing, _FONT)


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _has_font() -> bool:
    for folder in _FONT_FOLDERS:
        found = Path(folder).expanduser().rglob("*.[to]t[fc]")
        if next(found, None) is not None:
            return True
    return False
