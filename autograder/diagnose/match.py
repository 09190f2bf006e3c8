"""Finds the known mistakes whose answers equal the student's in everything that the checks look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import numpy as np

from autograder.checks.compare import Close, Comparator, SameDistribution, ScalarTensor, WholeNumber
from autograder.checks.demands import Answers
from autograder.checks.judge import compared_by
from autograder.core.records import Answer, Array, Case, Diagnosis, Question, Value
from autograder.diagnose.compositions import known_by_size
from autograder.diagnose.lookup import NOISE, Compared, Table, words
from autograder.diagnose.several import Place, cover
from autograder.reference.catalogue import StandIn, read_stand_ins
from autograder.reference.process import Reference

_FEW = 4
"""The most candidates that are asked all cases together."""
_SELF_EXPLAINED = frozenset(
    {"unfilled", "stub", "absent", "call", "import", "missing", "library", "sandbox", "ended", "memory"}
)
"""Kinds of errors that are about the hand-in or the machine, not about how a question is answered."""


def diagnose(question: Question, answers: Answers, reference: Reference, mistakes: Path) -> tuple[Diagnosis, ...]:
    """Find the mistakes that explain every compared output: one, or several that the outputs cannot tell apart.

    If one mistake explains them, two at once that give the same add nothing: the fewest count.
    """
    compared: Compared = compared_by(question, answers.expected)
    cases = worth_a_look(answers, {case for case, _, _ in compared})
    names = {case.name for case in cases}
    compared = [entry for entry in compared if entry[0] in names]
    if not _different(answers.given, answers.expected, compared):
        return ()
    # Combinations of several faults are many more, and asked only if fewer faults explain nothing.
    for stand_ins in known_by_size(mistakes, question.id):
        candidates = _found(question, answers, cases[0], compared, reference, stand_ins)
        left = _fitting(question, answers, cases, compared, reference, candidates)
        if left:
            return tuple(Diagnosis(stand_in.name, stand_in.hint, certain=len(left) == 1) for stand_in in left)
    return _several(question, answers, cases, compared, reference, mistakes)


def _fitting(
    question: Question,
    answers: Answers,
    cases: Sequence[Case],
    compared: Compared,
    reference: Reference,
    candidates: Sequence[StandIn],
) -> list[StandIn]:
    """The candidates that give the student's answers; a few are asked all at once, many case by case."""
    left = list(candidates)
    for at, case in enumerate(cases):
        if len(left) <= _FEW:
            rest = cases[at:]
            return [
                stand_in
                for stand_in in left
                if all(
                    _alike(answers.given[answer.case], answer, compared)
                    for answer in reference.answers(question, rest, stand_in.key)
                )
            ]
        wrong = reference.many(question, case, [stand_in.key for stand_in in left])
        pairs = zip(left, wrong, strict=True)
        left = [stand_in for stand_in, answer in pairs if _alike(answers.given[case.name], answer, compared)]
    return left


def _found(
    question: Question,
    answers: Answers,
    case: Case,
    compared: Compared,
    reference: Reference,
    stand_ins: tuple[StandIn, ...],
) -> list[StandIn]:
    """Look up the stand-ins that may have given the answer to the first case, which all students share."""

    def make() -> Table:
        return Table(reference.many(question, case, [stand_in.key for stand_in in stand_ins]), compared)

    table = reference.kept.once((stand_ins[0], len(stand_ins), case.digest), make)
    return [stand_ins[number] for number in table.candidates(answers.given[case.name])]


def _several(
    question: Question,
    answers: Answers,
    cases: Sequence[Case],
    compared: Compared,
    reference: Reference,
    mistakes: Path,
) -> tuple[Diagnosis, ...]:
    """Find two or three mistakes that together explain every wrong value, and change no right one."""
    right = {answer.case: answer for answer in answers.expected.values()}
    if any(answer.error is not None for answer in answers.given.values() if answer.case in {c.name for c in cases}):
        return ()
    wrong = _different(answers.given, right, compared)
    shown: dict[StandIn, frozenset[Place]] = {}
    for stand_in in read_stand_ins(mistakes):
        if stand_in.question != question.id or stand_in.combines:
            continue
        places: set[Place] = set()
        for case in cases:
            theirs = {answer.case: answer for answer in reference.answers(question, [case], stand_in.key)}
            here = [entry for entry in compared if entry[0] == case.name]
            if any(answer.error is not None for answer in theirs.values()):
                break
            different = _different(theirs, right, here)
            if not different <= wrong or _different(theirs, answers.given, [e for e in here if e[:2] in different]):
                break
            places |= different
        else:
            shown[stand_in] = frozenset(places)
    found = cover(wrong, shown)
    certain = len(found) == 1
    named = dict.fromkeys(stand_in for chosen in found for stand_in in chosen)
    return tuple(Diagnosis(stand_in.name, stand_in.hint, certain) for stand_in in named)


def _different(one: Mapping[str, Answer], other: Mapping[str, Answer], compared: Compared) -> frozenset[Place]:
    """The places at which the values of two sides differ."""
    return frozenset(
        (case, name)
        for case, name, comparator in compared
        if not _same(one[case].values.get(name), other[case].values.get(name), comparator)
    )


def worth_a_look(answers: Answers, names: Set[str]) -> list[Case]:
    """The cases to compare: public ones first, then those that all students share, whose answers are kept.

    Cases of a file are left out if its error explains everything: a question's other file may still be wrong.
    """
    cases = [case for name, case in answers.cases.items() if name in names]
    silent = {case.file for case in cases if _tells_all(answers.given[case.name])}
    left = [case for case in cases if case.file not in silent]
    return sorted(left, key=lambda case: not case.name.startswith("public"))


def _alike(given: Answer, wrong: Answer, compared: Compared) -> bool:
    """Whether the student's answer to a case is the mistake's, within the tolerances of the checks."""
    if given.error is not None or wrong.error is not None:
        if given.error is None or wrong.error is None or given.error.kind != wrong.error.kind:
            return False
        return words(given.error) == words(wrong.error)
    for case, name, comparator in compared:
        if case == given.case and not _same(given.values.get(name), wrong.values.get(name), comparator):
            return False
    return True


def _same(given: Value | None, wrong: Value | None, comparator: Comparator) -> bool:
    """Whether this comparator takes two values, right or not, for equal."""
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
        case WholeNumber() if one.shape == other.shape and "f" in (one.dtype.kind, other.dtype.kind):
            return np.allclose(one.astype("float64"), other.astype("float64"), rtol=1e-6, equal_nan=True)
    return np.array_equal(one, other, equal_nan=one.dtype.kind == other.dtype.kind == "f")


def _close(one: Array, other: Array, comparator: Close) -> bool:
    """Whether two arrays agree within a little more than the check's tolerance; NaN and infinities equal themselves."""
    if one.size == 1 and np.isfinite(one).all() and np.isfinite(other).all():  # the short way for a loss
        first, second = float(one.item()), float(other.item())
        return abs(first - second) <= NOISE + comparator.tolerance * max(comparator.absolute_floor, abs(second))
    one, other = one.astype("float64"), other.astype("float64")
    largest = float(np.abs(other[np.isfinite(other)]).max(initial=0.0))
    allowed = NOISE + comparator.tolerance * max(comparator.absolute_floor, largest)
    return bool(np.allclose(one, other, rtol=0.0, atol=allowed, equal_nan=True))


def _tells_all(answer: Answer) -> bool:
    """Whether the error explains everything by itself: no mistake of the catalogue is behind it."""
    return answer.error is not None and answer.error.kind in _SELF_EXPLAINED
