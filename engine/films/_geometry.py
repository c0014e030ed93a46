"""Millimetres and facing from DICOM (PS3.3 10.7; PatientOrientation C.7.6.1.1.1)."""

from __future__ import annotations

from pydicom.dataset import Dataset

from engine.domain.morphometry import Facing
from engine.films._film import Spacing, SpacingState


def read_spacing(record: Dataset) -> Spacing:
    """Return spacing and how far it can be trusted; nothing that is only known at the detector is called calibrated."""
    imager = _pair(record, "ImagerPixelSpacing")
    pixel = _pair(record, "PixelSpacing")
    nominal = _pair(record, "NominalScannedPixelSpacing")
    kind = str(record.get("PixelSpacingCalibrationType", "") or "").upper()
    factor = record.get("EstimatedRadiographicMagnificationFactor")
    focus, patient = record.get("DistanceSourceToDetector"), record.get("DistanceSourceToPatient")
    if pixel is not None and kind == "FIDUCIAL":
        return Spacing(SpacingState.CALIBRATED, *pixel)
    if pixel is not None and kind == "GEOMETRY":
        return Spacing(SpacingState.MAGNIFICATION_CORRECTED, *pixel)
    if imager is not None and pixel is not None and pixel != imager:
        return Spacing(SpacingState.CALIBRATED, *pixel)
    if imager is not None:
        if factor and focus and patient and abs(float(factor) - float(focus) / float(patient)) > 0.05 * float(factor):
            return Spacing(SpacingState.ERROR)
        magnification = float(factor) if factor else 0.0
        if magnification >= 1:
            return Spacing(SpacingState.MAGNIFICATION_CORRECTED, imager[0] / magnification, imager[1] / magnification)
        return Spacing(SpacingState.DETECTOR, *imager)
    if nominal is not None:
        return Spacing(SpacingState.DETECTOR, *nominal)
    if pixel is not None:
        return Spacing(SpacingState.UNKNOWN, *pixel)
    return Spacing()


def read_facing(record: Dataset) -> Facing | None:
    """Return the side the front lies on: the first value of PatientOrientation is the direction of the rows."""
    orientation = record.get("PatientOrientation")
    if not orientation or isinstance(orientation, str):
        return None
    towards = str(orientation[0]).upper()
    if towards.startswith("A"):
        return Facing.RIGHT
    return Facing.LEFT if towards.startswith("P") else None


def _pair(record: Dataset, keyword: str) -> tuple[float, float] | None:
    value = record.get(keyword)
    if value is None or value == "" or isinstance(value, (str, float)) or len(value) != 2:
        return None
    row, column = float(value[0]), float(value[1])
    return (row, column) if row > 0 and column > 0 else None
