"""DICOM radiographs through pydicom: modality step, what the file offers for display, spacing, facing, padding."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.processing import apply_color_lut, convert_color_space
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
)

from engine.errors import FilmReadError
from engine.files import is_special
from engine.films._film import Display, Film, Grey
from engine.films._geometry import read_facing, read_spacing
from engine.films._modality import to_grey_values
from engine.films.patients import patient_hash
from engine.films.raster import to_grey
from engine.films.sniff import looks_like_dicom

RADIOGRAPHS = ("CR", "DX", "RF", "SC", "XA", "MG", "RG", "OT", "IO", "PX")
"""Modalities whose single frames are projections (DICOM PS3.3 C.7.3.1.1.1)."""


def read_dicom(path: Path, max_megapixels: float, patient: str | None) -> Film:
    """Read one 2-D radiograph; raises FilmReadError that says what the file is instead."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            record = pydicom.dcmread(path, force=True)
            _name_syntax(record)
            _refuse_others(path, record, max_megapixels)
            stored = _pixels(path, record)
            film = _film(path, record, stored, patient)
        except FilmReadError:
            raise
        except Exception as error:
            # Damaged files bring out more than pydicom documents: struct.error, BytesLengthException, zlib.error.
            raise FilmReadError(path, f"expected a readable DICOM radiograph, got: {_first_line(error)}") from error
    told = tuple(("DICOM warning", _first_line(one.message)) for one in caught)
    return _with_facts(film, told)


def _name_syntax(record: Dataset) -> None:
    """Give a bare dataset, which has no group 0002, the uncompressed transfer syntax it was parsed by."""
    if "TransferSyntaxUID" not in record.file_meta:
        implicit, little = record.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        record.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit


def patient_of(path: Path) -> str | None:
    """Return the hash of the patient a DICOM file names, None where it names none or isn't DICOM; reads no pixels."""
    try:
        if is_special(path):
            return None
        with path.open("rb") as file:
            if not looks_like_dicom(file.read(256)):
                return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _patient(pydicom.dcmread(path, force=True, specific_tags=["PatientID", "PatientName"]))
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        # What is wrong with the file is told where it is read as a film.
        return None


def _patient(record: Dataset) -> str | None:
    who = str(record.get("PatientID", "") or "") or str(record.get("PatientName", "") or "")
    return patient_hash(who) if who else None


def _refuse_others(path: Path, record: Dataset, max_megapixels: float) -> None:
    modality = str(record.get("Modality", "OT") or "OT")
    if "PixelData" not in record:
        kind = getattr(record.get("SOPClassUID"), "name", "") or modality
        raise FilmReadError(path, f"expected a radiograph, got DICOM without pixels ({kind})")
    if modality not in RADIOGRAPHS:
        raise FilmReadError(path, f"expected a radiograph ({', '.join(RADIOGRAPHS[:4])}), got modality {modality}")
    frames = int(record.get("NumberOfFrames", 1) or 1)
    if frames > 1:
        raise FilmReadError(path, f"expected one film, got {frames} frames; export the frame to be read")
    height, width = int(record.get("Rows", 0) or 0), int(record.get("Columns", 0) or 0)
    if height < 1 or width < 1:
        raise FilmReadError(path, f"expected a film, got {height} x {width} px")
    if height * width > max_megapixels * 1e6:
        came = f"{height} x {width} px, {height * width / 1e6:.0f} megapixels"
        raise FilmReadError(path, f"too large: {came}; at most {max_megapixels:.0f} are read, allow more if it is real")


