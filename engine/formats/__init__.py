"""Annotation formats, one file each. The folder is the registry of exports: a module with `EXPORTER` is one."""

from __future__ import annotations

import importlib
import pkgutil

from engine.errors import ConfigError
from engine.formats._contract import Exporter


def exporters() -> tuple[Exporter, ...]:
    """Return the exports of this folder, by name."""
    names = sorted(one.name for one in pkgutil.iter_modules(__path__) if not one.name.startswith("_"))
    modules = (importlib.import_module(f"engine.formats.{name}") for name in names)
    return tuple(module.EXPORTER for module in modules if hasattr(module, "EXPORTER"))


def exporter(name: str) -> Exporter:
    """Return one export; raises ConfigError that lists the known ones."""
    known = {one.name: one for one in exporters()}
    if name not in known:
        raise ConfigError(f"there is no export {name!r}; known: {', '.join(known)}")
    return known[name]
