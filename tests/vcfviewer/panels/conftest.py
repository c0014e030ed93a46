"""A reviewed film of the samples: T12 agreed and accepted, L1 missed, T11 extra and rejected."""

from dataclasses import dataclass

import numpy as np
import pytest

from engine.domain.annotation import Annotation, Shape
from engine.domain.case import ModelCard, Prediction
from engine.domain.decisions import RejectReason, accept, reject, set_attributes
from engine.domain.grading import GenantGrade
from engine.domain.labels import Level
from engine.domain.morphometry import Facing
from engine.domain.polygon import Polygon
from engine.formats.labelme import read_labelme
from engine.resources import samples_dir
from engine.review import FilmFacts, FilmSummary, FindingRow, finding_rows, measure_findings, summarise

CARD = ModelCard("mask_rcnn", ("T11", "T12"), (288, 352), (0.5,) * 3, (0.2,) * 3, 0.69, "ab" * 32, name="test")
AT = "2026-11-24T21:00:00Z"


@dataclass(frozen=True)
class Reviewed:
    """What stands on the film before and after the reader decided, and the rows made of it."""

    original: Annotation
    current: Annotation
    predicted: tuple[Shape, ...]
    fresh: tuple[FindingRow, ...]
    decided: tuple[FindingRow, ...]
    summary: FilmSummary


@pytest.fixture(scope="session")
def reviewed_film() -> Reviewed:
    original = read_labelme(samples_dir() / "sample_11.json")
    by_level = {shape.level: shape for shape in original.shapes}
    expert = by_level[Level.T12]
    assert expert.is_fracture
    assert by_level[Level.L1].is_fracture
    assert not by_level[Level.T11].is_fracture
    found = Shape("found", "T12", Polygon(expert.polygon.points + np.array([4.0, -3.0])), score=0.93)
    extra = Shape("extra", "T11", Polygon(by_level[Level.T11].polygon.points), score=0.71)
    predicted = (found, extra)
    current = accept(original, found, CARD, expert.id, "kim", AT)
    current = reject(current, extra, CARD, RejectReason.SCHMORL, "kim", AT)
    current = set_attributes(current, [expert.id], grade=GenantGrade.MODERATE, level_certain=False)
    facts = FilmFacts(Facing.RIGHT, (0.35, 0.35), CARD.sha256)
    return Reviewed(
        original,
        current,
        predicted,
        finding_rows(original, original, predicted, facts, 0.5, measure_findings(original, predicted, facts)),
        finding_rows(original, current, predicted, facts, 0.5, measure_findings(current, predicted, facts)),
        summarise(original, current, Prediction(CARD, original.image_size, predicted, 1.0), 0.69, 0.5),
    )
