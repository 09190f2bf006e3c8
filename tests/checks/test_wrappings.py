"""A right number in an unusual wrapping is judged as the wrapping deserves, and the hint says what it lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.core.records import QuestionResult, Submission
from autograder.core.rubric import load_rubric, select
from autograder.core.settings import Limits
from autograder.grading.grader import Grader
from tests.sample_class import RIGHT, hand_in

pytestmark = pytest.mark.published

COUNT = RIGHT["2"].replace(".sum().item()", ".sum()")


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(load_rubric(), Limits()) as grader:
        yield grader


def graded(grader: Grader, folder: Path, question: str, answer: str) -> QuestionResult:
    hand_in(folder / "student", RIGHT | {question: answer})
    questions = select(load_rubric(), [question]).questions
    (result,) = grader.grade(Submission("student", folder / "student"), questions).questions
    return result


@pytest.mark.parametrize("wrapping", [".cpu().numpy()", ".float().cpu().numpy()", ".numpy()[()]"])
def test_a_count_may_be_a_numpy_array_without_dimensions(grader: Grader, tmp_path: Path, wrapping: str) -> None:
    assert graded(grader, tmp_path, "2", COUNT.rstrip() + wrapping).score == 10


@pytest.mark.parametrize(
    ("question", "wrapped", "lost", "mistake"),
    [
        ("1.2", "loss.detach().numpy()", {"Gradients of both views", "The loss is a 0-d tensor"}, "number_returned"),
        (
            "1.3",
            "loss.detach().numpy()",
            {"Gradients of both views", "The loss is a 0-d tensor"},
            "align_number_returned",
        ),
        ("1.2", "torch.nn.Parameter(loss)", {"Gradients of both views"}, "graph_cut"),
        ("1.3", "torch.nn.Parameter(loss)", {"Gradients of both views"}, "align_graph_cut"),
    ],
)
def test_a_loss_without_its_graph(
    grader: Grader, tmp_path: Path, question: str, wrapped: str, lost: set[str], mistake: str
) -> None:
    answer = RIGHT[question].replace("return ", "loss = ").rstrip() + f"\n        return {wrapped}\n"
    result = graded(grader, tmp_path, question, answer)
    assert {check.name for check in result.checks if not check.passed} == lost
    assert [found.mistake for found in result.diagnosis] == [mistake]
