"""What an export is told, is given, and tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from engine.domain.annotation import Annotation
from engine.domain.case import Prediction
from engine.domain.morphometry import Facing
from engine.errors import ConfigError
from engine.formats import exporters

LABELME, TABLES = "labelme", "csv"


class FilmCopy(Enum):
    """Whether films are copied into the export, or named by their path."""

    COPY = "copy"
    PATH = "path"


def export_formats() -> tuple[str, ...]:
    """Return the names of all formats: labelme's, then the registry's; `csv` stands for this export's own tables."""
    return (LABELME, *(one.name for one in exporters()))


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to write, and where; `holdout_share` (0 to below 1) of the patients is put aside for testing.

    `image_data`: labels carry a copy of the film. `reader` is who exports. `assumed_facing` is taken for films that
    nobody and no file says it of. Raises ConfigError for an unknown format, a
    share that makes no sense, and a de-identified export that would name films by their path.
    """

    folder: Path
    formats: tuple[str, ...] = (LABELME, TABLES)
    films: FilmCopy = FilmCopy.COPY
    image_data: bool = False
    deidentify: bool = False
    holdout_share: float = 0.0
    reader: str = ""
    assumed_facing: Facing | None = None

    def __post_init__(self) -> None:
        """Check what belongs together."""
        known = export_formats()
        unknown = [name for name in self.formats if name not in known]
        if unknown or not self.formats:
            raise ConfigError(f"an export needs formats among {', '.join(known)}; got {', '.join(unknown) or 'none'}")
        if not 0 <= self.holdout_share < 1:
            raise ConfigError(f"the hold-out's share must be from 0 to below 1, got {self.holdout_share}")
        if self.deidentify and self.films is FilmCopy.PATH:
            raise ConfigError("a de-identified export needs copies of the films: their paths may name patients")

    @property
    def has_labels(self) -> bool:
        """Whether anything is written that needs the films."""
        return any(name != TABLES for name in self.formats)

    @property
    def tells_no_film(self) -> bool:
        """Whether no hash of a film is told: without copies it would be that of a file that identifies somebody."""
        return self.deidentify and not self.has_labels


@dataclass(frozen=True, slots=True)
class ExportItem:
    """One film to export: its `annotation` as it stands, `original` as it was first opened, what a model said of it.

    `key` is the film's path below its folder, with slashes; it names the files written (default: the file's name).
    `patient` is a hash that goes before what the film says. `embedded`: the film stands in the `imageData` of the
    labelme file `film_path`.
    """

    film_path: Path
    annotation: Annotation
    original: Annotation | None = None
    prediction: Prediction | None = None
    key: str = ""
    patient: str | None = None
    embedded: bool = False

    @property
    def name(self) -> str:
        """Return the film's name, for people."""
        return self.key or self.film_path.name


@dataclass(frozen=True, slots=True)
class SkippedFilm:
    """A film that isn't exported, and why; whoever can't open one hands this over in its stead."""

    film: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What came of an export: its folder (that asked for, or one within it) and all files in it.

    `warnings` name films by their own names: they are for the reader, and stand in no file of a de-identified export.
    """

    folder: Path
    written: tuple[Path, ...]
    skipped: tuple[SkippedFilm, ...] = ()
    warnings: tuple[str, ...] = ()
    training_films: int = 0
    held_out_films: int = 0
