"""Network families: one file each; the folder is the registry. Names starting with an underscore are no families."""

from __future__ import annotations

import importlib
import pkgutil

from engine.errors import ConfigError
from engine.models._contract import Family


def family_names() -> tuple[str, ...]:
    """Return the families of this folder, by name."""
    return tuple(sorted(one.name for one in pkgutil.iter_modules(__path__) if not one.name.startswith("_")))


TRUNK = "trunk"
"""What a detector can start from; it trains like a family and isn't listed as one."""


def load_family(name: str) -> Family:
    """Import one family, or the trunk; raises ConfigError that lists the known ones."""
    if name != TRUNK and name not in family_names():
        raise ConfigError(f"there is no model family {name!r}; known: {', '.join(family_names())}")
    module = f"_{name}" if name == TRUNK else name
    family: Family = importlib.import_module(f"engine.models.{module}").FAMILY
    return family
