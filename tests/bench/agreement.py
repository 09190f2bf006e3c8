"""How far runs of `main.py` agree that should be one run: `python -m tests.bench.agreement [PYTHON ...]`.

Trains each recipe once as it is, and again with other threads, instruction sets, and the Pythons that are named (with
another PyTorch, say). Prints the largest difference of each column of `log.csv` to the first run, by stretches of
epochs, and at the end the largest of all recipes and variants. `autograder/runs/compare.py` takes its tolerances from
this; `docs/judging.md` quotes it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "solutions"))

from ssl_kit.logs import read_log  # noqa: E402 - of the path above

EPOCHS = 20
SIZE = "--dataset digits --img_dim 8 --arch small --feat_dim 128 --batch_size 64 --learning_rate 0.1"
RECIPES = {
    "SimCLR": "--method simclr --label_fraction 0.07",
    "SimCLR, all labels": "--method simclr --temperature 0.2",
    "MoCo, queue": "--method moco-queue --label_fraction 0.07",
    "BYOL": "--method byol --label_fraction 0.07",
    "SimSiam": "--method simsiam --label_fraction 0.07",
    "SimSiam, no stop-gradient": "--method simsiam --stop_gradient false --label_fraction 0.07",
    "SimSiam, no predictor": "--method simsiam --use_predictor false --label_fraction 0.07",
    "Barlow Twins": "--loss_type barlow --learning_rate 0.03 --label_fraction 0.07",
}
AS_IT_IS = {"OMP_NUM_THREADS": "1"}
VARIANTS = {
    "the same again": AS_IT_IS,
    "2 threads": {"OMP_NUM_THREADS": "2"},
    "MKL_CBWR=COMPATIBLE": {**AS_IT_IS, "MKL_CBWR": "COMPATIBLE"},
    "ATEN_CPU_CAPABILITY=avx2": {**AS_IT_IS, "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
    "ATEN_CPU_CAPABILITY=default": {**AS_IT_IS, "ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"},
}
COLUMNS = ("loss", "knn", "knn_projector", "std_sqrt_d", "effective_rank")
STRETCHES = ((0, 0), (1, 1), (2, 3), (4, 10), (11, 20))
"""Epochs, from and to, that share a row of the table."""

Rows = list[dict[str, str]]


def rows_of(flags: str, environment: Mapping[str, str], python: str) -> Rows:
    """The log of a run, measured after each epoch."""
    with tempfile.TemporaryDirectory() as folder:
        command = [python, "main.py", *SIZE.split(), *flags.split(), "--epochs", str(EPOCHS), "--eval_freq", "1"]
        subprocess.run(
            [*command, "--device", "cpu", "--print_freq", "100000", "--exp_dir", folder],
            cwd=ROOT / "solutions",
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return read_log(Path(folder) / "log.csv")


def furthest(first: Rows, again: Rows, low: int, high: int) -> dict[str, float]:
    """By column the largest difference between two logs in the epochs from `low` to `high`, relative for the rank."""
    found = dict.fromkeys(COLUMNS, 0.0)
    for one, other in zip(first, again, strict=True):
        for name in COLUMNS:
            if low <= int(one["epoch"]) <= high and name in one:
                apart = abs(float(one[name]) - float(other[name]))
                found[name] = max(found[name], apart / float(one[name]) if name == "effective_rank" else apart)
    return found


def line(recipe: str, variant: str, stretch: tuple[int, int], apart: Mapping[str, float]) -> str:
    """A line of the table."""
    return " | ".join([recipe, variant, "{}-{}".format(*stretch), *(f"{apart[column]:.2g}" for column in COLUMNS)])


def main(argv: Sequence[str] | None = None) -> int:
    """Train everything and print the table, a line for each recipe, variant and stretch."""
    parser = argparse.ArgumentParser(description="How far runs agree that should be one.")
    parser.add_argument("python", nargs="*", metavar="PYTHON", help="other Pythons to train with")
    parser.add_argument("--jobs", type=int, default=2, help="runs side by side (default: %(default)s)")
    args = parser.parse_args(argv)
    variants = {name: (environment, sys.executable) for name, environment in VARIANTS.items()}
    variants |= {python: (AS_IT_IS, python) for python in args.python}
    print(" | ".join(["recipe", "variant", "epochs", *COLUMNS]))
    largest = {stretch: dict.fromkeys(COLUMNS, 0.0) for stretch in STRETCHES}
    with ThreadPoolExecutor(args.jobs) as pool:
        for recipe, flags in RECIPES.items():
            ways = [(AS_IT_IS, sys.executable), *variants.values()]
            first, *others = pool.map(lambda way, flags=flags: rows_of(flags, *way), ways)
            for name, again in zip(variants, others, strict=True):
                for stretch, most in largest.items():
                    apart = furthest(first, again, *stretch)
                    print(line(recipe, name, stretch, apart), flush=True)
                    most.update({column: max(most[column], apart[column]) for column in COLUMNS})
    for stretch, most in largest.items():
        print(line("all", "largest", stretch, most))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
