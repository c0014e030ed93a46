"""The score from which a finding counts, fixed on validation films before any test film is looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.errors import DataError
from engine.evaluation.detection import rank_levels
from engine.evaluation.records import FilmRecord


def choose_threshold(records: Sequence[FilmRecord], specificity: float) -> float:
    """Return the lowest score threshold at which at least `specificity` (0..1) of the normal films have no finding.

    Lower thresholds find more fractures, so this is the most sensitive one allowed. Raises DataError without normal
    films, where `specificity` isn't a share, and where scores of 1 keep it from being held: no threshold is above.
    """
    if not 0 < specificity <= 1:
        raise DataError(f"the specificity to hold must lie above 0 and at most at 1, got {specificity}")
    scores = np.sort([one.top_score for one in records if not one.truth])
    if len(scores) == 0:
        raise DataError("a threshold needs normal films among the validation films; there are none")
    allowed = int(np.floor((1 - specificity) * len(scores) + 1e-9))
    highest_silent = float(scores[len(scores) - 1 - allowed])
    if highest_silent >= 1:
        loud = int((scores >= 1).sum())
        raise DataError(
            f"no score threshold holds a specificity of {specificity}: {loud} of {len(scores)} normal films have a "
            "finding of score 1; ask for a lower specificity, or train on more normal films"
        )
    return float(np.nextafter(highest_silent, 2.0))


def best_f1_threshold(records: Sequence[FilmRecord], iou_threshold: float = 0.5) -> float:
    """Return the score threshold of the highest F1 of fractures whose level is named rightly; the highest of equals.

    For validation films without a normal one, as in the paper. Raises DataError where no finding was predicted.
    """
    rankings = [levels[0] for levels in rank_levels(records, (iou_threshold,)).values()]
    scores = np.concatenate([one.scores for one in rankings])
    if len(scores) == 0:
        raise DataError("a threshold needs predicted findings on the validation films; there are none")
    order = np.argsort(-scores, kind="mergesort")
    right = np.cumsum(np.concatenate([one.hits for one in rankings])[order])
    truths = sum(int(one.truths.sum()) for one in rankings)
    f1 = 2 * right / (np.arange(1, len(scores) + 1) + truths)
    return float(scores[order][int(np.argmax(f1))])
