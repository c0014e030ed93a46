import errno
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path, PurePosixPath

import pytest
from journalled import base_annotation, edited

from engine.store import FolderStore, StoreError, user_cache_folder, user_data_folder
from engine.store._place import MOUNTS, _linux_mounts, _mac_mounts, _system_of, on_network

HERE = Path(__file__).parent

LINUX = """\
21 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 21 0:26 / /run rw,nosuid shared:5 - tmpfs tmpfs rw
52 21 0:44 / /mnt/rad\\040films rw,relatime shared:30 - cifs //server/rad rw,vers=3.0
53 52 0:45 / /mnt/rad\\040films/local rw - ext4 /dev/vdb1 rw
54 21 0:46 /export /net/films rw master:2 propagate_from:1 - nfs4 server:/export rw
55 21 0:47 / /media/phone rw - fuse.sshfs anna@phone:/ rw
"""
MAC = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//anna@server/rad films on /Volumes/rad films (smbfs, nodev, nosuid, mounted by anna)
/dev/disk5 on /Volumes/Stick (1) (exfat, local, nodev)
"""

# Everything is imported, and run once, before rights are given up: the interpreter's own files may be closed then.
UNPRIVILEGED = """
import os, sys
from pathlib import Path
from journalled import base_annotation, edited
from engine.store import FolderStore
warm, folder, home = (Path(name) for name in sys.argv[1:4])
FolderStore.open(warm, "warm").close()
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
store = FolderStore.open(folder, "anna", home=home)
print(store.path)
print("".join(store.notes))
base = base_annotation()
state = store.history("a.png", base, "").current
store.record("a.png", "edit", "in the closed folder", state, edited(state, 1))
print(len(store.recorded("a.png").steps))
store.close()
"""


@pytest.fixture
def open_place():
    """A folder that everybody may enter, as pytest's own aren't."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        (place / "films").mkdir()
        (place / "home").mkdir()
        (place / "home").chmod(0o777)
        yield place
        for folder in (place / "films", place / "films" / ".vcfviewer"):
            if folder.exists():
                folder.chmod(0o755)


def run_unprivileged(place, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    command = [sys.executable, "-c", UNPRIVILEGED, str(tmp_path), str(place / "films"), str(place / "home")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_store_of_a_folder_lies_in_it(store, folder):
    assert store.path == folder / ".vcfviewer" / "review.sqlite"
    assert store.notes == ()


def test_the_store_of_a_read_only_folder_lies_in_the_users_data_folder(open_place, tmp_path):
    (open_place / "films").chmod(0o555)
    for steps in ("1", "2"):
        path, note, found = run_unprivileged(open_place, tmp_path)
        assert Path(path).is_relative_to(open_place / "home" / "stores")
        assert Path(path).parent.name.startswith("films-")
        assert note.endswith("for this folder can't be written: Permission denied.")
        assert found == steps
    assert list((open_place / "films").iterdir()) == []


def test_a_closed_store_is_carried_over_and_then_stays_elsewhere(open_place, tmp_path):
    base = base_annotation()
    with closing(FolderStore.open(open_place / "films", "anna")) as store:
        store.record("a.png", "edit", "before", base, edited(base, 2))
    (open_place / "films" / ".vcfviewer").chmod(0o555)
    for kept in (open_place / "films" / ".vcfviewer").iterdir():
        kept.chmod(0o444)
    assert run_unprivileged(open_place, tmp_path)[2] == "2"
    (open_place / "films" / ".vcfviewer").chmod(0o777)
    for kept in (open_place / "films" / ".vcfviewer").iterdir():
        kept.chmod(0o666)
    path, note, found = run_unprivileged(open_place, tmp_path)
    assert (Path(path).is_relative_to(open_place / "home"), found) == (True, "3")
    assert "was begun while it couldn't be written" in note


def test_the_store_of_a_network_share_lies_in_the_users_data_folder(folder, home, tmp_path):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"21 1 8:1 / / rw - ext4 /dev/a rw\n60 21 0:9 / {folder.resolve()} rw - nfs4 server:/films rw\n")
    with closing(FolderStore.open(folder, "anna", home=home, mounts=mounts)) as store:
        assert store.path.is_relative_to(home / "stores")
        assert "for this folder lies on a network share." in store.notes[0]
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_gone_has_no_store_where_home_is_a_file(folder, tmp_path):
    home = tmp_path / "file"
    home.touch()
    with pytest.raises(StoreError, match="no store can be made"):
        FolderStore.open(folder / "gone", "anna", home=home)


@pytest.mark.parametrize(
    ("folder", "system"),
    [
        ("/data/films", "ext4"), ("/run/x", "tmpfs"), ("/mnt/rad films", "cifs"), ("/mnt/rad films/2024", "cifs"),
        ("/mnt/rad films/local/a", "ext4"), ("/mnt/rad films2", "ext4"), ("/net/films/a", "nfs4"),
        ("/media/phone/dcim", "fuse.sshfs"),
    ],
)  # fmt: skip
def test_linux_tells_a_folders_file_system(folder, system):
    assert _system_of(PurePosixPath(folder), _linux_mounts(LINUX)) == system


@pytest.mark.parametrize(
    ("folder", "system"),
    [("/private/films", "apfs"), ("/Volumes/rad films/x", "smbfs"), ("/Volumes/Stick (1)/x", "exfat")],
)
def test_macos_tells_a_folders_file_system(folder, system):
    assert _system_of(PurePosixPath(folder), _mac_mounts(MAC)) == system


def test_a_temporary_folder_of_this_computer_is_no_network_share(tmp_path):
    assert MOUNTS.exists() or sys.platform != "linux"
    assert not on_network(tmp_path)


def test_every_system_has_a_folder_for_a_users_data(monkeypatch):
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("LOCALAPPDATA", "local")
    assert user_data_folder("linux") == Path.home() / ".local" / "share" / "vcfviewer"
    assert user_data_folder("darwin") == Path.home() / "Library" / "Application Support" / "vcfviewer"
    assert user_data_folder("win32") == Path("local") / "vcfviewer"
    monkeypatch.setenv("XDG_DATA_HOME", "elsewhere")
    assert user_data_folder("linux") == Path("elsewhere") / "vcfviewer"


def test_every_system_has_a_folder_for_what_can_be_made_anew(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("LOCALAPPDATA", "local")
    assert user_cache_folder("linux") == Path.home() / ".cache" / "vcfviewer"
    assert user_cache_folder("darwin") == Path.home() / "Library" / "Caches" / "vcfviewer"
    assert user_cache_folder("win32") == Path("local") / "vcfviewer" / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", "elsewhere")
    assert user_cache_folder("linux") == Path("elsewhere") / "vcfviewer"


def test_a_store_that_was_carried_over_in_part_is_carried_over_again(tmp_path, monkeypatch):
    folder, home = tmp_path / "films", tmp_path / "home"
    folder.mkdir()
    with closing(FolderStore.open(folder, "anna", home=home)) as store:
        store.record("a.png", "edit", "", base_annotation(), edited(base_annotation(), 1))
    shared = tmp_path / "mountinfo"
    shared.write_text(f"60 21 0:9 / {folder.resolve()} rw - nfs4 server:/films rw\n")

    def cut_off(source, target):
        Path(target).write_bytes(Path(source).read_bytes()[:5000])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", cut_off)
        with pytest.raises(StoreError, match="No space left"):
            FolderStore.open(folder, "anna", home=home, mounts=shared)
    with closing(FolderStore.open(folder, "anna", home=home, mounts=shared)) as store:
        assert store.recorded("a.png") is not None
