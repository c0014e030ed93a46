"""The solid of one vertebral body: signed depth below its surface, outline, and six points."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from contourpy import contour_generator
from numpy.typing import NDArray

from engine.domain.polygon import signed_area
from engine.simulate.anatomy import Body

TABLE = 512
"""Stations at which an endplate's curve is tabulated: 0.08 mm apart."""
GRID, MARGIN = 0.3, 10.0
"""An outline is found on a grid this fine, mm, that reaches this far beyond the corners."""
LIMBUS = 0.15
"""A dent that lies nearer to the anterior wall, as a share of the depth, is the defect of a limbus vertebra."""

Float = NDArray[np.float32]
Double = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SixPoints:
    """SA, SM, SP, IA, IM, IP as (6, 2) patient millimetres in the mid-sagittal plane (z = 0)."""

    points: Double

    @property
    def heights(self) -> tuple[float, float, float]:
        """Return Ha, Hm, Hp in patient millimetres."""
        gaps = np.linalg.norm(self.points[:3] - self.points[3:], axis=1)
        return (float(gaps[0]), float(gaps[1]), float(gaps[2]))


def endplate(body: Body, u: NDArray[np.floating], superior: bool, lateral: float = 0.0) -> NDArray[np.floating]:
    """Return y in mm of an endplate at depth `u` (0 anterior, 1 posterior); `lateral` 0 is the midline."""
    first, second = body.corners[:2] if superior else body.corners[2:]
    sign = 1.0 if superior else -1.0
    index = 0 if superior else 1
    apex = float(np.clip(body.apex[index], 0.3, 0.75))
    order = 2.6
    a, b = order * apex, order * (1 - apex)
    bowl = u**a * (1 - u) ** b / (apex**a * (1 - apex) ** b)
    fall, power = body.collapse[index]
    inward = body.bowls[index] * (1 - 0.75 * lateral**2) * bowl + fall * (1 - u) ** power
    for place, spread, depth, on_superior in body.dents:
        if on_superior == superior:
            inward = inward + depth * (1 - 0.9 * lateral**2) * np.exp(-(((u - place) / spread) ** 2))
    lip = body.lips[index * 2], body.lips[index * 2 + 1]
    inward = inward - 0.5 * lip[0] * np.exp(-u / 0.06) - 0.5 * lip[1] * np.exp(-(1 - u) / 0.06)
    phase = body.roughness[index * 2], body.roughness[index * 2 + 1]
    rough = 0.12 * np.sin(19 * u + phase[0]) + 0.10 * np.sin(33 * u + phase[1] + 2 * lateral)
    if body.fracture is not None:
        rough = 2.2 * rough
    curve: NDArray[np.floating] = (1 - u) * first + u * second + sign * (inward + rough * u * (1 - u) * 4)
    return curve


def surface_depth(body: Body, x: Float, y: Float, lateral: float) -> tuple[Float, Float]:
    """Return signed depth (mm, positive inside) at body-frame (x, y), and the depth below the nearer endplate.

    `lateral` is |2 z / width|, 0 in the midline and 1 at the side: the cross-section is a rounded ellipse.
    """
    ellipse = (1 - min(lateral, 0.999) ** 2.6) ** (1 / 2.6)
    depth = 0.5 * (body.depth[0] + body.depth[1])
    station = (np.clip(x / depth + 0.5, 0, 1) * (TABLE - 1) + 0.5).astype(np.int32)
    table = np.linspace(0, 1, TABLE)
    top = endplate(body, table, True, lateral).astype(np.float32)[station]
    bottom = endplate(body, table, False, lateral).astype(np.float32)[station]
    plate = np.minimum(y - top, bottom - y)
    height = np.clip((y - top) / np.maximum(bottom - top, 1.0), 0, 1)
    floor = (height * (TABLE - 1) + 0.5).astype(np.int32)
    fronts, backs = _walls(body, table, ellipse)
    front, back = fronts[floor], backs[floor]
    wall = np.minimum(x - front, back - x)
    radius = body.rounding
    corner = np.hypot(np.maximum(radius - plate, 0), np.maximum(radius - wall, 0))
    inside = np.maximum(radius, np.minimum(plate, wall)) - corner
    return inside.astype(np.float32), plate.astype(np.float32)


