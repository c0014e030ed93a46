"""Drawing polygons, painting and cutting, by mouse and keyboard."""

import numpy as np
import pytest
import shapely
from canvas_parts import ORIENTATIONS
from desk import CTRL, LEFT, SHIFT, a_desk, box, disc
from PySide6.QtCore import Qt

from engine.domain.reshaping import with_brush, without_brush
from vcfviewer.canvas.palette import Ink
from vcfviewer.canvas.values import DrawnShape, Side, ToolName, ViewMode

NEIGHBOUR = box("neighbour", 400, 300, 500, 400, "L2")
CORNERS = [(200, 300), (300, 310), (310, 400), (205, 390)]


@pytest.fixture
def desk(qt_app):
    with a_desk(NEIGHBOUR, tool=ToolName.POLYGON) as desk:
        desk.comparison.set_label_for_new("L3")
        yield desk


def drawn(desk):
    return [shape for shape in desk.annotation.shapes if shape.id not in ("neighbour", "ring", "other")]


def end_with_enter(desk):
    desk.key(Qt.Key.Key_Return)


def end_on_the_first_point(desk):
    desk.click((203, 304))


def end_with_a_call(desk):
    desk.comparison.finish_drawing()


@pytest.mark.parametrize("end", [end_with_enter, end_on_the_first_point, end_with_a_call])
@pytest.mark.parametrize(("turns", "flip"), ORIENTATIONS[:4])
def test_a_polygon_is_clicked_and_closed(desk, end, turns, flip):
    desk.look((350.0, 400.0), 1.0, turns, flip)
    desk.click(*CORNERS)
    assert desk.requests == []
    end(desk)
    (shape,) = drawn(desk)
    assert np.allclose(shape.polygon.points, CORNERS)
    assert shape.label == "L3"
    assert shape.score is None
    assert len(desk.requests) == 1
    assert desk.requests[0].text == "Draw L3"
    assert desk.selection == {shape.id}
    assert desk.comparison.tool is ToolName.SELECT


def test_a_double_click_sets_the_last_point_and_closes(desk):
    desk.click(*CORNERS[:3])
    desk.double_click(CORNERS[3])
    (shape,) = drawn(desk)
    assert np.allclose(shape.polygon.points, CORNERS)


def test_backspace_and_ctrl_z_take_points_back_and_escape_all(desk):
    desk.click(*CORNERS, (250, 350))
    desk.key(Qt.Key.Key_Backspace)
    desk.click((240, 340))
    desk.key(Qt.Key.Key_Z, CTRL)
    end_with_enter(desk)
    assert len(drawn(desk)[0].polygon) == 4
    desk.comparison.set_tool(ToolName.POLYGON)
    desk.click(*CORNERS)
    desk.key(Qt.Key.Key_Escape)
    end_with_enter(desk)
    assert len(drawn(desk)) == 1
    assert desk.comparison.tool is ToolName.POLYGON


def test_a_crossing_outline_is_shown_red_and_isnt_taken_until_mended(desk):
    desk.click((200, 300), (300, 300), (200, 400))
    desk.move((300, 400))
    assert desk.scene.overlay.sketch.lines[0].ink is Ink.INVALID
    desk.click((300, 400))
    end_with_enter(desk)
    assert drawn(desk) == []
    assert "crosses itself" in desk.comparison.hint
    desk.key(Qt.Key.Key_Backspace)
    desk.move((150, 350))
    assert desk.scene.overlay.sketch.lines[0].ink is Ink.GUIDE
    end_with_enter(desk)
    assert len(drawn(desk)[0].polygon) == 3


def test_two_points_are_refused_and_a_missing_label_is_asked_for(desk):
    desk.click(*CORNERS[:2])
    end_with_enter(desk)
    assert "three points" in desk.comparison.hint
    desk.click(*CORNERS[2:])
    desk.comparison.set_label_for_new(" ")
    end_with_enter(desk)
    assert desk.relabels == [frozenset()], "no shape's, but that of the outline being drawn"
    assert drawn(desk) == []
    desk.comparison.set_label_for_new("T12")
    end_with_enter(desk)
    assert drawn(desk)[0].label == "T12"


