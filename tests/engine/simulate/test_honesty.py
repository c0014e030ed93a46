"""Nothing beside the spine may tell a fractured film from a normal one: a reader blind to the spine must guess."""

import cv2
import numpy as np
import pytest
from scipy.stats import rankdata

BLIND_MM = 55.0
"""Half the width of what is blanked along the spine: bodies, arches and spinous processes, in the patient."""
SIDE = 8
COMPONENTS = 20


def background_of(film, grey):
    """Grey values with the band along the spine, over the film's whole height, painted in the mean of the rest."""
    height, width = grey.shape
    centres = np.array([vertebra.outline.mean(axis=0) for vertebra in film.vertebrae])
    middle = np.interp(np.arange(height) + 0.5, centres[:, 1], centres[:, 0])
    reach = BLIND_MM * film.magnification / film.detector_pitch
    beside = np.abs(np.arange(width) + 0.5 - middle[:, None]) > reach
    rest = grey[beside] if beside.any() else np.full(1, 0.5, np.float32)
    return np.where(beside, grey, rest.mean()), rest


def features_of(film, grey):
    """A thumbnail of the background, the film's size in px and mm, and mean and spread of the background."""
    blinded, rest = background_of(film, grey)
    height, width = grey.shape
    thumbnail = cv2.resize(blinded.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    size = (height, width, height / width, height * film.detector_pitch, width * film.detector_pitch, film.bits)
    return np.array([*thumbnail.ravel(), *size, rest.mean(), rest.std()])


@pytest.fixture(scope="module")
def greys(many_films):
    return tuple(film.pixels.astype(np.float32) / (2**film.bits - 1) for film in many_films)


@pytest.fixture(scope="module")
def features(many_films, greys):
    return np.array([features_of(film, grey) for film, grey in zip(many_films, greys, strict=True)])


@pytest.fixture(scope="module")
def fractured(many_films):
    return np.array([bool(film.plan.fractures) for film in many_films])


def logistic_scores(train, truth, test):
    """Ridge-penalised logistic regression by Newton's method."""
    ones = np.ones((len(train), 1))
    known, unknown = np.hstack([train, ones]), np.hstack([test, ones[: len(test)]])
    weights, penalty = np.zeros(known.shape[1]), np.diag([3.0] * train.shape[1] + [0.0])
    for _ in range(12):
        chance = 1 / (1 + np.exp(-known @ weights))
        curvature = (known.T * (chance * (1 - chance) + 1e-6)) @ known + penalty
        weights = weights - np.linalg.solve(curvature, known.T @ (chance - truth) + penalty @ weights)
    return unknown @ weights


def nearest_mean_scores(train, truth, test):
    return test @ (train[truth].mean(axis=0) - train[~truth].mean(axis=0))


def blind_area(features, truth, scores_of, folds=5):
    """Mean area under the ROC curve of a classifier that never saw the films it judges."""
    part = np.random.default_rng(0).permutation(len(truth)) % folds
    areas = []
    for fold in range(folds):
        seen, new = part != fold, part == fold
        middle, spread = features[seen].mean(axis=0), features[seen].std(axis=0) + 1e-9
        known, unknown = ((features[rows] - middle) / spread for rows in (seen, new))
        basis = np.linalg.svd(known, full_matrices=False)[2][:COMPONENTS].T
        ranks = rankdata(scores_of(known @ basis, truth[seen], unknown @ basis))
        sick = truth[new].sum()
        areas.append((ranks[truth[new]].sum() - sick * (sick + 1) / 2) / (sick * (len(ranks) - sick)))
    return float(np.mean(areas))


@pytest.mark.parametrize("scores_of", [logistic_scores, nearest_mean_scores])
def test_the_background_alone_does_not_tell_who_has_a_fracture(features, fractured, scores_of):
    assert fractured.sum() == 120
    assert 0.4 < blind_area(features, fractured, scores_of) < 0.6


def mark_in_a_corner(grey):
    marked = grey.copy()
    marked[: len(grey) // 12, : grey.shape[1] // 12] = 1.0 - grey[0, 0].round()
    return marked


def longer_exposure(grey):
    return grey**2.5


@pytest.mark.parametrize(
    ("shortcut", "scores_of"), [(mark_in_a_corner, logistic_scores), (longer_exposure, nearest_mean_scores)]
)
def test_a_shortcut_in_the_background_would_be_found(many_films, greys, features, fractured, shortcut, scores_of):
    planted = [features_of(film, shortcut(grey)) for film, grey in zip(many_films[:120], greys, strict=False)]
    assert fractured[:120].all()
    assert blind_area(np.array([*planted, *features[120:]]), fractured, scores_of) > 0.7


def test_the_blinded_band_hides_every_vertebra(many_films, greys):
    for film, grey in zip(many_films, greys, strict=True):
        painted, rest = background_of(film, grey)
        for vertebra in film.vertebrae:
            inside = np.floor(vertebra.outline).astype(int)
            inside = inside[(inside >= 0).all(axis=1) & (inside < np.array(grey.shape)[::-1]).all(axis=1)]
            assert np.all(painted[inside[:, 1], inside[:, 0]] == rest.mean())


@pytest.mark.parametrize(
    "fact",
    [
        lambda film: film.pixels.shape[0] * film.detector_pitch,
        lambda film: film.pixels.shape[1] * film.detector_pitch,
        lambda film: film.magnification,
        lambda film: film.bits,
        lambda film: film.facing == "LEFT",
        lambda film: film.person.age,
        lambda film: film.person.mineral,
    ],
    ids=["height", "width", "magnification", "bits", "facing", "age", "mineral"],
)
def test_no_fact_of_the_film_goes_with_the_fracture(many_films, fractured, fact):
    ranks = rankdata([float(fact(film)) for film in many_films])
    area = (ranks[fractured].sum() - 120 * 121 / 2) / 120**2
    assert 0.39 < area < 0.61
