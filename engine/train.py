"""The training loop: resumes after a kill at any moment; one process, or many through DistributedDataParallel."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
import torchvision
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from engine import __version__
from engine.backends._detector import TorchRunner
from engine.control import CancelToken
from engine.data.augment import CORRECTED_AUGMENTATION, PAPER_AUGMENTATION, Augmentation
from engine.data.batches import Batches
from engine.data.dataset import Example, SampleStore, data_hash
from engine.domain.case import NOTICE, ModelCard
from engine.domain.labels import PAPER_CLASSES
from engine.errors import ConfigError, DataError, TrainingError, ran_out_of_memory
from engine.formats._atomic import write_atomic
from engine.models import load_family
from engine.models._contract import Detector, Target
from engine.models._growth import network_labels
from engine.predict import LoadedModel
from engine.starting import check_numbers, initialise, known_labels
from engine.weights import save_weights


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Every choice of one training run; the paper is silent on most of them, so each is a named key.

    `mode` fills what isn't set: `paper` is the reading closest to the text, `corrected` what we defend.
    """

    model: str = "mask_rcnn"
    mode: str = "corrected"
    labels: tuple[str, ...] = PAPER_CLASSES
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    input_size: tuple[int, int] = (448, 576)
    epochs: int = 12
    max_steps: int | None = None  # the run, its schedule included, ends here where the epochs would take longer
    batch_size: int = 2
    learning_rate: float | None = None  # None: 0.02 for 16 images, linear in the batch (Goyal et al. 2017)
    optimiser: str = "sgd"  # Paik et al. 2024; adamw serves the trunk
    momentum: float = 0.9  # Paik et al. 2024
    weight_decay: float = 1e-4  # Paik et al. 2024
    warmup_steps: int = 500
    schedule: str = "steps"  # steps: by `drops`; cosine: smoothly to zero
    drops: tuple[float, ...] = (2 / 3, 8 / 9)  # shares of the run after which the rate falls to a tenth
    clip_norm: float = 10.0
    precision: str = "float32"
    device: str = "auto"  # auto: the graphics card of this process (LOCAL_RANK) where there is one
    augmentation: Augmentation | None = None
    repeat_rare: bool = False  # repeat-factor sampling of rare levels (Gupta et al., LVIS, 2019)
    normals: bool | None = None  # None: trained on in corrected mode, never in paper mode
    init: str = ""
    seed: int = 0
    checkpoint_every: int = 200

    def __post_init__(self) -> None:
        """Fill what the mode decides, and refuse what makes no sense."""
        if self.mode not in ("paper", "corrected"):
            raise ConfigError(f"mode must be 'paper' or 'corrected', got {self.mode!r}")
        if self.precision not in ("float32", "bfloat16"):
            raise ConfigError(f"precision must be 'float32' or 'bfloat16', got {self.precision!r}")
        if self.optimiser not in ("sgd", "adamw") or self.schedule not in ("steps", "cosine"):
            raise ConfigError(
                f"optimiser must be 'sgd' or 'adamw' and schedule 'steps' or 'cosine', "
                f"got {self.optimiser!r} and {self.schedule!r}"
            )
        last = 1 if self.max_steps is None else self.max_steps
        if min(self.epochs, last, self.batch_size, self.checkpoint_every, *self.input_size) < 1:
            raise ConfigError("epochs, max_steps, batch_size, checkpoint_every and input_size must be at least 1")
        check_numbers(self)
        paper = self.mode == "paper"
        if self.augmentation is None:
            object.__setattr__(self, "augmentation", PAPER_AUGMENTATION if paper else CORRECTED_AUGMENTATION)
        if paper:
            object.__setattr__(self, "options", {**load_family(self.model).paper, **self.options})
        if self.normals is None:
            object.__setattr__(self, "normals", not paper)
        if self.learning_rate is None:
            object.__setattr__(self, "learning_rate", 0.02 * self.batch_size / 16)


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one step tells: losses as numbers, seconds a step, seconds left."""

    step: int
    steps: int
    losses: Mapping[str, float]
    rate: float
    eta: float


@dataclass(frozen=True, slots=True)
class Validation:
    """A look at the network every so many steps, and after the last: `look` is given the model and the step."""

    every: int
    look: Callable[[LoadedModel, int], None]

    def __post_init__(self) -> None:
        """Refuse to look at no step at all."""
        if self.every < 1:
            raise ConfigError(f"validation needs a number of steps of at least 1, got {self.every}")


@dataclass(slots=True)
class _Run:
    config: TrainConfig
    examples: tuple[Example, ...]
    detector: Detector
    optimiser: torch.optim.Optimizer
    folder: Path
    store: SampleStore
    data_sha256: str
    step: int = 0

    @property
    def steps(self) -> int:
        world = distributed.get_world_size() if distributed.is_initialized() else 1
        steps = self.config.epochs * max(1, math.ceil(len(self.examples) / (self.config.batch_size * world)))
        return min(steps, self.config.max_steps or steps)


class _LossModule(nn.Module):
    """Lets DistributedDataParallel see `losses` as a forward pass."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.network = detector.network
        self._detector = detector

    def forward(self, images: Sequence[Tensor], targets: Sequence[Target]) -> dict[str, Tensor]:
        return self._detector.losses(images, targets)


