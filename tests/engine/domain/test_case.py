from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from engine.domain.annotation import Annotation, Shape
from engine.domain.case import Case, ModelCard, Prediction, ReviewStatus
from engine.domain.labels import PAPER_CLASSES
from engine.domain.polygon import Polygon

SQUARE = Polygon([[0, 0], [10, 0], [10, 10], [0, 10]])
CARD = ModelCard("mask_rcnn", PAPER_CLASSES, (512, 1024), (0.5,) * 3, (0.2,) * 3, 0.6, "0" * 64)


def predicted(*scores):
    return tuple(Shape(f"p{index}", "L1", SQUARE, score=score) for index, score in enumerate(scores))


def test_prediction_above_a_threshold_includes_it():
    prediction = Prediction(CARD, (200, 100), predicted(0.2, 0.6, 0.9), 0.1)
    assert [shape.score for shape in prediction.above(0.6)] == [0.6, 0.9]
    assert prediction.above(0.0) == prediction.shapes
    assert prediction.above(0.95) == ()


def test_prediction_without_scores_is_refused():
    with pytest.raises(ValueError, match="score"):
        Prediction(CARD, (200, 100), (*predicted(0.5), Shape("a", "L1", SQUARE)), 0.1)


def test_a_case_is_replaced_never_changed():
    case = Case(Path("film.png"), Annotation("film.png", (200, 100)))
    assert (case.prediction, case.status) == (None, ReviewStatus.UNREAD)
    with pytest.raises(FrozenInstanceError):
        case.status = ReviewStatus.REVIEWED
    after = replace(case, prediction=Prediction(CARD, (200, 100), predicted(0.5), 0.1))
    assert case.prediction is None
    assert after.prediction.shapes == predicted(0.5)


def test_a_card_can_be_compared_and_has_read_only_maps():
    assert replace(CARD, name="x") != CARD
    with pytest.raises(TypeError):
        CARD.metrics["mAP50"] = 1.0


def test_review_states_keep_their_written_names():
    assert {status.value for status in ReviewStatus} == {
        "unread", "in progress", "reviewed", "no fracture", "unusable"
    }  # fmt: skip
