import json
import random
from dataclasses import fields, replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journalled import base_annotation

from engine.domain.annotation import Annotation, ForeignShape, Shape
from engine.domain.labels import Level, Meaning, Status
from engine.domain.polygon import Polygon
from engine.formats.labelme import encode_labelme
from engine.store.snapshot import NOTHING, applied, difference, packed, picture_name, same, unpack, unpacked

TEXTS = ("", "L1", "überlegt", "\ud800 lone", "\x00", "日本")
NUMBERS = (0, 1, -3, 10**20, 0.1, 1e-300, 1.0, True, False, None)


class Dice:
    """Throws everything that an annotation may hold, from one number; drawing it part by part takes too long."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def of(self, *choices):
        return self.random.choice(choices)

    def value(self, depth=2):
        if depth == 0 or self.random.random() < 0.5:
            return self.of(*TEXTS, *NUMBERS)
        inner = [self.value(depth - 1) for _ in range(self.random.randrange(3))]
        return self.of(inner, dict(zip(TEXTS, inner, strict=False)))

    def record(self):
        return MappingProxyType({name: self.value() for name in self.random.sample(TEXTS, self.random.randrange(4))})

    def flags(self):
        return MappingProxyType({name: self.of(True, False) for name in self.random.sample(TEXTS, 2)})

    def shape(self, name):
        x, y = self.random.uniform(-1e4, 1e4), float(self.random.randrange(5000))
        polygon = Polygon([[x, y], [x + self.random.uniform(1, 300), y], [x, y + 1 / 3]])
        points = self.of(polygon.points.tolist(), [[0, 0], [1, 1]])
        return Shape(
            name, self.of(*TEXTS), polygon, self.of(None, self.random.random()), self.of(None, 3, -1), self.flags(),
            self.record(), Meaning(self.of(None, *Level), self.of(None, *Status)),
            self.of(None, MappingProxyType({**self.record(), "points": points})),
        )  # fmt: skip

    def annotation(self):
        names = self.random.sample("abcdef", self.random.randrange(5))
        foreign = [ForeignShape(self.record(), place, self.of(*TEXTS)) for place in range(self.random.randrange(3))]
        return Annotation(
            self.of(*TEXTS), (self.random.randrange(5000), 7), tuple(map(self.shape, names)), tuple(foreign),
            self.flags(), self.record(), self.of(None, *TEXTS), tuple(self.random.sample(TEXTS, 2)),
        )  # fmt: skip


ANNOTATIONS = st.integers(0, 2**64).map(lambda seed: Dice(seed).annotation())


def to_the_last_bit(one, two):
    """Compare field by field, the types of numbers and the order of keys included."""
    assert same(one, two)
    assert same(two, one)
    assert repr(one) == repr(two)
    for first, second in zip(one.shapes, two.shapes, strict=True):
        for part in fields(Shape):
            assert repr(getattr(first, part.name)) == repr(getattr(second, part.name))
            if part.name in ("source", "extra", "flags") and getattr(first, part.name) is not None:
                assert json.dumps(dict(getattr(first, part.name))) == json.dumps(dict(getattr(second, part.name)))


@given(ANNOTATIONS, ANNOTATIONS)
def test_a_change_kept_as_bytes_leads_from_one_annotation_to_the_other(before, after):
    pictures = {picture_name(one): one.image_data for one in (before, after)}
    delta = unpacked(packed(difference(before, after)))
    result = applied(delta, before, pictures)
    assert same(result, after)
    to_the_last_bit(applied(unpacked(packed(difference(NOTHING, after))), NOTHING, pictures), after)


@given(ANNOTATIONS)
def test_nothing_changed_is_nothing_kept(annotation):
    delta = difference(annotation, replace(annotation))
    assert (delta.shapes, delta.order, delta.film) == ({}, None, {})
    assert applied(delta, annotation, {}).shapes == annotation.shapes


def test_a_file_read_and_kept_is_written_as_it_came():
    base = base_annotation("aGVsbG8=")
    back = applied(unpacked(packed(difference(NOTHING, base))), NOTHING, {picture_name(base): "aGVsbG8="})
    to_the_last_bit(back, base)
    assert encode_labelme(back) == encode_labelme(base)
    assert back.shapes[2].source["points"] == [[0, 0], [90, 90], [90, 0], [0, 80]]


def test_only_what_changed_is_kept_and_the_rest_stays_the_identical_object():
    base = base_annotation()
    moved = replace(base.shapes[1], polygon=Polygon(base.shapes[1].polygon.points + 1), source=None)
    after = replace(base, shapes=(base.shapes[0], moved, base.shapes[2]))
    delta = difference(base, after)
    assert [*delta.shapes] == [moved.id]
    assert (delta.order, delta.film) == (None, {})
    result = applied(unpacked(packed(delta)), base, {})
    assert result.shapes[0] is base.shapes[0]
    assert result.shapes[2] is base.shapes[2]


def test_a_record_that_was_dropped_is_a_change():
    base = base_annotation()
    touched = replace(base, shapes=(replace(base.shapes[0], source=None), *base.shapes[1:]))
    assert touched == base
    assert not same(touched, base)
    assert applied(unpacked(packed(difference(base, touched))), base, {}).shapes[0].source is None


def test_a_picture_is_kept_by_its_hash_and_left_out_where_it_is_lost():
    base = base_annotation("A" * 5000)
    data = packed(difference(NOTHING, base))
    assert b"AAAA" not in json.dumps(unpack(data)).encode()
    assert applied(unpacked(data), NOTHING, {}).image_data is None


def test_a_change_that_does_not_fit_is_refused():
    base = base_annotation()
    delta = difference(base, replace(base, shapes=base.shapes[1:]))
    with pytest.raises(ValueError, match="doesn't fit what was there before"):
        applied(delta, replace(base, shapes=base.shapes[1:]), {})
    with pytest.raises(ValueError, match="doesn't fit the shapes"):
        applied(delta, replace(base, shapes=base.shapes[:2]), {})


@pytest.mark.parametrize("data", [b"", b"not compressed", packed(difference(NOTHING, NOTHING))[:-4]])
def test_bytes_that_are_no_change_are_refused(data):
    with pytest.raises(ValueError, match="expected"):
        unpacked(data)
