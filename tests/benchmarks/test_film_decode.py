"""Reading a film of 12 bit: our checked reader beside the bare decoders it stands on, which check nothing."""

import cv2
import numpy as np
import pydicom
import pytest
from film_files import MEGAPIXELS, SHAPES, grey_values, write_dicom, write_png
from measurements import peak_mib, rounds_ms
from PIL import Image

from engine.films import read_film

TOPIC = "Film decode"
RAW_ROUNDS, PACKED_ROUNDS = 15, 3
"""A raw film is read in a few milliseconds, in which a moment's other work counts; a packed one takes a hundred."""
SHARE = 1.5
"""What the checks may cost: nothing is read half, and nothing that isn't a film."""


@pytest.mark.parametrize("megapixels", MEGAPIXELS)
def test_a_raw_dicom_film(megapixels, tmp_path, measurement):
    pixels = grey_values(SHAPES[megapixels])
    path = write_dicom(tmp_path / "film.dcm", pixels)
    np.testing.assert_array_equal(read_film(path).pixels, pixels)
    ours, theirs = rounds_ms(lambda: read_film(path), lambda: pydicom.dcmread(path).pixel_array, rounds=RAW_ROUNDS)
    told = measurement("raw DICOM", "ms", ours, peer=theirs, peer_name="pydicom", size=megapixels, of="MP", share=SHARE,
                       headline=True)  # fmt: skip
    assert told.is_met


@pytest.mark.parametrize("megapixels", MEGAPIXELS)
def test_a_png_film(megapixels, tmp_path, measurement):
    pixels = grey_values(SHAPES[megapixels])
    path = write_png(tmp_path / "film.png", pixels)
    np.testing.assert_array_equal(read_film(path).pixels, pixels)
    works = (
        lambda: read_film(path),
        lambda: cv2.imread(str(path), cv2.IMREAD_UNCHANGED),
        lambda: np.asarray(Image.open(path)),
    )
    ours, opencv, pillow = rounds_ms(*works, rounds=PACKED_ROUNDS)
    told = measurement("16-bit PNG", "ms", ours, peer=opencv, peer_name="OpenCV", size=megapixels, of="MP", share=SHARE,
                       headline=True)  # fmt: skip
    measurement("16-bit PNG, Pillow beside", "ms", ours, peer=pillow, peer_name="Pillow", size=megapixels, of="MP")
    assert told.is_met


def test_memory_is_that_of_file_and_film(tmp_path, measurement):
    pixels = grey_values(SHAPES[12])
    path = write_dicom(tmp_path / "film.dcm", pixels)
    ours, theirs = peak_mib(lambda: read_film(path)), peak_mib(lambda: pydicom.dcmread(path).pixel_array)
    told = measurement("raw DICOM, peak of memory", "MiB", [ours], peer=[theirs], peer_name="pydicom",
                       bar=3 * pixels.nbytes / 2**20, size=12, of="MP")  # fmt: skip
    assert told.is_met
