"""Tests that the file of public checks is the same everywhere and holds what the reference answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from autograder.checks.compare import Close, Comparator, Part, Same
from autograder.checks.demands import Place
from autograder.core.errors import AutograderError
from autograder.core.records import Answer, Case, CodeError, Question, Value
from autograder.handout.build import PUBLIC, Inputs, generate
from autograder.handout.files.mistake_rows import KnownMistake
from autograder.handout.files.public_checks import public_checks_json
from autograder.reference.phrases import Phrase, joined, worded

QUESTION = Question("1.2", "Contrastive loss", "criterion.py", 20)
CASE = Case("1.2", "Some", "loss", {"x": np.array([[0.1, 1e-9]], np.float32), "n": np.array([3])}, {"t": 0.5})


def compared(question: Question, expected: Mapping[str, Answer]) -> list[tuple[Place, Part]]:
    """Compare all values, as most checks do."""
    return [
        ((case, name, _how(name, value)), Part.VALUE)
        for case in expected
        for name, value in expected[case].values.items()
    ]


def _how(name: str, value: Value) -> Comparator:
    if value.kind == "number":
        return Same("It is another flag")
    return Close(3e-4, absolute_floor=1e-6) if name.startswith("gradient of ") else Close(1e-4)


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
    texts = {public_checks_json([(QUESTION, [CASE])], Machine(noise), {}, compared) for noise in (-2, -1, 0, 1, 2)}
    assert len(texts) == 1


def test_expected_values_have_the_digits_that_check_prints() -> None:
    (question,) = json.loads(public_checks_json([(QUESTION, [CASE])], Machine(0), {}, compared))["questions"]
    expected = question["cases"][0]["expected"]
    assert expected["loss"] == {"shape": [4], "slack": 0.012, "data": [123.45679, -0.0001, 0.0, 0.0]}
    assert expected["p1"] is None


def test_inputs_come_back_exactly() -> None:
    (question,) = json.loads(public_checks_json([(QUESTION, [CASE])], Machine(0), {}, compared))["questions"]
    stored = question["cases"][0]["arrays"]
    assert stored["x"] == {"shape": [1, 2], "data": [0.1, 1e-9]}
    assert stored["n"] == {"shape": [1], "data": [3]}
    assert question["cases"][0]["params"] == {"t": 0.5}


def test_a_reference_that_raises_stops_the_build() -> None:
    with pytest.raises(AutograderError, match=r"'Some' of question 1\.2"):
        public_checks_json([(QUESTION, [CASE])], Machine(0, CodeError("exception", "no")), {}, compared)


def test_a_mistake_that_public_inputs_can_not_show_is_left_out(repository: Path, inputs: Inputs) -> None:
    checks = json.loads(generate(repository, inputs)[f"assignment/{PUBLIC}/public_checks.json"])
    mistakes = {question["id"]: question["mistakes"] for question in checks["questions"]}
    assert mistakes["1.2"] == {"|x": [["Squaring is not doubling.", [0.01, 0.11111]]]}
    assert mistakes["1.1"] == {}


@pytest.mark.parametrize(
    ("how", "slack"),
    [(Close(1e-4), 1.0), (Close(3e-4, absolute_floor=1e-3), 3.0), (Close(1e-3, absolute_floor=1e5), 100.0)],
)
def test_how_a_value_is_compared_is_told_and_a_mistake_is_looked_for_as_near(how: Close, slack: float) -> None:
    class Steep(Machine):
        def _answer(self, case: Case) -> Answer:
            values = {name: Value("tensor", "float32", np.array([1e4], np.float32)) for name in ("asked", "free")}
            return Answer(case.name, values)

    def asked(question: Question, expected: Mapping[str, Answer]) -> list[tuple[Place, Part]]:
        return [(("Some", "asked", how), Part.DEPENDS)]

    (question,) = json.loads(public_checks_json([(QUESTION, [CASE])], Steep(0), {}, asked))["questions"]
    (case,) = question["cases"]
    assert case["demands"] == [["asked", ["Close", how.tolerance, False, how.absolute_floor], "depends"]]
    assert case["expected"] == {"asked": {"shape": [1], "slack": slack, "data": [1e4]}}


def test_a_case_of_which_nothing_is_demanded_stops_the_build() -> None:
    with pytest.raises(AutograderError, match=r"No check demands anything of the public case 'Some' of question 1\.2"):
        public_checks_json([(QUESTION, [CASE])], Machine(0), {}, lambda question, expected: [])


def test_headings_say_what_is_special() -> None:
    names = ("public", "public predictor", "public temperature")
    cases = [Case("1.2", name, "loss", CASE.arrays) for name in names]
    (question,) = json.loads(public_checks_json([(QUESTION, cases)], Machine(0), {}, compared))["questions"]
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
    (question,) = json.loads(public_checks_json([(QUESTION, [CASE])], Odd(0), known, compared))["questions"]
    assert question["mistakes"] == {}


class Narrow(Machine):
    """A machine on which the mistake converts to float32, whatever the dtype of the inputs."""

    def answers(self, question: Question, cases: Sequence[Case], mistake: str | None = None) -> list[Answer]:
        off = self.noise * np.finfo(np.float32).eps if mistake else 0.0
        value = np.float64(np.float32(0.80450492)) + off + (1.0 if mistake else 0.0)
        return [Answer(case.name, {"loss": Value("tensor", "float64", np.array([value]))}) for case in cases]


def test_a_mistake_that_rounds_otherwise_elsewhere_stays_as_it_was_written() -> None:
    known = {"1.2": [KnownMistake("narrow", "It converts.")]}
    first = public_checks_json([(QUESTION, [CASE])], Narrow(0), known, compared)
    assert public_checks_json([(QUESTION, [CASE])], Narrow(1), known, compared) != first
    assert public_checks_json([(QUESTION, [CASE])], Narrow(1), known, compared, first.encode()) == first


MISTAKES = ("null", "[]", '[{"hint": "It converts."}]', '{"x": [3]}', '{"x": [[[0], 1.0]]}')
OTHERS = [
    b"{",
    b"\xff",
    b"[]",
    b'{"questions": 3}',
    *(f'{{"questions": [{{"mistakes": {one}}}]}}'.encode() for one in MISTAKES),
]


@pytest.mark.parametrize("before", OTHERS)
def test_a_damaged_file_is_written_anew(before: bytes) -> None:
    known = {"1.2": [KnownMistake("narrow", "It converts.")]}
    text = public_checks_json([(QUESTION, [CASE])], Narrow(0), known, compared)
    assert public_checks_json([(QUESTION, [CASE])], Narrow(0), known, compared, before) == text


def test_a_mistake_that_moved_is_written_anew() -> None:
    known = {"1.2": [KnownMistake("narrow", "It converts.")]}
    first = public_checks_json([(QUESTION, [CASE])], Narrow(0), known, compared)
    assert public_checks_json([(QUESTION, [CASE])], Narrow(1000), known, compared, first.encode()) != first


class Table(Machine):
    """Gives the values of a mistake from a table, by its name, and those of the reference under no name."""

    def __init__(self, values: dict[str | None, dict[str, Value]]) -> None:
        self.values = values

    def answers(self, question: Question, cases: Sequence[Case], mistake: str | None = None) -> list[Answer]:
        return [Answer(case.name, self.values[mistake]) for case in cases]


def tensor(*numbers: float) -> Value:
    return Value("tensor", "float32", np.array(numbers, np.float32))


def flag(value: bool) -> Value:
    return Value("number", "bool", np.array(value))


RIGHT = {"a": tensor(1, 2), "b": tensor(1), "c": tensor(1), "unchanged": flag(True), "p1": Value("none", "None")}
RIGHT["gradient of z1"] = tensor(0, 0, 0)
WRONG = {
    "x.?": ({"a": tensor(3, 2), "b": tensor(2), "c": tensor(9)}, "xx?", [[3.0, 2.0], [2.0]]),
    "flag": ({"unchanged": flag(False)}, "...!", []),
    "none": ({"b": Value("none", "None")}, ".-", []),
    "a flag in place of None": ({"p1": flag(False)}, "....x", [{"data": [False]}]),
    "another shape": ({"b": tensor(1, 2, 3)}, ".x", [{"shape": [3], "slack": 3e-4, "data": [1.0, 2.0]}]),
    "only the last": ({"a": tensor(1, 3)}, "x", [[1.0, 3.0]]),
    "a gradient where none is": (
        {"gradient of z1": tensor(0, 0, 1)},
        ".....x",
        [{"shape": [3], "slack": 3e-4, "data": [0.0, 0.0, 1.0]}],
    ),
    "far": ({"b": tensor(8002.0123)}, ".x", [{"shape": [1], "slack": 0.8, "data": [8002.01]}]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_row_has_what_is_wrong_by_marks(name: str) -> None:
    values, marks, told = WRONG[name]
    source = Table({None: RIGHT, "one": {**RIGHT, **values}})
    (question,) = json.loads(
        public_checks_json([(QUESTION, [CASE])], source, {"1.2": [KnownMistake("one", "So.")]}, compared)
    )["questions"]
    assert question["mistakes"] == {marks: [["So.", *told]]}


def test_the_words_of_faults_that_are_made_at_once_are_there_once() -> None:
    one, two, three = (Phrase(f"{name} is wrong", f"at {name}") for name in ("one", "two", "three"))
    known = [KnownMistake("12", phrases=(one, two)), KnownMistake("23", phrases=(two, three))]
    source = Table({None: RIGHT, "12": {**RIGHT, "b": tensor(2)}, "23": {**RIGHT, "b": tensor(3)}})
    text = public_checks_json([(QUESTION, [CASE])], source, {"1.2": known}, compared)
    (question,) = json.loads(text)["questions"]
    assert question["faults"] == [
        ["one is wrong", "at one"],
        ["two is wrong", "at two"],
        ["three is wrong", "at three"],
    ]
    assert question["mistakes"] == {".x": [[[0, 1], [2.0]], [[1, 2], [3.0]]]}
    assert worded([1, 2], question["faults"]) == joined([two, three]) == known[1].words
    assert public_checks_json([(QUESTION, [CASE])], source, {"1.2": known}, compared, text.encode()) == text
