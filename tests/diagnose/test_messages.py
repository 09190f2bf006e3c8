"""The message to a student for every known mistake, as somebody last read it (`--update-goldens` rewrites it)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from autograder.cases import all_cases
from autograder.checks import judge
from autograder.core.rubric import load_rubric
from autograder.core.settings import SOLUTIONS, Limits
from autograder.diagnose.compositions import compositions
from autograder.grading.grader import Grader
from autograder.reference.catalogue import read_stand_ins

pytestmark = pytest.mark.published

JOINED = 20
"""The approximate number of combined faults that are listed, of thousands."""
QUESTIONS = [question.id for question in load_rubric().graded]


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(load_rubric(), Limits()) as grader:
        yield grader


@pytest.mark.parametrize("question_id", QUESTIONS)
def test_every_message(grader: Grader, golden: Callable[[str, str], None], question_id: str) -> None:
    rubric = load_rubric()
    question = rubric[question_id]
    cases = all_cases(question.id, rubric.seed, "a-student")
    expected = grader.key.reference.answers(question, cases)
    blocks = []
    joined = compositions(SOLUTIONS / "mistakes", question.id)
    for stand_in in (*read_stand_ins(SOLUTIONS / "mistakes"), *joined[:: 1 + len(joined) // JOINED]):
        if stand_in.question == question.id:
            answers = judge.beside(cases, grader.key.reference.answers(question, cases, stand_in.key), expected)
            result = judge.judge(question, answers)
            lost = [check for check in result.checks if not check.passed]
            if stand_in.combines and not lost:
                continue  # what cancels to the right value
            # Only the first line: further ones hold numbers, whose last digit is the machine's.
            said = f"{lost[0].name}: {lost[0].message.splitlines()[0]}"
            others = f"Also lost: {'; '.join(check.name for check in lost[1:]) or 'nothing'}"
            heading = f"{stand_in.name}: {result.score:g} of {result.max_score:g}"
            blocks.append("\n".join([heading, stand_in.hint, said, others]))
    golden(f"messages/{question_id}.txt", "\n\n".join(blocks) + "\n")
