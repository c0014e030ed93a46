"""Whatever a hand does, in whatever order: the annotation stays valid, and after Esc the film shows what it holds."""

import numpy as np
import pytest
from canvas_parts import ORIENTATIONS
from desk import ALT, CTRL, LEFT, NO_KEY, SHIFT, a_desk, box, disc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from engine.domain.annotation import Annotation
from vcfviewer.canvas.values import DrawnShape, Side, ToolName

SHAPES = (box("outer", 200, 300, 400, 500, "L2"), box("inner", 260, 360, 320, 420, "L1"), disc("ring", (500, 400), 60))
GUESS = DrawnShape(disc("guess", (330, 430), 70), Side.MODEL)
TOOLS = [name for name in ToolName if name not in (ToolName.PAN, ToolName.WINDOW)]
KEYS = [
    Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Period,
    Qt.Key.Key_Comma, Qt.Key.Key_Insert, Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight, Qt.Key.Key_Z,
]  # fmt: skip

# Places where something is: corners, edges, bodies; and some where nothing is.
interesting = st.sampled_from(
    [(200, 300), (400, 300), (300, 300), (260, 360), (290, 390), (560, 400), (500, 400), (600, 700)]
)
places = interesting | st.tuples(st.integers(20, 680), st.integers(170, 730))
held = st.sampled_from([NO_KEY, NO_KEY, NO_KEY, CTRL, SHIFT, ALT, ALT | SHIFT])
deeds = st.one_of(
    st.tuples(st.just("press"), places, held),
    st.tuples(st.just("move"), places, held),
    st.tuples(st.just("release"), places, held),
    st.tuples(st.just("click"), places, held),
    st.tuples(st.just("double"), places, held),
    st.tuples(st.just("key"), st.sampled_from(KEYS), held),
    st.tuples(st.just("tool"), st.sampled_from(TOOLS), held),
    st.tuples(st.just("select"), st.sampled_from(["outer", "inner", "ring", "guess"]), held),
)


def do(desk, deed, what, modifiers, down):
    """Do one thing; return whether the button is down after it."""
    if deed == "press" and not down:
        desk.press(what, modifiers)
        return True
    if deed == "move":
        desk.move(what, LEFT if down else Qt.MouseButton.NoButton, modifiers)
    elif deed == "release" and down:
        desk.release(what, modifiers)
        return False
    elif deed == "click" and not down:
        desk.click(what, held=modifiers)
    elif deed == "double" and not down:
        desk.double_click(what)
    elif deed == "key":
        desk.key(what, modifiers)
    elif deed == "tool":
        desk.comparison.set_tool(what)
    elif deed == "select":
        desk.select(what)
    return down


@pytest.fixture
def desk(qt_app):
    with a_desk(*SHAPES, model=(GUESS,)) as desk:
        desk.comparison.set_label_for_new("L4")
        yield desk


@given(st.lists(deeds, min_size=4, max_size=25), st.sampled_from(ORIENTATIONS), st.sampled_from(TOOLS))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_deeds_breaks_anything(desk, steps, orientation, tool):
    desk.annotation = Annotation("film.png", (900, 700), SHAPES)
    desk.show()
    desk.comparison.set_tool(tool)
    desk.look((350.0, 450.0), 1.0, *orientation)
    down = False
    for deed, what, modifiers in steps:
        down = do(desk, deed, what, modifiers, down)
    if down:
        desk.release((350, 450))
    desk.key(Qt.Key.Key_Escape)
    desk.key(Qt.Key.Key_Escape)
    assert {item.drawn.shape.id for item in desk.scene.shape_items} == {
        "guess", *(shape.id for shape in desk.annotation.shapes)
    }  # fmt: skip
    for shape in desk.annotation.shapes:
        item = desk.scene.item(shape.id)
        assert not item.is_invalid
        assert np.array_equal(item.points, shape.polygon.points)
    assert desk.previews == [] or desk.previews[-1] is None
    desk.comparison.set_tool(ToolName.SELECT)
    assert desk.scene.overlay.sketch.lines == ()
    desk.comparison.select(frozenset())
    desk.scene.clear_measures()
