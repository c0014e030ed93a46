"""DICOM films made by hand."""

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from engine.films import read_film


def made(pixels, syntax=ExplicitVRLittleEndian, **tags):
    """An uncompressed DX film with `tags` set besides, or left out where None."""
    record = Dataset()
    record.file_meta = FileMetaDataset()
    record.file_meta.TransferSyntaxUID = syntax
    record.SpecificCharacterSet = "ISO_IR 192"
    record.SOPClassUID, record.SOPInstanceUID = DigitalXRayImageStorageForPresentation, generate_uid()
    record.Modality = "DX"
    record.Rows, record.Columns = pixels.shape[:2]
    record.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    if pixels.ndim == 3:
        record.PlanarConfiguration = 0
    record.PhotometricInterpretation = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    record.BitsAllocated = record.BitsStored = 8 * pixels.dtype.itemsize
    record.HighBit = record.BitsStored - 1
    record.PixelRepresentation = int(pixels.dtype.kind == "i")
    record.PixelData = pixels.tobytes()
    for keyword, value in tags.items():
        if value is None:
            delattr(record, keyword)
        else:
            setattr(record, keyword, value)
    return record


@pytest.fixture
def read(tmp_path):
    """Write a film with these tags, and read it."""

    def written_and_read(pixels=None, **tags):
        path = tmp_path / "film.dcm"
        made(np.arange(64 * 48, dtype=np.uint16).reshape(64, 48) if pixels is None else pixels, **tags).save_as(
            path, enforce_file_format=True
        )
        return read_film(path)

    return written_and_read


@pytest.fixture
def dataset():
    """The maker of an uncompressed DX film, with tags to set or, as None, to leave out."""
    return made
