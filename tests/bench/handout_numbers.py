"""`make handout-numbers`: measures what the handout quotes, writes it, and prints what moved.

    python tests/bench/handout_numbers.py [--only NAME ...] [--jobs N]

`handouts/source/numbers.toml` gets a table a recipe, with the command that made it; pages quote it as
`{{ number("collapse.simsiam.knn") }}`. Each recipe is a row of `RECIPES`, and `--only collapse` runs those whose names
begin so and leaves the other tables as they are. Every run has one thread, so that the numbers do not depend on how
many cores there are; two run side by side.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "solutions")]

from autograder.handout.mystery.kinds import METHODS  # noqa: E402
from ssl_kit.grid_runs import linear_accuracies  # noqa: E402 - of the path above
from ssl_kit.logs import read_log  # noqa: E402

NUMBERS = ROOT / "handouts" / "source" / "numbers.toml"
ABOUT = "# Written by `make handout-numbers`, which measures all of it again: accuracies in percent. Do not edit.\n"
DIGITS_AFTER_POINT = {"knn": 1, "knn_projector": 1, "linear": 1, "std_sqrt_d": 3, "effective_rank": 1}
"""How many are kept; three of everything else, as of a loss."""
MEASURES = ("loss", "std_sqrt_d", "effective_rank", "knn", "knn_projector")

Numbers = dict[str, float | str]
Recipe = Callable[[Path], Numbers]
"""Measures in an empty folder; returns the numbers of one table, and their `command`."""

SIZE = "--dataset digits --img_dim 8 --arch small --feat_dim 128"
LABELS = "--label_fraction 0.07"
DIGITS = f"{SIZE} --batch_size 64 --learning_rate 0.1 {LABELS}"
"""Ten labelled images a class are known to k-NN: with all of them even random features reach 94 %."""


def trained(flags: str, linear: str = "", row: int = -1) -> Recipe:
    """A run of `main.py`: the last row of its log, or another; with `linear`, what `main_linclis.py` gets from it."""

    def measure(folder: Path) -> Numbers:
        command = f"python main.py {flags}"
        call(f"{command} --device cpu --print_freq 100000 --exp_dir {folder}")
        values = read_log(folder / "log.csv")[row]
        found: Numbers = {"command": command, **{name: float(values[name]) for name in MEASURES if name in values}}
        if linear:
            call(f"python main_linclis.py {linear} --device cpu --pretrained {folder}/last.pth --exp_dir {folder}")
            found["linear"] = linear_accuracies(folder)["linear"]
            found["linear_command"] = f"python main_linclis.py --pretrained exp/last.pth {linear}"
        return found

    return measure


def pixels(folder: Path) -> Numbers:
    """k-NN by the pixels themselves, with the labels that the other runs have."""
    import torch

    from ssl_kit import data, measures

    known, queries = data.load_halves("digits", folder, 8)
    halves = [data.plain_batches(half, 500, 8) for half in (data.few_labels(known, 0.07, 0), queries)]
    accuracy = measures.knn_accuracy(torch.nn.Flatten(), *halves, torch.device("cpu"))
    return {"command": "python tests/bench/handout_numbers.py --only levels.pixels", "knn": accuracy}


def lab(folder: Path) -> Numbers:
    """Lab 0: the first row, which both runs share, and the last one of each."""
    command = "python -m ssl_kit.lab0"
    call(f"{command} --exp_dir {folder}", "0\n" * 4)
    rows = read_log(folder / "steps.csv")
    half = len(rows) // 2
    chosen = {"untrained": rows[0], "stop_gradient": rows[half - 1], "no_stop_gradient": rows[-1]}
    names = ("loss", "std_sqrt_d", "effective_rank")
    found = {f"{run}_{name}": float(row[name]) for run, row in chosen.items() for name in names if name in row}
    return {"command": command, **{key: round(value, 1 if "rank" in key else 3) for key, value in found.items()}}


def shortcut(flags: str = "") -> Recipe:
    """SimCLR on tinted digits: k-NN of the digit and of the paper's colour, at each stage."""

    def measure(folder: Path) -> Numbers:
        command = f"python -m ssl_kit.shortcut {flags}".strip()
        lines = call(f"{command} --exp_dir {folder}").splitlines()
        stages = {"pixels": "pixels_", "untrained network": "untrained_", "epoch 20": ""}
        cells = {line[:20].strip(): line[20:].split() for line in lines}
        names = ("digit", "colour")
        found = {
            f"{prefix}{name}": float(cells[stage][at])
            for stage, prefix in stages.items()
            for at, name in enumerate(names)
        }
        return {"command": command, **found}

    return measure