def test_points_snap_to_vertices_of_other_shapes_unless_ctrl_is_held(desk):
    desk.click((200, 300), (394, 304))
    desk.click((395, 404), held=CTRL)
    end_with_enter(desk)
    assert np.allclose(drawn(desk)[0].polygon.points, [(200, 300), (400, 300), (395, 404)])


def test_points_stay_on_the_film(desk):
    desk.look((100.0, 450.0))
    desk.click((-50, 300), (100, 300), (100, 500), (-90, 510))
    end_with_enter(desk)
    assert np.allclose(drawn(desk)[0].polygon.points, [(0, 300), (100, 300), (100, 500), (0, 510)])


def test_a_drag_traces_the_outline(desk):
    turn = np.linspace(0, 1.9 * np.pi, 60)
    way = [(250 + 60 * np.cos(one), 500 + 60 * np.sin(one)) for one in turn]
    desk.drag(way[0], *way[1:])
    end_with_enter(desk)
    polygon = drawn(desk)[0].polygon
    assert 15 < len(polygon) < 40
    assert polygon.area == pytest.approx(np.pi * 60**2, rel=0.08)


def test_a_film_for_reading_only_takes_no_drawing(desk):
    desk.comparison.set_read_only(True)
    desk.click(*CORNERS)
    end_with_enter(desk)
    assert drawn(desk) == []
    assert "reading only" in " ".join(desk.said)


def test_leaving_the_tool_drops_the_outline(desk):
    desk.click(*CORNERS)
    desk.comparison.set_tool(ToolName.SELECT)
    assert desk.scene.overlay.sketch.lines == ()
    end_with_enter(desk)
    assert drawn(desk) == []


RING = disc("ring", (300, 400), 60)


@pytest.fixture
def painter(qt_app):
    with a_desk(RING, tool=ToolName.BRUSH_ADD) as desk:
        desk.comparison.set_brush_radius(20)
        desk.select("ring")
        yield desk


WAY = [(350, 400), (370, 400), (390, 405), (410, 410)]


@pytest.mark.parametrize(("tool", "held", "adds"), [
    (ToolName.BRUSH_ADD, None, True), (ToolName.BRUSH_SUBTRACT, None, False),
    (ToolName.BRUSH_ADD, SHIFT, False), (ToolName.BRUSH_SUBTRACT, SHIFT, True),
])  # fmt: skip
def test_a_stroke_adds_or_takes_away_in_one_edit(painter, tool, held, adds):
    painter.comparison.set_tool(tool)
    painter.drag(*WAY, held=held or Qt.KeyboardModifier.NoModifier)
    assert len(painter.requests) == 1
    wanted = (with_brush if adds else without_brush)(RING.polygon, np.array(WAY, float), 20)
    after = painter.annotation.shape("ring").polygon
    assert shapely.hausdorff_distance(after.geometry, wanted.geometry) < 0.6
    assert (after.area > RING.polygon.area) is adds
    assert painter.requests[0].text == ("Add to L1" if adds else "Take from L1")


def test_the_stroke_is_seen_while_it_is_painted(painter):
    painter.drag(*WAY, release=False)
    assert len(painter.scene.overlay.sketch.lines[0].points) == len(WAY)
    assert painter.previews[0][1].area > RING.polygon.area
    assert len(painter.shown("ring")) > len(RING.polygon)
    painter.key(Qt.Key.Key_Escape)
    assert np.array_equal(painter.shown("ring"), RING.polygon.points)
    assert painter.previews[-1] is None
    painter.release(WAY[-1])
    assert painter.requests == []


def test_a_stroke_that_doesnt_touch_is_refused_and_one_that_takes_all_too(painter):
    painter.drag((500, 600), (520, 600))
    assert painter.requests == []
    assert "doesn't touch" in painter.said[-2] + painter.said[-1]
    painter.comparison.set_brush_radius(200)
    painter.drag((300, 400), (305, 400), held=SHIFT)
    assert painter.requests == []
    assert np.array_equal(painter.shown("ring"), RING.polygon.points)


