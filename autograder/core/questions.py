"""The questions of an assignment, and the course's rubric."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from autograder.core.course_names import UNNAMED, Names

Param: TypeAlias = bool | int | float | str | None
Calls: TypeAlias = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""By function that is called by name: its arguments as probes give them, each with this year's name."""


TALK = 3
"""The questions of a viva."""


@dataclass(frozen=True)
class Item:
    """A line of the mark scheme of a question that a person grades.

    `part` is the name of its part, which is also nbgrader's cell; `id` is that name with the line's number.
    """

    id: str
    part: str
    title: str
    """The heading of the part, as students see it."""
    points: float
    text: str
    """The words for the person who grades."""


@dataclass(frozen=True)
class Question:
    """One row of the table of points. `file` is the student file that holds the stub, `also` are further ones.

    `credit` are points for named mistakes: a student who makes one has at least these, whatever the checks give.
    """

    id: str
    title: str
    file: str
    points: float
    bonus: bool = False
    manual: bool = False
    also: tuple[str, ...] = ()
    credit: tuple[tuple[str, float], ...] = ()
    items: tuple[Item, ...] = ()
    """The lines of its mark scheme, if it has one; their points sum to the question's."""

    @property
    def spoken(self) -> bool:
        """Whether it is a talk: a person gives the points, and nothing is handed in."""
        return self.manual and not self.file

    @property
    def module(self) -> str:
        """The name under which the file is imported."""
        return self.file.removesuffix(".py")

    @property
    def parts(self) -> tuple[Question, ...]:
        """The question once per file, so that each file's part can be asked by itself."""
        return tuple(replace(self, file=file, also=()) for file in (self.file, *self.also))


@dataclass(frozen=True)
class Variant:
    """The differences between this year's course and `solutions/` as it is written (see `variants.py`)."""

    name: str = ""
    calls: Calls = ()
    ties: str = "smallest"
    """The label that wins if several have equally many votes."""
    constants: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Rubric:
    """The questions in order; `seed` makes the hidden inputs of this term, `earlier` are the variants before this."""

    questions: tuple[Question, ...]
    seed: str
    variant: Variant = Variant()
    earlier: tuple[Variant, ...] = ()
    names: Names = UNNAMED

    @property
    def graded(self) -> tuple[Question, ...]:
        """The questions that a program grades."""
        return tuple(question for question in self.questions if not question.manual)

    @property
    def max_score(self) -> float:
        """The most points without bonus: `max_score` means this everywhere."""
        return sum(question.points for question in self.graded if not question.bonus)

    def __getitem__(self, question_id: str) -> Question:
        return next(question for question in self.questions if question.id == question_id)
