"""The outline of a vertebral body: its four corners, and heights along its depth.

Corners are where the curve of an endplate meets the curve of a wall, not where the outline bends: rims are rounded, and
picking the bend makes heights 1 to 1.5 mm too low.

Everything here works in the frame of one body: x towards posterior, y towards caudal, in isotropic units (pixels or
millimetres). Corners come in the order SA, SP, IP, IA: superior anterior, superior posterior, inferior posterior,
inferior anterior. The outline turns the same way. Inside, a point is the complex number x + iy: divided by half a
chord it is at once the place along that chord (real) and the height over it (imaginary).

Source of the method: the project's measurement protocol, tested there by Monte Carlo; the constants below that go
beyond it were fixed on the same kind of bodies and on those of `engine.simulate`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from engine.domain.polygon import FloatArray, signed_area

ComplexArray = NDArray[np.complex128]

STATIONS = 21
"""Heights in a profile, from the anterior (0) to the posterior corner (20)."""

_SAMPLES_A_SIDE = 48
_OUTLIER_MADS = 3.0
_MOST_HULL_POINTS = 60

_PASSES = 2
"""The second pass splits the outline at the corners of the first: on 24 vertices that halves the bias."""

_GREATEST_SHIFT = 0.2
"""Of the depth (6.6 mm of 33 mm). At 5 mm the acute, rounded corners of deep biconcave bodies were turned down."""

_ROUNDED, _STEPS_CUT, _MOST_CUT = 0.03, 0.5, 0.25
"""What a side loses at either end: 3 % of the depth (1 mm of 33 mm, from the middle of a rounded rim to its end) and
half the way from one vertex to the next, as the last chord cuts the corner; at most a quarter of the side.

Twelve percent of the side, as the protocol has it, left out the last 4 mm of an endplate, where a collapsed rim
stands: on simulated wedges a loss of 40 % was measured as 35 %.
"""

_RIM = 0.8
"""Where a side's bend ends and it runs on straight, in half chords: the ring around an endplate is flat.