def _pixels(path: Path, record: Dataset) -> NDArray[np.generic]:
    """Decode; pydicom's decoders raise errors of their own for a broken code stream."""
    try:
        _mend_scan(record)
        decoded = np.asarray(pixel_array(record, raw=True))
    except BaseException as error:
        # The RLE decoder, in Rust, panics on some damaged streams: that exception is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise FilmReadError(path, f"expected readable pixels, the decoder says: {_first_line(error)}") from error
    space = str(record.get("PhotometricInterpretation", "MONOCHROME2"))
    if space == "PALETTE COLOR":
        decoded, space = np.asarray(apply_color_lut(decoded, record)), "RGB"
    if decoded.ndim == 3:
        if space.startswith("YBR") and "Jpeg" not in record.file_meta.TransferSyntaxUID.name.title().replace(" ", ""):
            decoded = convert_color_space(decoded, space, "RGB")
        elif space.startswith("YBR"):
            decoded = np.asarray(pixel_array(record))
        decoded = to_grey(np.ascontiguousarray(decoded[:, :, ::-1]))
    return decoded


def _mend_scan(record: Dataset) -> None:
    """Set the spectral selection of a sequential JPEG to 0..63, the only one it may have (ISO 10918-1, B.2.3).

    Encoders are in use that write 0..0 (NEMA's own sample RG3_JPLY is such a file); strict decoders refuse it.
    """
    if record.file_meta.get("TransferSyntaxUID") not in (JPEGBaseline8Bit, JPEGExtended12Bit):
        return
    frame = bytearray(next(generate_frames(record.PixelData, number_of_frames=1)))
    scan = frame.find(b"\xff\xda")
    at = scan + 5 + 2 * frame[scan + 4] if scan >= 0 else len(frame)
    if at + 2 < len(frame) and frame[at : at + 2] == b"\x00\x00":
        frame[at + 1] = 63
        record.PixelData = encapsulate([bytes(frame)])


def _film(path: Path, record: Dataset, stored: NDArray[np.generic], patient: str | None) -> Film:
    padding = _padding(record, stored)
    shutter = _shutter(record, (stored.shape[0], stored.shape[1]))
    pixels, offset, scale = to_grey_values(stored, record)
    excluded = padding if shutter is None else (shutter if padding is None else padding | shutter)
    inverted = str(record.get("PhotometricInterpretation", "")) == "MONOCHROME1"
    return Film(
        path, pixels, tuple(_displays(record, offset, scale, inverted)), inverted, read_spacing(record),
        read_facing(record), patient or _patient(record), excluded, offset,
        facts=tuple(_facts(record, pixels, inverted)),
    )  # fmt: skip


def _displays(record: Dataset, offset: int, scale: float, inverted: bool) -> list[Display]:
    """List VOI tables first, then windows (DICOM PS3.3 C.11.2); all inverted once where the film is MONOCHROME1."""
    found: list[Display] = []
    # A table has an entry for each whole value: scaled values don't find theirs.
    for item in (record.get("VOILUTSequence", []) or []) if scale == 1 else ():
        entries, first, bits = (int(value) for value in item.LUTDescriptor)
        data = item.LUTData
        table = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.asarray(data, np.int64)
        name = str(item.get("LUTExplanation", "") or f"table {len(found) + 1}")
        count = entries or 65536
        found.append(Display(name, table=tuple(int(value) & 0xFFFF for value in table[:count]),
                             table_start=first + offset, table_bits=bits, inverted=inverted))  # fmt: skip
    centers, widths = _numbers(record, "WindowCenter"), _numbers(record, "WindowWidth")
    names = record.get("WindowCenterWidthExplanation", []) or []
    names = [names] if isinstance(names, str) else list(names)
    function = str(record.get("VOILUTFunction", "LINEAR") or "LINEAR").upper()
    for at, (center, width) in enumerate(zip(centers, widths, strict=False)):
        if width > 0 and function in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
            name = str(names[at]) if at < len(names) else f"window {at + 1}"
            # LINEAR counts from the middles of the values: half a value and one belong to center and width.
            half, one = (0.5, 1.0) if function == "LINEAR" else (0.0, 0.0)
            center, width = (center + offset - half) * scale + half, (width - one) * scale + one
            found.append(Display(name, center, width, function, inverted=inverted))
    return found


