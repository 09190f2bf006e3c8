"""Runs a question's checks over a student's answers: the verdict, made where no student code has run."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.checks.compare import Comparator
from autograder.checks.explain import error_text, first_line
from autograder.checks.registry import CHECKS, Answers, Check, not_there
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Answer, Array, Case, Question, QuestionResult, Value

for _path in sorted(Path(__file__).parent.glob("test_*.py")):
    importlib.import_module(f"autograder.checks.{_path.stem}")


def checks_of(question: Question) -> list[tuple[Check, float]]:
    """The question's checks, each with the factor that turns its points into the rubric's."""
    checks = [check for check in CHECKS if check.question == question.id]
    total = sum(check.points for check in checks)
    return [(check, question.points / total) for check in checks]


def judge(question: Question, answers: Answers) -> QuestionResult:
    """One question's result from the student's answers and the reference's."""
    results = tuple(check.run(answers, question, scale) for check, scale in checks_of(question))
    error = _error(list(answers.given.values()), not_there(question))
    results = tuple(replace(one, message=first_line(one.message)) if one.message == error else one for one in results)
    return QuestionResult(question.id, question.title, _score(results), question.points, results, error=error)


def all_pass(question: Question, answers: Answers) -> bool:
    """Whether nothing is lost."""
    return all(check.run(answers, question).passed for check, _ in checks_of(question))


def compared_by(question: Question, answers: Answers) -> set[tuple[str, str, Comparator]]:
    """What the question's checks look at, and how: learnt by judging the reference itself, which passes them all."""
    itself = replace(answers, given=answers.expected, compared=set(), agreed=set())
    for check, _ in checks_of(question):
        check.function(itself)
    return itself.compared


def compared_by_case(question: Question, answers: Answers) -> dict[str, list[tuple[str, Comparator]]]:
    """The same case by case."""
    found: dict[str, list[tuple[str, Comparator]]] = {}
    for case, name, comparator in sorted(compared_by(question, answers), key=str):
        found.setdefault(case, []).append((name, comparator))
    return found


def right(given: Answer, expected: Answer, compared: Sequence[tuple[str, Comparator]]) -> bool:
    """Whether an answer to a case has all that the checks look at: `compared` are its values, and how."""
    return given.error is None and all(
        comparator.difference(given.values.get(name), expected.values[name]) is None for name, comparator in compared
    )


def identical(one: Answer, other: Answer) -> bool:
    """Whether two answers are the same to the last bit, or the same error."""
    return one.error == other.error and _to_the_bit(one.values) == _to_the_bit(other.values)


def _to_the_bit(values: Mapping[str, Value]) -> dict[str, tuple[object, ...]]:
    """Values as what can be compared: NaN is the same as itself."""
    return {
        name: (value.kind, value.type_name, value.array is not None and _bits(value.array))
        for name, value in values.items()
    }


def _bits(array: Array) -> tuple[object, ...]:
    return array.dtype, array.shape, array.tobytes()


def wrong_cases(answers: Answers, compared: Mapping[str, Sequence[tuple[str, Comparator]]]) -> list[Case]:
    """The cases of which the checks find something wrong; `compared` is what they look at in each."""
    return [
        case
        for name, case in answers.cases.items()
        if name in compared and not right(answers.given[name], answers.expected[name], compared[name])
    ]


@dataclass
class _Looking(Answers):
    """Notes down what checks look at, and judges nothing."""

    seen: list[tuple[str, str, Comparator]] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)
    """Cases of which all outputs of a kind are looked at."""

    def agree(self, case: str, value: str, comparator: Comparator) -> None:
        self.seen.append((case, value, comparator))

    def right(self, case: str, value: str, comparator: Comparator) -> bool:
        self.seen.append((case, value, comparator))
        return True

    def hold(self, case: str, name: str, comparator: Comparator, right: bool, depends: bool = False) -> None:
        self.seen.append((case, name, comparator))

    def names(self, case: str, prefix: str = "") -> list[str]:
        self.listed.add(case)
        return super().names(case, prefix) if case in self.expected else []


def looked_at(question: Question, expected: Mapping[str, Answer]) -> list[tuple[Check, str, str, Comparator]]:
    """Which output of which case each check compares, and how; `expected` has answers to some of the cases, by name."""
    found = []
    for check, _ in checks_of(question):
        looking = _Looking({}, {}, expected)
        check.function(looking)
        found += [(check, *seen) for seen in looking.seen]
    return found


def cases_asked(check: Check) -> set[str]:
    """The cases that a check looks at; one that looks at answers by itself is taken at its word."""
    looking = _Looking({}, {}, {})
    with suppress(KeyError):
        check.function(looking)
    return {*looking.listed, *(case for case, _, _ in looking.seen)}


def beside(cases: Sequence[Case], given: Sequence[Answer], expected: Sequence[Answer]) -> Answers:
    """Both sides' answers, by case."""
    return Answers(
        {case.name: case for case in cases},
        {answer.case: answer for answer in given},
        {answer.case: answer for answer in expected},
    )


def hopeless(answers: Iterable[Answer]) -> bool:
    """Whether asking once more is a waste: it took all the time that there is, or there is no answer."""
    kinds = {answer.error and answer.error.kind for answer in answers}
    return "timeout" in kinds or kinds <= {"unfilled", "absent", "missing"}


def unreadable(question: Question, sentence: str) -> QuestionResult:
    """The result where there is no submission to ask: no check could run."""
    results = tuple(
        CheckResult(check.title, Outcome.COULD_NOT_RUN, 0.0, check.points * scale, check.public, first_line(sentence))
        for check, scale in checks_of(question)
    )
    return QuestionResult(question.id, question.title, 0.0, question.points, results, error=sentence)


def _score(results: Sequence[CheckResult]) -> float:
    return round(sum(result.points for result in results), 4)


def _error(given: Sequence[Answer], no_answer: Set[str]) -> str | None:
    """What kept checks from running, told once for the whole question."""
    for answer in given:
        if not answer.case.startswith("advice") and answer.error is not None and answer.error.kind not in no_answer:
            return error_text(answer.error)
    return None
