"""Measuring, calibrating and setting six points, by mouse and keyboard."""

import numpy as np
import pytest
from canvas_parts import ORIENTATIONS
from desk import CTRL, LEFT, a_desk, box
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.domain.decisions import six_points
from engine.domain.six_points import SixPoints
from vcfviewer.canvas.values import DrawnShape, Side, ToolName

MM = "mm (detector plane)"
BODY = box("body", 200, 300, 400, 500)
SIX = SixPoints((210.0, 310.0), (300.0, 320.0), (390.0, 310.0), (210.0, 490.0), (300.0, 480.0), (390.0, 490.0))


@pytest.fixture
def desk(qt_app):
    with a_desk(BODY, tool=ToolName.LENGTH) as desk:
        yield desk


@pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS)
def test_a_length_is_dragged_or_clicked_however_the_film_is_turned(desk, turns, flip):
    desk.look((350.0, 450.0), 1.0, turns, flip)
    desk.drag((300, 400), (320, 420), (330, 440))
    desk.click((300, 400), (360, 480))
    assert desk.measured == ["50.0 px", "100.0 px"]
    assert len(desk.scene.overlay.measures) == 2
    assert desk.requests == []


def test_millimetres_come_with_the_spacing_for_measures_that_stand_already(desk):
    desk.drag((300, 400), (330, 440))
    bare = desk.scene.overlay.measures
    desk.comparison.set_spacing(0.1, 0.2, MM)
    desk.drag((300, 400), (330, 440))
    assert desk.measured == ["50.0 px", f"7.2 {MM}"]
    assert desk.scene.overlay.measures[0] is bare[0]
    before = desk.viewport.grab().toImage()
    desk.comparison.set_spacing(0.4, 0.2, MM)
    assert desk.viewport.grab().toImage() != before, "both texts are those of the new spacing"


def test_an_angle_takes_three_clicks_or_a_drag_and_a_click(desk):
    desk.comparison.set_tool(ToolName.ANGLE)
    desk.click((400, 400), (300, 400), (300, 300))
    desk.drag((400, 400), (350, 400), (300, 400))
    desk.click((400, 500))
    assert desk.measured == ["90.0°", "45.0°"]
    desk.comparison.set_spacing(0.2, 0.1, MM)
    desk.click((400, 400), (300, 400), (400, 500))
    assert desk.measured[-1] == "63.4°"


def test_a_cobb_angle_takes_two_drags_or_four_clicks(desk):
    desk.comparison.set_tool(ToolName.COBB)
    desk.drag((300, 300), (350, 300), (400, 300))
    assert "lower" in desk.comparison.hint
    desk.drag((300, 500), (400, 600))
    desk.click((300, 300), (400, 300), (400, 600), (300, 500))
    assert desk.measured == ["Cobb 45.0°", "Cobb 45.0°"]


def test_a_point_more_is_taken_back_then_measures_from_the_newest(desk):
    desk.drag((300, 400), (330, 440))
    desk.drag((300, 400), (360, 480))
    desk.click((100, 500))
    desk.key(Qt.Key.Key_Backspace)
    assert len(desk.scene.overlay.measures) == 2
    desk.key(Qt.Key.Key_Backspace)
    assert [measure.points[1] for measure in desk.scene.overlay.measures] == [(330.0, 440.0)]
    desk.key(Qt.Key.Key_Backspace)
    assert desk.scene.overlay.measures == ()


def test_escape_drops_what_is_begun_and_keeps_what_is_measured(desk):
    desk.drag((300, 400), (330, 440))
    desk.click((300, 400))
    desk.key(Qt.Key.Key_Escape)
    desk.comparison.set_tool(ToolName.SELECT)
    assert len(desk.scene.overlay.measures) == 1
    assert desk.scene.overlay.sketch.dots == ()
    desk.scene.clear_measures()
    assert desk.scene.overlay.measures == ()


def test_a_double_click_is_one_point(desk):
    desk.double_click((300, 400))
    assert desk.measured == []
    desk.click((330, 440))
    assert desk.measured == ["50.0 px"]


