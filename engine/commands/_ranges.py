"""Numbers that a command is given: refused before any work where they make no sense."""

from __future__ import annotations

import math

from engine.errors import ConfigError


def check_least(option: str, value: int, least: int) -> None:
    """Raise ConfigError where `value` is below `least`."""
    if not value >= least:
        raise ConfigError(f"{option} must be a whole number of at least {least}, got {value}")


def check_share(option: str, value: float | None, above: bool = False) -> None:
    """Raise ConfigError unless `value` lies between 0 and 1; `above`: 0 itself isn't allowed. None is not given."""
    if value is None or (0 < value <= 1 if above else 0 <= value <= 1):
        return
    wanted = "must lie above 0 and at most at 1" if above else "must lie between 0 and 1"
    raise ConfigError(f"{option} {wanted}, got {value}")


def check_positive(option: str, value: float) -> None:
    """Raise ConfigError where `value` isn't a finite number above 0."""
    if not 0 < value < math.inf:
        raise ConfigError(f"{option} must be a number above 0, got {value}")
