"""The bundled model on real films, none of which has a known compression fracture, and on wedges warped into them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from wedges import wedge

from engine.domain.polygon import Polygon, polygon_iou
from engine.films import find_films, read_film
from engine.films.display import film_to_grey
from engine.predict import load_model, predict
from engine.resources import weights_dir

BODIES = Path(__file__).parents[1] / "data" / "real_bodies.json"
FOUND = 0.4
"""IoU from which a detection counts as finding a body of which only four corners are known."""


@pytest.fixture(scope="module")
def model():
    return load_model(next(weights_dir().glob("*.card.json")))


def bodies(folder):
    for name, films in json.loads(BODIES.read_text())["films"].items():
        film = read_film(folder / name)
        for corners in films:
            yield film, np.array(corners)


def as_displayed(film, picture):
    return replace(film, pixels=picture, displays=(), inverted=False, excluded=None)


def test_a_wedge_sinks_the_front_and_leaves_the_rest_in_place():
    picture = np.zeros((300, 300), np.uint8)
    picture[100:160, 100:180] = 200
    corners = np.array([[100.0, 100], [180, 100], [180, 160], [100, 160]])
    made = wedge(picture, corners, 0.4)
    fronts, backs = (np.flatnonzero(made.picture[:, x] > 100) for x in (103, 176))
    assert len(fronts) == pytest.approx(0.6 * 60, abs=2)
    assert len(backs) == pytest.approx(60, abs=2)
    assert made.corners[0] == pytest.approx((100, 124))
    assert np.array_equal(made.picture[165:], picture[165:])


@pytest.mark.slow
def test_real_films_get_few_false_findings(shared_data, model):
    films = [read_film(path) for path in find_films([shared_data / "data" / "real_films"])]
    counts = [len(predict(film, model).above(model.card.score_threshold)) for film in films]
    assert len(counts) == 19
    assert sum(counts) / len(counts) <= 0.3


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_half_of_the_strong_wedges_in_real_films_are_found(shared_data, model):
    hits = []
    for film, corners in bodies(shared_data / "data" / "real_films"):
        made = wedge(film_to_grey(film), corners, 0.4)
        found = predict(as_displayed(film, made.picture), model).above(model.card.score_threshold)
        hits.append(any(polygon_iou(shape.polygon, Polygon(made.corners)) >= FOUND for shape in found))
    assert len(hits) >= 30
    assert np.mean(hits) >= 0.5
