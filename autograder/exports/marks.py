"""The marks of a grading run, and what keeps one from being written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import AutograderError
from autograder.records import Result, Status
from autograder.store import load_results


@dataclass(frozen=True)
class Marks:
    """Who gets how many points, by the platform's id; `most` is the rubric's maximum without bonus."""

    points: Mapping[str, float]
    most: float
    without: tuple[str, ...] = ()
    """Who has no grade, because grading itself failed."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """A line a student: the points of each question."""

    def scaled(self, most: float) -> Marks:
        """The same marks out of another maximum."""
        points = {student: score * most / self.most for student, score in self.points.items()}
        return Marks(points, most, self.without, self.texts)


def read_marks(folder: Path) -> Marks:
    """The marks in an output folder of `autograde`; raises AutograderError where there are none."""
    results = load_results(folder)
    graded = [result for result in results if result.status is not Status.ERROR and result.score is not None]
    if not graded:
        raise AutograderError(f"There are no grades in {folder}.", "Give the folder that `autograde --output` wrote.")
    points = {result.student: result.score for result in graded if result.score is not None}
    without = tuple(result.student for result in results if result.status is Status.ERROR)
    return Marks(points, graded[0].max_score, without, {result.student: _line(result) for result in graded})


def refuse(problems: Sequence[str]) -> None:
    """Stop with a list where there is any problem: nothing is written then."""
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise AutograderError(f"The sheet was not filled in:\n{listed}", "Mend these, then export again.")


def _line(result: Result) -> str:
    parts = ", ".join(f"{question.id}: {question.score:g}/{question.max_score:g}" for question in result.questions)
    return f"{result.score:g} of {result.max_score:g} ({parts})"
