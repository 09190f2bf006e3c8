"""`@check`: one assertion worth points; and what a check is given to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autograder.checks.compare import Comparator, Difference
from autograder.checks.explain import error_text, failure_text
from autograder.records import Answer, Case, CheckResult, CodeError, Value


class CheckFailed(AssertionError):
    """The student's code gave something else than the right answer."""

    def __init__(self, case: str, value: str, difference: Difference) -> None:
        super().__init__(f"{case}: {value} {difference.kind}\n{difference.detail}")
        self.case = case
        self.value = value
        self.difference = difference


class CouldNotRun(Exception):
    """There is nothing to compare: the student's code raised, crashed, hung or is missing."""

    def __init__(self, case: str, error: CodeError) -> None:
        super().__init__(f"{case}: {error.message}\n{error.trace}".rstrip())
        self.case = case
        self.error = error


@dataclass
class Answers:
    """A student's answers to one question beside the reference's, by case.

    `compared` collects what the checks have looked at, and how: the diagnosis compares just that. `agreed` is the part
    that was right: many checks begin with the same values.
    """

    cases: Mapping[str, Case]
    given: Mapping[str, Answer]
    expected: Mapping[str, Answer]
    compared: set[tuple[str, str, Comparator]] = field(default_factory=set)
    agreed: set[tuple[str, str, Comparator]] = field(default_factory=set)

    def agree(self, case: str, value: str, comparator: Comparator) -> None:
        """Demand that `value` of `case` is what the reference gave; raises CheckFailed or CouldNotRun."""
        key = (case, value, comparator)
        if key in self.agreed:
            return
        self.compared.add(key)
        answer = self.given[case]
        if answer.error is not None:
            raise CouldNotRun(case, answer.error)
        difference = comparator.difference(answer.values.get(value), self._wanted(case, value))
        if difference is not None:
            raise CheckFailed(case, value, difference)
        self.agreed.add(key)

    def names(self, case: str, prefix: str = "") -> list[str]:
        """The names of the values that the reference gave for `case`."""
        return [name for name in self.expected[case].values if name.startswith(prefix)]

    def _wanted(self, case: str, value: str) -> Value:
        answer = self.expected[case]
        if answer.error is not None:
            raise RuntimeError(f"the reference itself fails on {case}: {answer.error.message}")
        return answer.values[value]


CheckFunction = Callable[[Answers], None]


@dataclass(frozen=True)
class Check:
    """A check function with its question, weight and visibility. Its title is its docstring's first line."""

    question: str
    points: float
    public: bool
    function: CheckFunction

    @property
    def title(self) -> str:
        return (self.function.__doc__ or self.function.__name__).strip().splitlines()[0].rstrip(".")

    def run(self, answers: Answers, scale: float = 1.0) -> CheckResult:
        """The outcome for one student; `scale` turns the check's points into the rubric's."""
        points = self.points * scale
        passed: bool | None = True
        message = ""
        try:
            self.function(answers)
        except CheckFailed as failure:
            passed = False
            message = failure_text(answers.cases[failure.case], failure.value, failure.difference, self.public)
        except CouldNotRun as stop:
            passed = False if stop.error.kind == "unfilled" else None
            message = error_text(stop.error)
        return CheckResult(self.title, passed, points if passed else 0.0, points, self.public, message)


CHECKS: list[Check] = []


def check(question: str, points: float, public: bool) -> Callable[[CheckFunction], CheckFunction]:
    """Register a check function; the points of a question's checks add up to the question's points."""

    def register(function: CheckFunction) -> CheckFunction:
        CHECKS.append(Check(question, points, public, function))
        return function

    return register
