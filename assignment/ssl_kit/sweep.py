"""k-NN over K, for the grids whose figure is a `sweep`. Given; `experiments.py ksweep` runs one."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ssl_kit import data, measures
from ssl_kit.cells import Numbers, summary
from ssl_kit.logs import write_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WAYS = ("vote", "weighted")


def name_of(way: str, k: int) -> str:
    """The name of a measure: `vote 20` is k-NN by majority of 20."""
    return f"{way} {k}"


def is_one(name: str) -> bool:
    """Whether a measure is a point of a sweep."""
    return name.partition(" ")[0] in WAYS


def measure(checkpoint: Path, dataset: str, data_root: Path, img_dim: int) -> Numbers:
    """The accuracies of a backbone in percent by the name of way and K, of K up to the size of the training set."""
    from ssl_kit import plots

    known, queries = (
        plots.features_of(checkpoint, half, img_dim) for half in data.load_halves(dataset, data_root, img_dim)
    )
    found = measures.knn_sweep(*queries, *known)
    return {name_of(way, k): pair[at] for k, pair in found.items() for at, way in enumerate(WAYS)}


def points(runs: Sequence[Numbers], way: str) -> dict[int, list[float]]:
    """By K the accuracies of all runs."""
    names = [name for name in (runs[0] if runs else {}) if name.startswith(f"{way} ")]
    return {int(name.partition(" ")[2]): [run[name] for run in runs] for name in names}


def left_out(runs: Sequence[Numbers]) -> str:
    """A sentence on the K that are larger than the training set; empty if there are none."""
    missing = [str(k) for k in measures.KS if k not in points(runs, "vote")]
    return f"K = {', '.join(missing)}: left out, the training set is smaller." if missing and runs else ""


def write_csv(path: Path, named: dict[str, Sequence[Numbers]]) -> list[list[str]]:
    """Write a row for each K, two columns for each cell by its name: mean and deviation. Returns the rows."""
    header = ["K", *(f"{name}, {way}" for name in named for way in WAYS)]
    columns = [points(runs, way) for runs in named.values() for way in WAYS]
    lines = [
        [str(k), *(summary(column.get(k, [])) for column in columns)]
        for k in dict.fromkeys(k for column in columns for k in column)
    ]
    write_rows(path, [dict(zip(header, line, strict=True)) for line in lines])
    return [header, *lines]


def draw(title: str, named: dict[str, Sequence[Numbers]]) -> Figure:
    """The means over K, a colour for each cell, with the deviation of the seeds; broken lines are weighted votes."""
    from ssl_kit import plots

    made, axes = plots.figure(1, 1, 7, 4.5)
    for index, (name, runs) in enumerate(named.items()):
        for way, line in zip(WAYS, ("-", "--"), strict=True):
            found = points(runs, way)
            means = [statistics.mean(values) for values in found.values()]
            spread = [statistics.stdev(values) if len(values) > 1 else 0.0 for values in found.values()]
            style = {"color": f"C{index}", "linestyle": line, "marker": ".", "capsize": 2}
            axes[0, 0].errorbar(list(found), means, spread, label=f"{name}, {way}", **style)
    axes[0, 0].set(xlabel="K", ylabel="k-NN accuracy in %", title=title, xscale="log")
    axes[0, 0].grid(alpha=0.3)
    axes[0, 0].legend(fontsize="small")
    return made
