"""Telling DICOM from other files by their first bytes, without what it takes to read them."""

from __future__ import annotations

import warnings
from pathlib import Path

from engine.files import is_special


def looks_like_dicom(head: bytes) -> bool:
    """Whether a file begins like DICOM: the preamble's mark, or a bare group 0002 or 0008 element."""
    bare = tuple(b"\x08\x00" + bytes((element, 0)) for element in (0x00, 0x01, 0x05, 0x08, 0x16))
    return head[128:132] == b"DICM" or head[:4] in (b"\x02\x00\x00\x00", *bare)


def is_compressed(path: Path) -> bool:
    """Whether a file is DICOM with compressed pixels: its decoders hold Python's lock for as long as they work.

    False for what isn't DICOM or can't be read: what is wrong with it is told where it is read as a film.
    """
    try:
        if is_special(path):
            return False
        with path.open("rb") as file:
            if not looks_like_dicom(file.read(256)):
                return False
        # Here, not above: pydicom takes a third of the window's start, and most films aren't DICOM.
        import pydicom

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            record = pydicom.dcmread(path, force=True, stop_before_pixels=True, specific_tags=["SOPClassUID"])
        syntax = record.file_meta.get("TransferSyntaxUID")
    except Exception:
        return False
    return syntax is not None and not syntax.is_private and bool(syntax.is_compressed)
