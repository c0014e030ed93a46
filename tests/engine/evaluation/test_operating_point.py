import pytest

from engine.domain.annotation import Shape
from engine.domain.polygon import Polygon
from engine.errors import DataError
from engine.evaluation.films import film_figures
from engine.evaluation.operating_point import choose_threshold
from engine.evaluation.records import FilmRecord

SQUARE = Polygon([(0, 0), (9, 0), (9, 9), (0, 9)])


def film(number, score, broken):
    truth = (Shape("a", "L1", SQUARE),) if broken else ()
    return FilmRecord(f"{number}.png", None, (10, 10), truth, (Shape("b", "L1", SQUARE, score=score),))


def test_the_threshold_is_the_lowest_that_holds_the_specificity():
    normals = [film(at, at / 100, False) for at in range(50)]
    broken = [film(100 + at, 0.4 + at / 100, True) for at in range(20)]
    threshold = choose_threshold([*normals, *broken], 0.92)
    assert film_figures([*normals, *broken], threshold).specificity.value == pytest.approx(0.92)
    just_below = film_figures([*normals, *broken], threshold - 1e-9)
    assert just_below.specificity.value < 0.92


def test_a_specificity_of_one_silences_every_normal_film():
    records = [film(0, 0.3, False), film(1, 0.7, False), film(2, 0.9, True)]
    figures = film_figures(records, choose_threshold(records, 1.0))
    assert (figures.specificity.value, figures.sensitivity.value) == (1, 1)


@pytest.mark.parametrize("share", [0.0, 1.5, -1.0])
def test_a_specificity_that_is_no_share_is_refused(share):
    with pytest.raises(DataError, match="specificity"):
        choose_threshold([film(0, 0.3, False)], share)


def test_without_normal_films_there_is_no_threshold():
    with pytest.raises(DataError, match="normal films"):
        choose_threshold([film(0, 0.3, True)], 0.9)


def test_scores_of_one_that_no_threshold_silences_are_told():
    records = [film(at, 1.0, False) for at in range(3)] + [film(3, 0.5, False)]
    with pytest.raises(DataError, match="3 of 4 normal films have a finding of score 1"):
        choose_threshold(records, 0.9)
    assert 0.5 < choose_threshold(records, 0.25) < 0.51
