"""From the polygons of a film to six points, heights, wedge angle, height loss and Genant grade.

Which way the patient faces is a fact of the film (its `PatientOrientation`, or the reader), never guessed from a
polygon: a wedge read back to front changes its sign. The spine's direction at a body comes from its neighbours; it
only tells endplates from walls, so that some degrees don't matter. Normal neighbours are measured in the same way as
the fractured body, so that magnification cancels out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.annotation import Shape
from engine.domain.grading import DeformityType, Grade, Losses, deformity_type, genant_grade, height_losses
from engine.domain.labels import Level, Status
from engine.domain.norms import STANDARD_NORMS, Norms, Sex
from engine.domain.outline import Corners, find_corners, profile_chords, upright_axis
from engine.domain.polygon import FloatArray, Polygon
from engine.domain.six_points import Heights, SixPoints, Spacing, scaled

FEWEST_VERTICES = 12
"""Below this an outline isn't measured: corners can't be told from rims; the six points can still be set by hand."""

GOOD_VERTICES = 24
"""Below this a measure is flagged: its Genant grade is wrong in one body of four or more."""

_FARTHEST_NEIGHBOUR = 3


class Facing(Enum):
    """The side of the film the patient looks to: with LEFT, anterior is towards x = 0."""

    LEFT = "left"
    RIGHT = "right"


class LengthUnit(Enum):
    """Millimetres where a spacing was given, else pixels."""

    PIXELS = "px"
    MILLIMETRES = "mm"


class Quality(Enum):
    """A reason to look twice at a measure."""

    COARSE = "fewer than 24 vertices"
    ROUGH = "the outline is rougher than 1.5 % of the depth"
    GUESSED_CORNER = "endplate and wall don't meet near a corner of the outline"
    FAR_CORNER = "a corner lies farther than 15 % of the depth from the outline's bend"
    OFF_CENTRE = "an endplate dips elsewhere, 10 % of the posterior height deeper than in the middle"
    REVERSED_WEDGE = "much lower behind than in front: check which way the patient faces"
    RAGGED = "the outline fills less than 60 % of its hull"


@dataclass(frozen=True, slots=True)
class Body:
    """The measures of one body: lengths in `unit`, points in film pixels, the wedge angle in degrees (+ kyphotic).

    `profile` holds 21 heights from the anterior to the posterior corner; it is empty where points were set by hand and
    no outline was given. `minimum` is the lowest from 10 to 90 % of the depth. `manual`: a person set the points.
    """

    points: SixPoints
    heights: Heights
    minimum: float
    profile: tuple[float, ...]
    depth: float
    wedge_angle: float
    unit: LengthUnit
    manual: bool = False
    quality: tuple[Quality, ...] = ()


@dataclass(frozen=True, slots=True)
class VertebraMeasurement:
    """What is known of one shape's heights; everything but `shape_id` and `level` may be missing.

    `refusal` says why there is no `body`. `expected`, `losses` and `grade` need a level with a norm; `references` are
    the normal neighbours they were judged against, and where it is empty they are a single-vertebra estimate: the
    body's own posterior height times the level norm.
    """

    shape_id: str
    level: Level | None
    body: Body | None = None
    refusal: str = ""
    references: tuple[Level, ...] = ()
    expected: Heights | None = None
    losses: Losses | None = None
    grade: Grade | None = None
    deformity: DeformityType | None = None

    @property
    def is_single_vertebra_estimate(self) -> bool:
        """Whether the losses were judged without any neighbour."""
        return self.losses is not None and not self.references


def measure(polygon: Polygon, axis: ArrayLike | None, facing: Facing, spacing: Spacing | None = None) -> Body:
    """Measure the outline of one body, in mm with a spacing (row, column), else in pixels taken as square.

    `axis` (2,) points down the spine, in film pixels; None lets the polygon itself say, upright within 45 degrees.
    Raises ValueError for fewer than 12 vertices or an outline without four corners.
    """
    if len(polygon) < FEWEST_VERTICES:
        raise ValueError(f"an outline needs at least {FEWEST_VERTICES} vertices to be measured, got {len(polygon)}")
    points = scaled(polygon.points, spacing)
    frame = _body_frame(upright_axis(points) if axis is None else _unit_vector(axis, spacing), facing)
    outline = points @ frame.T
    corners = find_corners(outline)
    top, low = profile_chords(outline, corners.points)
    profile = np.linalg.norm(top - low, axis=1)
    six = np.vstack([top[[0, 10, 20]], low[[0, 10, 20]]]) @ frame
    body = _body(SixPoints.from_array(six / scaled(np.ones(2), spacing)), spacing, profile)
    return replace(body, quality=_quality(polygon, corners, body))


def from_six_points(points: SixPoints, spacing: Spacing | None = None, polygon: Polygon | None = None) -> Body:
    """Measure points that a person set or dragged; the polygon, if given, adds profile and lowest height.

    Raises ValueError where two opposite points are the same.
    """
    profile = None
    if polygon is not None:
        top, low = profile_chords(scaled(polygon.points, spacing), scaled(points.corners, spacing))
        profile = np.linalg.norm(top - low, axis=1)
    return replace(_body(points, spacing, profile), manual=True)


def measure_film(
    shapes: Sequence[Shape],
    facing: Facing,
    spacing: Spacing | None = None,
    sex: Sex | None = None,
    norms: Norms = STANDARD_NORMS,
    by_hand: Mapping[str, SixPoints] = MappingProxyType({}),
) -> tuple[VertebraMeasurement, ...]:
    """Measure every shape of a film, in the order given; `by_hand` holds points a person set, by shape id.

    Expected heights are those of the nearest normal neighbour above and below, within three levels, each times the
    ratio of the level norms, averaged; a neighbour whose corners had to be guessed, or that is ragged, doesn't serve.
    Without one they are the body's posterior height times the level norm. A shape that can't be measured is returned
    with the reason.
    """
    axes = spine_axes(shapes)
    bodies: dict[str, Body] = {}
    refusals: dict[str, str] = {}
    for shape, axis in zip(shapes, axes, strict=True):
        try:
            bodies[shape.id] = _shape_body(shape, axis, facing, spacing, by_hand.get(shape.id))
        except ValueError as error:
            refusals[shape.id] = str(error)
    normal = {shape.level: bodies[shape.id] for shape in reversed(shapes) if _is_reference(shape, bodies)}
    return tuple(
        _judged(shape, bodies[shape.id], normal, norms, sex)
        if shape.id in bodies
        else VertebraMeasurement(shape.id, shape.level, refusal=refusals[shape.id])
        for shape in shapes
    )


def spine_axes(shapes: Sequence[Shape]) -> tuple[FloatArray | None, ...]:
    """Return the spine's caudal direction (2,) at every shape, from a smooth curve through all centroids.

    The curve is a local quadratic with Gaussian weights, 1.5 vertebrae wide. None where there is no other shape. Down
    is where the levels go down; without levels, down the film.
    """
    if len(shapes) < 2:
        return (None,) * len(shapes)
    centres = np.array([shape.polygon.centroid for shape in shapes])
    centres = centres - centres.mean(axis=0)
    main = np.linalg.svd(centres, full_matrices=False)[2][0]
    ranks = [(shape.level.rank, along) for shape, along in zip(shapes, centres @ main, strict=True) if shape.level]
    trend = sum((rank - ranks[0][0]) * (along - ranks[0][1]) for rank, along in ranks)
    main = main * math.copysign(1.0, trend if abs(trend) > 1e-9 else main[1])
    aside = np.array([-main[1], main[0]])
    along, offset = centres @ main, centres @ aside
    gaps = np.diff(np.sort(along))
    gaps = gaps[gaps > 1e-6 * np.ptp(along)]
    if len(gaps) == 0:
        return (None,) * len(shapes)
    slopes = _local_slopes(along / np.median(gaps), offset / np.median(gaps), min(2, len(gaps)))
    directions = main + slopes[:, None] * aside
    return tuple(directions / np.linalg.norm(directions, axis=1, keepdims=True))


def _local_slopes(along: FloatArray, offset: FloatArray, degree: int) -> FloatArray:
    """Return d offset / d along at every place, lengths in vertebrae."""
    slopes = np.empty_like(along)
    for index, here in enumerate(along):
        # polyfit weighs residuals, not their squares: twice the variance gives a Gaussian of 1.5 vertebrae.
        weights = np.exp(-(((along - here) / 1.5) ** 2) / 4) + 1e-6
        slopes[index] = np.polyfit(along - here, offset, degree, w=weights)[-2]
    return slopes


def _shape_body(
    shape: Shape, axis: FloatArray | None, facing: Facing, spacing: Spacing | None, points: SixPoints | None
) -> Body:
    if points is not None:
        return from_six_points(points, spacing, shape.polygon)
    if shape.status is Status.NOT_ASSESSABLE:
        raise ValueError("the reader calls this vertebra not assessable")
    return measure(shape.polygon, axis, facing, spacing)


def _is_reference(shape: Shape, bodies: Mapping[str, Body]) -> bool:
    if shape.status is not Status.NORMAL or shape.level is None or shape.id not in bodies:
        return False
    return not {Quality.GUESSED_CORNER, Quality.RAGGED} & set(bodies[shape.id].quality)


def _judged(
    shape: Shape, body: Body, normal: Mapping[Level | None, Body], norms: Norms, sex: Sex | None
) -> VertebraMeasurement:
    measurement = VertebraMeasurement(shape.id, shape.level, body)
    norm = norms.heights(shape.level, sex) if shape.level is not None else None
    if shape.level is None or norm is None:
        return measurement
    usual = norms.wedge_angle(shape.level, sex) or 0.0
    if body.wedge_angle < usual - 8.0:
        body = replace(body, quality=(*body.quality, Quality.REVERSED_WEDGE))
    references = tuple(_nearest(shape.level, normal, norms, step) for step in (-1, 1))
    found = tuple(level for level in references if level is not None)
    expected = _expected(body.heights, norm, [(normal[level].heights, norms.heights(level, sex)) for level in found])
    losses = height_losses(body.heights, expected, posterior_known=bool(found))
    return replace(
        measurement,
        body=body,
        references=found,
        expected=expected,
        losses=losses,
        grade=genant_grade(losses.worst),
        deformity=deformity_type(losses),
    )


def _nearest(level: Level, normal: Mapping[Level | None, Body], norms: Norms, step: int) -> Level | None:
    for way in range(1, _FARTHEST_NEIGHBOUR + 1):
        candidate = level.shifted(step * way)
        if candidate in normal and candidate in norms.levels:
            return candidate
    return None


def _expected(own: Heights, norm: Heights, neighbours: Sequence[tuple[Heights, Heights | None]]) -> Heights:
    """Scale each neighbour by the ratio of norms and average; without any, scale the body's own posterior height."""
    pairs = [(heights, usual) for heights, usual in neighbours if usual is not None]
    if not pairs:
        scale = own.posterior / norm.posterior
        return Heights(norm.anterior * scale, norm.middle * scale, own.posterior)
    ratios = [np.array(heights.values) / np.array(usual.values) for heights, usual in pairs]
    anterior, middle, posterior = (np.mean(ratios, axis=0) * np.array(norm.values)).tolist()
    return Heights(anterior, middle, posterior)


