import base64
import json
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless, generate_uid
from qt import wait_until
from stalls import StallWatch
from tiny_model import make_film

from engine.control import Cancelled, CancelToken
from engine.data.worklist import WorkItem
from engine.errors import FilmReadError
from engine.films.sniff import is_compressed
from engine.review.opening import read_ahead
from vcfviewer.film_process import FilmProcess
from vcfviewer.jobs import Jobs, Lane

COMPUTED_RADIOGRAPHY = "1.2.840.10008.5.1.4.1.1.1"


def write_dicom(path, pixels, syntax=ExplicitVRLittleEndian):
    """A radiograph of 12 bits, compressed by pydicom itself where `syntax` says so."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = COMPUTED_RADIOGRAPHY, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    record = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    record.SOPClassUID, record.SOPInstanceUID = COMPUTED_RADIOGRAPHY, meta.MediaStorageSOPInstanceUID
    record.Modality, record.PatientID = "CR", "one"
    record.Rows, record.Columns = pixels.shape
    record.SamplesPerPixel, record.PhotometricInterpretation = 1, "MONOCHROME2"
    record.BitsAllocated, record.BitsStored, record.HighBit, record.PixelRepresentation = 16, 12, 11, 0
    record.PixelData = pixels.astype("<u2").tobytes()
    record["PixelData"].VR = "OW"
    if syntax != ExplicitVRLittleEndian:
        record.compress(syntax)
    record.save_as(path)
    return path


def pixels_of(height, width):
    noise = np.random.default_rng(3).integers(0, 300, (height, width))
    return (noise + np.linspace(0, 3700, width)).astype(np.uint16)


@pytest.fixture
def films(qt_app):
    process = FilmProcess()
    yield process
    process.close()


def test_what_must_be_read_elsewhere_is_read_as_it_would_be_here(films, tmp_path):
    plain = write_dicom(tmp_path / "plain.dcm", pixels_of(300, 200))
    packed = write_dicom(tmp_path / "packed.dcm", pixels_of(300, 200), RLELossless)
    picture = make_film(tmp_path / "film.png")
    assert [is_compressed(path) for path in (plain, packed, picture, tmp_path / "gone.dcm")] == [
        False,
        True,
        False,
        False,
    ]
    for path in (plain, picture):
        assert films.read(WorkItem(path), CancelToken()).film.path == path
    assert films.pid is None
    read, expected = films.read(WorkItem(packed), CancelToken()), read_ahead(WorkItem(packed), CancelToken())
    assert films.pid is not None
    assert (read.film.pixels == pixels_of(300, 200)).all()
    assert (read.film.path, read.sha256) == (packed, expected.sha256)
    assert (read.film.facts, read.film.spacing) == (expected.film.facts, expected.film.spacing)
    with pytest.raises(ValueError, match="read-only"):
        read.film.pixels[0, 0] = 1


def test_a_film_inside_a_labelme_file_is_read_from_there(films, tmp_path):
    picture = make_film(tmp_path / "film.png")
    path = tmp_path / "case.json"
    data = base64.b64encode(picture.read_bytes()).decode()
    path.write_text(json.dumps({"shapes": [], "imagePath": "gone.png", "imageData": data}))
    assert films.read(WorkItem(path, path, embedded=True), CancelToken()).film.size == (320, 240)
    path.write_text(json.dumps({"shapes": [], "imagePath": "gone.png", "imageData": "%%"}))
    with pytest.raises(FilmReadError, match=r"case\.json: expected a film in imageData"):
        films.read(WorkItem(path, path, embedded=True), CancelToken())


def test_damaged_films_and_dead_children_are_told_and_the_next_film_is_read(films, tmp_path):
    good = write_dicom(tmp_path / "good.dcm", pixels_of(300, 200), JPEG2000Lossless)
    broken = tmp_path / "broken.dcm"
    record = pydicom.dcmread(good)
    record.PixelData = record.PixelData[:-2000]
    record.save_as(broken)
    with pytest.raises(FilmReadError, match=r"broken\.dcm"):
        films.read(WorkItem(broken), CancelToken())
    os.kill(films.pid, signal.SIGKILL)
    wait_until(lambda: films.pid is None)
    assert films.read(WorkItem(good), CancelToken()).film.size == (300, 200)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        films.read(WorkItem(good), token)


def test_twelve_megapixels_of_jpeg_2000_do_not_stall_the_gui(films, tmp_path):
    film = write_dicom(tmp_path / "large.dcm", pixels_of(4000, 3000), JPEG2000Lossless)
    jobs, done = Jobs(), []
    try:
        jobs.submit(Lane.READING, "reading", lambda cancel: films.read(WorkItem(film), cancel), done.append)
        assert StallWatch().run(lambda: done, 200) < 0.05
    finally:
        jobs.close()
    assert done[0].film.size == (4000, 3000)


def test_a_film_that_is_no_longer_wanted_leaves_nothing_behind(films, tmp_path):
    path = write_dicom(tmp_path / "large.dcm", pixels_of(3000, 3000), JPEG2000Lossless)
    token = CancelToken()
    threading.Timer(0.5, token.cancel).start()
    with pytest.raises(Cancelled):
        films.read(WorkItem(path), token)
    small = write_dicom(tmp_path / "small.dcm", pixels_of(30, 20), RLELossless)
    films.read(WorkItem(small), CancelToken())  # Answered behind the first: that one is over.
    assert list(Path(films._folder.name).iterdir()) == []