def timed(command: str, typed: str = "") -> Recipe:
    """The processor time of a command with its start, in seconds, rounded up to five: machines differ by more."""

    def measure(folder: Path) -> Numbers:
        spent = run(f"{command} --exp_dir {folder}", typed)[1]
        return {"command": command, "processor_seconds": 5 * math.ceil(spent / 5)}

    return measure


SIMSIAM = f"--method simsiam {DIGITS} --epochs 20"
BYOL = f"--method byol {DIGITS} --epochs 20"
SIMCLR = f"--method simclr {DIGITS} --epochs 20"
QUEUE = f"--method moco-queue {DIGITS} --epochs 20"
SUPERVISED = f"--method supervised {SIZE} --learning_rate 0.1"
LINEAR = "--dataset digits --img_dim 8 --train_fraction 0.07 --augment none --optimizer adam"

RECIPES: dict[str, Recipe] = {
    "collapse.untrained": trained(f"--method simsiam {DIGITS} --epochs 1", row=0),
    "collapse.simsiam": trained(SIMSIAM),
    "collapse.no_stop_gradient": trained(f"{SIMSIAM} --stop_gradient false"),
    "collapse.no_predictor": trained(f"{SIMSIAM} --use_predictor false"),
    "collapse.neither": trained(f"{SIMSIAM} --use_predictor false --stop_gradient false"),
    "byol.m_0": trained(f"{BYOL} --m 0"),
    "byol.m_0_9": trained(f"{BYOL} --m 0.9"),
    "byol.m_0_99": trained(BYOL),
    "byol.m_1": trained(f"{BYOL} --m 1"),
    "byol.m_0_9_no_predictor": trained(f"{BYOL} --m 0.9 --use_predictor false"),
    "byol.m_0_99_no_predictor": trained(f"{BYOL} --use_predictor false"),
    "momentum.m_0": trained(f"{QUEUE} --m 0"),
    "momentum.m_0_9": trained(f"{QUEUE} --m 0.9"),
    "momentum.m_0_99": trained(QUEUE),
    "momentum.m_0_999": trained(f"{QUEUE} --m 0.999"),
    "temperature.t_0_02": trained(f"{SIMCLR} --temperature 0.02"),
    "temperature.t_0_1": trained(f"{SIMCLR} --temperature 0.1"),
    "temperature.t_0_5": trained(SIMCLR),
    "temperature.t_5": trained(f"{SIMCLR} --temperature 5"),
    "levels.pixels": pixels,
    "levels.untrained": trained(f"--method simclr {SIZE} --learning_rate 0 {LABELS} --epochs 1", LINEAR, row=0),
    "levels.trained": trained(SIMCLR, LINEAR),
    "levels.trained_large_crops": trained(f"{SIMCLR} --temperature 0.2 --crop_min 0.4", LINEAR),
    "levels.supervised": trained(f"{SUPERVISED} --batch_size 50 {LABELS} --epochs 100", LINEAR),
    "levels.supervised_all_labels": trained(f"{SUPERVISED} --batch_size 64 --epochs 20", LINEAR),
    "lab0.end": lab,
    "tinted.course": shortcut(),
    "tinted.hue": shortcut("--hue 0.5"),
    "time.first_run": timed("python -m ssl_kit.first_run"),
    "time.collapse": timed(f"python main.py {SIMSIAM}"),
    "time.simclr": timed(f"python main.py {SIMCLR}"),
    "time.lab0": timed("python -m ssl_kit.lab0", "0\n" * 4),
    "time.tinted": timed("python -m ssl_kit.shortcut"),
    "time.mystery": timed(f"python main.py {' '.join(METHODS['simsiam'])}"),
}
"""A row for each table of the file. A row that is not a run of `main.py` is a function like `trained`."""


