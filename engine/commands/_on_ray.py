"""`vcf-engine predict --ray`: the films of a run spread over a Ray cluster. The one module that imports Ray.

Each worker is an actor: it loads the model once, and gets films in small blocks from Ray Data, which starts a dead one
again and gives it its blocks anew. Films of a block that were finished are known by their files (see `_one_film`).
Every node needs this program in the same version, and sees the films and the results under the same paths.

Decision: waves of films, one after another. Rejected: one data set of all, since Ray Data keeps what it knows of each
block until the end. Consequence: memory doesn't grow with the films, and workers load the model once a wave.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import pickle
import shutil
import socket
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import ray
import ray.data
from numpy.typing import NDArray

from engine.commands._one_film import FilmJob, Row, Settings, load, predict_film, skipped
from engine.errors import ConfigError, EngineError, ModelError
from engine.predict import LoadedModel

FILMS_A_BLOCK = 8
FILMS_A_WAVE = 20_000

MOST_DEATHS = 3
"""So often may workers die over one film; then the film is what kills them."""

OBJECT_STORE_BYTES = 128 * 2**20
"""Rows are small and films never pass through Ray: a third of all memory, Ray's own choice, would lie idle."""


def predict_on_ray(
    jobs: Sequence[FilmJob], settings: Settings, out: Path, address: str, workers: int | None
) -> Generator[tuple[int, Row], None, None]:
    """Predict films on a cluster; yields each job's number with its row, in the order in which they are finished.

    `workers` is how many processes predict, by default one for each CPU. Raises ConfigError where there is no such
    cluster, what `predict_film` and `load` raise, and ModelError where Ray itself gives up.
    """
    marks = out.absolute() / ".predicting"
    _clear(marks)
    with _cluster(address, workers):
        count = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        everywhere = replace(settings, card=settings.card.absolute(), threads=1)
        for start in range(0, len(jobs), FILMS_A_WAVE):
            numbered = list(enumerate(map(_absolute, jobs[start : start + FILMS_A_WAVE]), start))
            yield from _wave(numbered, everywhere, marks, count)
    _clear(marks)


@contextmanager
def _cluster(address: str, workers: int | None) -> Iterator[None]:
    """Connect to a cluster, or start one that no other computer can reach."""
    if address.startswith("ray://"):
        raise ConfigError(
            f"--ray {address}: Ray Data can't work through Ray Client; run this on a computer of the cluster with "
            "--ray auto, or name its head as host:6379"
        )
    try:
        if address == "local":
            ray.init(address, num_cpus=workers, include_dashboard=False, object_store_memory=OBJECT_STORE_BYTES,
                     _node_ip_address="127.0.0.1", log_to_driver=False, logging_level=logging.ERROR)  # fmt: skip
        else:
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:  # Nothing narrower: a node that takes too long to start raises Exception itself.
        if address == "local":
            hint = "try again while less runs here, or leave --ray out"
            raise ConfigError(f"--ray: Ray doesn't start on this computer: {error}; {hint}") from error
        hint = "if that cluster asks for a token, set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN, as on its nodes"
        raise ConfigError(f"--ray {address}: no Ray cluster answers there: {error}; {hint}") from error
    # Ray prints what befalls workers, some of it when it ends, and standard output is for results alone.
    with redirect_stdout(sys.stderr):
        try:
            yield
        finally:
            ray.shutdown()


def _wave(
    jobs: Sequence[tuple[int, FilmJob]], settings: Settings, marks: Path, workers: int
) -> Iterator[tuple[int, Row]]:
    size = max(1, min(FILMS_A_BLOCK, len(jobs) // (4 * workers)))
    # Pickled, for Arrow has no paths, and no text that isn't UTF-8.
    packed = [{"job": pickle.dumps(job)} for job in jobs]
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_consecutive_actor_init_deaths = MOST_DEATHS
    rows = ray.data.from_items(packed, override_num_blocks=math.ceil(len(jobs) / size)).map_batches(
        _Worker, fn_constructor_args=(settings, marks), batch_size=None, num_cpus=1,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers, initial_size=workers),
    )  # fmt: skip
    try:
        for row in rows.iter_rows():
            result = pickle.loads(row["row"])
            if isinstance(result, EngineError):
                raise result
            yield result
    except ray.exceptions.RayError as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelError(f"Ray gave up: {said[-1]}; run the same command again to go on") from error


class _Worker:
    """The actor: a process that holds the model and predicts blocks of films."""

    def __init__(self, settings: Settings, marks: Path) -> None:
        self._settings = settings
        self._marks = marks
        self._model: LoadedModel | None = None

    def __call__(self, block: Mapping[str, NDArray[np.object_]]) -> dict[str, NDArray[np.object_]]:
        """Predict a block of pickled jobs; returns their numbers and rows, or the error that ends the run, pickled."""
        jobs: list[tuple[int, FilmJob]] = [pickle.loads(job) for job in block["job"]]
        results: list[tuple[int, Row] | EngineError]
        try:
            results = [(number, self._row(job)) for number, job in jobs]
        except EngineError as error:
            results = [error]  # Raised, it would reach the other side as text alone.
        return {"row": np.array([pickle.dumps(result) for result in results], object)}

    def _row(self, job: FilmJob) -> Row:
        mark = self._marks / hashlib.sha256(os.fsencode(job.target)).hexdigest()
        if mark.exists() and len(mark.read_text().splitlines()) >= MOST_DEATHS:
            reason = f"its worker died {MOST_DEATHS} times over it, as when memory runs out; predict it by itself"
            return skipped(job, reason)
        self._marks.mkdir(parents=True, exist_ok=True)
        with mark.open("a") as file:
            file.write(f"{socket.gethostname()} {os.getpid()}\n")
        if self._model is None:
            # Under the mark, for a model that memory hasn't room for kills its worker each time.
            self._model = load(self._settings)
        row = predict_film(job, self._model, self._settings)
        mark.unlink(missing_ok=True)
        return row


def _absolute(job: FilmJob) -> FilmJob:
    """Return a job whose paths don't hang on the folder that a process works in."""
    annotation = None if job.item.annotation is None else job.item.annotation.absolute()
    return replace(
        job, item=replace(job.item, film=job.item.film.absolute(), annotation=annotation), target=job.target.absolute()
    )


def _clear(marks: Path) -> None:
    if marks.exists():
        shutil.rmtree(marks)
