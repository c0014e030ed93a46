"""Projects the spine: bodies slice by slice, posterior elements, ribs and pelvis."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from engine.domain.labels import Level
from engine.domain.norms import LIVING_SCALE, STANDARD_NORMS
from engine.simulate.anatomy import SURROUNDINGS, Body, Spine
from engine.simulate.body import body_to_patient, surface_depth
from engine.simulate.canvas import Canvas, Float, smooth_noise

SLICES = 9
MARROW = (0.55, 1.0)
"""Share of spongy bone in what lies between the endplates; the rest is marrow, which attenuates as soft tissue."""
RIM = (0.35, 0.9)
"""How dense shells and endplates are against compact bone: they are half a millimetre thin and full of pores."""


def draw_spine(canvas: Canvas, spine: Spine, rng: Generator) -> None:
    """Add every body and its posterior elements."""
    rim = float(rng.uniform(*RIM))
    mineral = spine.person.mineral * float(rng.uniform(*MARROW))
    for body in spine.bodies:
        draw_body(canvas, body, mineral, rng, rim=rim)
        draw_posterior(canvas, body, spine, rng)
    for body in spine.bodies:
        if body.level.rank <= Level.T12.rank:
            _draw_ribs(canvas, spine, body, rng)
    draw_sacrum(canvas, spine, rng, rim)
    _draw_iliac(canvas, spine, rng)


def draw_body(canvas: Canvas, body: Body, mineral: float, rng: Generator, tail: float = 1.0, rim: float = 0.6) -> None:
    """Add one body: `SLICES` sagittal slices, each magnified, tilted and turned by its own depth z."""
    view = canvas.view
    reach = 0.62 * math.hypot(max(body.depth), body.corners[3] - body.corners[1]) + 6
    cx, cy = body.centre
    found = canvas.view.window((cx - reach, cy - reach), (cx + reach, cy + reach))
    if found is None:
        return
    span, x, y = found
    cos, sin = math.cos(body.angle), math.sin(body.angle)
    step = body.width / SLICES
    cortex = np.zeros_like(x)
    inside = np.zeros_like(x)
    plates = np.zeros_like(x)
    soft = max(0.45, 0.9 * view.pitch)
    shell = 0.45 + 0.25 * mineral
    for index in range(SLICES):
        z = (index + 0.5) * step - body.width / 2
        grown = 1 + z / view.distance
        px = (x - view.ray[0]) / grown + view.ray[0] - cx - z * math.tan(body.obliquity[1])
        py = (y - view.ray[1]) / grown + view.ray[1] - cy - z * math.tan(body.obliquity[0])
        depth, plate = surface_depth(body, px * cos + py * sin, -px * sin + py * cos, abs(2 * z / body.width))
        outer = np.clip(depth / soft + 0.5, 0, 1)
        core = np.clip((depth - shell) / soft + 0.5, 0, 1)
        cortex += step * (outer - core)
        inside += step * core
        if body.sclerosis or body.cleft or body.cement:
            plates += np.exp(-(((plate - 2.2) / 1.8) ** 2)) * core * step
    grain = 1 + (0.10 + 0.08 * (1 - mineral)) * smooth_noise(x.shape, 2.2 / view.pitch, rng, 2)
    canvas.maps["spongiosa"][span] += mineral * tail * inside * grain
    canvas.maps["cortex"][span] += rim * tail * cortex * (0.75 + 0.25 * mineral) + 0.12 * body.sclerosis * plates
    if body.cleft:
        canvas.maps["gas"][span] += _blob(canvas, body, x, y, (0.0, -0.15), (0.28, 0.1)) * 9 * body.cleft
    if body.cement:
        lumps = np.clip(_blob(canvas, body, x, y, (0.05, 0), (0.3, 0.3)) + 0.25 * smooth_noise(x.shape, 9, rng), 0, 1)
        canvas.maps["cortex"][span] += lumps * 34 * body.cement * (inside > 0)


def _blob(
    canvas: Canvas, body: Body, x: Float, y: Float, place: tuple[float, float], size: tuple[float, float]
) -> Float:
    cos, sin = math.cos(body.angle), math.sin(body.angle)
    u = ((x - body.centre[0]) * cos + (y - body.centre[1]) * sin) / body.depth[0] - place[0]
    v = (-(x - body.centre[0]) * sin + (y - body.centre[1]) * cos) / (body.corners[3] - body.corners[1]) - place[1]
    return np.clip(1.4 - (u / size[0]) ** 2 - (v / size[1]) ** 2, 0, 1).astype(np.float32)


def draw_posterior(canvas: Canvas, body: Body, spine: Spine, rng: Generator) -> None:
    """Add pedicles, facets, laminae, transverse and spinous processes of one vertebra."""
    norm, scale = SURROUNDINGS[body.level], spine.person.scale
    lumbar = body.level.rank >= Level.L1.rank
    half = body.depth[0] / 2
    height = body.expected[2]
    top = body.corners[1]
    pedicle = norm.pedicle * scale / LIVING_SCALE
    mid = top + 0.12 * height + pedicle / 2
    bone = 0.55 + 0.45 * spine.person.mineral

    def at(x: float, y: float) -> tuple[float, float]:
        point = body_to_patient(body, np.array([[x, y]], dtype=np.float64))[0]
        return (float(point[0]), float(point[1]))

    for side in (-1, 1):
        z = side * rng.normal(13 if lumbar else 10, 1)
        dx, dy = rng.normal(0, 0.6, 2) + z * np.tan([body.obliquity[1], body.obliquity[0]])
        canvas.capsule((at(half - 2 + dx, mid + dy), at(half + 9 + dx, mid - 0.5 + dy)),
                       (pedicle * 0.5, pedicle * 0.42), 7.5 * bone, z, 1.4, 0.35)  # fmt: skip
        joint = half + (12.5 if lumbar else 11)
        canvas.capsule((at(joint + dx, mid - 2 + dy), at(joint - 1 + dx, top - 0.42 * height + dy)),
                       (6.0, 3.4), 9 * bone, z * 1.2, 1.3, 0.3)  # fmt: skip
        canvas.capsule((at(joint + 1 + dx, mid + 2 + dy), at(joint + 5.5 + dx, top + 1.28 * height + dy)),
                       (6.0, 3.8), 9 * bone, z * 1.15, 1.3, 0.3)  # fmt: skip
        end_on = 9 if lumbar else 6
        canvas.capsule((at(half + 7.5 + dx, mid + dy), at(half + 9.5 + dx, mid - 1 + dy)),
                       (4.6, 4.2), end_on * bone * 0.8, z * 2, 1.6, 0.2)  # fmt: skip
    thick = (6.5 if lumbar else 5.0) * bone
    tall = norm.spinous * height / 2
    drop = {True: 0.45, False: 0.95}[lumbar] * height
    length = (31 if lumbar else 27) * scale / LIVING_SCALE * rng.normal(1, 0.06)
    canvas.capsule((at(half + 19, mid + 5), at(half + 19 + length, mid + drop)),
                   (tall * 0.85, tall), thick, 0.0, 1.0, 0.75)  # fmt: skip
    canvas.capsule((at(half + 14, mid + 2), at(half + 22, mid + 8)), (5.5, 5.5), 9 * bone, 0.0, 1.2, 0.4)


def _draw_ribs(canvas: Canvas, spine: Spine, body: Body, rng: Generator) -> None:
    lengths = {Level.T11: float(rng.uniform(0.72, 1.0)), Level.T12: float(rng.uniform(0.3, 0.62))}
    reach = lengths.get(body.level, 1.0)
    back = rng.normal(43, 4)
    sink = rng.normal(46, 9)
    start = np.asarray(body_to_patient(body, np.array([[body.depth[0] / 2 - 1, body.corners[1] + 2]]))[0])
    for side in (-1, 1):
        jitter = rng.normal(0, 3, 2)
        nodes = start + np.array([[0, 0], [14, -3], [back, 12], [back * 0.72, sink * 0.72], [back * 0.1, sink * 1.2],
                                  [-45, sink * 1.75], [-95, sink * 2.3]]) * (1, 1.05)  # fmt: skip
        nodes[2:] += jitter
        path = _spline(nodes, 60)[: max(4, int(60 * reach))]
        depth = np.interp(np.linspace(0, 1, 60), [0, 0.3, 0.6, 1], [12, 60, 120, 130])[: len(path)] * side
        _tube(canvas, path, depth, rng.normal(4.4, 0.5), rng.uniform(2, 5.5) * (0.5 + 0.5 * spine.person.mineral))


def _spline(nodes: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    walked = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(nodes, axis=0), axis=1))])
    curve = CubicSpline(walked, nodes, axis=0)
    return np.asarray(curve(np.linspace(0, walked[-1], count)), dtype=np.float64)


def _tube(canvas: Canvas, path: NDArray[np.float64], depth: NDArray[np.float64], radius: float, thick: float) -> None:
    """Add a rib: distance to its projected centre line, from a coarse distance transform."""
    view = canvas.view
    pixels = np.stack([view.to_pixels(point[None], float(z))[0] for point, z in zip(path, depth, strict=True)])
    factor = max(1, round(0.8 / view.pitch))
    small = (view.size[0] // factor + 1, view.size[1] // factor + 1)
    line = np.full(small, 255, np.uint8)
    cv2.polylines(line, [np.round(pixels / factor).astype(np.int32)], False, 0, 1)
    if line.min() == 255:
        return
    coarse = cv2.GaussianBlur(cv2.distanceTransform(line, cv2.DIST_L2, 5) * (factor * view.pitch), (0, 0), 1.0)
    gap = cv2.resize(coarse, (small[1] * factor, small[0] * factor), interpolation=cv2.INTER_LINEAR)
    gap = gap[: view.size[0], : view.size[1]]
    near = gap < radius + 2
    rows, cols = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    if len(rows) == 0:
        return
    span = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1))
    canvas.solid(span, (radius - gap[span]).astype(np.float32), radius, thick, 1.3, 0.35)


def draw_sacrum(canvas: Canvas, spine: Spine, rng: Generator, rim: float = 0.6) -> None:
    """Add the sacral bodies with remnant discs, and the median crest behind them."""
    x, y, angle = spine.sacrum
    size = STANDARD_NORMS.levels[Level.L5].depth * spine.person.scale
    mineral = spine.person.mineral * 0.8
    for index in range(5):
        depth, height = size * (1.0 - 0.155 * index), size * (0.80 - 0.08 * index)
        lower = size * (1.0 - 0.155 * (index + 1))
        down = (-math.sin(angle), math.cos(angle))
        half = height / 2
        body = Body(Level.S1, depth * 1.6, (depth, lower), (-half, -half * 0.93, half, half * 0.93),
                    (1.0, 0.6), (0.55, 0.55), (1.2, 1.0), 2.0, (0.0, 0.0, 0.0, 0.0), (0.3, 1.0, 2.0, 3.0),
                    (x + down[0] * height / 2, y + down[1] * height / 2), angle)  # fmt: skip
        draw_body(canvas, body, mineral, rng, 0.9 - 0.08 * index, rim)
        back = (x - down[1] * -(depth * 0.5 + 14), y - down[0] * (depth * 0.5 + 14))
        canvas.capsule((back, (back[0] + down[0] * height, back[1] + down[1] * height)),
                       (6.5 - index, 5.5 - index), 12, 0.0, 1.2, 0.4)  # fmt: skip
        gap = 2.6 if index == 0 else 1.2
        x, y = x + down[0] * (height + gap), y + down[1] * (height + gap)
        angle += math.radians(rng.normal(11 if index else 5, 2))


def _draw_iliac(canvas: Canvas, spine: Spine, rng: Generator) -> None:
    """Add both iliac wings (plates with thick crests) and the femoral heads, left and right apart by parallax."""
    sx, sy, _angle = spine.sacrum
    scale = spine.person.scale / LIVING_SCALE
    rise = rng.normal(26, 9)
    found = canvas.view.window((-1e4, sy - 90), (1e4, 1e4))
    if found is None:
        return
    span, x, y = found
    for side in (-1, 1):
        z = side * rng.normal(105, 6)
        grown = 1 + z / canvas.view.distance
        ox, oy = rng.normal(0, 3), rng.normal(0, 3)
        px = (x - canvas.view.ray[0]) / grown + canvas.view.ray[0] - sx - ox
        py = (y - canvas.view.ray[1]) / grown + canvas.view.ray[1] - sy - oy
        wide, tall = 84 * scale, 78 * scale
        lean = 0.25 * (py - tall) / tall
        ring = np.hypot((px + 16 * scale) / wide + lean, (py + rise - tall) / tall)
        depth = ((1 - ring) * tall).astype(np.float32)
        canvas.solid(span, depth, 30.0, rng.uniform(6, 13), 2.0, 0.85)
        rim = np.exp(-(((depth - 4.5) / 4.0) ** 2)) * (depth > 0) * np.clip(1.2 - (py + rise) / (1.2 * tall), 0, 1)
        canvas.maps["cortex"][span] += (1.4 * rim).astype(np.float32)
        cup = np.hypot(px + 34 * scale, py - 128 * scale)
        canvas.solid(span, (23 * scale - cup).astype(np.float32), 23 * scale, 22, 1.8, 0.0)
        canvas.solid(span, (6 - np.abs(cup - 29 * scale)).astype(np.float32), 6.0, 9, 1.5, 0.3)
