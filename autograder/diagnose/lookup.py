"""Finds, among thousands of mistakes, those that may give the answer to one case, without comparing each.

A few numbers are kept of each mistake: for each value that the checks compare, the weighted mean of its entries. Values
that agree within a tolerance have means that agree. The rows are sorted by the first mean and found by bisection.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence

import numpy as np

from autograder.checks.compare import Close, Comparator, SameDistribution, ScalarTensor
from autograder.core.records import Answer, Array, CodeError, Value

Compared = Collection[tuple[str, str, Comparator]]
"""The values that the checks look at: case, name and comparator of each."""
_MARGIN = 1.5
"""The factor on a comparator's tolerance, because the tolerance is relative to the mistake's own value."""
_EXACT = 1e-5
NOISE = 5e-7
"""The rest in float32 if terms of size 1 cancel: more than the tolerance of some gradients."""


def words(error: CodeError) -> str:
    """The type of an exception and the beginning of its text, without numbers and names.

    A type alone proves little, and the end of the text names the operation that happened to come first.
    """
    return re.sub(r"""[-\d.]+|'[^']*'|"[^"]*"|\[[^]]*\]""", "#", error.message)[:80]


class Table:
    """The answers of many mistakes to one case, each as one row of numbers, by kind of answer."""

    def __init__(self, answers: Sequence[Answer], compared: Compared) -> None:
        case = answers[0].case
        self._looked_at = _looked_at(case, compared)
        groups: dict[str, list[tuple[float, int, Array]]] = {}
        for number, answer in enumerate(answers):
            numbers = self._numbers(answer)
            groups.setdefault(self._kind(answer), []).append((_order(numbers), number, numbers))
        self._groups: dict[str, tuple[list[float], list[int], Array]] = {}
        for kind, rows in groups.items():
            rows.sort(key=lambda row: row[:2])
            self._groups[kind] = (
                [row[0] for row in rows],
                [row[1] for row in rows],
                np.array([row[2] for row in rows]),
            )

    def candidates(self, given: Answer) -> list[int]:
        """The numbers of the mistakes that may have given this answer, in their order."""
        kind = self._kind(given)
        if kind not in self._groups:
            return []
        first, numbers, rows = self._groups[kind]
        own, allowed = self._numbers(given), self._allowed(given)
        if not own.size:
            return sorted(numbers)
        place = _order(own)
        begin = bisect_left(first, place - allowed[0])
        end = bisect_right(first, place + allowed[0])
        with np.errstate(invalid="ignore"):
            near = np.abs(rows[begin:end] - own) <= allowed
        fits = (near | (np.isnan(rows[begin:end]) & np.isnan(own))).all(axis=1)
        return sorted(number for number, fit in zip(numbers[begin:end], fits, strict=True) if fit)

    def _kind(self, answer: Answer) -> str:
        if answer.error is not None:
            return f"{answer.error.kind} {words(answer.error)}"
        return " ".join(_size(answer.values.get(name)) for name, _ in self._looked_at)

    def _numbers(self, answer: Answer) -> Array:
        values = (answer.values.get(name) for name, _ in self._looked_at)
        return np.array([_mean(value.array) for value in values if value is not None and value.array is not None])

    def _allowed(self, answer: Answer) -> Array:
        values = ((answer.values.get(name), comparator) for name, comparator in self._looked_at)
        return np.array([_slack(one.array, by) for one, by in values if one is not None and one.array is not None])


def _looked_at(case: str, compared: Compared) -> list[tuple[str, Comparator]]:
    """Each value once, `value` first, with the comparator that allows most; values drawn at random are left out."""
    by_name: dict[str, Comparator] = {}
    for name, value, comparator in sorted(compared, key=str):
        if name != case or isinstance(comparator, SameDistribution | ScalarTensor):
            continue
        before = by_name.get(value)
        if before is None or (isinstance(comparator, Close) and _tolerance(comparator) > _tolerance(before)):
            by_name[value] = comparator
    return sorted(by_name.items(), key=lambda one: (one[0] != "value", one[0]))


def _tolerance(comparator: Comparator) -> float:
    return comparator.tolerance if isinstance(comparator, Close) else 0.0


def _size(value: Value | None) -> str:
    if value is None:
        return "none None"
    return f"{value.kind} {value.type_name}" if value.array is None else str(value.array.size)


def _mean(array: Array) -> float:
    """The weighted mean of the entries, each with its own weight between -1 and 1, so that their order shows."""
    if array.dtype.kind not in "fiub" or not array.size:
        return 0.0
    flat = array.ravel().astype("float64")
    with np.errstate(over="ignore", invalid="ignore"):
        return float((flat * np.cos(np.arange(flat.size))).mean()) if np.isfinite(flat).all() else np.nan


def _slack(array: Array, comparator: Comparator) -> float:
    if not isinstance(comparator, Close) or array.dtype.kind not in "fiub":
        return _EXACT
    flat = array.ravel().astype("float64")
    largest = float(np.abs(flat[np.isfinite(flat)]).max(initial=0.0))
    return NOISE + _MARGIN * comparator.tolerance * max(comparator.absolute_floor, largest)


def _order(numbers: Array) -> float:
    """The key by which a row is sorted: one without a number comes first."""
    return -np.inf if not numbers.size or np.isnan(numbers[0]) else float(numbers[0])