def train(
    config: TrainConfig,
    examples: Sequence[Example],
    folder: Path,
    report: Callable[[StepReport], None],
    cancel: CancelToken | None = None,
    validation: Validation | None = None,
) -> Path:
    """Train, and return the path of the model card; goes on from `folder`'s checkpoint where there is one.

    `validation` is shown the network as it learns; it changes nothing of what is learned. A cancelled run saves its
    checkpoint and raises Cancelled. Raises DataError for an empty class, TrainingError for losses that aren't numbers
    or memory that ran out, and ConfigError where the checkpoint belongs to other settings or other films.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = choose_examples(config, examples)
    run = _prepare(config, chosen, folder)
    if _is_chief():
        _write_record(run)
    losses = _LossModule(run.detector)
    module: nn.Module = losses
    if distributed.is_initialized():
        # Films without a fracture leave the mask branch without a gradient.
        module = DistributedDataParallel(losses, find_unused_parameters=True)
    started, first = time.monotonic(), run.step
    with closing(_batches(run).ahead(run.step, run.steps)) as batches:
        for images, targets in batches:
            if cancel is not None and cancel.cancelled:
                _save_checkpoint(run)
                cancel.check()
            values = _step(run, module, images, targets)
            run.step += 1
            spent = (time.monotonic() - started) / (run.step - first)
            if _is_chief():
                report(StepReport(run.step, run.steps, values, _rate(run), spent * (run.steps - run.step)))
                if validation is not None and (run.step % validation.every == 0 or run.step == run.steps):
                    validation.look(LoadedModel(_card(run), TorchRunner(run.detector)), run.step)
            if run.step % config.checkpoint_every == 0:
                _save_checkpoint(run)
    _save_checkpoint(run)
    return _finish(run)


def choose_examples(config: TrainConfig, examples: Sequence[Example]) -> tuple[Example, ...]:
    """Return the films to train on.

    Raises DataError where there is none, and for fracture labels that neither a film shows nor `init` knows.
    """
    chosen = select_examples(config, examples)
    if not chosen:
        left_out = "" if config.normals else f"; {len(examples)} without a fracture are left out by normals=false"
        raise DataError(f"there is no film to train on{left_out}; add films with fractures, or set normals=true")
    held = {level for one in chosen for level in one.fractures}
    known = known_labels(config)
    missing = [label for label in config.labels if label in PAPER_CLASSES and label not in held | known]
    if missing:
        raise DataError(f"no training film shows a fracture of {', '.join(missing)}; add films or leave the label out")
    return chosen


def select_examples(config: TrainConfig, examples: Sequence[Example]) -> tuple[Example, ...]:
    """Return the films that the settings take, rare ones repeated where asked, whatever labels they show."""
    chosen = [one for one in examples if config.normals or one.fractures]
    if not config.repeat_rare:
        return tuple(chosen)
    held = {level for one in chosen for level in one.fractures}
    share = {label: sum(label in one.fractures for one in chosen) / len(chosen) for label in held}
    often = max(share.values(), default=1.0)
    repeated: list[Example] = []
    for one in chosen:
        factor = max((math.sqrt(often / share[level]) for level in one.fractures), default=1.0)
        repeated.extend([one] * max(1, round(factor)))
    return tuple(repeated)


def choose_device(name: str) -> torch.device:
    """Return the device of this process; raises ConfigError for one that isn't there."""
    if name == "auto":
        name = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"device must be auto, cpu or cuda:<number>, got {name!r}") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError(f"device {name!r}: this PyTorch finds no graphics card; use device=cpu")
    return device


