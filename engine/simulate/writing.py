"""Writes a simulated film as PNG or DICOM with its labelme file; the truth stands in the namespaced keys."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from engine.domain.annotation import Annotation, Shape
from engine.domain.labels import Status, write_label
from engine.domain.polygon import repair_polygon
from engine.errors import EngineError
from engine.formats.labelme import write_labelme
from engine.simulate.film import SimulatedFilm, VertebraTruth, simulate_film
from engine.simulate.recipe import PlannedFilm

WHOLE = 0.75
"""From this share of its outline on the exposed field a vertebra is judged; below it is `not assessable`."""
GONE = 0.35
"""Below this share it isn't outlined at all."""


def write_film(planned: PlannedFilm, folder: Path) -> str:
    """Simulate one planned film and write its film and `<name>.json`; returns the name.

    The JSON comes last, so that a film without one was interrupted and is made again.
    """
    film = simulate_film(planned.plan)
    path = folder / planned.file_name
    if planned.plan.dicom:
        _write_dicom(path, film, planned)
    else:
        _write_png(path, film)
    write_labelme(folder / f"{planned.name}.json", truth_annotation(film, path.name, planned.patient))
    return planned.name


def _write_png(path: Path, film: SimulatedFilm) -> None:
    data = film.pixels.astype(np.uint8) if film.bits == 8 else film.pixels
    done, encoded = cv2.imencode(".png", data)
    if not done:
        raise EngineError(f"{path}: the film could not be encoded as PNG")
    path.write_bytes(encoded.tobytes())


def _write_dicom(path: Path, film: SimulatedFilm, planned: PlannedFilm) -> None:
    """Write a DX image for presentation; uids follow from the film's name, so that a film is the same every time."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[planned.name])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    record = Dataset()
    record.file_meta = meta
    record.SOPClassUID, record.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    record.Modality, record.PatientName, record.PatientID = "DX", "Simulated", planned.patient
    record.ImageComments = "Simulated film: for verifying software, never clinical performance."
    record.Rows, record.Columns = film.pixels.shape
    record.SamplesPerPixel, record.BitsAllocated, record.BitsStored, record.HighBit = 1, 16, film.bits, film.bits - 1
    record.PixelRepresentation = 0
    record.PhotometricInterpretation = "MONOCHROME1" if film.inverted else "MONOCHROME2"
    record.PresentationLUTShape = "INVERSE" if film.inverted else "IDENTITY"
    record.ImagerPixelSpacing = [round(film.detector_pitch, 5)] * 2
    record.EstimatedRadiographicMagnificationFactor = round(film.magnification, 4)
    record.PatientOrientation = ["P", "F"] if film.facing == "LEFT" else ["A", "F"]
    record.WindowCenter, record.WindowWidth = 1 << (film.bits - 1), 1 << film.bits
    stored = (1 << film.bits) - 1 - film.pixels if film.inverted else film.pixels
    record.PixelData = np.ascontiguousarray(stored, "<u2").tobytes()
    record.save_as(path, enforce_file_format=True)


def truth_annotation(film: SimulatedFilm, image_name: str, patient: str) -> Annotation:
    """Return the truth as an annotation: every vertebra's outline, and all that is known in `vcfviewer` keys."""
    kept = [vertebra for vertebra in film.vertebrae if vertebra.visible >= GONE]
    shapes = tuple(_shape(vertebra, index, film) for index, vertebra in enumerate(kept))
    record = {
        "simulated": True, "seed": film.plan.seed, "patient": patient, "facing": film.facing, "bits": film.bits,
        "monochrome1": film.inverted, "magnification": film.magnification, "sex": film.person.sex,
        "age_years": film.person.age, "mineral": film.person.mineral,
        "detector_pixel_mm": film.detector_pitch, "exclusion": film.plan.exclusion,
        "notice": "Simulated film: for verifying software, never clinical performance.",
    }  # fmt: skip
    return Annotation(image_name, film.pixels.shape, shapes, extra=MappingProxyType({"vcfviewer": record}))


def status_of(vertebra: VertebraTruth) -> Status:
    """Return what a reader could say: cut off, cemented and screwed bodies are not assessable."""
    if vertebra.visible < WHOLE or vertebra.exclusion:
        return Status.NOT_ASSESSABLE
    return Status.FRACTURED if vertebra.fracture is not None else Status.NORMAL


def _shape(vertebra: VertebraTruth, index: int, film: SimulatedFilm) -> Shape:
    height, width = film.pixels.shape
    clipped = np.clip(vertebra.outline, 0, (width, height))
    fracture = vertebra.fracture
    truth: dict[str, Any] = {
        "six_points": np.round(vertebra.six_points, 3).tolist(),
        "heights_mm": [round(value, 4) for value in vertebra.heights],
        "expected_heights_mm": [round(value, 4) for value in vertebra.expected],
        "loss": round(vertebra.loss, 5), "visible": round(vertebra.visible, 3),
        "grade": fracture.grade if fracture else 0, "type": fracture.kind if fracture else "",
        "acute": fracture.acute if fracture else False, "look_alike": vertebra.look_alike,
        "exclusion": vertebra.exclusion,
    }  # fmt: skip
    polygon = repair_polygon(np.round(clipped, 3)).polygon
    label = write_label(vertebra.level, status_of(vertebra))
    return Shape(f"truth-{index}", label, polygon, extra=MappingProxyType({"vcfviewer": truth}))
