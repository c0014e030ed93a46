import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from engine.domain.morphometry import Facing
from engine.films import SpacingState
from engine.films.display import default_display, film_to_grey, lookup

HEIGHT, WIDTH = 64, 48


def ramp(dtype=np.uint16):
    """Every pixel another value."""
    return np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype(dtype)


def table(descriptor, values, kind="US", **tags):
    """An item of a LUT sequence, its data as numbers (US) or as bytes (OW)."""
    item = Dataset()
    item.LUTDescriptor = descriptor
    item.add_new("LUTData", kind, values if kind == "US" else np.asarray(values, "<u2").tobytes())
    for keyword, value in tags.items():
        setattr(item, keyword, value)
    return item


@pytest.mark.parametrize("pixels", [ramp(), ramp(np.uint8), ramp() // 16])
def test_a_picture_stored_the_other_way_round_looks_the_same(pixels, read):
    top = np.iinfo(pixels.dtype).max
    window = {"WindowCenter": 100, "WindowWidth": 150}
    other = {"WindowCenter": top + 1 - 100, "WindowWidth": 150}
    white = film_to_grey(read(pixels, **window))
    for tags in ({}, {"PresentationLUTShape": "INVERSE"}):
        film = read(top - pixels, PhotometricInterpretation="MONOCHROME1", **other, **tags)
        assert film.inverted
        assert np.abs(film_to_grey(film).astype(int) - white).max() <= 1


def test_inversion_reaches_the_automatic_window_and_tables_too(read):
    plain, inverse = read(), read(PhotometricInterpretation="MONOCHROME1")
    assert np.array_equal(film_to_grey(inverse), 255 - film_to_grey(plain))
    one = table([4, 100, 8], [0, 50, 150, 255])
    plain, inverse = (read(VOILUTSequence=Sequence([one]), PhotometricInterpretation=f"MONOCHROME{n}") for n in (2, 1))
    assert np.array_equal(film_to_grey(inverse), 255 - film_to_grey(plain))


def test_signed_values_are_shifted_and_the_window_with_them(read):
    film = read(ramp(np.int16) - 1000, WindowCenter=-500, WindowWidth=400)
    assert film.offset == 1000
    assert np.array_equal(film.pixels, ramp())
    plain = read(WindowCenter=500, WindowWidth=400)
    assert np.array_equal(film_to_grey(film), film_to_grey(plain))


def test_bits_above_those_stored_are_no_grey(read):
    film = read(ramp() | 0x8000, BitsStored=12, HighBit=11)
    assert np.array_equal(film.pixels, ramp())


@pytest.mark.parametrize(
    ("slope", "intercept"), [("2", "-100"), ("0.001", "0"), ("0.5", "3"), ("-1", "3071"), ("40", "0")]
)
def test_windows_are_in_rescaled_values(slope, intercept, read):
    center, width = 1500 * float(slope) + float(intercept), abs(800 * float(slope))
    tags = {"WindowCenter": center, "WindowWidth": width, "VOILUTFunction": "LINEAR_EXACT"}
    film = read(RescaleSlope=slope, RescaleIntercept=intercept, RescaleType="US", **tags)
    rescaled = ramp() * float(slope) + float(intercept)
    expected = 255 * np.clip((rescaled - center) / width + 0.5, 0, 1)
    assert np.abs(film_to_grey(film) - expected).max() <= 0.51 + 255 / 2000
    assert np.unique(film.pixels).size == HEIGHT * WIDTH


def test_a_linear_window_follows_fractions(read):
    film = read(RescaleSlope="0.1", RescaleIntercept="-20", WindowCenter="100", WindowWidth="51")
    values = ramp() * 0.1 - 20
    expected = 255 * np.clip((values - 99.5) / 50 + 0.5, 0, 1)
    assert np.abs(film_to_grey(film) - expected).max() <= 0.6


def test_a_modality_table_comes_before_the_window(read):
    falling = table([256, 0, 16], [4 * (255 - value) for value in range(256)], ModalityLUTType="US")
    film = read(ramp(np.uint8), ModalityLUTSequence=Sequence([falling]), WindowCenter=512, WindowWidth=1024)
    expected = 4 * (255 - ramp(np.uint8).astype(int))
    assert np.array_equal(film.pixels, expected)
    assert np.abs(film_to_grey(film) - 255 * (expected / 1023)).max() <= 0.6


def test_linear_and_sigmoid_windows_are_not_the_same(read):
    tags = {"WindowCenter": [1500, 700], "WindowWidth": [1000, 50], "WindowCenterWidthExplanation": ["BONE", "SOFT"]}
    linear, sigmoid = read(**tags), read(VOILUTFunction="SIGMOID", **tags)
    assert [one.name for one in linear.displays] == ["BONE", "SOFT"]
    values = ramp().astype(float)
    expected = 255 * np.clip((values - 1499.5) / 999 + 0.5, 0, 1)
    assert np.abs(film_to_grey(linear) - expected).max() <= 0.51
    expected = 255 / (1 + np.exp(-4 * (values - 1500) / 1000))
    assert np.abs(film_to_grey(sigmoid) - expected).max() <= 0.51
    assert np.abs(film_to_grey(linear, linear.displays[1]) - 255.0 * (values > 700)).mean() < 3


def test_tables_come_before_windows_and_are_clamped_at_their_ends(read):
    tables = [table([3, 1000, 16], [0, 65535, 100], LUTExplanation="HARD"), table([2, 10, 12], [0, 4095], "OW")]
    film = read(VOILUTSequence=Sequence(tables), WindowCenter=5, WindowWidth=10)
    assert [one.name for one in film.displays] == ["HARD", "table 2", "window 1"]
    shown = lookup(film.displays[0], 65536)
    assert [shown[at] for at in (0, 1000, 1001, 1002, 9999)] == [0, 0, 255, 0, 0]
    shown = lookup(film.displays[1], 65536)
    assert [shown[at] for at in (0, 10, 11, 9999)] == [0, 0, 255, 255]


@pytest.mark.parametrize("tags", [{"WindowCenter": 5, "WindowWidth": 0}, {"WindowCenter": ""}, {}])
def test_a_film_without_a_usable_window_gets_an_automatic_one(tags, read):
    film = read(**tags)
    assert film.displays == ()
    shown = film_to_grey(film)
    assert (shown.min(), shown.max()) == (0, 255)


def test_padding_is_marked_and_left_out_of_the_automatic_window(read):
    pixels = ramp() % 1000 + 20_000
    where = np.random.default_rng(0).random(pixels.shape)
    pixels[where < 0.2], pixels[where > 0.9] = 5, 9
    film = read(pixels, PixelPaddingValue=5, PixelPaddingRangeLimit=9)
    assert np.array_equal(film.excluded, (pixels == 5) | (pixels == 9))
    assert default_display(film).width < 1100
    assert np.array_equal(read(pixels, PixelPaddingValue=9).excluded, pixels == 9)
    assert read(pixels).excluded is None


def test_padding_is_told_by_stored_values_not_rescaled_ones(read):
    film = read(PixelPaddingValue=7, RescaleSlope=7, RescaleIntercept=0)
    assert np.array_equal(film.excluded, ramp() == 7)


def test_what_a_shutter_covers_is_excluded(read):
    edges = {"ShutterLeftVerticalEdge": 5, "ShutterRightVerticalEdge": 40,
             "ShutterUpperHorizontalEdge": 10, "ShutterLowerHorizontalEdge": 60}  # fmt: skip
    excluded = read(ShutterShape="RECTANGULAR", **edges).excluded
    assert excluded.sum() == HEIGHT * WIDTH - 49 * 34
    assert not excluded[10:59, 5:39].any()
    excluded = read(ShutterShape="CIRCULAR", CenterOfCircularShutter=[32, 24], RadiusOfCircularShutter=20).excluded
    assert abs((~excluded).sum() - np.pi * 400) < 40
    assert not excluded[31, 23]
    corners = [10, 5, 10, 41, 60, 41, 60, 5]
    excluded = read(ShutterShape="POLYGONAL", VerticesOfThePolygonalShutter=corners).excluded
    assert (~excluded).sum() == 50 * 36
    both = read(ShutterShape=["RECTANGULAR", "CIRCULAR"], CenterOfCircularShutter=[32, 24], RadiusOfCircularShutter=9,
                PixelPaddingValue=1500, **edges)  # fmt: skip
    assert both.excluded.mean() > 0.9


@pytest.mark.parametrize("planes", [0, 1])
def test_colour_becomes_luminance(planes, read):
    colours = np.dstack([ramp(np.uint8), ramp(np.uint8) // 2, 255 - ramp(np.uint8)])
    stored = np.ascontiguousarray(colours.transpose(2, 0, 1)) if planes else colours
    film = read(colours, PlanarConfiguration=planes, PixelData=stored.tobytes())
    assert np.abs(film.pixels - colours @ (0.299, 0.587, 0.114)).max() <= 1
    luminance = np.dstack([ramp(np.uint8), np.full((HEIGHT, WIDTH, 2), 128, np.uint8)])
    assert np.abs(read(luminance, PhotometricInterpretation="YBR_FULL").pixels - ramp(np.uint8).astype(int)).max() <= 1


def test_a_palette_is_looked_up(read):
    palette = {"PhotometricInterpretation": "PALETTE COLOR"}
    for colour in ("Red", "Green", "Blue"):
        palette[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        palette[f"{colour}PaletteColorLookupTableData"] = (np.arange(256)[::-1].astype("<u2") * 257).tobytes()
    film = read(ramp(np.uint8), **palette)
    assert np.array_equal(film.pixels, (255 - ramp(np.uint8).astype(np.uint16)) * 257)


@pytest.mark.parametrize(
    ("orientation", "facing"),
    [(["A", "F"], Facing.RIGHT), (["P", "F"], Facing.LEFT), (["AL", "FP"], Facing.RIGHT),
     (["L", "F"], None), ("A", None), ("", None)],
)  # fmt: skip
def test_the_first_orientation_is_where_rows_run_to(orientation, facing, read):
    assert read(PatientOrientation=orientation).facing is facing


IMAGER, PIXEL = {"ImagerPixelSpacing": [0.2, 0.1]}, {"PixelSpacing": [0.16, 0.08]}
MAGNIFIED = {**IMAGER, "EstimatedRadiographicMagnificationFactor": "1.25"}


@pytest.mark.parametrize(
    ("tags", "state", "millimetres"),
    [
        ({}, SpacingState.NONE, (None, None)),
        (PIXEL, SpacingState.UNKNOWN, (0.16, 0.08)),
        (IMAGER, SpacingState.DETECTOR, (0.2, 0.1)),
        ({**IMAGER, "PixelSpacing": [0.2, 0.1]}, SpacingState.DETECTOR, (0.2, 0.1)),
        ({**IMAGER, **PIXEL}, SpacingState.CALIBRATED, (0.16, 0.08)),
        ({**IMAGER, **PIXEL, "PixelSpacingCalibrationType": "FIDUCIAL"}, SpacingState.CALIBRATED, (0.16, 0.08)),
        ({**PIXEL, "PixelSpacingCalibrationType": "FIDUCIAL"}, SpacingState.CALIBRATED, (0.16, 0.08)),
        ({**IMAGER, **PIXEL, "PixelSpacingCalibrationType": "GEOMETRY"}, SpacingState.MAGNIFICATION_CORRECTED,
         (0.16, 0.08)),
        (MAGNIFIED, SpacingState.MAGNIFICATION_CORRECTED, (0.16, 0.08)),
        ({**MAGNIFIED, "DistanceSourceToDetector": 1000, "DistanceSourceToPatient": 800},
         SpacingState.MAGNIFICATION_CORRECTED, (0.16, 0.08)),
        ({**MAGNIFIED, "DistanceSourceToDetector": 1000, "DistanceSourceToPatient": 500}, SpacingState.ERROR,
         (None, None)),
        ({**IMAGER, "EstimatedRadiographicMagnificationFactor": "0.5"}, SpacingState.DETECTOR, (0.2, 0.1)),
        ({"NominalScannedPixelSpacing": [0.2, 0.1]}, SpacingState.DETECTOR, (0.2, 0.1)),
        ({"ImagerPixelSpacing": [0, 0]}, SpacingState.NONE, (None, None)),
    ],
)  # fmt: skip
def test_millimetres_are_trusted_as_far_as_the_file_allows(tags, state, millimetres, read):
    spacing = read(**tags).spacing
    assert spacing.state is state
    assert (spacing.row_mm, spacing.column_mm) == pytest.approx(millimetres)
