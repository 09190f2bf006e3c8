"""The words of a check if a value is wrong, if there is no answer, and if something stopped it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from autograder.checks import judge
from autograder.checks.demands import Answers
from autograder.core.outcomes import Outcome
from autograder.core.records import Answer, Case, CodeError, Question, QuestionResult, Value
from autograder.core.rubric import load_rubric

SCALAR, INPUTS = "The loss is a 0-d tensor", "The inputs are left as they were"
NONE = Value("none", "None")
GRADIENT = Value("tensor", "torch.float32", np.zeros((2, 2), "float32"))


def loss(value: float, shape: tuple[int, ...] = ()) -> Value:
    return Value("tensor", "torch.float32", np.full(shape, value, "float32"))


def flag(value: bool) -> Value:
    return Value("number", "bool", np.asarray(value))


class Given(dict[str, Answer]):
    """The same answer to every case."""

    def __init__(self, values: Mapping[str, Value], error: CodeError | None = None) -> None:
        self._answer = Answer("any", values, error)
        super().__init__({"any": self._answer})

    def __missing__(self, case: str) -> Answer:
        return self._answer


class Cases(dict[str, Case]):
    def __missing__(self, case: str) -> Case:
        return Case("1.2", case, "loss", {})


def answered(value: Value, unchanged: bool = True) -> Given:
    gradients = {f"gradient of {name}": GRADIENT for name in ("z1", "z2", "q", "k", "queue")}
    return Given({"value": value, "inputs unchanged": flag(unchanged), **gradients})


def stopped(kind: str, message: str = "TypeError: no") -> Given:
    return Given({}, CodeError(kind, message, "criterion.py, line 7"))


def judged(given: Given, question_id: str = "1.2") -> QuestionResult:
    answers = Answers(Cases(), given, answered(loss(1.0)))
    return judge.judge(load_rubric()[question_id], answers)


def outcomes(result: QuestionResult) -> dict[str, Outcome]:
    return {check.name: check.outcome for check in result.checks}


@pytest.mark.parametrize(
    ("given", "scalar", "inputs"),
    [
        pytest.param(answered(loss(1.0)), Outcome.PASSED, Outcome.PASSED, id="right"),
        pytest.param(answered(loss(2.0)), Outcome.HOLDS, Outcome.HOLDS, id="wrong value"),
        pytest.param(answered(NONE), Outcome.NOT_JUDGED, Outcome.HOLDS, id="None"),
        pytest.param(answered(loss(2.0, (4,))), Outcome.FAILED, Outcome.HOLDS, id="a row each"),
        pytest.param(answered(loss(1.0, (1,))), Outcome.FAILED, Outcome.PASSED, id="right, but of shape [1]"),
        pytest.param(answered(loss(2.0), unchanged=False), Outcome.HOLDS, Outcome.FAILED, id="in place"),
        pytest.param(Given({"value": loss(2.0)}), Outcome.HOLDS, Outcome.NOT_JUDGED, id="nothing to see"),
    ],
)
def test_a_property_of_a_wrong_value_has_no_points_and_is_not_told_as_failed(
    given: Given, scalar: Outcome, inputs: Outcome
) -> None:
    result = judged(given)
    assert (outcomes(result)[SCALAR], outcomes(result)[INPUTS]) == (scalar, inputs)
    assert all((check.points > 0) is (check.outcome is Outcome.PASSED) for check in result.checks)
    assert not result.could_not_run


def test_the_words_say_why_there_are_no_points() -> None:
    messages = {check.name: check.message for check in judged(answered(NONE)).checks}
    assert messages[SCALAR] == "Not judged: the value is wrong."
    assert messages[INPUTS] == "Holds, but has no points while the value is wrong."


@pytest.mark.parametrize(
    ("kind", "question", "not_attempted"),
    [
        pytest.param("unfilled", "1.2", True, id="the stub of a core question"),
        pytest.param("unfilled", "B1", True, id="the stub of a bonus question"),
        pytest.param("absent", "B1", True, id="a bonus function that is not there"),
        pytest.param("absent", "1.2", False, id="a core function that is not there"),
        pytest.param("stub", "1.2", False, id="a stub next to an answer"),
        pytest.param("stub", "B1", False, id="a stub next to a bonus answer"),
        pytest.param("exception", "B1", False, id="an exception"),
    ],
)
def test_no_answer_is_neither_wrong_nor_a_problem(kind: str, question: str, not_attempted: bool) -> None:
    result = judged(stopped(kind), question)
    assert set(outcomes(result).values()) == {Outcome.NOT_ATTEMPTED if not_attempted else Outcome.COULD_NOT_RUN}
    assert (result.not_attempted, result.could_not_run) == (not_attempted, not not_attempted)
    assert (result.error is None) is not_attempted
    assert {check.passed for check in result.checks} == {None}


def test_one_reason_is_told_once() -> None:
    result = judged(stopped("import", "SyntaxError: '(' was never closed"))
    assert result.error == "SyntaxError: '(' was never closed\ncriterion.py, line 7"
    assert {check.message for check in result.checks} == {"SyntaxError: '(' was never closed"}


def test_half_a_bonus_question_has_the_points_of_its_half() -> None:
    given = answered(loss(1.0))
    given.update({case: stopped("absent")[case] for case in ("public enqueue", "batches that fit", "around the end")})
    result = judged(given, "B1")
    assert Outcome.PASSED in outcomes(result).values()
    assert outcomes(result)["Two keys around the end of a queue of three"] is Outcome.NOT_ATTEMPTED
    assert not result.not_attempted and not result.could_not_run


def test_a_question_without_checks_was_not_left_out() -> None:
    assert not QuestionResult("4", "Report", 0, 30, ()).not_attempted
    assert Question("4", "Report", "report.ipynb", 30, manual=True).manual
