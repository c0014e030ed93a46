"""Two models on one film: A's findings beside B's, and each beside the expert's.

Decision: A stands in the expert's place of `match_shapes`, B in the model's. Rejected: a matching of its own, by which
two models could agree where each of them differs from the expert. Consequence: B's findings choose their partners, best
score first; with A and B exchanged a crowded film may pair otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.domain.annotation import Shape
from engine.domain.matching import Match, MatchKind, film_iou, match_shapes
from engine.domain.polygon import Polygon
from engine.domain.six_points import Spacing
from engine.review.agreement import Agreement, agreement
from engine.review.findings import Bounds


@dataclass(frozen=True, slots=True)
class PairRow:
    """One finding of A's, B's, both, or of the expert's alone; `key` is the id of the first of these.

    `kind` says how A and B stand to each other, MISSED meaning that only A has it and EXTRA that only B does; None:
    neither has what the expert drew. `agreement` is A's outline with B's, None without both. `by_expert` says for A and
    B how each stands to the expert; None where no expert annotated the film. `to_expert` is each one's outline with the
    expert's, None without a pair. `bounds` holds all outlines.
    """

    key: str
    first: Shape | None
    second: Shape | None
    kind: MatchKind | None
    agreement: Agreement | None
    by_expert: tuple[Match | None, Match | None]
    to_expert: tuple[Agreement | None, Agreement | None]
    bounds: Bounds

    @property
    def experts(self) -> tuple[Shape, ...]:
        """Return the expert's findings that A's and B's were paired with: none, one, or in a crowd two."""
        found = (match.annotated for match in self.by_expert if match is not None)
        return tuple({shape.id: shape for shape in found if shape is not None}.values())

    @property
    def differs(self) -> bool:
        """Whether A and B disagree here, on the finding or on its level."""
        return self.kind not in (None, MatchKind.AGREES)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one model stands to the expert on a film: film IoU (0 to 1, None: nothing on either side), and matches."""

    film_iou: float | None
    agrees: int
    label_differs: int
    missed: int
    extra: int

    @property
    def found(self) -> int:
        """Return how many of the expert's findings the model has, under whatever label."""
        return self.agrees + self.label_differs

    @property
    def of(self) -> int:
        """Return how many findings the expert has."""
        return self.found + self.missed


@dataclass(frozen=True, slots=True)
class PairedFilm:
    """What two models say of one film, from its top to its bottom; `standings` of A and B, None without an expert.

    `film_iou` is that of all of A's findings together with all of B's; None where neither has any.
    """

    rows: tuple[PairRow, ...]
    film_iou: float | None
    standings: tuple[Standing, Standing] | None

    def count(self, kind: MatchKind | None) -> int:
        """Return how many findings are of a kind; None counts the expert's that neither model has."""
        return sum(row.kind is kind for row in self.rows)


def pair_models(
    first: Sequence[Shape],
    second: Sequence[Shape],
    expert: Sequence[Shape] | None = None,
    iou_threshold: float = 0.5,
    spacing: Spacing | None = None,
    previous: Sequence[PairRow] = (),
) -> PairedFilm:
    """Pair the findings of A and B, those above each one's own threshold, and hold both against the expert's.

    `expert` are the masks as first opened, None where nobody annotated the film. `spacing` is mm (row, column).
    `previous` are rows at the same spacing, whose outlines aren't compared again. No shape's id may stand in two of the
    three lists. Raises ValueError for an IoU threshold outside 0 to 1, or 0.
    """
    compare = _Outlines(spacing, previous)
    by_expert = tuple(None if expert is None else match_shapes(expert, one, iou_threshold) for one in (first, second))
    known = tuple(_by_shape(matches or ()) for matches in by_expert)
    rows, covered = [], set()
    for match in match_shapes(first, second, iou_threshold):
        row = _row(match.annotated, match.predicted, match.kind, _said(match, known), compare)
        covered |= {shape.id for shape in row.experts}
        rows.append(row)
    for shape in expert or ():
        if shape.is_fracture and shape.id not in covered:
            rows.append(_row(None, None, None, (known[0][shape.id], known[1][shape.id]), compare))
    rows.sort(key=lambda row: (row.bounds[1], row.bounds[0]))
    standings = None
    if expert is not None:
        sides = ((first, by_expert[0]), (second, by_expert[1]))
        one, two = (_standing(expert, shapes, matches or ()) for shapes, matches in sides)
        standings = (one, two)
    return PairedFilm(tuple(rows), film_iou(first, second), standings)


class _Outlines:
    """Compares outlines, each pair of them once: the same object is the same outline."""

    def __init__(self, spacing: Spacing | None, rows: Sequence[PairRow]) -> None:
        self._spacing = spacing
        self._known: dict[tuple[int, int], tuple[Polygon, Polygon, Agreement]] = {}
        for row in rows:
            self._keep(row.first, row.second, row.agreement)
            for match, known in zip(row.by_expert, row.to_expert, strict=True):
                if match is not None:
                    self._keep(match.annotated, match.predicted, known)

    def pair(self, one: Shape | None, other: Shape | None) -> Agreement | None:
        """Return how two shapes agree, None where one is missing."""
        if one is None or other is None:
            return None
        found = self._known.get((id(one.polygon), id(other.polygon)))
        if found is not None:
            return found[2]
        return self._keep(one, other, agreement(one.polygon, other.polygon, self._spacing))

    def _keep(self, one: Shape | None, other: Shape | None, known: Agreement | None) -> Agreement | None:
        if one is not None and other is not None and known is not None:
            # The outlines are kept too, so that no other object gets their ids.
            self._known[id(one.polygon), id(other.polygon)] = (one.polygon, other.polygon, known)
        return known


def _by_shape(matches: Sequence[Match]) -> Mapping[str, Match]:
    """Return matches by the ids of both their sides."""
    sides = ((shape, match) for match in matches for shape in (match.annotated, match.predicted))
    return {shape.id: match for shape, match in sides if shape is not None}


def _said(match: Match, known: Sequence[Mapping[str, Match]]) -> tuple[Match | None, Match | None]:
    """Return how A's and B's sides stand to the expert; a side that is empty, by what the other is paired with."""
    found = [None if shape is None else one.get(shape.id)
             for shape, one in zip((match.annotated, match.predicted), known, strict=True)]  # fmt: skip
    for here, there in ((0, 1), (1, 0)):
        other = found[there]
        if found[here] is None and other is not None and other.annotated is not None:
            found[here] = known[here].get(other.annotated.id)
    return found[0], found[1]


def _row(
    first: Shape | None,
    second: Shape | None,
    kind: MatchKind | None,
    by_expert: tuple[Match | None, Match | None],
    compare: _Outlines,
) -> PairRow:
    one, two = (None if match is None else compare.pair(match.annotated, match.predicted) for match in by_expert)
    shapes = [shape for shape in (first, second) if shape is not None]
    shapes += [match.annotated for match in by_expert if match is not None and match.annotated is not None]
    boxes = np.array([shape.polygon.bounds for shape in shapes])
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    bounds = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return PairRow(shapes[0].id, first, second, kind, compare.pair(first, second), by_expert, (one, two), bounds)


def _standing(expert: Sequence[Shape], shapes: Sequence[Shape], matches: Sequence[Match]) -> Standing:
    kinds = [match.kind for match in matches]
    return Standing(
        film_iou(expert, shapes),
        *(kinds.count(kind) for kind in (MatchKind.AGREES, MatchKind.LABEL_DIFFERS, MatchKind.MISSED, MatchKind.EXTRA)),
    )
