"""EXIF orientation of JPEG and PNG files: labelme shows films turned by it, so polygons lie in the turned frame."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

TURNED = (5, 6, 7, 8)
"""EXIF orientations that swap height and width."""

_RAW_PROFILE = b"Raw profile type exif"
_LONGEST_PROFILE = 1 << 20


def exif_orientation(data: bytes, kind: str) -> int:
    """Return the EXIF orientation 1 to 8 of a JPEG or PNG (EXIF 2.3, tag 0x0112); 1 where it has none that counts."""
    if kind == "JPEG":
        return _of_jpeg(data)
    return _of_png(data) if kind == "PNG" else 1


def turned_upright(pixels: NDArray[np.generic], orientation: int) -> NDArray[np.generic]:
    """Return pixels (H, W) or (H, W, C) as they are to be shown (EXIF 2.3, section 4.6.4)."""
    if orientation in (5, 7):
        pixels = pixels.swapaxes(0, 1)
    ways = {2: pixels[:, ::-1], 3: pixels[::-1, ::-1], 4: pixels[::-1], 6: np.rot90(pixels, -1),
            7: pixels[::-1, ::-1], 8: np.rot90(pixels)}  # fmt: skip
    return np.ascontiguousarray(ways.get(orientation, pixels))


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk of a PNG up to IEND: its name, and where its body begins and ends; the checksum follows.

    Raises ValueError where the file ends before IEND, struct.error where it ends within a length.
    """
    at = 8
    while at < len(data):
        length = int(struct.unpack(">I", data[at : at + 4])[0])
        name = data[at + 4 : at + 8]
        yield name, at + 8, at + 8 + length
        if name == b"IEND":
            return
        at += 12 + length
    raise ValueError("no IEND")


def _of_jpeg(data: bytes) -> int:
    at = 2
    while at + 4 < len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        body = data[at + 4 : at + 2 + length]
        if data[at + 1] == 0xE1 and body.startswith(b"Exif\x00\x00"):
            return _orientation_tag(body[6:])
        at += 2 + length
    return 1


def _of_png(data: bytes) -> int:
    """Read the eXIf chunk, before or behind the pixels, else the text chunk in which ImageMagick keeps EXIF."""
    profile = b""
    for name, start, end in png_chunks(data):
        if name == b"eXIf":
            return _orientation_tag(data[start:end].removeprefix(b"Exif\x00\x00"))
        if name in (b"zTXt", b"tEXt") and data.startswith(_RAW_PROFILE + b"\x00", start):
            profile = _raw_profile(name, data[start + len(_RAW_PROFILE) + 1 : end])
    return _orientation_tag(profile.removeprefix(b"Exif\x00\x00"))


def _raw_profile(name: bytes, body: bytes) -> bytes:
    """Return the bytes of an ImageMagick profile: an empty line, its name, its length, then hexadecimal digits."""
    try:
        text = zlib.decompressobj().decompress(body[1:], _LONGEST_PROFILE) if name == b"zTXt" else body
        return bytes.fromhex("".join(text.decode("ascii").split("\n")[3:]))
    except (zlib.error, ValueError):
        # Not a profile after all: the film is sound without it.
        return b""


def _orientation_tag(tiff: bytes) -> int:
    if len(tiff) < 10:
        return 1
    order = "<" if tiff[:2] == b"II" else ">"
    at = struct.unpack(order + "I", tiff[4:8])[0]
    if at + 2 > len(tiff):
        return 1
    for index in range(struct.unpack(order + "H", tiff[at : at + 2])[0]):
        start = at + 2 + 12 * index
        if start + 10 > len(tiff):
            return 1
        if struct.unpack(order + "H", tiff[start : start + 2])[0] == 0x0112:
            value = int(struct.unpack(order + "H", tiff[start + 8 : start + 10])[0])
            return value if 1 <= value <= 8 else 1
    return 1
