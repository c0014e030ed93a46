"""A folder with one film and its labelme file, and what a reader and another program do to it."""

import json

import numpy as np
from PIL import Image

from engine.data.worklist import find_work
from engine.domain import edits
from engine.review.saving import save_case

SQUARE = [[10, 10], [60.5, 10], [60.5, 40.25], [10, 40.25]]


def record(shapes=None, **more):
    """A labelme file in another program's hand: tabs, other key order, keys of its own."""
    shapes = shapes or [
        {"label": "T12", "points": SQUARE, "shape_type": "polygon", "flags": {}, "mine": [1, 2.5]},
        {"label": "line", "points": [[0, 0], [5, 5]], "shape_type": "line"},
        {"label": "L1 normal", "points": [[10, 50], [60, 50], [60, 90], [10, 90]], "group_id": 3},
    ]
    return {"imagePath": "a.png", "imageHeight": 120, "imageWidth": 80, "shapes": shapes, "imageData": None, **more}


def write_json(path, content):
    path.write_text(json.dumps(content, indent="\t", ensure_ascii=True), encoding="utf-8")
    return path


def make_film(folder, name="a.png"):
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((120, 80), 90, np.uint8)).save(folder / name)
    return folder / name


def only_item(folder, annotations_folder=None):
    (item,) = find_work([folder], annotations_folder)
    return item


class Reader:
    """One window on one film: opens, edits, undoes and saves as the program does, in that order."""

    def __init__(self, case, store):
        self.case, self.store = case, store
        self.states = [step.before for step in case.steps] + [case.annotation]
        self.now, self.sha256 = case.annotation, case.file_sha256

    def edit(self, change, *arguments, save=True):
        return self.record("edit", change(self.now, *arguments), save)

    def record(self, kind, after, save=True):
        self.store.record(self.case.key, kind, kind, self.now, after)
        self.now = after
        if save:
            self.save()
        return after

    def move(self, by=1.0, save=True):
        return self.edit(edits.move_shapes, [self.now.shapes[0].id], by, 0, save=save)

    def save(self, **more):
        state = save_case(self.store, self.case.key, self.case.annotation_path, self.now, self.sha256, **more)
        self.sha256 = state.sha256
        return state
