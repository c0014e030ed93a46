import base64
import io
import json
import os
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from engine.errors import FilmReadError
from engine.films import read_picture
from engine.films._exif import exif_orientation, turned_upright

HEIGHT, WIDTH = 60, 44


def grey(dtype=np.uint8):
    """A picture that is no mirror or turn of itself."""
    slope = 3 * np.arange(HEIGHT)[:, None] + np.arange(WIDTH)[None, :]
    return (slope * (1 if dtype == np.uint8 else 250)).astype(dtype)


def turned(picture, orientation):
    """`picture` as it is stored under this orientation (EXIF 2.3, 4.6.4)."""
    ways = (None, lambda a: a, np.fliplr, lambda a: a[::-1, ::-1], np.flipud,
            lambda a: a.T, np.rot90, lambda a: a[::-1, ::-1].T, lambda a: np.rot90(a, -1))  # fmt: skip
    return np.ascontiguousarray(ways[orientation](picture))


def tiff(orientation, order="<"):
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(order + "IH", 8, 1) + entry + bytes(4)


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def profile(orientation):
    """EXIF as ImageMagick keeps it in a text chunk."""
    digits = (b"Exif\x00\x00" + tiff(orientation)).hex()
    text = f"\nexif\n{len(digits) // 2:8d}\n" + "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return f"{text}\n".encode()


def carriers(orientation):
    """The chunks that can carry an orientation."""
    key = b"Raw profile type exif\x00"
    return {
        "eXIf": chunk(b"eXIf", tiff(orientation)),
        "eXIf big endian": chunk(b"eXIf", tiff(orientation, ">")),
        "zTXt": chunk(b"zTXt", key + b"\x00" + zlib.compress(profile(orientation))),
        "tEXt": chunk(b"tEXt", key + profile(orientation)),
    }


def png(picture, carrier=b"", behind=False):
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    plain = data.getvalue()
    at = len(plain) - 12 if behind else 33
    return plain[:at] + carrier + plain[at:]


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_png_is_turned_as_its_exif_says(orientation, dtype, behind):
    stored = turned(grey(dtype), orientation)
    for name, carrier in carriers(orientation).items():
        film = read_picture("a", png(stored, carrier, behind))
        assert np.array_equal(film.pixels, grey(dtype)), name
        assert film.opens_in_labelme is (orientation == 1 and dtype == np.uint8)
        assert (("EXIF orientation", f"{orientation}, applied") in film.facts) is (orientation != 1)


def test_a_colour_png_is_turned_too():
    stored = turned(grey(), 6)
    film = read_picture("a", png(np.dstack([stored, stored, 255 - stored]), carriers(6)["eXIf"]))
    luminance = grey() * 0.886 + (255 - grey()) * 0.114
    assert np.abs(film.pixels - luminance).max() <= 1


JUDGE = """
import base64, io, json, sys
import numpy as np, PIL.Image
from labelme._label_file import read_image_file
told = {}
for path in json.load(sys.stdin):
    seen = np.asarray(PIL.Image.open(io.BytesIO(read_image_file(path))).convert("L"))
    told[path] = [*seen.shape, base64.b64encode(seen.tobytes()).decode()]
json.dump(told, sys.stdout)
"""


def test_labelme_turns_a_png_the_same_way(tmp_path):
    made = {}
    for orientation in range(1, 9):
        for name, carrier in carriers(orientation).items():
            for behind in (False, True):
                path = tmp_path / f"{name}-{orientation}-{behind}.png"
                path.write_bytes(png(turned(grey(), orientation), carrier, behind))
                made[str(path)] = read_picture(path, path.read_bytes()).pixels
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM_PLUGIN_PATH"}
    told = subprocess.run(
        (sys.executable, "-c", JUDGE), input=json.dumps(list(made)), text=True, capture_output=True, check=True,
        timeout=120, env={**environment, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    for path, (height, width, data) in json.loads(told.stdout).items():
        seen = np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width)
        # labelme keeps a turned film as JPEG: its greys are near, not equal.
        assert np.abs(made[path].astype(int) - seen).max() <= 8, path
    assert len(made) == 64


@pytest.mark.parametrize(
    "carrier",
    [
        chunk(b"eXIf", b""), chunk(b"eXIf", tiff(9)), chunk(b"eXIf", tiff(0)), chunk(b"eXIf", tiff(6)[:-8]),
        chunk(b"tEXt", b"Raw profile type exif\x00no digits\n\n\nzz"), chunk(b"tEXt", b"Raw profile type exif\x00"),
        chunk(b"zTXt", b"Raw profile type exif\x00\x00no deflate"), chunk(b"tEXt", b"Comment\x00" + profile(6)),
        chunk(b"zTXt", b"Raw profile type exif\x00\x00" + zlib.compress(bytes(1 << 24))),
    ],
)  # fmt: skip
def test_an_orientation_that_cannot_be_read_turns_nothing(carrier):
    assert np.array_equal(read_picture("a", png(grey(), carrier)).pixels, grey())


def test_a_damaged_exif_chunk_is_damage():
    carrier = bytearray(carriers(6)["eXIf"])
    carrier[-1] ^= 1
    with pytest.raises(FilmReadError, match="wrong checksum in b'eXIf'"):
        read_picture("a", png(grey(), bytes(carrier)))


def test_kinds_without_exif_have_none():
    assert exif_orientation(b"BM", "BMP") == 1
    assert np.array_equal(turned_upright(grey(), 1), grey())
