"""How long the runs of a grid will take, by those that were seen. Given."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

Flags = tuple[str, ...]


@dataclass
class Pace:
    """The times of runs so far: seconds of training for an epoch, by weight, and of what stands around it.

    A run's weight is its work for an image. A run that was not seen is estimated by the seen one of the same flags with
    another seed, else by those of the same weight, else by all in proportion to their weights.
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
        return epochs * statistics.mean(same or alike or scaled) + statistics.mean(self.around)

    def evaluation(self, flags: Flags) -> float:
        """An estimate of the seconds of a linear evaluation; 0 as long as none was seen."""
        same = [seconds for seen, seconds in self.evaluations if seen == flags]
        seconds = same or [seconds for _, seconds in self.evaluations]
        return statistics.mean(seconds) if seconds else 0.0


def spoken(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
