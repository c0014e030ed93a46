"""Nothing is lost: a kill in the middle, a file changed from outside, a full disk, a broken file, a second window."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from qt import settle, wait_until

from engine.domain import edits
from engine.store import OUTSIDE_TEXT, FolderStore
from vcfviewer.actions.closing import open_paths
from vcfviewer.panels.banners import BannerKind
from vcfviewer.panels.dialogs.conflict_dialog import ConflictDialog

EDITING = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from PySide6.QtWidgets import QApplication
app = QApplication(["journey"])
from player import Player
from qt import settle, wait_until
from engine.domain import edits
from vcfviewer.jobs import Lane
player = Player(app, Path(sys.argv[2]))
window = player.open(Path(sys.argv[1]))
busy = [frozenset()]
window.desk.jobs.activity.connect(busy.append)
player.go_to("sample_03", predicted=False)
shape = window.session.document.annotation.findings[0]
for step in range(1000):
    after = edits.move_shapes(window.session.document.annotation, [shape.id], 1.0, 0.0)
    window.session.document.edit(f"Move {step}", after)
    settle(1)
    if step % 4 == 3:
        # What is said to be kept: nothing waits to be written any more.
        wait_until(lambda: Lane.WRITING not in busy[-1], 60)
        print(step + 1, flush=True)
"""


def move_first(window, by=7.0):
    annotation = window.session.document.annotation
    shape = annotation.findings[0]
    window.session.document.edit("Move", edits.move_shapes(annotation, [shape.id], by, 0.0))
    return shape.id


def x_of(record, label):
    return next(one for one in record["shapes"] if one["label"] == label)["points"][0][0]


def test_a_kill_in_the_middle_of_edits_loses_none_and_their_undo_is_there(player, films, tmp_path):
    before = json.loads((films / "sample_03.json").read_text())
    here = Path(__file__).parent
    command = [sys.executable, "-c", EDITING, str(films), str(tmp_path / "killed.ini"), str(here), str(here.parent)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=here.parents[1])
    done = 0
    for line in child.stdout:
        done = int(line)
        if done >= 40:
            os.kill(child.pid, signal.SIGKILL)
            break
    child.stdout.close()
    child.wait()
    assert child.returncode == -signal.SIGKILL

    store = FolderStore.open(films, "test")
    journaled = len([one for one in store.entries("sample_03.png") if one.kind == "edit"])
    store.close()
    window = player.open(films)
    player.go_to("sample_03", predicted=False)
    start = x_of(before, "T12")
    shape = window.session.document.annotation.findings[0]
    # Edits of the last moment may be on their way to the disk; those that nothing waited for any more are there.
    assert journaled >= done
    assert shape.polygon.points[0][0] == pytest.approx(start + journaled, abs=1e-6)
    player.wait_saved(films / "sample_03.json", lambda record: abs(x_of(record, "T12") - start - journaled) < 1e-6)
    assert window.session.document.undo_stack.index() == journaled
    for _ in range(journaled):
        player.press("Ctrl+Z")
    assert window.session.document.annotation.findings[0].polygon.points[0][0] == pytest.approx(start)
    player.wait_saved(films / "sample_03.json", lambda record: record == before)


def test_undo_and_redo_reach_back_over_a_restart(player, films):
    window = player.open(films)
    player.go_to("sample_01", predicted=False)
    path = films / "sample_01.json"
    whole = path.read_bytes()
    move_first(window)
    player.press("Ctrl+A")
    player.wait_saved(path, lambda record: path.read_bytes() != whole)
    player.close()
    player.open(films)
    player.go_to("sample_01", predicted=False)
    player.press("Ctrl+Z")
    wait_until(lambda: path.read_bytes() == whole, 20, "the original bytes")
    player.press("Ctrl+Shift+Z")
    player.wait_saved(path, lambda record: path.read_bytes() != whole)


def test_a_file_changed_from_outside_is_never_written_over_unasked(player, films):
    window = player.open(films)
    player.go_to("sample_03", predicted=False)
    path = films / "sample_03.json"
    record = json.loads(path.read_text())
    next(one for one in record["shapes"] if one["label"] == "T12")["label"] = "L5"
    path.write_text(json.dumps(record))
    outside = path.read_bytes()
    mine = move_first(window)
    wait_until(lambda: window.findChild(ConflictDialog) is not None, 20, "the question")
    settle()
    assert path.read_bytes() == outside
    assert BannerKind.OUTSIDE_CHANGE in window.banners.kinds
    dialog = window.findChild(ConflictDialog)
    dialog._choose_way(0)
    dialog._answer()
    player.wait_saved(path, lambda record: any(one["label"] == "T12" for one in record["shapes"]))
    assert mine in {shape.id for shape in window.session.document.annotation.shapes}
    wait_until(lambda: BannerKind.OUTSIDE_CHANGE not in window.banners.kinds, 10, "the banner to go")
    entries = window.session.folder.store.entries(window.session.case.key)
    assert [one.kind for one in entries if one.text == OUTSIDE_TEXT] == ["outside"]


