"""Compression fractures of known grade and type, and the look-alikes that are none."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from engine.domain.labels import Level
from engine.simulate.anatomy import Body, Fracture
from engine.simulate.body import six_points

PAPER_LEVEL_SHARES = MappingProxyType({
    Level.T11: 30, Level.T12: 152, Level.L1: 188, Level.L2: 113, Level.L3: 73, Level.L4: 41,
})  # fmt: skip
"""Fractures a level in Paik et al. 2024, Table 1 (597 in all)."""

GRADE_LOSS = MappingProxyType({1: (0.20, 0.25), 2: (0.25, 0.40), 3: (0.40, 0.62)})
"""Share of height lost, by Genant grade (Genant 1993)."""

MOST_LOST = 0.15
"""Height that an intact body may lack against what is expected of it: a look-alike isn't a fracture."""

LOOK_ALIKES = ("schmorl", "scheuermann", "limbus", "cupid", "short", "physiological wedge")


def sample_fracture(level: Level, grade: int, rng: Generator) -> Fracture:
    """Draw type, loss and age of a fracture; wedges dominate at the thoracolumbar junction."""
    weights = (0.62, 0.22, 0.16) if level.rank <= Level.L1.rank else (0.45, 0.38, 0.17)
    kind = str(rng.choice(("wedge", "biconcave", "crush"), p=weights))
    low, high = GRADE_LOSS[grade]
    return Fracture(kind, grade, float(rng.uniform(low, high)), bool(rng.random() < 0.5))


def break_body(body: Body, fracture: Fracture, rng: Generator) -> Body:
    """Return `body` broken so that its largest loss against the expected heights is `fracture.loss`, to 1e-4."""
    change = {"wedge": _wedge, "biconcave": _biconcave, "crush": _crush}[fracture.kind]
    seed = int(rng.integers(2**32))

    def broken(loss: float) -> Body:
        # With its fracture, as that roughens the endplates: smooth ones would miss the loss by up to 2.4 points.
        return replace(change(body, loss, np.random.default_rng(seed)), fracture=fracture)

    low, high = 0.0, 0.95
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (middle, high) if height_loss(broken(middle)) < fracture.loss else (low, middle)
    return replace(
        broken((low + high) / 2),
        buckle=float(rng.uniform(0.3, 1.8)) if rng.random() < 0.6 else 0.0,
        sclerosis=float(rng.uniform(0.3, 1.0)) if fracture.acute and rng.random() < 0.75 else 0.0,
        cleft=float(rng.uniform(0.4, 1.0)) if fracture.grade == 3 and rng.random() < 0.15 else 0.0,
    )


def height_loss(body: Body) -> float:
    """Return the largest share lost of Ha, Hm and Hp against the expected heights (Genant 1993)."""
    return max(1 - now / was for now, was in zip(six_points(body).heights, body.expected, strict=True))


def add_look_alike(body: Body, kind: str, rng: Generator) -> Body:
    """Return an intact body that resembles a fractured one; its own height loss stays under 15 %."""
    sup_ant, sup_post, inf_ant, inf_post = body.corners
    if kind == "schmorl":
        return _with_node(body, rng)
    if kind == "limbus":
        dent = (float(rng.uniform(0.02, 0.1)), float(rng.uniform(0.06, 0.1)), float(rng.uniform(2, 4)))
        return replace(body, dents=((*dent, True),), look_alike=kind)
    if kind == "cupid":
        return replace(body, bowls=(body.bowls[0], body.bowls[1] + float(rng.uniform(0.8, 1.8))),
                       apex=(body.apex[0], 0.72), look_alike=kind)  # fmt: skip
    if kind == "short":
        factor = float(rng.uniform(0.88, 0.94))
        corners = (sup_ant * factor, sup_post * factor, inf_ant * factor, inf_post * factor)
        return replace(body, corners=corners, look_alike=kind)
    loss = float(rng.uniform(0.06, 0.13)) * body.expected[0]
    share = float(rng.uniform(0.3, 0.7))
    corners = (sup_ant + loss * share, sup_post, inf_ant - loss * (1 - share), inf_post)
    return replace(body, corners=corners, look_alike=kind)


def _with_node(body: Body, rng: Generator) -> Body:
    """Return `body` with a Schmorl's node, as deep as drawn unless that took too much of the middle height."""
    place, spread, depth = float(rng.uniform(0.35, 0.75)), float(rng.uniform(0.07, 0.14)), float(rng.uniform(2, 5))
    superior = bool(rng.random() < 0.5)
    dented = replace(body, dents=((place, spread, depth, superior),), look_alike="schmorl")
    loss = height_loss(dented)
    if loss > MOST_LOST:
        dented = replace(dented, dents=((place, spread, 0.99 * depth * MOST_LOST / loss, superior),))
    return dented


def _wedge(body: Body, loss: float, rng: Generator) -> Body:
    sup_ant, sup_post, inf_ant, inf_post = body.corners
    missing = max(0.0, loss * body.expected[0] - (body.expected[0] - (inf_ant - sup_ant)))
    below = float(rng.choice((0.0, 0.0, rng.uniform(0.1, 0.35))))
    posterior = float(rng.uniform(0, 0.05)) * body.expected[2]
    power = float(rng.uniform(0.9, 2.4))
    return replace(
        body,
        corners=(sup_ant, sup_post + posterior, inf_ant, inf_post),
        collapse=((missing * (1 - below), power), (missing * below, power)),
        bowls=(body.bowls[0] + float(rng.uniform(0, 1.5)), body.bowls[1]),
        bulge=float(rng.uniform(0, 1.2)),
    )


def _biconcave(body: Body, loss: float, rng: Generator) -> Body:
    sup_ant, sup_post, inf_ant, inf_post = body.corners
    upper = float(rng.uniform(0.5, 0.8))
    missing = loss * body.expected[1]
    margin = 0.35 * missing
    sup_ant, sup_post = sup_ant + margin * float(rng.uniform(0, 0.5)), sup_post + margin * float(rng.uniform(0, 0.3))
    middle = body.expected[1] - missing
    chord = (inf_ant + inf_post - sup_ant - sup_post) / 2
    bowl = max(chord - middle, 0.2)
    apex = (float(rng.uniform(0.42, 0.6)), float(rng.uniform(0.42, 0.6)))
    return replace(body, corners=(sup_ant, sup_post, inf_ant, inf_post),
                   bowls=(bowl * upper, bowl * (1 - upper)), apex=apex)  # fmt: skip


def _crush(body: Body, loss: float, rng: Generator) -> Body:
    sup_ant, sup_post, inf_ant, inf_post = body.corners
    anterior, posterior = body.expected[0] * loss, body.expected[2] * loss * float(rng.uniform(0.75, 0.97))
    grow = 1 + float(rng.uniform(0.02, 0.07)) * math.sqrt(loss / 0.4)
    bowl = body.expected[1] * loss
    chord = ((inf_ant - sup_ant - anterior) + (inf_post - sup_post - posterior)) / 2
    extra = max(chord - (body.expected[1] - bowl), 0.2)
    return replace(
        body,
        corners=(sup_ant + anterior, sup_post + posterior, inf_ant, inf_post),
        depth=(body.depth[0] * grow, body.depth[1] * grow),
        bowls=(extra * 0.5, extra * 0.5),
        bulge=float(rng.uniform(1, 4)),
    )