The parabola went on beyond a bowl's rim, which made simulated wedges 0.4 points of loss milder.
"""

_SKEW = 0.06
"""Expected cubic term of an endplate in half chords: a collapsed one bends most beside its rim, noise hardly does."""

_WAIST = 0.15
"""Expected bow of a wall in half heights (2 mm of 13 mm): noise may not bend a wall much further than anatomy does."""


@dataclass(frozen=True, slots=True)
class Corners:
    """Four corners (4, 2) in the order SA, SP, IP, IA, and how well they were found.

    `residual` is the root mean square distance of the outline from the four side curves and `shift` the greatest way
    from the first guess to a corner, both as a fraction of the body's depth. `guessed` counts the corners for which
    the curves don't meet near the guess, so that the guess stands.
    """

    points: FloatArray
    residual: float
    shift: float
    guessed: int


def find_corners(points: FloatArray) -> Corners:
    """Find the corners of a body outline `points` (N, 2), given in the frame of the body.

    First guess: the quadrilateral of greatest area inscribed in the convex hull, immune to endplate concavity. Then
    each side, without its rounded ends, is fitted with a curve (endplates cubic, walls quadratic, straight at the
    rims), outliers beyond 3 MAD left out (osteophytes), and a corner is where endplate and wall curve meet, unless
    that is far from the guess. The noisier single vertices are, the less a curve may differ from what is expected.
    Raises ValueError where the hull has no four corners.
    """
    ring = _complex(points if signed_area(points) > 0 else points[::-1])
    guess = _named(_complex(largest_quadrilateral(points)))
    depth = float(np.abs(guess[[1, 2]] - guess[[0, 3]]).mean())
    corners, firmness = guess, _vertex_noise(ring) ** 2 / len(ring)
    for _ in range(_PASSES):
        curves, residual = _fit_sides(corners, _sample_sides(ring, corners, depth), depth, firmness)
        met = _meeting_points(corners, curves)
        way = np.abs(met - guess)
        accepted = way < _GREATEST_SHIFT * depth
        corners = np.where(accepted, met, guess)
    shift = float(np.where(accepted, way, 0.0).max() / depth)
    return Corners(_real(corners), residual / depth, shift, int((~accepted).sum()))


def largest_quadrilateral(points: FloatArray) -> FloatArray:
    """Return the (4, 2) inscribed quadrilateral of greatest area of the convex hull of `points` (N, 2).

    A hull of more than 60 points is thinned to its extreme points in 60 directions. The quadrilateral turns from x to
    y. Raises ValueError where the hull is a triangle or a line.
    """
    centre = points.mean(axis=0)
    hull = _hull(points - centre)
    if len(hull) < 4:
        raise ValueError("the outline has no four corners: its convex hull is a triangle")
    cross = hull[:, None, 0] * hull[None, :, 1] - hull[:, None, 1] * hull[None, :, 0]
    first, third = np.triu_indices(len(hull), 2)
    # Twice the area of the triangle (first, third, other), positive on one side of the diagonal, for every other.
    areas = cross[first, third][:, None] + cross[third] - cross[first]
    best = int(np.argmax(areas.max(axis=1) - areas.min(axis=1)))
    ends = (int(first[best]), int(third[best]), int(areas[best].argmax()), int(areas[best].argmin()))
    quadrilateral: FloatArray = hull[sorted(ends)] + centre
    return quadrilateral


def upright_axis(points: FloatArray) -> FloatArray:
    """Return the unit vector (2,) from the superior to the inferior side of a body that has no neighbours.

    `points` (N, 2) is x right, y down; the more upright side of the smallest rectangle around them is taken, which
    holds for tilts below 45 degrees. Raises ValueError where the points lie on one line.
    """
    box = shapely.oriented_envelope(shapely.multipoints(points))
    if not isinstance(box, shapely.Polygon):
        raise ValueError("the outline has no four corners: its points lie on one line")
    ring = np.asarray(box.exterior.coords, dtype=np.float64)
    sides = np.diff(ring, axis=0)[:2]
    sides = sides / np.linalg.norm(sides, axis=1, keepdims=True)
    axis: FloatArray = sides[int(np.argmax(np.abs(sides[:, 1])))]
    return axis if axis[1] > 0 else -axis


def profile_chords(points: FloatArray, corners: FloatArray, stations: int = STATIONS) -> tuple[FloatArray, FloatArray]:
    """Return where lines from endplate to endplate cross the outline: superior and inferior ends, (stations, 2) each.

    Line k joins the points at k / (stations - 1) of the two endplate chords SA-SP and IA-IP of `corners` (4, 2); it
    counts from where it first meets the outline `points` (N, 2) to where it last leaves it, so that concave endplates
    are seen and the waist of a wall isn't. The first and the last line are the corners themselves: there rims are
    rounded. A line that misses the outline keeps its chord ends.
    """
    along = np.linspace(0.0, 1.0, stations)
    sa, sp, ip, ia = _complex(corners)
    top = sa + along * (sp - sa)
    way = ia + along * (ip - ia) - top
    start, end = _first_and_last_crossing((_complex(points)[None] - top[:, None]) / way[:, None])
    start[[0, -1]], end[[0, -1]] = 0.0, 1.0
    return _real(top + start * way), _real(top + end * way)


def _complex(points: FloatArray) -> ComplexArray:
    return points[:, 0] + 1j * points[:, 1]


def _real(points: ComplexArray) -> FloatArray:
    return np.stack([points.real, points.imag], axis=-1)


def _hull(points: FloatArray) -> FloatArray:
    hull = shapely.convex_hull(shapely.multipoints(points))
    if not isinstance(hull, shapely.Polygon):
        return points[:2]
    ring = np.asarray(hull.exterior.coords, dtype=np.float64)[:-1]
    ring = ring if signed_area(ring) > 0 else ring[::-1]
    if len(ring) <= _MOST_HULL_POINTS:
        return ring
    angles = np.linspace(0.0, 2 * np.pi, _MOST_HULL_POINTS, endpoint=False)
    extreme: FloatArray = ring[np.unique(np.argmax(ring @ np.stack([np.cos(angles), np.sin(angles)]), axis=0))]
    return extreme


def _named(quadrilateral: ComplexArray) -> ComplexArray:
    """Turn the cyclic order so that SA comes first: from the superior to the inferior side is most caudal."""
    turns = [np.roll(quadrilateral, turn) for turn in range(4)]
    axes = np.array([turn[2] + turn[3] - turn[0] - turn[1] for turn in turns])
    return turns[int(np.argmax(axes.imag / np.abs(axes)))]


def _sample_sides(ring: ComplexArray, corners: ComplexArray, depth: float) -> ComplexArray:
    """Return (4, samples) points along the sides superior, posterior, inferior, anterior, without their ends."""
    closed = np.append(ring, ring[0])
    arc = np.append(0.0, np.cumsum(np.abs(np.diff(closed))))
    begin = _nearest(closed, arc, corners)
    length = (np.roll(begin, -1) - begin) % arc[-1]
    rounded = _ROUNDED * depth + _STEPS_CUT * arc[-1] / len(ring)
    cut = np.minimum(rounded / np.maximum(length, 1e-9 * depth), _MOST_CUT)
    share = np.linspace(cut, 1 - cut, _SAMPLES_A_SIDE, axis=1)
    at = (begin[:, None] + share * length[:, None]) % arc[-1]
    sides: ComplexArray = np.interp(at, arc, closed)
    return sides


def _nearest(closed: ComplexArray, arc: FloatArray, corners: ComplexArray) -> FloatArray:
    """Return how far along the `closed` outline its points nearest to `corners` lie, (4,).

    `arc` (N + 1,) is how far along it its vertices lie.
    """
    edges = np.diff(closed)
    along = ((corners[:, None] - closed[:-1]) / np.where(edges == 0, 1.0, edges)).real.clip(0.0, 1.0)
    nearest = np.argmin(np.abs(closed[:-1] + along * edges - corners[:, None]), axis=1)
    way: FloatArray = arc[nearest] + along[np.arange(4), nearest] * np.abs(edges[nearest])
    return way


def _vertex_noise(ring: ComplexArray) -> float:
    """Return the noise of single vertices in units, from how far each lies off the line between its neighbours.

    Independent noise of 1 puts a vertex sqrt(3 / 2) off that line.
    """
    before, after = np.roll(ring, 1), np.roll(ring, -1)
    chord = after - before
    off = ((ring - (before + after) / 2) * chord.conjugate()).imag / np.maximum(np.abs(chord), 1e-300)
    return float(1.4826 * np.median(np.abs(off)) / math.sqrt(1.5))


def _sides(corners: ComplexArray) -> tuple[ComplexArray, ComplexArray]:
    """Return each side's mid-point and half chord, (4,) each."""
    following = np.roll(corners, -1)
    return (corners + following) / 2, (following - corners) / 2


