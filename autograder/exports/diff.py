"""Compares two grading runs: whose grade moved, on which question, and because of which checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autograder.outcomes import CheckResult
from autograder.records import QuestionResult, Result


def changes(old: Sequence[Result], new: Sequence[Result]) -> Iterator[str]:
    """One block of lines for each student whose grade, status or any question's points are not the same."""
    before = {result.student: result for result in old}
    after = {result.student: result for result in new}
    for student in sorted({*before, *after}):
        one, other = before.get(student), after.get(student)
        if one is None or other is None:
            there = "new" if one is None else "gone"
            yield f"{student}: {there}, {_score(one or other)}"
        elif lines := list(_moved(one, other)):
            yield "\n".join([f"{student}: {_score(one)} -> {_score(other)}", *lines])


def _moved(old: Result, new: Result) -> Iterator[str]:
    if old.status != new.status:
        yield f"  status {old.status} -> {new.status}"
    before = {question.id: question for question in old.questions}
    for question in new.questions:
        earlier = before.get(question.id)
        if earlier is None or (earlier.score, earlier.max_score) != (question.score, question.max_score):
            yield f"  {question.id}: {_points(earlier)} -> {_points(question)}"
            yield from _why({check.name: check for check in earlier.checks} if earlier else {}, question)


def _why(before: Mapping[str, CheckResult], question: QuestionResult) -> Iterator[str]:
    """The checks whose points moved, with what the one that fails now says first."""
    for check in question.checks:
        earlier = before.get(check.name)
        if earlier is None:
            yield f"    new check: {check.name} ({check.points:g} of {check.max_points:g})"
        elif (earlier.points, earlier.max_points) != (check.points, check.max_points):
            said = "" if check.passed else f": {check.message.splitlines()[0]}" if check.message else ""
            now = f"{check.points:g} of {check.max_points:g}"
            yield f"    {check.name}: {earlier.points:g} of {earlier.max_points:g} -> {now}{said}"
    for name in before.keys() - {check.name for check in question.checks}:
        yield f"    no check any more: {name}"


def _score(result: Result | None) -> str:
    return "no grade" if result is None or result.score is None else f"{result.score:g}"


def _points(question: QuestionResult | None) -> str:
    return "not graded" if question is None else f"{question.score:g} of {question.max_score:g}"
