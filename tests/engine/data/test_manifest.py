import codecs
from pathlib import Path

import pytest

from engine.data.manifest import find_inputs, read_manifest
from engine.data.worklist import WorkItem
from engine.errors import ConfigError


@pytest.fixture
def films(tmp_path):
    """Three films in two folders; one of a name that isn't UTF-8."""
    for name in ("a/film2.png", "a/film10.png", "b/bild\udce4.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"film")
    return tmp_path


def test_a_text_file_has_a_path_a_line(films):
    listed = films / "list.txt"
    listed.write_bytes(b"a/film10.png\r\n\r\n  " + str(films / "a" / "film2.png").encode() + b"\nb/bild\xe4.png\n")
    assert read_manifest(listed) == tuple(films / name for name in ("a/film10.png", "a/film2.png", "b/bild\udce4.png"))
    work, roots = find_inputs([listed, films / "a" / "film2.png"])
    assert [item.film.name for item in work] == ["film2.png", "film10.png", "bild\udce4.png"]
    assert roots == (films,)


def test_a_table_has_a_column_of_films(films):
    listed = films / "list.CSV"
    listed.write_bytes(codecs.BOM_UTF8 + b'patient,film\n1,"a/film2.png"\n2,\n3,a/film10.png\n')
    work, roots = find_inputs([listed])
    assert [item.film for item in work] == [films / "a" / "film2.png", films / "a" / "film10.png"]
    assert roots == (films / "a",)


def test_a_film_that_is_not_there_is_told_in_its_place(films):
    listed = films / "list.txt"
    listed.write_text(f"a/film10.png\na/film3.png\n{'long ' * 1000}\na/film3.png")
    work, _ = find_inputs([listed])
    assert work[:2] == (
        WorkItem(films / "a" / "film3.png", reason="no such file or folder"), WorkItem(films / "a" / "film10.png"),
    )  # fmt: skip
    assert len(work) == 3


def test_lists_go_along_with_folders_and_films(films):
    listed = films / "list.txt"
    listed.write_text("a/film2.png")
    assert find_inputs([listed, films / "a"]) == find_inputs([films / "a"])
    assert find_inputs([films / "a", Path(str(films / "b"))])[1] == (films / "a", films / "b")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("list.csv", b"path\na.png\n", "with the column film, got path"),
        ("list.csv", b"", "with the column film, got nothing"),
        ("list.txt", "a.png\n".encode("utf-16"), "save it as UTF-8"),
    ],
)
def test_what_is_no_list_is_refused(name, data, said, tmp_path):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ConfigError, match=said):
        find_inputs([tmp_path / name])
