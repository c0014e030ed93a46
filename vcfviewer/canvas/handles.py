"""Which vertices of an outline can be taken hold of: those that are apart on the screen, and the middles of edges."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from engine.domain.polygon import FloatArray

GRAB = 10.0
"""View pixels around a handle in which the pointer takes hold of it (labelme's epsilon)."""

APART = 11.0
"""View pixels along the outline between two handles: nearer ones would cover each other."""

ROOM_FOR_MIDDLE = 44.0
"""View pixels an edge must be long to show a handle in its middle."""


class Part(Enum):
    """What of an outline a handle holds."""

    VERTEX = "vertex"
    EDGE = "edge"


@dataclass(frozen=True, slots=True)
class Grip:
    """A place to take hold of an outline: vertex `index`, or the edge from vertex `index` to the next at (x, y)."""

    part: Part
    index: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Handles:
    """The handles of one outline: `vertices` are indices of vertices, `middles` of edges, by their first vertex."""

    vertices: NDArray[np.intp]
    middles: NDArray[np.intp]


def handles_of(points: FloatArray, scale: float, pinned: frozenset[int] = frozenset()) -> Handles:
    """Choose the handles of an outline (N, 2) at `scale` view pixels a film pixel; `pinned` vertices have one."""
    steps = np.hypot(*(np.roll(points, -1, axis=0) - points).T) * scale
    along = np.append(0.0, np.cumsum(steps))
    if float(steps.min(initial=np.inf)) >= APART:
        vertices = np.arange(len(points))
    else:
        vertices = _apart(along, len(points), pinned)
    return Handles(vertices, np.flatnonzero(steps >= ROOM_FOR_MIDDLE))


def roomy_edges(points: FloatArray, scale: float) -> NDArray[np.intp]:
    """Return the edges of an outline (N, 2), by their first vertex, that are long enough for a handle."""
    return np.flatnonzero(np.hypot(*(np.roll(points, -1, axis=0) - points).T) * scale >= ROOM_FOR_MIDDLE)


def middles_of(points: FloatArray, edges: NDArray[np.intp]) -> FloatArray:
    """Return the middles (M, 2) of edges of an outline (N, 2)."""
    return (points[edges] + points[(edges + 1) % len(points)]) / 2


def grip_at(points: FloatArray, handles: Handles, x: float, y: float, scale: float) -> Grip | None:
    """Return the handle nearest to a point of the film, if it is within reach; vertices win over middles."""
    for part, indices, places in (
        (Part.VERTEX, handles.vertices, points[handles.vertices]),
        (Part.EDGE, handles.middles, middles_of(points, handles.middles)),
    ):
        found = nearest(places, x, y, GRAB / scale)
        if found is not None:
            return Grip(part, int(indices[found]), float(places[found][0]), float(places[found][1]))
    return None


def edge_at(points: FloatArray, x: float, y: float, scale: float) -> Grip | None:
    """Return the place on an outline (N, 2) nearest to a point of the film, if the outline is within reach."""
    starts = points
    along = np.roll(points, -1, axis=0) - starts
    lengths = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip((((x, y) - starts) * along).sum(axis=1) / lengths, 0.0, 1.0)
    feet = starts + share[:, None] * along
    found = nearest(feet, x, y, GRAB / scale)
    return None if found is None else Grip(Part.EDGE, found, float(feet[found][0]), float(feet[found][1]))


def nearest(places: FloatArray, x: float, y: float, reach: float) -> int | None:
    """Return which of (N, 2) places is nearest to (x, y), None where none is within `reach`."""
    if len(places) == 0:
        return None
    away = ((places - (x, y)) ** 2).sum(axis=1)
    best = int(np.argmin(away))
    return best if away[best] <= reach**2 else None


def _apart(along: FloatArray, count: int, pinned: frozenset[int]) -> NDArray[np.intp]:
    """Walk along the outline and keep a vertex wherever the last kept one is far enough behind."""
    kept, last = [0], float(along[count]) - APART
    while True:
        following = int(np.searchsorted(along, along[kept[-1]] + APART))
        if following >= count or along[following] > last:
            break
        kept.append(following)
    return np.array(sorted({*kept, *(index for index in pinned if index < count)}), dtype=np.intp)