def _prepare(config: TrainConfig, examples: tuple[Example, ...], folder: Path) -> _Run:
    torch.manual_seed(config.seed)
    family = load_family(config.model)
    options = {"short_side": config.input_size[0], "long_side": config.input_size[1], **config.options}
    detector = family.build(len(config.labels), options)
    if config.init:
        initialise(detector, config)
    # The channels of a pixel side by side: convolutions learn faster so, on processors and on tensor cores.
    detector.network.to(choose_device(config.device)).to(memory_format=torch.channels_last)
    trainable = [value for value in detector.network.parameters() if value.requires_grad]
    run = _Run(config, examples, detector, _optimiser(config, trainable), folder,
               SampleStore(network_labels(config.labels, config.options), config.input_size[1]),
               data_hash(examples))  # fmt: skip
    _resume(run)
    return run


def _optimiser(config: TrainConfig, trainable: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
    rate = config.learning_rate or 0.0
    if config.optimiser == "adamw":
        return torch.optim.AdamW(trainable, lr=rate, betas=(config.momentum, 0.999), weight_decay=config.weight_decay)
    return torch.optim.SGD(trainable, lr=rate, momentum=config.momentum, weight_decay=config.weight_decay)


def _batches(run: _Run) -> Batches:
    config = run.config
    together = distributed.is_initialized()
    return Batches(
        run.examples, run.store, config.augmentation or CORRECTED_AUGMENTATION, config.batch_size, config.seed,
        next(run.detector.network.parameters()).device,
        distributed.get_rank() if together else 0, distributed.get_world_size() if together else 1,
    )  # fmt: skip


def _step(run: _Run, module: nn.Module, images: list[Tensor], targets: list[Target]) -> dict[str, float]:
    for group in run.optimiser.param_groups:
        group["lr"] = _rate(run)
    torch.manual_seed(run.config.seed * 1_000_003 + run.step)
    try:
        with torch.autocast(images[0].device.type, torch.bfloat16, enabled=run.config.precision == "bfloat16"):
            losses = module(images, targets)
            total = torch.stack(list(losses.values())).sum()
        values = _everyones(losses)
        if not math.isfinite(sum(values.values())):
            raise TrainingError(f"step {run.step}: losses aren't numbers ({values}); lower learning_rate and resume")
        run.optimiser.zero_grad()
        torch.autograd.backward(total)
    except (RuntimeError, MemoryError) as error:
        if not ran_out_of_memory(error):
            raise
        raise TrainingError(f"step {run.step}: out of memory; lower batch_size or input_size ({error})") from error
    torch.nn.utils.clip_grad_norm_(module.parameters(), run.config.clip_norm)
    run.optimiser.step()
    return values


def _everyones(losses: Mapping[str, Tensor]) -> dict[str, float]:
    """Return the losses as numbers, averaged over all processes, so that all of them stop together."""
    values = torch.stack([value.detach().double() for value in losses.values()])
    if distributed.is_initialized():
        distributed.all_reduce(values)
        values /= distributed.get_world_size()
    return dict(zip(losses, values.tolist(), strict=True))


def _rate(run: _Run) -> float:
    config = run.config
    warm = min(1.0, (run.step + 1) / max(1, config.warmup_steps))
    if config.schedule == "cosine":
        return (config.learning_rate or 0.0) * warm * 0.5 * (1 + math.cos(math.pi * run.step / run.steps))
    fallen = sum(run.step >= drop * run.steps for drop in config.drops)
    return (config.learning_rate or 0.0) * warm * 0.1**fallen


def _save_checkpoint(run: _Run) -> None:
    if not _is_chief():
        return
    path, part = run.folder / "checkpoint.pt", run.folder / "checkpoint.pt.part"
    state = {
        "step": run.step, "config": config_text(run.config), "data_sha256": run.data_sha256,
        "network": run.detector.network.state_dict(), "optimiser": run.optimiser.state_dict(),
    }  # fmt: skip
    try:
        with part.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, RuntimeError) as error:  # What torch makes of a full disk.
        part.unlink(missing_ok=True)
        raise TrainingError(
            f"{path}: the checkpoint of step {run.step} can't be written ({str(error).partition(chr(10))[0]}); make "
            "room, then give the same command again: it goes on from the checkpoint before"
        ) from error


