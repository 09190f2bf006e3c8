"""Compares two grading runs: students whose grade moved, the questions, and the checks behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.core.outcomes import CheckResult
from autograder.core.records import QuestionResult, Result
from autograder.core.text import first_line, named, number


@dataclass(frozen=True)
class Move:
    """One student's result in both runs; None in the run that the student is not in."""

    old: Result | None
    new: Result | None

    @property
    def line(self) -> str:
        """The student, the score before and after, and the questions that moved."""
        result = self.new or self.old
        assert result is not None
        # A name may be known in one of the runs only.
        who = named(result.student, result.about.name or (self.old.about.name if self.old else ""))
        if self.old is None or self.new is None:
            return f"{who}: {'new' if self.old is None else 'gone'}, {_score(result)}"
        status = "" if self.old.status is self.new.status else f", {self.old.status} -> {self.new.status}"
        scored = self.old.score is not None and self.new.score is not None
        moved = ", ".join(
            f"{new.id}: {_points(old, new)}{_whose(old, new)}" for old, new in self._questions() if scored
        )
        questions = f" ({moved})" if moved else ""
        return f"{who}: {_score(self.old)} -> {_score(self.new)}{status}{questions}"

    @property
    def details(self) -> Iterator[str]:
        """Yield the checks whose points moved, with the first words of one that fails now."""
        for old, question in self._questions():
            yield f"  {question.id}: {_points(old, question)}"
            yield from _why({check.name: check for check in old.checks} if old else {}, question)
            yield from _credit(old, question)
            yield from _by_hand(old, question)

    @property
    def any(self) -> bool:
        """Whether the grade, the status or any question's points differ."""
        if self.old is None or self.new is None:
            return True
        return self.old.status is not self.new.status or next(self._questions(), None) is not None

    def _questions(self) -> Iterator[tuple[QuestionResult | None, QuestionResult]]:
        """The questions whose points moved."""
        if self.old is None or self.new is None:
            return
        before = {question.id: question for question in self.old.questions}
        for question in self.new.questions:
            old = before.get(question.id)
            if old is None or (old.score, old.max_score) != (question.score, question.max_score):
                yield old, question


def moves(old: Sequence[Result], new: Sequence[Result]) -> list[Move]:
    """The students whose grade, status or points of any question differ, sorted by student."""
    before = {result.student: result for result in old}
    after = {result.student: result for result in new}
    both = [Move(before.get(student), after.get(student)) for student in sorted({*before, *after})]
    return [move for move in both if move.any]


def counted(found: Sequence[Move]) -> str:
    """Say how many grades moved, and how many students are in one of the runs only."""
    new, gone = (sum(getattr(move, side) is None for move in found) for side in ("old", "new"))
    moved = len(found) - new - gone
    some = "1 student's grade moved" if moved == 1 else f"{moved} students' grades moved"
    parts = [some if moved else "No grade moved"]
    parts += [
        f"{count} {'is' if count == 1 else 'are'} {word}" for count, word in ((new, "new"), (gone, "gone")) if count
    ]
    return f"{', '.join(parts)}."


def _why(before: Mapping[str, CheckResult], question: QuestionResult) -> Iterator[str]:
    for check in question.checks:
        earlier = before.get(check.name)
        if earlier is None:
            yield f"    new check: {check.name} ({check.points:g} of {check.max_points:g})"
        elif (earlier.points, earlier.max_points) != (check.points, check.max_points):
            said = "" if check.passed else f": {first_line(check.message)}" if check.message else ""
            now = f"{check.points:g} of {check.max_points:g}"
            yield f"    {check.name}: {earlier.points:g} of {earlier.max_points:g} -> {now}{said}"
    left = {check.name for check in question.checks}
    yield from (f"    no check any more: {name}" for name in before if name not in left)


def _credit(old: QuestionResult | None, new: QuestionResult) -> Iterator[str]:
    """Yield the points that the course gives for a named mistake, if they are why points moved."""
    if old is not None and (old.credited, old.score) == (new.credited, new.score):
        return
    if new.credited:
        yield f"    named mistake: {new.credited}, {number(new.score)} of {number(new.max_score)}"
    elif old is not None and old.credited:
        yield f"    no points for a named mistake any more: {old.credited}"


def _whose(old: QuestionResult | None, new: QuestionResult) -> str:
    """Mark points that moved because a person changed them, or because such a change was undone."""
    return " by hand" if new.changed or (old is not None and old.changed) else ""


def _by_hand(old: QuestionResult | None, new: QuestionResult) -> Iterator[str]:
    """Yield that a person changed the points, or that such a change was undone."""
    if new.changed:
        yield "    changed by a person"
    elif old is not None and old.changed:
        yield "    no change by a person any more"


def _score(result: Result) -> str:
    return "no grade" if result.score is None else number(result.score)


def _points(old: QuestionResult | None, new: QuestionResult) -> str:
    """`20 -> 0`, with the most points if they moved, or if one run has no points."""
    if old is None:
        return f"not graded -> {number(new.score)} of {number(new.max_score)}"
    if old.max_score == new.max_score:
        return f"{number(old.score)} -> {number(new.score)}"
    return f"{number(old.score)} of {number(old.max_score)} -> {number(new.score)} of {number(new.max_score)}"
