"""A check is a row of a table: its demands on values, and its points. The tables are `CHECKS` of `test_*.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import TypeAlias

from autograder.checks.compare import Comparator, Difference
from autograder.checks.explain import UNJUDGED, error_text, failure_text
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Answer, Case, CodeError, Question

Place: TypeAlias = tuple[str, str, Comparator]
"""A case, the name of one of its values, and the comparator for it."""
Expected: TypeAlias = Mapping[str, Answer]
"""The reference's answers, by case."""
ALL = "*"
"""The end of a name that stands for all values that begin so."""
PUBLIC, HIDDEN = True, False
_NEW = Difference("", "")
"""Stands for a value that was not compared yet."""


class CheckFailed(AssertionError):
    """The student's code did not give the right answer."""

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
    """A property cannot be seen, or gets no points, because the value that it belongs to is wrong."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(UNJUDGED[outcome])
        self.outcome = outcome


@dataclass
class Answers:
    """A student's answers to one question next to the reference's, by case."""

    cases: Mapping[str, Case]
    given: Mapping[str, Answer]
    expected: Expected
    _compared: dict[Place, Difference | None] = field(default_factory=dict, repr=False)
    """The comparisons made already: many checks begin with the same values."""

    def difference(self, place: Place) -> Difference | None:
        """The difference of a value from the reference's; None if it is right. Raises CouldNotRun."""
        found = self._compared.get(place, _NEW)
        if found is not _NEW:
            return found
        case, value, how = place
        given, wanted = self.given[case], self.expected[case]
        if given.error is not None:
            raise CouldNotRun(case, given.error)
        if wanted.error is not None:
            raise RuntimeError(f"the reference itself fails on {case}: {wanted.error.message}")
        self._compared[place] = found = how.difference(given.values.get(value), wanted.values[value])
        return found

    def right(self, places: Iterable[Place]) -> bool:
        """Whether all of some values are right; raises CouldNotRun."""
        return all(self.difference(place) is None for place in places)


@dataclass(frozen=True)
class Demand:
    """A value of a case that must be the reference's, as `how` compares the two.

    `value` is its name; one that ends in `*` stands for all values that begin so. With `of` it is a property of other
    values, and has points only if those are right. If they are wrong, it fails if it is seen not to hold, and is not
    judged otherwise. One that `depends` on them can be seen only if they are right: a gradient, for instance.
    """

    case: str
    value: str
    how: Comparator
    of: tuple[Demand, ...] = ()
    depends: bool = False

    def places(self, expected: Expected) -> Iterator[Place]:
        """Yield the value, or each of the values; none of a case to which the reference has no answer."""
        if not self.value.endswith(ALL):
            yield self.case, self.value, self.how
        elif self.case in expected:
            begin = self.value.removesuffix(ALL)
            yield from ((self.case, one, self.how) for one in expected[self.case].values if one.startswith(begin))

    def places_of(self, expected: Expected) -> Iterator[Place]:
        """Yield the values of which it is a property."""
        return (place for one in self.of for place in one.places(expected))


def each(
    cases: Iterable[str], values: Iterable[str], how: Comparator, of: Iterable[Demand] = (), depends: bool = False
) -> tuple[Demand, ...]:
    """The same demand of several values of several cases."""
    return tuple(Demand(case, value, how, tuple(of), depends) for case in cases for value in values)


@dataclass(frozen=True)
class Check:
    """A row: its demands, the points for meeting all, and whether students may see the inputs (`public`).

    pytest and the fixtures call it by its `name`. The points of a question's checks add up to the question's.
    """

    question: str
    name: str
    title: str
    points: float
    public: bool
    demands: tuple[Demand, ...]

    @property
    def cases(self) -> set[str]:
        """The cases whose answers it looks at."""
        return {one.case for demand in self.demands for one in (demand, *demand.of)}

    def places(self, expected: Expected) -> Iterator[Place]:
        """Yield all values that it compares, in order."""
        for demand in self.demands:
            yield from demand.places_of(expected)
            yield from demand.places(expected)

    def judge(self, answers: Answers) -> None:
        """Return if all demands are met; raises CheckFailed, CouldNotRun or NotJudged."""
        all_right = all_seen = True
        for demand in self.demands:
            right = not demand.of or answers.right(demand.places_of(answers.expected))
            for place in demand.places(answers.expected):
                seen = self._demand(answers, demand, place, right)
                all_right, all_seen = all_right and right, all_seen and seen
        if not all_right:
            raise NotJudged(Outcome.HOLDS if all_seen else Outcome.NOT_JUDGED)

    @staticmethod
    def _demand(answers: Answers, demand: Demand, place: Place, right: bool) -> bool:
        """Raise CheckFailed if a demand is seen not to be met; returns whether it could be seen."""
        difference = answers.difference(place)
        if difference is None:
            return True
        case, name, _ = place
        value = answers.given[case].values.get(name)
        if right or not (demand.depends or value is None or value.kind == "none"):
            raise CheckFailed(case, name, difference)
        return False

    def run(self, answers: Answers, asked: Question, scale: float = 1.0) -> CheckResult:
        """The outcome for one student; `scale` turns the check's points into the rubric's."""
        points = self.points * scale
        outcome, message = self._outcome(answers, not_there(asked))
        return CheckResult(
            self.title, outcome, points if outcome is Outcome.PASSED else 0.0, points, self.public, message
        )

    def _outcome(self, answers: Answers, no_answer: Set[str]) -> tuple[Outcome, str]:
        try:
            self.judge(answers)
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


def not_there(question: Question) -> frozenset[str]:
    """The kinds of errors that mean that a question was not attempted: a bonus question's stub may be removed."""
    return frozenset({"unfilled", "absent"} if question.bonus else {"unfilled"})
