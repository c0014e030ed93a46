"""Films named in a list: a text file with a path a line, or a CSV file with the column `film`.

Paths in a list are below the list's own folder, unless they are whole.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

from engine.data.worklist import WorkItem, find_work
from engine.errors import ConfigError
from engine.films import natural_key

COLUMN = "film"


def find_inputs(inputs: Sequence[Path]) -> tuple[tuple[WorkItem, ...], tuple[Path, ...]]:
    """List what films, folders, labelme files and lists of films (.txt, .csv) hold, in natural order, each film once.

    Also returns the folders that films keep their place below: each folder named, and the one that all films of a list
    lie in. A film of a list that isn't there becomes an item with a reason. Raises ConfigError for a list that can't be
    used, and FilmReadError for an input that isn't there.
    """
    named: list[Path] = []
    lost: dict[Path, None] = {}
    roots = [path for path in inputs if path.is_dir()]
    for path in inputs:
        if path.suffix.lower() not in (".txt", ".csv") or not path.is_file():
            named.append(path)
            continue
        listed = read_manifest(path)
        roots += _shared_folders(listed)
        for film in listed:
            # Not Path.exists, which raises for what can't be a path, such as a line of prose.
            if os.path.exists(film):
                named.append(film)
            else:
                lost[film] = None
    items = [*find_work(named), *(WorkItem(film, reason="no such file or folder") for film in lost)]
    return tuple(sorted(items, key=lambda item: natural_key(item.film))), tuple(dict.fromkeys(roots))


def read_manifest(path: Path) -> tuple[Path, ...]:
    """Return the films that a list names, as they stand there; raises ConfigError where it can't be read as one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: the list of films can't be read: {error.strerror or error}") from error
    if b"\0" in data:
        raise ConfigError(f"{path}: expected a list of films as text in UTF-8, got something else; save it as UTF-8")
    # File names may be no UTF-8; this keeps their bytes.
    lines = data.decode("utf-8-sig", "surrogateescape").splitlines()
    if path.suffix.lower() == ".csv":
        lines = _column(path, lines)
    return tuple(path.parent / line.strip() for line in lines if line.strip())


def _column(path: Path, lines: Sequence[str]) -> list[str]:
    try:
        table = csv.DictReader(lines)
        columns = table.fieldnames or ()
        if COLUMN in columns:
            return [row[COLUMN] or "" for row in table]
    except csv.Error as error:
        raise ConfigError(f"{path}: expected a table with the column {COLUMN}, got {error}") from error
    raise ConfigError(f"{path}: expected a table with the column {COLUMN}, got {','.join(columns) or 'nothing'}")


def _shared_folders(films: Sequence[Path]) -> list[Path]:
    """Return the folder that all films lie in, one for each drive, and one for paths that aren't whole."""
    parents: dict[str, set[str]] = {}
    for film in films:
        parents.setdefault(film.anchor, set()).add(str(film.parent))
    return [Path(os.path.commonpath(folders)) for folders in parents.values()]
