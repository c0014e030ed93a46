import json
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

TEXT = st.text(max_size=6) | st.just("\ud800 lone")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=3).map(MappingProxyType)
FLAGS = st.dictionaries(TEXT, st.booleans(), max_size=2).map(MappingProxyType)
NUMBERS = st.floats(-1e4, 1e4).map(lambda value: round(value, 3))


@st.composite
def polygons(draw):
    x, y = draw(NUMBERS), draw(NUMBERS)
    width, height = draw(st.floats(1, 300)), draw(st.floats(1, 300))
    return Polygon([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


@st.composite
def shapes(draw, name):
    polygon = draw(polygons())
    recorded = draw(st.sampled_from(("none", "the same", "another")))
    points = polygon.points.tolist() if recorded == "the same" else [[0, 0], [1, 1]]
    source = None if recorded == "none" else MappingProxyType({**draw(OBJECTS), "points": points})
    meaning = Meaning(draw(st.none() | st.sampled_from(Level)), draw(st.none() | st.sampled_from(Status)))
    return Shape(
        name, draw(TEXT), polygon, draw(st.none() | st.floats(0, 1)), draw(st.none() | st.integers()), draw(FLAGS),
        draw(OBJECTS), meaning, source,
    )  # fmt: skip


@st.composite
def annotations(draw):
    names = draw(st.lists(st.sampled_from("abcdef"), unique=True, max_size=4))
    foreign = st.builds(ForeignShape, OBJECTS, st.integers(0, 9), TEXT)
    return Annotation(
        draw(TEXT), (draw(st.integers(0, 5000)), draw(st.integers(0, 5000))),
        tuple(draw(shapes(name)) for name in names), tuple(draw(st.lists(foreign, max_size=2))), draw(FLAGS),
        draw(OBJECTS), draw(st.none() | TEXT), tuple(draw(st.lists(TEXT, max_size=2))),
    )  # fmt: skip


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


@given(annotations(), annotations())
def test_a_change_kept_as_bytes_leads_from_one_annotation_to_the_other(before, after):
    pictures = {picture_name(one): one.image_data for one in (before, after)}
    delta = unpacked(packed(difference(before, after)))
    result = applied(delta, before, pictures)
    assert same(result, after)
    to_the_last_bit(applied(unpacked(packed(difference(NOTHING, after))), NOTHING, pictures), after)


@given(annotations())
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