def _numbers(record: Dataset, keyword: str) -> list[float]:
    value = record.get(keyword)
    if value is None or value == "":
        return []
    return [float(one) for one in value] if isinstance(value, (list, pydicom.multival.MultiValue)) else [float(value)]


def _padding(record: Dataset, stored: NDArray[np.generic]) -> NDArray[np.bool_] | None:
    value = record.get("PixelPaddingValue")
    if value is None:
        return None
    limit = record.get("PixelPaddingRangeLimit", value)
    low, high = sorted((int(value), int(limit if limit is not None else value)))
    return np.asarray(np.greater_equal(stored, low) & np.less_equal(stored, high))


def _shutter(record: Dataset, size: tuple[int, int]) -> NDArray[np.bool_] | None:
    """Return True outside the display shutter (DICOM PS3.3 C.7.6.11; rows and columns count from 1)."""
    shapes = record.get("ShutterShape")
    if not shapes:
        return None
    names = [shapes] if isinstance(shapes, str) else list(shapes)
    rows, columns = np.ogrid[1 : size[0] + 1, 1 : size[1] + 1]
    outside = np.zeros(size, bool)
    if "RECTANGULAR" in names:
        left, right = int(record.ShutterLeftVerticalEdge), int(record.ShutterRightVerticalEdge)
        upper, lower = int(record.ShutterUpperHorizontalEdge), int(record.ShutterLowerHorizontalEdge)
        outside |= (columns <= left) | (columns >= right) | (rows <= upper) | (rows >= lower)
    if "CIRCULAR" in names:
        row, column = (float(value) for value in record.CenterOfCircularShutter)
        outside |= (rows - row) ** 2 + (columns - column) ** 2 > float(record.RadiusOfCircularShutter) ** 2
    if "POLYGONAL" in names:
        corners = np.asarray(record.VerticesOfThePolygonalShutter, np.float64).reshape(-1, 2)
        outside |= ~_inside_polygon(corners[:, ::-1] - 1, size)
    return outside


def _inside_polygon(corners: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    rows, columns = np.ogrid[: size[0], : size[1]]
    inside = np.zeros(size, bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:
            crosses = (rows >= min(y0, y1)) & (rows < max(y0, y1))
            inside ^= crosses & (columns < (rows - y0) * (x1 - x0) / (y1 - y0) + x0)
    return inside


def _facts(record: Dataset, pixels: Grey, inverted: bool) -> list[tuple[str, str]]:
    """Return what the film-facts bar shows; no name, no date, no identity."""
    syntax = getattr(record.file_meta.get("TransferSyntaxUID"), "name", "unknown")
    facts = [
        ("file", f"DICOM {record.get('Modality', '')}, {syntax}"), ("bits", str(record.get("BitsStored", ""))),
        ("size", f"{pixels.shape[0]} x {pixels.shape[1]} px"), ("inverted", "yes (MONOCHROME1)" if inverted else "no"),
    ]  # fmt: skip
    if record.get("PresentationIntentType") == "FOR PROCESSING":
        facts.append(("warning", "raw data for processing: not meant to be read"))
    if record.get("BurnedInAnnotation") == "YES":
        facts.append(("warning", "text is burned into the picture"))
    if record.get("Modality") == "MG":
        facts.append(("warning", "a mammogram, not a film of the spine"))
    if any((group, 0x3000) in record for group in range(0x6000, 0x6020, 2)):
        facts.append(("overlay", "present, not shown"))
    aspect = _numbers(record, "PixelAspectRatio")
    if len(aspect) == 2 and aspect[0] != aspect[1]:
        facts.append(("warning", f"pixels are not square ({aspect[0]:g}:{aspect[1]:g})"))
    return facts


def _with_facts(film: Film, told: tuple[tuple[str, str], ...]) -> Film:
    return replace(film, facts=(*film.facts, *dict.fromkeys(told))) if told else film


def _first_line(error: object) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return "; ".join(lines)[:300] or type(error).__name__