def _walls(body: Body, v: Double, ellipse: float) -> tuple[Float, Float]:
    """Return x in mm of the anterior and posterior wall at heights `v` (0 superior, 1 inferior)."""
    wide = body.depth[0] * (1 - v) + body.depth[1] * v
    arch = 4 * v * (1 - v)
    lips = body.lips
    front = -wide / 2 + body.waists[0] * arch + (1 - ellipse) * wide * 0.5
    front = front - lips[0] * np.exp(-v / 0.09) - lips[2] * np.exp(-(1 - v) / 0.09)
    front = front - body.buckle * np.exp(-(((v - 0.3) / 0.1) ** 2))
    back = wide / 2 - (body.waists[1] - body.bulge) * arch - (1 - ellipse) * wide * 0.28
    back = back + 0.6 * lips[1] * np.exp(-v / 0.09) + 0.6 * lips[3] * np.exp(-(1 - v) / 0.09)
    return front.astype(np.float32), back.astype(np.float32)


def body_to_patient(body: Body, points: Double) -> Double:
    """Turn body-frame points (N, 2) mm into patient millimetres."""
    cos, sin = math.cos(body.angle), math.sin(body.angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    placed: Double = points @ turn + np.asarray(body.centre)
    return placed


def outline(body: Body, vertices: int = 64) -> Double:
    """Return the mid-sagittal outline, (vertices, 2) patient mm, equidistant, from the solid's own surface.

    It begins at the superior anterior corner. The surface is found on a grid: rays from the centre graze the endplates
    of a deep biconcave fracture, and cut its corners off.
    """
    across = np.arange(-max(body.depth) / 2 - MARGIN, max(body.depth) / 2 + MARGIN, GRID, dtype=np.float32)
    down = np.arange(min(body.corners) - MARGIN, max(body.corners) + MARGIN, GRID, dtype=np.float32)
    x, y = np.meshgrid(across, down)
    inside, _plate = surface_depth(body, x, y, 0.0)
    rings = contour_generator(across, down, inside).lines(0.0)
    ring = max((np.asarray(ring, np.float64)[:-1] for ring in rings), key=lambda ring: abs(signed_area(ring)))
    ring = ring if signed_area(ring) > 0 else ring[::-1]
    first = int(np.argmin(np.hypot(ring[:, 0] + body.depth[0] / 2, ring[:, 1] - body.corners[0])))
    closed = np.roll(ring, -first, axis=0)
    closed = np.vstack([closed, closed[:1]])
    walked = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    at_length = np.linspace(0, walked[-1], vertices, endpoint=False)
    even = np.stack([np.interp(at_length, walked, closed[:, axis]) for axis in (0, 1)], axis=1)
    return body_to_patient(body, even)


def six_points(body: Body) -> SixPoints:
    """Return the six points where a reader sets them: corners where endplate and wall meet, middles at half depth.

    A collapsed rim is the corner: the point stands where the endplate stands now. Rounded rims, osteophytes and the
    defect of a limbus vertebra are no part of a height (Genant's reading convention), so that corners lie where the
    curves would meet without them. A Schmorl's node is part of the endplate, and lowers the middle if it lies there.
    """
    front_top, back_top = -body.depth[0] / 2, body.depth[0] / 2
    front_low, back_low = -body.depth[1] / 2, body.depth[1] / 2
    u = np.array([0.0, 0.5, 1.0])
    plain = replace(body, lips=(0.0, 0.0, 0.0, 0.0), dents=tuple(dent for dent in body.dents if dent[0] > LIMBUS))
    top, low = endplate(plain, u, True), endplate(plain, u, False)
    points = [(front_top, top[0]), (0.0, top[1]), (back_top, top[2]),
              (front_low, low[0]), (0.0, low[1]), (back_low, low[2])]  # fmt: skip
    return SixPoints(body_to_patient(body, np.array(points, dtype=np.float64)))
