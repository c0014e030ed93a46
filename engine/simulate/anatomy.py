"""A person's spine: bodies, discs and alignment, sampled around level norms.

Sources: the bodies' heights, depths and wedges are the level norms (`engine.domain.norms`), scaled to living adults;
endplate concavity PMC3481085, disc heights and lordosis PMC6680033.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from engine.domain.labels import Level
from engine.domain.norms import LIVING_SCALE, STANDARD_NORMS, Sex


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Means of what lies around a level's body; sizes and wedges of the body itself are the domain's level norms.

    `spinous` is the spinous process's thickness as a share of the body's height; `disc` (mm) and `disc_wedge` (degrees,
    kyphotic positive) are those of the disc below; `pedicle` is the pedicle's height in mm.
    """

    spinous: float
    disc: float
    disc_wedge: float
    pedicle: float


SURROUNDINGS: Mapping[Level, Surroundings] = MappingProxyType(
    {
        Level.T9: Surroundings(0.48, 4.6, 0.5, 11.5),
        Level.T10: Surroundings(0.53, 4.9, 0.5, 12.5),
        Level.T11: Surroundings(0.54, 5.4, 0.3, 14.5),
        Level.T12: Surroundings(0.70, 6.0, -1.0, 15.0),
        Level.L1: Surroundings(0.83, 7.2, -3.0, 14.5),
        Level.L2: Surroundings(0.87, 8.6, -5.5, 14.0),
        Level.L3: Surroundings(0.85, 9.6, -7.5, 13.5),
        Level.L4: Surroundings(0.73, 10.6, -10.0, 13.0),
        Level.L5: Surroundings(0.62, 10.4, -14.0, 12.9),
    }
)

CONTEXT_BODIES = 4
"""Bodies above T9 that are drawn for continuity but carry no truth."""

SIMULATED_LEVELS = tuple(SURROUNDINGS)


@dataclass(slots=True)
class Body:
    """One vertebral body in its own frame: origin at its centre, x to posterior, y to caudal, mm.

    `corners` are the y of SA, SP, IA, IP; `bowls` the depths of the endplate concavities (superior, inferior), `apex`
    their place along the depth (0 anterior, 1 posterior).
    """

    level: Level
    width: float
    depth: tuple[float, float]
    corners: tuple[float, float, float, float]
    bowls: tuple[float, float]
    apex: tuple[float, float]
    waists: tuple[float, float]
    rounding: float
    lips: tuple[float, float, float, float]
    roughness: tuple[float, float, float, float]
    centre: tuple[float, float] = (0.0, 0.0)
    angle: float = 0.0
    obliquity: tuple[float, float] = (0.0, 0.0)
    expected: tuple[float, float, float] = (0.0, 0.0, 0.0)
    collapse: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 1.0), (0.0, 1.0))
    dents: tuple[tuple[float, float, float, bool], ...] = ()
    bulge: float = 0.0
    buckle: float = 0.0
    sclerosis: float = 0.0
    cleft: float = 0.0
    cement: float = 0.0
    fracture: Fracture | None = None
    look_alike: str = ""
    context: bool = False


@dataclass(frozen=True, slots=True)
class Fracture:
    """What was broken: type (wedge, biconcave, crush), Genant grade 1 to 3, the share of height lost, acute or old."""

    kind: str
    grade: int
    loss: float
    acute: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Sex, age in years, and what follows from them: size and mineral (1 normal, 0.4 severe osteoporosis)."""

    sex: str
    age: float
    scale: float
    mineral: float
    degeneration: float


@dataclass(slots=True)
class Spine:
    """Bodies from above T9 down to L5, the sacral endplate (centre x, y, angle in radians), and the person."""

    person: Person
    bodies: list[Body]
    discs: dict[Level, float] = field(default_factory=dict)
    sacrum: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def labelled(self) -> list[Body]:
        """Return the bodies that carry truth, T9 to L5."""
        return [body for body in self.bodies if not body.context]


def sample_person(rng: Generator) -> Person:
    """Draw an adult, mostly past fifty, as films for fractures are."""
    sex = "F" if rng.random() < 0.65 else "M"
    age = float(np.clip(rng.normal(67, 13), 30, 95))
    scale = LIVING_SCALE * (0.95 if sex == "F" else 1.05) * float(np.clip(rng.normal(1, 0.065), 0.84, 1.17))
    mineral = float(np.clip(rng.normal(1.05 - 0.008 * max(age - 45, 0), 0.16), 0.35, 1.15))
    return Person(sex, age, scale, mineral, float(np.clip(rng.normal((age - 35) / 60, 0.25), 0, 1)))


def sample_body(level: Level, person: Person, rng: Generator) -> Body:
    """Draw an intact body around its level's norms; heights jitter by 2.5 %, the wedge by 1.6 degrees."""
    norm = STANDARD_NORMS.levels[level]
    posterior = norm.posterior * person.scale * (1 + 0.025 * rng.standard_normal())
    depth = norm.depth * person.scale * (1 + 0.03 * rng.standard_normal()) * (1 + 0.0008 * (person.age - 50))
    wedge = norm.wedge_angle(Sex(person.sex)) + 1.6 * rng.standard_normal()
    anterior = posterior - 2 * depth * math.tan(math.radians(wedge) / 2)
    bowls = (_positive(0.9, 0.45, rng), _positive(1.6, 0.6, rng))
    middle = (anterior + posterior) / 2 - sum(bowls)
    lips = rng.gamma(1.2, 0.7, 4) * person.degeneration * (rng.random(4) < 0.7)
    return Body(
        level=level,
        width=depth * rng.normal(1.28, 0.05),
        depth=(depth * rng.normal(0.985, 0.015), depth * rng.normal(1.015, 0.015)),
        corners=(-anterior / 2, -posterior / 2, anterior / 2, posterior / 2),
        bowls=bowls,
        apex=(float(rng.normal(0.58, 0.04)), float(rng.normal(0.6, 0.04))),
        waists=(_positive(1.5, 0.5, rng), _positive(0.8, 0.35, rng)),
        rounding=float(rng.uniform(1.0, 2.6)),
        lips=(float(lips[0]), float(lips[1]), float(lips[2]), float(lips[3])),
        roughness=tuple(rng.uniform(0, 2 * math.pi, 4).tolist()),
        expected=(anterior, middle, posterior),
        obliquity=(math.radians(rng.normal(0, 1.2)), math.radians(rng.normal(0, 1.5))),
    )


