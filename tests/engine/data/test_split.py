import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.split import PARTS, Split, SplitItem, make_split, read_split, write_split
from engine.errors import ConfigError, DataError

LEVELS = ("T11", "T12", "L1", "L2", "L3", "L4")

items = st.lists(
    st.tuples(st.integers(0, 15), st.lists(st.sampled_from(LEVELS), max_size=3, unique=True)), min_size=1, max_size=60
).map(
    lambda rows: [SplitItem(f"{at}.png", f"p{who}", tuple(levels), f"sha{at}") for at, (who, levels) in enumerate(rows)]
)


@given(items, st.integers(0, 5))
def test_every_film_in_one_part_and_no_patient_in_two(rows, seed):
    split = make_split(rows, seed=seed)
    placed = [name for part in PARTS for name in split.part(part)]
    assert sorted(placed) == sorted(item.name for item in rows)
    where = {name: part for part in PARTS for name in split.part(part)}
    for patient in {item.patient for item in rows}:
        assert len({where[item.name] for item in rows if item.patient == patient}) == 1


def test_the_same_pixels_stay_together_even_without_a_patient():
    rows = [SplitItem(f"{at}.png", None, ("L1",), "same") for at in range(6)]
    split = make_split(rows)
    assert sorted(len(split.part(part)) for part in PARTS) == [0, 0, 6]


def test_one_film_of_two_patients_is_refused():
    rows = [SplitItem("a.png", "p1", (), "same"), SplitItem("b.png", "p2", (), "same")]
    with pytest.raises(DataError, match="two patients"):
        make_split(rows)


def test_strata_are_shared_out_as_asked():
    rows = [SplitItem(f"{level}{at}", None, (level,), f"{level}{at}") for level in LEVELS for at in range(50)]
    split = make_split(rows, (0.6, 0.2, 0.2))
    for level in LEVELS:
        counts = [sum(name.startswith(level) for name in split.part(part)) for part in PARTS]
        assert counts == [30, 10, 10]


def test_paper_mode_keeps_normal_films_for_the_test():
    rows = [SplitItem(f"n{at}", None, (), f"n{at}") for at in range(20)]
    rows += [SplitItem(f"f{at}", None, ("L1",), f"f{at}") for at in range(20)]
    split = make_split(rows, normals_only_in_test=True)
    assert sum(name.startswith("n") for name in split.test) == 20
    assert not any(name.startswith("n") for name in (*split.train, *split.valid))


def test_shares_that_do_not_add_up_are_refused():
    with pytest.raises(ConfigError, match="add up to 1"):
        make_split([SplitItem("a", None, (), "a")], (0.5, 0.2, 0.2))


def test_written_split_is_read_back(tmp_path):
    split = Split(("a",), ("b",), ("c", "d"))
    write_split(tmp_path / "split.json", split, 3)
    assert read_split(tmp_path / "split.json") == split
    assert json.loads((tmp_path / "split.json").read_text())["seed"] == 3


def test_a_film_in_two_parts_is_refused(tmp_path):
    write_split(tmp_path / "split.json", Split(("a",), ("a",), ()), 0)
    with pytest.raises(DataError, match="two parts"):
        read_split(tmp_path / "split.json")


def test_a_broken_split_names_its_file(tmp_path):
    (tmp_path / "split.json").write_text("[]")
    with pytest.raises(ConfigError, match=r"split\.json"):
        read_split(tmp_path / "split.json")


def test_small_strata_leave_films_for_every_part():
    rows = [SplitItem(f"{level}{at}.png", None, (level,), f"{level}{at}") for level in LEVELS for at in range(3)]
    split = make_split(rows)
    assert (len(split.train), len(split.valid), len(split.test)) == (12, 3, 3)
