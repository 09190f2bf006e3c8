"""`make bench-methods`: the table of docs/methods.md, every preset trained small, with several seeds.

    python tests/bench/methods_table.py [--subset FOLDER] [--epochs N] [--seeds N] [--only NAME ...]

Digits are those of the learning tests: k-NN accuracy with ten labelled images a class, before and after. `--subset`
adds a folder of images by class (`train/` and `test/`): the last k-NN accuracy (K = 1) and the linear accuracy.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "solutions")]

SUBSET = ["--img_dim=16", "--arch=small", "--batch_size=64", "--print_freq=100000", "--eval_freq=1000"]
LINEAR = ["--img_dim=16", "--optimizer=adam", "--augment=none", "--epochs=30"]
ALIKE = ["--optimizer=sgd", "--weight_decay=5e-4", "--warmup_epochs=0", "--crop_min=0.2"]
"""Flags with which all methods train alike, whatever their presets have."""
OWN = {
    "byol": ["--symmetric=true", "--m=0.9"],
    "barlow-twins": ["--learning_rate=0.01"],
    "pixcontrast": ["--feat_dim=64", "--proj_hidden=256", "--m=0.9"],
    "pixpro": ["--feat_dim=64", "--proj_hidden=256", "--m=0.9"],
    "relative-position": ["--img_dim=32"],
    "jigsaw": ["--img_dim=32"],
}
"""Flags that a preset needs at this small size, next to `--learning_rate=0.1 --feat_dim=128`; patches need pixels."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print one row of Markdown a method."""
    import torch

    from tests.solutions.test_learning import CASES

    parser = argparse.ArgumentParser(description="Train every preset small and print the table of methods.")
    parser.add_argument("--subset", type=Path, help="a folder of images by class")
    parser.add_argument("--epochs", type=int, default=3, help="on the subset (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), help="these methods")
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    start = time.perf_counter()
    for name in args.only:
        cells = [f"`{name}`", *digits(name, args.seeds)]
        if args.subset is not None:
            cells += subset(name, args.subset, args.epochs, args.seeds)
        print("| " + " | ".join(cells) + " |", flush=True)
    print(f"{time.perf_counter() - start:.0f} s")
    return 0


def digits(name: str, seeds: int) -> list[str]:
    """k-NN accuracy before and after the epochs of the learning test."""
    from tests.solutions.test_learning import CASES, train

    epochs, img_dim, _, more = CASES[name]
    results = []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            results.append(train(Path(folder), epochs, img_dim, f"--method={name}", f"--seed={seed}", *more)[:2])
    return [spread(column) for column in zip(*results, strict=True)]


def subset(name: str, path: Path, epochs: int, seeds: int) -> list[str]:
    """k-NN accuracy before and after, and the linear accuracy."""
    from ssl_kit import checkpoints

    results = []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            common = [f"--dataset=folder:{path}", f"--exp_dir={folder}", f"--seed={seed}", "--device=cpu"]
            flags = ["--learning_rate=0.1", "--feat_dim=128", *ALIKE, *OWN.get(name, []), f"--epochs={epochs}"]
            run("main.py", *common, *SUBSET, f"--method={name}", *flags)
            size = [flag for flag in OWN.get(name, []) if flag.startswith("--img_dim")]
            run("main_linclis.py", *common, *LINEAR, *size, f"--pretrained={folder}/last.pth")
            with open(Path(folder) / "log.csv", encoding="utf-8") as log:
                values = [float(row["knn"]) for row in csv.DictReader(log) if row.get("knn")]
            linear = float(checkpoints.load_checkpoint(Path(folder) / "linear.pth")["accuracy"])
            results.append((values[0], values[-1], linear))
    return [spread(column) for column in zip(*results, strict=True)]


def run(script: str, *flags: str) -> None:
    """One of the two scripts, in a process of its own."""
    command = [sys.executable, str(ROOT / "solutions" / script), *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def spread(values: Sequence[float]) -> str:
    """Mean and standard deviation, as `97.1 ± 0.4`."""
    mean = f"{statistics.mean(values):.1f}"
    return f"{mean} ± {statistics.stdev(values):.1f}" if len(values) > 1 else mean


if __name__ == "__main__":
    raise SystemExit(main())
