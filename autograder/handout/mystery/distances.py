"""How far apart the kinds of runs are, next to how far apart seeds are.

Two runs are compared by each measure: the mean difference of its curves over the epochs. For two kinds of runs the
smallest such difference between them is divided by the largest between seeds of either. The measure that gives most
counts: above 1 it tells every run of one kind from every run of the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from autograder.core.records import Array
from autograder.mystery.runs import COLUMNS, Run

MEASURES = COLUMNS[1:]
HEADING = f"{'method':<9}{'mistake':<20}{'most alike':<20}{'apart':>7}  by"


@dataclass(frozen=True)
class Apart:
    """A kind of run and the kind of the same method that is most like it: how far apart they are, by which measure."""

    command: str
    mistake: str
    nearest: str
    ratio: float
    measure: str

    @property
    def told_apart(self) -> bool:
        """Whether a measure tells every run of one kind from every run of the other."""
        return self.ratio > 1

    @property
    def line(self) -> str:
        """For the terminal."""
        method = self.command.split()[3]
        told = "" if self.told_apart else "   CANNOT BE TOLD APART"
        return f"{method:<9}{self.mistake:<20}{self.nearest:<20}{self.ratio:7.1f}  {self.measure}{told}"


def measured(runs: Sequence[Run]) -> Iterator[Apart]:
    """Each kind, in the order of the runs."""
    groups: dict[str, dict[str, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        groups[run.command][run.mistake].append(run)
    for command, kinds in groups.items():
        within = {
            name: np.stack([apart(*pair) for pair in combinations(group, 2)]).max(axis=0)
            for name, group in kinds.items()
        }
        for name, own in kinds.items():
            found = []
            for other, group in kinds.items():
                if other != name:
                    between = np.stack([apart(*pair) for pair in product(own, group)]).min(axis=0)
                    ratios = between / np.maximum(np.maximum(within[name], within[other]), 1e-9)
                    found.append(Apart(command, name, other, float(ratios.max()), MEASURES[int(ratios.argmax())]))
            yield min(found, key=lambda one: one.ratio)


def apart(one: Run, other: Run) -> Array:
    """The mean difference of two runs over the epochs after epoch 0, for each measure."""
    first, second = (np.array(run.rows[1:], dtype=float)[:, 1:] for run in (one, other))
    return np.asarray(np.abs(first - second).mean(axis=0))
