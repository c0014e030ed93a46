import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut
from pydicom.sequence import Sequence

from engine.films._modality import to_grey_values

DTYPES = ("u1", "i1", "<u2", "<i2", ">u2", ">i2", "<i4", "<u4")
NUMBERS = ("1", "2", "-1", "0.5", "0.001", "-0.37", "40", "1000")


def rescaled(slope, intercept):
    record = Dataset()
    record.RescaleSlope, record.RescaleIntercept = slope, intercept
    return record


def tabled(first=0, entries=64):
    item = Dataset()
    item.LUTDescriptor, item.ModalityLUTType = [entries, first, 16], "US"
    item.LUTData = [(at * 7919) % 65536 for at in range(entries)]
    record = Dataset()
    record.PixelRepresentation, record.ModalityLUTSequence = int(first < 0), Sequence([item])
    return record


def by_pixel(stored, record):
    """The step for every pixel, as pydicom does it, then moved and scaled as a film must be."""
    values = apply_modality_lut(stored.astype(np.int64), record).astype(np.float64)
    offset = max(0, -int(np.floor(values.min())))
    values = values + offset
    high = values.max()
    if high <= 65535 and (values == np.rint(values)).all():
        return values, offset, 1.0
    return np.rint(values * (65535 / high)), offset, 65535 / high


pictures = st.sampled_from(DTYPES).flatmap(
    lambda name: arrays(np.dtype(name), st.tuples(st.integers(1, 9), st.integers(1, 9)))
)


@settings(deadline=None)
@given(pictures, st.sampled_from(NUMBERS), st.sampled_from(("0", "-1024", "3071.5", "100000")))
def test_the_values_are_those_of_each_pixel(stored, slope, intercept):
    record = rescaled(slope, intercept)
    pixels, offset, scale = to_grey_values(stored, record)
    expected, *same = by_pixel(stored, record)
    assert [offset, scale] == same
    assert pixels.dtype in (np.uint8, np.uint16)
    assert np.array_equal(pixels, expected)


@settings(deadline=None)
@given(arrays(np.uint8, (5, 7)), st.sampled_from((-3, 0, 20)))
def test_a_table_is_looked_up_and_clamped(stored, first):
    stored = stored.view(np.int8) if first < 0 else stored
    pixels, offset, scale = to_grey_values(stored, tabled(first))
    expected, *same = by_pixel(stored, tabled(first))
    assert [offset, scale] == same
    assert np.array_equal(pixels, expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_without_a_step_the_stored_values_are_the_film(dtype):
    stored = np.arange(12, dtype=dtype).reshape(3, 4)
    for record in (Dataset(), rescaled("1", "0")):
        pixels, offset, scale = to_grey_values(stored, record)
        assert (offset, scale, pixels.dtype) == (0, 1.0, dtype)
        assert np.array_equal(pixels, stored)


def test_blocks_join_without_a_seam():
    stored = np.random.default_rng(0).integers(0, 65536, (3001, 1100), np.uint16)
    pixels, _offset, _scale = to_grey_values(stored, rescaled("0.5", "-7"))
    expected, *_same = by_pixel(stored, rescaled("0.5", "-7"))
    assert np.array_equal(pixels, expected)
    wide = np.arange(1_500_000, dtype=np.int32).astype(np.int16)[None]
    assert np.array_equal(to_grey_values(wide, Dataset())[0], wide.astype(int) + 32768)
