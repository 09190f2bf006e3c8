"""Runs a question's checks over a student's answers. No student code has run in this process."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path

from autograder.checks.compare import Comparator, Part
from autograder.checks.demands import Answers, Check, Expected, Place, not_there
from autograder.checks.explain import error_text, first_line
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Answer, Array, Case, Question, QuestionResult, Value

_TABLES = [
    importlib.import_module(f"autograder.checks.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("test_*.py"))
]
CHECKS: list[Check] = [check for table in _TABLES for check in table.CHECKS]


def checks_of(question: Question) -> list[tuple[Check, float]]:
    """The question's checks, each with the factor that turns its points into the rubric's."""
    checks = [check for check in CHECKS if check.question == question.id]
    total = sum(check.points for check in checks)
    return [(check, question.points / total) for check in checks]


def shown(question: Question, expected: Expected) -> list[tuple[Place, Part]]:
    """The values that `check.py` compares: those of the public checks, and their properties in `PRACTICE`."""
    practice = [demand for table in _TABLES for demand in getattr(table, "PRACTICE", {}).get(question.id, ())]
    graded = [demand for check, _ in checks_of(question) if check.public for demand in check.demands]
    pairs = [(one, bool(one.of)) for one in graded] + [(one, True) for one in practice]
    found = [
        (place, Part.VALUE if not of else Part.DEPENDS if demand.depends else Part.PROPERTY)
        for demand, of in pairs
        for place in demand.places(expected)
    ]
    return sorted(found, key=lambda one: one[1] is not Part.VALUE)


def judge(question: Question, answers: Answers) -> QuestionResult:
    """One question's result from the student's answers and the reference's."""
    results = tuple(check.run(answers, question, scale) for check, scale in checks_of(question))
    error = _error(list(answers.given.values()), not_there(question))
    results = tuple(replace(one, message=first_line(one.message)) if one.message == error else one for one in results)
    return QuestionResult(question.id, question.title, _score(results), question.points, results, error=error)


def compared_by(question: Question, expected: Expected) -> set[Place]:
    """All values that the question's checks compare, with their comparators."""
    return {place for check, _ in checks_of(question) for place in check.places(expected)}


def all_pass(question: Question, answers: Answers) -> bool:
    """Whether no points are lost."""
    return all(
        answers.given[place[0]].error is None and answers.difference(place) is None
        for check, _ in checks_of(question)
        for place in check.places(answers.expected)
    )


def compared_by_case(question: Question, expected: Expected) -> dict[str, list[tuple[str, Comparator]]]:
    """The values that the question's checks compare, by case."""
    found: dict[str, list[tuple[str, Comparator]]] = {}
    for case, name, comparator in sorted(compared_by(question, expected), key=str):
        found.setdefault(case, []).append((name, comparator))
    return found


def right(given: Answer, expected: Answer, compared: Sequence[tuple[str, Comparator]]) -> bool:
    """Whether an answer to a case is right in every value of `compared`, which has name and comparator of each."""
    return given.error is None and all(
        comparator.difference(given.values.get(name), expected.values[name]) is None for name, comparator in compared
    )


def identical(one: Answer, other: Answer) -> bool:
    """Whether two answers are the same to the last bit, or the same error."""
    return one.error == other.error and _to_the_bit(one.values) == _to_the_bit(other.values)


def _to_the_bit(values: Mapping[str, Value]) -> dict[str, tuple[object, ...]]:
    """Values in a form that can be compared bit by bit: NaN equals itself."""
    return {
        name: (value.kind, value.type_name, value.array is not None and _bits(value.array))
        for name, value in values.items()
    }


def _bits(array: Array) -> tuple[object, ...]:
    return array.dtype, array.shape, array.tobytes()


def wrong_cases(answers: Answers, compared: Mapping[str, Sequence[tuple[str, Comparator]]]) -> list[Case]:
    """The cases with a wrong value; `compared` lists the values that the checks look at in each."""
    return [
        case
        for name, case in answers.cases.items()
        if name in compared and not right(answers.given[name], answers.expected[name], compared[name])
    ]


def beside(cases: Sequence[Case], given: Sequence[Answer], expected: Sequence[Answer]) -> Answers:
    """Both sides' answers, by case."""
    return Answers(
        {case.name: case for case in cases},
        {answer.case: answer for answer in given},
        {answer.case: answer for answer in expected},
    )


def hopeless(answers: Iterable[Answer]) -> bool:
    """Whether asking again is a waste: it took all of the time, or there is no answer."""
    kinds = {answer.error and answer.error.kind for answer in answers}
    return "timeout" in kinds or kinds <= {"unfilled", "absent", "missing"}


def unreadable(question: Question, sentence: str) -> QuestionResult:
    """The result if there is no submission to ask: no check could run."""
    results = tuple(
        CheckResult(check.title, Outcome.COULD_NOT_RUN, 0.0, check.points * scale, check.public, first_line(sentence))
        for check, scale in checks_of(question)
    )
    return QuestionResult(question.id, question.title, 0.0, question.points, results, error=sentence)


def _score(results: Sequence[CheckResult]) -> float:
    return round(sum(result.points for result in results), 4)


def _error(given: Sequence[Answer], no_answer: Set[str]) -> str | None:
    """The reason why checks could not run, given once for the whole question."""
    for answer in given:
        if not answer.case.startswith("advice") and answer.error is not None and answer.error.kind not in no_answer:
            return error_text(answer.error)
    return None
