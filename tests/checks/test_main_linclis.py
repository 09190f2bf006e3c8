"""Question 3 takes the published code for what it is, right, and sees layers that only have `fc` in their names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.core.records import QuestionResult, Submission
from autograder.core.rubric import load_rubric, select
from autograder.core.settings import Limits
from autograder.grading.grader import Grader
from tests.sample_class import RIGHT, hand_in

PUBLISHED = """
    for name, parameter in model.named_parameters():
        if name not in ["fc.weight", "fc.bias"]:
            parameter.requires_grad = False
    model.fc.weight.data.normal_(mean=0.0, std=0.01)
    model.fc.bias.data.zero_()
    model.eval()
    parameters = list(filter(lambda p: p.requires_grad, model.parameters()))
    assert len(parameters) == 2  # fc.weight, fc.bias
    return parameters
"""


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(load_rubric(), Limits()) as grader:
        yield grader


def graded(grader: Grader, folder: Path, answer: str) -> QuestionResult:
    hand_in(folder / "student", RIGHT | {"3": answer})
    questions = select(load_rubric(), ["3"]).questions
    (result,) = grader.grade(Submission("student", folder / "student"), questions).questions
    return result


def lost(result: QuestionResult) -> list[str]:
    return [check.name for check in result.checks if not check.passed]


@pytest.mark.published
def test_the_published_linear_probe_is_right(grader: Grader, tmp_path: Path) -> None:
    result = graded(grader, tmp_path, PUBLISHED)
    assert (result.score, result.error, result.diagnosis) == (10, None, ())


@pytest.mark.parametrize(
    ("condition", "mistake"),
    [
        pytest.param('"fc" not in name', "layers_with_fc_in_the_name_spared", id="in the name"),
        pytest.param('not name.endswith(("fc.weight", "fc.bias"))', "", id="at the end"),
        pytest.param('".fc." not in f".{name}"', "layers_named_fc_spared", id="a layer"),
    ],
)
def test_layers_with_fc_in_their_names_are_frozen_too(
    grader: Grader, tmp_path: Path, condition: str, mistake: str
) -> None:
    answer = PUBLISHED.partition("    parameters =")[0].replace('name not in ["fc.weight", "fc.bias"]', condition)
    result = graded(grader, tmp_path, f"{answer}    return [model.fc.weight, model.fc.bias]")
    assert lost(result) == ["The backbone is frozen", "Only the classifier learns"]
    assert not mistake or [found.mistake for found in result.diagnosis] == [mistake]
