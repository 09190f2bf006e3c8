"""How well each check measures (item analysis), and why points were lost; no HTML here.

A check's difficulty is the share of students who pass it. Its discrimination is the point-biserial correlation of
passing with the rest score, which is the score without that check: a check cannot then correlate with itself
(S. Henrysson, "Correction of item-total correlations in item analysis", Psychometrika 28, 1963). L. Crocker and
J. Algina, "Introduction to Classical and Modern Test Theory" (1986), chapter 14, describe both.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Question, QuestionResult, Result, Rubric

WEAK = 0.2
"""The discrimination below which a check tells strong and weak students hardly apart (R. Ebel and D. Frisbie,
"Essentials of Educational Measurement", 5th edition, 1991, chapter 13)."""
ENOUGH = 26
"""The students from whom on discrimination is worked out: one standard error of a correlation that is 0, which is
1/sqrt(n - 1), is no longer above WEAK."""


@dataclass(frozen=True)
class CheckFigures:
    """A check, how many of `n` students passed it, and its discrimination (-1 to 1), None if it cannot be known."""

    question: str
    name: str
    n: int
    passed: int
    discrimination: float | None

    @property
    def note(self) -> str:
        """A word on a check that tells nobody apart, or hardly; empty for others."""
        if self.passed in (0, self.n):
            return "nobody passes" if self.passed == 0 else "everybody passes"
        return "weak" if self.discrimination is not None and self.discrimination < WEAK else ""


@dataclass
class LostPoints:
    """The points that a class lost in one question, by cause."""

    id: str
    title: str
    mistake: float = 0.0
    """A known mistake or a repair explains the answer."""
    error: float = 0.0
    """The check could not run."""
    absent: float = 0.0
    """Not attempted."""
    unexplained: float = 0.0

    @property
    def total(self) -> float:
        """All of them."""
        return self.mistake + self.error + self.absent + self.unexplained


@dataclass
class _Seen:
    passed: list[bool] = field(default_factory=list)
    rest: list[float] = field(default_factory=list)


def check_figures(results: Sequence[Result], rubric: Rubric) -> list[CheckFigures]:
    """The figures of each check in the rubric's order; none for a class that is smaller than ENOUGH.

    A question that was not attempted counts as not passed; a bonus question then does not count at all.
    """
    if len(graded := _graded(results)) < ENOUGH:
        return []
    seen: dict[tuple[str, str], _Seen] = defaultdict(_Seen)
    bonus = {question.id for question in rubric.questions if question.bonus}
    for result in graded:
        score = sum(one.score for one in result.questions if one.id not in bonus)
        for asked, answered in _answered(result, rubric):
            for check in answered.checks:
                one = seen[asked.id, check.name]
                one.passed.append(check.outcome is Outcome.PASSED)
                one.rest.append(score - (0.0 if asked.bonus else check.points))
    order = [question.id for question in rubric.graded]
    return [
        CheckFigures(*key, len(one.passed), sum(one.passed), _discrimination(one))
        for key, one in sorted(seen.items(), key=lambda item: order.index(item[0][0]))
    ]


def _discrimination(seen: _Seen) -> float | None:
    """The point-biserial correlation; None for few students, and if all passed, none did, or all rests are equal."""
    if len(seen.passed) < ENOUGH or len({*seen.passed}) < 2 or math.isclose(min(seen.rest), max(seen.rest)):
        return None
    return round(statistics.correlation([float(one) for one in seen.passed], seen.rest), 2)


def lost_points(results: Sequence[Result], rubric: Rubric) -> list[LostPoints]:
    """The points that were lost in each question, in the rubric's order; questions without a loss are left out."""
    found = {question.id: LostPoints(question.id, question.title) for question in rubric.graded}
    for result in _graded(results):
        for asked, answered in _answered(result, rubric):
            lost = found[asked.id]
            for check in answered.checks:
                cause = _cause(answered, check)
                setattr(lost, cause, getattr(lost, cause) + check.max_points - check.points)
            # Points that the course gives for a named mistake are not lost.
            lost.mistake -= max(0.0, answered.score - sum(check.points for check in answered.checks))
    return [one for one in found.values() if round(one.total, 4) > 0]


def _cause(answered: QuestionResult, check: CheckResult) -> str:
    """The field of LostPoints for a check that has not all its points."""
    if check.outcome is Outcome.COULD_NOT_RUN:
        return "error"
    if check.outcome is Outcome.NOT_ATTEMPTED:
        return "absent"
    return "mistake" if answered.diagnosis else "unexplained"


def _graded(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.is_graded]


def _answered(result: Result, rubric: Rubric) -> Iterator[tuple[Question, QuestionResult]]:
    """A student's questions that count: a bonus question only if it was attempted."""
    asked = {question.id: question for question in rubric.graded}
    for one in result.questions:
        if one.id in asked and not (asked[one.id].bonus and one.not_attempted):
            yield asked[one.id], one
