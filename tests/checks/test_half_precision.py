"""Equal code, equal grade: an answer in half precision is far from right in a case of each check for every student."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.cases import all_cases
from autograder.checks import judge
from autograder.core.records import Submission
from autograder.core.rubric import load_rubric, select
from autograder.core.settings import SOLUTIONS, Limits
from autograder.grading.grader import Grader
from autograder.reference.catalogue import read_stand_ins
from tests.sample_class import RIGHT, hand_in

STUDENTS = [f"student-{number}" for number in range(40)]
MISTAKES = [
    ("1.1", "autocast_in_forward"),
    ("1.2", "half_precision"),
    ("1.2", "autocast_in_the_loss"),
    ("1.3", "align_half_precision"),
    ("1.4", "half_precision"),
]
NT_XENT = """
    z = torch.cat([z1, z2]).to(torch.{dtype})
    z = F.normalize(z, dim=1)
    s = (z @ z.T / self.temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s.float(), torch.arange(len(z)).roll(len(z1)))
"""
COSINE = """
    a, b = (F.normalize(z.to(torch.{dtype}), dim=1) for z in (z1, z2))
    return -(a.float() * b.float()).sum(1).mean()
"""
NEIGHBOURS = RIGHT["2"].replace(
    "torch.matmul(features, train_features)", "torch.matmul(features.bfloat16(), train_features.bfloat16())"
)


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(load_rubric(), Limits()) as grader:
        yield grader


@pytest.mark.published
@pytest.mark.parametrize(("question_id", "mistake"), MISTAKES)
def test_known_mistakes_of_half_precision(grader: Grader, question_id: str, mistake: str) -> None:
    rubric = load_rubric()
    question = rubric[question_id]
    lost = set()
    mistakes = read_stand_ins(SOLUTIONS / "mistakes")
    (key,) = (one.key for one in mistakes if (one.question, one.name) == (question.id, mistake))
    for student in STUDENTS:
        cases = all_cases(question.id, rubric.seed, student)
        given = grader.key.reference.answers(question, cases, key)
        result = judge.judge(question, judge.beside(cases, given, grader.key.reference.answers(question, cases)))
        lost.add(tuple(check.outcome for check in result.checks))
    assert len(lost) == 1


@pytest.mark.published
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(("question_id", "answer"), [("1.2", NT_XENT), ("1.3", COSINE)])
def test_half_precision_has_one_grade(
    grader: Grader, tmp_path: Path, question_id: str, answer: str, dtype: str
) -> None:
    scores = {grade(grader, tmp_path / str(n), question_id, answer.format(dtype=dtype), f"s{n}") for n in range(12)}
    assert len(scores) == 1 and scores.pop() < 10


def test_neighbours_in_bfloat16_are_the_same(grader: Grader, tmp_path: Path) -> None:
    scores = {grade(grader, tmp_path / str(n), "2", NEIGHBOURS, f"s{n}") for n in range(12)}
    assert len(scores) == 1


def grade(grader: Grader, folder: Path, question_id: str, answer: str, student: str) -> float:
    hand_in(folder / student, RIGHT | {question_id: answer})
    questions = select(load_rubric(), [question_id]).questions
    (result,) = grader.grade(Submission(student, folder / student), questions).questions
    return result.score
