"""Several families, one protocol: trained on the same films, judged by the same evaluator, beside the paper's tables.

Decision: every arm keeps what it has finished in its own folder, and each film's prediction is a line that is flushed.
Rejected: one run that holds all in memory, which a kill after six of seven arms would lose. Consequence: the same
command again goes on, and an arm whose settings changed needs another folder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.compare.arms import Arm
from engine.compare.finished import Budget
from engine.compare.running import predict_films, train_arm
from engine.control import CancelToken
from engine.data.dataset import Example
from engine.errors import DataError
from engine.evaluation import Evaluation, evaluate
from engine.evaluation.operating_point import best_f1_threshold, choose_threshold
from engine.evaluation.records import FilmRecord
from engine.train import TrainConfig
from engine.weights import read_card

Tell = Callable[[str, int, int, str], None]
"""Progress: what is being done, done, total, a word."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The films of a comparison: to train on, to fix thresholds on, and to judge by."""

    train: tuple[Example, ...]
    valid: tuple[Example, ...]
    test: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Protocol:
    """What is the same for all arms: `mode` (paper or corrected), the specificity to hold, bootstrap replicates."""

    mode: str = "corrected"
    specificity: float = 0.93
    iou_threshold: float = 0.5
    replicates: int = 2000
    seed: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One row: the arm, its figures on the test films, where its threshold comes from, and what all of it cost.

    `seconds` is the median a film, `peak_bytes` the most memory that predicting held.
    """

    arm: Arm
    card: Path
    evaluation: Evaluation
    records: tuple[FilmRecord, ...]
    threshold_from: str
    budget: Budget | None
    seconds: float
    peak_bytes: int | None


def run_arm(
    arm: Arm, config: TrainConfig, parts: Parts, protocol: Protocol, folder: Path, tell: Tell,
    cancel: CancelToken | None = None,
) -> ArmResult:  # fmt: skip
    """Train an arm where it isn't trained, fix its threshold on the valid part, and judge it on the test part.

    What was finished before an interruption is kept in `folder`. Raises what training and predicting raise.
    """
    card, budget = train_arm(
        arm, config, parts.train, folder,
        lambda step: tell(f"{arm.name}: training", step.step, step.steps, f"loss {sum(step.losses.values()):.3f}"),
        cancel,
    )  # fmt: skip
    valid = () if protocol.mode == "paper" else parts.valid
    films = (*valid, *parts.test)
    said = predict_films(
        card, films, folder / "predictions.jsonl",
        lambda done, total, text: tell(f"{arm.name}: predicting", done, total, text), cancel,
    )  # fmt: skip
    threshold, why = _threshold(arm, card, said.records[: len(valid)], protocol)
    records, seconds = said.records[len(valid) :], said.seconds[len(valid) :]
    evaluation = evaluate(
        records, score_threshold=threshold, iou_threshold=protocol.iou_threshold, mode=protocol.mode,
        bootstrap_replicates=protocol.replicates, seed=protocol.seed, note=protocol.note,
    )  # fmt: skip
    return ArmResult(arm, card, evaluation, records, why, budget, float(np.median(seconds)), said.peak_bytes)


def _threshold(arm: Arm, card: Path, valid: Sequence[FilmRecord], protocol: Protocol) -> tuple[float, str]:
    """Return the score from which a finding counts, and in words where it comes from; test films have no say."""
    if protocol.mode == "paper":
        return arm.paper_threshold, "the family's usual one; the paper names none"
    if not valid:
        return read_card(card).score_threshold, "the model card's; the split has no valid part"
    normals = sum(not one.truth for one in valid)
    if normals:
        why = f"film specificity {protocol.specificity} on {normals} normal validation films"
        try:
            return choose_threshold(valid, protocol.specificity), why
        except DataError as error:
            return 1.0, f"1, the highest there is: {error}"
    why = f"highest F1 on {len(valid)} validation films; none of them is normal"
    return best_f1_threshold(valid, protocol.iou_threshold), why
