"""Editing one film in labelme, a program of its own: it gets copies, and what it saved is handed back as a value.

Decision: labelme works in a folder of its own. Rejected: letting it open the film's own files, which it overwrites
without asking who changed them meanwhile, and truncates where the disk is full. Consequence: the caller takes the
result back like any other change from outside.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from engine.control import Cancelled, CancelToken
from engine.domain.annotation import Annotation, ForeignShape, Shape, new_shape_id
from engine.domain.decisions import consistent
from engine.domain.edits import NAMESPACE
from engine.domain.labels import LabelTable
from engine.errors import AnnotationReadError, EngineError
from engine.films import Display, Film
from engine.films.display import film_to_grey
from engine.films.raster import kind_of
from engine.formats.labelme import read_labelme, write_labelme
from engine.review.export_labels import loadable
from vcfviewer.children import child_environment, last_words

LOG = "labelme.log"
_LOOK_EVERY = 0.2
_SECONDS_TO_END = 5.0


class LabelmeError(EngineError):
    """labelme can't be started, or ended without doing its work; the message says what to do."""


@dataclass(frozen=True, slots=True)
class LabelmeEdit:
    """What labelme saved; the annotation as it was given, the identical object, where it `changed` nothing."""

    annotation: Annotation
    changed: bool


def labelme_command() -> list[str]:
    """Return the command that starts labelme: the console script of this environment, else the module.

    Raises LabelmeError where there is none.
    """
    name = "labelme.exe" if sys.platform == "win32" else "labelme"
    bundled = getattr(sys, "frozen", False)
    places = () if bundled else (Path(sys.executable).parent, Path(sysconfig.get_path("scripts")))
    for place in places:
        if (place / name).is_file():
            return [str(place / name)]
    if not bundled and importlib.util.find_spec("labelme") is not None:
        return [sys.executable, "-m", "labelme"]
    found = shutil.which("labelme")
    if found is None:
        raise LabelmeError(
            "labelme isn't installed beside this program; install it (pip install labelme) and try again"
        )
    return [found]


def edit_in_labelme(
    film: Film,
    annotation: Annotation,
    cancel: CancelToken,
    display: Display | None = None,
    table: LabelTable | None = None,
    command: Sequence[str] = (),
) -> LabelmeEdit:
    """Open a film with its annotation in labelme, wait until it is closed, and return what it saved.

    A film that labelme can't open goes as 8-bit PNG, shown by `display`. `command` starts labelme (default: the one of
    this environment). Raises LabelmeError, AnnotationReadError (what labelme left can't be read; the message says where
    it lies), OSError, and Cancelled where it was closed on request and had saved nothing; what it had is returned.
    """
    starts = list(command) or labelme_command()
    folder = Path(tempfile.mkdtemp(prefix="vcfviewer-labelme-"))
    try:
        after = _edited(folder, film, annotation, cancel, display, table, starts)
    except AnnotationReadError as error:
        reason = f"labelme left a file that can't be read ({error.reason}); it is kept there, the film's own is whole"
        raise AnnotationReadError(error.path, reason) from error
    except BaseException:
        _remove(folder)
        raise
    _remove(folder)
    return LabelmeEdit(after, changed=after is not annotation)


def _edited(
    folder: Path,
    film: Film,
    annotation: Annotation,
    cancel: CancelToken,
    display: Display | None,
    table: LabelTable | None,
    starts: Sequence[str],
) -> Annotation:
    label = _lay_out(folder, film, annotation, display)
    before, given = label.read_bytes(), read_labelme(label, table)
    code = _run([*starts, str(label)], folder, cancel)
    if not label.is_file():
        raise LabelmeError("the labelme file was deleted in labelme; nothing is taken over: delete shapes here")
    if label.read_bytes() == before:
        _check_end(code, folder)
        return annotation
    return _taken_back(annotation, given, read_labelme(label, table))


def _lay_out(folder: Path, film: Film, annotation: Annotation, display: Display | None) -> Path:
    """Write the film and a label that labelme opens; returns the label's path."""
    stem = film.path.stem or "film"
    picture, suffix = _picture(film, display)
    (folder / f"{stem}{suffix}").write_bytes(picture)
    mended = (loadable(one) for one in annotation.foreign)
    laid = replace(
        annotation, image_name=f"{stem}{suffix}", image_size=film.size, image_data=None, notes=(),
        shapes=tuple(replace(shape, source=None) for shape in annotation.shapes),
        foreign=tuple(one for one in mended if one is not None),
    )  # fmt: skip
    label = folder / f"{stem}.json"
    write_labelme(label, laid)
    return label