def _fit_sides(corners: ComplexArray, samples: ComplexArray, depth: float, firmness: float) -> tuple[FloatArray, float]:
    """Return cubics (4, 4), sides as height over place in half chords, and the residual in units.

    The square goes on along its tangent at the rims. `firmness` is the variance of a vertex over their number, in
    square units: every vertex of a side counts once against what is expected of the side.
    """
    middle, half = _sides(corners)
    scale = np.abs(half)[:, None]
    local = (samples - middle[:, None]) / half[:, None]
    place, heights = local.real, local.imag[..., None]
    rim = np.maximum(np.abs(place) - _RIM, 0.0)
    powers = np.stack([np.ones_like(place), place, place**2 - rim**2, place**3], axis=2)
    doubt = firmness * _SAMPLES_A_SIDE * scale.sum() / scale[:, 0] ** 3
    expected = np.zeros((4, 4, 4))
    expected[[0, 2], 3, 3] = doubt[[0, 2]] / _SKEW**2
    expected[[1, 3], 2, 2] = doubt[[1, 3]] / _WAIST**2
    expected[[1, 3], 3, 3] = 1e6
    weights = np.ones_like(place)
    for _ in range(4):
        weighted = (powers * weights[..., None]).transpose(0, 2, 1)
        curves = np.linalg.solve(weighted @ powers + expected, weighted @ heights)
        distance = np.abs(powers @ curves - heights)[..., 0]
        # Half the samples lie within the median; sorting once is four times as fast as np.median here.
        spread = 1.4826 * np.sort(distance, axis=1)[:, _SAMPLES_A_SIDE // 2, None]
        weights = (distance * scale <= np.maximum(_OUTLIER_MADS * spread * scale, 1e-3 * depth)).astype(np.float64)
    fitted: FloatArray = curves[..., 0].astype(np.float64)
    return fitted, float(np.sqrt((weights * (distance * scale) ** 2).sum() / weights.sum()))


def _meeting_points(corners: ComplexArray, curves: FloatArray) -> ComplexArray:
    """Return where each side's curve meets that of the side before it, (4,); infinity where it doesn't."""
    middle, half = (array.tolist() for array in _sides(corners))
    rows = curves.tolist()
    return np.array([_meet(middle, half, rows, side) for side in range(4)])


def _meet(middle: list[complex], half: list[complex], curves: list[list[float]], side: int) -> complex:
    """Newton's method from the chords' common end; plain numbers, as four solutions don't pay for array calls."""
    before = side - 1
    here, there = -1.0, 1.0
    for _ in range(12):
        point, slope = _on_curve(middle[side], half[side], curves[side], here)
        other, other_slope = _on_curve(middle[before], half[before], curves[before], there)
        gap = point - other
        if abs(gap) < 1e-10 * abs(half[side]):
            return point
        determinant = (other_slope.conjugate() * slope).imag
        if abs(determinant) < 1e-12 * abs(slope) * abs(other_slope):
            break
        here -= (other_slope.conjugate() * gap).imag / determinant
        there -= (slope.conjugate() * gap).imag / determinant
        if max(abs(here), abs(there)) > 10.0:
            break
    return complex(np.inf, 0.0)


def _on_curve(middle: complex, half: complex, curve: list[float], place: float) -> tuple[complex, complex]:
    """Return the point of a side's curve at `place` (-1 to 1 from corner to corner), and the derivative there."""
    level, slope, bend, skew = curve
    rim = math.copysign(max(abs(place) - _RIM, 0.0), place)
    height = level + place * (slope + place * (bend + place * skew)) - bend * rim * rim
    turn = slope + place * (2 * bend + 3 * place * skew) - 2 * bend * rim
    return middle + half * complex(place, height), half * complex(1.0, turn)


def _first_and_last_crossing(local: ComplexArray) -> tuple[FloatArray, FloatArray]:
    """Return where every line first meets and last leaves the outline, (S,) each; 0 and 1 for a line that misses it.

    `local` (S, N) is the outline as each of S lines sees it: the line runs along the real axis, from 0 to 1.
    """
    following = np.roll(local, -1, axis=1)
    crosses = (local.imag > 0) != (following.imag > 0)
    step = np.where(crosses, local.imag - following.imag, 1.0)
    crossing = local.real + local.imag / step * (following.real - local.real)
    met = crosses.any(axis=1)
    first = np.where(crosses, crossing, np.inf).min(axis=1)
    last = np.where(crosses, crossing, -np.inf).max(axis=1)
    return np.where(met, first, 0.0), np.where(met, last, 1.0)
