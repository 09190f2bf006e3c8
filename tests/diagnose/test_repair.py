"""A repair is found where a small change mends an answer, is proved, and is told without being given away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.grader import Grader
from autograder.records import Diagnosis, QuestionResult, Submission
from autograder.rubric import load_rubric
from autograder.settings import Limits
from tests.sample_class import RIGHT, hand_in

pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(load_rubric(), Limits(timeout=20.0)) as grader:
        yield grader


def graded(grader: Grader, folder: Path, question: str, answer: str) -> QuestionResult:
    hand_in(folder / "student", RIGHT | {question: answer})
    (result,) = grader.grade(Submission("student", folder / "student"), [load_rubric()[question]]).questions
    return result


def repaired(grader: Grader, folder: Path, question: str, answer: str) -> Diagnosis:
    (found,) = graded(grader, folder, question, answer).diagnosis
    return found


# What no catalogue lists: each an answer, what is said of it, and what the staff read.
WRONG = {
    "the sum is divided by one too many": (
        "1.3",
        """
        a = F.normalize(z1, dim=1)
        b = F.normalize(z2, dim=1)
        return -(a * b).sum() / (len(z1) + 3)
        """,
        "+        return -(a * b).sum() / (len(z1))",
    ),
}
