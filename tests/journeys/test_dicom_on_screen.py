"""DICOM on the screen: 16 bit and MONOCHROME1, each pixel as the standard's formula gives it."""

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid
from PySide6.QtGui import QImage
from qt import settle

from vcfviewer.canvas.values import Side

CENTER, WIDTH = 2000, 1000
SIZE = (300, 240)


def ramp():
    """Grey values from 1400 to 2600, so that the window's edges lie within the film."""
    rows, columns = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
    return (1400 + (rows * SIZE[1] + columns) * 1200 // (SIZE[0] * SIZE[1] - 1)).astype(np.uint16)


def write_dicom(path, photometric):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    record = Dataset()
    record.file_meta = meta
    record.SOPClassUID, record.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    record.Modality, record.PatientID = "DX", "journey"
    record.Rows, record.Columns = SIZE
    record.SamplesPerPixel, record.BitsAllocated, record.BitsStored, record.HighBit = 1, 16, 12, 11
    record.PixelRepresentation, record.PhotometricInterpretation = 0, photometric
    record.PresentationLUTShape = "INVERSE" if photometric == "MONOCHROME1" else "IDENTITY"
    record.WindowCenter, record.WindowWidth = CENTER, WIDTH
    record.PixelData = ramp().tobytes()
    record.save_as(path, enforce_file_format=True)


def by_hand(values):
    """PS3.3 C.11.2.1.2, LINEAR: ((x - (c - 0.5)) / (w - 1) + 0.5), cut to 0..1."""
    shown = (values.astype(float) - (CENTER - 0.5)) / (WIDTH - 1) + 0.5
    return np.clip(shown, 0, 1) * 255


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_every_pixel_is_shown_as_the_standard_says(player, tmp_path, photometric):
    folder = tmp_path / "dicom"
    folder.mkdir()
    write_dicom(folder / "film.dcm", photometric)
    window = player.open(folder, wait=False, predict_on_open=False)
    player.wait_for_film("film", predicted=False)
    player.press("Ctrl+0")
    window.comparison.hide_shapes(True)
    settle()
    view = window.comparison.view(Side.EXPERT)
    image = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    seen = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    wanted = by_hand(ramp())
    if photometric == "MONOCHROME1":
        wanted = 255 - wanted
    checked = 0
    for row in range(20, SIZE[0] - 20, 13):
        for column in range(20, SIZE[1] - 20, 11):
            at = view.mapFromScene(column + 0.5, row + 0.5)
            if view.viewport().rect().contains(at) and not _marked(view, at):
                # A place on the screen is rounded to a pixel, and the film rises by a grey level from row to row.
                assert abs(float(seen[at.y(), at.x()]) - wanted[row, column]) <= 2
                checked += 1
    assert checked > 200


def _marked(view, at):
    """Whether the view's own marks, in its corners, may cover a place."""
    return at.y() < 60 or at.y() > view.viewport().height() - 60
