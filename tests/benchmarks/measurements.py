"""What a benchmark tells: our values beside a peer's, taken in one run, and how the cost grows with the work."""

import gc
import importlib.metadata
import os
import platform
import statistics
import time
import tracemalloc
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PACKAGES = ("vcfviewer", "numpy", "opencv-python-headless", "shapely", "pydicom", "torch", "torchvision", "PySide6",
            "labelme", "pycocotools")  # fmt: skip
SIZES_TO_FIT = 3
BFLOAT16_WORTH_IT = 0.7
"""bfloat16 is the quicker one where a convolution takes at most this share of its time in float32."""


@dataclass(frozen=True)
class Measurement:
    """One thing measured, less being better: `ours` and `peer` are values in `unit`, one a round.

    `size` says how much work that was, in units of `of` (films, vertices, MP). Our median may be at most `bar`, and at
    most `share` times the peer's median; None: no such bar. A `headline` stands in the README's table, too.
    """

    topic: str
    name: str
    unit: str
    ours: tuple[float, ...]
    peer: tuple[float, ...] = ()
    peer_name: str = ""
    size: float | None = None
    of: str = ""
    bar: float | None = None
    share: float | None = None
    headline: bool = False

    def __post_init__(self):
        for side in ("ours", "peer"):
            object.__setattr__(self, side, tuple(getattr(self, side)))
        if not self.ours:
            raise ValueError(f"{self.topic}, {self.name}: no value was measured")
        if bool(self.peer) != bool(self.peer_name) or (self.size is None) == bool(self.of):
            raise ValueError(f"{self.topic}, {self.name}: a peer needs values and a name, a size its unit")
        if self.share is not None and not self.peer:
            raise ValueError(f"{self.topic}, {self.name}: a share of a peer that wasn't measured")

    @property
    def median(self):
        return statistics.median(self.ours)

    @property
    def ratio(self):
        """Our median as a share of the peer's; None without a peer."""
        return self.median / statistics.median(self.peer) if self.peer else None

    @property
    def is_met(self):
        """Whether every bar is met; True where there is none."""
        within = self.bar is None or self.median <= self.bar
        return within and (self.share is None or self.ratio <= self.share)

    @property
    def bars(self):
        """The bars in words, empty where there is none."""
        told = [] if self.bar is None else [f"{self.bar:g} {self.unit}"]
        told += [] if self.share is None else [f"{self.share:.2g} x peer"]
        return " and ".join(told)

    def __str__(self):
        """One line for whoever watches the run."""
        work = "" if self.size is None else f" ({self.size:g} {self.of})"
        text = f"{self.topic}, {self.name}{work}: {spread(self.ours)} {self.unit}, n = {len(self.ours)}"
        if self.peer:
            text += f"; {self.peer_name}: {spread(self.peer)} {self.unit}, n = {len(self.peer)}; {self.ratio:.2f} of it"
        return text + (f"; at most {self.bars}: {'met' if self.is_met else 'MISSED'}" if self.bars else "")

    def to_json(self):
        return {
            "topic": self.topic, "name": self.name, "unit": self.unit, "size": self.size, "of": self.of,
            "ours": summary(self.ours), "peer": summary(self.peer) if self.peer else None, "peer_name": self.peer_name,
            "ratio": self.ratio, "bar": self.bar, "share": self.share, "is_met": self.is_met,
        }  # fmt: skip


@dataclass(frozen=True)
class Growth:
    """How the cost of one thing grows with the work: like size to the power of `ours`; `peer` None without a peer."""

    topic: str
    name: str
    of: str
    sizes: tuple[float, ...]
    ours: float
    peer: float | None


def fit_growth(measurements):
    """Fit every thing that was measured at three sizes or more: a straight line through the logarithms."""
    families = {}
    for one in measurements:
        if one.size is not None and one.median > 0:
            families.setdefault((one.topic, one.name, one.unit, one.of), []).append(one)
    fitted = []
    for (topic, name, _unit, of), family in families.items():
        family.sort(key=lambda one: one.size)
        sizes = tuple(one.size for one in family)
        if len(set(sizes)) < SIZES_TO_FIT:
            continue
        peer = exponent(sizes, [statistics.median(one.peer) for one in family]) if all(o.peer for o in family) else None
        fitted.append(Growth(topic, name, of, sizes, exponent(sizes, [one.median for one in family]), peer))
    return fitted


def exponent(sizes, costs):
    """The slope of log cost over log size: 1 where twice the work costs twice as much."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def summary(values):
    low, middle, high = quartiles(values)
    return {"n": len(values), "median": middle, "quartiles": [low, high], "values": list(values)}


def quartiles(values):
    """Lower quartile, median, upper quartile."""
    return tuple(float(value) for value in np.percentile(values, (25, 50, 75)))


def spread(values):
    """The median with its quartiles, to three digits at least."""
    low, middle, high = (f"{value:,.0f}" if value >= 100 else f"{value:.3g}" for value in quartiles(values))
    return f"{middle} ({low} to {high})" if len(values) > 1 else middle


def machine():
    """What the run was made on: figures of two machines aren't to be compared."""
    return {
        "processor": processor_name(), "cores": os.cpu_count(), "memory_gib": round(memory_gib(), 1),
        "system": f"{platform.system()} {platform.release()}", "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
    }  # fmt: skip


def processor_name():
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_gib():
    """The machine's memory; NaN on systems that don't tell."""
    if not hasattr(os, "sysconf"):
        return float("nan")
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def rounds_ms(*works, rounds=5, clock=time.process_time):
    """Milliseconds of each work in some rounds, the works taking turns; the first round, which warms up, is left out.

    Processor time by default: it counts all threads of ours, and other programs hardly lengthen it.
    """
    took = [[] for _ in works]
    for at in range(rounds + 1):
        for work, times in zip(works, took, strict=True):
            start = clock()
            work()
            if at:
                times.append(1000 * (clock() - start))
    return took


def quickest_precision():
    """What this processor multiplies quickest in: a convolution of the pyramid forwards and backwards, median of five.

    What it says of itself doesn't tell: some that have the instructions for bfloat16 are slower with them.
    """
    import torch

    torch.manual_seed(0)
    convolution = torch.nn.Conv2d(256, 256, 3, padding=1)
    features = torch.randn(2, 256, 56, 72, requires_grad=True)

    def forwards_and_backwards(precise):
        with torch.autocast("cpu", torch.bfloat16, enabled=not precise):
            total = convolution(features).sum()
        total.backward()

    precise, coarse = rounds_ms(lambda: forwards_and_backwards(True), lambda: forwards_and_backwards(False))
    return "bfloat16" if statistics.median(coarse) <= BFLOAT16_WORTH_IT * statistics.median(precise) else "float32"


def peak_mib(work):
    """By how much the memory in use rises at most while `work` runs: what Python and numpy ask for, and on Linux the
    whole process, whose other libraries ask elsewhere. The larger one counts: memory let go before is taken again.
    """
    gc.collect()
    tracemalloc.start()
    start = tracemalloc.get_traced_memory()[0]
    before = _restarted_peak_kib()
    kept = work()
    traced = tracemalloc.get_traced_memory()[1] - start
    tracemalloc.stop()
    resident = _field_kib("VmHWM") - before
    del kept
    return max(traced / 2**20, resident / 1024)


def _restarted_peak_kib():
    """Let the system's count of the highest memory in use begin anew; returns what is in use, 0 off Linux."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")
    return _field_kib("VmRSS")


def _field_kib(name):
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(name))
