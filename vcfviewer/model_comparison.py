"""A new model beside the old one on films that neither was trained on: `vcf-engine evaluate` of each, side by side.

Knows no Qt. For the background lane: two evaluations take a second or two a film.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.control import CancelToken, Progress
from engine.errors import DataError, EngineError, ModelError
from vcfviewer.children import JsonLines, child_environment, engine_command, last_words, quiet_flags, step_back

NICENESS = 5

ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("mask AP50", ("ap", "mask AP50", "all")),
    ("mask AP50:95", ("ap", "mask AP50:95", "all")),
    ("sensitivity, films", ("film", "sensitivity")),
    ("specificity, films", ("film", "specificity")),
    ("area under the ROC curve, films", ("film", "auc")),
    ("sensitivity, fractures at any level", ("fracture", "any level", "sensitivity")),
    ("precision, fractures at any level", ("fracture", "any level", "precision")),
    ("IoU of pairs", ("delineation", "IoU of pairs")),
    ("level named rightly, of pairs", ("naming", "level named rightly, of pairs")),
)
"""What is compared: what it is called, and where it stands in `figures.json`."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A share 0..1 with its 95 % interval and the number of cases it rests on; None where it can't be had."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    def __str__(self) -> str:
        """Return the figure as it is printed."""
        if self.value is None:
            return f"- (n = {self.n})"
        if self.low is None or self.high is None:
            return f"{self.value:.3f} (n = {self.n})"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f}; n = {self.n})"


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """One figure of both models; `apart`: their intervals have nothing in common, which sampling hardly explains."""

    name: str
    old: Figure
    new: Figure

    @property
    def apart(self) -> bool:
        """Whether the two intervals don't overlap."""
        bounds = (self.old.low, self.old.high, self.new.low, self.new.high)
        if None in bounds:
            return False
        old_low, old_high, new_low, new_high = (float(bound or 0.0) for bound in bounds)
        return old_high < new_low or new_high < old_low


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """All figures of both, the score thresholds they were judged at, the films, and the two reports (HTML)."""

    figures: tuple[ComparedFigure, ...]
    films: int
    fractures: int
    old_threshold: float
    new_threshold: float
    note: str
    old_report: Path
    new_report: Path


def compare_models(
    old: Path,
    new: Path,
    data: Path,
    out: Path,
    cancel: CancelToken,
    progress: Progress,
    *,
    split: Path | None = None,
    part: str = "test",
    specificity: float | None = None,
    replicates: int = 2000,
) -> ModelComparison:
    """Evaluate two model cards on the same annotated films of `data` and read both results; reports go to `out`.

    `split` and `part` name the hold-out films; without, all films are used. With `specificity` (0..1) the new model's
    score threshold is first fixed on the split's valid part, and written into its card: a freshly trained one has 0.5
    from nowhere. `replicates` of the bootstrap make the intervals. `progress` counts films of all evaluations together.
    Raises what the evaluation says, Cancelled, and ModelError where it died.
    """
    held_out = [str(data), *(["--split", str(split), "--part", part] if split is not None else [])]
    rounds = [("old", ["--model", str(old), *held_out]), ("new", ["--model", str(new), *held_out])]
    if specificity is not None:
        if split is None:
            raise DataError("a threshold is fixed on the valid part of a split; name a split")
        fixing = ["--model", str(new), str(data), "--split", str(split), "--part", "valid",
                  "--fix-threshold", str(specificity), "--update-card"]  # fmt: skip
        rounds.insert(0, ("threshold", fixing))
    for at, (name, words) in enumerate(rounds):
        folder = out / name

        def count(done: int, total: int, text: str, at: int = at) -> None:
            progress(at * total + done, len(rounds) * total, text)

        _evaluate([*words, "--out", str(folder), "--bootstrap", str(replicates)], folder, cancel, count)
    return read_comparison(out)


def read_comparison(out: Path) -> ModelComparison:
    """Read what `compare_models` left in a folder; raises DataError where it isn't whole, or the films differ."""
    old, new = (_figures(out / name / "figures.json") for name in ("old", "new"))
    if (old["films"], old["fractures"]) != (new["films"], new["fractures"]):
        raise DataError(f"{out}: the two models were measured on different films; compare them again")
    rows = tuple(ComparedFigure(name, _figure(old, keys), _figure(new, keys)) for name, keys in ROWS)
    return ModelComparison(
        rows, old["films"], old["fractures"], old["score_threshold"], new["score_threshold"], old["note"],
        out / "old" / "report.html", out / "new" / "report.html",
    )  # fmt: skip


def _evaluate(words: Sequence[str], folder: Path, cancel: CancelToken, progress: Progress) -> None:
    """Run one evaluation as a child to its end."""
    folder.mkdir(parents=True, exist_ok=True)
    log, errors = folder / "evaluate.jsonl", folder / "evaluate.err"
    with log.open("wb") as out, errors.open("wb") as err:
        child = subprocess.Popen(
            engine_command("evaluate", "--json", *words), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            env=child_environment(), creationflags=quiet_flags(),
        )  # fmt: skip
    step_back(child.pid, NICENESS)
    lines = JsonLines(log)
    try:
        while child.poll() is None:
            cancel.check()
            _tell(lines, progress)
            time.sleep(0.1)
    finally:
        child.kill()  # Nothing, if it ended by itself.
        child.wait()
    said = _tell(lines, progress)
    if child.returncode:
        told = next((str(one["message"]) for one in said if one.get("event") == "error"), last_words(errors))
        kind = EngineError if told else ModelError
        raise kind(told or f"the evaluation ended with code {child.returncode}; close other programs and try again")


def _tell(lines: JsonLines, progress: Progress) -> tuple[dict[str, Any], ...]:
    said = lines.read()
    for one in said:
        if one.get("event") == "progress":
            progress(one["done"], one["total"], one["text"])
    return said


def _figures(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: expected the figures of an evaluation, got {error}; compare again") from error
    if not isinstance(record, dict):
        raise DataError(f"{path}: expected a JSON object, got {type(record).__name__}; compare again")
    return record


def _figure(record: Mapping[str, Any], keys: Sequence[str]) -> Figure:
    value: Any = record
    for key in keys:
        value = value[key]
    return Figure(value["value"], value["low"], value["high"], value["n"])
