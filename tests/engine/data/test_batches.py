import threading
from contextlib import closing

import pytest
import torch

from engine.data.augment import CORRECTED_AUGMENTATION
from engine.data.batches import Batches
from engine.data.dataset import SampleStore, find_examples
from engine.domain.labels import PAPER_CLASSES
from engine.errors import FilmReadError


@pytest.fixture
def batches(coarse_films):
    examples = find_examples(coarse_films)
    return Batches(
        examples, SampleStore(PAPER_CLASSES, 96), CORRECTED_AUGMENTATION, size=2, seed=5, device=torch.device("cpu")
    )


def same(one, other):
    (images, targets), (others, theirs) = one, other
    alike = all(torch.equal(a, b) for a, b in zip(images, others, strict=True))
    return alike and all(
        torch.equal(a.boxes, b.boxes) and torch.equal(a.labels, b.labels) and torch.equal(a.masks, b.masks)
        for a, b in zip(targets, theirs, strict=True)
    )


def test_what_is_loaded_ahead_is_what_each_step_would_load(batches):
    loaded = list(batches.ahead(3, 9))
    assert len(loaded) == 6
    assert all(same(batch, batches.load(step)) for step, batch in enumerate(loaded, 3))
    assert list(batches.ahead(4, 4)) == []


def test_two_processes_share_what_one_would_take(batches):
    alone = Batches(batches.examples, batches.store, batches.plan, size=4, seed=5, device=batches.device).load(1)
    shares = [
        Batches(batches.examples, batches.store, batches.plan, 2, 5, batches.device, rank, world=2).load(1)
        for rank in (0, 1)
    ]
    together = (shares[0][0] + shares[1][0], shares[0][1] + shares[1][1])
    assert same(together, alone)


def test_the_next_batch_is_loaded_while_this_one_is_learned(batches, monkeypatch):
    begun = threading.Event()
    load = SampleStore.load

    def watched(store, example):
        if threading.current_thread() is not threading.main_thread():
            begun.set()
        return load(store, example)

    monkeypatch.setattr(SampleStore, "load", watched)
    with closing(batches.ahead(0, 3)) as ahead:
        next(ahead)
        begun.clear()
        next(ahead)
        assert begun.wait(10)
    assert not any(thread.name.startswith("films") for thread in threading.enumerate())


def test_a_film_that_cant_be_read_stops_the_step_it_belongs_to(batches):
    for example in batches.examples[1:]:
        example.film.rename(example.film.with_suffix(".away"))
    try:
        with pytest.raises(FilmReadError, match="can't be read"), closing(batches.ahead(0, 8)) as ahead:
            list(ahead)
    finally:
        for example in batches.examples[1:]:
            example.film.with_suffix(".away").rename(example.film)
    assert not any(thread.name.startswith("films") for thread in threading.enumerate())
