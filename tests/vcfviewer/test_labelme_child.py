import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from labelme_hand import hand as hand
from PIL import Image

from engine.control import Cancelled, CancelToken
from engine.domain.annotation import Annotation, ForeignShape, Shape
from engine.domain.case import ReviewStatus
from engine.domain.decisions import accept, decision_of, film_review, set_film_review
from engine.domain.polygon import Polygon
from engine.errors import AnnotationReadError
from engine.films import Display, read_film
from engine.films.display import film_to_grey, render
from vcfviewer.labelme_child import LabelmeError, edit_in_labelme, labelme_command

SIZE = (200, 160)
SECONDS = 120


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


def body(y, x=40):
    return Polygon([[x, y], [x + 60.25, y], [x + 60, y + 30.5], [x, y + 30]])


def annotated():
    """Three shapes, one accepted from a model, one imported with a score; three of other kinds, one beyond labelme."""
    shapes = (
        Shape("a", "L1", body(20), extra={"note": "kept"}, source={"label": "L1", "as": "it came"}),
        Shape("b", "L2 normal", body(70)), Shape("c", "L3", body(120), score=0.75),
    )  # fmt: skip
    box = {"label": "box", "points": [[1, 2], [30, 40]], "shape_type": "rectangle", "group_id": "7", "own": [1]}
    line = {"label": "line", "points": [[5, 5], [9, 9], [20, 9]], "shape_type": "linestrip"}
    deep = {"label": "deep", "points": [[1, 1, 1]], "shape_type": "point"}
    foreign = (ForeignShape(box, 1), ForeignShape(deep, 2), ForeignShape(line, 5))
    base = Annotation("../films/f.png", SIZE, shapes, foreign, {"seen": True}, {"top": 1}, image_data="AAAA")
    return accept(base, Shape("p", "L2", body(72), 0.9), None, "b", "Kim", "2031-01-01T00:00:00Z")


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "films" / "f.png"
    path.parent.mkdir()
    Image.fromarray(np.arange(SIZE[0] * SIZE[1]).reshape(SIZE).astype(np.uint8)).save(path)
    return read_film(path)


def test_the_console_script_of_this_environment_is_found():
    (command,) = labelme_command()
    assert Path(command).parent == Path(sys.executable).parent
    told = subprocess.run((command, "--version"), capture_output=True, text=True, check=True, timeout=SECONDS)
    assert told.stdout.lower().startswith("labelme ")


def test_without_a_script_the_module_is_started(monkeypatch, tmp_path):
    python = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(tmp_path))
    assert labelme_command() == [str(python), "-m", "labelme"]


def test_a_bundle_looks_for_labelme_on_the_path_and_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LabelmeError, match="pip install labelme"):
        labelme_command()
    script = tmp_path / ("labelme.exe" if sys.platform == "win32" else "labelme")
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    assert labelme_command() == [str(script)]


def test_what_labelme_saved_comes_back_and_the_rest_is_as_it_was(film, hand, work):
    base, before = annotated(), film.path.read_bytes()
    edit = edit_in_labelme(film, base, CancelToken(), command=hand("move rows 5"))
    assert edit.changed
    after = edit.annotation
    assert [shape.id for shape in after.shapes] == ["a", "b", "c"]
    assert np.allclose(after.shapes[0].polygon.points, base.shapes[0].polygon.points + np.array([5, 0]))
    assert after.shapes[0].extra == {"note": "kept"}
    assert after.shapes[0].source is None
    # What labelme left alone is the very object that it was, decision, source and all.
    assert after.shapes[1] is base.shapes[1]
    assert after.shapes[2] is base.shapes[2]
    assert [dict(one.record) for one in after.foreign] == [dict(one.record) for one in (
        base.foreign[0], base.foreign[2], base.foreign[1])]  # fmt: skip
    assert (after.image_name, after.image_data, after.extra, after.flags) == (
        base.image_name, base.image_data, base.extra, base.flags,
    )  # fmt: skip
    assert film.path.read_bytes() == before
    assert [path.name for path in film.path.parent.iterdir()] == ["f.png"]
    assert list(work.iterdir()) == []


def test_a_copy_made_in_labelme_is_a_shape_of_its_own_without_decisions(film, hand):
    base = annotated()
    base = replace(base, shapes=(base.shapes[1], base.shapes[0]), foreign=())
    after = edit_in_labelme(film, base, CancelToken(), command=hand("double")).annotation
    assert len(after.shapes) == 3
    new = next(shape for shape in after.shapes if shape.id not in ("a", "b"))
    assert (new.label, new.score, new.extra) == (base.shapes[0].label, None, {})
    assert decision_of(new) is None
    assert decision_of(after.shape("b")) == decision_of(base.shape("b"))


