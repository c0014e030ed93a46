"""The session: a film that is opened again shows what the reader made of it, however slowly the disk takes it."""

import errno
import shutil
import threading

import pytest
from qt import wait_until

from engine.domain import edits
from engine.domain.annotation import Annotation
from engine.formats.labelme import read_labelme
from engine.resources import samples_dir
from vcfviewer.jobs import Jobs, Lane
from vcfviewer.model_process import ModelProcess
from vcfviewer.panels.banners import BannerKind
from vcfviewer.screen import save_trouble
from vcfviewer.session import Session
from vcfviewer.session.saving import Pending
from vcfviewer.settings import Settings

FIRST, SECOND = "sample_01.png", "sample_04.png"


@pytest.fixture
def jobs(qt_app):
    jobs = Jobs()
    yield jobs
    jobs.close()


@pytest.fixture
def session(jobs, tmp_path):
    for name in (FIRST, SECOND):
        shutil.copyfile(samples_dir() / name, tmp_path / name)
        shutil.copyfile((samples_dir() / name).with_suffix(".json"), (tmp_path / name).with_suffix(".json"))
    session = Session(jobs, ModelProcess(), Settings(predict_on_open=False))
    session.open([tmp_path])
    wait_until(lambda: session.folder.store is not None, 30, "the folder")
    yield session
    session.close()


def show(session, key):
    session.select(key)
    wait_until(lambda: session.case.key == key, 30, key)


def move_first(session):
    annotation = session.document.annotation
    session.document.edit("Move", edits.move_shapes(annotation, [annotation.findings[0].id], 3.0, 0.0))


def test_a_film_opened_again_before_its_edit_is_written_shows_the_edit(session, jobs, tmp_path):
    changed_outside, refused = [], []
    session.saving.outside.connect(changed_outside.append)
    session.failed.connect(lambda what, error: refused.append((what, error)))
    show(session, FIRST)
    go_on = threading.Event()
    jobs.submit(Lane.WRITING, "A slow disk", lambda _cancel: go_on.wait(60), lambda _none: None)
    move_first(session)
    edited = session.document.annotation
    show(session, SECOND)
    session.select(FIRST)
    assert session.saving.is_writing(FIRST)
    go_on.set()
    wait_until(lambda: session.case.key == FIRST, 30, "the first film again")
    assert session.document.annotation.findings == edited.findings
    assert session.case.case.holder is None
    move_first(session)
    wait_until(lambda: not session.saving.is_writing(FIRST), 30, "the second edit")
    assert not changed_outside
    assert not refused
    saved = read_labelme((tmp_path / FIRST).with_suffix(".json"))
    moved = session.document.annotation.findings[0].polygon.points
    assert saved.findings[0].polygon.points == pytest.approx(moved)
    session.document.undo_stack.undo()
    session.document.undo_stack.undo()
    assert session.document.annotation == session.document.original


def test_a_film_asked_for_while_another_waits_for_its_save_is_the_one_shown(session, jobs):
    show(session, FIRST)
    go_on = threading.Event()
    jobs.submit(Lane.WRITING, "A slow disk", lambda _cancel: go_on.wait(60), lambda _none: None)
    move_first(session)
    show(session, SECOND)
    shown = []
    session.shown.connect(lambda key, _case: shown.append(key))
    session.select(FIRST)
    session.select(SECOND)
    go_on.set()
    wait_until(lambda: not session.saving.is_writing(FIRST), 30, "the save")
    wait_until(lambda: SECOND in shown, 30, "the second film")
    assert shown == [SECOND]


def test_a_film_of_the_same_name_in_the_next_folder_gets_none_of_this_one_s_figures(session, jobs, tmp_path):
    show(session, FIRST)
    other = tmp_path / "other"
    other.mkdir()
    shutil.copyfile(samples_dir() / SECOND, other / FIRST)
    noted = []
    session.folder.row_changed.connect(lambda key, summary: noted.append((session.folder.listing.root, key, summary)))
    session.open([other])
    session.case.changed.emit()  # As when the model answers just before the next folder is there.
    wait_until(lambda: session.folder.listing.root == other, 30, "the other folder")
    wait_until(lambda: not session.saving.is_writing(FIRST), 30, "the release")
    assert [key for root, key, _summary in noted if root == other] == []
    assert [key for root, key, _summary in noted if root == tmp_path] == [FIRST]


@pytest.mark.parametrize(("number", "banner"), [
    (errno.ENOSPC, BannerKind.DISK_FULL), (errno.EACCES, BannerKind.READ_ONLY), (errno.EROFS, BannerKind.READ_ONLY),
    (errno.ENOENT, BannerKind.FOLDER_GONE), (errno.EIO, BannerKind.SAVE_FAILED), (None, BannerKind.SAVE_FAILED),
])  # fmt: skip
def test_why_a_film_is_not_saved_is_told_by_the_systems_number_not_by_words_of_its_path(number, banner):
    reason = "/films/workspace/permission/a.json: could not be saved"
    assert save_trouble(Pending("a.png", Annotation("a.png", (9, 9)), reason, errno=number)) is banner


def test_a_film_whose_folder_is_gone_says_so(session, tmp_path):
    show(session, FIRST)
    told = []
    session.saving.pending.connect(told.append)
    away = tmp_path.with_name("away")
    tmp_path.rename(away)
    move_first(session)
    wait_until(lambda: any(one.reason for one in told), 30, "the trouble")
    away.rename(tmp_path)
    assert save_trouble(next(one for one in told if one.reason)) is BannerKind.FOLDER_GONE