def _unit_vector(axis: ArrayLike, spacing: Spacing | None) -> FloatArray:
    vector = scaled(np.asarray(axis, dtype=np.float64), spacing)
    length = float(np.linalg.norm(vector))
    if vector.shape != (2,) or not math.isfinite(length) or length == 0:
        raise ValueError(f"the spine's axis must be a vector (2,) other than 0, got {vector.tolist()}")
    return vector / length


def _body_frame(axis: FloatArray, facing: Facing) -> FloatArray:
    """Return the unit vectors towards posterior and caudal as rows (2, 2)."""
    x, y = axis
    posterior = np.array([y, -x]) if facing is Facing.LEFT else np.array([-y, x])
    return np.stack([posterior, axis])


def _body(points: SixPoints, spacing: Spacing | None, profile: FloatArray | None) -> Body:
    heights = points.heights(spacing)
    inner = () if profile is None else profile[2:-2].tolist()
    return Body(
        points=points,
        heights=heights,
        minimum=min(*inner, heights.middle) if len(inner) else min(heights.values),
        profile=() if profile is None else tuple(profile.tolist()),
        depth=points.depth(spacing),
        wedge_angle=points.wedge_angle(spacing),
        unit=LengthUnit.PIXELS if spacing is None else LengthUnit.MILLIMETRES,
    )


def _quality(polygon: Polygon, corners: Corners, body: Body) -> tuple[Quality, ...]:
    geometry = polygon.geometry
    # Against the straight line from Ha to Hp: the lowest height of a plain wedge lies in front.
    dips = np.array(body.profile) - np.linspace(body.heights.anterior, body.heights.posterior, len(body.profile))
    found = {
        Quality.COARSE: len(polygon) < GOOD_VERTICES,
        Quality.ROUGH: corners.residual > 0.015,
        Quality.GUESSED_CORNER: corners.guessed > 0,
        Quality.FAR_CORNER: corners.shift > 0.15,
        Quality.OFF_CENTRE: dips[len(dips) // 2] - dips.min() > 0.1 * body.heights.posterior,
        Quality.RAGGED: geometry.area < 0.6 * geometry.convex_hull.area,
    }
    return tuple(quality for quality, applies in found.items() if applies)
