"""Annotations for the journal, and edits of them that any number can choose."""

import json

import numpy as np

from engine.domain import edits
from engine.domain.annotation import Shape
from engine.domain.polygon import Polygon
from engine.formats.labelme import parse_labelme


def labelme_record(picture=None):
    """A labelme file with own and foreign shapes, records of other programs, and a repaired outline."""
    square = [[10, 10], [60.5, 10], [60.5, 40.25], [10, 40.25]]
    return {
        "version": "5.4.1", "flags": {"seen": True}, "imagePath": "film.png", "imageData": picture,
        "imageHeight": 300, "imageWidth": 200, "other": {"deep": [1, {"x": None}]},
        "shapes": [
            {"label": "T12", "points": square, "shape_type": "polygon", "flags": {}, "mine": [1, 2.5]},
            {"label": "line", "points": [[0, 0], [5, 5]], "shape_type": "line"},
            {"label": "L1 normal", "points": [[10, 50], [60, 50], [60, 90], [10, 90]], "group_id": 3},
            {"label": "bow", "points": [[0, 0], [90, 90], [90, 0], [0, 80]], "description": "crossed"},
            {"label": "x", "points": [[1, 2]], "shape_type": "point"},
        ],
    }  # fmt: skip


def base_annotation(picture=None):
    return parse_labelme(json.loads(json.dumps(labelme_record(picture))))


def edited(annotation, choice):
    """Return one of many edits of an annotation; the number says which, and always makes a change."""
    shapes = annotation.shapes
    if not shapes or choice % 7 == 0:
        ring = np.array([[0, 0], [30, 0], [30, 20], [0, 20]]) + float(choice % 91)
        taken = {shape.id for shape in shapes}
        name = next(name for at in range(len(shapes) + 1) if (name := f"new-{choice}-{at}") not in taken)
        return edits.add_shape(annotation, Shape(name, "L2", Polygon(ring)))
    shape = shapes[choice % len(shapes)]
    kinds = (
        lambda: edits.move_shapes(annotation, [shape.id], 0.1 + choice % 5, 1 / 3),
        lambda: edits.relabel(annotation, [shape.id], f"L{1 + choice % 4} note {choice}"),
        lambda: edits.delete_shapes(annotation, [shape.id]),
        lambda: edits.set_flags(annotation, {f"flag {choice}": True}),
        lambda: edits.decide(annotation, {"comment": f"überlegt {choice}"}),
        lambda: edits.decide(annotation, {"at": str(choice)}, [shape.id]),
    )
    return kinds[choice % 6]()
