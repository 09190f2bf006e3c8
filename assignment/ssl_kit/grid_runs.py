"""The runs of a grid: what is done already is not done again, and the time that the others take is estimated. Given.

In the folder of a cell and a seed lie `training.json` (the flags of the run, and its seconds once it is over) with what
`main.py` writes, and `result.json` (what was measured) with what `main_linclis.py` writes. Cells that share a run find
it in the folder of one of them. Every file is written whole or not at all, so a grid can be killed at any moment.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ssl_kit import checkpoints, engine, sweep
from ssl_kit.cells import MEASURES, Cell, Numbers
from ssl_kit.grids import GRIDS
from ssl_kit.logs import read_log, write_text
from ssl_kit.pace import Pace, spoken, work

HERE = Path(__file__).resolve().parents[1]


class RunFailed(engine.UserError):
    """A script of a run ended with an error, which stands above: the others of the grid can go on."""


@dataclass(frozen=True)
class Outcome:
    """The results of one cell by seed and measure (accuracies in percent), and what failed."""

    cell: Cell
    seeds: Mapping[int, Numbers]
    failure: str = ""


def value_of(name: str, default: str, flags: Sequence[str]) -> str:
    """The value of `--name` among the flags of a run."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument(f"--{name}", dest="value", default=default)
    return str(parser.parse_known_args(flags)[0].value)


def call(script: str, flags: list[str]) -> None:
    """Run a script of this folder; raises `RunFailed` if it fails, with its own message above."""
    done = subprocess.run([sys.executable, str(HERE / script), *flags], check=False)
    if done.returncode in (130, -2):
        raise KeyboardInterrupt
    if done.returncode:
        raise RunFailed(f"{script} ended with status {done.returncode}", "Its message stands above.")


