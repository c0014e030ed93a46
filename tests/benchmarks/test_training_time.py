"""A film trained on: our loop beside torchvision's reference loop on the same network, from the same files.

The reference (torchvision, references/detection) reads every film anew in each epoch, draws its masks at full size, and
lets the network's own transform shrink both. Both go in one process and one thread, so that the processor's time
counts all of it, and no waiting of one thread for another.
"""

import math
import time

import numpy as np
import pytest
import torch
from measurements import peak_mib, quickest_precision, rounds_ms
from torch.utils.data import DataLoader, Dataset

from engine.data.augment import augment
from engine.data.batches import Batches
from engine.data.dataset import SampleStore, find_examples, to_tensors
from engine.domain.labels import PAPER_CLASSES, write_label
from engine.films import read_film
from engine.films.display import film_to_grey
from engine.formats.raster_iou import labelme_mask
from engine.models import load_family
from engine.models._torchvision import as_truth, train_with_fixed_statistics
from engine.resources import samples_dir
from engine.train import TrainConfig, train

TOPIC = "Training"
OPTIONS = {"depth": 18, "rois_per_image": 64, "proposals_train": 200}
BATCH = 2
FASTER = 1.5
"""How many times the reference's films a second are asked for. Demanded where the processor is quicker in bfloat16;
elsewhere told: there nearly all of a step is spent in the network, which is the same one."""

SLOWEST = 1.5
"""What a film may cost of the reference's in float32: ours augments it, and clips gradients."""

STEP_MS = 60.0
LOADING_MS = 50.0


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class FilmFiles(Dataset):
    """Films and labelme files as the reference's own datasets give them: read, drawn and made tensors one by one."""

    def __init__(self, examples, labels=PAPER_CLASSES):
        self._examples = examples
        self._labels = labels

    def __len__(self):
        return len(self._examples)

    def __getitem__(self, index):
        one = self._examples[index]
        grey = film_to_grey(read_film(one.film)).astype(np.float32) / 255
        shapes = [shape for shape in one.shapes if shape.is_fracture]
        outlines = np.array([shape.polygon.bounds for shape in shapes], np.float32).reshape(-1, 4)
        masks = np.array([labelme_mask([shape.polygon], grey.shape) for shape in shapes], np.uint8)
        labels = [self._labels.index(write_label(shape.level, shape.status)) + 1 for shape in shapes]
        target = {
            "boxes": torch.from_numpy(outlines), "labels": torch.tensor(labels, dtype=torch.int64),
            "masks": torch.from_numpy(masks.reshape(-1, *grey.shape)),
        }  # fmt: skip
        return torch.from_numpy(np.repeat(grey[None], 3, axis=0)), target


def unbatched(batch):
    """Images and targets, each still one by one: films differ in size."""
    return tuple(zip(*batch, strict=True))


class ReferenceLoop:
    """torchvision's train_one_epoch without what it prints."""

    def __init__(self, network, examples, labels, rate):
        self._network = network
        self._films = DataLoader(FilmFiles(examples, labels), BATCH, shuffle=True, collate_fn=unbatched)
        trainable = [value for value in network.parameters() if value.requires_grad]
        self._optimiser = torch.optim.SGD(trainable, lr=rate, momentum=0.9, weight_decay=1e-4)

    def epoch(self):
        train_with_fixed_statistics(self._network)
        for images, targets in self._films:
            losses = self._network(list(images), list(targets))
            total = sum(losses.values())
            assert math.isfinite(total.item())
            self._optimiser.zero_grad()
            total.backward()
            self._optimiser.step()


def config_of(size, epochs=1, labels=PAPER_CLASSES, precision="float32"):
    return TrainConfig(
        options=OPTIONS, input_size=size, epochs=epochs, batch_size=BATCH, labels=labels, precision=precision
    )


def network_of(config):
    torch.manual_seed(config.seed)
    options = {"short_side": config.input_size[0], "long_side": config.input_size[1], **config.options}
    return load_family(config.model).build(len(config.labels), options)