def test_the_measure_is_shown_while_it_is_dragged(desk):
    desk.drag((300, 400), (330, 440), release=False)
    assert desk.scene.overlay.sketch.notes[0].text == "50.0 px"
    desk.move((360, 480), LEFT)
    assert desk.scene.overlay.sketch.notes[0].text == "100.0 px"


def test_measuring_works_where_nothing_may_be_edited(desk):
    desk.comparison.set_read_only(True)
    desk.drag((300, 400), (330, 440))
    assert desk.measured == ["50.0 px"]


def test_calibration_asks_for_the_true_length_of_a_line(desk):
    desk.comparison.set_tool(ToolName.CALIBRATE)
    desk.drag((300, 400), (320, 400), (360, 480))
    assert desk.calibrations == [100.0]
    assert desk.scene.overlay.measures == ()
    assert desk.scene.overlay.sketch.lines == ()


@pytest.fixture
def six(qt_app):
    with a_desk(BODY, box("neighbour", 450, 300, 550, 400, "L2"), tool=ToolName.SIX_POINTS) as desk:
        desk.comparison.show_six_points({"body": SIX})
        desk.select("body")
        yield desk


@pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS)
@pytest.mark.parametrize("index", [0, 4])
def test_a_point_is_dragged_to_its_new_place(six, turns, flip, index):
    six.look((300.0, 400.0), 1.5, turns, flip)
    start, end = SIX.array[index], SIX.array[index] + np.array((10, -12))
    six.drag(start, (start + end) / 2, end)
    assert len(six.requests) == 1
    moved = six_points(six.annotation)["body"].array
    assert np.allclose(moved[index], end, atol=0.5)
    assert np.array_equal(np.delete(moved, index, 0), np.delete(SIX.array, index, 0))


def test_points_snap_to_neighbours_and_escape_puts_them_back(six):
    six.drag((390, 310), (420, 305), (446, 302))
    assert six_points(six.annotation)["body"].sp == (450.0, 300.0)
    six.drag((390, 490), (420, 305), release=False)
    six.key(Qt.Key.Key_Escape)
    six.release((420, 305))
    assert len(six.requests) == 1


def test_a_height_of_nothing_is_refused(six):
    six.press((210, 310))
    six.move((210, 400), LEFT, CTRL)
    six.move((210, 490), LEFT, CTRL)
    six.release((210, 490), CTRL)
    assert six.requests == []
    assert "height" in six.comparison.hint


def test_a_click_elsewhere_chooses_another_shape_whose_points_are_set_one_by_one(six):
    six.click((500, 350))
    assert six.selection == {"neighbour"}
    assert "1 of 6" in six.comparison.hint
    places = [(455, 305), (500, 310), (545, 305), (455, 395), (500, 390), (545, 395)]
    six.click(*places[:3], (510, 350))
    six.key(Qt.Key.Key_Backspace)
    assert "4 of 6" in six.comparison.hint
    six.click(*places[3:])
    assert len(six.requests) == 1
    assert np.array_equal(six_points(six.annotation)["neighbour"].array, np.array(places, float))
    assert six.requests[0].text == "Set the six points of L2"


def test_six_points_of_a_film_for_reading_only_stay(six):
    six.comparison.set_read_only(True)
    six.drag((210, 310), (220, 320), (230, 330))
    assert six.requests == []


def test_the_points_have_names_only_with_their_tool(six):
    QApplication.processEvents()
    held = six.viewport.grab().toImage()
    six.comparison.set_tool(ToolName.SELECT)
    assert six.scene.overlay.handles(1.0) is not None
    assert six.viewport.grab().toImage() != held
    six.comparison.set_tool(ToolName.SIX_POINTS)
    assert six.scene.overlay.handles(1.0) is None


def test_a_models_points_are_never_set(qt_app):
    guess = DrawnShape(box("guess", 200, 300, 400, 500), Side.MODEL)
    with a_desk(model=(guess,), tool=ToolName.SIX_POINTS) as desk:
        desk.comparison.show_six_points({"guess": SIX})
        desk.select("guess")
        desk.drag((210, 310), (220, 320), (230, 330))
        desk.click((300, 400), (310, 410), (320, 420), (330, 430), (340, 440), (350, 450))
        assert desk.requests == []
