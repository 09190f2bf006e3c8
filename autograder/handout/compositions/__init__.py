"""Searches for answers that are given away: tries compositions of functions that students have on each stub's inputs.

For each stub of each asked question, calls of given functions are made mechanically: f(args), f(g(args), args), and for
functions that change their arguments, g and then f. Code that gives the reference's result on the public and the term's
inputs is handed in, instead of the stub, and graded. If all checks pass, the code is reported.

The search runs in a process of its own (`python -m autograder.handout.compositions`): a call that loops, prints, writes
or ends the process affects nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 900.0
"""Seconds after which the search is given up; it takes about a minute."""


@dataclass(frozen=True)
class Found:
    """The findings on one question: the number of compositions tried, and the code of those that pass all checks."""

    question: str
    tried: int
    limited: bool
    """Whether the limits of the search left some out."""
    agreed: int
    """The number of compositions that gave the reference's results, and were graded."""
    answers: tuple[str, ...]


class SearchFailed(Exception):
    """The searching process ended with an error; the text is its last words."""


def search(root: Path, questions: Sequence[str] = ()) -> Iterator[Found]:
    """Search the repository's `assignment/`, which must be built; all questions if none is named."""
    with tempfile.TemporaryDirectory(prefix="handout-") as scratch:
        results = Path(scratch) / "results"
        environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "autograder.handout.compositions", str(root), str(results), *questions]
        try:
            done = subprocess.run(
                command, cwd=scratch, env=environment, capture_output=True, text=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise SearchFailed(f"it was not done after {SECONDS:g} s") from error
        if done.returncode:
            last = (done.stdout + done.stderr).strip().splitlines()[-1:]
            raise SearchFailed(f"it ended with status {done.returncode}: {' '.join(last) or 'nothing was said'}")
        for line in results.read_text("utf-8").splitlines():
            row = json.loads(line)
            yield Found(**{**row, "answers": tuple(row["answers"])})