class GridRuns:
    """The runs of the grid `args.table`, each of them trained, evaluated and measured once.

    `args` are those of `experiments.parse_args`.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.grid, self.folder = args, GRIDS[args.table], args.output / args.table
        self.failed: dict[Path, RunFailed] = {}
        self.pace = Pace()
        self.size = int(value_of("img_dim", "32", args.flags))

    def place(self, cell: Cell, seed: int) -> Path:
        """The folder of a cell and a seed."""
        return self.folder / cell.name / f"seed-{seed}"

    def trained(self, cell: Cell, seed: int) -> Path:
        """The folder of the run that a cell shares with those of the same flags: where it is, else the first one's."""
        recipe = self.recipe(cell)
        shared = [one for one in self.grid.cells if self.recipe(one) == recipe and not one.equals]
        places = [self.place(one, seed) for one in shared]
        return next((one for one in places if (one / "last.pth").is_file()), places[0])

    def recipe(self, cell: Cell) -> list[str]:
        """The flags of `main.py` that say what is trained; what makes the cell has the last word."""
        return [*self.args.flags, "--epochs", str(self.args.epochs), *cell.flags_of(self.args.epochs)]

    def epochs(self, cell: Cell) -> int:
        """The epochs of a cell's run."""
        return int(value_of("epochs", "1", self.recipe(cell)))

    def evaluation(self, cell: Cell) -> list[str]:
        """The flags of `main_linclis.py` that say how a cell is evaluated: by as many labels as its k-NN has."""
        share = value_of("label_fraction", "", self.recipe(cell))
        same = ["--train_fraction", share] if share else []
        return [*same, *self.grid.linear, *cell.linear, *self.args.linear.split()]

    def outcomes(self) -> Iterator[tuple[Outcome, Outcome]]:
        """Yield for each cell what was measured before its training and after it; what failed is left out of both."""
        self.learn()
        done: dict[str, tuple[Outcome, Outcome]] = {}
        for number, cell in enumerate(self.grid.cells, start=1):
            if cell.equals:
                before, after = done[cell.equals]
                yield before, Outcome(cell, after.seeds, after.failure)
                continue
            print(f"[{number}/{len(self.grid.cells)}] {cell.name}", flush=True)
            done[cell.name] = self.of_seeds(cell)
            yield done[cell.name]

    def learn(self) -> None:
        """Take in the times of the runs that earlier calls made."""
        for cell in self.grid.cells:
            for place in (self.place(cell, seed) for seed in self.args.seeds):
                trained, found = _read(place / "training.json") or {}, _read(place / "result.json") or {}
                if "seconds" in trained:
                    self.pace.add_training(self.weight(cell), cell.flags, self.epochs(cell), *trained["seconds"])
                if "seconds" in found:
                    self.pace.add_evaluation(tuple(found["linear"]), found["seconds"])

    def of_seeds(self, cell: Cell) -> tuple[Outcome, Outcome]:
        """Measure a cell with each seed: before training, and after it."""
        before, after, failures = {}, {}, []
        for seed in self.args.seeds:
            try:
                before[seed], after[seed] = self.measure(cell, seed)
            except RunFailed as error:
                print(f"{cell.name}, seed {seed}: {error.message}.", file=sys.stderr, flush=True)
                failures.append(f"{error.message} (seed {seed})")
        return Outcome(cell, before), Outcome(cell, after, ", ".join(failures))

    def measure(self, cell: Cell, seed: int) -> tuple[Numbers, Numbers]:
        """Train and evaluate a cell with one seed, or read what an earlier call found: before training, and after.

        Raises `RunFailed` if a script fails, and `UserError` for results of other flags.
        """
        found = self.result(cell, seed)
        if found is None:
            start = time.perf_counter()
            run = self.trained(cell, seed)
            self.train(cell, run, seed)
            found = self.evaluate(cell, run, seed)
            seconds = time.perf_counter() - start
            left = self.seconds_left()
            then = f"; about {spoken(left)} left" if left else ""
            print(f"{cell.name}, seed {seed}: {spoken(seconds)}{then}", flush=True)
        return found["before"], found["after"]

    def result(self, cell: Cell, seed: int) -> dict[str, Any] | None:
        """Read what an earlier call measured, None if nothing; raises `UserError` if that was something else."""
        folder = self.place(cell, seed)
        found = _read(folder / "result.json")
        wanted = {"flags": self.recipe(cell), "dataset": self.args.dataset, "linear": self.evaluation(cell)}
        if self.grid.figure == "sweep":
            del wanted["linear"]
        if found is None or "after" not in found:  # an earlier kit kept the best k-NN instead of the last
            return None
        if found.get("linear") is None and cell.linear:
            found["linear"] = "not known"
        self.refuse_others(folder, wanted, found)
        if self.grid.figure == "sweep" and not any(sweep.is_one(name) for name in found["after"]):
            return None
        return found

    @staticmethod
    def refuse_others(folder: Path, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        """Raise `UserError` if a folder's run is another one; what an earlier kit did not write counts as the same."""
        other = [name for name, value in wanted.items() if found.get(name, value) != value]
        if other:
            names = {"flags": "other flags", "linear": "other flags of linear evaluation", "dataset": "other images"}
            problem = f"{folder} holds a run with {' and '.join(names[name] for name in other)}."
            raise engine.UserError(problem, "Give another --output, or delete it.")

    def train(self, cell: Cell, run: Path, seed: int) -> None:
        """Train a run to its end, from where it was stopped; nothing to do if it has ended."""
        if run in self.failed:
            raise self.failed[run]
        wanted = {"flags": self.recipe(cell), "dataset": self.args.dataset}
        started = _read(run / "training.json") or {}
        if "seconds" in started or (run / "last.pth").is_file():
            self.refuse_others(run, wanted, started)
        if "seconds" in started:
            return
        checkpoints.prepare_folder(run, "--output")
        write_text(run / "training.json", json.dumps(wanted))
        again = ["--resume", str(run / "last.pth")] if (run / "last.pth").is_file() else []
        every = ["--eval_freq", str(max(1, self.epochs(cell) // 10))]
        already = len(read_log(run / "log.csv")) if again else 0
        start = time.perf_counter()
        try:
            call("main.py", [*self.common(run, seed), *self.recipe(cell), *every, *again])
        except RunFailed as error:
            self.failed[run] = error
            raise
        whole = time.perf_counter() - start
        seconds = [float(row.get("seconds", 0)) for row in read_log(run / "log.csv")]
        spent = (sum(seconds), max(0.0, whole - sum(seconds[already:])))
        write_text(run / "training.json", json.dumps({**wanted, "seconds": spent}))
        self.pace.add_training(self.weight(cell), cell.flags, self.epochs(cell), *spent)

    def evaluate(self, cell: Cell, run: Path, seed: int) -> dict[str, Any]:
        """Evaluate a run as a cell wants it, and write what was measured."""
        folder, linear = self.place(cell, seed), self.evaluation(cell)
        rows = read_log(run / "log.csv")
        if len(rows) < 2:
            problem = f"{run / 'log.csv'} has no row of before training and one of after it."
            raise engine.UserError(problem, f"Delete {run}; its cell is run again.")
        before, after = ({name: float(row[name]) for name in MEASURES if name in row} for row in (rows[0], rows[-1]))
        start = time.perf_counter()
        if self.grid.figure == "sweep":
            after |= sweep.measure(run / "last.pth", self.args.dataset, self.args.data_root, self.size)
        else:
            flags = ["--pretrained", str(run / "last.pth"), "--img_dim", str(self.size), *linear]
            call("main_linclis.py", [*self.common(folder, seed), *flags])
            after |= linear_accuracies(folder)
        spent = time.perf_counter() - start
        self.pace.add_evaluation(tuple(linear), spent)
        found = {"flags": self.recipe(cell), "dataset": self.args.dataset, "linear": linear}
        found |= {"before": before, "after": after, "seconds": spent}
        write_text(folder / "result.json", json.dumps(found))
        return found

    def common(self, folder: Path, seed: int) -> list[str]:
        """The flags that both scripts take."""
        where = ("--dataset", self.args.dataset, "--data_root", str(self.args.data_root))
        return [*where, "--exp_dir", str(folder), "--seed", str(seed)]

    def demand_flags(self) -> None:
        """End with exit status 2 if no run takes its flags, or an evaluation does not, which comes after hours."""
        from ssl_kit import flags, linear

        cells = [cell for cell in self.grid.cells if not cell.equals]
        if all(self.flags(cell) is None for cell in cells):
            flags.parse_args(self.recipe(cells[0]))
        for cell in cells:
            linear.parse_args(["--pretrained", "last.pth", *self.evaluation(cell)])

    def flags(self, cell: Cell) -> argparse.Namespace | None:
        """The flags of a cell's run as `main.py` reads them; None if it refuses them."""
        from ssl_kit import flags

        try:
            with contextlib.redirect_stderr(io.StringIO()):
                return flags.parse_args(["--dataset", self.args.dataset, *self.recipe(cell)])
        except SystemExit:
            return None

    def weight(self, cell: Cell) -> float:
        """The work of a cell's run; that of SimCLR if its flags are refused."""
        run = self.flags(cell)
        return 6.0 if run is None else work(run)

    def seconds_left(self) -> float:
        """An estimate for all that is not done yet and has not failed, by the times of what was done."""
        left, trained = 0.0, set()
        for cell in self.grid.cells:
            for seed in [] if cell.equals else self.args.seeds:
                run = self.trained(cell, seed)
                if run in self.failed or (self.place(cell, seed) / "result.json").is_file():
                    continue
                left += self.pace.evaluation(tuple(self.evaluation(cell)))
                if run not in trained and "seconds" not in (_read(run / "training.json") or {}):
                    over = max(0, len(read_log(run / "log.csv")) - 1)  # the first row is before training
                    epochs = max(0, self.epochs(cell) - over)
                    left += self.pace.training(self.weight(cell), cell.flags, epochs)
                trained.add(run)
        return left


def _read(path: Path) -> dict[str, Any] | None:
    """A JSON file; None if there is none. Raises `UserError` if it cannot be read."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise engine.UserError(f"{path} cannot be read: {error}.", "Delete it; its cell is run again.") from error
    return found


def linear_accuracies(folder: Path) -> Numbers:
    """The accuracies that `main_linclis.py` saved, in percent: over the images, and as a mean over the classes."""
    saved = checkpoints.load_checkpoint(folder / "linear.pth")
    return {"linear": float(saved["accuracy"]), "macro": float(saved["macro_accuracy"])}