def test_a_finding_drawn_on_a_film_called_normal_takes_that_back(film, hand):
    negative = Annotation("f.png", SIZE, (Shape("n", "L1 normal", body(20)),))
    negative = set_film_review(negative, ReviewStatus.NO_FRACTURE, reader="Kim", at="2031-01-01T00:00:00Z")
    after = edit_in_labelme(film, negative, CancelToken(), command=hand("move")).annotation
    assert film_review(after).status is ReviewStatus.NO_FRACTURE
    assert after.flags == {"no fracture": True}


def test_closing_labelme_without_a_change_changes_nothing(film, hand, work):
    base = annotated()
    edit = edit_in_labelme(film, base, CancelToken(), command=hand("look"))
    assert not edit.changed
    assert edit.annotation is base
    assert list(work.iterdir()) == []


def test_a_film_of_16_bit_goes_as_it_is_shown(tmp_path, hand, work):
    path = tmp_path / "deep.png"
    Image.fromarray((np.arange(SIZE[0] * SIZE[1]).reshape(SIZE) * 2).astype(np.uint16)).save(path)
    film, display = read_film(path), Display("chosen", 20000, 9000)
    assert not film.opens_in_labelme
    base = replace(annotated(), image_name="deep.png")
    for shown, chosen in ((film_to_grey(film), None), (render(film.pixels, display), display)):
        seen = {}
        cancel = CancelToken()
        thread = threading.Thread(target=wait_and_read, args=(work, "deep.png", seen, cancel))
        thread.start()
        with pytest.raises(Cancelled):
            edit_in_labelme(film, base, cancel, chosen, command=hand("stay"))
        thread.join()
        assert np.array_equal(seen["picture"], shown)
    assert edit_in_labelme(film, base, CancelToken(), command=hand("move")).changed
    assert path.read_bytes()[:4] == b"\x89PNG"


def wait_and_read(work, name, seen, cancel):
    """Cancel once labelme has the film open, and keep the picture that it was given."""
    last = time.monotonic() + SECONDS
    while time.monotonic() < last:
        for log in work.glob("*/labelme.log"):
            if "Loaded image file" in log.read_text(errors="replace"):
                seen["picture"] = np.asarray(Image.open(log.with_name(name)))
                cancel.cancel()
                return
        time.sleep(0.05)
    cancel.cancel()


def test_labelme_of_this_environment_opens_the_film_and_is_closed_on_request(film, hand, work):
    seen, cancel = {}, CancelToken()
    thread = threading.Thread(target=wait_and_read, args=(work, "f.png", seen, cancel))
    thread.start()
    os.environ["QT_QPA_PLATFORM_PLUGIN_PATH"] = os.environ["QT_PLUGIN_PATH"] = "nowhere"
    try:
        with pytest.raises(Cancelled):
            edit_in_labelme(film, annotated(), cancel)
    finally:
        del os.environ["QT_QPA_PLATFORM_PLUGIN_PATH"], os.environ["QT_PLUGIN_PATH"]
    thread.join()
    assert np.array_equal(seen["picture"], film.pixels)
    assert list(work.iterdir()) == []


def test_what_was_saved_before_the_request_to_close_is_kept(film, hand, work):
    cancel = CancelToken()

    def cancel_after_the_save():
        last = time.monotonic() + SECONDS
        while time.monotonic() < last and not cancel.cancelled:
            if any('"version": "6.' in path.read_text(errors="replace") for path in work.glob("*/*.json")):
                time.sleep(0.3)
                cancel.cancel()
            time.sleep(0.05)
        cancel.cancel()

    thread = threading.Thread(target=cancel_after_the_save)
    thread.start()
    edit = edit_in_labelme(film, annotated(), cancel, command=hand("move stay"))
    thread.join()
    assert edit.changed


def test_a_file_that_labelme_broke_is_told_kept_and_never_taken(film, hand, work):
    with pytest.raises(AnnotationReadError, match=r"f\.json: labelme left a file that can't be read") as told:
        edit_in_labelme(film, annotated(), CancelToken(), command=hand("break"))
    assert told.value.path.read_text() == "{"
    assert told.value.path.is_relative_to(work)
    shutil.rmtree(told.value.path.parent)


def test_a_file_that_was_deleted_in_labelme_is_told(film, hand, work):
    with pytest.raises(LabelmeError, match="deleted in labelme"):
        edit_in_labelme(film, annotated(), CancelToken(), command=hand("delete"))
    assert list(work.iterdir()) == []


def test_a_labelme_that_cannot_start_or_dies_is_told_with_its_last_words(film, hand, work):
    with pytest.raises(LabelmeError, match="can't be started"):
        edit_in_labelme(film, annotated(), CancelToken(), command=("no-such-program",))
    dying = (sys.executable, "-c", "import sys; sys.exit('could not connect to display')")
    with pytest.raises(LabelmeError, match="ended with code 1 and saved nothing; it said: could not connect"):
        edit_in_labelme(film, annotated(), CancelToken(), command=dying)
    assert list(work.iterdir()) == []