def test_both_have_the_same_losses():
    """The same films through our store and through the reference's own transform: only how they shrink differs."""
    config = config_of((96, 144))
    examples = find_examples(samples_dir())[:2]
    store, files = SampleStore(config.labels, config.input_size[1]), FilmFiles(examples)
    images, targets = zip(*(to_tensors(store.load(one)) for one in examples), strict=True)
    theirs_in = [files[at] for at in range(len(examples))]
    detector = network_of(config)
    torch.manual_seed(1)
    ours = detector.losses(images, targets)
    torch.manual_seed(1)
    with torch.autocast("cpu", torch.bfloat16):
        in_bfloat16 = detector.losses(images, targets)
    torch.manual_seed(1)
    same = detector.network(list(images), as_truth(targets))
    torch.manual_seed(1)
    theirs = detector.network([image for image, _target in theirs_in], [target for _image, target in theirs_in])
    assert {name: value.item() for name, value in ours.items()} == {name: value.item() for name, value in same.items()}
    for losses in (ours, in_bfloat16):
        assert sum(losses.values()).item() == pytest.approx(sum(theirs.values()).item(), rel=0.1)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("size", "films", "epochs"), [((96, 144), 2, 6), pytest.param((448, 576), 8, 3, marks=pytest.mark.slow)]
)
def test_films_a_second_beside_the_reference_loop(size, films, epochs, tmp_path, measurement):
    small = size[0] < 200
    examples = find_examples(samples_dir())[:films]
    labels = tuple(dict.fromkeys(level for one in examples for level in one.fractures))
    config = config_of(size, epochs, labels, "float32" if small else quickest_precision())
    reference = ReferenceLoop(network_of(config).network, examples, config.labels, config.learning_rate)
    ours, theirs, since = [], [], [time.process_time()]

    def report(step):
        if step.step % (step.steps // epochs):
            return
        ours.append(1000 * (time.process_time() - since[0]) / len(examples))
        start = time.process_time()
        reference.epoch()
        theirs.append(1000 * (time.process_time() - start) / len(examples))
        since[0] = time.process_time()

    train(config, examples, tmp_path, report)
    # In the first epoch ours reads the films; it keeps them shrunk.
    told = measurement(f"a film trained on, {size[0]} x {size[1]} px, {config.precision}", "ms", ours[1:],
                       peer=theirs[1:], peer_name="torchvision's reference loop, float32", share=1 / FASTER,
                       headline=not small)  # fmt: skip
    assert told.ratio < SLOWEST if config.precision == "float32" else told.is_met


def test_the_network_hardly_waits_for_films(measurement):
    """A step of a graphics card leaves the processor free, as sleep does: what it waits for its films beside that."""
    config = config_of((448, 576))
    store = SampleStore(config.labels, config.input_size[1])
    batches = Batches(find_examples(samples_dir()), store, config.augmentation, BATCH, 0, torch.device("cpu"))
    first = [batches.load(step) for step in range(4)]  # All eight films are read and kept.
    assert len(first) == 4

    def waits(films):
        """Milliseconds that each step but the first, which nobody could load ahead, waited."""
        waited, since = [], time.perf_counter()
        for _ in films:
            waited.append(1000 * (time.perf_counter() - since))
            time.sleep(STEP_MS / 1000)
            since = time.perf_counter()
        return waited[1:]

    ahead = waits(batches.ahead(4, 16))
    in_turn = waits(batches.load(step) for step in range(4, 16))
    told = measurement(f"waiting for the films of a step of {STEP_MS:g} ms", "ms", ahead, peer=in_turn,
                       peer_name="loading in turn", share=0.5)  # fmt: skip
    assert told.is_met


def test_loading_is_a_small_part_of_a_step(measurement):
    """Shrunk films come from memory; what is left is augmentation and drawing the masks."""
    config = config_of((448, 576))
    examples = find_examples(samples_dir())
    store, films = SampleStore(config.labels, config.input_size[1]), FilmFiles(examples)

    def load():
        for at, one in enumerate(examples):
            to_tensors(augment(store.load(one), config.augmentation, np.random.default_rng(at)))

    ours, theirs = rounds_ms(load, lambda: [films[at] for at in range(len(examples))], rounds=3)
    told = measurement("loading a film, 448 x 576 px", "ms", [one / len(examples) for one in ours],
                       peer=[one / len(examples) for one in theirs], peer_name="read and drawn at full size",
                       bar=LOADING_MS)  # fmt: skip
    measurement("loading eight films, peak of memory", "MiB", [peak_mib(load)],
                peer=[peak_mib(lambda: [films[at] for at in range(len(examples))])],
                peer_name="read and drawn at full size")  # fmt: skip
    assert told.is_met
