"""CSV after RFC 4180, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from engine.domain.annotation import Annotation
from engine.errors import AnnotationWriteError
from engine.formats._atomic import write_atomic
from engine.formats._contract import Exporter

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_rows(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a table in UTF-8, atomically; None becomes an empty cell, text that looks like a formula is quoted.

    Raises AnnotationWriteError; the file that stood there stays whole.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    try:
        write_atomic(path, text.getvalue().encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise AnnotationWriteError(path, f"could not be written: {error.strerror or error}") from error


def _cell(value: object) -> object:
    """Return what the cell holds; a label such as `=cmd()` gets an apostrophe, so that no spreadsheet runs it."""
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def write_findings(folder: Path, annotations: Sequence[Annotation]) -> tuple[Path, ...]:
    """Write `findings.csv`, a row for each vertebra: film, label, level, status, score, area and box in px."""
    columns = ("film", "label", "level", "status", "score", "area_px2", "x0_px", "y0_px", "x1_px", "y1_px", "vertices")
    rows = [
        (one.image_name, shape.label, shape.level and shape.level.value, shape.status and shape.status.value,
         shape.score, round(shape.polygon.area, 2), *(round(value, 2) for value in shape.polygon.bounds),
         len(shape.polygon))
        for one in annotations for shape in one.shapes
    ]  # fmt: skip
    path = folder / "findings.csv"
    write_rows(path, columns, rows)
    return (path,)


EXPORTER = Exporter("csv", "table of all vertebrae", write_findings)
