"""`@check`: one assertion worth points; and what a check is given to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field

from autograder.checks.compare import Comparator, Difference
from autograder.checks.explain import UNJUDGED, error_text, failure_text
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Answer, Case, CodeError, Question, Value


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


class NotJudged(Exception):
    """Nothing can be said of a property, or no points given for it, because the value that it is one of is wrong."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(UNJUDGED[outcome])
        self.outcome = outcome


@dataclass
class Answers:
    """A student's answers to one question beside the reference's, by case.

    `compared` collects what the checks have looked at, and how: the diagnosis compares just that. `agreed` is the part
    that was right: many checks begin with the same values. `held` tells of each property of the check that runs just
    now whether its value was right, and whether the property could be seen.
    """

    cases: Mapping[str, Case]
    given: Mapping[str, Answer]
    expected: Mapping[str, Answer]
    compared: set[tuple[str, str, Comparator]] = field(default_factory=set)
    agreed: set[tuple[str, str, Comparator]] = field(default_factory=set)
    held: list[tuple[bool, bool]] = field(default_factory=list)

    def agree(self, case: str, value: str, comparator: Comparator) -> None:
        """Demand that `value` of `case` is what the reference gave; raises CheckFailed or CouldNotRun."""
        difference = self._difference(case, value, comparator)
        if difference is not None:
            raise CheckFailed(case, value, difference)

    def right(self, case: str, value: str, comparator: Comparator) -> bool:
        """Whether `value` of `case`, of which a property is to be judged, is right; raises CouldNotRun."""
        return self._difference(case, value, comparator) is None

    def hold(self, case: str, name: str, comparator: Comparator, right: bool, depends: bool = False) -> None:
        """Demand a property of a value that is `right` or not; raises CheckFailed where it is seen not to hold.

        With `depends` it can be seen only where the value is right, as that of a gradient. It has points where all the
        values are right; `settle` says so.
        """
        difference = self._difference(case, name, comparator)
        value = self.given[case].values.get(name)
        unseen = not right and (depends or value is None or value.kind == "none")
        if difference is not None and not unseen:
            raise CheckFailed(case, name, difference)
        self.held.append((right, difference is None))

    def settle(self) -> None:
        """End a check: raises NotJudged where it asked for properties of a value that is wrong."""
        held, self.held = self.held, []
        if not all(right for right, _ in held):
            raise NotJudged(Outcome.HOLDS if all(seen for _, seen in held) else Outcome.NOT_JUDGED)

    def names(self, case: str, prefix: str = "") -> list[str]:
        """The names of the values that the reference gave for `case`."""
        return [name for name in self.expected[case].values if name.startswith(prefix)]

    def _difference(self, case: str, value: str, comparator: Comparator) -> Difference | None:
        key = (case, value, comparator)
        if key in self.agreed:
            return None
        self.compared.add(key)
        answer = self.given[case]
        if answer.error is not None:
            raise CouldNotRun(case, answer.error)
        difference = comparator.difference(answer.values.get(value), self._wanted(case, value))
        if difference is None:
            self.agreed.add(key)
        return difference

    def _wanted(self, case: str, value: str) -> Value:
        answer = self.expected[case]
        if answer.error is not None:
            raise RuntimeError(f"the reference itself fails on {case}: {answer.error.message}")
        return answer.values[value]


CheckFunction = Callable[[Answers], None]


def not_there(question: Question) -> frozenset[str]:
    """The kinds of errors that say that a question was not attempted: nobody has to keep the stub of a bonus one."""
    return frozenset({"unfilled", "absent"} if question.bonus else {"unfilled"})


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

    def run(self, answers: Answers, asked: Question, scale: float = 1.0) -> CheckResult:
        """The outcome for one student; `scale` turns the check's points into the rubric's."""
        points = self.points * scale
        outcome, message = self._outcome(answers, not_there(asked))
        return CheckResult(
            self.title, outcome, points if outcome is Outcome.PASSED else 0.0, points, self.public, message
        )

    def _outcome(self, answers: Answers, no_answer: Set[str]) -> tuple[Outcome, str]:
        answers.held = []
        try:
            self.function(answers)
            answers.settle()
        except CheckFailed as failure:
            case = answers.cases[failure.case]
            return Outcome.FAILED, failure_text(case, failure.value, failure.difference, self.public)
        except NotJudged as unjudged:
            return unjudged.outcome, str(unjudged)
        except CouldNotRun as stop:
            if stop.error.kind in no_answer:
                return Outcome.NOT_ATTEMPTED, error_text(stop.error)
            return Outcome.COULD_NOT_RUN, error_text(stop.error)
        return Outcome.PASSED, ""


CHECKS: list[Check] = []


def check(question: str, points: float, public: bool) -> Callable[[CheckFunction], CheckFunction]:
    """Register a check function; the points of a question's checks add up to the question's points."""

    def register(function: CheckFunction) -> CheckFunction:
        CHECKS.append(Check(question, points, public, function))
        return function

    return register
