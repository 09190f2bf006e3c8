"""Finds the known mistakes whose answers are the student's, in everything that the checks look at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from autograder.checks.compare import Close, Comparator, SameDistribution, ScalarTensor
from autograder.checks.judge import compared_by
from autograder.checks.registry import Answers
from autograder.diagnose.catalogue import Variant, read_variants
from autograder.records import Answer, Array, Case, Diagnosis, Question, Value
from autograder.reference import Reference

Compared = Collection[tuple[str, str, Comparator]]
"""Which values of which cases the checks look at, and how they compare them."""


def diagnose(question: Question, answers: Answers, reference: Reference, mistakes: Path) -> tuple[Diagnosis, ...]:
    """The mistakes that explain every compared output; more than one where the outputs can not tell them apart."""
    if all(_unfilled(answer) for answer in answers.given.values()):
        return ()
    compared = compared_by(question, answers)
    looked_at = {case for case, _, _ in compared}
    cases = [case for name, case in answers.cases.items() if name in looked_at]
    candidates = [variant for variant in read_variants(mistakes) if variant.question == question.id]
    # The public cases come first and their answers are kept: most candidates are out before anything is run.
    for part in _parts(cases):
        alive: list[Variant] = []
        for variant in candidates:
            wrong = reference.answers(question, part, variant.key)
            if all(_alike(answers.given[answer.case], answer, compared) for answer in wrong):
                alive.append(variant)
        candidates = alive
        if not candidates:
            return ()
    certain = len(candidates) == 1
    return tuple(Diagnosis(variant.name, variant.hint, certain) for variant in candidates)


def _parts(cases: Sequence[Case]) -> list[Sequence[Case]]:
    public = [case for case in cases if case.name.startswith("public")]
    return [public, [case for case in cases if case not in public]]


def _alike(given: Answer, wrong: Answer, compared: Compared) -> bool:
    """Whether the student's answer to a case is the mistake's, within the tolerances of the checks."""
    if given.error is not None or wrong.error is not None:
        return given.error is not None and wrong.error is not None and _kind(given) == _kind(wrong)
    for case, name, comparator in compared:
        if case == given.case and not _same(given.values.get(name), wrong.values.get(name), comparator):
            return False
    return True


def _same(given: Value | None, wrong: Value | None, comparator: Comparator) -> bool:
    """Whether two values, right or not, are one value to this comparator."""
    given, wrong = given or Value("none", "None"), wrong or Value("none", "None")
    if given.array is None or wrong.array is None:
        return given.kind == wrong.kind and given.type_name == wrong.type_name
    one, other = given.array, wrong.array
    match comparator:
        case Close(any_shape=True) if one.size == other.size:
            return _close(one.ravel(), other.ravel(), comparator)
        case Close():
            return one.shape == other.shape and _close(one, other, comparator)
        case SameDistribution():
            return comparator.difference(given, wrong) is None
        case ScalarTensor():
            return given.kind == wrong.kind and one.shape == other.shape and one.dtype.kind == other.dtype.kind
    return np.array_equal(one, other, equal_nan=one.dtype.kind == other.dtype.kind == "f")


def _close(one: Array, other: Array, comparator: Close) -> bool:
    """As the check's own tolerance has it, but that NaN and infinities agree with themselves."""
    one, other = one.astype("float64"), other.astype("float64")
    largest = float(np.abs(other[np.isfinite(other)]).max(initial=0.0))
    allowed = comparator.tolerance * max(comparator.absolute_floor, largest)
    return bool(np.allclose(one, other, rtol=0.0, atol=allowed, equal_nan=True))


def _kind(answer: Answer) -> tuple[str, str]:
    """What two errors must have in common: the kind, and the exception's type."""
    assert answer.error is not None
    return answer.error.kind, answer.error.message.partition(":")[0]


def _unfilled(answer: Answer) -> bool:
    return answer.error is not None and answer.error.kind == "unfilled"
