"""Trains the runs of every kind, in as many processes as there are cores to use."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from autograder.core.errors import AutograderError
from autograder.core.settings import usable_cores
from autograder.handout.mystery.kinds import KINDS, SEEDS
from autograder.mystery.runs import Run, training_seeds


def trained_runs(root: Path, seed: str) -> list[Run]:
    """All runs, kind by kind; raises AutograderError where one of the processes does not end as it should.

    Each process uses one thread, so that the result does not depend on how many processes there are.
    """
    jobs = [f"{kind}:{own}" for kind in range(len(KINDS)) for own in training_seeds(seed, SEEDS)]
    shares = [jobs[first :: usable_cores()] for first in range(usable_cores())]
    with ThreadPoolExecutor(len(shares)) as pool:
        done = dict(pair for share in pool.map(lambda share: _trained(root, share), shares) for pair in share)
    return [done[job] for job in jobs]


def _trained(root: Path, jobs: Sequence[str]) -> list[tuple[str, Run]]:
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory(prefix="handout-") as scratch:
        results = Path(scratch) / "results"
        command = [sys.executable, "-m", "autograder.handout.mystery", str(root / "solutions"), str(results), *jobs]
        done = subprocess.run(command, cwd=scratch, env=environment, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["nothing was said"])[-1]
            raise AutograderError(f"Training stopped: {last}.", "Look for errors in solutions/, then run it again.")
        runs = [msgspec.json.decode(line, type=Run) for line in results.read_bytes().splitlines()]
    return list(zip(jobs, runs, strict=True))
