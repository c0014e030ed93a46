"""The errors a caller of the engine may meet. Each message says what was expected, what came, and what to do."""

from __future__ import annotations

from pathlib import Path


class EngineError(Exception):
    """Base of every error the engine raises on purpose."""


class FileError(EngineError):
    """A file that can't be used; the message always begins with its path."""

    def __init__(self, path: Path | str, reason: str) -> None:
        """Keep the path and the reason apart, so that a table can show them in two columns."""
        super().__init__(f"{path}: {reason}")
        self.path = Path(path)
        self.reason = reason

    @property
    def errno(self) -> int | None:
        """Return the system's number of what went wrong, None where the system said nothing."""
        return self.__cause__.errno if isinstance(self.__cause__, OSError) else None

    def __reduce__(self) -> tuple[type[FileError], tuple[Path, str]]:
        """Be made again of path and reason: what exceptions keep by themselves, the message, isn't enough."""
        return type(self), (self.path, self.reason)


class FilmReadError(FileError):
    """A radiograph that can't be read as one 2-D film."""


class AnnotationReadError(FileError):
    """An annotation file that can't be read; it must neither be shown as empty nor overwritten."""


class AnnotationWriteError(FileError):
    """An annotation that could not be written; the file that stood there before is whole."""


class WeightsError(FileError):
    """Weights or a model card that can't be loaded, or don't fit the network."""


class ModelError(EngineError):
    """A model that could not answer: memory that ran out, its process killed or stuck."""


class ConfigError(EngineError):
    """A setting that makes no sense, or settings that contradict each other."""


class DataError(EngineError):
    """A data set that can't be used as asked: an empty class, a patient in two parts, too few films."""


class TrainingError(EngineError):
    """Training that can't go on: losses that aren't numbers, memory exhausted, a broken checkpoint."""


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out: torch and OpenCV have no error class of their own for it."""
    if isinstance(error, MemoryError):
        return True
    text = str(error).lower()
    signs = ("allocate memory", "out of memory", "insufficient memory", "failed to allocate", "bad_alloc")
    return any(sign in text for sign in signs)
