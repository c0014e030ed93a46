"""Everything that isn't bone: trunk, fat, lungs above two diaphragm domes, bowel gas, aorta, arms, implants."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from engine.domain.labels import Level
from engine.simulate.anatomy import Spine
from engine.simulate.body import body_to_patient
from engine.simulate.canvas import Canvas, Float, View, smooth_noise


def draw_soft_parts(canvas: Canvas, spine: Spine, rng: Generator) -> None:
    """Fill the soft, fat, lung and gas maps."""
    whole = canvas.view.window((-1e4, -1e4), (1e4, 1e4))
    if whole is None:
        return
    _span, x, y = whole
    middle = spine_line(spine, y)
    _trunk(canvas, x - middle, y, rng)
    _lungs(canvas, spine, x - middle, y, rng)
    _bowel(canvas, spine, x - middle, y, rng)
    if spine.person.age > 60 and rng.random() < 0.35:
        _aorta(canvas, spine, rng)
    if rng.random() < 0.12:
        _arm(canvas, spine, x, y, rng)


def spine_line(spine: Spine, y: Float) -> Float:
    """Return the x in mm of the spine's centre line at height `y` (mm), smooth beyond its ends."""
    centres = np.array([body.centre for body in spine.bodies])
    heights = np.arange(centres[:, 1].min() - 200, centres[:, 1].max() + 300, 2.0)
    inner = np.interp(heights, centres[:, 1], centres[:, 0])
    smooth = gaussian_filter1d(inner, 18, mode="nearest")
    rows = np.interp(y[:, :1], heights, smooth).astype(np.float32)
    return np.broadcast_to(rows, y.shape)


def near_spine(view: View, spine: Spine) -> NDArray[np.bool_]:
    """Return (H, W) True within 60 mm of the spine's line: where exposure meters and windowing look."""
    whole = view.window((-1e4, -1e4), (1e4, 1e4))
    if whole is None:
        return np.ones(view.size, bool)
    _span, x, y = whole
    return np.asarray(np.abs(x - spine_line(spine, y)) < 60)


def _trunk(canvas: Canvas, across: Float, y: Float, rng: Generator) -> None:
    """Add the trunk's soft tissue: an ellipse-like section with hips, waist, back muscles and skin fat."""
    build = float(np.clip(rng.normal(1, 0.14), 0.72, 1.45))
    thickest = 265 * build
    front = -rng.normal(175, 18) * build
    skin = rng.normal(88, 8) * (0.75 + 0.25 * build)
    waist = 1 - 0.10 * np.exp(-(((y + 130) / 70) ** 2))
    hips = 1 + rng.uniform(0.2, 0.65) / (1 + np.exp(-(y + 20) / 28))
    curve = 10 * np.sin((y + 60) / 90)
    back = skin + curve - 6 * np.exp(-(((y + 80) / 60) ** 2)) + 30 / (1 + np.exp(-(y - 60) / 25))
    share = np.clip((across - front) / (back - front), 0, 1)
    section = (4 * share * (1 - share)) ** 0.3
    behind = np.clip((across - 30) / (back - 30), 0, 1)
    groove = 1 - 0.35 * behind**1.2
    organs = smooth_noise(y.shape, 45 / canvas.view.pitch, rng, 3)
    canvas.maps["soft"] += thickest * waist * hips * section * groove + np.where(section > 0, 5 * organs, 0)
    layer = rng.uniform(8, 22) * build
    fat = 22 * np.exp(-(((back - across - layer / 2) / layer) ** 2)) * (share < 1)
    streaks = smooth_noise(y.shape, 14 / canvas.view.pitch, rng, 2)
    canvas.maps["fat"] += np.clip(fat * (1 + 0.15 * streaks), 0, None) + 9 * np.clip(organs, 0, 2)
    np.clip(canvas.maps["soft"], 0, None, out=canvas.maps["soft"])
    _muscle_edges(canvas, across, y, rng)


def _muscle_edges(canvas: Canvas, across: Float, y: Float, rng: Generator) -> None:
    """Add psoas, kidneys and liver as large soft ellipses with visible edges."""
    for _ in range(int(rng.integers(2, 6))):
        cx, cy = rng.uniform(-110, 25), rng.uniform(-300, 20)
        rx, ry, tilt = rng.uniform(18, 60), rng.uniform(35, 80), rng.uniform(-0.6, 0.6)
        px = (across - cx) * math.cos(tilt) + (y - cy) * math.sin(tilt)
        py = -(across - cx) * math.sin(tilt) + (y - cy) * math.cos(tilt)
        mound = np.sqrt(np.clip(1 - (px / rx) ** 2 - (py / ry) ** 2, 0, 1))
        canvas.maps["fat"] += (rng.uniform(-7, 9) * mound).astype(np.float32)
    np.clip(canvas.maps["fat"], 0, None, out=canvas.maps["fat"])