def call(command: str, typed: str = "") -> str:
    """The output of one of the scripts."""
    return run(command, typed)[0]


def run(command: str, typed: str = "") -> tuple[str, float]:
    """Run one of the scripts as students run it, in `solutions/`, with one thread; its output and processor seconds."""
    words = [sys.executable, *command.split()[1:]]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryFile() as answers, tempfile.TemporaryFile() as printed:
        answers.write(typed.encode())
        answers.seek(0)
        process = subprocess.Popen(
            words, cwd=ROOT / "solutions", env=environment, stdin=answers, stdout=printed, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        text = printed.read().decode(errors="replace")
    if process.returncode:
        raise SystemExit(f"{command} failed:\n{text[-4000:]}")
    return text, usage.ru_utime + usage.ru_stime


def measured(name: str) -> Numbers:
    """One recipe, with the seconds that it took."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        found = RECIPES[name](Path(folder))
    numbers = {
        key: value if isinstance(value, str) else round(value, DIGITS_AFTER_POINT.get(key, 3))
        for key, value in found.items()
    }
    print(f"{name}  {shown(numbers)}  {time.perf_counter() - start:.0f} s", flush=True)
    return numbers


def shown(numbers: Numbers) -> str:
    """The numbers of a table in one line."""
    return "  ".join(f"{key} {value}" for key, value in numbers.items() if key != "command")


def moved(old: Mapping[str, Numbers], new: Mapping[str, Numbers]) -> list[str]:
    """A line for each number that is new, gone or another one."""
    lines = []
    for table in dict.fromkeys([*old, *new]):
        before, after = old.get(table, {}), new.get(table, {})
        lines += [
            f"{table}.{key}: {before.get(key, 'nothing')} -> {after.get(key, 'nothing')}"
            for key in dict.fromkeys([*before, *after])
            if before.get(key) != after.get(key)
        ]
    return lines


def read() -> dict[str, Numbers]:
    """The tables of the file by their dotted names; none where there is no file."""
    groups = tomllib.loads(NUMBERS.read_text(encoding="utf-8")) if NUMBERS.is_file() else {}
    return {f"{group}.{name}": table for group, tables in groups.items() for name, table in tables.items()}


def written(tables: Mapping[str, Numbers]) -> str:
    """The file that holds these tables."""
    blocks = (
        f"\n[{name}]\n" + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items())
        for name, table in tables.items()
    )
    return ABOUT + "".join(blocks)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, write the file, and print what moved."""
    parser = argparse.ArgumentParser(description="Measure what the handout quotes.")
    parser.add_argument("--only", nargs="+", default=[""], metavar="NAME", help="recipes whose names begin so")
    parser.add_argument("--jobs", type=int, default=2, help="runs side by side (default: %(default)s)")
    args = parser.parse_args(argv)
    start, old = time.perf_counter(), read()
    names = [name for name in RECIPES if name.startswith(tuple(args.only))]
    with ThreadPoolExecutor(args.jobs) as pool:
        new = dict(zip(names, pool.map(measured, names), strict=True))
    tables = {name: new.get(name) or old[name] for name in RECIPES if name in new or name in old}
    NUMBERS.write_text(written(tables), encoding="utf-8")
    print("\n".join(moved(old, tables)) or "Nothing moved.")
    print(f"{time.perf_counter() - start:.0f} s. Wrote {NUMBERS.relative_to(ROOT)}; now run `handout build`.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
