"""How long the runs of a grid will take, by those that were seen. Given."""

from __future__ import annotations

import statistics
from argparse import Namespace
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ssl_kit import pretext

Flags = tuple[str, ...]
IMAGES = {"cifar10": 50_000, "cifar100": 50_000, "stl10": 100_000}
"""Of an epoch, of the sets that have more of them than `exemplar` takes."""


def work(run: Namespace) -> float:
    """The work of an epoch for each image of the data set, of a run with these flags of `main.py`.

    Counted in forward passes: a backward pass is two. Nine patches cost about as much as their image, as was measured:
    they have half of its area, but small maps are slow.
    """
    if run.loss_type in pretext.TASKS:
        views = 4 if run.loss_type == "rotation" else 1
        return 3.0 * views * _share(run)
    if not run.use_momentum_encoder:
        return 6.0
    return 8.0 if run.symmetric or run.loss_type in ("pixpro", "pixcontrast") else 4.0


def _share(run: Namespace) -> float:
    """The share of the images that a task sees in an epoch."""
    images = _images(run.dataset)
    if run.loss_type == "exemplar" and images:
        return float(min(1.0, run.exemplars / images))
    return 0.05 if run.loss_type == "supervised" and run.dataset == "stl10" else 1.0  # 5,000 have labels


@cache
def _images(dataset: str) -> int:
    """The training images of a data set; 0 for a set that is small."""
    if dataset.startswith("folder:"):
        return sum(1 for _ in Path(dataset.removeprefix("folder:")).expanduser().glob("train/*/*"))
    return IMAGES.get(dataset, 0)


@dataclass
class Pace:
    """The times of runs so far: seconds of training for an epoch, by weight, and of what stands around it.

    A run's weight is its work for an image. A run that was not seen is estimated by the seen one of the same flags with
    another seed, else by those of the same weight, else by all in proportion to their weights. Of several the median
    counts, so that one run on a busy machine, or the first one with its download, does not.
    """

    epochs: list[tuple[float, Flags, float]] = field(default_factory=list)
    """Of each run its weight, its flags, and the seconds of an epoch."""
    around: list[float] = field(default_factory=list)
    """The seconds of each run outside of its epochs: the start, and the measures."""
    evaluations: list[tuple[Flags, float]] = field(default_factory=list)
    """Of each linear evaluation its flags and its seconds."""

    def add_training(self, weight: float, flags: Flags, epochs: int, training: float, around: float) -> None:
        """Take in a run, with its seconds in all epochs and around them."""
        self.epochs.append((weight, flags, training / epochs))
        self.around.append(around)

    def add_evaluation(self, flags: Flags, seconds: float) -> None:
        """Take in a linear evaluation."""
        self.evaluations.append((flags, seconds))

    def training(self, weight: float, flags: Flags, epochs: int) -> float:
        """An estimate of the seconds of so many epochs of a run, and around them; 0 as long as none was seen."""
        if not self.epochs:
            return 0.0
        same = [seconds for _, seen, seconds in self.epochs if seen == flags]
        alike = [seconds for seen, _, seconds in self.epochs if seen == weight]
        scaled = [seconds / seen * weight for seen, _, seconds in self.epochs]
        return epochs * statistics.median(same or alike or scaled) + statistics.median(self.around)

    def evaluation(self, flags: Flags) -> float:
        """An estimate of the seconds of a linear evaluation; 0 as long as none was seen."""
        same = [seconds for seen, seconds in self.evaluations if seen == flags]
        seconds = same or [seconds for _, seconds in self.evaluations]
        return statistics.median(seconds) if seconds else 0.0


def spoken(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
