"""A mistake that gives an answer is found without comparing all, and one that does not is seldom."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.checks.compare import Close, Same, ScalarTensor
from autograder.core.records import Answer, CodeError, Value
from autograder.diagnose.lookup import Table

CLOSE = Close(1e-4)
COMPARED = {("public", "value", CLOSE), ("public", "value", ScalarTensor()), ("public", "gradient", CLOSE)}


def answer(value: float, *gradient: float) -> Answer:
    values = {"value": np.array(value), "gradient": np.array(gradient)}
    return Answer("public", {name: Value("tensor", "torch.float64", array) for name, array in values.items()})


def raised(message: str) -> Answer:
    return Answer("public", error=CodeError("exception", message))


MANY = [answer(number / 1000, number, -number) for number in range(2000)]


def test_what_agrees_within_the_tolerance_is_found() -> None:
    table = Table(MANY, COMPARED)
    for number in (0, 700, 1999):
        assert table.candidates(answer(number / 1000 + 5e-5, number, -number)) == [number]
    assert table.candidates(answer(0.5005, 500, -500)) == []


def test_the_order_of_entries_counts() -> None:
    assert Table(MANY, COMPARED).candidates(answer(0.7, -700, 700)) == []


def test_what_is_not_a_number_is_found_by_what_is() -> None:
    table = Table([answer(np.nan, 1, 2), answer(np.nan, 3, 4), answer(1.0, 1, 2)], COMPARED)
    assert table.candidates(answer(np.nan, 3, 4)) == [1]
    assert table.candidates(answer(np.inf, 3, 4)) == [1]


def test_other_sizes_are_another_kind() -> None:
    table = Table(
        [answer(1.0, 1, 2), answer(1.0, 1, 2, 3), Answer("public", {"value": Value("none", "None")})], COMPARED
    )
    assert table.candidates(answer(1.0, 1, 2, 3)) == [1]
    assert table.candidates(Answer("public", {})) == [2]
    assert table.candidates(answer(1.0, 1, 2, 3, 4)) == []


@pytest.mark.parametrize(("message", "found"), [("ValueError: 3 is not 4", [0]), ("ValueError: no", [])])
def test_an_exception_is_found_by_its_words(message: str, found: list[int]) -> None:
    assert Table([raised("ValueError: 1 is not 2"), answer(1.0, 1)], COMPARED).candidates(raised(message)) == found


def test_flags_are_exact() -> None:
    compared = {("public", "flag", Same("No."))}
    yes, no = (Answer("public", {"flag": Value("number", "bool", np.array(flag))}) for flag in (True, False))
    assert Table([yes, no, yes], compared).candidates(yes) == [0, 2]