def _picture(film: Film, display: Display | None) -> tuple[bytes, str]:
    """Return the bytes and ending of what labelme shows: the film's own file where it can, else an 8-bit PNG."""
    if film.opens_in_labelme:
        data = film.path.read_bytes()
        kind = kind_of(data[:16])
        if kind is not None:
            return data, {"JPEG": ".jpg", "BMP": ".bmp"}.get(kind, ".png")
    grey = film.pixels if film.opens_in_labelme else film_to_grey(film, display)
    done, png = cv2.imencode(".png", np.asarray(grey))
    if not done:
        raise LabelmeError(f"{film.path}: the 8-bit copy for labelme could not be encoded")
    return png.tobytes(), ".png"


def _run(command: Sequence[str], folder: Path, cancel: CancelToken) -> int:
    """Run labelme to its end, or end it on request; returns its exit code. What it says goes to a file."""
    with (folder / LOG).open("wb") as log:
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=child_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        except OSError as error:
            raise LabelmeError(f"labelme can't be started ({command[0]}: {error.strerror or error})") from error
        try:
            while not cancel.cancelled:
                try:
                    return process.wait(_LOOK_EVERY)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            _end(process)
    return -1


def _end(process: subprocess.Popen[bytes]) -> None:
    """End labelme if it runs; it saves after each change, so that nothing is lost."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _check_end(code: int, folder: Path) -> None:
    """Raise where labelme ended without having saved anything, and not because the reader closed it."""
    if code == -1:
        raise Cancelled
    if code != 0:
        said = last_words(folder / LOG)
        raise LabelmeError(f"labelme ended with code {code} and saved nothing; it said: {said or 'nothing'}")


def _taken_back(base: Annotation, given: Annotation, theirs: Annotation) -> Annotation:
    """Return `base` with what labelme changed: shapes and flags, in labelme's order.

    A shape that it left alone is the base's own, and comes back verbatim into the file. A drawn shape, and a copy of
    one, are new: what was decided on the first isn't decided on the copy.
    """
    was = {shape.id: shape for shape in given.shapes}
    shapes = []
    for shape in theirs.shapes:
        if not _is_known(shape, was):
            extra = {key: value for key, value in shape.extra.items() if key != NAMESPACE}
            shapes.append(replace(shape, id=new_shape_id(), score=None, source=None, extra=extra))
        elif shape == was[shape.id]:
            shapes.append(base.shape(shape.id))
        else:
            shapes.append(replace(shape, score=None, source=None))
    # A label is written in the order of positions; those that labelme can't open weren't in it.
    shown = [one for one in sorted(base.foreign, key=lambda one: one.position) if loadable(one) is not None]
    left = [(dict(laid.record), one) for laid, one in zip(given.foreign, shown, strict=True)]
    foreign = [_original_of(one, left) for one in theirs.foreign]
    foreign += [one for one in base.foreign if loadable(one) is None]
    after = replace(base, shapes=tuple(shapes), foreign=tuple(foreign), flags=theirs.flags)
    return base if after == base else consistent(after)


def _original_of(shape: ForeignShape, left: list[tuple[dict[str, Any], ForeignShape]]) -> ForeignShape:
    """Return the base's own shape for one that labelme left alone, and take it off the list of those `left`."""
    same = next((pair for pair in left if pair[0] == dict(shape.record)), None)
    if same is None:
        return shape
    left.remove(same)
    return replace(same[1], position=shape.position)


def _is_known(shape: Shape, was: Mapping[str, Shape]) -> bool:
    """Whether a shape is one that labelme was given: it carries an id, and is the first to do so."""
    own = None if shape.source is None else shape.source.get(NAMESPACE)
    return isinstance(own, Mapping) and own.get("id") == shape.id and shape.id in was


def _remove(folder: Path) -> None:
    # Windows keeps files of a process for a moment after its end; the system clears its own folder for such things.
    shutil.rmtree(folder, ignore_errors=True)
