"""One simulated film from one seed: person, spine, fractures, view, exposure, and the truth about all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.domain.labels import Level
from engine.simulate.anatomy import (
    SIMULATED_LEVELS,
    Body,
    Fracture,
    Person,
    Spine,
    assemble,
    context_bodies,
    sample_body,
    sample_person,
)
from engine.simulate.body import outline, six_points
from engine.simulate.canvas import Canvas, View
from engine.simulate.decoration import Decoration, decorate, sample_decoration
from engine.simulate.exposure import expose, process, sample_technique
from engine.simulate.fractures import LOOK_ALIKES, add_look_alike, break_body, height_loss, sample_fracture
from engine.simulate.skeleton import draw_spine
from engine.simulate.softparts import draw_implants, draw_soft_parts, near_spine

MAGNIFICATION = (1.19, 1.43)
"""SID 100 to 115 cm, spine 18 to 30 cm from the detector."""

SOFT_GRAIN = 3
"""Soft parts have no edge sharper than a millimetre: they are drawn on a grid this much coarser."""


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """What is asked of one film: the fractures (level, grade), and its seed; everything else is drawn from it.

    `dicom` films are 12-bit DX files, every other one MONOCHROME1; the rest are PNG. `pitch` is the range of detector
    pixels in mm, that of digitised and exported films.
    """

    seed: int
    fractures: tuple[tuple[Level, int], ...] = ()
    exclusion: str = ""
    dicom: bool = False
    pitch: tuple[float, float] = (0.30, 0.50)


@dataclass(frozen=True, slots=True)
class VertebraTruth:
    """One vertebra: outline and six points (SA SM SP IA IM IP) in film pixels, heights in patient mm.

    `visible` is the share of the outline's area that lies on the exposed field.
    """

    level: Level
    outline: NDArray[np.float64]
    six_points: NDArray[np.float64]
    heights: tuple[float, float, float]
    expected: tuple[float, float, float]
    loss: float
    fracture: Fracture | None
    look_alike: str
    exclusion: str
    visible: float


@dataclass(frozen=True, slots=True)
class SimulatedFilm:
    """Pixels (H, W) uint16 in `bits` bits, MONOCHROME2 order unless `inverted`, and the truth."""

    pixels: NDArray[np.uint16]
    bits: int
    inverted: bool
    plan: FilmPlan
    person: Person
    facing: str
    magnification: float
    detector_pitch: float
    vertebrae: tuple[VertebraTruth, ...]


def simulate_film(plan: FilmPlan) -> SimulatedFilm:
    """Make the film of `plan`; the same plan gives the same film, pixel by pixel."""
    rng = np.random.default_rng(np.random.SeedSequence(plan.seed))
    body_rng, view_rng, soft_rng, look_rng = rng.spawn(4)
    person = sample_person(body_rng)
    spine = _sample_spine(person, plan, body_rng)
    magnification = float(view_rng.uniform(*MAGNIFICATION))
    detector_pitch = float(view_rng.uniform(*plan.pitch))
    view = _frame(spine, plan, detector_pitch / magnification, view_rng)
    canvas = Canvas(view)
    coarse = Canvas(view.coarser(SOFT_GRAIN))
    draw_soft_parts(coarse, spine, soft_rng)
    canvas.add_enlarged(coarse, SOFT_GRAIN)
    draw_spine(canvas, spine, soft_rng)
    held = draw_implants(canvas, spine, soft_rng) if plan.exclusion == "screws" else ()
    technique = sample_technique(look_rng)
    decoration = sample_decoration(view.size, look_rng)
    flip = bool(look_rng.random() < 0.5)
    turn = -1 if flip else 1
    log_image = expose(canvas, technique, look_rng)[:, ::turn]
    metered = decoration.field & (near_spine(view, spine)[:, ::turn] | bool(look_rng.random() < 0.2))
    grey = process(log_image, technique, view.pitch, metered)
    grey = decorate(grey, decoration, look_rng)
    bits = 12 if plan.dicom else int(look_rng.choice((8, 16)))
    pixels = np.round(grey * (2**bits - 1)).astype(np.uint16)
    vertebrae = tuple(_truth(body, view, flip, decoration, held) for body in spine.labelled)
    inverted = plan.dicom and bool(look_rng.random() < 0.5)
    return SimulatedFilm(
        pixels, bits, inverted, plan, person,
        "RIGHT" if flip else "LEFT", magnification, detector_pitch, vertebrae,
    )  # fmt: skip


def _sample_spine(person: Person, plan: FilmPlan, rng: Generator) -> Spine:
    bodies = []
    scheuermann = rng.random() < 0.05
    first = int(rng.integers(0, 5))
    for index, level in enumerate(SIMULATED_LEVELS):
        body = sample_body(level, person, rng)
        body.expected = six_points(body).heights
        grade = dict(plan.fractures).get(level)
        look_alike = str(rng.choice(LOOK_ALIKES)) if rng.random() < 0.10 else ""
        if scheuermann and first <= index < first + 3:
            look_alike = "scheuermann"
        if grade is not None:
            body = break_body(body, sample_fracture(level, grade, rng), rng)
        elif look_alike:
            body = add_look_alike(body, look_alike, rng)
        bodies.append(body)
    if plan.exclusion == "cement":
        index = int(rng.integers(2, len(bodies) - 1))
        bodies[index].cement = float(rng.uniform(0.6, 1.2))
    return assemble(person, [*context_bodies(person, rng), *bodies], rng)


def _frame(spine: Spine, plan: FilmPlan, pitch: float, rng: Generator) -> View:
    """Choose what the film shows; every fractured body lies on it, at any height of the film."""
    scale = spine.person.scale
    height = float(rng.uniform(205, 330)) * scale
    width = float(rng.uniform(0.38, 0.95)) * height
    labelled = spine.labelled
    focus = [body for body in labelled if body.level in dict(plan.fractures)]
    anchor = focus or [labelled[int(rng.integers(2, 8))]]
    ys = [body.centre[1] for body in anchor]
    margin = 28 * scale
    height = max(height, max(ys) - min(ys) + 2 * margin)
    lowest, highest = max(ys) + margin - height, min(ys) - margin
    top = float(rng.uniform(lowest, highest))
    near = sorted(spine.bodies, key=lambda body: abs(body.centre[1] - top - height / 2))[:5]
    middle = float(np.mean([body.centre[0] for body in near]))
    xs = [body.centre[0] for body in anchor]
    half = 26 * scale
    left = middle - width * float(rng.uniform(0.28, 0.72))
    left = min(left, min(xs) - half)
    width = max(width, max(xs) + half - left)
    size = (round(height / pitch), round(width / pitch))
    ray = (left + width * float(rng.uniform(0.35, 0.65)), top + height * float(rng.uniform(0.35, 0.65)))
    return View(size, pitch, (left, top), ray, float(rng.uniform(780, 900)))


def _truth(body: Body, view: View, flip: bool, decoration: Decoration, held: tuple[Level, ...]) -> VertebraTruth:
    border = view.to_pixels(outline(body))
    points = six_points(body)
    six = view.to_pixels(points.points)
    if flip:
        border, six = border * (-1, 1) + (view.size[1], 0), six * (-1, 1) + (view.size[1], 0)
    exclusion = "cement" if body.cement else ("screws" if body.level in held else "")
    return VertebraTruth(
        body.level, border, six, points.heights, body.expected, height_loss(body), body.fracture, body.look_alike,
        exclusion, decoration.share_exposed(border),
    )  # fmt: skip
