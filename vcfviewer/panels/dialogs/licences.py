"""Under which licences this program and what it runs on are given, read from the installed packages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PROGRAM = "vcfviewer"


@dataclass(frozen=True, slots=True)
class Licence:
    """One installed package and its licence as the package names it, empty where it names none."""

    name: str
    version: str
    licence: str


def licence_text() -> str:
    """Return the program's own licence in full, its name alone where the text was not installed."""
    beside = Path(__file__).resolve().parents[3] / "LICENSE"
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    try:
        files = metadata.files(PROGRAM) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "LICENSE":
            return file.read_text(encoding="utf-8")
    return "Apache-2.0: https://www.apache.org/licenses/LICENSE-2.0"


def licences() -> tuple[Licence, ...]:
    """Return the packages that the program needs and their own needs, by name; empty in a bundle without metadata."""
    found: dict[str, Licence] = {}
    wanted = _needs(PROGRAM)
    while wanted:
        name = wanted.pop()
        if _plain(name) in found or _plain(name) == PROGRAM:
            continue
        try:
            package = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # needed on another system only
        found[_plain(name)] = Licence(str(package["Name"]), str(package["Version"]), _licence_of(name))
        wanted += _needs(name)
    return tuple(sorted(found.values(), key=lambda one: one.name.casefold()))


def _needs(name: str) -> list[str]:
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if "extra ==" not in line)
    return [name.group() for name in names if name is not None]


def _licence_of(name: str) -> str:
    package = metadata.metadata(name)
    expression = package.get_all("License-Expression") or []
    if expression:
        return str(expression[0])
    classifiers = package.get_all("Classifier") or []
    named = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License ::") and one.count("::") > 1]
    if named:
        return ", ".join(named)
    free = package.get_all("License") or []
    return str(free[0]).strip().partition("\n")[0][:80] if free else ""


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).casefold()
