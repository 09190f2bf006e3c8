"""The runs that are kept in `fixtures/mystery.json`, and which of them is whose.

`handout mystery --accept` trains them, with seeds that follow from the course's. Whose run is which follows from the
course's seed and the student's id, so nothing is stored per student, and nobody without the seed can tell.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.core.errors import AutograderError
from autograder.core.rubric import seed_digest
from autograder.mystery.entries import NO_MISTAKE as NO_MISTAKE

PATH = "autograder/fixtures/mystery.json"
"""Relative to the repository."""
ACCEPT = "Run `handout mystery --accept`; it trains the runs, which takes some minutes."
COLUMNS = ("epoch", "loss", "knn", "std_sqrt_d", "effective_rank")
"""Of a run's rows, as in the training's `log.csv`."""
CODE = 8
"""Hexadecimal digits of the code by which an answer says whose run it is about."""


@dataclass(frozen=True)
class Run:
    """One training run: its command, the mistake that was made in it by the page's name, the function that has it.

    `lines` are numbers of the page's listing: each line that gives the mistake if it alone is changed. `rows` are
    COLUMNS, a row an epoch; epoch 0 is before training and has no loss. Without a mistake both names are `none`, and
    there is no line.
    """

    command: str
    mistake: str
    function: str
    lines: tuple[int, ...]
    rows: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class Runs:
    """All runs, and the digest of the seed for which they were made. Each mistake has equally many."""

    seed: str
    runs: tuple[Run, ...]

    def of(self, seed: str, student: str) -> Run:
        """The run of a student; `seed` is the rubric's."""
        return self.runs[int(_digest(seed, student)[CODE:], 16) % len(self.runs)]

    @property
    def names(self) -> tuple[set[str], set[str]]:
        """The names of all mistakes, and of all functions that may have one."""
        return {run.mistake for run in self.runs}, {run.function for run in self.runs}


def code(seed: str, student: str) -> str:
    """The code of a student's run. It says nothing about the mistake."""
    return _digest(seed, student)[:CODE]


def _digest(seed: str, student: str) -> str:
    name = unicodedata.normalize("NFC", student).strip()
    return hashlib.sha256(f"{seed}/mystery/{name}".encode("utf-8", "surrogatepass")).hexdigest()


def training_seeds(seed: str, count: int) -> list[int]:
    """The `--seed` of each of several runs of one kind."""
    return [int(_digest(seed, f"run {number}")[:CODE], 16) % 10**6 for number in range(count)]


def load_runs(root: Path, seed: str) -> Runs:
    """Read the runs; raises AutograderError where there are none, or where they were made for another seed."""
    try:
        runs = msgspec.json.decode((root / PATH).read_bytes(), type=Runs)
    except OSError as error:
        raise AutograderError(f"{PATH} cannot be read ({error.strerror}).", ACCEPT) from error
    except msgspec.MsgspecError as error:
        raise AutograderError(f"{PATH} is damaged: {error}.", ACCEPT) from error
    if runs.seed != seed_digest(seed) or not runs.runs:
        raise AutograderError(f"The runs of {PATH} were made for another seed than this course's.", ACCEPT)
    return runs


def runs_json(seed: str, runs: Sequence[Run]) -> bytes:
    """The runs as they are stored, a line each."""
    lines = b",\n".join(msgspec.json.encode(run) for run in runs)
    return b'{"seed": "%b", "runs": [\n%b\n]}\n' % (seed_digest(seed).encode(), lines)
