"""Values that cross the canvas's border, and the seam between views, scenes and tools.

All geometry is in film pixels: float64, origin at the top left corner of the top left pixel, x right, y down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from PySide6.QtCore import Qt

from engine.domain.annotation import Annotation, Shape
from engine.domain.labels import LabelTable
from engine.domain.matching import MatchKind
from engine.domain.polygon import Polygon


class Side(Enum):
    """Whose shapes, or whose view."""

    EXPERT = "expert"
    MODEL = "model"


class ToolName(Enum):
    """The tools of the left mouse button; PAN and WINDOW are done by the view itself, the rest by a Tool."""

    SELECT = "select"
    PAN = "pan"
    WINDOW = "window"
    POLYGON = "polygon"
    BRUSH_ADD = "brush add"
    BRUSH_SUBTRACT = "brush subtract"
    CUT = "cut"
    LENGTH = "length"
    ANGLE = "angle"
    COBB = "cobb"
    CALIBRATE = "calibrate"
    SIX_POINTS = "six points"


class ViewMode(Enum):
    """Two linked views, or one with the shapes of both sides."""

    SIDE_BY_SIDE = "side by side"
    OVERLAY = "overlay"


@dataclass(frozen=True, slots=True)
class DrawnShape:
    """A shape as it is to be drawn.

    `kind` None (normals, unknown labels): outline only. `caption` stands beside it. `decided`, such as "accepted", is
    shown in the caption, and the shape fainter.
    """

    shape: Shape
    side: Side
    kind: MatchKind | None = None
    caption: str = ""
    editable: bool = False
    decided: str = ""


@dataclass(frozen=True, slots=True)
class EditRequest:
    """An edit that a tool asks for: `text` for the undo menu, `apply` to be run on the current annotation.

    `apply` raises ValueError where the edit is impossible. Requests in a row of one `merge_key` become one undo step.
    """

    text: str
    apply: Callable[[Annotation], Annotation]
    merge_key: str = ""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is, in film pixels; `grey` is the film's value there, None beside the film."""

    x: float
    y: float
    grey: int | None


@dataclass(frozen=True, slots=True)
class ViewState:
    """What part of the film a view shows: (x, y) in its middle, `scale` in view pixels a film pixel.

    The display is flipped left to right first where `flipped`, then turned clockwise by `quarter_turns` (0 to 3).
    """

    center: tuple[float, float]
    scale: float
    quarter_turns: int = 0
    flipped: bool = False


@dataclass(frozen=True, slots=True)
class ToolEvent:
    """The mouse over a view: `x`, `y` in film pixels, `scale` in view pixels a film pixel.

    `button` is the one that went down or up (NoButton while moving), `buttons` are all that are down now.
    """

    x: float
    y: float
    scale: float
    side: Side
    button: Qt.MouseButton = Qt.MouseButton.NoButton
    buttons: Qt.MouseButton = Qt.MouseButton.NoButton
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier


@dataclass(frozen=True, slots=True)
class ToolKey:
    """A key pressed in a view: `key` is a Qt.Key; `at` is where the pointer is, None outside the view."""

    key: int
    modifiers: Qt.KeyboardModifier
    side: Side
    at: ToolEvent | None = None


class Tool(Protocol):
    """What the left mouse button does: a small state machine.

    The view sends it only what is not navigation (wheel, middle and right button, a drag with Space held).
    """

    @property
    def name(self) -> ToolName:
        """Return which tool this is."""
        ...

    @property
    def hint(self) -> str:
        """Return what a click does now, and that Esc cancels where it does; translated."""
        ...

    @property
    def cursor(self) -> Qt.CursorShape:
        """Return the pointer's form now."""
        ...

    def press(self, event: ToolEvent) -> None:
        """Take the left button going down."""
        ...

    def move(self, event: ToolEvent) -> None:
        """Take a move, with or without the left button."""
        ...

    def release(self, event: ToolEvent) -> None:
        """Take the left button going up: the place to ask for an edit."""
        ...

    def double_click(self, event: ToolEvent) -> None:
        """Take a double click of the left button; no press comes for its second half, a release does."""
        ...

    def key(self, event: ToolKey) -> bool:
        """Take a key; return whether it was used (others go on to the window)."""
        ...

    def nudge(self, dx: float, dy: float) -> bool:
        """Move what is selected by film pixels, vertices before shapes; return whether anything was."""
        ...

    def delete_vertices(self) -> bool:
        """Delete the vertices selected, or the last one of an outline being drawn; return whether there were any."""
        ...

    def finish(self) -> bool:
        """Finish what is being drawn, as Enter does; return whether there was anything to finish."""
        ...

    def cancel(self) -> bool:
        """Drop what is under way, with its preview; return whether anything was. Called when the tool is left too."""
        ...


class ToolHost(Protocol):
    """What a tool may ask of the widget around it; the comparison is one.

    Tools are made by `make_tool(name: ToolName, host: ToolHost, scenes: Mapping[Side, AnnotationScene]) -> Tool` in
    canvas/tools.py, for each name but PAN and WINDOW; a side's scene is the one that its view shows.
    """

    @property
    def label_for_new(self) -> str:
        """Return the label that a new shape gets."""
        ...

    @property
    def labels(self) -> LabelTable:
        """Return what reads labels: the reader's own texts count, too."""
        ...

    @property
    def read_only(self) -> bool:
        """Return whether edits are refused."""
        ...

    @property
    def brush_radius(self) -> float:
        """Return the brush's radius in film pixels."""
        ...

    @property
    def spacing(self) -> tuple[float, float] | None:
        """Return (row, column) in mm a pixel, None where unknown."""
        ...

    @property
    def spacing_caption(self) -> str:
        """Return which millimetres those are, such as "mm (detector plane)"."""
        ...

    @property
    def selection(self) -> frozenset[str]:
        """Return the ids of the shapes selected, of either side."""
        ...

    def select(self, ids: frozenset[str]) -> None:
        """Select these shapes in both views and tell the window."""
        ...

    def ask_edit(self, request: EditRequest) -> None:
        """Ask the window for an edit."""
        ...

    def ask_relabel(self, ids: frozenset[str]) -> None:
        """Ask for the label of these shapes, as a double click does; without ids, of the outline being drawn."""
        ...

    def set_brush_radius(self, radius: float) -> None:
        """Give the brush another radius in film pixels, as the keys [ and ] do."""
        ...

    def show_preview(self, shape_id: str, polygon: Polygon | None) -> None:
        """Tell the window what a shape would be if the drag ended here; None: the drag is over."""
        ...

    def show_status(self, text: str) -> None:
        """Show what a click does now, or what went wrong."""
        ...

    def show_measured(self, text: str) -> None:
        """Show a measure with its unit."""
        ...

    def ask_calibration(self, length: float) -> None:
        """Ask the window how long a line of `length` film pixels really is."""
        ...

    def leave_tool(self) -> None:
        """Go back to the SELECT tool, as after a polygon was drawn; cancels the tool that asks."""
        ...
