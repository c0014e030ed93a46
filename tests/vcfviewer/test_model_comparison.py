import json

import pytest
from tiny_model import make_annotated, make_film, make_tiny_card, with_input_size

from engine.control import Cancelled, CancelToken, no_progress
from engine.data.split import Split, write_split
from engine.errors import DataError, EngineError
from engine.weights import read_card
from vcfviewer.model_comparison import ComparedFigure, Figure, compare_models, read_comparison


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("held out")
    for number in range(3):
        make_annotated(folder / f"film{number}.png")
    for number in range(3, 6):
        record = json.loads((folder / "film0.json").read_text())
        make_film(folder / f"film{number}.png")
        (folder / f"film{number}.json").write_text(
            json.dumps({**record, "shapes": [], "imagePath": f"film{number}.png"})
        )
    names = [f"film{number}.png" for number in range(6)]
    write_split(folder / "split.json", Split((), (names[0], names[3]), (*names[1:3], *names[4:])), 0)
    return folder


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    old = make_tiny_card(tmp_path_factory.mktemp("tiny"))
    return old, with_input_size(old, "new", (64, 96))


def test_two_models_stand_side_by_side_with_intervals(films, cards, tmp_path):
    old, new = cards
    said = []
    found = compare_models(
        old, new, films, tmp_path, CancelToken(), lambda done, total, text: said.append((done, total, text)),
        split=films / "split.json", specificity=0.9, replicates=50,
    )  # fmt: skip
    assert (found.films, found.fractures) == (4, 2)
    assert found.old_threshold == 0.5
    # No normal validation film may score as high: the threshold was fixed there, and stands in the card.
    assert found.new_threshold == read_card(new).score_threshold != 0.5
    assert [one.name for one in found.figures][:2] == ["mask AP50", "mask AP50:95"]
    specificity = next(one for one in found.figures if one.name == "specificity, films")
    assert (specificity.old.value, specificity.old.n) == (1.0, 2)
    assert specificity.old.low < 1
    assert "not for diagnosis" in found.new_report.read_text()
    assert {total for _done, total, _text in said} <= {3 * 2, 3 * 4}
    assert [text for done, total, text in said if total == 12][-1] == "film5.png"
    assert read_comparison(tmp_path) == found


def test_a_comparison_is_cancelled_and_its_children_with_it(films, cards, tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        compare_models(*cards, films, tmp_path, token, no_progress)
    with pytest.raises(DataError, match="compare again"):
        read_comparison(tmp_path)


def test_what_is_wrong_with_a_model_is_told(films, cards, tmp_path):
    with pytest.raises(EngineError, match=r"gone\.card\.json"):
        compare_models(tmp_path / "gone.card.json", cards[1], films, tmp_path / "out", CancelToken(), no_progress)
    with pytest.raises(DataError, match="name a split"):
        compare_models(*cards, films, tmp_path / "out", CancelToken(), no_progress, specificity=0.9)


def test_figures_of_different_films_are_not_compared(tmp_path):
    for name, films in (("old", 4), ("new", 5)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "figures.json").write_text(json.dumps({"films": films, "fractures": 2}))
    with pytest.raises(DataError, match="different films"):
        read_comparison(tmp_path)


def test_intervals_that_do_not_overlap_are_apart():
    low, high = Figure(0.5, 0.4, 0.6, 100), Figure(0.8, 0.7, 0.9, 100)
    unknown = Figure(None, None, None, 0)
    assert ComparedFigure("a", low, high).apart
    assert ComparedFigure("a", high, low).apart
    assert not ComparedFigure("a", low, Figure(0.6, 0.55, 0.65, 100)).apart
    assert not ComparedFigure("a", low, unknown).apart
    assert str(low) == "0.500 (0.400 to 0.600; n = 100)"
    assert str(unknown) == "- (n = 0)"
