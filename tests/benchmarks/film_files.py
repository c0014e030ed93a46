"""Films of a chosen size for benchmarks: smooth and noisy, as radiographs are."""

import cv2
import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

SHAPES = {1.5: (1500, 1000), 3: (2000, 1500), 6: (2500, 2400), 12: (4000, 3000)}
"""(height, width) of films by megapixels."""

MEGAPIXELS = [1.5, 3, 6, pytest.param(12, marks=pytest.mark.slow)]


def grey_values(shape):
    """(H, W) grey values of 12 bit in uint16."""
    noise = np.random.default_rng(0).normal(0, 1, shape).astype(np.float32)
    values = 2000 + 6000 * cv2.GaussianBlur(noise, (0, 0), 8) + 20 * noise
    return np.clip(values, 0, 4095).astype(np.uint16)


def write_dicom(path, pixels):
    """Write a DX film of 12 bit, not compressed."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[path.name])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    record = Dataset()
    record.file_meta = meta
    record.SOPClassUID, record.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    record.Modality, record.PhotometricInterpretation = "DX", "MONOCHROME2"
    record.Rows, record.Columns = pixels.shape
    record.SamplesPerPixel, record.PixelRepresentation = 1, 0
    record.BitsAllocated, record.BitsStored, record.HighBit = 16, 12, 11
    record.WindowCenter, record.WindowWidth = 2048, 4096
    record.PixelData = pixels.tobytes()
    record.save_as(path, enforce_file_format=True)
    return path


def write_png(path, pixels):
    """Write a 16-bit PNG, lightly compressed."""
    assert cv2.imwrite(str(path), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return path
