"""The figures of a grid: accuracies as bars or as lines, and the curves of its runs. Given."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssl_kit import engine, plots
from ssl_kit.cells import ACCURACIES, MEASURES, Grid, row_name
from ssl_kit.grid_runs import GridRuns, Outcome
from ssl_kit.logs import read_log

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(grid: Grid, outcomes: Sequence[Outcome]) -> Figure:
    """The accuracies of all cells with the seeds as dots; the first outcome is that of the untrained network."""
    return (_lines if grid.figure == "lines" else _bars)(grid, outcomes)


def _bars(grid: Grid, outcomes: Sequence[Outcome]) -> Figure:
    shown = [one for one in grid.measures if one in ACCURACIES]
    names = [row_name(grid.columns, outcome.cell.labels) for outcome in outcomes]
    made, axes = plots.figure(1, len(shown), 5 * len(shown), 1.2 + 0.3 * len(outcomes))
    for measure, axis in zip(shown, axes.flat, strict=True):
        for row, outcome in enumerate(outcomes):
            values = of(outcome, measure)
            if values:
                axis.barh(row, statistics.mean(values), color="tab:blue", alpha=0.5)
                axis.plot(values, [row] * len(values), "k.", markersize=4)
        axis.set(xlabel=f"{MEASURES[measure]} accuracy in %", xlim=(0, 100), yticks=range(len(names)))
        axis.set(yticklabels=names, ylim=(len(names) - 0.5, -0.5))  # untrained has no linear accuracy, but its row
        axis.label_outer()
    made.suptitle(grid.title)
    return made


def _lines(grid: Grid, outcomes: Sequence[Outcome]) -> Figure:
    """Lines over the last label, by its number and at equal distances, one for each of the other labels."""
    shown = [one for one in grid.measures if one in ACCURACIES]
    untrained, *trained = outcomes
    ticks = sorted({outcome.cell.labels[-1] for outcome in trained}, key=number)
    made, axes = plots.figure(1, len(shown), 4.5 * len(shown), 3.8)
    for measure, axis in zip(shown, axes.flat, strict=True):
        for index, kind in enumerate(dict.fromkeys(outcome.cell.labels[:-1] for outcome in trained)):
            own = sorted((one for one in trained if one.cell.labels[:-1] == kind), key=lambda one: _at(ticks, one))
            points = {_at(ticks, outcome): of(outcome, measure) for outcome in own}
            means = {at: statistics.mean(values) for at, values in points.items() if values}
            style = {"color": f"C{index}", "linestyle": plots.LINES[index % len(plots.LINES)]}
            axis.plot(list(means), list(means.values()), label=row_name(grid.columns[:-1], kind), **style)
            for at, values in points.items():
                axis.plot([at] * len(values), values, ".", color=f"C{index}")
        if values := of(untrained, measure):
            axis.axhline(statistics.mean(values), color="black", linewidth=0.8, linestyle=":", label="untrained")
        axis.set(title=f"{MEASURES[measure]} accuracy in %", xlabel=grid.columns[-1], xticks=range(len(ticks)))
        axis.set(xticklabels=ticks)
        axis.grid(alpha=0.3)
    if axes[0, 0].get_legend_handles_labels()[1] != [""]:
        axes[0, 0].legend(fontsize="small")
    made.suptitle(grid.title)
    return made


def number(label: str) -> float:
    """The number that a label begins with: 6400 of `6400 keys`; infinity without one."""
    found = re.match(r"-?\d+(?:\.\d*)?(?:e-?\d+)?", label)
    return float(found[0]) if found else float("inf")


def _at(ticks: Sequence[str], outcome: Outcome) -> int:
    return ticks.index(outcome.cell.labels[-1])


def of(outcome: Outcome, measure: str) -> list[float]:
    """A measure of all seeds that have it."""
    return [seed[measure] for seed in outcome.seeds.values() if measure in seed]


def save_curves(runs: GridRuns) -> None:
    """Draw the columns of `log.csv` over the epochs, of each run with the first seed, those that there are.

    A run that cells share is called by the labels that they have in common.
    """
    shared: dict[Path, list[tuple[str, ...]]] = {}
    for cell in runs.grid.cells:
        run = runs.trained(cell, runs.args.seeds[0]) if not cell.equals else None
        if run is not None and len(read_log(run / "log.csv")) > 1:  # not of a run that failed in its first epoch
            shared.setdefault(run, []).append(cell.labels)
    common = [[one[0] if len({*one}) == 1 else "" for one in zip(*rows, strict=True)] for rows in shared.values()]
    names = [row_name(runs.grid.columns, labels) or "all rows" for labels in common]
    if shared:
        save(plots.curves([*shared], names), runs.folder / f"{runs.args.table}-curves.png")


def save(figure: Any, path: Path) -> None:
    """Write a figure as PNG, whole or not at all; raises `UserError` if it cannot be written."""
    temporary = path.with_name(f".{path.name}")
    try:
        figure.savefig(temporary, dpi=130, format="png")
        temporary.replace(path)
    except OSError as error:
        raise engine.UserError(
            f"The file {path} could not be written: {error.strerror}.", "Make room for it."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
