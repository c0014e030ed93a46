"""Where weights come from when they fit only in part: a shallower backbone, or another list of labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn

from engine.domain.labels import INTACT_BODIES
from engine.errors import ConfigError

NOTHING: Mapping[str, Tensor] = MappingProxyType({})
_BLOCK = re.compile(r"^(?P<stage>(?:backbone\.body\.)?layer[1-4])\.(?P<index>\d+)\.(?P<rest>.+)$")


def grow_backbone(state: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Return `state` with the residual blocks `network` has beyond it, made so that they change nothing at first.

    A new block keeps the network's own random filters, its last BatchNorm has weight 0 and bias 0: its branch adds
    zero, and learns from there (net-preserving growth after Chen et al., Net2Net, 2016).
    """
    own = network.state_dict()
    grown = dict(state)
    blocks = {(match["stage"], int(match["index"])) for match in map(_BLOCK.match, state) if match is not None}
    for key, value in own.items():
        match = _BLOCK.match(key)
        if key in state or match is None or (match["stage"], int(match["index"])) in blocks:
            continue
        grown[key] = torch.zeros_like(value) if match["rest"] in ("bn3.weight", "bn3.bias") else value.clone()
    return grown


@dataclass(frozen=True, slots=True)
class _Rows:
    """How the rows of a predictor lie: `groups` times `before` rows, then `width` rows a label, then `after` rows."""

    groups: int = 1
    before: int = 0
    width: int = 1
    after: int = 0


_PREDICTORS: Mapping[str, _Rows] = MappingProxyType(
    {
        "roi_heads.box_predictor.cls_score": _Rows(before=1),
        "roi_heads.box_predictor.bbox_pred": _Rows(before=4, width=4),
        "roi_heads.mask_predictor.mask_fcn_logits": _Rows(before=1),
        **{f"roi_heads.stages.{stage}.box_predictor.cls_score": _Rows(before=1) for stage in range(3)},
        "roi_heads.mask_per_label.mask_fcn_logits": _Rows(),
        "head.classes": _Rows(groups=3, before=1),
        "semantic": _Rows(),
        **{f"head.predict.{scale}": _Rows(groups=3, before=5, after=32) for scale in range(3)},
    }
)
"""The layers with rows of each label, by name: mask_rcnn's, cascade_mask_rcnn's, yolact's, yolov5_seg's."""


def network_labels(labels: Sequence[str], options: Mapping[str, object]) -> tuple[str, ...]:
    """Return all that a network of these options tells apart: the labels it reports, and intact bodies if it must.

    Raises ConfigError where the labels that are reported name intact bodies themselves.
    """
    if not options.get("intact"):
        return tuple(labels)
    if named := [label for label in labels if label in INTACT_BODIES]:
        raise ConfigError(f"intact=true adds all intact bodies; leave {', '.join(named)} out of the labels")
    return (*labels, *INTACT_BODIES)


def learned(labels: int, options: Mapping[str, object]) -> int:
    """Return how many labels a network of these options tells apart, if it reports `labels`."""
    return labels + len(INTACT_BODIES) if options["intact"] else labels


def select_labels(
    state: Mapping[str, Tensor], had: Sequence[str], wants: Sequence[str], fresh: Mapping[str, Tensor] = NOTHING
) -> dict[str, Tensor]:
    """Return `state` with the rows of its predictors reordered from the labels it `had` to those it `wants`.

    The background row stays. Rows of labels it never had come from `fresh`, the state of the same kind of network. With
    nothing there, or with no label that it had, all predictors are left out, so that a network's own remain.
    """
    if tuple(had) == tuple(wants):
        return dict(state)
    known = [label for label in wants if label in had]
    if not known or (len(known) < len(wants) and not fresh):
        return {key: value for key, value in state.items() if key.rsplit(".", 1)[0] not in _PREDICTORS}
    chosen = dict(state)
    for key, value in state.items():
        rows = _PREDICTORS.get(key.rpartition(".")[0])
        if rows is not None:
            before, old, after = _parted(value, rows, len(had))
            new = _parted(fresh[key].to(value), rows, len(wants))[1] if fresh else old
            own = [old[:, list(had).index(label)] if label in had else new[:, at] for at, label in enumerate(wants)]
            chosen[key] = torch.cat([before, torch.cat(own, dim=1), after], dim=1).flatten(0, 1)
    return chosen


def _parted(value: Tensor, rows: _Rows, labels: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the rows before, those of each label (groups, labels, width, ...), and those after, group by group."""
    groups = value.reshape(rows.groups, -1, *value.shape[1:])
    end = rows.before + labels * rows.width
    each = groups[:, rows.before : end].reshape(rows.groups, labels, rows.width, *value.shape[1:])
    return groups[:, : rows.before], each, groups[:, end : end + rows.after]
