"""What every export offers: annotations of many films in, files in a folder out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.domain.annotation import Annotation


@dataclass(frozen=True, slots=True)
class Exporter:
    """One row of the registry of exports; `write(folder, annotations)` returns the files it wrote.

    It raises AnnotationWriteError where a file can't be written, or a film's size isn't known.
    """

    name: str
    title: str
    write: Callable[[Path, Sequence[Annotation]], tuple[Path, ...]]