def test_a_broken_file_is_never_opened_as_empty_and_never_written_over(player, films):
    path = films / "sample_04.json"
    path.write_text('{"shapes": [{"label": "L1", ')
    broken = path.read_bytes()
    window = player.open(films)
    film = next(film for film in window.session.folder.films() if "sample_04" in film.key)
    window.desk.open_film(film.key)
    wait_until(lambda: window.screen_of.blocked.isVisible(), 20, "the reason")
    assert "sample_04.json" in window.screen_of.blocked.text()
    assert window.session.case.case is None
    assert not window.bar.action("accept").isEnabled()
    player.press("R")
    player.press("Ctrl+N")
    player.go_to("sample_07", predicted=False)
    assert path.read_bytes() == broken


def test_a_second_window_is_told_who_holds_the_film(player, films):
    first = player.open(films)
    player.go_to("sample_03", predicted=False)
    second = player.open(films)
    player.go_to("sample_03", predicted=False)
    assert second.session.document.read_only
    assert BannerKind.SECOND_WINDOW in second.banners.kinds
    assert "A. Reader" in second.banners.banner(BannerKind.SECOND_WINDOW).message
    assert not second.bar.action("delete").isEnabled()
    before = (films / "sample_03.json").read_bytes()
    second.session.deciding.shift_levels(1)
    settle()
    assert (films / "sample_03.json").read_bytes() == before
    move_first(first)
    wait_until(lambda: (films / "sample_03.json").read_bytes() != before, 20, "the first window's save")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 48 MB; only root may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("a small disk can be mounted by root on Linux only")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    for _ in range(50):
        if subprocess.run(["umount", str(folder)], capture_output=True).returncode == 0:
            return
        time.sleep(0.1)


def fill_up(filler):
    for piece in (1 << 16, 1 << 9):
        with contextlib.suppress(OSError), filler.open("ab", buffering=0) as file:
            while file.write(b"0" * piece):
                continue


def test_a_full_disk_keeps_the_edit_and_saves_it_when_there_is_room(small_disk, player, films):
    for name in ("sample_06.png", "sample_06.json"):
        (small_disk / name).write_bytes((films / name).read_bytes())
    window = player.open(small_disk, predict_on_open=False, wait=False)
    player.wait_for_film("sample_06", predicted=False)
    path = small_disk / "sample_06.json"
    move_first(window, 1.0)
    first = window.session.document.annotation.findings[0].polygon.points[0][0]
    player.wait_saved(path, lambda record: abs(x_of(record, "L2") - first) < 1e-6)
    filler = small_disk / "filler"
    # The journal gives up a reserve of its own first, and the file takes what is left of that: fill it once more.
    for _ in range(4):
        fill_up(filler)
        move_first(window, 5.0)
        with contextlib.suppress(AssertionError):
            wait_until(lambda: window.banners.kinds, 4, "the banner")
            break
    assert BannerKind.DISK_FULL in window.banners.kinds
    saved = json.loads(path.read_text())
    assert saved["shapes"], "the file on the full disk must stay whole"

    # Another folder is opened only if the reader leaves this film as it is.
    asked = []

    def answer():
        box = QApplication.activeModalWidget()
        asked.append(box.text())
        stay = next(button for button in box.buttons() if "Stay" in button.text())
        QTest.mouseClick(stay, Qt.MouseButton.LeftButton)

    QTimer.singleShot(300, answer)
    open_paths(window.desk, [films])
    assert "sample_06.png" in asked[0]
    assert window.session.case.key == "sample_06.png"
    wanted = window.session.document.annotation.findings[0].polygon.points[0][0]
    filler.unlink()
    window.session.saving.try_again()
    player.wait_saved(path, lambda record: abs(x_of(record, "L2") - wanted) < 1e-6)
    wait_until(lambda: not window.session.saving.unsaved, 20)
    assert QApplication.activeModalWidget() is None
