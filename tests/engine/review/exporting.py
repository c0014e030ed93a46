"""What the tests of exports share: films of every kind that identify somebody, reviewed, and labelme as the judge."""

import io
import json
import os
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from engine.domain.annotation import Annotation, ForeignShape, Shape
from engine.domain.case import ModelCard, Prediction, ReviewStatus
from engine.domain.decisions import RejectReason, accept, confirm, reject, set_film_review
from engine.domain.polygon import Polygon
from engine.review.export import ExportItem

SIZE = (300, 220)
READER, WHEN = "Dr. Hong", "2031-07-09T10:11:12Z"
SECRETS = (b"Hong", b"hong", b"Gildong", b"GILDONG", b"4711", b"1948", b"2031-07-09", b"St. Mary", b"Nikon")
CARD = ModelCard(
    model="mask_rcnn", labels=("L1",), input_size=(64, 96), mean=(0, 0, 0), std=(1, 1, 1), score_threshold=0.5,
    sha256="a" * 64, name="the model",
)  # fmt: skip

JUDGE = """
import json, sys
from labelme._label_file import LabelFileError, read_label_file
report = {}
for path in json.load(sys.stdin):
    try:
        read = read_label_file(path)
    except LabelFileError as error:
        report[path] = {"error": str(error)}
        continue
    report[path] = {"labels": [one["label"] for one in read.shapes], "image": read.image_path, "flags": read.flags,
                    "points": [one["points"] for one in read.shapes], "bytes": len(read.image_data),
                    "extra": read.other_data}
json.dump(report, sys.stdout)
"""


def judged_by_labelme(paths):
    """What labelme itself reads from each file, told by a process of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM_PLUGIN_PATH"}
    told = subprocess.run(
        (sys.executable, "-c", JUDGE), input=json.dumps([str(path) for path in paths]), text=True, encoding="utf-8",
        capture_output=True, check=True, timeout=120, env={**environment, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    return {Path(path): read for path, read in json.loads(told.stdout).items()}


def body(y, x=60.0, width=70.0, height=30.0):
    """A body of 24 vertices, lower in front (left) by a tenth."""
    sides = [((x, y), (x + width, y)), ((x + width, y), (x + width, y + height)),
             ((x + width, y + height), (x, y + 0.9 * height)), ((x, y + 0.9 * height), (x, y))]  # fmt: skip
    corners = [np.linspace(start, end, 7)[:-1] for start, end in sides]
    return Polygon(np.concatenate(corners))


def pixels(seed=0, dtype=np.uint8, size=SIZE):
    noise = np.random.default_rng(seed).integers(40, 200, (size[0] // 4, size[1] // 4))
    smooth = np.kron(noise, np.ones((4, 4)))[: size[0], : size[1]]
    return (smooth * (1 if dtype == np.uint8 else 60)).astype(dtype)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def write_png(path, picture):
    """A PNG with a text that names the patient."""
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    plain = data.getvalue()
    path.write_bytes(plain[:33] + chunk(b"tEXt", b"Comment\x00HONG GILDONG 1948") + plain[33:])


def write_jpeg(path, picture, orientation=1):
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x010E] = "Nikon", orientation, "Hong Gildong"
    Image.fromarray(picture).save(path, "JPEG", quality=95, exif=exif)


def write_dicom(path, picture, **tags):
    record = Dataset()
    record.file_meta = FileMetaDataset()
    record.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    record.SOPClassUID, record.SOPInstanceUID = DigitalXRayImageStorageForPresentation, generate_uid()
    record.Modality, record.PatientName, record.PatientID = "DX", "Hong^Gildong", "4711"
    record.PatientBirthDate, record.InstitutionName = "19480312", "St. Mary"
    record.Rows, record.Columns = picture.shape
    record.SamplesPerPixel, record.PhotometricInterpretation = 1, "MONOCHROME2"
    record.BitsAllocated = record.BitsStored = 8 * picture.dtype.itemsize
    record.HighBit, record.PixelRepresentation = record.BitsStored - 1, 0
    record.PixelData = picture.tobytes()
    for keyword, value in tags.items():
        setattr(record, keyword, value)
    record.save_as(path, enforce_file_format=True)


def expert(name="film.png", size=SIZE):
    """L1 and T12 broken, L2 intact, a side marker, a box of another program; texts that name the patient all over."""
    shapes = (
        Shape("t12", "T12", body(40)), Shape("l1", "L1", body(100), extra={"description": "Hong, 1948"}),
        Shape("l2", "L2 normal", body(160), flags={"seen by Hong": True}), Shape("mark", "Hong's mark", body(230, 5)),
    )  # fmt: skip
    box = {"label": "Hong box", "points": [[1, 2], [30, 40]], "shape_type": "rectangle", "note": "Gildong"}
    return Annotation(
        name, size, shapes, (ForeignShape(box, 1),), {"checked by Hong": True}, {"patient": "Hong Gildong", "id": 4711},
        image_data="R2lsZG9uZw==",
    )  # fmt: skip


def prediction(size=SIZE):
    """T12 well outlined, an extra L3, an extra L4 that nobody decided on, and one below the threshold."""
    shapes = (
        Shape("p1", "T12", body(42), 0.9), Shape("p2", "L3", body(225, 120), 0.8),
        Shape("p3", "L4", body(260, 120), 0.7), Shape("p4", "L2", body(160), 0.2),
    )  # fmt: skip
    return Prediction(CARD, size, shapes, 1.0)


def reviewed(annotation, predicted):
    """T12 accepted, L3 rejected, L1 confirmed; reviewed, with a comment."""
    one, two, *_rest = predicted.shapes
    after = accept(annotation, one, CARD, "t12", READER, WHEN)
    after = reject(after, two, CARD, RejectReason.SCHMORL, READER, WHEN)
    after = confirm(after, "l1", READER, WHEN)
    return set_film_review(after, ReviewStatus.REVIEWED, comment="Mrs. Hong, 1948", reader=READER, at=WHEN)


def item(path, annotation=None, patient=None, size=SIZE, **values):
    """A reviewed film."""
    original = annotation or expert(path.name, size)
    predicted = prediction(size)
    return ExportItem(path, reviewed(original, predicted), original, predicted, patient=patient, **values)


def negative(path, size=SIZE, patient=None):
    """A film that the reader called free of fractures."""
    bare = Annotation(path.name, size)
    after = set_film_review(bare, ReviewStatus.NO_FRACTURE, reader=READER, at=WHEN)
    return ExportItem(path, after, bare, Prediction(CARD, size, (), 1.0), patient=patient)


def films(folder):
    """A PNG, a JPEG and a DICOM film."""
    folder.mkdir()
    write_png(folder / "a.png", pixels(1))
    write_jpeg(folder / "b.jpg", pixels(2))
    write_dicom(folder / "c.dcm", pixels(3, np.uint16), PatientOrientation=["P", "F"], ImagerPixelSpacing=[0.2, 0.2],
                WindowCenter=6000, WindowWidth=9000)  # fmt: skip
    return folder


def items(folder):
    """The films of `films`, reviewed; the JPEG free of fractures."""
    return [item(folder / "a.png"), negative(folder / "b.jpg"), item(folder / "c.dcm")]


def unsaid(path):
    """A film nobody said anything of."""
    return ExportItem(path, Annotation(path.name, SIZE))


def with_patient(one, patient):
    return replace(one, patient=patient)


def manifest_of(report):
    return manifest_of_folder(report.folder)


def manifest_of_folder(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
