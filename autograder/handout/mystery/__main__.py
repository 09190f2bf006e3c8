"""The process that trains: `python -m autograder.handout.mystery SOLUTIONS RESULTS KIND:SEED...`.

It runs the kit's own code alone: the reference, with one function replaced by a mistake of the catalogue.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec
import torch

from autograder.core.records import STUDENT_FILES
from autograder.handout.mystery.kinds import KINDS, METHODS, Kind
from autograder.mystery.runs import NO_MISTAKE, Run
from autograder.reference.catalogue import read_stand_ins
from autograder.sandbox.placing import put_stand_in


def main(solutions: Path, results: Path, jobs: Sequence[str]) -> int:
    """Train what each job says, the place of a kind and a seed, and write a line of JSON for each run."""
    sys.path.insert(0, str(solutions))
    sys.dont_write_bytecode = True
    torch.set_num_threads(1)  # how a sum is split among threads moves its last digit, and training amplifies that
    targets = {one.key: one.target for one in read_stand_ins(solutions / "mistakes")}
    with results.open("wb") as file:
        for job in jobs:
            place, _, seed = job.partition(":")
            kind = KINDS[int(place)]
            command = " ".join(("python main.py", *METHODS[kind.method]))
            function = targets.get(kind.stand_in, NO_MISTAKE)
            run = Run(command, kind.mistake, function, kind.lines, trained(kind, seed))
            file.write(msgspec.json.encode(run) + b"\n")
            print(f"{kind.method} {kind.mistake}", flush=True)
    return 0


def trained(kind: Kind, seed: str) -> tuple[tuple[float | None, ...], ...]:
    """The rows of one run, in the order of `COLUMNS`."""
    logs = importlib.import_module("ssl_kit.logs")
    with ExitStack() as stack, open("/dev/null", "w") as quiet, redirect_stdout(quiet):
        if kind.stand_in:
            importlib.import_module("mistakes.compose")
            importlib.import_module(f"mistakes.{kind.stand_in.split('/')[1]}")
            for name in STUDENT_FILES:
                module = importlib.import_module(name.removesuffix(".py"))
                stack.callback(put_stand_in(module, kind.stand_in))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="handout-"))
        flags = (*METHODS[kind.method], "--seed", seed, "--exp_dir", folder, "--print_freq", "1000")
        importlib.import_module("main").main(flags)
        return tuple(_row(row) for row in logs.read_log(Path(folder) / "log.csv"))


def _row(row: dict[str, str]) -> tuple[float | None, ...]:
    number: dict[str, Any] = {name: float(text) for name, text in row.items()}
    spread = round(number["std_sqrt_d"], 4)
    rank = round(number["effective_rank"], 2)
    return int(number["epoch"]), number.get("loss"), round(number["knn"], 2), spread, rank


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
