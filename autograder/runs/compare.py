"""Compares the log of a run that was handed in with that of its repetition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Row = Mapping[str, float]


@dataclass(frozen=True)
class Tolerance:
    """The most by which two values of a column may differ: in its unit, plus a share of the value."""

    absolute: float
    share: float = 0.0

    def allows(self, ours: float, theirs: float) -> bool:
        """Whether two values agree."""
        return abs(ours - theirs) <= self.absolute + self.share * abs(ours)


START = {
    **dict.fromkeys(("knn", "knn_projector"), Tolerance(1.0)),
    "std_sqrt_d": Tolerance(0.002),
    "effective_rank": Tolerance(0.05, 0.005),
}
FIRST = {
    "loss": Tolerance(0.01, 0.01),
    **dict.fromkeys(("knn", "knn_projector"), Tolerance(12.0)),
    "std_sqrt_d": Tolerance(0.15),
    "effective_rank": Tolerance(1.0, 0.25),
}
LATER = {
    "loss": Tolerance(0.1, 0.05),
    **dict.fromkeys(("knn", "knn_projector"), Tolerance(25.0)),
    "std_sqrt_d": Tolerance(0.25),
    "effective_rank": Tolerance(2.0, 0.7),
}
"""The tolerance of each column before training, after the first epoch, and from the second one on.

Each is above the largest difference that `tests/bench/agreement.py` measured between runs that differ in threads,
instruction set or version of PyTorch (`docs/judging.md`). Training amplifies rounding, so later rows tell less.
"""
RATE = Tolerance(0.0, 1e-4)
"""The learning rate follows from the flags: it has no noise, only the log's six digits."""


@dataclass(frozen=True)
class Difference:
    """The first value that differs: the epoch, the column, and by how much; None where only one log has it."""

    epoch: int
    column: str
    apart: float | None

    def __str__(self) -> str:
        by = "which only one log has" if self.apart is None else f"by {abs(self.apart):.2g}"
        return f"differs at epoch {self.epoch} in {self.column}{',' if self.apart is None else ''} {by}"


def first_difference(theirs: Sequence[Row], ours: Sequence[Row]) -> Difference | None:
    """The first value of a handed-in log that our log does not have within its tolerance; None if there is none.

    A log that ends early is compared as far as it goes.
    """
    own = {row["epoch"]: row for row in ours}
    for row in theirs:
        epoch, mine = row["epoch"], own.get(row["epoch"], {})
        for column, tolerance in {**tolerances(epoch), "rate": RATE}.items():
            if (column in row) != (column in mine):
                return Difference(int(epoch), column, None)
            if column in row and not tolerance.allows(mine[column], row[column]):
                return Difference(int(epoch), column, row[column] - mine[column])
    return None


def tolerances(epoch: float) -> Mapping[str, Tolerance]:
    """The tolerances of an epoch's columns."""
    return START if epoch <= 0 else FIRST if epoch <= 1 else LATER
