"""COCO instance segmentation with run-length masks."""

from __future__ import annotations

from functools import partial

from engine.formats._contract import Exporter
from engine.formats.coco import write_coco

EXPORTER = Exporter("coco_rle", "COCO instance segmentation, run-length masks", partial(write_coco, rle=True))
