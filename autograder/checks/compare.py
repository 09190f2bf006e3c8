"""Comparators: decide whether a value is the expected one, and explain a difference in sentences.

A check states the tolerance of each comparator that it uses; there is no default. `kind` is the text for a hidden
check, `detail` shows expected and received values and is for public ones. Students get a copy of this file, and the
comparators of public cases in `public_checks.json`: `check.py` compares and words as grading does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np

from autograder.core.values import Array, Value

_SUBJECTS = {
    "value": "The loss",
    "correct": "The number of right predictions",
    "output": "What is returned",
    "predictor": "The predictor",
    "alignment": "The alignment",
}
_SHOWN = 4
_NONE = Value("none", "None")


class Part(StrEnum):
    """The role of a value among those of its case."""

    VALUE = "value"
    PROPERTY = "property"
    """It is judged even if a value is wrong."""
    DEPENDS = "depends"
    """It can be seen only if all values are right: a gradient, for instance."""


@dataclass(frozen=True)
class Difference:
    """The difference between a value and the expected one; if `kind` is empty, `detail` says everything."""

    kind: str
    detail: str

    def sentence(self, value: str) -> str:
        """Say what is wrong with the value of this name, without values and without a full stop."""
        if not self.kind:
            return self.detail
        return f"{_SUBJECTS.get(value, f'The {value}' if value.startswith('gradient of ') else value)} {self.kind}"

    def shown(self, value: str) -> str:
        """The sentence, and below it both values."""
        return "\n".join([f"{self.sentence(value)}.", *([self.detail] if self.kind else [])])


class Comparator(Protocol):
    """Compares a value of the student's code with the reference's."""

    def difference(self, given: Value | None, expected: Value) -> Difference | None:
        """The difference; None if the two agree."""


@dataclass(frozen=True)
class Close:
    """Every entry within `tolerance` times the largest expected entry (or times 1, whichever is larger).

    `any_shape` takes a single number in any wrapping, if another check is about the shape; `absolute_floor` replaces
    the 1, for gradients, whose size says nothing.
    """

    tolerance: float
    any_shape: bool = False
    absolute_floor: float = 1.0

    def allowed(self, wanted: Array) -> float:
        """The largest error that an entry may have."""
        return self.tolerance * max(self.absolute_floor, float(np.abs(wanted).max(initial=0.0)))

    def difference(self, given: Value | None, expected: Value) -> Difference | None:
        given = given or _NONE
        if (odd := _odd_kind(given, expected)) is not None or expected.array is None or given.array is None:
            return odd
        if expected.array.ndim == given.array.ndim == 0:  # as below, in a third of the time: most values are numbers
            number = float(expected.array)
            if abs(number - float(given.array)) <= self.tolerance * max(self.absolute_floor, abs(number)):
                return None
        wanted, received = expected.array.astype("float64"), given.array.astype("float64")
        if self.any_shape and wanted.size == received.size:
            received = received.reshape(wanted.shape)
        if wanted.shape != received.shape:
            text = f"expected shape {list(wanted.shape)}, received shape {list(received.shape)}"
            return Difference("has the wrong shape", text)
        wrong = ~(np.abs(wanted - received) <= self.allowed(wanted))
        if not wrong.any():
            return None
        kind = "has the wrong value" if np.isfinite(received).all() else "contains NaN or infinity"
        return Difference(kind, _table(wanted, received, wrong))


@dataclass(frozen=True)
class ScalarTensor:
    """A 0-d tensor of a floating dtype, as a loss must be; another check is about its value."""

    def difference(self, given: Value | None, expected: Value) -> Difference | None:
        given = given or _NONE
        if given.kind != "tensor" or given.array is None:
            kind = "is not a tensor"
            return Difference(kind, f"expected a tensor of shape [], received {_name(given)}")
        if given.array.ndim != 0:
            return Difference("is not a 0-d tensor", f"expected shape [], received shape {list(given.array.shape)}")
        if given.array.dtype.kind != "f":
            return Difference("has no floating dtype", f"expected a floating dtype, received {given.type_name}")
        return None


@dataclass(frozen=True)
class Same:
    """Exactly the same flag or count; `sentence` is the whole message about a different one."""

    sentence: str

    def difference(self, given: Value | None, expected: Value) -> Difference | None:
        given = given or _NONE
        same = given.kind == expected.kind and (
            given.array is None or (expected.array is not None and np.array_equal(given.array, expected.array))
        )
        return None if same else Difference("", self.sentence)


@dataclass(frozen=True)
class WholeNumber:
    """A count, however it is wrapped: an int, a NumPy integer, a whole float, a 0-d tensor."""

    def difference(self, given: Value | None, expected: Value) -> Difference | None:
        given = given or _NONE
        if given.kind not in ("number", "tensor") or given.array is None or given.array.dtype.kind not in "iuf":
            return Difference("is not a whole number", f"expected {_number(expected.array)}, received {_name(given)}")
        if given.array.ndim != 0:
            text = f"expected one number, received shape {list(given.array.shape)}"
            return Difference("is not a single number", text)
        assert expected.array is not None
        if float(given.array) != float(expected.array):
            text = f"expected {_number(expected.array)}, received {_number(given.array)}"
            return Difference("has the wrong value", text)
        return None


@dataclass(frozen=True)
class SameDistribution:
    """Large samples of one normal distribution: mean, spread and tails agree within six standard errors."""

    def difference(self, given: Value | None, expected: Value) -> Difference | None:
        given = given or _NONE
        if (odd := _odd_kind(given, expected)) is not None or expected.array is None or given.array is None:
            return odd
        wanted, received = expected.array.astype("float64"), given.array.astype("float64")
        if wanted.shape != received.shape:
            text = f"expected shape {list(wanted.shape)}, received shape {list(received.shape)}"
            return Difference("has the wrong shape", text)
        for name, one, other, error in _moments(wanted, received):
            if not abs(one - other) <= 6 * error:
                text = f"expected {name} {_digits(one)}, received {name} {_digits(other)}"
                return Difference(f"has the wrong {name}", text)
        return None


_ALL = (Close, ScalarTensor, Same, WholeNumber, SameDistribution)


def written(comparator: Comparator) -> list[bool | float | str]:
    """A comparator for JSON: its name, then its arguments."""
    assert isinstance(comparator, _ALL)
    return [type(comparator).__name__, *astuple(comparator)]


def read(row: Sequence[Any]) -> Comparator:
    """A comparator from JSON."""
    name, *made_with = row
    comparator: Comparator = next(one for one in _ALL if one.__name__ == name)(*made_with)
    return comparator


def _moments(wanted: Array, received: Array) -> Iterator[tuple[str, float, float, float]]:
    """Name, both values, and the standard error of their difference for two normal samples of one size."""
    n = wanted.size
    spread = float(wanted.std())
    yield "mean", float(wanted.mean()), float(received.mean()), spread * (2 / n) ** 0.5
    yield "standard deviation", spread, float(received.std()), spread / n**0.5
    tails = [float((np.abs(sample) > 2 * spread).mean()) for sample in (wanted, received)]
    yield "share beyond two standard deviations", tails[0], tails[1], (2 * 0.0455 * 0.9545 / n) ** 0.5


def _odd_kind(given: Value, expected: Value) -> Difference | None:
    """The difference if one of the two is not an array at all."""
    if expected.kind == "none":
        return None if given.kind == "none" else Difference("is not None", f"expected None, received {_name(given)}")
    if given.kind == "none":
        return Difference("is None", f"expected {_name(expected)}, received None")
    if given.array is None or given.array.dtype.kind not in "fiu":
        kind = "is neither a tensor nor a number"
        return Difference(kind, f"expected {_name(expected)}, received {_name(given)}")
    return None


def _table(wanted: Array, received: Array, wrong: Array) -> str:
    if wanted.ndim == 0:
        return f"expected {_digits(wanted)}, received {_digits(received)}"
    places = np.argwhere(wrong)
    rows = [("", "expected", "received")]
    for place in places[:_SHOWN]:
        at = tuple(place)
        rows.append((str([int(index) for index in at]), _digits(wanted[at]), _digits(received[at])))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    rest = len(places) - _SHOWN
    more = [f"and {rest} more of {wrong.size} entries"] if rest > 0 else []
    return "\n".join(lines + more)


def _name(value: Value) -> str:
    if value.kind == "tensor" and value.array is not None:
        return f"a tensor of shape {list(value.array.shape)}, {value.type_name}"
    plain = value.type_name.replace("builtins.", "Python ", 1)
    return "None" if value.kind == "none" else f"a {plain}"


def _number(array: Array | None) -> str:
    return "nothing" if array is None else f"{float(array):.10g}"


def _digits(number: Array | float) -> str:
    return f"{float(number):.6g}"