def test_a_stroke_may_begin_beside_the_shape_and_come_to_it(painter):
    painter.drag((450, 400), (420, 400), (380, 400), (340, 400))
    assert len(painter.requests) == 1
    assert painter.annotation.shape("ring").polygon.bounds[2] == pytest.approx(470, abs=0.5)


def test_the_brush_paints_on_the_shape_under_it_where_none_is_selected(painter):
    painter.select()
    painter.drag(*WAY)
    assert painter.selection == {"ring"}
    assert len(painter.requests) == 1
    painter.select()
    painter.drag((600, 700), (610, 700))
    assert len(painter.requests) == 1
    assert "Select the shape" in painter.comparison.hint


def test_brackets_change_the_brush_and_it_is_drawn_in_its_size(painter):
    painter.move((500, 500))
    assert painter.scene.overlay.sketch.rings[0].radius == 20
    painter.key(Qt.Key.Key_BracketRight)
    assert painter.scene.overlay.sketch.rings[0].radius == 25
    painter.key(Qt.Key.Key_BracketLeft)
    painter.key(Qt.Key.Key_BracketLeft)
    assert painter.scene.overlay.sketch.rings[0].radius == 16
    painter.comparison.set_tool(ToolName.SELECT)
    assert painter.scene.overlay.sketch.rings == ()


def test_a_long_trembling_stroke_adds_few_vertices(painter):
    random = np.random.default_rng(1)
    way = [(350 + 0.5 * step, 400 + random.normal(0, 0.2)) for step in range(200)]
    painter.drag(way[0], *way[1:])
    assert len(painter.annotation.shape("ring").polygon) < len(RING.polygon) + 200


def test_nothing_is_painted_on_a_models_shape(qt_app):
    guess = DrawnShape(disc("guess", (300, 400), 60), Side.MODEL)
    with a_desk(model=(guess,), tool=ToolName.BRUSH_ADD, mode=ViewMode.OVERLAY) as desk:
        desk.select("guess")
        desk.drag(*WAY)
        assert desk.requests == []


@pytest.fixture
def cutter(qt_app):
    with a_desk(NEIGHBOUR, box("other", 200, 300, 300, 400), tool=ToolName.CUT) as desk:
        yield desk


def cut_by_drag(desk, start, end):
    desk.drag(start, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), end)


def cut_by_clicks(desk, start, end):
    desk.click(start, end)


@pytest.mark.parametrize("cut", [cut_by_drag, cut_by_clicks])
def test_a_line_cuts_the_shape_it_crosses(cutter, cut):
    cut(cutter, (440, 280), (440, 420))
    assert len(cutter.requests) == 1
    assert sorted(shape.polygon.area for shape in cutter.annotation.shapes) == pytest.approx([4000, 6000, 10000])
    assert cutter.annotation.shape("neighbour").polygon.area == pytest.approx(6000)
    assert cutter.requests[0].text == "Cut L2"


def test_of_several_shapes_the_selected_one_is_cut(cutter):
    cut_by_drag(cutter, (180, 350), (520, 350))
    assert cutter.requests == []
    assert "Select the one" in cutter.comparison.hint
    cutter.select("other")
    cut_by_drag(cutter, (180, 350), (520, 350))
    assert len(cutter.annotation.shapes) == 3
    assert cutter.annotation.shape("neighbour") is NEIGHBOUR


def test_a_line_that_ends_inside_cuts_nothing_and_is_red(cutter):
    cutter.drag((440, 280), (440, 350), release=False)
    assert cutter.scene.overlay.sketch.lines[0].ink is Ink.INVALID
    cutter.move((440, 430), LEFT)
    assert cutter.scene.overlay.sketch.lines[0].ink is Ink.GUIDE
    cutter.move((440, 350), LEFT)
    cutter.release((440, 350))
    assert cutter.requests == []
    assert "outside of the shape" in cutter.comparison.hint
    assert cutter.scene.overlay.sketch.lines == ()


def test_escape_forgets_the_first_point_of_a_cut(cutter):
    cutter.click((440, 280))
    cutter.key(Qt.Key.Key_Escape)
    cutter.click((440, 420))
    assert cutter.requests == []
