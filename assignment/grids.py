"""The cells of the report's tables, and what was published for them. Given; `experiments.py` runs them.

Tables 1 to 4 are those of the homework's report: CIFAR-10, ResNet-18, 800 epochs, the best k-NN (K = 1, projector
output) and the linear accuracy. Two of its findings should not surprise you when they do not repeat: its table 3 moved
the optimiser's momentum, not `--m`, and where a momentum encoder was used, its stop-gradient was always on.
"""

from __future__ import annotations

from dataclasses import dataclass

Number = float | None


@dataclass(frozen=True)
class Cell:
    """One line of a table: what it is called, the flags of the run, and the published accuracies."""

    labels: tuple[str, ...]
    flags: tuple[str, ...]
    published: tuple[Number, ...]

    @property
    def name(self) -> str:
        """The labels as the name of a folder."""
        return "-".join(self.labels).replace(" ", "_").replace("/", "_")


@dataclass(frozen=True)
class Grid:
    """A table: its title, the names of the label columns and of the published columns, and its lines."""

    title: str
    columns: tuple[str, ...]
    published: tuple[str, ...]
    cells: tuple[Cell, ...]


METHODS = {"SimCLR": "simclr", "MoCo": "moco", "BYOL": "byol", "SimSiam": "simsiam"}
ACCURACIES = ("k-NN", "linear")


def _batch_sizes() -> Grid:
    published = {
        ("SimCLR", 256): (88.05, 91.62),
        ("SimCLR", 128): (88.07, 92.15),
        ("MoCo", 128): (86.55, 91.72),
        ("BYOL", 256): (85.89, 91.10),
        ("BYOL", 128): (86.72, 91.08),
        ("SimSiam", 512): (86.59, 91.22),
        ("SimSiam", 256): (86.89, 91.48),
        ("SimSiam", 128): (87.39, 91.94),
    }
    cells = tuple(
        Cell((method, str(size)), ("--method", METHODS[method], "--batch_size", str(size)), numbers)
        for (method, size), numbers in published.items()
    )
    return Grid("Table 1: batch size (learning rate 0.03)", ("method", "batch size"), ACCURACIES, cells)


def _learning_rates() -> Grid:
    rates = ("0.06", "0.03", "0.015")
    published = {
        "SimCLR": ((87.64, 92.38), (88.07, 92.15), (88.18, 91.95)),
        "MoCo": ((85.06, 92.33), (86.55, 91.72), (86.73, 91.48)),
        "BYOL": ((83.90, 88.76), (86.72, 91.08), (86.59, 91.33)),
        "SimSiam": ((86.29, 91.60), (87.39, 91.94), (86.13, 90.89)),
    }
    cells = tuple(
        Cell((method, rate), ("--method", METHODS[method], "--batch_size", "128", "--learning_rate", rate), numbers)
        for method, row in published.items()
        for rate, numbers in zip(rates, row, strict=True)
    )
    return Grid("Table 2: learning rate (batch 128)", ("method", "learning rate"), ACCURACIES, cells)


def _momentum_coefficients() -> Grid:
    values = ("0.999", "0.99", "0.9")
    published = {
        "MoCo": ((86.69, 91.82), (86.55, 91.72), (86.82, 91.46)),
        "BYOL": ((86.77, 90.97), (86.72, 91.08), (86.66, 91.00)),
    }
    cells = tuple(
        Cell((method, m), ("--method", METHODS[method], "--batch_size", "128", "--m", m), numbers)
        for method, row in published.items()
        for m, numbers in zip(values, row, strict=True)
    )
    return Grid("Table 3: momentum coefficient (batch 128)", ("method", "m"), ACCURACIES, cells)


def _ablations() -> Grid:
    rows = (
        ("SimCLR", 256, False, False, (88.05, 91.62)),
        ("SimCLR", 256, True, False, (87.84, 91.62)),
        ("SimCLR", 256, True, True, (86.22, 91.57)),
        ("MoCo", 128, False, True, (86.55, 91.72)),
        ("MoCo", 128, True, True, (87.85, 92.12)),
        ("MoCo", 128, False, False, (86.75, 91.73)),
        ("BYOL", 256, True, True, (85.89, 91.10)),
        ("BYOL", 256, False, True, (31.57, 30.86)),
        ("BYOL", 256, True, False, (86.13, 91.26)),
        ("SimSiam", 128, True, True, (87.39, 91.94)),
        ("SimSiam", 128, False, True, (28.03, 34.01)),
        ("SimSiam", 128, True, False, (30.52, 32.43)),
    )
    cells = []
    for method, size, predictor, stop, numbers in rows:
        answers = [str(answer).lower() for answer in (predictor, stop)]
        flags = ("--use_predictor", answers[0], "--stop_gradient", answers[1], "--batch_size", str(size))
        labels = (method, "yes" if predictor else "no", "yes" if stop else "no")
        cells.append(Cell(labels, ("--method", METHODS[method], *flags), numbers))
    columns = ("method", "predictor", "stop-gradient")
    return Grid("Table 4: predictor and stop-gradient", columns, ACCURACIES, tuple(cells))


def _symmetric_predictors() -> Grid:
    heads = ("--predictor_type", "linear", "--feat_dim", "128", "--symmetric", "true", "--m", "0.996")
    shared = (*heads, "--batch_size", "128", "--weight_decay", "4e-4")
    published = {("byol", True): 85.7, ("byol", False): 84.2, ("simsiam", True): 20.3, ("simsiam", False): 79.4}
    cells = tuple(
        Cell(
            ("EMA" if method == "byol" else "no EMA", "symmetric" if symmetric else "free"),
            ("--method", method, *shared, "--symmetric_predictor", str(symmetric).lower()),
            (number,),
        )
        for (method, symmetric), number in published.items()
    )
    title = "DirectPred's table: momentum encoder and symmetric predictor (100 epochs)"
    return Grid(title, ("targets", "predictor"), ("linear",), cells)


def _queue_sizes() -> Grid:
    cells = tuple(
        Cell((f"{batches * 128} keys",), ("--method", "moco-queue", "--batch_size", "128", *queue), (None, number))
        for batches, number in ((50, 53.01), (200, 52.73))
        for queue in [("--queue_batches", str(batches))]
    )
    return Grid("Queue size (published: linear, 10 % of the labels)", ("queue",), ACCURACIES, cells)


def _one_run() -> Grid:
    return Grid("k-NN over K", ("method",), (), (Cell(("SimCLR",), ("--method", "simclr"), ()),))


GRIDS = {
    "table1": _batch_sizes(),
    "table2": _learning_rates(),
    "table3": _momentum_coefficients(),
    "table4": _ablations(),
    "directpred": _symmetric_predictors(),
    "queue": _queue_sizes(),
    "ksweep": _one_run(),
}
