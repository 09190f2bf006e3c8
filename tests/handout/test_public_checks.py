"""Tests that the file of public checks is the same everywhere and holds what the reference answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import AutograderError
from autograder.handout.build import Inputs, generate
from autograder.handout.public_checks import KnownMistake, public_checks_json
from autograder.records import Answer, Case, CodeError, Question, Value

QUESTION = Question("1.2", "Contrastive loss", "criterion.py", 20)
CASE = Case("1.2", "Some", "loss", {"x": np.array([[0.1, 1e-9]], np.float32), "n": np.array([3])}, {"t": 0.5})


class Machine:
    """A machine whose arithmetic is off by `noise` in the last place of the dtype that it is asked in."""

    def __init__(self, noise: float, error: CodeError | None = None) -> None:
        self.noise, self.error = noise, error

    def answers(self, question: Question, cases: Sequence[Case], mistake: str | None = None) -> list[Answer]:
        return [self._answer(case) for case in cases]

    def _answer(self, case: Case) -> Answer:
        dtype = case.arrays["x"].dtype
        off = self.noise * np.finfo(dtype).eps
        values = np.array([123.456789123 * (1 + off), -1e-4 + off, off, -off], dtype)
        zero = Value("tensor", str(dtype), np.array([off, -off], dtype))
        return Answer(
            case.name,
            {"loss": Value("tensor", str(dtype), values), "p1": Value("none", "None"), "zero": zero},
            self.error,
        )


def test_the_file_is_the_same_on_machines_that_round_differently() -> None:
    texts = {public_checks_json([(QUESTION, [CASE])], Machine(noise), {}) for noise in (-2, -1, 0, 1, 2)}
    assert len(texts) == 1


def test_expected_values_keep_the_dtype_of_the_case_and_eight_digits() -> None:
    (question,) = json.loads(public_checks_json([(QUESTION, [CASE])], Machine(0), {}))["questions"]
    expected = question["cases"][0]["expected"]
    assert expected["loss"] == {
        "kind": "tensor", "shape": [4], "dtype": "float32", "slack": 0.012, "data": [123.45679, -0.0001, 0.0, 0.0],
    }  # fmt: skip
    assert expected["p1"] == {"kind": "none"}


def test_inputs_come_back_exactly() -> None:
    (question,) = json.loads(public_checks_json([(QUESTION, [CASE])], Machine(0), {}))["questions"]
    stored = question["cases"][0]["arrays"]
    assert stored["x"]["data"] == [0.1, 1e-9] and stored["x"]["shape"] == [1, 2]
    assert stored["n"] == {"shape": [1], "dtype": "int64", "data": [3]}
    assert question["cases"][0]["params"] == {"t": 0.5}


def test_a_reference_that_raises_stops_the_build() -> None:
    with pytest.raises(AutograderError, match=r"'Some' of question 1\.2"):
        public_checks_json([(QUESTION, [CASE])], Machine(0, CodeError("exception", "no")), {})


def test_a_mistake_that_public_inputs_can_not_show_is_left_out(repository: Path, inputs: Inputs) -> None:
    checks = json.loads(generate(repository, inputs)["assignment/public_checks.json"])
    mistakes = {question["id"]: question["mistakes"] for question in checks["questions"]}
    assert [mistake["hint"] for mistake in mistakes["1.2"]] == ["Squaring is not doubling."]
    assert mistakes["1.2"][0]["outputs"][1]["twice"] == [0.01, 0.1111111]
    assert mistakes["1.1"] == []


@pytest.mark.parametrize(("name", "temperature", "slack"), [("gradient of x", 0.5, 3.0), ("gradient of x", 0.1, 50.0)])
def test_the_tolerance_of_a_gradient_follows_its_size_and_the_temperature(
    name: str, temperature: float, slack: float
) -> None:
    class Steep(Machine):
        def _answer(self, case: Case) -> Answer:
            return Answer(case.name, {name: Value("tensor", "float32", np.array([1e4], np.float32))})

    case = Case("1.2", "public", "loss", CASE.arrays, {"temperature": temperature})
    (question,) = json.loads(public_checks_json([(QUESTION, [case])], Steep(0), {}))["questions"]
    assert question["cases"][0]["expected"][name]["slack"] == slack


def test_headings_say_what_is_special() -> None:
    names = ("public", "public predictor", "public temperature")
    cases = [Case("1.2", name, "loss", CASE.arrays) for name in names]
    (question,) = json.loads(public_checks_json([(QUESTION, cases)], Machine(0), {}))["questions"]
    titles = [case["name"] for case in question["cases"]]
    assert titles == [
        "Contrastive loss w/o predictor",
        "Contrastive loss w/ predictor",
        "Contrastive loss, temperature",
    ]


def test_a_mistake_that_returns_something_of_another_kind_is_left_out() -> None:
    class Odd(Machine):
        def answers(self, question: Question, cases: Sequence[Case], mistake: str | None = None) -> list[Answer]:
            if mistake is None:
                return super().answers(question, cases)
            return [Answer(case.name, {"loss": Value("other", "list"), "p1": Value("none", "None")}) for case in cases]

    known = {"1.2": [KnownMistake("odd", "It is a list.")]}
    (question,) = json.loads(public_checks_json([(QUESTION, [CASE])], Odd(0), known))["questions"]
    assert question["mistakes"] == []


class Narrow(Machine):
    """A machine where the mistake converts to float32, whatever it is asked in."""

    def answers(self, question: Question, cases: Sequence[Case], mistake: str | None = None) -> list[Answer]:
        off = self.noise * np.finfo(np.float32).eps if mistake else 0.0
        value = np.float64(np.float32(0.80450645)) + off + (1.0 if mistake else 0.0)
        return [Answer(case.name, {"loss": Value("tensor", "float64", np.array([value]))}) for case in cases]


def test_a_mistake_that_rounds_otherwise_elsewhere_stays_as_it_was_written() -> None:
    known = {"1.2": [KnownMistake("narrow", "It converts.")]}
    first = public_checks_json([(QUESTION, [CASE])], Narrow(0), known)
    assert public_checks_json([(QUESTION, [CASE])], Narrow(1), known) != first
    assert public_checks_json([(QUESTION, [CASE])], Narrow(1), known, first.encode()) == first


@pytest.mark.parametrize("before", [b"{", b"\xff", b"[]", b'{"questions": 3}', b'{"questions": [{"mistakes": null}]}'])
def test_a_damaged_file_is_written_anew(before: bytes) -> None:
    known = {"1.2": [KnownMistake("narrow", "It converts.")]}
    text = public_checks_json([(QUESTION, [CASE])], Narrow(0), known)
    assert public_checks_json([(QUESTION, [CASE])], Narrow(0), known, before) == text


def test_a_mistake_that_moved_is_written_anew() -> None:
    known = {"1.2": [KnownMistake("narrow", "It converts.")]}
    first = public_checks_json([(QUESTION, [CASE])], Narrow(0), known)
    assert public_checks_json([(QUESTION, [CASE])], Narrow(1000), known, first.encode()) != first