def _lungs(canvas: Canvas, spine: Spine, across: Float, y: Float, rng: Generator) -> None:
    """Add air above two domes that sink behind the spine; the domes' height varies from T10 to L1."""
    top = spine.labelled[0].centre[1]
    dome = top + rng.uniform(-8, 88)
    for side in (-1, 1):
        z = side * rng.normal(65, 5)
        apex_x, apex_y = rng.normal(-45, 12), dome + rng.normal(0, 9) + z * 0.03
        drop = np.where(across > apex_x, (across - apex_x) / 62, (apex_x - across) / 75)
        edge = apex_y + 26 * np.abs(drop) ** 2.1
        edge = np.minimum(edge, apex_y + rng.uniform(50, 85))
        above = edge - y
        full = rng.uniform(45, 68)
        path = full * np.sqrt(np.clip(above / 75, 0, 1)) * (above > 0)
        path = path * np.clip((78 - across) / 26, 0, 1)
        path = path * (1 - 0.75 * np.exp(-(((across - 2) / 24) ** 2)))
        canvas.maps["lung"] += cv2.GaussianBlur(path.astype(np.float32), (0, 0), 0.8 / canvas.view.pitch)
    vessels = 1 + 0.014 * smooth_noise(y.shape, 7 / canvas.view.pitch, rng, 2)
    canvas.maps["lung"] *= np.clip(vessels, 0.6, 1.4)


def _bowel(canvas: Canvas, spine: Spine, across: Float, y: Float, rng: Generator) -> None:
    """Add gas pockets and stool in front of L1 to L5, now and then over the bodies, and a stomach bubble."""
    lumbar = [body.centre[1] for body in spine.bodies if body.level.rank >= Level.L1.rank]
    pockets = int(rng.poisson(7 * rng.random() ** 1.5 + 1))
    warp = 7 * smooth_noise(y.shape, 16 / canvas.view.pitch, rng, 2)
    gas = np.zeros_like(y)
    for _ in range(pockets):
        cx = -rng.gamma(3.2, 22) + 12
        cy = rng.uniform(min(lumbar) - 20, max(lumbar) + 110)
        rx, ry = rng.uniform(7, 24), rng.uniform(6, 17)
        inside = 1 - np.hypot((across + warp - cx) / rx, (y + warp * 0.6 - cy) / ry)
        gas = np.maximum(gas, rng.uniform(18, 55) * np.sqrt(np.clip(inside, 0, 1)))
    if rng.random() < 0.4:
        cx, cy = rng.uniform(-95, -55), min(lumbar) + rng.uniform(-70, 0)
        gas = np.maximum(gas, 45 * np.sqrt(np.clip(1 - np.hypot((across - cx) / 38, (y + warp - cy) / 26), 0, 1)))
    if rng.random() < 0.5:
        stool = np.clip(smooth_noise(y.shape, 8 / canvas.view.pitch, rng, 3) - 0.4, 0, 2)
        cx, cy = rng.uniform(-110, -35), rng.uniform(min(lumbar), max(lumbar) + 70)
        reach = np.exp(-(((across - cx) / rng.uniform(20, 45)) ** 2) - ((y - cy) / rng.uniform(25, 80)) ** 2)
        gas = gas + rng.uniform(10, 24) * stool * reach
    canvas.maps["gas"] += gas.astype(np.float32)


def _aorta(canvas: Canvas, spine: Spine, rng: Generator) -> None:
    """Add linear calcifications in front of L1 to L4."""
    for body in spine.bodies:
        if body.level.rank < Level.L1.rank or rng.random() < 0.35:
            continue
        gap = rng.uniform(6, 12)
        for wall in (gap, gap + rng.uniform(14, 20)):
            x = -max(body.depth) / 2 - wall
            y = rng.uniform(-12, 6)
            for _ in range(int(rng.integers(1, 4))):
                local = np.array([[x, y], [x + rng.normal(0, 1.2), y + rng.uniform(2, 7)]])
                ends = body_to_patient(body, local)
                first, second = (float(ends[0, 0]), float(ends[0, 1])), (float(ends[1, 0]), float(ends[1, 1]))
                radius = rng.uniform(0.4, 1.1)
                canvas.capsule((first, second), (radius, radius), rng.uniform(1.5, 6), 0.0, 2.0, 0.3)
                x, y = float(local[1, 0]), float(local[1, 1]) + rng.uniform(0, 3)


def _arm(canvas: Canvas, spine: Spine, x: Float, y: Float, rng: Generator) -> None:
    """Add a raised arm or a breast shadow across the upper front of the film."""
    top = spine.labelled[0].centre
    slope = rng.uniform(-0.5, 0.5)
    gap = np.abs((y - top[1] + rng.uniform(-20, 50)) - slope * (x - top[0])) / math.hypot(1, slope)
    radius = rng.uniform(30, 45)
    soft = 2 * np.sqrt(np.clip(radius**2 - gap**2, 0, None)) * np.clip((top[0] - 25 - x) / 60, 0, 1)
    canvas.maps["soft"] += soft.astype(np.float32)


def draw_implants(canvas: Canvas, spine: Spine, rng: Generator) -> tuple[Level, ...]:
    """Add pedicle screws and rods to two or three neighbouring levels; return the levels."""
    first = int(rng.integers(2, len(spine.labelled) - 2))
    held = spine.labelled[first : first + int(rng.integers(2, 4))]
    heads = []
    for body in held:
        half = body.depth[0] / 2
        y = body.corners[1] + 9
        ends = body_to_patient(body, np.array([[-half * 0.55, y - 1], [half + 16, y + 1]]))
        tip, head = ((float(point[0]), float(point[1])) for point in ends)
        for z in (-13.0, 13.0):
            canvas.capsule((tip, head), (2.4, 3.2), 6, z, metal=True)
            canvas.capsule((head, (head[0] + 4, head[1])), (5.0, 5.0), 9, z, metal=True)
        heads.append(head)
    for upper, lower in itertools.pairwise(heads):
        for z in (-13.0, 13.0):
            canvas.capsule((upper, lower), (2.8, 2.8), 6, z, metal=True)
    return tuple(body.level for body in held)
