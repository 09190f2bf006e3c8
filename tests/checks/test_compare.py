"""Comparators agree if they should, and otherwise explain the difference."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.checks.compare import Close, Same, SameDistribution, ScalarTensor, WholeNumber
from autograder.core.records import Value

NONE = Value("none", "None")
OTHER = Value("other", "student.Clever")


def tensor(values: object, dtype: str = "float32") -> Value:
    return Value("tensor", f"torch.{dtype}", np.array(values, dtype))


def number(value: object) -> Value:
    return Value("number", type(value).__name__, np.asarray(value))


@pytest.mark.parametrize(
    ("given", "expected", "kind"),
    [
        pytest.param(tensor([1.0, 2.0]), tensor([1.0, 2.0]), None, id="equal"),
        pytest.param(tensor([1.0, 2.0]), tensor([1.0, 2.0], "float64"), None, id="another precision"),
        pytest.param(tensor([1.0, 2.0001]), tensor([1.0, 2.0]), None, id="rounding"),
        pytest.param(tensor([1.0, 2.01]), tensor([1.0, 2.0]), "has the wrong value", id="value"),
        pytest.param(tensor([1.0, np.nan]), tensor([1.0, 2.0]), "contains NaN or infinity", id="NaN"),
        pytest.param(tensor([[1.0, 2.0]]), tensor([1.0, 2.0]), "has the wrong shape", id="shape"),
        pytest.param(None, tensor([1.0]), "is None", id="absent"),
        pytest.param(NONE, tensor([1.0]), "is None", id="None"),
        pytest.param(tensor([1.0]), NONE, "is not None", id="not None"),
        pytest.param(NONE, NONE, None, id="None as expected"),
        pytest.param(OTHER, tensor([1.0]), "is neither a tensor nor a number", id="another type"),
        pytest.param(tensor([True], "bool"), tensor([1.0]), "is neither a tensor nor a number", id="flags"),
    ],
)
def test_close(given: Value | None, expected: Value, kind: str | None) -> None:
    difference = Close(1e-3).difference(given, expected)
    assert (difference.kind if difference else None) == kind


def test_close_takes_a_number_in_any_wrapping_only_where_told() -> None:
    assert Close(1e-3, any_shape=True).difference(tensor([2.0]), tensor(2.0)) is None
    assert Close(1e-3).difference(tensor([2.0]), tensor(2.0)) is not None


def test_a_table_shows_the_first_entries_that_differ() -> None:
    difference = Close(1e-3).difference(tensor([[1, 2], [3, 4], [5, 6]]), tensor([[1, 9], [9, 9], [9, 9]]))
    assert difference is not None
    assert difference.detail.splitlines() == [
        "        expected  received",
        "[0, 1]         9         2",
        "[1, 0]         9         3",
        "[1, 1]         9         4",
        "[2, 0]         9         5",
        "and 1 more of 6 entries",
    ]


@pytest.mark.parametrize(
    ("given", "right"),
    [
        (number(3), True),
        (number(3.0), True),
        (number(np.int64(3)), True),
        (tensor(3, "int64"), True),
        (tensor(3.0), True),
        (number(4), False),
        (number(2.5), False),
        (number(True), False),
        (tensor([3], "int64"), False),
        (NONE, False),
        (OTHER, False),
    ],
)
def test_whole_number(given: Value, right: bool) -> None:
    assert (WholeNumber().difference(given, number(3)) is None) == right


@pytest.mark.parametrize(
    ("given", "right"),
    [
        (tensor(1.0), True),
        (tensor(1.0, "float64"), True),
        (tensor([1.0]), False),
        (number(1.0), False),
        (NONE, False),
        (tensor(1, "int64"), False),
    ],
)
def test_scalar_tensor(given: Value, right: bool) -> None:
    assert (ScalarTensor().difference(given, tensor(7.0)) is None) == right


def test_same_is_exact() -> None:
    assert Same("differs").difference(number(True), number(True)) is None
    difference = Same("A flag is off").difference(number(False), number(True))
    assert difference is not None
    assert (difference.kind, difference.detail) == ("", "A flag is off")
    assert Same("differs").difference(None, number(True)) is not None


@pytest.mark.parametrize(
    ("make", "right"),
    [
        pytest.param(lambda draw: draw.normal(0, 0.01, 5120), True, id="right"),
        pytest.param(lambda draw: draw.normal(0, 0.1, 5120), False, id="ten times too wide"),
        pytest.param(lambda draw: draw.normal(0, 0.0001, 5120), False, id="variance for deviation"),
        pytest.param(lambda draw: draw.normal(0.005, 0.01, 5120), False, id="another mean"),
        pytest.param(lambda draw: draw.uniform(-0.01, 0.01, 5120), False, id="uniform"),
        pytest.param(lambda draw: draw.uniform(-0.01, 0.01, 5120) * 3**0.5, False, id="uniform of the same deviation"),
        pytest.param(lambda draw: draw.permutation([0.01] * 2560 + [-0.01] * 2560), False, id="two values"),
        pytest.param(lambda draw: np.zeros(5120), False, id="zeros"),
        pytest.param(lambda draw: np.full(5120, np.nan), False, id="NaN"),
    ],
)
@pytest.mark.parametrize("seed", range(20))
def test_same_distribution(make: object, right: bool, seed: int) -> None:
    expected = tensor(np.random.default_rng(1000 + seed).normal(0, 0.01, 5120))
    given = tensor(make(np.random.default_rng(seed)))
    assert (SameDistribution().difference(given, expected) is None) == right


def test_a_plain_number_in_place_of_a_tensor_is_named_in_plain_words() -> None:
    difference = ScalarTensor().difference(Value("number", "builtins.float", np.asarray(7.0)), tensor(7.0))
    assert difference is not None
    assert difference.shown("value").endswith("expected a tensor of shape [], received a Python float")
