"""Mistakes that only an earlier catalogue names: `python -m tests.diagnose.lost REVISION [QUESTION ...]`.

Every mistake of `solutions/mistakes/` as git has it at REVISION is handed in as if a student had made it. Printed is
each that no hint is given for, and each whose hint has other words than the one it had; the exit status is 1 where one
is not named at all.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from autograder.checks import judge
from autograder.core.records import Diagnosis, Question
from autograder.core.rubric import load_rubric
from autograder.core.settings import ROOT, SKELETON, SOLUTIONS, Limits
from autograder.diagnose.compositions import known
from autograder.diagnose.match import diagnose
from autograder.grading.grader import Grader
from autograder.reference.catalogue import StandIn, read_stand_ins
from autograder.reference.process import Reference
from autograder.sandbox.client import Server

MISTAKES = SOLUTIONS / "mistakes"


@dataclass(frozen=True)
class Fate:
    """An earlier mistake, and what is said of it now."""

    before: StandIn
    now: tuple[Diagnosis, ...]

    @property
    def said(self) -> str:
        """`the same`, `the same faults`, `other words` or `nothing`."""
        if not self.now:
            return "nothing"
        if any(one.hint == self.before.hint for one in self.now):
            return "the same"
        faults = {frozenset(one.mistake.split("+")) for one in self.now}
        return "the same faults" if frozenset(self.before.combines) in faults else "other words"


def earlier(revision: str, folder: Path) -> Path:
    """`solutions/` as git has it at a revision."""
    archive = subprocess.run(["git", "archive", revision, "solutions"], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return folder / "solutions"


def fates(solutions: Path, questions: Sequence[Question]) -> Iterator[Fate]:
    """Yield the present hint for each mistake in other `solutions/`."""
    # They know nothing of stages, or have their own; what runs them is of today.
    (solutions / "mistakes" / "compose.py").write_bytes((MISTAKES / "compose.py").read_bytes())
    with (
        Grader(load_rubric(), Limits()) as grader,
        Server(SKELETON) as server,
        closing(Reference(server, solutions, Limits())) as before,
    ):
        for question in questions:
            cases = grader.key.cases(question, "lost")
            expected = grader.key.expected(question, cases)
            for stand_in in read_stand_ins(solutions / "mistakes"):
                if stand_in.question == question.id:
                    answers = judge.beside(cases, before.answers(question, cases, stand_in.key), expected)
                    yield Fate(stand_in, diagnose(question, answers, grader.key.reference, MISTAKES))


def main(revision: str, wanted: Sequence[str]) -> int:
    """Print the lost mistakes, and a count; returns 1 if there are any."""
    questions = [question for question in load_rubric().graded if not wanted or question.id in wanted]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for fate in fates(earlier(revision, Path(folder)), questions):
            counts[fate.said] += 1
            if fate.said in ("nothing", "other words"):
                print(f"{fate.before.question} {fate.before.name}: {fate.said}\n    before: {fate.before.hint}")
                print("".join(f"    now: {one.hint}\n" for one in fate.now), end="")
    print(", ".join(f"{count} {said}" for said, count in counts.items()))
    print(f"{sum(len(known(MISTAKES, question.id)) for question in questions)} mistakes have a name now.")
    return int(counts["nothing"] > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