def assemble(person: Person, bodies: list[Body], rng: Generator) -> Spine:
    """Stack bodies on discs from the sacrum upwards; lordosis follows from body and disc wedges."""
    slope = math.radians(float(np.clip(rng.normal(38, 8), 18, 62)))
    stretch = float(np.clip(rng.normal(0.85, 0.3), 0.2, 1.5))
    kyphosis = float(rng.normal(0, 2.0))
    bend, turn = (math.radians(rng.normal(0, 2.2)), math.radians(rng.normal(0, 2.5)))
    x, y, angle = 0.0, 0.0, slope
    spine = Spine(person, bodies, sacrum=(x, y, slope))
    worn = rng.random() < person.degeneration
    for body in reversed(bodies):
        norm = SURROUNDINGS[body.level]
        height = norm.disc * person.scale * max(0.25, rng.normal(0.92, 0.1))
        if worn and rng.random() < 0.35:
            height *= rng.uniform(0.3, 0.75)
        wedge = math.radians(norm.disc_wedge * stretch + (kyphosis if norm.disc_wedge > -2 else 0) + rng.normal(0, 1.2))
        spine.discs[body.level] = height
        angle += wedge / 2
        x, y = x + height * math.sin(angle), y - height * math.cos(angle)
        angle += wedge / 2
        x, y, angle = _place(body, x, y, angle, spine, bend, turn)
    _straighten(spine, math.radians(rng.normal(2, 5)))
    return spine


def context_bodies(person: Person, rng: Generator) -> list[Body]:
    """Draw the bodies above T9, each 3 % smaller than the next below."""
    bodies = []
    for above in range(CONTEXT_BODIES, 0, -1):
        smaller = replace(person, scale=person.scale * 0.97**above)
        body = sample_body(Level.T9, smaller, rng)
        body.context = True
        bodies.append(body)
    return bodies


def _straighten(spine: Spine, lean: float) -> None:
    """Turn the whole spine about the sacral endplate so that T9 stands above it, but for `lean` (radians)."""
    ninth = spine.labelled[0]
    turn = lean - math.atan2(ninth.centre[0], -ninth.centre[1])
    cos, sin = math.cos(turn), math.sin(turn)
    for body in spine.bodies:
        x, y = body.centre
        body.centre = (cos * x - sin * y, sin * x + cos * y)
        body.angle += turn
    x, y, angle = spine.sacrum
    spine.sacrum = (x, y, angle + turn)


def _place(
    body: Body, x: float, y: float, angle: float, spine: Spine, bend: float, turn: float
) -> tuple[float, float, float]:
    """Set a body on the inferior endplate that lies at (x, y, angle); return its superior endplate."""
    sup_ant, sup_post, inf_ant, inf_post = body.corners
    top, bottom = (sup_ant + sup_post) / 2, (inf_ant + inf_post) / 2
    lower = math.atan2(inf_post - inf_ant, body.depth[1])
    upper = math.atan2(sup_post - sup_ant, body.depth[0])
    body.angle = angle - lower
    down = (-math.sin(body.angle), math.cos(body.angle))
    body.centre = (x - down[0] * bottom, y - down[1] * bottom)
    along = spine.bodies.index(body) / max(len(spine.bodies) - 1, 1) - 0.5
    body.obliquity = (body.obliquity[0] + bend * (1 + along), body.obliquity[1] + turn * (1 - along))
    return body.centre[0] + down[0] * top, body.centre[1] + down[1] * top, body.angle + upper


def _positive(mean: float, spread: float, rng: Generator) -> float:
    return float(max(0.1, rng.normal(mean, spread)))
