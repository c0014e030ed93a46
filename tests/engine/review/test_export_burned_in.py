from pathlib import Path

import cv2
import exporting as made
import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from engine.films import read_film
from engine.films.display import film_to_grey
from engine.review.export_burned_in import find_lettering, header_hints

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
LETTERED = ("kauh_13.jpg", "kauh_17.jpg")
"""The two of 19 real films with writing: LATERAL, and a time of day."""


def lettered(text, font, height, grey, size=(1200, 800), place=(40, 30), turn=0):
    """Soft tissue with noise, and a line of text on it; returns the picture and the text's box."""
    rng = np.random.default_rng(height)
    noise = rng.normal(0, 6, size) + np.linspace(20, 70, size[1])[None, :]
    canvas = Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))
    letters = ImageFont.truetype(str(FONTS / font), height)
    ImageDraw.Draw(canvas).text(place, text, fill=grey, font=letters)
    box = ImageDraw.Draw(canvas).textbbox(place, text, font=letters)
    return np.ascontiguousarray(np.rot90(np.asarray(canvas), turn)), box


def overlaps(found, box):
    return found[0] < box[2] and found[2] > box[0] and found[1] < box[3] and found[3] > box[1]


@pytest.mark.parametrize("font", ["DejaVuSans.ttf", "DejaVuSansMono.ttf", "DejaVuSerif-Bold.ttf"])
@pytest.mark.parametrize("height", [16, 24, 40])
@pytest.mark.parametrize("text", ["HONG GILDONG", "1948-03-12 F", "St. Mary 10:32"])
def test_lines_of_text_are_found_where_they_stand(text, height, font):
    picture, box = lettered(text, font, height, 230)
    assert any(overlaps(found, box) for found in find_lettering(picture))
    assert find_lettering(255 - picture) != ()
    assert find_lettering(lettered(text, font, height, 230, turn=1)[0]) != ()


def test_a_large_film_is_searched_shrunk_and_boxes_are_in_its_pixels():
    picture, box = lettered("HONG GILDONG 1948", "DejaVuSans.ttf", 90, 240, (4200, 3000), (300, 3900))
    found = find_lettering(picture)
    assert any(overlaps(one, box) for one in found)
    assert all(one[3] - one[1] < 120 for one in found)


@pytest.mark.parametrize("seed", range(4))
def test_noise_edges_and_single_markers_are_no_text(seed):
    rng = np.random.default_rng(seed)
    grey = np.clip(rng.normal(90, 25, (900, 600)), 0, 255).astype(np.uint8)
    assert find_lettering(grey) == ()
    bone = cv2.GaussianBlur(rng.normal(128, 120, (900, 600)), (0, 0), 7)
    bone = cv2.normalize(bone, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    assert find_lettering(bone) == ()
    marker, _box = lettered("R", "DejaVuSans.ttf", 60, 240)
    assert find_lettering(marker) == ()
    ruler = np.full((900, 600), 30, np.uint8)
    ruler[860:880, 20:560:12] = 230
    assert find_lettering(ruler) == ()
    assert find_lettering(np.zeros((900, 600), np.uint8)) == ()


def test_tiny_pictures_are_searched_without_a_crash():
    for size in ((1, 1), (3, 40), (40, 3)):
        assert find_lettering(np.full(size, 200, np.uint8)) == ()


def test_writing_on_real_films_is_found_and_nothing_else(shared_data):
    found = {path.name for path in sorted((shared_data / "data" / "real_films").iterdir())
             if find_lettering(film_to_grey(read_film(path)))}  # fmt: skip
    assert found == {*LETTERED}


def test_writing_on_real_dicom_films_is_found_and_nothing_else(shared_data):
    found = set()
    paths = [path for path in sorted((shared_data / "data" / "dicom").glob("*.dcm"))
             if path.name not in ("CR_korean_name.dcm", "DX_broken_codestream.dcm")]  # fmt: skip
    for path in paths:
        if find_lettering(film_to_grey(read_film(path))):
            found.add(path.name)
    # Initials of the technician, upright beside the marker; one picture in both polarities.
    assert found == {"CR_MONO1_jpeg.dcm", "CR_MONO2_jpeg_twin_of_CR_MONO1_jpeg.dcm"}
    told = {path.name: header_hints(path) for path in paths}
    assert told["DX_YBR_jpeg_baseline.dcm"] == ("its header says that text is burned in",)
    assert {name for name, hints in told.items() if hints} >= {"DX_YBR_jpeg_baseline.dcm", "RG3_RLE.dcm"}


@pytest.mark.parametrize(
    ("tags", "hint"),
    [
        ({"BurnedInAnnotation": "YES"}, "its header says that text is burned in"),
        ({"ImageType": ["DERIVED", "SECONDARY"]}, "its header calls it a secondary picture"),
        ({"Modality": "SC"}, "its modality is SC"), ({"Modality": "RG"}, "its modality is RG"),
        ({"ConversionType": "DF"}, "it is a digitised film or a scan"),
    ],
)  # fmt: skip
def test_headers_tell_where_text_is_likely(tags, hint, tmp_path):
    made.write_dicom(tmp_path / "film.dcm", made.pixels(), **tags)
    assert header_hints(tmp_path / "film.dcm") == (hint,)


def test_other_files_and_clean_headers_tell_nothing(tmp_path):
    made.write_dicom(tmp_path / "film.dcm", made.pixels(), BurnedInAnnotation="NO", ImageType=["ORIGINAL", "PRIMARY"])
    made.write_png(tmp_path / "film.png", made.pixels())
    (tmp_path / "cut.dcm").write_bytes((tmp_path / "film.dcm").read_bytes()[:140])
    for name in ("film.dcm", "film.png", "cut.dcm", "gone.dcm"):
        assert header_hints(tmp_path / name) == ()
