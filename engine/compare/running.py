"""One arm from nothing to its predictions; whatever was finished before an interruption is not done again."""

from __future__ import annotations

import json
import multiprocessing
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.backends._contract import threads_text
from engine.compare.arms import Arm
from engine.compare.finished import Budget, read_budget, refuse_other_training, spent_before, write_budget
from engine.control import CancelToken, Progress
from engine.data.dataset import Example
from engine.data.held_out import file_sha256
from engine.domain.annotation import Shape
from engine.domain.case import ModelCard
from engine.domain.polygon import Polygon, polygon_problem
from engine.errors import EngineError, ModelError
from engine.evaluation.records import FilmRecord
from engine.films import read_film
from engine.formats._atomic import write_atomic
from engine.memory import peak_bytes
from engine.predict import load_model, predict
from engine.train import StepReport, TrainConfig, choose_device, choose_examples, train
from engine.weights import read_card

FLOOR = 0.001
"""Scores from which findings are kept, the same for every family: AP is cut off where they end."""
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model says of films: records in the films' order, seconds a film, the process' peak memory in bytes."""

    records: tuple[FilmRecord, ...]
    seconds: tuple[float, ...]
    peak_bytes: int | None


def train_arm(
    arm: Arm, config: TrainConfig, examples: Sequence[Example], folder: Path,
    report: Callable[[StepReport], None], cancel: CancelToken | None = None,
) -> tuple[Path, Budget | None]:  # fmt: skip
    """Return the card of an arm and what its training cost; None for a model that came trained.

    A finished training is taken as it is, unless its settings or films were others (see `refuse_other_training`); one
    that was cut off goes on. Raises ConfigError for those, and for a folder with another program's budget.json, and
    what `train` raises.
    """
    if arm.card is not None:
        return arm.card, None
    path = folder / "budget.json"
    before = read_budget(path)
    card = folder / f"{folder.name}.card.json"
    if before is not None and before.finished and card.exists():
        refuse_other_training(card, config, examples)
        return card, before
    folder.mkdir(parents=True, exist_ok=True)
    films = len({one.film for one in choose_examples(config, examples)})
    started, spent = time.monotonic(), 0.0 if before is None else before.minutes
    earlier = spent_before(config.init)

    def told(step: StepReport) -> None:
        minutes = spent + (time.monotonic() - started) / 60
        seen = step.step * config.batch_size
        budget = Budget(step.step, min(seen, films), seen, config.input_size, minutes, hardware(config),
                        Path(config.init).name, False, *earlier)  # fmt: skip
        write_budget(path, budget)
        report(step)

    card = train(config, examples, folder, told, cancel)
    last = read_budget(path)
    if last is None:
        raise ModelError(f"{folder}: the training was finished before this comparison; name its card {card} instead")
    done = replace(last, finished=True)
    write_budget(path, done)
    return card, done


def predict_films(
    card: Path, examples: Sequence[Example], path: Path, progress: Progress, cancel: CancelToken | None = None
) -> Predictions:
    """Predict films in a process of their own, whose memory can be told; films in `path` (JSON lines) are kept.

    A film whose file has changed since is predicted anew; of older lines, which don't tell it, nobody knows. Raises
    WeightsError and FilmReadError, Cancelled, DataError for a label of another size than its film, and ModelError where
    the process died.
    """
    head = _head(read_card(card))
    kept = _read_lines(path, head)
    for one in examples:
        known = kept.get(one.name, {}).get("film_sha256")
        if known is not None and known != file_sha256(one.film):
            del kept[one.name]
    todo = [one for one in examples if one.name not in kept]
    if todo:
        _start_file(path, head, kept)
        _run_child(card, todo, path, lambda done: progress(len(examples) - len(todo) + done, len(examples), ""), cancel)
        kept = _read_lines(path, head)
    lines = [kept[one.name] for one in examples]
    records = tuple(_record(one, line) for one, line in zip(examples, lines, strict=True))
    peaks = [line["peak_bytes"] for line in lines if line["peak_bytes"]]
    return Predictions(records, tuple(float(line["seconds"]) for line in lines), max(peaks, default=None))


def hardware(config: TrainConfig) -> str:
    """Return what trains: the graphics card's name, or the processor's with the threads in use."""
    device = choose_device(config.device)
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{platform.processor() or platform.machine()}, {threads_text(torch.get_num_threads())}"


def compact_outline(polygon: Polygon) -> list[list[float]]:
    """Return an outline to a tenth of a film pixel, or as it is where it would touch itself then."""
    points = np.round(polygon.points, 1)
    exact = polygon.points if polygon_problem(points) else points
    found: list[list[float]] = exact.tolist()
    return found


def _run_child(
    card: Path, todo: Sequence[Example], path: Path, told: Callable[[int], None], cancel: CancelToken | None
) -> None:
    start = _count_lines(path)
    answers, answer = multiprocessing.Pipe(duplex=False)
    films = {one.name: one.film for one in todo}
    child = multiprocessing.get_context("spawn").Process(target=_predict_into, args=(card, films, path, answer))
    child.start()
    answer.close()
    try:
        while child.is_alive():
            if cancel is not None:
                cancel.check()
            told(_count_lines(path) - start)
            child.join(LOOK_SECONDS)
    finally:
        child.kill()  # Nothing, if it ended by itself.
        child.join()
    try:
        wrong = str(answers.recv())
    except EOFError as error:
        raise ModelError(f"{card}: predicting ended without a result, perhaps for want of memory; close other "
                         "programs and run the same command again") from error  # fmt: skip
    if wrong:
        raise ModelError(wrong)


def _predict_into(card: Path, films: Mapping[str, Path], path: Path, answer: Connection) -> None:
    """Append a line a film, then answer with what went wrong, if anything did; runs in the child."""
    try:
        model = load_model(card, "torch")  # One way for all families: their times are compared.
        with path.open("a", encoding="utf-8") as file:
            for name, film in films.items():
                prediction = predict(read_film(film), model, floor=FLOOR)
                shapes = [
                    {"id": one.id, "label": one.label, "score": one.score, "points": compact_outline(one.polygon)}
                    for one in prediction.shapes
                ]
                line = {"film": name, "film_sha256": file_sha256(film), "size": prediction.image_size,
                        "seconds": prediction.seconds, "peak_bytes": peak_bytes(), "shapes": shapes}  # fmt: skip
                file.write(json.dumps(line) + "\n")
                file.flush()
    except EngineError as error:
        answer.send(str(error))
    else:
        answer.send("")


def _head(card: ModelCard) -> dict[str, object]:
    """Return what predictions hang on: the weights, what else the card says of how they are used, and the floor."""
    return {"weights_sha256": card.sha256, "card": card.settings_key, "floor": FLOOR}


def _start_file(path: Path, head: Mapping[str, object], kept: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a file's head and the lines that are whole: a kill may have left half a line at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps(head),
        *(json.dumps(dict(line)) for line in kept.values()),
    ]
    write_atomic(path, ("\n".join(lines) + "\n").encode())


def _read_lines(path: Path, head: Mapping[str, object]) -> dict[str, Mapping[str, Any]]:
    """Return the whole lines by film; none where other weights made them, or the same ones used otherwise."""
    if not path.exists():
        return {}
    found: dict[str, Mapping[str, Any]] = {}
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines()):
        try:
            line = json.loads(text)
        except ValueError:
            break  # The line that was being written when the process was killed.
        if number == 0 and line != head:
            return {}
        if number:
            found[line["film"]] = line
    return found


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _line in file)


def _record(example: Example, line: Mapping[str, Any]) -> FilmRecord:
    shapes = tuple(
        Shape(one["id"], one["label"], Polygon(np.array(one["points"], np.float64)), score=one["score"])
        for one in line["shapes"]
    )
    height, width = line.get("size", (0, 0))  # Lines of older versions don't tell it.
    return FilmRecord.of(example, shapes, (height, width))
