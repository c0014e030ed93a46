"""PNG, JPEG, TIFF and BMP: 8 and 16 bit, grey and colour, EXIF turned; broken ones are refused, never half shown."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import FilmReadError
from engine.films._exif import TURNED, exif_orientation, png_chunks, turned_upright
from engine.films._film import Film

_MAGIC = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"BM", "BMP"),
          (b"II*\x00", "TIFF"), (b"MM\x00*", "TIFF"))  # fmt: skip


def kind_of(head: bytes) -> str | None:
    """Return PNG, JPEG, TIFF or BMP by a file's first bytes, None for anything else."""
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)


def read_raster(path: Path, data: bytes, kind: str, max_megapixels: float, patient: str | None) -> Film:
    """Read the bytes of a picture file; raises FilmReadError."""
    try:
        height, width, pages = _measure(data, kind)
        _check_whole(data, kind)
    except (struct.error, IndexError, ValueError) as error:
        raise FilmReadError(path, f"expected a whole {kind} file, got a damaged or truncated one ({error})") from error
    if height < 1 or width < 1:
        raise FilmReadError(path, f"expected a film, got a {kind} of {height} x {width} px")
    if height * width > max_megapixels * 1e6:
        came = f"{height} x {width} px, {height * width / 1e6:.0f} megapixels"
        raise FilmReadError(path, f"too large: {came}; at most {max_megapixels:.0f} are read, allow more if it is real")
    if pages > 1:
        raise FilmReadError(path, f"expected one film, got a TIFF of {pages} pages; save each page as its own file")
    orientation = exif_orientation(data, kind)
    pixels = _decode(path, data, kind, (height, width), orientation)
    if kind == "TIFF" and pixels.dtype == np.uint16 and _tiff_pages(data)[0].get(262) == 0:
        # WhiteIsZero: OpenCV turns 8-bit films of this kind into positives, but not 16-bit ones.
        pixels = np.invert(pixels)
    facts = [
        ("file", kind),
        ("bits", str(8 * pixels.dtype.itemsize)),
        ("size", f"{pixels.shape[0]} x {pixels.shape[1]} px"),
    ]
    if orientation != 1:
        facts.append(("EXIF orientation", f"{orientation}, applied"))
    plain = kind in ("PNG", "JPEG", "BMP") and pixels.dtype == np.uint8 and orientation == 1
    return Film(path, pixels, patient=patient, opens_in_labelme=plain, facts=tuple(facts))


def _decode(
    path: Path, data: bytes, kind: str, size: tuple[int, int], orientation: int
) -> NDArray[np.uint8] | NDArray[np.uint16]:
    # OpenCV turns a JPEG, but leaves a PNG as it is stored.
    flags = cv2.IMREAD_UNCHANGED if kind != "JPEG" else cv2.IMREAD_COLOR
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise FilmReadError(path, f"expected a readable {kind}, the decoder says: {error.err}") from error
    if decoded is None:
        raise FilmReadError(path, f"expected a readable {kind}, got one that can't be decoded; is it damaged?")
    shown = turned_upright(np.asarray(decoded), orientation) if kind == "PNG" else np.asarray(decoded)
    upright = (size[1], size[0]) if orientation in TURNED else size
    if shown.shape[:2] != upright:
        raise FilmReadError(path, f"expected {upright} px as its header says, got {shown.shape[:2]}")
    grey = to_grey(shown)
    if grey.dtype == np.uint8:
        return grey.astype(np.uint8, copy=False)
    if grey.dtype == np.uint16:
        return grey.astype(np.uint16, copy=False)
    raise FilmReadError(path, f"expected 8 or 16 bit whole numbers, got {grey.dtype}; export it as 16-bit")


def to_grey(decoded: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return (H, W) grey: colour becomes luminance (ITU-R BT.601), an alpha channel is dropped."""
    if decoded.ndim == 2:
        return decoded
    channels = decoded.shape[2]
    if channels in (1, 2):
        return np.ascontiguousarray(decoded[:, :, 0])
    blue_green_red = np.ascontiguousarray(decoded[:, :, :3])
    same = all(np.array_equal(blue_green_red[:, :, 0], blue_green_red[:, :, at]) for at in (1, 2))
    if same:
        return np.ascontiguousarray(blue_green_red[:, :, 0])
    return np.asarray(cv2.cvtColor(blue_green_red, cv2.COLOR_BGR2GRAY))


def _measure(data: bytes, kind: str) -> tuple[int, int, int]:
    """Return height, width and pages from the header alone, before anything is decoded."""
    if kind == "PNG":
        width, height = struct.unpack(">II", data[16:24])
        return height, width, 1
    if kind == "BMP":
        width, height = struct.unpack("<ii", data[18:26])
        return abs(height), width, 1
    if kind == "JPEG":
        return (*_jpeg_size(data), 1)
    return _tiff_size(data)


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:
            raise ValueError(f"no marker at byte {at}")
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return height, width
        at += 2 if marker == 0xFF or 0xD0 <= marker <= 0xD9 else 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
        if marker == 0xFF:
            at -= 1
    raise ValueError("no frame header")


def _tiff_size(data: bytes) -> tuple[int, int, int]:
    pages = _tiff_pages(data)
    first = pages[0] if pages else {}
    size = (first.get(257, 0), first.get(256, 0))
    # OpenCV turns a TIFF as its tag 274 says, like EXIF's.
    upright = size[::-1] if first.get(274) in TURNED else size
    return (*upright, sum(not page.get(254, 0) & 1 for page in pages))


def _tiff_pages(data: bytes) -> list[dict[int, int]]:
    """Return the tags of each page, small previews among them (TIFF 6.0)."""
    order = "<" if data[:2] == b"II" else ">"
    at, pages = struct.unpack(order + "I", data[4:8])[0], []
    seen: set[int] = set()
    while at and at not in seen:
        seen.add(at)
        count = struct.unpack(order + "H", data[at : at + 2])[0]
        tags = {}
        for index in range(count):
            start = at + 2 + 12 * index
            tag, kind = struct.unpack(order + "HH", data[start : start + 4])
            tags[tag] = struct.unpack(
                order + ("H" if kind == 3 else "I"), data[start + 8 : start + (10 if kind == 3 else 12)]
            )[0]
        pages.append(tags)
        at = struct.unpack(order + "I", data[at + 2 + 12 * count : at + 6 + 12 * count])[0]
    return pages


def _check_whole(data: bytes, kind: str) -> None:
    """Raise ValueError for a file that was cut off: the decoder would fill the rest with grey and say nothing."""
    if kind == "JPEG":
        end = data.rfind(b"\xff\xd9")
        if end < 0 or len(data.rstrip(b"\x00")) - end > 65536:
            raise ValueError("no end of image")
    if kind == "BMP" and struct.unpack("<I", data[2:6])[0] > len(data):
        raise ValueError("shorter than its header says")
    if kind == "PNG":
        for name, start, end in png_chunks(data):
            if zlib.crc32(data[start:end], zlib.crc32(name)) != struct.unpack(">I", data[end : end + 4])[0]:
                raise ValueError(f"wrong checksum in {name!r}")
