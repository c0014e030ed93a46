import hashlib
import io
import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.errors import ConfigError, FilmReadError
from engine.films import Film, find_films, read_film, read_picture
from engine.films.display import Display, default_display, film_to_grey, render
from engine.films.patients import patient_hash, read_patients

HEIGHT, WIDTH = 60, 44


def grey(dtype=np.uint8):
    """A picture that is no mirror or turn of itself: a slope down, a gentler one to the right."""
    slope = 3 * np.arange(HEIGHT)[:, None] + np.arange(WIDTH)[None, :]
    return (slope * (1 if dtype == np.uint8 else 250)).astype(dtype)


def encoded(picture, kind, **options):
    data = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(data, kind, **options)
    return data.getvalue()


def saved(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_that_claims(width, height):
    """A sound PNG file with next to no pixels in it."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def turned(picture, orientation):
    """The picture whose EXIF orientation of this number shows `picture` upright again, stored as EXIF 2.3 says."""
    ways = (None, lambda a: a, np.fliplr, lambda a: a[::-1, ::-1], np.flipud,
            lambda a: a.T, np.rot90, lambda a: a[::-1, ::-1].T, lambda a: np.rot90(a, -1))  # fmt: skip
    return np.ascontiguousarray(ways[orientation](picture))


def exif(orientation, order="<"):
    """An EXIF segment of a JPEG, made by hand: one tag, 0x0112."""
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    body = b"Exif\x00\x00" + mark + struct.pack(order + "IH", 8, 1) + entry + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def test_every_real_film_reads(shared_data):
    paths = find_films([shared_data / "data" / "real_films"])
    assert len(paths) == 19
    for path in paths:
        film = read_film(path)
        with Image.open(path) as image:
            expected = np.asarray(image.convert("L"), np.int16)
        assert film.size == expected.shape
        assert np.abs(film.pixels - expected).mean() < 1, path.name
        assert (film.pixels.dtype, film.spacing.row_mm, film.facing, film.displays) == (np.uint8, None, None, ())
        assert film.opens_in_labelme
        assert not film.pixels.flags.writeable
        assert film_to_grey(film).std() > 10


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_8_and_16_bit_come_back_exactly(kind, dtype, tmp_path):
    film = read_film(saved(tmp_path, "film", encoded(grey(dtype), kind)))
    assert film.pixels.dtype == dtype
    assert np.array_equal(film.pixels, grey(dtype))
    assert dict(film.facts) == {"file": kind, "bits": "8" if dtype == np.uint8 else "16", "size": "60 x 44 px"}
    assert film.opens_in_labelme is (kind == "PNG" and dtype == np.uint8)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_packed_tiff_comes_back_exactly(compression, dtype):
    data = encoded(grey(dtype), "TIFF", compression=compression)
    assert np.array_equal(read_picture("a", data).pixels, grey(dtype))


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "RGBA", "LA", "1"])
@pytest.mark.parametrize("kind", ["PNG", "BMP"])
def test_grey_in_any_dress_is_the_same_grey(mode, kind):
    if (mode, kind) == ("LA", "BMP"):
        mode = "RGBA"
    image = Image.fromarray(grey()).convert(mode)
    film = read_picture("a", encoded(image, kind))
    assert np.array_equal(film.pixels, grey() if mode != "1" else np.asarray(image) * 255)


def test_a_bitmap_may_stand_on_its_head():
    data = bytearray(encoded(grey(), "BMP"))
    data[22:26] = struct.pack("<i", -HEIGHT)
    assert np.array_equal(read_picture("a", bytes(data)).pixels, np.flipud(grey()))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
def test_colour_becomes_luminance(kind):
    red, green, blue = (np.full((16, 24), value, np.uint8) for value in (200, 100, 50))
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    film = read_picture("a", encoded(np.dstack([red, green, blue]), kind, **options))
    assert film.size == (16, 24)
    assert np.abs(film.pixels.astype(int) - round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)).max() <= 2


def test_white_is_zero_is_turned_in_8_and_in_16_bit():
    eight = encoded(grey(), "TIFF", tiffinfo={262: 0})
    sixteen = encoded(grey(np.uint16), "TIFF", tiffinfo={262: 0})
    for data in (eight, sixteen):
        with Image.open(io.BytesIO(data)) as image:
            assert image.tag_v2[262] == 0
    with Image.open(io.BytesIO(eight)) as image:
        assert np.array_equal(read_picture("a", eight).pixels, np.asarray(image))
    # Pillow writes 16 bits as they are, whatever the tag says.
    assert np.array_equal(read_picture("a", sixteen).pixels, 65535 - grey(np.uint16))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_is_turned_as_its_exif_says(orientation, order):
    plain = encoded(turned(grey(), orientation), "JPEG", quality=100)
    film = read_picture("a", plain[:2] + exif(orientation, order) + plain[2:])
    assert film.size == (HEIGHT, WIDTH)
    assert np.abs(film.pixels.astype(int) - grey()).max() <= 3
    assert film.opens_in_labelme is (orientation == 1)
    assert (("EXIF orientation", f"{orientation}, applied") in film.facts) is (orientation != 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_is_turned_as_its_tag_says(orientation, dtype):
    data = encoded(turned(grey(dtype), orientation), "TIFF", tiffinfo={274: orientation})
    assert np.array_equal(read_picture("a", data).pixels, grey(dtype))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_means_nothing_turns_nothing(orientation):
    plain = encoded(grey(), "JPEG", quality=100)
    film = read_picture("a", plain[:2] + exif(orientation) + plain[2:])
    assert film.size == (HEIGHT, WIDTH)
    assert np.array_equal(film.pixels, read_picture("a", plain).pixels)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_refused_and_never_half_shown(kind, share, tmp_path):
    noise = np.random.default_rng(3).integers(0, 255, (HEIGHT, WIDTH), np.uint8)
    data = encoded(noise, kind)
    path = saved(tmp_path, "film", data[: int(share * len(data))])
    # OpenCV is asked about TIFF alone: its versions differ in whether they fill the rest of the others with grey.
    whole = "(whole|readable) TIFF|header says" if kind == "TIFF" else f"whole {kind} file, got a damaged or truncated"
    with pytest.raises(FilmReadError, match=f"{whole}|begins with") as told:
        read_film(path)
    assert str(told.value).startswith(f"{path}: ")


def test_a_damaged_png_is_refused(tmp_path):
    data = bytearray(encoded(grey(), "PNG"))
    data[len(data) // 2] ^= 1
    with pytest.raises(FilmReadError, match=r"damaged or truncated one .*checksum"):
        read_film(saved(tmp_path, "film.png", bytes(data)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
@settings(deadline=None)
@given(st.data())
def test_any_damage_is_read_or_refused_with_a_reason(kind, data):
    whole = bytearray(encoded(grey(), kind))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(4, min(len(whole) - 1, 300)))] = data.draw(st.integers(0, 255))
    # Nothing but FilmReadError may come out.
    with suppress(FilmReadError):
        assert read_picture("a", bytes(whole)).pixels.ndim == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "got an empty file"),
        (
            b"The film is on its way.\n",
            r"expected DICOM, PNG, JPEG, TIFF or BMP, got a file that begins with b'The fil",
        ),
        (b"GIF89a" + bytes(300), "begins with b'GIF89a"),
        (b"\x89PNG\r\n\x1a\n", "damaged or truncated"),
        (b"\xff\xd8\xff\xd9", "damaged or truncated"),
        (b"II*\x00\x00\x00\x00\x00", "0 x 0 px"),
        (b"BM" + bytes(60), "0 x 0 px"),
        (png_that_claims(0, 10), "got a PNG of 10 x 0 px"),
    ],
)
def test_what_is_no_film_is_refused_with_a_reason(data, reason, tmp_path):
    path = saved(tmp_path, "film.png", data)
    with pytest.raises(FilmReadError, match=reason) as told:
        read_film(path)
    assert str(told.value).startswith(f"{path}: ")


def test_folders_and_missing_files_are_refused(tmp_path):
    with pytest.raises(FilmReadError, match="got a folder"):
        read_film(tmp_path)
    with pytest.raises(FilmReadError, match="can't be read: No such file"):
        read_film(tmp_path / "gone.png")
    with pytest.raises(FilmReadError, match="no such file or folder"):
        find_films([tmp_path / "gone"])


def test_the_first_bytes_tell_the_kind_not_the_name(tmp_path):
    film = read_film(saved(tmp_path, "film.dcm", encoded(grey(), "PNG")))
    assert dict(film.facts)["file"] == "PNG"
    assert np.array_equal(film.pixels, grey())


def test_a_bomb_is_refused_by_its_header_alone(tmp_path):
    path = saved(tmp_path, "bomb.png", png_that_claims(30_000, 30_000))
    with pytest.raises(FilmReadError, match="too large: 30000 x 30000 px, 900 megapixels; at most 200 are read"):
        read_film(path)
    small = saved(tmp_path, "small.png", encoded(grey(), "PNG"))
    with pytest.raises(FilmReadError, match="too large: 60 x 44 px"):
        read_film(small, max_megapixels=0.002)
    assert read_film(small, max_megapixels=0.003).size == (HEIGHT, WIDTH)


def test_a_bomb_that_is_allowed_comes_to_the_decoder(tmp_path):
    path = saved(tmp_path, "bomb.png", png_that_claims(15_000, 15_000))
    with pytest.raises(FilmReadError, match="too large"):
        read_film(path)
    with pytest.raises(FilmReadError, match=r"can't be decoded|decoder says"):
        read_film(path, max_megapixels=300)


def test_a_tiff_of_several_pages_is_refused_but_not_one_with_a_preview():
    page = Image.fromarray(grey())
    with pytest.raises(FilmReadError, match="got a TIFF of 3 pages"):
        read_picture("a", encoded(page, "TIFF", save_all=True, append_images=[page, page]))
    preview = Image.fromarray(grey()[::4, ::4].copy())
    preview.encoderinfo = {"tiffinfo": {254: 1}}
    with_preview = encoded(page, "TIFF", save_all=True, append_images=[preview])
    assert read_picture("a", with_preview).size == (HEIGHT, WIDTH)


def test_a_16_bit_film_is_shown_in_a_window_of_what_the_beam_met(tmp_path):
    pixels = grey(np.uint16) // 10 + 5000
    pixels[:, :8] = 65535
    film = Film(tmp_path, pixels)
    shown = film_to_grey(film)[:, 8:]
    assert shown.min() == 0
    assert shown.max() == 255
    assert np.all(np.diff(shown.astype(int), axis=0) >= 0)
    assert film.pixels[0, 10] == pixels[0, 10]


def test_windows_follow_dicoms_formulas():
    values = np.array([[0, 100, 150, 200, 65535]], np.uint16)
    assert render(values, Display("w", 150, 101)).tolist() == [[0, 1, 129, 255, 255]]
    assert render(values, Display("w", 150, 100, "LINEAR_EXACT")).tolist() == [[0, 0, 128, 255, 255]]
    assert render(values, Display("w", 150, 100, "SIGMOID")).tolist() == [[1, 30, 128, 225, 255]]
    assert render(values, Display("w", 150, 1)).tolist() == [[0, 0, 255, 255, 255]]
    assert render(values, Display("w", 150, 101, inverted=True)).tolist() == [[255, 254, 126, 0, 0]]
    table = Display("t", table=(0, 100, 255), table_start=99, table_bits=8)
    assert render(values, table).tolist() == [[0, 100, 255, 255, 255]]


@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_film_of_one_grey_is_shown_without_a_crash(value, tmp_path):
    film = Film(tmp_path, np.full((20, 20), value, np.uint8))
    assert default_display(film).width >= 1
    assert np.unique(film_to_grey(film)).size == 1


@pytest.mark.parametrize(("dtype", "most"), [(np.uint8, 90), (np.uint16, 5000)])
def test_the_automatic_window_reaches_from_one_percentile_to_the_other(tmp_path, dtype, most):
    pixels = np.random.default_rng(4).integers(20, most, (73, 51)).astype(dtype)
    excluded = np.zeros(pixels.shape, bool)
    excluded[:9, :9] = True
    for shown, met in (({}, pixels), ({"excluded": excluded}, pixels[~excluded])):
        low, high = np.percentile(met, (0.5, 99.5))
        one = default_display(Film(tmp_path, pixels, **shown))
        assert one.width == pytest.approx(high - low + 1)
        assert one.center == pytest.approx((low + high) / 2 + 0.5)
    framed = np.pad(pixels, 4, constant_values=np.iinfo(dtype).max)
    assert default_display(Film(tmp_path, framed)) == default_display(Film(tmp_path, pixels))


def test_films_are_listed_in_natural_order_without_companions(tmp_path):
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "sub").mkdir()
    for name in ("film10.png", "film2.png", "film2.json", "patients.csv", "IM0001", ".x.png", ".hidden/b.png", "sub/a"):
        saved(tmp_path, name, b"x")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    found = find_films([tmp_path, tmp_path / "film2.png", tmp_path / "sub" / "loop" / "film10.png"])
    names = [path.relative_to(tmp_path).as_posix() for path in found]
    assert names == ["film2.png", "film10.png", "IM0001", "sub/a"]


def test_patients_csv_groups_films_by_hash(tmp_path):
    saved(tmp_path, "patients.csv", "\ufefffilm,patient\na.png, Müller \nb.png,Müller\nc.png,\n".encode())
    films = [saved(tmp_path, name, encoded(grey(), "PNG")) for name in ("a.png", "b.png", "c.png")]
    patients = read_patients(films)
    expected = hashlib.sha256("Müller".encode()).hexdigest()[:16]
    assert patients == {"a.png": expected, "b.png": expected}
    assert patient_hash("Müller") == expected
    assert [read_film(path, patients=patients).patient for path in films] == [expected, expected, None]
    saved(tmp_path, "patients.csv", b"name,who\na.png,x\n")
    with pytest.raises(ConfigError, match=r"patients\.csv: expected the columns film,patient, got name,who"):
        read_patients(films)


def test_what_would_be_waited_for_without_end_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", tmp_path / "link.png", Path(os.devnull)):
        with pytest.raises(FilmReadError) as told:
            read_film(path)
        assert told.value.reason == "expected a film, got a pipe, socket or device"
