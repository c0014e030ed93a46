from dataclasses import FrozenInstanceError, replace

import pytest

from engine.domain.annotation import Annotation, ForeignShape, Shape, new_shape_id
from engine.domain.labels import Level, Meaning, Status
from engine.domain.polygon import Polygon

SQUARE = Polygon([[0, 0], [10, 0], [10, 10], [0, 10]])


def test_label_gives_level_and_status():
    assert (Shape("a", "L1", SQUARE).level, Shape("a", "L1", SQUARE).is_fracture) == (Level.L1, True)
    normal = Shape("a", "L1 normal", SQUARE)
    assert (normal.level, normal.status, normal.is_fracture) == (Level.L1, Status.NORMAL, False)


@pytest.mark.parametrize("label", ["marker", "pacemaker", "L9", "L1 normal", "T12 not assessable"])
def test_only_fractures_are_findings(label):
    assert not Shape("a", label, SQUARE).is_fracture


def test_meaning_that_is_given_wins():
    shape = Shape("a", "K1", SQUARE, meaning=Meaning(Level.L1, Status.FRACTURED))
    assert shape.is_fracture


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_score_is_a_probability(score):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Shape("a", "L1", SQUARE, score=score)


def test_source_takes_no_part_in_equality():
    assert Shape("a", "L1", SQUARE, source={"label": "L1"}) == Shape("a", "L1", SQUARE)
    assert Shape("a", "L1", SQUARE, score=0.5) != Shape("a", "L1", SQUARE)


def test_values_are_frozen():
    shape = Shape("a", "L1", SQUARE)
    with pytest.raises(FrozenInstanceError):
        shape.label = "L2"
    with pytest.raises(TypeError):
        shape.flags["seen"] = True
    with pytest.raises(TypeError):
        shape.extra["key"] = 1


def test_annotation_finds_shapes_and_findings():
    shapes = (Shape("a", "L1", SQUARE), Shape("b", "L2 normal", SQUARE), Shape("c", "T12", SQUARE))
    annotation = Annotation("film.png", (200, 100), shapes, (ForeignShape({"shape_type": "point"}, 1),))
    assert [shape.id for shape in annotation.findings] == ["a", "c"]
    assert annotation.shape("b") is shapes[1]
    with pytest.raises(KeyError):
        annotation.shape("d")
    assert replace(annotation, notes=("repaired",)) == annotation


def test_two_shapes_with_one_id_are_refused():
    with pytest.raises(ValueError, match="unique"):
        Annotation("film.png", (200, 100), (Shape("a", "L1", SQUARE), Shape("a", "L2", SQUARE)))


def test_new_ids_differ():
    assert len({new_shape_id() for _ in range(1000)}) == 1000
