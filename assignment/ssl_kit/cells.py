"""The parts of a grid: a cell is a line of a table and the flags of its run. Given; `experiments.py` runs them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

ACCURACIES = {
    "knn": "k-NN",
    "knn_weighted": "k-NN, weighted",
    "knn_projector": "k-NN, projector",
    "linear": "linear",
    "macro": "linear, macro",
}
MEASURES = {
    **ACCURACIES,
    "std_sqrt_d": "std·√D",
    "effective_rank": "rank",
    "asymmetry": "asymmetry",
    "alignment": "alignment",
    "loss": "loss",
    "queue_loss_test": "loss, test",
    "queue_accuracy_train": "finds its key",
    "queue_accuracy_test": "finds its key, test",
}
"""The measures that a table may have, and the names of their columns: the accuracies are in percent.

k-NN and the linear classifier see the backbone's output. `macro` is the mean accuracy of the classes. The share of
queries that find their key is in percent too, but says nothing of the features: it is larger with a shorter queue.
"""
Numbers = dict[str, float]
"""The measures of a run, by name."""
USUAL = ("knn", "knn_projector", "linear", "std_sqrt_d", "effective_rank")


@dataclass(frozen=True)
class Cell:
    """One line of a table: its labels, and the flags of its run."""

    labels: tuple[str, ...]
    flags: tuple[str, ...]
    """Of `main.py`; `60%` is a share of the table's epochs. Cells of a grid that have the same flags share one run."""
    linear: tuple[str, ...] = ()
    """Flags of `main_linclis.py`, after those of the grid."""
    equals: str = ""
    """The name of an earlier cell whose numbers are this one's by construction: this cell is not run."""

    @property
    def name(self) -> str:
        """The labels as the name of a folder."""
        return "-".join(self.labels).replace(" ", "_").replace("/", "_")

    def flags_of(self, epochs: int) -> tuple[str, ...]:
        """The flags for `main.py` in a table of so many epochs: shares of them as whole numbers, 1 or more."""
        shares = (float(flag.removesuffix("%")) / 100 if flag.endswith("%") else None for flag in self.flags)
        whole = (None if share is None else str(max(1, round(share * epochs))) for share in shares)
        return tuple(number or flag for number, flag in zip(whole, self.flags, strict=True))


@dataclass(frozen=True)
class Grid:
    """A table: its title, the names of the label columns, and its lines."""

    title: str
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]
    epochs: int = 800
    """Of the published runs, and of ours unless `--epochs` says otherwise."""
    linear: tuple[str, ...] = ()
    """Flags for `main_linclis.py`, as of the published numbers."""
    measures: tuple[str, ...] = USUAL
    """Names in `MEASURES`, in the order of the columns."""
    predicted: tuple[str, ...] = ("knn", "std_sqrt_d")
    """Those of them that `predict` asks for."""
    figure: str = "bars"
    """`bars`; `lines` over the last label, one for the others; `sweep`: k-NN over K, a line for each cell."""


def row_name(columns: Sequence[str], labels: Sequence[str]) -> str:
    """A cell in words: `BYOL, no predictor, stop-gradient` if its labels say `no` and `yes`."""
    words = {"yes": "{}", "no": "no {}"}
    pairs = zip(columns, labels, strict=True)
    return ", ".join(words.get(label, label).format(column) for column, label in pairs if label)


def summary(values: Sequence[float]) -> str:
    """Mean and spread, `85.12 ± 0.31`, without spread for a single value, empty if there is none."""
    if not values:
        return ""
    mean = f"{statistics.mean(values):.2f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.2f}"
