"""`autograde --self-test --matrix`: which checks each known mistake fails, to see whether one costs what others ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.cases import all_cases
from autograder.checks import judge
from autograder.diagnose.catalogue import read_variants
from autograder.grader import SOLUTIONS, Grader
from autograder.outcomes import CheckResult
from autograder.records import Question, Rubric
from autograder.settings import Limits

_STUDENT = "self-test"


@dataclass(frozen=True)
class Row:
    """One mistake beside all checks of its question, in their order."""

    question: Question
    mistake: str
    checks: tuple[CheckResult, ...]

    @property
    def lost(self) -> float:
        """Points that the mistake costs."""
        return round(sum(check.max_points - check.points for check in self.checks), 4)


def fault_matrix(rubric: Rubric) -> Iterator[Row]:
    """A row for every single mistake of the catalogue, question by question; those that combine others are left out."""
    with Grader(rubric, Limits()) as grader:
        for question in rubric.graded:
            cases = all_cases(question.id, rubric.seed, _STUDENT)
            right = grader.reference.answers(question, cases)
            for variant in read_variants(SOLUTIONS / "mistakes"):
                if variant.question == question.id and not variant.combines:
                    given = grader.reference.answers(question, cases, variant.key)
                    yield Row(question, variant.name, judge.judge(question, judge.beside(cases, given, right)).checks)
