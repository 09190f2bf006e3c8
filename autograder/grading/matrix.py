"""`autograde --self-test --matrix`: shows the checks that each known mistake fails, and so whether checks overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from autograder.checks import judge
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Question, Rubric
from autograder.core.settings import SOLUTIONS, Limits
from autograder.core.text import number
from autograder.grading.grader import Grader
from autograder.reference.catalogue import read_stand_ins

_STUDENT = "self-test"
_MARKS = {
    Outcome.PASSED: ".",
    Outcome.FAILED: "X",
    Outcome.COULD_NOT_RUN: "!",
    Outcome.HOLDS: "o",
    Outcome.NOT_JUDGED: "?",
    Outcome.NOT_ATTEMPTED: "-",
}


@dataclass(frozen=True)
class Row:
    """One mistake next to all checks of its question, in their order."""

    question: Question
    mistake: str
    checks: tuple[CheckResult, ...]

    @property
    def lost(self) -> float:
        """Points that the mistake costs."""
        return round(sum(check.max_points - check.points for check in self.checks), 4)


def fault_matrix(rubric: Rubric) -> Iterator[Row]:
    """Yield a row for every single mistake of the catalogue, by question; combinations of others are left out."""
    with Grader(rubric, Limits()) as grader:
        for question in rubric.graded:
            cases = grader.key.cases(question, _STUDENT)
            right = grader.key.expected(question, cases)
            for stand_in in read_stand_ins(SOLUTIONS / "mistakes"):
                if stand_in.question == question.id and not stand_in.combines:
                    given = grader.key.reference.answers(question, cases, stand_in.key)
                    yield Row(question, stand_in.name, judge.judge(question, judge.beside(cases, given, right)).checks)


def matrix_tables(rows: Iterable[Row]) -> RenderableType:
    """Show the checks of each question, then a line per mistake: points lost, and a mark for each check."""
    legend = ", ".join(f"{mark} {outcome}" for outcome, mark in _MARKS.items())
    lines = [f"A column per check: {legend}."]
    for question, group in groupby(rows, key=lambda row: row.question):
        mistakes = list(group)
        lines += ["", f"{question.id} {question.title}, checks from left to right:"]
        lines += [f"    {number(check.max_points):>4}  {check.name}" for check in mistakes[0].checks]
        for row in sorted(mistakes, key=lambda row: row.lost):
            marks = "".join(_MARKS[check.outcome] for check in row.checks)
            lines.append(f"{number(row.lost):>5}  {marks}  {row.mistake}")
    return Text("\n".join(lines))
