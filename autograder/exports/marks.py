"""The marks of a grading run, and what keeps one from being written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from autograder.errors import AutograderError
from autograder.exports.late import Policy, lateness
from autograder.records import About, Result, Status
from autograder.store import load_results


@dataclass(frozen=True)
class Mark:
    """What a student gets: `points` out of `most`, with what a late hand-in costs taken off `undiscounted`."""

    student: str
    points: float
    undiscounted: float
    days_late: int
    about: About
    text: str = ""
    """A line for the student: the points of each question, and what was taken off."""

    @property
    def discount(self) -> str:
        """What was taken off, in words; empty where nothing was."""
        days = "1 day" if self.days_late == 1 else f"{self.days_late} days"
        return f"{self.undiscounted:g} before {days} late" if self.points != self.undiscounted else ""


@dataclass(frozen=True)
class Marks:
    """Everybody's mark by the platform's id; `most` is the rubric's maximum without bonus."""

    by_student: Mapping[str, Mark]
    most: float
    without: tuple[str, ...] = ()
    """Who has no grade, because grading itself failed."""

    @property
    def points(self) -> Mapping[str, float]:
        """What is written into a sheet."""
        return {student: mark.points for student, mark in self.by_student.items()}

    def scaled(self, most: float) -> Marks:
        """The same marks out of another maximum."""
        scale = most / self.most
        scaled = {
            student: replace(mark, points=mark.points * scale, undiscounted=mark.undiscounted * scale)
            for student, mark in self.by_student.items()
        }
        return Marks(scaled, most, self.without)


def read_marks(folder: Path, policy: Policy | None = None, times: Mapping[str, datetime] | None = None) -> Marks:
    """The marks in an output folder of `autograde`, less what the policy takes off; raises AutograderError."""
    results = load_results(folder)
    graded = [result for result in results if result.status is not Status.ERROR and result.score is not None]
    if not graded:
        raise AutograderError(f"There are no grades in {folder}.", "Give the folder that `autograde --output` wrote.")
    days: Mapping[str, int] = {}
    if policy is not None:
        late = lateness(policy, graded, times or {})
        refuse([f"{student}: when it was handed in is not known: give --times" for student in late.unknown])
        days = late.days
    without = tuple(result.student for result in results if result.status is Status.ERROR)
    marks = {result.student: _mark(result, days.get(result.student, 0), policy) for result in graded}
    return Marks(marks, graded[0].max_score, without)


def _mark(result: Result, days: int, policy: Policy | None) -> Mark:
    score = result.score or 0.0
    percent = 0.0 if policy is None else policy.taken_off(days)
    mark = Mark(result.student, round(score * (1 - percent / 100), 4), score, days, result.about)
    parts = ", ".join(f"{question.id}: {question.score:g}/{question.max_score:g}" for question in result.questions)
    less = f"; {mark.discount}" if mark.discount else ""
    return replace(mark, text=f"{mark.points:g} of {result.max_score:g} ({parts}{less})")


def refuse(problems: Sequence[str]) -> None:
    """Stop with a list where there is any problem: nothing is written then."""
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise AutograderError(f"Nothing was written:\n{listed}", "Mend these, then export again.")
