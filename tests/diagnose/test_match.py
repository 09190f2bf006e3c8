"""A hint is given for exactly the mistakes that were made, alone or together, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.diagnose.several import cover
from autograder.grader import Grader
from autograder.records import Diagnosis, Submission
from autograder.rubric import load_rubric, select
from autograder.settings import Limits
from tests.sample_class import RIGHT, hand_in


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(load_rubric(), Limits()) as grader:
        yield grader


def diagnosis(grader: Grader, folder: Path, question: str, answer: str) -> tuple[Diagnosis, ...]:
    hand_in(folder / "student", RIGHT | {question: answer})
    questions = select(load_rubric(), [question]).questions
    (result,) = grader.grade(Submission("student", folder / "student"), questions).questions
    return result.diagnosis


def test_a_mistake_is_named_however_it_is_written(grader: Grader, tmp_path: Path) -> None:
    own_in_denominator = """
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        weight = torch.exp(z @ z.T / self.temperature)
        total = 0
        for i in range(len(z)):
            total = total - torch.log(weight[i, (i + len(z1)) % len(z)] / weight[i].sum())
        return total / len(z)
    """
    (found,) = diagnosis(grader, tmp_path, "1.2", own_in_denominator)
    assert found.mistake == "own_similarity_kept"
    assert found.certain


def test_two_mistakes_in_different_outputs_are_both_named(grader: Grader, tmp_path: Path) -> None:
    weight_and_mode = RIGHT["3"].replace("std=0.01", "std=0.1").replace("        model.eval()\n", "")
    found = diagnosis(grader, tmp_path, "3", weight_and_mode)
    assert len(found) == 2
    assert "eval_mode_forgotten" in [one.mistake for one in found]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("1.3", "return (z1 * 0.123 + z2).tanh().sum()", id="nonsense"),
        pytest.param("1.3", RIGHT["1.3"], id="right"),
        pytest.param("1.3", "raise NotImplementedError('Question 1.3 is not implemented yet')", id="unfilled"),
    ],
)
def test_nothing_is_guessed(grader: Grader, tmp_path: Path, question: str, answer: str) -> None:
    assert diagnosis(grader, tmp_path, question, answer) == ()


def test_another_exception_of_the_same_type_is_not_certain(grader: Grader, tmp_path: Path) -> None:
    found = diagnosis(grader, tmp_path, "2", "raise RuntimeError('something of my own')")
    assert not any(one.certain for one in found)


def test_the_smallest_sets_that_cover() -> None:
    shown = {"a": {1}, "b": {2}, "c": {3}, "d": {9}, "e": {2, 3}}
    assert cover({1, 2, 3}, shown) == [("a", "e")]
    assert cover({1, 2}, shown) == [("a", "b")]
    assert cover({1, 4}, shown) == []
