"""Films whose decoding holds Python's lock, read in a process of their own: `vcf-engine decode`. Knows no Qt.

Decision: a child for compressed DICOM and for films inside labelme files. Rejected: all reading in the reading lane,
where 12 megapixels of JPEG 2000 stalled the window for 1.2 s, and 17 MB of imageData for 60 ms; all reading in a child,
which costs a copy of each film. Consequence: what the lane reads itself lets the window go on, and is the common case.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from engine.control import CancelToken
from engine.data.worklist import WorkItem
from engine.errors import FilmReadError, ModelError
from engine.films.packed import read_packed
from engine.films.sniff import is_compressed
from engine.review.opening import ReadFilm, read_ahead
from vcfviewer.answering_child import AnsweringChild, failure_of
from vcfviewer.children import engine_command


class FilmProcess:
    """Reads films for the reading lane; the child starts with the first film that needs it."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        """Start nothing yet; `command` stands in for `vcf-engine decode`."""
        words = command if command is not None else engine_command("decode", "--json")
        self._child = AnsweringChild(words, "the process that reads films")
        self._folder = tempfile.TemporaryDirectory(prefix="vcfviewer-films-")
        self._numbers = count(1)

    @property
    def pid(self) -> int | None:
        """Return the number of the child process that runs, None where none does."""
        return self._child.pid

    def read(self, item: WorkItem, cancel: CancelToken) -> ReadFilm:
        """Return a film and the sha256 of its bytes; raises FilmReadError and Cancelled, whoever read it."""
        cancel.check()
        if not item.embedded and not is_compressed(item.film):
            return read_ahead(item, cancel)
        out = Path(self._folder.name) / f"{next(self._numbers)}.film"
        request = {"film": str(item.film.absolute()), "embedded": item.embedded, "out": str(out)}
        try:
            answer = self._child.ask(request, cancel)
            if answer.get("event") != "decoded":
                raise failure_of(answer, item.film.name)
            return ReadFilm(read_packed(out, item.film), str(answer["sha256"]))
        except ModelError as error:
            raise FilmReadError(item.film, str(error)) from error
        finally:
            out.unlink(missing_ok=True)

    def close(self) -> None:
        """End the child, and drop what it left."""
        self._child.close()
        self._folder.cleanup()