def _resume(run: _Run) -> None:
    path = run.folder / "checkpoint.pt"
    if not path.exists():
        return
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:
        cause = str(error).partition("\n")[0] or type(error).__name__
        raise TrainingError(f"{path}: the checkpoint can't be read ({cause}); delete it to start anew") from error
    if state["config"] != config_text(run.config):
        raise ConfigError(f"{path}: made with other settings; use another folder, or delete it to start anew")
    if state.get("data_sha256") != run.data_sha256:
        told = "made with other films" if "data_sha256" in state else "doesn't say which films it was made with"
        raise ConfigError(f"{path}: {told}; use another folder, or delete it to start anew")
    run.detector.network.load_state_dict(state["network"])
    run.optimiser.load_state_dict(state["optimiser"])
    run.step = int(state["step"])


def _finish(run: _Run) -> Path:
    if not _is_chief():
        return run.folder / f"{run.folder.name}.card.json"
    data = {"films": len(run.examples), "sha256": run.data_sha256}
    return save_weights(run.folder, replace(_card(run), data=data), run.detector.network.state_dict())


def _card(run: _Run) -> ModelCard:
    config = run.config
    family = load_family(config.model)
    return ModelCard(
        model=config.model, labels=tuple(config.labels), input_size=config.input_size, mean=family.mean,
        std=family.std, score_threshold=0.5, sha256="", name=run.folder.name, mode=config.mode,
        options=dict(config.options), intended_use=NOTICE, created=time.strftime("%Y-%m-%d", time.gmtime()),
    )  # fmt: skip


def _write_record(run: _Run) -> None:
    record = {
        "config": json.loads(config_text(run.config)), "films": len(run.examples), "data_sha256": run.data_sha256,
        "vcfviewer": __version__, "torch": torch.__version__, "torchvision": torchvision.__version__,
        "python": platform.python_version(), "processor": platform.machine(), "git": _git_state(),
    }  # fmt: skip
    write_atomic(run.folder / "run.json", (json.dumps(record, indent=1) + "\n").encode())


def config_text(config: TrainConfig) -> str:
    """Return the settings as JSON, keys in order: what checkpoints and run records are compared by."""
    plain = asdict(replace(config, options=dict(config.options)))
    return json.dumps(plain, sort_keys=True)


def _git_state() -> str:
    """Return the commit trained from, with `+` where files were changed; `unknown` outside a checkout."""
    here = Path(__file__).parent
    commands: Iterator[list[str]] = iter((["git", "rev-parse", "HEAD"], ["git", "status", "--porcelain"]))
    try:
        answers = [subprocess.run(one, cwd=here, capture_output=True, text=True, check=True).stdout for one in commands]
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answers[0].strip() + ("+" if answers[1].strip() else "")


def _is_chief() -> bool:
    return not distributed.is_initialized() or distributed.get_rank() == 0
