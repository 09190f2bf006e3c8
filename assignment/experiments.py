"""The report's tables: a grid of runs, one line per cell, next to the published numbers. Given.

    python experiments.py table4 --dataset digits --epochs 20 --seeds 0 1 2 -- --arch small --img_dim 16
    python experiments.py --list

Flags after `--` go to every run of `main.py`. A grid goes on where it was stopped: a finished cell is not run again,
an unfinished one resumes. TABLE.csv, TABLE.md and TABLE.png are written after every cell.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import data
import engine
from grids import GRIDS, Cell
from logs import read_log, write_rows, write_text

HERE = Path(__file__).resolve().parent
FLAGS_HELP = "After -- come flags for every run of main.py: -- --arch small --img_dim 16"
MEASURES = {"knn": "k-NN", "linear": "linear"}


@dataclass(frozen=True)
class Outcome:
    """What one cell reached with each seed: accuracies in percent by measure."""

    cell: Cell
    seeds: tuple[dict[str, float], ...]

    def summary(self, measure: str) -> str:
        """Mean and spread, `85.1 ± 0.3`, without spread for a single seed, empty where nothing was measured."""
        values = [seed[measure] for seed in self.seeds if measure in seed]
        if not values:
            return ""
        mean = f"{statistics.mean(values):.2f}"
        return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.2f}"


def run_cell(cell: Cell, folder: Path, args: argparse.Namespace, seed: int) -> dict[str, float]:
    """Train and evaluate one cell with one seed, or read what an earlier call found."""
    recipe = [*cell.flags, "--epochs", str(args.epochs), *args.flags]
    done = folder / "result.json"
    if done.is_file():
        found = json.loads(done.read_text(encoding="utf-8"))
        if found["flags"] == recipe:
            return {measure: found[measure] for measure in MEASURES}
        raise engine.UserError(f"{folder} holds a run with other flags.", "Give another --output, or delete it.")
    common = [
        "--dataset",
        args.dataset,
        "--data_root",
        str(args.data_root),
        "--exp_dir",
        str(folder),
        "--seed",
        str(seed),
    ]
    last = folder / "last.pth"
    again = ["--resume", str(last)] if last.is_file() else []
    call("main.py", [*common, *recipe, "--eval_freq", str(max(1, args.epochs // 10)), *again])
    size = image_size(args.flags)
    call("main_linclis.py", [*common, "--pretrained", str(last), "--img_dim", str(size), *args.linear.split()])
    rows = read_log(folder / "log.csv")
    found = {"knn": max(float(row["knn"]) for row in rows[1:] if "knn" in row), "linear": linear_accuracy(folder)}
    write_text(done, json.dumps({"flags": recipe, **found}))
    return found


def image_size(flags: Sequence[str]) -> int:
    """The `--img_dim` among the flags of a run."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--img_dim", type=int, default=32)
    return int(parser.parse_known_args(flags)[0].img_dim)


def linear_accuracy(folder: Path) -> float:
    """What `main_linclis.py` saved."""
    import checkpoints

    return float(checkpoints.load_checkpoint(folder / "linear.pth")["accuracy"])


def call(script: str, flags: list[str]) -> None:
    """Run a script of this folder; raises `UserError` where it fails, with its own message above."""
    done = subprocess.run([sys.executable, str(HERE / script), *flags], check=False)
    if done.returncode == 130:
        raise KeyboardInterrupt
    if done.returncode:
        raise engine.UserError(f"{script} ended with status {done.returncode}.", "Its message stands above.")


def write_outcomes(name: str, outcomes: Sequence[Outcome], folder: Path) -> None:
    """The table so far as CSV, as Markdown and as a plot."""
    grid = GRIDS[name]
    header = [*grid.columns, *MEASURES.values(), *(f"{title} (published)" for title in grid.published)]
    lines = []
    for outcome in outcomes:
        published = ["" if value is None else f"{value:.2f}" for value in outcome.cell.published]
        lines.append([*outcome.cell.labels, *(outcome.summary(measure) for measure in MEASURES), *published])
    write_rows(folder / f"{name}.csv", [dict(zip(header, line, strict=True)) for line in lines])
    rows = [header, ["---"] * len(header), *lines]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    write_text(folder / f"{name}.md", f"{grid.title}\n\n{table}\n")
    draw(name, outcomes, folder / f"{name}.png")


