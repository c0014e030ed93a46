"""Vertebral bodies with known truth: parabolic endplates, rounded rims, wedge, biconcave and crush fractures."""

from dataclasses import dataclass

import numpy as np
import pytest
import shapely


@pytest.fixture(scope="session")
def synthetic_body():
    return make_body


@dataclass(frozen=True)
class SyntheticBody:
    """`outline` (N, 2) mm; truth SA, SM, SP, IA, IM, IP (6, 2) mm; expected (Ha, Hm, Hp) mm before it broke.

    The patient faces left; `axis` is the spine's direction as neighbours would show it, 8 degrees wrong at most.
    """

    outline: np.ndarray
    truth: np.ndarray
    expected: np.ndarray
    axis: np.ndarray

    @property
    def heights(self):
        return np.linalg.norm(self.truth[:3] - self.truth[3:], axis=1)


def make_body(rng, vertices=40, noise=0.3, osteophyte=False):
    depth = rng.uniform(29, 36)
    expected, heights, bowls = _fractured_heights(rng)
    lift = (heights[2] - heights[0]) * rng.uniform(0.3, 1.0)
    place = np.linspace(0, 1, 201)
    arch = 4 * place * (1 - place)
    top = lift * (1 - place) + bowls[0] * arch
    low = (lift + heights[0]) * (1 - place) + heights[2] * place - bowls[1] * arch
    waists = rng.uniform(0, 1.5, 2)
    x, walls = place * depth, place[1:-1:2]
    wall_arch = 4 * walls * (1 - walls)
    back = np.stack([depth - waists[0] * wall_arch, walls * heights[2]], axis=1)
    front = np.stack([waists[1] * wall_arch, lift + walls * heights[0]], axis=1)
    ring = np.vstack([np.stack([x, top], 1), back, np.stack([x, low], 1)[::-1], front[::-1]])
    truth = np.array([[x[i], curve[i]] for curve in (top, low) for i in (0, 100, 200)])

    rim = min(rng.uniform(1.0, 2.5), 0.25 * heights.min())
    solid = shapely.Polygon(ring).buffer(-rim, quad_segs=16).buffer(rim, quad_segs=16)
    if osteophyte:
        solid = solid.union(shapely.Point(0.1 * rim, lift + 0.45 * rim).buffer(rng.uniform(1.0, 2.0)))
    edge = max(shapely.get_parts(solid), key=shapely.area).exterior
    at = (np.arange(vertices) + rng.uniform()) / vertices * edge.length
    outline = shapely.get_coordinates(shapely.line_interpolate_point(edge, at)) + rng.normal(0, noise, (vertices, 2))

    tilt, error = np.radians(rng.uniform(-15, 15)), np.radians(rng.uniform(-8, 8))
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    axis = np.array([-np.sin(tilt + error), np.cos(tilt + error)])
    return SyntheticBody(outline @ turn, truth @ turn, expected, axis)


def _fractured_heights(rng):
    """Losses are spread evenly from 0 to 55 %, over the three types."""
    posterior, bowls = rng.uniform(24, 31), rng.uniform(0.3, 1.5, 2)
    anterior = posterior * rng.uniform(0.92, 1.0)
    expected = np.array([anterior, (anterior + posterior) / 2 - bowls.sum(), posterior])
    heights, kind, loss, share = expected.copy(), rng.choice(3), rng.uniform(0.0, 0.55), rng.uniform(0.3, 1.0)
    if kind == 0:
        heights[0] *= 1 - loss
        heights[1] = (heights[0] + heights[2]) / 2 - bowls.sum()
    elif kind == 1:
        heights[1] *= 1 - loss
        bowls = bowls + loss * expected[1] * np.array([share, 1 - share])
    else:
        heights, bowls = heights * (1 - loss), bowls * (1 - loss)
    return expected, heights, bowls