def draw(name: str, outcomes: Sequence[Outcome], path: Path) -> None:
    """Bars of the means, with the seeds as dots."""
    from plots import figure

    made, axes = figure(1, len(MEASURES), 5 * len(MEASURES), 1.2 + 0.3 * len(outcomes))
    names = [" ".join(outcome.cell.labels) for outcome in outcomes]
    for (measure, title), axis in zip(MEASURES.items(), axes.flat, strict=True):
        for row, outcome in enumerate(outcomes):
            values = [seed[measure] for seed in outcome.seeds]
            axis.barh(row, statistics.mean(values), color="tab:blue", alpha=0.5)
            axis.plot(values, [row] * len(values), "k.", markersize=4)
        axis.set(xlabel=f"{title} accuracy in %", yticks=range(len(names)), yticklabels=names, xlim=(0, 100))
        axis.invert_yaxis()
    made.suptitle(GRIDS[name].title)
    made.savefig(path, dpi=130)


def sweep(args: argparse.Namespace, folder: Path) -> None:
    """The accuracy of k-NN over K, by vote and weighted, of a SimCLR run."""
    import plots
    import validation

    (cell,) = GRIDS["ksweep"].cells
    run_cell(cell, folder / cell.name / "seed-0", args, 0)
    size = image_size(args.flags)
    halves = data.load_halves(args.dataset, args.data_root, size)
    checkpoint = folder / cell.name / "seed-0" / "last.pth"
    known, queries = (plots.features_of(checkpoint, half, size) for half in halves)
    found = validation.knn_sweep(*queries, *known)
    header = ("K", "vote", "weighted")
    lines = [(str(k), f"{vote:.2f}", f"{weighted:.2f}") for k, (vote, weighted) in found.items()]
    write_rows(folder / "ksweep.csv", [dict(zip(header, line, strict=True)) for line in lines])
    write_text(
        folder / "ksweep.md", "\n".join(f"| {' | '.join(row)} |" for row in [header, ["---"] * 3, *lines]) + "\n"
    )
    made, axes = plots.figure(1, 1, 6, 4)
    for index, title in enumerate(header[1:]):
        axes[0, 0].semilogx(list(found), [pair[index] for pair in found.values()], marker=".", label=title)
    axes[0, 0].set(xlabel="K", ylabel="k-NN accuracy in %")
    axes[0, 0].legend()
    made.savefig(folder / "ksweep.png", dpi=130)


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; wrong usage ends the program with exit status 2."""
    parser = argparse.ArgumentParser(description="Run the grid of a table.", allow_abbrev=False, epilog=FLAGS_HELP)
    parser.add_argument("table", choices=GRIDS, nargs="?", help="which table")
    parser.add_argument("--list", action="store_true", help="say what the tables are")
    parser.add_argument("--dataset", default="cifar10", help=f"{data.DATASETS} (default: %(default)s)")
    parser.add_argument("--data_root", type=Path, default=Path("data"), help="for downloads (default: %(default)s)")
    parser.add_argument("--epochs", type=engine.number(int, 1), default=800, help="of each run (default: %(default)s)")
    parser.add_argument("--seeds", type=engine.number(int, 0), nargs="+", default=[0], help="(default: 0)")
    parser.add_argument("--output", type=Path, default=Path("exp/tables"), help="(default: %(default)s)")
    parser.add_argument("--linear", default="", help="flags for main_linclis.py, in one word: --linear='--epochs 20'")
    words = list(sys.argv[1:] if argv is None else argv)
    at = words.index("--") if "--" in words else len(words)
    args = parser.parse_args(words[:at], argparse.Namespace(flags=words[at + 1 :]))
    if args.table is None and not args.list:
        parser.error("name a table, or give --list")
    return args


def main(argv: Sequence[str] | None = None) -> int:
    """Run the grid and return the exit status."""
    args = parse_args(argv)
    if args.list:
        print("\n".join(f"{name:<12} {len(grid.cells):>2} cells  {grid.title}" for name, grid in GRIDS.items()))
        return 0
    folder, outcomes = args.output / args.table, []
    folder.mkdir(parents=True, exist_ok=True)
    if args.table == "ksweep":
        sweep(args, folder)
    else:
        for number, cell in enumerate(GRIDS[args.table].cells, start=1):
            print(f"[{number}/{len(GRIDS[args.table].cells)}] {cell.name}", flush=True)
            found = tuple(run_cell(cell, folder / cell.name / f"seed-{seed}", args, seed) for seed in args.seeds)
            outcomes.append(Outcome(cell, found))
            write_outcomes(args.table, outcomes, folder)
    print((folder / f"{args.table}.md").read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    raise SystemExit(engine.run_script(main))
